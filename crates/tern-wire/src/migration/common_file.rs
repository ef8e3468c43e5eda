//! The Migration Common File: what every role may know of an installation.

use tern_model::{CertificateId, ChfIdentifier, DeviceId, DeviceModel, MeterState, Mpxn};

use super::open::{Claim, SignedFile};
use super::{Chf, FileKind, Gpf, Ihd, MigrationHeader, Ppmid};
use crate::describe;
use crate::schema::{Message, MessageDescription, Text};

describe! {
    /// The Migration Common File, from the Requesting Party to the DSP, the S1SP and the DCO.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct MigrationCommonFile signed {
        /// What every file of the set carries alike.
        "MigrationHeader" migration_header: MigrationHeader, stated "S002 22";
        /// One entry per installation.
        "Installation" installations: Vec<CommonInstallation> [1..=100_000], P;
    }
}

describe! {
    /// One installation.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct CommonInstallation {
        /// The Device ID of the Communications Hub Function, the key of the entry.
        "CHFIdentifier" chf_identifier: ChfIdentifier, stated "S002 24";
        /// The communications provider of the hub's SIM.
        "CommunicationsProvider" communications_provider: Text<1, 64>, P;
        /// The Communications Hub Function.
        "CHF" chf: Chf, P;
        /// The Gas Proxy Function.
        "GPF" gpf: Gpf, P;
        /// The electricity meter.
        "ESME" esme: Meter, stated "S002 8";
        /// The gas meter, where there is one.
        "GSME" gsme: Option<Meter>, R "S002 9";
        /// Prepayment Meter Interface Devices.
        "PPMID" ppmids: Vec<Ppmid> [0..=8], P;
        /// In-Home Displays.
        "IHD" ihds: Vec<Ihd> [0..=8], P;
    }
}

describe! {
    /// An electricity or gas meter with the certificates that are put in charge of it.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Meter {
        /// Its Device ID.
        "DeviceID" device_id: DeviceId, P;
        /// Its model and firmware.
        "DeviceModel" device_model: DeviceModel, P;
        /// Whether the Responsible Supplier has smart services for it.
        "MeterState" meter_state: MeterState, P;
        /// The metering point: MPAN core or MPRN.
        "MPxN" mpxn: Mpxn, stated "S002 8";
        /// The supplier's certificate for critical commands, or the Null Certificate ID.
        "CriticalSupplierCertificateID" critical_supplier_certificate_id: CertificateId, stated "S002 8";
        /// The supplier's certificate for other commands, or the Null Certificate ID.
        "NonCriticalSupplierCertificateID" non_critical_supplier_certificate_id: CertificateId, P;
        /// The network operator's certificate for critical commands, or the Null Certificate ID.
        "CriticalNetworkOperatorCertificateID" critical_network_operator_certificate_id: CertificateId, P;
        /// The network operator's certificate for other commands, or the Null Certificate ID.
        "NonCriticalNetworkOperatorCertificateID" non_critical_network_operator_certificate_id: CertificateId, P;
    }
}

impl Message for MigrationCommonFile {
    const MESSAGE: MessageDescription = MessageDescription {
        root: "MigrationCommonFile",
        content: &Self::TYPE,
        files: &[FileKind::MigrationCommonFile],
    };
}

impl SignedFile for MigrationCommonFile {
    fn claim(&self) -> Claim {
        Claim::requesting_party(&self.migration_header)
    }
}
