//! Files there and back: what is announced is what a supplier reads, and what a supplier authorises is what the
//! DCC reads.

use jiff::civil::{Date, DateTime, date};
use tern_model::facts::{Authorisation, NoticeKind, SourceRow};
use tern_model::supplier_file::{AuthorisedInstallation, NoticeGround, NoticedMeter};
use tern_model::working_day;
use tern_plan::notices::{
    Announcement, Authorising, Incoming, NotAnnounced, Outgoing, Received, SupplierFile, receive,
};

use crate::rows::{SUPPLIERS, announcement, chf};

/// A Tuesday.
const NOTICE: Date = date(2020, 12, 1);

fn made() -> DateTime {
    NOTICE.at(9, 30, 0, 0)
}

fn came(file: &SupplierFile) -> Received {
    let name = file.name.to_string();
    let received = receive(&name, file.text.as_bytes()).expect("bytes can be read").expect("a name");
    assert!(received.given && received.faults.is_empty(), "{:?}", received.faults);
    assert_eq!(received.name, file.name);
    received
}

/// Announcements of two suppliers, two SMSOs and both kinds, some of them asked for certificates.
fn many(count: u64) -> Vec<Announcement> {
    let grounds = [
        (NoticeGround::Dormant, Some(15)),
        (NoticeGround::RecentlyDormant, Some(8)),
        (NoticeGround::ChangeOfSupplier, None),
    ];
    let one = |number: u64| {
        let at = |choices: u64, by: u64| usize::try_from(number / by % choices).expect("small");
        let (ground, days) = grounds[at(3, 1)];
        let kind = [NoticeKind::Configuration, NoticeKind::Migration][at(2, 3)];
        let earliest = working_day::after(NOTICE, days.unwrap_or(1)).expect("in the table");
        let asked = kind == NoticeKind::Migration && number.is_multiple_of(5);
        let smso = ["SMSO-1", "Trilliant"][at(2, 7)].parse().expect("a name");
        let certificates_by = asked.then_some(earliest);
        Announcement {
            smso,
            to: SUPPLIERS[at(2, 11)],
            certificates_by,
            ..announcement(number, kind, ground, days, earliest)
        }
    };
    (0..count).map(one).collect()
}

#[test]
fn what_is_announced_is_what_each_supplier_reads() {
    let announced = many(500);
    let mut outgoing = Outgoing::of(made());
    for one in announced.iter().rev() {
        outgoing.announce(one.clone()).expect("in time");
    }
    let files = outgoing.into_files();
    assert_eq!(files.len(), 8, "two kinds, two SMSOs, two suppliers");
    let mut read = Vec::new();
    for file in &files {
        let Incoming::Notices(notices) = came(file).says else { panic!("notices") };
        assert!(notices.is_sorted_by_key(|one| (one.meter.chf, one.meter.device)));
        assert!(notices.iter().all(|one| one.to == file.name.supplier && one.smso == file.name.smso));
        let no_row = |one: Announcement| Announcement { meter: NoticedMeter { row: SourceRow(0), ..one.meter }, ..one };
        read.extend(notices.into_iter().map(no_row));
    }
    read.sort_by_key(|one| one.meter.chf);
    assert_eq!(read, announced);
}

#[test]
fn the_same_notices_give_the_same_bytes() {
    let files = |order: Vec<Announcement>| {
        let mut outgoing = Outgoing::of(made());
        order.into_iter().for_each(|one| outgoing.announce(one).expect("in time"));
        outgoing.into_files()
    };
    assert_eq!(files(many(100)), files(many(100).into_iter().rev().collect()));
}

#[test]
fn a_notice_reads_as_one_would_write_it() {
    let earliest = date(2020, 12, 22);
    let mut outgoing = Outgoing::of(made());
    let one = announcement(1, NoticeKind::Migration, NoticeGround::Dormant, Some(15), earliest);
    outgoing.announce(Announcement { certificates_by: Some(date(2020, 12, 15)), ..one }).expect("in time");
    let files = outgoing.into_files();
    assert_eq!(files[0].name.to_string(), "DMMSN_SMSO-1_70-B3-D5-1F-30-00-A0-08_20201201_093000.csv");
    assert_eq!(
        files[0].text,
        "chf_identifier,device_id,mpxn,ground,working_days,earliest,certificates_by\n\
         00-DB-12-34-56-78-00-10,00-DB-12-34-56-78-00-11,1200000000008,dormant,15,2020-12-22,2020-12-15\n"
    );
}

#[track_caller]
fn check(ground: NoticeGround, days: Option<u32>, earliest: Date, expected: Result<(), NotAnnounced>) {
    for kind in [NoticeKind::Configuration, NoticeKind::Migration] {
        let mut outgoing = Outgoing::of(made());
        assert_eq!(outgoing.announce(announcement(1, kind, ground, days, earliest)), expected, "{ground:?} {earliest}");
        assert_eq!(outgoing.into_files().len(), usize::from(expected.is_ok()));
    }
}

/// 4.29 and 4.30: 15 Working Days after Tuesday 1 December 2020 is Tuesday 22 December, 2 is Thursday, 8 is
/// Friday of the week after.
#[test]
fn a_notice_that_comes_too_late_is_not_written() {
    let too_late = |month_day| Err(NotAnnounced::TooLate { earliest: date(2020, 12, month_day) });
    check(NoticeGround::Dormant, Some(15), date(2020, 12, 22), Ok(()));
    check(NoticeGround::Dormant, Some(15), date(2020, 12, 21), too_late(22));
    check(NoticeGround::RecentlyDormant, Some(2), date(2020, 12, 3), Ok(()));
    check(NoticeGround::RecentlyDormant, Some(2), date(2020, 12, 2), too_late(3));
    check(NoticeGround::RecentlyDormant, Some(8), date(2020, 12, 11), Ok(()));
    check(NoticeGround::RecentlyDormant, Some(8), date(2020, 12, 10), too_late(11));
    check(NoticeGround::ChangeOfSupplier, None, NOTICE, Ok(()));
    check(NoticeGround::ChangeOfSupplier, None, date(2020, 11, 30), too_late(1));
}

#[test]
fn beyond_the_table_of_bank_holidays_facts_are_missing() {
    let mut outgoing = Outgoing::of(date(2029, 12, 28).at(9, 0, 0, 0));
    let late = announcement(1, NoticeKind::Migration, NoticeGround::Dormant, Some(15), date(2030, 3, 1));
    let why = outgoing.announce(late).expect_err("nobody knows");
    assert!(matches!(why, NotAnnounced::FactsMissing(_)) && why.to_string().starts_with("FACTS MISSING"), "{why}");
}

#[test]
fn certificates_are_asked_for_with_a_notice_of_migration_between_it_and_the_steps() {
    let earliest = date(2020, 12, 22);
    for (kind, by, fits) in [
        (NoticeKind::Migration, NOTICE, true),
        (NoticeKind::Migration, earliest, true),
        (NoticeKind::Migration, date(2020, 11, 30), false),
        (NoticeKind::Migration, date(2020, 12, 23), false),
        (NoticeKind::Configuration, date(2020, 12, 15), false),
    ] {
        let one = announcement(1, kind, NoticeGround::Dormant, Some(15), earliest);
        let taken = Outgoing::of(made()).announce(Announcement { certificates_by: Some(by), ..one });
        assert_eq!(taken, if fits { Ok(()) } else { Err(NotAnnounced::CertificatesBy) }, "{kind:?} {by}");
    }
}

fn authorised(number: u64, reference: &str) -> AuthorisedInstallation {
    let (from, until) = (date(2021, 1, 4), date(2021, 3, 31));
    AuthorisedInstallation { row: SourceRow(0), reference: reference.to_owned(), chf: chf(number), from, until }
}

#[test]
fn what_a_supplier_authorises_is_what_the_dcc_reads() {
    let authorising = Authorising { smso: "CGI".parse().expect("a name"), supplier: SUPPLIERS[1], made: made() };
    let file = authorising.file(vec![authorised(2, "MA, \"two\""), authorised(1, "MA-1")]);
    assert_eq!(file.name.to_string(), "MA_CGI_70-B3-D5-1F-30-00-A0-09_20201201_093000.csv");
    let expected: Vec<Authorisation> = [(1, "MA-1", 2), (2, "MA, \"two\"", 3)]
        .into_iter()
        .map(|(number, reference, row)| {
            let AuthorisedInstallation { reference, chf, from, until, .. } = authorised(number, reference);
            Authorisation { row: SourceRow(row), reference, chf, supplier: SUPPLIERS[1], from, until }
        })
        .collect();
    assert_eq!(came(&file).says, Incoming::Authorisations(expected));
}

/// Reads an authorisation's rows, and gives row and field of each fault.
fn faults(text: &str) -> (usize, Vec<(u64, String)>) {
    let name = "MA_CGI_70-B3-D5-1F-30-00-A0-08_20201201_093000.csv";
    let received = receive(name, text.as_bytes()).expect("bytes can be read").expect("a name");
    let Incoming::Authorisations(good) = &received.says else { panic!("authorisations") };
    assert!(received.faults.iter().all(|fault| fault.file == name && !fault.suggestion.is_empty()));
    (good.len(), received.faults.into_iter().map(|fault| (fault.row, fault.field)).collect())
}

#[test]
fn a_bad_row_is_told_and_the_good_ones_are_kept() {
    let head = "reference,chf_identifier,from,until\n";
    let good = "MA-1,00-DB-12-34-56-78-00-10,2021-01-04,2021-03-31\n";
    assert_eq!(faults(&format!("{head}{good}")), (1, vec![]));
    let field = |row, field: &str| (row, field.to_owned());
    for (row, expected) in [
        (",00-DB-12-34-56-78-00-20,2021-01-04,2021-03-31", "reference"),
        ("MA-1,00-DB-12-34-56-78-00,2021-01-04,2021-03-31", "chf_identifier"),
        ("MA-1,00-DB-12-34-56-78-00-20,2021-02-30,2021-03-31", "from"),
        ("MA-1,00-DB-12-34-56-78-00-20,2021-04-04,2021-03-31", "until"),
        ("MA-1,00-DB-12-34-56-78-00-20,2021-01-04", ""),
        ("MA-1,00-DB-12-34-56-78-00-10,2021-01-05,2021-03-31", "reference"),
    ] {
        assert_eq!(faults(&format!("{head}{good}{row}\n")), (1, vec![field(3, expected)]), "{row}");
    }
    assert_eq!(faults(&format!("supplier_id,{head}")).0, 0);
    assert_eq!(faults("").1, vec![field(0, "")]);
}

#[test]
fn a_notice_with_a_term_that_does_not_fit_its_ground_is_told() {
    let head = "chf_identifier,device_id,mpxn,ground,working_days,earliest\n";
    let name = "DMFWUSN_CGI_70-B3-D5-1F-30-00-A0-08_20201201_093000.csv";
    for (cells, good) in [
        ("dormant,15", true),
        ("recently-dormant,2", true),
        ("change-of-supplier,", true),
        ("change-of-supplier,2", false),
        ("dormant,", false),
        ("dormant,-1", false),
        ("sleeping,15", false),
    ] {
        let row = format!("00-DB-12-34-56-78-00-10,00-DB-12-34-56-78-00-11,1200000000008,{cells},2020-12-22\n");
        let received = receive(name, format!("{head}{row}").as_bytes()).expect("bytes").expect("a name");
        let Incoming::Notices(notices) = &received.says else { panic!("notices") };
        assert_eq!((notices.len(), received.faults.is_empty()), (usize::from(good), good), "{cells}");
    }
}
