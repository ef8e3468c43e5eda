//! What an event changes of what is known.

use jiff::civil::{Date, date};
use tern_model::facts::ExclusionCategory;
use tern_plan::estate::{NameIx, What};

use super::Naive;
use super::numbers::working_days_after;

impl Naive<'_> {
    pub(super) fn learn(&mut self, which: usize) {
        let event = self.events[which];
        match event.what {
            What::ChangeOfSupplier { meter, .. } | What::Service { meter, .. } => {
                let at = self.estate.meters()[meter.at()].installation.at();
                let was_active = self.is_active(at);
                self.homes[at].own.push(which);
                let is_open = !self.homes[at].migrated && !self.homes[at].is_excluded();
                if is_open && was_active && !self.is_active(at) {
                    self.say(at, "turned dormant".to_owned());
                }
            }
            What::Authorised { installation, .. } | What::CertificatesSupplied { installation, .. } => {
                self.homes[installation.at()].own.push(which);
            }
            What::Path { .. } | What::OperabilityConfirmed { .. } => self.common.push(which),
            What::Entry { entry, step, .. } => {
                self.learn_of_entry(entry.at(), step);
                for at in 0..self.homes.len() {
                    self.note_eligible(at);
                }
            }
            What::SmsoConfigured { installation } => {
                let home = &mut self.homes[installation.at()];
                if home.migrated {
                    return;
                }
                (home.configured, home.prepared, home.configuration_ends) = (true, Some(event.on), None);
                self.say(installation.at(), "configuration recorded".to_owned());
                self.close_preparation(installation.at());
            }
            What::FirmwareDone { device, model } => {
                let at = self.estate.devices()[device.at()].installation.at();
                if !self.homes[at].migrated {
                    self.firmware_recorded(at, device.at(), model);
                }
            }
            What::SupplierChangeDecision { installation, after } => {
                self.homes[installation.at()].own.push(which);
                self.say(installation.at(), format!("decided {after:?}"));
            }
            What::AttemptFailed { installation, why } => {
                let at = installation.at();
                if self.homes[at].is_excluded() {
                    return;
                }
                self.homes[at].failures += 1;
                self.homes[at].migrated = false;
                let pause = self.assumptions.retry_after_working_days;
                self.homes[at].retry_from = Some(working_days_after(event.on, pause));
                let failures = self.homes[at].failures;
                let why = why.map_or("", |why| self.estate.catalogue().text(why));
                self.say(at, format!("attempt {failures} failed: {why}"));
                let home = &mut self.homes[at];
                if why == "4.26" && (home.hop_ends.is_some() || home.hop_again.is_some()) {
                    (home.hop_ends, home.hop_again) = (None, home.retry_from);
                }
                if failures >= self.assumptions.attempts {
                    self.exclude(at, ExclusionCategory::AttemptsExhausted, format!("excluded after {failures}"));
                }
            }
            What::Excluded { installation, category, .. } => {
                let at = installation.at();
                if category == ExclusionCategory::GasHanError {
                    self.exclude(at, category, format!("gas excluded by row {}", event.row));
                } else {
                    self.exclude(at, category, format!("excluded as {} by row {}", category.as_str(), event.row));
                }
            }
            What::ExclusionEnded { installation, category } => {
                let at = installation.at();
                let before = self.homes[at].exclusions.len();
                self.homes[at].exclusions.retain(|(of, ..)| *of != category);
                if self.homes[at].exclusions.len() == before {
                    return;
                }
                self.say(at, format!("no longer excluded as {} by row {}", category.as_str(), event.row));
                if category == ExclusionCategory::AttemptsExhausted {
                    (self.homes[at].failures, self.homes[at].retry_from) = (0, None);
                }
                if category != ExclusionCategory::GasHanError && !self.homes[at].is_excluded() {
                    self.say(at, "planned anew".to_owned());
                }
            }
            What::DocumentDesignated { document, effective } => self.learn_of_document(document, effective),
            _ => {}
        }
    }

    /// AC7: a designation fixes a day that was assumed, in the order of the versions; a day that a source gives stays.
    fn learn_of_document(&mut self, document: NameIx, effective: Date) {
        match self.estate.catalogue().text(document) {
            // Behind AL 8.0 of 29 October 2020.
            "TMAD FOC text" if effective > date(2020, 10, 29) => self.foc_text = effective,
            // Between AL 5.0 of 15 June and AL 7.0 of 18 September 2020.
            "TMAD V5.2" if effective > date(2020, 6, 15) && effective < date(2020, 9, 18) => {
                self.early_firmware_text = effective;
            }
            _ => {}
        }
    }

    /// PL14: whoever is excluded is put aside, with whatever was announced or under way. GT01 binds the gas meter alone.
    fn exclude(&mut self, at: usize, category: ExclusionCategory, line: String) {
        if self.homes[at].exclusions.iter().any(|(of, ..)| *of == category) {
            return;
        }
        self.homes[at].exclusions.push((category, self.today, line.clone()));
        self.say(at, line);
        if category == ExclusionCategory::GasHanError {
            return;
        }
        let home = &mut self.homes[at];
        home.migrated = false;
        (home.may_migrate, home.authorised, home.asked_until) = (None, None, None);
        (home.may_prepare, home.preparing, home.toward) = (None, false, None);
        (home.hop_ends, home.hop_again, home.configuration_ends) = (None, None, None);
        home.hops.clear();
        home.reason = None;
    }
}
