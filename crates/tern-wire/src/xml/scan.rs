//! The one pass over tags and references that [`super::guard`] makes.
//!
//! Not a parser: it knows just enough to count, to find what is never allowed, to refuse the few malformed tags that the parser
//! behind it would let pass, and to say where the root's children end. It goes step by step over a [`View`], which is the whole
//! text or a window that moves over a stream: a step that does not fit into the window is taken again once more is in view.

use memchr::{memchr, memchr2, memmem};

use super::view::{LOOK_AHEAD_BYTES, Stop, View, shortened};
use super::{Limits, LineColumn, Texts};
use crate::WireFault;

/// How far behind `&` its `;` may be: room for `&#x0010FFFF;`.
const REFERENCE_BYTES_MAX: usize = 12;

/// An element whose end tag has not come yet.
struct Open {
    /// Offset in the document of its `<`.
    start: usize,
    /// Namespace declarations in scope in it.
    namespaces: usize,
}

/// What a step ended with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece {
    /// The root's start tag.
    RootStart,
    /// The end of one of the root's children.
    ChildEnd,
    /// The root's end tag, or the whole of an empty root.
    RootEnd,
    /// Anything else.
    Inside,
    /// The document's end.
    End,
}

/// One pass that has come so far.
pub(crate) struct Scan<'l> {
    limits: &'l Limits,
    open: Vec<Open>,
    nodes: usize,
    roots: usize,
    /// Whether the XML declaration is behind us.
    begun: bool,
    /// Offset in the document behind the last of the root's children.
    entry: usize,
    /// Where the root stands and how it begins, for when it is out of view.
    root: Option<(LineColumn, String)>,
}

/// What the attributes of one tag add up to.
#[derive(Default)]
struct TagCount {
    attributes: usize,
    namespaces: usize,
    defaults: usize,
}

impl<'l> Scan<'l> {
    pub(crate) fn new(limits: &'l Limits) -> Scan<'l> {
        Scan { limits, open: Vec::with_capacity(16), nodes: 0, roots: 0, begun: false, entry: 0, root: None }
    }

    /// The whole text.
    pub(crate) fn run(mut self, view: &View) -> Result<(), Box<WireFault>> {
        let mut at = 0;
        loop {
            match self.step(view, at) {
                Ok((_, Piece::End)) => return Ok(()),
                Ok((next, _)) => at = next,
                Err(Stop::Fault(fault)) => return Err(fault),
                // Nothing more is to come: the view is the last.
                Err(Stop::More) => return Ok(()),
            }
        }
    }

    /// The text at `at` and the markup behind it; answers the offset behind both, in view.
    pub(crate) fn step(&mut self, view: &View, at: usize) -> Result<(usize, Piece), Stop> {
        let nodes = self.nodes;
        let taken = self.take(view, at);
        if let Err(Stop::More) = taken {
            self.nodes = nodes;
        }
        taken
    }

    fn take(&mut self, view: &View, mut at: usize) -> Result<(usize, Piece), Stop> {
        if !self.begun {
            at = declaration(view)?;
        }
        let Some(found) = memchr(b'<', &view.text.as_bytes()[at..]) else { return self.end(view, at) };
        self.between(view, at, at + found)?;
        let (at, piece) = self.markup(view, at + found)?;
        self.begun = true;
        if self.nodes > self.limits.max_nodes {
            let most = format!("at most {}", self.limits.max_nodes);
            return Err(view.limit(at, "the file has too many tags and texts", "more", most));
        }
        if piece != Piece::Inside {
            self.entry_fits(view, at)?;
            self.entry = view.base + at;
        }
        Ok((at, piece))
    }

    fn end(&mut self, view: &View, at: usize) -> Result<(usize, Piece), Stop> {
        if !view.is_last {
            return Err(Stop::More);
        }
        self.between(view, at, view.text.len())?;
        self.entry_fits(view, view.text.len())?;
        let expected = "an XML document";
        match self.open.last() {
            Some(open) if open.start >= view.base => Err(view.unfinished(open.start - view.base)),
            Some(_) => Err(self.root_is_cut(view)),
            None if self.roots == 0 => {
                Err(view.form(0, "the file has no element", "text alone".into(), expected, "send the right file"))
            }
            None => Ok((view.text.len(), Piece::End)),
        }
    }

    /// Keeps where the root stands and how it begins: its start tag is about to leave the view.
    pub(crate) fn root_leaves(&mut self, view: &View) {
        if let Some(start) = self.open.first().map(|root| root.start - view.base) {
            let at = view.start.after(&view.text.as_bytes()[..start]);
            self.root = Some((at, shortened(&view.text[start..])));
        }
    }

    /// As [`View::cut`], for a root whose start tag is out of view.
    fn root_is_cut(&self, view: &View) -> Stop {
        let mut stop = view.cut(view.text.len());
        if let (Stop::Fault(fault), Some((at, shown))) = (&mut stop, &self.root) {
            fault.place = at.of(view.document_name);
            fault.found = format!("the end of the file inside {shown}");
        }
        stop
    }

    /// What stands between two children of the root, or before the first, and the child itself, up to `at`.
    pub(crate) fn entry_fits(&self, view: &View, at: usize) -> Result<(), Stop> {
        if (view.base + at).saturating_sub(self.entry) <= self.limits.max_entry_bytes {
            return Ok(());
        }
        let most = format!("at most {} bytes for each element under the root", self.limits.max_entry_bytes);
        Err(view.limit(self.entry.saturating_sub(view.base), "an entry is too large", "more", most))
    }

    /// Text between markup: counted, and its references looked at.
    fn between(&mut self, view: &View, from: usize, to: usize) -> Result<(), Stop> {
        if from == to {
            return Ok(());
        }
        self.nodes += 1;
        let text = &view.text[from..to];
        if self.open.is_empty() && !text.bytes().all(|b| b.is_ascii_whitespace()) {
            if self.roots == 0 {
                let message = "the file does not begin with an element: it is not XML";
                return Err(view.form(from, message, shortened(text.trim()), "an XML document", "send the right file"));
            }
            let expected = "one element and nothing beside it";
            let next = "send the file as it was signed";
            return Err(view.form(from, "text outside the document's element", shortened(text), expected, next));
        }
        self.references(view, from, to)?;
        self.verbatim(view, from, to)
    }

    /// Where texts must stand as they are, none of its characters is written by its number. What it is written for is not quoted.
    fn verbatim(&self, view: &View, from: usize, to: usize) -> Result<(), Stop> {
        match memmem::find(&view.text.as_bytes()[from..to], b"&#") {
            Some(at) if self.limits.texts == Texts::Verbatim => {
                Err(not_verbatim(view, from + at, "a character reference"))
            }
            _ => Ok(()),
        }
    }

    fn references(&self, view: &View, from: usize, to: usize) -> Result<(), Stop> {
        let mut at = from;
        while let Some(found) = memchr(b'&', &view.text.as_bytes()[at..to]) {
            at += found;
            let window = &view.text.as_bytes()[at..to.min(at + REFERENCE_BYTES_MAX)];
            let length = memchr(b';', window).unwrap_or(0);
            let name = window.get(1..length).unwrap_or_default();
            if !matches!(name, b"amp" | b"lt" | b"gt" | b"quot" | b"apos") && !is_character_reference(name) {
                let found = shortened(&view.text[at..to]);
                let expected = "&amp; &lt; &gt; &quot; &apos; or a reference to a character of XML 1.0";
                return Err(view.form(at, "a reference to an entity", found, expected, "write the character itself"));
            }
            at += length;
        }
        Ok(())
    }

    /// One piece of markup that begins at `start`; returns the offset behind it.
    fn markup(&mut self, view: &View, start: usize) -> Result<(usize, Piece), Stop> {
        self.nodes += 1;
        let rest = &view.text.as_bytes()[start..];
        match rest.get(1) {
            None => Err(view.unfinished(start)),
            Some(b'/') => {
                let end = memchr(b'>', rest).ok_or_else(|| view.unfinished(start))?;
                if self.open.pop().is_none() {
                    let next = "send the file as it was signed";
                    let found = shortened(&view.text[start..]);
                    return Err(view.form(
                        start,
                        "an end tag without its start tag",
                        found,
                        "a start tag before",
                        next,
                    ));
                }
                Ok((start + end + 1, self.closed()))
            }
            Some(b'!') if rest.starts_with(b"<![CDATA[") && !self.open.is_empty() => {
                if self.limits.texts == Texts::Verbatim {
                    return Err(not_verbatim(view, start, "a CDATA section"));
                }
                let end = memmem::find(rest, b"]]>").ok_or_else(|| view.unfinished(start))?;
                Ok((start + end + 3, Piece::Inside))
            }
            Some(b'!' | b'?') => Err(self.forbidden(view, start)),
            Some(_) => self.start_tag(view, start),
        }
    }

    /// What has ended with the element that was innermost.
    fn closed(&self) -> Piece {
        match self.open.len() {
            0 => Piece::RootEnd,
            1 => Piece::ChildEnd,
            _ => Piece::Inside,
        }
    }

    fn forbidden(&self, view: &View, start: usize) -> Stop {
        let rest = &view.text[start..];
        let message = if rest.starts_with("<!--") {
            "a comment: it is no part of what a signature covers"
        } else if rest.starts_with("<?") {
            "a processing instruction"
        } else if rest.get(..9).is_some_and(|word| word.eq_ignore_ascii_case("<!DOCTYPE")) {
            "a document type declaration"
        } else {
            "a markup declaration"
        };
        view.form(start, message, shortened(rest), "elements and text alone", "leave it out before the file is signed")
    }

    fn start_tag(&mut self, view: &View, start: usize) -> Result<(usize, Piece), Stop> {
        if self.open.is_empty() && self.roots > 0 {
            let found = shortened(&view.text[start..]);
            let next = "send the file as it was signed";
            return Err(view.form(start, "a second document behind the first", found, "one element", next));
        }
        let bytes = view.text.as_bytes();
        let mut count = TagCount::default();
        let name_end = self.name_end(view, start + 1)?;
        self.name(view, start + 1, name_end)?;
        let mut at = name_end;
        // From quote to quote: what stands before one is an attribute's name, what stands behind the last is the tag's end.
        let end = loop {
            let found = memchr::memchr3(b'"', b'\'', b'>', &bytes[at..]).ok_or_else(|| view.unfinished(start))? + at;
            if bytes[found] == b'>' {
                break found;
            }
            let close =
                memchr2(bytes[found], b'<', &bytes[found + 1..]).ok_or_else(|| view.unfinished(start))? + found + 1;
            if bytes[close] == b'<' {
                return Err(view.cut(start));
            }
            self.attribute(view, (at, found, close), &mut count)?;
            at = close + 1;
        };
        let inherited = self.open.last().map_or(0, |open| open.namespaces);
        let empty = bytes[end - 1] == b'/';
        self.tag_limits(view, start, &count, inherited + count.namespaces)?;
        self.roots += usize::from(self.open.is_empty());
        if empty {
            return Ok((end + 1, self.closed()));
        }
        self.open.push(Open { start: view.base + start, namespaces: inherited + count.namespaces });
        Ok((end + 1, if self.open.len() == 1 { Piece::RootStart } else { Piece::Inside }))
    }

    fn tag_limits(&self, view: &View, start: usize, count: &TagCount, namespaces: usize) -> Result<(), Stop> {
        let limits = self.limits;
        let over = |message, found: usize, most: usize| {
            (found > most).then(|| view.limit(start, message, &found.to_string(), format!("at most {most}")))
        };
        over("elements are nested too deep", self.open.len() + 1, limits.max_depth)
            .or_else(|| over("a tag has too many attributes", count.attributes, limits.max_attributes))
            .or_else(|| over("too many namespaces are declared", namespaces, limits.max_namespaces))
            .map_or(Ok(()), Err)
    }

    /// The attribute between `from` (behind the tag's name or the last value) and `close` (its closing quote).
    fn attribute(
        &self,
        view: &View,
        (from, quote, close): (usize, usize, usize),
        count: &mut TagCount,
    ) -> Result<(), Stop> {
        let bytes = view.text.as_bytes();
        let space = bytes[from..quote].iter().take_while(|b| b.is_ascii_whitespace()).count();
        let name_start = from + space;
        let name_end = self.name_end(view, name_start)?;
        self.name(view, name_start, name_end)?;
        let name = &view.text[name_start..name_end];
        count.attributes += 1;
        if name == "xmlns" {
            count.namespaces += 1;
            count.defaults += 1;
        } else if let Some(prefix) = name.strip_prefix("xmlns:") {
            count.namespaces += 1;
            if prefix == "xmlns" || close == quote + 1 {
                let found = shortened(&view.text[name_start..=close]);
                let expected = "a prefix bound to a namespace";
                return Err(view.form(
                    name_start,
                    "a namespace declaration that XML forbids",
                    found,
                    expected,
                    EXPORT_AGAIN,
                ));
            }
        }
        if count.defaults > 1 {
            let found = "two declarations".into();
            return Err(view.form(name_start, "the default namespace is declared twice", found, "one", EXPORT_AGAIN));
        }
        self.references(view, quote + 1, close)
    }

    fn name_end(&self, view: &View, from: usize) -> Result<usize, Stop> {
        let rest = &view.text.as_bytes()[from..];
        let ends = |b: &u8| matches!(b, b' ' | b'\t' | b'\n' | b'\r' | b'/' | b'>' | b'=' | b'<' | b'"' | b'\'');
        let within = &rest[..rest.len().min(self.limits.max_name_bytes + 1)];
        match within.iter().position(ends) {
            Some(length) => Ok(from + length),
            None if within.len() > self.limits.max_name_bytes => {
                let most = format!("at most {} bytes", self.limits.max_name_bytes);
                Err(view.limit(from, "a name is too long", "more", most))
            }
            None => Err(view.unfinished(from)),
        }
    }

    fn name(&self, view: &View, from: usize, to: usize) -> Result<(), Stop> {
        if from < to && view.text.as_bytes()[from] != b':' && view.text.as_bytes()[to - 1] != b':' {
            return Ok(());
        }
        let found = shortened(&view.text[from..]);
        Err(view.form(from, "a tag or attribute without a proper name", found, "a name", EXPORT_AGAIN))
    }
}

fn not_verbatim(view: &View, at: usize, found: &str) -> Stop {
    let message = "a text that does not stand as it is, in a document with keys in the clear";
    view.form(at, message, found.to_owned(), "the characters themselves", "write them so before the file is signed")
}

/// Lets `<?xml version="1.0" encoding="UTF-8"?>` pass; returns the offset behind it.
fn declaration(view: &View) -> Result<usize, Stop> {
    if !view.is_last && view.text.len() < LOOK_AHEAD_BYTES {
        return Err(Stop::More);
    }
    let name_ends = |rest: &str| rest.starts_with(|c: char| c.is_ascii_whitespace() || c == '?');
    if !view.text.strip_prefix("<?xml").is_some_and(name_ends) {
        return Ok(0);
    }
    let Some(end) = view.text.find("?>") else { return Err(view.unfinished(0)) };
    let declaration = view.text[5..end].replace('\'', "\"");
    let mut words = declaration.split_ascii_whitespace();
    let version = words.next() == Some("version=\"1.0\"") && declaration.starts_with(' ');
    let rest_fits = words.all(|w| {
        w.eq_ignore_ascii_case("encoding=\"UTF-8\"") || matches!(w, "standalone=\"yes\"" | "standalone=\"no\"")
    });
    if version && rest_fits {
        return Ok(end + 2);
    }
    let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>, or none";
    let found = shortened(&view.text[..end + 2]);
    Err(view.form(0, "the XML declaration is another", found, expected, "write version 1.0 and UTF-8"))
}

const EXPORT_AGAIN: &str = "export the file again; do not edit signed files";

/// `#13` or `#xD`, naming a character that XML 1.0 has.
fn is_character_reference(name: &[u8]) -> bool {
    let Some(digits) = name.strip_prefix(b"#") else { return false };
    let (digits, radix) = digits.strip_prefix(b"x").map_or((digits, 10), |hex| (hex, 16));
    let all_digits = !digits.is_empty() && digits.iter().all(|&b| char::from(b).is_digit(radix));
    let code = std::str::from_utf8(digits).ok().and_then(|d| u32::from_str_radix(d, radix).ok());
    all_digits
        && code
            .and_then(char::from_u32)
            .is_some_and(|c| (c >= ' ' || matches!(c, '\t' | '\n' | '\r')) && !matches!(c, '\u{FFFE}' | '\u{FFFF}'))
}
