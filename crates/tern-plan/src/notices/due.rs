//! The notices that a plan has go out on a day, as files (PL1, PL3, PL11).
//!
//! The plan says who is notified of which installation and why; this module says of which meters, by who is
//! Responsible Supplier on that day, and decides nothing.

use std::collections::HashMap;

use jiff::civil::{Date, DateTime};
use tern_model::facts::{NoticeKind, SourceRow};
use tern_model::supplier_file::{NoticeGround, NoticedMeter};
use tern_model::{ChfIdentifier, Fuel, PartyId};

use super::name::SmsoName;
use super::outgoing::{Announcement, NotAnnounced, Outgoing, SupplierFile};
use super::planned::told_to_new;
use crate::estate::{Estate, Event, InstallationIx, Meter, MeterIx, SupplierIx, What as Happened};
use crate::plan::{Dormancy, Line, MeterName, NoticeOf, What};

/// What a plan has go out on a day.
#[derive(Debug, Clone)]
pub struct DueNotices {
    /// The files, one for each supplier, SMSO and kind.
    pub files: Vec<SupplierFile>,
    /// Notices that would break 4.29 or 4.30 if they went out: none, for a plan of the same rules.
    pub not_sent: Vec<NotSent>,
}

/// A notice that does not go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotSent {
    /// Of which installation.
    pub chf: ChfIdentifier,
    /// To whom.
    pub to: PartyId,
    /// Why.
    pub why: NotAnnounced,
}

/// The notices of a day, collected from a plan's stories.
#[derive(Debug)]
pub struct Due<'e> {
    estate: &'e Estate,
    day: Date,
    /// Who gained which meter, by this day.
    changed: HashMap<MeterIx, SupplierIx>,
    outgoing: Outgoing,
    not_sent: Vec<NotSent>,
}

/// Who gained which meter last, of the changes that have taken effect by a day.
fn changes(events: &[Event], day: Date) -> HashMap<MeterIx, SupplierIx> {
    let mut last: HashMap<MeterIx, (Date, SupplierIx)> = HashMap::new();
    for event in events.iter().filter(|event| event.on <= day) {
        if let Happened::ChangeOfSupplier { meter, supplier, effective } = event.what
            && effective <= day
            && last.get(&meter).is_none_or(|(before, _)| *before <= effective)
        {
            last.insert(meter, (effective, supplier));
        }
    }
    last.into_iter().map(|(meter, (_, supplier))| (meter, supplier)).collect()
}

impl<'e> Due<'e> {
    /// Those of the day of `made`, a moment in Europe/London. `events` are those that the plan was made from.
    #[must_use]
    pub fn of(estate: &'e Estate, events: &[Event], made: DateTime) -> Due<'e> {
        let day = made.date();
        Due { estate, day, changed: changes(events, day), outgoing: Outgoing::of(made), not_sent: Vec::new() }
    }

    /// Takes in what the story of an installation has for the day.
    pub fn story(&mut self, installation: InstallationIx, story: &[Line]) {
        let chf = self.estate.installation(installation).chf;
        for one in self.announcements(installation, story) {
            let to = one.to;
            if let Err(why) = self.outgoing.announce(one) {
                self.not_sent.push(NotSent { chf, to, why });
            }
        }
    }

    /// The files.
    #[must_use]
    pub fn finish(self) -> DueNotices {
        DueNotices { files: self.outgoing.into_files(), not_sent: self.not_sent }
    }

    fn announcements(&self, installation: InstallationIx, story: &[Line]) -> Vec<Announcement> {
        let of_today = |step: &&Line| step.day == self.day;
        let asked = story.iter().filter(of_today).find_map(|step| match &step.what {
            What::CertificatesAsked(until) => Some(*until),
            _ => None,
        });
        let mut all: Vec<Announcement> = Vec::new();
        for (at, step) in story.iter().enumerate().filter(|(_, step)| of_today(step)) {
            match &step.what {
                What::Notice { of, to, working_days, dormancy, earliest } => {
                    let ground = match dormancy {
                        Dormancy::Standard => NoticeGround::Dormant,
                        Dormancy::Recent => NoticeGround::RecentlyDormant,
                    };
                    let term = Some(u32::from(*working_days));
                    for meter in self.estate.meters_of(installation).iter().filter(|meter| self.supplier(meter) == *to)
                    {
                        let meter = self.noticed(meter, ground, term, *earliest);
                        all.push(self.announcement(installation, *to, *of, meter, asked));
                    }
                }
                What::NoticeToNew { of, meter, to, .. } => {
                    let Some(meter) = self.named(installation, meter) else { continue };
                    for (of, earliest) in told_to_new(*of, &story[..at]) {
                        let earliest = earliest.max(self.day);
                        let meter = self.noticed(meter, NoticeGround::ChangeOfSupplier, None, earliest);
                        all.push(self.announcement(installation, *to, of, meter, asked));
                    }
                }
                _ => {}
            }
        }
        one_a_meter(all)
    }

    /// The meter of an installation that a plan names.
    fn named(&self, installation: InstallationIx, name: &MeterName) -> Option<&'e Meter> {
        let fuels = [Fuel::Electricity, Fuel::Gas];
        let meters = self.estate.meters_of(installation).iter().zip(fuels);
        meters.filter(|(_, fuel)| *fuel == name.fuel).map(|(meter, _)| meter).find(|m| m.point.to_string() == name.mpxn)
    }

    fn supplier(&self, meter: &Meter) -> PartyId {
        let changed = self.estate.meter_of(meter.device).and_then(|meter| self.changed.get(&meter));
        self.estate.catalogue().supplier_id(changed.copied().unwrap_or(meter.supplier))
    }

    fn noticed(&self, meter: &Meter, ground: NoticeGround, working_days: Option<u32>, earliest: Date) -> NoticedMeter {
        NoticedMeter {
            row: SourceRow(0),
            chf: self.estate.installation(meter.installation).chf,
            device: self.estate.devices()[meter.device.at()].id,
            mpxn: meter.point.mpxn(),
            ground,
            working_days,
            earliest,
        }
    }

    /// Certificates are asked for with a notice of migration; an answer after the earliest day of the steps
    /// would help nobody.
    fn announcement(
        &self,
        installation: InstallationIx,
        to: PartyId,
        of: NoticeOf,
        meter: NoticedMeter,
        asked: Option<Date>,
    ) -> Announcement {
        let catalogue = self.estate.catalogue();
        let smso = SmsoName::of(catalogue.text(self.estate.installation(installation).smso));
        let (kind, certificates_by) = match of {
            NoticeOf::Preparation => (NoticeKind::Configuration, None),
            NoticeOf::Migration => (NoticeKind::Migration, asked.map(|until| until.min(meter.earliest))),
        };
        Announcement { smso, to, kind, meter, certificates_by }
    }
}

/// One row for a meter in a file: the notice with the longest term, where a supplier that is notified gains the
/// meter back too.
fn one_a_meter(mut all: Vec<Announcement>) -> Vec<Announcement> {
    let of = |one: &Announcement| (one.kind == NoticeKind::Migration, one.to, one.meter.device);
    all.sort_by_key(|one| (of(one), std::cmp::Reverse(one.meter.working_days)));
    all.dedup_by(|later, kept| of(later) == of(kept));
    all
}
