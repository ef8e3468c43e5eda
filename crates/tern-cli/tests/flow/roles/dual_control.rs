//! Dual control with each role a process: all that an S1SP has makes neither the DCO's process nor a meter of a `tern world`
//! do anything critical but what the signed documents stand for.

use jiff::SignedDuration;
use tern_dlms::apdu::{ActionResult, Apdu, DataAccessResult};
use tern_dlms::client::image::ImageTransfer;
use tern_dlms::client::{ClientError, Refusal};
use tern_dlms::cosem::image_transfer;
use tern_dlms::{Codec, Data, MethodDescriptor};
use tern_model::{ChfIdentifier, DeviceId, DeviceKind, DeviceModel, Eui64, Role, Secret, SetId};
use tern_service::firmware::{Image, Instruction};
use tern_service::{clock_of, pki};
use tern_testkit::attack::{COUNTER_CRITICAL, IMAGE, Line, Wish, critical_wishes, key_transfer, obeyed, pair, wrapped};
use tern_wire::role_link::{DcoOrder, DcoReply, DcoRequest, MasterKeyOf, SignedDocument};
use tern_wire::smki::Signer;
use tern_world::devices::{BLOCK_BYTES, Esme, build_image, read_installations};
use tern_world::dlms::{client, critical_keys, server};

use super::robbed::{Robbed, refusals, windows};
use super::{Roles, migrate};
use crate::support::{Place, healthy};

/// What the image is called.
const NAME: &str = "mine";
/// The get of a meter's Device ID.
const GET: [u8; 13] = [0xC0, 0x01, 0xC1, 0x00, 0x01, 0x00, 0x00, 0x60, 0x01, 0x00, 0xFF, 0x02, 0x00];

#[test]
fn all_that_an_s1sp_has_makes_neither_the_dcos_process_nor_a_meter_do_anything_critical() {
    let place = Place::new(healthy(2));
    let mut roles = Roles::start(&place);
    migrate(&place);
    let mut robbed = Robbed::all(&place, &mut roles).remove(0);
    let image = sends_an_image(&robbed, &place);
    let (line, before, told_before) = (robbed.line(), place.log(), refusals(&place).len());
    by_its_own_keys(&robbed, &line);
    let mut codes = Vec::new();
    for (code, orders) in wrongs(&robbed) {
        for (order, told) in orders.iter().zip(robbed.gives(&orders)) {
            assert_eq!(told.as_ref().err().map(|refused| refused.code.as_str()), Some(code), "{order:?}: {told:?}");
            codes.push(code);
        }
    }
    codes.extend(by_what_the_dco_gives(&mut robbed, &line));
    let (refused, activation) = by_firmware_instructions(&mut robbed, &place, &image);
    codes.extend(std::iter::repeat_n("P-dual-control", refused));
    assert_eq!(refusals(&place)[told_before..], codes, "each refusal is in the DCO's audit");
    println!("{} orders refused by the DCO's process", codes.len());
    assert_eq!(place.log(), before, "a device did something");
    // The supplier's word is one that the DCO goes by, and the meter by the DCO.
    let answer = line.send(client::CRITICAL, server::ESME, &activation).expect("the meter hears it").to_bytes();
    let answered = robbed.asks(DcoRequest::VerifyCritical { under: MasterKeyOf::Dco, answer });
    assert_eq!(answered, Ok(DcoReply::MasterKeyHolds));
    assert!(place.log().len() > before.len(), "the image is in use");
    obeys_the_dco(&robbed, &place, &line);
    roles.stop();
}

fn truth(robbed: &Robbed<'_>, place: &Place) -> Esme {
    let mut all = read_installations(&place.path("world")).expect("the devices").into_iter();
    all.find(|i| i.hub.chf == robbed.record.plan.chf).expect("is there").esme
}

/// Has the meter verify an image, which the S1SP may, so that only its activation is missing.
fn sends_an_image(robbed: &Robbed<'_>, place: &Place) -> Image {
    let model = DeviceModel { firmware: "99.0".to_owned(), ..truth(robbed, place).model };
    let image = build_image(&model, &vec![3; usize::try_from(BLOCK_BYTES).expect("fits")]);
    let transfer = ImageTransfer::new(IMAGE, NAME.as_bytes(), &image).transfer(&mut robbed.management(), &mut |_| {});
    transfer.expect("is verified");
    Image::of(image).expect("an image")
}

/// A Firmware Instruction that the S1SP signed itself, or a supplier of others, or nobody, has the DCO do nothing, nor does
/// the right one for another device, another image, or another instruction beside it. Gives how many were refused, and what
/// the DCO protected on the word of the meter's own supplier.
fn by_firmware_instructions(robbed: &mut Robbed<'_>, place: &Place, image: &Image) -> (usize, Vec<u8>) {
    let order = |document: &SignedDocument, instruction: Vec<u8>| DcoRequest::ActivateFirmware {
        document: document.clone(),
        instruction,
        not_below: 0,
    };
    let device = robbed.record.plan.esme.device;
    let mut wrong = vec![order(&SignedDocument { name: "FWI_1.xml".to_owned(), bytes: Vec::new() }, activation(image))];
    let mut right = Vec::new();
    for party in place.list("pki/parties") {
        let Ok(signer) = pki::load_signer(&robbed.pki(), &party) else { continue };
        let document = instruction(&signer, device, image, place);
        if signer.certificate().role() == Role::Supplier {
            right.push(document);
        } else {
            wrong.push(order(&document, activation(image)));
        }
    }
    // Whose the meter is Registration Data say.
    let told = right.iter().map(|document| robbed.asks(order(document, activation(image)))).collect::<Vec<_>>();
    let obeyed = told.iter().position(Result::is_ok).expect("its own supplier's");
    let Ok(DcoReply::Critical { apdu }) = &told[obeyed] else { panic!("{told:?}") };
    for other in told.iter().filter_map(|told| told.as_ref().err()) {
        assert_eq!(other.code, "P-dual-control");
    }
    let (document, others) = (&right[obeyed], told.len() - 1);
    wrong.extend(mutants(&activation(image)).into_iter().map(|other| order(document, other)));
    wrong.extend(critical_wishes().iter().map(|wish| order(document, wish.apdu())));
    for at in (0..document.bytes.len()).step_by(37) {
        let mut other = document.clone();
        other.bytes[at] ^= 1;
        wrong.push(order(&other, activation(image)));
    }
    let orders: Vec<_> = wrong.into_iter().map(|what| robbed.order(what)).collect();
    for (order, told) in orders.iter().zip(robbed.gives(&orders)) {
        assert_eq!(told.as_ref().err().map(|refused| refused.code.as_str()), Some("P-dual-control"), "{order:?}");
    }
    (orders.len() + others, apdu.clone())
}

/// The signed word of whoever it is on the use of an image.
fn instruction(signer: &Signer, device: DeviceId, image: &Image, place: &Place) -> SignedDocument {
    let now = clock_of(&place.config()).now();
    let instruction = Instruction {
        reference: "1".parse().expect("a reference"),
        device,
        identifier: NAME.parse().expect("an identifier"),
        image,
        not_before: now - SignedDuration::from_hours(24),
        not_after: now + SignedDuration::from_hours(24),
    };
    let (name, bytes) = instruction.sign(signer, now - SignedDuration::from_mins(1)).expect("signs");
    SignedDocument { name: name.to_string(), bytes }
}

/// What has the meter use an image, by all that it says of the one that it holds.
fn activation(image: &Image) -> Vec<u8> {
    let named =
        vec![Data::DoubleLongUnsigned(image.size()), Data::octets(NAME.as_bytes()), Data::octets(image.digest().0)];
    let activate = MethodDescriptor::new(image_transfer::CLASS, IMAGE, image_transfer::ACTIVATE);
    Wish::Act(activate, Data::Structure(named)).apdu()
}

/// What is critical is refused on the associations that its keys open, and is not heard under any of its keys; nor is one
/// of the keys that would do anywhere on its disk.
fn by_its_own_keys(robbed: &Robbed<'_>, line: &Line) {
    let signer = pki::load_signer(&robbed.pki(), "s1sp").expect("its key");
    let mut wishes = critical_wishes();
    wishes.extend(robbed.likely_keys().iter().take(40).map(|key| key_transfer(&[(3, wrapped(*key, [7; 16]))])));
    let mut meter = robbed.management();
    for wish in &wishes {
        let refused = match wish.clone() {
            Wish::Set(attribute, value) => meter.set(attribute, value),
            Wish::Act(method, parameter) => meter.action(method, Some(parameter)).map(drop),
        };
        match refused {
            Err(ClientError::Refused(Refusal::Action(ActionResult::ReadWriteDenied))) => {}
            Err(ClientError::Refused(Refusal::Access(DataAccessResult::ReadWriteDenied))) => {}
            other => panic!("{wish:?}: {other:?}"),
        }
        for client in [client::PUBLIC, client::MANAGEMENT, client::CRITICAL] {
            let plain = line.send(client, server::ESME, &wish.apdu());
            assert!(!plain.is_some_and(|answer| obeyed(&answer)), "{wish:?} in clear");
        }
    }
    for wish in critical_wishes() {
        assert!(!line.signed(&signer, server::ESME, line.esme, &wish), "{wish:?} under its signature");
    }
    let (likely, counter) = (robbed.likely_keys(), line.next(COUNTER_CRITICAL) + 100);
    let wishes = critical_wishes();
    for key in &likely {
        for keys in [pair(*key, *key), critical_keys(&Secret::new(*key), line.esme)] {
            assert!(line.critical(line.dco, keys, counter, &wishes[0].apdu()).is_none());
        }
    }
    println!("{} strings that may be keys", likely.len());
    assert!(likely.len() > 100, "only {}", likely.len());
}

/// Orders that the signed documents do not cover, by the number under which each must be refused.
fn wrongs(robbed: &Robbed<'_>) -> Vec<(&'static str, Vec<DcoOrder>)> {
    let (dco, smso) = (MasterKeyOf::Dco, MasterKeyOf::Smso);
    let get = |instruction| DcoRequest::MakeCritical { instruction, under: dco, not_below: 0 };
    let keys = |instruction| DcoRequest::FillKeyTransfer { instruction, sealed: robbed.sealed() };
    let master = |under| move |instruction| DcoRequest::FillMasterKeyTransfer { instruction, under, not_below: 0 };
    let mut altered: Vec<DcoRequest> = Vec::new();
    altered.extend(mutants(&GET).into_iter().map(get));
    altered.extend(mutants(&transfer(&[0, 2])).into_iter().map(keys));
    altered.extend(mutants(&transfer(&[3])).into_iter().map(master(dco)));
    // Whole instructions that it would like, and each of the right ones in the place of another.
    let wishes: Vec<_> = critical_wishes().iter().map(Wish::apdu).collect();
    for wish in wishes.iter().chain([&Vec::new()]) {
        altered.extend([get(wish.clone()), keys(wish.clone()), master(dco)(wish.clone()), master(smso)(wish.clone())]);
    }
    altered.extend([get(transfer(&[3])), keys(GET.to_vec()), keys(transfer(&[3])), master(smso)(transfer(&[0, 2]))]);
    let last = u32::MAX;
    altered.push(DcoRequest::MakeCritical { instruction: GET.to_vec(), under: dco, not_below: last });
    altered.push(DcoRequest::FillMasterKeyTransfer { instruction: transfer(&[3]), under: dco, not_below: last });
    for at in [0, 100, 255] {
        let mut sealed = robbed.sealed();
        sealed[at] ^= 1;
        altered.push(DcoRequest::FillKeyTransfer { instruction: transfer(&[0, 2]), sealed });
    }
    let stranger = (DeviceId(Eui64(9)), DeviceKind::Ppmid);
    let own = (robbed.record.plan.esme.device, DeviceKind::Gsme);
    altered.extend([stranger, own].map(|device| DcoRequest::Join { devices: vec![device] }));
    let altered = altered.into_iter().map(|what| robbed.order(what)).collect();
    let unbelieved = [Vec::new(), vec![0xDB; 60]].into_iter().flat_map(|nothing| {
        let answer = nothing.clone();
        [
            DcoRequest::VerifyCritical { under: dco, answer },
            DcoRequest::Activate { evidence: nothing.clone() },
            DcoRequest::RestoreMasterKey { evidence: nothing },
        ]
    });
    let unbelieved = unbelieved.map(|what| robbed.order(what)).collect();
    vec![("P-dual-control", altered), ("P-dco-consent", elsewhere(robbed)), ("P-critical-answer", unbelieved)]
}

/// The right orders under another set, about another installation, about another device.
fn elsewhere(robbed: &Robbed<'_>) -> Vec<DcoOrder> {
    let right = [
        DcoRequest::QueryMasterKey,
        DcoRequest::PrepareMasterKey,
        DcoRequest::MakeCritical { instruction: GET.to_vec(), under: MasterKeyOf::Dco, not_below: 0 },
        DcoRequest::FillMasterKeyTransfer { instruction: transfer(&[3]), under: MasterKeyOf::Dco, not_below: 0 },
        DcoRequest::FillKeyTransfer { instruction: transfer(&[0, 2]), sealed: robbed.sealed() },
    ];
    let one_field = |what| {
        let order = robbed.order(what);
        [
            DcoOrder { set: SetId { counter: order.set.counter + 1, ..order.set }, ..order.clone() },
            DcoOrder { chf: ChfIdentifier(Eui64(order.chf.0.0 ^ 1)), ..order.clone() },
            DcoOrder { device: DeviceId(Eui64(order.device.0.0 ^ 1)), ..order },
        ]
    };
    right.into_iter().flat_map(one_field).collect()
}

/// What the DCO gives for the right order does nothing but what it is: no bit of it is heard as another, the meter's answer
/// to it proves that and no more. Gives the numbers of what was refused.
fn by_what_the_dco_gives(robbed: &mut Robbed<'_>, line: &Line) -> Vec<&'static str> {
    let under = MasterKeyOf::Dco;
    let ask = DcoRequest::MakeCritical { instruction: GET.to_vec(), under, not_below: line.next(COUNTER_CRITICAL) };
    let Ok(DcoReply::Critical { apdu }) = robbed.asks(ask) else { panic!("the right instruction is protected") };
    for bit in 0..apdu.len() * 8 {
        let mut other = apdu.clone();
        other[bit / 8] ^= 1 << (bit % 8);
        let answer = line.send(client::CRITICAL, server::ESME, &other);
        assert!(!matches!(answer, Some(Apdu::GeneralGloCiphering(_) | Apdu::GloCiphered(_))), "bit {bit}");
    }
    let answer = line.send(client::CRITICAL, server::ESME, &apdu).expect("the meter hears it").to_bytes();
    let flipped = (0..answer.len()).map(|at| {
        let mut other = answer.clone();
        other[at] ^= 1;
        robbed.order(DcoRequest::VerifyCritical { under, answer: other })
    });
    let mut wrong: Vec<_> = flipped.collect();
    wrong.push(robbed.order(DcoRequest::VerifyCritical { under: MasterKeyOf::Smso, answer: answer.clone() }));
    wrong.push(robbed.order(DcoRequest::RestoreMasterKey { evidence: answer.clone() }));
    let codes = robbed.gives(&wrong).into_iter().map(|told| {
        assert_eq!(told.expect_err("is not the meter's answer").code, "P-critical-answer");
        "P-critical-answer"
    });
    let codes = codes.collect();
    assert_eq!(robbed.asks(DcoRequest::VerifyCritical { under, answer }), Ok(DcoReply::MasterKeyHolds));
    codes
}

/// With the keys that the DCO alone has, and this test by the devices' own records, the meter does all of it. None of them
/// stands in any file of the S1SP's.
fn obeys_the_dco(robbed: &Robbed<'_>, place: &Place, line: &Line) {
    let esme = truth(robbed, place);
    let keys = || critical_keys(&esme.master, line.esme);
    let needed = [*esme.master.expose(), *keys().encryption.expose(), *keys().authentication.expose()];
    let hex = |key: &[u8; 16]| key.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into_bytes();
    for file in robbed.files() {
        assert!(!windows(&file).iter().any(|window| needed.contains(window)), "a key is on the disk");
        let lower = file.to_ascii_lowercase();
        for key in &needed {
            let text = hex(key);
            assert!(!lower.windows(text.len()).any(|window| window == text), "a key is on the disk, in digits");
        }
    }
    let replaces = key_transfer(&[(3, wrapped(*esme.master.expose(), [7; 16]))]);
    // The image is in use already.
    let is_image = |wish: &Wish| matches!(wish, Wish::Act(method, _) if method.class == image_transfer::CLASS);
    for wish in critical_wishes().iter().filter(|wish| !is_image(wish)).chain([&replaces]) {
        let done = place.log().len();
        let answer = line.critical(line.dco, keys(), line.next(COUNTER_CRITICAL), &wish.apdu()).expect("is heard");
        assert!(obeyed(&Apdu::decode(&answer).expect("an APDU")), "{wish:?}");
        assert!(place.log().len() > done, "{wish:?}");
    }
}

/// Every bit flipped, cut anywhere, and one byte more.
fn mutants(bytes: &[u8]) -> Vec<Vec<u8>> {
    let flipped = (0..bytes.len() * 8).map(|bit| {
        let mut other = bytes.to_vec();
        other[bit / 8] ^= 1 << (bit % 8);
        other
    });
    let cut = (0..bytes.len()).map(|at| bytes[..at].to_vec());
    flipped.chain(cut).chain([[bytes, &[0]].concat()]).collect()
}

/// A key transfer of these ids, without keys.
pub fn transfer(ids: &[u8]) -> Vec<u8> {
    let head = [0xC3, 0x01, 0xC1, 0x00, 0x40, 0x00, 0x00, 0x2B, 0x00, 0x00, 0xFF, 0x02, 0x01, 0x01];
    let key = |id: &u8| [&[0x02, 0x02, 0x16, *id, 0x09, 24][..], &[0; 24]].concat();
    [&head[..], &[ids.len() as u8], &ids.iter().flat_map(key).collect::<Vec<_>>()].concat()
}
