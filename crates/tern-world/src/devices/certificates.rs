//! The certificates that devices know: the authorities that they hold, and the parties' certificates that they met.
//!
//! A device takes a party's certificate that was issued under the root that it holds. It looks at no date and no revocation
//! list (P): a meter's clock drifts, and no meter fetches lists.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use tern_model::{CertificateId, PartyId, Role};
use tern_wire::smki::{AuthorityCertificate, Certificate, Trust, Usage};
use webpki::{EndEntityCert, KeyUsage};

/// What every device of an estate knows at the beginning.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Known {
    /// The root and the issuing authorities (DER).
    pub authorities: Vec<Vec<u8>>,
    /// The parties' certificates that devices hold (DER).
    pub certificates: Vec<Vec<u8>>,
    /// The parties that the SMSO authorised to use its devices (15.2).
    pub authorised: Vec<PartyId>,
}

impl Known {
    /// What devices know in a key infrastructure: its authorities, the certificates of the SMSOs and of the S1SP that may sign
    /// at a moment, and that the SMSOs authorised the S1SP.
    #[must_use]
    pub fn of(authorities: &[AuthorityCertificate], trust: &Trust, at: Timestamp) -> Known {
        let of = |role| trust.usable(role, None, Usage::Sign, at);
        let (smsos, s1sps) = (of(Role::Smso), of(Role::S1sp));
        let mut authorised: Vec<PartyId> = s1sps.iter().map(|certificate| certificate.party()).collect();
        authorised.dedup();
        Known {
            authorities: authorities.iter().map(|authority| authority.der().to_vec()).collect(),
            certificates: smsos.iter().chain(&s1sps).map(|certificate| certificate.der().to_vec()).collect(),
            authorised,
        }
    }
}

/// The certificates of a world.
#[derive(Debug)]
pub(crate) struct Certificates {
    anchors: Vec<TrustAnchor<'static>>,
    authorised: Vec<PartyId>,
    met: Mutex<HashMap<CertificateId, Arc<Certificate>>>,
}

/// A certificate that restricts its purposes must allow any (2.5.29.37.0).
const ANY_PURPOSE: &[u8] = &[0x55, 0x1D, 0x25, 0x00];
const ALGORITHMS: &[&dyn rustls_pki_types::SignatureVerificationAlgorithm] = &[webpki::aws_lc_rs::ECDSA_P256_SHA256];

impl Certificates {
    /// What an estate begins with; what cannot be read is told in words.
    pub(crate) fn new(known: &Known) -> Result<Certificates, String> {
        let mut anchors = Vec::new();
        for der in &known.authorities {
            AuthorityCertificate::from_der(der).map_err(|problem| problem.to_string())?;
            let der = CertificateDer::from(der.as_slice());
            let anchor = webpki::anchor_from_trusted_cert(&der).map_err(|error| error.to_string())?;
            anchors.push(anchor.to_owned());
        }
        let authorised = known.authorised.clone();
        let certificates = Certificates { anchors, authorised, met: Mutex::default() };
        for der in &known.certificates {
            certificates.accept(der).ok_or("a party's certificate that no authority here issued")?;
        }
        Ok(certificates)
    }

    /// A party's certificate, where it was issued under an authority that devices hold, and whether it is met for the first time.
    pub(crate) fn accept(&self, der: &[u8]) -> Option<(Arc<Certificate>, bool)> {
        let certificate = Arc::new(Certificate::from_der(der).ok().filter(|c| c.is_for(Usage::Sign))?);
        if let Some(known) = self.find(certificate.id()).filter(|known| known.der() == der) {
            return Some((known, false));
        }
        let der = CertificateDer::from(der);
        let issued = EndEntityCert::try_from(&der).ok()?;
        // At its own first moment: dates do not count here.
        let seconds = u64::try_from(certificate.not_before().as_second()).ok()?;
        let at = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        let purpose = KeyUsage::required_if_present(ANY_PURPOSE);
        issued.verify_for_usage(ALGORITHMS, &self.anchors, &[], at, purpose, None, None).ok()?;
        let mut met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        met.insert(certificate.id().clone(), certificate.clone());
        Some((certificate, true))
    }

    /// A certificate that was met.
    pub(crate) fn find(&self, id: &CertificateId) -> Option<Arc<Certificate>> {
        self.met.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    /// Every certificate of a party that was met.
    pub(crate) fn of_party(&self, party: PartyId) -> Vec<Arc<Certificate>> {
        let met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        met.values().filter(|certificate| certificate.party() == party).cloned().collect()
    }

    /// The parties that the SMSO authorised (15.2).
    pub(crate) fn authorised(&self) -> &[PartyId] {
        &self.authorised
    }

    /// Whether the SMSO authorised a party (15.2).
    pub(crate) fn is_authorised(&self, party: PartyId) -> bool {
        self.authorised.contains(&party)
    }
}
