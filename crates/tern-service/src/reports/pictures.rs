//! The reports as pictures: the same sums as the tables, one chart for each question.

use tern_rules::ambition;

use super::bars::{Bar, Bars, Part};
use super::counts::{Counts, End};
use super::ledger::Ledger;
use super::names::Names;
use super::series::{self, Step};
use super::svg::{Fill, thousands};
use super::tables::{by_frequency, rule_words};
use super::timeline::{Slot, Timeline, Words};

/// A picture that becomes one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    /// The file's name without its ending.
    pub name: &'static str,
    /// The file's text.
    pub svg: String,
}

/// Every picture, in the order in which they are told; each names the overlay under which it was made.
#[must_use]
pub fn pictures(ledger: &Ledger, names: &Names, overlay: Option<&str>) -> Vec<Chart> {
    let time = time_words(ledger);
    let mut lines = [
        over_time(ledger, Step::Day, "outcomes-by-day", format!("Outcomes by day{time}")),
        over_time(ledger, Step::Week, "outcomes-by-week", format!("Outcomes by week{time}")),
    ];
    let mut bars = [
        outcomes(ledger, &time),
        findings(ledger, &time),
        failures(ledger, &time),
        suppliers(ledger, names, &time),
        smsos(ledger, names, &time),
        dormant(ledger, names, &time),
    ];
    if let Some(overlay) = overlay {
        let subtitles = lines.iter_mut().map(|t| &mut t.subtitle).chain(bars.iter_mut().map(|b| &mut b.subtitle));
        subtitles.for_each(|subtitle| subtitle.push_str(&format!(" Under {overlay}.")));
    }
    let lines = lines.iter().map(|t| Chart { name: t.name, svg: t.draw() });
    lines.chain(bars.iter().map(|b| Chart { name: b.name, svg: b.draw() })).collect()
}

/// `, 2026-11-02 to 2026-11-27`: of which days the report speaks, as far as anything is known.
fn time_words(ledger: &Ledger) -> String {
    let slots = series::slots(ledger, Step::Day);
    match (slots.first(), slots.last()) {
        (Some(first), Some(last)) if first.first == last.last => format!(", {}", first.first),
        (Some(first), Some(last)) => format!(", {} to {}", first.first, last.last),
        _ => String::new(),
    }
}

fn fill(end: End) -> Fill {
    match end {
        End::Commissioned => Fill::Solid,
        End::Refused => Fill::Slanted,
        End::RolledBack => Fill::Backslanted,
        End::Stuck => Fill::Crossed,
        End::Closed => Fill::Dotted,
        End::Open => Fill::Hollow,
    }
}

fn parts(counts: &Counts) -> Vec<Part> {
    counts.each().map(|(end, count)| Part { fill: fill(end), words: end.words(), count }).collect()
}

fn over_time(ledger: &Ledger, step: Step, name: &'static str, title: String) -> Timeline {
    let slot = |s: series::Slot| Slot {
        label: match step {
            Step::Day => s.first.strftime("%-d %b").to_string(),
            Step::Week => s.name.split_once('-').map_or_else(String::new, |(_, week)| week.to_owned()),
        },
        full: match step {
            Step::Day => s.name.clone(),
            Step::Week => format!("{} ({} to {})", s.name, s.first, s.last),
        },
        parts: parts(&s.ends),
        done: s.commissioned_so_far,
        known: s.known,
    };
    let subtitle = "Each installation counts once in each set that it came in; known is every installation of a set that was \
                    taken in, once.";
    Timeline {
        name,
        title,
        subtitle: subtitle.to_owned(),
        slots: series::slots(ledger, step).into_iter().map(slot).collect(),
        words: Words { done: "commissioned", ends: "ends in each period; open ones where they were taken in" },
    }
}

fn outcomes(ledger: &Ledger, time: &str) -> Bars {
    let bar = |(end, count): (End, u64)| Bar {
        label: end.words().to_owned(),
        note: String::new(),
        parts: vec![Part { fill: fill(end), words: end.words(), count }],
    };
    let always = [End::Commissioned, End::Refused, End::RolledBack, End::Stuck];
    let shown = ledger.standing.each().filter(|(end, count)| *count > 0 || always.contains(end));
    Bars {
        name: "outcomes",
        title: format!("Where installations stand{time}"),
        subtitle: "Installations, each once, where they stand.".to_owned(),
        unit: "installation",
        bars: shown.map(bar).collect(),
    }
}

fn findings(ledger: &Ledger, time: &str) -> Bars {
    let rows = by_frequency(&ledger.clauses, |f| f.installations + f.sets).into_iter().map(|(clause, found)| {
        let (grade, title) = rule_words(clause);
        let label = if grade.is_empty() { clause.clone() } else { format!("{clause}  ({grade})") };
        let part = |fill, words, count| Part { fill, words, count };
        let parts = vec![
            part(Fill::Slanted, "installations refused", found.installations),
            part(Fill::Crossed, "sets refused whole", found.sets),
        ];
        Bar { label, note: title.to_owned(), parts }
    });
    Bars {
        name: "findings-by-clause",
        title: format!("Findings by clause{time}"),
        subtitle:
            "Refusals behind each clause, with its grade: stated by a source, R our reading, P project-defined. One \
                   installation may break several."
                .to_owned(),
        unit: "refusal",
        bars: rows.collect(),
    }
}

fn failures(ledger: &Ledger, time: &str) -> Bars {
    let total = |f: &super::ledger::Failed| f.rolled_back + f.stuck + f.left_behind;
    let rows = by_frequency(&ledger.codes, total).into_iter().map(|(code, f)| Bar {
        label: code.clone(),
        note: String::new(),
        parts: vec![
            Part { fill: Fill::Backslanted, words: "rolled back", count: f.rolled_back },
            Part { fill: Fill::Crossed, words: "stuck", count: f.stuck },
            Part { fill: Fill::Barred, words: "gas meter left behind", count: f.left_behind },
        ],
    });
    Bars {
        name: "failures-by-code",
        title: format!("Failures by code{time}"),
        subtitle: "Installations that began and did not become wholly the DCC's, by the row or code that failed."
            .to_owned(),
        unit: "installation",
        bars: rows.collect(),
    }
}

fn suppliers(ledger: &Ledger, names: &Names, time: &str) -> Bars {
    let rows =
        by_frequency(&ledger.suppliers, super::ledger::MeterCounts::total).into_iter().map(|(supplier, meters)| {
            let mut parts = parts(&meters.ends);
            parts.push(Part { fill: Fill::Barred, words: "gas meter left behind", count: meters.left_behind });
            Bar { label: names.supplier(*supplier), note: names.note(*supplier), parts }
        });
    Bars {
        name: "outcomes-by-supplier",
        title: format!("Meters by Responsible Supplier{time}"),
        subtitle: "Meters, each once, by the supplier registered on the day on which it ended, and how its installation stands."
            .to_owned(),
        unit: "meter",
        bars: rows.collect(),
    }
}

fn smsos(ledger: &Ledger, names: &Names, time: &str) -> Bars {
    let rows = by_frequency(&ledger.smsos, Counts::total).into_iter().map(|((smso, group), counts)| Bar {
        label: format!("{group}  {}", names.party(*smso)),
        note: String::new(),
        parts: parts(counts),
    });
    Bars {
        name: "outcomes-by-smso",
        title: format!("Installations by SMSO and group{time}"),
        subtitle: "Installations, each once, where they stand.".to_owned(),
        unit: "installation",
        bars: rows.collect(),
    }
}

fn dormant(ledger: &Ledger, names: &Names, time: &str) -> Bars {
    let rows = by_frequency(&ledger.dormant, super::ledger::Dormant::total).into_iter().map(|(supplier, d)| Bar {
        label: names.supplier(*supplier),
        note: names.note(*supplier),
        parts: vec![
            Part { fill: Fill::Solid, words: "enrolled", count: d.enrolled },
            Part { fill: Fill::Hollow, words: "planned", count: d.planned },
            Part { fill: Fill::Slanted, words: "to be planned again", count: d.again },
            Part { fill: Fill::Dotted, words: "excluded", count: d.excluded },
        ],
    });
    let all: u64 = ledger.dormant.values().map(super::ledger::Dormant::total).sum();
    let enrolled: u64 = ledger.dormant.values().map(|d| d.enrolled).sum();
    Bars {
        name: "dormant-meters",
        title: format!("Dormant Meters by Responsible Supplier{time}"),
        subtitle: format!(
            "{} of {} Dormant Meters of installations that came in a set are enrolled; the ambition was all of them by {}.",
            thousands(enrolled),
            thousands(all),
            ambition::DORMANT_METERS.by.strftime("%-d %B %Y")
        ),
        unit: "meter",
        bars: rows.collect(),
    }
}
