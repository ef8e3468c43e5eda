//! 3.25: a gas meter of CA takes a revised PIN, and its Installing Supplier alone learns which.

use std::path::Path;

use tern_model::{GasOutcome, GroupId, Outcome, PartyId, Role};
use tern_service::ServiceFault;
use tern_service::pins::{self, OpenedPin, PinFile, PinRefused};
use tern_service::pki;
use tern_testkit::{Cut, Lab, LabPlan, Power, results};
use tern_wire::migration::{InstallingSupplierPin, open};
use tern_wire::revised_pin::digest_of;
use tern_wire::smki::Usage;
use tern_wire::xenc;
use tern_wire::xml::Limits;
use tern_world::corpus::Defect;

fn lab(group: GroupId) -> Lab {
    let plan = LabPlan { installations: 8, seed: 5, defects_permille: 0, faults: 0, set_size: 8 };
    Lab::of(plan, &Defect::USUAL, &[group], |_| {})
}

/// Commissions a group, and gives what waits for Installing Suppliers.
fn commissioned(lab: &Lab) -> Vec<PinFile> {
    let mut system = lab.open(&Power::new(Cut::Never)).expect("opens");
    lab.migrate(&mut system, &mut lab.devices()).expect("migrates");
    let ends = results(&system, lab.sets[0].named().expect("a name"));
    assert!(
        ends.values()
            .flatten()
            .all(|end| matches!(end, Outcome::Commissioned { gas } if *gas != GasOutcome::LeftBehind))
    );
    let mut files = Vec::new();
    let keep = |file| -> Result<(), ServiceFault> {
        files.push(file);
        Ok(())
    };
    system.pin_files(keep).expect("reads");
    files
}

/// The suppliers' names, each with its party.
fn suppliers(lab: &Lab) -> Vec<(String, PartyId)> {
    let trust = pki::load_trust(&lab.dir().join("pki")).expect("trust");
    let certificates = trust.usable(Role::Supplier, None, Usage::Encrypt, lab.now);
    certificates.iter().map(|c| (c.common_name().to_owned(), c.party())).collect()
}

fn opened_by(lab: &Lab, file: &PinFile, name: &str) -> Result<OpenedPin, PinRefused> {
    let dir = lab.dir().join("pki");
    let (trust, key) = (pki::load_trust(&dir).expect("trust"), pki::load_decrypter(&dir, name).expect("a key"));
    pins::open((&file.name, &file.bytes), &trust, &key, lab.now)
}

#[test]
fn a_gas_meter_holds_the_pin_that_its_installing_supplier_alone_can_open() {
    let lab = lab(GroupId::CA);
    let before = tern_world::devices::read_installations(&lab.dir().join("world")).expect("the devices");
    let files = commissioned(&lab);
    let after = tern_world::devices::read_installations(&lab.dir().join("world")).expect("the devices");
    let meters: Vec<_> = before.iter().zip(&after).filter_map(|(b, a)| b.gsme.as_ref().zip(a.gsme.as_ref())).collect();
    assert!(!meters.is_empty() && meters.len() < after.len(), "gas, and electricity alone");
    assert_eq!(files.len(), meters.len(), "one file for each gas meter");
    let mut others = 0;
    for (was, is) in meters {
        let held = |gsme: &tern_world::devices::Gsme| digest_of(&gsme.pins.as_ref().expect("a PIN").in_force);
        assert_ne!(held(was), held(is), "it was revised");
        let recorded = lab.corpus.facts.installing_suppliers.iter().find(|one| one.device == is.device);
        let installed = recorded.expect("a record").supplier;
        let mut opened = Vec::new();
        for (name, party) in suppliers(&lab) {
            let of_meter = files.iter().map(|file| opened_by(&lab, file, &name)).filter_map(|said| match said {
                Ok(pin) => (pin.gsme == is.device).then_some(pin),
                Err(PinRefused::OfAnother { supplier }) => {
                    assert_ne!(supplier, party);
                    None
                }
                Err(other) => panic!("{name}: {other:?}"),
            });
            opened.extend(of_meter.map(|pin| (party, pin.pin.digest())));
        }
        assert_eq!(opened, [(installed, held(is))], "the Installing Supplier alone, and the meter's own PIN");
        let gas = lab.corpus.smsos[0].1.installations.iter().filter_map(|record| record.gsme.as_ref());
        let point = gas.map(|gas| &gas.meter).find(|meter| meter.device_id == is.device).expect("its point");
        let today = tern_model::london_day(lab.now);
        let registered = lab.corpus.facts.registration.iter();
        let registered = registered.filter(|one| one.mpxn == point.mpxn && one.effective_from <= today);
        let responsible = registered.max_by_key(|one| one.effective_from).expect("registered").supplier;
        others += usize::from(responsible != installed);
    }
    assert!(others > 0, "no Installing Supplier was another than the Responsible one: another seed is needed");
}

#[test]
fn neither_another_key_nor_another_files_blob_opens_a_pin() {
    let lab = lab(GroupId::CA);
    let files = commissioned(&lab);
    let dir = lab.dir().join("pki");
    let trust = pki::load_trust(&dir).expect("trust");
    let of = |file: &PinFile| {
        open::<InstallingSupplierPin>(&file.name, &file.bytes, &trust, lab.now, &Limits::DEFAULT).expect("verifies")
    };
    // Two files for one supplier.
    let pair = files.iter().enumerate().find_map(|(at, one)| {
        let other =
            files[at + 1..].iter().find(|other| of(other).installing_supplier == of(one).installing_supplier)?;
        Some((one, other))
    });
    let (one, second) = pair.expect("another seed is needed: each file is for a supplier of its own");
    let (first, supplier) = (of(one), of(one).installing_supplier);
    let blob = first.encrypted_pin.encrypted_data.as_xml();
    let names = suppliers(&lab);
    let others = names.iter().filter(|(_, party)| *party != supplier).map(|(name, _)| name.as_str());
    for name in others.chain(["s1sp", "dco"]) {
        let key = pki::load_decrypter(&dir, name).expect("a key");
        assert!(xenc::decrypt(blob, &tern_model::Place::default(), &key).is_err(), "{name} opens it");
    }
    // The S1SP signs it for this meter: what was encrypted for another is not its PIN.
    let own = |file: &PinFile| String::from_utf8(file.bytes.clone()).expect("UTF-8");
    let text = own(one).replace(blob, of(second).encrypted_pin.encrypted_data.as_xml());
    assert_ne!(text, own(one));
    let unsigned = [&text[..text.find("<ds:Signature").expect("a signature")], "</InstallingSupplierPIN>"].concat();
    let signer = pki::load_signer(&dir, "s1sp").expect("the S1SP's key");
    let forged = tern_wire::dsig::sign(&unsigned, &signer).expect("signs");
    let forged = PinFile { name: one.name.clone(), bytes: forged.into_bytes() };
    let (name, _) = names.iter().find(|(_, party)| *party == supplier).expect("its name");
    assert!(opened_by(&lab, one, name).is_ok());
    let Err(PinRefused::Faults(faults)) = opened_by(&lab, &forged, name) else { panic!("a foreign PIN was taken") };
    assert!(faults[0].message.contains("no PIN of this gas meter"), "{faults:?}");
}

#[test]
fn no_pin_stands_anywhere_in_the_clear() {
    let lab = lab(GroupId::CA);
    let files = commissioned(&lab);
    let names = suppliers(&lab);
    let mut sought = 0;
    for pin in files.iter().flat_map(|file| names.iter().filter_map(|(name, _)| opened_by(&lab, file, name).ok())) {
        let (digits, salt) = (pin.pin.expose_digits(), pin.pin.expose_salt());
        let block = pin.pin.expose().expose().to_vec();
        let told = [format!(">{}<", *digits), format!("\"{}\"", *digits), salt.to_uppercase(), salt.to_lowercase()];
        let told: Vec<Vec<u8>> = told.into_iter().map(String::into_bytes).chain([block]).collect();
        assert_eq!(format!("{:?}", pin.pin), "RevisedPin(…)");
        for place in ["stores", "world"] {
            sought += absent(&lab.dir().join(place), &told);
        }
    }
    assert!(sought > files.len() * 4, "only {sought} files were looked through");
}

/// None of these stands in a file below; how many files there are.
fn absent(dir: &Path, wanted: &[Vec<u8>]) -> usize {
    let mut looked = 0;
    for entry in std::fs::read_dir(dir).expect("lists") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            looked += absent(&path, wanted);
            continue;
        }
        let bytes = std::fs::read(&path).expect("reads");
        for secret in wanted {
            assert!(!bytes.windows(secret.len()).any(|part| part == secret), "{} holds a PIN", path.display());
        }
        looked += 1;
    }
    looked
}

#[test]
fn other_groups_get_nothing() {
    for group in [GroupId::AA, GroupId::EA] {
        assert_eq!(commissioned(&lab(group)), [], "{group}");
    }
}
