//! Records that cannot be used: each stops its own device and no other.

use tern_dco::custody::{Custody, FileCustody, Keeper};
use tern_dco::{DcoFault, Package, Site, upkeep};
use tern_model::{ChfIdentifier, DeviceId, DeviceKind, Eui64};
use tern_store::{Batch, Expect, Put, Store, StoreView};
use tern_wire::role_link::{DcoOrder, DcoReply, DcoRequest, MasterKeyOf};

use crate::desk::{self, CHF, Desk, ESME, GET, GSME, MASTER, Meter, moment, opened, replace, set};
use crate::support::secret;

const OTHER: DeviceId = DeviceId(Eui64(0x00DB_1253_8000_0013));
const OTHER_CHF: ChfIdentifier = ChfIdentifier(Eui64(0x00DB_1253_8000_0011));

/// With a second installation.
fn two() -> Desk {
    let mut desk = Desk::new();
    let package = Package::of_file(set(), OTHER_CHF, OTHER, &secret(&MASTER), desk.dco.custody()).expect("wraps");
    let site = Site {
        set: set(),
        chf: OTHER_CHF,
        devices: vec![(OTHER, DeviceKind::Esme)],
        import_mpan: None,
        mprn: None,
        certificates: Vec::new(),
    };
    let puts = vec![package.put(Expect::Absent).expect("a body"), site.put().expect("a body")];
    desk.store.commit(&Batch { puts, ..Batch::default() }).expect("durable");
    desk
}

fn get() -> DcoRequest {
    DcoRequest::MakeCritical { instruction: GET.to_vec(), under: MasterKeyOf::Smso, not_below: 0 }
}

fn of_other(what: DcoRequest) -> DcoOrder {
    DcoOrder { set: set(), chf: OTHER_CHF, device: OTHER, what }
}

/// Writes over a record, whatever it is.
fn write(desk: &mut Desk, kind: &'static str, key: &str, version: u16, body: &[u8]) {
    let (key, body) = (key.to_owned(), body.to_vec());
    let puts = vec![Put { kind, key, expect: Expect::Any, version, body }];
    desk.store.commit(&Batch { puts, ..Batch::default() }).expect("durable");
}

/// The name of a device's package, and what is in it.
fn package(desk: &Desk, device: DeviceId) -> (String, Vec<u8>) {
    let key = format!("{device}/{}", set());
    let body = desk.store.get("package", &key).expect("reads").expect("a package").body;
    (key, body)
}

/// A package with another byte in its first wrapped key.
fn with_a_broken_key(body: &[u8]) -> Vec<u8> {
    let mut json: serde_json::Value = serde_json::from_slice(body).expect("a body");
    let sealed = &mut json["versions"][0]["key"]["sealed"];
    let text = sealed.as_str().expect("a wrapped key").to_owned();
    let first = if text.starts_with('A') { 'B' } else { 'A' };
    *sealed = format!("{first}{}", &text[1..]).into();
    serde_json::to_vec(&json).expect("a body")
}

fn under_an_unknown_kek(body: &[u8]) -> Vec<u8> {
    let mut json: serde_json::Value = serde_json::from_slice(body).expect("a body");
    json["versions"][0]["key"]["kek"] = "file:9".into();
    serde_json::to_vec(&json).expect("a body")
}

#[test]
fn a_package_that_cannot_be_used_is_refused_alone() {
    type Damage = fn(&[u8]) -> (u16, Vec<u8>);
    let damages: [Damage; 4] = [
        |_| (2, b"{".to_vec()),
        |body| (9, body.to_vec()),
        |body| (2, with_a_broken_key(body)),
        |body| (2, under_an_unknown_kek(body)),
    ];
    for damage in damages {
        let mut desk = two();
        let (key, body) = package(&desk, ESME);
        let (version, damaged) = damage(&body);
        write(&mut desk, "package", &key, version, &damaged);
        let answers = desk.obey(&[of_other(get()), Desk::order(get()), of_other(get())]);
        let told: Vec<_> = answers.iter().map(|a| a.as_ref().map(|_| ()).map_err(|r| r.code.as_str())).collect();
        assert_eq!(told, [Ok(()), Err("P-dco-record"), Ok(())]);
        assert_eq!(package(&desk, ESME).1, damaged, "what is damaged stays for whoever mends it");
        let refused = |entry: &tern_store::AuditRow| entry.entry.action.starts_with("order refused under P-dco-record");
        assert_eq!(desk.audit().iter().filter(|entry| refused(entry)).count(), 1);
        // Mended, it goes on.
        write(&mut desk, "package", &key, 2, &body);
        desk.ask(get()).expect("is obeyed");
    }
}

#[test]
fn an_order_that_fails_half_way_leaves_nothing_behind() {
    let mut desk = two();
    let join = DcoRequest::Join { devices: vec![(CHF.into(), DeviceKind::Chf), (GSME, DeviceKind::Gsme)] };
    desk.ask(join).expect("joins");
    desk.ask(DcoRequest::PrepareMasterKey).expect("makes it");
    let DcoReply::Critical { apdu } = desk.ask(replace(MasterKeyOf::Smso)).expect("protects") else { panic!() };
    let mut meter = Meter::holding(&MASTER);
    let next = opened(&MASTER, &meter.takes(&apdu).1);
    meter.holds(&next);
    let ask = DcoRequest::MakeCritical { instruction: GET.to_vec(), under: MasterKeyOf::Dco, not_below: 0 };
    desk.ask(ask).expect("protects");
    let (key, body) = package(&desk, GSME);
    write(&mut desk, "package", &key, 2, b"{");
    let (before, lines) = (package(&desk, ESME), desk.audit().len());
    let activate = DcoRequest::Activate { evidence: meter.answers() };
    assert_eq!(desk.ask(activate.clone()).expect_err("the GSME's cannot be read").code, "P-dco-record");
    assert_eq!(package(&desk, ESME), before);
    assert_eq!(desk.audit().len(), lines + 2, "why, and that it was refused; nothing more");
    write(&mut desk, "package", &key, 2, &body);
    assert_eq!(desk.ask(activate), Ok(DcoReply::Done), "the same evidence serves");
}

#[test]
fn where_no_package_opens_nothing_is_refused_and_orders_wait() {
    let mut desk = two();
    let strange: Box<dyn Custody> = Box::new(FileCustody::new(&secret(&[0x11; 32])).expect("a key"));
    let dco = desk::dco(Box::new(Keeper::new(strange, None)));
    let told = dco.obey(&mut desk.store, &[Desk::order(get()), of_other(get())], &|_, _| Ok(true), desk.now);
    assert!(matches!(told, Err(DcoFault::Custody(_))), "{told:?}");
    // Nor where it is the only one: nobody can say what is wrong with it.
    let mut desk = Desk::new();
    let (key, _) = package(&desk, ESME);
    write(&mut desk, "package", &key, 2, b"{");
    let told = desk.dco.obey(&mut desk.store, &[Desk::order(get())], &|_, _| Ok(true), desk.now);
    assert!(matches!(told, Err(DcoFault::Unreadable(_))), "{told:?}");
}

#[test]
fn records_that_cannot_be_used_keep_no_other_key_from_being_destroyed() {
    let mut desk = two();
    // A hundred records of an earlier day that nobody can use, half of them by name and half for their package.
    for n in 0..100 {
        let device = DeviceId(Eui64(0x7000 + n));
        let key =
            if n % 2 == 0 { format!("2020-01-01/{device}/x{n}") } else { format!("2020-01-01/{device}/{}", set()) };
        if n % 2 == 1 {
            write(&mut desk, "package", &format!("{device}/{}", set()), 2, b"{");
        }
        write(&mut desk, "outgoing", &key, 1, b"{}");
    }
    let due = format!("2021-03-01/{ESME}/{}", set());
    write(&mut desk, "outgoing", &due, 1, b"{}");
    desk.ask(DcoRequest::QueryMasterKey).expect("answers");
    let left = desk.store.scan("outgoing", None, 1_000).expect("reads");
    assert_eq!(left.len(), 50, "those whose package cannot be read stay");
    assert!(left.iter().all(|(key, _)| *key != due));
    let taken_out = desk.audit().iter().filter(|line| line.entry.action.contains("was taken out")).count();
    assert_eq!(taken_out, 50);
}

#[test]
fn upkeep_passes_over_what_it_cannot_use_and_says_so() {
    let mut desk = two();
    let (key, body) = package(&desk, ESME);
    for damaged in [b"{".to_vec(), with_a_broken_key(&body)] {
        write(&mut desk, "package", &key, 2, &damaged);
        let new = Box::new(FileCustody::new(&secret(&[[0; 32], [0x77; 32]].concat())).expect("keys"));
        let keeper = Keeper::new(new, Some(desk::custody()));
        let page = upkeep::rewrap(&mut desk.store, &keeper, None, 100).expect("wraps");
        assert_eq!((page.packages, page.unusable.len()), (2, 1));
        assert!(page.unusable[0].starts_with(&key), "{:?}", page.unusable);
        assert_eq!(package(&desk, ESME).1, damaged);
    }
    write(&mut desk, "package", &key, 2, b"{");
    let now = moment("2021-03-02T12:00:00Z");
    let page = upkeep::backfill(&mut desk.store, &Keeper::new(desk::custody(), None), (None, 100), now).expect("adds");
    assert_eq!((page.packages, page.unusable.len()), (2, 1));
    assert_eq!(upkeep::keys_by_kek(&desk.store, None, 100).expect("reads").unusable.len(), 1);
}
