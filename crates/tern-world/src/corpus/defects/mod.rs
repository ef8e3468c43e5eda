//! The catalogue of defects: what can be wrong with an installation, a set, or what a set meets on its way, and under which
//! clause it must be found.
//!
//! It is written from the requirements, never from the rulebook: found and planted are two hands that must agree. One line of
//! [`catalogue`] is one defect; what it takes to plant it stands in the file of its place.

mod catalogue;
mod devices;
mod records;
mod twins;

use tern_model::GroupId;

pub use catalogue::{Defect, PlantedAt};

pub(super) use devices::script;
pub(super) use records::{Own, spoil};

impl Defect {
    /// The eight kinds that a corpus has of itself, in the order in which they are planted in rotation.
    pub const USUAL: [Defect; 8] = [
        Defect::ChangeOfImportSupplier,
        Defect::ChangeOfGasSupplier,
        Defect::MpxnCheckDigit,
        Defect::NotOnEpcl,
        Defect::ImsiMalformed,
        Defect::MasterKeyMisplaced,
        Defect::EsmeKeyMalformed,
        Defect::WrongKeyBit,
    ];

    /// Every kind that a corpus can hold: those of records and devices, in the catalogue's order.
    pub fn of_installations() -> impl Iterator<Item = Defect> {
        Defect::ALL.iter().copied().filter(|defect| defect.planted_at().is_corpus())
    }

    /// The clauses and codes under which it must be found in a group: all of them, and no other; none where no installation of the
    /// group can have it.
    #[must_use]
    pub fn codes_in(self, group: GroupId) -> Option<Vec<&'static str>> {
        self.codes().iter().map(|code| twins::code_in(group, code)).collect()
    }

    /// Whether only an installation with a gas meter can have it.
    pub(super) fn needs_gas(self) -> bool {
        matches!(
            self,
            Defect::ChangeOfGasSupplier
                | Defect::MprnNotComparable
                | Defect::GasKeyMalformed
                | Defect::GasMeterExchanged
                | Defect::InstallingSupplierUnusable
        )
    }
}
