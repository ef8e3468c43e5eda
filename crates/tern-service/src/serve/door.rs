//! The door for Requesting Parties: each asks about its own sets, under its own certificate, and about nobody else's.
//!
//! A file is acknowledged once it is durable, and so is a set that was handed in. Uploads that are cut, slow, repeated or made
//! twice at once lose nothing and double nothing: `submissions` and `links::upload` say how. Judging is not done here.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tern_model::{ChfIdentifier, OutcomeKind, PartyId, SetId};
use tern_wire::Sender;
use tern_wire::migration::{FileKind, FileName};

use super::asked::{Asked, HELP, Written, begins_at, is_of};
use super::listing;
use super::submissions::{HandedIn, Judged, Laid, Record, Submissions};
use super::told::{
    FileStanding, InstallationStanding, Problem, Sent, SetLine, SetStanding, SetState, UnderSet, answer, findings,
};
use super::views::Views;
use crate::clock::Clock;
use crate::config::ServeConfig;
use crate::fault::ServiceFault;
use crate::links::http::Request;
use crate::links::server::{Answer, Body, Content, Desk, Room};
use crate::links::upload::{Pace, Places, Upload};
use crate::results::{Tallying, reasons};
use crate::roles::Hands;

/// What a sender says that it sent is no longer.
const SENT_MAX_BYTES: u64 = 64 << 10;

/// Who answers Requesting Parties.
pub(super) struct Door<'a> {
    pub(super) submissions: &'a Submissions,
    /// How everything stands, read beside the parties: nobody waits for what another one asks.
    pub(super) views: Views<'a>,
    pub(super) config: &'a ServeConfig,
    pub(super) clock: Arc<dyn Clock>,
    /// Where files lie until they are taken over.
    pub(super) incoming: &'a Path,
    pub(super) hands: Hands<'a>,
    /// What each party's uploads hold while they are under way.
    pub(super) uploading: Mutex<BTreeMap<PartyId, Arc<()>>>,
}

/// What goes wrong: by the one who asks, or by the world.
enum Wrong {
    Problem(Problem),
    Fault(ServiceFault),
}

impl From<Problem> for Wrong {
    fn from(problem: Problem) -> Wrong {
        Wrong::Problem(problem)
    }
}

impl From<ServiceFault> for Wrong {
    fn from(fault: ServiceFault) -> Wrong {
        Wrong::Fault(fault)
    }
}

impl Door<'_> {
    /// What is asked, where this party may.
    fn asked(peer: &Sender, request: &Request) -> Result<Asked, Problem> {
        let asked = Asked::of(request).ok_or_else(|| {
            let what = format!("{} {} is not asked here", request.method, request.path);
            Problem::new(404, what, "GET / says what may be asked")
        })?;
        match asked.set() {
            Some(set) if set.requesting_party != peer.party => {
                let what = format!("the set {set} is not that of {} ({})", peer.name, peer.party);
                Err(Problem::new(403, what, "ask under the certificate of the Requesting Party whose set it is"))
            }
            _ => Ok(asked),
        }
    }

    /// Where the file goes that is about to come.
    fn room(&self, peer: &Sender, request: &Request, (set, name): (SetId, &str)) -> Result<Room, Wrong> {
        if !is_of(set, name) {
            let what = format!("{name} is no file of the set {set}");
            let names = Record::default().missing(set).join(", ");
            return Err(Problem::new(404, what, format!("a set has {names}")).into());
        }
        let (from, most) = (begins_at(request), self.config.file_bytes_max);
        let Some(from) = from else {
            let what = "Content-Range does not fit the body, or does not end with the file";
            return Err(Problem::new(400, what, "write bytes FIRST-LAST/LENGTH, or send the whole file").into());
        };
        if from.saturating_add(request.length) > most {
            let what = format!("{name} is longer than a file may be: {most} bytes");
            return Err(Problem::new(413, what, "build smaller sets: `tern build --size`").into());
        }
        let ticket = self.ticket(peer)?;
        let part = self.submissions.begin(set, name, self.config.sets_under_way_max)?.ok_or_else(|| {
            let what = format!("{} has too many sets that were not judged yet", peer.name);
            Problem::new(
                429,
                what,
                "wait until they are judged, or DELETE those that you gave up; GET /sets lists them",
            )
        })?;
        let pace = Pace {
            grace: Duration::from_millis(self.config.grace_ms),
            bytes_a_second: self.config.least_bytes_a_second,
        };
        let (held, places) = (self.submissions.came(set, name), Places { incoming: self.incoming, part });
        let upload = if from == 0 {
            Upload::begin(places, most, pace).map(Some)
        } else {
            Upload::go_on(places, from, most, pace)
        };
        let upload =
            upload.map_err(|error| ServiceFault::file("write to", self.incoming, &error))?.ok_or_else(|| Problem {
                held_bytes: Some(held),
                ..Problem::new(
                    409,
                    format!("of {name} only {held} bytes came before"),
                    format!("go on at {held}, or send the whole file"),
                )
            })?;
        Ok(Room::Upload(Box::new(upload.holding(ticket))))
    }

    /// Leave for one more upload of a party, which goes with what is given.
    fn ticket(&self, peer: &Sender) -> Result<Arc<()>, Problem> {
        let mut tickets = lock(&self.uploading);
        let ticket = tickets.entry(peer.party).or_default();
        if Arc::strong_count(ticket) > self.config.uploads_at_once_max {
            let what = format!("{} uploads too much at once", peer.name);
            return Err(Problem::new(429, what, "wait until one of your uploads is done"));
        }
        Ok(ticket.clone())
    }

    fn do_it(&self, peer: &Sender, asked: Asked, body: Body) -> Result<Answer, Wrong> {
        Ok(match (asked, body) {
            (Asked::Upload(set, name), Body::Upload(upload)) => self.lay(set, &name, *upload)?,
            (Asked::HandIn(set), Body::Bytes(sent)) => self.hand_in(peer, set, &sent)?,
            (Asked::Withdraw(set), _) => self.withdraw(set)?,
            (Asked::Set(set), _) => answer(200, &self.standing(set)?),
            (Asked::Sets, _) => answer(200, &self.sets(peer.party)?),
            (Asked::File(set, name), _) => answer(200, &self.file(set, &name)?),
            (Asked::Validation(set), _) => self.validation(set)?,
            (Asked::Outcomes(set, written), _) => self.outcomes(set, written)?,
            (Asked::Installation(chf), _) => answer(200, &self.installation(peer.party, chf)?),
            _ => Answer { status: 200, content: Content::Text(HELP.to_owned()) },
        })
    }

    fn lay(&self, set: SetId, name: &str, upload: Upload) -> Result<Answer, Wrong> {
        let whole = upload.take().map_err(|error| ServiceFault::file("keep", self.incoming, &error))?;
        match self.submissions.lay(set, name, whole)? {
            Laid::Held(file) => Ok(answer(201, &FileStanding::from(file))),
            Laid::Known(file) => Ok(answer(200, &FileStanding::from(file))),
            Laid::Other(file) => {
                let what = format!("{name} came before with other bytes (SHA-256 {}) and counts", file.sha256);
                Err(Problem::new(409, what, "build the set again under a new counter").into())
            }
        }
    }

    fn hand_in(&self, peer: &Sender, set: SetId, sent: &[u8]) -> Result<Answer, Wrong> {
        let sent = if sent.is_empty() { Ok(Sent::default()) } else { serde_json::from_slice::<Sent>(sent) };
        let sent = sent.map_err(|error| {
            let what = format!("the body does not say what was sent: {error}");
            Problem::new(400, what, r#"leave it out, or write {"files": {"NAME": "SHA-256", …}}"#)
        })?;
        let handed_in = self.submissions.hand_in(set, &sent.files, self.clock.now())?;
        if handed_in == HandedIn::Now {
            (self.hands.say)(&format!("{} handed in {set}", peer.name));
            self.hands.bells.sets.ring();
        }
        match handed_in {
            HandedIn::Now | HandedIn::Before => {
                let standing = self.standing(set)?;
                let status = if standing.state == SetState::Waiting { 202 } else { 200 };
                Ok(answer(status, &standing))
            }
            HandedIn::Missing(names) => {
                let what = format!("of the set {set} is not here: {}", names.join(", "));
                Err(Problem::new(409, what, "PUT these files, then hand the set in again").into())
            }
            HandedIn::Other(file) => {
                let what = format!("{} is here with other bytes (SHA-256 {})", file.name, file.sha256);
                Err(Problem::new(409, what, "PUT the file again, or build the set again under a new counter").into())
            }
        }
    }

    fn withdraw(&self, set: SetId) -> Result<Answer, Wrong> {
        if self.submissions.withdraw(set)? {
            return Ok(answer(200, &"forgotten"));
        }
        let what = format!("nothing is here of the set {set} that was not handed in");
        Err(Problem::new(409, what, "GET /sets/SET says how it stands").into())
    }

    fn sets(&self, party: PartyId) -> Result<Vec<SetLine>, Wrong> {
        let mut sets = self.submissions.of(party)?;
        let overview = self.views.one()?;
        let taken_in = overview.sets_of(party)?;
        for set in taken_in {
            sets.entry(set).or_default();
        }
        let line = |(set, record): (SetId, Record)| {
            // Most sets came to their end long ago: their installations need not be counted for that.
            let is_over = record.is_taken_in() && overview.is_settled(set)?;
            Ok(SetLine { set, state: if is_over { SetState::Done } else { self.standing(set)?.state } })
        };
        sets.into_iter().map(line).collect()
    }

    fn standing(&self, set: SetId) -> Result<SetStanding, Wrong> {
        let record = self.submissions.record(set)?;
        let overview = self.views.one()?;
        let installations = overview.installations(set)?;
        let taken = installations > 0;
        let Some(record) = record.or_else(|| taken.then(Record::default)) else { return Err(unknown(set)) };
        let refused = record.judged.as_ref().map(|Judged { refused, .. }| refused.clone()).unwrap_or_default();
        let unjudged = record.judged.is_none() && !(taken && record.files.is_empty());
        let ended = Tallying::of(overview.results(set), installations)?;
        let state = match (unjudged, record.handed_in.is_some(), refused.is_empty()) {
            (true, false, _) => SetState::Incomplete,
            (true, true, _) => SetState::Waiting,
            (false, _, false) => SetState::Refused,
            (false, _, true) if ended.count_of(None) == 0 || overview.is_settled(set)? => SetState::Done,
            (false, _, true) => SetState::Migrating,
        };
        let missing = if state == SetState::Incomplete { record.missing(set) } else { Vec::new() };
        let counts = matches!(state, SetState::Migrating | SetState::Done);
        Ok(SetStanding {
            set,
            state,
            next: next(state, missing.is_empty()),
            missing,
            files: record.files,
            stands: taken && !counts,
            refused,
            installations: if counts { installations } else { 0 },
            outcomes: if counts { ended.rows() } else { Vec::new() },
        })
    }

    fn file(&self, set: SetId, name: &str) -> Result<FileStanding, Wrong> {
        let record = self.submissions.record(set)?.unwrap_or_default();
        let held = if record.is_refused() { Vec::new() } else { record.files };
        if let Some(file) = held.into_iter().find(|file| file.name == name) {
            return Ok(file.into());
        }
        let held_bytes = self.submissions.came(set, name);
        Ok(FileStanding { name: name.to_owned(), complete: false, held_bytes, sha256: None })
    }

    fn validation(&self, set: SetId) -> Result<Answer, Wrong> {
        let Some(path) = self.views.one()?.validation(set)? else {
            let name = FileName::OfSet(FileKind::MigrationCommonValidationFile, set);
            let next = "a set has one once it was taken in; GET /sets/SET says how it stands";
            return Err(Problem::new(404, format!("there is no {name}"), next).into());
        };
        let file = std::fs::File::open(&path).map_err(|error| ServiceFault::file("read", &path, &error))?;
        Ok(Answer { status: 200, content: Content::Open("application/xml", file) })
    }

    fn outcomes(&self, set: SetId, written: Written) -> Result<Answer, Wrong> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let overview = self.views.one()?;
        if overview.installations(set)? == 0 {
            return Err(unknown(set));
        }
        let into = self.incoming.join(format!("listing-{}", NUMBER.fetch_add(1, Ordering::Relaxed)));
        let file = listing::write(overview.results(set), written, &into)?;
        let kind = match written {
            Written::Csv => "text/csv; charset=utf-8",
            Written::Json => "application/json",
        };
        Ok(Answer { status: 200, content: Content::Open(kind, file) })
    }

    fn installation(&self, party: PartyId, chf: ChfIdentifier) -> Result<InstallationStanding, Wrong> {
        let overview = self.views.one()?;
        let mut sets = Vec::new();
        for set in overview.sets_of(party)? {
            let Some(outcome) = overview.result(set, chf)? else { continue };
            let kind = outcome.as_ref().map(tern_model::Outcome::kind);
            let refused = kind == Some(OutcomeKind::Refused);
            let findings = if refused { findings(overview.told(chf, set)?) } else { Vec::new() };
            let why = outcome.as_ref().map(reasons).unwrap_or_default();
            sets.push(UnderSet { set, outcome: kind, why, findings });
        }
        if sets.is_empty() {
            let what = format!("no set of yours brought the installation {chf}, as far as one was judged");
            return Err(Problem::new(404, what, "GET /sets lists your sets").into());
        }
        Ok(InstallationStanding { chf_identifier: chf, sets })
    }

    /// What is answered where something went wrong, and told to people here where it is not the asker's doing.
    fn answered(&self, peer: &Sender, request: &Request, wrong: Wrong) -> Answer {
        let fault = match wrong {
            Wrong::Problem(problem) => return problem.into(),
            Wrong::Fault(fault) => fault,
        };
        (self.hands.say)(&format!("{} {} of {} failed: {fault}", request.method, request.path, peer.name));
        // A store that fails is opened again by the next start: until then nothing is promised.
        if matches!(fault, ServiceFault::Store(_)) {
            self.hands.halt.fail(fault);
        }
        let next = "ask again later; whatever was acknowledged is there";
        Problem::new(500, "the service failed, and its operator is told", next).into()
    }
}

impl Desk for Door<'_> {
    fn admits(&self, peer: &Sender, request: &Request) -> Result<Room, Answer> {
        let wrong = |wrong| self.answered(peer, request, wrong);
        match Self::asked(peer, request).map_err(|problem| wrong(problem.into()))? {
            Asked::Upload(set, name) => self.room(peer, request, (set, &name)).map_err(wrong),
            Asked::HandIn(_) => Ok(Room::Memory(SENT_MAX_BYTES)),
            _ => Ok(Room::Memory(0)),
        }
    }

    fn answer(&self, peer: &Sender, request: &Request, body: Body) -> Answer {
        let done = Self::asked(peer, request).map_err(Wrong::from).and_then(|asked| self.do_it(peer, asked, body));
        done.unwrap_or_else(|wrong| self.answered(peer, request, wrong))
    }
}

fn unknown(set: SetId) -> Wrong {
    let what = format!("nothing is known of the set {set}");
    Problem::new(404, what, "PUT its files, then POST /sets/SET; GET / says what may be asked").into()
}

/// What a Requesting Party does next.
fn next(state: SetState, is_whole: bool) -> &'static str {
    match (state, is_whole) {
        (SetState::Incomplete, false) => "PUT the files that are missing",
        (SetState::Incomplete, true) => "POST to this address hands it in",
        (SetState::Waiting, _) => "it is judged in its turn; ask again",
        (SetState::Refused, _) => "mend what was found; then PUT its files again, or those of a set that is built anew",
        (SetState::Migrating, _) => "installations are being commissioned; ask again",
        (SetState::Done, _) => "outcomes.csv says how each installation ended, validation what the DSP found",
    }
}

fn lock<T>(held: &Mutex<T>) -> MutexGuard<'_, T> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}
