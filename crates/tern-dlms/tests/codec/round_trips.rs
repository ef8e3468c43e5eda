//! What is encoded is decoded to the same; what is decoded is encoded to the same, where it was in its shortest form;
//! and no bytes make the decoder panic.

use proptest::prelude::*;
use tern_dlms::apdu::Apdu;
use tern_dlms::wrapper::Frame;
use tern_dlms::{Codec, Data, LogicalName};

use crate::strategies::{apdu, data, date_time, logical_name};

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn data_comes_back(value in data()) {
        prop_assert_eq!(Data::decode(&value.to_bytes()), Ok(value));
    }

    #[test]
    fn apdus_come_back(value in apdu()) {
        prop_assert_eq!(Apdu::decode(&value.to_bytes()), Ok(value));
    }

    #[test]
    fn names_come_back(name in logical_name()) {
        prop_assert_eq!(name.to_string().parse::<LogicalName>(), Ok(name));
    }

    #[test]
    fn moments_come_back(seconds in -62_135_596_800..=253_402_300_799i64) {
        let moment = jiff::Timestamp::from_second(seconds).unwrap();
        prop_assert_eq!(tern_dlms::CosemDateTime::from_timestamp(moment).timestamp(), Some(moment));
    }

    #[test]
    fn a_moment_of_any_parts_is_no_panic(value in date_time()) {
        let _ = value.timestamp();
    }

    #[test]
    fn a_cut_apdu_is_told_from_a_whole_one(value in apdu(), at in any::<prop::sample::Index>()) {
        let bytes = value.to_bytes();
        let end = at.index(bytes.len());
        prop_assert!(Apdu::decode(&bytes[..end]).is_err());
        let longer = [bytes.as_slice(), &[0]].concat();
        prop_assert!(Apdu::decode(&longer).is_err());
    }

    #[test]
    fn any_bytes_are_no_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = (Apdu::decode(&bytes), Data::decode(&bytes), Frame::split_first(&bytes, 100));
    }

    #[test]
    fn changed_bytes_are_no_panic_and_mean_one_thing(
        value in apdu(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = value.to_bytes();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(decoded) = Apdu::decode(&bytes) {
            // What has other spellings (lengths, booleans, read-over fields) becomes the shortest, which stands by
            // itself.
            let canonical = decoded.to_bytes();
            prop_assert_eq!(Apdu::decode(&canonical).unwrap().to_bytes(), canonical);
        }
    }
}
