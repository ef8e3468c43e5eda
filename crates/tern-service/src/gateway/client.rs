//! A User's end of the gateway: signs a Service Request, sends it, and waits for what comes back.
//!
//! It is what a maker of DUIS software writes itself; here it shows that the way is open, and serves whoever has none. It must never
//! show what no signature of the DCC's stands under.

use std::net::TcpListener;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender as Hand, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tern_model::{DeviceId, Eui64, Role};
use tern_requests::command_variant::{self, WebService};
use tern_requests::{Srv, find};
use tern_wire::duis::{
    self, CommandVariant, Draft, NotWritten, Received, RequestHeader, RequestId, Response, SchemaVersion,
};
use tern_wire::smki::Signer;
use tern_wire::xml::Limits;
use tern_wire::{Sender, Verified, WireFault};

use super::elements::elements;
use super::reply_address::ReplyAddress;
use super::{REPLY_PATH, address_file};
use crate::clock::Clock;
use crate::config::{Config, UserConfig};
use crate::fault::ServiceFault;
use crate::links::client::{Address, Peer, Sent, Transport};
use crate::links::entry::{Entry, OpenDesk};
use crate::links::http::Request as Asked;
use crate::links::server::{Answer, Body, Content, Desk, Manner, Room, Server};
use crate::links::tls::{self, PeerCheck, Trusted};
use crate::pki::{self, TlsIdentity};
use crate::roles::cannot_listen;
use crate::sandbox::{Player, Reply};
use crate::system::clock_of;

/// Clients wait three seconds; a service at work may take a little longer.
const PATIENCE: Duration = Duration::from_secs(10);
/// So often it looks whether it is to stop.
const LOOK: Duration = Duration::from_millis(100);

/// What a User asks.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Which service.
    pub srv: &'static Srv,
    /// Of which device; of a Non-Device request none.
    pub device: Option<DeviceId>,
    /// What stands in the body's element, in its order.
    pub values: Vec<(String, String)>,
    /// By which schema.
    pub version: SchemaVersion,
    /// Whether a pre-command is asked for first, to be signed and sent after it ([`User::sign_returned`]).
    pub in_two_steps: bool,
}

/// A request that is signed.
#[derive(Debug)]
pub struct Ready {
    /// Under which RequestID.
    pub request: RequestId,
    /// Which service.
    pub srv: &'static Srv,
    /// Where it is sent.
    pub service: WebService,
    /// By which schema.
    pub version: SchemaVersion,
    /// As it was signed.
    pub text: String,
}

/// What came of a request.
#[derive(Debug)]
pub struct Answered {
    /// Under which RequestID.
    pub request: RequestId,
    /// The answer on the request's own connection.
    pub acknowledgement: Verified<Response>,
    /// As it came.
    pub acknowledgement_text: String,
    /// What came to the User's address, where anything was awaited and came.
    pub reply: Option<(Verified<Response>, String)>,
}

/// A User with its keys.
pub struct User {
    config: Config,
    name: String,
    own: TlsIdentity,
    signer: Signer,
    trusted: Arc<Trusted>,
    clock: Arc<dyn Clock>,
}

/// The gateway, as somebody with these keys reaches it.
pub(super) fn reached(
    config: &Config,
    own: &TlsIdentity,
    (trusted, clock): (Arc<Trusted>, Arc<dyn Clock>),
) -> Result<Peer, ServiceFault> {
    let name = config.roles.dsp.party.clone();
    let check = PeerCheck::new(trusted, clock, vec![Role::Dsp], Some(name.clone()));
    let transport = Transport::Tls(Arc::new(tls::client(own, Arc::new(check))?));
    let at = Address::File(address_file(config));
    Ok(Peer { role: Role::Dsp, name, at, transport, patience: PATIENCE, line: None })
}

impl User {
    /// Loads a User's keys.
    ///
    /// # Errors
    /// The party is none, or has no certificate for TLS.
    pub fn open(config: &Config, name: &str) -> Result<User, ServiceFault> {
        let dir = config.path(&config.pki.dir);
        if pki::lacks_keys_of(&dir, name) {
            return Err(refused(format!("there are no keys of {name:?} here"), "`tern pki show` lists the parties"));
        }
        let (own, signer) = (pki::load_tls(&dir, name)?, pki::load_signer(&dir, name)?);
        let trusted = Arc::new(Trusted::new(pki::load_trust(&dir)?));
        Ok(User { config: config.clone(), name: name.to_owned(), own, signer, trusted, clock: clock_of(config) })
    }

    /// Writes and signs a request; its counter is the time in milliseconds, as existing clients count.
    ///
    /// # Errors
    /// The schema refuses it, or a device is wanted and none is named.
    pub fn sign(&self, wanted: &Wanted) -> Result<Ready, ServiceFault> {
        let trust = self.trusted.now();
        let dcc = trust.certificates().find(|known| known.role() == Role::Dsp).map(|dsp| dsp.party().0);
        let target = if wanted.srv.is_non_device() { dcc } else { wanted.device.map(|device| device.0) };
        let target = target.ok_or_else(|| {
            let next = "`tern inventory CHF` shows an installation's devices";
            refused(format!("{} is asked of a device, and none is named", wanted.srv.number), next)
        })?;
        let id = self.next_id(target);
        let variant = match (wanted.srv.is_non_device(), wanted.in_two_steps) {
            (true, _) => CommandVariant::NON_DEVICE,
            (false, true) => CommandVariant::TRANSFORM,
            (false, false) => CommandVariant::SEND,
        };
        let Ok(service) = wanted.srv.number.parse() else {
            return Err(refused(format!("{} cannot be written", wanted.srv.number), "`tern srv` lists the variants"));
        };
        let values: Vec<_> = wanted.values.iter().map(|(path, value)| (path.as_str(), value.as_str())).collect();
        let body = Draft::new(wanted.srv.body).with_all(elements(&values));
        let written = duis::request(&RequestHeader::new(id, variant, service), body, wanted.version, &self.signer);
        let text = written.map_err(|why| {
            let next = "give the body's elements in the schema's order, each as --set NAME=VALUE";
            refused(not_written(wanted.srv.body, &why), next)
        })?;
        Ok(Ready { request: id, srv: wanted.srv, service: of_variant(variant), version: wanted.version, text })
    }

    /// The pre-command that an answer returns of a request, signed, where it returns one: it must ask for what the request asked for.
    ///
    /// # Errors
    /// It asks for something else, or cannot be written.
    pub fn sign_returned(&self, of: &Ready, answer: &Response) -> Result<Option<Ready>, ServiceFault> {
        let Some(payload) = answer.pre_command() else { return Ok(None) };
        let not = |why: &str| ServiceFault::NotBelieved { name: "the pre-command".to_owned(), why: why.to_owned() };
        let received = Received::new("request", of.text.as_bytes(), &Limits::MESSAGE);
        let received = received.map_err(|fault| not(&fault.to_string()))?;
        let incoming = received.parse().map_err(|fault| not(&fault.to_string()))?;
        let asked = incoming.request(of.version).map_err(|_| not("it is of no request"))?;
        let returned = answer.body().child("PreCommand").and_then(duis::body_of);
        let returned = returned.as_ref().and_then(|body| body.root().first()).map(Draft::from);
        if returned != Some(Draft::from(asked.claimed().body())) {
            return Err(not("it asks for something else than the request"));
        }
        let variant = CommandVariant::SEND_SIGNED;
        let header = RequestHeader { command_variant: variant, ..asked.claimed().header().clone() };
        let written = duis::request(&header, duis::signed_pre_command(&payload, None), of.version, &self.signer);
        let text = written.map_err(|why| not(&why.to_string()))?;
        let Ready { request, srv, version, .. } = *of;
        Ok(Some(Ready { request, srv, service: of_variant(variant), version, text }))
    }

    /// A request that somebody wrote: one that is signed stays as it is, one that is not is signed under a RequestID of this
    /// User and moment, for the target that it names; a signed pre-command under that of the request that was transformed.
    ///
    /// # Errors
    /// It is no request of the schema that it follows; of one that names none, of `version`.
    pub fn ready(&self, written: &[u8], version: SchemaVersion) -> Result<Ready, ServiceFault> {
        let no_request =
            |why: String| refused(format!("it is no Request: {why}"), "`tern show FILE` says what a file is");
        let first = |faults: Vec<WireFault>| no_request(faults.first().map(ToString::to_string).unwrap_or_default());
        let received = Received::new("request", written, &Limits::MESSAGE).map_err(|e| no_request(e.to_string()))?;
        let incoming = received.parse().map_err(|e| no_request(e.to_string()))?;
        let version = incoming.version().unwrap_or(version);
        let srv = incoming.claimed_service().and_then(|service| find(&service.to_string()));
        let srv = srv.ok_or_else(|| no_request("it names no Service Reference Variant that there is".to_owned()))?;
        if incoming.is_signed() {
            let signed = incoming.request(version).map_err(first)?;
            let RequestHeader { request_id: request, command_variant, .. } = *signed.claimed().header();
            let text = String::from_utf8_lossy(written).into_owned();
            return Ok(Ready { request, srv, service: of_variant(command_variant), version, text });
        }
        let unsigned = incoming.unsigned_request(version).map_err(first)?;
        let mut header = unsigned.header().clone();
        if header.command_variant != CommandVariant::SEND_SIGNED {
            header.request_id = self.next_id(header.request_id.target);
        }
        let text = duis::request(&header, Draft::from(unsigned.sent()), version, &self.signer);
        let text = text.map_err(|why| no_request(why.to_string()))?;
        let service = of_variant(header.command_variant);
        Ok(Ready { request: header.request_id, srv, service, version, text })
    }

    fn next_id(&self, target: Eui64) -> RequestId {
        let counter = u64::try_from(self.clock.now().as_millisecond()).unwrap_or(0);
        RequestId { originator: self.signer.certificate().party().0, target, counter }
    }

    /// Sends a request, and waits for its reply where one will come.
    ///
    /// # Errors
    /// Nobody answers, or what came is not the DCC's.
    pub fn send(&self, ready: &Ready, wait: Duration, stop: &AtomicBool) -> Result<Answered, ServiceFault> {
        let Ready { request, service, version, text, .. } = ready;
        let letterbox = self.letterbox(*service)?;
        let (status, answer) = self.peer()?.hear(("POST", service.path()), Sent::Message(text.as_bytes()))?;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        if status != 200 {
            let next = "the words are the gateway's".to_owned();
            return Err(ServiceFault::TurnedAway { what: format!("{status}: {}", answer.trim()), next });
        }
        let acknowledgement = self.believed(&answer, *version)?;
        let waits = acknowledgement.header().code.as_str() == "I99" && *service == WebService::SendCommand;
        let reply = match letterbox {
            _ if !waits => None,
            Some(letterbox) => self.reply(&letterbox, *request, *version, (wait, stop))?,
            None if self.address().is_none() => self.fetched(*request, *version, (wait, stop))?,
            None => None,
        };
        Ok(Answered { request: *request, acknowledgement, acknowledgement_text: answer, reply })
    }

    /// The reply to a request, where this is a sandbox, in which replies lie that nobody posts.
    fn fetched(
        &self,
        request: RequestId,
        version: SchemaVersion,
        (wait, stop): (Duration, &AtomicBool),
    ) -> Result<Option<(Verified<Response>, String)>, ServiceFault> {
        let (mut player, until) = (Player::of(self)?, Instant::now() + wait);
        while Instant::now() < until && !stop.load(Ordering::Acquire) {
            match player.reply(request)? {
                Reply::Here(text) => return Ok(Some((self.believed(&text, version)?, text))),
                Reply::NotYet => {}
                Reply::Never => break,
            }
        }
        Ok(None)
    }

    /// Where this User has its replies posted.
    fn address(&self) -> Option<&UserConfig> {
        self.config.gateway.users.iter().find(|user| user.party == self.name)
    }

    /// The DSP, at the gateway.
    pub(crate) fn peer(&self) -> Result<Peer, ServiceFault> {
        reached(&self.config, &self.own, (self.trusted.clone(), self.clock.clone()))
    }

    /// Where this User's replies are posted, if that is here.
    fn letterbox(&self, service: WebService) -> Result<Option<Letterbox>, ServiceFault> {
        let Some(own) = self.address().filter(|_| service == WebService::SendCommand) else { return Ok(None) };
        let address = ReplyAddress::of(&own.address)?;
        let Some(socket) = address.here() else { return Ok(None) };
        let listener = TcpListener::bind(socket).map_err(|error| cannot_listen(socket, &error))?;
        Ok(Some(Letterbox { listener, is_plain: address.is_plain }))
    }

    /// The reply to a request, among all that comes meanwhile.
    fn reply(
        &self,
        letterbox: &Letterbox,
        request: RequestId,
        version: SchemaVersion,
        (wait, stop): (Duration, &AtomicBool),
    ) -> Result<Option<(Verified<Response>, String)>, ServiceFault> {
        let check = Arc::new(PeerCheck::new(self.trusted.clone(), self.clock.clone(), vec![Role::Dsp], None));
        let (hand, posted) = channel();
        let desk = Letters { hand: Mutex::new(hand) };
        let (incoming, say) = (std::env::temp_dir(), |_: &str| {});
        let entry = if letterbox.is_plain {
            Entry::Anybody(&desk)
        } else {
            Entry::Known { config: Arc::new(tls::server(&self.own, check.clone())?), check, desk: &desk }
        };
        let server = Server { manner: Manner::LINK, entry, incoming: &incoming, say: &say };
        let ends = AtomicBool::new(false);
        let until = Instant::now() + wait;
        std::thread::scope(|scope| {
            scope.spawn(|| server.serve(&letterbox.listener, &ends));
            let mut found = Ok(None);
            while Instant::now() < until && !stop.load(Ordering::Acquire) {
                let Ok(text) = posted.recv_timeout(LOOK) else { continue };
                match self.believed(&text, version) {
                    Ok(response) if is_about(&response, request) => {
                        found = Ok(Some((response, text)));
                        break;
                    }
                    Ok(_) => {}
                    Err(fault) => {
                        found = Err(fault);
                        break;
                    }
                }
            }
            ends.store(true, Ordering::Release);
            found
        })
    }

    /// A message of the DSP's, by its signature and that of the S1SP inside.
    fn believed(&self, text: &str, version: SchemaVersion) -> Result<Verified<Response>, ServiceFault> {
        let not = |why: String| ServiceFault::NotBelieved { name: "the answer".to_owned(), why };
        let received =
            Received::new("answer", text.as_bytes(), &Limits::MESSAGE).map_err(|fault| not(fault.to_string()))?;
        let incoming = received.parse().map_err(|fault| not(fault.to_string()))?;
        let response = incoming.response(version).map_err(|faults| {
            not(faults.first().map_or_else(|| "it breaks its schema".to_owned(), ToString::to_string))
        })?;
        response.verify(&self.trusted.now(), self.clock.now()).map_err(|fault| not(fault.to_string()))
    }
}

/// Where requests of a Command Variant are sent.
fn of_variant(variant: CommandVariant) -> WebService {
    command_variant::find(variant.number()).map_or(WebService::SendCommand, |row| row.service)
}

/// What the schema refuses in a body, in words.
fn not_written(body: &str, why: &NotWritten) -> String {
    let NotWritten::Schema(faults) = why else { return format!("{body}: {why}") };
    faults.first().map_or_else(
        || format!("{body}: {why}"),
        |first| format!("{body}: {}: expected {}, found {}", first.message, first.expected, first.found),
    )
}

fn refused(what: String, suggestion: &str) -> ServiceFault {
    ServiceFault::Refused { what, suggestion: suggestion.to_owned() }
}

/// Whether a response, or the S1SP's alert inside it, is about a request.
fn is_about(response: &Response, request: RequestId) -> bool {
    let header = response.header();
    header.request_id == Some(request) || response.root().source().contains(&request.to_string())
}

/// Where replies are posted.
struct Letterbox {
    listener: TcpListener,
    /// Whether they come by plain HTTP: what is believed of them is by their signatures either way.
    is_plain: bool,
}

/// Takes letters.
struct Letters {
    hand: Mutex<Hand<String>>,
}

impl Desk for Letters {
    fn admits(&self, _: &Sender, request: &Asked) -> Result<Room, Answer> {
        OpenDesk::admits(self, request)
    }

    fn answer(&self, _: &Sender, request: &Asked, body: Body) -> Answer {
        OpenDesk::answer(self, request, body)
    }
}

impl OpenDesk for Letters {
    fn admits(&self, request: &Asked) -> Result<Room, Answer> {
        let is_letter = request.method == "POST" && request.path.starts_with('/');
        let room = Room::Memory(Limits::MESSAGE.max_bytes as u64);
        if is_letter { Ok(room) } else { Err(Answer::refusal(404, format!("replies are POSTed to {REPLY_PATH}\n"))) }
    }

    fn answer(&self, _: &Asked, body: Body) -> Answer {
        if let Body::Bytes(bytes) = body {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            // Nobody waits for it any more once the reply was found.
            let _ = self.hand.lock().unwrap_or_else(PoisonError::into_inner).send(text);
        }
        Answer { status: 204, content: Content::Text(String::new()) }
    }
}
