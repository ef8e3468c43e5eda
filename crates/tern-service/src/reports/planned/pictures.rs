//! A plan's sums as pictures, one for each question.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use tern_model::Cohort;
use tern_model::facts::ExclusionCategory;
use tern_plan::plan::Period;
use tern_rules::ambition;

use super::calendar::Calendar;
use super::compliance::Kept;
use super::gather::Planned;
use super::stands::{STANDINGS, Stands, standing_fill, standing_words};
use super::tables::{by_group, by_supplier, dormant_stands, monday, notices_by_supplier, week_name};
use crate::reports::Names;
use crate::reports::bars::{Bar, Bars, Part};
use crate::reports::pictures::Chart;
use crate::reports::svg::{Fill, thousands};
use crate::reports::tables::by_frequency;
use crate::reports::timeline::{SLOTS_MAX, Slot, Timeline, Words};

/// Every picture, in the order in which they are told.
pub(super) fn pictures(planned: &Planned, names: &Names) -> Vec<Chart> {
    let Period { first, last } = planned.plan.made.period;
    let overlay = planned.plan.made.overlay.as_ref().map_or(String::new(), |overlay| format!(", under {overlay}"));
    let time = format!(", as planned from {first} to {last}{overlay}");
    let calendar = Calendar { days: &planned.days, plan: &planned.plan };
    let lines = over_time(planned, &time);
    let bars = [
        groups(planned, &time),
        suppliers(planned, names, &time),
        waiting(planned, &time),
        notices(planned, names, &time),
        dormant(planned, names, &time),
        exclusions(planned, &time),
    ];
    let mut charts =
        vec![Chart { name: Calendar::NAME, svg: calendar.draw() }, Chart { name: lines.name, svg: lines.draw() }];
    charts.extend(bars.iter().map(|bars| Chart { name: bars.name, svg: bars.draw() }));
    charts
}

/// By week; a plan of many weeks by month.
fn over_time(planned: &Planned, time: &str) -> Timeline {
    let mut by_week = slots(planned, monday, |monday| monday.saturating_add(7.days()));
    let by_months = by_week.len() > SLOTS_MAX;
    if by_months {
        by_week = slots(planned, Date::first_of_month, |month| month.saturating_add(1.month()));
    }
    let known = planned.known();
    let slot = |(first, cohorts, so_far): (Date, BTreeMap<&'static str, u64>, u64)| Slot {
        label: if by_months {
            first.strftime("%b %y").to_string()
        } else {
            format!("W{:02}", first.iso_week_date().week())
        },
        full: if by_months {
            first.strftime("%B %Y").to_string()
        } else {
            format!("{} (from {first})", week_name(first))
        },
        parts: COHORTS.map(|(cohort, fill)| part(fill, cohort.name(), cohorts.get(cohort.name()).copied())).into(),
        done: so_far,
        known,
    };
    let set_aside = match planned.set_aside {
        0 => String::new(),
        some => format!(" Of those known {} are set aside: rows about them contradict one another.", thousands(some)),
    };
    let step = if by_months { "month" } else { "week" };
    Timeline {
        name: "planned-by-week",
        title: format!("Migrations by {step} and cohort{time}"),
        subtitle: format!(
            "Installations, on the day of their migration, and against all that the estate knows.{set_aside}"
        ),
        slots: by_week.into_iter().map(slot).collect(),
        words: Words { done: "planned", ends: "migrations in each period, by cohort" },
    }
}

/// Cohorts in the order of columns.
const COHORTS: [(Cohort, Fill); 4] = [
    (Cohort::Ioc, Fill::Solid),
    (Cohort::MocMds, Fill::Slanted),
    (Cohort::MocSecure, Fill::Backslanted),
    (Cohort::Foc, Fill::Barred),
];

fn part(fill: Fill, words: &'static str, count: Option<u64>) -> Part {
    Part { fill, words, count: count.unwrap_or_default() }
}

/// A slot: its first day, migrations by cohort, and all so far.
type Counted = (Date, BTreeMap<&'static str, u64>, u64);

/// From the plan's first to its last migration, without a gap.
fn slots(planned: &Planned, begin: impl Fn(Date) -> Date, next: impl Fn(Date) -> Date) -> Vec<Counted> {
    let days = || planned.migrations.keys().map(|(day, ..)| *day);
    let (Some(_), Some(last)) = (days().next(), days().next_back()) else { return Vec::new() };
    let (mut slots, mut so_far) = (Vec::new(), 0);
    let mut first = begin(planned.plan.made.period.first);
    while first <= last {
        let end = next(first);
        let mut cohorts: BTreeMap<&'static str, u64> = BTreeMap::new();
        let within = |day: &Date| *day >= first && *day < end;
        for ((_, group, _), count) in planned.migrations.iter().filter(|((day, ..), _)| within(day)) {
            *cohorts.entry(group.cohort().value.name()).or_default() += count;
            so_far += count;
        }
        slots.push((first, cohorts, so_far));
        if end <= first {
            break;
        }
        first = end;
    }
    slots
}

fn standings(stands: &Stands) -> Vec<Part> {
    let part = |standing| part(standing_fill(standing), standing_words(standing), Some(stands.count(standing)));
    STANDINGS.map(part).into()
}

fn groups(planned: &Planned, time: &str) -> Bars {
    let bar = |(group, stands): (_, Stands)| {
        let cohort = tern_model::GroupId::cohort(group).value.name();
        Bar { label: format!("{group}  {cohort}"), note: String::new(), parts: standings(&stands) }
    };
    Bars {
        name: "planned-by-group",
        title: format!("Installations by group{time}"),
        subtitle: "Where each installation stands when the plan's days are over.".to_owned(),
        unit: "installation",
        bars: by_group(planned).into_iter().map(bar).collect(),
    }
}

fn suppliers(planned: &Planned, names: &Names, time: &str) -> Bars {
    let of = by_supplier(planned);
    let rows = by_frequency(&of, Stands::total).into_iter();
    let bar = |(supplier, stands): (&_, &Stands)| Bar {
        label: names.party(*supplier),
        note: String::new(),
        parts: standings(stands),
    };
    Bars {
        name: "planned-by-supplier",
        title: format!("Installations by Responsible Supplier{time}"),
        subtitle: "Each with its electricity meter's supplier on the day of migration, or on the plan's last day, and where it \
                   stands then."
            .to_owned(),
        unit: "installation",
        bars: rows.map(bar).collect(),
    }
}

fn waiting(planned: &Planned, time: &str) -> Bars {
    let sum = |groups: &BTreeMap<_, u64>| groups.values().sum();
    let bar = |((what, clause), groups): (&(String, &str), &BTreeMap<_, u64>)| Bar {
        label: what.clone(),
        note: (*clause).to_owned(),
        parts: vec![part(Fill::Slanted, "installations wait", Some(sum(groups)))],
    };
    Bars {
        name: "planned-waiting",
        title: format!("What installations wait for{time}"),
        subtitle: "Installations that wait for something but capacity when the plan's days are over, with the clause."
            .to_owned(),
        unit: "installation",
        bars: by_frequency(&planned.waiting, sum).into_iter().map(bar).collect(),
    }
}

fn notices(planned: &Planned, names: &Names, time: &str) -> Bars {
    let of = notices_by_supplier(planned);
    let bar = |(supplier, kept): (&_, &Kept)| Bar {
        label: names.party(*supplier),
        note: String::new(),
        parts: vec![
            part(Fill::Solid, "in time", Some(kept.in_time)),
            part(Fill::Crossed, "too late", Some(kept.too_late)),
            part(Fill::Dotted, "whose steps do not come", Some(kept.without_steps)),
            part(Fill::Slanted, "FACTS MISSING", Some(kept.facts_missing)),
        ],
    };
    let all = planned.all_notices();
    Bars {
        name: "planned-notices",
        title: format!("Notices to Responsible Suppliers{time}"),
        subtitle: format!(
            "Of {} notices {} come as many Working Days before their steps as 4.29 and 4.30 want, {} too late; {} are of steps that \
             do not come, or that another notice announces anew.",
            thousands(all.notices()),
            thousands(all.in_time),
            thousands(all.too_late),
            thousands(all.without_steps)
        ),
        unit: "notice",
        bars: by_frequency(&of, Kept::notices).into_iter().map(bar).collect(),
    }
}

fn dormant(planned: &Planned, names: &Names, time: &str) -> Bars {
    let rows = by_frequency(&planned.dormant, super::stands::DormantStands::total).into_iter();
    let bars = rows.map(|(supplier, stands)| Bar {
        label: names.party(*supplier),
        note: String::new(),
        parts: dormant_stands(planned).map(|s| part(s.fill(), s.words(), Some(stands.count(s)))).collect(),
    });
    let all = planned.all_dormant();
    let told: Vec<String> =
        dormant_stands(planned).map(|s| format!("{} {}", thousands(all.count(s)), s.words())).collect();
    let ambition = &ambition::DORMANT_METERS;
    Bars {
        name: "planned-dormant-meters",
        title: format!("Dormant Meters by Responsible Supplier{time}"),
        subtitle: format!(
            "{} Dormant Meters: {}. The ambition was that {} ({}), so in time is until {}.",
            thousands(all.total()),
            told.join(", "),
            ambition.what,
            ambition.source,
            ambition.by
        ),
        unit: "meter",
        bars: bars.collect(),
    }
}

fn exclusions(planned: &Planned, time: &str) -> Bars {
    let mut categories: BTreeMap<ExclusionCategory, u64> = BTreeMap::new();
    for excluded in &planned.exclusions.all {
        *categories.entry(excluded.category).or_default() += 1;
    }
    let bar = |(category, count): (&ExclusionCategory, &u64)| Bar {
        label: category.as_str().to_owned(),
        note: category.words().to_owned(),
        parts: vec![part(Fill::Dotted, "excluded", Some(*count))],
    };
    Bars {
        name: "planned-exclusions",
        title: format!("Exclusions{time}"),
        subtitle: "Installations in an excluded category, and gas meters with a HAN error, when the plan's days are over; planned-exclusions.csv has the evidence."
            .to_owned(),
        unit: "installation",
        bars: by_frequency(&categories, |count| *count).into_iter().map(bar).collect(),
    }
}
