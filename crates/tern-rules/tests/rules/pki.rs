//! A throw-away key infrastructure, made once: the only way to a verified file is to sign one.

use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use tern_model::{Eui64, PartyId, Role};
use tern_wire::migration::{FileKind, FileName, MigrationHeader, SignedFile, open};
use tern_wire::schema::SchemaVersion;
use tern_wire::smki::issuing::{
    AuthorityRequest, Issuer, OrganisationRequest, RevocationListRequest, Serial, Validity,
};
use tern_wire::smki::{Certificate, Signer, Trust, Usage};
use tern_wire::xml::Limits;
use tern_wire::{Verified, dsig, schema, xenc};

pub const REQUESTING_PARTY: PartyId = PartyId(Eui64(0x90B3_D51F_300A_0001));
const DSP: PartyId = PartyId(Eui64(0x90B3_D51F_300A_0002));

struct Pki {
    trust: Trust,
    requesting_party: Signer,
    dsp: Signer,
    /// An `xenc:EncryptedData` of nothing in particular: rules see what was opened, never what was encrypted.
    blob: String,
}

fn now() -> Timestamp {
    "2021-02-20T12:00:00Z".parse().unwrap()
}

fn pki() -> &'static Pki {
    static PKI: OnceLock<Pki> = OnceLock::new();
    PKI.get_or_init(|| {
        let validity = Validity {
            not_before: "2020-01-01T00:00:00Z".parse().unwrap(),
            not_after: "2030-01-01T00:00:00Z".parse().unwrap(),
        };
        let serial = |number| Serial::from_random([number; 16]);
        let authority = |common_name, number| AuthorityRequest { common_name, validity, serial: serial(number) };
        let (root, _) = Issuer::root(&authority("Root", 1)).unwrap();
        let (issuing, _) = root.issuing_authority(&authority("Z1", 2)).unwrap();
        let issue = |party, role, usage, number| {
            let common_name = "Party";
            let serial = serial(number);
            issuing.issue(&OrganisationRequest { common_name, party, role, usage, validity, serial }).unwrap()
        };
        let party = issue(REQUESTING_PARTY, Role::RequestingParty, Usage::Sign, 3);
        let dsp = issue(DSP, Role::Dsp, Usage::Sign, 4);
        let recipient = issue(DSP, Role::S1sp, Usage::Encrypt, 5);
        let trust = Trust::builder().roots_pem(root.certificate().to_pem().as_bytes()).unwrap();
        let trust = trust.authorities_pem(issuing.certificate().to_pem().as_bytes()).unwrap();
        let list = RevocationListRequest {
            number: 1,
            this_update: validity.not_before,
            next_update: validity.not_after,
            revoked: &[],
        };
        let trust = [&root, &issuing]
            .into_iter()
            .fold(trust, |trust, by| trust.crl(&by.revocation_list(&list).unwrap()).unwrap());
        let again = |certificate: &Certificate| Certificate::from_der(certificate.der()).unwrap();
        let trust = trust.certificate(again(&party.certificate)).unwrap();
        let trust = trust.certificate(again(&dsp.certificate)).unwrap();
        Pki {
            trust: trust.build(),
            requesting_party: Signer::from_pem(Arc::new(party.certificate), party.key_pem.expose()).unwrap(),
            dsp: Signer::from_pem(Arc::new(dsp.certificate), dsp.key_pem.expose()).unwrap(),
            blob: xenc::encrypt("<Nothing/>", &recipient.certificate).unwrap(),
        }
    })
}

pub fn blob() -> String {
    pki().blob.clone()
}

/// Signs a message as its sender does, and opens it again.
pub fn signed<T: SignedFile>(
    (version, message): (SchemaVersion, &T),
    kind: FileKind,
    header: &MigrationHeader,
) -> Verified<T> {
    let signer = if kind.sender() == Role::Dsp { &pki().dsp } else { &pki().requesting_party };
    let text = dsig::sign(&schema::write_in(version, message), signer).unwrap();
    let name = FileName::OfSet(kind, header.set_id()).to_string();
    open(&name, text.as_bytes(), &pki().trust, now(), &Limits::DEFAULT).unwrap()
}
