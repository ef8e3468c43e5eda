//! What others bring about, in the DCC's fact records: changes of supplier and authorisations, on the day on which the estate's
//! events know of them. By those records, and not by events, sets are judged.
//!
//! What the plan's first generation knew the records are taken to say; of that, files of suppliers alone are put there. All else
//! is looked at again after a start, so that nothing depends on where a process ended: what the records say already is left as it
//! is, and what contradicts them is refused.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use jiff::civil::Date;
use tern_model::facts::{Authorisation, Registration, SourceRow};
use tern_model::{ChfIdentifier, Fuel, PartyId};
use tern_plan::estate::{Event, MeterIx, What};
use tern_wire::facts_csv::{Record, Subject};

use super::Execution;
use super::rows::put_rows;
use crate::config::Config;
use crate::facts::{FactsIndex, load, subjects_of_point};
use crate::fault::ServiceFault;
use crate::plans::taking;

/// Who gains a metering point at the beginning of a day, as far as events know: of several that name the day the last one, and
/// whom the others named.
struct Gain {
    row: u32,
    supplier: PartyId,
    before: Vec<PartyId>,
}

impl Execution {
    /// Puts changes of supplier and authorisations into the fact records that have become known by the day at hand.
    pub(super) fn take_in(&mut self, config: &Config) -> Result<(), ServiceFault> {
        let day = self.state.day;
        let is_new = |event: &&Event| event.on <= day && self.came_in.is_none_or(|until| event.on > until);
        let events: Vec<Event> = self.folder.events.iter().filter(is_new).copied().collect();
        let changes: Vec<Event> = events.iter().filter(|event| self.is_change_since(event)).copied().collect();
        let authorised = self.authorised(&events)?;
        if !changes.is_empty() || !authorised.is_empty() {
            let dir = config.path(&config.facts.dir);
            let facts = load(&dir)?.facts;
            put(&dir, &self.registrations(&changes, &facts, &dir)?)?;
            put(&dir, &not_on_record(authorised, &facts)?)?;
        }
        self.came_in = Some(day);
        Ok(())
    }

    /// Whether an event came after the plan's first generation.
    fn is_since(&self, event: &Event) -> bool {
        self.view.generations().first().is_none_or(|first| event.row > first.made.last_event_row)
    }

    fn is_change_since(&self, event: &Event) -> bool {
        matches!(event.what, What::ChangeOfSupplier { .. }) && self.is_since(event)
    }

    /// Registrations that changes of supplier add to Registration Data, or correct there.
    fn registrations(
        &self,
        events: &[Event],
        facts: &FactsIndex,
        dir: &Path,
    ) -> Result<Vec<Registration>, ServiceFault> {
        let estate = &self.folder.estate;
        let mut rows = Vec::new();
        for ((meter, effective), gain) in self.gains(events) {
            let meter = &estate.meters()[meter.at()];
            let is_first = estate.meters_of(meter.installation).first().is_some_and(|it| it.device == meter.device);
            let (fuel, mpxn) = (if is_first { Fuel::Electricity } else { Fuel::Gas }, meter.point.mpxn());
            let known = facts.slice(subjects_of_point(fuel, &mpxn))?;
            let mut known: Vec<&Registration> =
                mpxn.spellings().flat_map(|spelling| known.registrations(fuel, &spelling)).collect();
            known.sort_by_key(|one| one.effective_from);
            // Without a record nobody knows its network operator: then the set is told that it is not registered.
            let Some(now) = known.iter().rev().find(|one| one.effective_from <= effective).or(known.first()) else {
                continue;
            };
            if now.effective_from == effective && now.supplier != gain.supplier && !gain.before.contains(&now.supplier)
            {
                return Err(contradicted(dir, now, &gain));
            }
            if now.effective_from > effective || now.supplier != gain.supplier {
                rows.push(Registration { supplier: gain.supplier, effective_from: effective, ..(*now).clone() });
            }
        }
        Ok(rows)
    }

    /// The changes that new events speak of.
    fn gains(&self, new: &[Event]) -> BTreeMap<(MeterIx, Date), Gain> {
        let estate = &self.folder.estate;
        let change = |event: &Event| match event.what {
            What::ChangeOfSupplier { meter, supplier, effective } => {
                Some(((meter, effective), estate.catalogue().supplier_id(supplier)))
            }
            _ => None,
        };
        let wanted: BTreeSet<(MeterIx, Date)> = new.iter().filter_map(change).map(|(of, _)| of).collect();
        let mut gains: BTreeMap<(MeterIx, Date), Gain> = BTreeMap::new();
        for event in self.folder.events.iter().filter(|event| event.on <= self.state.day) {
            let Some((of, supplier)) = change(event).filter(|(of, _)| wanted.contains(of)) else { continue };
            let gain = gains.entry(of).or_insert_with(|| Gain { row: event.row, supplier, before: Vec::new() });
            if gain.supplier != supplier {
                gain.before.push(gain.supplier);
            }
            (gain.row, gain.supplier) = (event.row, supplier);
        }
        gains
    }

    /// What suppliers authorised, as their files say; where there is none, until the plan's last day (P).
    fn authorised(&self, events: &[Event]) -> Result<Vec<Authorised>, ServiceFault> {
        let (estate, mut all) = (&self.folder.estate, Vec::new());
        let mut taken: HashMap<(ChfIdentifier, PartyId), Vec<Authorisation>> = HashMap::new();
        if events.iter().any(|event| matches!(event.what, What::Authorised { .. })) {
            for one in taking::authorisations(&self.setup.estate)? {
                taken.entry((one.chf, one.supplier)).or_default().push(one);
            }
        }
        for event in events {
            let What::Authorised { installation, supplier, from, until } = event.what else { continue };
            let (chf, supplier) = (estate.installation(installation).chf, estate.catalogue().supplier_id(supplier));
            let is_its = |one: &&Authorisation| one.from.max(event.on) == from && event.on <= one.until;
            let before = all.len();
            let of_files = taken.get(&(chf, supplier)).into_iter().flatten().filter(is_its);
            all.extend(of_files.cloned().map(Authorised::InFile));
            if all.len() == before && self.is_since(event) {
                let (row, reference) = (SourceRow::default(), format!("events.csv row {}", event.row));
                let until = until.unwrap_or(self.last()).max(from);
                all.push(Authorised::InEvent(Authorisation { row, reference, chf, supplier, from, until }));
            }
        }
        Ok(all)
    }
}

/// Where an authorisation is said.
enum Authorised {
    /// In a file of the supplier's.
    InFile(Authorisation),
    /// In an event alone, which has no reference.
    InEvent(Authorisation),
}

/// Authorisations that the records are to have: those of files, of two under one reference the later one; those of events, unless
/// the records have one that holds.
fn not_on_record(authorised: Vec<Authorised>, facts: &FactsIndex) -> Result<Vec<Authorisation>, ServiceFault> {
    let mut rows: BTreeMap<(String, ChfIdentifier, PartyId), Authorisation> = BTreeMap::new();
    for one in authorised {
        let one = match one {
            Authorised::InFile(one) => one,
            Authorised::InEvent(one) => {
                let slice = facts.slice([Subject::Hub(one.chf)])?;
                let holds = |known: &Authorisation| (known.from..=known.until).contains(&one.from);
                let mut known = slice.authorisations(one.chf).iter().filter(|known| known.supplier == one.supplier);
                if known.any(holds) {
                    continue;
                }
                one
            }
        };
        rows.insert((one.reference.clone(), one.chf, one.supplier), one);
    }
    Ok(rows.into_values().collect())
}

/// Puts records into their file, where there are some.
fn put<R: Record>(dir: &Path, records: &[R]) -> Result<(), ServiceFault> {
    if records.is_empty() { Ok(()) } else { put_rows(dir, records) }
}

/// Registration Data names another supplier than an event does, from the same day on: nobody here knows who is right.
fn contradicted(dir: &Path, known: &Registration, gain: &Gain) -> ServiceFault {
    let Registration { row, mpxn, supplier, effective_from, .. } = known;
    ServiceFault::Refused {
        what: format!(
            "{} row {} has {supplier} as supplier of {mpxn} from {effective_from} on, events.csv row {} has {}",
            dir.join("registration.csv").display(),
            row.0,
            gain.row,
            gain.supplier
        ),
        suggestion: "correct the record, or add an event that says what it says".to_owned(),
    }
}
