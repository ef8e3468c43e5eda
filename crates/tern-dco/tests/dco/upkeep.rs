//! Upkeep of many packages: broken off anywhere, begun again, done once.

use tern_dco::custody::{Custody, FileCustody, Keeper};
use tern_dco::upkeep::{self, Standing};
use tern_dco::{Package, PackageState, Site};
use tern_model::{ChfIdentifier, DeviceId, DeviceKind, Eui64, Role};
use tern_store::{Batch, Expect, SqliteStore, Store, StoreView};
use tern_wire::role_link::{DcoOrder, DcoReply, DcoRequest, MasterKeyOf};

use crate::desk::{self, GET, Meter, moment, opened, replace, set};
use crate::support::secret;

const SITES: u64 = 25;

fn chf(n: u64) -> ChfIdentifier {
    ChfIdentifier(Eui64(0x1000 + n * 16))
}

fn device(n: u64, of: u64) -> DeviceId {
    DeviceId(Eui64(chf(n).0.0 + of))
}

/// Sites, every third with one PPMID, every fifth with two; all but the last five are commissioned.
fn sites() -> (tempfile::TempDir, SqliteStore) {
    let dir = tempfile::tempdir().expect("a folder");
    let mut store = SqliteStore::open(&dir.path().join("dco.sqlite"), Role::Dco).expect("a store");
    let dco = desk::dco(desk::custody());
    for n in 0..SITES {
        let ppmids = if n % 5 == 0 { 2 } else { u64::from(n % 3 == 0) };
        let mut devices = vec![(chf(n).into(), DeviceKind::Chf), (device(n, 1), DeviceKind::Esme)];
        devices.extend((0..ppmids).map(|p| (device(n, 2 + p), DeviceKind::Ppmid)));
        let package =
            Package::of_file(set(), chf(n), device(n, 1), &secret(&[n as u8; 16]), dco.custody()).expect("wraps");
        let site = Site { set: set(), chf: chf(n), devices, import_mpan: None, mprn: None, certificates: Vec::new() };
        let puts = vec![package.put(Expect::Absent).expect("a body"), site.put().expect("a body")];
        store.commit(&Batch { puts, ..Batch::default() }).expect("durable");
        if n < SITES - 5 {
            let mut ask = |what| {
                let order = DcoOrder { set: set(), chf: chf(n), device: device(n, 1), what };
                let told = dco.obey(&mut store, &[order], &|_, _| Ok(true), moment("2020-01-01T12:00:00Z"));
                told.expect("the world does not fail").remove(0).expect("obeyed")
            };
            ask(DcoRequest::PrepareMasterKey);
            let filled = ask(replace(MasterKeyOf::Smso));
            let DcoReply::Critical { apdu } = filled else { panic!("{filled:?}") };
            let master = [n as u8; 16];
            let next = opened(&master, &Meter::of(device(n, 1), &master).takes(&apdu).1);
            ask(DcoRequest::MakeCritical { instruction: GET.to_vec(), under: MasterKeyOf::Dco, not_below: 0 });
            ask(DcoRequest::Activate { evidence: Meter::of(device(n, 1), &next).answers() });
        }
    }
    (dir, store)
}

#[test]
fn a_back_fill_that_is_broken_off_goes_on_and_ends_complete() {
    let (_dir, mut store) = sites();
    let custody = Keeper::new(desk::custody(), None);
    let now = moment("2021-03-02T12:00:00Z");
    let lacking = upkeep::sites(&store, None, 1_000).expect("reads").told;
    assert_eq!(lacking.len(), 20, "those that the DCC operates");
    let lacking = lacking.iter().filter(|site| site.standing != Standing::Complete).count();
    // Broken off after every page, begun anew from the first.
    let (mut upgraded, mut pages) = (0, 1);
    while pages <= 10 {
        let mut after = None;
        for _ in 0..pages {
            let page = upkeep::backfill(&mut store, &custody, (after.as_deref(), 7), now).expect("adds");
            upgraded += page.told.sites.len();
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        pages += 1;
    }
    assert_eq!(upgraded, lacking, "each site once");
    let after = upkeep::sites(&store, None, 1_000).expect("reads").told;
    assert!(after.iter().all(|site| site.standing == Standing::Complete), "{after:?}");
    let site = Site::find(&store, set(), chf(0)).expect("reads").expect("a site");
    let (package, _) = site.package(&store, device(0, 2)).expect("reads").expect("its PPMID's package");
    assert_eq!((package.kind, package.versions()[0].state), (DeviceKind::Ppmid, PackageState::Active));
    store.verify_audit().expect("whole");
}

#[test]
fn keys_that_are_moved_half_way_open_from_both_and_end_in_the_new_one() {
    let (_dir, mut store) = sites();
    let new = || Box::new(FileCustody::new(&secret(&[[0; 32], [0x77; 32]].concat())).expect("keys"));
    let keeper = Keeper::new(new(), Some(desk::custody()));
    let query = |store: &mut SqliteStore, custody: Keeper| {
        let dco = desk::dco(Box::new(custody));
        let order = DcoOrder { set: set(), chf: chf(0), device: device(0, 1), what: replace(MasterKeyOf::Smso) };
        dco.obey(store, &[order], &|_, _| Ok(true), moment("2020-01-02T12:00:00Z"))
    };
    let first = upkeep::rewrap(&mut store, &keeper, None, 9).expect("wraps");
    assert_eq!((first.packages, first.told), (9, 9));
    let both = upkeep::keys_by_kek(&store, None, 1_000).expect("reads").told;
    assert_eq!(both.len(), 2, "{both:?}");
    let told = query(&mut store, Keeper::new(new(), Some(desk::custody()))).expect("opens").remove(0);
    assert!(matches!(told, Ok(DcoReply::Critical { .. })), "{told:?}");
    let (mut after, mut moved) = (None, 0);
    loop {
        let page = upkeep::rewrap(&mut store, &keeper, after.as_deref(), 9).expect("wraps");
        moved += page.told;
        let Some(next) = page.next else { break };
        after = Some(next);
    }
    assert_eq!(moved, SITES as usize - 9, "what was done is passed over");
    let keks = upkeep::keys_by_kek(&store, None, 1_000).expect("reads").told;
    assert_eq!(keks.keys().copied().collect::<Vec<_>>(), [keeper.current()]);
    query(&mut store, Keeper::new(new(), None)).expect("the new one is enough");
    query(&mut store, Keeper::new(desk::custody(), None)).expect_err("the old one opens nothing any more");
}
