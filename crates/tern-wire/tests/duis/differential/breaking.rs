//! Ways to break a document in one place.

use tern_wire::duis::schema::{HoldsView, TextView};
use tern_wire::duis::{RA, SR};

use super::document::{Body, Child, Elem};
use super::generate::{base64, limits};
use crate::dice::Dice;

/// One change in one element.
#[derive(Debug, Clone)]
pub struct Break {
    /// The element's names from the root, without numbers, and the change.
    pub key: String,
    path: Vec<usize>,
    change: Change,
}

#[derive(Debug, Clone)]
enum Change {
    Text(String),
    Attribute(&'static str, Option<String>),
    NewAttribute(&'static str),
    Remove(usize),
    Repeat(usize, usize),
    Swap(usize),
    Insert(usize, &'static str),
    OtherNamespace,
}

/// Every change to a document, once for each place in the schema.
pub fn all(document: &Elem, dice: &mut Dice) -> Vec<Break> {
    let mut breaks = Vec::new();
    of(document, document.name.to_owned(), Vec::new(), (dice, &mut breaks));
    let mut seen = std::collections::HashSet::new();
    breaks.retain(|one| seen.insert(one.key.clone()));
    breaks
}

fn of(elem: &Elem, names: String, path: Vec<usize>, (dice, into): (&mut Dice, &mut Vec<Break>)) {
    let mut add = |what: String, change: Change| {
        into.push(Break { key: format!("{names}: {what}"), path: path.clone(), change });
    };
    for (name, is_required, text) in elem.content.attributes().filter(|_| !path.is_empty()) {
        for value in values(text, dice) {
            add(format!("@{name} {value}"), Change::Attribute(name, Some(value)));
        }
        if is_required {
            add(format!("@{name} removed"), Change::Attribute(name, None));
        }
    }
    let name = *dice.pick(&["unknown", "xsi:nil", "xml:lang", "xsi:noNamespaceSchemaLocation"]);
    add(format!("@{name}"), Change::NewAttribute(name));
    match elem.content.holds() {
        HoldsView::Nothing => add("text".into(), Change::Text("x".into())),
        HoldsView::Text(text) => {
            values(text, dice).into_iter().for_each(|value| add(format!("`{value}`"), Change::Text(value)));
            add("an element inside".into(), Change::Insert(0, "<sr:X/>"));
        }
        HoldsView::Elements(_) => {
            for (at, child) in elem.children().enumerate() {
                let name = child.name;
                add(format!("{name} removed"), Change::Remove(at));
                for times in [1, 50] {
                    add(format!("{name} {times} more"), Change::Repeat(at, times));
                }
                add(format!("{name} swapped"), Change::Swap(at));
            }
            add("unknown".into(), Change::Insert(dice.upto(2), "<sr:Unknown/>"));
            add("text".into(), Change::Insert(0, "x"));
            add("white space".into(), Change::Insert(0, " \n"));
        }
    }
    if !path.is_empty() {
        add("other namespace".into(), Change::OtherNamespace);
    }
    for (at, child) in elem.children().enumerate() {
        of(child, format!("{names}/{}", child.name), [path.as_slice(), &[at]].concat(), (dice, into));
    }
}

impl Break {
    /// The last two of the element's names, and the change.
    pub fn short_key(&self) -> String {
        let (names, what) = self.key.split_once(": ").unwrap();
        format!("{}: {what}", names.rsplitn(3, '/').take(2).collect::<Vec<_>>().join(" in "))
    }

    /// The document with the change.
    pub fn apply(&self, document: &Elem) -> Elem {
        let mut broken = document.clone();
        let elem = broken.at_mut(&self.path);
        match &self.change {
            Change::Text(text) => elem.body = Body::Text(text.clone()),
            Change::Attribute(name, value) => {
                elem.attributes.retain(|(known, _)| known != name);
                elem.attributes.extend(value.clone().map(|value| (*name, value)));
            }
            Change::NewAttribute(name) => {
                if name.starts_with("xsi:") {
                    let value = "http://www.w3.org/2001/XMLSchema-instance".to_owned();
                    elem.attributes.push(("xmlns:xsi", value));
                }
                elem.attributes.push((name, "true".to_owned()));
            }
            Change::OtherNamespace => elem.namespace = if elem.namespace == SR { RA } else { SR },
            Change::Insert(at, raw) => insert(elem, *at, raw),
            Change::Remove(at) => {
                let at = position(elem, *at);
                children(elem).remove(at);
            }
            Change::Repeat(at, times) => {
                let at = position(elem, *at);
                let child = children(elem)[at].clone();
                children(elem).splice(at..at, std::iter::repeat_n(child, *times));
            }
            Change::Swap(at) => {
                let at = position(elem, *at);
                let other = (at + 1) % children(elem).len();
                children(elem).swap(at, other);
            }
        }
        broken
    }
}

fn children(elem: &mut Elem) -> &mut Vec<Child> {
    match &mut elem.body {
        Body::Children(children) => children,
        _ => panic!("no children"),
    }
}

fn insert(elem: &mut Elem, at: usize, raw: &str) {
    match &mut elem.body {
        Body::Children(children) => children.insert(at.min(children.len()), Child::Raw(raw.to_owned())),
        body => *body = Body::Children(vec![Child::Raw(raw.to_owned())]),
    }
}

/// Where the child element of this number stands among all children.
fn position(elem: &mut Elem, at: usize) -> usize {
    let elems = children(elem).iter().enumerate().filter(|(_, child)| matches!(child, Child::Elem(_)));
    elems.map(|(position, _)| position).nth(at).unwrap()
}

/// Texts around the limits of a type, most of them wrong.
fn values(text: TextView, dice: &mut Dice) -> Vec<String> {
    let mut values: Vec<String> = (0..2).map(|_| (*dice.pick(strange(text.base()))).to_owned()).collect();
    for word in text.words().iter().take(2) {
        values.extend([word.to_lowercase(), format!("{word}x"), format!(" {word} "), format!("0{word}")]);
    }
    let (least, most) = text.length();
    let of_length = |length: usize| match text.base() {
        "hexBinary" => "A0".repeat(length),
        "base64Binary" => base64(length),
        _ if text.pattern().is_some_and(|pattern| pattern.contains("[0-9")) => "7".repeat(length),
        _ => "é".repeat(length),
    };
    if least > 0 {
        values.extend([of_length(least - 1), of_length(least)]);
    }
    if most < 2000 {
        values.extend([of_length(most), of_length(most + 1)]);
    }
    if text.pattern().is_some() {
        let eui = "90-B3-D5-1F-30-01-00-00";
        let others =
            ["90B3D51F30010000", "90-B3-D5-1F-30-01-00-0G", "90-B3-D5-1F-30-01-00", "~", "é", "1234567890123456789X"];
        values.extend(others.map(str::to_owned));
        values.extend([format!("{eui},{eui}"), format!("{eui},"), format!(" {eui}"), eui.to_lowercase()]);
    }
    if strange(text.base()).contains(&"007") {
        values.extend(numbers(text));
    }
    values
}

fn numbers(text: TextView) -> Vec<String> {
    if text.base() != "decimal" {
        let (least, most) = limits(text);
        return [least - 1, least, most, most + 1].map(|number| number.to_string()).to_vec();
    }
    let bounds = text.range().into_iter().flatten();
    bounds
        .flat_map(|bound| [bound.to_owned(), format!("{bound}0001"), format!("-{bound}"), format!("9{bound}")])
        .collect()
}

/// What each base does not allow, or only just.
fn strange(base: &str) -> &'static [&'static str] {
    match base {
        "string" => &["", " ", "\t", "Ω"],
        "token" => &["", "  a   b "],
        "boolean" => &["", "TRUE", " true\n", "2", "yes"],
        "dateTime" => &[
            "",
            "2026-02-29T00:00:00",
            "2026-03-02",
            "2026-03-02T24:00:00",
            "2026-03-02T24:00:01",
            "2026-03-02T12:00:00+14:00",
            "2026-03-02T12:00:00+15:00",
            "12026-03-02T12:00:00Z",
            "0000-03-02T12:00:00Z",
            "-0001-03-02T12:00:00Z",
            " 2026-03-02T12:00:00Z ",
            "2026-03-02T12:00:60Z",
            "2026-03-02 12:00:00",
            "2026-03-02T12:00:00.Z",
            "2026-03-02T12:00:00.0000001Z",
        ],
        "date" => {
            &["", "2026-02-29", "2026-3-2", "2026-03-02+01:00", "2026-03-02T00:00:00", "02026-03-02", "2026-13-01"]
        }
        "time" => &["", "12:00", "24:00:00", "25:00:00", "12:00:00.5", "12:00:00+00:00", "12:60:00"],
        "hexBinary" => &["", "A", "0g", " A0 ", "a0"],
        "base64Binary" => &[
            "",
            "A",
            "AA",
            "AA==",
            "AB==",
            "AAA=",
            "A A = =",
            "AA=A",
            "AA==AA==",
            " AAAA ",
            "A-_A",
            "====",
            "AAAA\nAAAA",
        ],
        "requestID" => &[
            "",
            "90-B3-D5-1F-30-01-00-00:00-DB-12-34-56-78-90-A0:01",
            "90-B3-D5-1F-30-01-00-00:00-DB-12-34-56-78-90-A0:",
            "90-B3-D5-1F-30-01-00-00:00-DB-12-34-56-78-90-A0:18446744073709551616",
            "90-B3-D5-1F-30-01-00-00:00-DB-12-34-56-78-90-A0:0",
            "90-b3-d5-1f-30-01-00-00:00-db-12-34-56-78-90-a0:9999999999999999999",
            "90-B3-D5-1F-30-01-00-00:1",
            " 90-B3-D5-1F-30-01-00-00:00-DB-12-34-56-78-90-A0:1 ",
            "90-B3-D5-1F-30-01-00-00:00-DB-12-34-56-78-90-A0:99999999999999999999",
            "90-B3-D5-1F-30-01-00-00:00-DB-12-34-56-78-90-A0:-1",
            "90-B3-D5-1F-30-01-00-00:00-DB-12-34-56-78-90-A0:+1",
        ],
        _ => &[
            "",
            "007",
            "+1",
            "-1",
            "-0",
            "1.0",
            "1.",
            "1e3",
            "1 2",
            " 3 ",
            "x",
            "0x1",
            "INF",
            "99999999999999999999999999999999",
        ],
    }
}
