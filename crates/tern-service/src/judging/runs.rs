//! The files of a set, read run by run side by side.
//!
//! They list the same installations in the same order (P-entries-agree), so that a run of all files is a run of installations.
//! A file that ends sooner, or goes on longer, is read to its end all the same: only then is it known that nobody altered it.

use tern_model::Role;
use tern_rules::Run;
use tern_wire::Verified;
use tern_wire::migration::{
    MigrationCommonFile, MigrationCommonValidationFile, MigrationGroupEncryptedFile, MigrationGroupFile, SignedFile,
};
use tern_wire::stream::{Entries, Parts, SignedStream, StreamFault};

use crate::fault::ServiceFault;
use crate::set_files::{OpenedSet, Reading, unreadable};

/// The files of a set that a role sees.
pub(super) struct Files<'a> {
    pub(super) common: &'a Reading<MigrationCommonFile>,
    pub(super) group: Option<&'a Reading<MigrationGroupFile>>,
    pub(super) encrypted: &'a Reading<MigrationGroupEncryptedFile>,
    pub(super) validation: Option<&'a Reading<MigrationCommonValidationFile>>,
}

impl<'a> Files<'a> {
    pub(super) fn of(role: Role, set: &'a OpenedSet) -> Files<'a> {
        Files {
            common: &set.common,
            group: Some(&set.group).filter(|_| role != Role::Dco),
            encrypted: &set.encrypted,
            validation: Some(&set.validation).filter(|_| matches!(role, Role::S1sp | Role::Dco)),
        }
    }
}

/// A second pass over every file.
pub(super) struct Lanes<'a> {
    common: Lane<'a, MigrationCommonFile>,
    group: Lane<'a, MigrationGroupFile>,
    encrypted: Lane<'a, MigrationGroupEncryptedFile>,
    validation: Lane<'a, MigrationCommonValidationFile>,
}

/// The entries of every file from the same place on.
pub(super) struct RunOfAll {
    pub(super) common: Verified<MigrationCommonFile>,
    pub(super) group: OwnRun<MigrationGroupFile>,
    pub(super) encrypted: OwnRun<MigrationGroupEncryptedFile>,
    pub(super) validation: OwnRun<MigrationCommonValidationFile>,
}

/// The entries of one file from some place on.
pub(super) enum OwnRun<T> {
    Absent,
    Over,
    Entries(Box<Verified<T>>),
}

impl<T> OwnRun<T> {
    pub(super) fn entries(&self) -> Option<&Verified<T>> {
        match self {
            OwnRun::Entries(entries) => Some(entries),
            OwnRun::Absent | OwnRun::Over => None,
        }
    }

    pub(super) fn into_entries(self) -> Option<Verified<T>> {
        match self {
            OwnRun::Entries(entries) => Some(*entries),
            OwnRun::Absent | OwnRun::Over => None,
        }
    }

    pub(super) fn of_rules(&self) -> Run<'_, T> {
        match self {
            OwnRun::Absent => Run::Absent,
            OwnRun::Over => Run::Over,
            OwnRun::Entries(entries) => Run::Entries(entries),
        }
    }
}

impl<'a> Lanes<'a> {
    /// Begins with the first `at_once` entries of each file.
    pub(super) fn open(files: &Files<'a>, at_once: usize) -> Result<Lanes<'a>, ServiceFault> {
        Ok(Lanes {
            common: Lane::open(Some(files.common), at_once)?,
            group: Lane::open(files.group, at_once)?,
            encrypted: Lane::open(Some(files.encrypted), at_once)?,
            validation: Lane::open(files.validation, at_once)?,
        })
    }

    /// The next run, the files each in a thread of its own; none after the last installation of the Common File, and then every file was read to its end.
    pub(super) fn read(&mut self) -> Result<Option<RunOfAll>, ServiceFault> {
        let Lanes { common, group, encrypted, validation } = self;
        let (common, group, encrypted, validation) = std::thread::scope(|scope| {
            let group = scope.spawn(|| group.read());
            let encrypted = scope.spawn(|| encrypted.read());
            let validation = scope.spawn(|| validation.read());
            (common.read(), joined(group), joined(encrypted), joined(validation))
        });
        let (group, encrypted, validation) = (group?, encrypted?, validation?);
        if let OwnRun::Entries(common) = common? {
            return Ok(Some(RunOfAll { common: *common, group, encrypted, validation }));
        }
        self.group.drain()?;
        self.encrypted.drain()?;
        self.validation.drain()?;
        Ok(None)
    }
}

/// What a thread gives; its panic is this one's.
pub(crate) fn joined<T>(thread: std::thread::ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// A second pass over one file.
pub(crate) struct Second<'a, T: Entries> {
    file: &'a SignedStream<T>,
    parts: Option<Parts<'a, T>>,
}

impl<'a, T: SignedFile + Entries> Second<'a, T> {
    /// Begins with the first `at_once` entries.
    pub(crate) fn of(file: &'a SignedStream<T>, at_once: usize) -> Result<Second<'a, T>, ServiceFault> {
        Ok(Second { file, parts: Some(file.parts(at_once).map_err(|fault| fault_of(file, fault))?) })
    }

    /// The next entries; none after the last, and then the file is what had been verified.
    pub(crate) fn next(&mut self) -> Result<Option<Verified<T>>, ServiceFault> {
        let Some(parts) = &mut self.parts else { return Ok(None) };
        let part = parts.next_part().map_err(|fault| fault_of(self.file, fault))?;
        if part.is_none() {
            self.parts = None;
        }
        Ok(part)
    }
}

/// One file of a set in its second pass; none where the role does not get it, or could not read it.
struct Lane<'a, T: Entries>(Option<Second<'a, T>>);

impl<'a, T: SignedFile + Entries> Lane<'a, T> {
    fn open(file: Option<&'a Reading<T>>, at_once: usize) -> Result<Lane<'a, T>, ServiceFault> {
        Ok(Lane(file.and_then(Reading::file).map(|file| Second::of(file, at_once)).transpose()?))
    }

    fn read(&mut self) -> Result<OwnRun<T>, ServiceFault> {
        let Some(second) = &mut self.0 else { return Ok(OwnRun::Absent) };
        Ok(second.next()?.map_or(OwnRun::Over, |part| OwnRun::Entries(Box::new(part))))
    }

    fn drain(&mut self) -> Result<(), ServiceFault> {
        while let OwnRun::Entries(_) = self.read()? {}
        Ok(())
    }
}

/// What a second pass says, as the service's fault.
fn fault_of<T: SignedFile + Entries>(file: &SignedStream<T>, fault: StreamFault) -> ServiceFault {
    match fault {
        StreamFault::Io(error) => unreadable(file.copy(), &error),
        // What the first pass believed the second refuses: other bytes, too.
        StreamFault::Altered | StreamFault::Refused(_) => ServiceFault::Altered { name: file.name().to_owned() },
    }
}
