//! Reports: sums, tables and pictures from invented migrations, and what other programs read out of them.

mod csv;
mod pictures;
mod planned_calendar;
mod sums;
mod support;
