//! The files of one run, in a folder where tools find them beside the certificates of their signers.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;
use tern_model::{Digest, GroupId, Role, SetId};
use tern_rules::{Overlay, Rulebook};
use tern_service::System;
use tern_service::clock::VirtualClock;
use tern_service::firmware::{Image, Instruction};
use tern_service::parties::{Party, SetTaken};
use tern_service::pins::PinFile;
use tern_service::{ServiceFault, pki};
use tern_store::{Body, StoreView};
use tern_testkit::{Cut, Lab, LabPlan, Power, RawFile};
use tern_wire::migration::{FileKind, FileName};
use tern_world::corpus::Defect;

/// Of several suppliers, the one that signs.
const SUPPLIER: &str = "supplier-a";

/// The folder of whoever signs files of a kind, below `pki/parties/`.
pub fn signer_of(kind: FileKind) -> &'static str {
    match kind.sender() {
        Role::Supplier => SUPPLIER,
        role => role.as_str(),
    }
}

/// What each run is made of.
const PLAN: LabPlan = LabPlan { installations: 16, seed: 11, defects_permille: 400, faults: 0, set_size: 16 };

/// Kinds that are of v1.2 on every day: FOC's alone, and what goes from and to suppliers.
pub const OF_1_2: [FileKind; 3] =
    [FileKind::SmsoPlaintextExport, FileKind::FirmwareInstruction, FileKind::InstallingSupplierPin];

/// Every file of a run.
pub struct Files {
    dir: TempDir,
    pub lab: Lab,
    pub signed: Vec<Signed>,
}

/// A signed file, as written and with one byte of its content changed.
pub struct Signed {
    pub kind: FileKind,
    pub name: String,
    pub text: String,
    pub altered: String,
}

impl Signed {
    /// The folder of the signer's key below `pki/parties/`.
    pub fn signer(&self) -> &'static str {
        signer_of(self.kind)
    }
}

impl Files {
    /// Runs a set with defects of several kinds, so that files carry findings, and keeps one file of every kind.
    pub fn collect() -> Files {
        let lab = Lab::new(PLAN, |_| {});
        let written = written(&lab);
        Files::kept(lab, written)
    }

    /// The same of a group before FOC, on a day before v1.2 of the Migration Schema: every kind that the version before it has.
    pub fn collect_earlier() -> Files {
        let (lab, system) = earlier(PLAN);
        let kinds: Vec<_> = FileKind::ALL.into_iter().filter(|kind| !OF_1_2.contains(kind)).collect();
        let written = written_by(system, &lab, &kinds);
        Files::kept(lab, written)
    }

    fn kept(lab: Lab, written: Vec<(FileKind, RawFile)>) -> Files {
        let signed: Vec<Signed> = written
            .into_iter()
            .map(|(kind, file)| {
                let text = String::from_utf8(file.bytes).expect("UTF-8");
                Signed { kind, name: file.name, altered: altered(&text), text }
            })
            .collect();
        let dir = tempfile::tempdir().expect("a folder");
        for file in &signed {
            std::fs::write(dir.path().join(&file.name), &file.text).expect("written");
            std::fs::write(dir.path().join(format!("altered-{}", file.name)), &file.altered).expect("written");
        }
        Files { dir, lab, signed }
    }

    /// Where the files lie.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// A file of the key infrastructure.
    pub fn pki(&self, relative: &str) -> PathBuf {
        self.lab.dir().join("pki").join(relative)
    }

    /// The file of a kind.
    pub fn of(&self, kind: FileKind) -> &Signed {
        self.signed.iter().find(|f| f.kind == kind).expect("every kind")
    }
}

/// A laboratory of CA whose FOC text, and schema v1.2 with it, comes later than its day; and its parties.
pub fn earlier(plan: LabPlan) -> (Lab, System) {
    let later = "name = \"later\"\n[documents]\n\"TMAD FOC text\" = 2021-03-20\n\"SMETS1 Migration Schema v1.2\" = 2021-03-20\n";
    let rulebook = Rulebook::under(Overlay::read(later, Digest([7; 32])).expect("an overlay"));
    let lab = Lab::under(&rulebook, plan, (&Defect::USUAL, &[GroupId::CA]), |_| {});
    let file = lab.dir().join("later.toml");
    std::fs::write(&file, later).expect("writes");
    let config = lab.config().under(&file).expect("an overlay");
    let clock = Arc::new(VirtualClock::starting_at(lab.now));
    let system = lab.open_with(config, clock, &Power::new(Cut::Never)).expect("opens");
    (lab, system)
}

/// One file of every kind.
pub fn written(lab: &Lab) -> Vec<(FileKind, RawFile)> {
    let system = lab.open(&Power::new(Cut::Never)).expect("opens");
    written_by(system, lab, &FileKind::ALL)
}

/// One file of each of these kinds. A new kind does not compile until it is said here where it comes from.
fn written_by(mut system: System, lab: &Lab, kinds: &[FileKind]) -> Vec<(FileKind, RawFile)> {
    let [set] = lab.sets.as_slice() else { panic!("{} sets", lab.sets.len()) };
    let SetTaken::Accepted { set: id, .. } = tern_testkit::take(&mut system, set).expect("takes") else {
        panic!("not accepted")
    };
    let of_set = |kind| named(&set.files, kind, id);
    let mut all = Vec::new();
    for kind in kinds.iter().copied() {
        let file = match kind {
            FileKind::SmsoExport => lab.exports.first().expect("an export").clone(),
            FileKind::SmsoPlaintextExport => lab.plaintext(GroupId::EB).exports.remove(0),
            FileKind::MigrationCommonFile | FileKind::MigrationGroupFile | FileKind::MigrationGroupEncryptedFile => {
                of_set(kind)
            }
            FileKind::MigrationCommonValidationFile => received(system.s1sp.store(), Role::Dsp, kind, id),
            FileKind::S1spViabilityReport => received(system.commissioning.store(), Role::S1sp, kind, id),
            FileKind::DcoViabilityReport => received(system.commissioning.store(), Role::Dco, kind, id),
            FileKind::CommissioningFile => received(system.s1sp.store(), Role::CommissioningParty, kind, id),
            FileKind::FirmwareInstruction => firmware_instruction(lab),
            FileKind::InstallingSupplierPin => installing_supplier_pin(),
        };
        all.push((kind, file));
    }
    all
}

fn firmware_instruction(lab: &Lab) -> RawFile {
    let signer = pki::load_signer(&lab.dir().join("pki"), SUPPLIER).expect("the supplier's key");
    let image = Image::of(vec![7; 1000]).expect("an image");
    let (name, bytes) = Instruction {
        reference: "4711".parse().expect("a reference"),
        device: lab.corpus.devices[0].esme.device,
        identifier: "2.0".parse().expect("an identifier"),
        image: &image,
        not_before: lab.now,
        not_after: lab.now,
    }
    .sign(&signer, lab.now)
    .expect("signs");
    RawFile { name: name.to_string(), bytes }
}

/// Of installations of CA that were commissioned elsewhere, by the same parties.
fn installing_supplier_pin() -> RawFile {
    let plan = LabPlan { installations: 3, seed: 11, defects_permille: 0, faults: 0, set_size: 3 };
    let lab = Lab::of(plan, &Defect::USUAL, &[GroupId::CA], |_| {});
    let mut system = lab.open(&Power::new(Cut::Never)).expect("opens");
    lab.migrate(&mut system, &mut lab.devices()).expect("migrates");
    let mut files = Vec::new();
    let keep = |file: PinFile| -> Result<(), ServiceFault> {
        files.push(RawFile { name: file.name, bytes: file.bytes });
        Ok(())
    };
    system.pin_files(keep).expect("reads");
    files.into_iter().next().expect("a gas meter with a PIN")
}

fn named(files: &[RawFile], kind: FileKind, set: SetId) -> RawFile {
    let name = FileName::OfSet(kind, set).to_string();
    files.iter().find(|f| f.name == name).unwrap_or_else(|| panic!("no {name}")).clone()
}

/// A file as its receiver's inbox holds it.
fn received(store: &dyn StoreView, from: Role, kind: FileKind, set: SetId) -> RawFile {
    let name = FileName::OfSet(kind, set).to_string();
    let entry = store.received(from.as_str(), &name).expect("reads").unwrap_or_else(|| panic!("no {name} came"));
    let bytes = match entry.body {
        Body::Bytes(bytes) => bytes,
        Body::File { digest, .. } => std::fs::read(store.file(digest).expect("kept")).expect("readable"),
    };
    RawFile { name, bytes }
}

/// The same with one byte of content changed: the last digit of the last entry's identifier, or of the one
/// device's.
fn altered(text: &str) -> String {
    let end = text.rfind("</CHFIdentifier>").or_else(|| text.rfind("</DeviceID>"));
    let at = end.expect("an entry") - 1;
    let other = if text.as_bytes()[at] == b'0' { "1" } else { "0" };
    [&text[..at], other, &text[at + 1..]].concat()
}
