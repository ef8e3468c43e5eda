//! Keys of every sender, and messages to send.

use std::sync::{Arc, LazyLock};

use jiff::Timestamp;
use tern_model::{
    CertificateId, ChfIdentifier, DeviceId, DeviceModel, Eui64, GroupId, MeterState, Mpxn, PartyId, Role,
};
use tern_wire::migration::{Chf, CommonInstallation, Gpf, Ihd, Meter, MigrationCommonFile, MigrationHeader, Ppmid};
use tern_wire::schema::Text;
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
