//! Keys, a document of about 3 KB, and the tools that judge it.

use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use tern_model::{Eui64, PartyId, Role};
use tern_wire::smki::issuing::{
    AuthorityRequest, Issued, Issuer, OrganisationRequest, Revocation, RevocationListRequest, Serial, Validity,
};
use tern_wire::smki::{Certificate, Decrypter, Signer, Trust, Usage};
use tern_wire::xml::{self, Limits, Sha256Sink, Writer};
use tern_wire::{VerifiedDocument, WireFault, dsig};

pub const NAME: &str = "MCF.xml";
pub const PARTY: PartyId = PartyId(Eui64(0x90B3_D51F_300A_0001));
pub const DS: &str = "http://www.w3.org/2000/09/xmldsig#";

pub fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A moment in the middle of every validity.
pub fn now() -> Timestamp {
    moment("2021-03-02T12:00:00Z")
}

/// One organisation's certificate, key and signer.
pub struct Party {
    pub certificate: Arc<Certificate>,
    pub key_pem: Vec<u8>,
}

impl Party {
    pub fn signer(&self) -> Signer {
        Signer::from_pem(self.certificate.clone(), &self.key_pem).unwrap()
    }

    pub fn decrypter(&self) -> Decrypter {
        Decrypter::from_pem(self.certificate.clone(), &self.key_pem).unwrap()
    }
}

/// A key infrastructure with parties good and bad.
pub struct Keys {
    pub root_pem: String,
    pub authority_pem: String,
    pub party: Party,
    pub revoked: Party,
    pub expired: Party,
    /// Issued by the same authority, in no directory.
    pub stranger: Party,
    pub s1sp: Party,
    pub dco: Party,
    pub trust: Trust,
}

/// Made once: RSA keys take a while.
pub static KEYS: LazyLock<Keys> = LazyLock::new(keys);

fn validity(from: &str, until: &str) -> Validity {
    Validity { not_before: moment(from), not_after: moment(until) }
}

fn serial(number: u8) -> Serial {
    Serial::from_random([number; 16])
}

fn list(issuer: &Issuer, revoked: &[Revocation]) -> Vec<u8> {
    let (this_update, next_update) = (moment("2020-01-01T00:00:00Z"), moment("2035-01-01T00:00:00Z"));
    issuer.revocation_list(&RevocationListRequest { number: 1, this_update, next_update, revoked }).unwrap()
}

fn keys() -> Keys {
    let long = validity("2020-01-01T00:00:00Z", "2040-01-01T00:00:00Z");
    let request = |common_name, number| AuthorityRequest { common_name, validity: long, serial: serial(number) };
    let (root, _) = Issuer::root(&request("Test root", 0x7A)).unwrap();
    let (authority, _) = root.issuing_authority(&request("Z1", 0x7B)).unwrap();
    let issue = |role, usage, number, validity| {
        let request = OrganisationRequest {
            common_name: "RP-ALPHA",
            party: PARTY,
            role,
            usage,
            validity,
            serial: serial(number),
        };
        let Issued { certificate, key_pem } = authority.issue(&request).unwrap();
        Party { certificate: Arc::new(certificate), key_pem: key_pem.expose().to_vec() }
    };
    let sender = Role::RequestingParty;
    let party = issue(sender, Usage::Sign, 0x71, long);
    let revoked = issue(sender, Usage::Sign, 0x72, long);
    let expired = issue(sender, Usage::Sign, 0x73, validity("2020-01-01T00:00:00Z", "2021-01-01T00:00:00Z"));
    let stranger = issue(sender, Usage::Sign, 0x74, long);
    let (s1sp, dco) = (issue(Role::S1sp, Usage::Encrypt, 0x75, long), issue(Role::Dco, Usage::Encrypt, 0x76, long));
    let revocation = Revocation { serial: revoked.certificate.serial(), at: now() };
    let (root_pem, authority_pem) = (root.certificate().to_pem(), authority.certificate().to_pem());
    let known = [&party, &revoked, &expired, &s1sp, &dco].map(|p| p.certificate.to_pem()).concat();
    let trust = Trust::builder()
        .roots_pem(root_pem.as_bytes())
        .and_then(|b| b.authorities_pem(authority_pem.as_bytes()))
        .and_then(|b| b.certificates_pem(known.as_bytes()))
        .and_then(|b| b.crl(&list(&root, &[])))
        .and_then(|b| b.crl(&list(&authority, &[revocation])))
        .unwrap()
        .build();
    Keys { root_pem, authority_pem, party, revoked, expired, stranger, s1sp, dco, trust }
}

/// A document of about 3 KB when signed, with an attribute, an escaped and a non-ASCII character.
pub fn document() -> String {
    let mut writer = Writer::new();
    writer.open_with("MigrationCommonFile", &[("xmlns", "urn:tern:test"), ("xmlns:unused", "urn:tern:unused")]);
    writer.open("MigrationHeader");
    writer.leaf("RequestingPartyID", "90-B3-D5-1F-30-0A-00-01");
    writer.leaf("GroupID", "EA");
    writer.close();
    for number in 10..13 {
        writer.open_with("Installation", &[("note", "a \"quoted\"\tnote")]);
        writer.leaf("CHFIdentifier", &format!("00-DB-12-34-56-78-90-{number}"));
        writer.leaf("CommunicationsProvider", "Müller & Söhne <comms>");
        for device in ["ESME", "GSME"] {
            writer.open(device);
            writer.leaf("DeviceID", "00-DB-12-34-56-78-91-00");
            writer.leaf("MPxN", "2000012345678");
            writer.leaf("SerialNumber", "150306063915418116146042817116181118497");
            writer.leaf("IssuerName", "CN=Z1,OU=07");
            writer.close();
        }
        writer.close();
    }
    writer.finish()
}

pub fn signed() -> String {
    dsig::sign(&document(), &KEYS.party.signer()).unwrap()
}

pub fn verify(document: &[u8]) -> Result<VerifiedDocument, WireFault> {
    dsig::verify(NAME, document, &KEYS.trust, now(), &Limits::DEFAULT)
}

/// Gives a document's signature, of whatever form, the digest and value that fit it, so that nothing but its form can be
/// wrong. The first DigestValue and SignatureValue are filled.
pub fn resigned(template: &str, signer: &Signer) -> String {
    use base64::Engine;
    let encode = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
    let tree = xml::parse(NAME, template).unwrap();
    let signature = tree.descendants().find(|n| n.has_tag_name((DS, "Signature"))).unwrap();
    let digest = xml::canonical_document(&tree, Some(signature.id()), Sha256Sink::new()).finish();
    let with_digest = with_text(template, "DigestValue", &encode(&digest));
    let tree = xml::parse(NAME, &with_digest).unwrap();
    let signed_info = tree.descendants().find(|n| n.has_tag_name((DS, "SignedInfo"))).unwrap();
    let value = signer.sign(xml::exclusive_text(signed_info).as_bytes()).unwrap();
    with_text(&with_digest, "SignatureValue", &encode(&value))
}

/// The document with another text in its first element of that name of XML Signature.
pub fn with_text(document: &str, name: &str, text: &str) -> String {
    let tree = xml::parse(NAME, document).unwrap();
    let element = tree.descendants().find(|n| n.has_tag_name((DS, name))).unwrap();
    let inner = element.first_child().unwrap().range();
    [&document[..inner.start], text, &document[inner.end..]].concat()
}

/// The part of a document from `<name` to its end tag.
pub fn part<'a>(document: &'a str, name: &str) -> &'a str {
    let start = [">", " "].iter().find_map(|end| document.find(&format!("<{name}{end}"))).unwrap();
    let end_tag = format!("</{name}>");
    let end = start + document[start..].find(&end_tag).unwrap() + end_tag.len();
    &document[start..end]
}

/// A folder with the keys as files: root.pem, authority.pem, party.pem, party.key, s1sp.pem, s1sp.key.
pub fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &[u8]| std::fs::write(dir.path().join(name), content).unwrap();
    write("root.pem", KEYS.root_pem.as_bytes());
    write("authority.pem", KEYS.authority_pem.as_bytes());
    write("party.pem", KEYS.party.certificate.to_pem().as_bytes());
    write("party.key", &KEYS.party.key_pem);
    write("s1sp.pem", KEYS.s1sp.certificate.to_pem().as_bytes());
    write("s1sp.key", &KEYS.s1sp.key_pem);
    dir
}
