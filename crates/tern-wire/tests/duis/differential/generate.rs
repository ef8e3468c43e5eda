//! Documents that the schema allows, made from it by chance.

use std::collections::BTreeSet;

use tern_wire::duis::schema::{ContentView, HoldsView, Part, PartKind, TextView};
use tern_wire::duis::{Root, SR, SchemaVersion, schema};

use super::document::{Body, Child, Elem};
use crate::dice::Dice;

/// Which of all documents of a root is made: these elements stand in it.
#[derive(Debug, Clone)]
pub struct Target {
    pub root: Root,
    pub path: Vec<&'static str>,
}

impl Target {
    /// The element that it is about.
    pub fn name(&self) -> &'static str {
        self.path.last().copied().unwrap_or(self.root.name())
    }
}

/// Every body, every answer of the DCC, every alert, every Rsp of a version.
pub fn targets(version: SchemaVersion) -> Vec<Target> {
    let mut targets = Vec::new();
    for root in Root::ALL {
        let content = schema::root(root, version).unwrap();
        let mut under = |path: &[&'static str]| {
            let found = path.iter().try_fold(content, |content, name| find(content, name)).unwrap();
            for name in alternatives(found) {
                targets.push(Target { root, path: [path, &[name]].concat() });
            }
        };
        match root {
            Root::Request => under(&["Body"]),
            Root::Response => {
                under(&["Body"]);
                under(&["Body", "ResponseMessage"]);
                under(&["Body", "DCCAlertMessage", "DCCAlert"]);
            }
            Root::Smets1SignedResponse => {
                under(&["SMETS1Response", "Body"]);
                under(&["SMETS1Response", "Body", "ResponseMessage", "SMETSData"]);
                under(&["SMETS1Response", "Body", "ResponseMessage", "DebugInfo"]);
                under(&["SMETS1Response", "Body", "DeviceAlertMessage", "DeviceAlertContent", "Payload"]);
            }
            Root::S1spAlert => targets.push(Target { root, path: Vec::new() }),
        }
    }
    targets
}

/// Every place below the element of a target, as names from the root.
pub fn places(target: &Target, version: SchemaVersion) -> BTreeSet<String> {
    fn within(part: Part, names: &str, into: &mut BTreeSet<String>) {
        match part.kind() {
            PartKind::Element(_, local, content) => below(content, format!("{names}/{local}"), into),
            PartKind::Signature => {}
            PartKind::Sequence(parts) | PartKind::Choice(parts) => {
                parts.into_iter().for_each(|part| within(part, names, into));
            }
        }
    }
    fn below(content: ContentView, names: String, into: &mut BTreeSet<String>) {
        parts(content).into_iter().for_each(|part| within(part, &names, into));
        into.insert(names);
    }
    let root = schema::root(target.root, version).unwrap();
    let content = target.path.iter().try_fold(root, |content, name| find(content, name)).unwrap();
    let names = std::iter::once(target.root.name()).chain(target.path.iter().copied()).collect::<Vec<_>>().join("/");
    let mut places = BTreeSet::new();
    below(content, names, &mut places);
    places
}

fn parts(content: ContentView) -> Vec<Part> {
    match content.holds() {
        HoldsView::Elements(part) => vec![part],
        _ => Vec::new(),
    }
}

/// What the first element of a name under an element holds.
fn find(content: ContentView, name: &str) -> Option<ContentView> {
    fn within(part: Part, name: &str) -> Option<ContentView> {
        match part.kind() {
            PartKind::Element(_, local, content) => (local == name).then_some(content),
            PartKind::Signature => None,
            PartKind::Sequence(parts) | PartKind::Choice(parts) => {
                parts.into_iter().find_map(|part| within(part, name))
            }
        }
    }
    parts(content).into_iter().find_map(|part| within(part, name))
}

/// The elements of the choices right in an element.
fn alternatives(content: ContentView) -> Vec<&'static str> {
    fn within(part: Part, in_choice: bool, into: &mut Vec<&'static str>) {
        match part.kind() {
            PartKind::Element(_, local, _) if in_choice => into.push(local),
            PartKind::Element(..) | PartKind::Signature => {}
            PartKind::Sequence(parts) => parts.into_iter().for_each(|part| within(part, in_choice, into)),
            PartKind::Choice(parts) => parts.into_iter().for_each(|part| within(part, true, into)),
        }
    }
    let mut names = Vec::new();
    parts(content).into_iter().for_each(|part| within(part, false, &mut names));
    names
}

/// How full a document is.
#[derive(Clone, Copy, PartialEq)]
pub enum Fill {
    /// Everything that may stand in it does.
    Full,
    /// By chance.
    Chance,
}

pub struct Generator<'a> {
    pub target: &'a Target,
    pub fill: Fill,
    pub dice: &'a mut Dice,
    pub signature: &'a str,
}

impl Generator<'_> {
    pub fn document(&mut self, version: SchemaVersion) -> Elem {
        let root = self.target.root;
        let content = schema::root(root, version).unwrap();
        let mut elem = self.elem(SR, root.name(), content, 0);
        elem.attributes = vec![("schemaVersion", version.as_str().to_owned())];
        elem
    }

    /// `depth` names of the target's path were met; more than its length where one is beside the path.
    fn elem(&mut self, namespace: &'static str, name: &'static str, content: ContentView, depth: usize) -> Elem {
        let mut attributes = Vec::new();
        for (name, is_required, text) in content.attributes() {
            if is_required || self.fill == Fill::Full || self.dice.one_in(2) {
                attributes.push((name, valid(text, self.dice)));
            }
        }
        let body = match content.holds() {
            HoldsView::Nothing => Body::Nothing,
            HoldsView::Text(text) => Body::Text(valid(text, self.dice)),
            HoldsView::Elements(part) => {
                let mut children = Vec::new();
                self.part(part, depth, &mut children);
                Body::Children(children)
            }
        };
        Elem { namespace, name, attributes, body, content }
    }

    fn part(&mut self, part: Part, depth: usize, into: &mut Vec<Child>) {
        for _ in 0..self.times(part, depth) {
            match part.kind() {
                PartKind::Element(namespace, name, content) => {
                    let depth = if self.target.path.get(depth) == Some(&name) { depth + 1 } else { usize::MAX };
                    into.push(Child::Elem(self.elem(namespace, name, content, depth)));
                }
                PartKind::Signature => into.push(Child::Raw(self.signature.to_owned())),
                PartKind::Sequence(parts) => parts.into_iter().for_each(|part| self.part(part, depth, into)),
                PartKind::Choice(parts) => {
                    let wanted = parts.iter().find(|part| self.is_wanted(**part, depth)).copied();
                    let chosen = wanted.unwrap_or_else(|| *self.dice.pick(&parts));
                    self.part(chosen, depth, into);
                }
            }
        }
    }

    fn is_wanted(&self, part: Part, depth: usize) -> bool {
        let Some(wanted) = self.target.path.get(depth) else { return false };
        match part.kind() {
            PartKind::Element(_, name, _) => name == *wanted,
            PartKind::Signature => false,
            PartKind::Sequence(parts) | PartKind::Choice(parts) => {
                parts.into_iter().any(|part| self.is_wanted(part, depth))
            }
        }
    }

    fn times(&mut self, part: Part, depth: usize) -> u32 {
        let (min, max) = part.occurs();
        if self.is_wanted(part, depth) {
            return min.max(1);
        }
        let most = max.min(min + 2);
        match self.fill {
            Fill::Full => most.min(min.max(1) + u32::from(self.dice.one_in(4))),
            Fill::Chance => min + self.dice.upto((most - min) as usize) as u32,
        }
    }
}

/// A text of a type, at its limits as often as between them.
pub fn valid(text: TextView, dice: &mut Dice) -> String {
    if !text.words().is_empty() {
        return (*dice.pick(text.words())).to_owned();
    }
    if let Some(pattern) = text.pattern() {
        return matching(pattern, text, dice);
    }
    let length = |dice: &mut Dice| {
        let (least, most) = text.length();
        let most = most.min(least + 12);
        let between = least + dice.upto(most - least);
        *dice.pick(&[least, most, between])
    };
    match text.base() {
        "string" | "token" => {
            let length = length(dice);
            (0..length)
                .map(|at| if text.base() == "string" && at == 3 { ' ' } else { *dice.pick(&['a', 'Z', '7', 'é', '<']) })
                .collect()
        }
        "boolean" => (*dice.pick(&["true", "false", "1", "0"])).to_owned(),
        "dateTime" => {
            (*dice.pick(&["2026-03-02T12:00:00Z", "2026-03-02T12:00:00.125", "2024-02-29T24:00:00+01:00"])).to_owned()
        }
        "date" => (*dice.pick(&["2026-03-02", "2026-03-02Z", "2024-02-29"])).to_owned(),
        "time" => (*dice.pick(&["12:00:00", "23:59:59.999Z", "00:00:00"])).to_owned(),
        "hexBinary" => "aF".repeat(length(dice)),
        "base64Binary" => base64(length(dice)),
        "requestID" => {
            let counter = *dice.pick(&["0", "1772452800000", "18446744073709551615"]);
            format!("{}:{}:{counter}", eui(dice), eui(dice))
        }
        "decimal" => decimal(text, dice),
        _ => integer(text, dice),
    }
}

pub fn base64(bytes: usize) -> String {
    use ::base64::Engine;
    ::base64::engine::general_purpose::STANDARD.encode(vec![0xA5; bytes])
}

pub fn eui(dice: &mut Dice) -> String {
    (*dice.pick(&["90-B3-D5-1F-30-01-00-00", "00-db-12-34-56-78-90-a0"])).to_owned()
}

/// The expressions in use are few: a new one is added here.
fn matching(pattern: &str, text: TextView, dice: &mut Dice) -> String {
    match pattern {
        "[A-Fa-f0-9]{2}(-[A-Fa-f0-9]{2}){7}" => eui(dice),
        "[A-Fa-f0-9]{2}(-[A-Fa-f0-9]{2}){7}(,[A-Fa-f0-9]{2}(-[A-Fa-f0-9]{2}){7})*" => {
            (0..=dice.upto(2)).map(|_| eui(dice)).collect::<Vec<_>>().join(",")
        }
        "[0-9]{20}" => "12345678901234567890".to_owned(),
        "[0-9]{4}" => "0123".to_owned(),
        "[0-9 ]+" | "[ -~]+" => {
            let (least, most) = text.length();
            let between = least.max(1) + dice.upto(most.min(12) - least.max(1));
            let length = *dice.pick(&[least.max(1), most.min(40), between]);
            (0..length).map(|_| *dice.pick(&['0', '9', ' '])).collect()
        }
        other => panic!("no text is known that matches {other}"),
    }
}

fn bounds(text: TextView) -> (i128, i128) {
    let of_base = match text.base() {
        "nonNegativeInteger" => (0, i128::from(u64::MAX) * 4),
        "positiveInteger" => (1, i128::from(u64::MAX) * 4),
        "nonPositiveInteger" => (-i128::from(u64::MAX), 0),
        "int" => (i128::from(i32::MIN), i128::from(i32::MAX)),
        "short" => (i128::from(i16::MIN), i128::from(i16::MAX)),
        "unsignedLong" => (0, i128::from(u64::MAX)),
        "unsignedInt" => (0, i128::from(u32::MAX)),
        "unsignedShort" => (0, i128::from(u16::MAX)),
        _ => (-i128::from(u64::MAX), i128::from(u64::MAX)),
    };
    let number = |bound: Option<&str>| bound.map(|bound| bound.parse::<i128>().unwrap());
    let [least, most, above, below] = text.range().map(number);
    let least = least.or(above.map(|above| above + 1)).unwrap_or(of_base.0).max(of_base.0);
    let most = most.or(below.map(|below| below - 1)).unwrap_or(of_base.1).min(of_base.1);
    let by_digits = text.digits()[0].map_or(most, |digits| 10i128.pow(digits as u32) - 1);
    (least.max(-by_digits), most.min(by_digits))
}

/// The least and most whole numbers of a type.
pub fn limits(text: TextView) -> (i128, i128) {
    bounds(text)
}

fn integer(text: TextView, dice: &mut Dice) -> String {
    let (least, most) = bounds(text);
    let between = least + (most - least) / 3;
    dice.pick(&[least, most, between]).to_string()
}

fn decimal(text: TextView, dice: &mut Dice) -> String {
    match text.range() {
        [Some(least), Some(most), ..] => (*dice.pick(&[least, most])).to_owned(),
        [_, _, Some("1.5"), Some("2.5")] => (*dice.pick(&["1.6", "2", "2.4"])).to_owned(),
        [None, None, None, None] => (*dice.pick(&["0", "-12.75", "+3.", ".5", "184467440737095516160.125"])).to_owned(),
        range => panic!("no number is known for {range:?}"),
    }
}
