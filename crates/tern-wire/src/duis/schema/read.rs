//! From the lines of the notation to a tree of entries. What they mean is [`super::compile`]'s to say.

use crate::duis::SchemaVersion;

/// One line, with those indented under it.
#[derive(Debug)]
pub(super) struct Entry {
    /// Its first word without occurrence and versions.
    pub(super) head: &'static str,
    pub(super) min: u32,
    pub(super) max: u32,
    pub(super) versions: Versions,
    /// Everything behind it.
    pub(super) rest: Vec<Token>,
    pub(super) children: Vec<Entry>,
    /// File and line, for mistakes.
    pub(super) at: (&'static str, usize),
}

/// A part of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    /// Anything between blanks.
    Word(&'static str),
    /// `"word"`, and in which versions.
    Quoted(&'static str, Versions),
    /// `/expression/`.
    Pattern(&'static str),
}

/// From which version to which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Versions {
    from: SchemaVersion,
    to: SchemaVersion,
}

impl Versions {
    const ALL: Versions = Versions { from: SchemaVersion::V5_0, to: SchemaVersion::V5_4 };

    pub(super) fn has(self, version: SchemaVersion) -> bool {
        (self.from..=self.to).contains(&version)
    }

    /// `5.0`, `5.1..` or `..5.1`.
    fn read(mark: &str) -> Option<Versions> {
        let one = |text: &str| text.parse::<SchemaVersion>().ok();
        let Some((from, to)) = mark.split_once("..") else {
            return one(mark).map(|only| Versions { from: only, to: only });
        };
        let end = |text: &str, open| if text.is_empty() { Some(open) } else { one(text) };
        Some(Versions { from: end(from, Versions::ALL.from)?, to: end(to, Versions::ALL.to)? })
    }
}

/// A mistake in the notation.
pub(super) type Mistake = String;

/// Reads one file.
pub(super) fn read(name: &'static str, text: &'static str) -> Result<Vec<Entry>, Mistake> {
    let mut open: Vec<(usize, Entry)> = Vec::new();
    let mut done = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let content = line.trim_start_matches(' ');
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let (indent, at) = (line.len() - content.len(), (name, number + 1));
        close(&mut open, &mut done, indent);
        if content.starts_with('"') {
            let (_, above) = open.last_mut().ok_or_else(|| mistake(at, "words of nothing"))?;
            above.rest.extend(tokens(content, at)?);
            continue;
        }
        open.push((indent, entry(content, at)?));
    }
    close(&mut open, &mut done, 0);
    Ok(done)
}

/// Puts entries that end here where they belong.
fn close(open: &mut Vec<(usize, Entry)>, done: &mut Vec<Entry>, indent: usize) {
    while open.last().is_some_and(|(of, _)| *of >= indent) {
        let Some((_, entry)) = open.pop() else { break };
        match open.last_mut() {
            Some((_, parent)) => parent.children.push(entry),
            None => done.push(entry),
        }
    }
}

fn entry(content: &'static str, at: (&'static str, usize)) -> Result<Entry, Mistake> {
    let (first, rest) = content.split_once(' ').unwrap_or((content, ""));
    let (word, versions) = marked(first, at)?;
    let name_end = word.find(['?', '*', '+', '{']).unwrap_or(word.len());
    let (min, max) = occurs(&word[name_end..]).ok_or_else(|| mistake(at, "no such occurrence"))?;
    let head = &word[..name_end];
    Ok(Entry { head, min, max, versions, rest: tokens(rest, at)?, children: Vec::new(), at })
}

/// A word and the versions behind it in brackets.
fn marked(word: &'static str, at: (&'static str, usize)) -> Result<(&'static str, Versions), Mistake> {
    let Some((word, mark)) = word.strip_suffix(']').and_then(|word| word.rsplit_once('[')) else {
        return Ok((word, Versions::ALL));
    };
    Ok((word, Versions::read(mark).ok_or_else(|| mistake(at, "no such version"))?))
}

/// Least and most: `?`, `*`, `+`, `{7}`, `{1,4}`, `{2,}`; once without.
fn occurs(text: &str) -> Option<(u32, u32)> {
    match text {
        "" => Some((1, 1)),
        "?" => Some((0, 1)),
        "*" => Some((0, u32::MAX)),
        "+" => Some((1, u32::MAX)),
        _ => {
            let inner = text.strip_prefix('{')?.strip_suffix('}')?;
            let (min, max) = inner.split_once(',').unwrap_or((inner, inner));
            Some((min.parse().ok()?, if max.is_empty() { u32::MAX } else { max.parse().ok()? }))
        }
    }
}

fn tokens(mut rest: &'static str, at: (&'static str, usize)) -> Result<Vec<Token>, Mistake> {
    let mut tokens = Vec::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return Ok(tokens);
        }
        if let Some(inner) = rest.strip_prefix('/') {
            let (pattern, after) = inner.rsplit_once('/').ok_or_else(|| mistake(at, "an open expression"))?;
            tokens.push(Token::Pattern(pattern));
            rest = after;
        } else if let Some(inner) = rest.strip_prefix('"') {
            let (word, after) = inner.split_once('"').ok_or_else(|| mistake(at, "an open word"))?;
            let end = after.find(' ').unwrap_or(after.len());
            tokens.push(Token::Quoted(word, marked(&after[..end], at)?.1));
            rest = &after[end..];
        } else {
            let (word, after) = rest.split_once(' ').unwrap_or((rest, ""));
            tokens.push(Token::Word(word));
            rest = after;
        }
    }
}

/// A mistake at a line.
pub(super) fn mistake((file, line): (&str, usize), what: &str) -> Mistake {
    format!("{file}.txt:{line}: {what}")
}
