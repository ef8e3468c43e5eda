//! The SMSO after a migration, and the S1SP after one that went back, each with every key that it ever had.

use tern_dlms::SystemTitle;
use tern_dlms::apdu::ActionResult;
use tern_dlms::client::{ClientError, Refusal};
use tern_dlms::security::{Key, unwrap_key};
use tern_model::{ChfIdentifier, Outcome, Secret};
use tern_service::executor::InstallationRecord;
use tern_service::pki;
use tern_testkit::attack::{
    Bytes16, COUNTER_CRITICAL, DEVICE_ID, IMPORT, Wish, critical_wishes, key_transfer, pair, signed_wishes, wrapped,
    wraps_of,
};
use tern_testkit::{Cut, Lab, LabPlan, Power, Strike, Struck, commission, results, take};
use tern_wire::smki::Signer;
use tern_world::dlms::{critical_keys, server};
use tern_world::smso::KeyText;

use crate::line::{Line, Tap, title};

fn lab() -> Lab {
    Lab::new(LabPlan { installations: 12, seed: 3, defects_permille: 0, faults: 0, set_size: 12 }, |_| {})
}

fn signer(lab: &Lab, name: &str) -> Signer {
    pki::load_signer(&lab.dir().join("pki"), name).expect("its key")
}

/// Keys that somebody has of one installation.
struct Held {
    /// Any of them, for any use.
    keys: Vec<Bytes16>,
    /// The one that is its master key.
    master: Bytes16,
}

/// What the SMSO's own records say.
fn exported(lab: &Lab, chf: ChfIdentifier) -> Held {
    let (_, records) = lab.corpus.smsos.first().expect("an SMSO");
    let record = records.keys.iter().find(|record| record.chf_identifier == chf).expect("its keys");
    let key = |text: &str| -> Bytes16 {
        std::array::from_fn(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).expect("a key"))
    };
    let master = key(KeyText::expose(&record.master.master_key));
    Held { keys: record.texts().map(key).collect(), master }
}

impl Held {
    /// With the critical keys that follow from the master key.
    fn with_critical(mut self, line: &Line<'_>) -> Held {
        let keys = critical_keys(&Secret::new(self.master), line.esme);
        self.keys.extend([*keys.encryption.expose(), *keys.authentication.expose()]);
        self
    }

    /// Every two of them, in either order, and each twice.
    fn pairs(&self) -> impl Iterator<Item = (Bytes16, Bytes16)> + '_ {
        self.keys.iter().flat_map(|a| self.keys.iter().map(|b| (*a, *b)))
    }

    /// How many pairs open the management association, and how many the critical one hears.
    fn opens(&self, line: &Line<'_>, own: SystemTitle) -> (usize, usize) {
        let management = self.pairs().filter(|(e, a)| line.management(own, pair(*e, *a)).is_ok()).count();
        let get = [0xC0, 0x01, 0xC1, 0x00, 0x01, 0x00, 0x00, 0x60, 0x01, 0x00, 0xFF, 0x02, 0x00];
        let heard =
            |(e, a): &(Bytes16, Bytes16)| line.critical(own, pair(*e, *a), line.next(COUNTER_CRITICAL), &get).is_some();
        (management, self.pairs().filter(heard).count())
    }

    /// Checks that these keys give nothing that everybody does not have.
    #[track_caller]
    fn are_worth_nothing(&self, line: &Line<'_>, own: SystemTitle) {
        assert_eq!(self.opens(line, own), (0, 0));
        for key in &self.keys {
            assert!(line.low_level(key).is_err());
        }
        let counter = line.next(COUNTER_CRITICAL) + 1000;
        let transfer = key_transfer(&[(3, wrapped(self.master, [7; 16]))]);
        for wish in critical_wishes().iter().chain([&transfer]) {
            for (encryption, authentication) in self.pairs() {
                let heard = line.critical(own, pair(encryption, authentication), counter, &wish.apdu());
                assert!(heard.is_none(), "{wish:?}");
            }
            let plain = line.send(tern_world::dlms::client::PUBLIC, server::ESME, &wish.apdu());
            assert!(!plain.is_some_and(|answer| tern_testkit::attack::obeyed(&answer)), "{wish:?}");
        }
    }
}

/// How many signed wishes of a party are obeyed, of how many.
fn signed(line: &Line<'_>, by: &Signer) -> (usize, usize) {
    let mut outcomes = Vec::new();
    for (server, device) in line.signed_devices() {
        for wish in signed_wishes(server, by.certificate().der()) {
            outcomes.push(line.signed(by, server, device, &wish));
        }
    }
    (outcomes.iter().filter(|obeyed| **obeyed).count(), outcomes.len())
}

#[test]
fn an_smso_with_every_key_that_it_exported_gets_nothing_but_the_public_association() {
    let lab = lab();
    let smso = signer(&lab, "smso");
    let own = title(&smso);
    for chf in lab.world.installations() {
        let line = Line::of(&lab, chf);
        let held = exported(&lab, chf).with_critical(&line);
        assert_eq!(held.opens(&line, own), (1, 1), "before, they open both");
    }
    let mut system = lab.open(&Power::new(Cut::Never)).expect("opens");
    lab.migrate(&mut system, &mut lab.devices()).expect("migrates");
    let set = lab.sets[0].named().expect("a named set");
    for (chf, outcome) in results(&system, set) {
        assert!(matches!(outcome, Some(Outcome::Commissioned { .. })), "{outcome:?}");
        let line = Line::of(&lab, chf);
        let before = line.effects();
        exported(&lab, chf).with_critical(&line).are_worth_nothing(&line, own);
        let (obeyed, asked) = signed(&line, &smso);
        assert_eq!((obeyed, asked > 0), (0, true));
        assert_eq!(line.effects(), before, "{chf} did something");
        let mut public = line.public(server::ESME);
        public.get(DEVICE_ID).expect("everybody may know who it is");
        assert!(public.get(IMPORT).is_err(), "and nobody what it measured");
    }
    let kinds: Vec<_> = lab.corpus.devices.iter().map(|i| (i.gsme.is_some(), !i.ppmids.is_empty())).collect();
    assert!(kinds.contains(&(true, true)), "no installation has every kind of device");
}

/// The DCO's master key, as who has the SMSO's finds it in what went to the ESME.
fn made_by_the_dco(line: &Line<'_>, tap: &Tap, smsos: Bytes16) -> Bytes16 {
    let keys = || critical_keys(&Secret::new(smsos), line.esme);
    let plain = tap.of(line.chf).into_iter().filter_map(|frame| line.opened(keys(), &frame.apdu));
    let wraps = plain.filter(|apdu| apdu.first() == Some(&0xC3)).flat_map(|apdu| wraps_of(&apdu));
    let made: Vec<_> =
        wraps.map(|(id, wrap)| (id, *unwrap_key(&Key::new(smsos), &wrap).expect("opens").expose())).collect();
    let [(3, master)] = made[..] else { panic!("{} keys", made.len()) };
    master
}

/// The S1SP knows the association keys that the DCO wrapped for it, and the meter's master key is the one that they are
/// wrapped under. Presented as a master key they would be one that the S1SP knows.
fn no_wrap_makes_a_master_key(line: &Line<'_>, record: &InstallationRecord, smsos: &Held, own: SystemTitle, lab: &Lab) {
    let both = record.keys.open(&lab.s1sp_seal(), &record.plan).expect("opens");
    let before = line.effects();
    let filled = record.memory.association_transfer.as_ref().expect("B6.1 was done");
    for (_, wrap) in wraps_of(&filled.forward).into_iter().chain(wraps_of(&filled.back)) {
        unwrap_key(&Key::new(smsos.master), &wrap).expect("it is under the master key in force");
        let keys = pair(*both.smso.encryption.expose(), *both.smso.authentication.expose());
        let Wish::Act(method, parameter) = key_transfer(&[(3, wrap)]) else { unreachable!("an action") };
        let outcome = line.management(own, keys).expect("these keys open it").action(method, Some(parameter));
        let Err(ClientError::Refused(Refusal::Action(ActionResult::ReadWriteDenied))) = outcome else {
            panic!("{outcome:?}")
        };
    }
    assert_eq!(line.effects(), before);
}

#[test]
fn after_a_rollback_the_keys_that_s1sp_and_dco_made_are_worth_nothing_and_the_smsos_hold() {
    let lab = lab();
    let (smso, s1sp) = (signer(&lab, "smso"), signer(&lab, "s1sp"));
    let mut system = lab.open(&Power::new(Cut::Never)).expect("opens");
    take(&mut system, &lab.sets[0]).expect("is taken in");
    let struck = [Struck::new("/B6.8/do", Strike::Fail, u32::MAX)];
    let tap = Tap::default();
    commission(&mut system, &mut lab.devices_over(tap.on(lab.connect())), &struck).expect("comes to an end");
    for record in system.records().map(|record| record.expect("a record")) {
        let line = Line::of(&lab, record.plan.chf);
        assert!(matches!(record.migration.outcome(), Some(Outcome::RolledBack { .. })), "{:?}", record.migration);
        let ours = record.keys.open(&lab.s1sp_seal(), &record.plan).expect("opens").s1sp;
        let smsos = exported(&lab, line.chf);
        let master = made_by_the_dco(&line, &tap, smsos.master);
        let keys = vec![*ours.authentication.expose(), *ours.encryption.expose(), master];
        let before = line.effects();
        Held { keys, master }.with_critical(&line).are_worth_nothing(&line, title(&s1sp));
        no_wrap_makes_a_master_key(&line, &record, &smsos, title(&s1sp), &lab);
        assert_eq!(line.effects(), before);
        assert_eq!(smsos.with_critical(&line).opens(&line, title(&smso)), (1, 1));
        let (obeyed, asked) = signed(&line, &smso);
        assert_eq!(obeyed, asked, "hub, GSME and PPMID are the SMSO's again");
    }
}
