//! Blobs for another recipient, moved, altered, used again, or with a wrong plaintext; each stops its own installation.

use tern_model::{Place, Role};
use tern_service::pki;
use tern_testkit::{RawFile, Strike, Struck};
use tern_wire::smki::Usage;
use tern_wire::xenc;

use crate::bench::{Bench, Case, check_all};
use crate::edit::{file, part, parts, renumbered, signed, swap, text};
use crate::entries::{EntryCase, check_entries, refused_entries};
use crate::sets::regrouped;

const S1SP: &str = "EncryptedS1SPGroupInformation";
const DCO: &str = "EncryptedKey";

macro_rules! in_entry {
    ($entry:literal, $path:literal) => {
        concat!("MigrationGroupEncryptedFile/Installation[", $entry, "]/", $path)
    };
}

/// The holder of a blob in an entry, tags and all.
fn holder(files: &mut [RawFile], entry: usize, element: &str) -> String {
    part(&parts(&text(file(files, "MGEF")), "Installation")[entry], element)
}

/// Replaces the holder of a blob, and signs the file again.
fn put(bench: &Bench, files: &mut [RawFile], entry: usize, element: &str, holder_now: &str) {
    let own = holder(files, entry, element);
    signed(bench, files, "MGEF", |t| swap(t, &own, holder_now));
}

/// The plaintext of a blob.
fn plaintext(bench: &Bench, files: &mut [RawFile], entry: usize, element: &str) -> String {
    let blob = part(&holder(files, entry, element), "xenc:EncryptedData");
    let party = if element == S1SP { "s1sp" } else { "dco" };
    let key = pki::load_decrypter(&bench.lab.dir().join("pki"), party).expect("a key");
    let opened = xenc::decrypt(&blob, &Place::document("blob"), &key).expect("opens");
    String::from_utf8(opened.expose().to_vec()).expect("UTF-8")
}

/// Encrypts a plaintext to a role and puts it into an element.
fn seal(bench: &Bench, files: &mut [RawFile], element: &str, to: Role, plain: &str) {
    let trust = pki::load_trust(&bench.lab.dir().join("pki")).expect("trust");
    let certificate = trust.usable(to, None, Usage::Encrypt, bench.lab.now).first().expect("a certificate").clone();
    let blob = xenc::encrypt(plain, &certificate).expect("encrypts");
    put(bench, files, 0, element, &format!("<{element}>{blob}</{element}>"));
}

/// Changes the plaintext for the S1SP in the first entry.
fn s1sp_plain(bench: &Bench, files: &mut [RawFile], change: impl FnOnce(&str) -> String) {
    let plain = change(&plaintext(bench, files, 0, S1SP));
    seal(bench, files, S1SP, Role::S1sp, &plain);
}

/// Changes the plaintext for the DCO in the first entry.
fn dco_plain(bench: &Bench, files: &mut [RawFile], change: impl FnOnce(&str) -> String) {
    let plain = change(&plaintext(bench, files, 0, DCO));
    seal(bench, files, DCO, Role::Dco, &plain);
}

/// Two entries' elements changed with each other.
fn exchange(bench: &Bench, files: &mut [RawFile], element: &str) {
    let (first, second) = (holder(files, 0, element), holder(files, 1, element));
    signed(bench, files, "MGEF", |t| swap(&swap(&swap(t, &first, "<first/>"), &second, &first), "<first/>", &second));
}

#[test]
fn blobs_for_another_recipient_moved_or_altered() {
    check_entries(
        &mut Bench::new(51),
        &[
            EntryCase {
                name: "the S1SP's keys encrypted to the DCO",
                change: |b, f| {
                    let plain = plaintext(b, f, 0, S1SP);
                    seal(b, f, S1SP, Role::Dco, &plain);
                },
                expect: &[(
                    "S1SP",
                    0,
                    "P-decryption",
                    in_entry!(
                        1,
                        "EncryptedS1SPGroupInformation/EncryptedData/KeyInfo/EncryptedKey/KeyInfo/X509Data/X509IssuerSerial"
                    ),
                )],
                says: "another recipient",
            },
            EntryCase {
                name: "the S1SP's blob in the DCO's place and the other way round",
                change: |b, f| {
                    let (ours, theirs) = (holder(f, 0, S1SP), holder(f, 0, DCO));
                    let (own, other) = (part(&ours, "xenc:EncryptedData"), part(&theirs, "xenc:EncryptedData"));
                    signed(b, f, "MGEF", |t| swap(&swap(&swap(t, &own, "<x/>"), &other, &own), "<x/>", &other));
                },
                expect: &[
                    (
                        "S1SP",
                        0,
                        "P-decryption",
                        in_entry!(
                            1,
                            "EncryptedS1SPGroupInformation/EncryptedData/KeyInfo/EncryptedKey/KeyInfo/X509Data/X509IssuerSerial"
                        ),
                    ),
                    (
                        "DCO",
                        0,
                        "P-decryption",
                        in_entry!(
                            1,
                            "EncryptedMasterKey/EncryptedKey/EncryptedData/KeyInfo/EncryptedKey/KeyInfo/X509Data/X509IssuerSerial"
                        ),
                    ),
                ],
                says: "another recipient",
            },
            EntryCase {
                name: "the S1SP's blobs of two entries changed with each other",
                change: |b, f| exchange(b, f, S1SP),
                expect: &[
                    ("S1SP", 0, "15.8", in_entry!(1, "EncryptedS1SPGroupInformation")),
                    ("S1SP", 1, "15.8", in_entry!(2, "EncryptedS1SPGroupInformation")),
                ],
                says: "another installation's keys",
            },
            EntryCase {
                name: "the DCO's blobs of two entries changed with each other",
                change: |b, f| exchange(b, f, DCO),
                expect: &[
                    ("DCO", 0, "15.7", in_entry!(1, "EncryptedMasterKey/EncryptedKey")),
                    ("DCO", 1, "15.7", in_entry!(2, "EncryptedMasterKey/EncryptedKey")),
                ],
                says: "another device's",
            },
            EntryCase {
                name: "ciphertext altered",
                change: |b, f| {
                    let own = holder(f, 0, S1SP);
                    let value = parts(&own, "xenc:CipherValue").pop().expect("a value");
                    let at = value.find('>').expect("a tag") + 40;
                    let other = if value.as_bytes()[at] == b'A' { "B" } else { "A" };
                    let altered = [&value[..at], other, &value[at + 1..]].concat();
                    put(b, f, 0, S1SP, &swap(&own, &value, &altered));
                },
                expect: &[("S1SP", 0, "P-decryption", in_entry!(1, "EncryptedS1SPGroupInformation/EncryptedData"))],
                says: "does not open",
            },
            EntryCase {
                name: "the transported key of another blob",
                change: |b, f| {
                    let (own, other) = (holder(f, 0, DCO), holder(f, 1, DCO));
                    let key = |holder: &str| parts(holder, "xenc:CipherValue").remove(0);
                    put(b, f, 0, DCO, &swap(&own, &key(&own), &key(&other)));
                },
                expect: &[("DCO", 0, "P-decryption", in_entry!(1, "EncryptedMasterKey/EncryptedKey/EncryptedData"))],
                says: "does not open",
            },
            EntryCase {
                name: "another content algorithm",
                change: |b, f| {
                    let own = holder(f, 0, S1SP);
                    put(b, f, 0, S1SP, &swap(&own, "2009/xmlenc11#aes256-gcm", "2001/04/xmlenc#aes256-cbc"));
                },
                expect: &[(
                    "S1SP",
                    0,
                    "P-decryption",
                    in_entry!(1, "EncryptedS1SPGroupInformation/EncryptedData/EncryptionMethod"),
                )],
                says: "aes256-cbc",
            },
            EntryCase {
                name: "no blob for the DCO",
                change: |b, f| {
                    let own = holder(f, 0, "EncryptedMasterKey");
                    signed(b, f, "MGEF", |t| swap(t, &own, ""));
                },
                expect: &[("DSP", 0, "15.3", "MigrationGroupEncryptedFile/Installation[1]")],
                says: "no EncryptedMasterKey",
            },
        ],
    );
}

#[test]
fn valid_xml_with_a_wrong_plaintext() {
    const WRONG: &[(&str, usize, &str, &str)] =
        &[("S1SP", 0, "5.23(b)", in_entry!(1, "EncryptedS1SPGroupInformation"))];
    check_entries(
        &mut Bench::new(52),
        &[
            EntryCase {
                name: "the DCO's structure for the S1SP",
                change: |b, f| {
                    let plain = plaintext(b, f, 0, DCO);
                    seal(b, f, S1SP, Role::S1sp, &plain);
                },
                expect: WRONG,
                says: "root element",
            },
            EntryCase {
                name: "the S1SP's structure for the DCO",
                change: |b, f| {
                    let plain = plaintext(b, f, 0, S1SP);
                    seal(b, f, DCO, Role::Dco, &plain);
                },
                expect: &[("DCO", 0, "15.7", in_entry!(1, "EncryptedMasterKey/EncryptedKey"))],
                says: "root element",
            },
            EntryCase {
                name: "the structure of other groups",
                change: |b, f| s1sp_plain(b, f, |p| p.replace("DecryptedS1SPDPGroup", "DecryptedS1SPGroup")),
                expect: WRONG,
                says: "root element",
            },
            EntryCase {
                name: "a set of EA that says it is of AA",
                change: |b, f| regrouped(b, f, "AA"),
                expect: &[
                    ("S1SP", 0, "5.23(b)", in_entry!(1, "EncryptedS1SPGroupInformation")),
                    ("S1SP", 1, "5.23(b)", in_entry!(2, "EncryptedS1SPGroupInformation")),
                    ("S1SP", 2, "5.23(b)", in_entry!(3, "EncryptedS1SPGroupInformation")),
                ],
                says: "root element",
            },
            EntryCase {
                name: "another namespace",
                change: |b, f| s1sp_plain(b, f, |p| p.replace("smets1-migration:1.2", "smets1-migration:1.1")),
                expect: &[(
                    "S1SP",
                    0,
                    "5.23(b)",
                    in_entry!(1, "EncryptedS1SPGroupInformation/DecryptedS1SPDPGroupInformation"),
                )],
                says: "namespace",
            },
            EntryCase {
                name: "a key that is missing",
                change: |b, f| s1sp_plain(b, f, |p| swap(p, &part(p, "EncryptionKey"), "")),
                expect: &[(
                    "S1SP",
                    0,
                    "5.23(b)",
                    in_entry!(
                        1,
                        "EncryptedS1SPGroupInformation/DecryptedS1SPDPGroupInformation/ESMEDetail/HighLevelAssociation"
                    ),
                )],
                says: "no EncryptionKey",
            },
            EntryCase {
                name: "no XML",
                change: |b, f| s1sp_plain(b, f, |_| "to be delivered".to_owned()),
                expect: WRONG,
                says: "not the XML",
            },
            EntryCase {
                name: "a document type inside",
                change: |b, f| s1sp_plain(b, f, |p| format!("<!DOCTYPE d [<!ENTITY k \"0\">]>{p}")),
                expect: WRONG,
                says: "not the XML",
            },
            EntryCase {
                name: "larger than any",
                change: |b, f| {
                    s1sp_plain(b, f, |p| swap(p, "<ESMEDetail>", &format!("{}<ESMEDetail>", " ".repeat(20_000))))
                },
                expect: WRONG,
                says: "not the XML",
            },
            EntryCase {
                name: "no master key",
                change: |b, f| dco_plain(b, f, |p| swap(p, &part(p, "MasterKey"), "")),
                expect: &[("DCO", 0, "15.7", in_entry!(1, "EncryptedMasterKey/EncryptedKey/DecryptedMasterKey"))],
                says: "no MasterKey",
            },
            EntryCase {
                name: "a master key of zeros",
                change: |b, f| {
                    dco_plain(b, f, |p| {
                        swap(p, &part(p, "MasterKey"), &format!("<MasterKey>{}</MasterKey>", "0".repeat(32)))
                    });
                },
                expect: &[("DCO", 0, "15.7", in_entry!(1, "EncryptedMasterKey/EncryptedKey"))],
                says: "zeros alone",
            },
            EntryCase {
                name: "a key too short",
                change: |b, f| {
                    s1sp_plain(b, f, |p| {
                        swap(p, &part(p, "AuthenticationKey"), "<AuthenticationKey>00112233</AuthenticationKey>")
                    });
                },
                expect: &[("S1SP", 0, "15.8", in_entry!(1, "EncryptedS1SPGroupInformation"))],
                says: "AuthenticationKey is no key",
            },
            EntryCase {
                name: "the keys of another ESME",
                change: |b, f| {
                    s1sp_plain(b, f, |p| {
                        let own = part(p, "DeviceID");
                        swap(p, &own, "<DeviceID>00-DB-12-00-00-00-00-99</DeviceID>")
                    });
                },
                expect: &[("S1SP", 0, "15.8", in_entry!(1, "EncryptedS1SPGroupInformation"))],
                says: "not those of the Common File's ESME",
            },
        ],
    );
}

#[test]
fn two_blobs_where_one_belongs() {
    check_all(
        &Bench::new(53),
        &[Case {
            name: "two blobs in one element",
            change: |b, f| {
                let blob = part(&holder(f, 0, S1SP), "xenc:EncryptedData");
                signed(b, f, "MGEF", |t| swap(t, &blob, &blob.repeat(2)));
            },
            expect: &[("P-schema", "MGEF MigrationGroupEncryptedFile/Installation[1]/EncryptedS1SPGroupInformation")],
            says: "EncryptedData",
        }],
    );
}

#[test]
fn blobs_of_an_earlier_export_used_again_in_a_later_set() {
    let bench = Bench::new(54);
    let mut system = bench.open();
    let first = &bench.lab.sets[0];
    tern_testkit::take(&mut system, first).expect("takes");
    // Every installation comes back: nothing but the blobs keeps it from coming again.
    let struck = [Struck::new("/B6.1/do", Strike::Fail, u32::MAX)];
    tern_testkit::commission(&mut system, &mut bench.lab.devices(), &struck).expect("runs");
    let again = bench.changed(|b, f| renumbered(b, f, "2"));
    let told = refused_entries(&bench, &mut system, "the same blobs in set 2", &again);
    let places: Vec<_> = told.iter().map(|t| (t.by, t.entry, t.clause.as_str())).collect();
    let expect: Vec<_> =
        ["S1SP", "DCO"].into_iter().flat_map(|by| (0..3).map(move |entry| (by, entry, "P-blob-binding"))).collect();
    assert_eq!(places, expect, "{told:?}");
    assert!(told[0].words.contains("earlier set"), "{told:?}");
}

#[test]
fn blobs_to_a_recipient_whose_own_certificate_was_revoked() {
    for (role, by, element) in [(Role::S1sp, "S1SP", S1SP), (Role::Dco, "DCO", "EncryptedMasterKey/EncryptedKey")] {
        let bench = Bench::new(55);
        let dir = bench.lab.dir().join("pki");
        let trust = pki::load_trust(&dir).expect("trust");
        let own = trust.usable(role, None, Usage::Encrypt, bench.lab.now).first().expect("a certificate").serial();
        pki::revoke(&dir, &own.to_string(), bench.lab.now).expect("revokes");
        let mut system = bench.open();
        let told = refused_entries(&bench, &mut system, "revoked", &bench.lab.sets[0]);
        let places: Vec<_> = told.iter().map(|t| (t.by, t.clause.as_str(), t.place.clone())).collect();
        let place = |entry| format!("MigrationGroupEncryptedFile/Installation[{entry}]/{element}");
        assert_eq!(places, [1, 2, 3].map(|entry| (by, "P-decryption", place(entry))), "{told:#?}");
        assert!(told[0].words.contains("revoked"), "{told:#?}");
    }
}
