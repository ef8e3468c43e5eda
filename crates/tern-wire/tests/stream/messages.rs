//! Keys of every sender, and messages to send.

use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use tern_model::{
    CertificateId, ChfIdentifier, DeviceId, DeviceModel, Digest, Eui64, Grade, GroupId, HanType, MeterState, Mpxn,
    PartyId, Role,
};
use tern_wire::migration::{
    Chf, ChfDetails, CommissioningFile, CommissioningInstallation, CommonInstallation, DecryptedMasterKey,
    DecryptedS1spDpGroupInformation, EncryptedBlobHolder, EncryptedMasterKey, EsmeDetail, EsmeKeys, ExportInstallation,
    ExportMeter, FindingEntry, Gpf, GroupEncryptedInstallation, GroupInstallation, GsmeDetail, GsmeKeys,
    HighLevelAssociation, Ihd, Meter, MigrationCommonFile, MigrationCommonValidationFile, MigrationGroupEncryptedFile,
    MigrationGroupFile, MigrationHeader, PlaintextInstallation, Ppmid, PrePayDetails, ReportInstallation, SmsoExport,
    SmsoExportHeader, SmsoPlaintextExport, UnderOverlay, ValidationInstallation, Validity as Outcome, ViabilityReport,
};
use tern_wire::schema::{CertificateDer, EncryptedBlob, SecretText, Text};
use tern_wire::smki::issuing::{
    AuthorityRequest, Issuer, OrganisationRequest, RevocationListRequest, Serial, Validity,
};
use tern_wire::smki::{Signer, Trust, Usage};

/// Everybody's EUI-64: headers may name it whoever signs.
pub const PARTY: PartyId = PartyId(Eui64(0x90B3_D51F_300A_0001));

/// One signer for each role that sends files.
pub struct Keys {
    signers: Vec<(Role, Signer)>,
    pub trust: Trust,
}

impl Keys {
    pub fn signer(&self, role: Role) -> &Signer {
        &self.signers.iter().find(|(of, _)| *of == role).unwrap().1
    }
}

pub fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn now() -> Timestamp {
    moment("2021-03-02T12:00:00Z")
}

pub static KEYS: LazyLock<Keys> = LazyLock::new(|| {
    let validity = Validity { not_before: moment("2020-01-01T00:00:00Z"), not_after: moment("2040-01-01T00:00:00Z") };
    let serial = |number| Serial::from_random([number; 16]);
    let request = |common_name, number| AuthorityRequest { common_name, validity, serial: serial(number) };
    let (root, _) = Issuer::root(&request("Test root", 0x7A)).unwrap();
    let (authority, _) = root.issuing_authority(&request("Z1", 0x7B)).unwrap();
    let roles =
        [Role::RequestingParty, Role::Dsp, Role::S1sp, Role::Dco, Role::CommissioningParty, Role::Smso].into_iter();
    let signers: Vec<_> = roles
        .zip(0x61..)
        .map(|(role, number)| {
            let (party, serial) = (PARTY, serial(number));
            let request =
                OrganisationRequest { common_name: "PARTY", party, role, usage: Usage::Sign, validity, serial };
            let issued = authority.issue(&request).unwrap();
            (role, Signer::from_pem(Arc::new(issued.certificate), issued.key_pem.expose()).unwrap())
        })
        .collect();
    let list = |issuer: &Issuer| {
        let (this_update, next_update) = (moment("2020-01-01T00:00:00Z"), moment("2035-01-01T00:00:00Z"));
        issuer.revocation_list(&RevocationListRequest { number: 1, this_update, next_update, revoked: &[] }).unwrap()
    };
    let known: String = signers.iter().map(|(_, signer)| signer.certificate().to_pem()).collect();
    let trust = Trust::builder()
        .roots_pem(root.certificate().to_pem().as_bytes())
        .and_then(|b| b.authorities_pem(authority.certificate().to_pem().as_bytes()))
        .and_then(|b| b.certificates_pem(known.as_bytes()))
        .and_then(|b| b.crl(&list(&root)))
        .and_then(|b| b.crl(&list(&authority)))
        .unwrap()
        .build();
    Keys { signers, trust }
});

fn model(name: &str) -> DeviceModel {
    DeviceModel { manufacturer: "Müller & Söhne".into(), model: name.into(), firmware: "1.0".into() }
}

fn meter(id: u64) -> Meter {
    let certificate = CertificateId::Named { serial: u128::MAX / 2, issuer: "CN=Z1,OU=07".into() };
    Meter {
        device_id: DeviceId(Eui64(id)),
        device_model: model("M<1>"),
        meter_state: MeterState::Active,
        mpxn: Mpxn::mpan_from_body(id),
        critical_supplier_certificate_id: CertificateId::Null,
        non_critical_supplier_certificate_id: certificate.clone(),
        critical_network_operator_certificate_id: certificate.clone(),
        non_critical_network_operator_certificate_id: certificate,
    }
}

pub fn header() -> MigrationHeader {
    MigrationHeader {
        requesting_party_id: PARTY,
        group_id: GroupId::EA,
        file_counter: 42,
        creation_date_time: moment("2021-03-02T10:15:00.120Z"),
        smets1_smso: PartyId(Eui64(7)),
    }
}

/// The entry of installation `number`; every third has gas, every fifth no display.
pub fn common_entry(number: u64) -> CommonInstallation {
    let id = 0x00DB_1234_0000_0000 + number * 0x10;
    let device = |at: u64| DeviceId(Eui64(id + at));
    CommonInstallation {
        chf_identifier: ChfIdentifier(Eui64(id)),
        communications_provider: Text::new("Provider").unwrap(),
        chf: Chf { device_model: model("H") },
        gpf: Gpf { device_id: device(1) },
        esme: meter(id + 2),
        gsme: number.is_multiple_of(3).then(|| meter(id + 3)),
        ppmids: vec![Ppmid { device_id: device(4), device_model: model("P") }],
        ihds: if number.is_multiple_of(5) { vec![] } else { vec![Ihd { device_id: device(5) }] },
    }
}

pub fn common_file(installations: u64) -> MigrationCommonFile {
    MigrationCommonFile { migration_header: header(), installations: (1..=installations).map(common_entry).collect() }
}

fn chf(number: u64) -> ChfIdentifier {
    common_entry(number).chf_identifier
}

fn chf_details() -> ChfDetails {
    ChfDetails {
        imsi: Text::new("234150000000001").unwrap(),
        previous_apn: Text::new("smso.apn").unwrap(),
        device_certificate: Some(CertificateDer(vec![0x30; 90])),
    }
}

fn esme_detail(number: u64) -> EsmeDetail {
    let application_associations = vec![Text::new("Management <1>").unwrap(), Text::new("Öffentlich").unwrap()];
    EsmeDetail { device_id: common_entry(number).esme.device_id, application_associations }
}

fn gsme_detail(number: u64) -> Option<GsmeDetail> {
    let gsme = common_entry(number).gsme?;
    Some(GsmeDetail { device_id: gsme.device_id, han_type: HanType::ZigBee })
}

pub fn group_file(installations: u64) -> MigrationGroupFile {
    let entry = |number| GroupInstallation {
        chf_identifier: chf(number),
        chf_details: chf_details(),
        esme_detail: esme_detail(number),
        gsme_detail: gsme_detail(number),
    };
    MigrationGroupFile { migration_header: header(), installations: (1..=installations).map(entry).collect() }
}

/// Has the form of an encrypted element; nobody can open it.
fn blob() -> EncryptedBlobHolder {
    let element = concat!(
        r#"<xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#">"#,
        r#"<xenc:EncryptionMethod Algorithm="a"></xenc:EncryptionMethod>"#,
        r#"<ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"></ds:KeyInfo>"#,
        r#"<xenc:CipherData><xenc:CipherValue>AAAA</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>"#
    );
    EncryptedBlobHolder { encrypted_data: EncryptedBlob::new(element.to_owned()) }
}

fn master_key(number: u64) -> EncryptedMasterKey {
    EncryptedMasterKey { device_id: common_entry(number).esme.device_id, encrypted_key: blob() }
}

pub fn encrypted_file(installations: u64) -> MigrationGroupEncryptedFile {
    let entry = |number| GroupEncryptedInstallation {
        chf_identifier: chf(number),
        encrypted_s1sp_group_information: Some(blob()),
        encrypted_master_key: (number != 2).then(|| master_key(number)),
    };
    MigrationGroupEncryptedFile { migration_header: header(), installations: (1..=installations).map(entry).collect() }
}

fn findings(number: u64) -> Vec<FindingEntry> {
    let finding = FindingEntry {
        clause: Text::shortened("15.6"),
        grade: Grade::Stated,
        place: Text::shortened("F.xml"),
        message: Text::shortened("wrong"),
        found: Text::shortened("\"x\" & <y>"),
        expected: Text::shortened("ein Maß"),
        suggestion: Text::shortened("mend it"),
    };
    vec![finding; (number % 3) as usize]
}

fn outcome(number: u64) -> Outcome {
    if number.is_multiple_of(3) { Outcome::Valid } else { Outcome::Invalid }
}

pub fn validation_file(installations: u64) -> MigrationCommonValidationFile {
    let entry = |number| ValidationInstallation {
        chf_identifier: chf(number),
        outcome: outcome(number),
        findings: findings(number),
    };
    MigrationCommonValidationFile {
        migration_header: header(),
        migration_common_file_digest: Digest([1; 32]),
        migration_group_file_digest: Digest([2; 32]),
        migration_group_encrypted_file_digest: Digest([3; 32]),
        validation_date_time: now(),
        overlay: None,
        installations: (1..=installations).map(entry).collect(),
    }
}

pub fn viability_report(installations: u64) -> ViabilityReport {
    let entry = |number| ReportInstallation {
        chf_identifier: chf(number),
        outcome: outcome(number),
        findings: findings(number),
    };
    ViabilityReport {
        migration_header: header(),
        migration_common_validation_file_digest: Digest([4; 32]),
        report_date_time: now(),
        overlay: Some(UnderOverlay { name: Text::new("two weeks later").unwrap(), digest: Digest([8; 32]) }),
        installations: (1..=installations).map(entry).collect(),
    }
}

pub fn commissioning_file(installations: u64) -> CommissioningFile {
    CommissioningFile {
        migration_header: header(),
        s1sp_viability_report_digest: Digest([5; 32]),
        dco_viability_report_digest: Digest([6; 32]),
        creation_date_time: now(),
        overlay: None,
        installations: (1..=installations).map(|n| CommissioningInstallation { chf_identifier: chf(n) }).collect(),
    }
}

pub fn smso_export(installations: u64) -> SmsoExport {
    let meter = |meter: Meter| ExportMeter {
        device_id: meter.device_id,
        device_model: meter.device_model,
        meter_state: meter.meter_state,
        mpxn: meter.mpxn,
    };
    let entry = |number| {
        let common = common_entry(number);
        ExportInstallation {
            chf_identifier: common.chf_identifier,
            communications_provider: common.communications_provider,
            chf: common.chf,
            gpf: common.gpf,
            esme: meter(common.esme),
            gsme: common.gsme.map(meter),
            ppmids: common.ppmids,
            ihds: common.ihds,
            chf_details: chf_details(),
            esme_detail: esme_detail(number),
            gsme_detail: gsme_detail(number),
            encrypted_s1sp_group_information: blob(),
            encrypted_master_key: master_key(number),
        }
    };
    SmsoExport {
        smso_export_header: SmsoExportHeader {
            smets1_smso: PARTY,
            group_id: GroupId::EA,
            export_reference: "WEEK-09-1".parse().unwrap(),
            export_date_time: now(),
        },
        installations: (1..=installations).map(entry).collect(),
    }
}

/// The same export with its keys in the clear, of a group that may be exported so. Every key is `key`.
pub fn plaintext_export(installations: u64, key: &str) -> SmsoPlaintextExport {
    let secret = || SecretText::new(key.to_owned());
    let SmsoExport { smso_export_header, installations } = smso_export(installations);
    let reference = &smso_export_header.export_reference;
    let entry = |export: ExportInstallation| PlaintextInstallation {
        group_information: DecryptedS1spDpGroupInformation {
            chf_identifier: export.chf_identifier,
            smso_export_reference: reference.clone(),
            esme_detail: EsmeKeys {
                device_id: export.esme.device_id,
                high_level_association: HighLevelAssociation {
                    authentication_key: secret(),
                    encryption_key: secret(),
                    prepayment_key: secret(),
                },
            },
            gsme_detail: export.gsme.as_ref().map(|gsme| GsmeKeys {
                device_id: gsme.device_id,
                pre_pay_details: PrePayDetails { prepayment_key: secret() },
            }),
        },
        master_key: DecryptedMasterKey {
            chf_identifier: export.chf_identifier,
            smso_export_reference: reference.clone(),
            device_id: export.esme.device_id,
            master_key: secret(),
        },
        chf_identifier: export.chf_identifier,
        communications_provider: export.communications_provider,
        chf: export.chf,
        gpf: export.gpf,
        esme: export.esme,
        gsme: export.gsme,
        ppmids: export.ppmids,
        ihds: export.ihds,
        chf_details: export.chf_details,
        esme_detail: export.esme_detail,
        gsme_detail: export.gsme_detail,
    };
    let installations = installations.into_iter().map(entry).collect();
    let smso_export_header = SmsoExportHeader { group_id: GroupId::EB, ..smso_export_header.clone() };
    SmsoPlaintextExport { smso_export_header, installations }
}
