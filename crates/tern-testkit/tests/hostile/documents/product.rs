//! Signed documents on their way through the product: read, judged as DSP, S1SP and DCO; some of them taken in and migrated.

use std::collections::BTreeSet;

use tern_model::{Place, Role, SecretBytes};
use tern_service::check::Checker;
use tern_service::pki;
use tern_testkit::{FileSet, RawFile, check};
use tern_wire::dsig::{self, SignFault};
use tern_wire::migration::{DecryptedMasterKey, DecryptedS1spDpGroupInformation, FileKind, read_plaintext};
use tern_wire::smki::Usage;
use tern_wire::{FaultKind, WireFault, xenc};

use super::making::{Destination, Document};
use super::{Own, own, own_at_the_door, whole};
use crate::bench::{Bench, findings_of_set, refused};
use crate::door::{offer, offer_whole};
use crate::edit::{part, signed, swap};
use crate::entries::{Processed, processed};
use crate::files::signer_of;
use crate::fixtures::{FIXTURES, STARTING, Signed};

/// Whose blob stands in which element.
pub const BLOBS: [(&str, &str); 2] = [("s1sp", "EncryptedS1SPGroupInformation"), ("dco", "EncryptedMasterKey")];

/// Of so many documents that are valid one is taken in and migrated.
const TAKEN_ONE_IN: u64 = 20;

/// What a blob of the first entry holds.
pub fn plaintext(bench: &Bench, file: &str, party: &str, element: &str) -> String {
    let blob = part(&part(file, element), "xenc:EncryptedData");
    let key = pki::load_decrypter(&bench.lab.dir().join("pki"), party).expect("a key");
    let opened = xenc::decrypt(&blob, &Place::document("blob"), &key).expect("opens");
    String::from_utf8(opened.expose().to_vec()).expect("UTF-8")
}

/// What became of the documents.
#[derive(Debug, Default)]
struct Tally {
    /// Sets and blobs that a role judged, by whether it found them all clean.
    judged: [u64; 2],
    /// Sets that were taken in: refused as a whole, or gone through.
    refused: u64,
    migrated: u64,
    /// Installations in the latter that were refused, each with its findings, commissioned ones, and those that came wholly back.
    entries: [u64; 3],
}

/// A laboratory that every document goes through.
pub struct Product {
    bench: Bench,
    set: FileSet,
    checker: Checker,
    tally: Tally,
}

impl Product {
    /// The laboratory in which the originals were made, with their Common Validation File; nothing was ever taken in there.
    pub fn new(bench: Bench, signed: &[Signed]) -> Product {
        let mut set = bench.lab.sets[0].clone();
        let validation =
            signed.iter().find(|f| f.kind == FileKind::MigrationCommonValidationFile).expect("one of each");
        set.files.push(RawFile { name: validation.name.clone(), bytes: validation.text.clone().into_bytes() });
        let checker = bench.checker();
        Product { bench, set, checker, tally: Tally::default() }
    }

    /// The document as its sender signs it; as it is where that is no document that anybody can sign, and for a blob.
    pub fn signed(&self, document: Document) -> Document {
        let Destination::File(kind) = document.destination else { return document };
        match dsig::sign(&document.text, self.bench.signer(signer_of(kind))) {
            Ok(text) => Document { text, is_signed: true, ..document },
            Err(SignFault::Document(fault)) => {
                assert!(matches!(fault.kind, FaultKind::Form | FaultKind::Limits), "{fault:?}");
                document
            }
            Err(SignFault::AlreadySigned) => document,
            Err(other) => panic!("{other}"),
        }
    }

    /// Sends a document, signed or sealed; what the decoder says of it.
    pub fn offer(&mut self, number: u64, document: &Document) -> Own {
        let met = own_at_the_door(document.root, &document.text);
        match document.destination {
            Destination::File(kind) => self.file(number, kind, document, &met),
            Destination::Blob(party) => self.blob(number, party, document, &met),
        }
        own(document.root, &document.text)
    }

    /// Reads the file as its receiver does, at both doors now and then; a file of the set is judged with the others.
    fn file(&mut self, number: u64, kind: FileKind, document: &Document, said: &Own) {
        let own = self.set.files.iter().position(|f| f.name.starts_with(&format!("{}_", kind.prefix())));
        let name = own.map_or_else(|| FIXTURES.of(kind).name.clone(), |at| self.set.files[at].name.clone());
        let door = if number.is_multiple_of(4) { offer } else { offer_whole };
        match (door(kind, &name, document.text.as_bytes()), said) {
            (Err(faults), Own::Form(fault)) => whole(document, &faults, fault.kind),
            (Err(faults), Own::Schema(_)) if document.is_signed => whole(document, &faults, FaultKind::Schema),
            (Err(faults), Own::Valid) if document.is_signed => {
                let of_header = |f: &WireFault| f.kind == FaultKind::Sender || f.message.contains("different sets");
                assert!(faults.iter().all(of_header), "{}: {faults:?}", document.how);
            }
            (Err(faults), _) => whole(document, &faults, FaultKind::SignatureProfile),
            (Ok(_), Own::Valid) => {}
            (Ok(_), _) => panic!("{}: believed: {}", document.how, document.text),
        }
        if let (Some(at), Own::Valid) = (own, said) {
            let mut set = self.set.clone();
            set.files[at].bytes = document.text.clone().into_bytes();
            let role = [Role::Dsp, Role::S1sp, Role::Dco][(number % 3) as usize];
            self.judged(number, &set, role, &document.how);
        }
    }

    /// Seals the plaintext for its reader, in the first entry of a Group Encrypted File that is signed again.
    fn blob(&mut self, number: u64, party: &'static str, document: &Document, said: &Own) {
        let (role, element) = if party == "s1sp" { (Role::S1sp, BLOBS[0].1) } else { (Role::Dco, BLOBS[1].1) };
        let place = Place { document: "MGEF.xml".into(), xpath: element.into(), line: 1, column: 1 };
        let secret = SecretBytes::new(document.text.clone().into_bytes());
        let faults = match role {
            Role::S1sp => read_plaintext::<DecryptedS1spDpGroupInformation>(&place, &secret).err(),
            _ => read_plaintext::<DecryptedMasterKey>(&place, &secret).err(),
        };
        match (faults, said) {
            (None, Own::Valid) => {}
            (Some(faults), Own::Schema(_)) => whole(document, &faults, FaultKind::Schema),
            (Some(faults), Own::Form(fault)) => whole(document, &faults, fault.kind),
            (faults, _) => panic!("{}: {faults:?}: {}", document.how, document.text),
        }
        let trust = self.checker.trust();
        let certificate = trust.usable(role, None, Usage::Encrypt, self.bench.lab.now).remove(0);
        let sealed = xenc::encrypt(&document.text, &certificate).expect("encrypts");
        let mut set = self.set.clone();
        signed(&self.bench, &mut set.files, "MGEF", |text| {
            let holder = part(text, element);
            swap(text, &holder, &holder.replace(&part(&holder, "xenc:EncryptedData"), &sealed))
        });
        self.judged(number, &set, role, &document.how);
    }

    /// Has a role judge a set, which writes nothing; one in so many is taken in after that.
    fn judged(&mut self, number: u64, set: &FileSet, role: Role, how: &str) {
        let opened = set.open(self.checker.trust(), self.bench.lab.now);
        let checked = check(&self.checker, &opened, role).expect("checks");
        let verdicts = &checked.verdicts;
        let of_set = findings_of_set(verdicts);
        assert_eq!(verdicts.set_is_clean(), of_set.is_empty(), "{how}: refused in silence as {role}");
        let of_entries = checked.installations.iter().flat_map(tern_rules::InstallationJudgement::findings);
        of_set.into_iter().chain(of_entries).for_each(|finding| crate::bench::whole(how, &finding));
        self.tally.judged[usize::from(verdicts.is_clean())] += 1;
        if number.is_multiple_of(TAKEN_ONE_IN) {
            self.taken(set, how);
        }
    }

    /// Takes a set in from nothing and migrates what may be, without its Common Validation File, which the DSP makes itself.
    /// Whatever is refused leaves nothing behind, on stores and devices; everything else is commissioned, or wholly back.
    fn taken(&mut self, set: &FileSet, how: &str) {
        let mut set = set.clone();
        set.files.retain(|file| !file.name.starts_with("MCVF_"));
        let opened = set.open(self.checker.trust(), self.bench.lab.now);
        let clean = check(&self.checker, &opened, Role::Dsp).expect("checks").verdicts.set_is_clean();
        let _alone = STARTING.lock();
        let mut system = self.bench.open();
        if clean {
            let Processed { told, commissioned, back } = processed(&self.bench, &mut system, how, &set);
            let refused: BTreeSet<usize> = told.iter().map(|told| told.entry).collect();
            self.tally.migrated += 1;
            for (sum, more) in self.tally.entries.iter_mut().zip([refused.len(), commissioned, back]) {
                *sum += more as u64;
            }
        } else {
            refused(&self.bench, &mut system, how, &set);
            self.tally.refused += 1;
        }
        drop(system);
        self.bench.lab.reset();
    }

    /// What was done, in words.
    pub fn told(&self) -> String {
        let Tally { judged: [found, clean], refused, migrated, entries: [kept, gone, back] } = &self.tally;
        format!(
            "sets judged: {clean} clean, {found} with findings; taken in: {refused} refused whole, {migrated} migrated with {gone} \
             installations commissioned, {kept} refused, {back} wholly back"
        )
    }

    /// Judging alone has made no store and changed no device.
    pub fn end(&self) {
        assert!(!self.bench.lab.dir().join("stores").exists(), "checking wrote a store");
        assert!(self.tally.judged.iter().all(|n| *n > 0), "{:?}", self.tally);
    }
}
