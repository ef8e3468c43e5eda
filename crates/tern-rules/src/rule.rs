//! What a rule is: a clause with its texts, whom and what it binds, and the check of its substance.
//!
//! A rule's check must never ask for role, group or date: the framework ([`crate::Judge`]) has decided them before.

use tern_model::{Grade, GroupId, Role, Verdict};
use tern_wire::FaultKind;

use crate::context::{Context, Meter, Subject};
use crate::documents::DocumentVersion;

/// Where a rule comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Book {
    /// The SMETS1 Transition and Migration Approach Document.
    Tmad,
    /// The Migration Error Handling and Retry Strategy, and codes published with it.
    Mehrs,
    /// Tern itself; every number starts with `P-`.
    Project,
}

/// When in a set's life a rule is judged, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stage {
    /// Before there is a set: consent, notices.
    Planning,
    /// A file is read: bytes, XML, signature, schema.
    Reading,
    /// The files of a set are compared with each other and with earlier sets.
    Set,
    /// Migration Common File against the DCC's records: Table 5.10 and its companions.
    Common,
    /// Migration Group File, by the S1SP.
    GroupFile,
    /// Migration Group Encrypted File, opened: what S1SP and DCO judge alike, and the S1SP's own part.
    EncryptedFile,
    /// The DCO's own part of it.
    MasterKey,
    /// Installing and securing the devices: Appendix B.
    Commissioning,
    /// Putting an installation back with its SMSO.
    Rollback,
    /// After commissioning.
    After,
}

impl Stage {
    /// The words for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Stage::Planning => "planning and notice",
            Stage::Reading => "reading a file",
            Stage::Set => "the file set as a whole",
            Stage::Common => "Migration Common File against records",
            Stage::GroupFile => "Migration Group File",
            Stage::EncryptedFile => "Migration Group Encrypted File",
            Stage::MasterKey => "Migration Group Encrypted File, DCO's part",
            Stage::Commissioning => "commissioning",
            Stage::Rollback => "rollback",
            Stage::After => "after commissioning",
        }
    }
}

/// Which GroupIDs a rule binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Groups {
    /// Every group.
    All,
    /// These alone.
    Only(&'static [GroupId]),
}

impl Groups {
    /// EA, EB and EC, as clause 15 prints them.
    pub const FOC: Groups = Groups::Only(&GroupId::FOC);

    /// Whether the rule binds a group.
    #[must_use]
    pub fn bind(self, group: GroupId) -> bool {
        match self {
            Groups::All => true,
            Groups::Only(list) => list.contains(&group),
        }
    }

    /// For example `EA, EB, EC`.
    #[must_use]
    pub fn describe(self) -> String {
        match self {
            Groups::All => "all".to_owned(),
            Groups::Only(list) => list.iter().map(|g| g.as_str()).collect::<Vec<_>>().join(", "),
        }
    }
}

/// Since when a text binds.
#[derive(Debug, Clone, Copy)]
pub enum Since {
    /// Whatever the day: the project's own rules about bytes and sets.
    Always,
    /// From the day on which a document version came into force.
    Version(&'static DocumentVersion),
}

/// What a number in a wording counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Number {
    /// Calendar days.
    Days,
    /// Working Days of England and Wales.
    WorkingDays,
    /// Working Days where the installation is a Recently Dormant one.
    WorkingDaysIfRecentlyDormant,
}

impl Number {
    /// Every kind.
    pub const ALL: [Number; 3] = [Number::Days, Number::WorkingDays, Number::WorkingDaysIfRecentlyDormant];

    /// Its name, in data files too.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Number::Days => "days",
            Number::WorkingDays => "working_days",
            Number::WorkingDaysIfRecentlyDormant => "working_days_if_recently_dormant",
        }
    }
}

/// One wording of a rule, in our words, and since when it holds. The last one reached is in force.
#[derive(Debug, Clone, Copy)]
pub struct Text {
    /// Since when.
    pub since: Since,
    /// What it says.
    pub words: &'static str,
    /// The numbers that this wording sets, as its source has them.
    pub numbers: &'static [(Number, i32)],
}

impl Text {
    /// A wording without a date.
    #[must_use]
    pub const fn always(words: &'static str) -> Text {
        Text { since: Since::Always, words, numbers: &[] }
    }

    /// A wording that came with a document version.
    #[must_use]
    pub const fn since(version: &'static DocumentVersion, words: &'static str) -> Text {
        Text { since: Since::Version(version), words, numbers: &[] }
    }

    /// The same wording with the numbers that it sets.
    #[must_use]
    pub const fn numbers(self, numbers: &'static [(Number, i32)]) -> Text {
        Text { numbers, ..self }
    }
}

/// How a rule is judged. Each function says PASS, FACTS MISSING or FINDING, or NOT APPLICABLE where the clause itself
/// exempts what it is shown.
#[derive(Debug, Clone, Copy)]
pub enum Check {
    /// Never a finding on a set: true by construction, refused before there is a set, or there is nothing to do. The words say why.
    Explained(&'static str),
    /// Not from the files of a set: a step that fails bears the clause as its code. The words say where.
    Code(&'static str),
    /// Never a finding: it says whom other clauses bind, and PASS where it binds. The words say what binds instead.
    Scope(&'static str),
    /// By whoever reads the bytes: a fault of this kind is the finding.
    Wire(FaultKind),
    /// On the set as a whole.
    Set(fn(&Context<'_>) -> Vec<Verdict>),
    /// On each installation.
    Installation(fn(&Subject<'_>) -> Vec<Verdict>),
    /// On each meter of each installation.
    Meter(fn(&Subject<'_>, &Meter<'_>) -> Verdict),
}

/// One rule; each has a file of its own and one line in its folder's registry.
#[derive(Debug)]
pub struct Rule {
    /// `5.10.10`, `MA110`, `P-counter`.
    pub clause: &'static str,
    /// Where it comes from.
    pub book: Book,
    /// A few words.
    pub title: &'static str,
    /// How firmly the sources support it.
    pub grade: Grade,
    /// For example `S002 item 8`.
    pub source: &'static str,
    /// The roles that judge it; empty where [`Check::Explained`] or [`Check::Code`].
    pub roles: &'static [Role],
    /// When.
    pub stage: Stage,
    /// Whom it binds.
    pub groups: Groups,
    /// Its wordings, the earliest first.
    pub texts: &'static [Text],
    /// Where the source is unclear or silent: how we read it. Empty where there is nothing to say.
    pub reading: &'static str,
    /// The file that holds it.
    pub file: &'static str,
    /// Its substance.
    pub check: Check,
}

impl Rule {
    /// What its number is, for example `TMAD clause`.
    #[must_use]
    pub fn kind_of_number(&self) -> &'static str {
        match (self.book, self.clause.as_bytes().first()) {
            (Book::Tmad, Some(b'0'..=b'9')) => "TMAD clause",
            (Book::Tmad, Some(b'A' | b'B')) => "TMAD Appendix",
            (Book::Tmad, _) => "TMAD code",
            (Book::Mehrs, _) => "MEHRS code",
            (Book::Project, _) => "project-defined rule",
        }
    }

    /// For example `TMAD clause 15.11`; a project-defined number stands alone.
    #[must_use]
    pub fn name(&self) -> String {
        match self.book {
            Book::Project => self.clause.to_owned(),
            Book::Tmad | Book::Mehrs => format!("{} {}", self.kind_of_number(), self.clause),
        }
    }

    /// Why no finding ever bears this clause; none where one may.
    #[must_use]
    pub fn never_found(&self) -> Option<&'static str> {
        match self.check {
            Check::Explained(why) | Check::Scope(why) => Some(why),
            Check::Code(_) | Check::Wire(_) | Check::Set(_) | Check::Installation(_) | Check::Meter(_) => None,
        }
    }
}

/// Those who see the three files of a set and never decrypt.
pub(crate) const SENDER_AND_DSP: &[Role] = &[Role::RequestingParty, Role::Dsp];

/// The DSP alone, for what needs its own state.
pub(crate) const DSP: &[Role] = &[Role::Dsp];

/// The S1SP alone.
pub(crate) const S1SP: &[Role] = &[Role::S1sp];

/// The DCO alone.
pub(crate) const DCO: &[Role] = &[Role::Dco];

/// The two that act on the Common Validation File.
pub(crate) const S1SP_AND_DCO: &[Role] = &[Role::S1sp, Role::Dco];

/// Those who keep counters of their own.
pub(crate) const RECEIVERS: &[Role] = &[Role::Dsp, Role::S1sp, Role::Dco];

/// Everyone who judges sets.
pub(crate) const ALL_JUDGES: &[Role] = &[Role::RequestingParty, Role::Dsp, Role::S1sp, Role::Dco];
