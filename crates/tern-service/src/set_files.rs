//! Migration file sets as they lie in folders.
//!
//! A folder that holds XML files is a set; else its sub-folders are. Nothing is judged here: a file is only told by its name.

use std::io::Read;
use std::path::{Path, PathBuf};

use tern_model::{Digest, SetId};
use tern_wire::migration::{
    CommonInstallation, FileKind, FileName, MigrationCommonFile, MigrationCommonValidationFile,
    MigrationGroupEncryptedFile, MigrationGroupFile, SignedFile, open,
};
use tern_wire::smki::Trust;
use tern_wire::xml::Limits;
use tern_wire::{FaultKind, Verified, WireFault};

use crate::fault::ServiceFault;

/// A file as received.
#[derive(Debug, Clone)]
pub struct RawFile {
    /// Its name, without folders.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// The files of one folder.
#[derive(Debug, Clone)]
pub struct FileSet {
    /// The folder.
    pub dir: PathBuf,
    /// What lies in it, by name.
    pub files: Vec<RawFile>,
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
    Read(Box<Verified<T>>),
}

/// A set whose files were read.
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
    pub fn file(&self) -> Option<&Verified<T>> {
        match self {
            Reading::Read(file) => Some(file),
            Reading::Absent | Reading::Refused => None,
        }
    }
}

impl FileSet {
    /// Reads all the sets below a folder at once, in the order of sender, group and counter. Where there may be many, go
    /// through [`SetFolder::find`].
    ///
    /// # Errors
    /// A folder or file cannot be read, or there is no file at all.
    pub fn find(dir: &Path) -> Result<Vec<FileSet>, ServiceFault> {
        SetFolder::find(dir)?.iter().map(SetFolder::read).collect()
    }

    /// The set that the files' names speak of; nothing is believed of it.
    #[must_use]
    pub fn named(&self) -> Option<SetId> {
        set_named(self.files.iter().map(|f| f.name.as_str()))
    }

    /// Verifies and decodes every file.
    #[must_use]
    pub fn open(&self, trust: &Trust, at: jiff::Timestamp) -> OpenedSet {
        OpenedSet::open(&self.files, trust, at)
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
            return Err(ServiceFault::File {
                doing: "find migration files (*.xml) in",
                path: dir.to_owned(),
                reason: "there are none".to_owned(),
            });
        }
        sets.sort_by_cached_key(|s| (s.named().is_none(), s.named(), s.dir.clone()));
        Ok(sets)
    }

    /// The set that the files' names speak of; nothing is believed of it.
    #[must_use]
    pub fn named(&self) -> Option<SetId> {
        set_named(self.names.iter().map(String::as_str))
    }

    /// Reads the files. Of one that is longer than any may be, no more is read than tells so.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn read(&self) -> Result<FileSet, ServiceFault> {
        let read_one = |name: &String| {
            let path = self.dir.join(name);
            let most = Limits::default().max_bytes as u64 + 1;
            let mut bytes = Vec::new();
            let read = std::fs::File::open(&path).and_then(|file| file.take(most).read_to_end(&mut bytes));
            read.map_err(|e| unreadable(&path, &e))?;
            Ok(RawFile { name: name.clone(), bytes })
        };
        let files = self.names.iter().map(read_one).collect::<Result<_, ServiceFault>>()?;
        Ok(FileSet { dir: self.dir.clone(), files })
    }
}

fn set_named<'a>(mut names: impl Iterator<Item = &'a str>) -> Option<SetId> {
    names.find_map(|name| match name.parse() {
        Ok(FileName::OfSet(_, set)) => Some(set),
        _ => None,
    })
}

fn unreadable(path: &Path, error: &std::io::Error) -> ServiceFault {
    ServiceFault::File { doing: "read", path: path.to_owned(), reason: error.to_string() }
}

impl OpenedSet {
    /// The entries of the Common File; none where it could not be read.
    #[must_use]
    pub fn installations(&self) -> &[CommonInstallation] {
        self.common.file().map(|file| file.installations.as_slice()).unwrap_or_default()
    }

    /// Verifies and decodes files; each is taken for the kind that its name says.
    #[must_use]
    pub fn open(files: &[RawFile], trust: &Trust, at: jiff::Timestamp) -> OpenedSet {
        let mut set = OpenedSet {
            common: Reading::Absent,
            group: Reading::Absent,
            encrypted: Reading::Absent,
            validation: Reading::Absent,
            doubled: Vec::new(),
            faults: Vec::new(),
        };
        for file in files {
            let OpenedSet { common, group, encrypted, validation, doubled, faults } = &mut set;
            match kind_of(file) {
                Ok(FileKind::MigrationCommonFile) => read_into(common, file, trust, at, doubled, faults),
                Ok(FileKind::MigrationGroupFile) => read_into(group, file, trust, at, doubled, faults),
                Ok(FileKind::MigrationGroupEncryptedFile) => read_into(encrypted, file, trust, at, doubled, faults),
                Ok(FileKind::MigrationCommonValidationFile) => read_into(validation, file, trust, at, doubled, faults),
                // Reports between the DCC's parties may lie beside a set; they are no part of it.
                Ok(_) => {}
                Err(fault) => faults.push(*fault),
            }
        }
        set
    }

    /// The set that the verified files name; the Common File's word goes first.
    #[must_use]
    pub fn set_id(&self) -> Option<SetId> {
        let common = self.common.file().map(|f| f.migration_header.set_id());
        let group = || self.group.file().map(|f| f.migration_header.set_id());
        let encrypted = || self.encrypted.file().map(|f| f.migration_header.set_id());
        common.or_else(group).or_else(encrypted)
    }

    /// The digests of Common, Group and Group Encrypted File, where all three were read.
    #[must_use]
    pub fn digests(&self) -> Option<[Digest; 3]> {
        Some([
            self.common.file()?.document().digest(),
            self.group.file()?.document().digest(),
            self.encrypted.file()?.document().digest(),
        ])
    }
}

fn read_into<T: SignedFile>(
    slot: &mut Reading<T>,
    file: &RawFile,
    trust: &Trust,
    at: jiff::Timestamp,
    doubled: &mut Vec<String>,
    faults: &mut Vec<WireFault>,
) {
    if !matches!(slot, Reading::Absent) {
        doubled.push(file.name.clone());
        return;
    }
    *slot = match open::<T>(&file.name, &file.bytes, trust, at, &Limits::default()) {
        Ok(verified) => Reading::Read(Box::new(verified)),
        Err(found) => {
            faults.extend(found);
            Reading::Refused
        }
    };
}

/// The kind that the name says; where the name says none, the bytes are looked at, so that the finding is about the file
/// and not about its name alone.
fn kind_of(file: &RawFile) -> Result<FileKind, Box<WireFault>> {
    let from_name: Result<FileName, _> = file.name.parse();
    from_name.map(|name| name.kind()).map_err(|malformed| {
        let form = tern_wire::xml::guard(&file.name, &file.bytes, &Limits::default())
            .and_then(|text| tern_wire::xml::parse(&file.name, &text).map(drop));
        Box::new(form.err().unwrap_or_else(|| WireFault {
            kind: FaultKind::Form,
            place: tern_model::Place::document(&file.name),
            message: "the file's name does not say which migration file it is".to_owned(),
            found: file.name.clone(),
            expected: malformed.expected.to_owned(),
            suggestion: "give the file the name that its sender gave it".to_owned(),
        }))
    })
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
