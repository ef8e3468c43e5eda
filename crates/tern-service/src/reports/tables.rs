//! The reports as tables: which columns there are, and in which order the rows stand. The same sums give the same tables.

use std::collections::BTreeMap;

use tern_model::Role;

use super::counts::{Counts, End};
use super::csv::{Cell, Table};
use super::ledger::{Dormant, Ledger, Supplier};
use super::names::Names;
use super::series::{Slot, Step, slots};

/// Every table, in the order in which they are told.
#[must_use]
pub fn tables(ledger: &Ledger, names: &Names) -> Vec<Table> {
    vec![
        over_time("outcomes-by-day", &slots(ledger, Step::Day)),
        over_time("outcomes-by-week", &slots(ledger, Step::Week)),
        findings(ledger),
        failures(ledger),
        suppliers(ledger, names),
        supplier_findings(ledger, names),
        smsos(ledger, names),
        dormant(ledger, names),
    ]
}

fn ends() -> impl Iterator<Item = &'static str> {
    End::ALL.into_iter().map(End::column)
}

fn numbers(counts: &Counts) -> impl Iterator<Item = Cell> + '_ {
    counts.each().map(|(_, count)| count.into())
}

fn over_time(name: &'static str, slots: &[Slot]) -> Table {
    let header = ["period", "first_day", "last_day", "taken_in"].into_iter().chain(ends());
    let row = |slot: &Slot| {
        let days = [slot.name.clone(), slot.first.to_string(), slot.last.to_string()].map(Cell::from);
        let so_far = [slot.commissioned_so_far, slot.known].map(Cell::from);
        days.into_iter().chain([slot.taken_in.into()]).chain(numbers(&slot.ends)).chain(so_far).collect()
    };
    Table {
        name,
        header: header.chain(["commissioned_so_far", "known_so_far"]).collect(),
        rows: slots.iter().map(row).collect(),
    }
}

/// A clause's grade and title from the rulebook; empty where the rulebook no longer has it.
pub(super) fn rule_words(clause: &str) -> (&'static str, &'static str) {
    tern_rules::find(clause).map_or(("", ""), |rule| (rule.grade.as_str(), rule.title))
}

/// Clauses, the most frequent first.
pub(super) fn by_frequency<K: Clone + Ord, V>(of: &BTreeMap<K, V>, count: impl Fn(&V) -> u64) -> Vec<(&K, &V)> {
    let mut rows: Vec<_> = of.iter().collect();
    rows.sort_by_key(|(_, value)| std::cmp::Reverse(count(value)));
    rows
}

fn findings(ledger: &Ledger) -> Table {
    let rows = by_frequency(&ledger.clauses, |f| f.installations + f.sets).into_iter().map(|(clause, found)| {
        let (grade, title) = rule_words(clause);
        let by: Vec<_> = found.by.iter().map(|role| role_word(*role)).collect();
        let words = [clause.as_str(), grade, title, &by.join(" ")].map(Cell::from);
        words.into_iter().chain([found.installations.into(), found.sets.into()]).collect()
    });
    Table {
        name: "findings-by-clause",
        header: vec!["clause", "grade", "title", "found_by", "installations", "sets_refused_whole"],
        rows: rows.collect(),
    }
}

fn role_word(role: Role) -> &'static str {
    match role {
        Role::Dsp => "DSP",
        Role::S1sp => "S1SP",
        Role::Dco => "DCO",
        other => other.as_str(),
    }
}

fn failures(ledger: &Ledger) -> Table {
    let total = |f: &super::ledger::Failed| f.rolled_back + f.stuck + f.left_behind;
    let rows = by_frequency(&ledger.codes, total)
        .into_iter()
        .map(|(code, f)| vec![code.as_str().into(), f.rolled_back.into(), f.stuck.into(), f.left_behind.into()]);
    Table {
        name: "failures-by-code",
        header: vec!["code", "rolled_back", "stuck", "gas_meters_left_behind"],
        rows: rows.collect(),
    }
}

fn party(supplier: Supplier, names: &Names) -> [Cell; 2] {
    [supplier.map(|party| party.to_string()).unwrap_or_default().into(), names.supplier(supplier).into()]
}

fn suppliers(ledger: &Ledger, names: &Names) -> Table {
    let rows = ledger.suppliers.iter().map(|(supplier, meters)| {
        let all = meters.total();
        let counted = [all, all - meters.gas, meters.gas].map(Cell::from);
        let left = [meters.left_behind.into()];
        party(*supplier, names).into_iter().chain(counted).chain(numbers(&meters.ends)).chain(left).collect()
    });
    let header = ["supplier_id", "supplier", "meters", "electricity_meters", "gas_meters"].into_iter();
    Table {
        name: "outcomes-by-supplier",
        header: header.chain(ends()).chain(["gas_meters_left_behind"]).collect(),
        rows: rows.collect(),
    }
}

fn supplier_findings(ledger: &Ledger, names: &Names) -> Table {
    let rows = ledger.supplier_clauses.iter().map(|((supplier, clause), count)| {
        let (grade, _) = rule_words(clause);
        let rest = [clause.as_str().into(), grade.into(), (*count).into()];
        party(*supplier, names).into_iter().chain(rest).collect()
    });
    Table {
        name: "findings-by-supplier",
        header: vec!["supplier_id", "supplier", "clause", "grade", "installations"],
        rows: rows.collect(),
    }
}

fn smsos(ledger: &Ledger, names: &Names) -> Table {
    let rows = ledger.smsos.iter().map(|((smso, group), counts)| {
        let words = [smso.to_string(), names.party(*smso), group.to_string()].map(Cell::from);
        words.into_iter().chain([counts.total().into()]).chain(numbers(counts)).collect()
    });
    Table {
        name: "outcomes-by-smso",
        header: ["smso_id", "smso", "group", "installations"].into_iter().chain(ends()).collect(),
        rows: rows.collect(),
    }
}

fn dormant(ledger: &Ledger, names: &Names) -> Table {
    let rows = ledger.dormant.iter().map(|(supplier, dormant)| {
        let Dormant { enrolled, planned, excluded, again } = *dormant;
        let counted = [dormant.total(), enrolled, planned, excluded, again].map(Cell::from);
        party(*supplier, names).into_iter().chain(counted).collect()
    });
    Table {
        name: "dormant-meters",
        header: vec![
            "supplier_id",
            "supplier",
            "dormant_meters",
            "enrolled",
            "planned",
            "excluded",
            "to_be_planned_again",
        ],
        rows: rows.collect(),
    }
}
