//! 6.15.1 and 6.23: what the certificates that a request brings are worth, and how that is answered.

use std::sync::Arc;

use jiff::Timestamp;
use tern_model::{Eui64, PartyId, Role};
use tern_requests::families::{CertificateUse, CredentialsChange, Presented, RemoteParty, Unfit};
use tern_requests::find;
use tern_wire::duis::{self, Received, SchemaVersion, Smets1Response};
use tern_wire::smki::issuing::{
    AuthorityRequest, Issuer, OrganisationRequest, RevocationListRequest, Serial, Validity,
};
use tern_wire::smki::{Signer, Trust, Usage};
use tern_wire::xml::Limits;

const OWN: PartyId = PartyId(Eui64(0x90B3_D51F_3001_0000));
const ANOTHERS: PartyId = PartyId(Eui64(0x90B3_D51F_3001_0001));

fn now() -> Timestamp {
    "2021-03-02T10:00:00Z".parse().expect("a moment")
}

fn validity(until: &str) -> Validity {
    Validity {
        not_before: "2020-01-01T00:00:00Z".parse().expect("a moment"),
        not_after: until.parse().expect("a moment"),
    }
}

/// A key infrastructure: who signs, and the certificates of authorities.
struct Keys {
    signers: Vec<Signer>,
    authorities: [Vec<u8>; 2],
    trust: Trust,
}

const LONG: &str = "2040-01-01T00:00:00Z";

fn keys() -> Keys {
    let mut numbers = 1..;
    let mut serial = move || Serial::from_random([numbers.next().expect("a number"); 16]);
    let named = |common_name, serial| AuthorityRequest { common_name, validity: validity(LONG), serial };
    let (root, _) = Issuer::root(&named("Root", serial())).expect("a root");
    let (authority, _) = root.issuing_authority(&named("Z1", serial())).expect("an authority");
    let (stranger, _) = Issuer::root(&named("Stranger", serial())).expect("a root");
    let mut signer = |issuer: &Issuer, party, role, until| {
        let (validity, serial) = (validity(until), serial());
        let request = OrganisationRequest { common_name: "USER", party, role, usage: Usage::Sign, validity, serial };
        let issued = issuer.issue(&request).expect("issues");
        Signer::from_pem(Arc::new(issued.certificate), issued.key_pem.expose()).expect("a key")
    };
    let signers = vec![
        signer(&authority, OWN, Role::Supplier, LONG),
        signer(&authority, ANOTHERS, Role::Supplier, LONG),
        signer(&authority, OWN, Role::Supplier, "2021-01-01T00:00:00Z"),
        signer(&stranger, OWN, Role::Supplier, LONG),
        signer(&authority, OWN, Role::S1sp, LONG),
        signer(&authority, OWN, Role::Supplier, LONG),
    ];
    let list = |issuer: &Issuer| {
        let Validity { not_before: this_update, not_after: next_update } = validity(LONG);
        issuer
            .revocation_list(&RevocationListRequest { number: 1, this_update, next_update, revoked: &[] })
            .expect("a list")
    };
    // The last one is in no directory.
    let known: String = signers[..5].iter().map(|signer| signer.certificate().to_pem()).collect();
    let trust = Trust::builder()
        .roots_pem(root.certificate().to_pem().as_bytes())
        .and_then(|builder| builder.authorities_pem(authority.certificate().to_pem().as_bytes()))
        .and_then(|builder| builder.certificates_pem(known.as_bytes()))
        .and_then(|builder| builder.crl(&list(&root)))
        .and_then(|builder| builder.crl(&list(&authority)))
        .expect("trust")
        .build();
    let authorities = [&authority, &stranger].map(|issuer| issuer.certificate().der().to_vec());
    Keys { signers, authorities, trust }
}

fn change(certificates: Vec<(CertificateUse, Vec<u8>)>, path: Vec<Vec<u8>>) -> CredentialsChange {
    CredentialsChange {
        party: RemoteParty::Supplier,
        change_of_supplier: true,
        certificates,
        path,
        floor: Some(7),
        top_up_floor: Some(8),
        mpxn: None,
    }
}

#[test]
fn a_certificate_counts_where_it_is_the_senders_own_known_in_force_and_for_its_use() {
    let keys = keys();
    let der = |nth: usize| keys.signers[nth].certificate().der().to_vec();
    let sender = keys.signers[0].certificate().sender().clone();
    let found = |usage, der: Vec<u8>, path: &[usize]| {
        let path = path.iter().map(|nth| keys.authorities[*nth].clone()).collect();
        let presented = change(vec![(usage, der)], path).presented(&sender, &keys.trust, now());
        presented[0].found.clone().map_err(|(unfit, words)| {
            assert!(!words.is_empty());
            unfit
        })
    };
    let signing = CertificateUse::DigitalSigning;
    assert_eq!(found(signing, der(0), &[0]), Ok(OWN));
    assert_eq!(found(signing, der(0), &[1, 0]), Ok(OWN));
    assert_eq!(found(signing, der(0), &[]), Err(Unfit::NoTrustAnchor), "no path");
    assert_eq!(found(signing, der(0), &[1]), Err(Unfit::NoTrustAnchor), "another's path");
    assert_eq!(found(signing, der(1), &[0]), Err(Unfit::Invalid), "another party's");
    assert_eq!(found(signing, der(4), &[0]), Err(Unfit::Invalid), "another role's");
    assert_eq!(found(signing, der(2), &[0]), Err(Unfit::Invalid), "expired");
    assert_eq!(found(signing, der(3), &[1]), Err(Unfit::NoTrustAnchor), "of an authority that nobody knows");
    assert_eq!(found(signing, der(5), &[0]), Err(Unfit::NoTrustAnchor), "the DCC has it not on record");
    assert_eq!(found(CertificateUse::KeyAgreement, der(0), &[0]), Err(Unfit::KeyUsage));
    assert_eq!(found(CertificateUse::KeyAgreementTopUp, der(0), &[0]), Err(Unfit::KeyUsage));
    let mut torn = der(0);
    let last = torn.len() - 1;
    torn[last] ^= 1;
    assert_eq!(found(signing, torn, &[0]), Err(Unfit::NoTrustAnchor), "a signature that does not hold");
    assert_eq!(found(signing, b"nothing".to_vec(), &[0]), Err(Unfit::Bad));
}

#[test]
fn the_answer_says_what_was_replaced_or_why_not_and_its_schema_allows_it() {
    let keys = keys();
    let good = Presented { usage: CertificateUse::DigitalSigning, found: Ok(OWN) };
    let bad = Presented { usage: CertificateUse::KeyAgreement, found: Err((Unfit::KeyUsage, "words".to_owned())) };
    let told = |srv: &str, party, presented: &[Presented]| {
        let change = CredentialsChange { party, change_of_supplier: srv == "6.23", ..change(Vec::new(), Vec::new()) };
        let srv = find(srv).expect("a variant");
        let draft = change.answer(srv, 4711, presented, Some(ANOTHERS)).expect("it has an answer");
        let response = Smets1Response {
            originator: Eui64(1),
            target: OWN.0,
            counter: 4711,
            service: srv.number.parse().ok(),
            at: Some(now()),
            body: Smets1Response::data(draft),
        };
        let text =
            duis::smets1_response(&response, SchemaVersion::V5_1, &keys.signers[4]).expect("its schema allows it");
        Received::new("answer", text.as_bytes(), &Limits::MESSAGE).expect("text");
        text
    };
    let text = told("6.23", RemoteParty::Supplier, std::slice::from_ref(&good));
    let parts = [
        "MessageSuccess=\"true\"",
        ">4711</ra:AuthorisingRemotePartyOriginatorCounter>",
        ">SupplierByTransCoS<",
        "<ra:RemotePartyFloorSeqNumber>7<",
        "<ra:RemotePartyPrepaymentTopUpFloorSeqNumber>8<",
        "<ra:StatusCode ResponseCode=\"0\"><ra:ASN1Status>success<",
        "<ra:ExistingRemotePartyID>90-B3-D5-1F-30-01-00-01<",
        "<ra:NewRemotePartyID>90-B3-D5-1F-30-01-00-00<",
    ];
    for part in parts {
        assert!(text.contains(part), "{part} in {text}");
    }
    let text = told("6.15.1", RemoteParty::NetworkOperator, &[good, bad]);
    for part in ["MessageSuccess=\"false\"", "NetworkOperatorByNetworkOperator", "invalidKeyUsage", ">KeyAgreement<"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains("SeqNumberChange"), "nothing was replaced: {text}");
}
