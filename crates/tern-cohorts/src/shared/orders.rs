//! What each row asks: to do it, to take it back, and to find out whether it is in place.

use tern_flow::{EffectKind, Failure};
use tern_model::{DeviceId, DeviceKind, GasOutcome};
use tern_wire::role_link::{AssociationKeyTransfer, DcoRequest, InventoryRequest, MasterKeyOf};

use super::adapter::instructions;
use super::{Asked, Task};
use crate::device::{Row, Whose};
use crate::{Case, Order};

/// The order for an effect; see [`crate::Cohort::order`].
pub(super) fn order(row: Task, asked: Asked, case: &Case<'_>) -> Result<Order, Failure> {
    match asked.kind {
        EffectKind::Recheck => Ok(Order::Dsp(InventoryRequest::Recheck)),
        EffectKind::Do => forward(row, asked, case),
        EffectKind::Undo => back(row, asked, case),
        EffectKind::Probe => Ok(probe(row, asked, case)),
    }
}

/// What devices hear counts on from what they heard before; what DCO and DSP do by themselves does not.
pub(super) fn count(before: &Order) -> Option<Order> {
    let matters = match before {
        Order::Device(_) => true,
        Order::Dco(request) => {
            matches!(request, DcoRequest::MakeCritical { .. } | DcoRequest::FillMasterKeyTransfer { .. })
        }
        Order::Dsp(_) => false,
    };
    matters.then_some(Order::Device(Row::ReadCounters))
}

fn forward(row: Task, asked: Asked, case: &Case<'_>) -> Result<Order, Failure> {
    let plan = case.plan;
    Ok(match row {
        Task::ReachHub | Task::ReadHubDetails => Order::Device(Row::ReadHub),
        Task::SwitchApn => Order::Device(Row::SetApn { apn: case.dcc_apn.to_owned() }),
        Task::AssociateEsme | Task::ShutSmsoOut => Order::Device(Row::Associate { whose: Whose::Smso }),
        Task::IdentifyEsme => Order::Device(Row::ReadEsme { whose: Whose::Smso }),
        Task::ChallengeMasterKey => question(MasterKeyOf::Smso, case),
        Task::VerifyMasterKey => {
            let answer = remembered(case.memory.evidence.clone(), asked)?;
            Order::Dco(DcoRequest::VerifyCritical { answer, under: MasterKeyOf::Smso })
        }
        Task::FindGsme => Order::Device(Row::ReadGsme),
        Task::CertifyGsme => certify(gsme(case), asked, case),
        Task::RevisePin => {
            let revision = remembered(plan.pin_revision.clone(), asked)?;
            Order::Device(Row::RevisePin { wrapped: revision.wrapped })
        }
        Task::CertifyHub => certify(plan.chf.into(), asked, case),
        Task::CertifyEsme => certify(plan.esme.device, asked, case),
        Task::AddToInventory => {
            let hub = remembered(case.memory.hub.clone(), asked)?;
            Order::Dsp(InventoryRequest::Add { hub, devices: inventory_devices(case) })
        }
        Task::SetWhitelist => Order::Device(Row::SetWhitelist { devices: whitelist(case) }),
        Task::WrapAssociationKeys => association_transfer(asked, case)?,
        Task::ReplaceAssociationKeys => {
            let filled = remembered(case.memory.association_transfer.clone(), asked)?;
            transfer(Whose::Smso, filled.forward)
        }
        Task::PrepareMasterKey => Order::Dco(DcoRequest::PrepareMasterKey),
        Task::ReplaceMasterKey => master_transfer(MasterKeyOf::Smso, case),
        Task::ActivateMasterKey => question(MasterKeyOf::Dco, case),
    })
}

fn back(row: Task, asked: Asked, case: &Case<'_>) -> Result<Order, Failure> {
    let plan = case.plan;
    match row {
        Task::SwitchApn => Ok(Order::Device(Row::SetApn { apn: plan.previous_apn.clone() })),
        Task::CertifyGsme => reinstate(gsme(case), asked, case),
        // The GSME itself knows which PIN was before.
        Task::RevisePin => Ok(Order::Device(Row::ReadPin)),
        Task::CertifyHub => reinstate(plan.chf.into(), asked, case),
        Task::CertifyEsme => reinstate(plan.esme.device, asked, case),
        Task::AddToInventory => Ok(Order::Dsp(InventoryRequest::Remove)),
        Task::SetWhitelist => {
            let devices = remembered(case.memory.whitelist_before.clone(), asked)?;
            Ok(Order::Device(Row::SetWhitelist { devices }))
        }
        Task::ReplaceAssociationKeys => {
            let filled = remembered(case.memory.association_transfer.clone(), asked)?;
            Ok(transfer(Whose::S1sp, filled.back))
        }
        Task::ReplaceMasterKey => Ok(master_transfer(MasterKeyOf::Dco, case)),
        Task::PrepareMasterKey => Ok(question(MasterKeyOf::Smso, case)),
        // What it put in force goes back with B6.3, when the ESME has said that it did.
        Task::ActivateMasterKey => Ok(Order::Dco(DcoRequest::QueryMasterKey)),
        Task::ReachHub
        | Task::AssociateEsme
        | Task::IdentifyEsme
        | Task::ChallengeMasterKey
        | Task::VerifyMasterKey
        | Task::FindGsme
        | Task::ReadHubDetails
        | Task::WrapAssociationKeys
        | Task::ShutSmsoOut => Err(failure(asked, "this row leaves nothing to take back", false)),
    }
}

/// The question whether a row is in place. Rows that only read are repeated instead, so theirs is the row itself.
fn probe(row: Task, asked: Asked, case: &Case<'_>) -> Order {
    match row {
        Task::CertifyGsme | Task::FindGsme => Order::Device(Row::ReadGsme),
        Task::RevisePin => Order::Device(Row::ReadPin),
        Task::CertifyEsme | Task::IdentifyEsme => Order::Device(Row::ReadEsme { whose: in_force(asked, case) }),
        Task::AddToInventory => Order::Dsp(InventoryRequest::Query),
        Task::ReplaceAssociationKeys | Task::AssociateEsme | Task::ShutSmsoOut => {
            Order::Device(Row::Associate { whose: Whose::S1sp })
        }
        Task::ReplaceMasterKey | Task::ChallengeMasterKey => question(MasterKeyOf::Dco, case),
        Task::ActivateMasterKey | Task::VerifyMasterKey | Task::WrapAssociationKeys | Task::PrepareMasterKey => {
            Order::Dco(DcoRequest::QueryMasterKey)
        }
        Task::ReachHub | Task::SwitchApn | Task::ReadHubDetails | Task::SetWhitelist | Task::CertifyHub => {
            Order::Device(Row::ReadHub)
        }
    }
}

/// Has the DCO ask the ESME for its Device ID on the critical association: only who holds that master key can answer.
pub(super) fn question(under: MasterKeyOf, case: &Case<'_>) -> Order {
    Order::Dco(DcoRequest::MakeCritical {
        instruction: instructions::read_device_id(),
        under,
        not_below: case.memory.counters.critical.saturating_add(1),
    })
}

/// Has the DCO fill an association key transfer in, both ways.
fn association_transfer(asked: Asked, case: &Case<'_>) -> Result<Order, Failure> {
    let keys = AssociationKeyTransfer { new: case.keys.s1sp.clone(), smso: case.keys.smso.clone() };
    let sealed = (case.seal_for_dco)(keys.to_bytes().expose())
        .ok_or_else(|| failure(asked, "the keys could not be sealed to the DCO's certificate", false))?;
    let instruction = instructions::association_key_transfer();
    Ok(Order::Dco(DcoRequest::FillKeyTransfer { instruction, sealed }))
}

/// Has the DCO replace the master key that the ESME holds: the request goes over the critical association alone.
fn master_transfer(under: MasterKeyOf, case: &Case<'_>) -> Order {
    Order::Dco(DcoRequest::FillMasterKeyTransfer {
        instruction: instructions::master_key_transfer(),
        under,
        not_below: case.memory.counters.critical.saturating_add(1),
    })
}

/// Has the DCO make key packages of the installation's devices.
pub(super) fn join(case: &Case<'_>) -> Order {
    Order::Dco(DcoRequest::Join { devices: inventory_devices(case) })
}

/// The CHF Whitelist that 15.11 wants.
pub(super) fn whitelist(case: &Case<'_>) -> Vec<DeviceId> {
    let gsme = case.plan.gsme.as_ref().map(|g| (g.expected.device, g.han));
    tern_rules::whitelist(case.plan.esme.device, gsme)
}

fn inventory_devices(case: &Case<'_>) -> Vec<(DeviceId, DeviceKind)> {
    let plan = case.plan;
    let goes_along = plan.gsme.iter().filter(|_| case.migration.gas == GasOutcome::Migrated);
    let gsme = goes_along.map(|g| (g.expected.device, DeviceKind::Gsme));
    std::iter::once((plan.esme.device, DeviceKind::Esme)).chain(gsme).chain(plan.others.iter().copied()).collect()
}

/// Whose association keys the ESME accepts: the S1SP's for as long as their row stands. An undo that was given up is
/// asked about when everything else may long be back with the SMSO.
fn in_force(asked: Asked, case: &Case<'_>) -> Whose {
    if asked.table.index(Task::ReplaceAssociationKeys).is_some_and(|row| case.stands(row)) {
        Whose::S1sp
    } else {
        Whose::Smso
    }
}

fn gsme(case: &Case<'_>) -> DeviceId {
    case.plan.gsme.as_ref().map_or(case.plan.esme.device, |g| g.expected.device)
}

fn certify(device: DeviceId, asked: Asked, case: &Case<'_>) -> Order {
    Order::Device(Row::SetCertificate {
        device,
        certificate: case.dcc_certificate.clone(),
        whose: in_force(asked, case),
    })
}

fn reinstate(device: DeviceId, asked: Asked, case: &Case<'_>) -> Result<Order, Failure> {
    let certificate = case.rollback_certificate(device).map_err(|why| failure(asked, &why, false))?.clone();
    Ok(Order::Device(Row::SetCertificate { device, certificate, whose: in_force(asked, case) }))
}

fn transfer(whose: Whose, instruction: Vec<u8>) -> Order {
    Order::Device(Row::TransferKeys { whose, instruction })
}

fn remembered<T>(value: Option<T>, asked: Asked) -> Result<T, Failure> {
    value.ok_or_else(|| failure(asked, "what an earlier row left for this one is not there", false))
}

/// A failure at this row, under the code that fits the direction.
pub(super) fn failure(asked: Asked, reason: &str, again: bool) -> Failure {
    if asked.kind == EffectKind::Recheck {
        let (row, code) = ("recheck".to_owned(), "P-recheck".to_owned());
        return Failure { row, code, reason: reason.to_owned(), again };
    }
    let row = asked.row();
    let code = match row.back {
        Some(code) if asked.kind == EffectKind::Undo => code,
        _ => row.step.code,
    };
    Failure { row: row.step.row.to_owned(), code: code.to_owned(), reason: reason.to_owned(), again }
}
