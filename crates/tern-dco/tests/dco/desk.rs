//! A DCO on a store of its own, with one installation, and the ESME that it speaks to.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use aws_lc_rs::hmac;
use jiff::Timestamp;
use tempfile::TempDir;
use tern_dco::custody::{Custody, FileCustody, Keeper};
use tern_dco::{Dco, Package, Settings, Site};
use tern_dlms::apdu::{
    ActionRequest, ActionResponse, ActionResponseWithOptionalData, ActionResult, Apdu, DataAccessResult, GetRequest,
    GetResponse, InvokeIdAndPriority, SetResponse,
};
use tern_dlms::security::{Ciphering, Form, Key, Keys, Protection, unwrap_key};
use tern_dlms::{Codec, Data, SystemTitle};
use tern_model::{ChfIdentifier, DeviceId, DeviceKind, Eui64, GroupId, PartyId, Role, SecretBytes, SetId};
use tern_store::{Batch, Expect, SqliteStore, Store, StoreView};
use tern_wire::role_link::{DcoOrder, DcoReply, DcoRequest, LinkRefusal, MasterKeyOf};
use tern_wire::smki::issuing::{AuthorityRequest, Issued, Issuer, OrganisationRequest, Serial, Validity};
use tern_wire::smki::{Certificate, Decrypter, Usage};

pub const CHF: ChfIdentifier = ChfIdentifier(Eui64(0x00DB_1253_8000_0001));
pub const ESME: DeviceId = DeviceId(Eui64(0x00DB_1253_8000_0003));
pub const GSME: DeviceId = DeviceId(Eui64(0x00DB_1253_8000_0004));
pub const PPMID: DeviceId = DeviceId(Eui64(0x00DB_1253_8000_0005));
pub const TITLE: Eui64 = Eui64(0x90B3_D51F_3000_0002);
/// The master key that the file gave.
pub const MASTER: [u8; 16] = [0x4D; 16];
/// Get-request-normal of the Device ID.
pub const GET: [u8; 13] = [0xC0, 0x01, 0xC1, 0x00, 0x01, 0x00, 0x00, 0x60, 0x01, 0x00, 0xFF, 0x02, 0x00];

pub fn set() -> SetId {
    SetId { requesting_party: PartyId(Eui64(7)), group: GroupId::EA, counter: 1 }
}

pub fn moment(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

/// Made once: RSA keys take a while.
static KEYS: LazyLock<(Arc<Certificate>, Vec<u8>)> = LazyLock::new(|| {
    let validity = Validity { not_before: moment("2020-01-01T00:00:00Z"), not_after: moment("2040-01-01T00:00:00Z") };
    let serial = |number: u8| Serial::from_random([number; 16]);
    let authority = |common_name, number| AuthorityRequest { common_name, validity, serial: serial(number) };
    let (root, _) = Issuer::root(&authority("Test root", 0x7A)).expect("a root");
    let (issuing, _) = root.issuing_authority(&authority("Z1", 0x7B)).expect("an authority");
    let request = OrganisationRequest {
        common_name: "DCO",
        party: PartyId(TITLE),
        role: Role::Dco,
        usage: Usage::Encrypt,
        validity,
        serial: serial(0x76),
    };
    let Issued { certificate, key_pem } = issuing.issue(&request).expect("a certificate");
    (Arc::new(certificate), key_pem.expose().to_vec())
});

/// Seals for the DCO.
pub fn sealed(bytes: &[u8]) -> Vec<u8> {
    KEYS.0.public_key().encrypt_oaep_sha1(bytes).expect("seals")
}

pub fn custody() -> Box<dyn Custody> {
    Box::new(FileCustody::new(&SecretBytes::new(vec![0x6B; 32])).expect("a key"))
}

pub fn dco(custody: Box<dyn Custody>) -> Dco {
    let decrypter = Decrypter::from_pem(KEYS.0.clone(), &KEYS.1).expect("a key");
    let settings = Settings { title: TITLE, system_change: "2020-09-25".parse().expect("a day"), rollback_days: 14 };
    Dco::new(Keeper::new(custody, None), Arc::new(decrypter), settings)
}

/// The DCO, its store, and a clock.
pub struct Desk {
    pub dco: Dco,
    pub store: SqliteStore,
    pub now: Timestamp,
    path: PathBuf,
    _dir: TempDir,
}

impl Desk {
    /// With the package and the devices of one installation.
    pub fn new() -> Desk {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("dco.sqlite");
        let mut store = SqliteStore::open(&path, Role::Dco).expect("a store");
        let dco = dco(custody());
        let master = SecretBytes::new(MASTER.to_vec());
        let package = Package::of_file(set(), CHF, ESME, &master, dco.custody()).expect("a package");
        let devices = vec![
            (CHF.into(), DeviceKind::Chf),
            (ESME, DeviceKind::Esme),
            (GSME, DeviceKind::Gsme),
            (PPMID, DeviceKind::Ppmid),
        ];
        let site = Site { set: set(), chf: CHF, devices, import_mpan: None, mprn: None, certificates: Vec::new() };
        let puts = vec![package.put(Expect::Absent).expect("a body"), site.put().expect("a body")];
        store.commit(&Batch { puts, ..Batch::default() }).expect("durable");
        Desk { dco, store, now: moment("2021-03-02T12:00:00Z"), path, _dir: dir }
    }

    /// The file gave the same master key under another set too.
    pub fn has_a_package_under(&mut self, set: SetId) {
        let master = SecretBytes::new(MASTER.to_vec());
        let package = Package::of_file(set, CHF, ESME, &master, self.dco.custody()).expect("a package");
        let puts = vec![package.put(Expect::Absent).expect("a body")];
        self.store.commit(&Batch { puts, ..Batch::default() }).expect("durable");
    }

    /// The same after a crash.
    pub fn reopened(mut self) -> Desk {
        let elsewhere = tempfile::tempdir().expect("a folder");
        let placeholder = SqliteStore::open(&elsewhere.path().join("x.sqlite"), Role::Dco).expect("a store");
        drop(std::mem::replace(&mut self.store, placeholder));
        self.store = SqliteStore::open(&self.path, Role::Dco).expect("opens again");
        self
    }

    pub fn order(what: DcoRequest) -> DcoOrder {
        DcoOrder { set: set(), chf: CHF, device: ESME, what }
    }

    pub fn ask(&mut self, what: DcoRequest) -> Result<DcoReply, LinkRefusal> {
        self.obey(&[Desk::order(what)]).remove(0)
    }

    pub fn obey(&mut self, orders: &[DcoOrder]) -> Vec<Result<DcoReply, LinkRefusal>> {
        self.dco.obey(&mut self.store, orders, &|_, _| Ok(true), self.now).expect("the world does not fail")
    }

    /// What the audit says.
    pub fn audit(&self) -> Vec<tern_store::AuditRow> {
        self.store.audit(0, 10_000).expect("reads")
    }

    /// The package of a device.
    pub fn package(&self, device: DeviceId) -> Option<Package> {
        let site = Site::find(&self.store, set(), CHF).expect("reads").expect("a site");
        site.package(&self.store, device).expect("reads").map(|(package, _)| package)
    }
}

const INVOKE: InvokeIdAndPriority = InvokeIdAndPriority(0xC1);

/// An ESME with a master key, as its maker would build it.
pub struct Meter {
    pub ciphering: Ciphering,
    pub counter: u32,
}

impl Meter {
    pub fn holding(master: &[u8]) -> Meter {
        Meter::of(ESME, master)
    }

    /// Another one.
    pub fn of(device: DeviceId, master: &[u8]) -> Meter {
        let title = SystemTitle(device.0.0.to_be_bytes());
        let key = |name: &str| {
            let key = hmac::Key::new(hmac::HMAC_SHA256, master);
            let tag = hmac::sign(&key, &[name.as_bytes(), &title.0].concat());
            Key::of(&tag.as_ref()[..16]).expect("16 bytes")
        };
        let keys =
            Keys { encryption: key("tern critical encryption"), authentication: key("tern critical authentication") };
        Meter { ciphering: Ciphering { keys, own: title, peer: SystemTitle(TITLE.0.to_be_bytes()) }, counter: 1_000 }
    }

    /// Another master key is in force from now on; its answers are counted on.
    pub fn holds(&mut self, master: &[u8]) {
        self.ciphering = Meter::holding(master).ciphering;
    }

    /// Opens a get of the Device ID; gives its number.
    pub fn hears(&self, apdu: &[u8]) -> Option<u32> {
        let opened = self.ciphering.open(apdu).ok()?;
        assert_eq!(opened.apdu, GET);
        assert!(matches!(Apdu::decode(&opened.apdu), Ok(Apdu::GetRequest(GetRequest::Normal { .. }))));
        Some(opened.invocation_counter)
    }

    /// Opens a transfer of a master key; its number, and the key as it is wrapped.
    pub fn takes(&self, apdu: &[u8]) -> (u32, Vec<u8>) {
        let opened = self.ciphering.open(apdu).expect("is under this meter's critical keys");
        assert_eq!(opened.protection, Protection::AuthenticatedEncrypted);
        let mut keys = wrapped(&opened.apdu);
        assert_eq!(keys.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [3]);
        (opened.invocation_counter, keys.remove(0).1)
    }

    /// Says what became of a method.
    pub fn did(&mut self, result: ActionResult) -> Vec<u8> {
        let response = ActionResponseWithOptionalData { result, returned: None };
        self.seals(Form::General, Apdu::ActionResponse(ActionResponse::Normal { invoke: INVOKE, response }))
    }

    /// Says what became of attributes.
    pub fn wrote(&mut self, results: &[DataAccessResult]) -> Vec<u8> {
        let response = match results {
            [result] => SetResponse::Normal { invoke: INVOKE, result: *result },
            results => SetResponse::WithList { invoke: INVOKE, results: results.to_vec() },
        };
        self.seals(Form::General, Apdu::SetResponse(response))
    }

    /// Tells its Device ID.
    pub fn answers(&mut self) -> Vec<u8> {
        self.answers_in(Form::General)
    }

    pub fn answers_in(&mut self, form: Form) -> Vec<u8> {
        self.says(form, Data::octets(self.ciphering.own.0))
    }

    pub fn tells(&mut self, data: Data) -> Vec<u8> {
        self.says(Form::General, data)
    }

    fn says(&mut self, form: Form, data: Data) -> Vec<u8> {
        self.seals(form, Apdu::GetResponse(GetResponse::Normal { invoke: INVOKE, result: Ok(data) }))
    }

    fn seals(&mut self, form: Form, response: Apdu) -> Vec<u8> {
        self.counter += 1;
        let protection = Protection::AuthenticatedEncrypted;
        self.ciphering.seal(form, protection, self.counter, &response.to_bytes()).expect("seals")
    }
}

/// A key transfer of these ids, without keys.
pub fn transfer(ids: &[u8]) -> Vec<u8> {
    let head = [0xC3, 0x01, 0xC1, 0x00, 0x40, 0x00, 0x00, 0x2B, 0x00, 0x00, 0xFF, 0x02, 0x01, 0x01];
    let key = |id: &u8| [&[0x02, 0x02, 0x16, *id, 0x09, 24][..], &[0; 24]].concat();
    [&head[..], &[ids.len() as u8], &ids.iter().flat_map(key).collect::<Vec<_>>()].concat()
}

/// What the DCO is asked for to replace the master key that the device holds.
pub fn replace(under: MasterKeyOf) -> DcoRequest {
    DcoRequest::FillMasterKeyTransfer { instruction: transfer(&[3]), under, not_below: 0 }
}

/// The wrapped keys of a filled key transfer, by id.
pub fn wrapped(apdu: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let Ok(Apdu::ActionRequest(ActionRequest::Normal { parameters: Some(Data::Array(keys)), .. })) = Apdu::decode(apdu)
    else {
        panic!("no key transfer")
    };
    let key = |data: &Data| {
        let [id, octets] = data.as_structure::<2>().expect("a key");
        (id.as_enum().expect("an id"), octets.as_octets().expect("octets").to_vec())
    };
    keys.iter().map(key).collect()
}

pub fn opened(under: &[u8], wrapped: &[u8]) -> [u8; 16] {
    *unwrap_key(&Key::of(under).expect("a key"), wrapped).expect("opens").expose()
}

/// Tests' stores of releases before this one.
pub fn committed(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/stores").join(name)
}
