//! What a device or a client sends over DLMS/COSEM: frames, APDUs, values, shapes of attributes.

use tern_dlms::apdu::Apdu;
use tern_dlms::cosem::Shape;
use tern_dlms::cosem::activity_calendar::{DayProfile, Season, Week};
use tern_dlms::cosem::association_ln::ObjectListElement;
use tern_dlms::cosem::image_transfer::{ImageBlock, ImageToActivate, ImageTransferInitiate};
use tern_dlms::cosem::register::ScalerUnit;
use tern_dlms::cosem::security_setup::{CertificateInfo, KeyData};
use tern_dlms::wrapper::{Frame, read_frame};
use tern_dlms::{CaptureObject, Codec, Data, Selection};

use super::Target;

/// Tags, choices and lengths, and lengths that announce what is not there.
const WORDS: &[&str] = &[
    "\0",
    "\u{1}",
    "\u{2}",
    "\u{4}",
    "\u{6}",
    "\t",
    "\u{c}",
    "\u{f}",
    "\u{12}",
    "\u{13}",
    "\u{16}",
    "\u{19}",
    "\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}",
    "\u{2}\u{1}\u{2}\u{1}\u{2}\u{1}\u{2}\u{1}",
    "\u{7f}",
    "\u{80}",
    "`\u{5}",
    "\t\u{7f}",
];

/// APDUs of every kind, in hexadecimal digits.
const APDUS: [&str; 22] = [
    "6036A1090607608574050801018A0207808B0760857405080201AC0A80083132333435363738BE10040E01000000065F1F0400007E1F04B0",
    "6142A109060760857405080101A203020100A305A10302010E88020780890760857405080205AA0A8008503677524A323146BE10040E0800065F1F040000501F01F40007",
    "6203800100",
    "6303800100",
    "01011000112233445566778899AABBCCDDEEFF0000065F1F0400007E1F04B0",
    "0800065F1F040000501F01F40007",
    "0E010601",
    "C001C100070100630100FF0201010204020412000809060000010000FF0F02120000090C07EA01010400000000000000090C07EA010104010000000000000100",
    "C002C100000001",
    "C003C10200010000800000FF020000010000800100FF0200",
    "C101C100010000800000FF0200090401020304",
    "C102C100010000800000FF020000000000010409320102",
    "C104C10100010000800000FF020001090401020304",
    "C301C1000F0000280000FF0101091110000000011A52FE7DD3E72748973C1E28",
    "C303C101000F0000280000FF01010F00",
    "C401C1000204120003110009060100010800FF0202010102030F01160100010102020F011600",
    "C402C10000000001000409320102",
    "C504C102000C00000002",
    "C701C100010009111001234567FE1466AFB3DBCD4F9389E2B7",
    "D8010601234567",
    "DB084D4D4D0000BC614E1E3001234567411312FF935A47566827C467BC7D825C3BE4A77C3FCC056B6B",
    "DF080000000000000001084D4D4D0000BC614E08535256303030303100000DC001C100010000800000FF0200025A5A",
];

fn hex(digits: &str) -> Vec<u8> {
    let digits: Vec<u8> = digits.bytes().filter(u8::is_ascii_hexdigit).collect();
    let nibble =
        |digit: u8| char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok()).expect("a digit");
    digits.chunks(2).map(|pair| nibble(pair[0]) << 4 | nibble(pair[1])).collect()
}

/// What is read is written as bytes that are read as the same.
fn stands<T: Codec + PartialEq + std::fmt::Debug>(bytes: &[u8]) -> bool {
    let Ok(value) = T::decode(bytes) else { return false };
    let written = value.to_bytes();
    // Compared as bytes: a float that is not a number is unlike itself.
    assert!(T::decode(&written).is_ok_and(|again| again.to_bytes() == written), "{value:?}");
    true
}

/// What is read as a shape is the very Data that the shape is written as.
fn shaped<T: Shape>(data: &Data) -> bool {
    T::of_data(data).is_ok_and(|value| T::of_data(&value.to_data()).is_ok())
}

#[test]
fn fuzz_apdus() {
    let seeds = APDUS.iter().map(|digits| hex(digits)).collect();
    Target { name: "fuzz_apdus", executions: 60_000, seeds, words: WORDS }.run(stands::<Apdu>);
}

#[test]
fn fuzz_cosem_data() {
    let seeds = [
        "02020FFD161E",
        "0101020412000809060000010000FF0F02120000",
        "0101020216020918070707070707070707070707070707070707070707070707",
        "020209026677060000012C",
        "0202060000000209020102",
        "0203060000012C09026677090109",
        "0206160116000901010901490901530900",
        "02080901411101110111011101110111021102",
        "02021101010102030904001E0000090600000A0064FF120002",
        "0203090141090CFFFFFFFFFFFFFFFFFF8000FF090157",
        "020406000000010600000030120001120000",
    ];
    let seeds = seeds.iter().map(|digits| hex(digits)).collect();
    Target { name: "fuzz_cosem_data", executions: 60_000, seeds, words: WORDS }.run(|bytes| {
        let Ok(data) = Data::decode(bytes) else { return false };
        let shapes = [
            shaped::<ScalerUnit>(&data),
            shaped::<Vec<CaptureObject>>(&data),
            shaped::<Vec<KeyData>>(&data),
            shaped::<ImageTransferInitiate>(&data),
            shaped::<ImageBlock>(&data),
            shaped::<ImageToActivate>(&data),
            shaped::<CertificateInfo>(&data),
            shaped::<ObjectListElement>(&data),
            shaped::<Season>(&data),
            shaped::<Week>(&data),
            shaped::<DayProfile>(&data),
        ];
        let access = tern_dlms::SelectiveAccess { selector: bytes[0], parameters: data };
        let selected = Selection::of_access(&access).is_ok_and(|selection| selection.is_some());
        assert!(stands::<Data>(bytes));
        selected || shapes.contains(&true)
    });
}

#[test]
fn fuzz_wrapper_frames() {
    let framed = |digits: &&str| {
        let mut bytes = Vec::new();
        Frame { source: 16, destination: 1, apdu: hex(digits) }.encode(&mut bytes).expect("it fits a frame");
        bytes
    };
    let seeds = APDUS.iter().map(framed).collect();
    const APDU_MAX_BYTES: usize = 2_048;
    Target { name: "fuzz_wrapper_frames", executions: 40_000, seeds, words: WORDS }.run(|bytes| {
        let split = Frame::split_first(bytes, APDU_MAX_BYTES);
        let read = read_frame(&mut &*bytes, APDU_MAX_BYTES);
        match (split, read) {
            (Ok(Some((frame, taken))), Ok(Some(again))) => {
                assert!(frame == again && taken <= bytes.len() && frame.apdu.len() <= APDU_MAX_BYTES);
                stands::<Apdu>(&frame.apdu)
            }
            (Ok(Some(_)), _) | (_, Ok(Some(_))) => panic!("read one way and not the other"),
            _ => false,
        }
    });
}
