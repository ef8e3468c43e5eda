//! Messages to write.

use tern_model::{CertificateId, ChfIdentifier, DeviceId, DeviceModel, Eui64, GroupId, MeterState, Mpxn, PartyId};
use tern_wire::migration::{Chf, CommonInstallation, Gpf, Meter, MigrationCommonFile, MigrationHeader, Ppmid};
use tern_wire::schema::Text;

/// A signature that has the right shape and signs nothing.
pub const SIGNATURE: &str = concat!(
    r#"<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="a"/>"#,
    r#"<ds:SignatureMethod Algorithm="b"/><ds:Reference URI=""><ds:Transforms><ds:Transform Algorithm="c"/></ds:Transforms>"#,
    r#"<ds:DigestMethod Algorithm="d"/><ds:DigestValue>AAAA</ds:DigestValue></ds:Reference></ds:SignedInfo>"#,
    r#"<ds:SignatureValue>AAAA</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509IssuerSerial>"#,
    r#"<ds:X509IssuerName>CN=Z1,OU=07</ds:X509IssuerName><ds:X509SerialNumber>1</ds:X509SerialNumber>"#,
    r#"</ds:X509IssuerSerial></ds:X509Data></ds:KeyInfo></ds:Signature>"#
);

fn model(name: &str) -> DeviceModel {
    DeviceModel { manufacturer: "Maker & Sons".into(), model: name.into(), firmware: "1.0".into() }
}

fn meter(body: u64) -> Meter {
    let certificate = CertificateId::Named { serial: u128::MAX / 2, issuer: "CN=Z1,OU=07".into() };
    Meter {
        device_id: DeviceId(Eui64(body)),
        device_model: model("M<1>"),
        meter_state: MeterState::Active,
        mpxn: Mpxn::mpan_from_body(body),
        critical_supplier_certificate_id: CertificateId::Null,
        non_critical_supplier_certificate_id: certificate.clone(),
        critical_network_operator_certificate_id: certificate.clone(),
        non_critical_network_operator_certificate_id: certificate,
    }
}

pub fn common_file() -> MigrationCommonFile {
    let entry = |chf: u64, gsme: bool| CommonInstallation {
        chf_identifier: ChfIdentifier(Eui64(chf)),
        communications_provider: Text::new("Provider").expect("fits"),
        chf: Chf { device_model: model("H") },
        gpf: Gpf { device_id: DeviceId(Eui64(chf + 1)) },
        esme: meter(chf + 2),
        gsme: gsme.then(|| meter(chf + 3)),
        ppmids: vec![Ppmid { device_id: DeviceId(Eui64(chf + 4)), device_model: model("P") }; 2],
        ihds: vec![],
    };
    MigrationCommonFile {
        migration_header: MigrationHeader {
            requesting_party_id: PartyId(Eui64(0x90B3_D51F_300A_0001)),
            group_id: GroupId::EA,
            file_counter: 42,
            creation_date_time: "2021-03-02T10:15:00.120Z".parse().expect("a moment"),
            smets1_smso: PartyId(Eui64(7)),
        },
        installations: vec![entry(0x100, true), entry(0x200, false)],
    }
}

/// With a signature of the right shape.
pub fn signed(unsigned: &str) -> String {
    let end = unsigned.rfind("</").expect("a root");
    format!("{}{SIGNATURE}{}", &unsigned[..end], &unsigned[end..])
}
