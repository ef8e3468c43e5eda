//! The SMSO's export: all that the Requesting Party gets from the SMETS1 SMSO, with device keys encrypted (11.1 by construction).

use jiff::Timestamp;
use tern_model::{ChfIdentifier, DeviceId, DeviceModel, GroupId, MeterState, Mpxn, PartyId};

use super::ExportReference;
use super::open::{Claim, SignedFile};
use super::{
    Chf, ChfDetails, EncryptedBlobHolder, EncryptedMasterKey, EsmeDetail, FileKind, Gpf, GsmeDetail, Ihd, Ppmid,
};
use crate::describe;
use crate::schema::{Message, MessageDescription, Text};

describe! {
    /// An export from the SMETS1 SMSO to the Requesting Party.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct SmsoExport signed {
        /// What names the export.
        "SMSOExportHeader" smso_export_header: SmsoExportHeader, P;
        /// One entry per installation.
        "Installation" installations: Vec<ExportInstallation> [1..=100_000], P;
    }
}

describe! {
    /// What names an export.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct SmsoExportHeader {
        /// The SMETS1 SMSO.
        "SMETS1SMSO" smets1_smso: PartyId, P;
        /// The group of all its installations.
        "GroupID" group_id: GroupId, P;
        /// Unique per SMSO; every plaintext inside repeats it.
        "ExportReference" export_reference: ExportReference, P;
        /// When the export was made, UTC.
        "ExportDateTime" export_date_time: Timestamp, P;
    }
}

/// Describes an export's entry: what is public stands alike in every export, and its keys follow.
macro_rules! export_entry {
    ($(#[doc = $doc:literal])+ $(#[derive($($derive:ident),+)])? pub struct $name:ident $([$since:ident])? { $($keys:tt)+ }) => {
        describe! {
            $(#[doc = $doc])+
            $(#[derive($($derive),+)])?
            pub struct $name $([$since])? {
                /// The Device ID of the Communications Hub Function, the key of the entry.
                "CHFIdentifier" chf_identifier: ChfIdentifier, P;
                /// The communications provider of the hub's SIM.
                "CommunicationsProvider" communications_provider: Text<1, 64>, P;
                /// The Communications Hub Function.
                "CHF" chf: Chf, P;
                /// The Gas Proxy Function.
                "GPF" gpf: Gpf, P;
                /// The electricity meter.
                "ESME" esme: ExportMeter, P;
                /// The gas meter, where there is one.
                "GSME" gsme: Option<ExportMeter>, P;
                /// Prepayment Meter Interface Devices.
                "PPMID" ppmids: Vec<Ppmid> [0..=8], P;
                /// In-Home Displays.
                "IHD" ihds: Vec<Ihd> [0..=8], P;
                /// The hub's SIM and certificate.
                "CHFDetails" chf_details: ChfDetails, P;
                /// The electricity meter's entry for the Group File.
                "ESMEDetail" esme_detail: EsmeDetail, P;
                /// The gas meter's entry for the Group File.
                "GSMEDetail" gsme_detail: Option<GsmeDetail>, P;
                $($keys)+
            }
        }
    };
}
pub(super) use export_entry;

export_entry! {
    /// One installation.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct ExportInstallation {
        /// Keys for the S1SP alone.
        "EncryptedS1SPGroupInformation" encrypted_s1sp_group_information: EncryptedBlobHolder, P;
        /// The ESME's master key, for the DCO alone.
        "EncryptedMasterKey" encrypted_master_key: EncryptedMasterKey, P;
    }
}

describe! {
    /// A meter as the SMSO knows it: the Requesting Party adds certificates.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct ExportMeter {
        /// Its Device ID.
        "DeviceID" device_id: DeviceId, P;
        /// Its model and firmware.
        "DeviceModel" device_model: DeviceModel, P;
        /// Whether the Responsible Supplier has smart services for it.
        "MeterState" meter_state: MeterState, P;
        /// The metering point: MPAN core or MPRN.
        "MPxN" mpxn: Mpxn, P;
    }
}

impl Message for SmsoExport {
    const MESSAGE: MessageDescription =
        MessageDescription { root: "SMSOExport", content: &Self::TYPE, files: &[FileKind::SmsoExport] };
}

impl SignedFile for SmsoExport {
    fn claim(&self) -> Claim {
        Claim::smso(&self.smso_export_header)
    }
}
