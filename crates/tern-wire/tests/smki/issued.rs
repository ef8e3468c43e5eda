//! What is issued reads back as what was asked for, and its keys do what they are for.

use std::sync::Arc;

use tern_model::{CertificateId, DeviceId, Eui64, Role};
use tern_wire::smki::issuing::{Issuer, Serial};
use tern_wire::smki::{AuthorityCertificate, Certificate, Decrypter, DeviceCertificate, KeyProblem, Signer, Usage};

use crate::support::{NOW, PARTY, Pki, at, authority, serial, years};

#[test]
fn an_organisation_certificate_carries_what_was_asked_for() {
    let pki = Pki::new();
    let issued = pki.organisation(Role::Dsp, Usage::Sign, 3);
    let certificate = Certificate::from_pem(issued.certificate.to_pem().as_bytes()).unwrap();
    assert_eq!(certificate.role(), Role::Dsp);
    assert_eq!(certificate.party(), PARTY);
    assert_eq!(certificate.common_name(), "Party, the first");
    assert_eq!(certificate.issuer(), "CN=T1,OU=07");
    assert_eq!(certificate.serial(), serial(3).value());
    assert_eq!(certificate.not_before(), at("2021-01-01T00:00:00Z"));
    assert_eq!(certificate.not_after(), at("2031-01-01T00:00:00Z"));
    assert_eq!(certificate.id(), &CertificateId::from_parts(serial(3).value(), "CN=T1,OU=07"));
    assert_eq!(certificate.sender().certificate, *certificate.id());
    assert!(certificate.is_for(Usage::Sign) && !certificate.is_for(Usage::Encrypt));
}

#[test]
fn a_serial_number_has_at_most_127_bits_and_is_never_zero() {
    assert_eq!(Serial::from_random([0xFF; 16]).value(), u128::MAX >> 1);
    assert_eq!(Serial::from_random([0; 16]).value(), 1);
    let pki = Pki::new();
    let issued = pki.organisation(Role::Dsp, Usage::Sign, 0xFF);
    assert_eq!(issued.certificate.serial(), u128::MAX >> 1);
}

#[test]
fn validity_may_reach_beyond_2049() {
    let pki = Pki::new();
    let issued = pki.organisation_in(Role::Dsp, Usage::Sign, 3, years(2049, 2051));
    assert_eq!(issued.certificate.not_after(), at("2051-01-01T00:00:00Z"));
}

#[test]
fn a_signing_key_signs_what_its_certificate_verifies() {
    let pki = Pki::new();
    let issued = pki.organisation(Role::S1sp, Usage::Sign, 3);
    let certificate = Arc::new(issued.certificate);
    let signer = Signer::from_pem(certificate.clone(), issued.key_pem.expose()).unwrap();
    let signature = signer.sign(b"message").unwrap();
    assert!(certificate.public_key().verify(b"message", &signature));
    assert!(!certificate.public_key().verify(b"massage", &signature));
    assert!(!certificate.public_key().verify(b"message", &signature[..63]));
    assert!(certificate.public_key().encrypt_oaep_sha1(b"key").is_none());
}

#[test]
fn a_decryption_key_opens_what_was_encrypted_to_its_certificate_alone() {
    let pki = Pki::new();
    let (mine, other) =
        (pki.organisation(Role::S1sp, Usage::Encrypt, 3), pki.organisation(Role::Dco, Usage::Encrypt, 4));
    let (mine, mine_key) = (Arc::new(mine.certificate), mine.key_pem);
    let decrypter = Decrypter::from_pem(mine.clone(), mine_key.expose()).unwrap();
    let ciphertext = mine.public_key().encrypt_oaep_sha1(&[7; 32]).unwrap();
    assert_eq!(decrypter.decrypt_oaep_sha1(&ciphertext).unwrap().expose(), [7; 32]);
    let foreign = other.certificate.public_key().encrypt_oaep_sha1(&[7; 32]).unwrap();
    assert!(decrypter.decrypt_oaep_sha1(&foreign).is_err());
    assert!(decrypter.decrypt_oaep_sha1(&ciphertext[1..]).is_err());
    assert!(!mine.public_key().verify(b"message", &[0; 64]));
}

#[test]
fn a_key_goes_with_its_own_certificate_and_usage_alone() {
    let pki = Pki::new();
    let (sign, other) = (pki.organisation(Role::Dsp, Usage::Sign, 3), pki.organisation(Role::Dsp, Usage::Sign, 4));
    let encrypt = pki.organisation(Role::Dco, Usage::Encrypt, 5);
    let (sign_certificate, encrypt_certificate) = (Arc::new(sign.certificate), Arc::new(encrypt.certificate));
    let problem = |key: &[u8]| Signer::from_pem(sign_certificate.clone(), key).unwrap_err();
    assert_eq!(problem(other.key_pem.expose()), KeyProblem::Mismatch);
    assert_eq!(problem(encrypt.key_pem.expose()), KeyProblem::Unreadable { usage: Usage::Sign });
    assert_eq!(problem(b""), KeyProblem::Unreadable { usage: Usage::Sign });
    let wrong = Signer::from_pem(encrypt_certificate.clone(), encrypt.key_pem.expose()).unwrap_err();
    assert_eq!(wrong, KeyProblem::WrongUsage { usage: Usage::Sign });
    let wrong = Decrypter::from_pem(sign_certificate, sign.key_pem.expose()).unwrap_err();
    assert_eq!(wrong, KeyProblem::WrongUsage { usage: Usage::Encrypt });
    let wrong = Decrypter::from_pem(encrypt_certificate, sign.key_pem.expose()).unwrap_err();
    assert_eq!(wrong, KeyProblem::Unreadable { usage: Usage::Encrypt });
}

#[test]
fn an_authority_is_taken_up_again_from_its_files() {
    let (root, key_pem) = Issuer::root(&authority("Root", years(2020, 2040), 1)).unwrap();
    let certificate = AuthorityCertificate::from_pem(root.certificate().to_pem().as_bytes()).unwrap();
    let again = Issuer::from_pem(certificate, key_pem.expose()).unwrap();
    assert_eq!(again.certificate().issuer(), "CN=Root,OU=07");
    let (other, _) = Issuer::root(&authority("Root", years(2020, 2040), 1)).unwrap();
    let certificate = AuthorityCertificate::from_pem(other.certificate().to_pem().as_bytes()).unwrap();
    assert_eq!(Issuer::from_pem(certificate, key_pem.expose()).unwrap_err(), KeyProblem::Mismatch);
}

#[test]
fn no_holder_can_stand_in_for_another() {
    let pki = Pki::new();
    let organisation = pki.organisation(Role::Dsp, Usage::Sign, 3).certificate;
    let device = pki.device(0x00DB_1234_5678_90A2, 4).certificate;
    assert_eq!(device.device(), DeviceId(Eui64(0x00DB_1234_5678_90A2)));
    let authority = pki.issuing.certificate();
    assert!(Certificate::from_der(device.der()).is_err());
    assert!(Certificate::from_der(authority.der()).is_err());
    assert!(DeviceCertificate::from_der(organisation.der()).is_err());
    assert!(DeviceCertificate::from_der(authority.der()).is_err());
    assert!(AuthorityCertificate::from_der(organisation.der()).is_err());
    assert!(AuthorityCertificate::from_der(device.der()).is_err());
}

#[test]
fn bytes_that_are_no_certificate_are_refused() {
    let pki = Pki::new();
    let der = pki.organisation(Role::Dsp, Usage::Sign, 3).certificate.der().to_vec();
    for cut in 0..der.len() {
        assert!(Certificate::from_der(&der[..cut]).is_err(), "cut at {cut}");
    }
    let longer = [der.as_slice(), &[0]].concat();
    assert!(Certificate::from_der(&longer).is_err());
    assert!(Certificate::from_pem(b"").is_err());
    assert!(Certificate::from_der(&vec![0x30; 1 << 20]).is_err());
}

#[test]
fn every_altered_bit_leaves_a_certificate_unread_or_untrusted() {
    let pki = Pki::new();
    let der = pki.organisation(Role::Dsp, Usage::Sign, 3).certificate.der().to_vec();
    for position in 0..der.len() {
        let mut altered = der.clone();
        altered[position] ^= 1;
        let Ok(certificate) = Certificate::from_der(&altered) else { continue };
        let id = certificate.id().clone();
        let trust = pki.trust(&[&certificate], &[]);
        assert!(trust.check(&id, at(NOW), Usage::Sign).is_err(), "byte {position}");
    }
}

#[test]
fn what_cannot_be_issued_is_refused() {
    let pki = Pki::new();
    assert!(Issuer::root(&authority("", years(2020, 2040), 1)).is_err());
    assert!(Issuer::root(&authority(&"x".repeat(65), years(2020, 2040), 1)).is_err());
    assert!(Issuer::root(&authority("a\nb", years(2020, 2040), 1)).is_err());
    assert!(pki.root.issuing_authority(&authority("T2", years(2040, 2020), 1)).is_err());
    assert!(pki.root.issuing_authority(&authority("T2", years(1960, 2020), 1)).is_err());
}
