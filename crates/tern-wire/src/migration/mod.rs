//! The messages of SMETS1 Migration Schema v1.2: four migration files, the SMSO's export, the reports between the DCC's
//! parties, the plaintexts inside encrypted blobs, what a supplier signs to have firmware used afterwards, and the PIN that an
//! Installing Supplier gets.
//!
//! The sources name the four files, the headers and the elements that rules speak of (FI1 to FI12); everything else is
//! project-defined in the same style. One file per message; [`MESSAGES`] lists them. Nothing here judges content.

mod commissioning_file;
mod common;
mod common_file;
mod common_validation_file;
mod file_name;
mod finding;
mod firmware_instruction;
mod group_encrypted_file;
mod group_file;
mod group_information;
mod installing_supplier_pin;
mod open;
mod overlay;
mod plaintext;
mod plaintext_export;
mod reference;
mod smso_export;
mod viability_report;

pub use commissioning_file::{CommissioningFile, CommissioningInstallation};
pub use common::{
    Chf, ChfDetails, EncryptedBlobHolder, EncryptedMasterKey, EsmeDetail, Gpf, GsmeDetail, Ihd, MigrationHeader, Ppmid,
};
pub use common_file::{CommonInstallation, Meter, MigrationCommonFile};
pub use common_validation_file::{MigrationCommonValidationFile, ValidationInstallation};
pub use file_name::{ExportKeys, FileKind, FileName};
pub use finding::{FindingEntry, Validity};
pub use firmware_instruction::{FirmwareImage, FirmwareInstruction, FirmwareInstructionHeader};
pub use group_encrypted_file::{GroupEncryptedInstallation, MigrationGroupEncryptedFile};
pub use group_file::{GroupInstallation, MigrationGroupFile};
pub use group_information::GroupInformation;
pub use installing_supplier_pin::{DecryptedInstallingSupplierPin, InstallingSupplierPin, InstallingSupplierPinHeader};
pub(crate) use open::message_limits;
pub use open::{Claim, SignedFile, open, read_plaintext};
pub(crate) use open::{header_fits, role_fits, told};
pub use overlay::UnderOverlay;
pub use plaintext::{
    DecryptedMasterKey, DecryptedS1spDpGroupInformation, DecryptedS1spGroupInformation, EsmeAssociationKeys, EsmeKeys,
    GsmeKeys, GsmePrepaymentKey, HighLevelAssociation, PrePayDetails,
};
pub use plaintext_export::{PlaintextInstallation, SmsoPlaintextExport, names_keys};
pub use reference::{ExportReference, ImageIdentifier, InstructionReference};
pub use smso_export::{ExportInstallation, ExportMeter, SmsoExport, SmsoExportHeader};
pub use viability_report::{ReportInstallation, ViabilityReport};

use crate::schema::{Message, MessageDescription};

/// Every message, in the order of the reference page.
pub const MESSAGES: &[MessageDescription] = &[
    MigrationCommonFile::MESSAGE,
    MigrationGroupFile::MESSAGE,
    MigrationGroupEncryptedFile::MESSAGE,
    MigrationCommonValidationFile::MESSAGE,
    SmsoExport::MESSAGE,
    ViabilityReport::MESSAGE,
    CommissioningFile::MESSAGE,
    DecryptedS1spGroupInformation::MESSAGE,
    DecryptedS1spDpGroupInformation::MESSAGE,
    DecryptedMasterKey::MESSAGE,
    SmsoPlaintextExport::MESSAGE,
    FirmwareInstruction::MESSAGE,
    InstallingSupplierPin::MESSAGE,
    DecryptedInstallingSupplierPin::MESSAGE,
];
