//! Hands sets to roles that run as processes, as the Requesting Party, and waits until they are done with them.
//!
//! The sets go over the links; how they stand is the operator's view of the stores, as `tern status` has it. Whatever was
//! handed in stays: a driver that ends early changes nothing, and the same sets again go on where they stopped.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tern_model::{Role, SetId};
use tern_wire::migration::FileKind;

use super::bell::Pause;
use super::desk::TakenIn;
use super::ways::Ways;
use crate::config::Config;
use crate::executor::Running;
use crate::fault::ServiceFault;
use crate::links::client::{Peer, Sent};
use crate::links::http;
use crate::migrate::{Progress, SetResult, answer, result_of};
use crate::overview::Overview;
use crate::pki::files;
use crate::results::{Comings, Tallying};
use crate::set_files::{FileAt, SetFolder};

/// The shortest time between two looks at how a set stands; a look may take a tenth of the time at most.
const LOOK: Duration = Duration::from_millis(50);
/// So often the roles are asked whether they are there while a set goes on.
const PRESENCE: Duration = Duration::from_secs(5);
/// Who waits for no longer need not be told.
const A_MOMENT: Duration = Duration::from_secs(1);

/// The Requesting Party's end of the links.
pub struct HandIn<'a> {
    config: &'a Config,
    dsp: Peer,
    s1sp: Peer,
    dco: Peer,
    commissioning: Peer,
    patience: Duration,
    say: &'a dyn Fn(&str),
}

/// How long somebody who does not answer is waited for.
#[derive(Clone, Copy)]
pub(crate) struct Waiting<'a> {
    pub(crate) patience: Duration,
    pub(crate) stop: &'a AtomicBool,
    /// Told whom it waits for, where that takes longer than a moment.
    pub(crate) say: &'a dyn Fn(&str),
}

/// A folder that goes with the value.
struct Private(PathBuf);

impl Drop for Private {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl<'a> HandIn<'a> {
    /// Opens the links as configured.
    ///
    /// # Errors
    /// The party has no certificate for TLS, or the configuration names no address.
    pub fn open(config: &'a Config, say: &'a dyn Fn(&str)) -> Result<HandIn<'a>, ServiceFault> {
        let ways = Ways::of(config, &config.links.party)?;
        Ok(HandIn {
            config,
            dsp: ways.to(config, Role::Dsp)?,
            s1sp: ways.to(config, Role::S1sp)?,
            dco: ways.to(config, Role::Dco)?,
            commissioning: ways.to(config, Role::CommissioningParty)?,
            patience: Duration::from_millis(config.links.patience_ms),
            say,
        })
    }

    /// Hands sets in, in the order given, and waits for each. Where `stop` is set, the rest is left for the next call; the
    /// roles go on with what they have.
    ///
    /// # Errors
    /// A role does not answer, or a store cannot be read.
    pub fn migrate(
        &mut self,
        sets: &[SetFolder],
        stop: &AtomicBool,
        watch: &mut dyn FnMut(Progress<'_>),
    ) -> Result<Vec<SetResult>, ServiceFault> {
        let (mut done, mut comings) = (Vec::new(), Comings::default());
        self.present(stop)?;
        let overview = Overview::open(self.config)?;
        let over: BTreeSet<SetId> =
            sets.iter().filter_map(SetFolder::named).filter(|set| is_over(&overview, *set)).collect();
        for folder in sets {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            watch(Progress::Judging(folder));
            let mut result = self.hand_in(folder, stop)?;
            if let Some(set) = result.set.filter(|_| !result.refused.is_empty()) {
                result.known = overview.installations(set)? > 0;
            }
            if let Some(set) = result.set.filter(|_| result.refused.is_empty()) {
                result.repeated = result.known && over.contains(&set);
                watch(Progress::TakenIn(overview.installations(set)?));
                self.wait(&overview, set, stop, watch)?;
                (result.ended, result.again) = comings.count(overview.results(set), overview.installations(set)?)?;
                result.installations = result.ended.count();
            }
            watch(Progress::Done(&result));
            done.push(result);
        }
        Ok(done)
    }

    /// One set: the DSP judges it; what it takes in goes to the S1SP and the DCO too.
    fn hand_in(&mut self, folder: &SetFolder, stop: &AtomicBool) -> Result<SetResult, ServiceFault> {
        let (waiting, copies) = (self.waiting(stop), Private(private_folder()?));
        // The folder is its sender's, who may write to it meanwhile: what every role gets is one copy.
        let mut copied = Vec::new();
        for file in folder.files() {
            let path = copies.0.join(format!("{}", copied.len()));
            std::fs::copy(&file.path, &path).map_err(|error| ServiceFault::file("copy", &file.path, &error))?;
            copied.push(FileAt { name: file.name, path });
        }
        let taken = self.judged(&copied, stop)?;
        let mut result = result_of(folder, taken.set, taken.known, taken.refused);
        let Some(set) = taken.set else { return Ok(result) };
        for (kind, to) in [
            (FileKind::MigrationGroupFile, Role::S1sp),
            (FileKind::MigrationGroupEncryptedFile, Role::S1sp),
            (FileKind::MigrationGroupEncryptedFile, Role::Dco),
        ] {
            let to = if to == Role::Dco { &mut self.dco } else { &mut self.s1sp };
            let Some(named) = folder.file(kind, set) else { continue };
            if let Some(file) = copied.iter().find(|copy| copy.name == named.name) {
                let path = format!("/inbox/{}", http::encoded(&file.name));
                waiting.until_answered(|| to.ask(("POST", &path), Sent::File(&file.path)).map(drop))?;
            }
        }
        let validation = FileAt { name: validation_name(set), path: copies.0.join("validation") };
        let path = format!("/sets/{}/validation", http::encoded(&set.to_string()));
        waiting.until_answered(|| {
            let created = std::fs::File::create(&validation.path);
            let mut into = created.map_err(|error| ServiceFault::file("write", &validation.path, &error))?;
            self.dsp.fetch(("GET", &path), Sent::Bytes(&[]), &mut into)
        })?;
        // The sender's folder is not ours: that nothing can be laid there stops no migration.
        if let Err(fault) = answer(folder, &validation) {
            result.remarks.push(format!("{fault}; the validation file stays in the DSP's store"));
        }
        Ok(result)
    }

    /// The DSP's word on a set: its files go there under a number of their own, and are judged together.
    fn judged(&mut self, files: &[FileAt], stop: &AtomicBool) -> Result<TakenIn, ServiceFault> {
        let (waiting, dsp) = (self.waiting(stop), &mut self.dsp);
        waiting.until_answered(|| {
            let id = new_number()?;
            for file in files {
                let path = format!("/sets/{id}/{}", http::encoded(&file.name));
                dsp.ask(("POST", &path), Sent::File(&file.path))?;
            }
            let said = dsp.ask(("POST", &format!("/sets/{id}")), Sent::Bytes(&[]))?;
            serde_json::from_slice(&said).map_err(ServiceFault::body)
        })
    }

    /// Waits until every installation of a set has come to its end, or nothing more can come of it.
    fn wait(
        &mut self,
        overview: &Overview,
        set: SetId,
        stop: &AtomicBool,
        watch: &mut dyn FnMut(Progress<'_>),
    ) -> Result<(), ServiceFault> {
        let mut asked = Instant::now();
        loop {
            let since = Instant::now();
            let settled = overview.is_settled(set)?;
            let ended = Tallying::of(overview.results(set), overview.installations(set)?)?;
            if settled || ended.count_of(None) == 0 || stop.load(Ordering::Relaxed) {
                return Ok(());
            }
            watch(Progress::Commissioning(&running(&ended)));
            if asked.elapsed() > PRESENCE {
                self.complain();
                asked = Instant::now();
            }
            std::thread::sleep(LOOK.max(since.elapsed() * 9));
        }
    }

    /// Waits until every role is there.
    fn present(&mut self, stop: &AtomicBool) -> Result<(), ServiceFault> {
        let waiting = self.waiting(stop);
        for peer in [&mut self.dsp, &mut self.s1sp, &mut self.dco] {
            waiting.until_answered(|| peer.ask(("GET", "/"), Sent::Bytes(&[])).map(drop))?;
        }
        Ok(())
    }

    fn waiting<'b>(&self, stop: &'b AtomicBool) -> Waiting<'b>
    where
        'a: 'b,
    {
        Waiting { patience: self.patience, stop, say: self.say }
    }

    /// Says which roles are waited for.
    fn complain(&mut self) {
        for peer in [&mut self.dsp, &mut self.s1sp, &mut self.dco] {
            if let Err(fault) = peer.ask(("GET", "/"), Sent::Bytes(&[])) {
                (self.say)(&format!("waiting: {fault}"));
            }
        }
        if !self.commissioning.is_announced() {
            (self.say)("waiting: commissioning-party does not answer: it does not run");
        }
    }
}

impl Waiting<'_> {
    /// Tries until it works, or whoever is asked has not answered for longer than patience lasts.
    pub(crate) fn until_answered<T>(
        self,
        mut attempt: impl FnMut() -> Result<T, ServiceFault>,
    ) -> Result<T, ServiceFault> {
        let (since, mut pause) = (Instant::now(), Pause::new());
        loop {
            match attempt() {
                Err(fault @ ServiceFault::Link { .. }) if self.goes_on(since, &fault) => {
                    std::thread::sleep(pause.next());
                }
                other => return other,
            }
        }
    }

    /// Whether it is still worth waiting; says for what.
    pub(crate) fn goes_on(self, since: Instant, what: &dyn Display) -> bool {
        let (waited, stopped) = (since.elapsed(), self.stop.load(Ordering::Relaxed));
        if waited > A_MOMENT && !stopped {
            (self.say)(&format!("waiting: {what}"));
        }
        waited < self.patience && !stopped
    }
}

fn is_over(overview: &Overview, set: SetId) -> bool {
    let installations = overview.installations(set).ok().filter(|held| *held > 0);
    let ended = installations.and_then(|held| Tallying::of(overview.results(set), held).ok());
    ended.is_some_and(|ended| ended.count_of(None) == 0)
}

/// What has ended, as the executor would tell it.
fn running(ended: &Tallying) -> Running {
    let mut running = Running { in_flight: ended.count_of(None), ..Running::default() };
    for kind in tern_model::OutcomeKind::ALL {
        running.ended.insert(kind, ended.count_of(Some(kind)));
    }
    running
}

fn validation_name(set: SetId) -> String {
    tern_wire::migration::FileName::OfSet(FileKind::MigrationCommonValidationFile, set).to_string()
}

fn new_number() -> Result<String, ServiceFault> {
    let mut bytes = [0u8; 16];
    aws_lc_rs::rand::fill(&mut bytes)
        .map_err(|_| ServiceFault::Crypto { what: "a number", reason: "the random source failed".to_owned() })?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn private_folder() -> Result<PathBuf, ServiceFault> {
    let path = std::env::temp_dir().join(format!("tern-{}", new_number()?));
    files::make_dir(&path, files::Access::Owner)?;
    Ok(path)
}
