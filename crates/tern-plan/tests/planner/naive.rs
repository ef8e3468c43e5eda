//! A second planner, written from the requirement rows (AC3 to AC7, PL1 to PL5, PL7, PL10 to PL14) and from nothing else: every
//! day it looks at every installation, and works out everything again from the whole list of events.
//!
//! It shares nothing with the engine but the estate's types. The numbers of the wordings stand here as the rows give them.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use tern_model::working_day::is_working_day;
use tern_model::{GroupId, MeterState};
use tern_plan::assumptions::{AfterChange, Assumptions, MigrationDays};
use tern_plan::estate::{
    Combination, EntryStep, Estate, Event, HardwareIx, InstallationIx, ModelIx, NameIx, SupplierIx, What,
};
use tern_plan::plan::Period;

/// AC7: the day from which S002's changes hold.
const FOC_TEXT: Date = date(2020, 11, 29);

/// AC7: the day from which a group is covered.
fn covered_from(group: GroupId) -> Date {
    match group {
        GroupId::AA | GroupId::BA | GroupId::CA => date(2019, 7, 28),
        GroupId::CB => date(2020, 6, 15),
        GroupId::DA => date(2020, 9, 18),
        GroupId::EA | GroupId::EB | GroupId::EC => FOC_TEXT,
    }
}

fn is_foc(group: GroupId) -> bool {
    matches!(group, GroupId::EA | GroupId::EB | GroupId::EC)
}

/// PL1: Working Days for the notices of 4.29 and 4.30.
fn notice_days(clause: &str, recent: bool) -> u16 {
    match (clause, recent) {
        ("4.29", true) => 2,
        ("4.30", true) => 8,
        _ => 15,
    }
}

/// PL4: the window of 5.10.10 and 5.10.15.
fn window(day: Date) -> i64 {
    if day < FOC_TEXT { 7 } else { 2 }
}

fn plus(day: Date, days: i64) -> Date {
    day.checked_add(days.days()).expect("a day")
}

/// The `count`th Working Day after a day.
fn working_days_after(day: Date, count: u16) -> Date {
    let (mut at, mut left) = (day, count);
    while left > 0 {
        at = plus(at, 1);
        if is_working_day(at).expect("within the table") {
            left -= 1;
        }
    }
    at
}

/// What is put on hub (0), ESME (1) or GSME (2), in order.
type Hops = Vec<(usize, ModelIx)>;

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
    toward: Option<usize>,
    hops: Hops,
    hop_ends: Option<Date>,
    configuration_ends: Option<Date>,
    prepared: Option<Date>,
    may_migrate: Option<Date>,
    authorised: Option<Date>,
    /// Authorisations before this event do not count any more.
    authorisations_from: usize,
    asked_until: Option<Date>,
    recent: bool,
    has_left: bool,
    not_planned_before: Option<Date>,
    retry_from: Option<Date>,
    failures: u8,
    migrated: bool,
    excluded: bool,
    ready_since: Option<Date>,
    reason: Option<String>,
    /// Changes of supplier of which the one who gains the meter knows.
    told: Vec<usize>,
    /// Events about it that are known.
    own: Vec<usize>,
    lines: Vec<String>,
}

/// What happens in a world, told line by line for each installation.
pub struct Naive<'a> {
    estate: &'a Estate,
    events: &'a [Event],
    assumptions: &'a Assumptions,
    period: Period,
    today: Date,
    /// Events up to here are known.
    known: usize,
    approved: Vec<bool>,
    /// Events about paths and versions that are known.
    common: Vec<usize>,
    homes: Vec<Home>,
}

impl<'a> Naive<'a> {
    pub fn new(estate: &'a Estate, events: &'a [Event], assumptions: &'a Assumptions, period: Period) -> Naive<'a> {
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
                configuration_ends: None,
                prepared: None,
                may_migrate: None,
                authorised: None,
                authorisations_from: 0,
                asked_until: None,
                recent: false,
                has_left: false,
                not_planned_before: None,
                retry_from: None,
                failures: 0,
                migrated: false,
                excluded: false,
                ready_since: None,
                reason: None,
                told: Vec::new(),
                own: Vec::new(),
                lines: Vec::new(),
            }
        };
        Naive {
            estate,
            events,
            assumptions,
            period,
            today: period.first,
            known: 0,
            approved: vec![false; estate.entries().len()],
            common: Vec::new(),
            homes: (0..estate.installations().len()).map(home).collect(),
        }
    }

    /// Plans, and gives each installation's lines.
    pub fn plan(mut self) -> Vec<Vec<String>> {
        let mut day = self.period.first;
        if let Some(event) = self.events.first() {
            day = day.min(event.on);
        }
        while day <= self.period.last {
            self.today = day;
            while self.known < self.events.len() && self.events[self.known].on == day {
                self.known += 1;
                self.learn(self.known - 1);
            }
            if day >= self.period.first {
                for at in 0..self.homes.len() {
                    self.look_at(at);
                }
                let everyday = self.assumptions.migration_days == MigrationDays::EveryDay;
                if everyday || is_working_day(day).expect("within the table") {
                    self.migrate();
                }
            }
            day = plus(day, 1);
        }
        self.homes.into_iter().map(|home| home.lines).collect()
    }

    fn say(&mut self, at: usize, line: String) {
        if self.today >= self.period.first {
            self.homes[at].lines.push(format!("{} {line}", self.today));
        }
    }

    fn learn(&mut self, which: usize) {
        let event = self.events[which];
        match event.what {
            What::ChangeOfSupplier { meter, .. } | What::Service { meter, .. } => {
                self.homes[self.estate.meters()[meter.at()].installation.at()].own.push(which);
            }
            What::Authorised { installation, .. } | What::CertificatesSupplied { installation, .. } => {
                self.homes[installation.at()].own.push(which);
            }
            What::Path { .. } | What::OperabilityConfirmed { .. } => self.common.push(which),
            What::Entry { entry, step, .. } => {
                match step {
                    EntryStep::Approved => self.approved[entry.at()] = true,
                    EntryStep::Planned | EntryStep::Paused | EntryStep::NotApproved => {
                        self.approved[entry.at()] = false;
                    }
                    _ => {}
                }
                for at in 0..self.homes.len() {
                    self.note_eligible(at);
                }
            }
            What::SmsoConfigured { installation } => {
                let home = &mut self.homes[installation.at()];
                if home.migrated || home.excluded {
                    return;
                }
                (home.configured, home.prepared, home.configuration_ends) = (true, Some(event.on), None);
                self.say(installation.at(), "configuration recorded".to_owned());
                self.close_preparation(installation.at());
            }
            What::FirmwareDone { device, model } => {
                let at = self.estate.devices()[device.at()].installation.at();
                if !self.homes[at].migrated && !self.homes[at].excluded {
                    self.firmware_recorded(at, device.at(), model);
                }
            }
            What::AttemptFailed { installation, .. } => {
                let at = installation.at();
                if self.homes[at].excluded {
                    return;
                }
                self.homes[at].failures += 1;
                self.homes[at].migrated = false;
                let pause = self.assumptions.retry_after_working_days;
                self.homes[at].retry_from = Some(working_days_after(event.on, pause));
                let failures = self.homes[at].failures;
                self.say(at, format!("attempt {failures} failed"));
                if failures >= self.assumptions.attempts {
                    self.homes[at].excluded = true;
                    self.say(at, format!("excluded after {failures}"));
                }
            }
            _ => {}
        }
    }

    /// Which of hub, ESME and GSME a device is.
    fn slot(&self, at: usize, device: usize) -> Option<usize> {
        let id = self.estate.devices()[device].id;
        let of = self.homes[at].of;
        if self.estate.devices_of(of)[0].id == id {
            return Some(0);
        }
        self.estate.meters_of(of).iter().position(|m| self.estate.devices()[m.device.at()].id == id).map(|n| n + 1)
    }

    fn device_of(&self, at: usize, slot: usize) -> String {
        let of = self.homes[at].of;
        match slot {
            0 => self.estate.devices_of(of)[0].id.to_string(),
            _ => self.estate.devices()[self.estate.meters_of(of)[slot - 1].device.at()].id.to_string(),
        }
    }

    fn firmware(&self, model: ModelIx) -> String {
        self.estate.catalogue().model_text(model).firmware
    }

    fn firmware_recorded(&mut self, at: usize, device: usize, model: ModelIx) {
        let Some(slot) = self.slot(at, device) else { return };
        self.set_model(at, slot, model);
        let line = format!("{} recorded with {}", self.device_of(at, slot), self.firmware(model));
        self.say(at, line);
        if self.homes[at].preparing && self.homes[at].hop_ends.is_some() {
            // From here the way to the same entry goes on.
            let before = self.homes[at].hops[0];
            let entry = self.homes[at].toward.expect("a hop leads somewhere");
            let hops = self.hops_to(at, entry, true).unwrap_or_default();
            let due = plus(self.today, i64::from(self.assumptions.days_per_hop));
            self.homes[at].hop_ends = hops.first().map(|_| due);
            self.homes[at].hops = hops;
            if self.homes[at].hops.first().is_some_and(|next| *next != before) {
                self.say_hop(at);
            }
            self.close_preparation(at);
        }
    }

    fn set_model(&mut self, at: usize, slot: usize, model: ModelIx) {
        self.homes[at].models[slot] = model;
        self.homes[at].prepared = Some(self.today);
        self.note_eligible(at);
    }

    fn note_eligible(&mut self, at: usize) {
        if self.homes[at].first_eligible.is_none() && self.eligible(at) {
            self.homes[at].first_eligible = Some(self.today);
        }
    }

    fn close_preparation(&mut self, at: usize) {
        let home = &mut self.homes[at];
        if home.preparing && home.hop_ends.is_none() && home.configuration_ends.is_none() {
            (home.preparing, home.toward) = (false, None);
            home.hops.clear();
        }
    }

    fn models_of(&self, combination: &Combination) -> Vec<ModelIx> {
        let mut models = vec![combination.chf, combination.esme];
        models.extend(combination.gsme);
        models
    }

    /// MA110, AC5: models and provider are those of an approved entry.
    fn eligible(&self, at: usize) -> bool {
        let Home { models, provider, .. } = &self.homes[at];
        let gsme = models.get(2).copied();
        let now = Combination { chf: models[0], esme: models[1], gsme, provider: *provider };
        let mut entries = self.estate.entries().iter().zip(&self.approved);
        entries.any(|(entry, approved)| *approved && entry.combination == now)
    }

    /// Approved entries with the same hardware.
    fn possible_entries(&self, at: usize) -> Vec<usize> {
        let home = &self.homes[at];
        let hardware = |models: &[ModelIx]| -> Vec<HardwareIx> {
            models.iter().map(|model| self.estate.catalogue().hardware_of(*model)).collect()
        };
        let entries = self.estate.entries().iter().enumerate();
        let same = entries.filter(|(which, entry)| {
            self.approved[*which]
                && entry.combination.provider == home.provider
                && hardware(&self.models_of(&entry.combination)) == hardware(&home.models)
        });
        same.map(|(which, _)| which).collect()
    }

    /// All hops of the Installing Supplier, then those that manufacturers gave, in the order in which they are known.
    fn next_hops(&self, at: usize, from: ModelIx) -> Vec<ModelIx> {
        let home = &self.homes[at];
        let own = self.estate.hops().iter().filter(|hop| hop.from == from && hop.installing_supplier == home.installer);
        let mut next: Vec<ModelIx> = own.map(|hop| hop.to).collect();
        for which in &self.common {
            match self.events[*which].what {
                What::Path { from: begins, to } if begins == from => next.push(to),
                _ => {}
            }
        }
        next
    }

    fn operable(&self, at: usize, model: ModelIx) -> bool {
        let home = &self.homes[at];
        self.common.iter().any(|which| {
            self.events[*which].what
                == What::OperabilityConfirmed { supplier: home.installer, smso: home.smso, version: model }
        })
    }

    fn search(&self, at: usize, from: ModelIx, to: ModelIx, length: usize, any: bool) -> Option<Vec<ModelIx>> {
        if length == 0 {
            return (from == to).then(Vec::new);
        }
        for next in self.next_hops(at, from) {
            if next != to && !any && !self.operable(at, next) {
                continue;
            }
            if let Some(rest) = self.search(at, next, to, length - 1, any) {
                let mut hops = vec![next];
                hops.extend(rest);
                return Some(hops);
            }
        }
        None
    }

    /// The fewest hops for each device to what an entry has; `any` lets unconfirmed versions lie between (PL7).
    fn hops_to(&self, at: usize, entry: usize, any: bool) -> Option<Hops> {
        let target = self.models_of(&self.estate.entries()[entry].combination);
        let mut hops = Vec::new();
        for (slot, to) in target.into_iter().enumerate() {
            let from = self.homes[at].models[slot];
            let path = (0..=4).find_map(|length| self.search(at, from, to, length, any))?;
            hops.extend(path.into_iter().map(|model| (slot, model)));
        }
        Some(hops)
    }

    /// The way to take: to the entry with the fewest hops, of equal ones the one whose name comes first.
    fn way(&self, at: usize) -> Result<(usize, Hops), &'static str> {
        let possible = self.possible_entries(at);
        let name = |which: usize| self.estate.catalogue().text(self.estate.entries()[which].name).to_owned();
        let mut ways: Vec<(usize, String, usize, Hops)> = Vec::new();
        for which in &possible {
            if let Some(hops) = self.hops_to(at, *which, false) {
                ways.push((hops.len(), name(*which), *which, hops));
            }
        }
        ways.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        match ways.into_iter().next() {
            Some((_, _, which, hops)) => Ok((which, hops)),
            None if possible.is_empty() => Err("entry"),
            None if possible.iter().any(|which| self.hops_to(at, *which, true).is_some()) => Err("operability"),
            None => Err("path"),
        }
    }

    /// Changes of supplier of a meter that are known, with their places in the list of events.
    fn changes(&self, at: usize, meter: usize) -> Vec<(usize, SupplierIx, Date)> {
        let of = self.homes[at].of;
        let device = self.estate.meters_of(of)[meter].device;
        let mut changes = Vec::new();
        for which in &self.homes[at].own {
            if let What::ChangeOfSupplier { meter, supplier, effective } = self.events[*which].what
                && self.estate.meters()[meter.at()].device == device
            {
                changes.push((*which, supplier, effective));
            }
        }
        changes
    }

    fn supplier(&self, at: usize, meter: usize, on: Date) -> SupplierIx {
        let mut best: Option<(Date, SupplierIx)> = None;
        for (_, supplier, effective) in self.changes(at, meter) {
            if effective <= on && best.is_none_or(|(before, _)| before <= effective) {
                best = Some((effective, supplier));
            }
        }
        best.map_or(self.estate.meters_of(self.homes[at].of)[meter].supplier, |(_, supplier)| supplier)
    }

    fn meters(&self, at: usize) -> usize {
        self.estate.meters_of(self.homes[at].of).len()
    }

    /// Each meter's service now, and since when all are Dormant.
    fn services(&self, at: usize) -> (Vec<MeterState>, Option<Date>) {
        let meters = self.estate.meters_of(self.homes[at].of);
        let mut services: Vec<MeterState> = meters.iter().map(|meter| meter.service).collect();
        let dormant = |services: &[MeterState]| services.iter().all(|service| *service == MeterState::Dormant);
        let mut since = dormant(&services).then(|| meters.iter().map(|meter| meter.since).max().expect("a meter"));
        for event in self.homes[at].own.iter().map(|which| self.events[*which]) {
            if let What::Service { meter, service } = event.what {
                let device = self.estate.meters()[meter.at()].device;
                if let Some(which) = meters.iter().position(|meter| meter.device == device) {
                    services[which] = service;
                    since = if dormant(&services) { since.or(Some(event.on)) } else { None };
                }
            }
        }
        (services, since)
    }

    /// AC4.
    fn recently_dormant(&self, at: usize) -> bool {
        let home = &self.homes[at];
        match (self.services(at).1, home.first_eligible) {
            (Some(dormant), Some(eligible)) => {
                self.eligible(at) && dormant > eligible && dormant > FOC_TEXT && !home.has_left
            }
            _ => false,
        }
    }

    fn look_at(&mut self, at: usize) {
        if !self.homes[at].migrated && !self.homes[at].excluded {
            self.finish_steps(at);
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

    fn finish_steps(&mut self, at: usize) {
        while self.homes[at].hop_ends.is_some_and(|ends| ends <= self.today) {
            let (slot, model) = self.homes[at].hops.remove(0);
            self.set_model(at, slot, model);
            let line = format!("{} done with {}", self.device_of(at, slot), self.firmware(model));
            self.say(at, line);
            if self.homes[at].hops.is_empty() {
                self.homes[at].hop_ends = None;
            } else {
                self.homes[at].hop_ends = Some(plus(self.today, i64::from(self.assumptions.days_per_hop)));
                self.say_hop(at);
            }
        }
        if self.homes[at].configuration_ends.is_some_and(|ends| ends <= self.today) {
            let home = &mut self.homes[at];
            (home.configured, home.prepared, home.configuration_ends) = (true, Some(self.today), None);
            self.say(at, "configuration done".to_owned());
        }
        self.close_preparation(at);
    }

    fn say_hop(&mut self, at: usize) {
        let (slot, model) = self.homes[at].hops[0];
        let entry = self.estate.entries()[self.homes[at].toward.expect("a way")].name;
        let entry = self.estate.catalogue().text(entry);
        let line = format!("{} upgraded to {} for {entry}", self.device_of(at, slot), self.firmware(model));
        self.say(at, line);
    }

    fn go_on(&mut self, at: usize) -> Option<String> {
        let from = covered_from(self.homes[at].group);
        if self.today < from {
            return Some(format!("group from {from}"));
        }
        if let Some(until) = self.homes[at].not_planned_before
            && self.today < until
        {
            return Some(format!("change on {until}"));
        }
        let active = self.services(at).0.contains(&MeterState::Active);
        if active {
            let had_plan = self.homes[at].may_migrate.is_some() || self.homes[at].may_prepare.is_some();
            self.give_up(at);
            if had_plan {
                self.say(at, "turned active".to_owned());
            }
            if self.homes[at].authorised.is_none() && self.all_authorise(at) {
                self.homes[at].authorised = Some(self.today);
                self.say(at, "authorised".to_owned());
            }
            let reason = self.prepare(at, true);
            return if self.homes[at].authorised.is_none() { Some("authorisation".to_owned()) } else { reason };
        }
        if self.assumptions.after_change_of_supplier == AfterChange::Wait && self.homes[at].authorised.is_none() {
            let all = (0..self.meters(at)).flat_map(|meter| self.changes(at, meter));
            if let Some(last) = all.map(|(_, _, effective)| effective).filter(|on| *on > self.today).max() {
                self.give_up(at);
                return Some(format!("change on {last}"));
            }
        }
        let reason = self.prepare(at, false);
        self.notify_of_migration(at);
        self.notify_new_suppliers(at);
        reason
    }

    /// Notices lapse; what has begun goes on.
    fn give_up(&mut self, at: usize) {
        let home = &mut self.homes[at];
        if home.may_prepare.take().is_some() {
            home.toward = None;
        }
        home.may_migrate = None;
    }

    fn all_authorise(&self, at: usize) -> bool {
        let services = self.services(at).0;
        (0..self.meters(at)).filter(|meter| services[*meter] == MeterState::Active).all(|meter| {
            let wanted = self.supplier(at, meter, self.today);
            let counts = self.homes[at].authorisations_from;
            self.homes[at].own.iter().filter(|which| **which >= counts).any(|which| match self.events[*which].what {
                What::Authorised { supplier, from, .. } => supplier == wanted && from <= self.today,
                _ => false,
            })
        })
    }

    fn to_configure(&self, at: usize) -> bool {
        is_foc(self.homes[at].group) && !self.homes[at].configured
    }

    fn prepare(&mut self, at: usize, active: bool) -> Option<String> {
        let eligible = self.eligible(at);
        if self.homes[at].preparing {
            return None;
        }
        if let Some(from) = self.homes[at].may_prepare {
            return if self.today >= from { self.begin_if_possible(at) } else { None };
        }
        if eligible && !self.to_configure(at) {
            return None;
        }
        if active {
            if !eligible {
                return Some("entry".to_owned());
            }
            if self.homes[at].authorised.is_some() {
                self.begin(at, Vec::new(), None);
            }
            return None;
        }
        let way = if eligible { None } else { Some(self.way(at)) };
        if let Some(Err(reason)) = way {
            return Some(reason.to_owned());
        }
        let from = self.notify(at, "4.29");
        self.homes[at].may_prepare = Some(from);
        self.homes[at].toward = way.and_then(Result::ok).map(|(entry, _)| entry);
        if from <= self.today { self.begin_if_possible(at) } else { None }
    }

    fn begin_if_possible(&mut self, at: usize) -> Option<String> {
        if self.eligible(at) {
            if self.to_configure(at) {
                self.begin(at, Vec::new(), None);
            } else {
                (self.homes[at].may_prepare, self.homes[at].toward) = (None, None);
            }
            return None;
        }
        match self.way(at) {
            Ok((entry, hops)) => {
                self.begin(at, hops, Some(entry));
                None
            }
            Err(reason) => {
                self.homes[at].toward = None;
                Some(reason.to_owned())
            }
        }
    }

    fn begin(&mut self, at: usize, hops: Hops, toward: Option<usize>) {
        let hop_ends = plus(self.today, i64::from(self.assumptions.days_per_hop));
        let configuration_ends = plus(self.today, i64::from(self.assumptions.configuration_days));
        let configure = self.to_configure(at);
        let home = &mut self.homes[at];
        (home.may_prepare, home.preparing, home.toward) = (None, true, toward);
        home.hop_ends = (!hops.is_empty()).then_some(hop_ends);
        home.hops = hops;
        home.configuration_ends = configure.then_some(configuration_ends);
        if self.homes[at].hop_ends.is_some() {
            self.say_hop(at);
        }
        if configure {
            self.say(at, "configuration begun".to_owned());
        }
        self.finish_steps(at);
    }

    fn party(&self, supplier: SupplierIx) -> String {
        self.estate.catalogue().supplier_id(supplier).to_string()
    }

    /// PL1: every Responsible Supplier is notified.
    fn notify(&mut self, at: usize, clause: &'static str) -> Date {
        let recent = self.recently_dormant(at) && self.today >= FOC_TEXT;
        let days = notice_days(clause, recent);
        let earliest = working_days_after(self.today, days);
        let mut last = None;
        for meter in 0..self.meters(at) {
            let supplier = self.supplier(at, meter, self.today);
            if last != Some(supplier) {
                let to = self.party(supplier);
                self.say(at, format!("notice {clause} to {to}, {days} days, earliest {earliest}"));
            }
            last = Some(supplier);
        }
        // Whoever is the supplier today has the notice; whoever is to be one is told next.
        let all = (0..self.meters(at)).flat_map(|meter| self.changes(at, meter));
        let known = all.filter(|(_, _, effective)| *effective <= self.today).map(|(which, _, _)| which).collect();
        self.homes[at].told = known;
        if clause == "4.30" {
            self.homes[at].recent = recent;
        }
        earliest
    }

    fn notify_of_migration(&mut self, at: usize) {
        let home = &self.homes[at];
        let leads = home.toward.is_some_and(|entry| self.approved[entry]);
        if home.may_migrate.is_some() || home.authorised.is_some() || !(leads || self.eligible(at)) {
            return;
        }
        let earliest = self.notify(at, "4.30");
        let until = working_days_after(self.today, self.assumptions.certificates_within_working_days);
        self.homes[at].may_migrate = Some(earliest);
        self.homes[at].asked_until = Some(until);
        self.say(at, format!("certificates asked until {until}"));
    }

    /// PL3.
    fn notify_new_suppliers(&mut self, at: usize) {
        if self.homes[at].may_migrate.is_none() && self.homes[at].may_prepare.is_none() {
            return;
        }
        let mut all: Vec<(usize, usize, SupplierIx, Date)> = Vec::new();
        for meter in 0..self.meters(at) {
            let of_meter = self.changes(at, meter).into_iter();
            all.extend(of_meter.map(|(which, supplier, effective)| (which, meter, supplier, effective)));
        }
        all.sort_by_key(|(which, ..)| *which);
        for (which, meter, supplier, effective) in all {
            if self.homes[at].told.contains(&which) {
                continue;
            }
            self.homes[at].told.push(which);
            let point = self.estate.meters_of(self.homes[at].of)[meter].point;
            let to = self.party(supplier);
            self.say(at, format!("notice to new {to} of {point} on {effective}"));
            let until = working_days_after(self.today, self.assumptions.certificates_within_working_days);
            if self.homes[at].may_migrate.is_some() && self.homes[at].asked_until.is_none_or(|asked| asked < until) {
                self.homes[at].asked_until = Some(until);
                self.say(at, format!("certificates asked until {until}"));
            }
        }
    }

    fn see_whether_ready(&mut self, at: usize) {
        let (home, today) = (&self.homes[at], self.today);
        let by_notice = home.may_migrate.is_some_and(|earliest| earliest <= today);
        let ready = !home.migrated
            && !home.excluded
            && (by_notice || home.authorised.is_some_and(|since| since < today))
            && covered_from(home.group) <= today
            && home.not_planned_before.is_none_or(|until| until <= today)
            && home.retry_from.is_none_or(|from| from <= today)
            && home.may_prepare.is_none()
            && !home.preparing
            && home.prepared.is_none_or(|on| on < today)
            && !self.to_configure(at)
            && self.eligible(at);
        if !ready {
            self.homes[at].ready_since = None;
        } else if self.homes[at].ready_since.is_none() {
            self.homes[at].ready_since = Some(today);
            self.say(at, "ready".to_owned());
        }
    }

    /// PL12, PL13.
    fn migrate(&mut self) {
        let mut queues: BTreeMap<String, Vec<(bool, Date, usize)>> = BTreeMap::new();
        for at in 0..self.homes.len() {
            if let Some(since) = self.homes[at].ready_since {
                let recent = self.homes[at].recent && self.homes[at].may_migrate.is_some();
                let supplier = self.party(self.supplier(at, 0, self.today));
                queues.entry(supplier).or_default().push((!recent, since, at));
            }
        }
        let capacity = self.assumptions.capacity_a_day.saturating_sub(self.assumptions.reserve_a_day);
        let waiting: Vec<u64> = queues.values().map(|queue| queue.len() as u64).collect();
        let shares = share(u64::from(capacity), u64::from(self.assumptions.dmin_a_day), &waiting);
        for (queue, share) in queues.into_values().zip(shares) {
            let mut queue = queue;
            queue.sort_unstable();
            for (_, _, at) in queue.into_iter().take(share as usize) {
                self.day_of(at);
            }
        }
    }

    /// Its day has come.
    fn day_of(&mut self, at: usize) {
        self.homes[at].ready_since = None;
        let until = plus(self.today, window(self.today));
        for meter in 0..self.meters(at) {
            if self.without_certificate(at, meter) {
                continue;
            }
            let mut within: Vec<_> = self.changes(at, meter).into_iter().collect();
            within.retain(|(_, _, effective)| (self.today..=until).contains(effective));
            within.sort_by_key(|(_, _, effective)| *effective);
            let mut before = self.supplier(at, meter, plus(self.today, -1));
            for (_, supplier, effective) in within {
                if supplier != before {
                    let point = self.estate.meters_of(self.homes[at].of)[meter].point;
                    let to = self.party(supplier);
                    self.say(at, format!("left for {to} at {point} on {effective}"));
                    let home = &mut self.homes[at];
                    home.has_left = true;
                    (home.may_migrate, home.authorised) = (None, None);
                    home.authorisations_from = self.known;
                    home.not_planned_before = Some(effective);
                    home.reason = Some(format!("change on {effective}"));
                    return;
                }
                before = supplier;
            }
        }
        let share = self.party(self.supplier(at, 0, self.today));
        self.say(at, format!("migrated for {share}"));
        for meter in 0..self.meters(at) {
            if self.without_certificate(at, meter) {
                let point = self.estate.meters_of(self.homes[at].of)[meter].point;
                self.say(at, format!("null certificate at {point}"));
            }
        }
        self.homes[at].migrated = true;
    }

    /// PL11.
    fn without_certificate(&self, at: usize, meter: usize) -> bool {
        let home = &self.homes[at];
        let wanted = self.supplier(at, meter, self.today);
        home.may_migrate.is_some()
            && !home.own.iter().map(|which| self.events[*which]).any(|event| match event.what {
                What::CertificatesSupplied { supplier, .. } => {
                    supplier == wanted && home.asked_until.is_none_or(|until| event.on <= until)
                }
                _ => false,
            })
    }
}

/// A day's capacity, one place after the other where there is a fraction (PL13).
fn share(capacity: u64, dmin: u64, waiting: &[u64]) -> Vec<u64> {
    let flat: Vec<u64> = waiting.iter().map(|waiting| (*waiting).min(dmin)).collect();
    let all: u64 = flat.iter().sum();
    if all > capacity {
        return in_proportion(capacity, &flat);
    }
    let unmet: Vec<u64> = waiting.iter().zip(&flat).map(|(waiting, flat)| waiting - flat).collect();
    let rest = (capacity - all).min(unmet.iter().sum());
    in_proportion(rest, &unmet).iter().zip(&flat).map(|(rest, flat)| rest + flat).collect()
}

fn in_proportion(amount: u64, wanted: &[u64]) -> Vec<u64> {
    let all: u64 = wanted.iter().sum::<u64>().max(1);
    let mut shares: Vec<u64> = wanted.iter().map(|wanted| wanted * amount / all).collect();
    let mut remainders: Vec<u64> = wanted.iter().map(|wanted| wanted * amount % all).collect();
    while shares.iter().sum::<u64>() < amount {
        let most = remainders.iter().copied().max().expect("someone wants something");
        let first = remainders.iter().position(|remainder| *remainder == most).expect("it is there");
        shares[first] += 1;
        remainders[first] = 0;
    }
    shares
}
