//! A second planner, written from the requirement rows (AC3 to AC7, PL1 to PL8, PL10 to PL14) and from nothing else: every
//! day it looks at every installation, and works out everything again from the whole list of events.
//!
//! It shares nothing with the engine but the estate's types. The numbers of the wordings stand in [`numbers`] as the rows give
//! them.

mod epcl;
mod homes;
mod learn;
mod meters;
mod migration;
mod notices;
mod numbers;
mod steps;
mod ways;

use std::collections::BTreeMap;

use jiff::civil::Date;
use tern_model::GroupId;
use tern_model::facts::ExclusionCategory;
use tern_model::working_day::is_working_day;
use tern_plan::assumptions::{Assumptions, MigrationDays};
use tern_plan::estate::{Estate, Event, InstallationIx, ModelIx, NameIx, SupplierIx};
use tern_plan::plan::{Period, Still};

use epcl::Course;
use numbers::plus;

/// What is put on hub (0), ESME (1) or GSME (2), in order.
pub type Hops = Vec<(usize, ModelIx)>;

/// One installation, and how far it has come.
struct Home {
    of: InstallationIx,
    group: GroupId,
    installer: SupplierIx,
    smso: NameIx,
    provider: NameIx,
    /// What is on hub, ESME and GSME now.
    models: Vec<ModelIx>,
    configured: bool,
    first_eligible: Option<Date>,
    /// When 4.29's notice permits to begin.
    may_prepare: Option<Date>,
    preparing: bool,
    /// The entry that it was notified for, or that its hops lead to.
    toward: Option<usize>,
    /// What is left of them; the first one is under way while it has an end.
    hops: Hops,
    hop_ends: Option<Date>,
    /// It came to nothing, and is made again from here on.
    hop_again: Option<Date>,
    configuration_ends: Option<Date>,
    prepared: Option<Date>,
    may_migrate: Option<Date>,
    authorised: Option<Date>,
    /// The last day of that.
    authorised_to: Option<Date>,
    /// Authorisations before this event do not count any more.
    authorisations_from: usize,
    asked_until: Option<Date>,
    recent: bool,
    has_left: bool,
    not_planned_before: Option<Date>,
    retry_from: Option<Date>,
    failures: u8,
    migrated: bool,
    /// Excluded categories that it is in, each with the day on which that was known, and what is told of it.
    exclusions: Vec<(ExclusionCategory, Date, String)>,
    ready_since: Option<Date>,
    reason: Option<String>,
    /// Changes of supplier of which the one who gains the meter knows.
    told: Vec<usize>,
    /// Events about it that are known.
    own: Vec<usize>,
    lines: Vec<String>,
    ways: BTreeMap<usize, Way>,
}

impl Home {
    /// A gas HAN error leaves the gas meter behind, and excludes no installation.
    fn is_excluded(&self) -> bool {
        self.exclusions.iter().any(|(category, ..)| *category != ExclusionCategory::GasHanError)
    }

    fn standing(&self) -> String {
        match &self.reason {
            _ if self.is_excluded() => "excluded".to_owned(),
            _ if self.migrated => "migrated".to_owned(),
            _ if self.ready_since.is_some() => "ready".to_owned(),
            Some(reason) => format!("awaits {reason}"),
            None => "under way".to_owned(),
        }
    }

    /// Whether a meter stays with the SMSO.
    fn stays(&self, meter: usize) -> bool {
        meter == 1 && self.exclusions.iter().any(|(category, ..)| *category == ExclusionCategory::GasHanError)
    }
}

/// The way that stands behind a line.
pub struct Way {
    pub entry: usize,
    /// All that is left of it, with what the line begins.
    pub hops: Hops,
}

/// What is told of an installation.
pub struct Story {
    pub lines: Vec<String>,
    /// Where it stands in the end.
    pub standing: String,
    /// Behind a notice, a hop that begins, and firmware that is recorded while hops are left, by the line's place.
    pub ways: BTreeMap<usize, Way>,
}

/// What happens in a world, told line by line for each installation.
pub struct Naive<'a> {
    estate: &'a Estate,
    events: &'a [Event],
    assumptions: &'a Assumptions,
    period: Period,
    /// Days on which nobody carries the plan out.
    still: &'a [Still],
    today: Date,
    /// The first day on which anybody looks.
    first_look: Date,
    /// Since when S002's changes hold, and since when 4.26 reaches to planned entries, as far as it is known.
    foc_text: Date,
    early_firmware_text: Date,
    /// Events up to here are known.
    known: usize,
    /// How far each entry has come.
    courses: Vec<Course>,
    /// Events about paths and versions that are known.
    common: Vec<usize>,
    homes: Vec<Home>,
}

impl<'a> Naive<'a> {
    pub fn new(
        estate: &'a Estate,
        events: &'a [Event],
        assumptions: &'a Assumptions,
        (period, still): (Period, &'a [Still]),
    ) -> Naive<'a> {
        let home = |at: usize| {
            let of = InstallationIx::of(at);
            let (installation, combination) = (estate.installation(of), estate.combination(of));
            let mut models = vec![combination.chf, combination.esme];
            models.extend(combination.gsme);
            Home {
                of,
                group: installation.group,
                installer: installation.installing_supplier,
                smso: installation.smso,
                provider: installation.provider,
                models,
                configured: false,
                first_eligible: None,
                may_prepare: None,
                preparing: false,
                toward: None,
                hops: Vec::new(),
                hop_ends: None,
                hop_again: None,
                configuration_ends: None,
                prepared: None,
                may_migrate: None,
                authorised: None,
                authorised_to: None,
                authorisations_from: 0,
                asked_until: None,
                recent: false,
                has_left: false,
                not_planned_before: None,
                retry_from: None,
                failures: 0,
                migrated: false,
                exclusions: Vec::new(),
                ready_since: None,
                reason: None,
                told: Vec::new(),
                own: Vec::new(),
                lines: Vec::new(),
                ways: BTreeMap::new(),
            }
        };
        Naive {
            estate,
            events,
            assumptions,
            period,
            still,
            today: period.first,
            first_look: period.first,
            foc_text: numbers::FOC_TEXT,
            early_firmware_text: numbers::EARLY_FIRMWARE_TEXT,
            known: 0,
            courses: vec![Course::default(); estate.entries().len()],
            common: Vec::new(),
            homes: (0..estate.installations().len()).map(home).collect(),
        }
    }

    /// Plans, and tells of each installation.
    pub fn plan(mut self) -> Vec<Story> {
        let mut day = self.period.first;
        if let Some(event) = self.events.first() {
            day = day.min(event.on);
        }
        while day <= self.period.last {
            self.today = day;
            self.pause_what_is_overdue();
            while self.known < self.events.len() && self.events[self.known].on == day {
                self.known += 1;
                self.learn(self.known - 1);
            }
            if day >= self.period.first {
                let still = self.still.iter().any(|still| still.from <= day && day < still.until);
                if still && day == self.first_look {
                    self.first_look = plus(day, 1);
                }
                for at in 0..self.homes.len() {
                    if !still {
                        self.look_at(at);
                    }
                }
                let everyday = self.assumptions.migration_days == MigrationDays::EveryDay;
                let nobody = self.still.iter().any(|still| still.migrations_from <= day && day < still.until);
                if !nobody && (everyday || is_working_day(day).expect("within the table")) {
                    self.migrate();
                }
            }
            day = plus(day, 1);
        }
        let story = |home: Home| Story { standing: home.standing(), lines: home.lines, ways: home.ways };
        self.homes.into_iter().map(story).collect()
    }

    /// Remembers the way behind the next line.
    fn note_way(&mut self, at: usize, entry: usize, hops: Hops) {
        let home = &mut self.homes[at];
        home.ways.insert(home.lines.len(), Way { entry, hops });
    }

    fn say(&mut self, at: usize, line: String) {
        if self.today < self.period.first {
            return;
        }
        // Behind a line that sounds as though it went on, it is said again what it waits for.
        let keeps = [
            "decided",
            "null",
            "notice to new",
            "certificates",
            "gas",
            "no longer",
            "configuration recorded",
            "turned dormant",
        ];
        if !keeps.iter().any(|words| line.starts_with(words)) && !line.contains(" recorded with ") {
            self.homes[at].reason = None;
        }
        self.homes[at].lines.push(format!("{} {line}", self.today));
    }

    fn look_at(&mut self, at: usize) {
        if self.today == self.first_look {
            let first = self.period.first;
            let earlier: Vec<_> = self.homes[at].exclusions.iter().filter(|(_, on, _)| *on < first).collect();
            let lines: Vec<String> = earlier.into_iter().map(|(_, _, line)| line.clone()).collect();
            lines.into_iter().for_each(|line| self.say(at, line));
        }
        if !self.homes[at].migrated && !self.homes[at].is_excluded() {
            self.go_on_with_steps(at);
            let reason = self.go_on(at);
            if self.homes[at].reason != reason {
                if let Some(reason) = &reason {
                    self.say(at, format!("awaits {reason}"));
                }
                self.homes[at].reason = reason;
            }
        }
        self.see_whether_ready(at);
    }
}
