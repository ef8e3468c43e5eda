//! Firmware by the product, against devices over real sockets: lines that break at any byte, answers that are lost, crashes
//! of the S1SP, devices and parties that refuse.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tern_model::{ChfIdentifier, DeviceId, DeviceModel, Eui64, Fuel, Outcome, PartyId, london_day};
use tern_service::firmware::{End, FirmwareDesk, FirmwareRecord, Image, Instruction, Sending, Standing, Told, Way};
use tern_service::lanes::{Connect, LineLimits, Wan, over_tcp};
use tern_service::overview::Overview;
use tern_service::parties::Party;
use tern_service::{ServiceFault, System, pki};
use tern_testkit::{Breaks, Cut, Dice, Lab, LabPlan, Power};
use tern_wire::facts_csv::Subject;
use tern_wire::role_link::SignedDocument;
use tern_wire::smki::Signer;
use tern_world::devices::{BLOCK_BYTES, Change, Installation, LOG_FILE, LogRecord, WAN_FILE, build_image, read_log};

const BLOCKS: u32 = 24;
/// So often a conversation is broken off before it may come to an end.
const BREAKS: u64 = 10;
/// What no exchange takes, however loaded the machine is.
const GENEROUS: Duration = Duration::from_secs(600);

/// A laboratory whose installations are commissioned, with its devices on the network.
struct Bench {
    lab: Lab,
    breaks: Breaks,
    connect: Connect,
    stop: Arc<AtomicBool>,
}

impl Bench {
    fn new() -> Bench {
        let lab = Lab::new(LabPlan { installations: 3, seed: 11, defects_permille: 0, faults: 0, set_size: 2 }, |_| {});
        {
            let mut system = lab.open(&Power::new(Cut::Never)).expect("opens");
            // The second set is not taken in: its installation stays with the SMSO.
            tern_testkit::take(&mut system, &lab.sets[0]).expect("is taken in");
            let mut devices = lab.devices();
            system.commission(None, &mut devices, &AtomicBool::new(false), &mut |_| {}).expect("runs");
            let ends = tern_testkit::results(&system, lab.sets[0].named().expect("a set"));
            assert!(ends.values().all(|end| matches!(end, Some(Outcome::Commissioned { .. }))), "{ends:?}");
        }
        let listener = tern_world::server::listen(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let world = lab.world.clone();
        std::thread::spawn(move || tern_world::server::serve(&listener, &world));
        let book = Wan::read(&lab.dir().join("world").join(WAN_FILE), port).expect("the address book");
        let breaks = Breaks::default();
        let connect = breaks.on(over_tcp(book, LineLimits { exchange: GENEROUS, row: GENEROUS }));
        Bench { lab, breaks, connect, stop: Arc::default() }
    }

    fn open(&self) -> System {
        self.lab.open(&Power::new(Cut::Never)).expect("opens")
    }

    /// Does something at the S1SP's desk.
    fn at_desk<T>(
        &self,
        system: &mut System,
        body: impl FnOnce(&mut FirmwareDesk<'_>) -> Result<T, ServiceFault>,
    ) -> Result<T, ServiceFault> {
        let identity = self.lab.identity();
        system.with_firmware(Way { connect: &self.connect, identity: &identity, stop: &self.stop }, body)
    }

    /// Sends an image as one command does.
    fn send(
        &self,
        system: &mut System,
        device: DeviceId,
        image: &Image,
        watch: &mut dyn FnMut(&FirmwareRecord),
    ) -> Result<Told, ServiceFault> {
        let identifier = "99.0".parse().expect("an identifier");
        let sending = Sending { device, identifier, image, instead: false };
        self.at_desk(system, |desk| desk.send(&sending, watch))
    }

    /// Sends an image to its end, by as many commands as it takes.
    fn sent(&self, device: DeviceId, image: &Image) -> FirmwareRecord {
        let told = self.send(&mut self.open(), device, image, &mut |_| {}).expect("sends");
        assert_eq!((&told.end, &told.record.standing), (&End::Done, &Standing::Verified), "{told:?}");
        told.record
    }

    fn activate(&self, device: DeviceId, document: &SignedDocument) -> Told {
        self.at_desk(&mut self.open(), |desk| desk.activate(device, document)).expect("is asked")
    }

    fn ask(&self, device: DeviceId) -> Told {
        self.at_desk(&mut self.open(), |desk| desk.ask_device(device)).expect("is asked")
    }

    /// A commissioned installation; one with a PPMID where that is wanted.
    fn installation(&self, with_ppmid: bool) -> &Installation {
        let commissioned: Vec<ChfIdentifier> = self.commissioned();
        let mut all = self.lab.corpus.devices.iter().filter(|one| commissioned.contains(&one.hub.chf));
        all.find(|one| !with_ppmid || !one.ppmids.is_empty()).expect("an installation")
    }

    fn commissioned(&self) -> Vec<ChfIdentifier> {
        let system = self.open();
        tern_testkit::results(&system, self.lab.sets[0].named().expect("a set")).into_keys().collect()
    }

    /// The supplier that is registered for an installation's electricity, and one that is not.
    fn suppliers(&self, installation: &Installation) -> (Signer, Signer) {
        let mpan = &self
            .open()
            .records()
            .map(|record| record.expect("a record"))
            .find(|record| record.plan.chf == installation.hub.chf)
            .expect("its record")
            .plan
            .supplies[0]
            .mpxn
            .clone();
        let facts = self.lab.facts().slice([Subject::Point(Fuel::Electricity, mpan.clone())]).expect("facts");
        let registered = facts.registration_on(Fuel::Electricity, mpan, london_day(self.lab.now)).expect("registered");
        let dir = self.lab.dir().join("pki");
        let signer = |letter: char| pki::load_signer(&dir, &format!("supplier-{letter}")).expect("a key");
        let is = |party: PartyId| move |signer: &Signer| signer.certificate().party() == party;
        let own = ('a'..='g').map(signer).find(is(registered.supplier)).expect("the supplier");
        let other = ('a'..='g').map(signer).find(|s| !is(registered.supplier)(s)).expect("another supplier");
        (own, other)
    }

    /// What a supplier signs.
    fn instruction(&self, signer: &Signer, device: DeviceId, image: &Image) -> SignedDocument {
        let instruction = Instruction {
            reference: "4711".parse().expect("a reference"),
            device,
            identifier: "99.0".parse().expect("an identifier"),
            image,
            not_before: self.lab.now - jiff::SignedDuration::from_hours(1),
            not_after: self.lab.now + jiff::SignedDuration::from_hours(48),
        };
        let (name, bytes) = instruction.sign(signer, self.lab.now).expect("signs");
        SignedDocument { name: name.to_string(), bytes }
    }

    /// How often a device was told to use an image, and did.
    fn activations(&self, of: DeviceId) -> usize {
        let log = read_log(&self.lab.world.dir().join(LOG_FILE)).expect("the effect log");
        let activated = |record: &LogRecord| {
            matches!(record, LogRecord::Effect(effect)
                if matches!(effect.change, Change::ImageActivated { device, .. } if device == of))
        };
        log.iter().filter(|record| activated(record)).count()
    }

    /// What the inventory says that a device runs.
    fn inventory(&self, device: DeviceId) -> Option<String> {
        let overview = Overview::open(&self.lab.config()).expect("the stores");
        let entries = overview.inventory(device.0).expect("reads");
        entries.into_iter().find(|entry| entry.device == device)?.model.map(|model| model.firmware)
    }
}

fn image_for(model: &DeviceModel) -> Image {
    let program = vec![3; (BLOCKS * BLOCK_BYTES) as usize];
    Image::of(build_image(&DeviceModel { firmware: "99.0".to_owned(), ..model.clone() }, &program)).expect("an image")
}

#[test]
fn lines_that_break_at_any_byte_bring_every_block_once_and_the_image_is_used() {
    let bench = Bench::new();
    let Installation { hub, esme, ppmids, .. } = bench.installation(true);
    let (supplier, _) = bench.suppliers(bench.installation(true));
    let mut dice = Dice::new(7, 1);
    for (device, model) in
        [(esme.device, &esme.model), (hub.chf.into(), &hub.model), (ppmids[0].device, &ppmids[0].model)]
    {
        let image = image_for(model);
        let (mut there, mut told, mut rounds) = (0, None, 0);
        while told.as_ref().is_none_or(|told: &Told| told.end != End::Done) {
            if rounds < BREAKS {
                bench.breaks.at(hub.chf, 100 + dice.number() % 3_000);
            }
            rounds += 1;
            assert!(rounds < 100, "{told:?}");
            // Every command is a process of its own: what it remembers is what its store does.
            let mut watch = |record: &FirmwareRecord| {
                assert!(record.blocks_there >= there, "{} after {there}: sent again", record.blocks_there);
                there = record.blocks_there;
            };
            told = Some(bench.send(&mut bench.open(), device, &image, &mut watch).expect("sends"));
        }
        let record = told.expect("told").record;
        assert_eq!((record.standing, record.blocks_there), (Standing::Verified, record.blocks));
        let document = bench.instruction(&supplier, device, &image);
        // The conversation breaks while it is activated, at every byte in turn: it is asked, never guessed, and done once.
        for at in [40, 90, 140, 200, 260, 320] {
            bench.breaks.at(hub.chf, at);
            let told = bench.activate(device, &document);
            assert!(matches!(told.end, End::Done | End::LineLost), "{told:?}");
        }
        let told = bench.activate(device, &document);
        assert_eq!((&told.end, &told.record.standing), (&End::Done, &Standing::Activating));
        assert_eq!(bench.activations(device), 1);
        assert_ne!(bench.inventory(device).as_deref(), Some("99.0"), "not yet");
        bench.lab.world.clock().advance(60);
        let told = bench.ask(device);
        assert_eq!(told.record.standing, Standing::InUse { version: "99.0".to_owned() }, "{told:?}");
        assert_eq!(bench.inventory(device).as_deref(), Some("99.0"));
        assert_eq!(bench.activate(device, &document).end, End::Done, "again is no harm");
        assert_eq!(bench.activations(device), 1);
        let mut system = bench.open();
        Party::store(&mut system.s1sp).verify_audit().expect("whole");
    }
}

#[test]
fn an_s1sp_that_crashes_at_any_write_goes_on_where_it_was_and_uses_no_number_twice() {
    let bench = Bench::new();
    let Installation { hub, esme, .. } = bench.installation(false);
    let (supplier, _) = bench.suppliers(bench.installation(false));
    let image = image_for(&esme.model);
    let mut there = 0;
    for cut in Cut::all(3) {
        let power = Power::new(cut);
        let mut system = bench.lab.open(&power).expect("opens");
        // A break a command, so that there is something to go on with.
        bench.breaks.at(hub.chf, 2_000);
        let mut watch = |record: &FirmwareRecord| {
            assert!(record.blocks_there >= there, "{cut:?}: sent again");
            there = record.blocks_there;
        };
        let ended = bench.send(&mut system, esme.device, &image, &mut watch);
        assert!(ended.is_err() && power.is_off(), "{cut:?}: {ended:?}");
    }
    bench.sent(esme.device, &image);
    let document = bench.instruction(&supplier, esme.device, &image);
    for cut in Cut::all(3) {
        let power = Power::new(cut);
        let mut system = bench.lab.open(&power).expect("opens");
        let ended = bench.at_desk(&mut system, |desk| desk.activate(esme.device, &document));
        assert!(ended.is_err() && power.is_off(), "{cut:?}: {ended:?}");
    }
    // An ESME refuses a number that it heard before: whatever was used is not used again.
    let told = bench.activate(esme.device, &document);
    assert_eq!((&told.end, &told.record.standing), (&End::Done, &Standing::Activating), "{told:?}");
    assert_eq!(bench.activations(esme.device), 1);
}

#[test]
fn whoever_stops_it_goes_on_with_the_same_command() {
    let bench = Bench::new();
    let esme = &bench.installation(false).esme;
    let image = image_for(&esme.model);
    let stop = bench.stop.clone();
    let told = bench
        .send(&mut bench.open(), esme.device, &image, &mut |record| {
            stop.store(record.blocks_there >= 5, Ordering::Release);
        })
        .expect("sends");
    assert_eq!((told.end, told.record.blocks_there), (End::Interrupted, 5));
    stop.store(false, Ordering::Release);
    let mut first = None;
    let told = bench.send(&mut bench.open(), esme.device, &image, &mut |record| {
        first.get_or_insert(record.blocks_there);
    });
    assert_eq!((first, told.expect("sends").end), (Some(5), End::Done));
}

#[test]
fn what_is_refused_is_refused_in_plain_words_and_changes_nothing() {
    let bench = Bench::new();
    let installation = bench.installation(false);
    let Installation { hub, esme, gsme, .. } = installation;
    let (supplier, other) = bench.suppliers(installation);
    let image = image_for(&esme.model);
    let refusal = |device: DeviceId, words: &str| {
        let refused = bench.send(&mut bench.open(), device, &image, &mut |_| {}).expect_err(words);
        assert!(refused.to_string().contains(words), "{words}: {refused}");
    };
    refusal(DeviceId(Eui64(1)), "belongs to no installation");
    let with_smso = bench.lab.corpus.devices.iter().find(|one| !bench.commissioned().contains(&one.hub.chf));
    refusal(with_smso.expect("one").esme.device, "belongs to no installation");
    refusal(hub.gpf, "takes no firmware");
    // A gas meter takes an image, and uses it by a Service Request alone.
    if let Some(gsme) = gsme {
        let image = image_for(&gsme.model);
        bench.sent(gsme.device, &image);
        let told = bench.activate(gsme.device, &bench.instruction(&supplier, gsme.device, &image));
        let by_request =
            |end: &End| matches!(end, End::Refused { code, why } if code == "P-key-package" && why.contains("11.3"));
        assert!(by_request(&told.end), "{told:?}");
        assert_eq!(told.record.standing, Standing::Verified);
    }
    // An image of another model: the device says no, and says so again.
    let wrong = image_for(&hub.model);
    let told = bench.send(&mut bench.open(), esme.device, &wrong, &mut |_| {}).expect("sends");
    assert!(matches!(&told.record.standing, Standing::NotAccepted { .. }), "{told:?}");
    assert!(matches!(&told.end, End::Refused { why, .. } if why.contains("does not accept")), "{told:?}");
    let document = bench.instruction(&supplier, esme.device, &wrong);
    assert!(matches!(bench.activate(esme.device, &document).end, End::Refused { .. }));
    // The right one, on the word of the wrong supplier, of the right one for something else, and of nobody.
    bench.sent(esme.device, &image);
    let refused = |document: &SignedDocument, code: &str, words: &str| {
        let End::Refused { code: told, why } = bench.activate(esme.device, document).end else { panic!("{words}") };
        assert!(told == code && why.contains(words), "{told}: {why}");
    };
    let by_other = bench.instruction(&other, esme.device, &image);
    refused(&by_other, "P-dual-control", "is not the Electricity Supplier");
    refused(&bench.instruction(&supplier, hub.chf.into(), &image), "P-firmware-instruction", "another device");
    refused(&bench.instruction(&supplier, esme.device, &wrong), "P-firmware-instruction", "another content");
    let mut torn = bench.instruction(&supplier, esme.device, &image);
    torn.bytes.truncate(400);
    refused(&torn, "P-firmware-instruction", "FWI_");
    assert_eq!(bench.activations(esme.device), 0);
    let record = bench.ask(esme.device).record;
    assert_eq!(record.standing, Standing::Verified, "the device still holds it");
    let document = bench.instruction(&supplier, esme.device, &image);
    assert_eq!(bench.activate(esme.device, &document).end, End::Done);
    assert_eq!(bench.activations(esme.device), 1);
}
