//! Finds a document's only signature, which must be the last child of its root; the document may come in slices.

use roxmltree::{Node, NodeId};
use tern_model::Place;

use super::profile::{Claim, read};
use crate::WireFault;
use crate::xml::exact::{DS, Exact, is, is_white_space};

const LAST: &str = "one ds:Signature as the last child of the root";

/// Looks at one slice of a document after the other, or at all of it at once.
#[derive(Default)]
pub(crate) struct Watch {
    signatures: usize,
    root: Option<Spot>,
    first: Option<First>,
    second: Option<Spot>,
    /// What follows the first signature under the root, and where.
    after: Option<(Spot, String)>,
    names: Names,
    /// Elements with a signature of their own, which is not this document's: namespace and local name.
    signed_inside: &'static [(&'static str, &'static str)],
}

/// The first signature.
struct First {
    spot: Spot,
    /// Read, where it stands under the root.
    claim: Option<Result<Claim, WireFault>>,
}

impl Watch {
    /// For a document that may hold whole signed documents: these elements, below its root.
    pub(crate) fn around(signed_inside: &'static [(&'static str, &'static str)]) -> Watch {
        Watch { signed_inside, ..Watch::default() }
    }

    /// Looks at the next of the root's children; `exact` says where they stand. Answers the signature among them, which the
    /// canonical form leaves out.
    pub(crate) fn look(&mut self, exact: &Exact, root: Node) -> Option<NodeId> {
        if self.root.is_none() {
            self.root = Some(self.names.spot(exact, root));
            if is(root, DS, "Signature") {
                self.signature(exact, root);
            }
        }
        let mut ours = None;
        for child in root.children() {
            let follows = self.first.as_ref().is_some_and(|first| first.claim.is_some()) && self.after.is_none();
            if follows && !is_white_space(child) {
                let found = if child.is_element() { child.tag_name().name() } else { "text" };
                self.after = Some((self.names.spot(exact, child), found.to_owned()));
            }
            for signature in child.descendants().filter(|node| is(*node, DS, "Signature")) {
                if self.is_of_a_part(signature) {
                    continue;
                }
                self.signature(exact, signature);
                ours = ours.or_else(|| (self.signatures == 1 && signature == child).then(|| signature.id()));
            }
            self.names.count(child);
        }
        ours
    }

    /// Whether the signature is that of a signed document inside this one.
    fn is_of_a_part(&self, signature: Node) -> bool {
        let part = signature.parent_element().filter(|parent| parent.parent_element().is_some());
        part.is_some_and(|part| self.signed_inside.iter().any(|(namespace, name)| is(part, namespace, name)))
    }

    fn signature(&mut self, exact: &Exact, signature: Node) {
        self.signatures += 1;
        match self.signatures {
            1 => {
                let is_under_root = signature.parent_element().is_some_and(|parent| parent.parent_element().is_none());
                let claim = is_under_root.then(|| read(exact, signature));
                self.first = Some(First { spot: self.names.spot(exact, signature), claim });
            }
            2 => self.second = Some(self.names.spot(exact, signature)),
            _ => {}
        }
    }

    /// What the signature claims, once everything was looked at.
    ///
    /// # Errors
    /// One fault of the profile: no signature, more than one, at another place, of another form.
    pub(crate) fn claim(self, exact: &Exact) -> Result<Claim, WireFault> {
        let names = self.names;
        let fault = |spot: &Spot, message: &str, found: String| {
            exact.fault_at(spot.place(&names, &exact.base.document), message.into(), found, LAST.into())
        };
        let Some(First { spot, claim }) = self.first else {
            let root = self.root.unwrap_or_default();
            return Err(fault(&root, "the file is not signed", "no ds:Signature".into()));
        };
        if let Some(second) = self.second {
            let found = format!("{} signatures", self.signatures);
            return Err(fault(&second, "the file has more than one signature", found));
        }
        let Some(claim) = claim else {
            let found = spot.place(&names, &exact.base.document).xpath;
            return Err(fault(&spot, "the signature stands elsewhere than under the root", found));
        };
        match self.after {
            Some((after, found)) => Err(fault(&after, "something follows the signature", found)),
            None => claim,
        }
    }
}

/// How many of the root's children have which name. An index in a path needs no more than that.
#[derive(Default)]
struct Names(Vec<(u64, usize)>);

impl Names {
    /// Names beyond these get no index: a file of so many is refused by its schema in any case.
    const NAMES_MAX: usize = 256;

    fn count(&mut self, child: Node) {
        if !child.is_element() {
            return;
        }
        let name = Self::hash(child);
        match self.0.iter().rposition(|(known, _)| *known == name) {
            Some(at) => self.0[at].1 += 1,
            None if self.0.len() < Self::NAMES_MAX => self.0.push((name, 1)),
            None => {}
        }
    }

    fn of(&self, name: u64) -> usize {
        self.0.iter().find(|(known, _)| *known == name).map_or(0, |(_, count)| *count)
    }

    /// FNV-1a over namespace and local name.
    fn hash(element: Node) -> u64 {
        let name = element.tag_name();
        let bytes = name.namespace().unwrap_or_default().bytes().chain([b' ']).chain(name.name().bytes());
        bytes.fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01B3))
    }

    /// Where an element stands, or a text, whose place is that of the element around it.
    fn spot(&self, exact: &Exact, node: Node) -> Spot {
        let mut place = exact.place(node);
        let above: Vec<Node> = node.ancestors().filter(Node::is_element).collect();
        let [.., child, root] = above.as_slice() else { return Spot { place, child: None } };
        // The index of the root's child counts in this slice alone: it is left out until all are counted.
        let (name, rest) = (child.tag_name().name(), above.len() - 2);
        let below: Vec<&str> = place.xpath.rsplitn(rest + 1, '/').take(rest).collect();
        let below: String = below.into_iter().rev().map(|step| format!("/{step}")).collect();
        place.xpath = format!("{}/{name}", root.tag_name().name());
        Spot { place, child: Some(Child { name: Self::hash(*child), before: self.of(Self::hash(*child)), below }) }
    }
}

/// A place whose index under the root is open.
#[derive(Default)]
struct Spot {
    place: Place,
    child: Option<Child>,
}

struct Child {
    name: u64,
    before: usize,
    below: String,
}

impl Spot {
    fn place(&self, names: &Names, document_name: &str) -> Place {
        let Some(child) = &self.child else {
            return Place { document: document_name.to_owned(), ..self.place.clone() };
        };
        let index = if names.of(child.name) > 1 { format!("[{}]", child.before + 1) } else { String::new() };
        Place { xpath: format!("{}{index}{}", self.place.xpath, child.below), ..self.place.clone() }
    }
}
