//! What a request's machine wants done is done: the DCO is asked to protect, the device is asked, and what became of a lost answer is
//! found out. Each gives the event that it comes to.
//!
//! Before a device hears anything, everything that led there is durable, and the numbers under which it is asked are given away.

use tern_cohorts::device::{DeviceError, Reply, Row};
use tern_cohorts::{Addressee, Conditions, Site};
use tern_dco::Refused;
use tern_requests::machine::probe::{self, Found};
use tern_requests::machine::s1sp::{Effect, Event};
use tern_requests::stages::dco::DcoSaid;
use tern_requests::{Task, TaskAnswer};
use tern_wire::role_link::{DcoOrder, DcoReply, DcoRequest, LinkRefusal};

use super::RequestDesk;
use super::in_hand::InHand;
use super::judged::{Case, Job};
use crate::executor::Numbers;
use crate::fault::ServiceFault;
use crate::lanes::Connect;

/// What is known of a request since it was taken up, and of no earlier time.
pub(super) struct Since {
    pub(super) connect: Connect,
    /// The instruction that the DCO protected last.
    protected: Option<Vec<u8>>,
    /// What the device said last.
    pub(super) answer: Option<TaskAnswer>,
}

impl Since {
    pub(super) fn new(connect: Connect) -> Since {
        Since { connect, protected: None, answer: None }
    }
}

impl RequestDesk<'_> {
    /// Does what the machine wants next, and gives what it came to.
    ///
    /// # Errors
    /// The store failed, or the DCO does not answer.
    pub(super) fn done(
        &self,
        effect: &Effect,
        hand: &mut InHand,
        (case, since): (&mut Case, &mut Since),
    ) -> Result<Event, ServiceFault> {
        if let Job::Credentials(replacement) = &case.job {
            return self.replaced(effect, hand, (case, replacement));
        }
        match effect {
            Effect::Protect { at } => self.protect(*at, hand, (case, since)),
            Effect::Ask { at } => self.ask(*at, hand, (case, since)),
            Effect::Probe { .. } => self.probe(hand, (case, since)),
            Effect::Judge | Effect::Tell(_) => Err(ServiceFault::Machine(case.key.to_string())),
        }
    }

    /// Has the DCO protect an ESME's instruction; of another device's it has the DCO consent.
    fn protect(
        &self,
        at: u8,
        hand: &mut InHand,
        (case, since): (&mut Case, &mut Since),
    ) -> Result<Event, ServiceFault> {
        let instruction = match self.instruction(at, case) {
            Ok(instruction) => instruction,
            Err(event) => return Ok(event),
        };
        if case.place.who != Addressee::Esme {
            return Ok(match self.consented(case, (instruction, 0))? {
                Ok(_) => Event::Protected,
                Err(refusal) => Event::DcoSaid(said(refusal)),
            });
        }
        let Some(numbers) = self.numbered(hand, case)? else { return Ok(used_up(case)) };
        let cohort = case.place.cohort();
        let counters = |site: &mut Site<'_>| cohort.carry_out(&Row::ReadCounters, site);
        let not_below = match self.at((&case.place, &since.connect), numbers, counters) {
            Some(Ok(Reply::Counters(counters))) => counters.critical.saturating_add(1),
            Some(Err(error)) => return Ok(heard(error)),
            _ => return Ok(Event::Unreachable("the ESME does not say how far it is counted".to_owned())),
        };
        Ok(match self.consented(case, (instruction, not_below))? {
            Ok(DcoReply::Critical { apdu }) => {
                since.protected = Some(apdu);
                Event::Protected
            }
            // It read the device's answer before, which was lost on its way here by a crash.
            Ok(DcoReply::Done) => Event::Obeyed,
            Ok(_) => return Err(ServiceFault::Body("the DCO protected nothing".to_owned())),
            Err(refusal) => Event::DcoSaid(said(refusal)),
        })
    }

    /// Asks the device.
    fn ask(&self, at: u8, hand: &mut InHand, (case, since): (&mut Case, &mut Since)) -> Result<Event, ServiceFault> {
        let is_protected = hand.record.machine.plan.is_some_and(|plan| plan.is_protected(at));
        let task = of_device(case)?;
        match (is_protected, case.place.who) {
            (true, Addressee::Esme) => self.relay(hand, (case, since)),
            (true, _) => self.instruct(at, hand, (case, since)),
            (false, _) => {
                let uncertain = hand.record.machine.uncertain;
                Ok(match self.performed(&task, hand, (case, since))? {
                    // After an answer that was lost, that it was used is what the first time left.
                    Ok(TaskAnswer::AlreadyUsed) if uncertain => {
                        since.answer = Some(TaskAnswer::Done);
                        Event::Obeyed
                    }
                    Ok(answer) => {
                        since.answer = Some(answer);
                        Event::Obeyed
                    }
                    Err(event) => event,
                })
            }
        }
    }

    /// What the DCO protected goes to the ESME, and the DCO reads the answer.
    fn relay(&self, hand: &mut InHand, (case, since): (&Case, &mut Since)) -> Result<Event, ServiceFault> {
        let Some(apdu) = since.protected.clone() else { return Ok(Event::Lost) };
        hand.commit(&self.with.ledger, [])?;
        let (cohort, row) = (case.place.cohort(), Row::RelayCritical { apdu });
        let answer = self.at((&case.place, &since.connect), Numbers::NONE, |site| cohort.carry_out(&row, site));
        let answer = match answer {
            Some(Ok(Reply::Critical { apdu })) => apdu,
            Some(Err(error)) => return Ok(heard(error)),
            _ => return Ok(Event::Lost),
        };
        let verify = DcoRequest::VerifyServiceAnswer { answer };
        Ok(match self.with.dco.ask(order(case, verify))? {
            Ok(DcoReply::NotDone { reason }) => Event::DeviceRefused(reason),
            Ok(_) => Event::Obeyed,
            // An answer that the DCO does not believe says nothing.
            Err(_) => Event::Lost,
        })
    }

    /// What the DCO consented to goes to a device without critical keys, under the S1SP's signature.
    fn instruct(&self, at: u8, hand: &mut InHand, (case, since): (&mut Case, &Since)) -> Result<Event, ServiceFault> {
        let instruction = match self.instruction(at, case) {
            Ok(instruction) => instruction,
            Err(event) => return Ok(event),
        };
        let Some(numbers) = self.numbered(hand, case)? else { return Ok(used_up(case)) };
        let (cohort, who) = (case.place.cohort(), case.place.who);
        let answer = self.at((&case.place, &since.connect), numbers, |site| cohort.instruct(&instruction, who, site));
        Ok(match answer {
            Some(Ok(())) => Event::Obeyed,
            Some(Err(error)) => heard(error),
            None => Event::Lost,
        })
    }

    /// Finds out what became of what was asked.
    fn probe(&self, hand: &mut InHand, (case, since): (&mut Case, &mut Since)) -> Result<Event, ServiceFault> {
        let task = of_device(case)?;
        let Some(asks) = probe::of(&task) else { return Ok(Event::Probed(Found::NotApplied)) };
        Ok(match self.performed(&asks, hand, (case, since))? {
            Ok(answer) => probe::found(&task, &answer).map_or(Event::Lost, Event::Probed),
            // A device that does not tell is no reason to guess.
            Err(Event::DeviceRefused(words)) => Event::Unreachable(words),
            Err(event) => event,
        })
    }

    /// A task that needs no DCO; else what became of it.
    fn performed(
        &self,
        task: &Task,
        hand: &mut InHand,
        (case, since): (&mut Case, &mut Since),
    ) -> Result<Result<TaskAnswer, Event>, ServiceFault> {
        let Some(numbers) = self.numbered(hand, case)? else { return Ok(Err(used_up(case))) };
        let (cohort, who) = (case.place.cohort(), case.place.who);
        let answer = self.at((&case.place, &since.connect), numbers, |site| cohort.perform(task, who, site));
        Ok(answer.map_or(Err(Event::Lost), |answer| answer.map_err(heard)))
    }

    /// An instruction of a critical task, as it is put now.
    fn instruction(&self, at: u8, case: &Case) -> Result<Vec<u8>, Event> {
        let conditions = Conditions { at: self.with.shared.clock.now(), behaviours: &case.behaviours };
        let missing = || Event::DeviceRefused("there is no such instruction any more".to_owned());
        let task = case.task().ok_or_else(missing)?;
        let all = case.place.cohort().instructions(task, case.place.who, &conditions);
        let all = all.map_err(|not| Event::DeviceRefused(not.to_string()))?;
        all.into_iter().nth(at.into()).ok_or_else(missing)
    }

    fn consented(
        &self,
        case: &Case,
        (instruction, not_below): (Vec<u8>, u32),
    ) -> Result<Result<DcoReply, LinkRefusal>, ServiceFault> {
        let document = case.document.clone();
        self.with.dco.ask(order(case, DcoRequest::ServiceRequest { document, instruction, not_below }))
    }

    /// Numbers for the next exchange; that a device may be asked is durable with them. None where they are used up.
    fn numbered(&self, hand: &mut InHand, case: &mut Case) -> Result<Option<Numbers>, ServiceFault> {
        let Some((numbers, put)) = case.place.reserve()? else { return Ok(None) };
        hand.commit(&self.with.ledger, [put])?;
        Ok(Some(numbers))
    }
}

/// What a device is asked for; other jobs come to no device.
fn of_device(case: &Case) -> Result<Task, ServiceFault> {
    case.task().cloned().ok_or_else(|| ServiceFault::Machine(case.key.to_string()))
}

pub(super) fn order(case: &Case, what: DcoRequest) -> DcoOrder {
    let found = case.place.found;
    DcoOrder { set: found.set, chf: found.chf, device: case.place.device, what }
}

/// What a device, or the network before it, says.
fn heard(error: DeviceError) -> Event {
    let unreachable = |words: &str| Event::Unreachable(words.to_owned());
    match error {
        DeviceError::NoWan => unreachable("nobody answers on the WAN"),
        DeviceError::GasHan => unreachable("the device cannot be reached behind its hub"),
        DeviceError::KeyRejected => unreachable("the device does not take the S1SP's keys"),
        DeviceError::UnwrapFailed => unreachable("the device cannot open the key"),
        DeviceError::NoSuchDevice => unreachable("there is no such device behind the hub"),
        // Nothing was asked, or nothing that alters anything.
        DeviceError::Garbled { reason } => Event::Unreachable(reason),
        DeviceError::Failed { reason } => Event::DeviceRefused(reason),
    }
}

pub(super) fn said(refusal: LinkRefusal) -> DcoSaid {
    match refusal.code.as_str() {
        code if code == Refused::KeyPackage.code() => DcoSaid::KeysMissing(refusal.reason),
        code if code == Refused::Credentials.code() => DcoSaid::Credentials(refusal.reason),
        _ => DcoSaid::No(refusal.reason),
    }
}

fn used_up(case: &Case) -> Event {
    Event::Unreachable(format!("the numbers under which {} is spoken to are used up", case.place.device))
}
