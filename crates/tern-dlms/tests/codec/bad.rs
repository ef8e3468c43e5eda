//! Bytes that mean no good: told what is wrong and where, without taking what they announce.

use tern_dlms::acse::Aarq;
use tern_dlms::apdu::{Apdu, ConfirmedServiceError, GetRequest};
use tern_dlms::{Codec, CosemDateTime, Data, DecodeErrorKind, Limits};

use crate::hex;

#[track_caller]
fn check<T: Codec + std::fmt::Debug>(bytes: &str, position: usize, told: &str) {
    let error = T::decode(&hex(bytes)).unwrap_err();
    assert_eq!((error.position, error.kind.to_string().as_str()), (position, told), "{bytes}");
}

#[test]
fn a_length_takes_no_memory_by_itself() {
    check::<Data>("09 84FFFFFFFF 00", 6, "4294967294 more bytes are announced than there are");
    check::<Data>("04 84FFFFFFFF 00", 6, "536870911 more bytes are announced than there are");
    check::<Data>("01 84FFFFFFFF 00", 7, "1 more bytes are announced than there are");
    check::<Data>("0A 80", 1, "a length is not of the definite form in at most four bytes");
    check::<Data>("0A 850000000001 41", 1, "a length is not of the definite form in at most four bytes");
    check::<Apdu>("C0 03 C1 84FFFFFFFF", 8, "2 more bytes are announced than there are");
    check::<Apdu>("60 84FFFFFFFF", 6, "4294967295 more bytes are announced than there are");
}

#[test]
fn nesting_ends_at_the_limit() {
    let nested = |depth: usize| [[2, 1].repeat(depth), vec![0]].concat();
    assert!(Data::decode(&nested(16)).is_ok());
    let error = Data::decode(&nested(17)).unwrap_err();
    assert_eq!(error.kind, DecodeErrorKind::Limit { what: "nesting", limit: 16 });
    assert!(Data::decode(&nested(30_000)).is_err());
    assert!(Data::decode_within(&nested(3), Limits { depth: 3, elements: 3 }).is_ok());
    assert!(Data::decode_within(&nested(3), Limits { depth: 3, elements: 2 }).is_err());
}

#[test]
fn elements_are_counted_over_all_levels() {
    // 256 arrays of 512 null-data: 131,328 elements with the arrays themselves.
    let inner = [hex("01 820200"), vec![0; 512]].concat();
    let outer = [hex("01 820100"), inner.repeat(256)].concat();
    let error = Data::decode(&outer).unwrap_err();
    assert_eq!(error.kind, DecodeErrorKind::Limit { what: "elements", limit: 131_072 });
    let inner = inner.repeat(255);
    assert!(Data::decode(&[hex("01 8200FF"), inner].concat()).is_ok());
    assert!(size_of::<Data>() <= 32, "the limit's memory is said for 32 bytes an element");
}

#[test]
fn what_is_not_spoken_is_told_from_what_is_not_defined() {
    for (first, what) in [
        (0xE0, "general-block-transfer"),
        (0xD0, "ded-get-request"),
        (0xD3, "ded-actionRequest"),
        (0xDC, "general-ded-ciphering"),
        (0xDD, "general-ciphering"),
        (0xD9, "access-request"),
        (0x05, "readRequest"),
    ] {
        let error = Apdu::decode(&[first, 1, 2, 3]).unwrap_err();
        assert_eq!(error.kind, DecodeErrorKind::NotSupported { what });
        assert!(error.is_not_supported() && error.position == 0);
    }
    check::<Apdu>("FE", 0, "APDU 254 is not defined");
    check::<Apdu>("", 0, "1 more bytes are announced than there are");
    check::<Data>("02 02 00 13 11 02 0102", 3, "compact-array is not supported");
}

#[test]
fn each_thing_wrong_is_told_with_its_place() {
    check::<Data>("07 00000000", 0, "data type 7 is not defined");
    check::<Data>("0A 02 41FF", 1, "ASCII characters expected");
    check::<Data>("0C 01 FF", 1, "UTF-8 characters expected");
    check::<Data>("00 00", 1, "1 bytes are left over");
    check::<GetRequest>("C0 04 C1", 1, "get-request 4 is not defined");
    check::<GetRequest>("C1 01 C1", 0, "a get-request expected");
    check::<Apdu>("C0 01 C1 0001 0000600100FF 02 02", 12, "usage flag of an OPTIONAL field 2 is not defined");
    check::<Apdu>("C4 01 C1 02", 3, "Get-Data-Result 2 is not defined");
    check::<Apdu>("C4 01 C1 01 05", 4, "data-access-result 5 is not defined");
    check::<Apdu>("C5 01 C1 FF", 3, "data-access-result 255 is not defined");
    check::<Apdu>("C7 01 C1 11 00", 3, "action-result 17 is not defined");
    check::<Apdu>("D8 03 01", 1, "state-error 3 is not defined");
    check::<Apdu>("D8 01 07", 2, "service-error 7 is not defined");
    check::<Apdu>("01 00 00 00 06 5F1F0300 00101D FFFF", 5, "a conformance of 24 bits expected");
    check::<Apdu>("DB 04 01020304 00", 1, "a system title of 8 bytes expected");
    check::<Apdu>("DF 00 00 084D4D4D0000000001 00 00 00 00", 2, "a system title of 8 bytes expected");
    check::<ConfirmedServiceError>("0E 00 06 01", 1, "ConfirmedServiceError 0 is not defined");
}

#[test]
fn an_aarq_has_its_fields_in_order_and_each_once() {
    check::<Aarq>("60 00", 0, "an application-context-name expected");
    check::<Aarq>("60 0B A1 09 06 07 60857405080101 00", 13, "1 bytes are left over");
    check::<Aarq>("60 0D A1 09 06 07 60857405080101 8001", 15, "1 more bytes are announced than there are");
    let order = "fields in ascending order, each once expected";
    check::<Aarq>("60 0F A1 09 06 07 60857405080101 80 02 0780", 13, order);
    check::<Aarq>("60 16 A1 09 06 07 60857405080101 A1 09 06 07 60857405080101", 13, order);
    check::<Aarq>("60 0F A1 09 06 07 60857405080101 BF 02 0400", 15, "a field of an AARQ expected");
    check::<Aarq>("60 11 A1 09 06 07 60857405080101 A6 04 04 02 4D4D", 17, "a system title of 8 bytes expected");
    check::<Aarq>(
        "60 10 A1 09 06 07 60857405080101 AC 03 81 01 00",
        15,
        "an authentication value as charstring expected",
    );
}

#[test]
fn parts_of_a_date_are_in_range() {
    let whole = hex("07EA 0B 15 06 0C 1E 00 00 003C 00");
    assert!(CosemDateTime::decode(&whole).is_ok());
    for (at, values) in
        [(2, &[0, 13, 0xFC][..]), (3, &[0, 32]), (4, &[0, 8]), (5, &[24]), (6, &[60]), (7, &[60]), (8, &[100])]
    {
        for value in values {
            let mut bytes = whole.clone();
            bytes[at] = *value;
            assert_eq!(CosemDateTime::decode(&bytes).unwrap_err().position, at, "{value}");
        }
    }
    assert_eq!(CosemDateTime::decode(&hex("07EA 0B 15 06 0C 1E 00 00 0349 00")).unwrap_err().position, 9);
}

#[test]
fn no_secret_is_shown() {
    let aarq = hex("6036 A109060760857405080101 8A020780 8B0760857405080201 AC0A80083132333435363738
         BE10040E 01000000065F1F0400007E1F04B0");
    let shown = format!("{:?}", Apdu::decode(&aarq).unwrap());
    assert!(shown.contains("AuthenticationValue(8 bytes, not shown)") && !shown.contains("49, 50, 51"), "{shown}");
    let initiate = hex("01 01 10 00112233445566778899AABBCCDDEEFF 00 00 06 5F1F0400 007E1F 04B0");
    let shown = format!("{:?}", Apdu::decode(&initiate).unwrap());
    assert!(shown.contains("DedicatedKey(not shown)") && !shown.contains("17, 34"), "{shown}");
}
