//! Installations that contradict themselves, each other, or what was migrated before.

use tern_testkit::RawFile;

use crate::bench::Bench;
use crate::edit::{THREE, file, part, parts, renumbered, signed, swap, text};
use crate::entries::{EntryCase, check_entries, commission, refused_entries, reported};

macro_rules! common {
    ($entry:literal, $path:literal) => {
        concat!("MigrationCommonFile/Installation[", $entry, "]/", $path)
    };
}

/// An element of an entry of the Common File, tags and all.
fn element(files: &mut [RawFile], entry: usize, path: &[&str]) -> String {
    let entry = parts(&text(file(files, "MCF")), "Installation")[entry].clone();
    path.iter().fold(entry, |outer, name| part(&outer, name))
}

/// Changes a part of the first entry that holds it, and signs the Common File again.
fn common(bench: &Bench, files: &mut [RawFile], from: &str, to: &str) {
    signed(bench, files, "MCF", |t| swap(t, from, to));
}

/// The same text with its last digit another.
fn last_digit_wrong(element: &str) -> String {
    let at = element.rfind("</").expect("an end tag") - 1;
    let digit = (element.as_bytes()[at] - b'0' + 1) % 10;
    format!("{}{digit}{}", &element[..at], &element[at + 1..])
}

#[test]
fn installations_that_contradict_themselves_or_each_other() {
    check_entries(
        &mut Bench::new(61),
        &[
            EntryCase {
                name: "wrong check digit of an MPAN",
                change: |b, f| {
                    let own = element(f, 0, &["ESME", "MPxN"]);
                    common(b, f, &own, &last_digit_wrong(&own));
                },
                expect: &[
                    ("DSP", 0, "P-mpxn-check-digit", common!(1, "ESME/MPxN")),
                    ("DSP", 0, "P-mpxn-registered", common!(1, "ESME/MPxN")),
                ],
                says: "wrong check digits",
            },
            EntryCase {
                name: "wrong check digits of an MPRN",
                change: |b, f| {
                    let gas = (0..3).find(|&at| element(f, at, &[]).contains("<GSME>")).expect("a gas meter");
                    let own = element(f, gas, &["GSME", "MPxN"]);
                    assert_eq!(gas, 0, "the table says so");
                    common(b, f, &own, &last_digit_wrong(&own));
                },
                expect: &[
                    ("DSP", 0, "P-mpxn-check-digit", common!(1, "GSME/MPxN")),
                    ("DSP", 0, "P-mpxn-registered", common!(1, "GSME/MPxN")),
                ],
                says: "wrong check digits",
            },
            EntryCase {
                name: "a Device ID in two installations",
                change: |b, f| {
                    let (first, second) = (element(f, 0, &["GPF"]), element(f, 1, &["GPF"]));
                    common(b, f, &first, &second);
                },
                expect: &[
                    ("DSP", 0, "P-device-unique", common!(1, "GPF/DeviceID")),
                    ("DSP", 1, "P-device-unique", common!(2, "GPF/DeviceID")),
                ],
                says: "also GPF of Installation[2]",
            },
            EntryCase {
                name: "a hub that is its own proxy",
                change: |b, f| {
                    let own = element(f, 0, &["GPF", "DeviceID"]);
                    let chf = element(f, 0, &["CHFIdentifier"]).replace("CHFIdentifier", "DeviceID");
                    common(b, f, &own, &chf);
                },
                expect: &[("DSP", 0, "P-device-unique", common!(1, "GPF/DeviceID"))],
                says: "also CHF of Installation[1]",
            },
            EntryCase {
                name: "another ESME than in the other files",
                change: |b, f| {
                    let own = element(f, 0, &["ESME", "DeviceID"]);
                    common(b, f, &own, "<DeviceID>00-DB-12-99-99-99-99-99</DeviceID>");
                },
                expect: &[
                    ("DSP", 0, "P-devices-agree", "MigrationGroupFile/Installation[1]/ESMEDetail/DeviceID"),
                    (
                        "DSP",
                        0,
                        "P-devices-agree",
                        "MigrationGroupEncryptedFile/Installation[1]/EncryptedMasterKey/DeviceID",
                    ),
                ],
                says: "not the Migration Common File's",
            },
            EntryCase {
                name: "another hub's certificate",
                change: |b, f| {
                    let entries = parts(&text(file(f, "MGF")), "Installation");
                    let (own, other) = (part(&entries[0], "DeviceCertificate"), part(&entries[1], "DeviceCertificate"));
                    signed(b, f, "MGF", |t| swap(t, &own, &other));
                },
                expect: &[(
                    "S1SP",
                    0,
                    "P-device-certificate",
                    "MigrationGroupFile/Installation[1]/CHFDetails/DeviceCertificate",
                )],
                says: "belongs to device",
            },
            EntryCase {
                name: "a supplier's certificate that nobody knows",
                change: |b, f| {
                    let own = element(f, 0, &["ESME", "CriticalSupplierCertificateID", "SerialNumber"]);
                    let unknown = b.signer("unknown").certificate().serial();
                    common(b, f, &own, &format!("<SerialNumber>{unknown}</SerialNumber>"));
                },
                expect: &[("DSP", 0, "P-certificate-supplier", common!(1, "ESME/CriticalSupplierCertificateID"))],
                says: "",
            },
        ],
    );
}

#[test]
fn the_same_hub_twice_in_a_set() {
    let bench = Bench::new(62);
    let mut system = bench.open();
    let set = bench.changed(|b, f| {
        for prefix in THREE {
            signed(b, f, prefix, |t| {
                let entries = parts(t, "Installation");
                let own = |entry: &str| part(entry, "CHFIdentifier");
                swap(t, &entries[1], &swap(&entries[1], &own(&entries[1]), &own(&entries[0])))
            });
        }
    });
    let told = refused_entries(&bench, &mut system, "the same hub twice", &set);
    let duplicates: Vec<_> = told.iter().filter(|t| t.clause == "P-duplicate-chf").collect();
    let places: Vec<_> = duplicates.iter().map(|t| (t.by, t.entry, t.place.as_str())).collect();
    assert_eq!(places, [("DSP", 0, common!(1, "CHFIdentifier")), ("DSP", 1, common!(2, "CHFIdentifier"))], "{told:#?}");
}

#[test]
fn the_same_hub_in_two_sets() {
    let bench = Bench::new(63);
    let mut system = bench.open();
    let first = &bench.lab.sets[0];
    tern_testkit::take(&mut system, first).expect("takes");
    // Not commissioned yet: the first set holds the installations.
    let second = bench.changed(|b, f| renumbered(b, f, "2"));
    tern_testkit::take(&mut system, &second).expect("takes");
    let id = second.named().expect("a name");
    let told = reported(&bench, &mut system, id);
    for entry in 0..3 {
        let own = told.iter().find(|t| (t.by, t.entry, t.clause.as_str()) == ("S1SP", entry, "P-duplicate-chf"));
        assert!(own.is_some_and(|t| t.words.contains("another set")), "{told:#?}");
    }
    commission(&bench, &mut system);
    let results = tern_testkit::results(&system, first.named().expect("a name"));
    assert!(results.values().all(|r| matches!(r, Some(tern_model::Outcome::Commissioned { .. }))), "{results:?}");
    // Commissioned: now the inventory holds them.
    let third = bench.changed(|b, f| renumbered(b, f, "3"));
    let told = refused_entries(&bench, &mut system, "the same installations in set 3", &third);
    for entry in 0..3 {
        let chf = told.iter().find(|t| t.entry == entry && t.clause == "P-chf-inventory").expect("its hub");
        assert!(
            (chf.by, chf.place.ends_with("/CHFIdentifier")) == ("DSP", true) && chf.words.contains("by set"),
            "{chf:?}"
        );
        assert!(told.iter().any(|t| t.entry == entry && t.clause == "P-device-inventory"), "{told:?}");
    }
}
