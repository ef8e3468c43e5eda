//! The one pass over tags and references that [`super::guard`] makes.
//!
//! Not a parser: it knows just enough to count, to find what is never allowed, and to refuse the few malformed tags that
//! the parser behind it would let pass. Every byte is looked at a fixed number of times.

use memchr::{memchr, memchr2, memmem};

use super::{Limits, place_at};
use crate::{FaultKind, WireFault};

/// How far behind `&` its `;` may be: room for `&#x0010FFFF;`.
const REFERENCE_BYTES_MAX: usize = 12;

/// An element whose end tag has not come yet.
struct Open {
    /// Offset of its `<`.
    start: usize,
    /// Namespace declarations in scope in it.
    namespaces: usize,
}

pub(super) struct Scan<'a> {
    document_name: &'a str,
    text: &'a str,
    limits: &'a Limits,
    open: Vec<Open>,
    nodes: usize,
    roots: usize,
}

/// What the attributes of one tag add up to.
#[derive(Default)]
struct TagCount {
    attributes: usize,
    namespaces: usize,
    defaults: usize,
}

impl<'a> Scan<'a> {
    pub(super) fn new(document_name: &'a str, text: &'a str, limits: &'a Limits) -> Scan<'a> {
        Scan { document_name, text, limits, open: Vec::with_capacity(16), nodes: 0, roots: 0 }
    }

    /// The whole text.
    pub(super) fn run(mut self) -> Result<(), WireFault> {
        let mut at = self.declaration()?;
        while let Some(found) = memchr(b'<', &self.text.as_bytes()[at..]) {
            self.between(at, at + found)?;
            at = self.markup(at + found)?;
            if self.nodes > self.limits.max_nodes {
                let most = format!("at most {}", self.limits.max_nodes);
                return Err(self.limit(at, "the file has too many tags and texts", "more", most));
            }
        }
        self.between(at, self.text.len())?;
        match self.open.last() {
            Some(open) => Err(self.cut(open.start)),
            None if self.roots == 0 => Err(self.form(
                0,
                "the file has no element",
                "text alone".into(),
                "an XML document",
                "send the right file",
            )),
            None => Ok(()),
        }
    }

    /// Lets `<?xml version="1.0" encoding="UTF-8"?>` pass; returns the offset behind it.
    fn declaration(&self) -> Result<usize, WireFault> {
        let name_ends = |rest: &str| rest.starts_with(|c: char| c.is_ascii_whitespace() || c == '?');
        if !self.text.strip_prefix("<?xml").is_some_and(name_ends) {
            return Ok(0);
        }
        let Some(end) = self.text.find("?>") else { return Err(self.cut(0)) };
        let declaration = self.text[5..end].replace('\'', "\"");
        let mut words = declaration.split_ascii_whitespace();
        let version = words.next() == Some("version=\"1.0\"") && declaration.starts_with(' ');
        let rest_fits = words.all(|w| {
            w.eq_ignore_ascii_case("encoding=\"UTF-8\"") || matches!(w, "standalone=\"yes\"" | "standalone=\"no\"")
        });
        if version && rest_fits {
            return Ok(end + 2);
        }
        let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>, or none";
        let found = shortened(&self.text[..end + 2]);
        Err(self.form(0, "the XML declaration is another", found, expected, "write version 1.0 and UTF-8"))
    }

    /// Text between markup: counted, and its references looked at.
    fn between(&mut self, from: usize, to: usize) -> Result<(), WireFault> {
        if from == to {
            return Ok(());
        }
        self.nodes += 1;
        let text = &self.text[from..to];
        if self.open.is_empty() && !text.bytes().all(|b| b.is_ascii_whitespace()) {
            if self.roots == 0 {
                let message = "the file does not begin with an element: it is not XML";
                return Err(self.form(from, message, shortened(text.trim()), "an XML document", "send the right file"));
            }
            let expected = "one element and nothing beside it";
            let next = "send the file as it was signed";
            return Err(self.form(from, "text outside the document's element", shortened(text), expected, next));
        }
        self.references(from, to)
    }

    fn references(&self, from: usize, to: usize) -> Result<(), WireFault> {
        let mut at = from;
        while let Some(found) = memchr(b'&', &self.text.as_bytes()[at..to]) {
            at += found;
            let window = &self.text.as_bytes()[at..to.min(at + REFERENCE_BYTES_MAX)];
            let length = memchr(b';', window).unwrap_or(0);
            let name = window.get(1..length).unwrap_or_default();
            if !matches!(name, b"amp" | b"lt" | b"gt" | b"quot" | b"apos") && !is_character_reference(name) {
                let found = shortened(&self.text[at..to]);
                let expected = "&amp; &lt; &gt; &quot; &apos; or a reference to a character of XML 1.0";
                return Err(self.form(at, "a reference to an entity", found, expected, "write the character itself"));
            }
            at += length;
        }
        Ok(())
    }

    /// One piece of markup that begins at `start`; returns the offset behind it.
    fn markup(&mut self, start: usize) -> Result<usize, WireFault> {
        self.nodes += 1;
        let rest = &self.text.as_bytes()[start..];
        match rest.get(1) {
            None => Err(self.cut(start)),
            Some(b'/') => {
                let end = memchr(b'>', rest).ok_or_else(|| self.cut(start))?;
                if self.open.pop().is_none() {
                    let next = "send the file as it was signed";
                    let found = shortened(&self.text[start..]);
                    return Err(self.form(
                        start,
                        "an end tag without its start tag",
                        found,
                        "a start tag before",
                        next,
                    ));
                }
                Ok(start + end + 1)
            }
            Some(b'!') if rest.starts_with(b"<![CDATA[") && !self.open.is_empty() => {
                memmem::find(rest, b"]]>").map(|end| start + end + 3).ok_or_else(|| self.cut(start))
            }
            Some(b'!' | b'?') => Err(self.forbidden(start)),
            Some(_) => self.start_tag(start),
        }
    }

    fn forbidden(&self, start: usize) -> WireFault {
        let rest = &self.text[start..];
        let message = if rest.starts_with("<!--") {
            "a comment: it is no part of what a signature covers"
        } else if rest.starts_with("<?") {
            "a processing instruction"
        } else if rest.get(..9).is_some_and(|word| word.eq_ignore_ascii_case("<!DOCTYPE")) {
            "a document type declaration"
        } else {
            "a markup declaration"
        };
        self.form(start, message, shortened(rest), "elements and text alone", "leave it out before the file is signed")
    }

    fn start_tag(&mut self, start: usize) -> Result<usize, WireFault> {
        if self.open.is_empty() && self.roots > 0 {
            let found = shortened(&self.text[start..]);
            let next = "send the file as it was signed";
            return Err(self.form(start, "a second document behind the first", found, "one element", next));
        }
        let bytes = self.text.as_bytes();
        let mut count = TagCount::default();
        let name_end = self.name_end(start + 1)?;
        self.name(start + 1, name_end)?;
        let mut at = name_end;
        // From quote to quote: what stands before one is an attribute's name, what stands behind the last is the tag's end.
        let end = loop {
            let found = memchr::memchr3(b'"', b'\'', b'>', &bytes[at..]).ok_or_else(|| self.cut(start))? + at;
            if bytes[found] == b'>' {
                break found;
            }
            let close = memchr2(bytes[found], b'<', &bytes[found + 1..]).ok_or_else(|| self.cut(start))? + found + 1;
            if bytes[close] == b'<' {
                return Err(self.cut(start));
            }
            self.attribute(at, found, close, &mut count)?;
            at = close + 1;
        };
        let inherited = self.open.last().map_or(0, |open| open.namespaces);
        let empty = bytes[end - 1] == b'/';
        self.tag_limits(start, &count, inherited + count.namespaces)?;
        self.roots += usize::from(self.open.is_empty());
        if !empty {
            self.open.push(Open { start, namespaces: inherited + count.namespaces });
        }
        Ok(end + 1)
    }

    fn tag_limits(&self, start: usize, count: &TagCount, namespaces: usize) -> Result<(), WireFault> {
        let limits = self.limits;
        let over = |message, found: usize, most: usize| {
            (found > most).then(|| self.limit(start, message, &found.to_string(), format!("at most {most}")))
        };
        over("elements are nested too deep", self.open.len() + 1, limits.max_depth)
            .or_else(|| over("a tag has too many attributes", count.attributes, limits.max_attributes))
            .or_else(|| over("too many namespaces are declared", namespaces, limits.max_namespaces))
            .map_or(Ok(()), Err)
    }

    /// The attribute between `from` (behind the tag's name or the last value) and `close` (its closing quote).
    fn attribute(&self, from: usize, quote: usize, close: usize, count: &mut TagCount) -> Result<(), WireFault> {
        let bytes = self.text.as_bytes();
        let space = bytes[from..quote].iter().take_while(|b| b.is_ascii_whitespace()).count();
        let name_start = from + space;
        let name_end = self.name_end(name_start)?;
        self.name(name_start, name_end)?;
        let name = &self.text[name_start..name_end];
        count.attributes += 1;
        if name == "xmlns" {
            count.namespaces += 1;
            count.defaults += 1;
        } else if let Some(prefix) = name.strip_prefix("xmlns:") {
            count.namespaces += 1;
            if prefix == "xmlns" || close == quote + 1 {
                let found = shortened(&self.text[name_start..=close]);
                let expected = "a prefix bound to a namespace";
                return Err(self.form(
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
            return Err(self.form(name_start, "the default namespace is declared twice", found, "one", EXPORT_AGAIN));
        }
        self.references(quote + 1, close)
    }

    fn name_end(&self, from: usize) -> Result<usize, WireFault> {
        let rest = &self.text.as_bytes()[from..];
        let ends = |b: &u8| matches!(b, b' ' | b'\t' | b'\n' | b'\r' | b'/' | b'>' | b'=' | b'<' | b'"' | b'\'');
        let within = &rest[..rest.len().min(self.limits.max_name_bytes + 1)];
        match within.iter().position(ends) {
            Some(length) => Ok(from + length),
            None if within.len() > self.limits.max_name_bytes => {
                let most = format!("at most {} bytes", self.limits.max_name_bytes);
                Err(self.limit(from, "a name is too long", "more", most))
            }
            None => Err(self.cut(from)),
        }
    }

    fn name(&self, from: usize, to: usize) -> Result<(), WireFault> {
        if from < to && self.text.as_bytes()[from] != b':' && self.text.as_bytes()[to - 1] != b':' {
            return Ok(());
        }
        let found = shortened(&self.text[from..]);
        Err(self.form(from, "a tag or attribute without a proper name", found, "a name", EXPORT_AGAIN))
    }

    fn form(&self, at: usize, message: &str, found: String, expected: &str, suggestion: &str) -> WireFault {
        WireFault {
            kind: FaultKind::Form,
            place: place_at(self.document_name, self.text, at),
            message: message.into(),
            found,
            expected: expected.into(),
            suggestion: suggestion.into(),
        }
    }

    fn limit(&self, at: usize, message: &str, found: &str, expected: String) -> WireFault {
        WireFault {
            kind: FaultKind::Limits,
            place: place_at(self.document_name, self.text, at),
            message: message.into(),
            found: found.into(),
            expected,
            suggestion: "send a file of the published schema".into(),
        }
    }

    fn cut(&self, start: usize) -> WireFault {
        let found = format!("the end of the file inside {}", shortened(&self.text[start..]));
        let mut fault =
            self.form(start, "the file is cut short", found, "the end tag of every element", "send it again");
        fault.suggestion = "send the whole file again".into();
        fault
    }
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

/// The beginning of what was found, short enough for one line.
fn shortened(text: &str) -> String {
    const CHARACTERS_MAX: usize = 40;
    let line: String = text.chars().take(CHARACTERS_MAX).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.len() > line.len() { format!("{line}…") } else { line }
}
