//! The table: for each reason of each stage the code that answers it, how that is known, and what its sender may do.
//!
//! The order is that in which a stage asks. A further reason is one row here and one check in its stage's file.

use serde::{Deserialize, Serialize};

use super::{Basis, Form, ReasonRow};
use crate::stages::Stage;

macro_rules! reasons {
    ($($stage:ident { $($reason:ident $key:literal $form:ident $code:literal $basis:ident $meaning:literal $suggestion:literal;)+ })+) => {
        /// Why a request is refused, or fails.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Reason {
            $($(
                #[doc = $meaning]
                $reason,
            )+)+
        }

        /// Every reason, in the order of the stages.
        pub static REASONS: &[ReasonRow] = &[$($(ReasonRow {
            stage: Stage::$stage,
            reason: Reason::$reason,
            key: $key,
            form: Form::$form,
            code: $code,
            basis: Basis::$basis,
            meaning: $meaning,
            suggestion: $suggestion,
        },)+)+];
    };
}

reasons! {
    Receipt {
        NotARequest "not-a-request" Response "E1000" Unconfirmed
            "the message is no Request of DUIS" "send one Request in UTF-8 XML without a document type or comments";
        Schema "schema" Response "E1000" Unconfirmed
            "the message breaks the schema of its version" "correct the place that is named";
        ServiceMismatch "service-mismatch" Response "E1000" Unconfirmed
            "Service Reference, variant and body do not belong together" "`tern srv SRV` says which reference and body belong to a variant";
        CommandVariant "command-variant" Response "E12" Confirmed
            "the Command Variant is not for such a request" "`tern srv SRV` says which are taken";
        WebService "web-service" Response "E13" Confirmed
            "the request was sent to the wrong web service" "`tern srv SRV` says which takes it";
        Signature "signature" Response "E100" Unconfirmed
            "the signature is missing, of another profile, or does not fit" "sign the message as it is sent, and change nothing afterwards";
        Certificate "certificate" Response "E100" Unconfirmed
            "the certificate that signed is unknown or not in order" "sign with a valid certificate that the DCC has on record";
        Originator "originator" Response "E1" Read
            "another party signed or connected than the RequestID names" "connect, sign and number requests as the same User";
        RequestIdReused "request-id-reused" Response "E1000" Unconfirmed
            "the RequestID and Command Variant were used for another message" "take a new counter";
        PreCommand "pre-command" Response "E1000" Unconfirmed
            "no such pre-command was returned under this RequestID" "send the request as Command Variant 4 first, and sign what comes back";
        CounterBehind "counter-behind" Response "E1000" Unconfirmed
            "the counter is too far behind the highest of its originator" "count on from the highest counter used";
    }
    AccessControl {
        UnknownUser "unknown-user" Response "E1" Confirmed
            "the originator is no User in any User Role" "ask the DCC to be set up as a User";
        UserRole "user-role" Response "E2" Confirmed
            "none of the User's roles may send this service" "`tern srv SRV` says which roles may";
        UserStatus "user-status" Response "E3" Confirmed
            "the User's status does not allow requests" "ask the DCC why";
        NotForSmets1 "not-for-smets1" Response "E11" Unconfirmed
            "the variant is no SMETS1 service" "`tern srv SRV` says what speaks for that";
        NotYetProcessed "not-yet-processed" Response "E11" Unconfirmed
            "Tern does not process the variant yet" "`tern srv --processed` lists those that it does";
        NotTheDcc "not-the-dcc" Response "E11" Read
            "a Non-Device request must name the DCC as its target" "send it to the DCC's own identifier";
        UnknownDevice "unknown-device" Response "E19" Confirmed
            "the inventory holds no such device" "look the device up with 8.2";
        NotRegistered "not-registered" Response "E4" Confirmed
            "the User is not registered for the device at the required moment" "check the registration of its metering point";
        ElectricitySupplierAlone "electricity-supplier-alone" Response "E4" Read
            "the Electricity Supplier alone may ask this of such a device" "the Electricity Supplier of the installation may send it";
        DeviceStatus "device-status" Response "E5" Confirmed
            "the device's status in the inventory does not allow it" "look the status up with 8.2";
        DeviceKind "device-kind" Response "E11" Confirmed
            "the service is not for such a device" "`tern srv SRV` says which devices it is for";
        UnsupportedOnDay "unsupported-on-day" Response "E11" Read
            "the device's cohort does not support it on this day" "`tern srv SRV --as-of DATE` says from when on";
        ExecutionTime "execution-time" Response "E1000" Unconfirmed
            "the ExecutionDateTime cannot be kept" "name a moment within the days that the DCC holds requests";
    }
    NonDevice {
        NothingFound "nothing-found" Response "E080201" Unconfirmed
            "8.2: the inventory holds nothing by what was named" "look by another Device ID or MPxN";
        KeyNotKept "key-not-kept" Response "E080202" Unconfirmed
            "8.2: SMETS1 devices are not found by such a key" "look by Device ID or MPxN";
        UpdateUnknownDevice "update-unknown-device" Response "E080405" Unconfirmed
            "8.4: the inventory holds no such device" "look the device up with 8.2";
        UpdateStatus "update-status" Response "E080406" Unconfirmed
            "8.4: the status does not follow that which the device has" "8.2 tells how the device stands";
        UpdateKind "update-kind" Response "E080407" Unconfirmed
            "8.4: the change is not for a device of its kind" "name a change that the kind of device can have";
        UpdateCommissioned "update-commissioned" Response "E080408" Unconfirmed
            "8.4: the device was commissioned, and is not changed or deleted so" "decommission it";
        UpdatePoint "update-point" Response "E080409" Unconfirmed
            "8.4: there is no such metering point, or it is not the User's" "check its registration";
        SameDeviceIds "same-device-ids" Response "E120201" Confirmed
            "12.2: the hub and its GPF were given the same Device ID" "give each its own";
        AlreadyNotified "already-notified" Response "E120203" Unconfirmed
            "12.2: the inventory holds the device already" "8.2 tells how it stands";
        KindNotServed "kind-not-served" Response "E120204" Unconfirmed
            "12.2: SMETS1 installations have no such kind of device" "notify ESME, GSME, CHF, GPF, PPMID or IHD";
        NoDeviceLeft "no-device-left" Response "E110101" Unconfirmed
            "11.1: none of the devices can be updated" "8.2 tells how each stands";
        ImageUnfit "image-unfit" Response "E110102" Unconfirmed
            "11.1: the image is not that of the firmware version" "send image and version as they were certified";
    }
    Hold {
        HeldTooLong "held-too-long" Response "E30" Read
            "the request could not be sent in time after it was due" "send it again";
    }
    Countersign {
        NoS1sp "no-s1sp" Response "E20" Read
            "the inventory names no S1SP that serves the device" "raise an incident: the device was migrated without one";
    }
    S1sp {
        Countersignature "countersignature" S1spAlert "P-countersignature" Unconfirmed
            "the DSP's signature or the User's does not hold at the S1SP" "raise an incident";
        UnknownToS1sp "unknown-to-s1sp" S1spAlert "P-unknown-to-s1sp" Unconfirmed
            "the S1SP serves no such device" "raise an incident";
        Credentials "credentials" S1spAlert "P-credentials" Unconfirmed
            "the request is not under the credentials that the DCC holds for the meter" "take the meter over with 6.23, or renew with 6.15.1; count above the floor";
        NotProcessed "not-processed" S1spAlert "P-not-processed" Unconfirmed
            "the S1SP of the device's cohort does not process the service" "`tern srv SRV` says for which cohorts";
        AlertInstead "alert-instead" S1spAlert "P-alert-instead" Unconfirmed
            "a defect of the cohort's system returns an alert in place of the response" "`tern srv SRV` says until when";
    }
    EquivalentSteps {
        BodyNotKept "body-not-kept" S1spAlert "P-body-not-kept" Unconfirmed
            "the device cannot keep what the body asks for" "ask for what the device can keep";
        DeviceUnreachable "device-unreachable" S1spAlert "P-device-unreachable" Unconfirmed
            "the S1SP could not reach the device" "send the request again later";
        TopUpFailed "top-up-failed" S1spAlert "P-top-up-failed" Unconfirmed
            "2.2: the device did not take the top-up; the alert bears its UTRN" "have the customer key the UTRN in at the meter";
        DeviceSilent "device-silent" S1spAlert "P-device-silent" Unconfirmed
            "no answer came, and what happened could not be found out" "read the device before sending the request again";
    }
    Dco {
        NotCorresponding "not-corresponding" S1spAlert "P-not-corresponding" Unconfirmed
            "the DCO found that the instruction is not what the User signed" "raise an incident";
        KeysMissing "keys-missing" S1spAlert "P-keys-missing" Unconfirmed
            "the DCO's key package lacks the device's keys" "wait until the DCC has upgraded the site's key package";
        DcoSilent "dco-silent" S1spAlert "P-dco-silent" Unconfirmed
            "the DCO did not answer" "send the request again later";
    }
    Respond {
        NoResponse "no-response" Response "E21" Confirmed
            "no response came in time" "read the device before sending the request again";
    }
}

impl Reason {
    /// Its row.
    #[must_use]
    pub fn row(self) -> &'static ReasonRow {
        &REASONS[self as usize]
    }

    /// Its name in configuration, for example `counter-behind`.
    #[must_use]
    pub fn key(self) -> &'static str {
        self.row().key
    }
}
