//! An element with the description that it was made from, and its text in one of many equal spellings.

use tern_wire::schema::{ComplexType, Content, Namespace};

use super::dice::Dice;

#[derive(Clone)]
pub struct Tree {
    pub namespace: Option<Namespace>,
    pub name: String,
    /// What it holds; none for a stranger.
    pub content: Option<Content>,
    pub attributes: Vec<(String, String)>,
    pub children: Vec<Child>,
}

#[derive(Clone)]
pub enum Child {
    Element(Tree),
    Text(String),
}

impl Tree {
    pub fn is_of(&self, complex: &'static ComplexType) -> bool {
        matches!(self.content, Some(Content::Complex(own)) if same(own, complex))
    }

    /// The document: prefixes, white space between elements and spellings of characters by chance.
    pub fn render(&self, dice: &mut Dice) -> String {
        let style = Style { prefixed: dice.one_in(3), spaced: dice.one_in(3), declared: dice.one_in(2) };
        let mut out = String::new();
        if dice.one_in(4) {
            out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        }
        self.write(style, true, dice, &mut out);
        out
    }

    fn write(&self, style: Style, is_root: bool, dice: &mut Dice, out: &mut String) {
        let name = match (self.namespace, style.prefixed) {
            (Some(Namespace::Migration), false) | (None, _) => self.name.clone(),
            (Some(namespace), _) => format!("{}:{}", prefix(namespace), self.name),
        };
        out.push_str(&format!("<{name}"));
        self.declare(style, is_root, out);
        for (attribute, value) in &self.attributes {
            let value = value.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
            out.push_str(&format!(" {attribute}=\"{value}\""));
        }
        if self.children.is_empty() && dice.one_in(2) {
            out.push_str("/>");
            return;
        }
        out.push('>');
        // White space may stand between elements, and not where none can be.
        let is_complex = matches!(self.content, Some(Content::Complex(own)) if own.particles().next().is_some());
        for child in &self.children {
            if style.spaced && is_complex {
                let blank: &&str = dice.pick(&["\n  ", "\t", " "]);
                out.push_str(blank);
            }
            match child {
                Child::Element(tree) => tree.write(style, false, dice, out),
                Child::Text(text) => write_text(text, dice, out),
            }
        }
        if style.spaced && is_complex {
            out.push('\n');
        }
        out.push_str(&format!("</{name}>"));
    }

    /// The namespaces, at the root or where each is needed.
    fn declare(&self, style: Style, is_root: bool, out: &mut String) {
        let mut declare = |namespace: Namespace| {
            let name = match (namespace, style.prefixed) {
                (Namespace::Migration | Namespace::Earlier, false) => "xmlns".to_owned(),
                _ => format!("xmlns:{}", prefix(namespace)),
            };
            out.push_str(&format!(" {name}=\"{}\"", namespace.uri()));
        };
        if is_root {
            Namespace::ALL
                .into_iter()
                .filter(|ns| *ns == Namespace::Migration || (*ns != Namespace::Earlier && style.declared))
                .for_each(&mut declare);
        }
        match self.namespace {
            Some(namespace @ (Namespace::Signature | Namespace::Encryption)) if !style.declared => declare(namespace),
            None if !style.prefixed => out.push_str(" xmlns=\"\""),
            _ => {}
        }
    }
}

/// Whether two descriptions are of one type. A constant has no address of its own.
pub fn same(one: &ComplexType, other: &ComplexType) -> bool {
    (one.namespace, one.name) == (other.namespace, other.name)
}

#[derive(Clone, Copy)]
struct Style {
    /// Every namespace has a prefix; else the migration namespace is the default.
    prefixed: bool,
    spaced: bool,
    /// All namespaces are declared at the root.
    declared: bool,
}

fn prefix(namespace: Namespace) -> &'static str {
    match namespace {
        Namespace::Migration | Namespace::Earlier => "m",
        Namespace::Signature => "ds",
        Namespace::Encryption => "xenc",
    }
}

fn write_text(text: &str, dice: &mut Dice, out: &mut String) {
    if !text.is_empty() && !text.contains("]]>") && !text.contains('\r') && dice.one_in(12) {
        out.push_str(&format!("<![CDATA[{text}]]>"));
        return;
    }
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\r' => out.push_str("&#xD;"),
            c if dice.one_in(60) => out.push_str(&format!("&#{};", c as u32)),
            c => out.push(c),
        }
    }
}
