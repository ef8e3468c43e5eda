//! From entries of the notation to the schema of one version.

use std::collections::HashMap;

use super::facets::{Base, TextType};
use super::read::{Entry, Mistake, Token, mistake, read};
use super::{Attribute, Content, ContentId, Holds, Name, Namespace, Particle, Schema, Term};
use crate::duis::SchemaVersion;

/// Reads the notation for a version.
pub(super) fn schema(notation: &[(&'static str, &'static str)], version: SchemaVersion) -> Result<Schema, Mistake> {
    let mut files = Vec::new();
    for (name, text) in notation {
        files.extend(read(name, text)?);
    }
    let mut definitions = Definitions::default();
    files.iter().try_for_each(|entry| definitions.add(entry))?;
    let mut compiler = Compiler { version, definitions: &definitions, contents: Vec::new(), known: HashMap::new() };
    let mut roots = Vec::new();
    for (name, root) in definitions.elements.iter().filter(|(_, entry)| entry.head == "root") {
        roots.push((*name, compiler.defined(name, root, Namespace::Sr)?));
    }
    Ok(Schema { roots, contents: compiler.contents })
}

/// What the files define, by name.
#[derive(Default)]
struct Definitions<'e> {
    texts: HashMap<&'static str, &'e Entry>,
    groups: HashMap<&'static str, &'e Entry>,
    elements: HashMap<&'static str, &'e Entry>,
}

impl<'e> Definitions<'e> {
    fn add(&mut self, entry: &'e Entry) -> Result<(), Mistake> {
        let Some(Token::Word(name)) = entry.rest.first().copied() else {
            return Err(mistake(entry.at, "a definition without a name"));
        };
        let table = match entry.head {
            "text" => &mut self.texts,
            "group" => &mut self.groups,
            "element" | "root" => &mut self.elements,
            _ => return Err(mistake(entry.at, "neither text, group, element nor root")),
        };
        match table.insert(name, entry) {
            None => Ok(()),
            Some(_) => Err(mistake(entry.at, "defined twice")),
        }
    }
}

struct Compiler<'e> {
    version: SchemaVersion,
    definitions: &'e Definitions<'e>,
    contents: Vec<Content>,
    /// What was made of a definition in a namespace.
    known: HashMap<(&'static str, &'static str, bool), ContentId>,
}

/// What was gathered of an element's lines.
#[derive(Default)]
struct Lines {
    attributes: Vec<Attribute>,
    particles: Vec<Particle>,
}

impl<'e> Compiler<'e> {
    fn add(&mut self, content: Content) -> ContentId {
        self.contents.push(content);
        ContentId(self.contents.len() - 1)
    }

    /// The content of a definition, made once for each namespace.
    fn defined(&mut self, name: &'static str, entry: &'e Entry, namespace: Namespace) -> Result<ContentId, Mistake> {
        let pinned = entry.rest.ends_with(&[Token::Word("in"), Token::Word("ra")]);
        let namespace = if pinned { Namespace::Ra } else { namespace };
        let key = (entry.head, name, namespace == Namespace::Ra);
        if let Some(known) = self.known.get(&key) {
            return Ok(*known);
        }
        let rest = &entry.rest[1..entry.rest.len() - if pinned { 2 } else { 0 }];
        let content = self.content(entry, rest, namespace)?;
        self.known.insert(key, content);
        Ok(content)
    }

    /// What an element holds whose line ends with these tokens.
    fn content(&mut self, entry: &'e Entry, rest: &[Token], namespace: Namespace) -> Result<ContentId, Mistake> {
        let lines = self.lines(&entry.children, namespace)?;
        let holds = match rest {
            [] => elements(lines.particles),
            [Token::Word("empty")] => Holds::Nothing,
            [Token::Word(word), restrictions @ ..] => match self.text(word, restrictions, entry)? {
                Some(holds) if lines.particles.is_empty() => holds,
                Some(_) => return Err(mistake(entry.at, "text and elements")),
                None if entry.children.is_empty() && restrictions.is_empty() => {
                    return self.group(word, entry, namespace);
                }
                None => return Err(mistake(entry.at, "more beside a group")),
            },
            _ => return Err(mistake(entry.at, "no type")),
        };
        Ok(self.add(Content { attributes: lines.attributes, holds }))
    }

    fn group(&mut self, name: &'static str, entry: &Entry, namespace: Namespace) -> Result<ContentId, Mistake> {
        let group = self.definitions.groups.get(name).ok_or_else(|| mistake(entry.at, "no such text or group"))?;
        self.defined(name, group, namespace)
    }

    /// The type of text that a word and its restrictions are; none where the word is neither a base nor a text.
    fn text(&self, word: &str, restrictions: &[Token], entry: &Entry) -> Result<Option<Holds>, Mistake> {
        let (default, restrictions) = match restrictions {
            [Token::Word("default"), Token::Quoted(default, _), rest @ ..] => (Some(*default), rest),
            all => (None, all),
        };
        let no_such = || mistake(entry.at, "no such restriction");
        let text = if let Some(base) = Base::of(word) {
            TextType::of(base).restricted(restrictions, self.version).ok_or_else(no_such)?
        } else if let Some(named) = self.definitions.texts.get(word) {
            let [Token::Word(_), Token::Word("="), Token::Word(base), of_base @ ..] = named.rest.as_slice() else {
                return Err(mistake(named.at, "not NAME = BASE"));
            };
            let base = Base::of(base).ok_or_else(|| mistake(named.at, "no such base"))?;
            let text = TextType::of(base).restricted(of_base, self.version);
            text.and_then(|text| text.restricted(restrictions, self.version)).ok_or_else(no_such)?
        } else {
            return Ok(None);
        };
        Ok(Some(Holds::Text { text, default }))
    }

    fn lines(&mut self, children: &'e [Entry], namespace: Namespace) -> Result<Lines, Mistake> {
        let (mut lines, version) = (Lines::default(), self.version);
        for child in children.iter().filter(|child| child.versions.has(version)) {
            if let Some(name) = child.head.strip_prefix('@') {
                lines.attributes.push(self.attribute(name, child)?);
            } else if child.head == "include" {
                let included = self.included(child, namespace)?;
                lines.particles.extend(included.particles);
                lines.attributes.extend(included.attributes);
            } else {
                lines.particles.push(self.particle(child, namespace)?);
            }
        }
        Ok(lines)
    }

    fn included(&mut self, entry: &'e Entry, namespace: Namespace) -> Result<Lines, Mistake> {
        let name = match entry.rest.as_slice() {
            [Token::Word(name)] => *name,
            _ => return Err(mistake(entry.at, "include of what")),
        };
        let group = self.definitions.groups.get(name).ok_or_else(|| mistake(entry.at, "no such group"))?;
        self.lines(&group.children, namespace)
    }

    fn attribute(&self, name: &'static str, entry: &Entry) -> Result<Attribute, Mistake> {
        let [Token::Word(word), restrictions @ ..] = entry.rest.as_slice() else {
            return Err(mistake(entry.at, "an attribute without a type"));
        };
        match self.text(word, restrictions, entry)? {
            Some(Holds::Text { text, .. }) => Ok(Attribute { name, is_required: entry.min > 0, text }),
            _ => Err(mistake(entry.at, "no such text")),
        }
    }

    fn particle(&mut self, entry: &'e Entry, namespace: Namespace) -> Result<Particle, Mistake> {
        let term = match entry.head {
            "sequence" => Term::Sequence(self.lines(&entry.children, namespace)?.particles),
            "choice" => Term::Choice(self.lines(&entry.children, namespace)?.particles),
            "signature" => Term::Signature,
            local => {
                let content = if entry.rest.is_empty() && entry.children.is_empty() {
                    let element = self.definitions.elements.get(local);
                    let element = element.ok_or_else(|| mistake(entry.at, "no such element"))?;
                    self.defined(local, element, namespace)?
                } else {
                    self.content(entry, &entry.rest, namespace)?
                };
                Term::Element(Name { namespace, local }, content)
            }
        };
        Ok(particle(entry.min, entry.max, term))
    }
}

fn elements(particles: Vec<Particle>) -> Holds {
    if particles.is_empty() { Holds::Nothing } else { Holds::Elements(particle(1, 1, Term::Sequence(particles))) }
}

/// A particle with what it may begin with.
fn particle(min: u32, max: u32, term: Term) -> Particle {
    let (first, term_may_be_nothing) = match &term {
        Term::Element(name, _) => (vec![*name], false),
        Term::Signature => (vec![Name::SIGNATURE], false),
        Term::Sequence(items) => {
            let needed = items.iter().position(|item| !item.may_be_nothing);
            let begins = &items[..needed.map_or(items.len(), |at| at + 1)];
            (begins.iter().flat_map(|item| item.first.clone()).collect(), needed.is_none())
        }
        Term::Choice(items) => {
            (items.iter().flat_map(|item| item.first.clone()).collect(), items.iter().any(|item| item.may_be_nothing))
        }
    };
    Particle { min, max, term, first, may_be_nothing: min == 0 || term_may_be_nothing }
}
