//! Carrying a plan out, a day at a time: what the SMSOs answer, notices, what the SMSOs are to do, and the installations whose
//! day it is (PL1 to PL14).
//!
//! Nothing here decides a day: the plan does. What happened otherwise than planned becomes an event of the estate, durable before
//! the plan's next generation is made of it, and the day goes on under that. Where an execution stands is durable beside the plan,
//! each effect before it is tried and under a key that makes a second asking harmless: a process that ends at any moment, and
//! begins again, does nothing twice. Who is outside (SMSOs, devices) stands behind [`Outside`]; this module must never reach
//! a device itself.

mod begin;
mod carried;
mod day;
mod events;
mod firmware;
mod first;
mod generation;
mod incoming;
mod kept;
mod migration;
mod missed;
mod notices;
mod records;
mod report;
mod rows;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use tern_model::{ChfIdentifier, DeviceId, Outcome, Role};
use tern_plan::plan::{Line, What};
use tern_store::{SqliteStore, Store, StoreFault};

use crate::config::Config;
use crate::fault::ServiceFault;
use crate::plans::{EstateFolder, PlanView, load};
use crate::set_files::SetFolder;

pub use carried::Carried;
pub use day::{DAYS_FILE, Stopped};
pub use kept::FILE;
pub use missed::Missed;
pub use report::{DayReport, Failed, Totals};

use kept::{Kept, State};

/// What an SMSO is asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SmsoTask {
    /// Upgrade a device to a firmware version.
    Firmware {
        /// Which device.
        device: DeviceId,
        /// To what.
        firmware: String,
    },
    /// Configure hub and SIM, and try it (15.2).
    Configure,
}

/// An order to an SMSO.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmsoOrder {
    /// Names it: the same order may come twice, and is carried out once.
    pub key: String,
    /// The SMSO, as the estate names it.
    pub smso: String,
    /// The installation.
    pub chf: ChfIdentifier,
    /// What is to be done.
    pub task: SmsoTask,
}

/// What an SMSO says of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SmsoAnswer {
    /// Nothing came under its key.
    Unknown,
    /// It is being carried out.
    UnderWay,
    /// It is done.
    Done,
    /// It failed, and everything is as it was: why, in words.
    Failed(String),
    /// No answer came: it may have been taken, or not.
    Lost,
}

/// What came of the sets of a day.
#[derive(Debug, Clone, Default)]
pub struct SetsEnded {
    /// Each installation of them with how it ended; none: it has not come to an end.
    pub ended: Vec<(ChfIdentifier, Option<Outcome>)>,
    /// Clauses under which whole sets were refused.
    pub refused: Vec<String>,
}

/// Everybody outside whom an execution has to do with: SMSOs, and the migration of sets on devices.
pub trait Outside {
    /// How it fails.
    type Fault: From<ServiceFault>;

    /// Gives an order to an SMSO on a day.
    ///
    /// # Errors
    /// It cannot be given at all.
    fn order(&mut self, order: &SmsoOrder, day: Date) -> Result<SmsoAnswer, Self::Fault>;

    /// Asks an SMSO on a day what became of the order of a key.
    ///
    /// # Errors
    /// It cannot be asked.
    fn ask(&mut self, smso: &str, key: &str, day: Date) -> Result<SmsoAnswer, Self::Fault>;

    /// What firmware an SMSO's records say that a device runs.
    ///
    /// # Errors
    /// It cannot be asked.
    fn runs(&mut self, smso: &str, chf: ChfIdentifier, device: DeviceId) -> Result<Option<String>, Self::Fault>;

    /// Has an SMSO export installations: under a reference that was used for no export before, into a folder; the files.
    ///
    /// # Errors
    /// No export could be made.
    fn export(
        &mut self,
        config: &Config,
        smso: &str,
        chfs: &[ChfIdentifier],
        place: (&str, &Path),
    ) -> Result<Vec<PathBuf>, Self::Fault>;

    /// Migrates sets. Sets that were taken in before go on where they stopped.
    ///
    /// # Errors
    /// The world failed; the next call goes on.
    fn migrate(&mut self, config: &Config, sets: &[SetFolder]) -> Result<SetsEnded, Self::Fault>;
}

/// What is carried out, and where everything lies.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The estate's folder.
    pub estate: PathBuf,
    /// The plan's folder.
    pub plan: PathBuf,
    /// The configuration.
    pub config: Config,
}

/// Opens the store of an execution; tests wrap it to crash where they want.
pub type OpenStore<'a> = &'a dyn Fn(&Path, Role) -> Result<Box<dyn Store>, StoreFault>;

/// A plan that is being carried out. There is one process at it at a time.
pub struct Execution {
    setup: Setup,
    kept: Kept,
    state: State,
    folder: EstateFolder,
    view: PlanView,
    /// Whose story has something for a day, from the day at hand on; a story that has changed may have left a day.
    due: BTreeMap<Date, BTreeSet<ChfIdentifier>>,
    /// Until which day what came in is in the fact records; none where nobody has looked.
    came_in: Option<Date>,
}

impl Execution {
    /// Takes up the execution of a plan where it stands, or begins it with the plan's first day.
    ///
    /// # Errors
    /// There is no plan, it is outdated, it does again what was done under another one, or events came for days that were carried
    /// out; another process is at it; a file or store cannot be read.
    pub fn open(setup: Setup) -> Result<Execution, ServiceFault> {
        Execution::open_with(setup, &|path, role| Ok(Box::new(SqliteStore::open(path, role)?)))
    }

    /// As [`Execution::open`], with the caller's store.
    ///
    /// # Errors
    /// As [`Execution::open`].
    pub fn open_with(setup: Setup, open_store: OpenStore<'_>) -> Result<Execution, ServiceFault> {
        let view = opened(&setup.plan)?;
        let kept = Kept::open(&setup.plan, open_store)?;
        let folder = load(&setup.estate)?;
        let made = &view.generation().made;
        if made.overlay != setup.config.rulebook.overlay_name().map(ToString::to_string) {
            return Err(ServiceFault::Refused {
                what: format!("the plan in {} was made under other rules", setup.plan.display()),
                suggestion: "carry it out under the overlay that it was made under: --overlay, or [rules] of tern.toml"
                    .to_owned(),
            });
        }
        let begun = kept.state()?;
        let is_first = begun.is_none();
        let state = begun.unwrap_or_else(|| State::at(made.period.first, made.events_bytes));
        let mut execution = Execution { setup, kept, state, folder, view, due: BTreeMap::new(), came_in: None };
        execution.catch_up()?;
        if is_first {
            execution.does_nothing_again()?;
        }
        execution.read_stories()?;
        Ok(execution)
    }

    /// The day that is to be carried out next, or is being carried out.
    #[must_use]
    pub fn stands_at(&self) -> Date {
        self.state.day
    }

    /// The last day of the plan.
    #[must_use]
    pub fn last(&self) -> Date {
        self.view.generation().made.period.last
    }

    /// The generation under which it goes on.
    #[must_use]
    pub fn generation(&self) -> u32 {
        self.view.generation().number
    }

    /// Every day that was carried out, in order.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn days(&self) -> Result<Vec<DayReport>, ServiceFault> {
        self.kept.days()
    }

    /// What came of all days so far.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn totals(&self) -> Result<Totals, ServiceFault> {
        Ok(Totals::of(&self.days()?, &self.view.generation().standings))
    }

    /// Whether something is to be done on one of these days.
    #[must_use]
    pub fn is_due(&self, from: Date, before: Date) -> bool {
        self.due.range(from..before).any(|(_, chfs)| !chfs.is_empty())
    }

    /// Every story once: who is due when.
    fn read_stories(&mut self) -> Result<(), ServiceFault> {
        let mut stories = self.view.stories();
        let mut due: BTreeMap<Date, BTreeSet<ChfIdentifier>> = BTreeMap::new();
        while let Some(story) = stories.next_story()? {
            note_days(&mut due, self.state.day, story.chf, &story.lines);
        }
        drop(stories);
        self.due = due;
        Ok(())
    }

    /// The lines of a day, for each installation that has some.
    fn lines_of(&self, day: Date) -> Result<Vec<(ChfIdentifier, Vec<Line>)>, ServiceFault> {
        let mut all = Vec::new();
        for chf in self.due.get(&day).into_iter().flatten() {
            if let Some(story) = self.view.story(*chf)? {
                all.push((*chf, story.lines));
            }
        }
        Ok(all)
    }

    /// The name of the SMSO that operates an installation.
    fn smso_of(&self, chf: ChfIdentifier) -> Result<String, ServiceFault> {
        let estate = &self.folder.estate;
        let found = estate.find_installation(chf).map(|ix| estate.installation(ix).smso);
        let name = found.map(|smso| estate.catalogue().text(smso).to_owned());
        name.ok_or_else(|| ServiceFault::body(format!("the estate does not describe CHF {chf} any more")))
    }
}

/// A plan that is there.
fn opened(dir: &Path) -> Result<PlanView, ServiceFault> {
    PlanView::open(dir, None)?.ok_or_else(|| ServiceFault::Refused {
        what: format!("there is no plan in {}", dir.display()),
        suggestion: "`tern plan make ESTATE --out DIR` makes one".to_owned(),
    })
}

/// Notes the days on which a story has something for whoever carries it out.
fn note_days(due: &mut BTreeMap<Date, BTreeSet<ChfIdentifier>>, from: Date, chf: ChfIdentifier, lines: &[Line]) {
    let acts = |line: &&Line| {
        line.day >= from
            && matches!(
                line.what,
                What::Notice { .. }
                    | What::NoticeToNew { .. }
                    | What::HopBegun { .. }
                    | What::HopDone { .. }
                    | What::ConfigurationBegun
                    | What::Migration(_)
            )
    };
    for line in lines.iter().filter(acts) {
        due.entry(line.day).or_default().insert(chf);
    }
}
