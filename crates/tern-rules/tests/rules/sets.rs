//! The set as a whole: complete, of one piece, of a fresh counter, readable; and the DSP's word on it.

use jiff::civil::{Date, date};
use tern_model::{GroupId, Place, Role};
use tern_rules::SeenSet;
use tern_wire::migration::FileKind::{
    MigrationCommonFile, MigrationCommonValidationFile, MigrationGroupEncryptedFile, MigrationGroupFile,
};
use tern_wire::migration::{FileKind, FindingEntry, Validity};
use tern_wire::schema::SchemaVersion;
use tern_wire::{FaultKind, WireFault};

use super::support::Says::{Finding, NotApplicable, NotYetInForce, Pass};
use super::support::*;

const S1SP_SET: [FileKind; 4] =
    [MigrationCommonFile, MigrationGroupFile, MigrationGroupEncryptedFile, MigrationCommonValidationFile];

#[track_caller]
fn check_absent(role: Role, clause: &str, wanted: &[FileKind]) {
    check_set(&healthy(1), role, clause, &[Pass]);
    for kind in S1SP_SET {
        let mut world = healthy(1);
        world.absent.push(kind);
        let missing = [Finding("_EA_42.xml", kind.title())];
        check_set(&world, role, clause, if wanted.contains(&kind) { &missing } else { &[Pass] });
        let mut world = healthy(1);
        world.doubled.push(format!("{}_{}.xml", kind.prefix(), healthy(1).common.migration_header.set_id()));
        let doubled = [Finding("_EA_42.xml", "more than one")];
        check_set(&world, role, clause, if wanted.contains(&kind) { &doubled } else { &[Pass] });
    }
}

#[test]
fn each_role_needs_one_of_each_of_its_own_files() {
    check_absent(Role::Dsp, "P-set-complete", &S1SP_SET[..3]);
    check_absent(Role::RequestingParty, "P-set-complete", &S1SP_SET[..3]);
    check_absent(Role::S1sp, "15.4", &S1SP_SET);
    check_absent(Role::Dco, "15.5", &[S1SP_SET[0], S1SP_SET[2], S1SP_SET[3]]);
}

#[test]
fn files_of_two_sets_do_not_make_one() {
    let mut world = healthy(1);
    world.encrypted.migration_header.file_counter = 43;
    for (role, clause) in [(Role::Dsp, "P-set-complete"), (Role::S1sp, "15.4"), (Role::Dco, "15.5")] {
        let mixed = Finding("MigrationGroupEncryptedFile/MigrationHeader", "another MigrationHeader");
        check_set(&world, role, clause, &[mixed]);
    }
    let mut world = healthy(1);
    world.group.migration_header.creation_date_time = "2021-02-20T10:00:00.001Z".parse().unwrap();
    check_set(&world, Role::Dsp, "P-set-complete", &[Finding("MigrationHeader", "10:00:00.001Z")]);
}

#[test]
fn an_unreadable_file_is_not_called_missing() {
    let mut world = healthy(1);
    world.unreadable.push(MigrationGroupFile);
    world.faults.push(fault(FaultKind::SignatureValue));
    check_set(&world, Role::Dsp, "P-signature-value", &[Finding("MGF_x.xml", "what is wrong")]);
}

fn fault(kind: FaultKind) -> WireFault {
    WireFault {
        kind,
        place: Place::document("MGF_x.xml"),
        message: "what is wrong".to_owned(),
        found: "found".to_owned(),
        expected: "expected".to_owned(),
        suggestion: "next".to_owned(),
    }
}

#[test]
fn every_fault_of_a_file_is_a_finding_of_its_rule() {
    for kind in [
        FaultKind::Limits,
        FaultKind::Form,
        FaultKind::SignatureProfile,
        FaultKind::SignatureValue,
        FaultKind::Certificate,
        FaultKind::Sender,
        FaultKind::Schema,
    ] {
        let mut world = healthy(1);
        check_set(&world, Role::Dco, kind.rule(), &[Pass]);
        world.faults.push(fault(kind));
        check_set(&world, Role::Dco, kind.rule(), &[Finding("MGF_x.xml", "what is wrong")]);
        let finding = tern_rules::finding_of(&fault(kind));
        assert_eq!((finding.clause.as_ref(), finding.message.as_str()), (kind.rule(), "what is wrong"));
    }
}

#[test]
fn group_files_list_the_installations_of_the_common_file_in_its_order() {
    let mut world = healthy(3);
    world.group.installations.swap(1, 2);
    check_set(
        &world,
        Role::Dsp,
        "P-entries-agree",
        &[Finding("MigrationGroupFile/Installation[2]/CHFIdentifier", "entry 2 is not that")],
    );
    let mut world = healthy(2);
    world.encrypted.installations.truncate(1);
    for role in [Role::Dsp, Role::Dco] {
        check_set(&world, role, "P-entries-agree", &[Finding("Installation[2]/CHFIdentifier", "no entry")]);
    }
    let mut world = healthy(1);
    world.group.installations.push(healthy(2).group.installations.remove(1));
    let surplus = Finding("MigrationGroupFile/Installation[2]/CHFIdentifier", "entry 2");
    check_set(&world, Role::Dsp, "P-entries-agree", &[surplus]);
}

#[test]
fn the_validation_is_of_these_very_files() {
    let mut world = healthy(2);
    world.validation = |v| v.migration_group_file_digest = v.migration_common_file_digest;
    let other = [Finding("MigrationCommonValidationFile/MigrationGroupFileDigest", "a file with digest")];
    check_set(&world, Role::S1sp, "P-outcome-agrees", &other);
    check_set(&world, Role::Dco, "P-outcome-agrees", &[Pass]);
    world.validation = |v| v.installations.truncate(1);
    let judgement = world.judge(Role::Dco);
    let finding = judgement.unclean().next().and_then(|j| j.as_finding()).unwrap();
    assert_eq!((finding.clause.as_ref(), finding.found.as_str()), ("P-outcome-agrees", "no entry"));
    assert!(!judgement.installations[1].is_clean(), "nothing says that it is valid");
    check_set(&healthy(1), Role::Dsp, "P-outcome-agrees", &[NotApplicable]);
}

#[test]
fn what_the_dsp_found_invalid_goes_no_further() {
    let mut world = healthy(1);
    world.validation = |v| {
        v.installations[0].outcome = Validity::Invalid;
        let finding = FindingEntry {
            clause: text("5.10.10"),
            grade: tern_model::Grade::Stated,
            place: text("x"),
            message: text("x"),
            found: text("x"),
            expected: text("x"),
            suggestion: text("x"),
        };
        v.installations[0].findings = vec![finding; 3];
    };
    for role in [Role::S1sp, Role::Dco] {
        check(&world, role, "P-validated", &[Finding("Installation[1]/Outcome", "Invalid by 5.10.10")]);
    }
    let finding = world.judge(Role::Dco).installations[0].findings().remove(0);
    assert_eq!(finding.found, "Invalid by 5.10.10", "a clause is named once");
}

#[test]
fn a_counter_is_used_once_and_not_far_below_the_highest() {
    let counter = |counter, highest| {
        let mut world = healthy(1);
        world.header(|h| h.file_counter = counter);
        world.history.highest = Some(highest);
        world
    };
    for role in [Role::Dsp, Role::S1sp, Role::Dco] {
        check_set(&counter(43, 42), role, "P-counter", &[Pass]);
        check_set(&counter(42, 142), role, "P-counter", &[Pass]);
        let low = Finding("MigrationHeader/FileCounter", "more than 100 below");
        check_set(&counter(41, 142), role, "P-counter", &[low]);
    }
    let mut narrow = counter(41, 42);
    narrow.settings.counter_window = 0;
    check_set(&narrow, Role::Dsp, "P-counter", &[Finding("FileCounter", "41")]);
}

#[test]
fn the_same_counter_with_the_same_bytes_is_the_same_set_and_with_others_is_refused() {
    let mut world = healthy(1);
    let files = world.files();
    let [common, group, encrypted] = files.digests();
    world.history.highest = Some(9_000);
    world.history.seen = Some(SeenSet { common, group: Some(group), encrypted });
    assert!(world.judge_files(Role::Dsp, &files).is_clean(), "seen before, and far below the highest by now");
    world.history.seen = Some(SeenSet { common, group: None, encrypted });
    assert!(world.judge_files(Role::Dco, &files).is_clean());
    // Signed again, the same messages are other bytes.
    let again = world.files();
    let judgement = world.judge_files(Role::Dco, &again);
    let told: Vec<_> = judgement.unclean().filter_map(|j| j.as_finding()).map(|f| f.message).collect();
    assert_eq!(told, ["this FileCounter was used before with other bytes"; 2]);
}

/// The day before v1.2 of the Migration Schema (assumed), its first day, the last on which the version before is taken, and the next.
const AROUND_1_2: [Date; 4] = [date(2020, 11, 28), date(2020, 11, 29), date(2020, 12, 28), date(2020, 12, 29)];

#[test]
fn each_version_of_the_migration_schema_is_taken_from_and_until_its_days() {
    let [before, first, last, over] = AROUND_1_2;
    let clause = "P-schema-version";
    let set = |group, schema, books_on| {
        let mut world = healthy_of(group, 1);
        (world.schema, world.books_on) = (schema, books_on);
        world
    };
    for group in [GroupId::AA, GroupId::CA, GroupId::CB, GroupId::DA] {
        for role in [Role::RequestingParty, Role::Dsp] {
            for day in [before, first, last] {
                check_set(&set(group, SchemaVersion::Before12, day), role, clause, &[Pass]);
            }
            check_set(&set(group, SchemaVersion::V12, first), role, clause, &[Pass]);
            check_set(&set(group, SchemaVersion::V12, over), role, clause, &[Pass]);
        }
        let one = Finding("File", "not taken on");
        check_set(&set(group, SchemaVersion::Before12, over), Role::Dsp, clause, &[one; 3]);
        check_set(&set(group, SchemaVersion::V12, before), Role::Dsp, clause, &[one; 3]);
        // Whoever is handed a set that the DSP took in does not ask again.
        check_set(&set(group, SchemaVersion::Before12, over), Role::S1sp, clause, &[NotApplicable]);
    }
    check_set(&set(GroupId::EA, SchemaVersion::V12, first), Role::Dsp, clause, &[Pass]);
    check_set(&set(GroupId::EA, SchemaVersion::V12, before), Role::Dsp, clause, &[NotYetInForce]);
    let mut foc = set(GroupId::EA, SchemaVersion::Before12, first);
    foc.group.installations[0].chf_details.device_certificate = None;
    check_set(&foc, Role::Dsp, clause, &[Finding("File", "not taken on"); 3]);
}

#[test]
fn a_file_in_the_wrong_version_is_told_with_both_namespaces_and_what_to_do() {
    let [before, _, _, over] = AROUND_1_2;
    let told = |schema, books_on| {
        let mut world = healthy_of(GroupId::CA, 1);
        (world.schema, world.books_on) = (schema, books_on);
        let judgement = world.judge(Role::Dsp);
        judgement.refusals().into_iter().next().expect("a finding")
    };
    let late = told(SchemaVersion::Before12, over);
    assert_eq!((late.place.xpath.as_str(), late.place.line), ("MigrationCommonFile", 1));
    assert_eq!(late.found, "urn:tern:smets1-migration:before-1.2");
    assert_eq!(late.expected, "urn:tern:smets1-migration:1.2");
    assert_eq!(late.suggestion, "build the set again: `tern build` writes v1.2 on 2020-12-29");
    let early = told(SchemaVersion::V12, before);
    assert_eq!(
        early.message,
        "the Migration Common File follows v1.2 of the Migration Schema, which is not taken on 2020-11-28"
    );
    assert!(early.suggestion.ends_with("on 2020-11-28, or send it from 2020-11-29 on"), "{}", early.suggestion);
}
