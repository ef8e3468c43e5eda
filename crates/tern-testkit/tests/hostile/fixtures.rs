//! Really signed files, one of each kind, made once for all tests here.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex};

use jiff::Timestamp;
use tern_service::pki;
use tern_testkit::{Lab, LabPlan};
use tern_wire::migration::{FileKind, FileName};
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
///
/// Keys are new each time, so that a mutant is the same again only beside the same files: a run that fails keeps them.
pub struct Fixtures {
    pub trust: Arc<Trust>,
    pub now: Timestamp,
    pub signed: Vec<Signed>,
    /// The fact files of the laboratory.
    pub facts: Vec<Vec<u8>>,
    dir: PathBuf,
    /// None where they were kept by an earlier run.
    lab: Option<Lab>,
}

/// Held by whoever starts programs while others take locks anew: a program that is being started holds whatever is open here for a
/// moment, locked files among it.
pub static STARTING: Mutex<()> = Mutex::new(());

/// What makes up fixtures, below their folder.
const FOLDERS: [&str; 3] = ["pki", "signed", "facts"];

pub static FIXTURES: LazyLock<Fixtures> = LazyLock::new(|| match std::env::var_os("TERN_SOAK_KEPT") {
    Some(kept) => Fixtures::of_folder(kept.into(), None),
    None => {
        let plan = LabPlan { installations: 2, seed: 31, defects_permille: 0, faults: 0, set_size: 2 };
        let lab = Lab::new(plan, |_| {});
        let signed = lab.dir().join("signed");
        std::fs::create_dir(&signed).expect("a folder");
        for (_, file) in files::written(&lab) {
            std::fs::write(signed.join(&file.name), &file.bytes).expect("written");
        }
        Fixtures::of_folder(lab.dir().to_owned(), Some(lab))
    }
});

impl Fixtures {
    fn of_folder(dir: PathBuf, lab: Option<Lab>) -> Fixtures {
        let signed = |(name, bytes): (String, Vec<u8>)| {
            let kind = name.parse::<FileName>().expect("a file's name").kind();
            Signed { kind, name, text: String::from_utf8(bytes).expect("UTF-8") }
        };
        Fixtures {
            trust: pki::load_trust(&dir.join("pki")).expect("trust"),
            now: "2021-03-02T09:00:00Z".parse().expect("the laboratories' moment"),
            signed: files_in(&dir.join("signed")).into_iter().map(signed).collect(),
            facts: files_in(&dir.join("facts")).into_iter().map(|(_, bytes)| bytes).collect(),
            dir,
            lab,
        }
    }

    /// The file of a kind.
    pub fn of(&self, kind: FileKind) -> &Signed {
        self.signed.iter().find(|file| file.kind == kind).expect("one of each")
    }

    /// The folder of the key infrastructure.
    pub fn pki(&self) -> PathBuf {
        self.dir.join("pki")
    }

    /// Keeps them in a folder of this name, for a run to be repeated.
    pub fn keep(&self, name: &str) -> PathBuf {
        if self.lab.is_none() {
            return self.dir.clone();
        }
        let to = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hostile").join(name);
        FOLDERS.iter().for_each(|folder| copy(&self.dir.join(folder), &to.join(folder)));
        to
    }
}

fn files_in(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("lists")
        .map(|entry| entry.expect("an entry"))
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path()).expect("reads")))
        .collect();
    files.sort();
    files
}

fn copy(from: &Path, to: &Path) {
    let _ = std::fs::create_dir_all(to);
    if let Ok(permissions) = std::fs::metadata(from).map(|m| m.permissions()) {
        let _ = std::fs::set_permissions(to, permissions);
    }
    for entry in std::fs::read_dir(from).into_iter().flatten().flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            let _ = std::fs::copy(entry.path(), &target);
        }
    }
}

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
