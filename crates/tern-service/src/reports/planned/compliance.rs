//! Each notice of a story held against the steps that it announces: whether the Working Days of 4.29 and 4.30 lie between.
//!
//! The days are counted anew, and not taken from the plan. Beyond the table of bank holidays nothing is said to be in time.

use std::collections::BTreeMap;

use jiff::civil::Date;
use tern_model::{PartyId, working_day};
use tern_plan::plan::{Awaited, Dormancy, Line, NoticeOf, What};

/// What a notice is about, and as what the installation is notified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoticeKind {
    /// Of 4.29 or 4.30.
    Dated {
        /// Which steps.
        of: NoticeOf,
        /// As what.
        dormancy: Dormancy,
        /// The Working Days that the wording in force asks for.
        working_days: u16,
    },
    /// To who gains a meter: before these steps, without a number of days (PL3). Plans of earlier builds do not say which.
    ToNew(Option<NoticeOf>),
}

/// How notices of one kind to one supplier stand to their steps.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Kept {
    /// The steps come, and the Working Days lie between.
    pub in_time: u64,
    /// The steps come too early.
    pub too_late: u64,
    /// The steps do not come in the plan's days, or another notice of them comes first.
    pub without_steps: u64,
    /// Nobody can count the days: the table of bank holidays ends before.
    pub facts_missing: u64,
    /// The fewest Working Days that lie between.
    pub least: Option<u32>,
}

impl Kept {
    /// How many in all.
    #[must_use]
    pub fn notices(&self) -> u64 {
        self.in_time + self.too_late + self.without_steps + self.facts_missing
    }

    /// All of another's.
    pub fn extend(&mut self, other: &Kept) {
        self.in_time += other.in_time;
        self.too_late += other.too_late;
        self.without_steps += other.without_steps;
        self.facts_missing += other.facts_missing;
        self.least = self.least.into_iter().chain(other.least).min();
    }
}

/// Notices by recipient and kind.
#[derive(Debug, Default)]
pub(super) struct Compliance {
    pub(super) kept: BTreeMap<(PartyId, NoticeKind), Kept>,
    /// Working Days between two days, of which there are few pairs.
    between: BTreeMap<(Date, Date), Option<u32>>,
}

/// A notice whose steps have not come yet.
struct Open {
    day: Date,
    to: PartyId,
    kind: NoticeKind,
}

impl Compliance {
    /// Adds the notices of a story.
    pub(super) fn add(&mut self, story: &[Line]) {
        let mut open: Vec<Open> = Vec::new();
        for line in story {
            match &line.what {
                What::Notice { of, to, working_days, dormancy, .. } => {
                    let again = |o: &Open| matches!(o.kind, NoticeKind::Dated { of: before, .. } if before == *of);
                    self.drop_open(&mut open, |o| again(o) && o.day < line.day);
                    let kind = NoticeKind::Dated { of: *of, dormancy: *dormancy, working_days: *working_days };
                    open.push(Open { day: line.day, to: *to, kind });
                }
                What::NoticeToNew { of, to, .. } => {
                    open.push(Open { day: line.day, to: *to, kind: NoticeKind::ToNew(*of) });
                }
                What::HopBegun { .. } | What::ConfigurationBegun => {
                    self.begin(&mut open, line.day, NoticeOf::Preparation);
                }
                What::Migration(_) => self.begin(&mut open, line.day, NoticeOf::Migration),
                What::TurnedActive | What::Awaits(Awaited::Change(_)) => self.drop_open(&mut open, |_| true),
                What::Left { .. } => self.drop_open(&mut open, |open| !is_of(open, NoticeOf::Preparation)),
                _ => {}
            }
        }
        self.drop_open(&mut open, |_| true);
    }

    /// Steps begin: every notice of them, also to a supplier who gains a meter, is answered.
    fn begin(&mut self, open: &mut Vec<Open>, day: Date, of: NoticeOf) {
        let (answered, rest) =
            std::mem::take(open).into_iter().partition::<Vec<_>, _>(|open| is_to_new(open, of) || is_of(open, of));
        *open = rest;
        for notice in answered {
            let days = self.working_days(notice.day, day);
            let kept = self.kept.entry((notice.to, notice.kind)).or_default();
            let wanted = if let NoticeKind::Dated { working_days, .. } = notice.kind { working_days } else { 0 };
            match days {
                None => kept.facts_missing += 1,
                Some(days) if days < u32::from(wanted) => kept.too_late += 1,
                Some(_) => kept.in_time += 1,
            }
            kept.least = kept.least.into_iter().chain(days).min();
        }
    }

    fn drop_open(&mut self, open: &mut Vec<Open>, which: impl Fn(&Open) -> bool) {
        let (dropped, rest) = std::mem::take(open).into_iter().partition::<Vec<_>, _>(|open| which(open));
        *open = rest;
        for notice in dropped {
            self.kept.entry((notice.to, notice.kind)).or_default().without_steps += 1;
        }
    }

    fn working_days(&mut self, from: Date, until: Date) -> Option<u32> {
        *self.between.entry((from, until)).or_insert_with(|| working_day::between(from, until).ok())
    }
}

fn is_to_new(open: &Open, wanted: NoticeOf) -> bool {
    matches!(open.kind, NoticeKind::ToNew(of) if of.is_none_or(|of| of == wanted))
}

fn is_of(open: &Open, wanted: NoticeOf) -> bool {
    matches!(open.kind, NoticeKind::Dated { of, .. } if of == wanted)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use tern_model::Fuel;
    use tern_plan::plan::{MeterName, Named};

    use super::*;

    const SUPPLIER: &str = "90B3D51F30000001";

    fn line(month: i8, day: i8, what: Named) -> Line {
        Line { day: date(2021, month, day), what }
    }

    fn notice(of: NoticeOf, working_days: u16) -> Named {
        let (to, dormancy) = (SUPPLIER.parse().expect("an EUI-64"), Dormancy::Standard);
        What::Notice { of, to, working_days, dormancy, earliest: date(2021, 3, 22) }
    }

    fn migration() -> Named {
        What::Migration(SUPPLIER.parse().expect("an EUI-64"))
    }

    /// In time, too late, without steps; the fewest days.
    #[track_caller]
    fn check(story: &[Line], counts: (u64, u64, u64), least: Option<u32>) {
        let mut compliance = Compliance::default();
        compliance.add(story);
        let kept = compliance.kept.values().fold(Kept::default(), |mut sum, kept| {
            sum.extend(kept);
            sum
        });
        assert_eq!((kept.in_time, kept.too_late, kept.without_steps), counts);
        assert_eq!((kept.least, kept.facts_missing), (least, 0));
    }

    #[test]
    fn fifteen_working_days_after_monday_1_march_are_over_on_22_march() {
        let notice = line(3, 1, notice(NoticeOf::Migration, 15));
        check(&[notice.clone(), line(3, 22, migration())], (1, 0, 0), Some(15));
        check(&[notice.clone(), line(3, 21, migration())], (0, 1, 0), Some(14));
        check(&[notice], (0, 0, 1), None);
    }

    #[test]
    fn bank_holidays_are_not_counted() {
        // Good Friday and Easter Monday of 2021 lie between.
        let notice = line(4, 1, notice(NoticeOf::Migration, 2));
        check(&[notice.clone(), line(4, 6, migration())], (0, 1, 0), Some(1));
        check(&[notice, line(4, 7, migration())], (1, 0, 0), Some(2));
    }

    #[test]
    fn each_notice_is_held_against_its_own_steps() {
        let story = [
            line(3, 1, notice(NoticeOf::Preparation, 15)),
            line(3, 1, notice(NoticeOf::Migration, 15)),
            line(3, 22, What::ConfigurationBegun),
            line(3, 24, migration()),
        ];
        check(&story, (2, 0, 0), Some(15));
        // Announced anew: the first notice is not what the steps rest on.
        let again = [story[1].clone(), line(3, 10, notice(NoticeOf::Migration, 15)), line(3, 24, migration())];
        check(&again, (0, 1, 1), Some(10));
        let active = [story[1].clone(), line(3, 10, What::TurnedActive), line(3, 24, migration())];
        check(&active, (0, 0, 1), None);
    }

    #[test]
    fn who_gains_a_meter_is_told_before_the_steps_that_its_notice_is_of() {
        let to_new = |of| {
            let (to, meter) =
                (SUPPLIER.parse().expect("an EUI-64"), MeterName { fuel: Fuel::Gas, mpxn: String::new() });
            line(3, 1, What::NoticeToNew { of, meter, to, effective: date(2021, 3, 30) })
        };
        let steps = [line(3, 22, What::ConfigurationBegun), line(3, 24, migration())];
        let story = |of| [vec![to_new(of)], steps.to_vec()].concat();
        check(&story(Some(NoticeOf::Preparation)), (1, 0, 0), Some(15));
        check(&story(Some(NoticeOf::Migration)), (1, 0, 0), Some(17));
        // A plan of an earlier build does not say of what: it is of what comes first.
        let mut earlier = serde_json::to_value(to_new(None)).expect("is JSON");
        let fields = earlier["what"]["notice-to-new"].as_object_mut().expect("its fields");
        assert_eq!(fields.remove("of"), Some(serde_json::Value::Null));
        let earlier: Line = serde_json::from_value(earlier).expect("is read");
        check(&[vec![earlier], steps.to_vec()].concat(), (1, 0, 0), Some(15));
        check(&[to_new(Some(NoticeOf::Preparation)), steps[1].clone()], (0, 0, 1), None);
    }

    #[test]
    fn beyond_the_table_nothing_is_said_to_be_in_time() {
        let mut compliance = Compliance::default();
        let story = [
            Line { day: date(2029, 12, 20), what: notice(NoticeOf::Migration, 2) },
            Line { day: date(2030, 1, 20), what: migration() },
        ];
        compliance.add(&story);
        let kept = compliance.kept.values().next().expect("a notice");
        assert_eq!((kept.facts_missing, kept.in_time, kept.least), (1, 0, None));
    }
}
