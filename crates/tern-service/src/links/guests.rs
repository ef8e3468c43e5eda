//! Who has a connection to a role: those whose certificate was checked, and strangers, who get a small share of the places and
//! little time.
//!
//! Where strangers hold every place of theirs, the one that has been there longest makes room for the next: whoever can say
//! who they are does so in milliseconds. A stranger must never cost somebody known a place.

use std::collections::BTreeMap;
use std::net::{Shutdown, TcpStream};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tern_model::PartyId;

/// So long a new connection may take to say who is there, and what is asked, where nobody else wants its place.
pub(super) const GREETING: Duration = Duration::from_secs(10);
/// So long it may take in any case: a place is not made sooner.
const GRACE: Duration = Duration::from_secs(1);
/// Connections at once of which nobody knows yet whose they are.
const STRANGERS_MAX: usize = 32;

/// How many there may be at once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Places {
    /// Connections whose certificate was checked; others wait at the door.
    pub(crate) known: usize,
    /// Of these so many are one party's: who holds them all keeps nobody else out.
    pub(crate) of_one: usize,
}

/// The connections of a role, by their numbers.
#[derive(Debug)]
pub(super) struct Guests {
    places: Places,
    lists: Mutex<Lists>,
}

#[derive(Debug, Default)]
struct Lists {
    /// Numbers are given in order, so that the first has been there longest.
    strangers: BTreeMap<u64, (Instant, TcpStream)>,
    /// Those who come without a certificate are nobody's.
    known: BTreeMap<u64, (Option<PartyId>, TcpStream)>,
    given: u64,
}

impl Guests {
    /// Nobody yet.
    pub(super) fn new(places: Places) -> Guests {
        Guests { places, lists: Mutex::default() }
    }

    /// Whether there is a place for one more, or one that can be made.
    pub(super) fn has_room(&self) -> bool {
        let lists = self.held();
        let longest = lists.strangers.first_key_value().map_or(Duration::ZERO, |(_, (since, _))| since.elapsed());
        lists.known.len() < self.places.known && (lists.strangers.len() < STRANGERS_MAX || longest >= GRACE)
    }

    /// Lets a stranger in; gives the connection's number.
    pub(super) fn enter(&self, stream: TcpStream) -> u64 {
        let mut lists = self.held();
        if lists.strangers.len() >= STRANGERS_MAX
            && let Some((_, (_, longest))) = lists.strangers.pop_first()
        {
            let _ = longest.shutdown(Shutdown::Both);
        }
        lists.given += 1;
        let number = lists.given;
        lists.strangers.insert(number, (Instant::now(), stream));
        number
    }

    /// A connection's certificate was checked: it is this party's; or nobody asks for one there. Whether there may be one more.
    pub(super) fn is_known(&self, number: u64, party: Option<PartyId>) -> bool {
        let mut lists = self.held();
        if lists.known.contains_key(&number) {
            return true;
        }
        let Some((_, stream)) = lists.strangers.remove(&number) else { return false };
        let of_one = lists.known.values().filter(|(other, _)| *other == party).count();
        let has_room = party.is_none() || of_one < self.places.of_one;
        if has_room {
            lists.known.insert(number, (party, stream));
        }
        has_room
    }

    /// A connection has ended.
    pub(super) fn leave(&self, number: u64) {
        let mut lists = self.held();
        lists.strangers.remove(&number);
        lists.known.remove(&number);
    }

    /// Lets nobody ask any more; what is being answered is.
    pub(super) fn close(&self) {
        let lists = self.held();
        for stream in
            lists.strangers.values().map(|(_, stream)| stream).chain(lists.known.values().map(|(_, stream)| stream))
        {
            let _ = stream.shutdown(Shutdown::Read);
        }
    }

    fn held(&self) -> MutexGuard<'_, Lists> {
        self.lists.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
