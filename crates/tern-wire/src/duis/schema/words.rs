//! The wording of faults.

use super::facets::TextType;
use super::lexical::Misfit;

/// What a fault says beside its place.
pub(super) struct Words {
    pub(super) message: String,
    pub(super) found: String,
    pub(super) expected: String,
    pub(super) suggestion: &'static str,
}

/// The most names that a fault lists.
const NAMES_SHOWN: usize = 12;

/// Names as a list that ends.
pub(super) fn listed<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    let shown = names[..names.len().min(NAMES_SHOWN)].join(", ");
    if names.len() > NAMES_SHOWN { format!("{shown} and {} more", names.len() - NAMES_SHOWN) } else { shown }
}

pub(super) fn missing(parent: &str, expected: String, count: u32) -> Words {
    let message = match count {
        0 => format!("{parent} lacks an element"),
        _ => format!("{parent} has too few of an element"),
    };
    let found = if count == 0 { "nothing".to_owned() } else { count.to_string() };
    Words { message, found, expected, suggestion: "add it at its place" }
}

pub(super) fn unknown(parent: &str, name: &str, expected: String) -> Words {
    Words {
        message: format!("{parent} does not hold such an element"),
        found: name.to_owned(),
        expected,
        suggestion: "remove it, or correct its name and spelling",
    }
}

pub(super) fn out_of_order(parent: &str, name: &str, expected: String) -> Words {
    Words {
        message: format!("an element stands at the wrong place in {parent}, or once too often"),
        found: name.to_owned(),
        expected,
        suggestion: "put the elements in the order of the schema",
    }
}

pub(super) fn wrong_namespace(name: &str, found: Option<&str>, expected: &str) -> Words {
    Words {
        message: format!("{name} is in another namespace than the schema's"),
        found: found.unwrap_or("no namespace").to_owned(),
        expected: expected.to_owned(),
        suggestion: "declare the namespaces as the schema has them",
    }
}

pub(super) fn stray_text(parent: &str, found: &str, holds_nothing: bool) -> Words {
    let expected = if holds_nothing { "no content at all" } else { "elements, and white space alone between them" };
    Words {
        message: format!("{parent} holds text"),
        found: found.to_owned(),
        expected: expected.to_owned(),
        suggestion: "remove the text",
    }
}

pub(super) fn element_in_text(name: &str, found: &str, text: &TextType) -> Words {
    Words {
        message: format!("{name} holds an element"),
        found: found.to_owned(),
        expected: text.to_string(),
        suggestion: "replace the element by text",
    }
}

pub(super) fn unknown_attribute(name: &str, attribute: &str) -> Words {
    Words {
        message: format!("{name} does not have such an attribute"),
        found: attribute.to_owned(),
        expected: "no such attribute".to_owned(),
        suggestion: "remove the attribute",
    }
}

pub(super) fn missing_attribute(name: &str, attribute: &str) -> Words {
    Words {
        message: format!("{name} lacks the attribute {attribute}"),
        found: "nothing".to_owned(),
        expected: format!("the attribute {attribute}"),
        suggestion: "add the attribute",
    }
}

pub(super) fn bad_text(name: &str, found: &str, text: &TextType, misfit: Misfit) -> Words {
    let why = match misfit {
        Misfit::Base => format!("is no {}", text.base.name()),
        Misfit::Words => "is none of the words of its type".to_owned(),
        Misfit::Pattern => "does not have the form of its type".to_owned(),
        Misfit::Length => "is too short or too long".to_owned(),
        Misfit::Range => "is out of range".to_owned(),
        Misfit::Digits => "has too many digits".to_owned(),
    };
    Words {
        message: format!("{name} {why}"),
        found: found.to_owned(),
        expected: text.to_string(),
        suggestion: "correct the value",
    }
}
