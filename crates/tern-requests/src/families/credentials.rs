//! Credentials: a SMETS1 meter holds no certificates of Users, and so the DCC holds them for it (unconfirmed). Change of supplier is
//! such a change.

use jiff::Timestamp;
use tern_model::{PartyId, Role};
use tern_wire::Sender;
use tern_wire::duis::{Draft, Element};
use tern_wire::smki::{Certificate, CertificateProblem, Trust, Usage};

use super::{Family, Order, Work, needed, not_kept, nothing, status};
use crate::refusal::Refusal;
use crate::registry::Srv;

pub(super) static FAMILY: Family = Family { name: "credentials", srvs: &["6.15.1", "6.23"], plan, content: nothing };

/// Whose credentials are replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemoteParty {
    /// The supplier's, by itself or by the one that follows it.
    Supplier,
    /// The network operator's, by itself.
    NetworkOperator,
}

impl RemoteParty {
    /// The role of whoever has such credentials, as certificates name it.
    #[must_use]
    pub fn role(self) -> Role {
        match self {
            RemoteParty::Supplier => Role::Supplier,
            RemoteParty::NetworkOperator => Role::NetworkOperator,
        }
    }

    /// In the schemas' word.
    fn word(self) -> &'static str {
        match self {
            RemoteParty::NetworkOperator => "NetworkOperator",
            RemoteParty::Supplier => "Supplier",
        }
    }
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

/// What became of one certificate that a request brings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presented {
    /// What it is for.
    pub usage: CertificateUse,
    /// Whose it is, where it can be used so; or why not, in the schema's word and ours.
    pub found: Result<PartyId, (Unfit, String)>,
}

/// Why a certificate replaces none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// It cannot be read.
    Bad,
    /// No known authority stands over it, by the path that goes along with it.
    NoTrustAnchor,
    /// It is not in force, or another party's.
    Invalid,
    /// Its key is for something else.
    KeyUsage,
}

impl Unfit {
    /// The schema's word, and its number: those of RFC 5934, of which the list is made, where it has one (P).
    fn told(self) -> (u8, &'static str) {
        match self {
            Unfit::Bad => (5, "badCertificate"),
            Unfit::NoTrustAnchor => (10, "noTrustAnchor"),
            Unfit::Invalid => (127, "invalidCertificate"),
            Unfit::KeyUsage => (127, "invalidKeyUsage"),
        }
    }
}

impl CredentialsChange {
    /// Looks at every certificate that the request of `sender` brings: whether it is the sender's own, under an authority that its
    /// path names and that is known, in force at a moment (whatever ApplyTimeBasedCPVChecks says, P), and for what it is given.
    #[must_use]
    pub fn presented(&self, sender: &Sender, trust: &Trust, at: Timestamp) -> Vec<Presented> {
        let judged = |(usage, der): &(CertificateUse, Vec<u8>)| {
            let found =
                trust.check_presented(der, &self.path, at).map_err(|problem| (unfit(&problem), problem.to_string()));
            let found = found.and_then(|certificate| self.own(*usage, &certificate, sender));
            let found = found.and_then(|party| to_be_found((*usage, party), der, (trust, at)));
            Presented { usage: *usage, found }
        };
        self.certificates.iter().map(judged).collect()
    }

    fn own(
        &self,
        usage: CertificateUse,
        certificate: &Certificate,
        sender: &Sender,
    ) -> Result<PartyId, (Unfit, String)> {
        let party = certificate.party();
        if party != sender.party || certificate.role() != self.party.role() {
            return Err((Unfit::Invalid, format!("the certificate is {party}'s ({})", certificate.role())));
        }
        let fits = match usage {
            CertificateUse::DigitalSigning => certificate.is_for(Usage::Sign),
            CertificateUse::KeyAgreement | CertificateUse::KeyAgreementTopUp => certificate.agrees_keys(),
        };
        if fits { Ok(party) } else { Err((Unfit::KeyUsage, "the key is for something else".to_owned())) }
    }

    /// The answer: what was replaced by what, and the floors that are in force from now on. `before` is whose credentials were
    /// replaced, where that is known.
    #[must_use]
    pub fn answer(&self, srv: &Srv, counter: u64, presented: &[Presented], before: Option<PartyId>) -> Option<Draft> {
        let is_done = presented.iter().all(|one| one.found.is_ok());
        let mode = match (self.change_of_supplier, self.party) {
            (true, _) => "SupplierByTransCoS",
            (false, RemoteParty::NetworkOperator) => "NetworkOperatorByNetworkOperator",
            (false, _) => "SupplierBySupplier",
        };
        let leaf = |name, number: Option<u64>| number.map(|number| Draft::leaf(name, number));
        let numbers = Draft::new("RemotePartySeqNumberChange")
            .with(Draft::leaf("RemotePartyRole", self.party.word()))
            .with_some(leaf("RemotePartyFloorSeqNumber", self.floor))
            .with_some(leaf("RemotePartyPrepaymentTopUpFloorSeqNumber", self.top_up_floor));
        let changes = is_done && (self.floor.is_some() || self.top_up_floor.is_some());
        let outcome = Draft::new("ExecutionOutcome")
            .with(Draft::leaf("AuthorisingRemotePartyOriginatorCounter", counter))
            .with(Draft::leaf("CredentialsReplacementMode", mode))
            .with_some(changes.then_some(numbers))
            .with_all(presented.iter().map(|one| self.outcome(one, before)));
        Some(Draft::new(srv.response_body()?).attribute("MessageSuccess", is_done).with(outcome))
    }

    fn outcome(&self, one: &Presented, before: Option<PartyId>) -> Draft {
        let (code, word) = one.found.as_ref().err().map_or((0, "success"), |(unfit, _)| unfit.told());
        let usage = match one.usage {
            CertificateUse::DigitalSigning => "DigitalSigning",
            CertificateUse::KeyAgreement => "KeyAgreement",
            CertificateUse::KeyAgreementTopUp => "KeyAgreementTopUp",
        };
        let party = |name, party: Option<PartyId>| party.map(|party| Draft::leaf(name, party));
        Draft::new("ReplacementOutcome")
            .with(status("StatusCode", code, word))
            .with(Draft::leaf("CertificateType", usage))
            .with(Draft::leaf("RemotePartyRole", self.party.word()))
            .with_some(party("ExistingRemotePartyID", before))
            .with_some(party("NewRemotePartyID", one.found.as_ref().ok().copied()))
    }
}

/// What is signed under a certificate later must be found by its issuer and serial number.
fn to_be_found(
    (usage, party): (CertificateUse, PartyId),
    der: &[u8],
    (trust, at): (&Trust, Timestamp),
) -> Result<PartyId, (Unfit, String)> {
    if usage != CertificateUse::DigitalSigning {
        return Ok(party);
    }
    let id = Certificate::from_der(der).map(|certificate| certificate.id().clone());
    let known = id.and_then(|id| trust.check(&id, at, Usage::Sign));
    known.map(|_| party).map_err(|problem| (unfit(&problem), problem.to_string()))
}

fn unfit(problem: &CertificateProblem) -> Unfit {
    match problem {
        CertificateProblem::Malformed { .. } => Unfit::Bad,
        CertificateProblem::UntrustedPath { .. } | CertificateProblem::Unknown { .. } => Unfit::NoTrustAnchor,
        CertificateProblem::WrongUsage { .. } => Unfit::KeyUsage,
        _ => Unfit::Invalid,
    }
}

/// Whose credentials a meter has: others than a supplier's and a network operator's there are none in SMETS1.
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
        Some(other) => return Err(not_kept(format!("a SMETS1 meter has no credentials of {other}"))),
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
