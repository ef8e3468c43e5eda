//! Signatures that are missing, doubled, moved, of another form, or of somebody who may not sign; content that was
//! wrapped or altered.

use crate::bench::{Bench, Case, Change, check_all};
use crate::edit::{file, part, raw, reformed, reformed_with, signed, signed_by, swap, text, unsigned};

const DATA: &str = "MCF MigrationCommonFile/Signature/KeyInfo/X509Data/X509IssuerSerial";

/// A case of P-signature-profile in the Common File.
const fn profile(name: &'static str, change: Change, expect: &'static [(&'static str, &'static str)]) -> Case {
    Case { name, change, expect, says: "" }
}

macro_rules! at {
    ($path:literal) => {
        &[("P-signature-profile", concat!("MCF MigrationCommonFile", $path))]
    };
}

#[test]
fn no_signature_two_or_one_elsewhere() {
    check_all(
        &Bench::new(31),
        &[
            profile(
                "none",
                |_, f| {
                    let without = unsigned(&text(file(f, "MCF")));
                    file(f, "MCF").bytes = without.into_bytes();
                },
                at!(""),
            ),
            profile(
                "two",
                |_, f| {
                    let own = part(&text(file(f, "MCF")), "ds:Signature");
                    raw(f, "MCF", &own, &own.repeat(2));
                },
                at!("/Signature[2]"),
            ),
            profile(
                "two, of two signers",
                |b, f| {
                    let mut other = f.clone();
                    signed_by(b.signer("smso"), &mut other, "MCF", str::to_owned);
                    let theirs = part(&text(file(&mut other, "MCF")), "ds:Signature");
                    raw(f, "MCF", "</MigrationCommonFile>", &format!("{theirs}</MigrationCommonFile>"));
                },
                at!("/Signature[2]"),
            ),
            profile(
                "first and not last",
                |b, f| {
                    reformed_with(b, f, |text| {
                        let own = part(text, "ds:Signature");
                        swap(&unsigned(text), "<MigrationHeader>", &format!("{own}<MigrationHeader>"))
                    });
                },
                at!("/MigrationHeader"),
            ),
            profile(
                "inside an entry",
                |b, f| {
                    reformed_with(b, f, |text| {
                        let own = part(text, "ds:Signature");
                        swap(&unsigned(text), "</Installation>", &format!("{own}</Installation>"))
                    });
                },
                at!("/Installation[1]/Signature"),
            ),
        ],
    );
}

#[test]
fn content_that_was_wrapped_moved_or_altered() {
    const DIGEST: &[(&str, &str)] =
        &[("P-signature-value", "MCF MigrationCommonFile/Signature/SignedInfo/Reference/DigestValue")];
    check_all(
        &Bench::new(32),
        &[
            Case {
                name: "the whole file inside another root",
                change: |_, f| {
                    let whole = text(file(f, "MCF"));
                    file(f, "MCF").bytes = format!("<Outer>{whole}</Outer>").into_bytes();
                },
                expect: &[("P-signature-profile", "MCF Outer/MigrationCommonFile/Signature")],
                says: "elsewhere",
            },
            Case {
                name: "the signed content moved into an Object that the reference names",
                change: |_, f| {
                    let whole = text(file(f, "MCF"));
                    let object = format!("</ds:KeyInfo><ds:Object Id=\"o\">{}</ds:Object>", unsigned(&whole));
                    let whole = swap(&swap(&whole, "</ds:KeyInfo>", &object), "URI=\"\"", "URI=\"#o\"");
                    file(f, "MCF").bytes = whole.replacen("<GroupID>EA", "<GroupID>EB", 1).into_bytes();
                },
                expect: at!("/Signature/Object"),
                says: "Object",
            },
            Case {
                name: "an entry added beside the signed ones",
                change: |_, f| {
                    let entry = part(&text(file(f, "MCF")), "Installation");
                    raw(f, "MCF", &entry, &entry.repeat(2));
                },
                expect: DIGEST,
                says: "altered",
            },
            Case {
                name: "an entry hidden in the signature",
                change: |_, f| {
                    let entry = part(&text(file(f, "MCF")), "Installation");
                    raw(f, "MCF", "</ds:KeyInfo>", &format!("{entry}</ds:KeyInfo>"));
                },
                expect: at!("/Signature/KeyInfo/Installation"),
                says: "Installation",
            },
            Case {
                name: "one byte of content",
                change: |_, f| raw(f, "MCF", "<MeterState>Active", "<MeterState>Bctive"),
                expect: DIGEST,
                says: "altered",
            },
            Case {
                name: "opened and saved with indentation",
                change: |_, f| raw(f, "MCF", "<MigrationHeader>", "\n  <MigrationHeader>"),
                expect: DIGEST,
                says: "reformatted",
            },
            Case {
                name: "another file's signature",
                change: |_, f| {
                    let theirs = part(&text(file(f, "MGF")), "ds:Signature");
                    let own = part(&text(file(f, "MCF")), "ds:Signature");
                    raw(f, "MCF", &own, &theirs);
                },
                expect: DIGEST,
                says: "altered",
            },
            Case {
                name: "another file's signature value",
                change: |_, f| {
                    let theirs = part(&text(file(f, "MGF")), "ds:SignatureValue");
                    let own = part(&text(file(f, "MCF")), "ds:SignatureValue");
                    raw(f, "MCF", &own, &theirs);
                },
                expect: &[("P-signature-value", "MCF MigrationCommonFile/Signature/SignatureValue")],
                says: "another signature",
            },
        ],
    );
}

#[test]
fn other_algorithms_transforms_references_and_embedded_keys() {
    check_all(
        &Bench::new(33),
        &[
            profile(
                "canonical form of SignedInfo",
                |b, f| reformed(b, f, "2001/10/xml-exc-c14n#", "TR/2001/REC-xml-c14n-20010315"),
                at!("/Signature/SignedInfo/CanonicalizationMethod"),
            ),
            profile(
                "signature by HMAC",
                |b, f| reformed(b, f, "2001/04/xmldsig-more#ecdsa-sha256", "2000/09/xmldsig#hmac-sha1"),
                at!("/Signature/SignedInfo/SignatureMethod"),
            ),
            profile(
                "signature by RSA",
                |b, f| reformed(b, f, "#ecdsa-sha256", "#rsa-sha256"),
                at!("/Signature/SignedInfo/SignatureMethod"),
            ),
            profile(
                "digest by SHA-1",
                |b, f| reformed(b, f, "2001/04/xmlenc#sha256", "2000/09/xmldsig#sha1"),
                at!("/Signature/SignedInfo/Reference/DigestMethod"),
            ),
            profile(
                "transform by XSLT",
                |b, f| reformed(b, f, "2000/09/xmldsig#enveloped-signature", "TR/1999/REC-xslt-19991116"),
                at!("/Signature/SignedInfo/Reference/Transforms/Transform"),
            ),
            profile(
                "two transforms",
                |b, f| {
                    reformed_with(b, f, |text| {
                        let own = part(text, "ds:Transform");
                        swap(text, &own, &own.repeat(2))
                    });
                },
                at!("/Signature/SignedInfo/Reference/Transforms/Transform[2]"),
            ),
            profile(
                "no transform",
                |b, f| reformed_with(b, f, |text| swap(text, &part(text, "ds:Transforms"), "")),
                at!("/Signature/SignedInfo/Reference/DigestMethod"),
            ),
            profile(
                "two references",
                |b, f| {
                    reformed_with(b, f, |text| {
                        let own = part(text, "ds:Reference");
                        swap(text, &own, &own.repeat(2))
                    });
                },
                at!("/Signature/SignedInfo/Reference[2]"),
            ),
            profile(
                "a reference out of the file",
                |b, f| reformed(b, f, "URI=\"\"", "URI=\"http://example.org/\""),
                at!("/Signature/SignedInfo/Reference"),
            ),
            profile(
                "an embedded certificate",
                |b, f| {
                    let pem = b.signer("requesting-party").certificate().to_pem();
                    let der: String = pem.lines().filter(|l| !l.starts_with('-')).collect();
                    let embedded = format!("<ds:X509Data><ds:X509Certificate>{der}</ds:X509Certificate>");
                    reformed(b, f, "<ds:X509Data>", &embedded);
                },
                at!("/Signature/KeyInfo/X509Data/X509Certificate"),
            ),
            profile(
                "an embedded key",
                |b, f| reformed(b, f, "<ds:KeyInfo>", "<ds:KeyInfo><ds:KeyValue></ds:KeyValue>"),
                at!("/Signature/KeyInfo/KeyValue"),
            ),
        ],
    );
}

#[test]
fn signers_that_do_not_count() {
    check_all(
        &Bench::new(34),
        &[
            Case {
                name: "unknown",
                change: |b, f| signed_by(b.signer("unknown"), f, "MCF", str::to_owned),
                expect: &[("P-certificate", DATA)],
                says: "not known",
            },
            Case {
                name: "expired",
                change: |b, f| signed_by(b.signer("expired"), f, "MCF", str::to_owned),
                expect: &[("P-certificate", DATA)],
                says: "expired at 2021-03-01",
            },
            Case {
                name: "not yet valid",
                change: |b, f| signed_by(b.signer("not-yet-valid"), f, "MCF", str::to_owned),
                expect: &[("P-certificate", DATA)],
                says: "valid from 2021-03-03",
            },
            Case {
                name: "revoked",
                change: |b, f| signed_by(b.signer("revoked"), f, "MCF", str::to_owned),
                expect: &[("P-certificate", DATA)],
                says: "revoked",
            },
            Case {
                name: "of another infrastructure under the same issuer's name",
                change: |b, f| signed_by(b.signer("elsewhere"), f, "MCF", str::to_owned),
                expect: &[("P-certificate", DATA)],
                says: "no path to a trusted root",
            },
            Case {
                name: "a certificate for encryption",
                change: |b, f| {
                    let own = part(&text(file(f, "MCF")), "ds:X509SerialNumber");
                    let theirs = part(&text(file(f, "MGEF")), "ds:X509SerialNumber");
                    assert_ne!(own, theirs);
                    let _ = b;
                    raw(f, "MCF", &own, &theirs);
                },
                expect: &[("P-certificate", DATA)],
                says: "not for signing",
            },
            Case {
                name: "a supplier",
                change: |b, f| signed_by(b.signer("supplier-a"), f, "MGF", str::to_owned),
                expect: &[("P-sender", "MGF")],
                says: "supplier-a",
            },
            Case {
                name: "the SMSO, whose export it came from",
                change: |b, f| signed_by(b.signer("smso"), f, "MGEF", str::to_owned),
                expect: &[("P-sender", "MGEF")],
                says: "this role",
            },
            Case {
                name: "another Requesting Party than the header names",
                change: |b, f| signed_by(b.signer("other-party"), f, "MCF", str::to_owned),
                expect: &[("P-sender", "MCF MigrationCommonFile/MigrationHeader/RequestingPartyID")],
                says: "another party",
            },
            Case {
                name: "the header names another party than the signer",
                change: |b, f| {
                    signed(b, f, "MCF", |t| {
                        let own = part(t, "RequestingPartyID");
                        let theirs = crate::bench::OTHER_PARTY;
                        swap(t, &own, &format!("<RequestingPartyID>{theirs}</RequestingPartyID>"))
                    });
                },
                expect: &[
                    ("P-sender", "MCF MigrationCommonFile/MigrationHeader/RequestingPartyID"),
                    ("P-schema", "MCF"),
                ],
                says: "another party",
            },
        ],
    );
}
