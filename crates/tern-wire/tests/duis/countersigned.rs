//! Countersigned Service Requests: both signatures count, each where it belongs.

use tern_model::{DeviceId, PartyId};
use tern_wire::duis::{Countersigned, CountersignedFault, SignatureFault, countersign, open_countersigned};

use crate::support::{KEYS, Party, S1SP, USER, VERSION, now, request, request_by, request_id};

fn said() -> Countersigned {
    Countersigned { s1sp: PartyId(S1SP), at: now(), version: VERSION, devices: Vec::new() }
}

/// A request of the User, countersigned by a party.
pub fn by(party: &Party, request: &str) -> String {
    countersign(&said(), request.as_bytes(), &party.signer()).unwrap()
}

fn opened(text: &str) -> Result<Countersigned, CountersignedFault> {
    open_countersigned(text.as_bytes(), &KEYS.trust, now()).map(|(said, verified)| {
        assert_eq!(verified.header().request_id, request_id());
        said
    })
}

#[test]
fn what_the_user_signed_is_what_comes_out() {
    assert_eq!(opened(&by(&KEYS.dsp, &request())), Ok(said()));
    let devices = vec![DeviceId(USER), DeviceId(S1SP)];
    let listed = Countersigned { devices, ..said() };
    let text = countersign(&listed, request().as_bytes(), &KEYS.dsp.signer()).unwrap();
    assert_eq!(opened(&text), Ok(listed));
    // Without a request by this User there is nothing to obey.
    let other = opened(&by(&KEYS.dsp, &request_by(&KEYS.other_user)));
    assert!(matches!(other, Err(CountersignedFault::Signature(SignatureFault::Sender(_)))), "{other:?}");
}

#[test]
fn the_dsp_alone_countersigns() {
    for party in [&KEYS.user, &KEYS.s1sp] {
        let refused = opened(&by(party, &request()));
        assert!(matches!(refused, Err(CountersignedFault::Countersignature(SignatureFault::Sender(_)))), "{refused:?}");
    }
    let refused = opened(&request());
    assert!(matches!(refused, Err(CountersignedFault::Countersignature(SignatureFault::Sender(_)))), "{refused:?}");
}

#[test]
fn no_byte_of_what_was_countersigned_can_be_another() {
    let text = by(&KEYS.dsp, &request());
    let bytes = text.as_bytes();
    for at in (0..bytes.len()).step_by(7) {
        let mut other = bytes.to_vec();
        other[at] ^= 1;
        let refused = open_countersigned(&other, &KEYS.trust, now());
        // White space and the case of a serial number's issuer may be spelled otherwise: then it says the same.
        assert!(refused.is_err() || refused.is_ok_and(|(same, _)| same == said()), "byte {at}");
    }
    let cut = &text[..text.len() - 40];
    assert!(matches!(opened(cut), Err(CountersignedFault::Form(_))));
}

#[test]
fn a_request_that_breaks_its_schema_or_its_signature_is_none() {
    let broken = opened(&by(&KEYS.dsp, &request().replace("ReadFirmwareVersion", "ReadFirmwareVersions")));
    assert!(matches!(broken, Err(CountersignedFault::Request(_))), "{broken:?}");
    let altered = opened(&by(
        &KEYS.dsp,
        &request().replace(">1772452800000", ">1772452800001").replace(":1772452800000<", ":1772452800001<"),
    ));
    assert!(matches!(altered, Err(CountersignedFault::Signature(SignatureFault::Value(_)))), "{altered:?}");
}
