//! Firmware images whose conversations break off at any byte: they are taken up where they stopped, and end in use.

use tern_cohorts::device::Whose;
use tern_cohorts::{Cohort, Firmware, FirmwareError, FirmwareStage as Stage, Keys, Recipient, Site, cohort};
use tern_model::{DeviceId, DeviceModel, GroupId};
use tern_service::firmware::Image;
use tern_service::lanes::Connect;
use tern_testkit::{Breaks, Dice, Lab, LabPlan, own_associations};
use tern_world::devices::{BLOCK_BYTES, Installation, build_image, read_installations};

/// So often a conversation is broken off before it may come to an end.
const BREAKS: u64 = 12;
const BLOCKS: usize = 20;

fn lab() -> Lab {
    Lab::new(LabPlan { installations: 4, seed: 11, defects_permille: 0, faults: 0, set_size: 4 }, |corpus| {
        // Somebody has a PPMID, whatever the seed says.
        let Installation { hub, ppmids, .. } = &mut corpus.devices[0];
        let device = DeviceId(tern_model::Eui64(hub.chf.0.0 + 0x10_0000));
        let (model, certificate) = (newer(&hub.model, "1.0"), hub.certificate.clone());
        ppmids.insert(0, tern_world::devices::Ppmid { device, model, certificate });
    })
}

fn newer(model: &DeviceModel, firmware: &str) -> DeviceModel {
    DeviceModel { firmware: firmware.to_owned(), ..model.clone() }
}

fn foc() -> &'static dyn Cohort {
    cohort(GroupId::EA)
}

/// The installation of an order, under keys that the SMSO handed over; counters from `first` on.
fn with_site<T>(lab: &Lab, connect: &Connect, first: u32, body: impl FnOnce(&mut Site<'_>) -> T) -> T {
    let Installation { hub, esme, gsme, .. } = &lab.corpus.devices[0];
    let keys = Keys { smso: esme.association.clone(), s1sp: esme.association.clone() };
    let identity = lab.identity();
    let hub_key = lab.hub_key(hub.chf);
    let line = || connect(hub.chf);
    body(&mut Site {
        chf: hub.chf,
        esme: esme.device,
        gsme: gsme.as_ref().map(|gsme| gsme.device),
        associations: own_associations(GroupId::EA),
        keys: &keys,
        invocations: first..first + 64,
        transactions: (u64::from(first)..u64::from(first) + 64).into(),
        hub_key: Some(&hub_key),
        identity: &identity,
        connect: &line,
    })
}

/// Sends an image to a device, broken off again and again, with numbers from `first` on, and gives what was heard of it.
fn sent(lab: &Lab, to: Recipient, first: u32, image: &[u8]) -> Firmware<'static> {
    let of = Image::of(image.to_vec()).expect("an image");
    let image: &'static [u8] = Box::leak(image.to_vec().into_boxed_slice());
    let mut firmware = Firmware { identifier: b"2.0", image, size: of.size(), digest: of.digest(), begun: false };
    let chf = lab.corpus.devices[0].hub.chf;
    let (breaks, mut dice) = (Breaks::default(), Dice::new(7, 1));
    let connect = breaks.on(lab.connect());
    let (mut there, mut broken) = (0, 0);
    for round in 0u32.. {
        if u64::from(round) < BREAKS {
            breaks.at(chf, 100 + dice.number() % 3000);
        }
        let stage = with_site(lab, &connect, first + 64 * round, |site| {
            foc().send_firmware(&mut firmware, to, site, &mut |stage| {
                if let Stage::Blocks { there: now, .. } = stage {
                    assert!(now >= there, "{now} after {there}: what was there was sent again");
                    there = now;
                }
            })
        });
        match stage {
            Ok(stage) => {
                assert_eq!(stage, Stage::Verified);
                break;
            }
            Err(FirmwareError::Lost | FirmwareError::Device(_)) => broken += 1,
            Err(error) => panic!("{error}"),
        }
    }
    assert!(broken >= 3, "{broken} breaks");
    firmware
}

fn running(lab: &Lab, device: DeviceId) -> String {
    let world = read_installations(&lab.dir().join("world")).expect("the devices");
    let installation = world.iter().find(|i| i.hub.chf == lab.corpus.devices[0].hub.chf).expect("is there");
    installation.model_of(device, lab.world.clock().now()).expect("is there").firmware
}

fn image_for(model: &DeviceModel) -> Vec<u8> {
    build_image(&newer(model, "99.0"), &vec![3; BLOCKS * usize::try_from(BLOCK_BYTES).expect("fits")])
}

#[test]
fn an_image_that_is_broken_off_again_and_again_reaches_each_device_and_is_used() {
    let lab = lab();
    let Installation { hub, gsme, ppmids, .. } = &lab.corpus.devices[0];
    let (ppmid, gsme) = (&ppmids[0], gsme.as_ref().expect("a gas meter"));
    let devices = [
        (Recipient::Hub, DeviceId(hub.chf.0), &hub.model),
        (Recipient::Gsme, gsme.device, &gsme.model),
        (Recipient::Ppmid { device: ppmid.device, nth: 0 }, ppmid.device, &ppmid.model),
    ];
    for ((to, device, model), first) in devices.into_iter().zip([1, 10_000, 20_000]) {
        let firmware = sent(&lab, to, first, &image_for(model));
        let activated =
            with_site(&lab, &lab.connect(), first + 5_000, |site| foc().activate_firmware(&firmware, to, site));
        assert_eq!(activated.expect("activates"), Stage::Activating);
        assert_eq!(running(&lab, device), model.firmware, "not yet");
        lab.world.clock().advance(60);
        let probed = with_site(&lab, &lab.connect(), first + 6_000, |site| foc().probe_firmware(&firmware, to, site));
        assert_eq!(probed.expect("says so"), Stage::Activated);
        assert_eq!(running(&lab, device), "99.0");
    }
}

#[test]
fn the_s1sp_sends_an_esme_its_image_and_cannot_have_it_used() {
    let lab = lab();
    let esme = &lab.corpus.devices[0].esme;
    let to = Recipient::Esme(Whose::Smso);
    let firmware = sent(&lab, to, 1, &image_for(&esme.model));
    let probed = with_site(&lab, &lab.connect(), 9_000, |site| foc().probe_firmware(&firmware, to, site));
    assert_eq!(probed.expect("says so"), Stage::Verified);
    let activated = with_site(&lab, &lab.connect(), 9_000, |site| foc().activate_firmware(&firmware, to, site));
    assert!(matches!(activated, Err(FirmwareError::Critical)), "{activated:?}");
    assert_eq!(running(&lab, esme.device), esme.model.firmware);
}
