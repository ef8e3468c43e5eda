//! Credentials: a SMETS1 meter holds no certificates of Users, and so the DCC holds them for it (unconfirmed). Change of supplier is
//! such a change.

use tern_wire::duis::Element;

use super::{Family, Order, Work, needed, nothing};
use crate::refusal::Refusal;

pub(super) static FAMILY: Family = Family { name: "credentials", srvs: &["6.15.1", "6.23"], plan, content: nothing };

/// Whose credentials are replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemoteParty {
    /// The supplier's, by itself or by the one that follows it.
    Supplier,
    /// The network operator's, by itself.
    NetworkOperator,
    /// Another's: there are none in SMETS1.
    Other,
}

/// What a certificate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateUse {
    /// Signatures.
    DigitalSigning,
    /// Agreement of keys.
    KeyAgreement,
    /// Agreement of keys for top-ups.
    KeyAgreementTopUp,
}

/// A change of the credentials that the DCC holds for a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialsChange {
    /// Whose.
    pub party: RemoteParty,
    /// Whether the supplier changes (6.23): the User is the one to come.
    pub change_of_supplier: bool,
    /// The new certificates, DER.
    pub certificates: Vec<(CertificateUse, Vec<u8>)>,
    /// Those on their path, DER.
    pub path: Vec<Vec<u8>>,
    /// The sequence number below which nothing is taken any more, where it is said.
    pub floor: Option<u64>,
    /// The same for top-ups.
    pub top_up_floor: Option<u64>,
    /// The metering point that is named (6.23).
    pub mpxn: Option<String>,
}

fn plan(order: &Order<'_>) -> Result<Work, Refusal> {
    let body = order.body;
    let change_of_supplier = order.srv.number == "6.23";
    let (new, prefix) = if change_of_supplier {
        (body.child("SupplierReplacementCertificates"), "Supplier")
    } else {
        (body.at("ReplacementCertificates/SupplierOrNetworkOperatorCertificates"), "RemoteParty")
    };
    let party = match body.text_at("RemotePartyRole") {
        Some("Supplier") | None => RemoteParty::Supplier,
        Some("NetworkOperator") => RemoteParty::NetworkOperator,
        Some(_) => RemoteParty::Other,
    };
    let path = body.child("CertificationPathCertificates").into_iter().flat_map(|path| path.all("Certificate"));
    let number = |name: &str| body.child(&format!("{prefix}{name}")).and_then(Element::parse);
    Ok(Work::Credentials(CredentialsChange {
        party,
        change_of_supplier,
        certificates: certificates(needed(new, "the replacement certificates")?)?,
        path: path.map(|element| needed(element.base64(), "Certificate")).collect::<Result<_, _>>()?,
        floor: number("FloorSeqNumber"),
        top_up_floor: number("PrepaymentTopUpFloorSeqNumber"),
        mpxn: body.text_at("ImportMPxN").map(str::to_owned),
    }))
}

fn certificates(new: Element<'_>) -> Result<Vec<(CertificateUse, Vec<u8>)>, Refusal> {
    let uses = [
        ("DigitalSigningCertificate", CertificateUse::DigitalSigning),
        ("KeyAgreementCertificate", CertificateUse::KeyAgreement),
        ("KeyAgreementTopUpCertificate", CertificateUse::KeyAgreementTopUp),
    ];
    let held = uses.into_iter().filter_map(|(name, usage)| Some((new.child(name)?, usage)));
    held.map(|(element, usage)| Ok((usage, needed(element.base64(), element.name())?))).collect()
}
