//! Firmware images: blocks in any order over any number of connections, verification, activation that takes time.

use tern_dlms::apdu::ActionResult;
use tern_dlms::client::ClientError;
use tern_dlms::client::image::{ImageError, ImageServer, ImageTransfer, Stage};
use tern_dlms::cosem::image_transfer::{self, ImageBlock, ImageToActivate, ImageTransferInitiate, ImageTransferStatus};
use tern_dlms::cosem::{NO_PARAMETER, Shape};
use tern_dlms::{AttributeDescriptor, BitString, Data, MethodDescriptor};
use tern_model::DeviceModel;
use tern_world::devices::{BLOCK_BYTES, FaultKind, Times, build_image};
use tern_world::dlms::server;

use super::support::*;

fn newer(of: &str) -> DeviceModel {
    DeviceModel { firmware: "2.0".to_owned(), ..model(of) }
}

fn initiate(image: &[u8]) -> Data {
    let size = u32::try_from(image.len()).expect("fits");
    ImageTransferInitiate { identifier: b"two".to_vec(), size }.to_data()
}

fn blocks(image: &[u8]) -> Vec<Data> {
    let block = |(number, value): (u32, &[u8])| ImageBlock { number, value: value.to_vec() }.to_data();
    (0..).zip(image.chunks(usize::try_from(BLOCK_BYTES).expect("fits"))).map(block).collect()
}

fn status(world: &Served<'_>, server: u16) -> ImageTransferStatus {
    let status = world.read(DUAL, server, (18, IMAGE, image_transfer::IMAGE_TRANSFER_STATUS));
    ImageTransferStatus::of_data(&status).expect("a status")
}

fn firmware(world: &Served<'_>, server: u16) -> Data {
    world.read(DUAL, server, (1, FIRMWARE, 2))
}

#[test]
fn an_image_goes_on_where_it_stopped_and_takes_effect_after_a_while() {
    let dir = tempfile::tempdir().expect("a folder");
    let image = build_image(&newer("meter"), &[9; 2000]);
    let all = blocks(&image);
    let send = |world: &Served<'_>, blocks: &[Data]| {
        let mut meter = world.management(DUAL, &smso_keys()).expect("opens");
        for block in blocks {
            meter.action(method((18, IMAGE, image_transfer::BLOCK_TRANSFER)), Some(block.clone())).expect("takes it");
        }
    };
    served(dir.path(), |world| {
        assert_eq!(status(world, server::ESME), ImageTransferStatus::NotInitiated);
        let mut meter = world.management(DUAL, &smso_keys()).expect("opens");
        meter.action(method((18, IMAGE, 1)), Some(initiate(&image))).expect("begins");
        drop(meter);
        send(world, &all[1..3]);
        let mut meter = world.management(DUAL, &smso_keys()).expect("opens");
        not_done(meter.action(method((18, IMAGE, 3)), Some(NO_PARAMETER)), ActionResult::OtherReason);
    });
    again(dir.path(), |world| {
        let there = world.read(DUAL, server::ESME, (18, IMAGE, image_transfer::IMAGE_TRANSFERRED_BLOCKS_STATUS));
        let expected: BitString = (0..all.len()).map(|at| (1..3).contains(&at)).collect();
        assert_eq!(there, Data::BitString(expected));
        send(world, &[all[0].clone()]);
        let first = world.read(DUAL, server::ESME, (18, IMAGE, 4));
        assert_eq!(first, Data::DoubleLongUnsigned(3));
        send(world, &all[3..]);
        let mut meter = world.management(DUAL, &smso_keys()).expect("opens");
        meter.action(method((18, IMAGE, 3)), Some(NO_PARAMETER)).expect("verifies");
        meter.action(method((18, IMAGE, 3)), Some(NO_PARAMETER)).expect("says the same again");
        assert_eq!(status(world, server::ESME), ImageTransferStatus::VerificationSuccessful);
        let ready = world.read(DUAL, server::ESME, (18, IMAGE, image_transfer::IMAGE_TO_ACTIVATE_INFO));
        let ready = Vec::<ImageToActivate>::of_data(&ready).expect("an image").remove(0);
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &image);
        assert_eq!((ready.size as usize, ready.signature.as_slice()), (image.len(), hash.as_ref()));
        let mut critical = world.critical(DUAL, &smso_master());
        for at in 0..3 {
            let mut other = ready.clone();
            match at {
                0 => other.size += 1,
                1 => other.identification = b"one".to_vec(),
                _ => other.signature[0] ^= 1,
            }
            not_done(critical.action(method((18, IMAGE, 4)), Some(other.to_data())), ActionResult::OtherReason);
        }
        critical.action(method((18, IMAGE, 4)), Some(ready.to_data())).expect("activates the one that is meant");
        assert_eq!(status(world, server::ESME), ImageTransferStatus::ActivationInitiated);
        assert_eq!(firmware(world, server::ESME), Data::Utf8String("1.0".to_owned()));
        critical.action(method((18, IMAGE, 4)), Some(Data::octets(hash.as_ref()))).expect("it is said again");
        not_done(critical.action(method((18, IMAGE, 4)), Some(Data::octets([7; 32]))), ActionResult::OtherReason);
        world.world.clock().advance(60);
        assert_eq!(status(world, server::ESME), ImageTransferStatus::ActivationSuccessful);
        assert_eq!(firmware(world, server::ESME), Data::Utf8String("2.0".to_owned()));
        meter.action(method((18, IMAGE, 1)), Some(initiate(&image))).expect("another one");
        assert_eq!(firmware(world, server::ESME), Data::Utf8String("2.0".to_owned()), "the program stays");
    });
}

#[test]
fn an_image_of_another_model_is_not_verified_and_not_activated() {
    let dir = tempfile::tempdir().expect("a folder");
    let image = build_image(&newer("hub"), &[9; 100]);
    served(dir.path(), |world| {
        let mut meter = world.management(DUAL, &smso_keys()).expect("opens");
        let odd = ImageBlock { number: 0, value: vec![0; 3] }.to_data();
        not_done(meter.action(method((18, IMAGE, 2)), Some(odd.clone())), ActionResult::OtherReason);
        meter.action(method((18, IMAGE, 1)), Some(initiate(&image))).expect("begins");
        not_done(meter.action(method((18, IMAGE, 2)), Some(odd)), ActionResult::OtherReason);
        let beyond = ImageBlock { number: u32::MAX, value: Vec::new() }.to_data();
        not_done(meter.action(method((18, IMAGE, 2)), Some(beyond)), ActionResult::OtherReason);
        meter.action(method((18, IMAGE, 2)), Some(blocks(&image)[0].clone())).expect("takes it");
        not_done(meter.action(method((18, IMAGE, 3)), Some(NO_PARAMETER)), ActionResult::OtherReason);
        assert_eq!(status(world, server::ESME), ImageTransferStatus::VerificationFailed);
        let mut critical = world.critical(DUAL, &smso_master());
        not_done(critical.action(method((18, IMAGE, 4)), Some(NO_PARAMETER)), ActionResult::OtherReason);
    });
}

/// The hub as whoever signs speaks to it: one request, one signature.
struct Signing<'a, 'w> {
    world: &'a Served<'w>,
    by: &'a tern_wire::smki::Signer,
}

impl ImageServer for Signing<'_, '_> {
    fn read(&mut self, wanted: AttributeDescriptor) -> Result<Data, ClientError> {
        self.world.public(DUAL, server::CHF)?.get(wanted)
    }

    fn invoke(&mut self, wanted: MethodDescriptor, parameter: Data) -> Result<(), ClientError> {
        let apdu = action_of((wanted.class.0, wanted.instance, wanted.method), parameter);
        let signing = self.world.request(self.by, (DUAL, server::CHF, tern_model::DeviceId(DUAL.0)), apdu);
        assert_eq!(word(&self.world.signed(DUAL, server::CHF, &signing)), "success");
        Ok(())
    }
}

#[test]
fn a_transfer_whose_answers_are_lost_is_taken_up_again_and_never_guessed() {
    let dir = tempfile::tempdir().expect("a folder");
    let image = build_image(&newer("meter"), &[9; 6000]);
    served(dir.path(), |world| {
        for operation in ["image-initiate", "image-block@4", "image-block@7", "image-verify"] {
            world.world.arm(fault(DUAL, FaultKind::LostAnswer, operation, Times::Count(1)));
        }
        let (mut transfer, mut broken, mut last) = (ImageTransfer::new(IMAGE, b"two", &image), 0, 0);
        let stage = loop {
            let mut meter = world.management(DUAL, &smso_keys()).expect("opens");
            let outcome = transfer.transfer(&mut meter, &mut |stage| {
                if let Stage::Blocks { there, .. } = stage {
                    assert!(there >= last, "{there} after {last}: a block that was there was sent again");
                    last = there;
                }
            });
            match outcome {
                Ok(stage) => break stage,
                Err(error) => {
                    assert!(matches!(error, ImageError::Client(ClientError::Unknown(_))), "{error}");
                    broken += 1;
                    transfer = ImageTransfer::begun(IMAGE, b"two", &image);
                }
            }
        };
        assert_eq!((stage, broken), (Stage::Verified, 4));
        let mut critical = world.critical(DUAL, &smso_master());
        world.world.arm(fault(DUAL, FaultKind::LostAnswer, "image-activate", Times::Count(1)));
        let lost = critical.action(method((18, IMAGE, 4)), Some(NO_PARAMETER));
        assert!(matches!(lost, Err(ClientError::Unknown(_))), "{lost:?}");
        let mut meter = world.management(DUAL, &smso_keys()).expect("opens");
        assert_eq!(transfer.stage(&mut meter).expect("a stage"), Stage::Activating, "the probe tells");
        world.world.clock().advance(60);
        assert_eq!(transfer.stage(&mut meter).expect("a stage"), Stage::Activated);
        assert_eq!(firmware(world, server::ESME), Data::Utf8String("2.0".to_owned()));
    });
}

#[test]
fn the_same_transfer_goes_to_the_hub_by_signed_requests() {
    let dir = tempfile::tempdir().expect("a folder");
    let image = build_image(&newer("hub"), &[9; 1500]);
    served(dir.path(), |world| {
        let mut hub = Signing { world, by: &parties().s1sp };
        let mut transfer = ImageTransfer::new(IMAGE, b"two", &image);
        assert_eq!(transfer.transfer(&mut hub, &mut |_| {}).expect("transfers"), Stage::Verified);
        assert_eq!(transfer.activate(&mut hub).expect("activates"), Stage::Activating);
        world.world.clock().advance(60);
        assert_eq!(transfer.activate(&mut hub).expect("is"), Stage::Activated);
        assert_eq!(firmware(world, server::GPF), Data::Utf8String("2.0".to_owned()), "the gas proxy is in it");
    });
}
