//! Change of supplier, end to end on every cohort: whose critical requests a meter obeys is what 6.23 and 6.15.1 say, over a restart
//! too, and top-ups count from the floor that they set.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::SignedDuration;
use tern_model::{DeviceId, Mpxn, Role};
use tern_requests::task::Utrn;
use tern_service::clock::Clock;
use tern_service::pki;
use tern_testkit::{Home, Letterbox, Served};
use tern_wire::duis::Draft;

use crate::bench::{Bench, COUNTER, GROUPS, bench, reply, served};

/// From its floor on a supplier counts.
const FLOOR: u64 = COUNTER + 1_000;
const TOP_UP_FLOOR: u64 = COUNTER + 2_000;
/// The day from which another supplier is registered: the next one.
const NEXT_DAY: &str = "2021-03-03";

/// A User, and where its replies go.
struct Party {
    name: String,
    letterbox: Letterbox,
}

impl Party {
    fn of(bench: &Bench, name: &str) -> Party {
        Party { name: name.to_owned(), letterbox: bench.letterbox(name) }
    }

    /// Asks a device for something, and gives what the reply says.
    fn told(&self, on: (&Bench, &Served), device: DeviceId, counter: u64, (srv, body): (&str, Draft)) -> String {
        let (bench, service) = on;
        let user = service.user(&self.name);
        assert_eq!(self.code(on, device, counter, (srv, body)), "I99", "{srv} by {}", self.name);
        reply(&user, &self.letterbox, bench).root().source().to_owned()
    }

    /// What is said on the request's own connection.
    fn code(
        &self,
        (bench, service): (&Bench, &Served),
        device: DeviceId,
        counter: u64,
        (srv, body): (&str, Draft),
    ) -> String {
        let user = service.user(&self.name);
        let request = user.request_to(device, counter, srv, body);
        user.asks("serviceS", &request, bench.clock.now()).header().code.to_string()
    }
}

/// Registers another supplier for a metering point from the next day on.
fn registers(bench: &Bench, point: &Mpxn, fuel: &str, name: &str) {
    let path = bench.lab.dir().join("facts/registration.csv");
    let rows = fs::read_to_string(&path).expect("registrations");
    let before =
        rows.lines().find(|row| row.starts_with(&format!("{},{fuel},", point.as_str()))).expect("a registration");
    let operator = before.split(',').nth(3).expect("a network operator");
    let trust = pki::load_trust(&bench.lab.dir().join("pki")).expect("trust");
    let new = trust.certificates().find(|known| known.common_name() == name && known.role() == Role::Supplier);
    let row = format!("{},{fuel},{},{operator},{NEXT_DAY}\n", point.as_str(), new.expect("a supplier").party());
    let end = if rows.ends_with('\n') { "" } else { "\n" };
    fs::write(&path, format!("{rows}{end}{row}")).expect("written");
}

fn leaf(name: &'static str, value: impl ToString) -> Draft {
    Draft::leaf(name, value.to_string())
}

/// The certificate under which a party signs, and that of its authority.
fn certificates(bench: &Bench, name: &str) -> (Draft, Draft) {
    let dir = bench.lab.dir().join("pki");
    let own = pki::load_signer(&dir, name).expect("a signer");
    let own = leaf("DigitalSigningCertificate", STANDARD.encode(own.certificate().der()));
    let authorities = pki::load_authorities(&dir).expect("authorities");
    let path = authorities.iter().map(|one| leaf("Certificate", STANDARD.encode(one.der())));
    (own, Draft::new("CertificationPathCertificates").with_all(path))
}

/// 6.23, by the certificates of a party.
fn takes_over(bench: &Bench, of: &str, point: &Mpxn) -> (&'static str, Draft) {
    let (own, path) = certificates(bench, of);
    let body = Draft::new("UpdateSecurityCredentialsCoS")
        .with(leaf("SupplierFloorSeqNumber", FLOOR))
        .with(leaf("SupplierPrepaymentTopUpFloorSeqNumber", TOP_UP_FLOOR))
        .with(Draft::new("SupplierReplacementCertificates").with(own))
        .with(path)
        .with(leaf("ApplyTimeBasedCPVChecks", true))
        .with(leaf("ImportMPxN", point.as_str()));
    ("6.23", body)
}

/// 6.15.1 with the certificate that is held, and a higher floor.
fn renews(bench: &Bench, of: &str, floor: u64) -> (&'static str, Draft) {
    let (own, path) = certificates(bench, of);
    let new = Draft::new("SupplierOrNetworkOperatorCertificates").with(own);
    let body = Draft::new("UpdateSecurityCredentialsKRP")
        .with(leaf("RemotePartyRole", "Supplier"))
        .with(leaf("RemotePartyFloorSeqNumber", floor))
        .with(Draft::new("ReplacementCertificates").with(new))
        .with(path)
        .with(leaf("ApplyTimeBasedCPVChecks", false));
    ("6.15.1", body)
}

fn disable() -> (&'static str, Draft) {
    ("7.2", Draft::new("DisableSupply"))
}

fn top_up(pence: u32) -> (&'static str, Draft) {
    let utrn = Utrn::made(pence, 5).expect("a UTRN");
    ("2.2", Draft::new("TopUpDevice").with(leaf("UTRN", utrn.as_str())))
}

#[track_caller]
fn says(told: &str, parts: &[&str]) {
    parts.iter().for_each(|part| assert!(told.contains(part), "{part} in {told}"));
}

/// Another supplier than one.
fn another(name: &str) -> &'static str {
    if name == "supplier-a" { "supplier-b" } else { "supplier-a" }
}

/// What a meter obeys before and after a change of its supplier.
fn changes_hands(bench: &Bench, home: &Home, (old, new): (&Party, &Party), (device, point): (DeviceId, &Mpxn)) {
    let start = || {
        let plan = bench.plan().reached_at(&old.name, old.letterbox.address);
        let mut plan = plan.reached_at(&new.name, new.letterbox.address);
        // Each meter is counted from the start.
        plan.config.gateway.counter_window = u64::MAX;
        served(bench, plan)
    };
    let service = start();
    let on = (bench, &service);
    assert_eq!(new.code(on, device, FLOOR + 1, disable()), "I99", "it is registered");
    let alert = reply(&service.user(&new.name), &new.letterbox, bench);
    says(alert.root().source(), &["P-credentials", "the DCC holds"]);
    assert_eq!(old.code(on, device, COUNTER + 1, disable()), "E4", "it is not any more");
    // Certificates of another party replace nothing.
    let told = new.told(on, device, FLOOR + 2, takes_over(bench, &old.name, point));
    says(&told, &["<ra:UpdateSecurityCredentialsCoSRsp MessageSuccess=\"false\"", "invalidCertificate"]);
    let told = new.told(on, device, FLOOR + 3, disable());
    says(&told, &["P-credentials"]);
    // Nor do its own for another metering point.
    let another = if point == &home.mpan { home.mprn.as_ref().expect("a point") } else { &home.mpan };
    says(&new.told(on, device, FLOOR + 103, takes_over(bench, &new.name, another)), &["P-credentials", "ImportMPxN"]);
    let told = new.told(on, device, FLOOR + 4, takes_over(bench, &new.name, point));
    says(&told, &["<ra:UpdateSecurityCredentialsCoSRsp MessageSuccess=\"true\"", "SupplierByTransCoS", ">success<"]);
    service.stop().expect("a clean end");

    let service = start();
    let on = (bench, &service);
    let told = new.told(on, device, FLOOR + 5, disable());
    says(&told, &["<ra:DisableSupplyRsp MessageSuccess=\"true\""]);
    says(&new.told(on, device, FLOOR, disable()), &["P-credentials", "is not above"]);
    assert_eq!(old.code(on, device, COUNTER + 2, disable()), "E4");
    let told = new.told(on, device, FLOOR + 6, renews(bench, &new.name, FLOOR + 100));
    says(&told, &["<ra:UpdateSecurityCredentialsKRPRsp MessageSuccess=\"true\"", "SupplierBySupplier"]);
    says(&new.told(on, device, FLOOR + 7, disable()), &["P-credentials", "is not above"]);
    says(&new.told(on, device, FLOOR + 101, disable()), &["MessageSuccess=\"true\""]);
    // Top-ups have a floor of their own; one that fails bears the UTRN that the DCC made.
    let told = new.told(on, device, FLOOR + 102, top_up(500));
    says(&told, &["P-credentials", "no top-up is taken"]);
    let told = new.told(on, device, TOP_UP_FLOOR + 1, top_up(500));
    says(&told, &["<ra:TopUpDeviceRsp MessageSuccess=\"true\""]);
    // The thirteen digits that tell one from another come round.
    let made = Utrn::made(500, TOP_UP_FLOOR + 1).expect("a UTRN");
    let told = new.told(on, device, TOP_UP_FLOOR + 1 + 10_000_000_000_000, top_up(500));
    says(&told, &["P-top-up-failed", &format!("UTRN>{}<", made.as_str())]);
    service.stop().expect("a clean end");
}

#[test]
fn a_meter_of_every_cohort_obeys_the_supplier_that_took_it_over_and_not_the_one_before() {
    let bench = bench();
    for group in GROUPS {
        let home = bench.home(group);
        registers(&bench, &home.mpan, "electricity", another(&home.supplier));
        let gas_supplier = home.gas_supplier.as_ref().expect("a gas supplier");
        registers(&bench, home.mprn.as_ref().expect("a point"), "gas", another(gas_supplier));
    }
    bench.clock.step(SignedDuration::from_hours(24));
    for group in GROUPS {
        let home = bench.home(group);
        let parties = |old: &str| [Party::of(&bench, old), Party::of(&bench, another(old))];
        let [old, new] = parties(&home.supplier);
        changes_hands(&bench, home, (&old, &new), (home.esme, &home.mpan));
        let [old, new] = parties(home.gas_supplier.as_ref().expect("a gas supplier"));
        let (gsme, mprn) = (home.gsme.expect("a gas meter"), home.mprn.as_ref().expect("a point"));
        changes_hands(&bench, home, (&old, &new), (gsme, mprn));
    }
}
