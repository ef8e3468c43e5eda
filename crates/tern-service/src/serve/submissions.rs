//! Sets that Requesting Parties hand in over the network, from their first file until they were judged: a folder a set.
//!
//! ```text
//! <store of the DSP>.submitted/<set>/set.json      what is known of it: the one record, replaced as a whole
//!                                   /<SHA-256>     a file that came whole
//!                                   /<name>.part   what came of a file that was cut
//!                                   /judging/      the files under their names, while they are judged
//! ```
//! A file counts once the record names it, and both are on the disk by then. The same file again changes nothing, and so does
//! the same set again. This module must never look into a file: whom it is from and what it says the parties judge.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tern_model::{Digest, Finding, PartyId, SetId};
use tern_wire::migration::{FileKind, FileName};

use crate::fault::ServiceFault;
use crate::links::upload::Whole;
use crate::pki::files;
use crate::set_files::SetFolder;

/// The files that make a set.
pub(super) const OF_SET: [FileKind; 3] =
    [FileKind::MigrationCommonFile, FileKind::MigrationGroupFile, FileKind::MigrationGroupEncryptedFile];

const RECORD: &str = "set.json";
const JUDGING: &str = "judging";
const PART: &str = "part";

/// A file of a set that is held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldFile {
    /// Its name.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// The SHA-256 of its bytes.
    pub sha256: Digest,
}

/// What the DSP said of a set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Judged {
    /// When.
    pub(super) at: Timestamp,
    /// Why the set as a whole was refused; empty where it was taken in.
    pub(super) refused: Vec<Finding>,
}

/// What is known of a set that was handed in, or is being so.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Record {
    /// The files, once they are there; those of a set that was judged lie with the parties.
    pub(super) files: Vec<HeldFile>,
    /// When it was handed in, to be judged.
    pub(super) handed_in: Option<Timestamp>,
    /// What was said of it.
    pub(super) judged: Option<Judged>,
}

impl Record {
    /// Whether the DSP took it in.
    pub(super) fn is_taken_in(&self) -> bool {
        self.judged.as_ref().is_some_and(|judged| judged.refused.is_empty())
    }

    /// Whether the DSP refused it as a whole: its files are gone, and it may come again.
    pub(super) fn is_refused(&self) -> bool {
        self.judged.as_ref().is_some_and(|judged| !judged.refused.is_empty())
    }

    /// Names of the files that a set has, and that are not there.
    pub(super) fn missing(&self, set: SetId) -> Vec<String> {
        let names = OF_SET.map(|kind| FileName::OfSet(kind, set).to_string());
        names.into_iter().filter(|name| !self.files.iter().any(|file| file.name == *name)).collect()
    }

    fn file(&self, name: &str) -> Option<&HeldFile> {
        self.files.iter().find(|file| file.name == name)
    }
}

/// What became of a file that came.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Laid {
    /// It is held from now on.
    Held(HeldFile),
    /// It was held before.
    Known(HeldFile),
    /// Another file of that name is being judged, or was taken in.
    Other(HeldFile),
}

/// What became of a set that was handed in.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum HandedIn {
    /// It will be judged.
    Now,
    /// It was handed in before.
    Before,
    /// These files are not there.
    Missing(Vec<String>),
    /// This file has other bytes than its sender says.
    Other(HeldFile),
}

/// The folder of them all.
pub(super) struct Submissions {
    dir: PathBuf,
    under_way: Mutex<UnderWay>,
}

/// Sets that were not judged yet.
#[derive(Default)]
struct UnderWay {
    /// All of them.
    all: BTreeSet<SetId>,
    /// Those that wait to be judged, in the order in which they were handed in.
    waiting: BTreeSet<(Timestamp, SetId)>,
}

impl Submissions {
    /// Opens the folder. What was never acknowledged goes; what was handed in and not judged waits again.
    ///
    /// # Errors
    /// The folder cannot be read or written.
    pub(super) fn open(dir: PathBuf) -> Result<Submissions, ServiceFault> {
        files::make_dir(&dir, files::Access::Owner)?;
        let submissions = Submissions { dir, under_way: Mutex::default() };
        for set in submissions.sets()? {
            submissions.sweep(set)?;
            let record = submissions.record(set)?.unwrap_or_default();
            if record.judged.is_none() {
                let mut under_way = submissions.held();
                under_way.all.insert(set);
                under_way.waiting.extend(record.handed_in.map(|at| (at, set)));
            }
        }
        Ok(submissions)
    }

    /// What is known of a set.
    ///
    /// # Errors
    /// The record cannot be read.
    pub(super) fn record(&self, set: SetId) -> Result<Option<Record>, ServiceFault> {
        let path = self.folder(set).join(RECORD);
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(ServiceFault::body),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(ServiceFault::file("read", &path, &error)),
        }
    }

    /// The sets of a party, with what is known of each.
    ///
    /// # Errors
    /// A record cannot be read.
    pub(super) fn of(&self, party: PartyId) -> Result<BTreeMap<SetId, Record>, ServiceFault> {
        let own = self.sets()?.into_iter().filter(|set| set.requesting_party == party);
        own.filter_map(|set| self.record(set).map(|record| Some((set, record?))).transpose()).collect()
    }

    /// Begins with a set, or goes on: where the part of a file of it waits. None where its party has `most` others under way.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub(super) fn begin(&self, set: SetId, name: &str, most: usize) -> Result<Option<PathBuf>, ServiceFault> {
        let mut under_way = self.held();
        if !self.record(set)?.is_some_and(|record| record.is_taken_in()) {
            let of_party = |other: &&SetId| other.requesting_party == set.requesting_party && **other != set;
            if under_way.all.iter().filter(of_party).count() >= most {
                return Ok(None);
            }
            under_way.all.insert(set);
        }
        let folder = self.folder(set);
        if !folder.is_dir() {
            files::make_dir(&folder, files::Access::Owner)?;
            synced(&self.dir)?;
        }
        Ok(Some(folder.join(format!("{name}.{PART}"))))
    }

    /// Forgets a set that was not handed in; whether there was one.
    ///
    /// # Errors
    /// Its folder cannot be removed.
    pub(super) fn withdraw(&self, set: SetId) -> Result<bool, ServiceFault> {
        let mut under_way = self.held();
        let folder = self.folder(set);
        if !folder.is_dir() || self.record(set)?.is_some_and(|record| record.handed_in.is_some()) {
            return Ok(false);
        }
        fs::remove_dir_all(&folder).map_err(|error| ServiceFault::file("remove", &folder, &error))?;
        synced(&self.dir)?;
        under_way.all.remove(&set);
        Ok(true)
    }

    /// How much came of a file that was cut.
    pub(super) fn came(&self, set: SetId, name: &str) -> u64 {
        fs::metadata(self.folder(set).join(format!("{name}.{PART}"))).map_or(0, |part| part.len())
    }

    /// Takes a file over that came whole. It is held, durably, when this returns.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub(super) fn lay(&self, set: SetId, name: &str, whole: Whole) -> Result<Laid, ServiceFault> {
        let _held = self.held();
        let mut record = self.record(set)?.unwrap_or_default();
        let file = HeldFile { name: name.to_owned(), bytes: whole.bytes, sha256: whole.digest };
        if record.is_refused() {
            record = Record::default();
        }
        if record.file(name) == Some(&file) {
            return Ok(Laid::Known(file));
        }
        if record.handed_in.is_some() {
            return Ok(Laid::Other(record.file(name).cloned().unwrap_or(file)));
        }
        let folder = self.folder(set);
        let path = folder.join(file.sha256.to_string());
        fs::rename(&whole.path, &path).map_err(|error| ServiceFault::file("keep", &path, &error))?;
        synced(&folder)?;
        record.files.retain(|held| held.name != name);
        record.files.push(file.clone());
        self.write(set, &record)?;
        self.sweep(set)?;
        Ok(Laid::Held(file))
    }

    /// Hands a set in: from when this returns on it will be judged, whatever happens. Where the sender says what it sent, that
    /// is held against what is there.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub(super) fn hand_in(
        &self,
        set: SetId,
        sent: &BTreeMap<String, Digest>,
        now: Timestamp,
    ) -> Result<HandedIn, ServiceFault> {
        let mut under_way = self.held();
        let mut record = self.record(set)?.unwrap_or_default();
        let missing = record.missing(set);
        if !missing.is_empty() {
            return Ok(HandedIn::Missing(missing));
        }
        let other = |file: &&HeldFile| sent.get(&file.name).is_some_and(|digest| *digest != file.sha256);
        if let Some(file) = record.files.iter().find(other) {
            return Ok(HandedIn::Other(file.clone()));
        }
        if record.handed_in.is_some() {
            return Ok(HandedIn::Before);
        }
        record.handed_in = Some(now);
        self.write(set, &record)?;
        under_way.waiting.insert((now, set));
        Ok(HandedIn::Now)
    }

    /// The set that has waited longest and is none of these, with its files under their names.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub(super) fn next(&self, but: &BTreeSet<SetId>) -> Result<Option<(SetId, SetFolder)>, ServiceFault> {
        let next = self.held().waiting.iter().map(|(_, set)| *set).find(|set| !but.contains(set));
        let Some(set) = next else { return Ok(None) };
        let record = self.record(set)?.unwrap_or_default();
        let folder = self.folder(set);
        let dir = folder.join(JUDGING);
        let laid = || {
            fs::create_dir_all(&dir)?;
            record.files.iter().try_for_each(|file| {
                let (from, to) = (folder.join(file.sha256.to_string()), dir.join(&file.name));
                fs::hard_link(from, to).or_else(|error| match error.kind() {
                    ErrorKind::AlreadyExists => Ok(()),
                    _ => Err(error),
                })
            })
        };
        laid().map_err(|error| ServiceFault::file("lay a set's files in", &dir, &error))?;
        Ok(Some((set, SetFolder { dir, names: record.files.into_iter().map(|file| file.name).collect() })))
    }

    /// Notes what the DSP said of the set that was next. Its files go: what was taken in lies with the parties.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub(super) fn judged(&self, set: SetId, judged: Judged) -> Result<(), ServiceFault> {
        let mut under_way = self.held();
        let mut record = self.record(set)?.unwrap_or_default();
        record.judged = Some(judged);
        self.write(set, &record)?;
        under_way.waiting.retain(|(_, other)| *other != set);
        under_way.all.remove(&set);
        self.sweep(set)
    }

    /// Removes what lies in a set's folder and is not wanted: files that the record does not name, or that were judged.
    fn sweep(&self, set: SetId) -> Result<(), ServiceFault> {
        let folder = self.folder(set);
        let record = self.record(set)?.unwrap_or_default();
        let wanted: Vec<String> = match record.judged {
            Some(_) => Vec::new(),
            None => record.files.iter().map(|file| file.sha256.to_string()).collect(),
        };
        let parts = |name: &str| record.handed_in.is_none() && name.ends_with(PART);
        for entry in fs::read_dir(&folder).map_err(|error| ServiceFault::file("read", &folder, &error))?.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            // The parts of this run may be gone on with.
            if name == RECORD || wanted.contains(&name) || parts(&name) {
                continue;
            }
            let path = entry.path();
            let gone = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
            gone.map_err(|error| ServiceFault::file("remove", &path, &error))?;
        }
        Ok(())
    }

    fn write(&self, set: SetId, record: &Record) -> Result<(), ServiceFault> {
        let body = serde_json::to_vec(record).map_err(ServiceFault::body)?;
        Ok(files::write(&self.folder(set).join(RECORD), &body, files::Access::Owner)?)
    }

    fn sets(&self) -> Result<Vec<SetId>, ServiceFault> {
        let entries = fs::read_dir(&self.dir).map_err(|error| ServiceFault::file("read", &self.dir, &error))?.flatten();
        Ok(entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect())
    }

    fn folder(&self, set: SetId) -> PathBuf {
        self.dir.join(set.to_string())
    }

    fn held(&self) -> MutexGuard<'_, UnderWay> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn synced(dir: &Path) -> Result<(), ServiceFault> {
    fs::File::open(dir).and_then(|dir| dir.sync_all()).map_err(|error| ServiceFault::file("make durable", dir, &error))
}

#[cfg(test)]
mod tests {
    use tern_model::{Eui64, GroupId};

    use super::*;
    use crate::links::upload::{Pace, Places, Upload};

    const SET: SetId = SetId { requesting_party: PartyId(Eui64(7)), group: GroupId::EA, counter: 1 };
    const NOW: Timestamp = Timestamp::UNIX_EPOCH;
    const PACE: Pace = Pace { grace: std::time::Duration::MAX, bytes_a_second: 0 };

    struct Bench {
        folder: tempfile::TempDir,
        submissions: Submissions,
    }

    impl Bench {
        fn new() -> Bench {
            let folder = tempfile::tempdir().expect("a folder");
            let submissions = Submissions::open(folder.path().join("submitted")).expect("opens");
            Bench { folder, submissions }
        }

        /// As a next start finds it.
        fn again(self) -> Bench {
            let Bench { folder, .. } = self;
            let submissions = Submissions::open(folder.path().join("submitted")).expect("opens again");
            Bench { folder, submissions }
        }

        fn upload(&self, set: SetId, name: &str, bytes: &[u8]) -> Upload {
            let part = self.submissions.begin(set, name, 2).expect("begins").expect("not too many");
            let mut upload =
                Upload::begin(Places { incoming: self.folder.path(), part }, 1 << 20, PACE).expect("begins");
            std::io::Write::write_all(&mut upload, bytes).expect("writes");
            upload
        }

        fn lay(&self, set: SetId, name: &str, bytes: &[u8]) -> Laid {
            let whole = self.upload(set, name, bytes).take().expect("is durable");
            self.submissions.lay(set, name, whole).expect("is laid")
        }

        fn lay_all(&self, set: SetId) {
            let names = Record::default().missing(set);
            names.iter().for_each(|name| drop(self.lay(set, name, name.as_bytes())));
        }

        fn hand_in(&self, set: SetId, now: Timestamp) -> HandedIn {
            self.submissions.hand_in(set, &BTreeMap::new(), now).expect("is noted")
        }

        fn judge(&self, refused: Vec<Finding>) -> Option<SetId> {
            let (set, folder) = self.submissions.next(&BTreeSet::new()).expect("reads")?;
            for file in folder.files() {
                assert_eq!(std::fs::read(&file.path).expect("a file"), file.name.as_bytes());
            }
            self.submissions.judged(set, Judged { at: NOW, refused }).expect("is noted");
            Some(set)
        }

        fn lying(&self, set: SetId) -> usize {
            std::fs::read_dir(self.submissions.folder(set)).expect("a folder").count()
        }
    }

    fn finding() -> Finding {
        let text = || String::new();
        Finding {
            clause: "P-counter".into(),
            grade: tern_model::Grade::Project,
            place: tern_model::Place::default(),
            message: text(),
            found: text(),
            expected: text(),
            suggestion: text(),
        }
    }

    #[test]
    fn whatever_was_acknowledged_is_there_after_each_start_and_is_judged_once() {
        let mut bench = Bench::new();
        let names = Record::default().missing(SET);
        for (at, name) in names.iter().enumerate() {
            assert_eq!(bench.hand_in(SET, NOW), HandedIn::Missing(names[at..].to_vec()));
            assert!(matches!(bench.lay(SET, name, name.as_bytes()), Laid::Held(_)));
            bench = bench.again();
            assert!(matches!(bench.lay(SET, name, name.as_bytes()), Laid::Known(_)));
        }
        assert_eq!(
            bench.submissions.next(&BTreeSet::new()).expect("reads").map(|(set, _)| set),
            None,
            "nobody said that it is whole"
        );
        assert_eq!(bench.hand_in(SET, NOW), HandedIn::Now);
        bench = bench.again();
        assert_eq!(bench.hand_in(SET, NOW), HandedIn::Before);
        assert!(!bench.submissions.withdraw(SET).expect("answers"), "it will be judged");
        assert!(matches!(bench.lay(SET, &names[0], b"other"), Laid::Other(_)));
        // A crash while it is judged leaves its files under their names: it is judged again.
        drop(bench.submissions.next(&BTreeSet::new()).expect("reads"));
        bench = bench.again();
        assert_eq!(bench.judge(Vec::new()), Some(SET));
        bench = bench.again();
        assert_eq!((bench.judge(Vec::new()), bench.lying(SET)), (None, 1), "its record alone is left");
        assert!(matches!(bench.lay(SET, &names[0], names[0].as_bytes()), Laid::Known(_)));
        assert!(matches!(bench.lay(SET, &names[0], b"other"), Laid::Other(_)));
        assert_eq!((bench.hand_in(SET, NOW), bench.lying(SET)), (HandedIn::Before, 1));
    }

    #[test]
    fn a_refused_set_may_come_again_and_a_file_may_be_replaced_until_the_set_is_handed_in() {
        let bench = Bench::new();
        let names = Record::default().missing(SET);
        assert!(matches!(bench.lay(SET, &names[0], b"other"), Laid::Held(_)));
        bench.lay_all(SET);
        assert_eq!(bench.lying(SET), 4, "what was replaced is gone");
        assert_eq!(bench.hand_in(SET, NOW), HandedIn::Now);
        assert_eq!(bench.judge(vec![finding()]), Some(SET));
        assert_eq!(bench.hand_in(SET, NOW), HandedIn::Before, "it was judged, and nothing new came");
        bench.lay_all(SET);
        assert_eq!((bench.hand_in(SET, NOW), bench.judge(Vec::new())), (HandedIn::Now, Some(SET)));
    }

    #[test]
    fn sets_are_judged_as_they_were_handed_in_and_one_party_has_so_many_under_way() {
        let bench = Bench::new();
        let numbered = |counter| SetId { counter, ..SET };
        for (counter, second) in [(2, 1), (1, 2)] {
            bench.lay_all(numbered(counter));
            let at = Timestamp::from_second(second).expect("a moment");
            assert_eq!(bench.hand_in(numbered(counter), at), HandedIn::Now);
        }
        let begins = |set: SetId| bench.submissions.begin(set, "x", 2).expect("begins").is_some();
        assert!(!begins(numbered(3)) && begins(numbered(2)));
        assert!(begins(SetId { requesting_party: PartyId(Eui64(8)), ..numbered(3) }), "another party's are its own");
        let bench = bench.again();
        assert_eq!([bench.judge(Vec::new()), bench.judge(Vec::new())], [Some(numbered(2)), Some(numbered(1))]);
        assert!(bench.submissions.begin(numbered(3), "x", 2).expect("begins").is_some());
        assert!(bench.submissions.withdraw(numbered(3)).expect("answers"));
        assert!(!bench.submissions.withdraw(numbered(3)).expect("answers"));
        assert_eq!(bench.submissions.of(SET.requesting_party).expect("reads").len(), 2);
    }

    #[test]
    fn a_digest_that_its_sender_names_must_be_that_of_what_came() {
        let bench = Bench::new();
        bench.lay_all(SET);
        let record = bench.submissions.record(SET).expect("reads").expect("a record");
        let right: BTreeMap<_, _> = record.files.iter().map(|file| (file.name.clone(), file.sha256)).collect();
        let mut wrong = right.clone();
        wrong.insert(record.files[0].name.clone(), record.files[1].sha256);
        let hand_in = |sent| bench.submissions.hand_in(SET, sent, NOW).expect("answers");
        assert_eq!(hand_in(&wrong), HandedIn::Other(record.files[0].clone()));
        assert_eq!(hand_in(&right), HandedIn::Now);
    }
}
