//! What the store promises, one promise a test: transactions, expectations, the append-only parts, who may open it.

mod common;

use std::path::{Path, PathBuf};

use common::{audit, inbox, journal, outbox, put};
use tempfile::TempDir;
use tern_model::Role;
use tern_store::{
    AuditBroken, Batch, Durability, Expect, Put, Remove, SqliteStore, SqliteView, Store, StoreFault, StoreView,
    for_each_under,
};

fn fresh() -> (TempDir, PathBuf, SqliteStore) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("s1sp.sqlite");
    let store = SqliteStore::open(&path, Role::S1sp).expect("a new store");
    (folder, path, store)
}

fn puts(puts: impl IntoIterator<Item = Put>) -> Batch {
    Batch { puts: puts.into_iter().collect(), ..Batch::default() }
}

fn reopen(path: &Path) -> SqliteStore {
    SqliteStore::open(path, Role::S1sp).expect("the store again")
}

fn behind_its_back(path: &Path, sql: &str) {
    rusqlite::Connection::open(path).expect("the file").execute_batch(sql).expect("the change");
}

fn generation(store: &dyn StoreView, key: &str) -> Option<u64> {
    store.get("installation", key).expect("a readable store").map(|record| record.generation)
}

#[test]
fn everything_in_a_batch_is_there_again_after_reopening() {
    let (_folder, path, mut store) = fresh();
    let batch = Batch {
        puts: vec![put("A", Expect::Absent, "one"), put("A", Expect::Generation(1), "two"), put("B", Expect::Any, "")],
        removes: vec![Remove { kind: "installation", key: "C".to_owned(), generation: None }],
        journal: vec![journal("A", "first"), journal("B", "other"), journal("A", "second")],
        inbox: vec![inbox("dsp", "m1")],
        outbox: vec![outbox("dco", "m2"), outbox("dsp", "m3")],
        sent: vec![1],
        audit: vec![audit("commission"), audit("roll back")],
    };
    store.commit(&batch).expect("a good batch");
    drop(store);

    let store = reopen(&path);
    let record = store.get("installation", "A").expect("readable").expect("there");
    assert_eq!((record.version, record.generation, record.body.as_slice()), (1, 2, &b"two"[..]));
    assert_eq!(store.count("installation"), Ok(2));
    assert_eq!(store.count("set"), Ok(0));
    assert_eq!(store.journal("A"), Ok(vec![(1, journal("A", "first")), (3, journal("A", "second"))]));
    assert_eq!(store.received("dsp", "m1"), Ok(Some(inbox("dsp", "m1"))));
    assert_eq!(store.received("dco", "m1"), Ok(None));
    assert_eq!(store.unsent(10), Ok(vec![(2, outbox("dsp", "m3"))]));
    let rows = store.audit(0, 10).expect("readable");
    assert_eq!(rows.iter().map(|row| row.number).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(rows[1].entry, audit("roll back"));
    let head = store.verify_audit().expect("a whole chain");
    assert_eq!((head.entries, head.hash), (2, rows[1].hash));
}

#[test]
fn what_stands_under_a_prefix_is_handed_over_whole_in_order_and_nothing_beside_it() {
    let (_folder, _path, mut store) = fresh();
    let keys = ["A", "A-1", "A/1", "A/2", "A/3", "A/4", "A/5", "A0", "B/1"];
    store.commit(&puts(keys.map(|key| put(key, Expect::Absent, key)))).expect("a good batch");
    let under = |prefix: &str, most: usize| {
        let mut bodies = Vec::new();
        let walked = for_each_under(&store, "installation", prefix, |record| {
            bodies.push(String::from_utf8(record.body.clone()).expect("text"));
            // `None` is this test's own word for enough.
            if bodies.len() == most { Err(None::<StoreFault>) } else { Ok(()) }
        });
        (bodies, walked.is_ok())
    };
    let all = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
    assert_eq!(under("A/", 99), (all(&keys[2..7]), true));
    assert_eq!(under("B/", 99), (all(&keys[8..]), true));
    assert_eq!(under("C/", 99), (Vec::new(), true));
    assert_eq!(under("A/", 2), (all(&keys[2..4]), false));
}

#[test]
fn a_scan_goes_in_the_order_of_keys_and_stays_within_its_kind() {
    let (_folder, _path, mut store) = fresh();
    let mut batch = puts(["b", "", "a", "c"].map(|key| put(key, Expect::Absent, key)));
    batch.puts.push(Put { kind: "set", ..put("aa", Expect::Absent, "") });
    store.commit(&batch).expect("a good batch");
    let keys = |after, limit| {
        let found = store.scan("installation", after, limit).expect("readable");
        found.into_iter().map(|(key, _)| key).collect::<Vec<_>>()
    };
    assert_eq!(keys(None, 9), ["", "a", "b", "c"]);
    assert_eq!(keys(None, 2), ["", "a"]);
    assert_eq!(keys(Some(""), 9), ["a", "b", "c"]);
    assert_eq!(keys(Some("a"), 1), ["b"]);
    assert_eq!(keys(Some("c"), usize::MAX), [""; 0]);
}

#[test]
fn one_wrong_expectation_refuses_the_whole_batch() {
    let (_folder, _path, mut store) = fresh();
    let start = Batch {
        puts: vec![put("A", Expect::Absent, "one")],
        inbox: vec![inbox("dsp", "m1")],
        outbox: vec![outbox("dco", "m1")],
        audit: vec![audit("start")],
        ..Batch::default()
    };
    store.commit(&start).expect("a good batch");
    let head = store.verify_audit().expect("a whole chain");

    let wrong = [
        ("A", Some(1), puts([put("A", Expect::Absent, "two")])),
        ("A", Some(1), puts([put("A", Expect::Generation(2), "two")])),
        ("A", Some(1), puts([put("A", Expect::Generation(u64::MAX), "two")])),
        ("B", None, puts([put("B", Expect::Generation(1), "two")])),
        ("dsp/m1", Some(1), Batch { inbox: vec![inbox("dsp", "m1")], ..Batch::default() }),
        ("dco/m1", Some(1), Batch { outbox: vec![outbox("dco", "m1")], ..Batch::default() }),
        ("9", None, Batch { sent: vec![9], ..Batch::default() }),
        (
            "A",
            Some(1),
            Batch {
                removes: vec![Remove { kind: "installation", key: "A".into(), generation: Some(2) }],
                ..Batch::default()
            },
        ),
    ];
    for (key, found, mut batch) in wrong {
        batch.puts.insert(0, put("new", Expect::Any, "half"));
        batch.journal.push(journal("new", "half"));
        batch.audit.push(audit("half"));
        let fault = store.commit(&batch).expect_err("a conflict");
        let StoreFault::Conflict { key: named, found: standing, .. } = &fault else { panic!("{fault}") };
        assert_eq!((named.as_str(), *standing), (key, found), "{fault}");
        assert_eq!(generation(&store, "new"), None, "{fault}");
        assert_eq!(store.journal("new"), Ok(vec![]));
        assert_eq!(store.verify_audit(), Ok(head));
    }
    assert_eq!(store.durability(), Durability { commits: 1, batches: 1, files: 0 });
}

#[test]
fn in_a_group_each_batch_stands_for_itself() {
    let (_folder, path, mut store) = fresh();
    let mut batches = ["A", "A", "B"].map(|key| puts([put("x", Expect::Any, key), put(key, Expect::Absent, key)]));
    for batch in &mut batches {
        batch.audit.push(audit(&batch.puts[1].key.clone()));
    }
    let answers = store.commit_group(&batches).expect("a healthy store");
    assert_eq!(answers.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
    assert_eq!(store.durability(), Durability { commits: 1, batches: 2, files: 0 });
    assert!(store.commit_group(&batches[1..2]).expect("a healthy store")[0].is_err());
    assert_eq!(store.durability(), Durability { commits: 1, batches: 2, files: 0 }, "nothing was made durable");
    drop(store);
    let store = reopen(&path);
    assert_eq!(generation(&store, "x"), Some(2));
    assert_eq!(store.verify_audit().expect("a whole chain").entries, 2);
}

#[test]
fn an_empty_batch_costs_no_transaction() {
    let (_folder, _path, mut store) = fresh();
    assert_eq!(store.commit(&Batch::default()), Ok(()));
    assert_eq!(store.commit_group(&[Batch::default()]), Ok(vec![Ok(())]));
    assert_eq!(store.durability(), Durability::default());
}

#[test]
fn a_link_that_stalls_holds_up_no_other() {
    let (_folder, _path, mut store) = fresh();
    let messages = [("dco", "a"), ("dsp", "b"), ("dco", "c"), ("dsp", "d")];
    let batch = Batch { outbox: messages.map(|(to, id)| outbox(to, id)).to_vec(), sent: vec![2], ..Batch::default() };
    store.commit(&batch).expect("a good batch");
    store.commit(&Batch { sent: vec![2], ..Batch::default() }).expect("twice is once");
    assert_eq!(store.unsent(2), Ok(vec![(1, outbox("dco", "a")), (3, outbox("dco", "c"))]));
    assert_eq!(store.unsent_to("dsp", 0, 9), Ok(vec![(4, outbox("dsp", "d"))]));
    assert_eq!(store.unsent_to("dco", 1, 9), Ok(vec![(3, outbox("dco", "c"))]));
}

#[test]
fn a_second_writer_is_told_who_has_the_store() {
    let (_folder, path, store) = fresh();
    let fault = SqliteStore::open(&path, Role::S1sp).expect_err("in use");
    assert!(fault.to_string().contains(&format!("in use by process {}", std::process::id())), "{fault}");
    assert!(fault.suggestion().contains("wait for process"), "{}", fault.suggestion());
    drop(store);
    reopen(&path);
}

#[cfg(unix)]
#[test]
fn a_second_name_for_the_file_leads_to_the_same_lock() {
    let (folder, path, _store) = fresh();
    let link = folder.path().join("link.sqlite");
    std::os::unix::fs::symlink(&path, &link).expect("a link");
    assert!(matches!(SqliteStore::open(&link, Role::S1sp), Err(StoreFault::InUse { .. })));
}

#[test]
fn a_writer_whose_lock_was_lost_is_refused_by_the_lease() {
    let (_folder, path, mut old) = fresh();
    old.commit(&puts([put("A", Expect::Absent, "old")])).expect("the only writer");
    std::fs::remove_file(path.with_extension("sqlite.lock")).expect("the lock file");
    let mut new = reopen(&path);

    let stale = StoreFault::Stale { path: path.canonicalize().expect("a path"), held: 1, found: 2 };
    assert_eq!(old.commit(&puts([put("A", Expect::Any, "stale")])), Err(stale.clone()));
    assert_eq!(old.commit_group(&[puts([put("B", Expect::Any, "stale")])]), Err(stale));
    new.commit(&puts([put("A", Expect::Generation(1), "new")])).expect("the new writer");
    assert_eq!(generation(&new, "B"), None);
}

#[test]
fn a_reader_sees_whole_commits_beside_the_writer_and_changes_nothing() {
    let (_folder, path, mut store) = fresh();
    let view = SqliteView::open_read_only(&path, Role::S1sp).expect("a reader");
    assert_eq!(generation(&view, "A"), None);
    store.commit(&puts([put("A", Expect::Absent, "one")])).expect("a good batch");
    assert_eq!(generation(&view, "A"), Some(1));
    drop(store);
    assert_eq!(generation(&view, "A"), Some(1));
    reopen(&path).commit(&puts([put("A", Expect::Generation(1), "two")])).expect("a writer beside the reader");
    assert_eq!(generation(&view, "A"), Some(2));
}

#[test]
fn a_role_opens_no_other_roles_store() {
    let (_folder, path, store) = fresh();
    drop(store);
    let wrong =
        |fault| matches!(fault, StoreFault::WrongRole { expected: Role::Dco, ref found, .. } if found == "s1sp");
    assert!(wrong(SqliteStore::open(&path, Role::Dco).expect_err("another role's store")));
    assert!(wrong(SqliteView::open_read_only(&path, Role::Dco).expect_err("another role's store")));
    let lease: i64 = rusqlite::Connection::open(&path)
        .and_then(|db| db.query_row("SELECT lease FROM store", [], |row| row.get(0)))
        .expect("a number");
    assert_eq!(lease, 1, "a refused opening takes no lease");
}

#[test]
fn a_newer_store_and_a_foreign_file_are_refused_and_left_alone() {
    let (folder, path, store) = fresh();
    drop(store);
    let known = {
        let db = rusqlite::Connection::open(&path).expect("the file");
        db.query_row("PRAGMA user_version", [], |row| row.get::<_, u32>(0)).expect("a number")
    };
    behind_its_back(&path, &format!("PRAGMA user_version = {}", known + 1));
    let before = std::fs::read(&path).expect("the file");
    for fault in [
        SqliteStore::open(&path, Role::S1sp).expect_err("too new"),
        SqliteView::open_read_only(&path, Role::S1sp).expect_err("too new"),
    ] {
        assert!(matches!(fault, StoreFault::TooNew { found, .. } if found == known + 1), "{fault}");
    }
    assert_eq!(std::fs::read(&path).expect("the file"), before);

    let text = folder.path().join("notes.txt");
    std::fs::write(&text, "not a database, and long enough to be read as the header of one would be".repeat(40))
        .expect("a file");
    let foreign = folder.path().join("foreign.sqlite");
    behind_its_back(&foreign, "CREATE TABLE t (x)");
    for path in [text, foreign] {
        let before = std::fs::read(&path).expect("the file");
        let fault = SqliteStore::open(&path, Role::S1sp).expect_err("not a store");
        assert!(matches!(fault, StoreFault::Damaged { .. }), "{fault}");
        assert_eq!(std::fs::read(&path).expect("the file"), before);
    }
}

#[test]
fn what_is_not_there_is_said_to_be_missing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("none.sqlite");
    assert!(matches!(SqliteView::open_read_only(&path, Role::Dsp), Err(StoreFault::Missing { .. })));
    assert!(!path.exists(), "a reader makes nothing");
    let fault = SqliteStore::open(&folder.path().join("no/folder.sqlite"), Role::Dsp).expect_err("no folder");
    assert!(matches!(fault, StoreFault::Io { .. }), "{fault}");
}

#[cfg(unix)]
#[test]
fn the_files_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, path, mut store) = fresh();
    store.commit(&puts([put("A", Expect::Absent, "one")])).expect("a good batch");
    let modes = || {
        let files = std::fs::read_dir(folder.path()).expect("the folder");
        files.map(|file| file.expect("a file").metadata().expect("its mode").permissions().mode() & 0o777)
    };
    assert_eq!(modes().collect::<Vec<_>>(), [0o600; 4], "store, log, its index, lock");
    drop(store);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).expect("a wider mode");
    let _store = reopen(&path);
    assert!(modes().all(|mode| mode == 0o600), "a wider mode is narrowed at opening");
}

#[test]
fn journal_and_audit_refuse_to_be_changed() {
    let (_folder, path, mut store) = fresh();
    let batch = Batch { journal: vec![journal("A", "one")], audit: vec![audit("one")], ..Batch::default() };
    store.commit(&batch).expect("a good batch");
    drop(store);
    let db = rusqlite::Connection::open(&path).expect("the file");
    for change in
        ["DELETE FROM journal", "UPDATE journal SET body = x''", "DELETE FROM audit", "UPDATE audit SET actor = ''"]
    {
        let refused = db.execute(change, []).expect_err("append-only").to_string();
        assert!(refused.contains("append-only"), "{refused}");
    }
}

#[test]
fn a_changed_audit_is_found_out() {
    #[track_caller]
    fn check(change: &str, expected: AuditBroken) {
        let (_folder, path, mut store) = fresh();
        let audit = ["one", "two", "three"].map(audit).to_vec();
        store.commit(&Batch { audit, ..Batch::default() }).expect("a good batch");
        store.verify_audit().expect("a whole chain");
        drop(store);
        behind_its_back(&path, &format!("DROP TRIGGER audit_keeps; DROP TRIGGER audit_stays; {change}"));
        assert_eq!(reopen(&path).verify_audit(), Err(expected), "{change}");
    }
    check("UPDATE audit SET actor = 'nobody' WHERE number = 2", AuditBroken::Altered { number: 2 });
    check("UPDATE audit SET hash = zeroblob(32) WHERE number = 3", AuditBroken::Altered { number: 3 });
    check("DELETE FROM audit WHERE number = 2", AuditBroken::Missing { number: 2 });
    check("DELETE FROM audit WHERE number = 1", AuditBroken::Missing { number: 1 });
    check("DELETE FROM audit WHERE number = 3", AuditBroken::OtherEnd { found: 2, noted: 3 });
    check("UPDATE audit SET actor = subject, subject = actor", AuditBroken::Altered { number: 1 });
}
