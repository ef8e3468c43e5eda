//! Application Association G (Table B1): which associations a device model opens to the DCC, under which names, and where.
//!
//! Names are the manufacturers' own; the rest is what they tell of them, so a table of it is configuration (P). This module
//! must never know what a model is said to open: cohorts bring what holds where nothing is configured.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::{Cohort, DeviceKind, DeviceModel};

/// Stands in a name for the model's designation, with hyphens for its blanks.
const MODEL: &str = "{model}";
/// The longest name, in characters, as the Migration Group File has it.
const NAME_MAX: usize = 64;

/// How a client opens an association.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Authentication {
    /// By nothing.
    Public,
    /// By a password.
    LowLevel,
    /// By a GMAC over a challenge: the HighLevelAssociation of the file set (S002 26).
    HlsGmac,
    /// Not at all: it is open beforehand, under keys that the DCO alone has.
    PreEstablished,
}

impl Authentication {
    /// The word in tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Authentication::Public => "public",
            Authentication::LowLevel => "low-level",
            Authentication::HlsGmac => "hls-gmac",
            Authentication::PreEstablished => "pre-established",
        }
    }

    fn is_protected(self) -> bool {
        matches!(self, Authentication::HlsGmac | Authentication::PreEstablished)
    }
}

/// How protected messages are written in an association's context.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ContextForm {
    /// One form for each service.
    Glo,
    /// One form for all, which names the sender.
    #[default]
    GeneralGlo,
}

/// An association that a model opens to the DCC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApplicationAssociation {
    /// As the manufacturer calls it; `{model}` stands for the model's designation, with hyphens for its blanks.
    pub name: Cow<'static, str>,
    /// The client's address (SAP), at the wrapper.
    pub client: u16,
    /// The logical device's address (SAP), at the wrapper.
    pub logical_device: u16,
    /// How it is opened.
    pub authentication: Authentication,
    /// How what is said in it is written; of those that protect it alone, and general-glo where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<ContextForm>,
}

impl ApplicationAssociation {
    /// Whether a name is its name, of a device of this model.
    #[must_use]
    pub fn is_called(&self, name: &str, model: &DeviceModel) -> bool {
        self.name_of(model) == name
    }

    /// Its name, of a device of this model.
    #[must_use]
    pub fn name_of(&self, model: &DeviceModel) -> String {
        self.name.replace(MODEL, &model.model.replace(' ', "-"))
    }
}

/// The associations of one device model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelAssociations {
    /// Manufacturer's name, as the files print it.
    pub manufacturer: String,
    /// Model designation, as the files print it.
    pub model: String,
    /// What it opens to the DCC, whatever its firmware.
    pub associations: Vec<ApplicationAssociation>,
}

impl ModelAssociations {
    /// Whether the table is about a device's model.
    #[must_use]
    pub fn is_of(&self, model: &DeviceModel) -> bool {
        self.manufacturer == model.manufacturer && self.model == model.model
    }

    fn check(&self) -> Result<(), String> {
        let of = |what: String| format!("{} {}: {what}", self.manufacturer, self.model);
        for (at, one) in self.associations.iter().enumerate() {
            let before = &self.associations[..at];
            let name = &one.name;
            if name.is_empty() || name.chars().count() > NAME_MAX {
                return Err(of(format!("`{name}` is no name of 1 to {NAME_MAX} characters")));
            }
            if one.client == 0 || one.logical_device == 0 {
                return Err(of(format!("`{name}`: 0 is nobody's address")));
            }
            if one.form.is_some() && !one.authentication.is_protected() {
                let kind = one.authentication.as_str();
                return Err(of(format!("`{name}`: nothing is protected in a {kind} association, so it has no form")));
            }
            if one.authentication == Authentication::PreEstablished && one.form == Some(ContextForm::Glo) {
                return Err(of(format!(
                    "`{name}`: nothing but general-glo names the sender before an association is open"
                )));
            }
            if before.iter().any(|other| other.name == *name) {
                return Err(of(format!("two associations are called `{name}`")));
            }
            if before.iter().any(|other| other.authentication == one.authentication) {
                return Err(of(format!("two associations are {}", one.authentication.as_str())));
            }
            if before.iter().any(|other| (other.client, other.logical_device) == (one.client, one.logical_device)) {
                return Err(of(format!("`{name}` has the addresses of another association")));
            }
        }
        Ok(())
    }
}

/// The tables as `tern.toml` and the simulated devices' own file write them: `[[associations.models]]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConfiguredAssociations {
    /// One for each device model that is not as its cohort's are.
    pub models: Vec<ModelAssociations>,
}

impl ConfiguredAssociations {
    /// The table of a device's model.
    #[must_use]
    pub fn of(&self, model: &DeviceModel) -> Option<&ModelAssociations> {
        self.models.iter().find(|table| table.is_of(model))
    }

    /// Whether every table can be one.
    ///
    /// # Errors
    /// What is wrong with the first that cannot.
    pub fn check(&self) -> Result<(), String> {
        for (at, table) in self.models.iter().enumerate() {
            let same =
                |other: &ModelAssociations| (&other.manufacturer, &other.model) == (&table.manufacturer, &table.model);
            if self.models[..at].iter().any(same) {
                return Err(format!("{} {} has two tables", table.manufacturer, table.model));
            }
            table.check()?;
        }
        Ok(())
    }
}

/// What holds of a cohort's devices where no table says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CohortAssociations {
    /// The cohort.
    pub cohort: Cohort,
    /// By the kind of device.
    pub devices: &'static [(DeviceKind, &'static [ApplicationAssociation])],
}

/// All that is known of associations: what is configured, and the cohorts' own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownAssociations {
    /// What is configured.
    pub configured: ConfiguredAssociations,
    /// What holds where nothing is.
    pub cohorts: Vec<CohortAssociations>,
}

impl KnownAssociations {
    /// What a device opens to the DCC; nothing where nothing is known. `model`: as far as that is known.
    #[must_use]
    pub fn of(&self, cohort: Cohort, kind: DeviceKind, model: Option<&DeviceModel>) -> &[ApplicationAssociation] {
        if let Some(table) = model.and_then(|model| self.configured.of(model)) {
            return &table.associations;
        }
        let cohort = self.cohorts.iter().find(|one| one.cohort == cohort);
        let devices = cohort.map_or(&[][..], |one| one.devices);
        devices.iter().find(|(of, _)| *of == kind).map_or(&[], |(_, associations)| associations)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn association(name: &'static str, client: u16, authentication: Authentication) -> ApplicationAssociation {
        ApplicationAssociation { name: name.into(), client, logical_device: 1, authentication, form: None }
    }

    #[track_caller]
    fn check(associations: Vec<ApplicationAssociation>, wrong: Option<&str>) {
        let table = |model: &str| ModelAssociations {
            manufacturer: "Maker".to_owned(),
            model: model.to_owned(),
            associations: associations.clone(),
        };
        let found = ConfiguredAssociations { models: vec![table("A"), table("B")] }.check();
        match (found, wrong) {
            (Ok(()), None) => {}
            (Err(found), Some(wrong)) => assert!(found.starts_with("Maker A: ") && found.contains(wrong), "{found}"),
            (found, wrong) => panic!("{found:?}, expected {wrong:?}"),
        }
    }

    #[test]
    fn a_table_that_cannot_be_one_is_told_plainly() {
        use Authentication::{HlsGmac, LowLevel, PreEstablished, Public};
        let with = |form, one: ApplicationAssociation| ApplicationAssociation { form: Some(form), ..one };
        check(
            vec![association("P", 16, Public), association("H", 1, HlsGmac), association("C", 3, PreEstablished)],
            None,
        );
        check(vec![with(ContextForm::Glo, association("H", 1, HlsGmac))], None);
        check(vec![association("", 1, HlsGmac)], Some("no name"));
        check(vec![association("H", 0, HlsGmac)], Some("nobody's address"));
        check(vec![with(ContextForm::Glo, association("L", 2, LowLevel))], Some("no form"));
        check(vec![with(ContextForm::Glo, association("C", 3, PreEstablished))], Some("names the sender"));
        check(vec![association("H", 1, HlsGmac), association("H", 3, PreEstablished)], Some("called `H`"));
        check(vec![association("H", 1, HlsGmac), association("I", 3, HlsGmac)], Some("are hls-gmac"));
        check(vec![association("H", 1, HlsGmac), association("C", 1, PreEstablished)], Some("addresses of another"));
    }

    #[test]
    fn a_model_has_one_table() {
        let table = ModelAssociations { manufacturer: "Maker".into(), model: "A".into(), associations: Vec::new() };
        let twice = ConfiguredAssociations { models: vec![table.clone(), table] };
        assert_eq!(twice.check(), Err("Maker A has two tables".to_owned()));
    }

    #[test]
    fn the_model_may_stand_in_a_name() {
        let model = DeviceModel { manufacturer: "Maker".into(), model: "Alder E 21".into(), firmware: "1".into() };
        assert!(association("{model}-HLS", 1, Authentication::HlsGmac).is_called("Alder-E-21-HLS", &model));
    }
}
