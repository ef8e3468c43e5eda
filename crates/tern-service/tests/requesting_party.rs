//! The Requesting Party's sets open and verify, hold what the export held, and bear the registered parties' certificates.

use std::num::NonZeroUsize;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::{Date, date};
use tern_model::facts::{Registration, SourceRow};
use tern_model::{
    CertificateId, ChfIdentifier, DeviceId, DeviceModel, Eui64, Fuel, GroupId, HanType, MeterState, Mpxn, PartyId, Role,
};
use tern_rules::Rulebook;
use tern_service::requesting_party::{
    Built, Counters, ExportFile, NotBuilt, Recipients, Request, Settings, WithoutCertificate, build, write,
};
use tern_service::set_files::{FileAt, OpenedSet};
use tern_wire::FaultKind;
use tern_wire::facts_csv;
use tern_wire::migration::{
    Chf, ChfDetails, DecryptedMasterKey, DecryptedS1spDpGroupInformation, EncryptedBlobHolder, EncryptedMasterKey,
    EsmeDetail, EsmeKeys, ExportInstallation, ExportMeter, ExportReference, FileKind, FileName, Gpf, GsmeDetail,
    HighLevelAssociation, MigrationCommonFile, MigrationGroupEncryptedFile, MigrationGroupFile, PlaintextInstallation,
    SignedFile, SmsoExport, SmsoExportHeader, SmsoPlaintextExport, open,
};
use tern_wire::schema::{CertificateDer, EncryptedBlob, SecretText, Text};
use tern_wire::smki::issuing::{
    AuthorityRequest, Issuer, OrganisationRequest, RevocationListRequest, Serial, Validity, revocation_list_pem,
};
use tern_wire::smki::{Certificate, Signer, Trust, Usage};
use tern_wire::xml::Limits;

const SMSO: PartyId = PartyId(Eui64(0x90B3_D51F_3000_0001));
const REQUESTING_PARTY: PartyId = PartyId(Eui64(0x90B3_D51F_3000_0002));
const SUPPLIER: PartyId = PartyId(Eui64(0x90B3_D51F_3000_0003));
const NEW_SUPPLIER: PartyId = PartyId(Eui64(0x90B3_D51F_3000_0004));
const OPERATOR: PartyId = PartyId(Eui64(0x90B3_D51F_3000_0005));
/// Stands for every device key.
const KEY: &str = "5EC2E75EC2E75EC2E75EC2E75EC2E700";
const DAY: Date = date(2021, 3, 2);

fn now() -> Timestamp {
    "2021-03-01T09:00:00.000Z".parse().expect("a moment")
}

/// A key infrastructure with what these tests need, and the export of a few installations.
struct Bench {
    /// Exports, and what is built of them.
    folder: tempfile::TempDir,
    trust: Trust,
    smso: Signer,
    requesting_party: Signer,
    s1sp: Arc<Certificate>,
    supplier: CertificateId,
    operator: CertificateId,
}

impl Bench {
    fn new() -> Bench {
        let validity = Validity {
            not_before: "2020-01-01T00:00:00Z".parse().expect("a moment"),
            not_after: "2030-01-01T00:00:00Z".parse().expect("a moment"),
        };
        let mut serials = (1u8..).map(|n| Serial::from_random([n; 16]));
        let mut serial = || serials.next().expect("a serial");
        let authority = |common_name, serial| AuthorityRequest { common_name, validity, serial };
        let (root, _) = Issuer::root(&authority("Z0", serial())).expect("a root");
        let (issuer, _) = root.issuing_authority(&authority("Z1", serial())).expect("an issuing authority");
        let mut builder = Trust::builder()
            .roots_pem(root.certificate().to_pem().as_bytes())
            .and_then(|b| b.authorities_pem(issuer.certificate().to_pem().as_bytes()))
            .expect("authorities");
        for ca in [&root, &issuer] {
            let list = ca
                .revocation_list(&RevocationListRequest {
                    number: 1,
                    this_update: validity.not_before,
                    next_update: validity.not_after,
                    revoked: &[],
                })
                .expect("a list");
            builder = builder.crls_pem(revocation_list_pem(&list).as_bytes()).expect("a list");
        }
        let mut issue = |party, role, usage| {
            let issued = issuer
                .issue(&OrganisationRequest {
                    common_name: if role == Role::S1sp { "s1sp" } else { "ORG" },
                    party,
                    role,
                    usage,
                    validity,
                    serial: serial(),
                })
                .expect("a certificate");
            (Arc::new(issued.certificate), issued.key_pem)
        };
        let (smso, smso_key) = issue(SMSO, Role::Smso, Usage::Sign);
        let (requesting_party, key) = issue(REQUESTING_PARTY, Role::RequestingParty, Usage::Sign);
        let (supplier, _) = issue(SUPPLIER, Role::Supplier, Usage::Sign);
        let (operator, _) = issue(OPERATOR, Role::NetworkOperator, Usage::Sign);
        let (s1sp, _) = issue(PartyId(Eui64(6)), Role::S1sp, Usage::Encrypt);
        for certificate in [&smso, &requesting_party, &supplier, &operator, &s1sp] {
            builder = builder.certificates_pem(certificate.to_pem().as_bytes()).expect("a new certificate");
        }
        Bench {
            folder: tempfile::tempdir().expect("a folder"),
            trust: builder.build(),
            smso: Signer::from_pem(smso, smso_key.expose()).expect("its key"),
            requesting_party: Signer::from_pem(requesting_party, key.expose()).expect("its key"),
            supplier: supplier.id().clone(),
            operator: operator.id().clone(),
            s1sp,
        }
    }

    fn export(&self, installations: u64, signer: &Signer) -> (String, Vec<u8>) {
        self.export_of(1..=installations, "2021-03-01-1", now(), signer)
    }

    fn export_of(
        &self,
        installations: std::ops::RangeInclusive<u64>,
        reference: &str,
        at: Timestamp,
        signer: &Signer,
    ) -> (String, Vec<u8>) {
        self.export_in(GroupId::EA, installations, (reference, at), signer)
    }

    fn export_in(
        &self,
        group_id: GroupId,
        installations: std::ops::RangeInclusive<u64>,
        (reference, at): (&str, Timestamp),
        signer: &Signer,
    ) -> (String, Vec<u8>) {
        let message = SmsoExport {
            smso_export_header: SmsoExportHeader {
                smets1_smso: SMSO,
                group_id,
                export_reference: reference.parse().expect("a reference"),
                export_date_time: at,
            },
            installations: installations.map(|n| self.installation(n)).collect(),
        };
        let text = tern_wire::dsig::sign(&tern_wire::schema::write(&message), signer).expect("a signature");
        (format!("SMSOEXPORT_{}.xml", message.claim().name), text.into_bytes())
    }

    fn installation(&self, n: u64) -> ExportInstallation {
        let model = || DeviceModel { manufacturer: "L & G".into(), model: "M".into(), firmware: "1.0".into() };
        let device = |kind: u64| DeviceId(Eui64(0x00DB_1200_0000_0000 + n * 16 + kind));
        let meter =
            |device_id, mpxn| ExportMeter { device_id, device_model: model(), meter_state: MeterState::Dormant, mpxn };
        EncryptedInstallation { bench: self, n }.add_to(ExportInstallation {
            chf_identifier: ChfIdentifier(device(0).0),
            communications_provider: Text::new("CSP").expect("short"),
            chf: Chf { device_model: model() },
            gpf: Gpf { device_id: device(1) },
            esme: meter(device(2), Mpxn::mpan_from_body(n)),
            gsme: Some(meter(device(3), Mpxn::mprn_from_body(n))),
            ppmids: Vec::new(),
            ihds: Vec::new(),
            chf_details: ChfDetails {
                imsi: Text::new("234150000000001").expect("short"),
                previous_apn: Text::new("smso.example").expect("short"),
                device_certificate: Some(CertificateDer(vec![0x30, 0x03, 0x02, 0x01, 0x05])),
            },
            esme_detail: EsmeDetail { device_id: device(2), application_associations: Vec::new() },
            gsme_detail: Some(GsmeDetail { device_id: device(3), han_type: HanType::ZigBee }),
            encrypted_s1sp_group_information: EncryptedBlobHolder { encrypted_data: EncryptedBlob::new(String::new()) },
            encrypted_master_key: EncryptedMasterKey {
                device_id: device(2),
                encrypted_key: EncryptedBlobHolder { encrypted_data: EncryptedBlob::new(String::new()) },
            },
        })
    }

    /// One installation's keys in the clear, under a name of another form: what it is shows in its root.
    fn plaintext(&self, group: GroupId) -> (String, Vec<u8>) {
        let secret = || SecretText::new(KEY.to_owned());
        let reference: ExportReference = "R-1".parse().expect("a reference");
        let export = self.installation(1);
        let (chf_identifier, device_id) = (export.chf_identifier, export.esme.device_id);
        let high_level_association =
            HighLevelAssociation { authentication_key: secret(), encryption_key: secret(), prepayment_key: secret() };
        let installation = PlaintextInstallation {
            chf_identifier,
            communications_provider: export.communications_provider,
            chf: export.chf,
            gpf: export.gpf,
            esme: export.esme,
            gsme: None,
            ppmids: Vec::new(),
            ihds: Vec::new(),
            chf_details: export.chf_details,
            esme_detail: export.esme_detail,
            gsme_detail: None,
            group_information: DecryptedS1spDpGroupInformation {
                chf_identifier,
                smso_export_reference: reference.clone(),
                esme_detail: EsmeKeys { device_id, high_level_association },
                gsme_detail: None,
            },
            master_key: DecryptedMasterKey {
                chf_identifier,
                smso_export_reference: reference.clone(),
                device_id,
                master_key: secret(),
            },
        };
        let header = SmsoExportHeader {
            smets1_smso: SMSO,
            group_id: group,
            export_reference: reference,
            export_date_time: now(),
        };
        let message = SmsoPlaintextExport { smso_export_header: header, installations: vec![installation] };
        let text = tern_wire::dsig::sign(&tern_wire::schema::write(&message), &self.smso).expect("a signature");
        (format!("plain-{group}.xml"), text.into_bytes())
    }

    fn facts(&self, installations: u64, supplier: PartyId) -> Vec<Registration> {
        let mut facts = Vec::new();
        for n in 1..=installations {
            for (fuel, mpxn) in [(Fuel::Electricity, Mpxn::mpan_from_body(n)), (Fuel::Gas, Mpxn::mprn_from_body(n))] {
                facts.push(Registration {
                    row: SourceRow(n),
                    fuel,
                    mpxn,
                    supplier,
                    network_operator: OPERATOR,
                    effective_from: date(2019, 1, 1),
                });
            }
        }
        facts
    }

    fn build(
        &self,
        export: &(String, Vec<u8>),
        facts: &[Registration],
        settings: Settings,
    ) -> Result<(Built, Counters), NotBuilt> {
        self.build_at(&[export], facts, settings, now())
    }

    fn build_at(
        &self,
        exports: &[&(String, Vec<u8>)],
        facts: &[Registration],
        settings: Settings,
        now: Timestamp,
    ) -> Result<(Built, Counters), NotBuilt> {
        let (mut counters, rulebook) = (Counters::default(), Rulebook::published());
        let paths: Vec<_> = exports.iter().map(|(name, _)| self.folder.path().join(name)).collect();
        for (path, (_, bytes)) in paths.iter().zip(exports) {
            std::fs::write(path, bytes).expect("writes the export");
        }
        let exports: Vec<_> = exports.iter().zip(&paths).map(|((name, _), path)| ExportFile { name, path }).collect();
        let dir = tempfile::tempdir().expect("a folder");
        std::fs::write(dir.path().join("registration.csv"), facts_csv::write(facts)).expect("writes facts");
        let facts = tern_service::facts::load(dir.path()).expect("facts").facts;
        let request = Request {
            books: rulebook.on(DAY),
            exports: &exports,
            facts: &facts,
            trust: &self.trust,
            signer: &self.requesting_party,
            day: DAY,
            now,
            limits: &Limits::default(),
            settings,
            out: self.folder.path(),
            recipients: Recipients { s1sp: "s1sp", dco: "dco" },
            progress: &|_| {},
        };
        build(&request, &mut counters).map(|built| (built, counters))
    }

    fn opened<T: SignedFile>(&self, built: &Built, set: usize, kind: FileKind) -> tern_wire::Verified<T> {
        let set = &built.sets[set];
        let name = FileName::OfSet(kind, set.id).to_string();
        let bytes = std::fs::read(set.draft().join(&name)).expect("the file");
        open(&name, &bytes, &self.trust, now(), &Limits::default()).expect("it opens")
    }
}

/// The blobs of one installation: this test never opens them, so what is inside does not matter.
struct EncryptedInstallation<'a> {
    bench: &'a Bench,
    n: u64,
}

impl EncryptedInstallation<'_> {
    fn add_to(&self, installation: ExportInstallation) -> ExportInstallation {
        let plain = format!("<DecryptedMasterKey>{}</DecryptedMasterKey>", self.n);
        let blob = || {
            let element = tern_wire::xenc::encrypt(&plain, &self.bench.s1sp).expect("a blob");
            EncryptedBlobHolder { encrypted_data: EncryptedBlob::new(element) }
        };
        let encrypted_key = blob();
        let device_id = installation.esme.device_id;
        ExportInstallation {
            encrypted_s1sp_group_information: blob(),
            encrypted_master_key: EncryptedMasterKey { device_id, encrypted_key },
            ..installation
        }
    }
}

fn settings(installations_max: usize) -> Settings {
    Settings { installations_max: NonZeroUsize::new(installations_max).expect("one or more"), ..Settings::default() }
}

#[test]
fn sets_open_verify_and_hold_what_the_export_held() {
    let bench = Bench::new();
    let export = bench.export(5, &bench.smso);
    let facts = bench.facts(5, SUPPLIER);
    let (built, _) = bench.build(&export, &facts, settings(2)).expect("sets");
    assert_eq!(
        built.sets.iter().map(|s| (s.id.counter, s.installations)).collect::<Vec<_>>(),
        [(1, 2), (2, 2), (3, 1)]
    );
    assert!(built.remarks.is_empty(), "{:?}", built.remarks);

    let original: tern_wire::Verified<SmsoExport> =
        open(&export.0, &export.1, &bench.trust, now(), &Limits::default()).expect("the export opens");
    let mut at = 0;
    for set in 0..3 {
        let common = bench.opened::<MigrationCommonFile>(&built, set, FileKind::MigrationCommonFile);
        let group = bench.opened::<MigrationGroupFile>(&built, set, FileKind::MigrationGroupFile);
        let encrypted = bench.opened::<MigrationGroupEncryptedFile>(&built, set, FileKind::MigrationGroupEncryptedFile);
        assert_eq!(common.migration_header, group.migration_header);
        assert_eq!(common.migration_header, encrypted.migration_header);
        assert_eq!(common.migration_header.smets1_smso, SMSO);
        for entry in 0..common.installations.len() {
            let (from, c) = (&original.installations[at], &common.installations[entry]);
            let (g, e) = (&group.installations[entry], &encrypted.installations[entry]);
            assert_eq!([c.chf_identifier, g.chf_identifier, e.chf_identifier], [from.chf_identifier; 3]);
            assert_eq!(c.esme.mpxn, from.esme.mpxn);
            assert_eq!(g.chf_details, from.chf_details);
            assert_eq!(e.encrypted_s1sp_group_information.as_ref(), Some(&from.encrypted_s1sp_group_information));
            assert_eq!(e.encrypted_master_key.as_ref(), Some(&from.encrypted_master_key));
            at += 1;
        }
    }
    assert_eq!(at, 5);
}

#[test]
fn meters_bear_the_certificates_of_the_parties_registered_on_the_day() {
    let bench = Bench::new();
    let export = bench.export(1, &bench.smso);
    let mut facts = bench.facts(1, SUPPLIER);
    let later = |fuel, mpxn, from| Registration {
        row: SourceRow(9),
        fuel,
        mpxn,
        supplier: NEW_SUPPLIER,
        network_operator: OPERATOR,
        effective_from: from,
    };
    facts.push(later(Fuel::Electricity, Mpxn::mpan_from_body(1), date(2021, 3, 3)));
    facts.push(later(Fuel::Gas, Mpxn::mprn_from_body(1), DAY));
    let (built, _) = bench.build(&export, &facts, settings(250)).expect("a set");
    let common = bench.opened::<MigrationCommonFile>(&built, 0, FileKind::MigrationCommonFile);
    let esme = &common.installations[0].esme;
    assert_eq!(esme.critical_supplier_certificate_id, bench.supplier);
    assert_eq!(esme.non_critical_supplier_certificate_id, bench.supplier);
    assert_eq!(esme.critical_network_operator_certificate_id, bench.operator);
    let gsme = common.installations[0].gsme.as_ref().expect("a gas meter");
    assert_eq!(gsme.critical_supplier_certificate_id, CertificateId::Null, "the new gas supplier has no certificate");
    assert_eq!(gsme.critical_network_operator_certificate_id, bench.operator);
    assert!(built.remarks.iter().all(|r| r.text.contains(&NEW_SUPPLIER.to_string())), "{:?}", built.remarks);
    assert!(!built.remarks.is_empty());
}

/// Registration Data writes the MPRN without the zeros that lead it in the SMSO's records: one metering point in IOC alone.
#[test]
fn an_mprn_with_other_leading_zeros_is_found_where_they_count_for_nothing() {
    let bench = Bench::new();
    let mut facts = bench.facts(1, SUPPLIER);
    let shortest = |mpxn: &Mpxn| mpxn.spellings().next().expect("a spelling");
    facts.iter_mut().filter(|one| one.fuel == Fuel::Gas).for_each(|one| one.mpxn = shortest(&one.mpxn));
    for (group, is_found) in [(GroupId::CA, true), (GroupId::AA, true), (GroupId::CB, false), (GroupId::EA, false)] {
        let export = bench.export_in(group, 1..=1, ("R-1", now()), &bench.smso);
        let (built, _) = bench.build(&export, &facts, settings(250)).expect("a set");
        let remarks: Vec<_> = built.remarks.iter().map(|remark| remark.text.as_str()).collect();
        let missed = remarks.iter().any(|remark| remark.contains("no registration of gas MPxN"));
        assert_eq!((missed, remarks.is_empty()), (!is_found, is_found), "{group}: {remarks:?}");
        let common: tern_wire::Verified<MigrationCommonFile> = bench.opened(&built, 0, FileKind::MigrationCommonFile);
        let gsme = common.installations[0].gsme.as_ref().expect("a gas meter");
        assert_eq!(gsme.critical_supplier_certificate_id == bench.supplier, is_found, "{group}");
    }
}

#[test]
fn an_installation_without_a_certificate_can_wait() {
    let bench = Bench::new();
    let export = bench.export(2, &bench.smso);
    let facts = bench.facts(2, NEW_SUPPLIER);
    let waiting = Settings { without_certificate: WithoutCertificate::LeaveOut, ..settings(250) };
    let (built, _) = bench.build(&export, &facts, waiting).expect("nothing to send is no error");
    assert!(built.sets.is_empty());
    assert_eq!(built.remarks.len(), 2);
}

#[test]
fn an_export_that_the_smso_did_not_sign_builds_nothing() {
    let bench = Bench::new();
    let facts = bench.facts(1, SUPPLIER);
    let export = bench.export(1, &bench.requesting_party);
    let Err(NotBuilt::Export(found)) = bench.build(&export, &facts, settings(250)) else { panic!("it was built") };
    assert_eq!(found[0].clause.as_ref(), FaultKind::Sender.rule());

    let (name, mut bytes) = bench.export(1, &bench.smso);
    let at = bytes.windows(5).position(|w| w == b"<IMSI").expect("an IMSI") + 8;
    bytes[at] ^= 1;
    let Err(NotBuilt::Export(found)) = bench.build(&(name, bytes), &facts, settings(250)) else {
        panic!("it was built")
    };
    assert_eq!(found[0].clause.as_ref(), FaultKind::SignatureValue.rule());
}

#[test]
fn plaintext_is_refused_of_every_group_but_eb_and_ec() {
    let bench = Bench::new();
    let facts = bench.facts(1, SUPPLIER);
    for group in GroupId::ALL {
        let export = bench.plaintext(group);
        let path = bench.folder.path().join(&export.0);
        std::fs::write(&path, "").expect("a file");
        let readers = |mode| std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).expect("a mode");
        readers(0o640);
        let Err(NotBuilt::Fault(fault)) = bench.build(&export, &facts, settings(250)) else { panic!("{group}") };
        assert!(fault.to_string().contains("others than its owner can read it (mode 0640)"), "{fault}");
        assert!(fault.suggestion().contains("chmod 600"), "{}", fault.suggestion());
        readers(0o600);
        let built = bench.build(&export, &facts, settings(250));
        // This test's directory has no DCO, which is found out behind the clause.
        match (group, built) {
            (GroupId::EB | GroupId::EC, Err(NotBuilt::Fault(fault))) => {
                assert!(fault.to_string().contains("dco has no encryption certificate"), "{fault}");
            }
            (GroupId::EB | GroupId::EC, _) => panic!("{group} was judged"),
            (_, Err(NotBuilt::Export(found))) => {
                assert_eq!((found[0].clause.as_ref(), found.len()), ("11.1", 1));
                assert!(found[0].place.to_string().contains("SMSOExportHeader/GroupID"), "{}", found[0].place);
                assert!(found[0].message.contains(group.as_str()) && !format!("{found:?}").contains(KEY), "{found:?}");
            }
            (_, built) => panic!("{group}: {:?}", built.map(|(built, _)| built)),
        }
    }
}

/// Cut right inside a key, where what stands there is what a fault about the cut would quote.
#[test]
fn an_export_in_the_clear_is_told_by_what_it_holds_whatever_it_is_called_and_cut_wherever() {
    let bench = Bench::new();
    let facts = bench.facts(1, SUPPLIER);
    let (_, bytes) = bench.plaintext(GroupId::EB);
    let text = String::from_utf8(bytes.clone()).expect("UTF-8");
    let cuts: Vec<usize> = text.match_indices(KEY).flat_map(|(at, _)| [at + 12, at + KEY.len()]).collect();
    assert_eq!(cuts.len(), 8);
    let is_silent = |said: &str| assert!(!said.contains(&KEY[..10]), "{said}");
    let names = |party: &str| [format!("{party}_90-B3-D5-1F-30-00-00-01_EB_R-1.xml"), format!("{party}.xml")];
    for (cut, name) in cuts.iter().flat_map(|cut| names("SMSOEXPORT").map(|name| (*cut, name))) {
        let path = bench.folder.path().join(&name);
        std::fs::write(&path, "").expect("a file");
        for mode in [0o644, 0o600] {
            std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).expect("a mode");
            match (mode, bench.build(&(name.clone(), bytes[..cut].to_vec()), &facts, settings(250))) {
                (0o644, Err(NotBuilt::Fault(fault))) => assert!(fault.to_string().contains("(mode 0644)"), "{fault}"),
                (0o600, Err(NotBuilt::Export(found))) => is_silent(&format!("{found:?}")),
                (_, built) => panic!("{name} cut at {cut}: {:?}", built.map(|(built, _)| built)),
            }
        }
    }
    for (cut, name) in cuts.iter().flat_map(|cut| names("MCF").map(|name| (*cut, name.replace("R-1", "1")))) {
        let file = FileAt { path: bench.folder.path().join(&name), name };
        std::fs::write(&file.path, &bytes[..cut]).expect("a file");
        std::fs::set_permissions(&file.path, PermissionsExt::from_mode(0o644)).expect("a mode");
        let set = OpenedSet::open(&[file], &bench.trust, now()).expect("readable");
        assert_eq!((set.faults.len(), set.faults[0].message.as_str()), (1, "the file holds device keys in the clear"));
        assert!(set.faults[0].found.contains("(mode 0644)"), "{}", set.faults[0].found);
        is_silent(&format!("{:?}", set.faults));
    }
}

#[test]
fn counters_rise_across_runs_and_no_set_is_overwritten() {
    let bench = Bench::new();
    let export = bench.export(2, &bench.smso);
    let facts = bench.facts(2, SUPPLIER);
    let folder = bench.folder.path().to_owned();
    let listed = || {
        let entries = std::fs::read_dir(folder.join("sets")).expect("the sets");
        let mut names: Vec<_> = entries.map(|e| e.expect("a set").file_name().into_string().expect("a name")).collect();
        names.sort_unstable();
        names
    };
    let (built, counters) = bench.build(&export, &facts, settings(1)).expect("two sets");
    assert_eq!(listed(), [".EA_1.part", ".EA_2.part"]);
    let paths = write(&built, &counters, &folder).expect("written");
    assert_eq!(paths, [folder.join("sets/EA_1"), folder.join("sets/EA_2")]);
    for path in &paths {
        assert_eq!(std::fs::read_dir(path).expect("the files").count(), 3);
    }
    assert!(write(&built, &counters, &folder).is_err(), "the same folders again");
    drop(built);
    assert!(bench.build(&export, &facts, settings(1)).is_err(), "the same counters again");
    assert_eq!(listed(), ["EA_1", "EA_2"], "no draft is left");

    let mut next = Counters::load(&folder).expect("the counters");
    assert_eq!(next, counters);
    assert_eq!(next.take(REQUESTING_PARTY, GroupId::EA).expect("a counter"), 3);
    next.set_next(REQUESTING_PARTY, GroupId::EA, 40);
    assert_eq!(next.take(REQUESTING_PARTY, GroupId::EA).expect("a counter"), 40);
    assert_eq!(next.take(SMSO, GroupId::EA).expect("a counter"), 1);
    next.set_next(REQUESTING_PARTY, GroupId::EA, 1);
    next.raise(&counters);
    assert_eq!(next.take(REQUESTING_PARTY, GroupId::EA).expect("a counter"), 3, "above what either has used");
}

#[test]
fn an_installation_in_several_exports_is_put_forward_once_as_the_newest_has_it() {
    let bench = Bench::new();
    let later = now() - jiff::SignedDuration::from_secs(60);
    let oldest = later - jiff::SignedDuration::from_secs(60);
    let first = bench.export_of(1..=4, "Z", oldest, &bench.smso);
    let second = bench.export_of(2..=3, "B", later, &bench.smso);
    // As old as the second: the reference decides.
    let third = bench.export_of(3..=3, "C", later, &bench.smso);
    let facts = bench.facts(4, SUPPLIER);
    let blob = |export: &(String, Vec<u8>), n: u64| {
        let export: tern_wire::Verified<SmsoExport> =
            open(&export.0, &export.1, &bench.trust, now(), &Limits::default()).expect("it opens");
        let chf = bench.installation(n).chf_identifier;
        let found = export.installations.iter().find(|i| i.chf_identifier == chf).expect("it is there");
        (chf, Some(found.encrypted_master_key.clone()))
    };
    let expected: std::collections::BTreeMap<_, _> =
        [blob(&first, 1), blob(&second, 2), blob(&third, 3), blob(&first, 4)].into_iter().collect();
    for exports in [[&first, &second, &third], [&third, &second, &first], [&second, &third, &first]] {
        let (built, _) = bench.build_at(&exports, &facts, settings(250), now()).expect("a set");
        let sealed = bench.opened::<MigrationGroupEncryptedFile>(&built, 0, FileKind::MigrationGroupEncryptedFile);
        assert_eq!((built.sets.len(), sealed.installations.len()), (1, 4), "each once");
        let sent: std::collections::BTreeMap<_, _> =
            sealed.installations.iter().map(|i| (i.chf_identifier, i.encrypted_master_key.clone())).collect();
        assert!(sent == expected, "an older blob was sent");
        let mut remarks: Vec<_> = built.remarks.iter().map(|r| (r.chf, r.text.as_str())).collect();
        remarks.sort_unstable();
        let third = bench.installation(3).chf_identifier;
        assert_eq!(
            remarks,
            [
                (None, "2 installations of export Z are put forward from 2 newer exports alone"),
                (Some(third), "stands in export B too; put forward from the newer export C alone"),
            ]
        );
    }
}

#[test]
fn what_one_export_says_twice_is_not_hidden() {
    let bench = Bench::new();
    let export = bench.export_of(1..=1, "A", now(), &bench.smso);
    let text = String::from_utf8(export.1).expect("text");
    let (from, to) = (text.find("<Installation>").expect("an entry"), text.find("<ds:Signature").expect("a signature"));
    let twice = format!("{}{}</SMSOExport>", &text[..to], &text[from..to]);
    let twice = (export.0, tern_wire::dsig::sign(&twice, &bench.smso).expect("a signature").into_bytes());
    let (built, _) = bench.build(&twice, &bench.facts(1, SUPPLIER), settings(250)).expect("a set");
    assert_eq!((built.sets[0].installations, built.remarks.len()), (2, 0), "the DSP is to say so");
}

#[test]
fn nothing_is_signed_under_an_expired_certificate() {
    let bench = Bench::new();
    let export = bench.export(1, &bench.smso);
    let too_late = "2031-01-01T00:00:00Z".parse().expect("a moment");
    let built = bench.build_at(&[&export], &bench.facts(1, SUPPLIER), settings(250), too_late);
    let Err(NotBuilt::Fault(fault)) = built else { panic!("{built:?}") };
    let own = bench.requesting_party.certificate().id().to_string();
    assert!(fault.to_string().contains(&own), "{fault}");
    assert!(fault.suggestion().contains("tern pki issue requesting-party ORG"), "{}", fault.suggestion());
}
