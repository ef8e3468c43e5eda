//! One week of a calendar: its seven fields, a line in each for whatever there is in that week, and the sums.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use tern_model::working_day::is_working_day;
use tern_plan::assumptions::Assumptions;
use tern_plan::plan::Period;

use super::Calendar;
use crate::reports::bars::share;
use crate::reports::planned::days::{Day, Days, Doing};
use crate::reports::svg::{Anchor, Area, FAINT, Font, Picture, RULE, thousands};

pub(super) const EDGE: f64 = 28.0;
/// For the week's number.
const WEEK: f64 = 78.0;
/// A field from Monday to Friday, and one of the weekend.
const FIELD: f64 = 132.0;
const NARROW: f64 = 96.0;
/// For the week's sums.
const SUMS: f64 = 214.0;
/// The picture.
pub(super) const WIDTH: f64 = EDGE + WEEK + 5.0 * FIELD + 2.0 * NARROW + SUMS + EDGE;
/// From one line to the next, and a bar's height.
const LINE: f64 = 15.0;
pub(super) const BAR: f64 = 10.0;
/// For the day of the month.
const HEAD: f64 = 22.0;
/// For a number behind a bar.
const NUMBER: f64 = 58.0;
/// The ground of days that are no Working Days.
pub(super) const SHADE: &str = "#e9ecf0";
/// The line between months.
const MONTH: &str = "#5b6672";

/// What all weeks have in common.
pub(super) struct Grid<'a> {
    days: &'a Days,
    period: Period,
    /// The number that makes a bar as long as it may be.
    longest: BTreeMap<Doing, u64>,
    capacity: u64,
    /// The part of it that a whole plan keeps free.
    reserve: f64,
}

/// A field's left edge and width.
fn field(weekday: usize) -> (f64, f64) {
    #[expect(clippy::cast_precision_loss, reason = "there are seven")]
    let at = weekday as f64;
    if weekday < 5 {
        (EDGE + WEEK + at * FIELD, FIELD)
    } else {
        (EDGE + WEEK + 5.0 * FIELD + (at - 5.0) * NARROW, NARROW)
    }
}

/// Draws the names of the columns, and says where the rows begin.
pub(super) fn columns(picture: &mut Picture, y: f64) -> f64 {
    let names = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    picture.text(EDGE, y + 18.0, Anchor::Start, Font::SMALL, "week");
    for (at, name) in names.into_iter().enumerate() {
        picture.text(field(at).0 + 5.0, y + 18.0, Anchor::Start, Font::SMALL, name);
    }
    picture.text(WIDTH - EDGE - SUMS + 10.0, y + 18.0, Anchor::Start, Font::SMALL, "in the week");
    y + 25.0
}

/// The outline of what a bar could be at most, with a line where the places begin that a whole plan keeps free: that part of
/// the outline, from 0 to 1.
pub(super) fn frame(picture: &mut Picture, bar: Area, reserve: f64) {
    let Area { x, y, width, height } = bar;
    let corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)];
    picture.line(&corners, FAINT, 0.8, "");
    if reserve > 0.0 {
        let at = x + width * (1.0 - reserve);
        picture.line(&[(at, y), (at, y + height)], FAINT, 0.8, "");
    }
}

/// The part of the capacity that a whole plan keeps free, from 0 to 1.
pub(super) fn reserve(of: &Assumptions) -> f64 {
    share(u64::from(of.reserve_a_day.min(of.capacity_a_day)), u64::from(of.capacity_a_day))
}

impl<'a> Grid<'a> {
    pub(super) fn of(calendar: &Calendar<'a>) -> Grid<'a> {
        let made = &calendar.plan.made;
        let capacity = u64::from(made.assumptions.capacity_a_day);
        let longest = |doing: Doing| {
            let most = calendar.days.most(doing).map_or(0, |(_, count)| count);
            (doing, if doing == Doing::Migration { most.max(capacity) } else { most })
        };
        let reserve = reserve(&made.assumptions);
        Grid { days: calendar.days, period: made.period, longest: Doing::ALL.map(longest).into(), capacity, reserve }
    }

    /// Draws a week at a height, and says at which the next one begins.
    pub(super) fn draw(&self, picture: &mut Picture, monday: Date, y: f64) -> f64 {
        let sunday = monday.saturating_add(6.days());
        let sum = self.days.sum(monday..=sunday);
        let lines: Vec<Doing> = sum.some().map(|(doing, _)| doing).collect();
        let height = HEAD + 6.0 + LINE * lines.iter().fold(0.0, |lines: f64, _| lines + 1.0).max(1.0);
        let week = monday.iso_week_date();
        picture.text(EDGE, y + 16.0, Anchor::Start, Font::STRONG, &format!("W{:02}", week.week()));
        picture.text(EDGE, y + 31.0, Anchor::Start, Font::SMALL, &week.year().to_string());
        for (at, day) in monday.series(1.day()).take(7).enumerate() {
            let (x, width) = field(at);
            let area = Area { x, y, width, height };
            if day >= self.period.first && day <= self.period.last {
                self.draw_day(picture, day, area, &lines);
            }
            month_line(picture, day, area);
        }
        let right = WIDTH - EDGE - SUMS;
        picture.line(&[(EDGE, y + height), (WIDTH - EDGE, y + height)], RULE, 1.0, "");
        picture.line(&[(right, y), (right, y + height)], RULE, 1.0, "");
        self.draw_sums(picture, (sunday, &sum), &lines, y);
        y + height
    }

    fn draw_day(&self, picture: &mut Picture, day: Date, area: Area, lines: &[Doing]) {
        let weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
        let note = match is_working_day(day) {
            Ok(true) => "",
            Ok(false) if weekend => "",
            Ok(false) => "bank holiday",
            Err(_) if weekend => "",
            Err(_) => "FACTS MISSING",
        };
        if weekend || note == "bank holiday" {
            picture.ground(area, SHADE);
        }
        picture.line(&[(area.x, area.y), (area.x, area.y + area.height)], RULE, 1.0, "");
        self.draw_date(picture, day, note, area);
        let of_day = self.days.on(day);
        let mut y = area.y + HEAD;
        for doing in lines {
            let count = of_day.count(*doing);
            if count > 0 {
                self.draw_bar(picture, (day, *doing, count), Area { y, ..area });
            }
            y += LINE;
        }
    }

    /// The day of the month, with month and year where it is the first, and beside it what kind of day it is.
    fn draw_date(&self, picture: &mut Picture, day: Date, note: &str, area: Area) {
        let is_first = day.day() == 1 || day == self.period.first;
        let (font, labels): (Font, &[&str]) = if is_first {
            (Font::STRONG, &["%-d %b %Y", "%-d %b", "%-d"])
        } else if day.weekday() == Weekday::Monday {
            (Font::SMALL, &["%-d %b", "%-d"])
        } else {
            (Font::SMALL, &["%-d"])
        };
        let room = area.width - 10.0 - if note.is_empty() { 0.0 } else { Font::TINY.width(note) + 6.0 };
        let labels: Vec<String> = labels.iter().map(|label| day.strftime(label).to_string()).collect();
        let label = labels.iter().find(|label| font.width(label) <= room).or(labels.last());
        picture.text(area.x + 5.0, area.y + 15.0, Anchor::Start, font, label.map_or("", String::as_str));
        let right = area.x + area.width - 5.0;
        if !note.is_empty() {
            picture.text(right, area.y + 15.0, Anchor::End, Font { ink: FAINT, ..Font::TINY }, note);
        }
    }

    fn draw_bar(&self, picture: &mut Picture, (day, doing, count): (Date, Doing, u64), field: Area) {
        let room = field.width - NUMBER - 10.0;
        let longest = self.longest.get(&doing).copied().unwrap_or_default();
        let bar = Area { x: field.x + 5.0, y: field.y, width: (share(count, longest) * room).max(2.0), height: BAR };
        let mut told = format!("{day}: {}", doing.told(count));
        let mut end = bar.x + bar.width;
        if doing == Doing::Migration {
            told += &format!(", of {} that capacity allows", thousands(self.capacity));
            let most = Area { width: (share(self.capacity, longest) * room).max(2.0), ..bar };
            frame(picture, most, self.reserve);
            end = end.max(most.x + most.width);
        }
        picture.area(bar, doing.fill(), &told);
        picture.text(end + 5.0, bar.y + 9.0, Anchor::Start, Font::TINY, &thousands(count));
    }

    fn draw_sums(&self, picture: &mut Picture, (sunday, sum): (Date, &Day), lines: &[Doing], top: f64) {
        let x = WIDTH - EDGE - SUMS + 10.0;
        let so_far = self.days.migrated_until(sunday);
        let percent = 100.0 * share(so_far, self.days.installations);
        let told = format!("{} migrated so far, {percent:.1} %", thousands(so_far));
        picture.text(x, top + 15.0, Anchor::Start, Font::SMALL, &Font::SMALL.fitted(&told, SUMS - 12.0));
        let mut y = top + HEAD;
        for doing in lines {
            let told = doing.counted(sum.count(*doing));
            picture.area(Area { x, y, width: BAR, height: BAR }, doing.fill(), doing.words());
            let room = SUMS - BAR - 16.0;
            picture.text(x + BAR + 6.0, y + 9.0, Anchor::Start, Font::TINY, &Font::TINY.fitted(&told, room));
            y += LINE;
        }
    }
}

/// The line between two months, as far as it goes along a field.
fn month_line(picture: &mut Picture, day: Date, field: Area) {
    let Area { x, y, width, height } = field;
    if day.day() <= 7 {
        picture.line(&[(x, y), (x + width, y)], MONTH, 1.4, "");
    }
    if day.day() == 1 && day.weekday() != Weekday::Monday {
        picture.line(&[(x, y), (x, y + height)], MONTH, 1.4, "");
    }
}
