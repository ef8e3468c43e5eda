//! What an event changes of what is known.

use tern_plan::estate::What;

use super::Naive;
use super::numbers::working_days_after;

impl Naive<'_> {
    pub(super) fn learn(&mut self, which: usize) {
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
                self.learn_of_entry(entry.at(), step);
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
            What::SupplierChangeDecision { installation, after } => {
                self.homes[installation.at()].own.push(which);
                self.say(installation.at(), format!("decided {after:?}"));
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
}
