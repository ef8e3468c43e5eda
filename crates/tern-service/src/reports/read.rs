//! From the roles' stores to the ledger, set by set and installation by installation. It reads only, and keeps nothing.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use tern_model::facts::{ExclusionCategory, Facts};
use tern_model::{ChfIdentifier, Fuel, GroupId, Holder, Outcome, Role, SetId, london_day};
use tern_rules::{Books, Rulebook};
use tern_store::StoreView;
use tern_wire::facts_csv::Subject;
use tern_wire::migration::{CommonInstallation, FileKind, FileName, Meter, MigrationCommonFile, MigrationHeader};
use tern_wire::smki::Trust;

use super::ledger::{Attempt, Ledger, MeterSeen};
use crate::executor::{InstallationRecord, KIND as MIGRATION, key_of};
use crate::facts::{FactsIndex, subjects_of_point};
use crate::fault::ServiceFault;
use crate::overview::Overview;
use crate::parties::{history, inbox};
use crate::results::{REPEATED, reasons};

/// What is read from.
pub(super) struct Sources<'a> {
    /// The roles' stores.
    pub(super) stores: &'a Overview,
    /// Certificates, to believe the Common Files again.
    pub(super) trust: &'a Trust,
    /// The DCC's records.
    pub(super) facts: &'a FactsIndex,
    /// By which metering points are compared.
    pub(super) rulebook: &'a Rulebook,
}

/// Adds all that the stores know, the newest set first.
pub(super) fn fill(ledger: &mut Ledger, from: &Sources<'_>) -> Result<(), ServiceFault> {
    for refused in from.stores.refused_sets()? {
        ledger.add_refused_set(london_day(refused.at), &refused.clauses.into_iter().collect::<BTreeSet<_>>());
    }
    let [(_, Some(dsp)), judges @ ..] = from.stores.stores() else { return Ok(()) };
    let mut sets = history::sets(dsp)?;
    sets.sort_by_key(|(set, taken, _)| std::cmp::Reverse((*taken, *set)));
    let taken_in: BTreeMap<SetId, Timestamp> = sets.iter().map(|(set, taken, _)| (*set, *taken)).collect();
    for (set, taken, _) in sets {
        let judges = std::iter::once((Role::Dsp, dsp as &dyn StoreView))
            .chain(judges.iter().filter_map(|(role, store)| Some((*role, store.map(|s| s as &dyn StoreView)?))));
        let of_set = SetReader::open(judges, (set, taken), &taken_in)?;
        each_run(dsp, from.trust, set, taken, &mut |header, installations| {
            let facts = from.facts.slice(installations.iter().flat_map(subjects))?;
            for installation in installations {
                ledger.add(&of_set.attempt(header, installation, (from.rulebook, &facts))?);
            }
            Ok(())
        })?;
    }
    Ok(())
}

/// On which day and how; none while it is open.
type Ended = Option<(Date, Outcome)>;

/// What the parties hold of one set.
struct SetReader<'a> {
    set: SetId,
    taken: Timestamp,
    /// When every set was taken in.
    taken_in: &'a BTreeMap<SetId, Timestamp>,
    judges: Vec<(Role, &'a dyn StoreView, Timestamp)>,
    s1sp: Option<&'a dyn StoreView>,
}

impl<'a> SetReader<'a> {
    fn open(
        parties: impl Iterator<Item = (Role, &'a dyn StoreView)>,
        (set, taken): (SetId, Timestamp),
        taken_in: &'a BTreeMap<SetId, Timestamp>,
    ) -> Result<SetReader<'a>, ServiceFault> {
        let mut reader = SetReader { set, taken, taken_in, judges: Vec::new(), s1sp: None };
        for (role, store) in parties {
            if role == Role::S1sp {
                reader.s1sp = Some(store);
            }
            let judges = matches!(role, Role::Dsp | Role::S1sp | Role::Dco);
            if let Some(at) = judges.then(|| history::judged(store, set)).transpose()?.flatten() {
                reader.judges.push((role, store, at));
            }
        }
        Ok(reader)
    }

    fn attempt(
        &self,
        header: &MigrationHeader,
        installation: &CommonInstallation,
        (rulebook, facts): (&Rulebook, &Facts),
    ) -> Result<Attempt, ServiceFault> {
        let chf = installation.chf_identifier;
        let (mut found, refused) = self.refusals(chf)?;
        let end = self.ended(chf)?.or(refused);
        if let (true, Some((_, outcome @ Outcome::Refused { .. }))) = (found.is_empty(), &end) {
            // The DSP's second judgement, just before the first step.
            found = reasons(outcome).iter().flat_map(|r| r.split(' ')).map(|c| (Role::Dsp, c.to_owned())).collect();
        }
        let held_before = match &end {
            Some((_, Outcome::Refused { .. })) => self.held_before(chf)?,
            _ => false,
        };
        let taken = london_day(self.taken);
        let day = end.as_ref().map_or(taken, |(day, _)| *day);
        let meters = [(Fuel::Electricity, Some(&installation.esme)), (Fuel::Gas, installation.gsme.as_ref())];
        let seen = |(fuel, meter): (Fuel, Option<&Meter>)| {
            Some(meter_seen((self.set.group, chf), (fuel, meter?), rulebook.on(day), facts))
        };
        Ok(Attempt {
            chf,
            group: self.set.group,
            smso: header.smets1_smso,
            taken,
            end,
            found,
            held_before,
            meters: meters.into_iter().filter_map(seen).collect(),
        })
    }

    /// Who refused an installation and by which clauses; and the end that follows, on the day of the first who did.
    fn refusals(&self, chf: ChfIdentifier) -> Result<(Vec<(Role, String)>, Ended), ServiceFault> {
        let (mut found, mut day): (Vec<(Role, String)>, Option<Date>) = (Vec::new(), None);
        for (role, store, at) in &self.judges {
            for clause in history::refused(*store, self.set, chf)? {
                day.get_or_insert(london_day(*at));
                if clause != REPEATED || found.is_empty() {
                    found.push((*role, clause));
                }
            }
        }
        let clauses = found.iter().map(|(_, clause)| clause.clone()).collect();
        Ok((found, day.map(|day| (day, Outcome::Refused { clauses }))))
    }

    /// Whether a set that came before this one keeps the installation: it is not wholly with the SMSO.
    fn held_before(&self, chf: ChfIdentifier) -> Result<bool, ServiceFault> {
        let Some(store) = self.s1sp else { return Ok(false) };
        let keeps = |record: &InstallationRecord| match record.migration.outcome() {
            Some(Outcome::Refused { .. } | Outcome::RolledBack { .. }) => false,
            Some(Outcome::Closed { held_by }) => held_by == Holder::Dcc,
            None | Some(Outcome::Commissioned { .. } | Outcome::Stuck { .. }) => true,
        };
        let records = inbox::all::<InstallationRecord>(store, MIGRATION, &format!("{chf}/"))?;
        let earlier = |set: &SetId| self.taken_in.get(set).is_some_and(|taken| (*taken, *set) < (self.taken, self.set));
        Ok(records.iter().any(|(_, record)| earlier(&record.plan.set) && keeps(record)))
    }

    /// How the S1SP's work on an installation ended, and on which day.
    fn ended(&self, chf: ChfIdentifier) -> Result<Ended, ServiceFault> {
        let Some(store) = self.s1sp else { return Ok(None) };
        let Some(stored) = store.get(MIGRATION, &key_of(chf, self.set))? else { return Ok(None) };
        let record = InstallationRecord::read(&stored)?;
        Ok(record.migration.outcome().map(|outcome| (london_day(record.updated), outcome)))
    }
}

fn meter_seen(
    (group, chf): (GroupId, ChfIdentifier),
    (fuel, meter): (Fuel, &Meter),
    books: Books<'_>,
    facts: &Facts,
) -> MeterSeen {
    let registrations = books.registrations(Some(group), (fuel, &meter.mpxn), facts).ok();
    let mut exclusions = facts.exclusions(chf).iter().filter(|e| e.from <= books.on);
    // A gas HAN error binds the gas meter alone.
    let excludes = |c: ExclusionCategory| c != ExclusionCategory::GasHanError || fuel == Fuel::Gas;
    MeterSeen {
        fuel,
        state: meter.meter_state,
        supplier: registrations.and_then(|registrations| Some(registrations.on(books.on)?.supplier)),
        excluded: exclusions.any(|e| excludes(e.category)),
    }
}

/// What the reports ask the DCC's records about.
fn subjects(installation: &CommonInstallation) -> impl Iterator<Item = Subject> {
    let meters = [(Fuel::Electricity, Some(&installation.esme)), (Fuel::Gas, installation.gsme.as_ref())];
    let points = meters.into_iter().filter_map(|(fuel, meter)| Some(subjects_of_point(fuel, &meter?.mpxn))).flatten();
    std::iter::once(Subject::Hub(installation.chf_identifier)).chain(points.collect::<Vec<_>>())
}

/// What is done with a run of a Common File's entries.
type EachRun<'a> = &'a mut dyn FnMut(&MigrationHeader, &[CommonInstallation]) -> Result<(), ServiceFault>;

/// Reads a set's Common File again, as the DSP holds it, a run of entries at a time. Its certificate is judged by the moment
/// at which the set was taken in.
fn each_run(
    dsp: &dyn StoreView,
    trust: &Trust,
    set: SetId,
    taken: Timestamp,
    each: EachRun<'_>,
) -> Result<(), ServiceFault> {
    let name = FileName::OfSet(FileKind::MigrationCommonFile, set).to_string();
    let entry = dsp.received(Role::RequestingParty.as_str(), &name)?;
    let entry = entry.ok_or_else(|| ServiceFault::Body(format!("the DSP holds no Common File of {set}")))?;
    inbox::each_run::<MigrationCommonFile>(dsp, (&name, &entry.body), (trust, taken), &mut |file, run| {
        each(&file.migration_header, run)
    })
}
