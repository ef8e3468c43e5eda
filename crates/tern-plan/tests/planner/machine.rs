//! Stories held against the machines of `tern_flow::early_firmware`: whatever hop a plan begins, the machine of one
//! installation's way permits, told by the facts of the day.
//!
//! A plan is the more careful one of the two, and that is no fault. It leaves alone what has an Active Meter, where the machine
//! goes on with a hub and a meter that is Dormant; it stops at firmware that another entry approves; it waits for changes of
//! supplier. So nothing is asked the other way round: the machine may permit what no plan does.

use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use tern_flow::early_firmware::{
    Asked, Consent, Entry, EntryEvent, Hop, MeterIs, Onward, Route, Upgrade, UpgradeEffect, UpgradeEvent, UpgradeFacts,
    UpgradeState, UpgradeTransition, Work,
};
use tern_model::{DeviceKind, MeterState};
use tern_plan::estate::{Event, InstallationIx, ModelIx, NameIx, What as Happened};
use tern_plan::plan::{Awaited, HopWhy, NoticeOf, Step, What};

use crate::naive::{Hops, Naive, Way};
use crate::plan;
use crate::world::{PERIOD, World, world};

const WORLDS: u64 = 180;
const IN_ONE: u64 = 50;
/// S003: 4.26 reaches to planned entries from here on.
const PLANNED_SINCE: Date = date(2020, 9, 4);

/// What the machine has said to.
#[derive(Debug, Default)]
struct Seen {
    announced: u32,
    early: u32,
    approved: u32,
    completing: u32,
    held_up: u32,
    rerouted: u32,
    withdrawn: u32,
    stranded: u32,
    again: u32,
}

#[test]
fn the_machine_of_an_upgrade_permits_every_hop_that_a_plan_begins() {
    let mut seen = Seen::default();
    for seed in 0..WORLDS {
        let world = world(seed, IN_ONE);
        let plan = plan(&world);
        let naive = Naive::new(&world.estate, &world.events, &world.assumptions, (PERIOD, &[])).plan();
        let entries = by_day(&world);
        for (of, told) in (0..).map(InstallationIx::of).zip(naive) {
            let story = plan.story(of);
            let at = format!("seed {seed}, {}: {:#?}", world.estate.installation(of).chf, told.lines);
            let mut replay =
                Replay { world: &world, entries: &entries, of, at, story, ways: told.ways, way: None, may_begin: None };
            replay.run(&mut seen);
        }
    }
    let Seen { announced, early, approved, completing, held_up, rerouted, withdrawn, stranded, again } = seen;
    let all = [announced, early, approved, completing, held_up, rerouted, withdrawn, stranded, again];
    assert!(all.iter().all(|times| *times >= 5), "{seen:?}");
}

/// Each entry's machine at the end of each day.
fn by_day(world: &World) -> BTreeMap<Date, Vec<Entry>> {
    let entries = world.estate.entries();
    let mut machines: Vec<Entry> = entries.iter().map(|entry| Entry::planned(entry.route, entry.comprises)).collect();
    let mut overdue: BTreeMap<Date, Vec<usize>> = BTreeMap::new();
    let mut confirmed = vec![false; machines.len()];
    let mut events = world.events.iter().peekable();
    let mut day = world.events[0].on.min(PERIOD.first);
    let mut all = BTreeMap::new();
    while day <= PERIOD.last {
        for entry in overdue.remove(&day).unwrap_or_default() {
            let _ = machines[entry].on(EntryEvent::Overdue, day);
        }
        while let Some(Event { what, .. }) = events.next_if(|event| event.on == day) {
            let Happened::Entry { entry, step, .. } = what else { continue };
            let event = EntryEvent::from(*step);
            let taken = machines[entry.at()].on(event, day).is_some();
            let proves = matches!(event, EntryEvent::TagConfirmed | EntryEvent::ReportPublished);
            if taken && proves && !std::mem::replace(&mut confirmed[entry.at()], true) {
                let within = jiff::Span::new().days(world.assumptions.approval_within_days);
                overdue.entry(day.saturating_add(within)).or_default().push(entry.at());
            }
        }
        all.insert(day, machines.clone());
        day = day.tomorrow().expect("a day");
    }
    all
}

/// One installation's story while it is told to a machine.
struct Replay<'a> {
    world: &'a World,
    entries: &'a BTreeMap<Date, Vec<Entry>>,
    of: InstallationIx,
    at: String,
    story: &'a [Step],
    ways: BTreeMap<usize, Way>,
    way: Option<OnTheWay>,
    /// Until when 4.29 lets no step be taken.
    may_begin: Option<Date>,
}

/// A machine, and the way on which it is.
struct OnTheWay {
    machine: Upgrade,
    entry: usize,
    rest: Hops,
    /// Whether a hop is under way in the plan.
    hopping: bool,
    begun: bool,
    /// Whether its hop came to nothing.
    failed: bool,
}

impl OnTheWay {
    /// Whether it came to its entry before that was decided. A machine ends where its entry is approved: one that is paused and
    /// refused after that is beyond it.
    fn is_whole(&self) -> bool {
        self.begun && self.rest.is_empty() && self.machine.state() != UpgradeState::Eligible
    }
}

impl Replay<'_> {
    fn run(&mut self, seen: &mut Seen) {
        for (line, step) in self.story.iter().enumerate() {
            match step.what {
                What::Notice { of: NoticeOf::Preparation, earliest, .. } => {
                    self.may_begin = Some(earliest);
                    if self.ways.contains_key(&line) {
                        self.announced(line, step.day, seen);
                    }
                }
                What::Withdrawn => {
                    let told = self.tell(UpgradeEvent::Changed, step.day, Onward::NoPath);
                    assert!(told.effects.contains(&UpgradeEffect::Withdraw), "{told:?} in {}", self.at);
                    (self.way, self.may_begin) = (None, None);
                    seen.withdrawn += 1;
                }
                What::HopBegun { why, .. } => self.hop_begun(line, step.day, why, seen),
                What::AttemptFailed { why: Some(why), .. } if self.is_of_firmware(why) => self.hops_failed(step.day),
                What::HopDone { .. } => self.hop_done(line, step.day),
                What::FirmwareRecorded { .. } => self.recorded(line, step.day),
                What::Awaits(Awaited::Decision) => seen.held_up += 1,
                What::Awaits(Awaited::StrandedEntry | Awaited::StrandedPath) => self.stranded(line, step.day, seen),
                What::TurnedActive => {
                    // What has begun goes on to the end of the hop.
                    self.may_begin = None;
                    self.way.take_if(|way| !way.begun);
                }
                What::Stands => self.way = None,
                _ => {}
            }
        }
    }

    /// Notice of a way: what was whole at an entry that is not approved is led on by the same machine.
    fn announced(&mut self, line: usize, day: Date, seen: &mut Seen) {
        let whole = self.way.take().filter(|way| way.is_whole() && self.is_refused(way.entry, day));
        let Way { entry, hops } = self.ways.remove(&line).expect("a notice is for a way");
        let machine = match whole {
            Some(before) => {
                self.way = Some(before);
                let told = self.tell(UpgradeEvent::Changed, day, Onward::Path);
                assert_eq!(told.arrow.to, UpgradeState::Onward, "{told:?} in {}", self.at);
                seen.rerouted += 1;
                self.way.take().expect("it was there").machine
            }
            None => Upgrade::default(),
        };
        self.way = Some(OnTheWay { machine, entry, rest: hops, hopping: false, begun: false, failed: false });
        let told = self.tell(UpgradeEvent::Changed, day, Onward::NoPath);
        assert_eq!(told.effects.last(), Some(&UpgradeEffect::Notify), "{told:?} in {}", self.at);
        seen.announced += 1;
    }

    fn hop_begun(&mut self, line: usize, day: Date, why: HopWhy, seen: &mut Seen) {
        let Way { entry, hops } = self.ways.remove(&line).expect("a hop is part of a way");
        let first = self.way.as_ref().is_none_or(|way| !way.begun);
        if first {
            let notice = self.may_begin.take().is_some_and(|earliest| earliest <= day);
            assert!(notice, "{day}: no notice, or it has not run, in {}", self.at);
        }
        if self.way.is_none() {
            // The notice was one of configuration, for an entry that is approved no more.
            let announced = OnTheWay {
                machine: Upgrade::default(),
                entry,
                rest: hops.clone(),
                hopping: false,
                begun: false,
                failed: false,
            };
            self.way = Some(announced);
            let _ = self.tell(UpgradeEvent::Changed, day, Onward::NoPath);
        }
        let way = self.way.as_mut().expect("it is there");
        way.begun = true;
        // A way that is begun on another day than it was announced is the best of that day.
        (way.entry, way.rest) = (entry, hops);
        let told = match way.machine.state() {
            UpgradeState::Hopping | UpgradeState::Completing if !first => None,
            _ if first => Some(self.tell(UpgradeEvent::NoticeRun, day, Onward::NoPath)),
            UpgradeState::Stranded if std::mem::take(&mut way.failed) => {
                seen.again += 1;
                Some(self.tell(UpgradeEvent::Retry, day, Onward::NoPath))
            }
            _ => Some(self.tell(UpgradeEvent::Changed, day, Onward::NoPath)),
        };
        let way = self.way.as_mut().expect("it is there");
        way.hopping = true;
        let hop = way.machine.hops_made();
        let instructed = told.as_ref().is_none_or(|told| told.effects == [UpgradeEffect::Instruct { hop }]);
        let state = way.machine.state();
        let as_planned = match why {
            HopWhy::Completing => state == UpgradeState::Completing,
            _ => state == UpgradeState::Hopping,
        };
        assert!(instructed && as_planned, "{day}: {why:?}, {state}, {told:?} in {}", self.at);
        *match why {
            HopWhy::Approved => &mut seen.approved,
            HopWhy::Completing => &mut seen.completing,
            HopWhy::TagConfirmed | HopWhy::ReportPublished | HopWhy::Equivalent => &mut seen.early,
        } += 1;
    }

    fn is_of_firmware(&self, why: NameIx) -> bool {
        self.world.estate.catalogue().text(why) == "4.26"
    }

    /// The hop under way was tried as often as is permitted, and came to nothing.
    fn hops_failed(&mut self, day: Date) {
        while self.way.as_ref().is_some_and(|way| way.hopping && is_under_way(way.machine.state())) {
            let _ = self.tell(UpgradeEvent::HopFailed, day, Onward::NoPath);
        }
        if let Some(way) = &mut self.way {
            way.failed |= std::mem::take(&mut way.hopping);
        }
    }

    fn hop_done(&mut self, line: usize, day: Date) {
        let onward = self.onward(line, day);
        let way = self.way.as_mut().unwrap_or_else(|| panic!("no way in {}", self.at));
        way.rest.remove(0);
        way.hopping = false;
        let left = way.rest.len();
        let told = self.tell(UpgradeEvent::HopDone, day, onward);
        let whole = !matches!(
            told.arrow.to,
            UpgradeState::Hopping | UpgradeState::Completing | UpgradeState::Between | UpgradeState::Announced
        );
        assert!(whole || left > 0, "{told:?} in {}", self.at);
    }

    /// To the machine a version that is recorded is the end of a hop, unless what is under way remains the same.
    fn recorded(&mut self, line: usize, day: Date) {
        let Some(Way { hops, .. }) = self.ways.remove(&line) else {
            self.way.take_if(|way| way.begun);
            return;
        };
        let onward = self.onward(line, day);
        let way = self.way.as_mut().expect("hops are left");
        let goes_on = way.hopping && hops.first() == way.rest.first();
        let lost = hops.is_empty();
        way.rest = hops;
        if lost {
            self.way = None;
        } else if !goes_on && way.hopping {
            way.hopping = false;
            let _ = self.tell(UpgradeEvent::HopDone, day, onward);
        }
    }

    fn stranded(&mut self, line: usize, day: Date, seen: &mut Seen) {
        let whole = self.way.as_ref().is_some_and(OnTheWay::is_whole);
        if !whole {
            return;
        }
        let onward = self.onward(line, day);
        let told = self.tell(UpgradeEvent::Changed, day, onward);
        assert_eq!(told.arrow.to, UpgradeState::Stranded, "{told:?} in {}", self.at);
        seen.stranded += 1;
    }

    /// Whether the plan goes on from an entry that was not approved, on the same day.
    fn onward(&self, line: usize, day: Date) -> Onward {
        let mut later = self.story.iter().enumerate().skip(line).take_while(|(_, step)| step.day == day);
        let found = later.find_map(|(line, step)| match step.what {
            What::Notice { of: NoticeOf::Preparation, .. } if self.ways.contains_key(&line) => Some(Onward::Path),
            What::Awaits(Awaited::StrandedEntry) => Some(Onward::NoEntry),
            _ => None,
        });
        found.unwrap_or(Onward::NoPath)
    }

    fn tell(&mut self, event: UpgradeEvent, day: Date, onward: Onward) -> UpgradeTransition {
        let facts = self.facts(day, onward);
        let way = self.way.as_mut().unwrap_or_else(|| panic!("no way on {day} in {}", self.at));
        let state = way.machine.state();
        way.machine.on(event, &facts).unwrap_or_else(|| panic!("{event:?} on {day}, {state}, {facts:?} in {}", self.at))
    }

    /// How things stand at the end of a day's events.
    fn facts(&self, day: Date, onward: Onward) -> UpgradeFacts {
        let way = self.way.as_ref().unwrap_or_else(|| panic!("no way on {day} in {}", self.at));
        let known = &self.entries[&day];
        let tested = self.world.estate.entries()[way.entry].equivalent_to.map(|tested| known[tested.at()]);
        let asked = Asked {
            work: Work::Firmware,
            on: day,
            planned_since: Some(self.planned_since(day)),
            tested: tested.as_ref(),
        };
        let meters = self.meters(day);
        let dormant = meters.iter().any(|is| is.state == MeterState::Dormant);
        let (unconfirmed, consent) = match self.route(&way.rest) {
            Some(route) => (self.unconfirmed(&route, day), route.consent(0, &meters)),
            None => (0, if dormant { Consent::Covers } else { Consent::DoesNotCover }),
        };
        // A hop that is done is counted by the machine itself when it is told.
        let made = usize::from(way.machine.hops_made())
            + usize::from(!way.hopping && way.begun && is_under_way(way.machine.state()));
        let hops = u16::try_from(made + way.rest.len()).expect("few hops");
        UpgradeFacts { hops, permit: known[way.entry].permit(&asked), unconfirmed, consent, onward, attempts: 5 }
    }

    /// The first day of the wording that reaches to planned entries, as far as it is known on a day.
    fn planned_since(&self, day: Date) -> Date {
        let named = |document| self.world.estate.catalogue().text(document) == "TMAD V5.2";
        let mut designated =
            self.world.events.iter().filter(|event| event.on <= day).filter_map(|event| match event.what {
                Happened::DocumentDesignated { document, effective } if named(document) => Some(effective),
                _ => None,
            });
        designated.rfind(|from| *from < date(2020, 9, 18)).unwrap_or(PLANNED_SINCE)
    }

    fn is_refused(&self, entry: usize, day: Date) -> bool {
        self.entries[&day][entry].state() == tern_flow::early_firmware::EntryState::NotApproved
    }

    fn route(&self, rest: &Hops) -> Option<Route<ModelIx>> {
        const KINDS: [DeviceKind; 3] = [DeviceKind::Chf, DeviceKind::Esme, DeviceKind::Gsme];
        let mut from: BTreeMap<usize, ModelIx> = BTreeMap::new();
        let hop = |(slot, to): &(usize, ModelIx)| {
            let from = from.insert(*slot, *to).unwrap_or(*to);
            Hop { device: KINDS[*slot], from, to: *to }
        };
        let hops: Vec<Hop<ModelIx>> = rest.iter().map(hop).collect();
        (!hops.is_empty()).then(|| Route::new(hops).expect("each hop begins where the one before ended"))
    }

    fn unconfirmed(&self, route: &Route<ModelIx>, day: Date) -> u16 {
        let of = self.world.estate.installation(self.of);
        let confirmed = |version: ModelIx| {
            let wanted = Happened::OperabilityConfirmed { supplier: of.installing_supplier, smso: of.smso, version };
            self.world.events.iter().any(|event| event.on <= day && event.what == wanted)
        };
        u16::try_from(route.interim().filter(|(_, version)| !confirmed(**version)).count()).expect("few")
    }

    fn meters(&self, day: Date) -> Vec<MeterIs> {
        let estate = &self.world.estate;
        let kinds = [DeviceKind::Esme, DeviceKind::Gsme];
        let of_meter = |(meter, kind): (&tern_plan::estate::Meter, DeviceKind)| {
            let ix = estate.meter_of(meter.device);
            let said =
                self.world.events.iter().take_while(|event| event.on <= day).filter_map(|event| match event.what {
                    Happened::Service { meter, service } if Some(meter) == ix => Some(service),
                    _ => None,
                });
            MeterIs { meter: kind, state: said.last().unwrap_or(meter.service) }
        };
        estate.meters_of(self.of).iter().zip(kinds).map(of_meter).collect()
    }
}

fn is_under_way(state: UpgradeState) -> bool {
    matches!(state, UpgradeState::Hopping | UpgradeState::Completing)
}
