//! `tern.toml`: which keys, stores, facts and devices a running Tern has, and every value that no source confirms.
//!
//! Paths are relative to the file. An unknown key is refused with its name, so that a misspelt one is never a silent default.

mod metrics;
mod notices;
mod overlay;
mod shape;
mod written;

use std::path::{Path, PathBuf};

use crate::clock;
use crate::fault::ServiceFault;

pub use metrics::{MetricsConfig, TargetConfig};
pub use notices::{MailConfig, MailSecurity, NoticesConfig, SupplierWays};
pub use shape::{
    ClockConfig, CommissioningConfig, Config, CustodyConfig, CustodyKind, DcoConfig, DutiesConfig, FactsConfig,
    GatewayConfig, LinksConfig, PkiConfig, RoleConfig, RolesConfig, RulesConfig, ServeConfig, UserConfig, WorldConfig,
};

/// The file's name.
pub const FILE_NAME: &str = "tern.toml";

/// Every key with its default and what it is for: `docs/reference/configuration.md` is made of it.
pub const REFERENCE: &str = include_str!("reference.toml");

impl Config {
    /// Reads a configuration file, with the overlay that it names.
    ///
    /// # Errors
    /// A file cannot be read, or is not TOML of this shape.
    pub fn load(path: &Path) -> Result<Config, ServiceFault> {
        let config = Config::without_overlay(path)?;
        match config.rules.overlay.as_deref().map(|overlay| config.path(overlay)) {
            Some(overlay) => config.under(&overlay),
            None => Ok(config),
        }
    }

    /// Reads a configuration file and leaves aside the overlay that it names.
    ///
    /// # Errors
    /// The file cannot be read, or is not TOML of this shape.
    pub fn without_overlay(path: &Path) -> Result<Config, ServiceFault> {
        let text = std::fs::read_to_string(path).map_err(|e| ServiceFault::file("read the configuration", path, e))?;
        let mut config: Config = toml::from_str(&text).map_err(|e| ServiceFault::Configuration {
            what: format!("{}: {}", path.display(), e.to_string().trim()),
            suggestion: "mend it there; `tern show-config` in a folder without a tern.toml prints every key".to_owned(),
        })?;
        config.check(path)?;
        config.root = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
        if let Some(steps) = &config.clock.steps {
            config.clock.ahead = clock::kept_steps(&config.path(steps))?;
        }
        Ok(config)
    }

    /// Numbers with which nothing could ever be done.
    fn check(&self, path: &Path) -> Result<(), ServiceFault> {
        let c = &self.commissioning;
        let least_one = [
            ("commissioning.attempts", u64::from(c.attempts)),
            ("commissioning.probes", u64::from(c.probes)),
            ("commissioning.undos", u64::from(c.undos)),
            ("commissioning.answer_timeout_ms", c.answer_timeout_ms),
            ("commissioning.row_timeout_ms", c.row_timeout_ms),
            ("commissioning.in_flight", c.in_flight as u64),
            ("gateway.request_bytes_max", self.gateway.request_bytes_max),
            ("gateway.connections_max", self.gateway.connections_max as u64),
            ("gateway.connections_of_one_max", self.gateway.connections_of_one_max as u64),
            ("gateway.quiet_seconds", self.gateway.quiet_seconds.into()),
            ("gateway.reply_expires_hours", self.gateway.reply_expires_hours.into()),
            ("gateway.answer_wait_minutes", self.gateway.answer_wait_minutes.into()),
            ("serve.file_bytes_max", self.serve.file_bytes_max),
            ("serve.sets_under_way_max", self.serve.sets_under_way_max as u64),
            ("serve.uploads_at_once_max", self.serve.uploads_at_once_max as u64),
        ];
        self.associations.check().map_err(|what| ServiceFault::Configuration {
            what: format!("{}: associations.models: {what}", path.display()),
            suggestion: "mend the table of that model; docs/reference/configuration.md shows one".to_owned(),
        })?;
        if let Some(fault) = self.notices.fault() {
            return Err(ServiceFault::Configuration {
                what: format!("{}: {fault}", path.display()),
                suggestion: "mend it there; docs/reference/configuration.md says what [notices] may hold".to_owned(),
            });
        }
        if self.gateway.schema().is_none() {
            return Err(ServiceFault::Configuration {
                what: format!("{}: gateway.schema_version is {:?}", path.display(), self.gateway.schema_version),
                suggestion: "write \"5.0\", \"5.1\" or \"5.4\"".to_owned(),
            });
        }
        match least_one.iter().find(|(_, value)| *value == 0) {
            Some((key, _)) => Err(ServiceFault::Configuration {
                what: format!("{}: {key} is 0", path.display()),
                suggestion: "give it 1 or more, or leave it out for its default".to_owned(),
            }),
            None => Ok(()),
        }
    }

    /// Looks for `tern.toml` in `start` and the folders above it.
    #[must_use]
    pub fn find(start: &Path) -> Option<PathBuf> {
        let start = start.canonicalize().ok()?;
        start.ancestors().map(|dir| dir.join(FILE_NAME)).find(|path| path.is_file())
    }

    /// A path of the file, from where the program stands.
    #[must_use]
    pub fn path(&self, relative: &Path) -> PathBuf {
        self.root.join(relative)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_configuration_reads_back_and_a_misspelt_key_is_refused() {
        let text = toml::to_string(&Config::default()).expect("writes");
        let back: Config = toml::from_str(&text).expect("reads");
        assert_eq!(toml::to_string(&back).expect("writes"), text);
        assert!(toml::from_str::<Config>("[commissioning]\natempts = 3\n").is_err());
    }

    #[test]
    fn of_a_role_what_is_left_out_is_as_it_is_by_default_and_the_dco_alone_has_a_custody() {
        let config: Config = toml::from_str("[roles.dco.custody]\nkind = \"pkcs11\"\ntoken = \"t\"\n").expect("reads");
        let (dco, default) = (&config.roles.dco, &Config::default().roles.dco);
        assert_eq!((&dco.party, &dco.store, &dco.seal), (&default.party, &default.store, &default.seal));
        assert_eq!(dco.custody.as_ref().map(|c| (c.kind, c.token.as_deref())), Some((CustodyKind::Pkcs11, Some("t"))));
        let config: Config = toml::from_str("[roles.dsp]\nstore = \"x\"\n").expect("reads");
        assert_eq!((config.roles.dsp.party.as_str(), config.roles.s1sp.party.as_str()), ("dsp", "s1sp"));
        assert!(toml::from_str::<Config>("[roles.dsp.custody]\nkind = \"file\"\n").is_err());
        assert!(toml::from_str::<Config>("[roles.dco]\nstor = \"x\"\n").is_err());
    }

    #[test]
    fn the_reference_names_every_key_with_its_default() {
        let reference: toml::Table = REFERENCE.parse().expect("TOML");
        let defaults = toml::Table::try_from(Config::default()).expect("a table");
        assert_eq!(reference, defaults);
        let optional = ["start", "steps", "address", "wan", "overlay", "dsp", "module", "token", "pin_file"]
            .iter()
            .fold(REFERENCE.to_owned(), |text, key| text.replace(&format!("# {key} ="), &format!("{key} =")));
        toml::from_str::<Config>(&optional).expect("the keys that have no default are read too");
    }
}
