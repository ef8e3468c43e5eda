//! What must hold whenever `tern migrate` has come to its end, whatever happened on the way.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tern_dlms::wrapper::{Frame, read_frame, write_frame};
use tern_model::{ChfIdentifier, GasOutcome, Outcome, OutcomeKind, Secret, SetId};
use tern_service::overview::Overview;
use tern_service::results::reasons;
use tern_service::set_files::SetFolder;
use tern_service::{ServiceFault, System};
use tern_store::Seal;
use tern_wire::role_link::{DcoOrder, DcoReply, DcoRequest, MasterKeyOf};
use tern_world::corpus::{PLANTED_FILE, read_planted};
use tern_world::devices::{Fingerprint, INITIAL_FILE, LOG_FILE, Snapshot, World, read_initial, read_snapshots};
use tern_world::dlms::Loopback;

use crate::support::Place;

/// How each installation of each set ended.
pub type Ends = BTreeMap<SetId, BTreeMap<ChfIdentifier, Outcome>>;

/// Those that ended so.
pub fn of_kind(ends: &Ends, kind: OutcomeKind) -> BTreeSet<ChfIdentifier> {
    ends.values().flatten().filter(|(_, end)| end.kind() == kind).map(|(chf, _)| *chf).collect()
}

/// Nothing is lost, nothing happened twice, and engine and devices agree about every installation. No process may run.
#[track_caller]
pub fn settled(place: &Place) -> Ends {
    let ends = ends(place);
    no_effect_twice(place);
    let after = read_snapshots(&place.path("world")).expect("snapshots");
    let before = devices_before(place);
    let mut system = open(place);
    let world = Arc::new(World::open(&place.path("world")).expect("the devices"));
    for after in &after {
        let commissioned: Vec<_> = ends
            .iter()
            .filter_map(|(set, of)| match of.get(&after.chf) {
                Some(Outcome::Commissioned { gas }) => Some((*set, *gas)),
                _ => None,
            })
            .collect();
        let held = system.dsp.inventory(after.chf.into()).expect("the inventory").and_then(|r| r.by_set);
        match commissioned[..] {
            [] => {
                assert_eq!(after, &before[&after.chf], "devices are not as they were");
                assert_eq!(held, None, "{} stayed in the inventory", after.chf);
            }
            [(set, gas)] => {
                is_the_dccs(&system, after, &before[&after.chf], gas);
                assert_eq!(held, Some(set), "{} is not in the inventory by its set", after.chf);
                keys_are_the_devices(place, &mut system, &world, after, set);
            }
            _ => panic!("{} was commissioned by {commissioned:?}", after.chf),
        }
    }
    ends
}

/// Every planted installation ended as its kind says, for that reason alone, and every other one is commissioned.
#[track_caller]
pub fn planted_is_found(place: &Place, ends: &Ends) {
    let planted = read_planted(&place.path(PLANTED_FILE)).expect("what was planted");
    let planted: BTreeMap<_, _> = planted.iter().map(|p| (p.chf, p)).collect();
    for (chf, end) in ends.values().flatten() {
        let planted_here = planted.get(chf);
        let outcome = planted_here.map_or(tern_model::OutcomeKind::Commissioned, |planted| planted.kind.outcome());
        let expected: Vec<&str> =
            planted_here.map(|planted| planted.code()).filter(|code| !code.is_empty()).into_iter().collect();
        assert_eq!((end.kind(), reasons(end)), (outcome, expected.iter().map(|c| (*c).to_owned()).collect()), "{chf}");
    }
    let all: BTreeSet<_> = ends.values().flatten().map(|(chf, _)| *chf).collect();
    assert!(planted.keys().all(|chf| all.contains(chf)), "a planted installation is in no set");
}

/// The devices as they were before anything was migrated.
pub fn devices_before(place: &Place) -> BTreeMap<ChfIdentifier, Snapshot> {
    let installations =
        read_initial(&place.path("world").join(INITIAL_FILE)).expect("the devices before").installations;
    installations.iter().map(|i| (i.hub.chf, Snapshot::of(i))).collect()
}

/// The installations that a set's Common File names.
pub fn installations_of(folder: &SetFolder) -> BTreeSet<ChfIdentifier> {
    let common = folder.files().into_iter().find(|f| f.name.starts_with("MCF_")).expect("a Common File");
    let text = std::fs::read_to_string(common.path).expect("a readable file");
    let named = text.split("<CHFIdentifier>").skip(1).filter_map(|rest| rest.split('<').next());
    named.map(|chf| chf.parse().expect("a CHFIdentifier")).collect()
}

/// Nothing is lost: every installation of every set that was taken in has an outcome.
fn ends(place: &Place) -> Ends {
    let overview = Overview::open(&place.config()).expect("the stores");
    let taken = overview.sets().expect("the sets taken in");
    let mut ends = Ends::new();
    for files in SetFolder::find(&place.path("sets")).expect("the sets") {
        let set = files.named().expect("a set");
        if !taken.iter().any(|s| s.set == set) {
            continue;
        }
        let ended = |result: Result<(ChfIdentifier, Option<Outcome>), ServiceFault>| {
            let (chf, end) = result.expect("a result");
            (chf, end.unwrap_or_else(|| panic!("{chf} of {set} is still open")))
        };
        let results: BTreeMap<_, _> = overview.results(set).map(ended).collect();
        assert_eq!(results.keys().copied().collect::<BTreeSet<_>>(), installations_of(&files), "lost from {set}");
        ends.insert(set, results);
    }
    ends
}

/// By the devices' own log: no effect was applied twice.
pub fn no_effect_twice(place: &Place) {
    tern_testkit::no_effect_twice(&place.path("world").join(LOG_FILE), "");
}

fn is_the_dccs(system: &System, after: &Snapshot, before: &Snapshot, gas: GasOutcome) {
    let dcc = system.s1sp.signer().certificate().id();
    assert_eq!((&after.chf_certificate, &after.esme_certificate), (dcc, dcc), "{}", after.chf);
    let gas_certificate = match gas {
        GasOutcome::None => None,
        GasOutcome::Migrated => Some(dcc.clone()),
        GasOutcome::LeftBehind => before.gsme_certificate.clone(),
    };
    assert_eq!(after.gsme_certificate, gas_certificate, "{}", after.chf);
    assert_eq!(after.apn, system.config.commissioning.dcc_apn, "{}", after.chf);
    assert_ne!(after.association_keys, before.association_keys, "{}", after.chf);
    assert_ne!(after.master_key, before.master_key, "{}", after.chf);
}

/// The keys that S1SP and DCO hold are those of the meter: nobody else could ever speak to it again.
fn keys_are_the_devices(place: &Place, system: &mut System, world: &Arc<World>, after: &Snapshot, set: SetId) {
    let mut records = system.records().map(|r| r.expect("a record"));
    let record = records.find(|r| r.plan.chf == after.chf && r.plan.set == set).expect("its record");
    drop(records);
    let seal = std::fs::read(place.path("stores/s1sp.seal")).expect("the S1SP's seal");
    let seal = Seal::new(&Secret::from_slice(&seal).expect("32 bytes")).expect("a seal");
    let keys = record.keys.open(&seal, &record.plan).expect("the S1SP's keys");
    assert_eq!(Fingerprint::of_association(&keys.s1sp), after.association_keys, "{}", after.chf);
    let mut ask = |what| {
        let order = DcoOrder { set, chf: after.chf, device: record.plan.esme.device, what };
        let now = system.shared.clock.now();
        system.dco.obey(&[order], now).expect("the DCO's store").remove(0).expect("the DCO obeys")
    };
    assert_eq!(ask(DcoRequest::QueryMasterKey), DcoReply::InForce { dco: true, next: true }, "{}", after.chf);
    let instruction = DEVICE_ID_READ.to_vec();
    let under = MasterKeyOf::Dco;
    let DcoReply::Critical { apdu } = ask(DcoRequest::MakeCritical { instruction, under, not_below: 0 }) else {
        panic!("nothing to relay");
    };
    let mut line = Loopback::connect(world, after.chf).expect("the meter");
    write_frame(&mut line, &Frame { source: 3, destination: 1, apdu }).expect("sends");
    let answer = read_frame(&mut line, 4096).expect("hears").expect("an answer").apdu;
    let told = ask(DcoRequest::VerifyCritical { under, answer });
    assert_eq!(told, DcoReply::MasterKeyHolds, "the DCO's master key of {} is not the meter's", after.chf);
}

/// The get of a meter's Device ID, as it is encoded.
const DEVICE_ID_READ: [u8; 13] = [0xC0, 1, 0xC1, 0, 1, 0, 0, 96, 1, 0, 255, 2, 0];

fn open(place: &Place) -> System {
    let config = place.config();
    let facts = tern_service::facts::load(&config.path(&config.facts.dir)).expect("facts");
    System::open(config, facts.facts).expect("the system")
}
