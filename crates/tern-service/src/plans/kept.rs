//! The generations of a plan in a folder of their own: a record for each, and one for each installation that it touched.
//!
//! A generation counts once its own record is there, which is written last; stories without it are drafts.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{Context, SHA256};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tern_model::{ChfIdentifier, Digest, PartyId, Role};
use tern_plan::assumptions::Assumptions;
use tern_plan::plan::{End, Line, Period, Still};
use tern_store::{Batch, Expect, Put, SqliteStore, SqliteView, Store, StoreView};

use super::estate::digest_of;
use crate::fault::ServiceFault;

/// The store's file in a plan's folder. It is the Requesting Party's: it plans, and builds the sets (P).
const FILE: &str = "plan.db";
const OWNER: Role = Role::RequestingParty;
/// Kinds of records, and the version of their bodies.
pub(super) const STORY: &str = "plan-story";
const GENERATION: &str = "plan-generation";
const VERSION: u16 = 1;
/// Stories that become durable together.
const AT_ONCE: usize = 20_000;

/// Where installations stand at the end of a plan's period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Migrated.
    Migrated,
    /// Ready, without a place before the period ends.
    WaitsForCapacity,
    /// Notified, or being prepared.
    UnderWay,
    /// Something must come first.
    Waits,
    /// Excluded.
    Excluded,
}

/// How many installations stand where.
pub type Standings = BTreeMap<Standing, u64>;

impl From<End> for Standing {
    fn from(end: End) -> Standing {
        match end {
            End::Migrated(_) => Standing::Migrated,
            End::Excluded(_) => Standing::Excluded,
            End::WaitsForCapacity => Standing::WaitsForCapacity,
            End::UnderWay => Standing::UnderWay,
            End::Waits(_) => Standing::Waits,
        }
    }
}

/// What a generation was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// The days planned.
    pub period: Period,
    /// What was assumed.
    pub assumptions: Assumptions,
    /// The overlay, as outputs name it; none under the published rules.
    pub overlay: Option<String>,
    /// The estate: see [`super::EstateFolder::digest`].
    pub estate: Digest,
    /// How many bytes of events it knew.
    pub events_bytes: u64,
    /// Their SHA-256.
    pub events: Digest,
    /// The last row of them; what stands behind it is new.
    pub last_event_row: u32,
    /// Days on which nobody carried the plan out, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub still: Vec<Still>,
}

/// A generation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Generation {
    /// 1, 2, 3 and so on.
    pub number: u32,
    /// The digest of the one before it.
    pub parent: Option<Digest>,
    /// What it was made from.
    #[serde(flatten)]
    pub made: Made,
    /// Installations that it plans, or plans again.
    pub touched: u64,
    /// Where all installations stand with it.
    pub standings: Standings,
    /// Places taken, by day and supplier.
    pub taken: Vec<(Date, PartyId, u32)>,
    /// SHA-256 over all of the above and its stories; the null digest while it is computed.
    pub digest: Digest,
}

/// What is handed over to be kept.
#[derive(Debug)]
pub struct Kept {
    /// What it was made from.
    pub made: Made,
    /// Where all installations stand.
    pub standings: Standings,
    /// Places taken.
    pub taken: Vec<(Date, PartyId, u32)>,
}

/// A plan's folder.
#[derive(Debug, Clone)]
pub struct PlanFolder {
    dir: PathBuf,
}

impl PlanFolder {
    /// A folder, whether there is a plan in it or not.
    #[must_use]
    pub fn new(dir: &Path) -> PlanFolder {
        PlanFolder { dir: dir.to_owned() }
    }

    /// The plan to be looked at; none where there is none.
    ///
    /// # Errors
    /// The store cannot be opened.
    pub fn view(&self) -> Result<Option<SqliteView>, ServiceFault> {
        let path = self.dir.join(FILE);
        if !path.is_file() {
            return Ok(None);
        }
        Ok(Some(SqliteView::open_read_only(&path, OWNER)?))
    }

    /// Keeps a generation, behind the last one, with its stories in the order of CHF identifiers.
    ///
    /// # Errors
    /// The store cannot be written.
    pub fn keep(
        &self,
        kept: Kept,
        stories: impl Iterator<Item = (ChfIdentifier, Vec<Line>)>,
    ) -> Result<Generation, ServiceFault> {
        std::fs::create_dir_all(&self.dir).map_err(|error| ServiceFault::file("make the folder", &self.dir, error))?;
        let mut store = SqliteStore::open(&self.dir.join(FILE), OWNER)?;
        let parent = latest(&store)?;
        let number = parent.as_ref().map_or(1, |parent| parent.number + 1);
        let mut context = Context::new(&SHA256);
        let (mut batch, mut touched) = (Batch::default(), 0);
        for (chf, story) in stories {
            let body = serde_json::to_vec(&story).map_err(ServiceFault::body)?;
            let key = format!("{chf}/{number:06}");
            context.update(key.as_bytes());
            context.update(&body);
            batch.puts.push(Put { kind: STORY, key, expect: Expect::Any, version: VERSION, body });
            touched += 1;
            if batch.puts.len() == AT_ONCE {
                store.commit(&std::mem::take(&mut batch))?;
            }
        }
        let Kept { made, standings, taken } = kept;
        let parent = parent.map(|parent| parent.digest);
        let mut generation = Generation { number, parent, made, touched, standings, taken, digest: Digest([0; 32]) };
        context.update(&serde_json::to_vec(&generation).map_err(ServiceFault::body)?);
        generation.digest = digest_of(context);
        let body = serde_json::to_vec(&generation).map_err(ServiceFault::body)?;
        let key = format!("{number:06}");
        batch.puts.push(Put { kind: GENERATION, key, expect: Expect::Absent, version: VERSION, body });
        store.commit(&batch)?;
        Ok(generation)
    }
}

/// Every generation of a plan, the first one first.
///
/// # Errors
/// The store cannot be read.
pub(super) fn generations(view: &dyn StoreView) -> Result<Vec<Generation>, ServiceFault> {
    let records = view.scan(GENERATION, None, usize::MAX >> 1)?;
    records.iter().map(|(_, record)| serde_json::from_slice(&record.body).map_err(ServiceFault::body)).collect()
}

/// The newest generation.
pub(super) fn latest(view: &dyn StoreView) -> Result<Option<Generation>, ServiceFault> {
    Ok(generations(view)?.pop())
}
