//! Who comes to the gateway: certificates that are expired or revoked, while connected too, and originators that are somebody else.

use std::time::Instant;

use jiff::SignedDuration;
use tern_model::{DeviceId, GroupId};
use tern_service::clock::Clock;
use tern_service::pki;
use tern_testkit::UserClient;
use tern_testkit::served::{Line, post};
use tern_wire::duis::Draft;
use tern_wire::smki::Usage;

use crate::bench::{Bench, COUNTER, PATIENCE, bench, served};

/// Longer than any certificate of an organisation is valid.
const YEARS: SignedDuration = SignedDuration::from_hours(24 * 366 * 11);

fn read(user: &UserClient, device: DeviceId, counter: u64) -> String {
    user.request_to_dcc(counter, "8.2", Draft::new("ReadInventory").with(Draft::leaf("DeviceID", device)))
}

/// A connection on which a first request was answered.
fn connected(bench: &Bench, user: &UserClient, counter: u64) -> Line {
    let mut line = user.connect().expect("a connection");
    let request = read(user, bench.home(GroupId::CA).esme, counter);
    let said = post(&mut line, "serviceD", request.as_bytes()).expect("an answer");
    assert_eq!(said.status, 200, "{said:?}");
    line
}

#[test]
fn an_expired_certificate_opens_nothing_and_ends_what_it_opened() {
    let bench = bench();
    let service = served(&bench, bench.plan());
    let esme = bench.home(GroupId::CA).esme;
    let user = service.user("supplier-a");
    let mut line = connected(&bench, &user, COUNTER);
    bench.clock.step(YEARS);
    assert!(post(&mut line, "serviceD", read(&user, esme, COUNTER + 1).as_bytes()).is_err(), "still answered");
    assert!(user.tries("serviceD", &read(&user, esme, COUNTER + 2)).is_err(), "let in");
    // Nothing of what came then counts, and the User is one again when the clock is right.
    bench.clock.step(-YEARS);
    let code =
        |counter| user.asks("serviceD", &read(&user, esme, counter), bench.clock.now()).header().code.to_string();
    assert_eq!((code(COUNTER + 1), code(COUNTER + 2)), ("I0".to_owned(), "I0".to_owned()));
    service.stop().expect("a clean end");
}

#[test]
fn a_revoked_certificate_counts_no_more_on_a_connection_that_it_opened_and_in_no_signature() {
    let bench = bench();
    let service = served(&bench, bench.plan());
    let (esme, dir) = (bench.home(GroupId::CA).esme, bench.lab.dir().join("pki"));
    let (connecting, signing) = (service.user("supplier-a"), service.user("supplier-b"));
    let mut line = connected(&bench, &connecting, COUNTER);
    let mut signed = connected(&bench, &signing, COUNTER);
    let serial = |user: &UserClient, usage: Usage| {
        let own = user.trust.certificates().find(|known| known.party().0 == user.party() && known.is_for(usage));
        own.expect("a certificate").serial().to_string()
    };
    pki::revoke(&dir, &serial(&connecting, Usage::Tls), bench.clock.now()).expect("revoked");
    pki::revoke(&dir, &serial(&signing, Usage::Sign), bench.clock.now()).expect("revoked");
    let since = Instant::now();
    while post(&mut line, "serviceD", read(&connecting, esme, COUNTER + 1).as_bytes()).is_ok() {
        assert!(since.elapsed() < PATIENCE, "still answered");
    }
    assert!(connecting.tries("serviceD", &read(&connecting, esme, COUNTER + 2)).is_err(), "let in");
    // Its TLS certificate still holds; what it signs does not.
    let until = since + PATIENCE;
    let mut counter = COUNTER + 1;
    let code = loop {
        let said = post(&mut signed, "serviceD", read(&signing, esme, counter).as_bytes()).expect("an answer");
        let code = signing.believes(&said.body, bench.clock.now()).expect("a response").header().code.to_string();
        if code != "I0" || Instant::now() > until {
            break code;
        }
        counter += 1;
    };
    assert_eq!(code, "E100");
    service.stop().expect("a clean end");
}

#[test]
fn an_originator_that_is_not_the_certificates_is_refused_and_uses_nothing_up() {
    let bench = bench();
    let service = served(&bench, bench.plan());
    let esme = bench.home(GroupId::CA).esme;
    let (one, other) = (service.user("supplier-a"), service.user("supplier-b"));
    let good = read(&one, esme, COUNTER);
    let code =
        |user: &UserClient, request: &str| user.asks("serviceD", request, bench.clock.now()).header().code.to_string();
    // Another's connection; another's name under one's own signature.
    assert_eq!(code(&other, &good), "E1");
    let unsigned = good[..good.find("<ds:Signature").expect("a signature")].to_owned() + "</sr:Request>";
    let forged = tern_wire::dsig::sign(&unsigned, &other.signer).expect("signed");
    assert_eq!(code(&other, &forged), "E1");
    assert_eq!(code(&one, &forged), "E1");
    assert_eq!(code(&one, &good), "I0");
    // Who is no User has no business here at all.
    for name in ["s1sp", "requesting-party", "dco", "commissioning-party"] {
        let stranger = service.user(name);
        assert!(stranger.tries("serviceD", &read(&stranger, esme, COUNTER)).is_err(), "{name}");
    }
    // Whoever keeps the gateway comes to it for other things than requests.
    let keeper = service.user("dsp");
    let said = keeper.tries("serviceD", &read(&keeper, esme, COUNTER)).expect("an answer");
    let code = || keeper.believes(&said.body, bench.clock.now()).expect("a response").header().code.clone();
    assert!(said.status != 200 || code().is_refusal(), "{said:?}");
    service.stop().expect("a clean end");
}
