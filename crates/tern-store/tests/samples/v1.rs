//! The content of `tests/stores/v1-s1sp.sqlite`: what schema 1 can hold, each column with something that could get lost.
//!
//! What is written here has been committed as a store; a later schema gets a file of its own beside this one.

use jiff::Timestamp;
use tern_model::{Digest, Role};
use tern_store::{
    AuditEntry, Batch, Expect, InboxEntry, JournalEntry, OutboxEntry, Put, Record, Remove, SqliteStore, Store,
    StoreView,
};

pub const ROLE: Role = Role::S1sp;

const HUB: &str = "00-DB-12-34-56-78-90-A2";

/// Fills a new store: three commits, so that generations, numbers and the audit's chain have moved.
pub fn fill(store: &mut SqliteStore) {
    let first = Batch {
        puts: vec![
            put(HUB, Expect::Absent, 1, b"planned"),
            put("Zähler", Expect::Absent, 7, b""),
            put("gone", Expect::Any, 1, b"x"),
        ],
        journal: vec![journal(HUB, 0, b"planned")],
        inbox: vec![received()],
        outbox: outgoing(),
        audit: vec![audit("judge", "MCF_90-B3-D5-1F-30-0A-00-01_EA_42.xml")],
        ..Batch::default()
    };
    let second = Batch {
        puts: vec![put(HUB, Expect::Generation(1), 2, &[0x00, 0xFF, 0x80])],
        removes: vec![Remove { kind: "installation", key: "gone".to_owned(), generation: Some(1) }],
        journal: vec![journal("other", 1, b""), journal(HUB, 2, b"W1 done")],
        sent: vec![1],
        audit: vec![audit("set APN", "certificate 12, CN=Z1,OU=07"), audit("", "")],
        ..Batch::default()
    };
    let third = Batch { puts: vec![put("last", Expect::Absent, u16::MAX, &[b'-'; 5_000])], ..Batch::default() };
    for batch in [first, second, third] {
        store.commit(&batch).expect("a batch of the sample");
    }
}

/// Checks that a store holds what [`fill`] wrote, whichever schema it has come to since.
///
/// `more` is what a later schema's sample has to send beside it, with the numbers of its messages.
pub fn check(store: &dyn StoreView, more: &[(u64, OutboxEntry)]) {
    let record = |version, generation, body: &[u8]| Record { version, generation, body: body.to_vec() };
    let records = vec![
        (HUB.to_owned(), record(2, 2, &[0x00, 0xFF, 0x80])),
        ("Zähler".to_owned(), record(7, 1, b"")),
        ("last".to_owned(), record(u16::MAX, 1, &[b'-'; 5_000])),
    ];
    assert_eq!(store.scan("installation", None, 10), Ok(records));
    assert_eq!(store.count("installation"), Ok(3));
    assert_eq!(store.journal(HUB), Ok(vec![(1, journal(HUB, 0, b"planned")), (3, journal(HUB, 2, b"W1 done"))]));
    assert_eq!(store.journal("other"), Ok(vec![(2, journal("other", 1, b""))]));
    assert_eq!(store.received("dsp", "EA 42"), Ok(Some(received())));
    let unsent = outgoing().into_iter().skip(1).map(|entry| (2, entry)).chain(more.iter().cloned());
    assert_eq!(store.unsent(10), Ok(unsent.collect()));

    let rows = store.audit(0, 10).expect("a readable audit");
    let actions: Vec<_> = rows.iter().map(|row| (row.number, row.entry.action.as_str())).collect();
    assert_eq!(actions, [(1, "judge"), (2, "set APN"), (3, "")]);
    assert_eq!(rows[1].entry, audit("set APN", "certificate 12, CN=Z1,OU=07"));
    let head = store.verify_audit().expect("a whole chain");
    assert_eq!(head.entries, 3);
    // The chain's form is a promise to whoever verifies an exported audit: this hash does not change.
    assert_eq!(head.hash.to_string(), HEAD);
}

/// Computed by another program (Python's hashlib) from the form that `tern_store::audit` documents.
const HEAD: &str = "c0196a2d905b7d4c8e95e866aaeefb72bce73eab8d13c234a48ff2a0f9af78ca";

fn put(key: &str, expect: Expect, version: u16, body: &[u8]) -> Put {
    Put { kind: "installation", key: key.to_owned(), expect, version, body: body.to_vec() }
}

fn journal(subject: &str, hour: i64, body: &[u8]) -> JournalEntry {
    JournalEntry { subject: subject.to_owned(), at: at(hour), version: 1, body: body.to_vec() }
}

fn received() -> InboxEntry {
    let digest = Digest(std::array::from_fn(|n| n as u8));
    InboxEntry {
        link: "dsp".to_owned(),
        message: "EA 42".to_owned(),
        digest,
        at: at(0),
        body: b"<MCVF/>".to_vec().into(),
    }
}

fn outgoing() -> Vec<OutboxEntry> {
    let entry = |to: &str, message: &str| OutboxEntry {
        to: to.to_owned(),
        message: message.to_owned(),
        at: at(1),
        body: message.as_bytes().to_vec().into(),
    };
    vec![entry("dco", "key 1"), entry("commissioning-party", "report 1")]
}

fn audit(action: &str, evidence: &str) -> AuditEntry {
    AuditEntry {
        at: at(3),
        actor: "s1sp".to_owned(),
        action: action.to_owned(),
        subject: HUB.to_owned(),
        evidence: evidence.to_owned(),
    }
}

/// Hours after a morning of 2021, with a fraction of a second that a coarser store would lose.
pub fn at(hour: i64) -> Timestamp {
    Timestamp::new(1_614_672_000 + hour * 3_600, 120_000_003).expect("a moment of our era")
}
