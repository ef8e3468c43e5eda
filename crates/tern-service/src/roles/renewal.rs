//! What a running role reads again where it changed on disk: certificates, revocation lists, fact records.
//!
//! Whoever asks gets what was read as a whole, and never half of it: records that are being written count once nothing of
//! them has changed for a while, and nothing changed while they were read.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant, SystemTime};

use super::Hands;
use crate::config::Config;
use crate::facts::{self, FactsIndex, Stamp};
use crate::links::tls::Trusted;
use crate::pki;

/// So often the files are looked at.
const LOOK: Duration = Duration::from_millis(500);

/// The fact records as they were last read.
#[derive(Debug)]
pub(crate) struct Records(RwLock<Arc<FactsIndex>>);

impl Records {
    pub(crate) fn new(facts: Arc<FactsIndex>) -> Records {
        Records(RwLock::new(facts))
    }

    /// As they stand now.
    pub(crate) fn now(&self) -> Arc<FactsIndex> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Keeps both as they are on disk, until the role stops.
pub(crate) fn run(config: &Config, trusted: &Trusted, records: &Records, hands: Hands<'_>) {
    let pki = config.path(&config.pki.dir);
    let mut certificates = Certificates(pki::trust_changed(&pki));
    let mut files = RecordFiles {
        dir: config.path(&config.facts.dir),
        settled: Duration::from_millis(config.facts.settled_ms),
        held: records.now().stamp().clone(),
        changing: None,
        told: None,
    };
    while !hands.halt.is_asked() {
        certificates.renew(&pki, trusted, hands.say);
        files.renew(records, hands.say);
        hands.halt.wait(LOOK);
    }
}

/// The certificates and revocation lists on disk, and when they were last read.
struct Certificates(Option<SystemTime>);

impl Certificates {
    /// Reads them again where they changed.
    fn renew(&mut self, dir: &Path, trusted: &Trusted, say: &(dyn Fn(&str) + Sync)) {
        let changed = pki::trust_changed(dir);
        if changed == self.0 {
            return;
        }
        match pki::load_trust(dir) {
            Ok(trust) => {
                trusted.renew(trust);
                self.0 = changed;
                say("certificates and revocation lists read again");
            }
            Err(fault) => say(&format!("certificates that changed cannot be read, the former ones count: {fault}")),
        }
    }
}

/// The fact records on disk.
struct RecordFiles {
    dir: PathBuf,
    /// They count once they have not changed for so long.
    settled: Duration,
    /// As the records that count were read.
    held: Stamp,
    /// As they were when they were seen to change, and since when they have been so.
    changing: Option<(Stamp, Instant)>,
    /// Why they could not be read, as it was last told.
    told: Option<String>,
}

impl RecordFiles {
    /// Reads them again where they changed and are settled.
    fn renew(&mut self, records: &Records, say: &(dyn Fn(&str) + Sync)) {
        let found = Stamp::of(&self.dir);
        if found == self.held {
            self.changing = None;
            return;
        }
        match &self.changing {
            Some((seen, since)) if *seen == found && since.elapsed() >= self.settled => self.read(records, say),
            Some((seen, _)) if *seen == found => {}
            _ => self.changing = Some((found, Instant::now())),
        }
    }

    fn read(&mut self, records: &Records, say: &(dyn Fn(&str) + Sync)) {
        match facts::load(&self.dir) {
            Ok(loaded) if *loaded.facts.stamp() != Stamp::of(&self.dir) => self.changing = None,
            Ok(loaded) => {
                self.held = loaded.facts.stamp().clone();
                (self.changing, self.told) = (None, None);
                *records.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(loaded.facts);
                let unusable = match loaded.faults.len() {
                    0 => String::new(),
                    some => format!("; rows that cannot be used: {some}, the first is {}", loaded.faults[0]),
                };
                say(&format!("fact records read again{unusable}"));
            }
            Err(fault) => {
                let words = format!("fact records that changed cannot be read, the former ones count: {fault}");
                if self.told.as_ref() != Some(&words) {
                    say(&words);
                    self.told = Some(words);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with one record, and what looks at it.
    fn watched(settled: Duration) -> (tempfile::TempDir, Records, RecordFiles) {
        let folder = tempfile::tempdir().expect("a folder");
        let dir = folder.path().to_owned();
        std::fs::write(dir.join("mpas.csv"), "x\n").expect("a file");
        let facts = Arc::new(facts::load(&dir).expect("records").facts);
        let held = facts.stamp().clone();
        (folder, Records::new(facts), RecordFiles { dir, settled, held, changing: None, told: None })
    }

    #[test]
    fn records_that_are_being_written_do_not_count_yet() {
        let (folder, records, mut files) = watched(Duration::from_secs(3600));
        let before = records.now();
        for rows in 1..5 {
            std::fs::write(folder.path().join("sims.csv"), "x\n".repeat(rows)).expect("a file");
            files.renew(&records, &|words| panic!("{words}"));
            files.renew(&records, &|words| panic!("{words}"));
            assert!(Arc::ptr_eq(&before, &records.now()), "half of them counted");
        }
    }

    #[test]
    fn settled_records_count_as_a_whole_and_a_file_that_takes_anothers_place_is_a_change() {
        let (folder, records, mut files) = watched(Duration::ZERO);
        let before = records.now();
        files.renew(&records, &|words| panic!("nothing changed, and yet: {words}"));
        std::fs::rename(folder.path().join("mpas.csv"), folder.path().join("sims.csv")).expect("renamed");
        files.renew(&records, &|words| panic!("{words}"));
        files.renew(&records, &|words| assert!(words.starts_with("fact records read again"), "{words}"));
        assert!(!Arc::ptr_eq(&before, &records.now()));
        assert_eq!(*records.now().stamp(), Stamp::of(folder.path()));
    }
}
