//! Two simulated installations for the tests of this crate.

use std::path::Path;

use tern_model::{CertificateId, ChfIdentifier, DeviceId, DeviceModel, Eui64, Secret};
use tern_wire::role_link::AssociationKeys;
use tern_world::devices::{Esme, Estate, Fault, FaultKind, FaultRow, Gsme, Hub, Installation, Times, World};

/// Dual fuel.
pub const DUAL: ChfIdentifier = ChfIdentifier(Eui64(0x00DB_1234_0000_0001));
/// Electricity alone.
pub const SINGLE: ChfIdentifier = ChfIdentifier(Eui64(0x00DB_1234_0000_0002));

/// The SMSO's association keys of the dual-fuel installation.
pub fn smso_keys() -> AssociationKeys {
    AssociationKeys { authentication: Secret::new([1; 16]), encryption: Secret::new([2; 16]) }
}

/// Keys that the device never saw.
pub fn new_keys() -> AssociationKeys {
    AssociationKeys { authentication: Secret::new([11; 16]), encryption: Secret::new([12; 16]) }
}

/// The master key that both installations start with.
pub fn smso_master() -> Secret<16> {
    Secret::new([3; 16])
}

pub fn smso_certificate() -> CertificateId {
    CertificateId::from_parts(82, "CN=Z1,OU=07")
}

pub fn esme(chf: ChfIdentifier) -> DeviceId {
    DeviceId(Eui64(chf.0.0 + 0x100))
}

pub fn gsme(chf: ChfIdentifier) -> DeviceId {
    DeviceId(Eui64(chf.0.0 + 0x200))
}

pub fn model(name: &str) -> DeviceModel {
    DeviceModel { manufacturer: "Maker".to_owned(), model: name.to_owned(), firmware: "1.0".to_owned() }
}

fn installation(chf: ChfIdentifier, with_gas: Option<Gsme>) -> Installation {
    let hub = Hub {
        chf,
        gpf: DeviceId(Eui64(chf.0.0 + 0x300)),
        model: model("hub"),
        apn: "smso.apn".to_owned(),
        whitelist: vec![esme(chf)],
        certificate: smso_certificate(),
    };
    let meter = Esme {
        device: esme(chf),
        model: model("meter"),
        certificate: smso_certificate(),
        association: smso_keys(),
        master: smso_master(),
    };
    Installation::new(hub, meter, with_gas, Vec::new())
}

/// Both installations.
pub fn installations() -> Vec<Installation> {
    let gas = Gsme { device: gsme(DUAL), model: model("gas"), certificate: smso_certificate(), pins: None };
    vec![installation(DUAL, Some(gas)), installation(SINGLE, None)]
}

/// Opens a new world of both installations in `dir`.
pub fn world(dir: &Path) -> World {
    World::create(dir, &Estate::of(installations())).expect("creates");
    World::open(dir).expect("opens")
}

pub fn fault(chf: ChfIdentifier, kind: FaultKind, row: &str, times: Times) -> Fault {
    Fault { chf, kind, row: FaultRow::new(row), times }
}
