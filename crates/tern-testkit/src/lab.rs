//! A laboratory: a whole small Tern in a folder, from key infrastructure to file sets and simulated devices, to run flows on.
//!
//! Everything in it is real but the line to the devices, which is a function call. The key infrastructure is made once for
//! a process and copied, as RSA keys take their time.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use tempfile::TempDir;
use tern_cohorts::SiteAssociations;
use tern_model::{ChfIdentifier, ConfiguredAssociations, GroupId, Outcome, Role, Secret, SetId};
use tern_rules::{Books, Rulebook};
use tern_service::clock::{Clock, VirtualClock};
use tern_service::config::Config;
use tern_service::executor::Returned;
use tern_service::facts::FactsIndex;
use tern_service::lanes::{Connect, DeviceOrder, Devices, S1spIdentity, carry_out};
use tern_service::requesting_party::{self, Counters, ExportFile, Recipients, Request, WithoutCertificate};
use tern_service::{ServiceFault, System, pki};
use tern_store::{Seal, SqliteStore, Store};
use tern_wire::schema::SchemaVersion;
use tern_wire::smki::{DeviceCertificate, DeviceKey, Trust, Usage};
use tern_wire::xml::Limits;
use tern_world::corpus::{self, Corpus, Defect, HubIdentity, Plan, SmsoParty};
use tern_world::devices::{Estate, Known, LogRecord, World, read_log};
use tern_world::dlms::Loopback;
use tern_world::smso::{ExportOrder, Keys, Records, export};

use crate::file_set::{FileSet, RawFile, take};
use crate::{CrashingStore, Power};

/// What the laboratory is to hold.
#[derive(Debug, Clone, Copy)]
pub struct LabPlan {
    /// How many installations.
    pub installations: usize,
    /// Seed of the corpus.
    pub seed: u64,
    /// Installations in 1,000 with a planted defect.
    pub defects_permille: usize,
    /// Installations with a device fault.
    pub faults: usize,
    /// Installations in one set.
    pub set_size: usize,
}

/// A small Tern in a folder.
pub struct Lab {
    dir: TempDir,
    /// The moment at which everything takes place.
    pub now: Timestamp,
    /// What was invented.
    pub corpus: Arc<Corpus>,
    /// The SMSO's export files, of which the sets were built.
    pub exports: Vec<RawFile>,
    /// The sets, in counter order.
    pub sets: Vec<FileSet>,
    /// The devices.
    pub world: Arc<World>,
}

/// What was exported in the clear, and what was built of it.
pub struct Plaintext {
    /// The exports: device keys stand in them.
    pub exports: Vec<RawFile>,
    /// The sets: none stands here.
    pub sets: Vec<FileSet>,
}

/// The moment at which laboratories take place: a Tuesday after the FOC text.
const NOW: &str = "2021-03-02T09:00:00Z";

impl Lab {
    /// Makes a laboratory; `arrange` may change the corpus before anything is made from it.
    ///
    /// # Panics
    /// Something that a test relies on cannot be made.
    #[must_use]
    pub fn new(plan: LabPlan, arrange: impl FnOnce(&mut Corpus)) -> Lab {
        Lab::of(plan, &Defect::USUAL, &[GroupId::EA], arrange)
    }

    /// As [`Lab::new`], with these kinds of defect and these groups in rotation.
    ///
    /// # Panics
    /// As [`Lab::new`].
    #[must_use]
    pub fn of(plan: LabPlan, defects: &[Defect], groups: &[GroupId], arrange: impl FnOnce(&mut Corpus)) -> Lab {
        Lab::under(&Rulebook::published(), plan, (defects, groups), arrange)
    }

    /// The same, with exports and sets as they are made under a rulebook.
    pub fn under(
        rulebook: &Rulebook,
        plan: LabPlan,
        (defects, groups): (&[Defect], &[GroupId]),
        arrange: impl FnOnce(&mut Corpus),
    ) -> Lab {
        let dir = folder();
        let now: Timestamp = NOW.parse().expect("a moment");
        let pki_dir = dir.path().join("pki");
        copy(key_infrastructure(), &pki_dir);
        let trust = pki::load_trust(&pki_dir).expect("trust");
        let corpus = invent((plan, defects, groups), &pki_dir, &trust, now, arrange);
        corpus.write(dir.path()).expect("writes the corpus");
        let books = rulebook.on(tern_model::london_day(now));
        let exports = export_files(plan, dir.path(), &corpus, &trust, (now, books));
        let sets = build_sets(plan.set_size, dir.path(), dir.path(), &exports, (now, books));
        let world = Arc::new(World::open(&dir.path().join("world")).expect("the devices"));
        Lab { dir, now, corpus: Arc::new(corpus), exports, sets, world }
    }

    /// The same once more as it stands now, stores and devices too, with a folder of its own; nobody may be at work in it.
    ///
    /// # Panics
    /// It cannot be copied.
    #[must_use]
    pub fn fork(&self) -> Lab {
        let dir = folder();
        for part in ["pki", "facts", "stores", "world"] {
            copy(&self.dir().join(part), &dir.path().join(part));
        }
        let world = Arc::new(World::open(&dir.path().join("world")).expect("the devices"));
        let (now, corpus) = (self.now, self.corpus.clone());
        Lab { dir, now, corpus, exports: self.exports.clone(), sets: self.sets.clone(), world }
    }

    /// Its folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// Its configuration: everything by default, at its own moment.
    #[must_use]
    pub fn config(&self) -> Config {
        Config { root: self.dir().to_owned(), ..Config::default() }
    }

    /// The facts of its corpus.
    ///
    /// # Panics
    /// They cannot be read.
    #[must_use]
    pub fn facts(&self) -> FactsIndex {
        tern_service::facts::load(&self.dir().join("facts")).expect("facts").facts
    }

    /// The same installations as those of a group that may be exported with keys in the clear: the export, and the set that is built of
    /// it, in a folder of their own.
    ///
    /// # Panics
    /// They cannot be made.
    #[must_use]
    pub fn plaintext(&self, group: GroupId) -> Plaintext {
        let out = self.dir().join(format!("plaintext-{group}"));
        let (_, records) = self.corpus.smsos.first().expect("an SMSO");
        let mut records = Records { installations: records.installations.clone(), keys: records.keys.clone() };
        records.installations.iter_mut().for_each(|record| record.group_id = group);
        let signer = pki::load_signer(&self.dir().join("pki"), "smso").expect("the SMSO's key");
        let size = records.installations.len();
        let order = ExportOrder {
            reference: "PLAIN",
            at: self.now,
            schema: SchemaVersion::V12,
            size,
            signer: &signer,
            keys: Keys::Plaintext,
        };
        let exports = export(&records, &order, &out.join("exports"), &|| {}).expect("exports");
        let exports = raw(exports);
        let rulebook = Rulebook::published();
        let books = rulebook.on(tern_model::london_day(self.now));
        let sets = build_sets(size, self.dir(), &out, &exports, (self.now, books));
        Plaintext { exports, sets }
    }

    /// Opens the system, with every store on one power.
    ///
    /// # Errors
    /// As [`System::open_with`].
    pub fn open(&self, power: &Power) -> Result<System, ServiceFault> {
        self.open_at(self.now, power)
    }

    /// As [`Lab::open`], at another moment.
    ///
    /// # Errors
    /// As [`System::open_with`].
    pub fn open_at(&self, at: Timestamp, power: &Power) -> Result<System, ServiceFault> {
        self.open_with(self.config(), Arc::new(VirtualClock::starting_at(at)), power)
    }

    /// As [`Lab::open`], with another configuration and clock.
    ///
    /// # Errors
    /// As [`System::open_with`].
    pub fn open_with(&self, config: Config, clock: Arc<dyn Clock>, power: &Power) -> Result<System, ServiceFault> {
        System::open_with(config, self.facts(), clock, &|path: &Path, role: Role| {
            let store: Box<dyn Store> = Box::new(CrashingStore::new(SqliteStore::open(path, role)?, power));
            Ok(store)
        })
    }

    /// The devices as an executor reaches them.
    #[must_use]
    pub fn devices(&self) -> DirectDevices {
        self.devices_over(self.connect())
    }

    /// The way to connect to its devices: a conversation in memory, with the very code that answers over TCP.
    #[must_use]
    pub fn connect(&self) -> Connect {
        let world = self.world.clone();
        Arc::new(move |chf| Ok(Box::new(Loopback::connect(&world, chf)?)))
    }

    /// The devices, reached in another way.
    ///
    /// # Panics
    /// The S1SP's key cannot be read.
    #[must_use]
    pub fn devices_over(&self, connect: Connect) -> DirectDevices {
        DirectDevices::new(connect, self.identity())
    }

    /// The S1SP as its devices know it.
    ///
    /// # Panics
    /// The S1SP's key cannot be read.
    #[must_use]
    pub fn identity(&self) -> S1spIdentity {
        let dir = self.dir().join("pki");
        let signer = Arc::new(pki::load_signer(&dir, "s1sp").expect("the S1SP's key"));
        S1spIdentity { signer, trust: pki::load_trust(&dir).expect("trust") }
    }

    /// The highest transaction that a hub heard, for itself or for what is behind it.
    ///
    /// # Panics
    /// There is no such hub, or the devices' own log cannot be read.
    #[must_use]
    pub fn transaction_heard(&self, chf: ChfIdentifier) -> u64 {
        let log = read_log(&self.world.dir().join(tern_world::devices::LOG_FILE)).expect("the log");
        let of = |record: LogRecord| match record {
            LogRecord::Transaction(transaction) if transaction.chf == chf => transaction.number,
            _ => 0,
        };
        log.into_iter().map(of).max().unwrap_or(0)
    }

    /// The key of a hub's DeviceCertificate, as the SMSO exports it.
    ///
    /// # Panics
    /// There is no such hub, or its certificate is none.
    #[must_use]
    pub fn hub_key(&self, chf: ChfIdentifier) -> DeviceKey {
        let mut records = self.corpus.smsos.iter().flat_map(|(_, records)| &records.installations);
        let record = records.find(|record| record.chf_identifier == chf).expect("its record");
        let digits = record
            .device_certificate
            .as_ref()
            .expect("FOC's hubs have one")
            .as_bytes()
            .chunks(2)
            .map(|pair| str::from_utf8(pair).expect("text"));
        let der: Vec<u8> = digits.map(|pair| u8::from_str_radix(pair, 16).expect("hexadecimal")).collect();
        DeviceKey::of(&DeviceCertificate::from_der(&der).expect("a certificate")).expect("a key")
    }

    /// The S1SP's sealing key, as whoever has its disk has it.
    ///
    /// # Panics
    /// It cannot be read.
    #[must_use]
    pub fn s1sp_seal(&self) -> Seal {
        let config = self.config();
        let file = config.path(config.roles.s1sp.seal.as_deref().expect("a seal file"));
        let key = std::fs::read(file).expect("the S1SP's seal");
        Seal::new(&Secret::from_slice(&key).expect("32 bytes")).expect("a seal")
    }

    /// Takes every set in, in counter order, and commissions it.
    ///
    /// # Errors
    /// A store crashed, or anything else of the service.
    pub fn migrate(&self, system: &mut System, devices: &mut dyn Devices) -> Result<(), ServiceFault> {
        for set in &self.sets {
            take(system, set)?;
            system.commission(None, devices, &std::sync::atomic::AtomicBool::new(false), &mut |_| {})?;
        }
        Ok(())
    }

    /// Forgets stores and device state, so that the same sets can be migrated from the beginning.
    ///
    /// # Panics
    /// The files cannot be removed.
    pub fn reset(&mut self) {
        let stores = self.dir().join("stores");
        if stores.exists() {
            std::fs::remove_dir_all(&stores).expect("forgets the stores");
        }
        // The world holds a lock on its folder, so it goes before its successor comes.
        let log = self.dir().join("world").join(tern_world::devices::LOG_FILE);
        let initial = self.dir().join("world");
        let emptied = folder();
        World::create(&emptied.path().join("world"), &Estate::of(Vec::new())).expect("a placeholder");
        self.world = Arc::new(World::open(&emptied.path().join("world")).expect("a placeholder"));
        if log.exists() {
            std::fs::remove_file(&log).expect("forgets the effects");
        }
        self.world = Arc::new(World::open(&initial).expect("the devices"));
    }
}

/// What devices open where nothing is configured of their models.
#[must_use]
pub fn own_associations(group: GroupId) -> SiteAssociations {
    SiteAssociations::of_models(&tern_cohorts::associations(ConfiguredAssociations::default()), group, [None; 3])
}

/// How every installation of a set stands, at once: laboratories are small.
///
/// # Panics
/// A store cannot be read.
#[must_use]
pub fn results(system: &System, set: SetId) -> BTreeMap<ChfIdentifier, Option<Outcome>> {
    system.results(set).collect::<Result<_, _>>().expect("results")
}

/// The devices in the same process, one row after the other.
pub struct DirectDevices {
    connect: Connect,
    identity: S1spIdentity,
    returned: Vec<Returned>,
}

impl DirectDevices {
    /// Devices that are reached so, by the S1SP as they know it.
    #[must_use]
    pub fn new(connect: Connect, identity: S1spIdentity) -> DirectDevices {
        DirectDevices { connect, identity, returned: Vec::new() }
    }
}

impl Devices for DirectDevices {
    fn call(&mut self, orders: Vec<DeviceOrder>) -> Result<(), ServiceFault> {
        self.returned.extend(orders.iter().map(|order| carry_out(order, &self.connect, &self.identity)));
        Ok(())
    }

    fn collect(&mut self, _wait: bool) -> Result<Vec<Returned>, ServiceFault> {
        Ok(std::mem::take(&mut self.returned))
    }
}

fn invent(
    (plan, defects, groups): (LabPlan, &[Defect], &[GroupId]),
    pki_dir: &Path,
    trust: &Trust,
    now: Timestamp,
    arrange: impl FnOnce(&mut Corpus),
) -> Corpus {
    let of = |role| -> Vec<_> {
        let mut parties: Vec<_> = trust.usable(role, None, Usage::Sign, now).iter().map(|c| c.party()).collect();
        parties.sort_unstable();
        parties
    };
    let smso = trust.usable(Role::Smso, None, Usage::Sign, now);
    let smsos: Vec<_> = smso
        .iter()
        .map(|c| SmsoParty { name: "smso".to_owned(), party: c.party(), certificate: c.id().clone() })
        .collect();
    let issuer = pki::load_issuer(pki_dir).expect("the issuing authority");
    let (suppliers, network_operators) = (of(Role::Supplier), of(Role::NetworkOperator));
    let plan = Plan {
        installations: plan.installations,
        seed: plan.seed,
        defects_permille: plan.defects_permille,
        defects,
        faults: plan.faults,
        day: tern_model::london_day(now),
        suppliers: &suppliers,
        network_operators: &network_operators,
        groups,
        smsos: &smsos,
        s1sp: trust.usable(Role::S1sp, None, Usage::Sign, now).first().expect("the S1SP's certificate").id().clone(),
        to_plan: None,
    };
    let mut corpus = corpus::generate(&plan, &mut |chf, chance| {
        let issued = pki::device_certificate(&issuer, chf, chance, now);
        issued.map(HubIdentity::from).map_err(|e| e.to_string())
    })
    .expect("a corpus");
    corpus.known = Known::of(&pki::load_authorities(pki_dir).expect("the authorities"), trust, now);
    arrange(&mut corpus);
    corpus
}

fn export_files(
    plan: LabPlan,
    dir: &Path,
    corpus: &Corpus,
    trust: &Trust,
    (now, books): (Timestamp, Books<'_>),
) -> Vec<RawFile> {
    let encryption = |role| trust.usable(role, None, Usage::Encrypt, now).first().expect("a certificate").clone();
    let (s1sp, dco) = (encryption(Role::S1sp), encryption(Role::Dco));
    let signer = pki::load_signer(&dir.join("pki"), "smso").expect("the SMSO's key");
    let (_, records) = corpus.smsos.first().expect("an SMSO");
    let keys = Keys::Encrypted { s1sp: &s1sp, dco: &dco };
    let (schema, size) = (tern_rules::schema_version(books), plan.set_size);
    let order = ExportOrder { reference: "LAB", at: now, schema, size, signer: &signer, keys };
    let exports = export(records, &order, &dir.join("exports"), &|| {}).expect("exports");
    raw(exports)
}

fn raw(exports: Vec<tern_world::smso::ExportFile>) -> Vec<RawFile> {
    let bytes = |path: &Path| std::fs::read(path).expect("the export");
    exports.into_iter().map(|e| RawFile { name: e.name.to_string(), bytes: bytes(&e.path) }).collect()
}

/// Builds sets of exports; both lie in `out`.
fn build_sets(
    size: usize,
    dir: &Path,
    out: &Path,
    exports: &[RawFile],
    (now, books): (Timestamp, Books<'_>),
) -> Vec<FileSet> {
    let pki_dir = dir.join("pki");
    let trust = pki::load_trust(&pki_dir).expect("trust");
    let paths: Vec<_> = exports.iter().map(|e| out.join("exports").join(&e.name)).collect();
    for (path, export) in paths.iter().zip(exports) {
        std::fs::write(path, &export.bytes).expect("writes the export");
    }
    let files: Vec<_> = exports.iter().zip(&paths).map(|(e, path)| ExportFile { name: &e.name, path }).collect();
    let facts = tern_service::facts::load(&dir.join("facts")).expect("facts").facts;
    let signer = pki::load_signer(&pki_dir, "requesting-party").expect("the Requesting Party's key");
    let (mut counters, sets) = (Counters::default(), out.join("sets"));
    let built = requesting_party::build(
        &Request {
            exports: &files,
            facts: &facts,
            trust: &trust,
            signer: &signer,
            day: tern_model::london_day(now),
            now,
            books,
            limits: &Limits::default(),
            settings: requesting_party::Settings {
                installations_max: NonZeroUsize::new(size).expect("a size"),
                without_certificate: WithoutCertificate::NullCertificateId,
            },
            out: &sets,
            recipients: Recipients { s1sp: "s1sp", dco: "dco" },
            progress: &|_| {},
        },
        &mut counters,
    )
    .expect("sets");
    requesting_party::write(&built, &counters, &sets).expect("writes the sets");
    FileSet::find(&sets).expect("finds the sets")
}

/// A folder in memory where there is one: crashes here are of the process, never of the disk, so an fsync need not cost.
pub(crate) fn folder() -> TempDir {
    TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).expect("a folder")
}

/// One key infrastructure for the whole process.
fn key_infrastructure() -> &'static Path {
    static MADE: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = MADE.get_or_init(|| {
        let dir = TempDir::new().expect("a folder");
        let path = dir.path().join("pki");
        pki::init(&path, Some("2020-01-01".parse().expect("a day")), NOW.parse().expect("a moment")).expect("keys");
        (dir, path)
    });
    path
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    std::fs::set_permissions(to, std::fs::metadata(from).expect("permissions").permissions()).expect("permissions");
    for entry in std::fs::read_dir(from).expect("lists") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), &target).expect("copies");
        }
    }
}
