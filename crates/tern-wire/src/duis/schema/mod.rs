//! The DUIS and MMC schemas 5.0, 5.1 and 5.4 as data, and their judge.
//!
//! `notation/` describes every message once, in lines that people read; where the versions differ, a line says since or until which it
//! holds. A new element is a line there. The notation (`notation/README.md` has its rules) is read once for each version ([`read`]) into
//! a [`Schema`], by which the judge goes through a document. This module must never know what an element means.

mod compile;
mod decimal;
mod describe;
mod facets;
mod judge;
mod lexical;
mod moment;
mod read;
mod words;

use std::sync::LazyLock;

pub use describe::{Content as ContentView, Holds as HoldsView, Part, PartKind, Text as TextView, root};
pub(super) use judge::{Signed, judge, judge_body};

use super::{RA, SR, SchemaVersion};
use facets::TextType;

/// Every file of the notation, with its name.
const NOTATION: &[(&str, &str)] = &[
    ("texts", include_str!("notation/texts.txt")),
    ("envelope", include_str!("notation/envelope.txt")),
    ("dcc_answers", include_str!("notation/dcc_answers.txt")),
    ("dcc_alerts", include_str!("notation/dcc_alerts.txt")),
    ("mmc", include_str!("notation/mmc.txt")),
    ("shared", include_str!("notation/shared.txt")),
    ("requests_1_tariff", include_str!("notation/requests_1_tariff.txt")),
    ("requests_2_prepayment", include_str!("notation/requests_2_prepayment.txt")),
    ("requests_3_display", include_str!("notation/requests_3_display.txt")),
    ("requests_4_reads", include_str!("notation/requests_4_reads.txt")),
    ("requests_5_schedules", include_str!("notation/requests_5_schedules.txt")),
    ("requests_6_configuration", include_str!("notation/requests_6_configuration.txt")),
    ("requests_7_supply", include_str!("notation/requests_7_supply.txt")),
    ("requests_8_inventory", include_str!("notation/requests_8_inventory.txt")),
    ("requests_9_other", include_str!("notation/requests_9_other.txt")),
    ("responses_1_tariff", include_str!("notation/responses_1_tariff.txt")),
    ("responses_2_prepayment", include_str!("notation/responses_2_prepayment.txt")),
    ("responses_3_display", include_str!("notation/responses_3_display.txt")),
    ("responses_4_reads", include_str!("notation/responses_4_reads.txt")),
    ("responses_6_configuration", include_str!("notation/responses_6_configuration.txt")),
    ("responses_7_supply", include_str!("notation/responses_7_supply.txt")),
    ("responses_8_inventory", include_str!("notation/responses_8_inventory.txt")),
    ("responses_9_other", include_str!("notation/responses_9_other.txt")),
];

/// The schema of a version.
pub(super) fn schema(version: SchemaVersion) -> &'static Schema {
    static SCHEMAS: LazyLock<[Schema; 3]> = LazyLock::new(|| {
        SchemaVersion::ALL.map(|version| {
            compile::schema(NOTATION, version).expect("the notation is part of the program, and a test reads all of it")
        })
    });
    &SCHEMAS[version as usize]
}

/// What one version allows.
#[derive(Debug)]
pub(super) struct Schema {
    /// Root elements and what they hold.
    roots: Vec<(&'static str, ContentId)>,
    contents: Vec<Content>,
}

impl Schema {
    fn content(&self, id: ContentId) -> &Content {
        &self.contents[id.0]
    }

    /// What the root of this name holds.
    fn root(&self, name: &str) -> Option<ContentId> {
        self.roots.iter().find(|(known, _)| *known == name).map(|(_, id)| *id)
    }
}

/// A number in [`Schema::contents`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ContentId(usize);

/// What an element holds.
#[derive(Debug)]
struct Content {
    attributes: Vec<Attribute>,
    holds: Holds,
}

#[derive(Debug)]
enum Holds {
    /// No element and no character.
    Nothing,
    /// Text; where it is empty, the default stands for it.
    Text { text: TextType, default: Option<&'static str> },
    /// Elements.
    Elements(Particle),
}

#[derive(Debug)]
struct Attribute {
    name: &'static str,
    is_required: bool,
    text: TextType,
}

/// A part of a content model, so many times.
#[derive(Debug)]
struct Particle {
    min: u32,
    max: u32,
    term: Term,
    /// What it may begin with.
    first: Vec<Name>,
    /// Whether it may be nothing at all.
    may_be_nothing: bool,
}

#[derive(Debug)]
enum Term {
    Element(Name, ContentId),
    /// `ds:Signature`, whose form is the signature profile's to judge.
    Signature,
    Sequence(Vec<Particle>),
    Choice(Vec<Particle>),
}

/// A local name in a namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Name {
    namespace: Namespace,
    local: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Namespace {
    Sr,
    Ra,
    Ds,
}

impl Namespace {
    fn uri(self) -> &'static str {
        match self {
            Namespace::Sr => SR,
            Namespace::Ra => RA,
            Namespace::Ds => crate::xml::exact::DS,
        }
    }
}

impl Name {
    const SIGNATURE: Name = Name { namespace: Namespace::Ds, local: "Signature" };

    fn is(self, node: roxmltree::Node) -> bool {
        let name = node.tag_name();
        name.name() == self.local && name.namespace() == Some(self.namespace.uri())
    }
}
