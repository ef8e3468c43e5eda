//! Two simulated installations for the tests of this crate.

use std::path::Path;

use tern_model::{CertificateId, ChfIdentifier, DeviceId, DeviceModel, Eui64, Secret};
use tern_wire::device_link::{AssociationKeys, Call, DeviceError, Reply, Row};
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
    let gas = Gsme { device: gsme(DUAL), model: model("gas"), certificate: smso_certificate() };
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

/// An effect key as the engine makes them.
pub fn key(chf: ChfIdentifier, row: &str, direction: &str, n: u32) -> String {
    format!("{chf}/1/{row}/{direction}/{n}")
}

/// Calls and gives what came back; `None` is a lost answer.
pub fn ask(world: &World, chf: ChfIdentifier, key: &str, row: Row) -> Option<Result<Reply, DeviceError>> {
    world.call(&Call { id: 7, key: key.to_owned(), chf, row }).map(|answer| answer.result)
}

/// [`Row::ReplaceAssociationKeys`] as a holder of `keys` and `master` asks for it.
pub fn replace_keys(
    chf: ChfIdentifier,
    key: &str,
    keys: &AssociationKeys,
    master: &Secret<16>,
    new: &AssociationKeys,
) -> Row {
    let wrap = |key| tern_wire::device_link::wrap_key(master, key).expect("wraps");
    let (authentication, encryption) = (wrap(&new.authentication), wrap(&new.encryption));
    let proof = keys.prove(esme(chf), key, &[authentication.as_slice(), &encryption].concat());
    Row::ReplaceAssociationKeys { proof, authentication, encryption }
}

/// [`Row::ReplaceMasterKey`] as a holder of `keys` and `master` asks for it.
pub fn replace_master(
    chf: ChfIdentifier,
    key: &str,
    keys: &AssociationKeys,
    master: &Secret<16>,
    new: &Secret<16>,
) -> Row {
    let master = tern_wire::device_link::wrap_key(master, new).expect("wraps");
    Row::ReplaceMasterKey { proof: keys.prove(esme(chf), key, &master), master }
}
