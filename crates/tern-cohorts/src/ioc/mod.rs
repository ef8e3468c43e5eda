//! IOC: groups AA and BA (R), and CA, Elster devices (S002 16, 17; S000 table 2).
//!
//! Appendix A, as [`crate::appendix_a`] has it; a gas meter of CA takes a revised PIN besides, from the day of 3.25 on. Which
//! of the two tables an installation goes by is fixed with its plan.

use tern_model::GroupId;

use crate::appendix_a::ROWS;
use crate::shared::{ASSOCIATIONS, Table, TableRow, Task, steps_of};

/// Where the row of 3.25 stands: behind A3.1, so that a gas meter that is out of reach is left behind with nothing altered (P).
const AFTER_FIND_GSME: usize = 7;

/// Appendix A with the row of 3.25.
const ROWS_WITH_PIN: [TableRow; ROWS.len() + 1] = with_pin();

/// The tables of AA and BA, and of CA's installations that take no PIN.
pub(crate) static IOC: &Table = &Table { rows: &ROWS, steps: &steps_of(&ROWS), associations: ASSOCIATIONS };

/// The tables of CA's gas meters under 3.25.
pub(crate) static IOC_WITH_PIN: &Table =
    &Table { rows: &ROWS_WITH_PIN, steps: &steps_of(&ROWS_WITH_PIN), associations: ASSOCIATIONS };

/// The tables of a group under every text that there is.
pub(crate) fn table_of(group: GroupId) -> &'static &'static Table {
    if group == GroupId::CA { &IOC_WITH_PIN } else { &IOC }
}

const fn with_pin() -> [TableRow; ROWS.len() + 1] {
    let revised = TableRow::new(Task::RevisePin, "A3.2", "3.25", "the GSME takes the revised PIN");
    let mut rows = [revised; ROWS.len() + 1];
    let mut at = 0;
    while at < ROWS.len() {
        let place = if at < AFTER_FIND_GSME { at } else { at + 1 };
        rows[place] = ROWS[at];
        at += 1;
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pin_is_revised_right_after_the_gas_meter_was_found() {
        let tasks: Vec<_> = IOC_WITH_PIN.rows.iter().map(|row| row.task).collect();
        assert_eq!(tasks[AFTER_FIND_GSME - 1..=AFTER_FIND_GSME], [Task::FindGsme, Task::RevisePin]);
        let others: Vec<_> = tasks.into_iter().filter(|task| *task != Task::RevisePin).collect();
        assert_eq!(others, ROWS.map(|row| row.task));
    }
}
