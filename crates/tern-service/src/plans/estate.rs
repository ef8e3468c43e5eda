//! The six files of an estate in a folder.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

use aws_lc_rs::digest::{Context, SHA256};
use tern_model::Digest;
use tern_plan::estate::{AsOf, EVENTS_FILE, Estate, EstateFile, Event, Findings};

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
    let Some(name) = not_given else { return Ok(folder) };
    let fault = folder.findings.list().iter().map(|finding| &finding.fault).find(|fault| fault.file == name);
    Err(match fault {
        Some(fault) => ServiceFault::Configuration {
            what: format!("{} makes no estate: {} row {}: {}", dir.display(), fault.file, fault.row, fault.reason),
            suggestion: fault.suggestion.clone(),
        },
        None => ServiceFault::file("read", &dir.join(name), "it is no file of an estate"),
    })
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
    let mut not_given = None;
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
    let path = dir.join(EVENTS_FILE);
    let mut source = opened(&path)?;
    let mut events = Vec::new();
    // Events about an estate that there is not would all be about nothing.
    if not_given.is_none() {
        let read = estate.read_events(&mut source, &mut findings);
        let (of_file, given) = read.map_err(|error| ServiceFault::file("read", &path, error))?;
        events = of_file;
        not_given = (!given).then_some(EVENTS_FILE);
    }
    let (events_bytes, events_digest) = (source.bytes, digest_of(source.context));
    let digest = digest_of(all);
    Ok(Examined { folder: EstateFolder { estate, events, findings, digest, events_bytes, events_digest }, not_given })
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
