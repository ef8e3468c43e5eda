//! What planning assumes where no source says it, as the command line takes it and tells it: the same by every verb that plans.

use std::path::Path;

use jiff::ToSpan;
use jiff::civil::Date;
use tern_plan::assumptions::Assumptions;
use tern_plan::plan::Period;

use crate::context::file_failure;
use crate::failure::Failure;
use crate::look::Look;

/// How long a plan is where nobody says it.
const YEARS: i32 = 2;

/// Reads assumptions from a file; what it leaves out is as by default.
///
/// # Errors
/// It cannot be read, names what is no assumption, or leaves a whole plan no place on any day.
pub fn read(file: &Path) -> Result<Assumptions, Failure> {
    let text = std::fs::read_to_string(file).map_err(|error| file_failure("read", file, &error))?;
    let assumptions: Assumptions = toml::from_str(&text).map_err(|error| {
        let next = "every verb that plans prints each assumption by its name";
        Failure::new(error.to_string(), next).at(file.display().to_string())
    })?;
    let Assumptions { capacity_a_day, reserve_a_day, .. } = assumptions;
    if reserve_a_day > 0 && reserve_a_day >= capacity_a_day {
        let line = |name: &str| text.lines().position(|line| line.trim_start().starts_with(name));
        let (said, at) = match line("reserve_a_day") {
            Some(at) => ("", Some(at)),
            None => (", as by default", line("capacity_a_day")),
        };
        let place = at.map_or(String::new(), |at| format!(" line {}", at + 1));
        let what = format!(
            "reserve_a_day is {reserve_a_day}{said}, and capacity_a_day {capacity_a_day}: a whole plan keeps the reserve \
             free, and would have no place on any day"
        );
        let next = match capacity_a_day {
            0 => "write reserve_a_day = 0 where nothing is to be migrated, or give a capacity above the reserve"
                .to_owned(),
            _ => format!("write a reserve_a_day below {capacity_a_day}; 0 keeps no place free"),
        };
        return Err(Failure::new(what, next).at(format!("{}{place}", file.display())));
    }
    Ok(assumptions)
}

/// The days to plan: from a first one to the last one, or for two years.
///
/// # Errors
/// The last one comes first.
pub fn period(first: Date, last: Option<Date>) -> Result<Period, Failure> {
    let last = last.unwrap_or_else(|| first.saturating_add(YEARS.years()));
    if last < first {
        return Err(Failure::new(format!("{last} comes before {first}"), "give --from the earlier day"));
    }
    Ok(Period { first, last })
}

/// Every assumption, a line each, under a heading.
pub fn told(assumptions: &Assumptions, look: &Look) -> Vec<String> {
    let text = toml::to_string(assumptions).unwrap_or_default();
    let lines = text.lines().map(|line| look.faint(&format!("    {line}")));
    std::iter::once("  assumed:".to_owned()).chain(lines).collect()
}
