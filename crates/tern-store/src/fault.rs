//! Why a store could not do what it was asked, each with a way on.

use std::path::PathBuf;

use tern_model::Role;

/// The world failed, or another writer was first. Told so that an operator can act: [`StoreFault::suggestion`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreFault {
    /// Another process (or another part of this one) writes this store.
    #[error("the store {} is in use{}", path.display(), by(*process))]
    InUse {
        /// The store.
        path: PathBuf,
        /// Who, as far as the lock file says.
        process: Option<u32>,
    },
    /// Another writer has opened this store since: this writer's view is old, and whatever it writes is refused.
    #[error("this writer is stale: the store {} was taken over by lease {found}, this writer holds lease {held}", path.display())]
    Stale {
        /// The store.
        path: PathBuf,
        /// The lease of this writer.
        held: u64,
        /// The lease of the writer that took over.
        found: u64,
    },
    /// The state is not what the batch expects. Nothing was changed.
    #[error("{kind} {key:?} is not as expected: it {}", stands(*found))]
    Conflict {
        /// The record's kind; `inbox` or `outbox` for a message.
        kind: String,
        /// Its key; `link/message` for a message.
        key: String,
        /// The generation at which it stands; `None` where it is absent.
        found: Option<u64>,
    },
    /// The file is the store of another role. A role opens no other role's store.
    #[error("{} is the store of the role {found}, not of {expected}", path.display())]
    WrongRole {
        /// The file.
        path: PathBuf,
        /// The role that asked.
        expected: Role,
        /// The role that the file names.
        found: String,
    },
    /// A later release of Tern wrote this store.
    #[error("the store {} has schema {found}; this release of tern reads up to {known}", path.display())]
    TooNew {
        /// The store.
        path: PathBuf,
        /// The schema of the store.
        found: u32,
        /// The newest schema that this build knows.
        known: u32,
    },
    /// A reader cannot bring an older store up to date; the writer does when it opens it.
    #[error("the store {} has schema {found}, older than {known}, and a reader changes nothing", path.display())]
    TooOld {
        /// The store.
        path: PathBuf,
        /// The schema of the store.
        found: u32,
        /// The schema that readers of this build need.
        known: u32,
    },
    /// There is no store here yet.
    #[error("there is no store at {}", path.display())]
    Missing {
        /// Where it should be.
        path: PathBuf,
    },
    /// The file is something else, or it was altered behind Tern's back.
    #[error("{} is not a store that tern wrote: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The operating system said no.
    #[error("could not {doing} {}: {reason}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was tried, as a verb.
        doing: &'static str,
        /// What the system says.
        reason: String,
    },
    /// The database said no. Nothing was changed.
    #[error("could not {doing} the store {}: {reason}", path.display())]
    Sqlite {
        /// The store.
        path: PathBuf,
        /// What was tried, as a verb.
        doing: &'static str,
        /// What SQLite says.
        reason: String,
        /// A way on.
        suggestion: &'static str,
    },
    /// A commit failed so late that nobody knows whether it is durable. The writer refuses everything from then on.
    #[error("a commit to the store {} did not finish: {reason}", path.display())]
    Unfinished {
        /// The store.
        path: PathBuf,
        /// What SQLite says.
        reason: String,
    },
    /// A test cut the power here. No store that runs for real says this.
    #[error("crashed on purpose at durable write {write}")]
    Crashed {
        /// Which durable write, counted from 1 over all stores of the test.
        write: u64,
    },
}

impl StoreFault {
    /// What to do about it: one sentence for an operator.
    #[must_use]
    pub fn suggestion(&self) -> String {
        match self {
            StoreFault::InUse { process: Some(process), .. } => {
                format!("wait for process {process} to end, or stop it")
            }
            StoreFault::InUse { .. } => "wait for the other process to end, or stop it".to_owned(),
            StoreFault::Stale { .. } => "stop this process: another one has taken its place".to_owned(),
            StoreFault::Conflict { .. } => "read the record again and decide anew".to_owned(),
            StoreFault::WrongRole { expected, .. } => {
                format!("check the store's path in tern.toml: the role {expected} needs a file of its own")
            }
            StoreFault::TooNew { .. } => "use the release of tern that wrote it, or a later one".to_owned(),
            StoreFault::TooOld { .. } => {
                "run a command that writes, such as `tern migrate`: it brings the store up to date".to_owned()
            }
            StoreFault::Missing { .. } => "check the path in tern.toml, or migrate a first set".to_owned(),
            StoreFault::Damaged { path, .. } => {
                format!("move {} aside and restore it from a backup", path.display())
            }
            StoreFault::Io { path, .. } => {
                format!("check that the folder of {} exists and that you may write there", path.display())
            }
            StoreFault::Sqlite { suggestion, .. } => (*suggestion).to_owned(),
            StoreFault::Unfinished { .. } => {
                "check the disk, then start again: what was acknowledged is there, and the rest is taken up again"
                    .to_owned()
            }
            StoreFault::Crashed { .. } => "open the stores again, as after a crash".to_owned(),
        }
    }
}

/// Why an audit chain does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuditBroken {
    /// This row, or the hash of the row before it, is not what was written.
    #[error("audit row {number} was altered")]
    Altered {
        /// The first row whose hash does not fit.
        number: u64,
    },
    /// A row was taken out.
    #[error("audit row {number} is missing")]
    Missing {
        /// The first row that is not there.
        number: u64,
    },
    /// The chain holds by itself, and its end is not the end that the store noted.
    #[error("the audit ends at row {found} with another hash than the one noted at row {noted}")]
    OtherEnd {
        /// The last row that is there.
        found: u64,
        /// The last row that the store noted.
        noted: u64,
    },
    /// The chain could not be read.
    #[error("the audit could not be read: {0}")]
    Unreadable(#[from] StoreFault),
}

fn by(process: Option<u32>) -> String {
    process.map(|id| format!(" by process {id}")).unwrap_or_default()
}

fn stands(found: Option<u64>) -> String {
    found.map_or_else(|| "is absent".to_owned(), |generation| format!("stands at generation {generation}"))
}
