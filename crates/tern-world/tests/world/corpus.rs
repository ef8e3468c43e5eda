//! The corpus: the same from the same seed, and exactly what was planted in it.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use jiff::civil::{Date, date};
use tern_model::facts::{EpclState, Facts};
use tern_model::{
    CertificateId, ChfIdentifier, DeviceModelCombination, Eui64, Fuel, GroupId, InstallationState, MeterState, Mpxn,
    OutcomeKind, PartyId,
};
use tern_world::corpus::{
    Corpus, Defect, HubIdentity, Plan, PlantedKind, SUPPLIER_WITHOUT_CERTIFICATE, SmsoParty, generate, read_planted,
};
use tern_world::devices::{FaultKind, Installation, World, read_faults};
use tern_world::smso::{InstallationRecord, KeyRecord, Records};

const D: Date = date(2026, 3, 2);

fn parties(base: u64, count: u64) -> Vec<PartyId> {
    (0..count).map(|n| PartyId(Eui64(0x90B3_D51F_3000_0000 + base + n))).collect()
}

fn corpus(installations: usize, seed: u64, smsos: usize) -> Corpus {
    let smsos: Vec<SmsoParty> = (1u128..)
        .take(smsos)
        .map(|n| SmsoParty {
            name: format!("smso-{n}"),
            party: PartyId(Eui64(0x90B3_D51F_3000_A000 + n as u64)),
            certificate: CertificateId::from_parts(1000 + n, "CN=Z1,OU=07"),
        })
        .collect();
    let plan = Plan {
        installations,
        seed,
        defects_permille: 50,
        defects: &Defect::USUAL,
        faults: 8.min(installations / 4),
        day: D,
        suppliers: &parties(0x100, 6),
        network_operators: &parties(0x200, 4),
        groups: &[GroupId::EA],
        smsos: &smsos,
        s1sp: CertificateId::from_parts(2000, "CN=Z1,OU=07"),
        to_plan: None,
    };
    generate(&plan, &mut |chf, serial| {
        let certificate = [&chf.0.0.to_be_bytes()[..], &serial].concat();
        Ok(HubIdentity { certificate, key: None })
    })
    .expect("generates")
}

fn entries(corpus: &Corpus) -> impl Iterator<Item = (&InstallationRecord, &KeyRecord)> {
    corpus.smsos.iter().flat_map(|(_, records)| records.installations.iter().zip(&records.keys))
}

fn planted(corpus: &Corpus) -> BTreeMap<ChfIdentifier, PlantedKind> {
    corpus.planted.iter().map(|planted| (planted.chf, planted.kind)).collect()
}

fn files_of(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut open = vec![dir.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(next).expect("reads").flatten() {
            if entry.path().is_dir() {
                open.push(entry.path());
            } else {
                let name = entry.path().strip_prefix(dir).expect("within").display().to_string();
                files.insert(name, fs::read(entry.path()).expect("reads"));
            }
        }
    }
    files
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_gives_others() {
    let written = |seed| {
        let dir = tempfile::tempdir().expect("a directory");
        corpus(200, seed, 3).write(dir.path()).expect("writes");
        files_of(dir.path())
    };
    let first = written(7);
    assert_eq!(first, written(7));
    let other = written(8);
    for file in ["planted.csv", "smso/smso-1/installations.json", "smso/smso-3/keys.json", "world/installations.json"] {
        assert_ne!(first[file], other[file], "{file}");
    }
}

#[test]
fn what_is_written_is_read_again_and_keys_are_their_owners_alone() {
    let dir = tempfile::tempdir().expect("a directory");
    let corpus = corpus(100, 3, 2);
    corpus.write(dir.path()).expect("writes");
    assert_eq!(read_planted(&dir.path().join("planted.csv")).expect("reads"), corpus.planted);
    assert_eq!(read_faults(&dir.path().join("world/faults.csv")).expect("reads"), corpus.faults);
    assert_eq!(World::open(&dir.path().join("world")).expect("opens").installations().count(), 100);
    for (name, records) in &corpus.smsos {
        let read = Records::read(&dir.path().join("smso").join(name)).expect("reads");
        assert_eq!(read.installations, records.installations);
        assert_eq!(read.installations.len(), 50);
    }
    for file in ["smso/smso-1/keys.json", "world/installations.json"] {
        let mode = fs::metadata(dir.path().join(file)).expect("is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    let mut read = Facts::default();
    for file in tern_wire::facts_csv::FILES {
        let bytes = fs::read(dir.path().join("facts").join(file.name)).expect("reads");
        assert_eq!(tern_wire::facts_csv::read(file.name, &bytes, &mut read), []);
    }
    assert_eq!(read.epcl().len(), corpus.facts.epcl.len());
    let rows = |file: &str| {
        let text = fs::read_to_string(dir.path().join("facts").join(file)).expect("reads");
        text.lines().count() - 1
    };
    let facts = &corpus.facts;
    assert_eq!(rows("registration.csv"), facts.registration.len());
    assert_eq!(rows("epcl.csv"), facts.epcl.len());
    assert_eq!(rows("inventory.csv"), facts.inventory.len());
    assert_eq!(rows("authorisations.csv"), facts.authorisations.len());
    assert_eq!(rows("notices.csv"), facts.notices.len());
    assert_eq!(rows("exclusions.csv"), facts.exclusions.len());
    assert_eq!((rows("sims.csv"), rows("smso_configuration.csv")), (100, 100));
    assert_eq!(rows("rollback_certificates.csv"), facts.rollback_certificates.len());
    let shown = format!("{:?}", corpus.smsos[0].1.keys[0]);
    assert!(!shown.contains(corpus.smsos[0].1.keys[0].master.master_key.expose()), "{shown}");
    assert!(corpus.write(dir.path()).is_err(), "a world is not written over");
}

#[test]
fn the_population_is_mixed_and_every_defect_and_fault_is_planted() {
    let corpus = corpus(1000, 1, 3);
    let all: Vec<_> = entries(&corpus).map(|(record, _)| record).collect();
    assert_eq!((all.len(), corpus.devices.len(), corpus.planted.len()), (1000, 1000, 58));
    let share = |what: &str, of: &dyn Fn(&InstallationRecord) -> bool, least: usize, most: usize| {
        let count = all.iter().filter(|record| of(record)).count();
        assert!((least..=most).contains(&count), "{what}: {count}");
    };
    let state = |record: &InstallationRecord| {
        InstallationState::of(record.esme.state, record.gsme.as_ref().map(|gas| gas.meter.state))
    };
    share("dual fuel", &|r| r.gsme.is_some(), 700, 830);
    share("Active", &|r| state(r) == InstallationState::Active, 480, 620);
    share("Dormant", &|r| state(r) == InstallationState::Dormant, 300, 440);
    share("Mixed", &|r| state(r) == InstallationState::Mixed, 40, 130);
    share("with a PPMID", &|r| !r.ppmids.is_empty(), 290, 420);
    share("a provider", &|r| r.communications_provider == "Severn Cellular", 430, 570);
    for kind in Defect::USUAL {
        let count = corpus.planted.iter().filter(|p| p.kind == PlantedKind::Defect(kind)).count();
        assert!((6..=7).contains(&count), "{}: {count}", kind.as_str());
    }
    for kind in PlantedKind::FAULTS {
        assert_eq!(corpus.faults.iter().filter(|fault| fault.kind == kind).count(), 2, "{}", kind.as_str());
    }
    let unique: HashSet<_> = all.iter().map(|r| r.chf_identifier).collect();
    assert_eq!(unique.len(), 1000);
    let mpxns: HashSet<_> =
        all.iter().flat_map(|r| std::iter::once(&r.esme.mpxn).chain(r.gsme.iter().map(|g| &g.meter.mpxn))).collect();
    assert_eq!(mpxns.len(), 1000 + all.iter().filter(|r| r.gsme.is_some()).count());
}

#[test]
fn a_tiny_corpus_and_an_impossible_one() {
    assert_eq!(corpus(1, 5, 1).planted.len(), 1);
    assert_eq!(corpus(0, 5, 1).devices.len(), 0);
    let plan = Plan {
        installations: 10,
        seed: 1,
        defects_permille: 0,
        defects: &Defect::USUAL,
        faults: 0,
        day: D,
        suppliers: &parties(0, 1),
        network_operators: &[],
        groups: &[GroupId::EA],
        smsos: &[],
        s1sp: CertificateId::Null,
        to_plan: None,
    };
    assert!(generate(&plan, &mut |_, _| Ok(HubIdentity::default())).is_err());
}

#[test]
fn a_thousand_installations_are_quick() {
    let start = Instant::now();
    corpus(1000, 1, 3);
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}

/// What this test itself finds wrong with an installation, from the clauses and nothing else.
fn defects_of(corpus: &Corpus, record: &InstallationRecord, keys: &KeyRecord, devices: &Installation) -> Vec<Defect> {
    let mut found = Vec::new();
    let mut say = |wrong: bool, defect: Defect| {
        if wrong {
            found.push(defect);
        }
    };
    let gas = record.gsme.as_ref().map(|gas| &gas.meter);
    say(changes_within(corpus, Fuel::Electricity, &record.esme.mpxn), Defect::ChangeOfImportSupplier);
    say(gas.is_some_and(|gas| changes_within(corpus, Fuel::Gas, &gas.mpxn)), Defect::ChangeOfGasSupplier);
    let wrong_digit = !record.esme.mpxn.check_digits_ok(Fuel::Electricity)
        || gas.is_some_and(|gas| !gas.mpxn.check_digits_ok(Fuel::Gas));
    say(wrong_digit, Defect::MpxnCheckDigit);
    say(!approved(corpus, record), Defect::NotOnEpcl);
    let imsi_ok = record.imsi.len() == 15 && record.imsi.starts_with("234") && digits(&record.imsi, 10);
    say(!imsi_ok, Defect::ImsiMalformed);
    let is_key = |text: &str| text.len() == 32 && digits(text, 16);
    let master = &keys.master;
    let own = master.chf_identifier == record.chf_identifier && master.device_id == record.esme.device_id;
    say(!own || !is_key(master.master_key.expose()), Defect::MasterKeyMisplaced);
    let esme = [&keys.esme.authentication_key, &keys.esme.encryption_key, &keys.esme.prepayment_key];
    let well_formed = esme.iter().all(|key| is_key(key.expose()));
    say(!well_formed, Defect::EsmeKeyMalformed);
    let hex = |key: &tern_model::Secret<16>| key.expose().iter().map(|b| format!("{b:02x}")).collect::<String>();
    let told = [esme[0].expose(), esme[1].expose(), master.master_key.expose()];
    let real = [&devices.esme.association.authentication, &devices.esme.association.encryption, &devices.esme.master];
    let differ = told.iter().zip(real).filter(|(told, real)| **told != hex(real)).count();
    say(differ > 0 && own && well_formed && is_key(told[2]), Defect::WrongKeyBit);
    found
}

fn digits(text: &str, radix: u32) -> bool {
    text.chars().all(|c| c.is_digit(radix))
}

fn changes_within(corpus: &Corpus, fuel: Fuel, mpxn: &Mpxn) -> bool {
    let rows: Vec<_> = corpus.facts.registration.iter().filter(|r| r.fuel == fuel && r.mpxn == *mpxn).collect();
    assert!(rows.iter().any(|r| r.effective_from < D), "{mpxn} is registered before D");
    let critical = rows.iter().filter(|r| r.effective_from <= D).max_by_key(|r| r.effective_from).expect("one");
    let window = D..=D.saturating_add(jiff::Span::new().days(2));
    critical.supplier != SUPPLIER_WITHOUT_CERTIFICATE && rows.iter().any(|r| window.contains(&r.effective_from))
}

fn approved(corpus: &Corpus, record: &InstallationRecord) -> bool {
    let combination = DeviceModelCombination {
        chf: record.chf.clone(),
        esme: record.esme.model.clone(),
        gsme: record.gsme.as_ref().map(|gas| gas.meter.model.clone()),
        communications_provider: record.communications_provider.clone(),
    };
    let entries = corpus.facts.epcl.iter().filter(|entry| entry.combination == combination && entry.from <= D);
    entries.max_by_key(|entry| entry.from).is_some_and(|entry| entry.state == EpclState::Approved)
}

#[test]
fn each_planted_defect_is_there_alone_and_nothing_else_is() {
    for seed in [1, 2] {
        let corpus = corpus(400, seed, 2);
        let planted = planted(&corpus);
        let devices: BTreeMap<_, _> = corpus.devices.iter().map(|d| (d.hub.chf, d)).collect();
        for (record, keys) in entries(&corpus) {
            let expected: Vec<Defect> = match planted.get(&record.chf_identifier) {
                Some(PlantedKind::Defect(defect)) => vec![*defect],
                _ => vec![],
            };
            let devices = devices[&record.chf_identifier];
            assert_eq!(defects_of(&corpus, record, keys, devices), expected, "{record:?}");
            assert_eq!(devices.esme.device, record.esme.device_id);
            assert_eq!(devices.gsme.as_ref().map(|g| g.device), record.gsme.as_ref().map(|g| g.meter.device_id));
        }
    }
}

#[test]
fn healthy_installations_hold_near_misses() {
    let corpus = corpus(1000, 4, 1);
    let planted = planted(&corpus);
    let healthy: Vec<_> = entries(&corpus)
        .map(|(record, _)| record)
        .filter(|record| !planted.contains_key(&record.chf_identifier))
        .collect();
    let changes = |fuel: Fuel, days: i64, silent: bool| {
        let at = D.saturating_add(jiff::Span::new().days(days));
        let rows = corpus.facts.registration.iter();
        let silent_ones: HashSet<_> =
            rows.clone().filter(|r| r.supplier == SUPPLIER_WITHOUT_CERTIFICATE).map(|r| &r.mpxn).collect();
        let of = |mpxn: &Mpxn| {
            silent_ones.contains(mpxn) == silent
                && rows.clone().any(|r| r.fuel == fuel && r.mpxn == *mpxn && r.effective_from == at)
        };
        healthy
            .iter()
            .filter(|record| match fuel {
                Fuel::Electricity => of(&record.esme.mpxn),
                Fuel::Gas => record.gsme.as_ref().is_some_and(|gas| of(&gas.meter.mpxn)),
            })
            .count()
    };
    for (fuel, days, silent) in [
        (Fuel::Electricity, -1, false),
        (Fuel::Electricity, 3, false),
        (Fuel::Electricity, 1, true),
        (Fuel::Gas, -1, false),
        (Fuel::Gas, 3, false),
        (Fuel::Gas, 2, true),
    ] {
        assert!(changes(fuel, days, silent) >= 5, "{fuel} at D{days:+}, {silent}");
    }
    let zeros = healthy.iter().filter(|r| r.gsme.as_ref().is_some_and(|g| g.meter.mpxn.as_str().starts_with("00")));
    assert!(zeros.count() >= 5);
}

#[test]
fn every_installation_has_the_records_that_migration_needs() {
    let corpus = corpus(300, 9, 3);
    let facts = &corpus.facts;
    for (record, _) in entries(&corpus) {
        let chf = record.chf_identifier;
        let active = record.esme.state == MeterState::Active
            || record.gsme.as_ref().is_some_and(|gas| gas.meter.state == MeterState::Active);
        let authorised = facts.authorisations.iter().any(|a| a.chf == chf && a.from <= D && D <= a.until);
        let noticed = facts.notices.iter().filter(|n| n.chf == chf && n.earliest <= D).count();
        assert_eq!((authorised, noticed >= 2), (active, !active));
        assert!(facts.sims.iter().any(|sim| sim.chf == chf && sim.apn == record.previous_apn));
        assert!(facts.smso_configuration.iter().any(|c| c.chf == chf && c.tried.is_some_and(|day| day <= D)));
        let until = D.saturating_add(jiff::Span::new().days(30));
        let usable = facts.rollback_certificates.iter().filter(|c| c.chf == chf && c.from <= D && until <= c.until);
        assert_eq!(usable.count(), if record.gsme.is_some() { 3 } else { 2 });
        assert!(!facts.inventory.iter().any(|i| i.chf == chf));
    }
}

#[test]
fn what_must_come_of_each_kind() {
    let of = |kind: PlantedKind| (kind.outcome(), kind.code(GroupId::EA));
    assert_eq!(of(PlantedKind::Defect(Defect::ChangeOfGasSupplier)), (OutcomeKind::Refused, "5.10.15"));
    assert_eq!(of(PlantedKind::Defect(Defect::WrongKeyBit)), (OutcomeKind::RolledBack, "B2"));
    assert_eq!(of(PlantedKind::Fault(FaultKind::GasHanError)), (OutcomeKind::Commissioned, "GT01"));
    assert_eq!(of(PlantedKind::Fault(FaultKind::InventoryRefusal)), (OutcomeKind::RolledBack, "DP01"));
    assert_eq!(PlantedKind::Defect(Defect::WrongKeyBit).code(GroupId::AA), "A2");
    assert_eq!(PlantedKind::Fault(FaultKind::NoWan).code(GroupId::DA), "P-wan");
    assert_eq!(Defect::ValidationMissing.codes_in(GroupId::CB), Some(vec!["14.5", "14.6"]));
    assert_eq!(Defect::NotConfigured.codes_in(GroupId::BA), None, "15.2 is FOC's alone");
}
