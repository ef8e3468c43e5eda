//! The content of `tests/stores/v2-s1sp.sqlite`: that of schema 1, and messages that are files.
//!
//! What is written here has been committed as a store; a later schema gets a file of its own beside this one.

use tern_model::{Digest, Role};
use tern_store::{Batch, Body, InboxEntry, OutboxEntry, SqliteStore, Store, StoreView};

#[path = "v1.rs"]
pub mod v1;

pub const ROLE: Role = v1::ROLE;

/// Fills a new store.
pub fn fill(store: &mut SqliteStore) {
    v1::fill(store);
    let batch = Batch { inbox: vec![received()], outbox: vec![outgoing()], ..Batch::default() };
    store.commit(&batch).expect("a batch of the sample");
}

/// Checks that a store holds what [`fill`] wrote, whichever schema it has come to since.
pub fn check(store: &dyn StoreView) {
    v1::check(store, &[(3, outgoing())]);
    assert_eq!(store.received("dsp", "EA 43"), Ok(Some(received())));
}

fn received() -> InboxEntry {
    let digest = Digest(std::array::from_fn(|n| 0xFF - n as u8));
    let body = Body::File { digest, length: 1 << 40 };
    InboxEntry { link: "dsp".to_owned(), message: "EA 43".to_owned(), digest, at: v1::at(0), body }
}

fn outgoing() -> OutboxEntry {
    let body = Body::File { digest: Digest([7; 32]), length: 0 };
    OutboxEntry { to: "dco".to_owned(), message: "EA 43".to_owned(), at: v1::at(1), body }
}
