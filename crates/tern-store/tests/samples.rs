//! Stores that earlier builds wrote and committed to `tests/stores/` open in this one, with everything in them.

use std::path::{Path, PathBuf};

use tern_model::Role;
use tern_store::sqlite::SCHEMA_VERSION;
use tern_store::{SqliteStore, SqliteView};

#[path = "samples/v2.rs"]
mod v2;

use v2::v1;

/// The committed stores, each copied to a folder of its own, with the schema that its name gives.
fn samples(folder: &Path) -> Vec<(u32, PathBuf)> {
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/stores");
    let files = std::fs::read_dir(&committed).expect("the folder of committed stores");
    let mut samples: Vec<_> = files
        .map(|file| file.expect("a readable folder"))
        .filter(|file| file.path().is_file())
        .map(|file| {
            let name = file.file_name().into_string().expect("a name in ASCII");
            let schema = name.strip_prefix('v').and_then(|rest| rest.split('-').next()?.parse().ok());
            let copy = folder.join(&name);
            std::fs::write(&copy, std::fs::read(file.path()).expect("a store")).expect("a copy");
            (schema.unwrap_or_else(|| panic!("{name}: the name begins with v<schema>-")), copy)
        })
        .collect();
    samples.sort();
    samples
}

/// Every object of a store's schema with the text that made it.
fn schema_of(path: &Path) -> Vec<(String, Option<String>)> {
    let db = rusqlite::Connection::open(path).expect("a store");
    let mut query = db.prepare("SELECT name, sql FROM sqlite_schema ORDER BY name").expect("a query");
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("an answer");
    rows.collect::<Result<_, _>>().expect("names and texts")
}

#[test]
fn every_committed_store_opens_with_all_that_it_holds() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (schema, path) in samples(folder.path()) {
        type Check = fn(&dyn tern_store::StoreView);
        let (role, check): (Role, Check) = match schema {
            1 => (v1::ROLE, |store| v1::check(store, &[])),
            2 => (v2::ROLE, v2::check),
            other => panic!("a store of schema {other} is committed: say here what it holds"),
        };
        for opening in 1..=2 {
            let store = SqliteStore::open(&path, role).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()));
            check(&store);
            assert_eq!(store.path().file_name(), path.file_name(), "opening {opening}");
        }
        check(&SqliteView::open_read_only(&path, role).expect("a reader"));
    }
}

#[test]
fn this_build_writes_what_the_newest_sample_holds() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut store = SqliteStore::open(&folder.path().join("new.sqlite"), v2::ROLE).expect("a new store");
    v2::fill(&mut store);
    v2::check(&store);
}

#[test]
fn the_newest_schema_has_a_committed_store() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let newest = samples(folder.path()).last().map(|(schema, _)| *schema);
    assert_eq!(newest, Some(SCHEMA_VERSION), "commit one: `cargo run -p tern-store --example sample_store`");
}

#[test]
fn an_old_store_brought_up_to_date_has_the_schema_of_a_new_one() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let fresh = folder.path().join("fresh.sqlite");
    drop(SqliteStore::open(&fresh, Role::S1sp).expect("a new store"));
    let expected = schema_of(&fresh);
    assert!(expected.len() > 10, "{expected:?}");
    for (_, path) in samples(&{
        let copies = folder.path().join("copies");
        std::fs::create_dir(&copies).expect("a folder");
        copies
    }) {
        drop(SqliteStore::open(&path, Role::S1sp).expect("a committed store"));
        assert_eq!(schema_of(&path), expected, "a change that was released was edited: {}", path.display());
    }
}
