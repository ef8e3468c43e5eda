//! The six files of an estate in a folder.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use aws_lc_rs::digest::{Context, SHA256};
use tern_model::Digest;
use tern_plan::estate::{AsOf, EVENTS_FILE, Estate, EstateFile, Event, Findings};

use crate::facts::FileStamp;
use crate::fault::ServiceFault;

/// What is read of a file at once.
const BUFFER_BYTES: usize = 1 << 20;

/// An estate with its events, and what its files are.
#[derive(Debug)]
pub struct EstateFolder {
    /// What is to be migrated.
    pub estate: Estate,
    /// What happened, in the order of the days on which it is known.
    pub events: Vec<Event>,
    /// What is wrong with the files.
    pub findings: Findings,
    /// SHA-256 over the SHA-256 of each file but the events, in their order.
    pub digest: Digest,
    /// How many bytes the file of events has.
    pub events_bytes: u64,
    /// Their SHA-256.
    pub events_digest: Digest,
    /// What is wrong with the other files.
    of_others: Findings,
    /// The other files as they were before they were read.
    others: Vec<Option<FileStamp>>,
}

impl EstateFolder {
    /// As [`load`], beside what was read of the folder before: its events are read again, and the other files where one of them was
    /// written since.
    ///
    /// # Errors
    /// As [`load`]. It is to be loaded anew then.
    pub fn read_again(&mut self, dir: &Path) -> Result<(), ServiceFault> {
        if stamps(dir) != self.others {
            *self = load(dir)?;
            return Ok(());
        }
        let mut findings = self.of_others.clone();
        let read = read_events(dir, &mut self.estate, &mut findings)?;
        (self.events, self.events_bytes, self.events_digest) = (read.events, read.bytes, read.digest);
        self.findings = findings;
        if read.given { Ok(()) } else { Err(not_given(dir, EVENTS_FILE, &self.findings)) }
    }
}

/// The files but the events, as they are now.
fn stamps(dir: &Path) -> Vec<Option<FileStamp>> {
    EstateFile::ALL.iter().map(|file| FileStamp::of(&dir.join(file.name()))).collect()
}

/// Reads a folder's files. One whose header is wrong makes no estate.
///
/// # Errors
/// A file cannot be read, or is no file of an estate: then what is wrong with its header is told.
pub fn load(dir: &Path) -> Result<EstateFolder, ServiceFault> {
    loaded(dir, None)
}

/// The same, where it is known by which day everything that is described has come about.
///
/// # Errors
/// As [`load`].
pub fn load_as_of(dir: &Path, as_of: AsOf) -> Result<EstateFolder, ServiceFault> {
    loaded(dir, Some(as_of))
}

fn loaded(dir: &Path, as_of: Option<AsOf>) -> Result<EstateFolder, ServiceFault> {
    let Examined { folder, not_given } = examine(dir, as_of)?;
    match not_given {
        None => Ok(folder),
        Some(name) => Err(self::not_given(dir, name, &folder.findings)),
    }
}

/// A file makes no estate.
fn not_given(dir: &Path, name: &str, findings: &Findings) -> ServiceFault {
    let fault = findings.list().iter().map(|finding| &finding.fault).find(|fault| fault.file == name);
    match fault {
        Some(fault) => ServiceFault::Configuration {
            what: format!("{} makes no estate: {} row {}: {}", dir.display(), fault.file, fault.row, fault.reason),
            suggestion: fault.suggestion.clone(),
        },
        None => ServiceFault::file("read", &dir.join(name), "it is no file of an estate"),
    }
}

/// A folder's files, whatever is wrong with them.
#[derive(Debug)]
pub struct Examined {
    /// What they make; without a file that counts as given, nothing but findings.
    pub folder: EstateFolder,
    /// The first file that does not count as given, because of its header or a row that never ends.
    pub not_given: Option<&'static str>,
}

/// Reads a folder's files, to say what is wrong with them.
///
/// # Errors
/// A file cannot be read.
pub fn examine(dir: &Path, as_of: Option<AsOf>) -> Result<Examined, ServiceFault> {
    let mut builder = Estate::builder();
    as_of.into_iter().for_each(|as_of| builder.as_of(as_of));
    let mut all = Context::new(&SHA256);
    let (others, mut not_given) = (stamps(dir), None);
    for file in EstateFile::ALL {
        let path = dir.join(file.name());
        let mut source = opened(&path)?;
        let given = builder.read(file, &mut source).map_err(|error| ServiceFault::file("read", &path, error))?;
        if !given {
            not_given = not_given.or(Some(file.name()));
        }
        all.update(source.context.finish().as_ref());
    }
    let (mut estate, mut findings) = match not_given {
        None => builder.finish(),
        Some(_) => (Estate::default(), builder.into_findings()),
    };
    let of_others = findings.clone();
    // Events about an estate that there is not would all be about nothing.
    let read = match not_given {
        None => read_events(dir, &mut estate, &mut findings)?,
        Some(_) => ReadEvents { events: Vec::new(), bytes: 0, digest: digest_of(Context::new(&SHA256)), given: true },
    };
    not_given = not_given.or((!read.given).then_some(EVENTS_FILE));
    let ReadEvents { events, bytes: events_bytes, digest: events_digest, .. } = read;
    let digest = digest_of(all);
    let folder = EstateFolder { estate, events, findings, digest, events_bytes, events_digest, of_others, others };
    Ok(Examined { folder, not_given })
}

/// A folder's events.
struct ReadEvents {
    events: Vec<Event>,
    bytes: u64,
    digest: Digest,
    given: bool,
}

fn read_events(dir: &Path, estate: &mut Estate, findings: &mut Findings) -> Result<ReadEvents, ServiceFault> {
    let path = dir.join(EVENTS_FILE);
    let mut source = opened(&path)?;
    let read = estate.read_events(&mut source, findings);
    let (events, given) = read.map_err(|error| ServiceFault::file("read", &path, error))?;
    Ok(ReadEvents { events, bytes: source.bytes, digest: digest_of(source.context), given })
}

/// The SHA-256 of the first bytes of a folder's events; none where there are fewer.
///
/// # Errors
/// The file cannot be read.
pub fn events_digest(dir: &Path, bytes: u64) -> Result<Option<Digest>, ServiceFault> {
    let path = dir.join(EVENTS_FILE);
    let mut source = opened(&path)?;
    let copied = io::copy(&mut source.by_ref().take(bytes), &mut io::sink());
    copied.map_err(|error| ServiceFault::file("read", &path, error))?;
    Ok((source.bytes == bytes).then(|| digest_of(source.context)))
}

pub(super) fn digest_of(context: Context) -> Digest {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(context.finish().as_ref());
    Digest(bytes)
}

fn opened(path: &Path) -> Result<Hashed<BufReader<File>>, ServiceFault> {
    let file = File::open(path).map_err(|error| ServiceFault::file("open", path, error))?;
    let source = BufReader::with_capacity(BUFFER_BYTES, file);
    Ok(Hashed { source, context: Context::new(&SHA256), bytes: 0 })
}

/// Passes on what it reads, and digests it.
struct Hashed<R> {
    source: R,
    context: Context,
    bytes: u64,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.context.update(&buffer[..count]);
        self.bytes += count as u64;
        Ok(count)
    }
}
