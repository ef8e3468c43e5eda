//! Firmware through the gateway, end to end on every cohort: 11.1 brings an image to the devices that may have it, 11.3 has one use it,
//! 11.2 tells it, and the inventory knows.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tern_model::{DeviceId, DeviceKind, DeviceModel, GroupId};
use tern_service::clock::Clock;
use tern_testkit::{Cut, Home, Letterbox, Power, Served, UserClient};
use tern_wire::dsig::sha256;
use tern_wire::duis::Draft;
use tern_world::devices::{build_image, read_installations};

use crate::bench::{Bench, COUNTER, GROUPS, PATIENCE, bench, reply, served};

const VERSION: &str = "99.0";

/// The images for a home's devices.
fn model(bench: &Bench, home: &Home, kind: DeviceKind) -> DeviceModel {
    let installations = read_installations(&bench.lab.dir().join("world")).expect("the devices");
    let one = installations.into_iter().find(|one| one.hub.chf == home.chf).expect("the home");
    match kind {
        DeviceKind::Esme => one.esme.model,
        DeviceKind::Gsme => one.gsme.expect("a gas meter").model,
        DeviceKind::Chf => one.hub.model,
        _ => one.ppmids[0].model.clone(),
    }
}

fn image(model: &DeviceModel, program: u8) -> Vec<u8> {
    let newer = DeviceModel { firmware: VERSION.to_owned(), ..model.clone() };
    build_image(&newer, &[program; 3_000])
}

fn update(image: &[u8], version: &str, devices: &[DeviceId]) -> Draft {
    let list: Vec<String> = devices.iter().map(DeviceId::to_string).collect();
    Draft::new("UpdateFirmware")
        .with(Draft::leaf("FirmwareImage", STANDARD.encode(image)))
        .with(Draft::leaf("FirmwareVersion", version))
        .with(Draft::leaf("DeviceIDList", list.join(",")))
}

/// A User who counts.
struct Counting<'a> {
    bench: &'a Bench,
    user: UserClient,
    letterbox: &'a Letterbox,
    counter: u64,
}

impl Counting<'_> {
    fn next(&mut self) -> u64 {
        self.counter += 1;
        self.counter
    }

    /// What is said to 11.1 on its own connection: the code, and the whole.
    fn updates(&mut self, body: Draft) -> (String, String) {
        let counter = self.next();
        let request = self.user.request_to_dcc(counter, "11.1", body);
        let said = self.user.asks("serviceD", &request, self.bench.clock.now());
        (said.header().code.to_string(), said.root().source().to_owned())
    }

    /// What comes to the User's own address.
    fn hears(&self) -> String {
        reply(&self.user, self.letterbox, self.bench).root().source().to_owned()
    }

    fn told(&mut self, device: DeviceId, srv: &str, body: Draft) -> String {
        let counter = self.next();
        let request = self.user.request_to(device, counter, srv, body);
        let said = self.user.asks("serviceS", &request, self.bench.clock.now());
        assert_eq!(said.header().code.as_str(), "I99", "{srv} of {device}");
        self.hears()
    }

    fn inventory(&mut self, device: DeviceId) -> String {
        let body = Draft::new("ReadInventory").with(Draft::leaf("DeviceID", device));
        let counter = self.next();
        let request = self.user.request_to_dcc(counter, "8.2", body);
        self.user.asks("serviceD", &request, self.bench.clock.now()).root().source().to_owned()
    }
}

#[track_caller]
fn says(told: &str, parts: &[&str]) {
    parts.iter().for_each(|part| assert!(told.contains(part), "{part} in {told}"));
}

/// One kind of device of a home takes an image and uses it.
fn takes_and_uses(user: &mut Counting<'_>, home: &Home, (kind, device): (DeviceKind, DeviceId)) {
    let image = image(&model(user.bench, home, kind), 3);
    let (code, said) = user.updates(update(&image, VERSION, &[device]));
    assert_eq!(code, "I0", "{kind} of {}: {said}", home.group);
    assert!(!said.contains("Warning"), "nobody is left out");
    if (kind, home.group) == (DeviceKind::Ppmid, GroupId::EA) {
        // The DSP processes it, and the S1SP of FOC does not (RQ6).
        says(&user.hears(), &["P-not-processed", &device.to_string()]);
        return;
    }
    says(&user.hears(), &["DeviceAlertMessage", "the firmware image was verified", &device.to_string()]);
    let hash = sha256(&image).to_string().to_uppercase();
    let told = user.told(device, "11.3", Draft::new("ActivateFirmware").with(Draft::leaf("FirmwareHash", hash)));
    says(&told, &["<ra:ActivateFirmwareRsp MessageSuccess=\"true\""]);
    // The device takes its time.
    user.bench.lab.world.clock().advance(60);
    let told = user.told(device, "11.2", Draft::new("ReadFirmwareVersion"));
    says(&told, &[&format!("<ra:FirmwareVersion>{VERSION}<")]);
    let inventory = user.inventory(device);
    let own = inventory.split("<sr:Device>").find(|entry| entry.contains(&format!(">{device}<"))).expect("it is there");
    says(own, &[&format!("DeviceFirmwareVersion>{VERSION}<")]);
}

#[test]
fn an_image_goes_to_the_devices_that_may_have_it_and_is_used_on_every_cohort() {
    let bench = bench();
    for (group, counter) in GROUPS.into_iter().zip((COUNTER..).step_by(1_000)) {
        let home = bench.home(group);
        let (ppmid, gsme) = (home.ppmid.expect("a PPMID"), home.gsme.expect("a gas meter"));
        let of_electricity =
            vec![(DeviceKind::Esme, home.esme), (DeviceKind::Chf, home.chf.into()), (DeviceKind::Ppmid, ppmid)];
        let gas_supplier = home.gas_supplier.as_ref().expect("a gas supplier");
        let of_gas = vec![(DeviceKind::Gsme, gsme)];
        for (name, counter, devices) in
            [(&home.supplier, counter, of_electricity), (gas_supplier, counter + 500, of_gas)]
        {
            let letterbox = bench.letterbox(name);
            let service = served(&bench, bench.plan().reached_at(name, letterbox.address));
            let mut user = Counting { counter, ..user_of(&bench, &service, name, &letterbox) };
            for one in devices {
                takes_and_uses(&mut user, home, one);
            }
            service.stop().expect("a clean end");
        }
    }
}

/// A User by the name of a supplier.
fn user_of<'a>(bench: &'a Bench, service: &Served, name: &str, letterbox: &'a Letterbox) -> Counting<'a> {
    Counting { bench, user: service.user(name), letterbox, counter: COUNTER }
}

#[test]
fn who_is_left_out_is_said_and_what_cannot_be_is_refused_and_a_restart_loses_nothing() {
    let bench = bench();
    let home = bench.home(GroupId::CA);
    let letterbox = bench.letterbox(&home.supplier);
    let start = || served(&bench, bench.plan().reached_at(&home.supplier, letterbox.address));
    let service = start();
    let mut user = user_of(&bench, &service, &home.supplier, &letterbox);
    let esme = model(&bench, home, DeviceKind::Esme);
    let good = image(&esme, 3);

    let (code, _) = user.updates(update(&good, VERSION, &[DeviceId(tern_model::Eui64(7))]));
    assert_eq!(code, "E110101", "nobody is left");
    assert_eq!(user.updates(update(b"", VERSION, &[home.esme])).0, "E110102", "no image");
    // The gas supplier's hub is not its own to update, nor is it told of it (RQ6).
    let gas = home.gas_supplier.as_ref().expect("a gas supplier");
    if *gas != home.supplier {
        let mut gas = user_of(&bench, &service, gas, &letterbox);
        let hub = image(&model(&bench, home, DeviceKind::Chf), 3);
        assert_eq!(gas.updates(update(&hub, VERSION, &[home.chf.into()])).0, "E110101");
    }
    let other_model: DeviceId = home.chf.into();
    let list = [home.esme, other_model, home.gsme.expect("a gas meter"), DeviceId(tern_model::Eui64(7))];
    let (code, said) = user.updates(update(&good, VERSION, &list));
    assert_eq!(code, "W110101", "{said}");
    says(&said, &["InvalidDeviceIDList>00-00-00-00-00-00-00-07<", "NotApplicableFirmwareDeviceIDList>"]);
    // It is on its way; whoever ends now goes on with the next start, and tells it once.
    service.stop().expect("a clean end");
    let service = start();
    user.user = service.user(&home.supplier);
    says(&user.hears(), &["the firmware image was verified"]);
    let (code, said) = user.updates(update(&image(&esme, 4), VERSION, &[home.esme]));
    assert_eq!(code, "E110102", "one version of a model is one image: {said}");
    // What the device itself refuses it says.
    let another = image(&model(&bench, home, DeviceKind::Chf), 5);
    let (code, _) = user.updates(update(&another, "98.0", &[home.esme]));
    assert_eq!(code, "I0");
    says(&user.hears(), &["the firmware image was not accepted"]);
    service.stop().expect("a clean end");
    assert!(letterbox.taken().is_empty(), "each was told once");
}

/// Sends the same bytes until they are answered.
fn insists(user: &UserClient, request: &str) -> Option<String> {
    let said = user.tries("serviceD", request).ok().filter(|said| said.status == 200)?;
    let code = said.body.split("ResponseCode>").nth(1)?.split('<').next()?;
    Some(code.to_owned())
}

#[test]
fn wherever_the_power_goes_off_an_image_arrives_and_its_user_is_told_once() {
    let cut = |cut: Cut| {
        let bench = bench();
        let home = bench.home(GroupId::CB);
        let letterbox = bench.letterbox(&home.supplier);
        let plan = || bench.plan().reached_at(&home.supplier, letterbox.address);
        let power = Power::new(cut);
        let service = served(&bench, plan().on(&power));
        let image = image(&model(&bench, home, DeviceKind::Esme), 3);
        let request =
            service.user(&home.supplier).request_to_dcc(COUNTER, "11.1", update(&image, VERSION, &[home.esme]));
        let mut answered = insists(&service.user(&home.supplier), &request);
        let mut heard = Vec::new();
        while heard.is_empty() && !service.has_ended() {
            heard.extend(letterbox.next_within(Duration::from_millis(50)));
        }
        let ended = service.stop();
        assert_eq!(ended.is_err(), power.is_off(), "{cut:?}: {ended:?}");
        let service = served(&bench, plan());
        let user = service.user(&home.supplier);
        answered = insists(&user, &request).or(answered);
        assert_eq!(answered.as_deref(), Some("I0"), "{cut:?}");
        while heard.is_empty() {
            heard.push(letterbox.next_within(PATIENCE).unwrap_or_else(|| panic!("{cut:?}: {:?}", service.said())));
        }
        heard.extend(letterbox.next_within(Duration::from_millis(100)));
        // A delivery whose acknowledgement was lost comes again, byte for byte the same.
        heard.dedup();
        assert_eq!(heard.len(), 1, "{cut:?}");
        says(&heard[0], &["the firmware image was verified"]);
        service.stop().expect("a clean end");
        power.writes()
    };
    let all = cut(Cut::Never);
    assert!(all > 5, "{all} writes");
    for at in 1..=all {
        // Every place comes, one half of them before the write and the other after it.
        cut(if at % 2 == 0 { Cut::Before(at) } else { Cut::After(at) });
    }
}
