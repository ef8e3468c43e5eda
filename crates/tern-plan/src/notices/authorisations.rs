//! Migration Authorisations as a supplier makes them (PL5).

use jiff::civil::DateTime;
use tern_model::PartyId;
use tern_model::supplier_file::AuthorisedInstallation;
use tern_wire::facts_csv;

use super::name::{SmsoName, SupplierFileKind, SupplierFileName};
use super::outgoing::SupplierFile;

/// A supplier that authorises the migration of installations of one SMSO.
#[derive(Debug, Clone)]
pub struct Authorising {
    /// The SMSO.
    pub smso: SmsoName,
    /// The supplier.
    pub supplier: PartyId,
    /// When, in Europe/London.
    pub made: DateTime,
}

impl Authorising {
    /// The file that authorises these installations; rows in the order of installations and references.
    #[must_use]
    pub fn file(self, mut rows: Vec<AuthorisedInstallation>) -> SupplierFile {
        rows.sort_by(|a, b| (a.chf, &a.reference).cmp(&(b.chf, &b.reference)));
        let Authorising { smso, supplier, made } = self;
        let name = SupplierFileName { kind: SupplierFileKind::Authorisation, smso, supplier, made };
        SupplierFile { name, rows: rows.len(), text: facts_csv::write(&rows) }
    }
}
