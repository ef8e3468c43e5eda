//! Events in the order of their days, held against those before them.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;
use tern_flow::early_firmware::{Entry, EntryState};
use tern_model::MeterState;
use tern_model::facts::ExclusionCategory;
use tern_wire::facts_csv::RowFault;

use super::Estate;
use super::entries::finding;
use super::event::{EntryStep, Event, What};
use super::finding::{FindingKind, Findings};
use super::holders::{Holders, NoChange};
use super::ids::{InstallationIx, MeterIx, SupplierIx};
use super::place::EVENTS;

/// What the events so far have made of the estate, as far as it decides which event can come next.
pub(super) struct Sequence<'e> {
    estate: &'e Estate,
    findings: &'e mut Findings,
    /// Who is excluded, and in which category.
    excluded: HashSet<(InstallationIx, ExclusionCategory)>,
    /// Of each meter whether it is Active, and since when.
    services: Vec<(MeterState, Date)>,
    entries: Vec<EntryStanding>,
    holders: Holders,
    /// Changes of supplier that cannot be, by row.
    no_changes: HashMap<u32, NoChange>,
}

/// Why an event is left out.
struct Refused {
    kind: FindingKind,
    column: &'static str,
    reason: String,
    to_do: &'static str,
}

impl From<String> for Refused {
    fn from(reason: String) -> Refused {
        let to_do = "correct this row or the one that it contradicts";
        Refused { kind: FindingKind::OutOfOrder, column: "event", reason, to_do }
    }
}

/// What was said of an entry.
#[derive(Debug, Clone, Copy)]
struct EntryStanding {
    machine: Entry,
    last: Option<EntryStep>,
}

impl<'e> Sequence<'e> {
    pub(super) fn of(estate: &'e Estate, findings: &'e mut Findings) -> Sequence<'e> {
        Sequence {
            estate,
            findings,
            excluded: HashSet::new(),
            services: estate.meters().iter().map(|meter| (meter.service, meter.since)).collect(),
            entries: estate.entries().iter().map(EntryStanding::of).collect(),
            holders: Holders::default(),
            no_changes: HashMap::new(),
        }
    }

    /// Orders the events by their days, those of one day by their rows, and leaves out those that cannot be. That rows are
    /// added below those of later days is no fault: what became known is never written anew.
    pub(super) fn order(mut self, mut events: Vec<Event>) -> Vec<Event> {
        self.note_low(&events);
        self.holders = Holders::of(&events);
        self.no_changes = self.holders.no_changes(self.estate);
        events.sort_by_key(|event| event.on);
        let (mut day, mut of_day) = (Date::MIN, HashSet::new());
        events.retain(|event| {
            if event.on != day {
                day = event.on;
                of_day.clear();
            }
            if !of_day.insert(event.what) {
                self.tell(
                    FindingKind::Repeated,
                    (event, "event"),
                    "a row of the same day says the same",
                    "remove one of them",
                );
                return false;
            }
            if self.contradicted_first(event) {
                return false;
            }
            let refused = self.refused(event);
            if let Some(Refused { kind, column, reason, to_do }) = &refused {
                self.tell(*kind, (event, column), &format!("{reason}; the event was not applied"), to_do);
            }
            refused.is_none()
        });
        events
    }

    /// Notes that rows stand below rows of later days.
    fn note_low(&mut self, events: &[Event]) {
        let (mut latest, mut low, mut first) = (Date::MIN, 0, None);
        for event in events {
            if event.on < latest {
                low += 1;
                first = first.or(Some((event, latest)));
            }
            latest = latest.max(event.on);
        }
        let Some((event, above)) = first else { return };
        let more = match low - 1 {
            0 => String::new(),
            1 => ", and so it is with 1 row more".to_owned(),
            more => format!(", and so it is with {more} rows more"),
        };
        self.findings.add_note(RowFault {
            file: EVENTS.to_owned(),
            row: u64::from(event.row),
            field: "on".to_owned(),
            reason: format!(
                "{} is before {above}, the day of a row above{more}; each counts from its own day",
                event.on
            ),
            suggestion: "there is nothing to do, unless a day is wrong".to_owned(),
        });
    }

    fn tell(&mut self, kind: FindingKind, (event, column): (&Event, &str), reason: &str, to_do: &str) {
        self.findings.add(EVENTS, finding(kind, EVENTS, u64::from(event.row), column, reason, to_do));
    }

    /// Whether the event is the first of two that contradict one another: that is told with the second.
    fn contradicted_first(&self, event: &Event) -> bool {
        self.no_changes.get(&event.row) == Some(&NoChange::Contradicted { first: event.row })
    }

    /// Why the event cannot come after those before it.
    fn refused(&mut self, event: &Event) -> Option<Refused> {
        match event.what {
            What::Service { meter, service } => self.service_refused(meter, service, event.on).map(Refused::from),
            What::Entry { entry, step, .. } => self.entries[entry.at()].refused(step, event.on).map(Refused::from),
            What::Excluded { installation, category, supplier, .. } => supplier
                .and_then(|supplier| self.foreign(installation, supplier, event.on))
                .or_else(|| self.excluded_refused(installation, category).map(Refused::from)),
            // Attempts without success exclude without a row that says so.
            What::ExclusionEnded { installation, category } => {
                let was = self.excluded.remove(&(installation, category));
                let unknown = !was && category != ExclusionCategory::AttemptsExhausted;
                unknown.then(|| format!("no earlier event excludes it as {}", category.as_str()).into())
            }
            What::ChangeOfSupplier { supplier, effective, .. } => self.change_refused(event.row, supplier, effective),
            What::Authorised { installation, supplier, .. } | What::CertificatesSupplied { installation, supplier } => {
                self.foreign(installation, supplier, event.on)
            }
            _ => None,
        }
    }

    fn service_refused(&mut self, meter: MeterIx, service: MeterState, on: Date) -> Option<String> {
        let (now, since) = self.services[meter.at()];
        if on < since {
            return Some(format!("the meter has been {} since {since}, after this day", now.as_str()));
        }
        if service == now {
            return Some(format!("the meter is {} already, since {since}", now.as_str()));
        }
        self.services[meter.at()] = (service, on);
        None
    }

    fn change_refused(&self, row: u32, supplier: SupplierIx, effective: Date) -> Option<Refused> {
        let name = self.estate.catalogue().supplier_id(supplier);
        Some(match *self.no_changes.get(&row)? {
            NoChange::Contradicted { first } => Refused {
                kind: FindingKind::Contradiction,
                column: "supplier_id",
                reason: format!("row {first} of the same day has another supplier gain the meter on {effective}"),
                to_do: "keep the row that is right: neither was applied",
            },
            NoChange::HasItAlready => Refused {
                kind: FindingKind::Contradiction,
                column: "supplier_id",
                reason: format!("{name} is Responsible Supplier of the meter by then"),
                to_do: "correct the supplier, or remove the row",
            },
        })
    }

    /// Why a supplier cannot speak of an installation.
    fn foreign(&self, installation: InstallationIx, supplier: SupplierIx, on: Date) -> Option<Refused> {
        let has_part = self.holders.has_part(self.estate, installation, supplier, on);
        (!has_part).then(|| Refused {
            kind: FindingKind::ForeignSupplier,
            column: "supplier_id",
            reason: Holders::foreign(self.estate.catalogue().supplier_id(supplier)),
            to_do: "correct the supplier or the installation, or add the change of supplier",
        })
    }

    fn excluded_refused(&mut self, installation: InstallationIx, category: ExclusionCategory) -> Option<String> {
        let meters = self.estate.meters_of(installation);
        let first = meters.first().and_then(|meter| self.estate.meter_of(meter.device)).map_or(0, MeterIx::at);
        let services = self.services.get(first..first + meters.len()).unwrap_or_default();
        if category == ExclusionCategory::SupplierTerminated
            && services.iter().any(|(service, _)| *service == MeterState::Active)
        {
            return Some("it has an Active Meter, and is not Dormant by its supplier's termination".to_owned());
        }
        let again = !self.excluded.insert((installation, category));
        again.then(|| format!("it is excluded as {} already", category.as_str()))
    }
}

impl EntryStanding {
    fn of(entry: &super::Entry) -> EntryStanding {
        EntryStanding { machine: Entry::planned(entry.route, entry.comprises), last: None }
    }

    /// Why a step of an entry cannot come after those before it. What else follows from a step is the planner's to say.
    fn refused(&mut self, step: EntryStep, on: Date) -> Option<String> {
        let state = self.machine.state();
        // That an entry is planned may be said of any that is not decided.
        let decided = matches!(state, EntryState::Approved | EntryState::NotApproved);
        let planned = step == EntryStep::Planned && !decided && state != EntryState::Paused;
        let refused = match step {
            _ if self.last == Some(step) && step != EntryStep::Defect => {
                Some("the event before it says the same".to_owned())
            }
            EntryStep::DisputeResolved if self.machine.on(step.into(), on).is_none() => {
                Some("no dispute is open".to_owned())
            }
            EntryStep::DisputeResolved => None,
            _ if planned || self.machine.on(step.into(), on).is_some() => None,
            EntryStep::DisputeRaised if !decided => Some("a dispute is open already".to_owned()),
            EntryStep::TagConfirmed if state == EntryState::Planned => {
                Some("no earlier event says that its tests are done".to_owned())
            }
            _ => Some(format!("the entry is {state} by then")),
        };
        if refused.is_none() {
            self.last = Some(step);
        }
        refused
    }
}
