//! What each answer means to the machine, and what it leaves for later rows.

use tern_flow::{EffectKind, Event, Failure, Probe};
use tern_wire::role_link::{DcoReply, DcoRequest, HubDetails, InventoryReply, LinkRefusal, MasterKeyOf};

use super::orders::{failure, join, question, whitelist};
use super::{Asked, Task};
use crate::device::{Counters, DeviceError, HubStatus, PinStatus, Reply, Row, Whose};
use crate::{Answer, Case, Counted, Expected, FilledTransfer, Heard, Memory, Order};

/// So many characters of a device's own words are kept.
const WORDS_MAX: usize = 200;
/// A migration, its way back and whatever is tried again take fewer invocation counters than are left above this (P).
const COUNTERS_MAX: u32 = u32::MAX - (1 << 20);
/// The same of transactions.
const TRANSACTIONS_MAX: u64 = u64::MAX >> 1;
/// No hub holds a longer whitelist.
const WHITELIST_MAX: usize = 64;

/// What an answer leads to; see [`crate::Cohort::read`]. One that is none to what was asked says nothing of what happened: it
/// counts as lost, and what was done is asked.
pub(super) fn read(row: Task, asked: Asked, case: &Case<'_>, answer: Answer, memory: &mut Memory) -> Heard {
    match asked.kind {
        EffectKind::Undo if row == Task::ReplaceMasterKey => master_replaced(MasterKeyOf::Dco, asked, answer),
        EffectKind::Undo if row == Task::PrepareMasterKey => retired(asked, answer),
        EffectKind::Undo if row == Task::ActivateMasterKey => left_to_the_esme(asked, answer),
        EffectKind::Undo if row == Task::RevisePin => pin_restored(asked, case, answer),
        EffectKind::Recheck | EffectKind::Undo => Heard::Event(plain(asked, answer)),
        EffectKind::Do => forward(row, asked, case, answer, memory),
        EffectKind::Probe => probed(row, asked, case, answer),
    }
}

fn forward(row: Task, asked: Asked, case: &Case<'_>, answer: Answer, memory: &mut Memory) -> Heard {
    match row {
        Task::ChallengeMasterKey => challenged(asked, answer, memory),
        Task::ShutSmsoOut => shut_out(asked, answer),
        Task::ReplaceMasterKey => master_replaced(MasterKeyOf::Smso, asked, answer),
        Task::ActivateMasterKey => activated(asked, case, answer, memory),
        _ => Heard::Event(single(row, asked, case, answer, memory)),
    }
}

/// How far ESME and hub were counted. What leaves too few numbers is not taken for true; before anything is altered (W1), it is
/// reason enough not to begin, as is that nobody answers. Later on, what is known must do: something has to go back.
pub(super) fn counted(row: Task, asked: Asked, answer: Option<Answer>, memory: &mut Memory) -> Counted {
    let few = match answer {
        Some(Answer::Device(Ok(Reply::Counters(counters)))) if leaves_enough(counters) => {
            memory.counters = counters;
            return Counted::Known;
        }
        Some(Answer::Device(Ok(Reply::Counters(_)))) => true,
        _ => false,
    };
    match answer {
        _ if row != Task::ReachHub => Counted::Unknown,
        None => Counted::Ended(Event::Lost),
        Some(_) if few => {
            let reason = "the numbers that the devices heard leave too few for a migration and its way back";
            Counted::Ended(failed(asked, reason))
        }
        Some(answer) => Counted::Ended(refused_or_lost(asked, answer)),
    }
}

fn leaves_enough(heard: Counters) -> bool {
    heard.management.max(heard.critical) < COUNTERS_MAX && heard.transaction < TRANSACTIONS_MAX
}

/// B2.3: the DCO's request, and the ESME's answer, kept for B2.4.
fn challenged(asked: Asked, answer: Answer, memory: &mut Memory) -> Heard {
    match answer {
        Answer::Dco(Ok(DcoReply::Critical { apdu })) => relay(apdu),
        Answer::Device(Ok(Reply::Critical { apdu })) => {
            memory.evidence = Some(apdu);
            Heard::Event(Event::Done)
        }
        Answer::Device(Err(DeviceError::KeyRejected)) => {
            Heard::Event(failed(asked, "the device does not hold the master key that the migration file gave"))
        }
        answer => Heard::Event(refused_or_lost(asked, answer)),
    }
}

/// B6.7: the ESME refuses the SMSO's keys, and opens to the S1SP's: so it was the ESME that refused.
fn shut_out(asked: Asked, answer: Answer) -> Heard {
    match (asked.turn, answer) {
        (0, Answer::Device(Err(DeviceError::KeyRejected))) => associate(Whose::S1sp),
        (0, Answer::Device(Ok(_))) => Heard::Event(failed(asked, "the ESME still accepts the SMSO's keys")),
        (_, Answer::Device(Ok(Reply::Done))) => Heard::Event(Event::Done),
        (_, answer) => Heard::Event(refused_or_lost(asked, answer)),
    }
}

/// B6.2's probe: whose keys open the ESME. That one side is refused says nothing, for anybody on the line may say so; that the
/// other side is let in does, and makes void whatever that side had sent and the ESME had not heard.
fn whose_keys(asked: Asked, answer: Answer) -> Heard {
    match (asked.turn, answer) {
        (0, Answer::Device(Ok(Reply::Done))) => found(true),
        (0, Answer::Device(Err(DeviceError::KeyRejected))) => associate(Whose::Smso),
        (_, Answer::Device(Ok(Reply::Done))) => found(false),
        (_, Answer::Device(Err(DeviceError::KeyRejected))) => {
            Heard::Event(failed(asked, "the ESME opens neither to the SMSO's keys nor to the S1SP's"))
        }
        (_, answer) => Heard::Event(refused_or_lost(asked, answer)),
    }
}

fn associate(whose: Whose) -> Heard {
    Heard::Next(Order::Device(Row::Associate { whose }))
}

/// B6.4 and its undo: the DCO's request, the ESME's answer, the DCO's word on it. Once the request was carried to the ESME,
/// nobody but the ESME under its keys can say that it was not done: everything else is lost, and probed.
fn master_replaced(under: MasterKeyOf, asked: Asked, answer: Answer) -> Heard {
    match answer {
        Answer::Dco(Ok(DcoReply::Critical { apdu })) => relay(apdu),
        Answer::Device(Ok(Reply::Critical { apdu })) => verify(under, apdu),
        Answer::Dco(Ok(DcoReply::MasterKeyHolds)) => Heard::Event(Event::Done),
        Answer::Dco(Err(refusal)) if asked.turn == 0 => Heard::Event(failed(asked, &dco_words(&refusal))),
        Answer::Device(Err(DeviceError::NoWan)) => Heard::Event(refused_or_lost(asked, answer)),
        _ => Heard::Event(Event::Lost),
    }
}

/// A3.2's undo: the GSME says which PIN was before, and goes back to it; one that holds no revised PIN went back already.
fn pin_restored(asked: Asked, case: &Case<'_>, answer: Answer) -> Heard {
    match answer {
        Answer::Device(Ok(Reply::Pin(pin))) if holds_revised(&pin, case) => match pin.before {
            Some(before) => Heard::Next(Order::Device(Row::RestorePin { before })),
            None => Heard::Event(failed(asked, "the GSME does not keep the PIN that it had before")),
        },
        Answer::Device(Ok(Reply::Pin(_))) => Heard::Event(Event::Done),
        Answer::Device(Ok(Reply::Done)) if asked.turn > 0 => Heard::Event(Event::Done),
        answer => Heard::Event(refused_or_lost(asked, answer)),
    }
}

/// Whether the PIN that the GSME holds is the revised one.
fn holds_revised(pin: &PinStatus, case: &Case<'_>) -> bool {
    case.plan.pin_revision.as_ref().is_some_and(|revision| revision.digest == pin.in_force)
}

/// B6.8's undo: none, before the ESME has gone back. The package stays in force until B6.3 is taken back.
fn left_to_the_esme(asked: Asked, answer: Answer) -> Heard {
    Heard::Event(match answer {
        Answer::Dco(Ok(DcoReply::InForce { .. })) => Event::Done,
        answer => refused_or_lost(asked, answer),
    })
}

/// B6.3's undo, once B6.4's is done: the ESME answers the DCO by the SMSO's master key, and the DCO retires what it made. The
/// DCO wants to be shown that, and rows are taken back from the last one on.
fn retired(asked: Asked, answer: Answer) -> Heard {
    match answer {
        Answer::Dco(Ok(DcoReply::Critical { apdu })) => relay(apdu),
        Answer::Device(Ok(Reply::Critical { apdu: evidence })) => {
            Heard::Next(Order::Dco(DcoRequest::RestoreMasterKey { evidence }))
        }
        Answer::Dco(Ok(DcoReply::Done)) => Heard::Event(Event::Done),
        Answer::Device(Err(DeviceError::KeyRejected)) => {
            let reason = "the ESME does not hold the SMSO's master key";
            Heard::Event(Event::Failed(failure(asked, reason, true)))
        }
        answer => Heard::Event(refused_or_lost(asked, answer)),
    }
}

/// B6.8: the ESME answers the DCO by the next master key, the devices join, and the DCO puts the package in force.
fn activated(asked: Asked, case: &Case<'_>, answer: Answer, memory: &mut Memory) -> Heard {
    match answer {
        Answer::Dco(Ok(DcoReply::Critical { apdu })) => relay(apdu),
        Answer::Device(Ok(Reply::Critical { apdu })) => {
            memory.evidence = Some(apdu);
            Heard::Next(join(case))
        }
        Answer::Dco(Ok(DcoReply::Done)) => match memory.evidence.take() {
            Some(evidence) => Heard::Next(Order::Dco(DcoRequest::Activate { evidence })),
            None => Heard::Event(Event::Done),
        },
        Answer::Device(Err(DeviceError::KeyRejected)) => {
            Heard::Event(failed(asked, "the ESME does not hold the DCO's master key"))
        }
        answer => Heard::Event(refused_or_lost(asked, answer)),
    }
}

fn relay(apdu: Vec<u8>) -> Heard {
    Heard::Next(Order::Device(Row::RelayCritical { apdu }))
}

fn verify(under: MasterKeyOf, answer: Vec<u8>) -> Heard {
    Heard::Next(Order::Dco(DcoRequest::VerifyCritical { answer, under }))
}

/// Rows that one answer ends.
fn single(row: Task, asked: Asked, case: &Case<'_>, answer: Answer, memory: &mut Memory) -> Event {
    match (row, answer) {
        (Task::IdentifyEsme, Answer::Device(Ok(Reply::Esme(esme)))) => {
            identified(asked, &case.plan.esme, &Expected { device: esme.device, model: esme.model })
        }
        (Task::FindGsme, Answer::Device(Ok(Reply::Gsme(gsme)))) => match &case.plan.gsme {
            Some(expected) => {
                identified(asked, &expected.expected, &Expected { device: gsme.device, model: gsme.model })
            }
            None => failed(asked, "the file names no GSME"),
        },
        (Task::FindGsme | Task::RevisePin, Answer::Device(Err(DeviceError::GasHan))) => {
            Event::Failed(Failure { code: "GT01".to_owned(), ..failure(asked, "the gas HAN fails", false) })
        }
        (Task::ReachHub, Answer::Device(Ok(Reply::Hub(hub)))) if hub.whitelist.len() <= WHITELIST_MAX => {
            memory.whitelist_before.get_or_insert(hub.whitelist);
            Event::Done
        }
        (Task::ReadHubDetails, Answer::Device(Ok(Reply::Hub(hub)))) => {
            memory.hub = Some(HubDetails { device: hub.device, model: hub.model });
            Event::Done
        }
        (Task::WrapAssociationKeys, Answer::Dco(Ok(DcoReply::Transfer { forward, back }))) => {
            memory.association_transfer = Some(FilledTransfer { forward, back });
            Event::Done
        }
        (Task::VerifyMasterKey, Answer::Dco(Ok(DcoReply::MasterKeyHolds))) => {
            memory.evidence = None;
            Event::Done
        }
        (row, answer) if answers_done(row) => plain(asked, answer),
        (_, answer) => refused_or_lost(asked, answer),
    }
}

fn refused_or_lost(asked: Asked, answer: Answer) -> Event {
    if is_refusal(&answer) { plain(asked, answer) } else { Event::Lost }
}

/// Rows to which "done" is an answer. To every other it says nothing, and must not pass for what was asked.
fn answers_done(row: Task) -> bool {
    use Task as R;
    matches!(
        row,
        R::SwitchApn
            | R::AssociateEsme
            | R::CertifyGsme
            | R::RevisePin
            | R::AddToInventory
            | R::SetWhitelist
            | R::ReplaceAssociationKeys
            | R::PrepareMasterKey
            | R::CertifyHub
            | R::CertifyEsme
    )
}

fn is_refusal(answer: &Answer) -> bool {
    matches!(answer, Answer::Device(Err(_)) | Answer::Dco(Err(_)) | Answer::Dsp(Err(_)))
}

fn probed(row: Task, asked: Asked, case: &Case<'_>, answer: Answer) -> Heard {
    match row {
        Task::ReplaceMasterKey => return which_master_key(asked, case, answer),
        Task::ReplaceAssociationKeys => return whose_keys(asked, answer),
        _ => {}
    }
    let in_place = match (row, answer) {
        (Task::SwitchApn, Answer::Device(Ok(Reply::Hub(hub)))) => hub.apn == case.dcc_apn,
        (Task::SetWhitelist, Answer::Device(Ok(Reply::Hub(hub)))) => same_whitelist(&hub, case),
        (Task::CertifyHub, Answer::Device(Ok(Reply::Hub(hub)))) => hub.certificate == *case.dcc_certificate,
        (Task::CertifyGsme, Answer::Device(Ok(Reply::Gsme(gsme)))) => gsme.certificate == *case.dcc_certificate,
        (Task::RevisePin, Answer::Device(Ok(Reply::Pin(pin)))) => holds_revised(&pin, case),
        (Task::CertifyEsme, Answer::Device(Ok(Reply::Esme(esme)))) => esme.certificate == *case.dcc_certificate,
        (Task::PrepareMasterKey, Answer::Dco(Ok(DcoReply::InForce { next, .. }))) => next,
        (Task::ActivateMasterKey, Answer::Dco(Ok(DcoReply::InForce { dco, .. }))) => dco,
        (Task::AddToInventory, Answer::Dsp(Ok(InventoryReply::Present { present }))) => present,
        (_, answer) => return Heard::Event(refused_or_lost(asked, answer)),
    };
    found(in_place)
}

/// B6.4's probe: the DCO asks by its own next master key, and where the ESME refuses that, by the SMSO's. An ESME that
/// answers to neither is said to fail; what it holds is never guessed.
fn which_master_key(asked: Asked, case: &Case<'_>, answer: Answer) -> Heard {
    let under = if asked.turn < 2 { MasterKeyOf::Dco } else { MasterKeyOf::Smso };
    match answer {
        Answer::Dco(Ok(DcoReply::Critical { apdu })) => relay(apdu),
        Answer::Device(Ok(Reply::Critical { apdu })) => verify(under, apdu),
        Answer::Dco(Ok(DcoReply::MasterKeyHolds)) => found(asked.turn == 2),
        Answer::Device(Err(DeviceError::KeyRejected)) if under == MasterKeyOf::Dco => {
            Heard::Next(question(MasterKeyOf::Smso, case))
        }
        Answer::Device(Err(DeviceError::KeyRejected)) => {
            Heard::Event(failed(asked, "the ESME holds neither the SMSO's nor the DCO's master key"))
        }
        answer => Heard::Event(refused_or_lost(asked, answer)),
    }
}

fn found(in_place: bool) -> Heard {
    Heard::Event(Event::Probed(if in_place { Probe::Applied } else { Probe::NotApplied }))
}

/// Whether the hub's list is the one that 15.11 wants, in whatever order.
fn same_whitelist(hub: &HubStatus, case: &Case<'_>) -> bool {
    let sorted = |mut list: Vec<_>| {
        list.sort_unstable();
        list
    };
    sorted(hub.whitelist.clone()) == sorted(whitelist(case))
}

fn identified(asked: Asked, expected: &Expected, found: &Expected) -> Event {
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
fn plain(asked: Asked, answer: Answer) -> Event {
    match answer {
        Answer::Device(Ok(Reply::Done)) | Answer::Dco(Ok(DcoReply::Done)) | Answer::Dsp(Ok(InventoryReply::Done)) => {
            Event::Done
        }
        Answer::Device(Err(error)) => {
            let (reason, again) = device_words(&error);
            Event::Failed(failure(asked, &reason, again))
        }
        Answer::Dco(Err(refusal)) => failed(asked, &dco_words(&refusal)),
        Answer::Dsp(Err(refusal)) => {
            Event::Failed(Failure { code: refusal.code, ..failure(asked, &refusal.reason, false) })
        }
        Answer::Device(Ok(_)) | Answer::Dco(Ok(_)) | Answer::Dsp(Ok(_)) => Event::Lost,
    }
}

/// What the DCO says, with the number that `tern explain` knows.
fn dco_words(refusal: &LinkRefusal) -> String {
    format!("the DCO refuses ({}): {}", refusal.code, refusal.reason)
}

fn device_words(error: &DeviceError) -> (String, bool) {
    match error {
        DeviceError::NoWan => ("the hub cannot be reached over the WAN".to_owned(), true),
        DeviceError::GasHan => ("the gas HAN fails".to_owned(), true),
        DeviceError::KeyRejected => ("the device rejects the keys".to_owned(), false),
        DeviceError::UnwrapFailed => ("the wrapped key does not open under the device's master key".to_owned(), false),
        DeviceError::NoSuchDevice => ("there is no such device behind the hub".to_owned(), false),
        DeviceError::Garbled { reason } | DeviceError::Failed { reason } => (printable(reason), true),
    }
}

/// A device's own words, as far as they can stand in a record and on a screen.
fn printable(words: &str) -> String {
    words.chars().filter(|c| !c.is_control()).take(WORDS_MAX).collect()
}

fn failed(asked: Asked, reason: &str) -> Event {
    Event::Failed(failure(asked, reason, false))
}
