//! The SMSO's export: what it holds, for whom, and that no key is in it for anybody else.

use std::collections::HashSet;
use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use jiff::civil::date;
use tern_dlms::client::{Association, Client, ClientError, Ports};
use tern_dlms::{AttributeDescriptor, ClassId, LogicalName, SystemTitle};
use tern_model::{ChfIdentifier, DeviceId, Eui64, GroupId, PartyId, Place, Role, Secret};
use tern_wire::migration::{
    DecryptedMasterKey, DecryptedS1spDpGroupInformation, EncryptedBlobHolder, ExportInstallation, SmsoExport,
};
use tern_wire::schema::{Message, Quoting, SchemaVersion, read};
use tern_wire::smki::issuing::{
    AuthorityRequest, DeviceRequest, Issuer, OrganisationRequest, RevocationListRequest, Serial, Validity,
};
use tern_wire::smki::{Certificate, Decrypter, DeviceCertificate, Signer, Trust, Usage};
use tern_wire::xml::{self, Limits};
use tern_wire::{dsig, xenc};
use tern_world::corpus::{Corpus, Defect, HubIdentity, Plan, PlantedKind, SmsoParty, generate};
use tern_world::devices::World;
use tern_world::dlms::{Loopback, client, critical_keys, server};
use tern_world::smso::{
    ExportFile, ExportOrder, InstallationRecord, KeyRecord, Keys, RecordFiles, Records, Source, export,
};

const SMSO: PartyId = PartyId(Eui64(0x90B3_D51F_3000_A001));

fn now() -> Timestamp {
    "2026-03-02T12:00:00Z".parse().expect("a moment")
}

/// A key infrastructure with the parties that an export concerns.
struct Parties {
    issuer: Issuer,
    validity: Validity,
    trust: Trust,
    smso: Signer,
    s1sp: Decrypter,
    dco: Decrypter,
}

/// Made once: RSA keys take a while.
static PARTIES: LazyLock<Parties> = LazyLock::new(parties);

fn parties() -> Parties {
    let moment = |text: &str| -> Timestamp { text.parse().expect("a moment") };
    let validity = Validity { not_before: moment("2025-01-01T00:00:00Z"), not_after: moment("2035-01-01T00:00:00Z") };
    let serial = |number| Serial::from_random([number; 16]);
    let authority = |common_name, number| AuthorityRequest { common_name, validity, serial: serial(number) };
    let (root, _) = Issuer::root(&authority("Test root", 1)).expect("a root");
    let (issuer, _) = root.issuing_authority(&authority("Z1", 2)).expect("an authority");
    let issue = |role, usage, number| {
        let request =
            OrganisationRequest { common_name: "A party", party: SMSO, role, usage, validity, serial: serial(number) };
        let issued = issuer.issue(&request).expect("issues");
        (Arc::new(issued.certificate), issued.key_pem)
    };
    let (smso, smso_key) = issue(Role::Smso, Usage::Sign, 3);
    let (s1sp, s1sp_key) = issue(Role::S1sp, Usage::Encrypt, 4);
    let (dco, dco_key) = issue(Role::Dco, Usage::Encrypt, 5);
    let list = |issuer: &Issuer| {
        let request = RevocationListRequest {
            number: 1,
            this_update: validity.not_before,
            next_update: validity.not_after,
            revoked: &[],
        };
        issuer.revocation_list(&request).expect("a list")
    };
    let trust = Trust::builder()
        .roots_pem(root.certificate().to_pem().as_bytes())
        .and_then(|b| b.authorities_pem(issuer.certificate().to_pem().as_bytes()))
        .and_then(|b| b.certificates_pem(smso.to_pem().as_bytes()))
        .and_then(|b| b.crl(&list(&root)))
        .and_then(|b| b.crl(&list(&issuer)))
        .expect("trust")
        .build();
    Parties {
        trust,
        smso: Signer::from_pem(smso, smso_key.expose()).expect("a signer"),
        s1sp: Decrypter::from_pem(s1sp, s1sp_key.expose()).expect("a decrypter"),
        dco: Decrypter::from_pem(dco, dco_key.expose()).expect("a decrypter"),
        validity,
        issuer,
    }
}

/// Forty installations of one SMSO, every kind of defect among them, hubs with genuine device certificates.
fn corpus(parties: &Parties) -> Corpus {
    let smso = SmsoParty { name: "one".to_owned(), party: SMSO, certificate: parties.smso.certificate().id().clone() };
    let suppliers = [PartyId(Eui64(1)), PartyId(Eui64(2)), PartyId(Eui64(3))];
    let plan = Plan {
        installations: 40,
        seed: 11,
        defects_permille: 600,
        defects: &Defect::USUAL,
        faults: 0,
        day: date(2026, 3, 2),
        suppliers: &suppliers,
        network_operators: &[PartyId(Eui64(9))],
        groups: &[GroupId::EA],
        smsos: &[smso],
        s1sp: parties.s1sp.certificate().id().clone(),
        to_plan: None,
    };
    let corpus = generate(&plan, &mut |chf, bytes| {
        let request =
            DeviceRequest { device: chf.into(), validity: parties.validity, serial: Serial::from_random(bytes) };
        parties.issuer.issue_device(&request).map(HubIdentity::from).map_err(|error| error.to_string())
    });
    corpus.expect("generates")
}

fn order<'a>(parties: &'a Parties, reference: &'a str, size: usize) -> ExportOrder<'a> {
    ExportOrder {
        reference,
        at: now(),
        schema: SchemaVersion::V12,
        size,
        signer: &parties.smso,
        keys: Keys::Encrypted { s1sp: parties.s1sp.certificate(), dco: parties.dco.certificate() },
    }
}

/// Verifies a file and decodes it.
fn opened(parties: &Parties, file: &ExportFile) -> SmsoExport {
    let name = file.name.to_string();
    let verified =
        dsig::verify(&name, &std::fs::read(&file.path).expect("the file"), &parties.trust, now(), &Limits::DEFAULT)
            .expect("verifies");
    assert_eq!((verified.sender().role, verified.sender().party), (Role::Smso, SMSO));
    let document = xml::parse(&name, verified.text()).expect("parses");
    read::<SmsoExport>(&name, &document, Quoting::Shown).expect("decodes").value
}

fn decrypted<T: Message>(blob: &EncryptedBlobHolder, decrypter: &Decrypter) -> Option<T> {
    let place = Place::document("blob");
    let plaintext = xenc::decrypt(blob.encrypted_data.as_xml(), &place, decrypter).ok()?;
    let text = std::str::from_utf8(plaintext.expose()).expect("UTF-8");
    let document = xml::parse("plaintext", text).expect("parses");
    Some(read::<T>("plaintext", &document, Quoting::Hidden).expect("decodes").value)
}

#[test]
fn each_recipient_opens_its_own_blob_and_finds_what_the_records_say() {
    let parties = &*PARTIES;
    let corpus = corpus(parties);
    let records = &corpus.smsos[0].1;
    let folder = tempfile::tempdir().expect("a folder");
    let files = export(records, &order(parties, "2026-03-02", 15), folder.path(), &|| {}).expect("exports");
    assert_eq!(files.iter().map(|file| file.installations).collect::<Vec<_>>(), [15, 15, 10]);
    let mut all = records.installations.iter().zip(&records.keys);
    for file in &files {
        let message = opened(parties, file);
        let reference = message.smso_export_header.export_reference.to_string();
        assert!(file.name.to_string().ends_with(&format!("_EA_{reference}.xml")), "{}", file.name);
        for entry in &message.installations {
            let (record, keys) = all.next().expect("a record");
            assert_eq!(entry.chf_identifier, record.chf_identifier);
            assert_eq!(
                (entry.esme.mpxn.clone(), entry.chf_details.imsi.as_str()),
                (record.esme.mpxn.clone(), &*record.imsi)
            );
            assert_eq!(entry.gsme.is_some(), entry.gsme_detail.is_some());
            let hub = DeviceCertificate::from_der(
                &entry.chf_details.device_certificate.as_ref().expect("FOC's hubs have one").0,
            )
            .expect("a certificate");
            assert_eq!(hub.device(), DeviceId(entry.chf_identifier.0));
            check_keys(parties, entry, keys, &reference);
        }
    }
    assert!(all.next().is_none());
}

fn check_keys(parties: &Parties, entry: &ExportInstallation, keys: &KeyRecord, reference: &str) {
    let (for_s1sp, for_dco) = (&entry.encrypted_s1sp_group_information, &entry.encrypted_master_key.encrypted_key);
    let group: DecryptedS1spDpGroupInformation = decrypted(for_s1sp, &parties.s1sp).expect("opens");
    assert_eq!((group.chf_identifier, group.smso_export_reference.as_str()), (entry.chf_identifier, reference));
    let association = &group.esme_detail.high_level_association;
    assert_eq!(association.authentication_key.expose(), keys.esme.authentication_key.expose());
    assert_eq!(association.encryption_key.expose(), keys.esme.encryption_key.expose());
    assert_eq!(association.prepayment_key.expose(), keys.esme.prepayment_key.expose());
    let gas = group.gsme_detail.as_ref().map(|gas| gas.pre_pay_details.prepayment_key.expose());
    assert_eq!(gas, keys.gsme.as_ref().map(|gas| gas.prepayment_key.expose()));
    let master: DecryptedMasterKey = decrypted(for_dco, &parties.dco).expect("opens");
    assert_eq!(master.master_key.expose(), keys.master.master_key.expose());
    assert_eq!((master.chf_identifier, master.device_id), (keys.master.chf_identifier, keys.master.device_id));
    assert!(decrypted::<DecryptedMasterKey>(for_dco, &parties.s1sp).is_none(), "the S1SP opens no master key");
    assert!(decrypted::<DecryptedS1spDpGroupInformation>(for_s1sp, &parties.dco).is_none());
}

#[test]
fn a_misplaced_master_key_goes_out_as_the_records_have_it() {
    let parties = &*PARTIES;
    let corpus = corpus(parties);
    let folder = tempfile::tempdir().expect("a folder");
    let files = export(&corpus.smsos[0].1, &order(parties, "R", 100), folder.path(), &|| {}).expect("exports");
    let message = opened(parties, &files[0]);
    let misplaced: HashSet<_> = corpus
        .planted
        .iter()
        .filter(|planted| planted.kind == PlantedKind::Defect(Defect::MasterKeyMisplaced))
        .map(|planted| planted.chf)
        .collect();
    let foreign = message.installations.iter().filter(|entry| {
        let master: DecryptedMasterKey =
            decrypted(&entry.encrypted_master_key.encrypted_key, &parties.dco).expect("opens");
        master.chf_identifier != entry.chf_identifier
    });
    let foreign: Vec<_> = foreign.map(|entry| entry.chf_identifier).collect();
    assert_eq!(misplaced.len(), 3);
    assert_eq!(foreign.len(), 1, "one of three variants is another installation's record");
    assert!(misplaced.contains(&foreign[0]));
}

#[test]
fn no_key_stands_in_a_file_in_the_clear() {
    let parties = &*PARTIES;
    let corpus = corpus(parties);
    let records = &corpus.smsos[0].1;
    let folder = tempfile::tempdir().expect("a folder");
    let files = export(records, &order(parties, "R", 100), folder.path(), &|| {}).expect("exports");
    let text = std::fs::read_to_string(&files[0].path).expect("the file");
    for keys in &records.keys {
        let all = [&keys.esme.authentication_key, &keys.esme.encryption_key, &keys.master.master_key];
        for key in all.into_iter().chain(keys.gsme.iter().map(|gas| &gas.prepayment_key)) {
            assert!(!text.contains(key.expose()));
        }
    }
}

#[test]
fn records_are_read_from_their_files_one_at_a_time() {
    let corpus = corpus(&PARTIES);
    let records = &corpus.smsos[0].1;
    let folder = tempfile::tempdir().expect("a folder");
    records.write(folder.path()).expect("writes");
    let read = |wanted: &dyn Fn(&InstallationRecord) -> bool| {
        let mut read = (Vec::new(), Vec::new());
        let all = RecordFiles { dir: folder.path(), wanted }.each(&mut |record, keys| {
            read.0.push(record.clone());
            read.1.extend(keys.texts().map(str::to_owned));
            Ok(())
        });
        all.map(|()| read)
    };
    let keys: Vec<_> = records.keys.iter().flat_map(KeyRecord::texts).map(str::to_owned).collect();
    assert_eq!(read(&|_| true).expect("reads"), (records.installations.clone(), keys));
    let third = records.installations[2].chf_identifier;
    assert_eq!(read(&|record| record.chf_identifier == third).expect("reads").0, records.installations[2..3]);

    let path = folder.path().join("keys.json");
    let text = std::fs::read_to_string(&path).expect("the keys");
    let lines: Vec<_> = text.lines().collect();
    let spoilt = [
        lines[..lines.len() - 2].join("\n"),
        [lines[0], lines[2], lines[1]].join("\n"),
        text.replace('\n', ""),
        text.replacen("master", "slave", 1),
        text.replacen("\"esme\":{", "\"esme\":KEY,\"was\":{", 1).replacen(
            "KEY",
            &format!("\"{}\"", records.keys[0].master.master_key.expose()),
            1,
        ),
        " ".repeat(300_000),
    ];
    for text in spoilt {
        std::fs::write(&path, text).expect("writes");
        let error = read(&|_| true).expect_err("refused").to_string();
        assert!(error.contains("keys.json, line "), "{error}");
        assert!(!error.contains(records.keys[0].master.master_key.expose()), "a key is shown");
    }
}

#[test]
fn what_cannot_be_exported_is_told_with_its_installation() {
    let parties = &*PARTIES;
    let corpus = corpus(parties);
    let records = &corpus.smsos[0].1;
    let folder = tempfile::tempdir().expect("a folder");
    let export = |records: &Records, order: &ExportOrder<'_>| export(records, order, folder.path(), &|| {});
    assert!(export(records, &order(parties, "no blanks", 10)).is_err());
    let mut long = Records { installations: records.installations.clone(), keys: records.keys.clone() };
    long.installations[3].imsi = "2".repeat(33);
    let error = export(&long, &order(parties, "R", 10)).expect_err("refused").to_string();
    assert!(error.contains(&long.installations[3].chf_identifier.to_string()), "{error}");
    let wrong: Arc<Certificate> = parties.smso.certificate().clone();
    let to_a_signer = ExportOrder {
        keys: Keys::Encrypted { s1sp: parties.s1sp.certificate(), dco: &wrong },
        ..order(parties, "R", 10)
    };
    assert!(export(records, &to_a_signer).is_err(), "a signing certificate is no recipient");
    assert_eq!(std::fs::read_dir(folder.path()).expect("lists").count(), 0, "nothing is left of what failed");
    assert!(export(&Records::default(), &order(parties, "R", 10)).expect("exports").is_empty());
    assert!(!export(records, &order(parties, "R", 10)).expect("exports").is_empty());
    let again = export(records, &order(parties, "R", 10)).expect_err("refused");
    assert!(matches!(again, tern_world::WorldError::Exists { .. }), "{again}");
}

fn key(text: &str) -> Option<Secret<16>> {
    let digits = (text.len() == 32).then_some(text)?;
    let bytes: Option<Vec<u8>> = (0..16).map(|at| u8::from_str_radix(&digits[at * 2..at * 2 + 2], 16).ok()).collect();
    Secret::from_slice(&bytes?)
}

/// The protocol's own words, where the SMSO has the same.
mod dlms {
    pub use tern_dlms::client::Party;
    pub use tern_dlms::invocation::{Block, Invocations};
    pub use tern_dlms::security::{Form, Key, Keys, Protection};
}

/// Keys, names and counters of a party that the ESME never met.
fn party(device: DeviceId, keys: dlms::Keys) -> dlms::Party {
    let block = dlms::Block::from(1 << 24, 64).expect("counters");
    let title = |DeviceId(Eui64(number)): DeviceId| SystemTitle(number.to_be_bytes());
    dlms::Party {
        client_title: SystemTitle(*b"a tester"),
        server_title: Some(title(device)),
        keys,
        invocations: dlms::Invocations::within(block),
        heard: None,
    }
}

/// Opens the ESME's management association by these keys.
fn open(
    world: &Arc<World>,
    chf: ChfIdentifier,
    device: DeviceId,
    keys: dlms::Keys,
) -> Result<Client<Loopback>, ClientError> {
    let line = Loopback::connect(world, chf).expect("the meter");
    let protection = Some(dlms::Protection::AuthenticatedEncrypted);
    let association = Association::HighLevelGmac { party: party(device, keys), protection };
    Client::connect(line, Ports { client: client::MANAGEMENT, server: server::ESME }, association)
}

/// Whether the ESME answers on its critical association to whoever holds this master key.
fn answers(world: &Arc<World>, chf: ChfIdentifier, device: DeviceId, master: &Secret<16>) -> bool {
    let line = Loopback::connect(world, chf).expect("the meter");
    let association = Association::PreEstablished {
        party: party(device, critical_keys(master, device)),
        protection: dlms::Protection::AuthenticatedEncrypted,
        form: dlms::Form::General,
    };
    let ports = Ports { client: client::CRITICAL, server: server::ESME };
    let id = AttributeDescriptor::new(ClassId(1), LogicalName::new(0, 0, 96, 1, 0, 255), 2);
    Client::connect(line, ports, association).and_then(|mut client| client.get(id)).is_ok()
}

#[test]
fn the_devices_accept_the_exported_keys_unless_a_bit_is_wrong() {
    let parties = &*PARTIES;
    let corpus = corpus(parties);
    let dir = tempfile::tempdir().expect("a directory");
    World::create(dir.path(), &corpus.estate()).expect("creates");
    let world = Arc::new(World::open(dir.path()).expect("opens"));
    let folder = tempfile::tempdir().expect("a folder");
    let files = export(&corpus.smsos[0].1, &order(parties, "R", 100), folder.path(), &|| {}).expect("exports");
    let mut refused = Vec::new();
    for entry in &opened(parties, &files[0]).installations {
        let (chf, device) = (entry.chf_identifier, entry.esme.device_id);
        let group: DecryptedS1spDpGroupInformation =
            decrypted(&entry.encrypted_s1sp_group_information, &parties.s1sp).expect("opens");
        let master: DecryptedMasterKey =
            decrypted(&entry.encrypted_master_key.encrypted_key, &parties.dco).expect("opens");
        let association = &group.esme_detail.high_level_association;
        let keys = key(association.authentication_key.expose()).zip(key(association.encryption_key.expose()));
        let (Some((authentication, encryption)), Some(master)) = (keys, key(master.master_key.expose())) else {
            continue;
        };
        let keys = dlms::Keys {
            encryption: dlms::Key::new(*encryption.expose()),
            authentication: dlms::Key::new(*authentication.expose()),
        };
        let opens = open(&world, chf, device, keys).is_ok();
        if !opens || !answers(&world, chf, device, &master) {
            refused.push(chf);
        }
    }
    let wrong = corpus.planted.iter().filter(|p| p.kind == PlantedKind::Defect(Defect::WrongKeyBit));
    assert_eq!(refused, wrong.map(|p| p.chf).collect::<Vec<_>>());
}
