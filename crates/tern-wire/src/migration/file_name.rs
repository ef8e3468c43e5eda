//! File names: which kind of file, of which set or export.

use std::fmt;
use std::str::FromStr;

use tern_model::{ChfIdentifier, GroupId, Malformed, PartyId, Role, SetId};

use super::{ExportReference, InstructionReference};

/// The kinds of signed file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileKind {
    /// `MCF`
    MigrationCommonFile,
    /// `MGF`
    MigrationGroupFile,
    /// `MGEF`
    MigrationGroupEncryptedFile,
    /// `MCVF`
    MigrationCommonValidationFile,
    /// `S1SPVR`
    S1spViabilityReport,
    /// `DCOVR`
    DcoViabilityReport,
    /// `CF`
    CommissioningFile,
    /// `SMSOEXPORT`
    SmsoExport,
    /// `SMSOPLAINTEXT`
    SmsoPlaintextExport,
    /// `FWI`
    FirmwareInstruction,
    /// `ISPIN`
    InstallingSupplierPin,
}

impl FileKind {
    /// Every kind, in the order in which a set comes into being, and what comes after it.
    pub const ALL: [FileKind; 11] = [
        FileKind::SmsoExport,
        FileKind::SmsoPlaintextExport,
        FileKind::MigrationCommonFile,
        FileKind::MigrationGroupFile,
        FileKind::MigrationGroupEncryptedFile,
        FileKind::MigrationCommonValidationFile,
        FileKind::S1spViabilityReport,
        FileKind::DcoViabilityReport,
        FileKind::CommissioningFile,
        FileKind::FirmwareInstruction,
        FileKind::InstallingSupplierPin,
    ];

    /// What the file's name begins with.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            FileKind::MigrationCommonFile => "MCF",
            FileKind::MigrationGroupFile => "MGF",
            FileKind::MigrationGroupEncryptedFile => "MGEF",
            FileKind::MigrationCommonValidationFile => "MCVF",
            FileKind::S1spViabilityReport => "S1SPVR",
            FileKind::DcoViabilityReport => "DCOVR",
            FileKind::CommissioningFile => "CF",
            FileKind::SmsoExport => "SMSOEXPORT",
            FileKind::SmsoPlaintextExport => "SMSOPLAINTEXT",
            FileKind::FirmwareInstruction => "FWI",
            FileKind::InstallingSupplierPin => "ISPIN",
        }
    }

    /// The role that may sign it.
    #[must_use]
    pub const fn sender(self) -> Role {
        match self {
            FileKind::MigrationCommonFile | FileKind::MigrationGroupFile | FileKind::MigrationGroupEncryptedFile => {
                Role::RequestingParty
            }
            FileKind::MigrationCommonValidationFile => Role::Dsp,
            FileKind::S1spViabilityReport | FileKind::InstallingSupplierPin => Role::S1sp,
            FileKind::DcoViabilityReport => Role::Dco,
            FileKind::CommissioningFile => Role::CommissioningParty,
            FileKind::SmsoExport | FileKind::SmsoPlaintextExport => Role::Smso,
            FileKind::FirmwareInstruction => Role::Supplier,
        }
    }

    /// The document's name in words.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            FileKind::MigrationCommonFile => "Migration Common File",
            FileKind::MigrationGroupFile => "Migration Group File",
            FileKind::MigrationGroupEncryptedFile => "Migration Group Encrypted File",
            FileKind::MigrationCommonValidationFile => "Migration Common Validation File",
            FileKind::S1spViabilityReport => "S1SP Viability Report",
            FileKind::DcoViabilityReport => "DCO Viability Report",
            FileKind::CommissioningFile => "Commissioning File",
            FileKind::SmsoExport => "SMSO Export",
            FileKind::SmsoPlaintextExport => "SMSO Plaintext Export",
            FileKind::FirmwareInstruction => "Firmware Instruction",
            FileKind::InstallingSupplierPin => "Installing Supplier PIN File",
        }
    }
}

/// The name of a signed file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileName {
    /// `<FileType>_<Requesting Party EUI>_<GroupID>_<counter>.xml`
    OfSet(FileKind, SetId),
    /// `SMSOEXPORT_<SMSO EUI>_<GroupID>_<ExportReference>.xml`, or `SMSOPLAINTEXT_…`
    Export {
        /// Whether its keys are encrypted.
        keys: ExportKeys,
        /// The SMSO.
        smso: PartyId,
        /// The group.
        group: GroupId,
        /// The export.
        reference: ExportReference,
    },
    /// `FWI_<supplier EUI>_<InstructionReference>.xml`
    Firmware(PartyId, InstructionReference),
    /// `ISPIN_<Requesting Party EUI>_<GroupID>_<counter>_<CHFIdentifier>.xml`
    InstallingSupplierPin(SetId, ChfIdentifier),
}

/// How an export carries keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ExportKeys {
    /// To the S1SP and to the DCO: every group.
    Encrypted,
    /// In the clear: EB and EC alone (11.1).
    Plaintext,
}

impl FileName {
    /// The kind of file.
    #[must_use]
    pub fn kind(&self) -> FileKind {
        match self {
            FileName::OfSet(kind, _) => *kind,
            FileName::Export { keys: ExportKeys::Encrypted, .. } => FileKind::SmsoExport,
            FileName::Export { keys: ExportKeys::Plaintext, .. } => FileKind::SmsoPlaintextExport,
            FileName::Firmware(..) => FileKind::FirmwareInstruction,
            FileName::InstallingSupplierPin(..) => FileKind::InstallingSupplierPin,
        }
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FileName::OfSet(kind, set) => write!(f, "{}_{set}.xml", kind.prefix()),
            FileName::Export { smso, group, reference, .. } => {
                write!(f, "{}_{smso}_{group}_{reference}.xml", self.kind().prefix())
            }
            FileName::Firmware(supplier, reference) => {
                write!(f, "{}_{supplier}_{reference}.xml", self.kind().prefix())
            }
            FileName::InstallingSupplierPin(set, chf) => write!(f, "{}_{set}_{chf}.xml", self.kind().prefix()),
        }
    }
}

impl FromStr for FileName {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        const EXPECTED: Malformed = Malformed {
            expected: "a file name: <FileType>_<Requesting Party EUI>_<GroupID>_<counter>.xml, FileType one of MCF, MGF, \
                       MGEF, MCVF, S1SPVR, DCOVR, CF; or SMSOEXPORT_<SMSO EUI>_<GroupID>_<ExportReference>.xml, or \
                       SMSOPLAINTEXT_…; or FWI_<supplier EUI>_<InstructionReference>.xml; or \
                       ISPIN_<Requesting Party EUI>_<GroupID>_<counter>_<CHFIdentifier>.xml",
        };
        let (prefix, rest) = text.strip_suffix(".xml").and_then(|stem| stem.split_once('_')).ok_or(EXPECTED)?;
        let kind = FileKind::ALL.into_iter().find(|kind| kind.prefix() == prefix).ok_or(EXPECTED)?;
        let name = match kind {
            FileKind::SmsoExport => export(ExportKeys::Encrypted, rest),
            FileKind::SmsoPlaintextExport => export(ExportKeys::Plaintext, rest),
            FileKind::FirmwareInstruction => firmware(rest),
            FileKind::InstallingSupplierPin => installing_supplier_pin(rest),
            _ => rest.parse().ok().map(|set| FileName::OfSet(kind, set)),
        };
        let name = name.ok_or(EXPECTED)?;
        // Other spellings of the same set (lower case, leading zeros) would be other names for one file.
        if name.to_string() == text { Ok(name) } else { Err(EXPECTED) }
    }
}

fn export(keys: ExportKeys, rest: &str) -> Option<FileName> {
    let mut parts = rest.splitn(3, '_');
    Some(FileName::Export {
        keys,
        smso: parts.next()?.parse().ok()?,
        group: parts.next()?.parse().ok()?,
        reference: parts.next()?.parse().ok()?,
    })
}

fn firmware(rest: &str) -> Option<FileName> {
    let (supplier, reference) = rest.split_once('_')?;
    Some(FileName::Firmware(supplier.parse().ok()?, reference.parse().ok()?))
}

fn installing_supplier_pin(rest: &str) -> Option<FileName> {
    let (set, chf) = rest.rsplit_once('_')?;
    Some(FileName::InstallingSupplierPin(set.parse().ok()?, chf.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, kind: Option<FileKind>) {
        let name = text.parse::<FileName>().ok();
        assert_eq!(name.as_ref().map(FileName::kind), kind, "{text}");
        assert!(name.is_none_or(|name| name.to_string() == text), "{text} is printed as it is read");
    }

    #[test]
    fn a_name_is_read_in_one_spelling() {
        check("MCF_90-B3-D5-1F-30-0A-00-01_EA_42.xml", Some(FileKind::MigrationCommonFile));
        check("DCOVR_90-B3-D5-1F-30-0A-00-01_EA_42.xml", Some(FileKind::DcoViabilityReport));
        check("SMSOEXPORT_90-B3-D5-1F-30-0A-00-01_EA_2021-03-02-1.xml", Some(FileKind::SmsoExport));
        check("SMSOPLAINTEXT_90-B3-D5-1F-30-0A-00-01_EB_2021-03-02-1.xml", Some(FileKind::SmsoPlaintextExport));
        check("FWI_90-B3-D5-1F-30-0A-00-01_4711.xml", Some(FileKind::FirmwareInstruction));
        check("ISPIN_90-B3-D5-1F-30-0A-00-01_CA_42_00-DB-12-34-00-00-00-01.xml", Some(FileKind::InstallingSupplierPin));
        check("ISPIN_90-B3-D5-1F-30-0A-00-01_CA_42.xml", None);
        check("FWI_90-B3-D5-1F-30-0A-00-01_EA_42.xml", None);
        check("MCF_90-b3-D5-1F-30-0A-00-01_EA_42.xml", None);
        check("MCF_90-B3-D5-1F-30-0A-00-01_EA_042.xml", None);
        check("MCF_90-B3-D5-1F-30-0A-00-01_ZZ_42.xml", None);
        check("XXX_90-B3-D5-1F-30-0A-00-01_EA_42.xml", None);
        check("MCF_90-B3-D5-1F-30-0A-00-01_EA_42", None);
        check("", None);
    }
}
