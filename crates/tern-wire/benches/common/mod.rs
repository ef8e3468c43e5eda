//! What the benchmarks have in common: keys, messages, the clock of one core.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tern_model::{
    CertificateId, ChfIdentifier, DeviceId, DeviceModel, Eui64, GroupId, MeterState, Mpxn, PartyId, Role,
};
use tern_wire::migration::{Chf, CommonInstallation, Gpf, Meter, MigrationCommonFile, MigrationHeader, Ppmid};
use tern_wire::schema::Text;
use tern_wire::smki::issuing::{
    AuthorityRequest, Issuer, OrganisationRequest, RevocationListRequest, Serial, Validity,
};
use tern_wire::smki::{Certificate, Signer, Trust, Usage};

/// The file name of every message here.
pub const NAME: &str = "MCF_90-B3-D5-1F-30-0A-00-01_EA_42.xml";
const PARTY: PartyId = PartyId(Eui64(0x90B3_D51F_300A_0001));

/// A sender, and who trusts it.
pub struct Keys {
    pub certificate: Arc<Certificate>,
    pub signer: Signer,
    pub trust: Trust,
    pub at: Timestamp,
}

impl Keys {
    pub fn new() -> Keys {
        let (not_before, not_after) = (moment("2020-01-01T00:00:00Z"), moment("2040-01-01T00:00:00Z"));
        let validity = Validity { not_before, not_after };
        let serial = |number| Serial::from_random([number; 16]);
        let authority = |common_name, number| AuthorityRequest { common_name, validity, serial: serial(number) };
        let (root, _) = Issuer::root(&authority("Bench root", 0x61)).expect("a root");
        let (issuing, _) = root.issuing_authority(&authority("Z1", 0x62)).expect("an issuing authority");
        let issued = issuing
            .issue(&OrganisationRequest {
                common_name: "RP-ALPHA",
                party: PARTY,
                role: Role::RequestingParty,
                usage: Usage::Sign,
                validity,
                serial: serial(0x63),
            })
            .expect("a certificate");
        let certificate = Arc::new(issued.certificate);
        let list = |issuer: &Issuer| {
            let list =
                RevocationListRequest { number: 1, this_update: not_before, next_update: not_after, revoked: &[] };
            issuer.revocation_list(&list).expect("a revocation list")
        };
        let trust = Trust::builder()
            .roots_pem(root.certificate().to_pem().as_bytes())
            .and_then(|b| b.authorities_pem(issuing.certificate().to_pem().as_bytes()))
            .and_then(|b| b.certificates_pem(certificate.to_pem().as_bytes()))
            .and_then(|b| b.crl(&list(&root)))
            .and_then(|b| b.crl(&list(&issuing)))
            .expect("a trust")
            .build();
        let signer = Signer::from_pem(certificate.clone(), issued.key_pem.expose()).expect("a signer");
        Keys { certificate, signer, trust, at: moment("2021-03-02T12:00:00Z") }
    }
}

/// A Migration Common File without entries.
pub fn head() -> MigrationCommonFile {
    let migration_header = MigrationHeader {
        requesting_party_id: PARTY,
        group_id: GroupId::EA,
        file_counter: 42,
        creation_date_time: moment("2021-03-02T12:00:00.000Z"),
        smets1_smso: PartyId(Eui64(7)),
    };
    MigrationCommonFile { migration_header, installations: Vec::new() }
}

/// An installation with one display: with header and signature about 3 KB.
pub fn entry(number: u64) -> CommonInstallation {
    let id = 0x00DB_1234_0000_0000 + number * 0x10;
    let device = |at: u64| DeviceId(Eui64(id + at));
    CommonInstallation {
        chf_identifier: ChfIdentifier(Eui64(id)),
        communications_provider: Text::new("Provider").expect("short"),
        chf: Chf { device_model: model("Hub") },
        gpf: Gpf { device_id: device(1) },
        esme: meter(id + 2),
        gsme: None,
        ppmids: vec![Ppmid { device_id: device(4), device_model: model("Display Two") }],
        ihds: Vec::new(),
    }
}

fn model(name: &str) -> DeviceModel {
    DeviceModel { manufacturer: "Müller & Söhne".into(), model: name.into(), firmware: "1.0.7".into() }
}

fn meter(id: u64) -> Meter {
    let serial = 150_306_063_915_418_116_146_042_817_116_181_118_497;
    let certificate = CertificateId::Named { serial, issuer: "CN=Z1,OU=07".into() };
    Meter {
        device_id: DeviceId(Eui64(id)),
        device_model: model("Meter One"),
        meter_state: MeterState::Active,
        mpxn: Mpxn::mpan_from_body(id % 1_000_000_000),
        critical_supplier_certificate_id: certificate.clone(),
        non_critical_supplier_certificate_id: certificate.clone(),
        critical_network_operator_certificate_id: certificate.clone(),
        non_critical_network_operator_certificate_id: certificate,
    }
}

pub fn moment(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

/// The time that this thread has had of a core, which is what xmlsec1's timer counts too; elsewhere than on Linux the time
/// that has passed.
pub fn core_time(start: Instant) -> Duration {
    let scheduled = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = scheduled.and_then(|text| text.split_whitespace().next()?.parse().ok());
    nanoseconds.map_or_else(|| start.elapsed(), Duration::from_nanos)
}
