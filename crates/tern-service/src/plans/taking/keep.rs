//! Events and the files that they came from, made durable together.
//!
//! A note says what `events.csv` is to become before it is put in its place. Where a run ends between, the next one
//! goes by the note: where the events are there, the files are kept; where they are not, neither are the files.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{Context, SHA256};
use serde::{Deserialize, Serialize};
use tern_model::estate::EventRecord;
use tern_model::{Digest, PartyId};
use tern_plan::estate::EVENTS_FILE;
use tern_plan::notices::{DemandFileKind, DemandFileName, Demands, receive_demand};
use tern_wire::facts_csv;

use super::taken_dir;
use crate::fault::ServiceFault;
use crate::pki::files::{self, Access};
use crate::plans::estate::{digest_of, events_digest};

/// The note, in the folder of what was taken.
const NOTE: &str = ".note.json";
/// What a copy's name begins with until it counts.
const DRAFT: &str = ".draft-";
const BUFFER_BYTES: usize = 1 << 20;

/// What is being done.
#[derive(Debug, Serialize, Deserialize)]
struct Note {
    /// What the events are.
    before: Events,
    /// What they will be.
    after: Events,
    /// The files that go with them.
    files: Vec<String>,
}

/// A file of events.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Events {
    bytes: u64,
    /// Their SHA-256.
    digest: Digest,
}

impl Events {
    /// Whether an estate's events begin so.
    fn begin(self, dir: &Path) -> Result<bool, ServiceFault> {
        Ok(events_digest(dir, self.bytes)? == Some(self.digest))
    }
}

/// Holds an estate against others that would add events to it.
pub(super) fn hold(dir: &Path) -> Result<File, ServiceFault> {
    let path = taken_dir(dir)?.join(".lock");
    let opened = OpenOptions::new().write(true).create(true).truncate(false).open(&path);
    let file = opened.map_err(|error| ServiceFault::file("open", &path, error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(_) => Err(ServiceFault::Refused {
            what: format!("another process adds events to {}", dir.display()),
            suggestion: "wait until it has ended".to_owned(),
        }),
    }
}

/// What a file holds that was taken before; none where there was none of that name.
pub(super) fn kept(dir: &Path, name: &str) -> Result<Option<Vec<u8>>, ServiceFault> {
    let path = taken_dir(dir)?.join(name);
    match fs::read(&path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(ServiceFault::file("read", &path, error)),
    }
}

/// Every file that was taken.
pub(super) fn taken(dir: &Path) -> Result<Vec<PathBuf>, ServiceFault> {
    let folder = dir.join("taken");
    if folder.is_dir() { Ok(files::list(&folder)?) } else { Ok(Vec::new()) }
}

/// Whether files are being taken, or an interrupted run had begun to.
pub(super) fn is_begun(dir: &Path) -> bool {
    dir.join("taken").join(NOTE).is_file()
}

/// The demand files that were taken, and those that are being taken.
pub(super) fn demand_names(dir: &Path, more: &[(String, Vec<u8>)]) -> Result<Vec<DemandFileName>, ServiceFault> {
    let there = taken(dir)?.into_iter().filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()));
    let all = there.chain(more.iter().map(|(name, _)| name.clone()));
    let is_request = |name: &DemandFileName| name.kind == DemandFileKind::Request;
    Ok(all.filter_map(|name| name.parse().ok()).filter(is_request).collect())
}

/// What a supplier said it wants.
pub(super) fn demands(dir: &Path, more: &[(String, Vec<u8>)], supplier: PartyId) -> Result<Demands, ServiceFault> {
    let mut names = demand_names(dir, more)?;
    names.retain(|name| name.supplier == supplier);
    names.sort();
    let mut demands = Demands::default();
    for name in names {
        let file = name.to_string();
        let new = more.iter().find(|(other, _)| other.parse().is_ok_and(|other: DemandFileName| other == name));
        let bytes = match new {
            Some((_, bytes)) => bytes.clone(),
            None => stored(dir, &name)?,
        };
        let read = receive_demand(&file, bytes.as_slice());
        demands.take(&name.smso, &read.map_err(|error| ServiceFault::file("read", file.as_ref(), error))?.places);
    }
    Ok(demands)
}

/// A demand file's bytes, under whichever spelling of its name it came.
fn stored(dir: &Path, name: &DemandFileName) -> Result<Vec<u8>, ServiceFault> {
    let folder = dir.join("taken");
    for path in files::list(&folder)? {
        let same = path.file_name().and_then(|file| file.to_str()?.parse::<DemandFileName>().ok());
        if same.as_ref() == Some(name) {
            return fs::read(&path).map_err(|error| ServiceFault::file("read", &path, error));
        }
    }
    Ok(Vec::new())
}

/// Appends events, and keeps the files that they came from.
pub(super) fn keep(dir: &Path, events: &[EventRecord], taken: &[(String, Vec<u8>)]) -> Result<(), ServiceFault> {
    let folder = taken_dir(dir)?;
    for (name, bytes) in taken {
        files::write(&folder.join(format!("{DRAFT}{name}")), bytes, Access::Everybody)?;
    }
    let place = dir.join(EVENTS_FILE);
    let draft = draft_of_events(dir);
    let written = appended(&place, &draft, events);
    let (before, after) = written.map_err(|error| ServiceFault::file("write", &draft, error))?;
    let files = taken.iter().map(|(name, _)| name.clone()).collect();
    let note = serde_json::to_vec(&Note { before, after, files }).map_err(ServiceFault::body)?;
    files::write(&folder.join(NOTE), &note, Access::Everybody)?;
    recover(dir)
}

/// Brings to its end what a note says; without one, what was begun is gone.
pub(super) fn recover(dir: &Path) -> Result<(), ServiceFault> {
    let folder = taken_dir(dir)?;
    let note = folder.join(NOTE);
    let draft = draft_of_events(dir);
    if let Some(note) = kept(dir, NOTE)? {
        let note: Note = serde_json::from_slice(&note).map_err(ServiceFault::body)?;
        let place = dir.join(EVENTS_FILE);
        let is_as_it_was = || fs::metadata(&place).is_ok_and(|place| place.len() == note.before.bytes);
        if draft.is_file() && is_as_it_was() && note.before.begin(dir)? {
            fs::rename(&draft, &place).map_err(|error| ServiceFault::file("write", &place, error))?;
            sync(dir)?;
        }
        if note.after.begin(dir)? {
            for name in &note.files {
                move_if_there(&folder.join(format!("{DRAFT}{name}")), &folder.join(name))?;
            }
            sync(&folder)?;
        }
    }
    for path in drafts(&folder)?.into_iter().chain([note, draft]) {
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(ServiceFault::file("remove", &path, error));
            }
            _ => {}
        }
    }
    Ok(())
}

fn draft_of_events(dir: &Path) -> PathBuf {
    dir.join(format!(".{EVENTS_FILE}.new"))
}

fn drafts(folder: &Path) -> Result<Vec<PathBuf>, ServiceFault> {
    let failed = |error: io::Error| ServiceFault::file("read the folder", folder, error);
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.file_name().to_string_lossy().starts_with(DRAFT) {
            found.push(entry.path());
        }
    }
    Ok(found)
}

fn move_if_there(from: &Path, to: &Path) -> Result<(), ServiceFault> {
    match fs::rename(from, to) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(ServiceFault::file("keep", to, error)),
        _ => Ok(()),
    }
}

fn sync(folder: &Path) -> Result<(), ServiceFault> {
    File::open(folder).and_then(|dir| dir.sync_all()).map_err(|error| ServiceFault::file("write", folder, error))
}

/// Copies the events and adds more, in the order of the columns that the file has; what they are, and will be.
fn appended(place: &Path, draft: &Path, events: &[EventRecord]) -> io::Result<(Events, Events)> {
    let (mut from, mut to) = (File::open(place)?, File::create(draft)?);
    let (mut context, mut bytes, mut last) = (Context::new(&SHA256), 0, b'\n');
    let (mut head, mut buffer) = (Vec::new(), vec![0; BUFFER_BYTES]);
    loop {
        let count = from.read(&mut buffer)?;
        let part = &buffer[..count];
        let Some(end) = part.last() else { break };
        if !head.contains(&b'\n') {
            head.extend_from_slice(part);
        }
        last = *end;
        bytes += count as u64;
        context.update(part);
        to.write_all(part)?;
    }
    let before = Events { bytes, digest: digest_of(context.clone()) };
    let mut more = if last == b'\n' { String::new() } else { "\n".to_owned() };
    more += &rows(&head, events)?;
    context.update(more.as_bytes());
    to.write_all(more.as_bytes())?;
    to.sync_all()?;
    Ok((before, Events { bytes: bytes + more.len() as u64, digest: digest_of(context) }))
}

/// Events as rows under a header.
fn rows(head: &[u8], events: &[EventRecord]) -> io::Result<String> {
    let columns = csv::ReaderBuilder::new().from_reader(head).headers()?.clone();
    let text = facts_csv::write(events);
    let mut ours = csv::Reader::from_reader(text.as_bytes());
    let header = ours.headers()?.clone();
    let at: Vec<Option<usize>> = columns
        .iter()
        .map(|column| header.iter().position(|ours| ours == column.trim_start_matches('\u{feff}').trim()))
        .collect();
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
    for row in ours.records() {
        let row = row?;
        writer.write_record(at.iter().map(|at| at.and_then(|at| row.get(at)).unwrap_or_default()))?;
    }
    let bytes = writer.into_inner().map_err(csv::IntoInnerError::into_error)?;
    String::from_utf8(bytes).map_err(|error| io::Error::new(ErrorKind::InvalidData, error))
}
