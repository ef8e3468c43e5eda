//! A small key infrastructure, made anew for each test.

use std::sync::Arc;

use jiff::Timestamp;
use tern_model::{Eui64, PartyId, Role};
use tern_wire::smki::issuing::{
    AuthorityRequest, DeviceRequest, Issued, Issuer, OrganisationRequest, Revocation, RevocationListRequest, Serial,
    Validity, revocation_list_pem,
};
use tern_wire::smki::{Certificate, DeviceCertificate, Trust, TrustBuilder, Usage};

pub const PARTY: PartyId = PartyId(Eui64(0x90B3_D51F_3000_0001));

/// A moment in the middle of every validity.
pub const NOW: &str = "2021-03-02T12:00:00Z";

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn years(from: i16, until: i16) -> Validity {
    Validity { not_before: at(&format!("{from}-01-01T00:00:00Z")), not_after: at(&format!("{until}-01-01T00:00:00Z")) }
}

pub fn serial(number: u8) -> Serial {
    Serial::from_random([number; 16])
}

pub struct Pki {
    pub root: Issuer,
    pub issuing: Issuer,
}

impl Pki {
    pub fn new() -> Pki {
        let (root, _) = Issuer::root(&authority("Tern test root", years(2020, 2040), 1)).unwrap();
        let (issuing, _) = root.issuing_authority(&authority("T1", years(2020, 2035), 2)).unwrap();
        Pki { root, issuing }
    }

    pub fn organisation(&self, role: Role, usage: Usage, number: u8) -> Issued<Certificate> {
        self.organisation_in(role, usage, number, years(2021, 2031))
    }

    pub fn organisation_in(&self, role: Role, usage: Usage, number: u8, validity: Validity) -> Issued<Certificate> {
        Pki::issue(&self.issuing, role, usage, number, validity)
    }

    pub fn issue(by: &Issuer, role: Role, usage: Usage, number: u8, validity: Validity) -> Issued<Certificate> {
        let common_name = "Party, the first";
        let request = OrganisationRequest { common_name, party: PARTY, role, usage, validity, serial: serial(number) };
        by.issue(&request).unwrap()
    }

    pub fn device(&self, eui: u64, number: u8) -> Issued<DeviceCertificate> {
        let device = tern_model::DeviceId(Eui64(eui));
        self.issuing
            .issue_device(&DeviceRequest { device, validity: years(2021, 2031), serial: serial(number) })
            .unwrap()
    }

    /// A revocation list of one of the two authorities.
    pub fn list(issuer: &Issuer, number: u64, revoked: &[u128]) -> Vec<u8> {
        let revoked: Vec<Revocation> =
            revoked.iter().map(|serial| Revocation { serial: *serial, at: at("2021-02-01T00:00:00Z") }).collect();
        let request = RevocationListRequest {
            number,
            this_update: at("2021-01-01T00:00:00Z"),
            next_update: at("2030-01-01T00:00:00Z"),
            revoked: &revoked,
        };
        issuer.revocation_list(&request).unwrap()
    }

    /// Root and issuing authority, without revocation lists.
    pub fn authorities(&self) -> TrustBuilder {
        Trust::builder()
            .roots_pem(self.root.certificate().to_pem().as_bytes())
            .unwrap()
            .authorities_pem(self.issuing.certificate().to_pem().as_bytes())
            .unwrap()
    }

    /// Everything, with these serial numbers revoked.
    pub fn trust(&self, certificates: &[&Certificate], revoked: &[u128]) -> Arc<Trust> {
        let lists = [
            revocation_list_pem(&Pki::list(&self.root, 1, &[])),
            revocation_list_pem(&Pki::list(&self.issuing, 1, revoked)),
        ];
        let mut builder = self.authorities().crls_pem(lists.concat().as_bytes()).unwrap();
        for certificate in certificates {
            builder = builder.certificates_pem(certificate.to_pem().as_bytes()).unwrap();
        }
        Arc::new(builder.build())
    }
}

pub fn authority(common_name: &str, validity: Validity, number: u8) -> AuthorityRequest<'_> {
    AuthorityRequest { common_name, validity, serial: serial(number) }
}
