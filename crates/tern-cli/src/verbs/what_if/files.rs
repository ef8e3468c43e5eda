//! The table and the picture of a comparison.

use std::fs;

use tern_plan::what_if::{Range, Spread};
use tern_service::reports::{Bar, Bars, Fill, Part, Table};

use super::Answer;
use super::figures::Counted;
use super::needs::needs;
use crate::context::{file_failure, make_dir};
use crate::failure::Failure;

/// Days in one bar.
const WIDTH: i32 = 14;
/// Ranges that are drawn, two bars each.
const RANGES: usize = 20;

/// Writes both, and says how they are called.
pub fn write(answer: &Answer) -> Result<Vec<&'static str>, Failure> {
    make_dir(&answer.dir)?;
    let files = [
        ("what-if.csv", table(answer).to_csv()),
        ("sensitivity.csv", sensitivity(answer).to_csv()),
        ("what-if.svg", picture(answer).draw()),
    ];
    for (name, text) in &files {
        let path = answer.dir.join(name);
        fs::write(&path, text).map_err(|error| file_failure("write", &path, &error))?;
    }
    Ok(files.map(|(name, _)| name).to_vec())
}

fn table(answer: &Answer) -> Table {
    let rows = answer.figures().into_iter().map(|figure| {
        let (numerator, denominator, among) = match figure.counted {
            Counted::Share(share, among) => (share.count.to_string(), share.of.to_string(), among.to_owned()),
            Counted::Words(words) => (String::new(), String::new(), words),
        };
        let cells = [figure.name, figure.before.plain(), figure.after.plain(), numerator, denominator, among];
        cells.into_iter().map(Into::into).collect()
    });
    let header = vec!["figure", "baseline", "compared", "numerator", "denominator", "counted"];
    let mut table = Table { name: "what-if", header, rows: rows.collect() };
    table.add_column("baseline_rules", &answer.rules.before);
    table.add_column("compared_rules", &answer.rules.after);
    table
}

fn sensitivity(answer: &Answer) -> Table {
    let rows = needs(&answer.sources).into_iter().map(|need| need.cells().map(|cell| cell.to_owned().into()).to_vec());
    let header = vec!["source_figure", "assumption", "is", "figure", "would_have_to_be", "figure_then"];
    let mut table = Table { name: "sensitivity", header, rows: rows.collect() };
    table.add_column("baseline_rules", &answer.rules.before);
    table.add_column("compared_rules", &answer.rules.after);
    table
}

fn picture(answer: &Answer) -> Bars {
    let spreads = &answer.comparison.days_to_migration;
    let sides = [(&spreads.before, Fill::Dotted, "baseline"), (&spreads.after, Fill::Solid, "compared")];
    let most = sides.iter().map(|(spread, ..)| spread.ranges(WIDTH).len()).max().unwrap_or(0);
    let bars =
        (0..most.min(RANGES)).flat_map(|at| sides.map(|(spread, fill, words)| bar(spread, at, most, fill, words)));
    Bars {
        name: "what-if",
        title: "Days to migration".to_owned(),
        subtitle: format!(
            "{} to {}; baseline: {}; compared: {}",
            answer.from, answer.until, answer.rules.before, answer.rules.after
        ),
        unit: "installation",
        bars: bars.collect(),
    }
}

/// How many took so long; the last bar that is drawn holds all that took longer too.
fn bar(spread: &Spread, at: usize, most: usize, fill: Fill, words: &'static str) -> Bar {
    let ranges = spread.ranges(WIDTH);
    let from = ranges.get(at).map_or_else(|| i32::try_from(at).unwrap_or(0) * WIDTH, |range: &Range| range.from);
    let is_last = at + 1 == RANGES && most > RANGES;
    let of: &[Range] = if is_last { ranges.get(at..) } else { ranges.get(at..=at) }.unwrap_or_default();
    let count = of.iter().map(|range| range.count).sum();
    let label = if is_last { format!("{from} days and more") } else { format!("{from} to {} days", from + WIDTH - 1) };
    Bar { label: format!("{label}, {words}"), note: String::new(), parts: vec![Part { fill, words, count }] }
}
