//! All of the S1SP's memory and disk: what it opens at a commissioned ESME, and what it does not.

use std::collections::BTreeSet;

use base64::Engine;
use tern_dlms::apdu::{ActionResult, Apdu, DataAccessResult};
use tern_dlms::client::image::ImageTransfer;
use tern_dlms::client::{ClientError, Refusal};
use tern_dlms::wrapper::Frame;
use tern_dlms::{Codec, Data, SystemTitle};
use tern_model::{Outcome, Secret};
use tern_service::executor::InstallationRecord;
use tern_service::parties::Party;
use tern_service::pki;
use tern_store::Sealed;
use tern_testkit::attack::{
    Bytes16, COUNTER_CRITICAL, Conversation, IMAGE, IMPORT, Wish, critical_wishes, key_transfer, obeyed, pair, wrapped,
    wraps_of,
};
use tern_testkit::{Cut, DirectDevices, Lab, LabPlan, Power, results};
use tern_world::devices::{BLOCK_BYTES, build_image};
use tern_world::dlms::{client, critical_keys, server};

use crate::line::{Line, Tap, title};

/// A commissioned installation, with everything that the S1SP has of it and of itself.
struct Robbed {
    lab: Lab,
    record: InstallationRecord,
    /// Whatever went between the S1SP and the installation.
    heard: Vec<Frame>,
    /// Its store's records and journal.
    kept: Vec<Vec<u8>>,
}

fn robbed() -> Robbed {
    let lab = Lab::new(LabPlan { installations: 4, seed: 3, defects_permille: 0, faults: 0, set_size: 4 }, |_| {});
    let tap = Tap::default();
    let mut system = lab.open(&Power::new(Cut::Never)).expect("opens");
    let mut devices: DirectDevices = lab.devices_over(tap.on(lab.connect()));
    lab.migrate(&mut system, &mut devices).expect("migrates");
    let set = lab.sets[0].named().expect("a named set");
    let mut ended = results(&system, set).into_iter();
    let (chf, outcome) = ended.find(|(chf, _)| has_gas(&lab, *chf)).expect("one with gas");
    assert!(matches!(outcome, Some(Outcome::Commissioned { .. })), "{outcome:?}");
    let record = system.records().map(|r| r.expect("a record")).find(|r| r.plan.chf == chf).expect("its record");
    let heard = tap.of(chf);
    let store = system.s1sp.store();
    let records = store.scan("migration", None, 100).expect("its records").into_iter().map(|(_, record)| record.body);
    let journal = store.journal(&chf.to_string()).expect("its journal").into_iter().map(|(_, entry)| entry.body);
    let kept = records.chain(journal).collect();
    Robbed { lab, record, heard, kept }
}

fn has_gas(lab: &Lab, chf: tern_model::ChfIdentifier) -> bool {
    lab.corpus.devices.iter().any(|i| i.hub.chf == chf && i.gsme.is_some())
}

impl Robbed {
    fn line(&self) -> Line<'_> {
        Line::of(&self.lab, self.record.plan.chf)
    }

    fn dco(&self) -> SystemTitle {
        self.line().dco
    }

    fn s1sp(&self) -> SystemTitle {
        title(&pki::load_signer(&self.lab.dir().join("pki"), "s1sp").expect("its key"))
    }

    /// Keys that the S1SP has as keys: both sides' association keys, and the prepayment keys.
    fn keys(&self) -> Vec<Bytes16> {
        let (seal, plan) = (self.lab.s1sp_seal(), &self.record.plan);
        let opened = self.record.keys.open(&seal, plan).expect("opens");
        let both = [opened.smso, opened.s1sp];
        let mut keys: Vec<_> =
            both.iter().flat_map(|keys| [*keys.authentication.expose(), *keys.encryption.expose()]).collect();
        let sealed = serde_json::to_value(&self.record.keys).expect("a record");
        let sealed: Vec<Sealed> = serde_json::from_value(sealed["prepayment"].clone()).expect("sealed keys");
        for (at, key) in sealed.iter().enumerate() {
            let context = format!("migration/{}/{}/prepayment/{at}", plan.chf, plan.set);
            keys.push(seal.open(&context, key).expect("opens").expose().try_into().expect("a key"));
        }
        assert!(keys.len() >= 6, "{} keys", keys.len());
        keys
    }

    /// Every APDU that was heard.
    fn apdus(&self) -> impl Iterator<Item = &[u8]> {
        self.heard.iter().map(|frame| frame.apdu.as_slice())
    }

    /// What may hide a key: wraps that passed through, the seal, the private key's numbers.
    fn likely(&self) -> BTreeSet<Bytes16> {
        let memory = &self.record.memory;
        let filled = memory.association_transfer.as_ref().expect("was filled");
        let seal = self.lab.config();
        let seal = seal.path(seal.roles.s1sp.seal.as_deref().expect("a seal file"));
        let mut places = vec![filled.forward.clone(), filled.back.clone()];
        places.push(std::fs::read(seal).expect("the seal"));
        places.push(self.private("signing.key"));
        places.iter().flat_map(|place| windows(place)).chain(self.keys()).collect()
    }

    /// Every sixteen bytes of everything.
    fn everything(&self) -> BTreeSet<Bytes16> {
        let record = serde_json::to_vec(&self.record).expect("a record");
        let mut places = vec![record, self.private("encryption.key")];
        places.extend(self.kept.iter().cloned());
        places.extend(self.apdus().map(<[u8]>::to_vec));
        places.iter().flat_map(|place| windows(place)).chain(self.likely()).collect()
    }

    fn private(&self, file: &str) -> Vec<u8> {
        let path = self.lab.dir().join("pki/parties/s1sp").join(file);
        let text = std::fs::read_to_string(path).expect("its key");
        let body: String = text.lines().filter(|line| !line.starts_with('-')).collect();
        base64::engine::general_purpose::STANDARD.decode(body).expect("PEM")
    }

    /// Has the ESME verify an image, which the S1SP may, so that only its activation is missing.
    fn image(&self) {
        let line = self.line();
        let model = tern_model::DeviceModel { firmware: "99.0".to_owned(), ..line.truth().esme.model };
        let image = build_image(&model, &vec![3; usize::try_from(BLOCK_BYTES).expect("fits")]);
        let mut transfer = ImageTransfer::new(IMAGE, b"mine", &image);
        transfer.transfer(&mut self.management(), &mut |_| {}).expect("is verified");
    }

    fn management(&self) -> Conversation {
        let keys = self.record.keys.open(&self.lab.s1sp_seal(), &self.record.plan).expect("opens").s1sp;
        let keys = pair(*keys.encryption.expose(), *keys.authentication.expose());
        self.line().management(self.s1sp(), keys).expect("these keys are its own")
    }

    /// A wish on the management association; whether it was done.
    fn manages(&self, wish: &Wish) -> Result<(), ClientError> {
        match wish.clone() {
            Wish::Set(attribute, value) => self.management().set(attribute, value),
            Wish::Act(method, parameter) => self.management().action(method, Some(parameter)).map(drop),
        }
    }

    /// Whether a critical wish is heard under these keys.
    fn is_heard(&self, keys: tern_dlms::security::Keys, counter: u32, wish: &Wish) -> bool {
        self.line().critical(self.dco(), keys, counter, &wish.apdu()).is_some()
    }
}

fn windows(place: &[u8]) -> Vec<Bytes16> {
    place.windows(16).map(|window| window.try_into().expect("16 bytes")).collect()
}

#[test]
fn all_of_the_s1sps_memory_and_disk_make_a_meter_obey_nothing_critical() {
    let robbed = robbed();
    robbed.image();
    let line = robbed.line();
    let before = line.effects();
    on_the_management_association(&robbed);
    under_whatever_may_be_a_key(&robbed);
    with_what_was_heard(&robbed);
    assert_eq!(line.effects(), before, "the meter did something");
    // And all of it is done by who has the keys of the DCO.
    let master = line.truth().esme.master;
    for wish in critical_wishes() {
        let (keys, counter) = (critical_keys(&master, line.esme), line.next(COUNTER_CRITICAL));
        let done = line.effects().len();
        let answer = line.critical(robbed.dco(), keys, counter, &wish.apdu()).expect("is heard");
        assert!(obeyed(&Apdu::decode(&answer).expect("an APDU")), "{wish:?}");
        assert_eq!(line.effects().len(), done + 1, "{wish:?}");
    }
    let replaces = key_transfer(&[(3, wrapped(*master.expose(), [7; 16]))]);
    robbed.manages(&replaces).expect_err("a true wrap is not enough on the S1SP's association");
    let answer =
        line.critical(robbed.dco(), critical_keys(&master, line.esme), line.next(COUNTER_CRITICAL), &replaces.apdu());
    assert!(obeyed(&Apdu::decode(&answer.expect("is heard")).expect("an APDU")), "on the DCO's it is");
}

#[track_caller]
fn denied(outcome: Result<(), ClientError>) {
    let Err(ClientError::Refused(Refusal::Action(ActionResult::ReadWriteDenied))) = outcome else {
        panic!("{outcome:?}")
    };
}

/// What is critical is refused by right of access, and a key transfer for want of the master key.
fn on_the_management_association(robbed: &Robbed) {
    for wish in critical_wishes() {
        match robbed.manages(&wish) {
            Err(ClientError::Refused(Refusal::Action(ActionResult::ReadWriteDenied))) => {}
            Err(ClientError::Refused(Refusal::Access(DataAccessResult::ReadWriteDenied))) => {}
            other => panic!("{wish:?}: {other:?}"),
        }
        let s1sp = pki::load_signer(&robbed.lab.dir().join("pki"), "s1sp").expect("its key");
        let line = robbed.line();
        assert!(!line.signed(&s1sp, server::ESME, line.esme, &wish), "{wish:?}");
    }
    let mut meter = robbed.management();
    for key in robbed.likely() {
        for ids in [&[3][..], &[0, 2], &[0]] {
            let keys: Vec<_> = ids.iter().map(|id| (*id, wrapped(key, [7; 16]))).collect();
            let Wish::Act(method, parameter) = key_transfer(&keys) else { unreachable!("an action") };
            match meter.action(method, Some(parameter)) {
                Err(ClientError::Refused(Refusal::Action(ActionResult::ReadWriteDenied))) => {}
                Err(ClientError::NotSent(_)) => meter = robbed.management(),
                other => panic!("{other:?}"),
            }
        }
    }
}

/// Each string as either key, each two of the likely ones, and what would follow from each if it were the master key.
fn under_whatever_may_be_a_key(robbed: &Robbed) {
    let (line, wishes) = (robbed.line(), critical_wishes());
    let counter = line.next(COUNTER_CRITICAL) + 1000;
    let keys = robbed.keys();
    for wish in &wishes {
        for (encryption, authentication) in keys.iter().flat_map(|a| keys.iter().map(move |b| (*a, *b))) {
            assert!(!robbed.is_heard(pair(encryption, authentication), counter, wish), "{wish:?}");
        }
    }
    let (likely, all) = (robbed.likely(), robbed.everything());
    for (encryption, authentication) in likely.iter().flat_map(|a| likely.iter().map(move |b| (*a, *b))) {
        assert!(!robbed.is_heard(pair(encryption, authentication), counter, &wishes[0]));
    }
    for key in &all {
        assert!(!robbed.is_heard(pair(*key, *key), counter, &wishes[0]));
        assert!(!robbed.is_heard(critical_keys(&Secret::new(*key), line.esme), counter, &wishes[0]));
    }
    println!("{} strings that may be keys, {} likely ones in every combination", all.len(), likely.len());
    assert!(likely.len() > 100 && all.len() > 2000, "{} {}", likely.len(), all.len());
}

/// Whatever was heard, again: as it was, to every association, and the DCO's own requests with any bit or counter changed.
fn with_what_was_heard(robbed: &Robbed) {
    let line = robbed.line();
    let refused = |apdu: &[u8], client: u16, server: u16| {
        let answer = line.send(client, server, apdu);
        let protected = matches!(answer, Some(Apdu::GeneralGloCiphering(_) | Apdu::GloCiphered(_)));
        assert!(!protected && !answer.is_some_and(|answer| obeyed(&answer)), "{apdu:02x?}");
    };
    let mut relayed = 0;
    for frame in &robbed.heard {
        for client in [client::MANAGEMENT, client::CRITICAL, client::PUBLIC] {
            refused(&frame.apdu, client, server::ESME);
        }
        refused(&frame.apdu, frame.source, frame.destination);
        if frame.source != client::CRITICAL {
            continue;
        }
        relayed += 1;
        for bit in 0..frame.apdu.len() * 8 {
            let mut other = frame.apdu.clone();
            other[bit / 8] ^= 1 << (bit % 8);
            refused(&other, client::CRITICAL, server::ESME);
        }
        // Tag, length, title of eight with its length, length of what follows, security control: then the counter.
        let next = line.next(COUNTER_CRITICAL);
        for counter in next..next + 50 {
            let mut other = frame.apdu.clone();
            other[12..16].copy_from_slice(&counter.to_be_bytes());
            refused(&other, client::CRITICAL, server::ESME);
        }
    }
    assert!(relayed >= 2, "{relayed} critical requests were relayed");
}

#[test]
fn the_ways_that_an_s1sp_keeps_lead_nowhere_once_the_dcos_master_key_is_in_force() {
    let robbed = robbed();
    let line = robbed.line();
    let before = line.effects();
    let kept = robbed.record.memory.association_transfer.as_ref().expect("was filled");
    for apdu in [&kept.forward, &kept.back] {
        let keys = wraps_of(apdu);
        assert_eq!(keys.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [0, 2]);
        for (_, key) in &keys {
            denied(robbed.manages(&key_transfer(&[(3, key.clone())])));
        }
        denied(robbed.manages(&key_transfer(&keys)));
    }
    assert_eq!(line.effects(), before);
    let mut meter = robbed.management();
    assert_eq!(meter.get(IMPORT).map(|data| matches!(data, Data::Null)).ok(), Some(false));
}
