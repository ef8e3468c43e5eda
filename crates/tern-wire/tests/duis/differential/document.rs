//! A document as a tree that knows what the schema says of each element.

use std::collections::HashSet;

use tern_wire::duis::schema::ContentView;
use tern_wire::duis::{RA, SR};
use tern_wire::xml::{push_attribute_escaped, push_text_escaped};

#[derive(Clone)]
pub struct Elem {
    pub namespace: &'static str,
    pub name: &'static str,
    pub attributes: Vec<(&'static str, String)>,
    pub body: Body,
    pub content: ContentView,
}

#[derive(Clone)]
pub enum Body {
    Nothing,
    Text(String),
    Children(Vec<Child>),
}

#[derive(Clone)]
pub enum Child {
    Elem(Elem),
    /// As it is: a signature, or what was broken.
    Raw(String),
}

impl Elem {
    pub fn children(&self) -> impl Iterator<Item = &Elem> {
        let children = match &self.body {
            Body::Children(children) => children.as_slice(),
            _ => &[],
        };
        children.iter().filter_map(|child| match child {
            Child::Elem(elem) => Some(elem),
            Child::Raw(_) => None,
        })
    }

    /// The element at a path of child numbers.
    pub fn at_mut(&mut self, path: &[usize]) -> &mut Elem {
        let Some((first, rest)) = path.split_first() else { return self };
        let Body::Children(children) = &mut self.body else { panic!("no children") };
        let mut elems = children.iter_mut().filter_map(|child| match child {
            Child::Elem(elem) => Some(elem),
            Child::Raw(_) => None,
        });
        elems.nth(*first).unwrap().at_mut(rest)
    }

    /// The elements that stand in it, each by its names from the root.
    pub fn places(&self) -> HashSet<String> {
        let mut places = HashSet::new();
        self.note(self.name.to_owned(), &mut places);
        places
    }

    fn note(&self, names: String, into: &mut HashSet<String>) {
        self.children().for_each(|child| child.note(format!("{names}/{}", child.name), into));
        into.insert(names);
    }

    pub fn render(&self) -> String {
        let mut out = String::new();
        self.write(true, &mut out);
        out
    }

    fn write(&self, is_root: bool, out: &mut String) {
        let prefix = match self.namespace {
            SR => "sr:",
            RA => "ra:",
            _ => "",
        };
        *out += &format!("<{prefix}{}", self.name);
        if is_root {
            *out += &format!(" xmlns:sr=\"{SR}\" xmlns:ra=\"{RA}\"");
        }
        for (name, value) in &self.attributes {
            *out += &format!(" {name}=\"");
            push_attribute_escaped(out, value);
            out.push('"');
        }
        out.push('>');
        match &self.body {
            Body::Nothing => {}
            Body::Text(text) => push_text_escaped(out, text),
            Body::Children(children) => children.iter().for_each(|child| match child {
                Child::Elem(elem) => elem.write(false, out),
                Child::Raw(raw) => out.push_str(raw),
            }),
        }
        *out += &format!("</{prefix}{}>", self.name);
    }
}
