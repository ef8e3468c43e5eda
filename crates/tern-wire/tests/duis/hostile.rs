//! Whatever bytes come, there is an answer: mutants of signed messages neither pass nor panic.

use tern_wire::duis::SchemaVersion;
use tern_wire::xml::Sha256Sink;

use crate::dice::Dice;
use crate::support::{
    KEYS, acknowledgement, dcc_alert, now, received, request, s1sp_alert, smets1_response, smets1_signed_response,
};

const SEED: u64 = 20_260_303;
const MUTANTS: usize = 3_000;

/// One to three changes by chance: bytes flipped, removed, repeated, moved.
fn mutate(text: &str, dice: &mut Dice) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=dice.upto(2) {
        let at = dice.upto(bytes.len() - 1);
        let length = 1 + dice.upto(40.min(bytes.len() - 1 - at.min(bytes.len() - 1)).min(40));
        let end = (at + length).min(bytes.len());
        match dice.upto(5) {
            0 => bytes[at] ^= 1 << dice.upto(7),
            1 => drop(bytes.drain(at..end)),
            2 => {
                let part = bytes[at..end].to_vec();
                bytes.splice(at..at, part);
            }
            3 => {
                let part: Vec<u8> = bytes.drain(at..end).collect();
                let to = dice.upto(bytes.len().saturating_sub(1));
                bytes.splice(to..to, part);
            }
            4 => bytes[at] = *dice.pick(b"<>&\"'=/ \n\r\0:-A0"),
            _ => bytes.truncate(at.max(1)),
        }
        if bytes.is_empty() {
            bytes.push(b'<');
        }
    }
    bytes
}

/// Everything that is done to a message, whichever it is. Whether it was believed.
fn believed(bytes: &[u8]) -> bool {
    let Ok(received) = received(bytes) else { return false };
    let Ok(incoming) = received.parse() else { return false };
    let _ = (incoming.root(), incoming.version(), incoming.claimed_request_id(), incoming.nested());
    let version = incoming.version().unwrap_or(SchemaVersion::V5_4);
    let trust = &KEYS.trust;
    let request = incoming.request(version).map(|request| request.verify(trust, now()).is_ok());
    let response = incoming.response(version).map(|response| response.verify(trust, now()).is_ok());
    let nested = incoming.of_s1sp(version).map(|document| document.verify(trust, now()).is_ok());
    [request, response, nested].into_iter().any(|outcome| outcome == Ok(true))
}

/// What a signature is over.
fn canonical(bytes: &[u8]) -> Option<[u8; 32]> {
    let text = tern_wire::xml::guard("", bytes, &tern_wire::xml::Limits::MESSAGE).ok()?;
    let tree = tern_wire::xml::parse("", &text).ok()?;
    Some(tern_wire::xml::canonical_document(&tree, None, Sha256Sink::new()).finish())
}

#[test]
fn no_mutant_with_another_canonical_form_is_believed() {
    let messages = [
        request(),
        acknowledgement(),
        smets1_signed_response(),
        s1sp_alert(),
        smets1_response(&smets1_signed_response()),
        dcc_alert(&s1sp_alert()),
    ];
    assert!(messages.iter().all(|message| believed(message.as_bytes())));
    let mut dice = Dice::new(SEED);
    let (mut same, mut refused) = (0, 0);
    for number in 0..MUTANTS {
        let message = &messages[number % messages.len()];
        let mutant = mutate(message, &mut dice);
        let is_believed = believed(&mutant);
        if is_believed {
            // The value may be spelled otherwise (white space in base64), never the content.
            let without_signature = |text: &[u8]| {
                let text = String::from_utf8_lossy(text).into_owned();
                text.rfind("<ds:Signature ").map(|at| text[..at].to_owned())
            };
            let is_same = canonical(&mutant) == canonical(message.as_bytes())
                || without_signature(&mutant) == without_signature(message.as_bytes());
            assert!(is_same, "seed {SEED}, mutant {number}: {}", String::from_utf8_lossy(&mutant));
            same += 1;
        } else {
            refused += 1;
        }
    }
    println!("{refused} mutants refused, {same} with the same content accepted");
    assert!(refused > MUTANTS * 8 / 10);
}
