//! The tables and keys of `tern.toml`, with their defaults.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tern_model::ConfiguredAssociations;

use tern_rules::Rulebook;
use tern_wire::duis::SchemaVersion;

use super::{MetricsConfig, NoticesConfig, written};

/// The whole file.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The folder that the file stands in; paths are relative to it.
    #[serde(skip)]
    pub root: PathBuf,
    /// The rules' days and numbers.
    #[serde(skip)]
    pub rulebook: Rulebook,
    /// The day whose rule books count, and which counts as the planned migration day; absent: today.
    #[serde(skip)]
    pub as_of: Option<Date>,
    /// The clock.
    pub clock: ClockConfig,
    /// The key infrastructure.
    pub pki: PkiConfig,
    /// Fact records.
    pub facts: FactsConfig,
    /// The roles that run here.
    pub roles: RolesConfig,
    /// Links between roles that are processes of their own.
    pub links: LinksConfig,
    /// The door for Requesting Parties.
    pub serve: ServeConfig,
    /// The door for Users, who send Service Requests.
    pub gateway: GatewayConfig,
    /// Measures of what Users ask.
    pub metrics: MetricsConfig,
    /// Ways to Responsible Suppliers.
    pub notices: NoticesConfig,
    /// The simulated devices.
    pub world: WorldConfig,
    /// The DCO's key packages.
    pub dco: DcoConfig,
    /// Sets that come in.
    pub intake: IntakeConfig,
    /// Commissioning and rollback.
    pub commissioning: CommissioningConfig,
    /// What rules leave to configuration.
    pub rules: RulesConfig,
    /// What device models open to the DCC (Table B1).
    pub associations: ConfiguredAssociations,
    /// Duties after commissioning.
    pub duties: DutiesConfig,
}

/// `[clock]`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClockConfig {
    /// Start of a virtual clock, for example `2021-03-02T08:00:00Z`; absent: the machine's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<Timestamp>,
    /// The file that keeps how far the clock was stepped ahead, over restarts; absent: it never is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub steps: Option<PathBuf>,
    /// So far it was ahead when the configuration was read.
    #[serde(skip)]
    pub ahead: SignedDuration,
}

/// `[pki]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PkiConfig {
    /// The folder that `tern pki init` made.
    pub dir: PathBuf,
}

impl Default for PkiConfig {
    fn default() -> Self {
        PkiConfig { dir: "pki".into() }
    }
}

/// `[facts]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FactsConfig {
    /// The folder with the fact records.
    pub dir: PathBuf,
    /// The file with the events of meters after they were commissioned.
    pub events: PathBuf,
    /// A running role takes records that changed once nothing of them has changed for so long.
    pub settled_ms: u64,
}

impl Default for FactsConfig {
    fn default() -> Self {
        FactsConfig { dir: "facts".into(), events: "facts/meter_events.csv".into(), settled_ms: 2_000 }
    }
}

/// `[roles]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "written::Roles")]
pub struct RolesConfig {
    /// The DCC's data service.
    pub dsp: RoleConfig,
    /// The SMETS1 Service Provider.
    pub s1sp: RoleConfig,
    /// The Dual Control Organisation.
    pub dco: RoleConfig,
    /// The Commissioning Party.
    pub commissioning_party: RoleConfig,
}

impl Default for RolesConfig {
    fn default() -> Self {
        RolesConfig {
            dsp: RoleConfig::named("dsp"),
            s1sp: RoleConfig::named("s1sp"),
            dco: RoleConfig::named("dco"),
            commissioning_party: RoleConfig::named("commissioning-party"),
        }
    }
}

/// `[roles.<role>]`; what a file leaves out is as it is by default.
#[derive(Debug, Clone, Serialize)]
pub struct RoleConfig {
    /// The party's name in the key infrastructure.
    pub party: String,
    /// Its store.
    pub store: PathBuf,
    /// Its sealing key, made where it is not there (S1SP and DCO).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seal: Option<PathBuf>,
    /// Where its process listens (`tern role`); port 0: any that is free.
    pub listen: SocketAddr,
    /// Where its key-encryption keys are kept (DCO).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custody: Option<CustodyConfig>,
}

fn any_port() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

/// `[roles.dco.custody]`
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CustodyConfig {
    /// What wraps the keys of key packages from now on.
    pub kind: CustodyKind,
    /// The token's PKCS#11 module.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub module: Option<PathBuf>,
    /// The token's label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// A file with the PIN of the token's user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pin_file: Option<PathBuf>,
}

/// What keeps key-encryption keys.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CustodyKind {
    /// The seal file.
    #[default]
    File,
    /// A PKCS#11 token.
    Pkcs11,
}

impl RoleConfig {
    fn named(name: &str) -> RoleConfig {
        let seals = name == "s1sp" || name == "dco";
        RoleConfig {
            party: name.to_owned(),
            store: format!("stores/{name}.sqlite").into(),
            seal: seals.then(|| format!("stores/{name}.seal").into()),
            custody: (name == "dco").then(CustodyConfig::default),
            listen: any_port(),
        }
    }
}

/// `[links]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LinksConfig {
    /// The party whose certificate `tern migrate --roles` presents.
    pub party: String,
    /// Silence of this length on a link means that nobody is there.
    pub patience_ms: u64,
    /// Where the DSP is reached, as `https://HOST:PORT`; absent: as the file beside its store says. So with the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dsp: Option<String>,
    /// Where the S1SP is reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub s1sp: Option<String>,
    /// Where the DCO is reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dco: Option<String>,
    /// Where the Commissioning Party is reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commissioning_party: Option<String>,
}

impl Default for LinksConfig {
    fn default() -> Self {
        LinksConfig {
            party: "requesting-party".to_owned(),
            patience_ms: 30_000,
            dsp: None,
            s1sp: None,
            dco: None,
            commissioning_party: None,
        }
    }
}

/// `[serve]`; all project-defined (P).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServeConfig {
    /// Where `tern serve` listens; port 0: any that is free.
    pub listen: SocketAddr,
    /// The longest file that is taken.
    pub file_bytes_max: u64,
    /// Sets of one Requesting Party that were not judged yet.
    pub sets_under_way_max: usize,
    /// Uploads of one Requesting Party at once.
    pub uploads_at_once_max: usize,
    /// Whoever uploads is not hurried for so long.
    pub grace_ms: u64,
    /// Afterwards so many bytes are expected in each second, from the first on; whoever sends less is cut off, and goes on later.
    pub least_bytes_a_second: u64,
}

impl Default for ServeConfig {
    fn default() -> Self {
        ServeConfig {
            listen: any_port(),
            file_bytes_max: 8 << 30,
            sets_under_way_max: 64,
            uploads_at_once_max: 8,
            grace_ms: 30_000,
            least_bytes_a_second: 1_024,
        }
    }
}

/// `[gateway]`; all project-defined (P).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GatewayConfig {
    /// Where `tern serve` listens for Users; port 0: any that is free.
    pub listen: SocketAddr,
    /// The longest request that is taken.
    pub request_bytes_max: u64,
    /// Connections at once.
    pub connections_max: usize,
    /// Connections at once of one User.
    pub connections_of_one_max: usize,
    /// A connection on which nothing comes for so long is closed; a request must be there whole in that time and a second for
    /// every 64 KiB.
    pub quiet_seconds: u32,
    /// The schema by which a request is judged whose own version is not held.
    pub schema_version: String,
    /// A RequestID never seen is refused when its counter is this much behind the highest of its originator.
    pub counter_window: u64,
    /// Whether Command Variants 4 and 5 of critical requests are taken, beside 1.
    pub pre_commands: bool,
    /// A reply that its User does not take in so many hours is a dead letter.
    pub reply_expires_hours: u32,
    /// When an S1SP has said nothing of a request for so many minutes, its User is told that no response came.
    pub answer_wait_minutes: u32,
    /// Response codes in place of those that nobody could confirm, by the reason.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub codes: BTreeMap<String, String>,
    /// Where replies to Users are posted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<UserConfig>,
    /// Where Users may come by plain HTTP, on loopback; a flag alone says so.
    #[serde(skip)]
    pub plain_http: Option<SocketAddr>,
}

impl Default for GatewayConfig {
    fn default() -> Self {
        GatewayConfig {
            listen: any_port(),
            request_bytes_max: 16 << 20,
            connections_max: 256,
            connections_of_one_max: 64,
            quiet_seconds: 60,
            schema_version: "5.1".to_owned(),
            counter_window: 86_400_000,
            pre_commands: false,
            reply_expires_hours: 48,
            answer_wait_minutes: 240,
            codes: BTreeMap::new(),
            users: Vec::new(),
            plain_http: None,
        }
    }
}

impl GatewayConfig {
    /// The schema by which a request is judged whose own version is not held; none where that is not one either.
    #[must_use]
    pub fn schema(&self) -> Option<SchemaVersion> {
        self.schema_version.parse().ok()
    }
}

/// `[[gateway.users]]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserConfig {
    /// The User's name in the key infrastructure.
    pub party: String,
    /// Its address for replies, as `https://HOST:PORT/PATH`; without a path `/smartdcc/duis`. `http://` on loopback alone, where
    /// plain HTTP is asked for.
    pub address: String,
}

/// `[world]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WorldConfig {
    /// The folder of the simulated devices; `migrate` starts them where no address is given.
    pub dir: PathBuf,
    /// Where devices are reached already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<std::net::SocketAddr>,
    /// The WAN's address book, where it is not the `wan.csv` in that folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wan: Option<PathBuf>,
}

impl Default for WorldConfig {
    fn default() -> Self {
        WorldConfig { dir: "world".into(), address: None, wan: None }
    }
}

/// `[dco]`; all project-defined (P) but for the window, which S000 gives.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DcoConfig {
    /// The day of the Uplift 1.2 system change, from which Joins add a PPMID's keys.
    pub system_change: Date,
    /// The first day on which the Uplift 1.2 documents may be re-designated.
    pub redesignation_first: Date,
    /// The last such day.
    pub redesignation_last: Date,
}

impl Default for DcoConfig {
    fn default() -> Self {
        let (first, last) = tern_rules::documents::UPLIFT_1_2_WINDOW;
        DcoConfig { system_change: date(2020, 9, 25), redesignation_first: first, redesignation_last: last }
    }
}

/// `[intake]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IntakeConfig {
    /// Installations of a set that are judged at a time; what is said of them does not depend on it.
    pub installations_at_once: usize,
}

impl Default for IntakeConfig {
    fn default() -> Self {
        IntakeConfig { installations_at_once: 250 }
    }
}

/// `[commissioning]`; all project-defined (P).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CommissioningConfig {
    /// The DCC's Access Point Name.
    pub dcc_apn: String,
    /// Attempts at a step.
    pub attempts: u32,
    /// Attempts at a question.
    pub probes: u32,
    /// Attempts at an undo.
    pub undos: u32,
    /// An answer that takes longer counts as lost.
    pub answer_timeout_ms: u64,
    /// A row that takes longer, however many answers it has had, ends as lost.
    pub row_timeout_ms: u64,
    /// Installations in flight at once.
    pub in_flight: usize,
    /// Devices that are spoken to at once.
    pub lines: usize,
}

impl Default for CommissioningConfig {
    fn default() -> Self {
        CommissioningConfig {
            dcc_apn: "smets1.dcc.example".to_owned(),
            attempts: 3,
            probes: 3,
            undos: 3,
            answer_timeout_ms: 1_000,
            row_timeout_ms: 30_000,
            in_flight: 256,
            lines: 64,
        }
    }
}

/// `[rules]`; all project-defined (P).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RulesConfig {
    /// Days after the migration day through which rollback certificates must be usable.
    pub rollback_days: i32,
    /// How far below the highest counter one that was never seen is accepted.
    pub counter_window: u64,
    /// Constraints on rollback certificates that are known to be kept, as written in the records.
    pub constraints_kept: Vec<String>,
    /// A file with other days, numbers and limits than the published ones, for all that is done under this configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overlay: Option<PathBuf>,
}

impl Default for RulesConfig {
    fn default() -> Self {
        RulesConfig { rollback_days: 14, counter_window: 100, constraints_kept: Vec::new(), overlay: None }
    }
}

/// `[duties]`; all project-defined (P).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DutiesConfig {
    /// So many days before a change of supplier takes effect its Responsible Supplier is reminded of 4.49.
    pub reminder_days: Vec<u16>,
}

impl Default for DutiesConfig {
    fn default() -> Self {
        DutiesConfig { reminder_days: vec![10, 5, 2, 1] }
    }
}
