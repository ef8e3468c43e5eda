//! The Requesting Party's end (`tern submit`): hands sets in at a service's door, waits, and fetches what became of them.
//!
//! Whatever is cut goes on behind what came, and whatever is asked again changes nothing, so that the same command takes up an
//! interrupted one. It must never count a file as handed in whose bytes the service did not name by their digest.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use aws_lc_rs::digest::{Context, SHA256};
use serde::de::DeserializeOwned;
use tern_model::{Digest, OutcomeKind, Role, SetId};
use tern_wire::migration::{FileKind, FileName};

use super::listing;
use super::submissions::OF_SET;
use super::told::{FileStanding, Problem, Sent as Names, SetState, StandingRead};
use crate::config::Config;
use crate::executor::Running;
use crate::fault::ServiceFault;
use crate::links::client::{Address, Peer, Sent, Transport};
use crate::links::http;
use crate::links::tls::{self, PeerCheck, Trusted};
use crate::migrate::{Progress, SetResult, answer, result_of};
use crate::pki;
use crate::results::Comings;
use crate::roles::bell::Pause;
use crate::roles::{Waiting, host_and_port};
use crate::set_files::{FileAt, SetFolder};
use crate::system::clock_of;

/// What is read at once of a file whose digest is wanted.
const PIECE_BYTES: usize = 64 << 10;

/// A Requesting Party at a service's door.
pub struct Submitter<'a> {
    service: Peer,
    waiting: Waiting<'a>,
    /// Where results go; beside each set's files where none is named.
    results: Option<PathBuf>,
}

/// Where a Requesting Party goes, as whom, and where results are laid.
pub struct Errand<'a> {
    /// The service's address, as `https://HOST:PORT`.
    pub to: &'a str,
    /// The party's name in the key infrastructure; as configured where none is named.
    pub party: Option<&'a str>,
    /// Where results go; beside each set's files where none is named.
    pub results: Option<PathBuf>,
    /// Tells people whom it waits for.
    pub say: &'a dyn Fn(&str),
}

impl<'a> Submitter<'a> {
    /// Opens the way.
    ///
    /// # Errors
    /// The party has no certificate for TLS, or the address is none.
    pub fn open(config: &Config, errand: Errand<'a>, stop: &'a AtomicBool) -> Result<Submitter<'a>, ServiceFault> {
        let dir = config.path(&config.pki.dir);
        let own = pki::load_tls(&dir, errand.party.unwrap_or(&config.links.party))?;
        let trusted = Arc::new(Trusted::new(pki::load_trust(&dir)?));
        let (name, patience) = (config.roles.dsp.party.clone(), Duration::from_millis(config.links.patience_ms));
        let check = PeerCheck::new(trusted, clock_of(config), vec![Role::Dsp], Some(name.clone()));
        let service = Peer {
            role: Role::Dsp,
            name,
            at: Address::Fixed(host_and_port(errand.to)?),
            transport: Transport::Tls(Arc::new(tls::client(&own, Arc::new(check))?)),
            patience,
            line: None,
        };
        let waiting = Waiting { patience, stop, say: errand.say };
        Ok(Submitter { service, waiting, results: errand.results })
    }

    /// Hands sets in, in the order given, then waits for each and fetches its results. Where it is told to stop, the rest is left
    /// for the next call; the service goes on with what it has.
    ///
    /// # Errors
    /// The service does not answer or refuses, or a file cannot be read or written.
    pub fn submit(
        &mut self,
        sets: &[SetFolder],
        watch: &mut dyn FnMut(Progress<'_>),
    ) -> Result<Vec<SetResult>, ServiceFault> {
        self.submit_all(sets, watch).map_err(|fault| match fault {
            ServiceFault::Link { peer, reason } => ServiceFault::Configuration {
                what: format!("the service, {peer}, {reason}"),
                suggestion: "check that `tern serve` runs there; the same command goes on where this one stopped"
                    .to_owned(),
            },
            other => other,
        })
    }

    fn submit_all(
        &mut self,
        sets: &[SetFolder],
        watch: &mut dyn FnMut(Progress<'_>),
    ) -> Result<Vec<SetResult>, ServiceFault> {
        let mut handed_in = Vec::new();
        for folder in sets {
            if self.is_stopped() {
                break;
            }
            watch(Progress::Judging(folder));
            handed_in.push((folder, self.hand_in(folder)?));
        }
        let (mut done, mut comings) = (Vec::new(), Comings::default());
        for (folder, (set, standing, known)) in handed_in {
            let was_done = known && standing.state == SetState::Done;
            let standing = self.settled(set, standing, watch)?;
            let mut result = result_of(folder, Some(set), known || standing.stands, standing.refused);
            if result.refused.is_empty() {
                result.repeated = was_done;
                self.fetch(folder, set, &mut result, &mut comings, standing.installations)?;
            }
            watch(Progress::Done(&result));
            done.push(result);
        }
        Ok(done)
    }

    /// One set: its files, and the word that it is whole. How it stands then, and whether it was handed in before.
    fn hand_in(&mut self, folder: &SetFolder) -> Result<(SetId, StandingRead, bool), ServiceFault> {
        let set = folder.named().ok_or_else(|| ServiceFault::NoSet { dir: folder.dir.clone() })?;
        let file = |kind| {
            folder.file(kind, set).ok_or_else(|| ServiceFault::Configuration {
                what: format!("{} holds no {}", folder.dir.display(), FileName::OfSet(kind, set)),
                suggestion: "name a folder with all three files of a set; `tern build` makes them".to_owned(),
            })
        };
        let files = OF_SET.map(file).into_iter().collect::<Result<Vec<_>, _>>()?;
        let mut sent = Names::default();
        for file in files {
            let digest = self.upload(set, &file)?;
            sent.files.insert(file.name, digest);
        }
        let body = serde_json::to_vec(&sent).map_err(ServiceFault::body)?;
        let (status, standing): (_, StandingRead) =
            self.asked(("POST", &format!("/sets/{set}")), Sent::Bytes(&body))?;
        let was_handed_in = status == 200 && standing.state != SetState::Refused;
        Ok((set, standing, was_handed_in))
    }

    /// One file: sent until the service names its digest.
    fn upload(&mut self, set: SetId, file: &FileAt) -> Result<Digest, ServiceFault> {
        let (own, length) = digest_of(&file.path)?;
        let path = format!("/sets/{set}/{}", http::encoded(&file.name));
        let (since, mut pause) = (Instant::now(), Pause::new());
        let mut gone_on = false;
        loop {
            let (_, held): (_, FileStanding) = self.asked(("GET", &path), Sent::Bytes(&[]))?;
            if held.complete && held.sha256 == Some(own) {
                return Ok(own);
            }
            // What came before may be of another file: then all of it comes again.
            let from = if held.complete || gone_on { 0 } else { held.held_bytes.min(length.saturating_sub(1)) };
            match self.service.hear(("PUT", &path), Sent::Rest(&file.path, from)) {
                Ok((200 | 201, said)) => {
                    let said: FileStanding = serde_json::from_slice(&said).map_err(ServiceFault::body)?;
                    if said.sha256 == Some(own) {
                        return Ok(own);
                    }
                    if from == 0 {
                        return Err(ServiceFault::Altered { name: file.name.clone() });
                    }
                    gone_on = true;
                }
                Ok((_, said)) => match serde_json::from_slice::<Problem>(&said) {
                    Ok(Problem { held_bytes: Some(_), .. }) => {}
                    Ok(Problem { status: 429, detail, .. }) if self.waiting.goes_on(since, &detail) => {
                        std::thread::sleep(pause.next());
                    }
                    Ok(problem) => return Err(refused(problem)),
                    Err(error) => return Err(ServiceFault::body(error)),
                },
                Err(fault @ ServiceFault::Link { .. }) if self.waiting.goes_on(since, &fault) => {
                    std::thread::sleep(pause.next());
                }
                Err(fault) => return Err(fault),
            }
        }
    }

    /// Waits until nothing more comes of a set by itself, or it is told to stop.
    fn settled(
        &mut self,
        set: SetId,
        mut standing: StandingRead,
        watch: &mut dyn FnMut(Progress<'_>),
    ) -> Result<StandingRead, ServiceFault> {
        let (mut pause, mut took, mut known) = (Pause::new(), Duration::ZERO, 0);
        let mut tell = |standing: &StandingRead, watch: &mut dyn FnMut(Progress<'_>)| {
            watch(Progress::TakenIn(standing.installations.saturating_sub(known)));
            known = standing.installations;
        };
        while matches!(standing.state, SetState::Waiting | SetState::Migrating) && !self.is_stopped() {
            tell(&standing, watch);
            watch(Progress::Commissioning(&running(&standing)));
            std::thread::sleep(pause.next().max(took * 9));
            let since = Instant::now();
            (_, standing) = self.asked(("GET", &format!("/sets/{set}")), Sent::Bytes(&[]))?;
            // A large set takes long to be counted: that may take a tenth of the time at most.
            took = since.elapsed();
        }
        tell(&standing, watch);
        Ok(standing)
    }

    /// The Common Validation File and the outcomes, as far as there are any.
    fn fetch(
        &mut self,
        folder: &SetFolder,
        set: SetId,
        result: &mut SetResult,
        comings: &mut Comings,
        installations: usize,
    ) -> Result<(), ServiceFault> {
        if installations == 0 {
            return Ok(());
        }
        let dir = self.results.clone().unwrap_or_else(|| folder.dir.clone());
        std::fs::create_dir_all(&dir).map_err(|error| ServiceFault::file("make", &dir, &error))?;
        let validation = FileName::OfSet(FileKind::MigrationCommonValidationFile, set).to_string();
        let outcomes = format!("outcomes_{set}.csv");
        for (name, asked) in [(&validation, "validation"), (&outcomes, "outcomes.csv")] {
            let beside = FileAt { name: name.clone(), path: dir.join(format!(".{name}.new")) };
            let path = format!("/sets/{set}/{asked}");
            let service = &mut self.service;
            self.waiting.until_answered(|| {
                let mut into =
                    File::create(&beside.path).map_err(|error| ServiceFault::file("write", &beside.path, &error))?;
                service.fetch(("GET", &path), Sent::Bytes(&[]), &mut into)
            })?;
            answer(&SetFolder { dir: dir.clone(), names: Vec::new() }, &beside)?;
            let _ = std::fs::remove_file(&beside.path);
        }
        (result.ended, result.again) = comings.count(listing::read(&dir.join(&outcomes))?, installations)?;
        result.installations = result.ended.count();
        Ok(())
    }

    /// Asks until somebody answers, for as long as patience lasts.
    fn asked<T: DeserializeOwned>(&mut self, what: (&str, &str), body: Sent<'_>) -> Result<(u16, T), ServiceFault> {
        let service = &mut self.service;
        let (status, said) = self.waiting.until_answered(|| service.hear(what, body))?;
        if (200..300).contains(&status) {
            return Ok((status, serde_json::from_slice(&said).map_err(ServiceFault::body)?));
        }
        Err(serde_json::from_slice(&said).map_or_else(ServiceFault::body, refused))
    }

    fn is_stopped(&self) -> bool {
        self.waiting.stop.load(Ordering::Relaxed)
    }
}

/// What has ended, as the executor would tell it.
fn running(standing: &StandingRead) -> Running {
    let of = |kind| standing.outcomes.iter().find(|row| row.outcome == kind).map_or(0, |row| row.installations);
    let mut running = Running { in_flight: of(None), ..Running::default() };
    for kind in OutcomeKind::ALL {
        running.ended.insert(kind, of(Some(kind)));
    }
    running
}

/// The SHA-256 of a file's bytes, and how many they are.
fn digest_of(path: &Path) -> Result<(Digest, u64), ServiceFault> {
    let unreadable = |error| ServiceFault::file("read", path, &error);
    let (mut file, mut hash) = (File::open(path).map_err(unreadable)?, Context::new(&SHA256));
    let (mut piece, mut length) = (vec![0; PIECE_BYTES], 0);
    loop {
        let read = file.read(&mut piece).map_err(unreadable)?;
        let Some(bytes) = piece.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
        hash.update(bytes);
        length += bytes.len() as u64;
    }
    let mut digest = [0; 32];
    digest.copy_from_slice(hash.finish().as_ref());
    Ok((Digest(digest), length))
}

fn refused(Problem { detail, next, .. }: Problem) -> ServiceFault {
    ServiceFault::TurnedAway { what: detail, next }
}
