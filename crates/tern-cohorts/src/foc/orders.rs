//! What each row asks: to do it, to take it back, and to find out whether it is in place.

use tern_flow::{EffectKind, Failure};
use tern_model::{DeviceId, DeviceKind, GasOutcome};
use tern_wire::role_link::{AssociationKeyTransfer, DcoRequest, InventoryRequest, MasterKeyOf};

use super::adapter::instructions;
use super::steps::{FocRow, STEPS};
use crate::device::{Row, Whose};
use crate::{Asked, Case, Order};

/// The order for an effect; see [`crate::Cohort::order`].
pub(super) fn order(row: FocRow, asked: Asked, case: &Case<'_>) -> Result<Order, Failure> {
    match asked.kind {
        EffectKind::Recheck => Ok(Order::Dsp(InventoryRequest::Recheck)),
        EffectKind::Do => forward(row, asked, case),
        EffectKind::Undo => back(row, asked, case),
        EffectKind::Probe => Ok(probe(row, case)),
    }
}

fn forward(row: FocRow, asked: Asked, case: &Case<'_>) -> Result<Order, Failure> {
    let plan = case.plan;
    Ok(match row {
        FocRow::ReachHub | FocRow::ReadHubDetails => Order::Device(Row::ReadHub),
        FocRow::SwitchApn => Order::Device(Row::SetApn { apn: case.dcc_apn.to_owned() }),
        FocRow::AssociateEsme | FocRow::ShutSmsoOut => Order::Device(Row::Associate { whose: Whose::Smso }),
        FocRow::IdentifyEsme => Order::Device(Row::ReadEsme { whose: Whose::Smso }),
        FocRow::ChallengeMasterKey => question(MasterKeyOf::Smso, case),
        FocRow::VerifyMasterKey => {
            let answer = remembered(case.memory.evidence.clone(), asked)?;
            Order::Dco(DcoRequest::VerifyCritical { answer, under: MasterKeyOf::Smso })
        }
        FocRow::FindGsme => Order::Device(Row::ReadGsme),
        FocRow::CertifyGsme => certify(gsme(case), case),
        FocRow::CertifyHub => certify(plan.chf.into(), case),
        FocRow::CertifyEsme => certify(plan.esme.device, case),
        FocRow::AddToInventory => {
            let hub = remembered(case.memory.hub.clone(), asked)?;
            Order::Dsp(InventoryRequest::Add { hub, devices: inventory_devices(case) })
        }
        FocRow::SetWhitelist => Order::Device(Row::SetWhitelist { devices: whitelist(case) }),
        FocRow::WrapAssociationKeys => association_transfer(asked, case)?,
        FocRow::ReplaceAssociationKeys => {
            let filled = remembered(case.memory.association_transfer.clone(), asked)?;
            transfer(Whose::Smso, filled.forward)
        }
        FocRow::PrepareMasterKey => Order::Dco(DcoRequest::PrepareMasterKey),
        FocRow::ReplaceMasterKey => master_transfer(MasterKeyOf::Smso, case),
        FocRow::ActivateMasterKey => question(MasterKeyOf::Dco, case),
    })
}

fn back(row: FocRow, asked: Asked, case: &Case<'_>) -> Result<Order, Failure> {
    let plan = case.plan;
    match row {
        FocRow::SwitchApn => Ok(Order::Device(Row::SetApn { apn: plan.previous_apn.clone() })),
        FocRow::CertifyGsme => reinstate(gsme(case), asked, case),
        FocRow::CertifyHub => reinstate(plan.chf.into(), asked, case),
        FocRow::CertifyEsme => reinstate(plan.esme.device, asked, case),
        FocRow::AddToInventory => Ok(Order::Dsp(InventoryRequest::Remove)),
        FocRow::SetWhitelist => {
            let devices = remembered(case.memory.whitelist_before.clone(), asked)?;
            Ok(Order::Device(Row::SetWhitelist { devices }))
        }
        FocRow::ReplaceAssociationKeys => {
            let filled = remembered(case.memory.association_transfer.clone(), asked)?;
            Ok(transfer(Whose::S1sp, filled.back))
        }
        FocRow::ReplaceMasterKey => Ok(master_transfer(MasterKeyOf::Dco, case)),
        FocRow::ActivateMasterKey => Ok(Order::Dco(DcoRequest::RestoreMasterKey)),
        FocRow::ReachHub
        | FocRow::AssociateEsme
        | FocRow::IdentifyEsme
        | FocRow::ChallengeMasterKey
        | FocRow::VerifyMasterKey
        | FocRow::FindGsme
        | FocRow::ReadHubDetails
        | FocRow::WrapAssociationKeys
        | FocRow::PrepareMasterKey
        | FocRow::ShutSmsoOut => Err(failure(asked, "this row leaves nothing to take back", false)),
    }
}

/// The question whether a row is in place. Rows that only read are repeated instead, so theirs is the row itself.
fn probe(row: FocRow, case: &Case<'_>) -> Order {
    match row {
        FocRow::CertifyGsme | FocRow::FindGsme => Order::Device(Row::SettleGsme),
        FocRow::CertifyEsme | FocRow::IdentifyEsme => Order::Device(Row::ReadEsme { whose: in_force(case) }),
        FocRow::AddToInventory => Order::Dsp(InventoryRequest::Query),
        FocRow::ReplaceAssociationKeys | FocRow::AssociateEsme | FocRow::ShutSmsoOut => {
            Order::Device(Row::Associate { whose: Whose::S1sp })
        }
        FocRow::ReplaceMasterKey | FocRow::ChallengeMasterKey => question(MasterKeyOf::Dco, case),
        FocRow::ActivateMasterKey
        | FocRow::VerifyMasterKey
        | FocRow::WrapAssociationKeys
        | FocRow::PrepareMasterKey => Order::Dco(DcoRequest::QueryMasterKey),
        FocRow::ReachHub | FocRow::SwitchApn | FocRow::ReadHubDetails | FocRow::SetWhitelist | FocRow::CertifyHub => {
            Order::Device(Row::SettleHub)
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
fn in_force(case: &Case<'_>) -> Whose {
    if case.stands(super::steps::index(FocRow::ReplaceAssociationKeys)) { Whose::S1sp } else { Whose::Smso }
}

fn gsme(case: &Case<'_>) -> DeviceId {
    case.plan.gsme.as_ref().map_or(case.plan.esme.device, |g| g.expected.device)
}

fn certify(device: DeviceId, case: &Case<'_>) -> Order {
    Order::Device(Row::SetCertificate { device, certificate: case.dcc_certificate.clone(), whose: in_force(case) })
}

fn reinstate(device: DeviceId, asked: Asked, case: &Case<'_>) -> Result<Order, Failure> {
    let certificate = case.rollback_certificate(device).map_err(|why| failure(asked, &why, false))?.clone();
    Ok(Order::Device(Row::SetCertificate { device, certificate, whose: in_force(case) }))
}

fn transfer(whose: Whose, instruction: Vec<u8>) -> Order {
    Order::Device(Row::TransferKeys { whose, instruction })
}

fn remembered<T>(value: Option<T>, asked: Asked) -> Result<T, Failure> {
    value.ok_or_else(|| failure(asked, "what an earlier row left for this one is not there", false))
}

/// A failure at this row, under the code that fits the direction: 15.10.3 and 15.10.4 on the way back.
pub(super) fn failure(asked: Asked, reason: &str, again: bool) -> Failure {
    if asked.kind == EffectKind::Recheck {
        let (row, code) = ("recheck".to_owned(), "P-recheck".to_owned());
        return Failure { row, code, reason: reason.to_owned(), again };
    }
    let step = &STEPS[asked.at];
    let back = asked.kind == EffectKind::Undo;
    let code = match super::steps::row(asked.at) {
        FocRow::SwitchApn if back => "15.10.4",
        FocRow::CertifyGsme | FocRow::CertifyHub | FocRow::CertifyEsme if back => "15.10.3",
        _ => step.code,
    };
    Failure { row: step.row.to_owned(), code: code.to_owned(), reason: reason.to_owned(), again }
}
