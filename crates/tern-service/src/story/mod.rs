//! A Service Request's whole story, read from the journals of those who kept it (`tern trace`): what came, each transition at the DSP
//! and at the S1SP, what was told to the User, and what became of the replies.
//!
//! It only reads. It must never show what a device measured, nor a secret: the journals hold neither.

mod words;

use jiff::Timestamp;
use serde::Serialize;
use tern_model::{Digest, PartyId, Role};
use tern_requests::machine::RequestKey;
use tern_requests::machine::dsp::StateKind;
use tern_store::StoreView;
use tern_wire::duis::{CommandVariant, RequestId, SchemaVersion, ServiceReferenceVariant};

use crate::equivalent::record as taken;
use crate::fault::ServiceFault;
use crate::gateway::{Letter, Told, letters_of, record};
use crate::overview::Overview;
use crate::request_line::{DspLine, S1spLine, lines};

/// A request's story.
#[derive(Debug, Serialize)]
pub struct Story {
    /// Its RequestID and Command Variant.
    pub request: RequestKey,
    /// Its Service Reference Variant.
    pub service: ServiceReferenceVariant,
    /// By which schema it was judged.
    pub version: SchemaVersion,
    /// Who sent it.
    pub user: PartyId,
    /// SHA-256 of its bytes.
    pub sha256: Digest,
    /// When it came.
    pub received: Timestamp,
    /// Where it stands.
    pub state: StateKind,
    /// What happened, oldest first.
    pub lines: Vec<Line>,
    /// What the User was told: on the request's own connection first, then by replies.
    pub told: Vec<Told>,
    /// Replies that the User never took.
    pub dead_letters: Vec<Letter>,
}

/// One thing that happened.
#[derive(Debug, Serialize)]
pub struct Line {
    /// When.
    pub at: Timestamp,
    /// Where.
    pub party: Role,
    /// In one sentence.
    pub says: String,
    /// What the machine did; nothing where something came.
    #[serde(flatten)]
    pub step: Option<Step>,
}

/// What a machine did.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Step {
    /// The DSP's.
    Dsp(DspLine),
    /// The S1SP's.
    S1sp(S1spLine),
}

/// The stories of a RequestID: one for each Command Variant under which it came.
///
/// # Errors
/// A store cannot be read.
pub fn stories(overview: &Overview, id: RequestId) -> Result<Vec<Story>, ServiceFault> {
    let view = |wanted| overview.stores().into_iter().find(|(role, _)| *role == wanted).and_then(|(_, store)| store);
    let Some(dsp) = view(Role::Dsp) else { return Ok(Vec::new()) };
    let s1sp = view(Role::S1sp).map(|store| store as &dyn StoreView);
    let variants = (1..=9).filter_map(CommandVariant::new);
    variants.filter_map(|variant| story((dsp, s1sp), RequestKey { id, command_variant: variant }).transpose()).collect()
}

fn story(
    (dsp, s1sp): (&dyn StoreView, Option<&dyn StoreView>),
    key: RequestKey,
) -> Result<Option<Story>, ServiceFault> {
    let Some((record, _)) = record::find(dsp, key)? else { return Ok(None) };
    let says = format!("{} came, signed by {} (schema {})", record.service, record.user, record.version);
    let mut all = vec![Line { at: record.received, party: Role::Dsp, says, step: None }];
    for (at, line) in lines::<DspLine>(dsp, key)? {
        all.push(Line { at, party: Role::Dsp, says: words::of_dsp(&line), step: Some(Step::Dsp(line)) });
    }
    if let Some(s1sp) = s1sp {
        if let Some(taken) = taken::find(s1sp, key)? {
            let says = "the countersigned request came".to_owned();
            all.push(Line { at: taken.taken, party: Role::S1sp, says, step: None });
        }
        for (at, line) in lines::<S1spLine>(s1sp, key)? {
            all.push(Line { at, party: Role::S1sp, says: words::of_s1sp(&line), step: Some(Step::S1sp(line)) });
        }
    }
    // What happened at the same moment stays in each party's own order.
    all.sort_by_key(|line| line.at);
    Ok(Some(Story {
        request: key,
        service: record.service,
        version: record.version,
        user: record.user,
        sha256: record.digest,
        received: record.received,
        state: record.machine.state.kind(),
        lines: all,
        told: record.told,
        dead_letters: letters_of(dsp, key)?,
    }))
}
