//! A private copy that is altered at any moment of an intake: nothing of the set counts with the party that holds it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::{SignedDuration, Timestamp};
use tern_model::Role;
use tern_service::clock::Clock;
use tern_service::parties::{Party, SetTaken};
use tern_service::{ServiceFault, System};
use tern_store::AuditRow;
use tern_testkit::{Cut, Lab, Power, receive, take};

use super::{at_once, lab, validated};

/// A clock at which somebody looks at the n-th question: then the files of a folder are altered.
pub(super) struct Striking {
    now: Timestamp,
    asked: AtomicUsize,
    strikes_at: usize,
    folder: PathBuf,
}

impl Striking {
    pub(super) fn new(now: Timestamp, strikes_at: usize, folder: PathBuf) -> Striking {
        Striking { now, asked: AtomicUsize::new(0), strikes_at, folder }
    }

    /// Whether the moment has come.
    pub(super) fn struck(&self) -> bool {
        self.asked.load(Ordering::Relaxed) > self.strikes_at
    }
}

impl Clock for Striking {
    fn now(&self) -> Timestamp {
        if self.asked.fetch_add(1, Ordering::Relaxed) == self.strikes_at {
            alter(&self.folder);
        }
        self.now
    }
}

/// One letter of every file becomes another one.
fn alter(folder: &Path) {
    let Ok(files) = std::fs::read_dir(folder) else { return };
    for path in files.map(|file| file.expect("a file").path()) {
        let mut bytes = std::fs::read(&path).expect("readable");
        let middle = bytes.len() / 2;
        if let Some(at) = (middle..bytes.len()).find(|at| bytes[*at].is_ascii_uppercase()) {
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            std::fs::write(&path, bytes).expect("writable");
        }
    }
}

fn audit(store: &dyn tern_store::Store) -> Vec<AuditRow> {
    store.audit(0, 1_000).expect("an audit")
}

/// Takes the set in while the files of a role's store are altered at one moment.
fn struck(lab: &Lab, role: &str, strikes_at: usize) -> (Result<SetTaken, ServiceFault>, System, Arc<Striking>) {
    let folder = lab.dir().join(format!("stores/{role}.sqlite.files"));
    let clock = Arc::new(Striking::new(lab.now, strikes_at, folder));
    let mut system = lab.open_with(at_once(lab, 2), clock.clone(), &Power::new(Cut::Never)).expect("opens");
    let taken = take(&mut system, &lab.sets[0]);
    (taken, system, clock)
}

#[test]
fn the_dsp_refuses_a_set_whose_copy_is_altered_and_keeps_nothing_of_it() {
    let mut lab = lab(3, 0);
    let (mut refused, mut said_altered, mut at) = (0, 0, 0);
    loop {
        lab.reset();
        let (taken, mut system, clock) = struck(&lab, "dsp", at);
        if clock.asked.load(Ordering::Relaxed) <= at {
            break;
        }
        at += 1;
        match taken.expect("a set, not the world") {
            SetTaken::Refused(verdicts) => {
                refused += 1;
                let findings = verdicts.refusals();
                let of_bytes = ["P-signature-value", "P-xml-form", "P-schema"];
                assert!(findings.iter().all(|f| of_bytes.contains(&&*f.clause)), "{findings:?}");
                said_altered += usize::from(findings.iter().any(|f| f.message.contains("altered after")));
                let store = system.dsp.store();
                for kind in ["set", "validation", "counter"] {
                    assert_eq!(store.count(kind), Ok(0), "strike {at}: {kind}");
                }
                assert_eq!(store.unsent(9).map(|unsent| unsent.len()), Ok(0), "strike {at}");
                assert_eq!(audit(store).len(), 1, "strike {at}");
                assert_eq!(system.s1sp.store().count("set"), Ok(0), "strike {at}");
            }
            SetTaken::Accepted { .. } => assert_eq!(system.dsp.store().count("set"), Ok(1)),
            SetTaken::Known { .. } => panic!("strike {at}: known"),
        }
    }
    assert!(refused > 1 && said_altered > 0, "{refused} of {at} refused, {said_altered} between the passes");
}

#[test]
fn the_others_set_an_altered_file_aside_and_nothing_is_instructed() {
    let mut lab = lab(3, 0);
    for role in ["s1sp", "dco", "commissioning-party"] {
        let (mut aside, mut at) = (0, 0);
        loop {
            lab.reset();
            let (taken, mut system, clock) = struck(&lab, role, at);
            if clock.asked.load(Ordering::Relaxed) <= at {
                break;
            }
            at += 1;
            assert!(matches!(taken, Ok(SetTaken::Accepted { .. })), "{role} strike {at}: {taken:?}");
            let party: &mut dyn Party = match role {
                "s1sp" => &mut system.s1sp,
                "dco" => &mut system.dco,
                _ => &mut system.commissioning,
            };
            let store = party.store();
            let told = audit(store).into_iter().any(|row| row.entry.action == "file set aside");
            if told && store.count("set") == Ok(0) {
                aside += 1;
                assert_eq!(store.unsent(9).map(|unsent| unsent.len()), Ok(0), "{role} strike {at}");
                assert_eq!(system.s1sp.store().count("migration"), Ok(0), "{role} strike {at}: instructed");
            }
        }
        assert!(aside > 0, "{role}: none of {at} strikes was noticed");
    }
}

#[test]
fn another_file_of_its_sender_in_the_place_of_the_one_that_came_is_an_altered_one() {
    let mut lab = lab(3, 0);
    let came = validated(&mut lab);
    // The DSP said the same of the same set an hour later: believed wherever it comes, and not what came here.
    let later = lab.now + SignedDuration::from_hours(1);
    let mut system = lab.open_at(later, &Power::new(Cut::Never)).expect("opens");
    let other = tern_testkit::validated(&mut system, &lab.sets[0]);
    drop(system);
    lab.reset();
    let mut system = lab.open_at(later, &Power::new(Cut::Never)).expect("opens");
    let named = |kind: &str| came.files.iter().find(|file| file.name.starts_with(kind)).expect("a file of the set");
    let said = named("MCVF");
    assert_eq!(said.name, other.name);
    let System { s1sp, dco, .. } = &mut system;
    let parties: [(&mut dyn Party, &[&str]); 2] = [(s1sp, &["MGF_", "MGEF"]), (dco, &["MGEF"])];
    for (party, of_requesting_party) in parties {
        for file in [named("MCF_"), said] {
            receive(party, Role::Dsp, file).expect("is taken in");
        }
        let held = party.store().received("dsp", &said.name).expect("reads").expect("there");
        std::fs::write(party.store().file(held.digest).expect("kept"), &other.bytes).expect("writable");
        let answers: Vec<_> =
            of_requesting_party.iter().map(|kind| receive(party, Role::RequestingParty, named(kind))).collect();
        let last = answers.last().expect("files");
        assert!(matches!(last, Err(ServiceFault::Altered { name }) if *name == said.name), "{last:?}");
        assert_eq!(party.store().count("set"), Ok(0));
        assert_eq!(party.store().unsent(9).map(|unsent| unsent.len()), Ok(0));
        // The one that came, and the set is judged.
        std::fs::write(party.store().file(held.digest).expect("kept"), &said.bytes).expect("writable");
        receive(party, Role::Dsp, said).expect("is judged");
        assert_eq!(party.store().count("set"), Ok(1));
    }
}
