//! A laboratory with small sets, and the keys that tampering takes.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use tern_model::{GroupId, Role};
use tern_service::check::Checker;
use tern_service::{System, pki};
use tern_testkit::{Cut, FileSet, Lab, LabPlan, Power, RawFile};
use tern_wire::smki::{Certificate, Signer, Usage};
use tern_world::corpus::Defect;
use tern_world::tamper::{BuiltFile, Hands, Struck, renumber, tamper};

use crate::door::Clauses;

/// Small sets, and who signs.
pub struct Bench {
    pub lab: Lab,
    signers: BTreeMap<&'static str, Signer>,
    s1sp: Arc<Certificate>,
    dco: Arc<Certificate>,
}

impl Bench {
    /// So many sets of three installations, of these groups.
    pub fn new(seed: u64, sets: usize, groups: &[GroupId]) -> Bench {
        let plan = LabPlan { installations: sets * 3, seed, defects_permille: 0, faults: 0, set_size: 3 };
        let lab = Lab::of(plan, &Defect::USUAL, groups, |_| {});
        let dir = lab.dir().join("pki");
        let signer = |name| (name, pki::load_signer(&dir, name).expect("a key"));
        let mut signers = BTreeMap::from(["requesting-party", "dsp", "supplier-a"].map(signer));
        signers.insert("stranger", stranger(&lab, signers["requesting-party"].certificate().party()));
        let trust = pki::load_trust(&dir).expect("trust");
        let encryption =
            |role| trust.usable(role, None, Usage::Encrypt, lab.now).first().expect("a certificate").clone();
        let (s1sp, dco) = (encryption(Role::S1sp), encryption(Role::Dco));
        Bench { lab, signers, s1sp, dco }
    }

    pub fn open(&self) -> System {
        self.lab.open(&Power::new(Cut::Never)).expect("opens")
    }

    pub fn checker(&self) -> Checker {
        Checker::new(self.lab.config(), self.lab.facts(), self.lab.now, None).expect("a checker")
    }

    /// A checker under the rule books of another day.
    pub fn checker_on(&self, day: Date) -> Checker {
        Checker::new(self.lab.config(), self.lab.facts(), self.lab.now, Some(day)).expect("a checker")
    }

    /// A checker of an S1SP and a DCO that never took a set in.
    pub fn checker_anew(&self) -> Checker {
        let mut config = self.lab.config();
        config.roles.s1sp.store = "anew/s1sp.sqlite".into();
        config.roles.dco.store = "anew/dco.sqlite".into();
        Checker::new(config, self.lab.facts(), self.lab.now, None).expect("a checker")
    }

    fn hands(&self) -> Hands<'_> {
        Hands {
            requesting_party: &self.signers["requesting-party"],
            dsp: &self.signers["dsp"],
            supplier: &self.signers["supplier-a"],
            stranger: &self.signers["stranger"],
            s1sp: &self.s1sp,
            dco: &self.dco,
        }
    }

    /// The set of a turn.
    pub fn set(&self, nth: usize) -> &FileSet {
        &self.lab.sets[nth % self.lab.sets.len()]
    }

    /// Another set of its group.
    fn other(&self, nth: usize) -> &FileSet {
        let rest = (nth + 1..nth + self.lab.sets.len()).find(|other| self.group(*other) == self.group(nth));
        self.set(rest.expect("a group has two sets"))
    }

    /// The group of the set of a turn.
    pub fn group(&self, nth: usize) -> GroupId {
        self.set(nth).named().expect("a name").group
    }

    /// A set's files with a defect, and what was struck.
    pub fn tampered(&self, defect: Defect, nth: usize, set: &FileSet) -> (FileSet, Struck) {
        let mut files = built(set);
        let struck = tamper((defect, nth), &mut files, &built(self.other(nth)), self.hands());
        let struck = struck.unwrap_or_else(|fault| panic!("{} {nth}: {fault}", defect.as_str()));
        (raw(set, files), struck)
    }

    /// The set under another counter.
    pub fn renumbered(&self, set: &FileSet, counter: u64) -> FileSet {
        let mut files = built(set);
        renumber(&mut files, counter, self.hands()).expect("another counter");
        raw(set, files)
    }
}

/// Every clause of a defect in a group.
pub fn codes(defect: Defect, group: GroupId) -> Clauses {
    defect.codes_in(group).expect("a defect that the group can have").iter().map(|code| (*code).to_owned()).collect()
}

fn built(set: &FileSet) -> Vec<BuiltFile> {
    set.files.iter().map(|file| BuiltFile { name: file.name.clone(), bytes: file.bytes.clone() }).collect()
}

fn raw(set: &FileSet, files: Vec<BuiltFile>) -> FileSet {
    let files = files.into_iter().map(|file| RawFile { name: file.name, bytes: file.bytes }).collect();
    FileSet { dir: set.dir.clone(), files }
}

/// A certificate of the right issuer that was never published.
fn stranger(lab: &Lab, party: tern_model::PartyId) -> Signer {
    use tern_wire::smki::issuing::{OrganisationRequest, Serial, Validity};
    let issuer = pki::load_issuer(&lab.dir().join("pki")).expect("the issuing authority");
    let moment = |text: &str| text.parse().expect("a moment");
    let request = OrganisationRequest {
        common_name: "stranger",
        party,
        role: Role::RequestingParty,
        usage: Usage::Sign,
        validity: Validity { not_before: moment("2020-01-01T00:00:00Z"), not_after: moment("2039-01-01T00:00:00Z") },
        serial: Serial::from_random([0x2D; 16]),
    };
    let issued = issuer.issue(&request).expect("a certificate");
    Signer::from_pem(Arc::new(issued.certificate), issued.key_pem.expose()).expect("its key")
}
