//! Makes documents: real ones of every kind, changed by the schema or blindly, in other spellings, or invented from the description.

use roxmltree::Node;
use tern_testkit::LabPlan;
use tern_wire::migration::{FileKind, MESSAGES};
use tern_wire::schema::{ComplexType, Content, MessageDescription, Namespace};
use tern_wire::xml;

use super::targets::{self, Target, What};
use super::tree::{Child, Tree};
use super::{breaking, dice as schema_dice, generate};
use crate::bench::Bench;
use crate::fixtures::Signed;
use crate::{files, mutate};
use tern_testkit::Dice;

/// Where a document goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination {
    /// It is signed by its sender and sent.
    File(FileKind),
    /// It is sealed for the S1SP or the DCO, in the first entry of the Group Encrypted File.
    Blob(&'static str),
}

/// A document before it is signed or sealed.
pub struct Document {
    pub root: &'static str,
    pub destination: Destination,
    /// How it was made.
    pub how: String,
    pub text: String,
    /// Whether it is a file that its sender has signed since.
    pub is_signed: bool,
}

/// A real document of one kind.
struct Original {
    message: &'static MessageDescription,
    destination: Destination,
    text: String,
    tree: Tree,
}

/// What documents are made of.
pub struct Originals {
    pub signed: Vec<Signed>,
    all: Vec<Original>,
    targets: Vec<Target>,
}

impl Originals {
    /// One of each kind of file, and the plaintexts of the first installation; and the laboratory that they are of.
    pub fn collect() -> (Originals, Bench) {
        let plan = LabPlan { installations: 2, seed: 32, defects_permille: 0, faults: 0, set_size: 2 };
        let mut bench = Bench::with(plan);
        let signed: Vec<Signed> = files::written(&bench.lab)
            .into_iter()
            .map(|(kind, file)| Signed { kind, name: file.name, text: String::from_utf8(file.bytes).expect("UTF-8") })
            .collect();
        // Judged as if never seen.
        bench.lab.reset();
        let mut all: Vec<Original> = signed
            .iter()
            .map(|file| original(Destination::File(file.kind), crate::edit::unsigned(&file.text)))
            .collect();
        let sealed = signed.iter().find(|f| f.kind == FileKind::MigrationGroupEncryptedFile).expect("one of each");
        for (party, element) in super::product::BLOBS {
            all.push(original(
                Destination::Blob(party),
                super::product::plaintext(&bench, &sealed.text, party, element),
            ));
        }
        let small =
            |target: &Target| !matches!(&target.what, What::Max(field) if field.occurs.max == targets::ENTRIES_MAX);
        let targets = targets::all().into_iter().filter(small).collect();
        (Originals { signed, all, targets }, bench)
    }

    /// A document by chance.
    pub fn document(&self, dice: &mut Dice) -> Document {
        let original = dice.pick_of(&self.all);
        let mut chance = schema_dice::Dice::new(dice.number());
        let (how, text) = match dice.below(20) {
            0..8 => self.broken(original, dice, &mut chance),
            8..10 => ("another spelling".to_owned(), original.tree.render(&mut chance)),
            10..12 => ("invented".to_owned(), invented(original.message, &mut chance)),
            12..15 => ("another value".to_owned(), mutate::another_value(dice, &original.text)),
            _ => blind(dice, &original.text),
        };
        Document { root: original.message.root, destination: original.destination, how, text, is_signed: false }
    }

    /// The original with one thing broken that the description has a word on.
    fn broken(&self, original: &Original, dice: &mut Dice, chance: &mut schema_dice::Dice) -> (String, String) {
        for _ in 0..200 {
            let target = dice.pick_of(&self.targets);
            let mut tree = original.tree.clone();
            if breaking::apply(target, &mut tree, chance) {
                return (format!("{target:?}"), tree.render(chance));
            }
        }
        ("nothing to break".to_owned(), original.text.clone())
    }
}

fn original(destination: Destination, text: String) -> Original {
    let document = xml::parse("original", &text).expect("parses");
    let root = document.root_element();
    let message = MESSAGES.iter().find(|m| m.root == root.tag_name().name()).expect("a message");
    let tree = tree_of(root, Content::Complex(message.content));
    Original { message, destination, text, tree }
}

/// A real element with its description.
fn tree_of(node: Node, content: Content) -> Tree {
    let namespace = Namespace::ALL.into_iter().find(|ns| Some(ns.uri()) == node.tag_name().namespace());
    let attributes = node.attributes().map(|a| (a.name().to_owned(), a.value().to_owned())).collect();
    let children = match content {
        Content::Simple(_) => node.text().map(|text| Child::Text(text.to_owned())).into_iter().collect(),
        Content::Complex(complex) => {
            node.children().filter(Node::is_element).map(|child| child_of(child, complex)).collect()
        }
    };
    Tree { namespace, name: node.tag_name().name().to_owned(), content: Some(content), attributes, children }
}

fn child_of(child: Node, parent: &'static ComplexType) -> Child {
    let field = parent.particles().find(|field| field.element == child.tag_name().name()).expect("a real document");
    Child::Element(tree_of(child, field.content))
}

/// A valid document to the limits of what the description allows; a file's signature is left to its signer.
fn invented(message: &'static MessageDescription, chance: &mut schema_dice::Dice) -> String {
    let mut tree = generate::message(message, chance);
    let is_signature = |child: &Child| matches!(child, Child::Element(tree) if tree.name == "Signature");
    tree.children.retain(|child| message.files.is_empty() || !is_signature(child));
    tree.render(chance)
}

/// One or two changes that know nothing of the schema.
fn blind(dice: &mut Dice, text: &str) -> (String, String) {
    let mut text = text.to_owned();
    let mut how = String::from("blind:");
    for _ in 0..=usize::from(dice.one_in(3)) {
        let (name, changed) = match dice.below(3) {
            0 => ("structure", mutate::restructured(dice, &text)),
            1 => ("spelling", mutate::respelled(dice, &text)),
            _ => {
                let mut bytes = text.clone().into_bytes();
                mutate::scratch(dice, &mut bytes);
                ("bytes", String::from_utf8(bytes).unwrap_or(text))
            }
        };
        how = format!("{how} {name}");
        text = changed;
    }
    (how, text)
}
