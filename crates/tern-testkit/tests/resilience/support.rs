//! A laboratory that is crashed, struck and mended, and what must hold of it at the end.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::sync::atomic::AtomicBool;

use tern_cohorts::cohort;
use tern_model::{ChfIdentifier, GroupId, Outcome, OutcomeKind, Role, SetId};
use tern_rules::Rulebook;
use tern_service::executor::InstallationRecord;
use tern_service::lanes::Devices;
use tern_service::migrate::SetResult;
use tern_service::requesting_party::{self, Counters, ExportFile, Recipients, Request, Settings, WithoutCertificate};
use tern_service::set_files::SetFolder;
use tern_service::{ServiceFault, System, pki};
use tern_testkit::{Cut, FileSet, Lab, LabPlan, Power, Strike, Struck, results, with_struck};
use tern_wire::schema::SchemaVersion;
use tern_wire::smki::Usage;
use tern_wire::xml::Limits;
use tern_world::devices::{LOG_FILE, Snapshot};
use tern_world::smso::{ExportOrder, Keys, export};

pub const ALWAYS: u32 = u32::MAX;
/// A migration takes some fifty turns; one that takes so many comes to no end.
const TURNS_MAX: usize = 2_000;

/// What devices hold.
pub type Held = BTreeMap<ChfIdentifier, Snapshot>;

pub fn lab(installations: usize) -> Lab {
    Lab::new(LabPlan { installations, seed: 7, defects_permille: 0, faults: 0, set_size: 1 }, |_| {})
}

pub fn open(lab: &Lab) -> System {
    lab.open(&Power::new(Cut::Never)).expect("opens")
}

pub fn named(set: &FileSet) -> SetId {
    set.named().expect("a named set")
}

pub fn held(lab: &Lab) -> Held {
    lab.world.installations().filter_map(|chf| Some((chf, lab.world.snapshot(chf)?))).collect()
}

/// Takes a set in; nothing of it is commissioned yet.
pub fn take(system: &mut System, set: &FileSet) {
    tern_testkit::take(system, set).expect("is taken in");
}

/// Runs what is to do on lanes that strike as planned.
pub fn run(system: &mut System, devices: &mut dyn Devices, struck: &[Struck]) -> Result<(), ServiceFault> {
    let mut turns = 0;
    let ran = with_struck(system, devices, struck, &mut |executor| {
        executor.run(None, &AtomicBool::new(false), &mut |_| {
            turns += 1;
            assert!(turns < TURNS_MAX, "the executor comes to no end");
        })
    });
    ran.map(drop)
}

/// Takes the first set in, and loses the power after so many durable writes of its commissioning.
pub fn crashed(lab: &Lab, writes: u64, struck: &[Struck]) {
    take(&mut open(lab), &lab.sets[0]);
    let power = Power::new(Cut::After(writes));
    let mut system = lab.open(&power).expect("opens");
    assert!(run(&mut system, &mut lab.devices(), struck).is_err() && power.is_off(), "no crash after write {writes}");
}

/// `tern migrate` on the folders of these sets.
pub fn migrate(lab: &Lab, system: &mut System, sets: &[FileSet]) -> Result<Vec<SetResult>, ServiceFault> {
    let folders: Vec<_> = sets.iter().flat_map(|s| SetFolder::find(&s.dir).expect("its folder")).collect();
    system.migrate(&folders, &mut lab.devices(), &AtomicBool::new(false), &mut |_| {})
}

/// The last row fails for good, so that everything is undone.
pub fn way_back() -> Vec<Struck> {
    let steps = cohort(GroupId::EA).steps();
    vec![Struck::new(&format!("/{}/do", steps[steps.len() - 1].row), Strike::Fail, ALWAYS)]
}

/// Checks that engine and devices agree on every installation of a set, and gives how each ended: what is commissioned is
/// under what its record says, what is not is as before, and what is stuck is brought back by a person.
#[track_caller]
pub fn check(lab: &Lab, system: &mut System, set: SetId, before: &Held, told: &str) -> BTreeSet<OutcomeKind> {
    let mut kinds = BTreeSet::new();
    for (chf, outcome) in results(system, set) {
        let outcome = outcome.unwrap_or_else(|| panic!("{told}: {chf} is still open"));
        agrees(lab, system, set, &before[&chf], &outcome, told);
        kinds.insert(outcome.kind());
    }
    assert!(!kinds.is_empty(), "{told}: the set is lost");
    tern_testkit::no_effect_twice(&lab.world.dir().join(LOG_FILE), told);
    kinds
}

#[track_caller]
fn agrees(lab: &Lab, system: &mut System, set: SetId, before: &Snapshot, outcome: &Outcome, told: &str) {
    let chf = before.chf;
    let after = lab.world.snapshot(chf).expect("its devices");
    let listed = system.dsp.inventory(chf.into()).expect("the inventory").is_some();
    match outcome {
        Outcome::Commissioned { .. } => {
            let dcc = record(system, chf, set).dcc.expect("what it was put under");
            assert_eq!(
                (&after.chf_certificate, &after.esme_certificate),
                (&dcc.certificate, &dcc.certificate),
                "{told}"
            );
            assert_eq!(after.gsme_certificate, before.gsme_certificate.is_some().then_some(dcc.certificate), "{told}");
            assert_eq!(after.apn, dcc.apn, "{told}");
            assert_ne!(after.association_keys, before.association_keys, "{told}");
            assert_ne!(after.master_key, before.master_key, "{told}");
            assert!(listed, "{told}: {chf} is not in the inventory");
        }
        Outcome::RolledBack { .. } | Outcome::Refused { .. } => {
            assert_eq!(after, *before, "{told}: devices are not as they were");
            assert!(!listed, "{told}: {chf} stayed in the inventory");
        }
        Outcome::Stuck { .. } => {
            let key = record(system, chf, set).key();
            let resolved = system.resolve(&key, None, &mut lab.devices()).expect(told);
            assert_eq!(resolved.kind(), OutcomeKind::RolledBack, "{told}: {chf} after resolve");
            agrees(lab, system, set, before, &resolved, told);
        }
        Outcome::Closed { .. } => panic!("{told}: nobody closed {chf}"),
    }
}

/// The S1SP's record of an installation under a set.
pub fn record(system: &System, chf: ChfIdentifier, set: SetId) -> InstallationRecord {
    let mut all = system.records().map(|r| r.expect("a record"));
    all.find(|r| (r.plan.chf, r.plan.set) == (chf, set)).expect("its record")
}

/// Revokes a party's signing certificate; its other one, if any, stays in force.
pub fn revoke(lab: &Lab, name: &str) {
    let dir = lab.dir().join("pki");
    let serial = pki::load_signer(&dir, name).expect("its key").certificate().serial().to_string();
    pki::revoke(&dir, &serial, lab.now).expect("is revoked");
}

/// Gives a party what it lacks since.
pub fn issue(lab: &Lab, role: Role, name: &str) {
    let issued = pki::issue(&lab.dir().join("pki"), role, name, pki::IssueOptions::default(), lab.now);
    assert_eq!(issued.expect("is issued").len(), 1);
}

/// The same installations once more, in an export of their own and in sets with later counters.
pub fn later_sets(lab: &Lab, reference: &str) -> Vec<FileSet> {
    let dir = lab.dir().join("pki");
    let trust = pki::load_trust(&dir).expect("trust");
    let encryption = |role| trust.usable(role, None, Usage::Encrypt, lab.now).first().expect("a certificate").clone();
    let (s1sp, dco) = (encryption(Role::S1sp), encryption(Role::Dco));
    let smso = pki::load_signer(&dir, "smso").expect("the SMSO's key");
    let (_, records) = lab.corpus.smsos.first().expect("an SMSO");
    let keys = Keys::Encrypted { s1sp: &s1sp, dco: &dco };
    let order = ExportOrder { reference, at: lab.now, schema: SchemaVersion::V12, size: 1, signer: &smso, keys };
    let exports = export(records, &order, &lab.dir().join("exports"), &|| {}).expect("exports");
    let names: Vec<_> = exports.iter().map(|e| e.name.to_string()).collect();
    let files: Vec<_> = names.iter().zip(&exports).map(|(name, e)| ExportFile { name, path: &e.path }).collect();
    let signer = pki::load_signer(&dir, "requesting-party").expect("the Requesting Party's key");
    let facts = lab.facts();
    let mut counters = Counters::default();
    counters.set_next(signer.certificate().party(), GroupId::EA, 50);
    let out = lab.dir().join(reference);
    let settings =
        Settings { installations_max: NonZeroUsize::MIN, without_certificate: WithoutCertificate::NullCertificateId };
    let rulebook = Rulebook::published();
    let request = Request {
        exports: &files,
        facts: &facts,
        trust: &trust,
        signer: &signer,
        day: tern_model::london_day(lab.now),
        now: lab.now,
        books: rulebook.on(tern_model::london_day(lab.now)),
        limits: &Limits::default(),
        settings,
        out: &out,
        recipients: Recipients { s1sp: "s1sp", dco: "dco" },
        progress: &|_| {},
    };
    let built = requesting_party::build(&request, &mut counters).expect("sets");
    requesting_party::write(&built, &counters, &out).expect("writes the sets");
    FileSet::find(&out).expect("finds the sets")
}
