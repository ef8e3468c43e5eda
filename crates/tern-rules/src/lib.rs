//! The rulebook: every clause and project-defined check of SMETS1 migration, with its text, grade, dates and source.
//!
//! [`Judge`] is handed a verified file set, run by run, with facts and days, and says of every rule PASS, NOT APPLICABLE, NOT YET IN FORCE,
//! FACTS MISSING or FINDING. Adding a clause is one file in `tmad/`, `mehrs/` or `project/` and one line in that folder's
//! registry. This crate must never ask the time, a database, a file or the network, and never decrypt anything.

mod alike;
pub mod ambition;
mod binding;
mod certificate_party;
mod context;
mod diff;
pub mod dmves;
pub mod documents;
pub mod duties;
mod explain;
pub mod groups;
mod inventory;
mod judge;
mod judgement;
mod keys;
mod matrix;
mod mehrs;
mod metering_point;
mod nearest;
mod on_day;
mod overlay;
mod project;
mod reference;
mod registry;
pub mod releases;
mod rule;
mod rulebook;
mod schema;
mod supplier_change;
mod tmad;
mod view;
mod whitelist;

pub use binding::{Binding, bound, first_day, list as list_groups};
pub use context::{Context, Meter, Subject};
pub use diff::{Change, ClauseChange, Diff, GroupCame, NumberChange, VersionCame, Wording};
pub use explain::{DatedText, Explanation, explain, list};
pub use judge::{Judge, finding_of, rule_of};
pub use judgement::{Counts, InstallationJudgement, Judged, SetJudgement};
pub use matrix::matrix;
pub use metering_point::{NotComparable, Registrations};
pub use nearest::nearest;
pub use on_day::{NotYet, OnDay};
pub use overlay::{Overlay, OverlayChange, OverlayFault, OverlayName, Setting, Takes, Value as SettingValue};
pub use reference::page as reference_page;
pub use registry::{find, rules, similar};
pub use rule::{Book, Check, Groups, Number, Rule, Since, Stage, Text};
pub use rulebook::{Books, InForce, Rulebook};
pub use schema::schema_version;
pub use supplier_change::{WatchedMeter, recheck};
pub use tmad::{plaintext_export, recheck_rollback, revises_pin};
pub use view::{
    Directory, FileHead, Holder, InstallationHistory, Opened, PartView, Places, Run, SeenSet, SetHistory, SetView,
    Settings, Slot,
};
pub use whitelist::{HanDevices, whitelist, wrong_with};
