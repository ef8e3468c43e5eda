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
/// It cannot be read, or names what is no assumption.
pub fn read(file: &Path) -> Result<Assumptions, Failure> {
    let text = std::fs::read_to_string(file).map_err(|error| file_failure("read", file, &error))?;
    toml::from_str(&text).map_err(|error| {
        let next = "every verb that plans prints each assumption by its name";
        Failure::new(error.to_string(), next).at(file.display().to_string())
    })
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
