//! The credentials that the DCC holds for a meter: as it came, as their holder replaces them, and as the next supplier does.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tern_dco::{MeterCertificates, Site, forget_replaced};
use tern_model::{CertificateId, DeviceId, DeviceKind};
use tern_store::{Batch, Store, StoreView};
use tern_wire::duis::{Draft, RequestHeader, RequestId, SchemaVersion, request};
use tern_wire::role_link::{DcoOrder, DcoReply, DcoRequest, LinkRefusal};

use crate::desk::{CHF, Desk, ESME, GSME, PPMID, moment, set};
use crate::firmware::{authority, commissioned, looks_up, mpan_of_site, signer};
use crate::service::{ask, countersigned_at, off, refused};

const CREDENTIALS: &str = "P-credentials";
const DUAL_CONTROL: &str = "P-dual-control";
/// The certificates by place in the key infrastructure.
const FIRST: usize = 0;
const SECOND: usize = 1;
const NEWER: usize = 4;
const NETWORK: usize = 5;
/// The gas meter's metering point.
const MPRN: &str = "0012345678";
/// From April on the other supplier is registered.
const APRIL: &str = "2021-04-01T12:00:00Z";
const MARCH: &str = "2021-03-02T12:00:00Z";

/// A meter that came with the first supplier's certificate.
fn with_credentials() -> Desk {
    let (mut desk, _) = commissioned();
    let site = Site::find(&desk.store, set(), CHF).expect("reads").expect("a site");
    let supplier = signer(FIRST).certificate().id().clone();
    let of = |device| MeterCertificates { device, supplier: supplier.clone(), network_operator: CertificateId::Null };
    let mprn = Some(MPRN.parse().expect("an MPRN"));
    let site = Site { certificates: vec![of(ESME), of(GSME)], mprn, ..site };
    desk.store.commit(&Batch { puts: vec![site.put().expect("a body")], ..Batch::default() }).expect("durable");
    desk
}

/// What a party signs under one of its certificates, countersigned at a moment.
fn asked(by: usize, (device, counter): (DeviceId, u64), (srv, body): (&str, Draft), at: &str) -> Vec<u8> {
    let originator = signer(by).certificate().party().0;
    let id = RequestId { originator, target: device.0, counter };
    let header = RequestHeader::new(id, "1".parse().expect("a variant"), srv.parse().expect("a reference"));
    let request = request(&header, body, SchemaVersion::V5_1, signer(by)).expect("is written").into_bytes();
    countersigned_at(at, 3, &request)
}

fn disable(by: usize, counter: u64, at: &str) -> Vec<u8> {
    asked(by, (ESME, counter), ("7.2", Draft::new("DisableSupply")), at)
}

fn base64(der: &[u8]) -> String {
    STANDARD.encode(der)
}

fn certificate(name: &'static str, of: usize) -> Draft {
    Draft::leaf(name, base64(signer(of).certificate().der()))
}

fn path() -> Draft {
    Draft::new("CertificationPathCertificates").with(Draft::leaf("Certificate", base64(authority())))
}

/// 6.23.
fn takes_over(certificates: Vec<Draft>, floor: u64, point: &str) -> (&'static str, Draft) {
    let body = Draft::new("UpdateSecurityCredentialsCoS")
        .with(Draft::leaf("SupplierFloorSeqNumber", floor))
        .with(Draft::new("SupplierReplacementCertificates").with_all(certificates))
        .with(path())
        .with(Draft::leaf("ApplyTimeBasedCPVChecks", "true"))
        .with(Draft::leaf("ImportMPxN", point));
    ("6.23", body)
}

/// 6.15.1.
fn renews(role: &'static str, certificates: Vec<Draft>, floor: Option<u64>) -> (&'static str, Draft) {
    let new = Draft::new("SupplierOrNetworkOperatorCertificates").with_all(certificates);
    let body = Draft::new("UpdateSecurityCredentialsKRP")
        .with(Draft::leaf("RemotePartyRole", role))
        .with_some(floor.map(|floor| Draft::leaf("RemotePartyFloorSeqNumber", floor)))
        .with(Draft::new("ReplacementCertificates").with(new))
        .with(path())
        .with(Draft::leaf("ApplyTimeBasedCPVChecks", "true"));
    ("6.15.1", body)
}

fn replace_at(desk: &mut Desk, device: DeviceId, document: Vec<u8>) -> Result<DcoReply, LinkRefusal> {
    desk.obey(&[DcoOrder { device, ..Desk::order(DcoRequest::Credentials { document }) }]).remove(0)
}

fn replace(desk: &mut Desk, document: Vec<u8>) -> Result<DcoReply, LinkRefusal> {
    replace_at(desk, ESME, document)
}

#[test]
fn after_a_change_of_supplier_the_new_one_is_obeyed_and_the_old_one_is_not() {
    let mut desk = with_credentials();
    assert!(ask(&mut desk, &disable(FIRST, 1, MARCH), &off()).is_ok(), "it came with these");
    refused(ask(&mut desk, &disable(NEWER, 2, MARCH), &off()), CREDENTIALS, "holds");
    desk.now = moment(APRIL);
    // The registration alone does not make the new one's word count.
    refused(ask(&mut desk, &disable(SECOND, 1, APRIL), &off()), CREDENTIALS, "holds");
    refused(ask(&mut desk, &disable(FIRST, 3, APRIL), &off()), DUAL_CONTROL, "is not the Electricity Supplier");
    let point = mpan_of_site().to_string();
    let own = || vec![certificate("DigitalSigningCertificate", SECOND)];
    let change = asked(SECOND, (ESME, 2), takes_over(own(), 100, &point), APRIL);
    assert_eq!(replace(&mut desk, change.clone()), Ok(DcoReply::Done));
    let mut desk = desk.reopened();
    looks_up(&mut desk);
    refused(ask(&mut desk, &disable(SECOND, 100, APRIL), &off()), CREDENTIALS, "not above 100");
    assert!(ask(&mut desk, &disable(SECOND, 101, APRIL), &off()).is_ok());
    refused(ask(&mut desk, &disable(FIRST, 1000, APRIL), &off()), DUAL_CONTROL, "is not the Electricity Supplier");

    // Its own floor rises; the change of before, brought again, does not lower it.
    let raise = asked(SECOND, (ESME, 200), renews("Supplier", own(), Some(500)), APRIL);
    assert_eq!(replace(&mut desk, raise), Ok(DcoReply::Done));
    assert_eq!(replace(&mut desk, change), Ok(DcoReply::Done), "it was done");
    refused(ask(&mut desk, &disable(SECOND, 500, APRIL), &off()), CREDENTIALS, "not above 500");
    let lower = asked(SECOND, (ESME, 501), renews("Supplier", own(), Some(499)), APRIL);
    refused(replace(&mut desk, lower), CREDENTIALS, "below the one in force");
    desk.store.verify_audit().expect("whole");
}

#[test]
fn a_holder_renews_its_certificate_and_signs_under_the_new_one() {
    let mut desk = with_credentials();
    let newer = || vec![certificate("DigitalSigningCertificate", NEWER)];
    let unknown = asked(NEWER, (ESME, 1), renews("Supplier", newer(), None), MARCH);
    refused(replace(&mut desk, unknown), CREDENTIALS, "holds");
    let renewed = asked(FIRST, (ESME, 2), renews("Supplier", newer(), None), MARCH);
    assert_eq!(replace(&mut desk, renewed), Ok(DcoReply::Done));
    assert!(ask(&mut desk, &disable(NEWER, 3, MARCH), &off()).is_ok());
    refused(ask(&mut desk, &disable(FIRST, 4, MARCH), &off()), CREDENTIALS, "holds");
    // A network operator has its own, of which no critical request asks here.
    let own = vec![certificate("DigitalSigningCertificate", NETWORK)];
    let operators = asked(NETWORK, (ESME, 1), renews("NetworkOperator", own, Some(1)), MARCH);
    assert_eq!(replace(&mut desk, operators), Ok(DcoReply::Done));
    assert!(ask(&mut desk, &disable(NEWER, 5, MARCH), &off()).is_ok());
}

#[test]
fn a_sandbox_has_the_credentials_count_again_with_which_a_meter_came() {
    let mut desk = with_credentials();
    let newer = vec![certificate("DigitalSigningCertificate", NEWER)];
    let renewed = asked(FIRST, (ESME, 1), renews("Supplier", newer, Some(100)), MARCH);
    assert_eq!(replace(&mut desk, renewed), Ok(DcoReply::Done));
    refused(ask(&mut desk, &disable(FIRST, 101, MARCH), &off()), CREDENTIALS, "holds");
    let at = desk.now;
    forget_replaced(&mut desk.store, &[GSME], at).expect("durable");
    refused(ask(&mut desk, &disable(FIRST, 101, MARCH), &off()), CREDENTIALS, "holds");
    forget_replaced(&mut desk.store, &[ESME, GSME], at).expect("durable");
    refused(ask(&mut desk, &disable(NEWER, 102, MARCH), &off()), CREDENTIALS, "holds");
    assert!(ask(&mut desk, &disable(FIRST, 2, MARCH), &off()).is_ok(), "without the floor");
    desk.store.verify_audit().expect("whole");
}

#[test]
fn credentials_that_are_not_in_order_replace_nothing() {
    let mut desk = with_credentials();
    desk.now = moment(APRIL);
    let point = mpan_of_site().to_string();
    let mut counter = 10;
    let mut told = |by: usize, change: (&'static str, Draft), words: &str| {
        counter += 1;
        refused(replace(&mut desk, asked(by, (ESME, counter), change, APRIL)), CREDENTIALS, words);
    };
    let signing = |of| vec![certificate("DigitalSigningCertificate", of)];
    told(SECOND, takes_over(signing(FIRST), 1, &point), "not the sender's");
    told(SECOND, takes_over(signing(3), 1, &point), "not the sender's");
    told(SECOND, takes_over(signing(SECOND), 1, "1234567890128"), "ImportMPxN");
    told(FIRST, takes_over(signing(FIRST), 1, &point), "is not the Electricity Supplier");
    told(NETWORK, takes_over(signing(NETWORK), 1, &point), "is no supplier");
    told(NETWORK, renews("ACB", signing(NETWORK), None), "no credentials that a meter has");
    told(SECOND, renews("NetworkOperator", signing(SECOND), None), "is no network-operator");
    let agreement = certificate("KeyAgreementCertificate", SECOND);
    told(SECOND, takes_over([signing(SECOND), vec![agreement]].concat(), 1, &point), "agreement of keys");
    told(SECOND, takes_over(vec![Draft::leaf("DigitalSigningCertificate", "AAAA")], 1, &point), "Certificate");
    let mut torn = signer(SECOND).certificate().der().to_vec();
    let last = torn.len() - 1;
    torn[last] ^= 1;
    told(SECOND, takes_over(vec![Draft::leaf("DigitalSigningCertificate", base64(&torn))], 1, &point), "signature");
    let change = ("6.23", with_a_path_that_leads_nowhere());
    told(SECOND, change, "does not name its authority");
    // None of it was done.
    refused(ask(&mut desk, &disable(SECOND, 1000, APRIL), &off()), CREDENTIALS, "holds");
    let meters_alone = asked(SECOND, (PPMID, 1), takes_over(signing(SECOND), 1, &point), APRIL);
    let devices = vec![(PPMID, DeviceKind::Ppmid), (GSME, DeviceKind::Gsme)];
    assert_eq!(desk.ask(DcoRequest::Join { devices }), Ok(DcoReply::Done));
    refused(replace_at(&mut desk, PPMID, meters_alone), CREDENTIALS, "meters");
}

/// Whose path names the certificate itself and no authority.
fn with_a_path_that_leads_nowhere() -> Draft {
    let new = certificate("DigitalSigningCertificate", SECOND);
    Draft::new("UpdateSecurityCredentialsCoS")
        .with(Draft::leaf("SupplierFloorSeqNumber", 1))
        .with(Draft::new("SupplierReplacementCertificates").with(new))
        .with(Draft::new("CertificationPathCertificates").with(certificate("Certificate", SECOND)))
        .with(Draft::leaf("ApplyTimeBasedCPVChecks", "true"))
        .with(Draft::leaf("ImportMPxN", mpan_of_site()))
}

#[test]
fn whose_gas_it_is_the_credentials_say() {
    let mut desk = with_credentials();
    let devices = vec![(PPMID, DeviceKind::Ppmid), (GSME, DeviceKind::Gsme)];
    assert_eq!(desk.ask(DcoRequest::Join { devices }), Ok(DcoReply::Done));
    let disable = |by, counter| {
        let document = asked(by, (GSME, counter), ("7.2", Draft::new("DisableSupply")), MARCH);
        let what = DcoRequest::ServiceRequest { document, instruction: off(), not_below: 0 };
        DcoOrder { device: GSME, ..Desk::order(what) }
    };
    assert_eq!(desk.obey(&[disable(FIRST, 1)]).remove(0), Ok(DcoReply::Done));
    refused(desk.obey(&[disable(SECOND, 1)]).remove(0), CREDENTIALS, "holds");
    let own = || vec![certificate("DigitalSigningCertificate", SECOND)];
    for another in ["1234567890", "1345678"] {
        let change = asked(SECOND, (GSME, 2), takes_over(own(), 1, another), MARCH);
        refused(replace_at(&mut desk, GSME, change), CREDENTIALS, "ImportMPxN");
    }
    refused(desk.obey(&[disable(SECOND, 3)]).remove(0), CREDENTIALS, "holds");
    // An MPRN is the same with and without its leading zeros.
    let change = asked(SECOND, (GSME, 4), takes_over(own(), 1, "12345678"), MARCH);
    assert_eq!(replace_at(&mut desk, GSME, change), Ok(DcoReply::Done));
    assert_eq!(desk.obey(&[disable(SECOND, 5)]).remove(0), Ok(DcoReply::Done));
    refused(desk.obey(&[disable(FIRST, 2)]).remove(0), CREDENTIALS, "holds");
}
