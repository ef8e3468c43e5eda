//! Valid documents from the description, to the limits of what it allows.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tern_wire::schema::{
    Attribute, Base, ComplexType, Content, Facet, Field, MessageDescription, Namespace, SimpleType, check_lexical,
    collapse,
};

use super::dice::Dice;
use super::targets::ENTRIES_MAX;
use super::tree::{Child, Tree};

/// XML Encryption refers to itself; beyond this depth nothing optional is made.
const DEPTH_MAX: usize = 9;

pub fn message(message: &MessageDescription, dice: &mut Dice) -> Tree {
    let content = Content::Complex(message.content);
    let mut tree = Tree {
        namespace: Some(Namespace::Migration),
        name: message.root.to_owned(),
        content: Some(content),
        attributes: Vec::new(),
        children: Vec::new(),
    };
    fill(&mut tree, message.content, 0, dice);
    tree
}

/// An element for a field of a type.
pub fn element(parent: &'static ComplexType, field: &'static Field, depth: usize, dice: &mut Dice) -> Tree {
    let mut tree = Tree {
        namespace: Some(field.namespace(parent.namespace)),
        name: field.element.to_owned(),
        content: Some(field.content),
        attributes: Vec::new(),
        children: Vec::new(),
    };
    match field.content {
        Content::Complex(complex) => fill(&mut tree, complex, depth, dice),
        Content::Simple(simple) => tree.children.push(Child::Text(padded(simple, dice))),
    }
    tree
}

fn fill(tree: &mut Tree, complex: &'static ComplexType, depth: usize, dice: &mut Dice) {
    let wanted = |attribute: &&Attribute, dice: &mut Dice| attribute.required || dice.one_in(2);
    for attribute in complex.attributes {
        if wanted(&attribute, dice) {
            tree.attributes.push((attribute.name.to_owned(), text(attribute.value, dice)));
        }
    }
    for field in complex.particles() {
        for _ in 0..count(field, depth, dice) {
            tree.children.push(Child::Element(element(complex, field, depth + 1, dice)));
        }
    }
}

fn count(field: &Field, depth: usize, dice: &mut Dice) -> usize {
    let (min, max) = (field.occurs.min as usize, field.occurs.max as usize);
    if depth > DEPTH_MAX {
        return min;
    }
    let entries = field.occurs.max == ENTRIES_MAX;
    match dice.upto(5) {
        0 => min,
        1 if max <= 8 => max,
        _ if entries => (min.max(1) + dice.upto(1)).min(max),
        _ => (min.max(1) + dice.upto(2)).min(max),
    }
}

/// A text of the type with white space around it, where white space does not count.
fn padded(simple: &'static SimpleType, dice: &mut Dice) -> String {
    let inner = text(simple, dice);
    if simple.base == Base::Text || !dice.one_in(8) {
        return inner;
    }
    let blank = |dice: &mut Dice| (*dice.pick(&[" ", "\n\t", "  ", "\r", ""])).to_owned();
    let (before, after) = (blank(dice), blank(dice));
    let inner = if dice.one_in(2) { inner.replace(' ', "\n  ") } else { inner };
    format!("{before}{inner}{after}")
}

/// A text of the type, often at the limits of its facets.
pub fn text(simple: &'static SimpleType, dice: &mut Dice) -> String {
    for _ in 0..100 {
        let text = attempt(simple, dice);
        if check_lexical(simple, &collapse(simple.base, &text)).is_ok() {
            return text;
        }
    }
    panic!("no text of {simple:?} was found");
}

fn attempt(simple: &'static SimpleType, dice: &mut Dice) -> String {
    let (mut least, mut most) = (0, 40);
    for facet in simple.facets {
        match facet {
            Facet::Enumeration(words) => return (*dice.pick(words)).to_owned(),
            Facet::Pattern(expression) => return from_pattern(expression, dice),
            Facet::MinLength(n) => least = *n as usize,
            Facet::MaxLength(n) => most = *n as usize,
            Facet::MinInclusive(_) | Facet::MaxInclusive(_) => {}
        }
    }
    let length = match dice.upto(7) {
        0 => least,
        1 => most,
        _ => least + dice.upto(12.min(most - least)),
    };
    match simple.base {
        Base::Base64Binary => {
            let bytes: Vec<u8> = (0..length).map(|_| dice.upto(255) as u8).collect();
            let text = STANDARD.encode(bytes);
            if text.len() > 8 && dice.one_in(4) { format!("{} {}", &text[..5], &text[5..]) } else { text }
        }
        _ => characters(length, dice),
    }
}

/// So many characters, none of them blank at an end or beside another blank.
pub fn characters(length: usize, dice: &mut Dice) -> String {
    const KINDS: [char; 15] = ['a', 'Z', '0', '9', '-', '_', 'é', '€', '😀', '&', '<', '>', '"', '\'', '\u{301}'];
    let mut text = String::new();
    for at in 0..length {
        let blank = at > 0 && at + 1 < length && !text.ends_with(' ') && dice.one_in(9);
        text.push(if blank { ' ' } else { *dice.pick(&KINDS) });
    }
    text
}

/// A text that the expression matches: of the same subset that the descriptions use.
fn from_pattern(expression: &str, dice: &mut Dice) -> String {
    let expression: Vec<char> = expression.chars().collect();
    let mut out = String::new();
    alternatives(&expression, dice, &mut out);
    out
}

fn alternatives(expression: &[char], dice: &mut Dice, out: &mut String) {
    let mut branches = vec![Vec::new()];
    let (mut depth, mut class, mut escaped) = (0usize, false, false);
    for c in expression {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => class = true,
            ']' => class = false,
            '(' if !class => depth += 1,
            ')' if !class => depth -= 1,
            '|' if depth == 0 && !class => {
                branches.push(Vec::new());
                continue;
            }
            _ => {}
        }
        branches.last_mut().expect("one at least").push(*c);
    }
    let branch: &Vec<char> = dice.pick(&branches);
    sequence(branch, dice, out);
}

fn sequence(mut expression: &[char], dice: &mut Dice, out: &mut String) {
    while !expression.is_empty() {
        let end = match expression[0] {
            '\\' => 2,
            '[' => expression.iter().position(|c| *c == ']').expect("closed") + 1,
            '(' => closing(expression) + 1,
            _ => 1,
        };
        let (atom, rest) = expression.split_at(end);
        let (min, max, used) = quantifier(rest);
        let times = if dice.one_in(3) { *dice.pick(&[min, max]) } else { min + dice.upto(max - min) };
        for _ in 0..times {
            match atom[0] {
                '(' => alternatives(&atom[1..atom.len() - 1], dice, out),
                '[' => out.push(one_of(&atom[1..atom.len() - 1], dice)),
                '\\' => out.push(atom[1]),
                c => out.push(c),
            }
        }
        expression = &rest[used..];
    }
}

fn closing(expression: &[char]) -> usize {
    let mut depth = 0;
    for (at, c) in expression.iter().enumerate() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    panic!("a group ends");
}

fn one_of(class: &[char], dice: &mut Dice) -> char {
    let mut members = Vec::new();
    let mut rest = class;
    while let Some(first) = rest.first() {
        if rest.len() >= 3 && rest[1] == '-' {
            members.extend(*first..=rest[2]);
            rest = &rest[3..];
        } else {
            members.push(*first);
            rest = &rest[1..];
        }
    }
    *dice.pick(&members)
}

fn quantifier(rest: &[char]) -> (usize, usize, usize) {
    match rest.first() {
        Some('?') => (0, 1, 1),
        Some('*') => (0, 4, 1),
        Some('+') => (1, 4, 1),
        Some('{') => {
            let end = rest.iter().position(|c| *c == '}').expect("closed");
            let inside: String = rest[1..end].iter().collect();
            let mut numbers = inside.split(',').map(|n| n.parse::<usize>().expect("a number"));
            let min = numbers.next().expect("a number");
            (min, numbers.next().unwrap_or(min), end + 1)
        }
        _ => (1, 1, 0),
    }
}
