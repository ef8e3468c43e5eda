//! Files cut short, and signatures with one byte changed.

use std::time::Instant;

use tern_wire::FaultKind;

use crate::door::{offer, offer_whole};
use crate::fixtures::{FIXTURES, Pieces};
use crate::forms::signed_form;
use tern_testkit::Dice;

#[test]
fn no_file_is_believed_that_is_cut_short() {
    let started = Instant::now();
    let mut cuts = 0;
    for file in &FIXTURES.signed {
        let bytes = file.text.as_bytes();
        // Every 100th byte, and each of the last hundred: the end tag and the signature's.
        for end in (0..bytes.len()).filter(|end| end % 100 == 0 || bytes.len() - end <= 100) {
            let faults = offer(file.kind, &file.name, &bytes[..end]).expect_err("a cut file is believed");
            let [fault] = faults.as_slice() else { panic!("{} cut at {end}: {faults:?}", file.name) };
            assert_eq!(fault.kind, FaultKind::Form, "{} cut at {end}: {fault:?}", file.name);
            cuts += 1;
        }
    }
    println!("{cuts} cuts in {:.1} s", started.elapsed().as_secs_f64());
}

/// How many other values each byte gets.
const VALUES: usize = 4;

#[test]
fn no_byte_of_signed_info_or_signature_value_can_be_another() {
    let started = Instant::now();
    let mut dice = Dice::new(20_210_302, 0);
    let (mut changes, mut spellings) = (0, 0);
    for file in &FIXTURES.signed {
        let own = signed_form(file.text.as_bytes());
        let pieces = Pieces::of(&file.text);
        let signature = file.text.len() - pieces.close.len() - pieces.signature.len();
        for element in ["SignedInfo", "SignatureValue"] {
            let inside = |tag: &str| signature + pieces.signature.find(tag).expect("an element");
            let (from, to) = (inside(&format!("<ds:{element}>")), inside(&format!("</ds:{element}>")));
            for at in from..to + element.len() + 6 {
                for number in 0..VALUES {
                    let mut bytes = file.text.clone().into_bytes();
                    bytes[at] ^= 1 + dice.byte() % 255;
                    changes += 1;
                    let door = if number == 0 { offer } else { offer_whole };
                    if door(file.kind, &file.name, &bytes).is_ok() {
                        // A tab where a blank was, between attributes: the same SignedInfo in another spelling.
                        let told = String::from_utf8_lossy(&bytes[at - 20..at + 20]);
                        assert!(signed_form(&bytes) == own, "{}: byte {at} changed and believed: {told}", file.name);
                        spellings += 1;
                    }
                }
            }
        }
    }
    assert!(spellings * 1_000 < changes, "{spellings} of {changes}");
    println!(
        "{changes} changed bytes, {spellings} of them another spelling, in {:.1} s",
        started.elapsed().as_secs_f64()
    );
}
