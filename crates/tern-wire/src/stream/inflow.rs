//! A file's text as it comes in: judged by the same guard as a whole document, and cut between the root's children.
//!
//! Whatever the guard finds first in a whole document is what is told here too, though the text passes but once: a fault waits
//! until nothing that is judged before it can follow.

use std::borrow::Cow;
use std::io::Read;
use std::sync::Arc;

use aws_lc_rs::digest;
use tern_model::Digest;
use zeroize::Zeroize;

use super::StreamFault;
use crate::schema::Quoting;
use crate::xml::guard::{control, encoding, non_character, normalise_line_ends, not_utf8, reserved, reserves, size};
use crate::xml::scan::{Piece, Scan};
use crate::xml::view::{LOOK_AHEAD_BYTES, Stop, View};
use crate::xml::{Frame, Limits, LineColumn, root_tag};
use crate::{FaultKind, WireFault};

/// How much of a file is in hand at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// So many bytes are read at once.
    pub read_bytes: usize,
    /// A slice ends with the first of the root's children that reaches so many bytes.
    pub slice_bytes: usize,
}

impl Default for Sizes {
    fn default() -> Sizes {
        Sizes { read_bytes: 64 << 10, slice_bytes: 256 << 10 }
    }
}

/// How much a slice holds at most.
#[derive(Debug, Clone, Copy)]
pub(super) struct Most {
    pub(super) bytes: usize,
    pub(super) children: usize,
}

/// Some of the root's children inside the root's own tags: a document that can be parsed by itself.
pub(super) struct Slice {
    pub(super) text: String,
    /// Where the root's end tag begins that is not the document's.
    pub(super) end: usize,
    pub(super) frame: Frame,
    pub(super) is_first: bool,
    pub(super) is_last: bool,
    /// Whether the text is wiped when it is dropped.
    quoting: Quoting,
}

impl Slice {
    /// The text, shared. Where it may not be quoted no other copy of it stays.
    pub(super) fn into_shared(self) -> Arc<str> {
        Arc::from(self.text.as_str())
    }
}

impl Drop for Slice {
    fn drop(&mut self) {
        if self.quoting == Quoting::Hidden {
            self.text.zeroize();
        }
    }
}

/// The guard's judgements in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Judgement {
    Size,
    Utf8,
    Control,
    NonCharacter,
    Reserves,
    Scan,
    Parse,
}

/// The text in view: what was not cut off yet.
struct Window<'a> {
    document_name: &'a str,
    text: String,
    base: usize,
    start: LineColumn,
    has_ended: bool,
}

impl Window<'_> {
    fn view(&self) -> View<'_> {
        let (document_name, text) = (self.document_name, self.text.as_str());
        View { document_name, text, base: self.base, start: self.start, is_last: self.has_ended }
    }

    fn leave(&mut self, bytes: usize) {
        self.start = self.start.after(&self.text.as_bytes()[..bytes]);
        self.base += bytes;
        self.text.drain(..bytes);
    }

    /// What came. Text that may not be quoted is never moved by growing, which would leave a copy of it.
    fn take(&mut self, characters: &str, quoting: Quoting) {
        let needed = self.text.len() + characters.len();
        if quoting == Quoting::Hidden && needed > self.text.capacity() {
            let mut roomier = String::with_capacity(needed.max(2 * self.text.capacity()));
            roomier.push_str(&self.text);
            std::mem::replace(&mut self.text, roomier).zeroize();
        }
        self.text.push_str(characters);
    }
}

/// What every slice begins and ends with.
struct Root {
    tag: String,
    end_tag: String,
    start: LineColumn,
}

/// By how many bytes another encoding is known.
const SNIFFED_BYTES: usize = 4;

/// A file that has come in so far.
pub(super) struct Inflow<'a, R> {
    source: R,
    limits: &'a Limits,
    read_bytes: usize,
    /// Whether what came in is wiped when it is dropped.
    quoting: Quoting,
    chunk: Vec<u8>,
    /// How many bytes at the beginning of `chunk` are a character whose rest has not come.
    unfinished: usize,
    received: usize,
    digest: digest::Context,
    window: Window<'a>,
    scan: Scan<'a>,
    /// How far the scan has come in view.
    at: usize,
    /// Where the last child in view ends that nobody asks for, in a file that is refused in any case.
    left: usize,
    reserved: [usize; 2],
    held: Option<(Judgement, WireFault)>,
    root: Option<Root>,
    /// The text up to the root's first child, for the first slice.
    beginning: Option<String>,
    /// Where the next slice stands, line ends normalised.
    slice_start: LineColumn,
    is_done: bool,
}

impl<'a, R: Read> Inflow<'a, R> {
    pub(super) fn begin(
        document_name: &'a str,
        source: R,
        limits: &'a Limits,
        read_bytes: usize,
        quoting: Quoting,
    ) -> Result<Inflow<'a, R>, StreamFault> {
        let read_bytes = read_bytes.max(1);
        let window = Window { document_name, text: String::new(), base: 0, start: LineColumn::START, has_ended: false };
        let mut inflow = Inflow {
            source,
            limits,
            read_bytes,
            quoting,
            chunk: vec![0; read_bytes + SNIFFED_BYTES],
            unfinished: 0,
            received: 0,
            digest: digest::Context::new(&digest::SHA256),
            window,
            scan: Scan::new(limits),
            at: 0,
            left: 0,
            reserved: [0; 2],
            held: None,
            root: None,
            beginning: None,
            slice_start: LineColumn::START,
            is_done: false,
        };
        inflow.sniff()?;
        Ok(inflow)
    }

    /// SHA-256 of the file's bytes, once the last slice was handed out.
    pub(super) fn digest(&self) -> Digest {
        let mut out = [0; 32];
        out.copy_from_slice(self.digest.clone().finish().as_ref());
        Digest(out)
    }

    /// The next of the root's children, up to `most`; the last slice has whatever is left, which may be none.
    pub(super) fn next_slice(&mut self, most: Most) -> Result<Option<Slice>, StreamFault> {
        let mut children = 0;
        while !self.is_done {
            let (at, piece) = match self.scan.step(&self.window.view(), self.at) {
                Ok(step) => step,
                Err(Stop::Fault(fault)) => return Err(self.refuse(Judgement::Scan, *fault)),
                Err(Stop::More) => {
                    self.more()?;
                    continue;
                }
            };
            self.at = at;
            match piece {
                Piece::RootStart => self.root(at)?,
                Piece::RootEnd if self.root.is_none() => self.root(at)?,
                Piece::ChildEnd => {
                    children += 1;
                    if children >= most.children || at >= most.bytes {
                        return Ok(Some(self.slice()));
                    }
                }
                Piece::End => {
                    self.is_done = true;
                    if let Some(fault) = reserves(self.window.document_name, self.reserved, self.limits) {
                        return Err(self.refuse(Judgement::Reserves, fault));
                    }
                    return Ok(Some(self.slice()));
                }
                Piece::RootEnd | Piece::Inside => {}
            }
        }
        Ok(None)
    }

    /// Refuses the file for a fault, or for one that the rest of it holds and that is judged before.
    pub(super) fn refuse(&mut self, judgement: Judgement, fault: WireFault) -> StreamFault {
        self.hold(judgement, fault);
        let mut scans = judgement > Judgement::Scan;
        while scans && !self.is_certain() {
            match self.scan_on() {
                Ok(more) => scans = more,
                Err(fault) => return fault,
            }
        }
        while !self.is_certain() && !self.window.has_ended {
            let seen = self.window.text.len();
            self.window.leave(seen);
            if let Err(fault) = self.fill() {
                return fault;
            }
        }
        if let Some(fault) = reserves(self.window.document_name, self.reserved, self.limits) {
            self.hold(Judgement::Reserves, fault);
        }
        self.is_done = true;
        StreamFault::Refused(self.held.take().map(|(_, fault)| fault).into_iter().collect())
    }

    /// Whether nothing that is still to come can be judged before what is held.
    fn is_certain(&self) -> bool {
        self.held.as_ref().is_some_and(|(judgement, _)| *judgement <= Judgement::Utf8)
    }

    /// A step of the scan in a file that is refused in any case; whether it goes on.
    fn scan_on(&mut self) -> Result<bool, StreamFault> {
        let stopped = match self.scan.step(&self.window.view(), self.at) {
            Ok((_, Piece::End)) => return Ok(false),
            Ok((at, piece)) => {
                self.at = at;
                if piece == Piece::ChildEnd {
                    self.left = at;
                }
                return Ok(true);
            }
            Err(Stop::More) => self.outsized(),
            Err(stop) => Some(stop),
        };
        if let Some(Stop::Fault(fault)) = stopped {
            self.hold(Judgement::Scan, *fault);
            return Ok(false);
        }
        // Once for all children in view: what stays behind them is moved each time.
        let left = std::mem::take(&mut self.left);
        self.window.leave(left);
        self.at -= left;
        self.fill().map(|()| true)
    }

    /// A child of the root that is too large already, though it has not ended.
    fn outsized(&self) -> Option<Stop> {
        let seen = self.window.text.len().saturating_sub(LOOK_AHEAD_BYTES);
        self.scan.entry_fits(&self.window.view(), seen).err()
    }

    /// Keeps the fault that is judged first, of the same judgement the first.
    fn hold(&mut self, judgement: Judgement, fault: WireFault) {
        if self.held.as_ref().is_none_or(|(held, _)| judgement < *held) {
            self.held = Some((judgement, fault));
        }
    }

    /// Reads on because the scan cannot go on; refuses what is already too large, and what reading has found.
    fn more(&mut self) -> Result<(), StreamFault> {
        if let Some(Stop::Fault(fault)) = self.outsized() {
            return Err(self.refuse(Judgement::Scan, *fault));
        }
        self.fill()?;
        match self.held.take() {
            Some((judgement, fault)) => Err(self.refuse(judgement, fault)),
            None => Ok(()),
        }
    }

    /// Reads a chunk and judges its characters; what is wrong is held.
    fn fill(&mut self) -> Result<(), StreamFault> {
        let room = self.unfinished..self.unfinished + self.read_bytes;
        let read = loop {
            match self.source.read(&mut self.chunk[room.clone()]) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                read => break read?,
            }
        };
        self.digest.update(&self.chunk[self.unfinished..self.unfinished + read]);
        let before = self.received - self.unfinished;
        self.received += read;
        self.window.has_ended = read == 0;
        if let Some(fault) = self.outgrown() {
            self.hold(Judgement::Size, fault);
        }
        let seen = self.window.text.len();
        let bytes = &self.chunk[..self.unfinished + read];
        let (characters, fault) = match std::str::from_utf8(bytes) {
            Ok(text) => (text, None),
            Err(error) => {
                let is_wrong = error.error_len().is_some() || self.window.has_ended;
                let valid = std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default();
                (valid, is_wrong.then(|| not_utf8(self.window.document_name, bytes, &error, before)))
            }
        };
        self.window.take(characters, self.quoting);
        let (from, to) = (characters.len(), bytes.len());
        self.chunk.copy_within(from..to, 0);
        self.unfinished = to - from;
        if let Some(fault) = fault {
            self.unfinished = 0;
            self.hold(Judgement::Utf8, fault);
        }
        self.judge_characters(seen);
        Ok(())
    }

    fn outgrown(&self) -> Option<WireFault> {
        size(self.window.document_name, self.received, self.limits).filter(|fault| fault.kind == FaultKind::Limits)
    }

    /// Judges the characters in view from an offset on.
    fn judge_characters(&mut self, from: usize) {
        let view = self.window.view();
        let (control, non_character) = (control(&view, from), non_character(&view, from));
        let [tags, equals] = reserved(&view.text[from..]);
        self.reserved = [self.reserved[0] + tags, self.reserved[1] + equals];
        if let Some(fault) = control {
            self.hold(Judgement::Control, fault);
        }
        if let Some(fault) = non_character {
            self.hold(Judgement::NonCharacter, fault);
        }
    }

    /// The first bytes: none at all, or those of another encoding.
    fn sniff(&mut self) -> Result<(), StreamFault> {
        let mut known = 0;
        while known < SNIFFED_BYTES {
            match self.source.read(&mut self.chunk[known..SNIFFED_BYTES]) {
                Ok(0) => break,
                Ok(read) => known += read,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        let name = self.window.document_name;
        let fault = size(name, known, self.limits).or_else(|| encoding(name, &self.chunk[..known]));
        if let Some(fault) = fault {
            return Err(StreamFault::Refused(vec![fault]));
        }
        (self.unfinished, self.received) = (known, known);
        self.digest.update(&self.chunk[..known]);
        Ok(())
    }

    /// Keeps the root's tags; the view is behind its start tag.
    fn root(&mut self, at: usize) -> Result<(), StreamFault> {
        let beginning = normalise_line_ends(&self.window.text[..at]).into_owned();
        let tag = root_tag(&beginning).unwrap_or_default();
        let name = beginning[tag.clone()].trim_start_matches('<');
        let name_end = name.find([' ', '\t', '\n', '\r', '>', '/']).unwrap_or(name.len());
        self.root = Some(Root {
            tag: beginning[tag.clone()].to_owned(),
            end_tag: format!("</{}>", &name[..name_end]),
            start: LineColumn::START.after(&beginning.as_bytes()[..tag.start]),
        });
        self.slice_start = LineColumn::START.after(beginning.as_bytes());
        self.beginning = Some(beginning);
        while !self.window.has_ended && self.window.text.len() < at + LOOK_AHEAD_BYTES {
            self.more()?;
        }
        self.scan.root_leaves(&self.window.view());
        self.window.leave(at);
        self.at = 0;
        Ok(())
    }

    /// Cuts off what the scan has gone over.
    fn slice(&mut self) -> Slice {
        let content = normalise_line_ends(&self.window.text[..self.at]);
        let (is_first, is_last, start) = (self.beginning.is_some(), self.is_done, self.slice_start);
        self.slice_start = start.after(content.as_bytes());
        let (tag, end_tag, root_start) = match &self.root {
            Some(root) => (root.tag.as_str(), root.end_tag.as_str(), root.start),
            None => ("", "", LineColumn::START),
        };
        let beginning = self.beginning.take();
        let lead = beginning.as_deref().unwrap_or(tag);
        let text = [lead, &*content, if is_last { "" } else { end_tag }].concat();
        let end = lead.len() + content.len();
        if let (Quoting::Hidden, Cow::Owned(mut copy)) = (self.quoting, content) {
            copy.zeroize();
        }
        let frame = if is_first { Frame::WHOLE } else { Frame { lead: lead.len(), lead_start: root_start, start } };
        self.window.leave(self.at);
        self.at = 0;
        Slice { text, end, frame, is_first, is_last, quoting: self.quoting }
    }
}

impl<R> Drop for Inflow<'_, R> {
    fn drop(&mut self) {
        if self.quoting == Quoting::Hidden {
            self.chunk.zeroize();
            self.window.text.zeroize();
        }
    }
}
