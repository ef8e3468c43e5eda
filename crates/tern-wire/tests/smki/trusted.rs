//! Each way in which a certificate is not to be used is told apart from the others.

use tern_model::{CertificateId, ChfIdentifier, Eui64, Place, Role};
use tern_wire::FaultKind;
use tern_wire::smki::issuing::{Issuer, Revocation, RevocationListRequest, revocation_list_pem};
use tern_wire::smki::{Certificate, CertificateProblem, Trust, Usage};

use crate::support::{NOW, PARTY, Pki, at, authority, serial, years};

/// The name of the problem that a check ends with, or `usable`.
fn verdict(trust: &Trust, id: &CertificateId, moment: &str, usage: Usage) -> &'static str {
    match trust.check(id, at(moment), usage) {
        Ok(certificate) => {
            assert_eq!(certificate.id(), id);
            "usable"
        }
        Err(problem) => {
            let fault = problem.clone().into_fault(Place::document("file"));
            assert_eq!(fault.kind, FaultKind::Certificate);
            assert!([fault.message, fault.found, fault.expected, fault.suggestion].iter().all(|t| !t.is_empty()));
            match problem {
                CertificateProblem::Malformed { .. } => "malformed",
                CertificateProblem::Unknown { .. } => "unknown",
                CertificateProblem::NotYetValid { .. } => "not yet valid",
                CertificateProblem::Expired { .. } => "expired",
                CertificateProblem::Revoked { .. } => "revoked",
                CertificateProblem::RevocationUnknown { .. } => "revocation unknown",
                CertificateProblem::WrongUsage { .. } => "wrong usage",
                CertificateProblem::UntrustedPath { .. } => "untrusted path",
                CertificateProblem::WrongDevice { .. } => "wrong device",
            }
        }
    }
}

#[test]
fn a_certificate_is_usable_inside_its_validity_alone_and_in_any_order_of_asking() {
    let pki = Pki::new();
    let certificate = pki.organisation(Role::Dsp, Usage::Sign, 3).certificate;
    let trust = pki.trust(&[&certificate], &[]);
    let check = |moment, expect| assert_eq!(verdict(&trust, certificate.id(), moment, Usage::Sign), expect, "{moment}");
    for _ in 0..2 {
        check("2020-12-31T23:59:59Z", "not yet valid");
        check("2021-01-01T00:00:00Z", "usable");
        check(NOW, "usable");
        check("2031-01-01T00:00:01Z", "expired");
    }
}

#[test]
fn the_last_second_of_validity_counts_whole() {
    let pki = Pki::new();
    let certificate = pki.organisation_in(Role::Dsp, Usage::Sign, 3, years(2021, 2025)).certificate;
    let trust = pki.trust(&[&certificate], &[]);
    for _ in 0..2 {
        assert_eq!(verdict(&trust, certificate.id(), "2025-01-01T00:00:00.999Z", Usage::Sign), "usable");
        assert_eq!(verdict(&trust, certificate.id(), "2025-01-01T00:00:01Z", Usage::Sign), "expired");
    }
}

#[test]
fn a_revoked_certificate_is_refused_and_its_neighbour_is_not() {
    let pki = Pki::new();
    let revoked = pki.organisation(Role::Dsp, Usage::Sign, 3).certificate;
    let other = pki.organisation(Role::Dsp, Usage::Sign, 4).certificate;
    let trust = pki.trust(&[&revoked, &other], &[revoked.serial()]);
    assert_eq!(verdict(&trust, revoked.id(), NOW, Usage::Sign), "revoked");
    assert_eq!(verdict(&trust, other.id(), NOW, Usage::Sign), "usable");
}

#[test]
fn a_revoked_issuing_authority_takes_its_certificates_along() {
    let pki = Pki::new();
    let certificate = pki.organisation(Role::Dsp, Usage::Sign, 3).certificate;
    let trust = pki
        .authorities()
        .crl(&Pki::list(&pki.issuing, 1, &[]))
        .and_then(|b| b.crl(&Pki::list(&pki.root, 1, &[pki.issuing.certificate().serial()])))
        .and_then(|b| b.certificates_pem(certificate.to_pem().as_bytes()))
        .unwrap()
        .build();
    assert_eq!(verdict(&trust, certificate.id(), NOW, Usage::Sign), "revoked");
}

#[test]
fn without_a_current_and_genuine_revocation_list_nothing_is_usable() {
    let pki = Pki::new();
    let certificate = pki.organisation(Role::Dsp, Usage::Sign, 3).certificate;
    let trust_with = |lists: &[&[u8]]| {
        let mut builder = pki.authorities().certificates_pem(certificate.to_pem().as_bytes()).unwrap();
        for list in lists {
            builder = builder.crl(list).unwrap();
        }
        builder.build()
    };
    let (root, issuing) = (Pki::list(&pki.root, 1, &[]), Pki::list(&pki.issuing, 1, &[]));
    let check = |lists: &[&[u8]], moment, expect| {
        assert_eq!(verdict(&trust_with(lists), certificate.id(), moment, Usage::Sign), expect);
    };
    check(&[&root, &issuing], NOW, "usable");
    check(&[], NOW, "revocation unknown");
    check(&[&root], NOW, "revocation unknown");
    check(&[&issuing], NOW, "revocation unknown");
    check(&[&root, &issuing], "2029-12-31T23:59:59Z", "usable");
    check(&[&root, &issuing], "2030-01-01T00:00:00Z", "revocation unknown");
    let stranger = Pki::new();
    check(&[&root, &Pki::list(&stranger.issuing, 1, &[])], NOW, "revocation unknown");
}

#[test]
fn a_remembered_path_ends_with_its_revocation_list() {
    let pki = Pki::new();
    let certificate = pki.organisation(Role::Dsp, Usage::Sign, 3).certificate;
    let trust = pki.trust(&[&certificate], &[]);
    assert_eq!(verdict(&trust, certificate.id(), NOW, Usage::Sign), "usable");
    assert_eq!(verdict(&trust, certificate.id(), "2030-01-01T00:00:00Z", Usage::Sign), "revocation unknown");
    assert_eq!(verdict(&trust, certificate.id(), NOW, Usage::Sign), "usable");
}

#[test]
fn the_later_of_two_lists_counts_in_either_order() {
    let pki = Pki::new();
    let certificate = pki.organisation(Role::Dsp, Usage::Sign, 3).certificate;
    let root = Pki::list(&pki.root, 1, &[]);
    let old = Pki::list(&pki.issuing, 1, &[]);
    let new = {
        let request = RevocationListRequest {
            number: 2,
            this_update: at("2021-02-02T00:00:00Z"),
            next_update: at("2030-01-01T00:00:00Z"),
            revoked: &[Revocation { serial: serial(3).value(), at: at(NOW) }],
        };
        pki.issuing.revocation_list(&request).unwrap()
    };
    for lists in [[&old, &new], [&new, &old]] {
        let pem: String = lists.map(|list| revocation_list_pem(list)).concat();
        let trust = pki
            .authorities()
            .crl(&root)
            .and_then(|b| b.crls_pem(pem.as_bytes()))
            .and_then(|b| b.certificates_pem(certificate.to_pem().as_bytes()))
            .unwrap()
            .build();
        assert_eq!(verdict(&trust, certificate.id(), NOW, Usage::Sign), "revoked");
    }
}

#[test]
fn a_certificate_is_found_by_issuer_and_serial_and_not_otherwise() {
    let pki = Pki::new();
    let certificate = pki.organisation(Role::Dsp, Usage::Sign, 3).certificate;
    let trust = pki.trust(&[&certificate], &[]);
    let number = certificate.serial();
    for issuer in ["CN=T1,OU=07", "CN=T1, OU=07"] {
        assert!(trust.find(issuer, number).is_some());
        assert!(trust.check(&CertificateId::from_parts(number, issuer), at(NOW), Usage::Sign).is_ok());
    }
    for (serial, issuer) in [(number + 1, "CN=T1,OU=07"), (number, "CN=T2,OU=07"), (number, ""), (0, "NULL")] {
        let id = CertificateId::from_parts(serial, issuer);
        assert_eq!(verdict(&trust, &id, NOW, Usage::Sign), "unknown");
    }
}

#[test]
fn a_certificate_is_for_its_own_usage_alone() {
    let pki = Pki::new();
    let sign = pki.organisation(Role::S1sp, Usage::Sign, 3).certificate;
    let encrypt = pki.organisation(Role::S1sp, Usage::Encrypt, 4).certificate;
    let trust = pki.trust(&[&sign, &encrypt], &[]);
    assert_eq!(verdict(&trust, sign.id(), NOW, Usage::Sign), "usable");
    assert_eq!(verdict(&trust, sign.id(), NOW, Usage::Encrypt), "wrong usage");
    assert_eq!(verdict(&trust, encrypt.id(), NOW, Usage::Encrypt), "usable");
    assert_eq!(verdict(&trust, encrypt.id(), NOW, Usage::Sign), "wrong usage");
    let usable = trust.usable(Role::S1sp, Some(PARTY), Usage::Encrypt, at(NOW));
    assert_eq!(usable.iter().map(|c| c.id()).collect::<Vec<_>>(), [encrypt.id()]);
    assert!(trust.usable(Role::Dco, None, Usage::Encrypt, at(NOW)).is_empty());
    assert!(trust.usable(Role::S1sp, None, Usage::Encrypt, at("2050-01-01T00:00:00Z")).is_empty());
}

#[test]
fn a_certificate_of_another_infrastructure_is_untrusted_even_under_the_same_names() {
    let (pki, stranger) = (Pki::new(), Pki::new());
    let certificate = stranger.organisation(Role::Dsp, Usage::Sign, 3).certificate;
    let trust = pki.trust(&[&certificate], &[]);
    assert_eq!(verdict(&trust, certificate.id(), NOW, Usage::Sign), "untrusted path");
    let nobody = Trust::builder()
        .crl(&Pki::list(&stranger.issuing, 1, &[]))
        .and_then(|b| b.certificates_pem(certificate.to_pem().as_bytes()))
        .unwrap()
        .build();
    assert_eq!(verdict(&nobody, certificate.id(), NOW, Usage::Sign), "untrusted path");
}

#[test]
fn an_authority_out_of_force_breaks_the_path() {
    let (root, _) = Issuer::root(&authority("Root", years(2020, 2022), 1)).unwrap();
    let (issuing, _) = root.issuing_authority(&authority("T1", years(2020, 2024), 2)).unwrap();
    let pki = Pki { root, issuing };
    let certificate = pki.organisation(Role::Dsp, Usage::Sign, 3).certificate;
    let trust = pki.trust(&[&certificate], &[]);
    for _ in 0..2 {
        assert_eq!(verdict(&trust, certificate.id(), "2021-06-01T00:00:00Z", Usage::Sign), "usable");
        assert_eq!(verdict(&trust, certificate.id(), "2023-06-01T00:00:00Z", Usage::Sign), "untrusted path");
        assert_eq!(verdict(&trust, certificate.id(), "2025-06-01T00:00:00Z", Usage::Sign), "untrusted path");
    }
}

#[test]
fn the_root_may_issue_itself_and_a_second_authority_below_the_first_may_not() {
    let pki = Pki::new();
    let (second, _) = pki.issuing.issuing_authority(&authority("T2", years(2020, 2035), 5)).unwrap();
    let by_root = Pki::issue(&pki.root, Role::Dsp, Usage::Sign, 6, years(2021, 2031)).certificate;
    let by_second = Pki::issue(&second, Role::Dsp, Usage::Sign, 7, years(2021, 2031)).certificate;
    let lists = [Pki::list(&pki.root, 1, &[]), Pki::list(&pki.issuing, 1, &[]), Pki::list(&second, 1, &[])];
    let trust = pki
        .authorities()
        .authorities_pem(second.certificate().to_pem().as_bytes())
        .and_then(|b| b.crls_pem(lists.map(|list| revocation_list_pem(&list)).concat().as_bytes()))
        .and_then(|b| b.certificates_pem((by_root.to_pem() + &by_second.to_pem()).as_bytes()))
        .unwrap()
        .build();
    assert_eq!(verdict(&trust, by_root.id(), NOW, Usage::Sign), "usable");
    assert_eq!(verdict(&trust, by_second.id(), NOW, Usage::Sign), "untrusted path");
}

#[test]
fn two_certificates_of_one_name_are_refused_and_one_twice_is_not() {
    let pki = Pki::new();
    let first = pki.organisation(Role::Dsp, Usage::Sign, 3).certificate;
    let second = pki.organisation(Role::Dsp, Usage::Sign, 3).certificate;
    let add = |pem: String| pki.authorities().certificates_pem(pem.as_bytes());
    assert_eq!(add(first.to_pem().repeat(2)).unwrap().build().certificates().count(), 1);
    assert!(add(first.to_pem() + &second.to_pem()).is_err());
}

#[test]
fn a_device_certificate_is_checked_for_path_validity_and_device() {
    let pki = Pki::new();
    let eui = 0x00DB_1234_5678_90A2;
    let device = pki.device(eui, 3).certificate;
    let stranger = Pki::new().device(eui, 4).certificate;
    let (chf, other) = (ChfIdentifier(Eui64(eui)), ChfIdentifier(Eui64(eui + 1)));
    let trust = pki.trust(&[], &[]);
    assert!(trust.check_device(device.der(), chf, at(NOW)).is_ok());
    let problem = |der: &[u8], chf, moment| trust.check_device(der, chf, at(moment)).unwrap_err();
    assert!(matches!(problem(device.der(), other, NOW), CertificateProblem::WrongDevice { .. }));
    assert!(matches!(problem(device.der(), chf, "2032-01-01T00:00:00Z"), CertificateProblem::Expired { .. }));
    assert!(matches!(problem(device.der(), chf, "2020-01-01T00:00:00Z"), CertificateProblem::NotYetValid { .. }));
    assert!(matches!(problem(stranger.der(), chf, NOW), CertificateProblem::UntrustedPath { .. }));
    assert!(matches!(problem(&device.der()[1..], chf, NOW), CertificateProblem::Malformed { .. }));
    let revoking = pki.trust(&[], &[device.serial()]);
    let problem = revoking.check_device(device.der(), chf, at(NOW)).unwrap_err();
    assert!(matches!(problem, CertificateProblem::Revoked { .. }));
}

#[test]
fn behind_an_authority_that_is_known_to_hold_each_certificate_is_judged_for_itself() {
    let pki = Pki::new();
    let of = |number| pki.organisation_in(Role::Dsp, Usage::Sign, number, years(2021, 2034)).certificate;
    let (first, second, revoked) = (of(3), of(4), of(5));
    let forged = Pki::issue(&Pki::new().issuing, Role::Dsp, Usage::Sign, 6, years(2021, 2034)).certificate;
    let trust = pki.trust(&[&first, &second, &revoked, &forged], &[revoked.serial()]);
    for _ in 0..2 {
        let check = |c: &Certificate, moment, expect| {
            assert_eq!(verdict(&trust, c.id(), moment, Usage::Sign), expect, "{} {moment}", c.id());
        };
        check(&first, NOW, "usable");
        check(&revoked, NOW, "revoked");
        check(&forged, NOW, "untrusted path");
        // Past the lists' next update nothing is known any more, whatever was known before.
        check(&second, "2030-01-01T00:00:00Z", "revocation unknown");
        check(&second, "2029-12-31T23:59:59Z", "usable");
        check(&first, "2030-01-01T00:00:00Z", "revocation unknown");
    }
}

#[test]
fn one_trust_serves_many_threads() {
    let pki = Pki::new();
    let certificate = pki.organisation(Role::Dsp, Usage::Sign, 3).certificate;
    let trust = pki.trust(&[&certificate], &[]);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..50 {
                    assert_eq!(verdict(&trust, certificate.id(), NOW, Usage::Sign), "usable");
                }
            });
        }
    });
}
