//! The wording of schema faults.

use super::{Base, ComplexType, Facet, Field, LexicalFault, SimpleType};

/// The most characters of found text that a fault quotes.
const QUOTE_MAX: usize = 80;

/// What a fault says beside its place.
pub(super) struct Words {
    pub(super) message: String,
    pub(super) found: String,
    pub(super) expected: String,
    pub(super) suggestion: String,
}

impl Words {
    pub(super) fn new(message: String, found: &str, expected: String, suggestion: impl Into<String>) -> Words {
        Words { message, found: shorten(found), expected, suggestion: suggestion.into() }
    }
}

/// Text as one readable line: cut where it is long, and named where there is nothing to see.
pub(crate) fn shorten(text: &str) -> String {
    if text.is_empty() {
        return "nothing".to_owned();
    }
    if text.trim().is_empty() {
        return "white space alone".to_owned();
    }
    let cut: String = text.chars().take(QUOTE_MAX).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().count() <= QUOTE_MAX { cut } else { format!("{cut}…") }
}

pub(super) fn missing(parent: &str, field: &Field, count: usize) -> Words {
    let message = if count == 0 {
        format!("{parent} has no {}", field.element)
    } else {
        format!("{parent} has only {count} {}", field.element)
    };
    let found = if count == 0 { "nothing".to_owned() } else { count.to_string() };
    Words::new(
        message,
        &found,
        format!("{} {}", times(field), field.element),
        format!("add {}: {}", field.element, first_sentence(field.doc)),
    )
}

pub(super) fn too_many(parent: &str, field: &Field, count: usize) -> Words {
    Words::new(
        format!("{parent} has {count} {}", field.element),
        &count.to_string(),
        format!("{} {}", times(field), field.element),
        format!("remove what is too many, or move it to an entry of its own: {}", first_sentence(field.doc)),
    )
}

pub(super) fn unknown_element(parent: &str, complex: &'static ComplexType, name: &str) -> Words {
    Words::new(
        format!("{parent} does not hold an element {name}"),
        name,
        element_list(complex),
        "remove it, or correct its name, spelling and namespace",
    )
}

pub(super) fn wrong_namespace(name: &str, found: Option<&str>, expected: &str) -> Words {
    Words::new(
        format!("{name} is in another namespace than the schema's"),
        found.unwrap_or("no namespace"),
        expected.to_owned(),
        "declare the namespace of the schema version that the file follows",
    )
}

pub(super) fn out_of_order(parent: &str, complex: &'static ComplexType, name: &str) -> Words {
    Words::new(
        format!("{name} stands at the wrong place in {parent}, or once too often"),
        name,
        element_list(complex),
        "put the elements in the order of the schema",
    )
}

pub(super) fn text_between(parent: &str, found: &str) -> Words {
    Words::new(
        format!("{parent} holds text between its elements"),
        found,
        "elements, and white space alone between them".to_owned(),
        "remove the text, or put it into the element that it belongs to",
    )
}

pub(super) fn element_in_text(name: &str, child: &str, simple: &SimpleType) -> Words {
    Words::new(
        format!("{name} holds an element where the schema has text"),
        child,
        simple.expected.to_owned(),
        "replace the element by text",
    )
}

pub(super) fn unknown_attribute(name: &str, attribute: &str) -> Words {
    Words::new(
        format!("{name} does not have an attribute {attribute}"),
        attribute,
        "no such attribute (nor any of the xsi namespace)".to_owned(),
        "remove the attribute",
    )
}

pub(super) fn missing_attribute(name: &str, attribute: &str) -> Words {
    Words::new(
        format!("{name} has no attribute {attribute}"),
        "nothing",
        format!("the attribute {attribute}"),
        "add the attribute",
    )
}

pub(super) fn bad_text(name: &str, found: &str, simple: &SimpleType, fault: LexicalFault) -> Words {
    let why = match fault {
        LexicalFault::Base(base) => format!("is not of the type {}", base_name(base)),
        LexicalFault::Facet(Facet::Pattern(_)) => "does not have the form that the schema asks for".to_owned(),
        LexicalFault::Facet(Facet::MinLength(least)) => format!("is shorter than {least}"),
        LexicalFault::Facet(Facet::MaxLength(most)) => format!("is longer than {most}"),
        LexicalFault::Facet(Facet::MinInclusive(least)) => format!("is less than {least}"),
        LexicalFault::Facet(Facet::MaxInclusive(most)) => format!("is more than {most}"),
        LexicalFault::Facet(Facet::Enumeration(_)) => "is not one of the words of its type".to_owned(),
    };
    let expected = match fault {
        LexicalFault::Facet(Facet::MinLength(least)) => format!("{}: at least {least}", simple.expected),
        LexicalFault::Facet(Facet::MaxLength(most)) => format!("{}: at most {most}", simple.expected),
        _ => simple.expected.to_owned(),
    };
    Words::new(
        format!("{name} {why}"),
        found,
        expected,
        "correct the value at its source and send the file again under a new FileCounter",
    )
}

pub(super) fn no_such_value(name: &str, found: &str, simple: &SimpleType) -> Words {
    Words::new(
        format!("{name} has the right form, and there is no such value"),
        found,
        simple.expected.to_owned(),
        "correct the value at its source and send the file again under a new FileCounter",
    )
}

fn base_name(base: Base) -> &'static str {
    match base {
        Base::Text => "xs:string",
        Base::Token => "xs:token",
        Base::Integer => "xs:integer",
        Base::DateTime => "xs:dateTime",
        Base::Base64Binary => "xs:base64Binary",
    }
}

fn element_list(parent: &'static ComplexType) -> String {
    let names: Vec<&str> = parent.particles().map(|f| f.element).collect();
    if names.is_empty() { "no element".to_owned() } else { names.join(", ") }
}

fn times(field: &Field) -> String {
    match (field.occurs.min, field.occurs.max) {
        (1, 1) => "one".to_owned(),
        (min, max) => format!("{min} to {max}"),
    }
}

fn first_sentence(doc: &str) -> String {
    let flat = doc.split_whitespace().collect::<Vec<_>>().join(" ");
    flat.split_once(". ").map_or(flat.trim_end_matches('.'), |(first, _)| first).to_owned()
}
