//! A healthy set with its records, and the one helper that says what a rule must say of it.

use std::collections::HashMap;

use jiff::ToSpan;
use jiff::civil::{Date, date};
use tern_model::facts::{
    Authorisation, EpclEntry, EpclState, Exclusion, Facts, InstallingSupplier, InventoryRecord, Notice, Registration,
    RollbackCertificate, SimRecord, SmsoConfiguration, SourceRow,
};
use tern_model::{
    ApplicationAssociation, Authentication, CertificateId, ChfIdentifier, ConfiguredAssociations, DeviceId, DeviceKind,
    DeviceModel, DeviceModelCombination, Digest, Eui64, Fuel, GroupId, HanType, KnownAssociations, MeterState,
    ModelAssociations, Mpxn, PartyId, Role, Verdict,
};
use tern_rules::{
    Directory, FileHead, Holder, InstallationHistory, InstallationJudgement, Judge, Judged, Opened, PartView, Rulebook,
    Run, SetHistory, SetJudgement, SetView, Settings, Slot,
};
use tern_wire::migration::{
    Chf, ChfDetails, CommonInstallation, DecryptedMasterKey, EncryptedBlobHolder, EncryptedMasterKey,
    EsmeAssociationKeys, EsmeDetail, FileKind, Gpf, GroupEncryptedInstallation, GroupInformation, GroupInstallation,
    GsmeDetail, GsmePrepaymentKey, Meter, MigrationCommonFile, MigrationCommonValidationFile,
    MigrationGroupEncryptedFile, MigrationGroupFile, MigrationHeader, SignedFile, ValidationInstallation, Validity,
};
use tern_wire::schema::{CertificateDer, EncryptedBlob, SchemaVersion, SecretText, Text};
use tern_wire::stream::{Entry, Repeat, Repeats};
use tern_wire::{Verified, WireFault};

use super::pki::{REQUESTING_PARTY, blob, signed};

/// The planned migration day.
pub const D: Date = date(2021, 3, 2);
pub const SUPPLIER: PartyId = PartyId(Eui64(0x90B3_D51F_3001_0001));
pub const OTHER_SUPPLIER: PartyId = PartyId(Eui64(0x90B3_D51F_3001_0002));
pub const OPERATOR: PartyId = PartyId(Eui64(0x90B3_D51F_3002_0001));
pub const SMSO: PartyId = PartyId(Eui64(0x90B3_D51F_3003_0001));
pub const KEY: &str = "00112233445566778899AABBCCDDEEFF";
pub const ROW: SourceRow = SourceRow(7);

/// `n` days after D.
pub fn on(n: i32) -> Date {
    D.checked_add(n.days()).unwrap()
}

pub fn text<const MIN: u32, const MAX: u32>(text: &str) -> Text<MIN, MAX> {
    Text::new(text).unwrap()
}

/// The CHF of entry `n`, from 0; its other devices are the next numbers.
pub fn chf(n: u64) -> ChfIdentifier {
    ChfIdentifier(Eui64(0x00DB_1234_5678_0000 + n * 16))
}

pub fn device(n: u64, slot: u64) -> DeviceId {
    DeviceId(Eui64(chf(n).0.0 + slot))
}

pub fn certificate(serial: u128) -> CertificateId {
    CertificateId::Named { serial, issuer: "CN=Z1,OU=07".to_owned() }
}

pub const SUPPLIERS_CERTIFICATE: u128 = 11;
pub const OPERATORS_CERTIFICATE: u128 = 21;

/// A set, its records, and the judging role's own state: everything that a test may change.
pub struct World {
    pub day: Date,
    pub books_on: Date,
    /// In which the files are written.
    pub schema: SchemaVersion,
    pub common: MigrationCommonFile,
    pub group: MigrationGroupFile,
    pub encrypted: MigrationGroupEncryptedFile,
    /// Changes the validation file, whose digests and entries are those of the set.
    pub validation: fn(&mut MigrationCommonValidationFile),
    pub absent: Vec<FileKind>,
    pub unreadable: Vec<FileKind>,
    pub doubled: Vec<String>,
    pub faults: Vec<WireFault>,
    pub group_information: Option<Vec<Opened<GroupInformation>>>,
    pub master_keys: Option<Vec<Opened<DecryptedMasterKey>>>,
    pub device_certificates: Option<Vec<Result<(), String>>>,
    pub directory: HashMap<CertificateId, Holder>,
    /// Suppliers with an encryption certificate in force.
    pub encrypted_to: Vec<PartyId>,
    pub history: SetHistory,
    /// What the role remembers of the installations.
    pub installations: InstallationHistory,
    pub settings: Settings,
    pub not_given: Vec<&'static str>,
    pub registration: Vec<Registration>,
    pub epcl: Vec<EpclEntry>,
    pub inventory: Vec<InventoryRecord>,
    pub authorisations: Vec<Authorisation>,
    pub notices: Vec<Notice>,
    pub exclusions: Vec<Exclusion>,
    pub sims: Vec<SimRecord>,
    pub smso_configuration: Vec<SmsoConfiguration>,
    pub rollback_certificates: Vec<RollbackCertificate>,
    pub installing_suppliers: Vec<InstallingSupplier>,
}

/// The same of another group: without what FOC alone has.
pub fn healthy_of(group: GroupId, installations: u64) -> World {
    let mut world = healthy(installations);
    world.header(|header| header.group_id = group);
    world.settings.served = GroupId::ALL.to_vec();
    if !group.is_foc() {
        world.group.installations.iter_mut().for_each(|entry| entry.chf_details.device_certificate = None);
        (world.smso_configuration, world.rollback_certificates) = (Vec::new(), Vec::new());
    }
    world
}

/// A healthy set of Active dual-fuel installations of EA.
pub fn healthy(installations: u64) -> World {
    let header = MigrationHeader {
        requesting_party_id: REQUESTING_PARTY,
        group_id: GroupId::EA,
        file_counter: 42,
        creation_date_time: "2021-02-20T10:00:00.000Z".parse().unwrap(),
        smets1_smso: SMSO,
    };
    let each = || 0..installations;
    let holder = |party, role| Holder { party, role, usable: Ok(()) };
    let mut world = World {
        day: D,
        books_on: D,
        schema: SchemaVersion::V12,
        common: MigrationCommonFile { migration_header: header.clone(), installations: each().map(common).collect() },
        group: MigrationGroupFile { migration_header: header.clone(), installations: each().map(group).collect() },
        encrypted: MigrationGroupEncryptedFile {
            migration_header: header,
            installations: each().map(encrypted).collect(),
        },
        validation: |_| {},
        absent: Vec::new(),
        unreadable: Vec::new(),
        doubled: Vec::new(),
        faults: Vec::new(),
        group_information: Some(each().map(|n| Some(Ok(group_information(n)))).collect()),
        master_keys: Some(each().map(|n| Some(Ok(master_key(n)))).collect()),
        device_certificates: Some(each().map(|_| Ok(())).collect()),
        directory: HashMap::from([
            (certificate(SUPPLIERS_CERTIFICATE), holder(SUPPLIER, Role::Supplier)),
            (certificate(OPERATORS_CERTIFICATE), holder(OPERATOR, Role::NetworkOperator)),
        ]),
        encrypted_to: vec![SUPPLIER, OTHER_SUPPLIER],
        history: SetHistory::default(),
        installations: InstallationHistory::default(),
        settings: Settings { associations: associations(), ..Settings::default() },
        not_given: Vec::new(),
        registration: Vec::new(),
        epcl: vec![EpclEntry { row: ROW, combination: combination(), state: EpclState::Approved, from: on(-90) }],
        inventory: Vec::new(),
        authorisations: Vec::new(),
        notices: Vec::new(),
        exclusions: Vec::new(),
        sims: Vec::new(),
        smso_configuration: Vec::new(),
        rollback_certificates: Vec::new(),
        installing_suppliers: Vec::new(),
    };
    each().for_each(|n| world.record(n));
    world
}

/// What the ESME's model opens.
fn associations() -> KnownAssociations {
    use Authentication::{HlsGmac, LowLevel, PreEstablished};
    let association = |name: &'static str, client, authentication| ApplicationAssociation {
        name: name.into(),
        client,
        logical_device: 1,
        authentication,
        form: None,
    };
    let DeviceModel { manufacturer, model, .. } = combination().esme;
    let associations = vec![
        association("Read and write", 1, HlsGmac),
        association("Reads", 2, LowLevel),
        association("Supply", 3, PreEstablished),
    ];
    let models = vec![ModelAssociations { manufacturer, model, associations }];
    KnownAssociations { configured: ConfiguredAssociations { models }, cohorts: Vec::new() }
}

pub fn combination() -> DeviceModelCombination {
    DeviceModelCombination {
        chf: model("Hub"),
        esme: model("E"),
        gsme: Some(model("G")),
        communications_provider: "Telco".to_owned(),
    }
}

fn model(name: &str) -> DeviceModel {
    DeviceModel { manufacturer: "Maker".to_owned(), model: name.to_owned(), firmware: "1.0".to_owned() }
}

pub fn mpan(n: u64) -> Mpxn {
    Mpxn::mpan_from_body(200_000_000_000 + n)
}

pub fn mprn(n: u64) -> Mpxn {
    Mpxn::mprn_from_body(39_384_244 + n)
}

fn meter(device: DeviceId, name: &str, mpxn: Mpxn) -> Meter {
    Meter {
        device_id: device,
        device_model: model(name),
        meter_state: MeterState::Active,
        mpxn,
        critical_supplier_certificate_id: certificate(SUPPLIERS_CERTIFICATE),
        non_critical_supplier_certificate_id: certificate(SUPPLIERS_CERTIFICATE),
        critical_network_operator_certificate_id: certificate(OPERATORS_CERTIFICATE),
        non_critical_network_operator_certificate_id: certificate(OPERATORS_CERTIFICATE),
    }
}

fn common(n: u64) -> CommonInstallation {
    CommonInstallation {
        chf_identifier: chf(n),
        communications_provider: text("Telco"),
        chf: Chf { device_model: model("Hub") },
        gpf: Gpf { device_id: device(n, 1) },
        esme: meter(device(n, 2), "E", mpan(n)),
        gsme: Some(meter(device(n, 3), "G", mprn(n))),
        ppmids: Vec::new(),
        ihds: Vec::new(),
    }
}

fn group(n: u64) -> GroupInstallation {
    GroupInstallation {
        chf_identifier: chf(n),
        chf_details: ChfDetails {
            imsi: text("234150000000001"),
            previous_apn: text("smso.example"),
            device_certificate: Some(CertificateDer(vec![1])),
        },
        esme_detail: EsmeDetail {
            device_id: device(n, 2),
            application_associations: vec![text("Read and write"), text("Supply")],
        },
        gsme_detail: Some(GsmeDetail { device_id: device(n, 3), han_type: HanType::ZigBee }),
    }
}

fn encrypted(n: u64) -> GroupEncryptedInstallation {
    let holder = || EncryptedBlobHolder { encrypted_data: EncryptedBlob::new(blob()) };
    GroupEncryptedInstallation {
        chf_identifier: chf(n),
        encrypted_s1sp_group_information: Some(holder()),
        encrypted_master_key: Some(EncryptedMasterKey { device_id: device(n, 2), encrypted_key: holder() }),
    }
}

pub fn secret(text: &str) -> SecretText {
    SecretText::new(text.to_owned())
}

pub fn group_information(n: u64) -> GroupInformation {
    GroupInformation {
        chf_identifier: chf(n),
        smso_export_reference: "2021-02-19-1".parse().unwrap(),
        esme: EsmeAssociationKeys {
            device_id: device(n, 2),
            authentication_key: secret(KEY),
            encryption_key: secret(KEY),
            prepayment_key: secret(KEY),
        },
        gsme: Some(GsmePrepaymentKey { device_id: device(n, 3), prepayment_key: secret(KEY) }),
    }
}

pub fn master_key(n: u64) -> DecryptedMasterKey {
    DecryptedMasterKey {
        chf_identifier: chf(n),
        smso_export_reference: "2021-02-19-1".parse().unwrap(),
        device_id: device(n, 2),
        master_key: secret(KEY),
    }
}

pub fn registration(fuel: Fuel, mpxn: Mpxn, supplier: PartyId, effective_from: Date) -> Registration {
    Registration { row: ROW, fuel, mpxn, supplier, network_operator: OPERATOR, effective_from }
}

impl Directory for World {
    fn holder(&self, id: &CertificateId) -> Option<Holder> {
        self.directory.get(id).cloned()
    }

    fn can_encrypt_to(&self, role: Role, party: PartyId) -> bool {
        role == Role::Supplier && self.encrypted_to.contains(&party)
    }
}

impl World {
    fn record(&mut self, n: u64) {
        self.registration.push(registration(Fuel::Electricity, mpan(n), SUPPLIER, on(-400)));
        self.registration.push(registration(Fuel::Gas, mprn(n), SUPPLIER, on(-400)));
        let (row, chf) = (ROW, chf(n));
        self.authorisations.push(Authorisation {
            row,
            reference: "MA-1".to_owned(),
            chf,
            supplier: SUPPLIER,
            from: on(-30),
            until: on(30),
        });
        self.sims.push(SimRecord { row, chf, imsi: "234150000000001".to_owned(), apn: "smso.example".to_owned() });
        let tried = Some(on(-5));
        self.smso_configuration.push(SmsoConfiguration { row, chf, smso: SMSO, configured: on(-9), tried });
        // Whoever installed it is not responsible any more.
        let (gsme, supplier) = (device(n, 3), OTHER_SUPPLIER);
        self.installing_suppliers.push(InstallingSupplier { row, device: gsme, supplier });
        for device in [DeviceId::from(chf), device(n, 2), device(n, 3)] {
            self.rollback_certificates.push(RollbackCertificate {
                row,
                chf,
                device,
                certificate: certificate(31),
                from: D,
                until: on(14),
                constraint: String::new(),
            });
        }
    }

    /// The first installation's entry of the Common File.
    pub fn first(&mut self) -> &mut CommonInstallation {
        &mut self.common.installations[0]
    }

    /// Changes the header of every file alike.
    pub fn header(&mut self, change: impl Fn(&mut MigrationHeader)) {
        change(&mut self.common.migration_header);
        change(&mut self.group.migration_header);
        change(&mut self.encrypted.migration_header);
    }

    fn facts(&self) -> Facts {
        const FILES: [&str; 10] = [
            "registration.csv",
            "epcl.csv",
            "inventory.csv",
            "authorisations.csv",
            "notices.csv",
            "exclusions.csv",
            "sims.csv",
            "smso_configuration.csv",
            "rollback_certificates.csv",
            "installing_suppliers.csv",
        ];
        let mut facts = Facts::default();
        FILES.into_iter().filter(|f| !self.not_given.contains(f)).for_each(|f| facts.mark_given(f));
        self.registration.iter().for_each(|r| facts.add_registration(r.clone()));
        self.epcl.iter().for_each(|r| facts.add_epcl(r.clone()));
        self.inventory.iter().for_each(|r| facts.add_inventory(r.clone()));
        self.authorisations.iter().for_each(|r| facts.add_authorisation(r.clone()));
        self.notices.iter().for_each(|r| facts.add_notice(r.clone()));
        self.exclusions.iter().for_each(|r| facts.add_exclusion(r.clone()));
        self.sims.iter().for_each(|r| facts.add_sim(r.clone()));
        self.smso_configuration.iter().for_each(|r| facts.add_smso_configuration(r.clone()));
        self.rollback_certificates.iter().for_each(|r| facts.add_rollback_certificate(r.clone()));
        self.installing_suppliers.iter().for_each(|r| facts.add_installing_supplier(r.clone()));
        facts
    }

    /// The files as they come, signed and opened.
    pub fn files(&self) -> Files {
        let common = signed((self.schema, &self.common), FileKind::MigrationCommonFile, &self.common.migration_header);
        let group = signed((self.schema, &self.group), FileKind::MigrationGroupFile, &self.group.migration_header);
        let encrypted = signed(
            (self.schema, &self.encrypted),
            FileKind::MigrationGroupEncryptedFile,
            &self.encrypted.migration_header,
        );
        let entries = self.common.installations.iter().map(|i| ValidationInstallation {
            chf_identifier: i.chf_identifier,
            outcome: Validity::Valid,
            findings: Vec::new(),
        });
        let mut validation = MigrationCommonValidationFile {
            migration_header: self.common.migration_header.clone(),
            migration_common_file_digest: common.document().digest(),
            migration_group_file_digest: group.document().digest(),
            migration_group_encrypted_file_digest: encrypted.document().digest(),
            validation_date_time: "2021-02-20T11:00:00.000Z".parse().unwrap(),
            overlay: None,
            installations: entries.collect(),
        };
        (self.validation)(&mut validation);
        let validation = signed(
            (self.schema, &validation),
            FileKind::MigrationCommonValidationFile,
            &validation.migration_header.clone(),
        );
        Files { common, group, encrypted, validation }
    }

    pub fn judge(&self, role: Role) -> Judgement {
        self.judge_files(role, &self.files())
    }

    pub fn judge_files(&self, role: Role, files: &Files) -> Judgement {
        let book = Rulebook::published();
        let [common, group, encrypted, validation] = files.keys();
        let repeats = repeats_of(&files.common);
        let validated = matches!(role, Role::S1sp | Role::Dco);
        let (group_file, validation_file) =
            (Some(&files.group).filter(|_| role != Role::Dco), Some(&files.validation).filter(|_| validated));
        let view = SetView {
            common: self.slot(Some(&files.common), &common, FileKind::MigrationCommonFile),
            group: self.slot(group_file, &group, FileKind::MigrationGroupFile),
            encrypted: self.slot(Some(&files.encrypted), &encrypted, FileKind::MigrationGroupEncryptedFile),
            validation: self.slot(validation_file, &validation, FileKind::MigrationCommonValidationFile),
            doubled: &self.doubled,
            faults: &self.faults,
            repeats: &repeats,
            certificates: self,
            history: &self.history,
            settings: &self.settings,
        };
        let judge = Judge::new(&view, role, self.day, book.on(self.books_on));
        let mut judgement = Judgement { whole: judge.verdicts().clone(), installations: Vec::new() };
        if view.common.file().is_none() {
            return judgement;
        }
        let facts = self.facts();
        let mut part = PartView::new(0, &files.common, &facts, &self.installations);
        part.group = run(view.group.file().and(group_file));
        part.encrypted = run(view.encrypted.file().map(|_| &files.encrypted));
        part.validation = run(view.validation.file().and(validation_file));
        part.group_information = self.group_information.as_deref().filter(|_| role == Role::S1sp);
        part.master_keys = self.master_keys.as_deref().filter(|_| role == Role::Dco);
        part.device_certificates = self.device_certificates.as_deref();
        for at in 0..files.common.installations.len() {
            let installation = judge.installation(&part, at).unwrap();
            judgement.whole.count(&installation);
            judgement.installations.push(installation);
        }
        judgement
    }

    fn slot<'a, T: SignedFile + Sync>(
        &self,
        file: Option<&'a Verified<T>>,
        keys: &'a [ChfIdentifier],
        kind: FileKind,
    ) -> Slot<'a, T> {
        let Some(file) = file.filter(|_| !self.absent.contains(&kind)) else { return Slot::Absent };
        if self.unreadable.contains(&kind) {
            return Slot::Unreadable;
        }
        let document = file.document();
        let (message, name, digest) = (file.value(), document.name(), document.digest());
        Slot::Present(FileHead { message, name, digest, version: file.version(), keys, places: file })
    }
}

/// What one role says of a set and of each of its installations.
#[derive(Debug)]
pub struct Judgement {
    pub whole: SetJudgement,
    pub installations: Vec<InstallationJudgement>,
}

impl std::ops::Deref for Judgement {
    type Target = SetJudgement;

    fn deref(&self) -> &SetJudgement {
        &self.whole
    }
}

fn run<T>(file: Option<&Verified<T>>) -> Run<'_, T> {
    file.map_or(Run::Absent, Run::Entries)
}

fn repeats_of(file: &MigrationCommonFile) -> Repeats {
    let uses = |(entry, i): (usize, &CommonInstallation)| {
        let used = |DeviceId(id), kind| Repeat { id, entry, kind };
        let mut uses = vec![used(DeviceId(i.chf_identifier.0), DeviceKind::Chf)];
        i.devices(&mut |kind, id| uses.push(used(id, kind)));
        uses
    };
    Repeats::among(&file.installations.iter().enumerate().flat_map(uses).collect::<Vec<_>>())
}

pub struct Files {
    pub common: Verified<MigrationCommonFile>,
    pub group: Verified<MigrationGroupFile>,
    pub encrypted: Verified<MigrationGroupEncryptedFile>,
    pub validation: Verified<MigrationCommonValidationFile>,
}

impl Files {
    fn keys(&self) -> [Vec<ChfIdentifier>; 4] {
        [
            self.common.installations.iter().map(|i| i.chf_identifier).collect(),
            self.group.installations.iter().map(|i| i.chf_identifier).collect(),
            self.encrypted.installations.iter().map(|i| i.chf_identifier).collect(),
            self.validation.installations.iter().map(|i| i.chf_identifier).collect(),
        ]
    }

    pub fn digests(&self) -> [Digest; 3] {
        [self.common.document().digest(), self.group.document().digest(), self.encrypted.document().digest()]
    }
}

/// What a rule must say. Of a finding: the end of its place's path, and a part of its message or of what was found.
#[derive(Debug, Clone, Copy)]
pub enum Says {
    Pass,
    NotApplicable,
    NotYetInForce,
    Missing(&'static str),
    Finding(&'static str, &'static str),
}

impl Says {
    fn fits(self, verdict: &Verdict) -> bool {
        match (self, verdict) {
            (Says::Pass, Verdict::Pass)
            | (Says::NotApplicable, Verdict::NotApplicable)
            | (Says::NotYetInForce, Verdict::NotYetInForce) => true,
            (Says::Missing(part), Verdict::FactsMissing { missing }) => missing.contains(part),
            (Says::Finding(place, part), Verdict::Finding(finding)) => {
                let whole = if finding.place.xpath.is_empty() { &finding.place.document } else { &finding.place.xpath };
                let told = [&finding.message, &finding.found, &finding.expected, &finding.suggestion];
                whole.ends_with(place)
                    && (finding.message.contains(part) || finding.found.contains(part))
                    && told.iter().all(|words| !words.is_empty() && !words.contains(KEY))
            }
            _ => false,
        }
    }
}

/// What the rule of a clause says of the first installation; no other rule may have anything against the set.
#[track_caller]
pub fn check(world: &World, role: Role, clause: &str, says: &[Says]) {
    let judgement = world.judge(role);
    let installation = &judgement.installations[0];
    compare(clause, says, installation.judged.iter().chain(&judgement.whole.set_aside));
    let others = installation.unclean().chain(judgement.unclean()).filter(|j| j.rule.clause != clause);
    assert_eq!(others.map(|j| (j.rule.clause, &j.verdict)).collect::<Vec<_>>(), [], "nothing beside {clause}");
}

/// What the rule of a clause says of the set as a whole; no other rule may have anything against it.
#[track_caller]
pub fn check_set(world: &World, role: Role, clause: &str, says: &[Says]) {
    let judgement = world.judge(role);
    compare(clause, says, judgement.whole.set.iter());
    let others = judgement.unclean().filter(|j| j.rule.clause != clause);
    assert_eq!(others.map(|j| (j.rule.clause, &j.verdict)).collect::<Vec<_>>(), [], "nothing beside {clause}");
}

#[track_caller]
fn compare<'a>(clause: &str, says: &[Says], judged: impl Iterator<Item = &'a Judged>) {
    let found: Vec<&Verdict> = judged.filter(|j| j.rule.clause == clause).map(|j| &j.verdict).collect();
    let fits = found.len() == says.len() && says.iter().zip(&found).all(|(says, found)| says.fits(found));
    assert!(fits, "{clause} must say {says:?}, and says {found:#?}");
}

/// Takes the gas meter out of every file and record.
pub fn without_gas(world: &mut World) {
    world.first().gsme = None;
    world.group.installations[0].gsme_detail = None;
    let mut plaintext = group_information(0);
    plaintext.gsme = None;
    world.group_information = Some(vec![Some(Ok(plaintext))]);
    world.epcl.push(EpclEntry {
        combination: DeviceModelCombination { gsme: None, ..combination() },
        ..world.epcl[0].clone()
    });
}
