//! Files beside a store: whole or not there, their owner's alone, and gone where no message refers to them.
//!
//! The test starts itself again as the process to be killed.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use jiff::Timestamp;
use tern_model::{Digest, Role};
use tern_store::{Batch, Body, InboxEntry, OutboxEntry, SqliteStore, SqliteView, Store, StoreFault, StoreView};

const KILLS: usize = 12;
/// Names the store of the process to be killed.
const CHILD: &str = "TERN_STORE_SPOOL_CHILD";

fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(path, Role::S1sp).expect("a store")
}

/// Keeps bytes, and says under which body.
fn keep(store: &mut SqliteStore, bytes: &[u8]) -> (Body, Digest) {
    let draft = store.draft().expect("a draft");
    let (digest, length) = draft.copy_from(&mut &*bytes, u64::MAX).expect("a copy");
    assert_eq!(length, bytes.len() as u64);
    (store.keep(draft, digest).expect("kept"), digest)
}

fn refer(store: &mut SqliteStore, message: &str, body: Body, digest: Digest) {
    let (link, message, at) = ("dsp".to_owned(), message.to_owned(), Timestamp::UNIX_EPOCH);
    let inbox = vec![InboxEntry { link, message, digest, at, body }];
    store.commit(&Batch { inbox, ..Batch::default() }).expect("a commit");
}

fn names(store: &Path) -> Vec<String> {
    let folder = store.with_extension("sqlite.files");
    if !folder.exists() {
        // The process was killed before it made anything.
        return Vec::new();
    }
    let entries = std::fs::read_dir(folder).expect("the folder of files");
    let mut names: Vec<_> =
        entries.map(|e| e.expect("an entry").file_name().into_string().expect("a name in ASCII")).collect();
    names.sort();
    names
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("s1sp.sqlite");
    (folder, path)
}

#[test]
fn what_is_kept_is_found_by_its_digest_by_writer_and_reader() {
    let (_folder, path) = folder();
    let mut store = open(&path);
    let (body, digest) = keep(&mut store, b"abc");
    assert_eq!(digest.to_string(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_eq!(body, Body::File { digest, length: 3 });
    refer(&mut store, "EA 42", body.clone(), digest);
    let outbox = vec![OutboxEntry {
        to: "dco".to_owned(),
        message: "EA 42".to_owned(),
        at: Timestamp::UNIX_EPOCH,
        body: body.clone(),
    }];
    store.commit(&Batch { outbox, ..Batch::default() }).expect("a commit");
    let view = SqliteView::open_read_only(&path, Role::S1sp).expect("a reader");
    for store in [&store as &dyn StoreView, &view] {
        assert_eq!(store.received("dsp", "EA 42").expect("readable").map(|entry| entry.body), Some(body.clone()));
        assert_eq!(store.unsent(1).expect("readable")[0].1.body, body);
        assert_eq!(std::fs::read(store.file(digest).expect("there")).expect("readable"), b"abc");
        assert!(matches!(store.file(Digest([0; 32])), Err(StoreFault::Damaged { .. })));
    }
    assert_eq!(store.durability().files, 1);
}

#[test]
fn a_copy_ends_where_it_must() {
    let (_folder, path) = folder();
    let draft = open(&path).draft().expect("a draft");
    let (digest, length) = draft.copy_from(&mut &b"abcdef"[..], 3).expect("a copy");
    assert_eq!((length, &digest.to_string()[..8]), (3, "ba7816bf"));
    // Filled anew, nothing of what it held before is left.
    draft.copy_from(&mut &b"x"[..], 3).expect("a copy");
    assert_eq!(std::fs::read(draft.path()).expect("readable"), b"x");
}

#[cfg(unix)]
#[test]
fn files_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, path) = folder();
    let mut store = open(&path);
    let (_, digest) = keep(&mut store, b"abc");
    let draft = store.draft().expect("a draft");
    let kept = store.file(digest).expect("there");
    let dir = kept.parent().expect("a folder");
    for (path, mode) in [(dir, 0o700), (kept.as_path(), 0o600), (draft.path(), 0o600)] {
        let found = std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!(found, mode, "{}", path.display());
    }
}

#[test]
fn a_file_is_never_altered_under_its_name() {
    let (_folder, path) = folder();
    let mut store = open(&path);
    let (_, digest) = keep(&mut store, b"abc");
    let before = std::fs::metadata(store.file(digest).expect("there")).expect("there");
    keep(&mut store, b"abc");
    let after = std::fs::metadata(store.file(digest).expect("there")).expect("there");
    assert_eq!(before.modified().expect("a time"), after.modified().expect("a time"));
    assert_eq!(names(&path).len(), 1, "the second draft is gone");
}

#[test]
fn drafts_and_what_no_message_refers_to_go_when_the_store_is_opened_for_writing() {
    let (_folder, path) = folder();
    let mut store = open(&path);
    let (body, digest) = keep(&mut store, b"abc");
    refer(&mut store, "EA 42", body, digest);
    let (_, forgotten) = keep(&mut store, b"never referred to");
    let draft = store.draft().expect("a draft");
    let left = draft.path().with_file_name("99.draft");
    std::fs::copy(draft.path(), &left).expect("a draft that a crash left");
    drop((draft, store));
    assert_eq!(names(&path).len(), 3, "a dropped draft goes at once");
    drop(SqliteView::open_read_only(&path, Role::S1sp).expect("a reader"));
    assert_eq!(names(&path).len(), 3, "a reader removes nothing");
    let store = open(&path);
    assert_eq!(names(&path), [digest.to_string()]);
    assert!(store.file(forgotten).is_err());
}

#[test]
fn a_kill_leaves_every_file_that_a_message_refers_to_whole_and_no_other() {
    if let Some(path) = std::env::var_os(CHILD) {
        keep_until_killed(Path::new(&path));
    }
    let (_folder, path) = folder();
    let mut all = 0;
    for kill in 0..KILLS {
        let acknowledged = kill_after(&path, kill * 2);
        let store = open(&path);
        let mut held = 0;
        while let Some(entry) = store.received("dsp", &(held + 1).to_string()).expect("readable") {
            held += 1;
            let file = std::fs::read(store.file(entry.digest).expect("the file that a message refers to"));
            assert!(file.expect("readable") == content(held), "file {held} is not whole");
        }
        assert!(held >= acknowledged.max(all), "{acknowledged} acknowledged, {held} there");
        assert_eq!(names(&path).len(), held, "no other file");
        all = held;
    }
    assert!(all > KILLS, "too little was done");
}

/// Some kilobytes, so that a half file would show.
fn content(n: usize) -> Vec<u8> {
    format!("{n} ").repeat(20_000).into_bytes()
}

fn keep_until_killed(path: &Path) -> ! {
    let mut store = open(path);
    let mut n = 1;
    loop {
        if store.received("dsp", &n.to_string()).expect("readable").is_none() {
            let (body, digest) = keep(&mut store, &content(n));
            refer(&mut store, &n.to_string(), body, digest);
            // The test's harness owns the standard output.
            writeln!(std::io::stderr(), "{n}").expect("a reader");
        }
        n += 1;
    }
}

/// Starts the process, kills it once it has acknowledged so many, and returns the last acknowledgement that left it.
fn kill_after(path: &Path, acknowledgements: usize) -> usize {
    let mut child = Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "a_kill_leaves_every_file_that_a_message_refers_to_whole_and_no_other", "--nocapture"])
        .env(CHILD, path)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a process to kill");
    let mut lines = BufReader::new(child.stderr.take().expect("its voice")).lines();
    let mut number = || {
        let line = lines.next()?.expect("text");
        Some(line.parse::<usize>().unwrap_or_else(|_| panic!("the process to be killed said: {line}")))
    };
    let mut last = 0;
    for _ in 0..acknowledgements {
        last = number().expect("the process ended by itself");
    }
    child.kill().expect("a kill");
    while let Some(n) = number() {
        last = n;
    }
    assert!(!child.wait().expect("its end").success());
    last
}
