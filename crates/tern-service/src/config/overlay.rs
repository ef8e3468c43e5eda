//! An overlay laid over a configuration: its days and numbers go into the rulebook, its settings into their keys. What is wrong
//! with its file is told with line, key, cause and what to do. It must never change anything else.

use std::path::Path;

use tern_rules::releases::NOVEMBER_2020;
use tern_rules::{Overlay, OverlayChange, Rulebook, Setting, SettingValue};
use tern_wire::dsig::sha256;

use super::Config;
use crate::fault::ServiceFault;

impl Config {
    /// The same configuration under the overlay in a file.
    ///
    /// # Errors
    /// The file cannot be read, or is no overlay.
    pub fn under(mut self, file: &Path) -> Result<Config, ServiceFault> {
        let overlay = read(file)?;
        overlay.settings().for_each(|(setting, value)| self.set(setting, value));
        self.rulebook = Rulebook::under(overlay);
        Ok(self)
    }

    /// What the overlay in force would change of another configuration, which is without it.
    #[must_use]
    pub fn overlay_changes(&self, without: &Config) -> Vec<OverlayChange> {
        let changes = |overlay: &Overlay| overlay.changes(|setting| without.setting(setting));
        self.rulebook.overlay().map(changes).unwrap_or_default()
    }

    fn set(&mut self, setting: Setting, value: &SettingValue) {
        let number = |fallback: i64| if let SettingValue::Number(number) = value { *number } else { fallback };
        let small = |key: &mut u32| *key = u32::try_from(number((*key).into())).unwrap_or(*key);
        match (setting, value) {
            (Setting::RollbackDays, _) => {
                let days = &mut self.rules.rollback_days;
                *days = i32::try_from(number((*days).into())).unwrap_or(*days);
            }
            (Setting::CounterWindow, _) => {
                let window = &mut self.rules.counter_window;
                *window = u64::try_from(number(0)).unwrap_or(*window);
            }
            (Setting::Attempts, _) => small(&mut self.commissioning.attempts),
            (Setting::Probes, _) => small(&mut self.commissioning.probes),
            (Setting::Undos, _) => small(&mut self.commissioning.undos),
            (Setting::ReminderDays, SettingValue::Days(days)) => self.duties.reminder_days.clone_from(days),
            (Setting::UpliftFirst, SettingValue::Day(day)) => self.dco.redesignation_first = *day,
            (Setting::UpliftLast, SettingValue::Day(day)) => self.dco.redesignation_last = *day,
            (Setting::SystemChange, SettingValue::Day(day)) => self.dco.system_change = *day,
            // The rulebook itself keeps this day.
            (Setting::NovemberRelease, _) => {}
            // Reading saw to it that each setting has a value of its kind.
            _ => {}
        }
    }

    fn setting(&self, setting: Setting) -> SettingValue {
        let commissioning = &self.commissioning;
        match setting {
            Setting::RollbackDays => SettingValue::Number(self.rules.rollback_days.into()),
            Setting::CounterWindow => {
                SettingValue::Number(i64::try_from(self.rules.counter_window).unwrap_or(i64::MAX))
            }
            Setting::Attempts => SettingValue::Number(commissioning.attempts.into()),
            Setting::Probes => SettingValue::Number(commissioning.probes.into()),
            Setting::Undos => SettingValue::Number(commissioning.undos.into()),
            Setting::ReminderDays => SettingValue::Days(self.duties.reminder_days.clone()),
            Setting::UpliftFirst => SettingValue::Day(self.dco.redesignation_first),
            Setting::UpliftLast => SettingValue::Day(self.dco.redesignation_last),
            Setting::SystemChange => SettingValue::Day(self.dco.system_change),
            Setting::NovemberRelease => SettingValue::Day(self.rulebook.release_day(&NOVEMBER_2020)),
        }
    }
}

fn read(file: &Path) -> Result<Overlay, ServiceFault> {
    let text = std::fs::read_to_string(file).map_err(|e| ServiceFault::file("read the overlay", file, e))?;
    Overlay::read(&text, sha256(text.as_bytes())).map_err(|faults| {
        let told = faults.iter().map(|fault| format!("{}: {fault}", file.display()));
        ServiceFault::Configuration {
            what: told.collect::<Vec<_>>().join("\n"),
            suggestion: "mend the overlay; nothing was done under it".to_owned(),
        }
    })
}
