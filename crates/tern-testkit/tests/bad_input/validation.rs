//! What S1SP and DCO say of a Common Validation File that is not of this set, or not the DSP's; judged as `tern check` does.

use tern_model::Role;
use tern_service::check::Checker;
use tern_service::parties::{Party, SetTaken};
use tern_testkit::{FileSet, RawFile};

use crate::bench::{Bench, Stores, findings_of_set, place, whole};
use crate::edit::{file, part, renumbered, signed, signed_by, swap, text};
use crate::entries::{commission, reported};

/// A set with its Common Validation File, changed; and what the S1SP and the DCO say of it as a whole.
type Expect = &'static [(Role, &'static str, &'static str)];

fn with_validation(bench: &Bench) -> FileSet {
    let mut system = bench.open();
    let mut set = bench.lab.sets[0].clone();
    let SetTaken::Accepted { validation, .. } = tern_testkit::take(&mut system, &set).expect("takes") else {
        panic!("refused")
    };
    set.files.push(RawFile::read(&validation));
    set
}

#[track_caller]
fn check(
    bench: &Bench,
    checker: &Checker,
    good: &FileSet,
    name: &str,
    change: impl Fn(&mut Vec<RawFile>),
    expect: Expect,
) {
    let mut set = good.clone();
    change(&mut set.files);
    let stores = Stores::of(&bench.lab);
    let laid = set.lay();
    let opened = checker.open(&laid.folder).expect("readable files");
    let mut told = Vec::new();
    for role in [Role::S1sp, Role::Dco] {
        let verdicts = checker.check(&opened, role, &mut |_| {}).expect("checks");
        for finding in findings_of_set(&verdicts) {
            whole(name, &finding);
            told.push((role, finding.clause.to_string(), place(&finding)));
        }
    }
    assert_eq!(Stores::of(&bench.lab), stores, "{name}: checking wrote something");
    let expect: Vec<_> = expect.iter().map(|(r, c, p)| (*r, (*c).to_owned(), (*p).to_owned())).collect();
    assert_eq!(told, expect, "{name}");
}

#[test]
fn validation_files_that_are_missing_forged_or_of_another_set() {
    let bench = Bench::new(71);
    let good = with_validation(&bench);
    let checker = bench.checker();
    check(&bench, &checker, &good, "as it is", |_| {}, &[]);
    check(
        &bench,
        &checker,
        &good,
        "missing",
        |f| f.retain(|f| !f.name.starts_with("MCVF_")),
        &[(Role::S1sp, "15.4", "MCVF"), (Role::Dco, "15.5", "MCVF")],
    );
    check(
        &bench,
        &checker,
        &good,
        "signed by the Requesting Party",
        |f| signed_by(bench.signer("requesting-party"), f, "MCVF", str::to_owned),
        &[(Role::S1sp, "P-sender", "MCVF"), (Role::Dco, "P-sender", "MCVF")],
    );
    check(
        &bench,
        &checker,
        &good,
        "an outcome turned over",
        |f| {
            let file = file(f, "MCVF");
            file.bytes = swap(&text(file), "<Outcome>Valid", "<Outcome>Inval").into_bytes();
        },
        &[
            (
                Role::S1sp,
                "P-signature-value",
                "MCVF MigrationCommonValidationFile/Signature/SignedInfo/Reference/DigestValue",
            ),
            (
                Role::Dco,
                "P-signature-value",
                "MCVF MigrationCommonValidationFile/Signature/SignedInfo/Reference/DigestValue",
            ),
        ],
    );
    check(
        &bench,
        &checker,
        &good,
        "of a Common File with other bytes",
        |f| signed(&bench, f, "MCF", str::to_owned),
        &[
            (Role::S1sp, "P-counter", "MCF"),
            (Role::S1sp, "P-outcome-agrees", "MCVF MigrationCommonValidationFile/MigrationCommonFileDigest"),
            (Role::Dco, "P-counter", "MCF"),
            (Role::Dco, "P-outcome-agrees", "MCVF MigrationCommonValidationFile/MigrationCommonFileDigest"),
        ],
    );
    check(
        &bench,
        &checker,
        &good,
        "without the last installation",
        |f| {
            signed_by(bench.signer("dsp"), f, "MCVF", |t| {
                let last = crate::edit::parts(t, "Installation").pop().expect("entries");
                swap(t, &last, "")
            });
        },
        &[
            (Role::S1sp, "P-outcome-agrees", "MCVF MigrationCommonValidationFile/Installation[3]/CHFIdentifier"),
            (Role::Dco, "P-outcome-agrees", "MCVF MigrationCommonValidationFile/Installation[3]/CHFIdentifier"),
        ],
    );
    check(
        &bench,
        &checker,
        &good,
        "of another set, under this one's name",
        |f| {
            signed_by(bench.signer("dsp"), f, "MCVF", |t| {
                let own = part(t, "FileCounter");
                swap(t, &own, "<FileCounter>9</FileCounter>")
            });
        },
        &[(Role::S1sp, "P-schema", "MCVF"), (Role::Dco, "P-schema", "MCVF")],
    );
}

#[test]
fn a_forged_validation_makes_nothing_viable() {
    let bench = Bench::new(72);
    let mut system = bench.open();
    let mut files = with_validation(&Bench::new(72)).files;
    files.retain(|f| f.name.starts_with("MCVF_"));
    let mut all = bench.lab.sets[0].files.clone();
    all.extend(files);
    renumbered(&bench, &mut all[..3], "1");
    signed_by(bench.signer("smso"), &mut all, "MCVF", str::to_owned);
    let laid = FileSet { dir: "sets".into(), files: all }.lay();
    for file in laid.folder.files() {
        let from = if file.name.starts_with("MCF_") || file.name.starts_with("MCVF_") {
            Role::Dsp
        } else {
            Role::RequestingParty
        };
        system.s1sp.receive(from, &file).expect("takes in");
        if !file.name.starts_with("MGF_") {
            system.dco.receive(from, &file).expect("takes in");
        }
    }
    let devices = bench.devices();
    system.deliver().expect("delivers");
    commission(&bench, &mut system);
    let set = bench.lab.sets[0].named().expect("a name");
    let told = reported(&bench, &mut system, set);
    for (by, entry) in ["S1SP", "DCO"].into_iter().flat_map(|by| (0..3).map(move |entry| (by, entry))) {
        assert!(told.iter().any(|t| (t.by, t.entry, t.clause.as_str()) == (by, entry, "P-sender")), "{told:#?}");
    }
    assert_eq!(system.records().count(), 0);
    assert!(bench.devices() == devices);
}
