//! Somebody who has all that an S1SP has: its store, its key files, its certificates, and what it may say in its name.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;

use tern_model::{Outcome, Role, Secret};
use tern_service::executor::{InstallationRecord, KIND};
use tern_service::lanes::{LineLimits, Wan, over_tcp};
use tern_service::pki;
use tern_store::{Seal, SqliteView, StoreView};
use tern_testkit::attack::{Bytes16, Conversation, Line as DeviceLine, pair, title};
use tern_wire::role_link::{AssociationKeyTransfer, DcoOrder, DcoReply, DcoRequest, LinkRefusal};
use tern_wire::smki::Usage;
use tern_world::devices::WAN_FILE;

use super::Roles;
use super::line::{Line, identity, under};
use crate::support::Place;

/// The DCO's answer to an order.
pub type Told = Result<DcoReply, LinkRefusal>;

/// So many orders go in one batch, as the S1SP itself sends them.
const BATCH: usize = 256;

/// The thief, with one installation in mind.
pub struct Robbed<'p> {
    place: &'p Place,
    devices: SocketAddr,
    pub record: InstallationRecord,
    /// The link to the DCO, under the S1SP's certificate.
    dco: Line,
}

impl<'p> Robbed<'p> {
    /// All that the S1SP has, one for each installation that is commissioned. Its process is gone.
    pub fn all(place: &'p Place, roles: &mut Roles<'_>) -> Vec<Robbed<'p>> {
        roles.kill("s1sp");
        let store = SqliteView::open_read_only(&place.path("stores/s1sp.sqlite"), Role::S1sp).expect("its store");
        let records = store.scan(KIND, None, 1_000).expect("its records");
        let records = records.iter().map(|(_, record)| serde_json::from_slice(&record.body).expect("a record"));
        let robbed = |record: InstallationRecord| {
            assert!(matches!(record.migration.outcome(), Some(Outcome::Commissioned { .. })), "{:?}", record.migration);
            let dco = link(place);
            Robbed { place, devices: roles.devices(), record, dco }
        };
        records.map(robbed).collect()
    }

    /// An order about its installation.
    pub fn order(&self, what: DcoRequest) -> DcoOrder {
        let plan = &self.record.plan;
        DcoOrder { set: plan.set, chf: plan.chf, device: plan.esme.device, what }
    }

    /// Asks the DCO's process for one thing.
    pub fn asks(&mut self, what: DcoRequest) -> Told {
        let order = self.order(what);
        self.gives(&[order]).remove(0)
    }

    /// Gives the DCO's process orders, in batches.
    pub fn gives(&mut self, orders: &[DcoOrder]) -> Vec<Told> {
        orders.chunks(BATCH).flat_map(|batch| give(&mut self.dco, batch)).collect()
    }

    /// The line to its devices, in the `tern world`.
    pub fn line(&self) -> DeviceLine {
        let config = self.place.config();
        let wan = Wan::read(&self.place.path("world").join(WAN_FILE), self.devices.port()).expect("the address book");
        let dco = pki::load_signer(&self.pki(), "dco").expect("the DCO's certificate");
        let plan = &self.record.plan;
        let connect = over_tcp(wan, LineLimits::of(&config.commissioning));
        DeviceLine::new(connect, plan.chf, plan.esme.device, dco.certificate().party().0)
    }

    /// The management association, whose keys the S1SP has.
    pub fn management(&self) -> Conversation {
        let keys = self.record.keys.open(&self.seal(), &self.record.plan).expect("opens").s1sp;
        let keys = pair(*keys.encryption.expose(), *keys.authentication.expose());
        let s1sp = pki::load_signer(&self.pki(), "s1sp").expect("its key");
        self.line().management(title(s1sp.certificate().party().0), keys).expect("these keys are its own")
    }

    /// The key infrastructure, of which it reads its own keys and everybody's certificates.
    pub fn pki(&self) -> PathBuf {
        self.place.path("pki")
    }

    /// Keys of its own choice, sealed for the DCO, as it would seal those of B6.1.
    pub fn sealed(&self) -> Vec<u8> {
        let trust = pki::load_trust(&self.pki()).expect("everybody's certificates");
        let mut all = trust.certificates();
        let dco = all.find(|of| of.role() == Role::Dco && of.is_for(Usage::Encrypt)).expect("the DCO's certificate");
        dco.public_key().encrypt_oaep_sha1(&[7; AssociationKeyTransfer::LEN_BYTES]).expect("seals")
    }

    fn seal(&self) -> Seal {
        let bytes = std::fs::read(self.place.path("stores/s1sp.seal")).expect("its seal");
        Seal::new(&Secret::from_slice(&bytes).expect("32 bytes")).expect("a seal")
    }

    /// Every file of its own.
    pub fn files(&self) -> Vec<Vec<u8>> {
        let mut files = Vec::new();
        for folder in ["stores", "stores/s1sp.files", "pki/parties/s1sp"] {
            let Ok(entries) = std::fs::read_dir(self.place.path(folder)) else { continue };
            for entry in entries.map(|entry| entry.expect("an entry").path()) {
                let own =
                    folder != "stores" || entry.file_name().is_some_and(|n| n.to_string_lossy().starts_with("s1sp."));
                if own && entry.is_file() {
                    files.push(std::fs::read(entry).expect("reads"));
                }
            }
        }
        assert!(files.len() > 6, "only {} files", files.len());
        files
    }

    /// Keys that it has as keys, and whatever in its files and records may hide one: wraps that it relayed, and its seal.
    pub fn likely_keys(&self) -> BTreeSet<Bytes16> {
        let memory = &self.record.memory;
        let filled = memory.association_transfer.as_ref().expect("was filled");
        let seal = std::fs::read(self.place.path("stores/s1sp.seal")).expect("its seal");
        let keys = self.record.keys.open(&self.seal(), &self.record.plan).expect("opens");
        let own = [keys.s1sp, keys.smso];
        let own = own.iter().flat_map(|keys| [*keys.authentication.expose(), *keys.encryption.expose()]);
        [&filled.forward, &filled.back, &seal].into_iter().flat_map(|place| windows(place)).chain(own).collect()
    }
}

/// A link to the DCO's process of its own.
pub fn link(place: &Place) -> Line {
    Line::open(place, "dco", under(place, &identity(&place.path("pki"), "s1sp"), Role::Dco))
}

/// Gives one batch over a link.
pub fn give(link: &mut Line, batch: &[DcoOrder]) -> Vec<Told> {
    let body = serde_json::to_string(batch).expect("orders");
    let (status, answers) = link.tells("POST /orders", &body).expect("the DCO knows this certificate");
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&answers));
    let answers: Vec<Told> = serde_json::from_slice(&answers).expect("answers");
    assert_eq!(answers.len(), batch.len());
    answers
}

pub fn windows(place: &[u8]) -> Vec<Bytes16> {
    place.windows(16).map(|window| window.try_into().expect("16 bytes")).collect()
}

/// What the audit of the DCO says of each refusal, in order.
pub fn refusals(place: &Place) -> Vec<String> {
    let store = SqliteView::open_read_only(&place.path("stores/dco.sqlite"), Role::Dco).expect("its store");
    let (mut codes, mut after) = (Vec::new(), 0);
    loop {
        let page = store.audit(after, 1_000).expect("its audit");
        let Some(last) = page.last() else { return codes };
        after = last.number;
        let refused = page.iter().filter_map(|line| line.entry.action.strip_prefix("order refused under "));
        codes.extend(refused.map(|rest| rest.split(':').next().expect("a code").to_owned()));
    }
}
