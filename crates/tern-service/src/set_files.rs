//! Migration file sets as they lie in folders, and their files verified.
//!
//! A folder that holds XML files is a set; else its sub-folders are. Nothing is judged here: a file is only told by its name.
//! No file is ever held in memory whole: it is read from where it lies, once to verify it, and run by run after that. Of a file with
//! device keys in the clear nothing is ever told but that.

use std::fs::File;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tern_model::{ChfIdentifier, Digest, Place, SetId};
use tern_rules::{FileHead, Slot};
use tern_wire::migration::{
    FileKind, FileName, MigrationCommonFile, MigrationCommonValidationFile, MigrationGroupEncryptedFile,
    MigrationGroupFile, SignedFile, names_keys,
};
use tern_wire::schema::SchemaVersion;
use tern_wire::smki::Trust;
use tern_wire::stream::{Entries, Repeats, SignedStream, StreamFault};
use tern_wire::xml::Limits;
use tern_wire::{FaultKind, WireFault};

use crate::fault::ServiceFault;
use crate::judging::joined;

/// A file: the name under which it came, and where its bytes are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileAt {
    /// Its name, without folders.
    pub name: String,
    /// Where it lies, perhaps under another name.
    pub path: PathBuf,
}

/// A folder that holds a set's files; none of them has been read.
#[derive(Debug, Clone)]
pub struct SetFolder {
    /// The folder.
    pub dir: PathBuf,
    /// The names of the XML files in it.
    pub names: Vec<String>,
}

/// One kind of file of a set, after reading.
#[derive(Debug)]
pub enum Reading<T> {
    /// There is none.
    Absent,
    /// There is one; it was refused.
    Refused,
    /// Verified.
    Read(Box<SignedStream<T>>),
}

/// A set whose files were verified.
#[derive(Debug)]
pub struct OpenedSet {
    /// Migration Common File.
    pub common: Reading<MigrationCommonFile>,
    /// Migration Group File.
    pub group: Reading<MigrationGroupFile>,
    /// Migration Group Encrypted File.
    pub encrypted: Reading<MigrationGroupEncryptedFile>,
    /// Migration Common Validation File.
    pub validation: Reading<MigrationCommonValidationFile>,
    /// Names of files beyond the first of their kind.
    pub doubled: Vec<String>,
    /// What is wrong with files that were refused.
    pub faults: Vec<WireFault>,
}

impl<T> Reading<T> {
    /// The file, where it was read.
    pub fn file(&self) -> Option<&SignedStream<T>> {
        match self {
            Reading::Read(file) => Some(file),
            Reading::Absent | Reading::Refused => None,
        }
    }
}

impl<T: SignedFile + Entries + Sync> Reading<T> {
    /// The file as the rulebook sees it.
    pub(crate) fn slot(&self) -> Slot<'_, T> {
        match self {
            Reading::Absent => Slot::Absent,
            Reading::Refused => Slot::Unreadable,
            Reading::Read(file) => Slot::Present(FileHead {
                message: file.head(),
                name: file.name(),
                digest: file.digest(),
                version: file.version(),
                keys: file.keys(),
                places: &**file,
            }),
        }
    }
}

impl SetFolder {
    /// Finds the sets below a folder, in the order of sender, group and counter. No file is read.
    ///
    /// # Errors
    /// A folder cannot be read, or there is no file at all.
    pub fn find(dir: &Path) -> Result<Vec<SetFolder>, ServiceFault> {
        let mut sets = Vec::new();
        collect(dir, 2, &mut sets)?;
        if sets.is_empty() {
            return Err(ServiceFault::NoSet { dir: dir.to_owned() });
        }
        sets.sort_by_cached_key(|s| (s.named().is_none(), s.named(), s.dir.clone()));
        Ok(sets)
    }

    /// The set that the files' names speak of; nothing is believed of it.
    #[must_use]
    pub fn named(&self) -> Option<SetId> {
        self.names.iter().find_map(|name| match name.parse() {
            Ok(FileName::OfSet(_, set)) => Some(set),
            _ => None,
        })
    }

    /// The files where they lie.
    #[must_use]
    pub fn files(&self) -> Vec<FileAt> {
        self.names.iter().map(|name| FileAt { name: name.clone(), path: self.dir.join(name) }).collect()
    }

    /// The file of a kind and set, where the folder holds one of that name.
    #[must_use]
    pub fn file(&self, kind: FileKind, set: SetId) -> Option<FileAt> {
        let name = FileName::OfSet(kind, set).to_string();
        self.names.contains(&name).then(|| FileAt { path: self.dir.join(&name), name })
    }
}

pub(crate) fn unreadable(path: &Path, error: &std::io::Error) -> ServiceFault {
    ServiceFault::file("read", path, error)
}

impl OpenedSet {
    /// Verifies files where they lie, each in a thread of its own; each is taken for the kind that its name says. Nobody else may write to them while the
    /// value lives, or what is read later is altered.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn open(files: &[FileAt], trust: &Trust, at: jiff::Timestamp) -> Result<OpenedSet, ServiceFault> {
        let (mut firsts, mut doubled, mut faults) = ([None; 4], Vec::new(), Vec::new());
        for numbered @ (number, file) in files.iter().enumerate() {
            match kind_of(file, trust, at)? {
                // Reports between the DCC's parties may lie beside a set; they are no part of it.
                Ok(kind) => match OF_SETS.iter().position(|of_set| *of_set == kind).map(|at| &mut firsts[at]) {
                    Some(first @ None) => *first = Some(numbered),
                    Some(_) => doubled.push(file.name.clone()),
                    None => {}
                },
                Err(fault) => faults.push((number, vec![*fault])),
            }
        }
        let [common, group, encrypted, validation] = firsts;
        let (common, group, encrypted, validation) = std::thread::scope(|scope| {
            let group = scope.spawn(|| verified(group, trust, at));
            let encrypted = scope.spawn(|| verified(encrypted, trust, at));
            let validation = scope.spawn(|| verified(validation, trust, at));
            (verified(common, trust, at), joined(group), joined(encrypted), joined(validation))
        });
        let ((common, of_common), (group, of_group)) = (common?, group?);
        let ((encrypted, of_encrypted), (validation, of_validation)) = (encrypted?, validation?);
        faults.extend([of_common, of_group, of_encrypted, of_validation].into_iter().flatten());
        faults.sort_by_key(|(number, _)| *number);
        let faults = faults.into_iter().flat_map(|(_, faults)| faults).collect();
        Ok(OpenedSet { common, group, encrypted, validation, doubled, faults })
    }

    /// The schema version of the Common File, in which the set is answered; the newest where there is none.
    #[must_use]
    pub fn schema(&self) -> SchemaVersion {
        self.common.file().map(|file| file.version()).unwrap_or_default()
    }

    /// The set that the verified files name; the Common File's word goes first.
    #[must_use]
    pub fn set_id(&self) -> Option<SetId> {
        let common = self.common.file().map(|f| f.head().migration_header.set_id());
        let group = || self.group.file().map(|f| f.head().migration_header.set_id());
        let encrypted = || self.encrypted.file().map(|f| f.head().migration_header.set_id());
        common.or_else(group).or_else(encrypted)
    }

    /// The digests of Common, Group and Group Encrypted File, where all three were read.
    #[must_use]
    pub fn digests(&self) -> Option<[Digest; 3]> {
        Some([self.common.file()?.digest(), self.group.file()?.digest(), self.encrypted.file()?.digest()])
    }

    /// How many entries the Common File has.
    #[must_use]
    pub fn installations(&self) -> usize {
        self.common.file().map_or(0, |file| file.keys().len())
    }

    /// How many different installations the Common File names.
    #[must_use]
    pub(crate) fn different_installations(&self) -> usize {
        let mut keys: Vec<ChfIdentifier> = self.common.file().map_or_else(Vec::new, |file| file.keys().to_vec());
        keys.sort_unstable();
        keys.dedup();
        keys.len()
    }

    /// Device IDs that the Common File uses more than once.
    pub(crate) fn repeats(&self) -> Arc<Repeats> {
        self.common.file().map(|file| file.repeats().clone()).unwrap_or_default()
    }
}

/// That a file was altered between being verified and being read again: its signature holds no longer.
pub(crate) fn altered(name: &str) -> WireFault {
    WireFault {
        kind: FaultKind::SignatureValue,
        place: Place::document(name),
        message: "the file was altered after its signature had been verified".to_owned(),
        found: "other bytes when it was read again".to_owned(),
        expected: "the bytes that were verified".to_owned(),
        suggestion: "find out who writes to the file, and send the set again once nobody does".to_owned(),
    }
}

/// The files that make a set, in this order.
const OF_SETS: [FileKind; 4] = [
    FileKind::MigrationCommonFile,
    FileKind::MigrationGroupFile,
    FileKind::MigrationGroupEncryptedFile,
    FileKind::MigrationCommonValidationFile,
];

/// What is wrong with a file, with its number among all.
type Faulty = Option<(usize, Vec<WireFault>)>;

/// The first pass over a file, where there is one.
fn verified<T: SignedFile + Entries>(
    file: Option<(usize, &FileAt)>,
    trust: &Trust,
    at: jiff::Timestamp,
) -> Result<(Reading<T>, Faulty), ServiceFault> {
    let Some((number, file)) = file else { return Ok((Reading::Absent, None)) };
    match SignedStream::verify(&file.name, &file.path, trust, at, &Limits::STREAM) {
        Ok(verified) => Ok((Reading::Read(Box::new(verified)), None)),
        Err(StreamFault::Refused(found)) => {
            let found = in_the_clear(file)?.map_or(found, |fault| vec![fault]);
            Ok((Reading::Refused, Some((number, found))))
        }
        Err(StreamFault::Altered) => Ok((Reading::Refused, Some((number, vec![altered(&file.name)])))),
        Err(StreamFault::Io(error)) => Err(unreadable(&file.path, &error)),
    }
}

/// All that is told of a file that was refused and holds keys in the clear, whatever it is called.
fn in_the_clear(file: &FileAt) -> Result<Option<WireFault>, ServiceFault> {
    if !File::open(&file.path).and_then(names_keys).map_err(|e| unreadable(&file.path, &e))? {
        return Ok(None);
    }
    let mode = open_to_others(&file.path).map_err(|e| unreadable(&file.path, &e))?;
    let found = mode.map_or_else(
        || "device keys, not shown".to_owned(),
        |mode| format!("device keys, not shown, and others than its owner can read them (mode {mode:04o})"),
    );
    Ok(Some(WireFault {
        kind: FaultKind::Form,
        place: Place::document(&file.name),
        message: "the file holds device keys in the clear".to_owned(),
        found,
        expected: "a file of a set, which holds none".to_owned(),
        suggestion: "take the file out of the set, chmod 600 it, and find out who may have read it".to_owned(),
    }))
}

/// The file's mode, where others than its owner can do anything with it.
pub(crate) fn open_to_others(path: &Path) -> std::io::Result<Option<u32>> {
    let mode = std::fs::metadata(path)?.permissions().mode() & 0o7777;
    Ok(Some(mode).filter(|mode| mode & 0o077 != 0))
}

/// The kind that the name says; where the name says none, the bytes are looked at, so that the finding is about the file
/// and not about its name alone.
fn kind_of(
    file: &FileAt,
    trust: &Trust,
    at: jiff::Timestamp,
) -> Result<Result<FileKind, Box<WireFault>>, ServiceFault> {
    let malformed = match file.name.parse::<FileName>() {
        Ok(name) => return Ok(Ok(name.kind())),
        Err(malformed) => malformed,
    };
    let form = match SignedStream::<MigrationCommonFile>::verify(&file.name, &file.path, trust, at, &Limits::STREAM) {
        Err(StreamFault::Io(error)) => return Err(unreadable(&file.path, &error)),
        // What it would be by another name is not judged.
        Err(StreamFault::Refused(faults)) => {
            faults.into_iter().find(|fault| matches!(fault.kind, FaultKind::Form | FaultKind::Limits))
        }
        Ok(_) | Err(StreamFault::Altered) => None,
    };
    Ok(Err(Box::new(in_the_clear(file)?.or(form).unwrap_or_else(|| WireFault {
        kind: FaultKind::Form,
        place: Place::document(&file.name),
        message: "the file's name does not say which migration file it is".to_owned(),
        found: file.name.clone(),
        expected: malformed.expected.to_owned(),
        suggestion: "give the file the name that its sender gave it".to_owned(),
    }))))
}

fn collect(dir: &Path, depth: u32, sets: &mut Vec<SetFolder>) -> Result<(), ServiceFault> {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(dir)
        .map_err(|e| unreadable(dir, &e))?
        .map(|entry| entry.map(|e| e.path()).map_err(|e| unreadable(dir, &e)))
        .collect::<Result<_, _>>()?;
    entries.sort();
    let (folders, files): (Vec<_>, Vec<_>) = entries.into_iter().partition(|p| p.is_dir());
    let is_xml = |p: &&PathBuf| p.extension().is_some_and(|e| e.eq_ignore_ascii_case("xml"));
    let name_of = |p: &PathBuf| p.file_name().map(|n| n.to_string_lossy().into_owned());
    let names: Vec<String> = files.iter().filter(is_xml).filter_map(name_of).collect();
    if !names.is_empty() {
        sets.push(SetFolder { dir: dir.to_owned(), names });
    } else if depth > 0 {
        for folder in folders {
            collect(&folder, depth - 1, sets)?;
        }
    }
    Ok(())
}
