//! Sets in memory, for tests that change them: small, and laid into a folder when something is to be done with them.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use tempfile::TempDir;
use tern_model::{Role, SetId};
use tern_rules::{InstallationJudgement, SetJudgement};
use tern_service::check::{Checker, Heard};
use tern_service::parties::{Party, SetTaken};
use tern_service::set_files::{FileAt, OpenedSet, SetFolder};
use tern_service::{ServiceFault, System};
use tern_wire::smki::Trust;

/// A file as received.
#[derive(Debug, Clone)]
pub struct RawFile {
    /// Its name, without folders.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl RawFile {
    /// Reads a file that lies somewhere.
    ///
    /// # Panics
    /// It cannot be read.
    #[must_use]
    pub fn read(file: &FileAt) -> RawFile {
        RawFile { name: file.name.clone(), bytes: std::fs::read(&file.path).expect("a readable file") }
    }
}

/// The files of one folder.
#[derive(Debug, Clone)]
pub struct FileSet {
    /// The folder from which they came.
    pub dir: PathBuf,
    /// What lies in it, by name.
    pub files: Vec<RawFile>,
}

/// A set laid into a folder of its own, which goes with it.
#[derive(Debug)]
pub struct Laid {
    /// Where it lies.
    pub folder: SetFolder,
    _dir: TempDir,
}

/// A set that was laid into a folder and verified there.
#[derive(Debug)]
pub struct Opened {
    set: OpenedSet,
    /// Where it lies.
    pub laid: Laid,
}

impl std::ops::Deref for Opened {
    type Target = OpenedSet;

    fn deref(&self) -> &OpenedSet {
        &self.set
    }
}

impl FileSet {
    /// Reads the sets below a folder, in the order of sender, group and counter.
    ///
    /// # Errors
    /// There is none.
    ///
    /// # Panics
    /// A file cannot be read.
    pub fn find(dir: &Path) -> Result<Vec<FileSet>, ServiceFault> {
        Ok(SetFolder::find(dir)?.iter().map(FileSet::read).collect())
    }

    /// Reads one.
    ///
    /// # Panics
    /// A file cannot be read.
    #[must_use]
    pub fn read(folder: &SetFolder) -> FileSet {
        FileSet { dir: folder.dir.clone(), files: folder.files().iter().map(RawFile::read).collect() }
    }

    /// The set that the files' names speak of.
    #[must_use]
    pub fn named(&self) -> Option<SetId> {
        SetFolder { dir: self.dir.clone(), names: self.files.iter().map(|f| f.name.clone()).collect() }.named()
    }

    /// Lays the files into a new folder.
    ///
    /// # Panics
    /// They cannot be written.
    #[must_use]
    pub fn lay(&self) -> Laid {
        let dir = crate::lab::folder();
        for file in &self.files {
            std::fs::write(dir.path().join(&file.name), &file.bytes).expect("a writable folder");
        }
        let names = self.files.iter().map(|f| f.name.clone()).collect();
        Laid { folder: SetFolder { dir: dir.path().to_owned(), names }, _dir: dir }
    }

    /// Verifies every file.
    ///
    /// # Panics
    /// One cannot be read.
    #[must_use]
    pub fn open(&self, trust: &Trust, at: Timestamp) -> Opened {
        let laid = self.lay();
        Opened { set: OpenedSet::open(&laid.folder.files(), trust, at).expect("readable files"), laid }
    }
}

/// Takes a set in, as [`System::take`] does from its folder.
///
/// # Errors
/// As [`System::take`].
pub fn take(system: &mut System, set: &FileSet) -> Result<SetTaken, ServiceFault> {
    system.take(&set.lay().folder)
}

/// Takes a set in that must be taken in; gives its Common Validation File.
///
/// # Panics
/// It is not taken in, or was before.
#[must_use]
pub fn validated(system: &mut System, set: &FileSet) -> RawFile {
    match take(system, set).expect("is taken in") {
        SetTaken::Accepted { validation, .. } => RawFile::read(&validation),
        other => panic!("not taken in: {other:?}"),
    }
}

/// Hands a file to a party, as from another one.
///
/// # Errors
/// As [`Party::receive`].
pub fn receive(party: &mut dyn Party, from: Role, file: &RawFile) -> Result<(), ServiceFault> {
    let laid = FileSet { dir: PathBuf::new(), files: vec![file.clone()] }.lay();
    laid.folder.files().iter().try_for_each(|file| party.receive(from, file))
}

/// What one role says of a set and of each of its installations.
#[derive(Debug, Clone)]
pub struct Checked {
    /// Of the set.
    pub verdicts: SetJudgement,
    /// Of each installation.
    pub installations: Vec<InstallationJudgement>,
}

/// All that a check says.
///
/// # Errors
/// As [`Checker::check`].
pub fn check(checker: &Checker, set: &OpenedSet, role: Role) -> Result<Checked, ServiceFault> {
    let mut installations = Vec::new();
    let verdicts = checker.check(set, role, &mut |heard| {
        if let Heard::Installation(installation) = heard {
            installations.push(installation.clone());
        }
    })?;
    Ok(Checked { verdicts, installations })
}
