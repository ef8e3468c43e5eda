//! Replies to Users who have no address: they lie here until they are fetched, as often as the User likes.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tern_model::PartyId;
use tern_store::{Expect, OutboxEntry, Put, StoreView};

use super::asked::Sought;
use crate::fault::ServiceFault;
use crate::parties::inbox;
use crate::roles::Hands;

/// Kind of [`Letter`], under `{party}/{number}`.
const LETTER: &str = "sandbox-reply";
/// Kind of the marks that find a request's replies: `{party}/{counter}/{RequestID}/{number}`.
const OF_REQUEST: &str = "sandbox-reply-of";
/// Replies that are listed, the newest.
const LISTED: usize = 100;
/// So long whoever asks for a reply waits for it.
const PATIENCE: Duration = Duration::from_secs(20);
/// So often it is looked whether it is there.
const GLANCE: Duration = Duration::from_millis(50);

/// A reply that waits to be fetched.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Letter {
    /// The request that it answers.
    request_id: String,
    /// When it was ready.
    at: Timestamp,
    /// As it was signed.
    reply: String,
}

/// A reply as it is listed.
#[derive(Debug, Serialize)]
pub(super) struct Listed {
    request_id: String,
    at: Timestamp,
}

/// The changes that lay a reply down.
///
/// # Errors
/// It cannot be written.
pub(crate) fn puts(
    user: PartyId,
    (number, entry): (u64, &OutboxEntry),
    reply: &[u8],
) -> Result<Vec<Put>, ServiceFault> {
    // Its name is the device, and the request with its Command Variant.
    let request_id = entry.message.split([' ', '/']).nth(1).unwrap_or_default().to_owned();
    let counter = request_id.rsplit(':').next().unwrap_or_default();
    let mark = format!("{user}/{counter}/{request_id}/{number:020}");
    let reply = String::from_utf8_lossy(reply).into_owned();
    let letter = Letter { request_id, at: entry.at, reply };
    Ok(vec![
        inbox::put(OF_REQUEST, mark, Expect::Any, &())?,
        inbox::put(LETTER, format!("{user}/{number:020}"), Expect::Any, &letter)?,
    ])
}

/// The newest replies to a User, oldest first.
pub(super) fn listed(view: &dyn StoreView, user: PartyId) -> Result<Vec<Listed>, ServiceFault> {
    let mut letters = inbox::all::<Letter>(view, LETTER, &format!("{user}/"))?;
    let newest = letters.split_off(letters.len().saturating_sub(LISTED));
    Ok(newest.into_iter().map(|(_, letter)| Listed { request_id: letter.request_id, at: letter.at }).collect())
}

/// The newest reply to a request, which is waited for a while.
pub(super) fn awaited(
    view: &dyn StoreView,
    (user, request): (PartyId, Sought),
    hands: Hands<'_>,
) -> Result<Option<String>, ServiceFault> {
    let until = Instant::now() + PATIENCE;
    let prefix = match request {
        Sought::Request(id) => format!("{user}/{}/{id}/", id.counter),
        Sought::Counter(counter) => format!("{user}/{counter}/"),
    };
    loop {
        let marks = inbox::all::<()>(view, OF_REQUEST, &prefix)?;
        let number = marks.last().and_then(|(mark, ())| mark.rsplit('/').next());
        if let Some(number) = number {
            let letter = inbox::get::<Letter>(view, LETTER, &format!("{user}/{number}"))?;
            return Ok(letter.map(|(letter, _)| letter.reply));
        }
        if hands.halt.is_asked() || Instant::now() >= until {
            return Ok(None);
        }
        hands.bells.replies.wait(hands.bells.replies.rung(), GLANCE);
    }
}
