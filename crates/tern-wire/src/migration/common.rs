//! The parts that several messages share.

use jiff::Timestamp;
use roxmltree::Node;
use tern_model::{CertificateId, DeviceId, DeviceModel, GroupId, HanType, PartyId, SetId};

use crate::describe;
use crate::schema::{CertificateDer, Content, Element, EncryptedBlob, IssuerName, Reader, SerialNumber, Text};

describe! {
    /// What every file of one set carries alike.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct MigrationHeader {
        /// The Requesting Party.
        "RequestingPartyID" requesting_party_id: PartyId, P;
        /// The group that selects the binding clause.
        "GroupID" group_id: GroupId, stated "S002 1";
        /// Unique and rising per Requesting Party and group.
        "FileCounter" file_counter: u64, P;
        /// When the set was made, UTC.
        "CreationDateTime" creation_date_time: Timestamp, P;
        /// The SMETS1 SMSO that operates the meters until migration.
        "SMETS1SMSO" smets1_smso: PartyId, P;
    }
}

impl MigrationHeader {
    /// What names the set.
    #[must_use]
    pub fn set_id(&self) -> SetId {
        SetId { requesting_party: self.requesting_party_id, group: self.group_id, counter: self.file_counter }
    }
}

describe! {
    /// The Communications Hub Function.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Chf {
        /// Its model and firmware.
        "DeviceModel" device_model: DeviceModel, P;
    }
}

describe! {
    /// The Gas Proxy Function.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Gpf {
        /// Its Device ID.
        "DeviceID" device_id: DeviceId, P;
    }
}

describe! {
    /// A Prepayment Meter Interface Device.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Ppmid {
        /// Its Device ID.
        "DeviceID" device_id: DeviceId, P;
        /// Its model and firmware.
        "DeviceModel" device_model: DeviceModel, P;
    }
}

describe! {
    /// An In-Home Display.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Ihd {
        /// Its Device ID.
        "DeviceID" device_id: DeviceId, P;
    }
}

describe! {
    /// The hub's SIM and certificate.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct ChfDetails {
        /// The SIM's International Mobile Subscriber Identity. Rule 15.6 judges it, the schema only bounds it.
        "IMSI" imsi: Text<0, 32>, stated "S002 24";
        /// The Access Point Name in use with the SMSO. Rule 15.6 judges it, the schema only bounds it.
        "PreviousAPN" previous_apn: Text<0, 100>, stated "S002 24";
        /// The certificate by which an FOC hub's traffic to the DCC is secured. A rule says where it must be.
        "DeviceCertificate" device_certificate: Option<CertificateDer>, stated "S002 13" [v1_2];
    }
}

describe! {
    /// The ESME in the Group File.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct EsmeDetail {
        /// Its Device ID.
        "DeviceID" device_id: DeviceId, P;
        /// The names of its application associations.
        "ApplicationAssociation" application_associations: Vec<Text<1, 64>> [0..=8], P;
    }
}

describe! {
    /// The GSME in the Group File.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct GsmeDetail {
        /// Its Device ID.
        "DeviceID" device_id: DeviceId, P;
        /// How it talks to the GPF: decides whether the CHF Whitelist holds it (15.11).
        "HANType" han_type: HanType, P;
    }
}

describe! {
    /// What the SMETS1 SMSO encrypted to one recipient.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct EncryptedBlobHolder {
        /// The encrypted element and its transported key.
        "EncryptedData" encrypted_data: EncryptedBlob, P;
    }
}

describe! {
    /// The ESME's master key, which the DCO alone can open.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct EncryptedMasterKey {
        /// The ESME's Device ID.
        "DeviceID" device_id: DeviceId, stated "S002 25";
        /// The encrypted DecryptedMasterKey.
        "EncryptedKey" encrypted_key: EncryptedBlobHolder, stated "S002 25";
    }
}

describe! {
    /// Manufacturer, model and firmware version as the EPCL prints them.
    #[derive(Debug, Clone)]
    pub struct DeviceModelParts {
        /// Manufacturer's name.
        "Manufacturer" manufacturer: Text<1, 64>, P;
        /// Model designation.
        "Model" model: Text<1, 64>, P;
        /// Firmware version designation.
        "FirmwareVersion" firmware_version: Text<1, 64>, P;
    }
}

impl Element for DeviceModel {
    const CONTENT: Content = DeviceModelParts::CONTENT;

    fn read(reader: &mut Reader<'_>, node: Node<'_, '_>) -> Option<Self> {
        let parts = DeviceModelParts::read(reader, node)?;
        Some(DeviceModel {
            manufacturer: parts.manufacturer.to_string(),
            model: parts.model.to_string(),
            firmware: parts.firmware_version.to_string(),
        })
    }

    fn write(&self, name: &str, out: &mut String) {
        let parts = DeviceModelParts {
            manufacturer: Text::shortened(&self.manufacturer),
            model: Text::shortened(&self.model),
            firmware_version: Text::shortened(&self.firmware),
        };
        Element::write(&parts, name, out);
    }
}

describe! {
    /// A certificate by serial number and issuer name; serial 0 of issuer `NULL` is the Null Certificate ID.
    #[derive(Debug, Clone)]
    pub struct CertificateIdParts {
        /// Serial number in decimal.
        "SerialNumber" serial_number: SerialNumber, P;
        /// Issuer name by RFC 2253.
        "IssuerName" issuer_name: IssuerName, P;
    }
}

impl Element for CertificateId {
    const CONTENT: Content = CertificateIdParts::CONTENT;

    fn read(reader: &mut Reader<'_>, node: Node<'_, '_>) -> Option<Self> {
        let parts = CertificateIdParts::read(reader, node)?;
        Some(CertificateId::from_parts(parts.serial_number.0, &parts.issuer_name.0))
    }

    fn write(&self, name: &str, out: &mut String) {
        let (serial, issuer) = self.parts();
        let parts =
            CertificateIdParts { serial_number: SerialNumber(serial), issuer_name: IssuerName(issuer.to_owned()) };
        Element::write(&parts, name, out);
    }
}
