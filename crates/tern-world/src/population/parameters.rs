//! The parameters of a population by the names under which a file gives them, as they are printed, and what of them cannot be.

use super::{Entries, Population, WrongKind, homes};
use crate::WorldError;

/// A parameter: its name, and its value as it is printed.
pub type Parameter = (&'static str, String);

/// More places a day nobody wants.
const MOST_PLACES: u64 = 1_000_000;

fn days([least, most]: [u64; 2]) -> String {
    format!("{least} to {most} days")
}

impl Population {
    /// The parameters, in the order of the fields; those of entries under `entries.`.
    #[must_use]
    pub fn parameters(&self) -> Vec<Parameter> {
        let groups: Vec<String> = self.groups.iter().map(|of| format!("{} {}", of.group, of.of_a_hundred)).collect();
        let percent = |share: u64, of: &str| format!("{share} % {of}");
        let mut all = vec![
            ("seed", self.seed.to_string()),
            ("installations", self.installations.to_string()),
            ("suppliers", self.suppliers.to_string()),
            ("installing_suppliers", format!("{} of the suppliers", self.installing_suppliers)),
            ("one_supplier", percent(self.one_supplier, "have electricity and gas from one")),
            ("described", self.described.to_string()),
            ("days", format!("{} of events", self.days)),
            ("installed_before", days(self.installed_before)),
            ("gas", percent(self.gas, "have a gas meter")),
            ("dormant", percent(self.dormant, "have Dormant Meters alone")),
            ("mixed", percent(self.mixed, "have Active and Dormant Meters, of those with gas")),
            ("foc_behind", percent(self.foc_behind, "of FOC installations have firmware behind their entry")),
            ("others_behind", percent(self.others_behind, "of the others")),
            ("versions_behind", format!("{} at most", self.versions_behind)),
            ("firmware_recorded", percent(self.firmware_recorded, "of them have one version more recorded")),
            ("configured", percent(self.configured, "of FOC installations are recorded as configured")),
            ("unapproved", percent(self.unapproved, "are of models that no approved entry combines")),
            ("prepayment", percent(self.prepayment, "are in Prepayment Mode")),
            ("mode_changes_a_year", format!("{} for 1,000 meters", self.mode_changes_a_year)),
            ("changes_a_year", format!("{} of supplier for 1,000 meters", self.changes_a_year)),
            ("change_known_before", days(self.change_known_before)),
            ("lost_on_change", percent(self.lost_on_change, "of changes make an Active Meter dormant")),
            ("won_on_change", percent(self.won_on_change, "of changes make a Dormant Meter active")),
            ("authorised", percent(self.authorised, "of Active installations")),
            ("certificates", percent(self.certificates, "of installations have their suppliers' certificates")),
            ("wait_on_change", percent(self.wait_on_change, "are to wait where their supplier changes")),
            ("attempts_failed", percent(self.attempts_failed, "have an attempt without success")),
            ("failed_again", percent(self.failed_again, "of these have another, up to five")),
            ("excluded", percent(self.excluded, "come into an excluded category")),
            ("exclusion_ended", percent(self.exclusion_ended, "of these come out of it again")),
            ("demand", percent(self.demand, "of suppliers say how many places a day they want")),
            ("demand_places", format!("{} to {} places", self.demand_places[0], self.demand_places[1])),
            ("demand_every", format!("{} days until they say another number", self.demand_every)),
            ("wrong", format!("{} rows of each kind", self.wrong)),
        ];
        all.extend(self.entries.parameters());
        all.push(("groups", format!("{} (of a hundred)", groups.join(", "))));
        all
    }

    /// What cannot be is refused before anything is written.
    pub(super) fn check(&self) -> Result<(), WorldError> {
        let wrong = |reason: String| Err(WorldError::Population { reason });
        if self.installations == 0 || self.suppliers == 0 || self.installing_suppliers == 0 {
            return wrong("an estate has one installation, supplier and Installing Supplier at least".to_owned());
        }
        if self.installations > homes::MOST {
            return wrong("there are not metering points for so many installations: 80,000,000 at most".to_owned());
        }
        if self.suppliers > 60_000 || self.versions_behind > 100 || self.days > 36_500 {
            return wrong("at most 60,000 suppliers, 100 versions and 36,500 days can be".to_owned());
        }
        // A device that is behind is one version behind at least.
        if self.versions_behind == 0 {
            return wrong("`versions_behind` is at least 1".to_owned());
        }
        if self.groups.iter().try_fold(0u64, |sum, of| sum.checked_add(of.of_a_hundred)) != Some(100) {
            return wrong("the groups' shares make a hundred".to_owned());
        }
        if self.wrong.saturating_mul(WrongKind::ALL.len() as u64 * 2) > self.installations {
            return wrong("there are more wrong rows than half of the installations".to_owned());
        }
        if let Some((name, share)) = self.shares().into_iter().find(|(_, share)| *share > 100) {
            return wrong(format!("`{name}` is {share} of a hundred"));
        }
        let days = self.day_counts().into_iter().find(|(_, [least, most])| least > most || *most > 36_500);
        if let Some((name, [least, most])) = days {
            return wrong(format!(
                "`{name}` is {least} to {most} days; the least comes first, and a hundred years suffice"
            ));
        }
        let [least, most] = self.demand_places;
        if least > most || most > MOST_PLACES {
            return wrong(format!(
                "`demand_places` is {least} to {most}; the least comes first, and a million a day suffices"
            ));
        }
        if self.demand_every == 0 {
            return wrong("`demand_every` is a day at least".to_owned());
        }
        if self.changes_a_year > 12_000 || self.mode_changes_a_year > 12_000 {
            return wrong("a meter changes once a month at most".to_owned());
        }
        Ok(())
    }

    fn shares(&self) -> Vec<(&'static str, u64)> {
        let Entries {
            dmct, equivalent, comprise_mixed, comprise_dormant, disputed, defects, refused, unconfirmed, ..
        } = self.entries;
        vec![
            ("one_supplier", self.one_supplier),
            ("gas", self.gas),
            ("dormant", self.dormant),
            ("mixed", self.mixed),
            ("foc_behind", self.foc_behind),
            ("others_behind", self.others_behind),
            ("firmware_recorded", self.firmware_recorded),
            ("configured", self.configured),
            ("unapproved", self.unapproved),
            ("prepayment", self.prepayment),
            ("lost_on_change", self.lost_on_change),
            ("won_on_change", self.won_on_change),
            ("authorised", self.authorised),
            ("certificates", self.certificates),
            ("wait_on_change", self.wait_on_change),
            ("attempts_failed", self.attempts_failed),
            ("failed_again", self.failed_again),
            ("excluded", self.excluded),
            ("exclusion_ended", self.exclusion_ended),
            ("demand", self.demand),
            ("entries.dmct", dmct),
            ("entries.equivalent", equivalent),
            ("entries.comprise_mixed and comprise_dormant", comprise_mixed.saturating_add(comprise_dormant)),
            ("entries.disputed", disputed),
            ("entries.defects", defects),
            ("entries.refused", refused),
            ("entries.unconfirmed", unconfirmed),
        ]
    }

    fn day_counts(&self) -> Vec<(&'static str, [u64; 2])> {
        let of = &self.entries;
        let one = |days| [0, days];
        vec![
            ("installed_before", self.installed_before),
            ("change_known_before", self.change_known_before),
            ("entries.decided", of.decided),
            ("entries.approved_before", one(of.approved_before)),
            ("entries.planned_before", one(of.planned_before)),
            ("entries.proven_before", of.proven_before),
            ("entries.tag_after", one(of.tag_after)),
            ("entries.dispute_days", one(of.dispute_days)),
            ("entries.defect_after", one(of.defect_after)),
            ("entries.defect_days", one(of.defect_days)),
            ("entries.refused_after", one(of.refused_after)),
            ("entries.again_after", one(of.again_after)),
            ("entries.path_after", one(of.path_after)),
        ]
    }
}

impl Entries {
    fn parameters(&self) -> [Parameter; 20] {
        let percent = |share: u64, of: &str| format!("{share} % {of}");
        let after = |days: u64, what: &str| format!("{days} days {what}");
        [
            ("entries.early_firmware", format!("{} TMAD V5.2 is in force", self.early_firmware)),
            ("entries.dmct", percent(self.dmct, "tested by DMCT, the others by MT and SIT")),
            ("entries.equivalent", percent(self.equivalent, "of those that differ by their provider alone")),
            ("entries.comprise_mixed", percent(self.comprise_mixed, "comprise Active and Dormant Meters")),
            ("entries.comprise_dormant", percent(self.comprise_dormant, "comprise Dormant Meters alone")),
            ("entries.decided", format!("{} after the description, FOC's", days(self.decided))),
            ("entries.approved_before", after(self.approved_before, "before it at most, the others'")),
            ("entries.planned_before", after(self.planned_before, "before the decision")),
            ("entries.proven_before", format!("{} before the decision", days(self.proven_before))),
            ("entries.tag_after", after(self.tag_after, "from the tests to the TAG's confirmation")),
            ("entries.disputed", percent(self.disputed, "of them")),
            ("entries.dispute_days", after(self.dispute_days, "until it is resolved")),
            ("entries.defects", percent(self.defects, "are paused for a defect, and go on")),
            ("entries.defect_after", after(self.defect_after, "from the proof to the defect")),
            ("entries.defect_days", after(self.defect_days, "until they go on")),
            ("entries.refused", percent(self.refused, "of FOC's had a first version that was not approved")),
            ("entries.refused_after", after(self.refused_after, "from its defect to that decision")),
            ("entries.again_after", after(self.again_after, "from there to the next version's approval")),
            ("entries.path_after", after(self.path_after, "from there to the manufacturer's path")),
            ("entries.unconfirmed", percent(self.unconfirmed, "of versions between lack their confirmation")),
        ]
    }
}
