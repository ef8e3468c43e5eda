//! Which messages have entries, and what an entry is known by.

use tern_model::{ChfIdentifier, DeviceId, DeviceKind};

use crate::migration::{
    CommissioningFile, CommissioningInstallation, CommonInstallation, ExportInstallation, GroupEncryptedInstallation,
    GroupInstallation, MigrationCommonFile, MigrationCommonValidationFile, MigrationGroupEncryptedFile,
    MigrationGroupFile, PlaintextInstallation, ReportInstallation, SmsoExport, SmsoPlaintextExport,
    ValidationInstallation, ViabilityReport,
};
use crate::schema::{Described, Element, Message};

/// One `Installation` of a file.
pub trait Entry: Element {
    /// The most bytes that an entry of a stream may have, with the text before it: several times what an honest one has. A run
    /// of entries is in memory at once, so this bounds what it takes.
    const BYTES_MAX: usize = 64 << 10;

    /// The key of the entry.
    fn chf(&self) -> ChfIdentifier;

    /// Names every other device of the entry whose Device ID must stand once in a file.
    fn devices(&self, each: &mut dyn FnMut(DeviceKind, DeviceId)) {
        let _ = each;
    }
}

/// A message with one entry per installation, its last element before the signature.
pub trait Entries: Message + Described {
    /// One entry.
    type Entry: Entry;

    /// The entries, in the file's order.
    fn entries(&self) -> &[Self::Entry];

    /// The entries alone.
    fn into_entries(self) -> Vec<Self::Entry>;

    /// The same message, header and all, with these entries instead.
    #[must_use]
    fn with_entries(&self, entries: Vec<Self::Entry>) -> Self;
}

/// Messages whose entries are `installations`, the other fields named.
macro_rules! entries {
    ($($message:ident of $entry:ident: $($field:ident),+;)+) => {
        $(impl Entries for $message {
            type Entry = $entry;

            fn entries(&self) -> &[$entry] {
                &self.installations
            }

            fn into_entries(self) -> Vec<$entry> {
                self.installations
            }

            fn with_entries(&self, installations: Vec<$entry>) -> Self {
                $message { $($field: self.$field.clone(),)+ installations }
            }
        })+
    };
}

entries! {
    MigrationCommonFile of CommonInstallation: migration_header;
    MigrationGroupFile of GroupInstallation: migration_header;
    MigrationGroupEncryptedFile of GroupEncryptedInstallation: migration_header;
    MigrationCommonValidationFile of ValidationInstallation:
        migration_header, migration_common_file_digest, migration_group_file_digest,
        migration_group_encrypted_file_digest, validation_date_time, overlay;
    SmsoExport of ExportInstallation: smso_export_header;
    SmsoPlaintextExport of PlaintextInstallation: smso_export_header;
    ViabilityReport of ReportInstallation: migration_header, migration_common_validation_file_digest, report_date_time, overlay;
    CommissioningFile of CommissioningInstallation:
        migration_header, s1sp_viability_report_digest, dco_viability_report_digest, creation_date_time, overlay;
}

/// Entries that are known by their CHFIdentifier alone.
macro_rules! keyed {
    ($($entry:ident),+) => {
        $(impl Entry for $entry {
            fn chf(&self) -> ChfIdentifier {
                self.chf_identifier
            }
        })+
    };
}

keyed!(
    GroupInstallation,
    GroupEncryptedInstallation,
    ExportInstallation,
    PlaintextInstallation,
    CommissioningInstallation
);

/// Entries that carry findings.
macro_rules! judged {
    ($($entry:ident),+) => {
        $(impl Entry for $entry {
            const BYTES_MAX: usize = 512 << 10;

            fn chf(&self) -> ChfIdentifier {
                self.chf_identifier
            }
        })+
    };
}

judged!(ValidationInstallation, ReportInstallation);

impl Entry for CommonInstallation {
    fn chf(&self) -> ChfIdentifier {
        self.chf_identifier
    }

    fn devices(&self, each: &mut dyn FnMut(DeviceKind, DeviceId)) {
        each(DeviceKind::Gpf, self.gpf.device_id);
        each(DeviceKind::Esme, self.esme.device_id);
        if let Some(gsme) = &self.gsme {
            each(DeviceKind::Gsme, gsme.device_id);
        }
        self.ppmids.iter().for_each(|ppmid| each(DeviceKind::Ppmid, ppmid.device_id));
        self.ihds.iter().for_each(|ihd| each(DeviceKind::Ihd, ihd.device_id));
    }
}
