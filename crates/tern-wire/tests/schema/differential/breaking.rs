//! Breaks one thing in a valid document.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tern_wire::schema::{Base, Content, Facet, Field, LexicalFault, Namespace, SimpleType, check_lexical, collapse};

use super::dice::Dice;
use super::generate::{characters, element, text};
use super::targets::{Target, What};
use super::tree::{Child, Tree};

/// Breaks the target once, in an element by chance; whether the document had a place for it.
pub fn apply(target: &Target, tree: &mut Tree, dice: &mut Dice) -> bool {
    let mut count = 0;
    each(tree, target, &mut |_| count += 1);
    if count == 0 {
        return false;
    }
    let (chosen, mut number, mut done) = (dice.upto(count - 1), 0, false);
    each(tree, target, &mut |node| {
        if number == chosen {
            done = change(target, node, dice);
        }
        number += 1;
    });
    done
}

fn each(tree: &mut Tree, target: &Target, visit: &mut dyn FnMut(&mut Tree)) {
    if tree.is_of(target.complex) {
        visit(tree);
    }
    for child in &mut tree.children {
        if let Child::Element(child) = child {
            each(child, target, visit);
        }
    }
}

fn change(target: &Target, node: &mut Tree, dice: &mut Dice) -> bool {
    match &target.what {
        What::Min(field) => {
            let too_many = positions(node, field).len().saturating_sub(field.occurs.min as usize - 1);
            let mut left = too_many;
            node.children.retain(|child| {
                let remove = left > 0 && is(child, field);
                left -= usize::from(remove);
                !remove
            });
            too_many > 0
        }
        What::Max(field) => {
            let there = positions(node, field);
            let Some(at) = there.last().copied() else { return false };
            let mut copies: Vec<Child> = Vec::new();
            for _ in there.len()..=field.occurs.max as usize {
                copies.push(Child::Element(element(target.complex, field, 9, dice)));
            }
            node.children.splice(at..at, copies);
            true
        }
        What::Facet(field, simple, facet) => {
            set_text(node, field, breaking(simple, LexicalFault::Facet(*facet), dice), dice)
        }
        What::Base(field, simple) => {
            set_text(node, field, breaking(simple, LexicalFault::Base(simple.base), dice), dice)
        }
        What::NoAttribute(attribute) => {
            let before = node.attributes.len();
            node.attributes.retain(|(name, _)| name != attribute.name);
            node.attributes.len() < before
        }
        What::AttributeFacet(attribute, facet) => {
            let value = breaking(attribute.value, LexicalFault::Facet(*facet), dice);
            let own = node.attributes.iter_mut().find(|(name, _)| name == attribute.name);
            own.map(|(_, own)| *own = value).is_some()
        }
        What::OtherAttribute => {
            let names = ["Other", "xml:lang", "deviceID", "xml:space"];
            node.attributes.push(((*dice.pick(&names)).to_owned(), "preserve".to_owned()));
            true
        }
        What::OtherElement => other_element(node, dice),
        What::StrayText => {
            let at = dice.upto(node.children.len());
            node.children.insert(at, Child::Text((*dice.pick(&["x", ".", "é", " 0 "])).to_owned()));
            true
        }
        What::Blank => {
            node.children.push(Child::Text(" ".to_owned()));
            true
        }
        What::Order => swap(node, dice),
        What::MarkupInText(field) => {
            let there = positions(node, field);
            let Some(Child::Element(child)) = there.first().map(|at| &mut node.children[*at]) else { return false };
            if dice.one_in(2) {
                child.attributes.push(("Other".to_owned(), "1".to_owned()));
            } else {
                let namespace = child.namespace;
                child.children.push(Child::Element(stranger("b", namespace)));
            }
            true
        }
    }
}

fn is(child: &Child, field: &Field) -> bool {
    matches!(child, Child::Element(tree) if tree.name == field.element)
}

fn positions(node: &Tree, field: &Field) -> Vec<usize> {
    (0..node.children.len()).filter(|at| is(&node.children[*at], field)).collect()
}

fn stranger(name: &str, namespace: Option<Namespace>) -> Tree {
    Tree { namespace, name: name.to_owned(), content: None, attributes: Vec::new(), children: Vec::new() }
}

/// An element of another name, or a known one under another namespace.
fn other_element(node: &mut Tree, dice: &mut Dice) -> bool {
    let at = dice.upto(node.children.len());
    if let (Some(Child::Element(child)), true) = (node.children.get_mut(at), dice.one_in(2)) {
        let others = [None, Some(Namespace::Migration), Some(Namespace::Signature), Some(Namespace::Encryption)];
        let others: Vec<_> = others.into_iter().filter(|other| *other != child.namespace).collect();
        child.namespace = *dice.pick(&others);
        return true;
    }
    let name = *dice.pick(&["Other", "installation", "Deviceid", "_"]);
    let namespace = if dice.one_in(3) { None } else { node.namespace };
    node.children.insert(at, Child::Element(stranger(name, namespace)));
    true
}

/// Two neighbours of different names change places.
fn swap(node: &mut Tree, dice: &mut Dice) -> bool {
    let name = |at: usize| match &node.children[at] {
        Child::Element(tree) => tree.name.clone(),
        Child::Text(_) => String::new(),
    };
    let pairs: Vec<usize> = (1..node.children.len()).filter(|at| name(*at) != name(at - 1)).collect();
    if pairs.is_empty() {
        return false;
    }
    let at = *dice.pick(&pairs);
    node.children.swap(at - 1, at);
    true
}

fn set_text(node: &mut Tree, field: &Field, value: String, dice: &mut Dice) -> bool {
    let there = positions(node, field);
    if there.is_empty() {
        return false;
    }
    let at = *dice.pick(&there);
    let Child::Element(child) = &mut node.children[at] else { return false };
    assert!(matches!(child.content, Some(Content::Simple(_))));
    child.children = vec![Child::Text(value)];
    true
}

/// A text that breaks one rule of a type. The rules before it hold; those behind it may break too.
fn breaking(simple: &'static SimpleType, fault: LexicalFault, dice: &mut Dice) -> String {
    for _ in 0..2000 {
        let text = attempt(simple, fault, dice);
        let broken = check_lexical(simple, &collapse(simple.base, &text));
        let masked = matches!(fault, LexicalFault::Facet(Facet::MinInclusive(_)))
            && matches!(broken, Err(LexicalFault::Facet(Facet::Pattern(_))));
        if broken == Err(fault) || masked {
            return text;
        }
    }
    panic!("nothing breaks {fault:?} of {simple:?}");
}

fn attempt(simple: &'static SimpleType, fault: LexicalFault, dice: &mut Dice) -> String {
    let base64 = |length: usize| STANDARD.encode(vec![0xA5; length]);
    let of_length = |length: usize, dice: &mut Dice| match simple.base {
        Base::Base64Binary => base64(length),
        _ => characters(length, dice),
    };
    match fault {
        LexicalFault::Facet(Facet::MinLength(least)) => of_length(least as usize - 1, dice),
        LexicalFault::Facet(Facet::MaxLength(most)) => of_length(most as usize + 1, dice),
        LexicalFault::Facet(Facet::MinInclusive(least)) => (least - 1).to_string(),
        LexicalFault::Facet(Facet::MaxInclusive(most)) => (most + 1).to_string(),
        LexicalFault::Facet(Facet::Enumeration(words)) => {
            let word = *dice.pick(words);
            [word.to_lowercase() + "x", word[1..].to_owned(), String::new(), format!("{word} {word}")][dice.upto(3)]
                .clone()
        }
        LexicalFault::Facet(Facet::Pattern(_)) => match (simple.base, dice.one_in(2)) {
            (Base::Base64Binary, _) => base64(dice.upto(40)),
            (Base::DateTime, true) => (*dice.pick(&OTHER_MOMENTS)).to_owned(),
            _ => mutated(&text(simple, dice), dice),
        },
        LexicalFault::Base(Base::DateTime) => (*dice.pick(&NO_MOMENTS)).to_owned(),
        LexicalFault::Base(Base::Base64Binary) => {
            (*dice.pick(&["AAA", "AAAAA", "AB==", "AAB=", "=AAA", "A*==", "AAAA=AAA"])).to_owned()
        }
        LexicalFault::Base(_) => (*dice.pick(&["1.0", "", "x", "1e3", "0x10", "--1", "\u{663}"])).to_owned(),
    }
}

/// Moments that are none of ours.
const OTHER_MOMENTS: [&str; 6] = [
    "2021-03-02T10:15:00Z",
    "2021-03-02T10:15:00.000+00:00",
    "2021-03-02T10:15:00.0000Z",
    "2021-03-02T10:15:00.000-01:00",
    "3021-03-02T10:15:00.000Z",
    "2021-03-02T10:15:00.00Z",
];

/// Texts that are no moments.
const NO_MOMENTS: [&str; 8] = [
    "2021-02-29T10:15:00.000Z",
    "2021-02-30T10:15:00.000Z",
    "2021-04-31T10:15:00.000Z",
    "1900-02-29T10:15:00.000Z",
    "2021-13-01T10:15:00.000Z",
    "2021-01-01T10:60:00.000Z",
    "today",
    "",
];

fn mutated(text: &str, dice: &mut Dice) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    let at = dice.upto(characters.len().max(1) - 1);
    let other = *dice.pick(&['g', 'a', 'Z', '-', ' ', '0', '+', 'é', '.', '٣']);
    match dice.upto(2) {
        0 if !characters.is_empty() => drop(characters.remove(at)),
        1 if !characters.is_empty() => characters[at] = other,
        _ => characters.insert(at, other),
    }
    characters.into_iter().collect()
}
