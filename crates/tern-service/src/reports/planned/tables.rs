//! A plan's sums as tables.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use tern_model::{GroupId, PartyId};
use tern_plan::estate::Estate;
use tern_plan::plan::{Dormancy, NoticeOf};

use super::compliance::{Kept, NoticeKind};
use super::gather::Planned;
use super::stands::{DormantStand, STANDINGS, Stands, standing_column};
use crate::reports::{Cell, Names, Table};

/// Every table, in the order in which they are told.
pub(super) fn tables(planned: &Planned, estate: &Estate, names: &Names) -> Vec<Table> {
    vec![
        planned.days.table(),
        weeks(planned, names),
        groups(planned),
        suppliers(planned, names),
        waiting(planned),
        notices(planned, names),
        dormant(planned, names),
        exclusions(planned, estate, names),
    ]
}

fn counts(stands: &Stands) -> impl Iterator<Item = Cell> + '_ {
    STANDINGS.into_iter().map(|standing| stands.count(standing).into())
}

fn group_cells(group: GroupId) -> [Cell; 2] {
    [group.cohort().value.name().into(), group.as_str().into()]
}

fn party(supplier: PartyId, names: &Names) -> [Cell; 2] {
    [supplier.to_string().into(), names.party(supplier).into()]
}

/// The Monday of a day's week.
pub(super) fn monday(day: Date) -> Date {
    day.saturating_sub(i32::from(day.weekday().to_monday_zero_offset()).days())
}

/// As weeks are called: `2020-W49`.
pub(super) fn week_name(monday: Date) -> String {
    let week = monday.iso_week_date();
    format!("{}-W{:02}", week.year(), week.week())
}

/// Migrations by week, group and supplier, against all that are known of group and supplier.
fn weeks(planned: &Planned, names: &Names) -> Table {
    let mut by_week: BTreeMap<(Date, GroupId, PartyId), u64> = BTreeMap::new();
    for ((day, group, supplier), count) in &planned.migrations {
        *by_week.entry((monday(*day), *group, *supplier)).or_default() += count;
    }
    let mut so_far: BTreeMap<(GroupId, PartyId), u64> = BTreeMap::new();
    let row = |((monday, group, supplier), count): (&(Date, GroupId, PartyId), &u64)| {
        let sum = so_far.entry((*group, *supplier)).or_default();
        *sum += count;
        let known = planned.stands.get(&(*group, *supplier)).map_or(0, Stands::total);
        let days = [week_name(*monday), monday.to_string(), monday.saturating_add(6.days()).to_string()];
        let numbers = [*count, *sum, known].map(Cell::from);
        let words = days.map(Cell::from).into_iter().chain(group_cells(*group)).chain(party(*supplier, names));
        words.chain(numbers).collect()
    };
    let header = ["week", "first_day", "last_day", "cohort", "group", "supplier_id", "supplier"].into_iter();
    Table {
        name: "planned-by-week",
        header: header.chain(["planned", "planned_so_far", "known"]).collect(),
        rows: by_week.iter().map(row).collect(),
    }
}

fn groups(planned: &Planned) -> Table {
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for (group, stands) in by_group(planned) {
        let all = [stands.total().into(), 0_u64.into()];
        rows.push(group_cells(group).into_iter().chain(all).chain(counts(&stands)).collect());
    }
    if planned.set_aside > 0 {
        let words = ["", ""].map(Cell::from).into_iter();
        let all = [planned.set_aside.into(), planned.set_aside.into()];
        rows.push(words.chain(all).chain(counts(&Stands::default())).collect());
    }
    let header = ["cohort", "group", "known", "set_aside"].into_iter();
    Table { name: "planned-by-group", header: header.chain(STANDINGS.map(standing_column)).collect(), rows }
}

/// Where installations stand by group.
pub(super) fn by_group(planned: &Planned) -> BTreeMap<GroupId, Stands> {
    planned.stands.iter().fold(BTreeMap::new(), |mut groups, ((group, _), stands)| {
        let sum: &mut Stands = groups.entry(*group).or_default();
        *sum = sum.with(stands);
        groups
    })
}

/// Where installations stand by supplier.
pub(super) fn by_supplier(planned: &Planned) -> BTreeMap<PartyId, Stands> {
    planned.stands.iter().fold(BTreeMap::new(), |mut suppliers, ((_, supplier), stands)| {
        let sum: &mut Stands = suppliers.entry(*supplier).or_default();
        *sum = sum.with(stands);
        suppliers
    })
}

/// How notices to each supplier stand to their steps.
pub(super) fn notices_by_supplier(planned: &Planned) -> BTreeMap<PartyId, Kept> {
    planned.notices.iter().fold(BTreeMap::new(), |mut suppliers, ((supplier, _), kept)| {
        let sum: &mut Kept = suppliers.entry(*supplier).or_default();
        sum.extend(kept);
        suppliers
    })
}

/// All there is of a supplier: its installations, the notices that it gets, its Dormant Meters.
fn suppliers(planned: &Planned, names: &Names) -> Table {
    let (installations, notices) = (by_supplier(planned), notices_by_supplier(planned));
    let mut all: Vec<PartyId> =
        installations.keys().chain(notices.keys()).chain(planned.dormant.keys()).copied().collect();
    all.sort_unstable();
    all.dedup();
    let row = |supplier: PartyId| {
        let stands = installations.get(&supplier).copied().unwrap_or_default();
        let kept = notices.get(&supplier).copied().unwrap_or_default();
        let dormant = planned.dormant.get(&supplier).copied().unwrap_or_default();
        let meters = [DormantStand::Enrolled, DormantStand::InTime].map(|stand| dormant.count(stand));
        let rest = [kept.notices(), kept.too_late, dormant.total(), meters.iter().sum()].map(Cell::from);
        let cells = party(supplier, names).into_iter().chain([stands.total().into()]).chain(counts(&stands));
        cells.chain(rest).collect()
    };
    let header = ["supplier_id", "supplier", "installations"].into_iter().chain(STANDINGS.map(standing_column));
    let rest = ["notices", "notices_too_late", "dormant_meters", "dormant_meters_in_time"];
    let rows = all.into_iter().map(row).collect();
    Table { name: "planned-by-supplier", header: header.chain(rest).collect(), rows }
}

fn waiting(planned: &Planned) -> Table {
    let row = |((what, clause), group, count): (&(String, &str), &GroupId, &u64)| {
        let words = [what.as_str().into(), Cell::from(*clause)].into_iter();
        words.chain(group_cells(*group)).chain([(*count).into()]).collect()
    };
    let all =
        planned.waiting.iter().flat_map(|(reason, groups)| groups.iter().map(move |(g, count)| (reason, g, count)));
    Table {
        name: "planned-waiting",
        header: vec!["waits_for", "clause", "cohort", "group", "installations"],
        rows: all.map(row).collect(),
    }
}

fn notices(planned: &Planned, names: &Names) -> Table {
    let row = |((supplier, kind), kept): (&(PartyId, NoticeKind), &Kept)| {
        let (of, clause, dormancy, wanted) = kind_words(*kind);
        let words = [of, clause, dormancy].map(Cell::from);
        let Kept { in_time, too_late, without_steps, facts_missing, least } = *kept;
        let counts = [kept.notices(), in_time, too_late, without_steps, facts_missing].map(Cell::from);
        let least = least.map_or("".into(), |least| u64::from(least).into());
        let wanted: Cell = wanted.map_or("".into(), |days| u64::from(days).into());
        party(*supplier, names).into_iter().chain(words).chain([wanted]).chain(counts).chain([least]).collect()
    };
    let header = ["supplier_id", "supplier", "notice_of", "clause", "notified_as", "working_days_wanted"].into_iter();
    let counts = ["notices", "in_time", "too_late", "without_steps", "facts_missing", "fewest_working_days"];
    Table {
        name: "planned-notices",
        header: header.chain(counts).collect(),
        rows: planned.notices.iter().map(row).collect(),
    }
}

/// What it is of, its clause, as what, and how many Working Days are wanted.
fn kind_words(kind: NoticeKind) -> (&'static str, &'static str, &'static str, Option<u16>) {
    match kind {
        NoticeKind::ToNew(Some(NoticeOf::Preparation)) => ("a meter gained", "4.29", "", None),
        NoticeKind::ToNew(_) => ("a meter gained", "4.30", "", None),
        NoticeKind::Dated { of, dormancy, working_days } => {
            let (of, clause) = match of {
                NoticeOf::Preparation => ("firmware and configuration", "4.29"),
                NoticeOf::Migration => ("migration", "4.30"),
            };
            let dormancy = match dormancy {
                Dormancy::Standard => "dormant",
                Dormancy::Recent => "recently dormant",
            };
            (of, clause, dormancy, Some(working_days))
        }
    }
}

/// The columns of Dormant Meters: whether any are enrolled is known from the roles' stores alone.
pub(super) fn dormant_stands(planned: &Planned) -> impl Iterator<Item = DormantStand> {
    let with_stores = planned.with_stores;
    DormantStand::ALL.into_iter().filter(move |stand| with_stores || *stand != DormantStand::Enrolled)
}

fn dormant(planned: &Planned, names: &Names) -> Table {
    let rows = planned.dormant.iter().map(|(supplier, stands)| {
        let counts = dormant_stands(planned).map(|stand| stands.count(stand).into());
        party(*supplier, names).into_iter().chain([stands.total().into()]).chain(counts).collect()
    });
    let header = ["supplier_id", "supplier", "dormant_meters"].into_iter();
    Table {
        name: "planned-dormant-meters",
        header: header.chain(dormant_stands(planned).map(DormantStand::column)).collect(),
        rows: rows.collect(),
    }
}

fn exclusions(planned: &Planned, estate: &Estate, names: &Names) -> Table {
    let rows = planned.exclusions.all.iter().map(|excluded| {
        let of = estate.installation(excluded.installation);
        let evidence = planned.exclusions.evidence(excluded, estate);
        let words = [excluded.since.to_string(), excluded.category.as_str().to_owned(), evidence].map(Cell::from);
        let chf = [of.chf.to_string().into()].into_iter();
        chf.chain(group_cells(of.group)).chain(party(excluded.supplier, names)).chain(words).collect()
    });
    Table {
        name: "planned-exclusions",
        header: vec!["chf_identifier", "cohort", "group", "supplier_id", "supplier", "since", "category", "evidence"],
        rows: rows.collect(),
    }
}
