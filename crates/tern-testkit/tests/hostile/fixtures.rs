//! Really signed files, one of each kind, made once for all tests here.

use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use tern_service::pki;
use tern_testkit::{Lab, LabPlan};
use tern_wire::facts_csv::{FILES, FactFile};
use tern_wire::migration::FileKind;
use tern_wire::smki::Trust;

use crate::files;

/// A signed file.
#[derive(Clone)]
pub struct Signed {
    pub kind: FileKind,
    pub name: String,
    pub text: String,
}

/// What a laboratory's parties sent each other about one set, and the certificates to judge it by.
pub struct Fixtures {
    pub trust: Arc<Trust>,
    pub now: Timestamp,
    pub signed: Vec<Signed>,
    /// The fact files of the laboratory, by name.
    pub facts: Vec<(String, Vec<u8>)>,
    lab: Lab,
}

impl Fixtures {
    /// The file of a kind.
    pub fn of(&self, kind: FileKind) -> &Signed {
        self.signed.iter().find(|file| file.kind == kind).expect("one of each")
    }

    /// The folder of the key infrastructure.
    pub fn pki(&self) -> PathBuf {
        self.lab.dir().join("pki")
    }
}

pub static FIXTURES: LazyLock<Fixtures> = LazyLock::new(|| {
    let plan = LabPlan { installations: 2, seed: 31, defects_permille: 0, faults: 0, set_size: 2 };
    let lab = Lab::new(plan, |_| {});
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    let signed = files::written(&lab)
        .into_iter()
        .map(|(kind, file)| Signed { kind, name: file.name, text: text(file.bytes) })
        .collect();
    let fact =
        |file: &FactFile| Some((file.name.to_owned(), std::fs::read(lab.dir().join("facts").join(file.name)).ok()?));
    let facts = FILES.iter().filter_map(fact).collect();
    Fixtures { trust: pki::load_trust(&lab.dir().join("pki")).expect("trust"), now: lab.now, signed, facts, lab }
});

impl Signed {
    /// The name of the file's root element.
    pub fn root(&self) -> &str {
        self.text[1..].split([' ', '>']).next().expect("a root")
    }
}

/// A signed file in the pieces that an attacker can move about.
pub struct Pieces<'a> {
    /// The root's start tag.
    pub open: &'a str,
    /// What stands before the signature.
    pub content: &'a str,
    /// The signature, tags and all.
    pub signature: &'a str,
    /// The root's end tag.
    pub close: &'a str,
}

impl<'a> Pieces<'a> {
    pub fn of(text: &'a str) -> Pieces<'a> {
        let content = text.find('>').expect("a start tag") + 1;
        let signature = text.find("<ds:Signature").expect("a signature");
        let close = text.rfind("</").expect("an end tag");
        Pieces {
            open: &text[..content],
            content: &text[content..signature],
            signature: &text[signature..close],
            close: &text[close..],
        }
    }
}
