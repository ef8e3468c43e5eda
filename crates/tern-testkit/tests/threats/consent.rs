//! What a party can do with a key that it should not have, or against its duty, before anything reaches a device.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;

use tern_model::{ChfIdentifier, DeviceId, Digest, Outcome, Role, SetId};
use tern_service::parties::{Party, SetTaken};
use tern_service::{ServiceFault, System, pki};
use tern_store::{Body, Store};
use tern_testkit::{Cut, Lab, LabPlan, Power, RawFile, receive, results};
use tern_wire::migration::{CommissioningFile, CommissioningInstallation, FileKind, FileName, MigrationHeader};
use tern_wire::role_link::{DcoOrder, DcoRequest, MasterKeyOf};

/// The DCO refuses by this rule whatever it is asked for an installation that it did not find viable.
const CONSENT: &str = "P-dco-consent";

/// A set that S1SP and DCO have judged and nobody has instructed, with an installation that the DCO alone refused (15.7) and
/// one that both found viable.
struct Judged {
    lab: Lab,
    system: System,
    set: SetId,
    header: MigrationHeader,
    refused_by_dco: ChfIdentifier,
    viable: ChfIdentifier,
}

fn judged() -> Judged {
    let plan = LabPlan { installations: 20, seed: 5, defects_permille: 500, faults: 0, set_size: 20 };
    let lab = Lab::new(plan, |_| {});
    let mut system = lab.open(&Power::new(Cut::Never)).expect("opens");
    let files = &lab.sets[0];
    let opened = files.open(&system.shared.trust, lab.now);
    let header = opened.common.file().expect("a Common File").head().migration_header.clone();
    let taken = system.dsp.take(&opened.laid.folder, system.shared.clock.today()).expect("takes");
    let SetTaken::Accepted { set, .. } = taken else { panic!("{taken:?}") };
    let from_dsp = sent(system.dsp.store());
    for (to, file) in &from_dsp {
        let party: &mut dyn Party = if to == "s1sp" { &mut system.s1sp } else { &mut system.dco };
        receive(party, Role::Dsp, file).expect("takes in");
    }
    for file in &files.files {
        if file.name.starts_with("MGF_") || file.name.starts_with("MGEF_") {
            receive(&mut system.s1sp, Role::RequestingParty, file).expect("takes in");
        }
        if file.name.starts_with("MGEF_") {
            receive(&mut system.dco, Role::RequestingParty, file).expect("takes in");
        }
    }
    let planted = |code: &str| lab.corpus.planted.iter().find(|p| p.code() == code).map(|p| p.chf);
    let refused_by_dco = planted("15.7").expect("a misplaced master key");
    let spoiled: BTreeSet<_> = lab.corpus.planted.iter().map(|p| p.chf).collect();
    let mut all = lab.corpus.devices.iter().map(|d| d.hub.chf);
    let viable = all.find(|chf| !spoiled.contains(chf)).expect("a healthy one");
    Judged { lab, system, set, header, refused_by_dco, viable }
}

/// What waits in an outbox: receiver and file.
fn sent(store: &dyn Store) -> Vec<(String, RawFile)> {
    let bytes = |body| match body {
        Body::Bytes(bytes) => bytes,
        Body::File { digest, .. } => std::fs::read(store.file(digest).expect("a file")).expect("reads"),
    };
    let unsent = store.unsent(64).expect("the outbox");
    unsent.into_iter().map(|(_, e)| (e.to, RawFile { name: e.message, bytes: bytes(e.body) })).collect()
}

impl Judged {
    /// SHA-256 of the report that a party would send.
    fn report(&mut self, role: Role) -> Digest {
        let party: &mut dyn Party = if role == Role::S1sp { &mut self.system.s1sp } else { &mut self.system.dco };
        let reports = sent(party.store());
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &reports[0].1.bytes);
        Digest(hash.as_ref().try_into().expect("32 bytes"))
    }

    /// A Commissioning File by whoever has the Commissioning Party's key.
    fn forged(&self, s1sp: Digest, dco: Digest, instructs: &[ChfIdentifier]) -> RawFile {
        let installation = |chf: &ChfIdentifier| CommissioningInstallation { chf_identifier: *chf };
        let message = CommissioningFile {
            migration_header: self.header.clone(),
            s1sp_viability_report_digest: s1sp,
            dco_viability_report_digest: dco,
            creation_date_time: self.lab.now,
            overlay: None,
            installations: instructs.iter().map(installation).collect(),
        };
        let signer = pki::load_signer(&self.lab.dir().join("pki"), "commissioning-party").expect("its key");
        let text = tern_wire::dsig::sign(&tern_wire::schema::write(&message), &signer).expect("signs");
        RawFile { name: FileName::OfSet(FileKind::CommissioningFile, self.set).to_string(), bytes: text.into_bytes() }
    }

    fn commission(&mut self) {
        let mut devices = self.lab.devices();
        self.system.commission(None, &mut devices, &AtomicBool::new(false), &mut |_| {}).expect("commissions");
    }

    fn esme(&self, chf: ChfIdentifier) -> DeviceId {
        self.lab.corpus.devices.iter().find(|d| d.hub.chf == chf).expect("is there").esme.device
    }
}

#[test]
fn an_instruction_that_the_dco_did_not_consent_to_ends_wholly_back() {
    let mut it = judged();
    let (bad, good) = (it.refused_by_dco, it.viable);
    let before = it.lab.world.snapshot(bad);
    let (s1sp, dco) = (it.report(Role::S1sp), it.report(Role::Dco));
    let forged = it.forged(s1sp, dco, &[bad, good]);
    receive(&mut it.system.s1sp, Role::CommissioningParty, &forged).expect("it is signed by the Commissioning Party");
    it.commission();
    let ends = results(&it.system, it.set);
    assert_eq!(ends[&bad], Some(Outcome::RolledBack { code: "B2".to_owned() }));
    assert!(matches!(ends[&good], Some(Outcome::Commissioned { .. })), "{:?}", ends[&good]);
    assert_eq!(it.lab.world.snapshot(bad), before, "what was begun is as it was");
}

#[test]
fn the_dco_gives_no_key_for_what_it_did_not_find_viable() {
    let mut it = judged();
    let other = SetId { counter: it.set.counter + 1, ..it.set };
    let (bad, good) = (it.refused_by_dco, it.viable);
    for (chf, device, set) in [
        (bad, it.esme(bad), it.set),
        (good, it.esme(good), other),
        (bad, it.esme(good), it.set),
        (good, it.esme(bad), it.set),
    ] {
        let asks = [
            DcoRequest::MakeCritical { instruction: vec![0; 13], under: MasterKeyOf::Smso, not_below: 0 },
            DcoRequest::VerifyCritical { under: MasterKeyOf::Smso, answer: vec![0; 40] },
            DcoRequest::FillKeyTransfer { instruction: vec![0; 80], sealed: vec![0; 256] },
            DcoRequest::PrepareMasterKey,
            DcoRequest::FillMasterKeyTransfer { instruction: vec![0; 50], under: MasterKeyOf::Smso, not_below: 0 },
            DcoRequest::Activate { evidence: vec![0; 40] },
            DcoRequest::Join { devices: Vec::new() },
            DcoRequest::RestoreMasterKey { evidence: vec![0; 40] },
            DcoRequest::QueryMasterKey,
        ];
        let orders = asks.map(|what| DcoOrder { set, chf, device, what });
        for answer in it.system.dco.obey(&orders, it.lab.now).expect("answers") {
            assert_eq!(answer.expect_err("no key").code, CONSENT);
        }
    }
    let order = DcoOrder { set: it.set, chf: good, device: it.esme(good), what: DcoRequest::QueryMasterKey };
    it.system.dco.obey(&[order], it.lab.now).expect("answers")[0].as_ref().expect("it consented to this one");
}

#[test]
fn an_instruction_on_another_report_is_set_aside() {
    let mut it = judged();
    let dco = it.report(Role::Dco);
    let forged = it.forged(dco, dco, &[it.viable]);
    let fault = receive(&mut it.system.s1sp, Role::CommissioningParty, &forged).expect_err("another report");
    assert!(matches!(&fault, ServiceFault::NotBelieved { why, .. } if why.contains("another report")), "{fault}");
    it.commission();
    let ends = results(&it.system, it.set);
    assert!(!ends.contains_key(&it.viable), "{:?}", ends.get(&it.viable));
}
