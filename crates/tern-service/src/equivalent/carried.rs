//! A task is carried out: what is critical by the DCO's consent, instruction by instruction; whatever got no answer is asked again
//! where that does no harm.

use tern_cohorts::device::{DeviceError, Reply, Row};
use tern_cohorts::{Addressee, Conditions, NotInstructed};
use tern_model::Behaviour;
use tern_requests::{Reason, Refusal, Task, TaskAnswer};
use tern_wire::role_link::{DcoOrder, DcoReply, DcoRequest, LinkRefusal};

use super::RequestDesk;
use super::record::{Standing, TakenRequest};
use super::site::Place;
use crate::executor::Numbers;
use crate::fault::ServiceFault;
use crate::lanes::Connect;

/// How a task ended.
pub(super) enum Carried {
    /// The device did it, and said this.
    Obeyed(TaskAnswer),
    /// The device itself refused it, in its words.
    Refused(String),
    /// It came to nothing, and the User is told why.
    Not(Refusal),
    /// It is to stop: the next start goes on.
    Interrupted,
}

/// What one exchange came to.
enum Exchange<T> {
    Done(T),
    /// It may or may not have happened.
    Lost,
    /// It surely did not, and may next time.
    NotNow(String),
    Ended(Carried),
}

/// What is carried out.
pub(super) struct Errand<'e> {
    pub(super) key: &'e str,
    pub(super) task: &'e Task,
    pub(super) behaviours: &'e [Behaviour],
    pub(super) document: &'e [u8],
    pub(super) record: TakenRequest,
    pub(super) connect: &'e Connect,
}

impl Errand<'_> {
    fn asked(&self) -> bool {
        matches!(self.record.standing, Standing::Open { asked: true, .. })
    }

    fn obeyed(&self) -> usize {
        match self.record.standing {
            Standing::Open { obeyed, .. } => obeyed,
            Standing::Told { .. } => 0,
        }
    }
}

impl RequestDesk<'_> {
    /// Carries a task out.
    ///
    /// # Errors
    /// The store failed, or the DCO does not answer.
    pub(super) fn carry_out(&self, place: &mut Place, errand: &mut Errand<'_>) -> Result<Carried, ServiceFault> {
        if errand.task.is_critical() {
            loop {
                match self.instruct_next(place, errand)? {
                    Exchange::Done(true) => break,
                    Exchange::Done(false) => {}
                    Exchange::Ended(carried) => return Ok(carried),
                    Exchange::Lost | Exchange::NotNow(_) => return Ok(silent()),
                }
            }
        }
        self.performed(place, errand)
    }

    /// What is not critical as a whole; of what is, what is told once it was obeyed.
    fn performed(&self, place: &mut Place, errand: &mut Errand<'_>) -> Result<Carried, ServiceFault> {
        let mut lost = errand.asked() && !errand.task.is_critical();
        let mut last: Exchange<()> = Exchange::Lost;
        for _ in 0..self.attempts.max(1) {
            if self.hands.halt.is_asked() {
                return Ok(Carried::Interrupted);
            }
            let Some(numbers) = self.asked_next(place, errand)? else { return Ok(used_up(place)) };
            let (cohort, who, task) = (place.cohort(), place.who, errand.task);
            let answer = self.at((place, errand.connect), numbers, |site| cohort.perform(task, who, site));
            last = match answer {
                // After an answer that was lost, that it was used is what the first time left.
                Some(Ok(TaskAnswer::AlreadyUsed)) if lost => return Ok(Carried::Obeyed(TaskAnswer::Done)),
                Some(Ok(answer)) => return Ok(Carried::Obeyed(answer)),
                Some(Err(error)) => heard(error),
                None => Exchange::Lost,
            };
            lost |= matches!(last, Exchange::Lost);
            if let Exchange::Ended(carried) = last {
                return Ok(carried);
            }
        }
        Ok(match last {
            Exchange::NotNow(words) => Carried::Not(Refusal::new(Reason::DeviceUnreachable, words)),
            _ => silent(),
        })
    }

    /// Has the next instruction obeyed; `true` where there is none left.
    fn instruct_next(&self, place: &mut Place, errand: &mut Errand<'_>) -> Result<Exchange<bool>, ServiceFault> {
        let mut last = Exchange::Lost;
        for _ in 0..self.attempts.max(1) {
            if self.hands.halt.is_asked() {
                return Ok(Exchange::Ended(Carried::Interrupted));
            }
            let conditions = Conditions { at: self.shared.clock.now(), behaviours: errand.behaviours };
            let all = match place.cohort().instructions(errand.task, place.who, &conditions) {
                Ok(all) => all,
                Err(not) => return Ok(Exchange::Ended(not_instructed(&not))),
            };
            let Some(instruction) = all.get(errand.obeyed()) else { return Ok(Exchange::Done(true)) };
            let Some(numbers) = self.asked_next(place, errand)? else {
                return Ok(Exchange::Ended(used_up(place)));
            };
            last = match place.who {
                Addressee::Esme => self.protected((place, errand), numbers, instruction)?,
                _ => self.signed((place, errand), numbers, instruction)?,
            };
            match last {
                Exchange::Done(()) => {
                    errand.record.standing = Standing::Open { asked: true, obeyed: errand.obeyed() + 1 };
                    let puts = vec![errand.record.put(errand.key)?];
                    self.ledger.commit(tern_store::Batch { puts, ..Default::default() })?;
                    return Ok(Exchange::Done(false));
                }
                Exchange::Ended(carried) => return Ok(Exchange::Ended(carried)),
                Exchange::Lost | Exchange::NotNow(_) => {}
            }
        }
        Ok(Exchange::Ended(match last {
            Exchange::NotNow(words) => Carried::Not(Refusal::new(Reason::DeviceUnreachable, words)),
            _ => silent(),
        }))
    }

    /// An ESME's instruction: the DCO protects it, the S1SP carries it, the DCO reads the answer.
    fn protected(
        &self,
        (place, errand): (&Place, &Errand<'_>),
        numbers: Numbers,
        instruction: &[u8],
    ) -> Result<Exchange<()>, ServiceFault> {
        let cohort = place.cohort();
        let counters = |site: &mut tern_cohorts::Site<'_>| cohort.carry_out(&Row::ReadCounters, site);
        let not_below = match self.at((place, errand.connect), numbers, counters) {
            Some(Ok(Reply::Counters(counters))) => counters.critical.saturating_add(1),
            Some(Err(error)) => return Ok(heard(error)),
            _ => return Ok(Exchange::NotNow("the ESME does not say how far it is counted".to_owned())),
        };
        let apdu = match self.consented(place, errand, (instruction, not_below))? {
            Ok(DcoReply::Critical { apdu }) => apdu,
            Ok(_) => return Err(ServiceFault::Body("the DCO protected nothing".to_owned())),
            // An answer that came to the DCO and was lost on its way here, by a crash.
            Err(refusal) if errand.asked() && refusal.reason.contains("obeyed this instruction") => {
                return Ok(Exchange::Done(()));
            }
            Err(refusal) => return Ok(Exchange::Ended(by_dco(refusal))),
        };
        let row = Row::RelayCritical { apdu };
        let answer = self.at((place, errand.connect), Numbers::NONE, |site| cohort.carry_out(&row, site));
        let apdu = match answer {
            Some(Ok(Reply::Critical { apdu })) => apdu,
            Some(Err(error)) => return Ok(heard(error)),
            _ => return Ok(Exchange::Lost),
        };
        let verify = DcoRequest::VerifyServiceAnswer { answer: apdu };
        Ok(match (self.dco)(order(place, verify))? {
            Ok(DcoReply::NotDone { reason }) => Exchange::Ended(Carried::Refused(reason)),
            Ok(_) => Exchange::Done(()),
            // An answer that the DCO does not believe says nothing.
            Err(_) => Exchange::Lost,
        })
    }

    /// Another device's instruction: the DCO consents, and the S1SP signs.
    fn signed(
        &self,
        (place, errand): (&Place, &Errand<'_>),
        numbers: Numbers,
        instruction: &[u8],
    ) -> Result<Exchange<()>, ServiceFault> {
        if let Err(refusal) = self.consented(place, errand, (instruction, 0))? {
            return Ok(Exchange::Ended(by_dco(refusal)));
        }
        let (cohort, who) = (place.cohort(), place.who);
        let answer = self.at((place, errand.connect), numbers, |site| cohort.instruct(instruction, who, site));
        Ok(match answer {
            Some(Ok(())) => Exchange::Done(()),
            Some(Err(error)) => heard(error),
            None => Exchange::Lost,
        })
    }

    fn consented(
        &self,
        place: &Place,
        errand: &Errand<'_>,
        (instruction, not_below): (&[u8], u32),
    ) -> Result<Result<DcoReply, LinkRefusal>, ServiceFault> {
        let (document, instruction) = (errand.document.to_vec(), instruction.to_vec());
        (self.dco)(order(place, DcoRequest::ServiceRequest { document, instruction, not_below }))
    }

    /// Numbers for the next exchange; that a device is asked is durable with them.
    fn asked_next(&self, place: &mut Place, errand: &mut Errand<'_>) -> Result<Option<Numbers>, ServiceFault> {
        let mut noted = None;
        if !errand.asked() {
            errand.record.standing = Standing::Open { asked: true, obeyed: errand.obeyed() };
            noted = Some(errand.record.put(errand.key)?);
        }
        self.reserve(place, noted)
    }
}

fn order(place: &Place, what: DcoRequest) -> DcoOrder {
    DcoOrder { set: place.found.set, chf: place.found.chf, device: place.device, what }
}

/// What a device, or the network before it, says.
fn heard<T>(error: DeviceError) -> Exchange<T> {
    match error {
        DeviceError::NoWan => Exchange::NotNow("nobody answers on the WAN".to_owned()),
        DeviceError::GasHan => Exchange::NotNow("the device cannot be reached behind its hub".to_owned()),
        DeviceError::KeyRejected => Exchange::NotNow("the device does not take the S1SP's keys".to_owned()),
        DeviceError::UnwrapFailed => Exchange::NotNow("the device cannot open the key".to_owned()),
        DeviceError::NoSuchDevice => Exchange::NotNow("there is no such device behind the hub".to_owned()),
        DeviceError::Failed { reason } => Exchange::Ended(Carried::Refused(reason)),
    }
}

fn by_dco(refusal: LinkRefusal) -> Carried {
    let reason = if refusal.code == "P-key-package" { Reason::KeysMissing } else { Reason::NotCorresponding };
    Carried::Not(Refusal::new(reason, refusal.reason))
}

fn not_instructed(not: &NotInstructed) -> Carried {
    match not {
        NotInstructed::OutOfTolerance => Carried::Refused(not.to_string()),
        NotInstructed::Unkept(_) | NotInstructed::NotOfSuch(_) => {
            Carried::Not(Refusal::new(Reason::BodyNotKept, not.to_string()))
        }
    }
}

fn silent() -> Carried {
    Carried::Not(Refusal::new(Reason::DeviceSilent, "no answer came, however often it was asked"))
}

fn used_up(place: &Place) -> Carried {
    let words = format!("the numbers under which {} is spoken to are used up", place.device);
    Carried::Not(Refusal::new(Reason::DeviceUnreachable, words))
}
