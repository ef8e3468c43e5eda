//! The S1SP's desk for Service Requests: takes what the DSP countersigned, has devices do what the Equivalent Steps ask, and
//! signs what is to be told.
//!
//! A request is taken once, and told once; what was asked of a device is durable before it is asked. It must never protect a
//! critical instruction, nor obey anything whose two signatures it has not verified itself.

mod carried;
mod record;
mod site;

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tern_model::{ChfIdentifier, DeviceId, Digest, KnownAssociations};
use tern_requests::codes::Told;
use tern_requests::families::{self, Order, Said, Work};
use tern_requests::task::Utrn;
use tern_requests::{Codes, Reason, Refusal, find};
use tern_rules::{Books, dmves};
use tern_store::{Batch, OutboxEntry, Seal, StoreFault};
use tern_wire::Verified;
use tern_wire::duis::{self, Countersigned, Request, RequestId, S1spAlert, Smets1Response, open_countersigned};
use tern_wire::role_link::{DcoOrder, DcoReply, LinkRefusal};
use tern_wire::smki::Signer;

use crate::config::Config;
use crate::fault::ServiceFault;
use crate::gateway::Ledger;
use crate::lanes::Connect;
use crate::links::tls::Trusted;
use crate::parties::Shared;
use crate::roles::Hands;
use carried::{Carried, Errand};
use record::{Standing, TakenRequest};
use site::Found;

/// The outbox in which signed answers wait for the DSP.
pub(crate) const TO_DSP: &str = "dsp/service-requests";
/// How long a worker waits for something to do before it looks by itself.
const LOOK: Duration = Duration::from_secs(1);

/// Has the DCO obey one order.
pub(crate) type AskDco<'a> = &'a (dyn Fn(DcoOrder) -> Result<Result<DcoReply, LinkRefusal>, ServiceFault> + Sync);

/// The desk.
pub(crate) struct RequestDesk<'a> {
    pub(crate) ledger: Ledger,
    pub(crate) seal: Arc<Seal>,
    pub(crate) signer: Arc<Signer>,
    pub(crate) shared: Shared,
    pub(crate) trusted: Arc<Trusted>,
    pub(crate) dco: AskDco<'a>,
    /// How the devices are reached; asked for when something is to be done.
    pub(crate) connect: &'a (dyn Fn() -> Result<Connect, ServiceFault> + Sync),
    pub(crate) associations: KnownAssociations,
    /// So often in a row a conversation may come to nothing.
    pub(crate) attempts: u32,
    pub(crate) codes: Codes,
    pub(crate) hands: Hands<'a>,
    queue: Mutex<Queue>,
    index: Mutex<HashMap<DeviceId, Found>>,
}

/// Requests that wait, and installations that are spoken to: one conversation at a time with each.
#[derive(Default)]
struct Queue {
    waiting: VecDeque<(String, DeviceId)>,
    busy: HashSet<ChfIdentifier>,
}

/// What the desk is opened with.
pub(crate) struct Parts<'a> {
    pub(crate) ledger: Ledger,
    pub(crate) seal: Arc<Seal>,
    pub(crate) signer: Arc<Signer>,
    pub(crate) shared: Shared,
    pub(crate) trusted: Arc<Trusted>,
    pub(crate) dco: AskDco<'a>,
    pub(crate) connect: &'a (dyn Fn() -> Result<Connect, ServiceFault> + Sync),
    pub(crate) codes: Codes,
    pub(crate) hands: Hands<'a>,
}

impl<'a> RequestDesk<'a> {
    /// Opens the desk, with everything that was not told.
    ///
    /// # Errors
    /// The store cannot be read.
    pub(crate) fn open(parts: Parts<'a>, config: &Config) -> Result<RequestDesk<'a>, ServiceFault> {
        let Parts { ledger, seal, signer, shared, trusted, dco, connect, codes, hands } = parts;
        let associations = tern_cohorts::associations(config.associations.clone());
        let attempts = config.commissioning.attempts;
        let mut queue = Queue::default();
        for key in record::open(ledger.view())? {
            queue.waiting.extend(device_of(&key).map(|device| (key, device)));
        }
        let (queue, index) = (Mutex::new(queue), Mutex::default());
        Ok(RequestDesk {
            ledger,
            seal,
            signer,
            shared,
            trusted,
            dco,
            connect,
            associations,
            attempts,
            codes,
            hands,
            queue,
            index,
        })
    }

    /// Takes a countersigned request; durable when this returns. The same again changes nothing.
    ///
    /// # Errors
    /// The store failed, or another document came under the same name before.
    pub(crate) fn take(&self, key: &str, document: &[u8]) -> Result<(), ServiceFault> {
        let sha256 = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, document);
        let digest = sha256.as_ref().try_into().map(Digest).map_err(|_| ServiceFault::Body("SHA-256".to_owned()))?;
        let (entry, puts) = record::taken(key, (document.to_vec(), digest), self.shared.clock.now())?;
        match self.ledger.commit(Batch { inbox: vec![entry], puts, ..Batch::default() }) {
            Ok(()) => {}
            Err(StoreFault::Conflict { .. }) => return Ok(()),
            Err(fault) => return Err(fault.into()),
        }
        if let Some(device) = device_of(key) {
            self.queue().waiting.push_back((key.to_owned(), device));
        }
        self.hands.bell.ring();
        Ok(())
    }

    /// Carries requests out until it is stopped; any number of threads may.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) fn work(&self) -> Result<(), ServiceFault> {
        while !self.hands.halt.is_asked() {
            let seen = self.hands.bell.rung();
            let Some((key, device, busy)) = self.next()? else {
                self.hands.bell.wait(seen, LOOK);
                continue;
            };
            let done = self.process(&key, device);
            if let Some(chf) = busy {
                self.queue().busy.remove(&chf);
            }
            match done {
                Ok(()) => self.hands.bell.ring(),
                Err(fault @ ServiceFault::Store(_)) => return Err(fault),
                Err(fault) => {
                    (self.hands.say)(&format!("the request {key} waits: {fault}"));
                    self.queue().waiting.push_back((key, device));
                    self.hands.bell.wait(self.hands.bell.rung(), LOOK);
                }
            }
        }
        Ok(())
    }

    /// The first request whose installation is not spoken to.
    fn next(&self) -> Result<Option<(String, DeviceId, Option<ChfIdentifier>)>, ServiceFault> {
        let waiting: Vec<_> = self.queue().waiting.iter().map(|(_, device)| *device).take(256).collect();
        for device in waiting {
            let chf = self.place_of(device)?.map(|place| place.found.chf);
            let mut queue = self.queue();
            if chf.is_some_and(|chf| queue.busy.contains(&chf)) {
                continue;
            }
            let Some(at) = queue.waiting.iter().position(|(_, other)| *other == device) else { continue };
            let Some((key, device)) = queue.waiting.remove(at) else { continue };
            queue.busy.extend(chf);
            return Ok(Some((key, device, chf)));
        }
        Ok(None)
    }

    /// Carries one request out to its end, and has its answer wait for the DSP.
    fn process(&self, key: &str, device: DeviceId) -> Result<(), ServiceFault> {
        let Some((mut record, document)) = record::find(self.ledger.view(), key)? else { return Ok(()) };
        if matches!(record.standing, Standing::Told { .. }) {
            return Ok(());
        }
        let opened = open_countersigned(&document, &self.trusted.now(), self.shared.clock.now());
        let told = match opened {
            Ok((said, request)) => match self.answered(key, (&said, &request), &document, &record)? {
                Some(told) => told,
                None => return Ok(()),
            },
            Err(fault) => {
                let refusal = Refusal::new(Reason::Countersignature, fault.to_string());
                let id = key.split('/').next().and_then(|id| id.parse().ok());
                self.alert((id, device), (&refusal, None), duis::SchemaVersion::V5_1)?
            }
        };
        let at = self.shared.clock.now();
        record.standing = Standing::Told { at };
        let outbox = OutboxEntry { to: TO_DSP.to_owned(), message: key.to_owned(), at, body: told.into_bytes().into() };
        let puts = vec![record.put(key)?];
        let removes = vec![record::closed(key)];
        Ok(self.ledger.commit(Batch { puts, removes, outbox: vec![outbox], ..Batch::default() })?)
    }

    /// The signed answer to a request; none where it is to stop.
    fn answered(
        &self,
        key: &str,
        (said, request): (&Countersigned, &Verified<Request>),
        document: &[u8],
        record: &TakenRequest,
    ) -> Result<Option<String>, ServiceFault> {
        let header = request.header();
        let (id, device) = (header.request_id, DeviceId(header.request_id.target));
        let alert = |refusal: &Refusal| self.alert((Some(id), device), (refusal, None), said.version).map(Some);
        let Some(srv) = find(&header.service_reference_variant.to_string()) else {
            return alert(&Refusal::new(Reason::NotProcessed, "there is no such service"));
        };
        let Some(mut place) = self.place_of(device)? else {
            return alert(&Refusal::new(Reason::UnknownToS1sp, format!("{device} is in no installation served here")));
        };
        let books = Books { rulebook: &self.shared.rulebook, on: self.shared.today() };
        let of = (place.kind, place.group());
        let behaviours: Vec<_> = dmves::variations(of, srv.number, books).map(|(_, found)| found.behaviour).collect();
        if behaviours.contains(&tern_model::Behaviour::NotProcessed) {
            let words = format!("the S1SP of {} does not process {} on a {}", place.group(), srv.number, place.kind);
            return alert(&Refusal::new(Reason::NotProcessed, words));
        }
        let task = match families::plan(&Order { srv, body: request.body(), kind: place.kind, id }) {
            Ok(Work::Device(task)) => task,
            Ok(_) => {
                return alert(&Refusal::new(Reason::NotProcessed, format!("{} is not processed here", srv.number)));
            }
            Err(refusal) => return alert(&refusal),
        };
        let about = ((Some(id), device), families::utrn_of(&task));
        let alert = |refusal: &Refusal| self.alert(about.0, (refusal, about.1), said.version).map(Some);
        let connect = (self.connect)()?;
        let mut errand =
            Errand { key, task: &task, behaviours: &behaviours, document, record: record.clone(), connect: &connect };
        let said_by_device = match self.carry_out(&mut place, &mut errand)? {
            Carried::Interrupted => return Ok(None),
            Carried::Not(refusal) => return alert(&refusal),
            Carried::Obeyed(answer) => Ok(answer),
            Carried::Refused(words) => Err(words),
        };
        if behaviours.contains(&tern_model::Behaviour::AlertInsteadOfResponse) {
            return alert(&Refusal::new(Reason::AlertInstead, format!("{} was carried out", srv.number)));
        }
        if let Err(words) = &said_by_device {
            (self.hands.say)(&format!("{device} refused {id} ({}): {words}", srv.number));
        }
        let said_so = said_by_device.as_ref().map_or(Said::Refused, Said::Obeyed);
        if let Some(refusal) = families::told_by_alert(&task, said_so) {
            return alert(&refusal);
        }
        let Some(draft) = families::answer(srv, place.kind, said_so) else {
            return alert(&Refusal::new(Reason::NotProcessed, format!("{} has no answer of its own", srv.number)));
        };
        let response = Smets1Response {
            originator: id.target,
            target: id.originator,
            counter: id.counter,
            service: Some(header.service_reference_variant),
            at: Some(self.shared.clock.now()),
            body: Smets1Response::data(draft),
        };
        let written = duis::smets1_response(&response, said.version, &self.signer);
        written.map(Some).map_err(|why| ServiceFault::Body(format!("the answer to {key} cannot be written: {why}")))
    }

    /// A signed alert in place of an answer; of a top-up with its UTRN.
    fn alert(
        &self,
        (request, device): (Option<RequestId>, DeviceId),
        (refusal, utrn): (&Refusal, Option<&Utrn>),
        version: duis::SchemaVersion,
    ) -> Result<String, ServiceFault> {
        let code = match self.codes.of(refusal.reason) {
            Told::S1spAlert(code) => code,
            Told::Response(code) => code.to_string(),
        };
        let alert = S1spAlert {
            request_id: request,
            device: Some(device),
            code,
            information: Some(refusal.text.clone()),
            utrn: utrn.map(|utrn| utrn.as_str().to_owned()),
            at: self.shared.clock.now(),
        };
        let written = duis::alert_of_s1sp(&alert, version, &self.signer);
        written.map_err(|why| ServiceFault::Body(format!("an alert cannot be written: {why}")))
    }

    fn indexed(&self, device: DeviceId) -> Option<Found> {
        self.index().get(&device).copied()
    }

    fn index(&self) -> MutexGuard<'_, HashMap<DeviceId, Found>> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The device that a request's key names: the target of its RequestID.
fn device_of(key: &str) -> Option<DeviceId> {
    let id: RequestId = key.split('/').next()?.parse().ok()?;
    Some(DeviceId(id.target))
}
