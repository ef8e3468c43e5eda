//! A plan as a calendar for the wall: a row for each week, a field for each day, and in it what is done on that day. Days that are
//! no Working Days are shaded, bank holidays named; weeks on end without anything stand in one line.

mod week;

use jiff::ToSpan;
use jiff::civil::Date;
use tern_plan::assumptions::Assumptions;
use tern_plan::plan::Period;

use super::days::{Days, Doing};
use crate::plans::Generation;
use crate::reports::bars::{Part, share};
use crate::reports::legend;
use crate::reports::svg::{Anchor, Area, FAINT, Font, Picture, thousands};
use week::{Grid, WIDTH, columns};

/// The picture's file.
const NAME: &str = "planned-calendar";
const EDGE: f64 = week::EDGE;
/// What a shaded field means is told beside a field of this size.
const BOX: f64 = 14.0;
/// A line for weeks without anything.
const QUIET: f64 = 30.0;
/// The names of the days are repeated after so many weeks.
const NAMES_EVERY: usize = 13;

/// A plan's calendar.
#[derive(Debug, Clone, Copy)]
pub struct Calendar<'a> {
    /// What is done on which day.
    pub days: &'a Days,
    /// What is planned.
    pub plan: &'a Generation,
}

/// What becomes one row.
enum Row {
    /// A week, by its Monday.
    Week(Date),
    /// Weeks without anything, from the first one's Monday to the last one's Sunday.
    Quiet(Date, Date),
}

impl Calendar<'_> {
    /// The file's name without its ending.
    pub const NAME: &'static str = NAME;

    /// The picture.
    #[must_use]
    pub fn draw(&self) -> String {
        let mut picture = Picture::new(NAME, WIDTH);
        let all = self.days.sum(..);
        let part = |(doing, count): (Doing, u64)| Part { fill: doing.fill(), words: doing.words(), count };
        let (title, subtitle) = (self.title(), self.subtitle());
        let mut y = legend::heading(&mut picture, &title, &subtitle, all.some().map(part));
        y = draw_key(&mut picture, y - 8.0, &self.plan.made.assumptions);
        let (grid, mut weeks) = (Grid::of(self), 0);
        for row in self.rows() {
            match row {
                Row::Week(monday) => {
                    if weeks % NAMES_EVERY == 0 {
                        y = columns(&mut picture, y);
                    }
                    weeks += 1;
                    y = grid.draw(&mut picture, monday, y);
                }
                Row::Quiet(first, last) => {
                    let period = self.plan.made.period;
                    let (first, last) = (first.max(period.first), last.min(period.last));
                    let told = format!("from {first} to {last} nothing is done");
                    picture.text(EDGE, y + 20.0, Anchor::Start, Font::SMALL, &told);
                    y += QUIET;
                }
            }
        }
        picture.finish(y + 22.0, &title, &self.description(&subtitle))
    }

    fn rows(&self) -> Vec<Row> {
        let Period { first, last } = self.plan.made.period;
        let monday = first.saturating_sub(i32::from(first.weekday().to_monday_zero_offset()).days());
        let (mut rows, mut quiet): (Vec<Row>, Vec<Date>) = (Vec::new(), Vec::new());
        for monday in monday.series(1.week()).take_while(|monday| *monday <= last) {
            if self.days.days.range(monday..=sunday(monday)).next().is_none() {
                quiet.push(monday);
                continue;
            }
            rows.extend(quiet_rows(&quiet));
            quiet.clear();
            rows.push(Row::Week(monday));
        }
        rows.extend(quiet_rows(&quiet));
        rows
    }

    fn title(&self) -> String {
        let Period { first, last } = self.plan.made.period;
        let overlay = self.plan.made.overlay.as_ref().map_or(String::new(), |overlay| format!(", under {overlay}"));
        format!("Planned from {first} to {last}{overlay}")
    }

    fn subtitle(&self) -> String {
        let migrated = self.days.migrated.values().sum();
        let last = self.days.migrated.last_key_value();
        let last = last.map_or(String::new(), |(day, _)| format!(", the last one on {day}"));
        let most = |doing| Some((doing, self.days.most(doing)?.1));
        let most: Vec<_> = Doing::ALL.into_iter().filter(|d| *d != Doing::Migration).filter_map(most).collect();
        let most: Vec<_> = most.iter().map(|(doing, count)| doing.counted(*count)).collect();
        let longest = if most.is_empty() { String::new() } else { format!(" The longest bars: {}.", most.join(", ")) };
        format!(
            "{} of {} installations are migrated{last}. Bars of migrations are measured against capacity{}, others against the \
             largest number of their kind on any day.{longest} Generation {}.",
            thousands(migrated),
            thousands(self.days.installations),
            kept_free(&self.plan.made.assumptions),
            self.plan.number
        )
    }

    /// In words: what there is in each month.
    fn description(&self, subtitle: &str) -> String {
        let mut told = vec![subtitle.to_owned()];
        let mut day = self.plan.made.period.first.first_of_month();
        while day <= self.plan.made.period.last {
            let of_month = self.days.sum(day..=day.last_of_month());
            let some: Vec<_> = of_month.some().map(|(doing, count)| doing.counted(count)).collect();
            if !some.is_empty() {
                told.push(format!("{}: {}.", day.strftime("%B %Y"), some.join(", ")));
            }
            let Ok(next) = day.checked_add(1.month()) else { break };
            day = next;
        }
        told.join(" ")
    }
}

/// One week without anything is a row as any other; more of them are a line.
fn quiet_rows(quiet: &[Date]) -> Option<Row> {
    match quiet {
        [] => None,
        [monday] => Some(Row::Week(*monday)),
        [first, .., last] => Some(Row::Quiet(*first, sunday(*last))),
    }
}

fn sunday(monday: Date) -> Date {
    monday.saturating_add(6.days())
}

/// What can be done on a day.
fn capacity(assumed: &Assumptions) -> String {
    let all = thousands(u64::from(assumed.capacity_a_day));
    let full = assumed.capacity_a_day.saturating_sub(assumed.reserve_a_day);
    match assumed.reserve_a_day {
        0 => format!("capacity: {all} a day"),
        _ => format!("capacity: {all} a day, {} without the reserve", thousands(u64::from(full))),
    }
}

/// How many places of a day a whole plan keeps free, where it keeps any.
fn kept_free(assumed: &Assumptions) -> String {
    let Assumptions { capacity_a_day, reserve_a_day, .. } = *assumed;
    let number = |places: u32| thousands(u64::from(places));
    let full = capacity_a_day.saturating_sub(reserve_a_day);
    match reserve_a_day {
        0 => String::new(),
        _ => format!(
            " ({} a day, of which a whole plan gives {} and keeps {} in reserve)",
            number(capacity_a_day),
            number(full),
            number(reserve_a_day)
        ),
    }
}

/// What shading and frames mean.
fn draw_key(picture: &mut Picture, y: f64, assumed: &Assumptions) -> f64 {
    let words = "no Working Day: weekends, and bank holidays of England and Wales, which are named";
    picture.ground(Area { x: EDGE, y, width: BOX, height: BOX }, week::SHADE);
    picture.text(EDGE + BOX + 6.0, y + 12.0, Anchor::Start, Font::PLAIN, words);
    let x = EDGE + BOX + 6.0 + Font::PLAIN.width(words) + 18.0;
    let bar = Area { x, y: y + 2.0, width: 40.0, height: week::BAR };
    week::frame(picture, bar, week::reserve(assumed));
    let filled = Area { width: bar.width * share(2, 3), ..bar };
    picture.area(filled, Doing::Migration.fill(), "two thirds of capacity");
    let told = capacity(assumed);
    picture.text(x + 46.0, y + 12.0, Anchor::Start, Font { ink: FAINT, ..Font::PLAIN }, &told);
    y + BOX + 20.0
}
