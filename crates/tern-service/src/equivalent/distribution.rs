//! 11.1 at the S1SP: an image goes to each of the devices that the DSP names, in blocks, until the device has verified it.
//!
//! Images go beside requests: an installation is spoken to by one of both at a time. What is on its way is durable before anything
//! leaves, and goes on after a crash from where the device says. It must never have a device use an image: that is 11.3's.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tern_model::{DeviceId, PartyId};
use tern_requests::families::{self, FirmwareUpdate, Order, Work};
use tern_requests::machine::RequestKey;
use tern_requests::{Reason, Refusal, find};
use tern_store::{Batch, Body, Expect, InboxEntry, OutboxEntry, Remove, StoreFault, StoreView};
use tern_wire::dsig::sha256;
use tern_wire::duis::{self, Draft, SchemaVersion, Smets1Response, open_countersigned};

use super::RequestDesk;
use crate::fault::ServiceFault;
use crate::firmware::{End, FirmwareDesk, Image, Sending, Standing, Told, Way};
use crate::lanes::S1spIdentity;
use crate::parties::inbox;

/// The outbox in which the signed word on each device waits for the DSP.
pub(crate) const FIRMWARE_TO_DSP: &str = "dsp/firmware";
/// The link by which images come.
const LINK: &str = "dsp/firmware";
/// Kind of [`OnItsWay`], by request and device: `{key}/{device}`.
const ON_ITS_WAY: &str = "firmware-distribution";
/// How long it is tried (P): the target is days.
const TRIED_FOR: SignedDuration = SignedDuration::from_hours(72);
/// Pauses between two tries with one device.
const PAUSE_FIRST: Duration = Duration::from_millis(250);
const PAUSE_LONGEST: Duration = Duration::from_secs(60);
/// How long the distributor waits for something to do before it looks by itself.
const LOOK: Duration = Duration::from_millis(500);

/// An image on its way to a device.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct OnItsWay {
    /// Under which name the document stands in the inbox.
    document: String,
    /// When it came.
    since: Timestamp,
}

/// A request as it was countersigned.
struct Opened {
    document: String,
    key: RequestKey,
    version: SchemaVersion,
    /// What is to be sent, or why nothing is.
    update: Result<(FirmwareUpdate, Option<Image>), Refusal>,
}

/// How a try ended.
enum Tried {
    /// What is to be told.
    Verified,
    NotAccepted(String),
    Not(Refusal),
    /// It is to be tried again.
    Later,
}

/// When a device is tried next, and after which pause.
type Pauses = HashMap<String, (Instant, Duration)>;

impl RequestDesk<'_> {
    /// Takes an image for some devices; durable when this returns. The same again changes nothing.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) fn take_image(
        &self,
        key: RequestKey,
        (party, devices): (PartyId, &[DeviceId]),
        document: &[u8],
    ) -> Result<(), ServiceFault> {
        let (at, digest, message) = (self.with.shared.clock.now(), sha256(document), key.of(&party.to_string()));
        let mut puts = Vec::new();
        for device in devices {
            let way = OnItsWay { document: message.clone(), since: at };
            puts.push(inbox::put(ON_ITS_WAY, key.of(&device.to_string()), Expect::Absent, &way)?);
        }
        let inbox = vec![InboxEntry { link: LINK.to_owned(), message, digest, at, body: document.to_vec().into() }];
        match self.with.ledger.commit(Batch { inbox, puts, ..Batch::default() }) {
            Ok(()) => {
                self.with.hands.bells.images.ring();
                Ok(())
            }
            // It came before.
            Err(StoreFault::Conflict { .. }) => Ok(()),
            Err(fault) => Err(fault.into()),
        }
    }

    /// Sends images until it is stopped.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) fn distribute(&self) -> Result<(), ServiceFault> {
        let hands = self.with.hands;
        let (mut pauses, mut opened) = (Pauses::new(), None);
        while !hands.halt.is_asked() {
            let seen = hands.bells.images.rung();
            let mut ended = false;
            for (mark, way) in inbox::all::<OnItsWay>(self.with.ledger.view(), ON_ITS_WAY, "")? {
                if hands.halt.is_asked() {
                    return Ok(());
                }
                if pauses.get(&mark).is_some_and(|(next, _)| Instant::now() < *next) {
                    continue;
                }
                match self.sent_on(&mark, &way, &mut opened) {
                    Ok(true) => {
                        pauses.remove(&mark);
                        ended = true;
                    }
                    Ok(false) => pause(&mut pauses, mark),
                    Err(ServiceFault::Store(StoreFault::Conflict { .. })) => pause(&mut pauses, mark),
                    Err(fault @ ServiceFault::Store(_)) => return Err(fault),
                    Err(fault) => {
                        if !pauses.contains_key(&mark) {
                            (hands.say)(&format!("the image of {mark} waits: {fault}"));
                        }
                        pause(&mut pauses, mark);
                    }
                }
            }
            if ended {
                hands.bells.requests.ring();
            } else {
                hands.bells.images.wait(seen, LOOK);
            }
        }
        Ok(())
    }

    /// Tries one device; whether it is over, and what is to be told durable.
    fn sent_on(&self, mark: &str, way: &OnItsWay, kept: &mut Option<Opened>) -> Result<bool, ServiceFault> {
        let Some(device) = mark.rsplit('/').next().and_then(|device| device.parse::<DeviceId>().ok()) else {
            return Err(ServiceFault::Body(format!("{mark} names no device")));
        };
        let opened = match kept.take().filter(|opened| opened.document == way.document) {
            Some(opened) => kept.insert(opened),
            None => kept.insert(self.opened_image(mark, way)?),
        };
        let now = self.with.shared.clock.now();
        let mut tried = self.tried(device, opened)?;
        if matches!(tried, Tried::Later) && now.duration_since(way.since) > TRIED_FOR {
            tried = Tried::Not(Refusal::new(Reason::DeviceUnreachable, "the image could not be brought in three days"));
        }
        let signed = match tried {
            Tried::Later => return Ok(false),
            Tried::Verified => self.device_alert(device, opened, "the firmware image was verified")?,
            Tried::NotAccepted(why) => {
                self.device_alert(device, opened, &format!("the firmware image was not accepted: {why}"))?
            }
            Tried::Not(refusal) => self.alert((opened.key, device), (&refusal, None), opened.version)?,
        };
        let removes = vec![Remove { kind: ON_ITS_WAY, key: mark.to_owned(), generation: None }];
        let (to, message) = (FIRMWARE_TO_DSP.to_owned(), mark.to_owned());
        let outbox = vec![OutboxEntry { to, message, at: now, body: signed.into_bytes().into() }];
        self.with.ledger.commit(Batch { removes, outbox, ..Batch::default() })?;
        Ok(true)
    }

    /// The request that brings an image, by both signatures.
    fn opened_image(&self, mark: &str, way: &OnItsWay) -> Result<Opened, ServiceFault> {
        let key = mark.parse().map_err(|_| ServiceFault::Body(format!("{mark} names no request")))?;
        let Some(Body::Bytes(document)) =
            self.with.ledger.view().received(LINK, &way.document)?.map(|entry| entry.body)
        else {
            return Err(ServiceFault::Body(format!("the image of {key} is not in the inbox")));
        };
        // It was countersigned when it came, and may be on its way for days.
        let opened = open_countersigned(&document, &self.with.trusted.now(), way.since);
        let (version, update) = match opened {
            Ok((said, request)) => (said.version, update_of(key, request.body())),
            Err(fault) => (SchemaVersion::V5_1, Err(Refusal::new(Reason::Countersignature, fault.to_string()))),
        };
        let update = update.map(|update| {
            let image = Image::of(update.image.clone());
            (update, image)
        });
        Ok(Opened { document: way.document.clone(), key, version, update })
    }

    /// Tries to bring an image to a device, unless its installation is spoken to.
    fn tried(&self, device: DeviceId, opened: &Opened) -> Result<Tried, ServiceFault> {
        let (update, image) = match &opened.update {
            Ok(update) => update,
            Err(refusal) => return Ok(Tried::Not(refusal.clone())),
        };
        let refused = |reason, words: String| Ok(Tried::Not(Refusal::new(reason, words)));
        let Some(place) = self.place_of(device)? else {
            return refused(Reason::UnknownToS1sp, format!("{device} is in no installation served here"));
        };
        if let Err(refusal) = self.behaviours("11.1", &place) {
            return Ok(Tried::Not(refusal));
        }
        let (Some(image), Ok(identifier)) = (image, update.version.parse()) else {
            return refused(Reason::BodyNotKept, "there is no image that a device takes".to_owned());
        };
        if !self.queue().take(place.found.chf) {
            return Ok(Tried::Later);
        }
        let told = self.send(&Sending { device, identifier, image, instead: false });
        self.queue().free(place.found.chf);
        self.with.hands.bells.steps.ring_one();
        Ok(match told {
            Ok(told) => tried(told),
            // Another image is on its way there by the operator's word, or the device takes none.
            Err(ServiceFault::Refused { what, .. }) => Tried::Not(Refusal::new(Reason::BodyNotKept, what)),
            Err(fault) => return Err(fault),
        })
    }

    /// Sends what is left of an image, until it is to stop.
    fn send(&self, sending: &Sending<'_>) -> Result<Told, ServiceFault> {
        let (with, stop) = (&self.with, Arc::<AtomicBool>::default());
        let connect = (with.connect)()?;
        let identity = S1spIdentity { signer: with.signer.clone(), trust: with.trusted.now() };
        let mut store = with.ledger.view().clone();
        let nobody = || Err(ServiceFault::Body("nobody is asked while an image is sent".to_owned()));
        let mut desk = FirmwareDesk {
            store: &mut store,
            seal: &with.seal,
            clock: &*with.shared.clock,
            way: Way { connect: &connect, identity: &identity, stop: &stop },
            dco: &mut |_, _| nobody(),
            dsp: &mut |_| Err(ServiceFault::Body("nobody is asked while an image is sent".to_owned())),
            associations: self.associations.clone(),
            attempts: self.attempts.askings.into(),
        };
        desk.send(sending, &mut |_| stop.store(with.hands.halt.is_asked(), Ordering::Release))
    }

    /// An alert of the device's own, as the schema has it (P), signed by the S1SP.
    fn device_alert(&self, device: DeviceId, opened: &Opened, words: &str) -> Result<String, ServiceFault> {
        let at = self.with.shared.clock.now();
        let words: String = words.chars().take(250).collect();
        let content = Draft::new("DeviceAlertContent")
            .with(Draft::leaf("AlertDescription", words))
            .with(Draft::leaf("Timestamp", format!("{at:.3}")));
        let response = Smets1Response {
            originator: device.0,
            target: opened.key.id.originator,
            counter: opened.key.id.counter,
            service: None,
            at: Some(at),
            body: Draft::new("DeviceAlertMessage").with(content),
        };
        let written = duis::smets1_response(&response, opened.version, &self.with.signer);
        written.map_err(|why| ServiceFault::Body(format!("an alert of {device} cannot be written: {why}")))
    }
}

fn update_of(key: RequestKey, body: duis::Element<'_>) -> Result<FirmwareUpdate, Refusal> {
    let not = || Refusal::new(Reason::NotProcessed, "the request updates no firmware");
    let srv = find("11.1").ok_or_else(not)?;
    match families::plan(&Order { srv, body, kind: tern_model::DeviceKind::Chf, id: key.id })? {
        Work::Firmware(update) => Ok(update),
        _ => Err(not()),
    }
}

/// What the state of an image comes to.
fn tried(told: Told) -> Tried {
    match (told.end, told.record.standing) {
        (_, Standing::NotAccepted { why }) => Tried::NotAccepted(why),
        (End::Done, Standing::Sending | Standing::Verifying) | (End::Interrupted | End::LineLost, _) => Tried::Later,
        (End::Done, _) => Tried::Verified,
        (End::Refused { why, .. }, _) => Tried::Not(Refusal::new(Reason::DeviceUnreachable, why)),
    }
}

fn pause(pauses: &mut Pauses, mark: String) {
    let before = pauses.get(&mark).map(|(_, pause)| *pause);
    let next = before.map_or(PAUSE_FIRST, |pause| (pause * 2).min(PAUSE_LONGEST));
    pauses.insert(mark, (Instant::now() + next, next));
}
