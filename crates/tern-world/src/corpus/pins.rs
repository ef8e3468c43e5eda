//! The gas meters of CA: what PIN they have, and who installed them (3.25).

use tern_model::facts::{InstallingSupplier, SourceRow};
use tern_model::{GroupId, Secret};

use super::dice::Dice;
use super::{FactRecords, Plan};
use crate::devices::{Installation, Pins};
use crate::hex::unhex;
use crate::smso::KeyRecord;

/// Whose gas meters have such a PIN.
const WITH_PIN: &[GroupId] = &[GroupId::CA];

/// Gives a gas meter of CA its PIN, and records who installed it: any of the suppliers, whoever is responsible now. It must be the last that
/// asks the dice of an installation, so that those of other groups are what they were.
pub(super) fn add(
    plan: &Plan<'_>,
    devices: &mut Installation,
    (group, keys): (GroupId, &KeyRecord),
    facts: &mut FactRecords,
    dice: &mut Dice,
) {
    let (Some(gsme), Some(known)) = (&mut devices.gsme, &keys.gsme) else { return };
    if !WITH_PIN.contains(&group) {
        return;
    }
    let prepayment = unhex(known.prepayment_key.expose()).and_then(|key| Secret::from_slice(&key));
    let in_force = Secret::new(dice.bytes());
    gsme.pins = prepayment.map(|prepayment| Pins { prepayment, in_force, before: None });
    let supplier = *dice.one_of(plan.suppliers);
    facts.installing_suppliers.push(InstallingSupplier { row: SourceRow::default(), device: gsme.device, supplier });
}
