//! Every day of 2019 to 2029 against the Python package `holidays`.

use std::path::Path;

use jiff::civil::date;
use tern_model::working_day::{YEARS, is_working_day};
use tern_outside::{python_with, run};

/// Prints each Working Day of England and Wales by that package.
const SCRIPT: &str = "
import datetime, holidays, sys
first, last = int(sys.argv[1]), int(sys.argv[2])
bank = {day for part in ('ENG', 'WLS') for day in holidays.country_holidays('GB', subdiv=part, years=range(first, last + 1))}
day = datetime.date(first, 1, 1)
while day.year <= last:
    if day.weekday() < 5 and day not in bank:
        print(day)
    day += datetime.timedelta(days=1)
";

#[test]
fn the_working_days_are_those_of_the_python_package() {
    let Some(python) = python_with("holidays", "the_working_days_are_those_of_the_python_package") else { return };
    let (first, last) = YEARS;
    let arguments = ["-c".to_owned(), SCRIPT.to_owned(), first.to_string(), last.to_string()];
    let (succeeded, theirs) = run(Path::new("."), python, &arguments);
    assert!(succeeded, "{theirs}");
    let days = date(first, 1, 1).series(jiff::Span::new().days(1)).take_while(|day| day.year() <= last);
    let ours: Vec<String> =
        days.filter(|day| is_working_day(*day).expect("is in the table")).map(|day| day.to_string()).collect();
    let theirs: Vec<&str> = theirs.lines().collect();
    assert!(theirs.len() > 2_700, "only {} days came", theirs.len());
    assert_eq!(ours, theirs);
}
