//! What is known of a User and of a device at a moment: the facts that access control is handed. Nothing is judged here.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use tern_model::{DeviceId, DeviceKind, Fuel, InventoryStatus, PartyId, Role, UserRole, london_day};
use tern_requests::stages::access_control::{TargetDevice, User, UserStatus};
use tern_rules::{Books, Rulebook, dmves};
use tern_store::StoreView;
use tern_wire::facts_csv::Subject;

use super::ledger::Ledger;
use crate::facts::FactsIndex;
use crate::fault::ServiceFault;
use crate::parties::inventory::{self, InventoryEntry};
use crate::roles::renewal::Records;

/// The roles in which a party of this kind is a User. Which devices it may ask something of is for its registrations to say.
pub(crate) fn user(role: Role) -> Option<User> {
    let roles = match role {
        Role::Supplier => vec![UserRole::Is, UserRole::Es, UserRole::Gs],
        Role::NetworkOperator => vec![UserRole::Ed, UserRole::Gt],
        _ => return None,
    };
    Some(User { roles, status: UserStatus::Live })
}

/// Where what is known of devices is kept.
#[derive(Clone)]
pub(crate) struct Knowledge<'a> {
    pub(crate) ledger: &'a Ledger,
    pub(crate) records: &'a Records,
    pub(crate) rulebook: Arc<Rulebook>,
    /// The day whose books hold, where that is not the day of a request.
    pub(crate) as_of: Option<Date>,
}

impl Knowledge<'_> {
    /// As it stands now.
    pub(crate) fn now(&self) -> Known<'_> {
        let Knowledge { ledger, records, rulebook, as_of } = self;
        Known { view: ledger.view(), facts: records.now(), rulebook, as_of: *as_of }
    }
}

/// A device, by inventory, registrations and the DMVES.
pub(crate) struct Known<'a> {
    pub(crate) view: &'a dyn StoreView,
    facts: Arc<FactsIndex>,
    rulebook: &'a Rulebook,
    as_of: Option<Date>,
}

impl Known<'_> {
    /// What is known of a device that a User asks for this service, to be carried out at a moment; none where the inventory
    /// does not hold it.
    pub(crate) fn device(
        &self,
        device: DeviceId,
        (user, srv): (PartyId, &str),
        at: Timestamp,
    ) -> Result<Option<(TargetDevice, InventoryEntry)>, ServiceFault> {
        let Some(entry) = inventory::entry(self.view, device)?.filter(InventoryEntry::is_held) else {
            return Ok(None);
        };
        let day = london_day(at);
        let behaviours = entry.held_by().map_or_else(Vec::new, |set| {
            let of = (entry.kind, set.group);
            let books = Books { rulebook: self.rulebook, on: self.as_of.unwrap_or(day) };
            dmves::variations(of, srv, books).map(|(_, variation)| variation.behaviour).collect()
        });
        let registered = self.registered(&entry, user, at)?;
        let status: Option<InventoryStatus> = entry.status();
        Ok(Some((TargetDevice { kind: entry.kind, status, behaviours, registered }, entry)))
    }

    /// The roles in which a User is registered for a device: by a meter's own metering point, of any other by those of its
    /// installation.
    pub(super) fn registered(
        &self,
        entry: &InventoryEntry,
        user: PartyId,
        at: Timestamp,
    ) -> Result<Vec<UserRole>, ServiceFault> {
        let of_hub = match entry.chf {
            Some(chf) if entry.mpxn.is_none() => inventory::of_hub(self.view, chf)?,
            _ => vec![entry.clone()],
        };
        let mut roles = Vec::new();
        for meter in of_hub.iter().filter(|meter| meter.is_held()) {
            let (fuel, supplier, operator) = match meter.kind {
                DeviceKind::Esme => (Fuel::Electricity, UserRole::Is, UserRole::Ed),
                DeviceKind::Gsme => (Fuel::Gas, UserRole::Gs, UserRole::Gt),
                _ => continue,
            };
            let Some(point) = &meter.mpxn else { continue };
            let facts = self.facts.slice([Subject::Point(fuel, point.clone())])?;
            let Some(registration) = facts.registration_on(fuel, point, london_day(at)) else { continue };
            roles.extend((registration.supplier == user).then_some(supplier));
            roles.extend((registration.network_operator == user).then_some(operator));
        }
        Ok(roles)
    }
}
