//! Sets that are mixed, incomplete, doubled or replayed, or of a group that is not served.

use tern_service::parties::SetTaken;

use crate::bench::{Bench, Case, check_all, findings_of_set, place, refused};
use crate::edit::{THREE, file, parts, renumbered, signed, signed_all, swap, text};

#[test]
fn mixed_incomplete_and_doubled_sets() {
    check_all(
        &Bench::new(41),
        &[
            Case {
                name: "no Common File",
                change: |_, f| f.retain(|f| !f.name.starts_with("MCF_")),
                expect: &[("P-set-complete", "MCF")],
                says: "no Migration Common File",
            },
            Case {
                name: "no Group File",
                change: |_, f| f.retain(|f| !f.name.starts_with("MGF_")),
                expect: &[("P-set-complete", "MGF")],
                says: "no Migration Group File",
            },
            Case {
                name: "no Group Encrypted File",
                change: |_, f| f.retain(|f| !f.name.starts_with("MGEF_")),
                expect: &[("P-set-complete", "MGEF")],
                says: "no Migration Group Encrypted File",
            },
            Case {
                name: "the export in the set's place",
                change: |b, f| f.clone_from(&b.lab.exports),
                expect: &[("P-set-complete", "MCF"), ("P-set-complete", "MGF"), ("P-set-complete", "MGEF")],
                says: "no Migration Common File",
            },
            Case {
                name: "another set's Group File beside its own",
                change: |b, f| f.push(file(&mut b.lab.sets[1].files.clone(), "MGF").clone()),
                expect: &[("P-set-complete", "MGF")],
                says: "more than one",
            },
            Case {
                name: "another set's Group File in place of its own",
                change: |b, f| *file(f, "MGF") = file(&mut b.lab.sets[1].files.clone(), "MGF").clone(),
                expect: &[
                    ("P-set-complete", "MGF MigrationGroupFile/MigrationHeader"),
                    ("P-entries-agree", "MGF MigrationGroupFile/Installation[1]/CHFIdentifier"),
                ],
                says: "another MigrationHeader",
            },
            Case {
                name: "one file of another moment",
                change: |b, f| signed(b, f, "MGEF", |t| swap(t, "T09:00:00.000Z", "T09:00:00.001Z")),
                expect: &[("P-set-complete", "MGEF MigrationGroupEncryptedFile/MigrationHeader")],
                says: "another MigrationHeader",
            },
            Case {
                name: "entries in another order",
                change: |b, f| {
                    signed(b, f, "MGF", |t| {
                        let entries = parts(t, "Installation");
                        swap(&t.replace(&entries[0], ""), "</Installation>", &format!("</Installation>{}", entries[0]))
                    });
                },
                expect: &[("P-entries-agree", "MGF MigrationGroupFile/Installation[1]/CHFIdentifier")],
                says: "entry 1",
            },
            Case {
                name: "an entry less",
                change: |b, f| {
                    signed(b, f, "MGEF", |t| t.replace(&parts(t, "Installation")[2], ""));
                },
                expect: &[("P-entries-agree", "MGEF MigrationGroupEncryptedFile/Installation[3]/CHFIdentifier")],
                says: "no entry",
            },
            Case {
                name: "an entry more",
                change: |b, f| {
                    let entry = parts(&text(file(&mut b.lab.sets[1].files.clone(), "MGF")), "Installation")[0].clone();
                    signed(b, f, "MGF", |t| swap(t, "</MigrationGroupFile>", &format!("{entry}</MigrationGroupFile>")));
                },
                expect: &[("P-entries-agree", "MGF MigrationGroupFile/Installation[4]/CHFIdentifier")],
                says: "entry 4",
            },
        ],
    );
}

/// The set under another group's name.
pub fn regrouped(bench: &Bench, files: &mut Vec<tern_testkit::RawFile>, group: &str) {
    signed_all(bench, files, "<GroupID>EA", &format!("<GroupID>{group}"));
    for file in files {
        file.name = file.name.replace("_EA_", &format!("_{group}_"));
    }
}

#[test]
fn a_group_before_its_clause_is_in_force() {
    let mut bench = Bench::new(44);
    bench.lab.now = "2020-11-28T12:00:00Z".parse().expect("a moment");
    let mut system = bench.open();
    let verdicts = refused(&bench, &mut system, "EA on the day before", &bench.lab.sets[0]);
    assert!(verdicts.set.iter().all(|judged| judged.verdict.is_clean()), "NOT YET IN FORCE is no finding of a rule");
    let found = findings_of_set(&verdicts);
    let told: Vec<_> = found.iter().map(|f| (f.clause.as_ref(), place(f))).collect();
    assert_eq!(told, [("P-group", "MCF MigrationCommonFile/MigrationHeader/GroupID".to_owned())]);
    assert!(found[0].expected.contains("2020-11-29"), "{found:?}");
}

#[test]
fn counters_that_were_used_or_are_too_low() {
    let bench = Bench::new(43);
    let mut system = bench.open();
    let good = bench.lab.sets[0].clone();
    let take = |system: &mut tern_service::System, set: &tern_testkit::FileSet| {
        tern_testkit::take(system, set).expect("takes")
    };
    assert!(matches!(take(&mut system, &good), SetTaken::Accepted { .. }));
    let again = bench.changed(|b, f| signed_all(b, f, "<MigrationHeader>", "<MigrationHeader>"));
    let found = findings_of_set(&refused(&bench, &mut system, "signed again under the same counter", &again));
    let told: Vec<_> = found.iter().map(|f| (f.clause.as_ref(), place(f))).collect();
    assert_eq!(told, THREE.map(|p| ("P-counter", p.to_owned())));
    let one = bench.changed(|b, f| signed(b, f, "MGEF", str::to_owned));
    let found = findings_of_set(&refused(&bench, &mut system, "one file of three is another", &one));
    let told: Vec<_> = found.iter().map(|f| (f.clause.as_ref(), place(f))).collect();
    assert_eq!(told, [("P-counter", "MGEF".to_owned())]);
    assert!(matches!(take(&mut system, &good), SetTaken::Known { .. }), "the very same set is the same set");

    let mut late = bench.lab.sets[1].clone();
    renumbered(&bench, &mut late.files, "300");
    assert!(matches!(take(&mut system, &late), SetTaken::Accepted { .. }));
    let low = bench.changed(|b, f| renumbered(b, f, "199"));
    let found = findings_of_set(&refused(&bench, &mut system, "101 below the highest", &low));
    let told: Vec<_> = found.iter().map(|f| (f.clause.as_ref(), place(f))).collect();
    assert_eq!(told, [("P-counter", "MCF MigrationCommonFile/MigrationHeader/FileCounter".to_owned())]);
    assert!(found[0].expected.contains("200"), "{found:?}");
    let in_window = bench.changed(|b, f| renumbered(b, f, "200"));
    assert!(matches!(take(&mut system, &in_window), SetTaken::Accepted { .. }), "100 below the highest");
}
