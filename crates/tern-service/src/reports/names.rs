//! What parties are called: their certificates' subjects, from the directory that everybody may know. Never a key.

use std::collections::BTreeMap;

use tern_model::{PartyId, Role};
use tern_wire::smki::Trust;

use super::ledger::Supplier;

/// Names of parties.
#[derive(Debug, Clone, Default)]
pub struct Names(BTreeMap<PartyId, String>);

/// What metering points without a registration are listed under.
const NOT_REGISTERED: &str = "no supplier registered";

impl Names {
    /// Of the directory's suppliers and SMSOs. Of several certificates of a party the newest names it.
    #[must_use]
    pub fn of(trust: &Trust) -> Names {
        let mut certificates: Vec<_> =
            trust.certificates().filter(|c| matches!(c.role(), Role::Supplier | Role::Smso)).collect();
        certificates.sort_by_key(|c| (c.not_before(), c.serial()));
        Names(certificates.into_iter().map(|c| (c.party(), c.common_name().to_owned())).collect())
    }

    /// A party's name; its EUI-64 where no certificate names it.
    #[must_use]
    pub fn party(&self, party: PartyId) -> String {
        self.0.get(&party).cloned().unwrap_or_else(|| party.to_string())
    }

    /// What stands below the name of a supplier that no certificate names; else nothing.
    #[must_use]
    pub fn note(&self, supplier: Supplier) -> String {
        let nameless = supplier.is_some_and(|party| !self.0.contains_key(&party));
        if nameless { "no certificate names it".to_owned() } else { String::new() }
    }

    /// A supplier's name.
    #[must_use]
    pub fn supplier(&self, supplier: Supplier) -> String {
        supplier.map_or_else(|| NOT_REGISTERED.to_owned(), |party| self.party(party))
    }
}

impl FromIterator<(PartyId, String)> for Names {
    fn from_iter<I: IntoIterator<Item = (PartyId, String)>>(names: I) -> Names {
        Names(names.into_iter().collect())
    }
}
