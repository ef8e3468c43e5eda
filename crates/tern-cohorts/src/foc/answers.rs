//! What each answer means to the machine, and what it leaves for later rows.

use tern_flow::{EffectKind, Event, Failure, Probe};
use tern_wire::device_link::{DeviceError, HubStatus, Reply};
use tern_wire::role_link::{DcoReply, HubDetails, InventoryReply};

use super::orders::{failure, whitelist};
use super::steps::FocRow;
use crate::{Answer, Asked, Case, Expected, Memory};

/// So many characters of a device's own words are kept.
const WORDS_MAX: usize = 200;
/// No hub holds a longer whitelist.
const WHITELIST_MAX: usize = 64;

/// The event that an answer makes; see [`crate::Cohort::read`]. One that is none to what was asked says nothing of what
/// happened: it counts as lost, and what was done is asked.
pub(super) fn read(row: FocRow, asked: Asked<'_>, case: &Case<'_>, answer: Answer, memory: &mut Memory) -> Event {
    match asked.kind {
        EffectKind::Recheck | EffectKind::Undo => plain(asked, answer),
        EffectKind::Do => forward(row, asked, case, answer, memory),
        EffectKind::Probe => probed(row, asked, case, answer),
    }
}

fn forward(row: FocRow, asked: Asked<'_>, case: &Case<'_>, answer: Answer, memory: &mut Memory) -> Event {
    match (row, answer) {
        (FocRow::ReachHub, Answer::Device(Ok(Reply::Hub(hub)))) if hub.whitelist.len() <= WHITELIST_MAX => {
            memory.whitelist_before.get_or_insert(hub.whitelist);
            Event::Done
        }
        (FocRow::IdentifyEsme, Answer::Device(Ok(Reply::Esme(esme)))) => {
            identified(asked, &case.plan.esme, &Expected { device: esme.device, model: esme.model })
        }
        (FocRow::FindGsme, Answer::Device(Ok(Reply::Gsme(gsme)))) => match &case.plan.gsme {
            Some(expected) => {
                identified(asked, &expected.expected, &Expected { device: gsme.device, model: gsme.model })
            }
            None => failed(asked, "the file names no GSME"),
        },
        (FocRow::FindGsme, Answer::Device(Err(DeviceError::GasHan))) => {
            Event::Failed(Failure { code: "GT01".to_owned(), ..failure(asked, "the gas HAN fails", false) })
        }
        (FocRow::ChallengeMasterKey, Answer::Device(Ok(Reply::MasterKeyProof { proof }))) => {
            memory.master_key_proof = Some(proof);
            Event::Done
        }
        (FocRow::VerifyMasterKey, Answer::Dco(Ok(DcoReply::MasterKeyHolds))) => Event::Done,
        (FocRow::ReadHubDetails, Answer::Device(Ok(Reply::Hub(hub)))) => {
            memory.hub = Some(HubDetails { device: hub.device, model: hub.model });
            Event::Done
        }
        (FocRow::WrapAssociationKeys, Answer::Dco(Ok(DcoReply::AssociationKeys(wrapped)))) => {
            memory.association_keys = Some(wrapped);
            Event::Done
        }
        (FocRow::PrepareMasterKey, Answer::Dco(Ok(DcoReply::MasterKey(wrapped)))) => {
            memory.master_key = Some(wrapped);
            Event::Done
        }
        (FocRow::ShutSmsoOut, Answer::Device(Err(DeviceError::KeyRejected))) => Event::Done,
        (FocRow::ShutSmsoOut, Answer::Device(Ok(_))) => failed(asked, "the ESME still accepts the SMSO's keys"),
        (row, answer) if answers_done(row) || is_refusal(&answer) => plain(asked, answer),
        _ => Event::Lost,
    }
}

/// Rows to which "done" is an answer. To every other it says nothing, and must not pass for what was asked.
fn answers_done(row: FocRow) -> bool {
    use FocRow as R;
    matches!(
        row,
        R::SwitchApn
            | R::AssociateEsme
            | R::CertifyGsme
            | R::AddToInventory
            | R::SetWhitelist
            | R::ReplaceAssociationKeys
            | R::ReplaceMasterKey
            | R::ActivateMasterKey
            | R::CertifyHub
            | R::CertifyEsme
    )
}

fn is_refusal(answer: &Answer) -> bool {
    matches!(answer, Answer::Device(Err(_)) | Answer::Dco(Err(_)) | Answer::Dsp(Err(_)))
}

fn probed(row: FocRow, asked: Asked<'_>, case: &Case<'_>, answer: Answer) -> Event {
    let in_place = match (row, answer) {
        (FocRow::SwitchApn, Answer::Device(Ok(Reply::Hub(hub)))) => hub.apn == case.dcc_apn,
        (FocRow::SetWhitelist, Answer::Device(Ok(Reply::Hub(hub)))) => same_whitelist(&hub, case),
        (FocRow::CertifyHub, Answer::Device(Ok(Reply::Hub(hub)))) => hub.certificate == *case.dcc_certificate,
        (FocRow::CertifyGsme, Answer::Device(Ok(Reply::Gsme(gsme)))) => gsme.certificate == *case.dcc_certificate,
        (FocRow::CertifyEsme, Answer::Device(Ok(Reply::Esme(esme)))) => esme.certificate == *case.dcc_certificate,
        (FocRow::ReplaceAssociationKeys, Answer::Device(Ok(Reply::Done))) => true,
        (FocRow::ReplaceAssociationKeys, Answer::Device(Err(DeviceError::KeyRejected))) => false,
        (FocRow::ReplaceMasterKey, Answer::Device(Ok(Reply::MasterKeyProof { proof }))) => {
            match &case.memory.master_key {
                Some(known) if proof == known.proof_dco => true,
                Some(known) if proof == known.proof_smso => false,
                _ => return failed(asked, "the ESME holds neither the SMSO's nor the DCO's master key"),
            }
        }
        (FocRow::ActivateMasterKey, Answer::Dco(Ok(DcoReply::InForce { dco }))) => dco,
        (FocRow::AddToInventory, Answer::Dsp(Ok(InventoryReply::Present { present }))) => present,
        (_, answer) if is_refusal(&answer) => return plain(asked, answer),
        _ => return Event::Lost,
    };
    Event::Probed(if in_place { Probe::Applied } else { Probe::NotApplied })
}

/// Whether the hub's list is the one that 15.11 wants, in whatever order.
fn same_whitelist(hub: &HubStatus, case: &Case<'_>) -> bool {
    let sorted = |mut list: Vec<_>| {
        list.sort_unstable();
        list
    };
    sorted(hub.whitelist.clone()) == sorted(whitelist(case))
}

fn identified(asked: Asked<'_>, expected: &Expected, found: &Expected) -> Event {
    if found == expected {
        Event::Done
    } else {
        failed(
            asked,
            &format!(
                "the device is {} ({}), the file says {} ({})",
                found.device, found.model, expected.device, expected.model
            ),
        )
    }
}

/// What an answer means where the row asks for nothing special.
fn plain(asked: Asked<'_>, answer: Answer) -> Event {
    match answer {
        Answer::Device(Ok(Reply::Done)) | Answer::Dco(Ok(DcoReply::Done)) | Answer::Dsp(Ok(InventoryReply::Done)) => {
            Event::Done
        }
        Answer::Device(Err(error)) => {
            let (reason, again) = device_words(&error);
            Event::Failed(failure(asked, &reason, again))
        }
        Answer::Dco(Err(refusal)) => failed(asked, &refusal.reason),
        Answer::Dsp(Err(refusal)) => {
            Event::Failed(Failure { code: refusal.code, ..failure(asked, &refusal.reason, false) })
        }
        Answer::Device(Ok(_)) | Answer::Dco(Ok(_)) | Answer::Dsp(Ok(_)) => Event::Lost,
    }
}

fn device_words(error: &DeviceError) -> (String, bool) {
    match error {
        DeviceError::NoWan => ("the hub cannot be reached over the WAN".to_owned(), true),
        DeviceError::GasHan => ("the gas HAN fails".to_owned(), true),
        DeviceError::KeyRejected => ("the device rejects the key".to_owned(), false),
        DeviceError::UnwrapFailed => ("the wrapped key does not open under the device's master key".to_owned(), false),
        DeviceError::NoSuchDevice => ("there is no such device behind the hub".to_owned(), false),
        DeviceError::Failed { reason } => (printable(reason), true),
    }
}

/// A device's own words, as far as they can stand in a record and on a screen.
fn printable(words: &str) -> String {
    words.chars().filter(|c| !c.is_control()).take(WORDS_MAX).collect()
}

fn failed(asked: Asked<'_>, reason: &str) -> Event {
    Event::Failed(failure(asked, reason, false))
}
