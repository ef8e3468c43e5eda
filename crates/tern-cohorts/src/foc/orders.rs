//! What each row asks: to do it, to take it back, and to find out whether it is in place.

use tern_flow::{EffectKind, Failure};
use tern_model::{DeviceId, DeviceKind, GasOutcome};
use tern_wire::device_link::{AssociationKeys, Row};
use tern_wire::role_link::{AssociationKeyTransfer, DcoRequest, InventoryRequest};

use super::steps::{FocRow, STEPS};
use crate::{Asked, Case, Order};

/// The order for an effect; see [`crate::Cohort::order`].
pub(super) fn order(row: FocRow, asked: Asked<'_>, case: &Case<'_>) -> Result<Order, Failure> {
    match asked.kind {
        EffectKind::Recheck => Ok(Order::Dsp(InventoryRequest::Recheck)),
        EffectKind::Do => forward(row, asked, case),
        EffectKind::Undo => back(row, asked, case),
        EffectKind::Probe => Ok(probe(row, asked, case)),
    }
}

fn forward(row: FocRow, asked: Asked<'_>, case: &Case<'_>) -> Result<Order, Failure> {
    let plan = case.plan;
    Ok(match row {
        FocRow::ReachHub | FocRow::ReadHubDetails => Order::Device(Row::ReadHub),
        FocRow::SwitchApn => Order::Device(Row::SetApn { apn: case.dcc_apn.to_owned() }),
        FocRow::AssociateEsme | FocRow::ShutSmsoOut => associate(&case.keys.smso, asked, case),
        FocRow::IdentifyEsme => read_esme(&case.keys.smso, asked, case),
        FocRow::ChallengeMasterKey => Order::Device(Row::ChallengeMasterKey { challenge: challenge(case) }),
        FocRow::VerifyMasterKey => {
            let proof = remembered(case.memory.master_key_proof, asked)?;
            Order::Dco(DcoRequest::VerifyMasterKey { challenge: challenge(case), proof })
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
        FocRow::WrapAssociationKeys => {
            let keys = AssociationKeyTransfer { new: case.keys.s1sp.clone(), smso: case.keys.smso.clone() };
            let sealed = (case.seal_for_dco)(keys.to_bytes().expose())
                .ok_or_else(|| failure(asked, "the keys could not be sealed to the DCO's certificate", false))?;
            Order::Dco(DcoRequest::WrapAssociationKeys { sealed })
        }
        FocRow::ReplaceAssociationKeys => {
            let wrapped = remembered(case.memory.association_keys.clone(), asked)?;
            let keys = (wrapped.new_authentication, wrapped.new_encryption);
            replace_association_keys(&case.keys.smso, keys, asked, case)
        }
        FocRow::PrepareMasterKey => Order::Dco(DcoRequest::PrepareMasterKey),
        FocRow::ReplaceMasterKey => {
            let wrapped = remembered(case.memory.master_key.clone(), asked)?;
            replace_master_key(wrapped.forward, asked, case)
        }
        FocRow::ActivateMasterKey => Order::Dco(DcoRequest::ActivateMasterKey),
    })
}

fn back(row: FocRow, asked: Asked<'_>, case: &Case<'_>) -> Result<Order, Failure> {
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
            let wrapped = remembered(case.memory.association_keys.clone(), asked)?;
            let keys = (wrapped.smso_authentication, wrapped.smso_encryption);
            Ok(replace_association_keys(&case.keys.s1sp, keys, asked, case))
        }
        FocRow::ReplaceMasterKey => {
            let wrapped = remembered(case.memory.master_key.clone(), asked)?;
            Ok(replace_master_key(wrapped.back, asked, case))
        }
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
fn probe(row: FocRow, asked: Asked<'_>, case: &Case<'_>) -> Order {
    match row {
        FocRow::CertifyGsme | FocRow::FindGsme => Order::Device(Row::ReadGsme),
        FocRow::CertifyEsme | FocRow::IdentifyEsme => read_esme(keys_in_force(case), asked, case),
        FocRow::AddToInventory => Order::Dsp(InventoryRequest::Query),
        FocRow::ReplaceAssociationKeys | FocRow::AssociateEsme | FocRow::ShutSmsoOut => {
            associate(&case.keys.s1sp, asked, case)
        }
        FocRow::ReplaceMasterKey | FocRow::ChallengeMasterKey => {
            let challenge = case.memory.master_key.as_ref().map_or_else(|| challenge(case), |m| m.challenge);
            Order::Device(Row::ChallengeMasterKey { challenge })
        }
        FocRow::ActivateMasterKey
        | FocRow::VerifyMasterKey
        | FocRow::WrapAssociationKeys
        | FocRow::PrepareMasterKey => Order::Dco(DcoRequest::QueryMasterKey),
        FocRow::ReachHub | FocRow::SwitchApn | FocRow::ReadHubDetails | FocRow::SetWhitelist | FocRow::CertifyHub => {
            Order::Device(Row::ReadHub)
        }
    }
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

/// The association keys that the ESME accepts: the S1SP's for as long as their row stands. An undo that was given up is
/// asked about when everything else may long be back with the SMSO.
fn keys_in_force<'a>(case: &'a Case<'_>) -> &'a AssociationKeys {
    if case.stands(super::steps::index(FocRow::ReplaceAssociationKeys)) { &case.keys.s1sp } else { &case.keys.smso }
}

fn gsme(case: &Case<'_>) -> DeviceId {
    case.plan.gsme.as_ref().map_or(case.plan.esme.device, |g| g.expected.device)
}

fn associate(keys: &AssociationKeys, asked: Asked<'_>, case: &Case<'_>) -> Order {
    let proof = keys.prove(case.plan.esme.device, asked.key, Row::CONTENT_ASSOCIATE);
    Order::Device(Row::Associate { proof })
}

fn read_esme(keys: &AssociationKeys, asked: Asked<'_>, case: &Case<'_>) -> Order {
    let proof = keys.prove(case.plan.esme.device, asked.key, Row::CONTENT_READ);
    Order::Device(Row::ReadEsme { proof })
}

fn certify(device: DeviceId, case: &Case<'_>) -> Order {
    Order::Device(Row::SetCertificate { device, certificate: case.dcc_certificate.clone() })
}

fn reinstate(device: DeviceId, asked: Asked<'_>, case: &Case<'_>) -> Result<Order, Failure> {
    let certificate = case.rollback_certificate(device).map_err(|why| failure(asked, &why, false))?.clone();
    Ok(Order::Device(Row::SetCertificate { device, certificate }))
}

fn replace_association_keys(
    holder: &AssociationKeys,
    (authentication, encryption): (Vec<u8>, Vec<u8>),
    asked: Asked<'_>,
    case: &Case<'_>,
) -> Order {
    let content = [authentication.as_slice(), &encryption].concat();
    let proof = holder.prove(case.plan.esme.device, asked.key, &content);
    Order::Device(Row::ReplaceAssociationKeys { proof, authentication, encryption })
}

fn replace_master_key(master: Vec<u8>, asked: Asked<'_>, case: &Case<'_>) -> Order {
    let proof = case.keys.s1sp.prove(case.plan.esme.device, asked.key, &master);
    Order::Device(Row::ReplaceMasterKey { proof, master })
}

/// The challenge of B2.3: set and CHF name it, so that a repeat after a crash asks the same and nobody else ever does.
fn challenge(case: &Case<'_>) -> [u8; 16] {
    tern_wire::device_link::challenge(&format!("{}/{}/B2.3", case.plan.chf, case.plan.set))
}

fn remembered<T>(value: Option<T>, asked: Asked<'_>) -> Result<T, Failure> {
    value.ok_or_else(|| failure(asked, "what an earlier row left for this one is not there", false))
}

/// A failure at this row, under the code that fits the direction: 15.10.3 and 15.10.4 on the way back.
pub(super) fn failure(asked: Asked<'_>, reason: &str, again: bool) -> Failure {
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
