//! Whom a role trusts: roots, issuing authorities, the directory of organisation certificates, revocation lists.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, CertificateRevocationListDer};
use tern_model::{CertificateId, ChfIdentifier, PartyId, Role};

use super::parsed::malformed;
use super::path::{Paths, Window};
use super::{AuthorityCertificate, Certificate, CertificateProblem, DeviceCertificate, Usage, name};

/// A certificate of the directory, with the window in which its path is known to hold.
#[derive(Debug)]
struct Entry {
    certificate: Arc<Certificate>,
    path: OnceLock<Window>,
}

/// Whom a role trusts. Share it by `Arc`: nothing in it locks.
///
/// A `Trust` never changes. A new certificate or revocation list makes a new one, so that a path found valid is
/// remembered for exactly the lists that it was checked against, and only inside every validity window on it.
#[derive(Debug, Default)]
pub struct Trust {
    paths: Paths,
    directory: HashMap<u128, Vec<Entry>>,
}

/// Collects what a [`Trust`] is made of. Each `…_pem` takes any number of blocks in one text.
#[derive(Debug, Default)]
pub struct TrustBuilder {
    trust: Trust,
}

impl Trust {
    /// Starts an empty one.
    #[must_use]
    pub fn builder() -> TrustBuilder {
        TrustBuilder::default()
    }

    /// The directory's certificate by issuer name (RFC 2253, a blank after a comma does not count) and serial number.
    /// It is not checked: see [`Trust::check`].
    #[must_use]
    pub fn find(&self, issuer: &str, serial: u128) -> Option<&Arc<Certificate>> {
        self.entry(issuer, serial).map(|entry| &entry.certificate)
    }

    /// Every certificate of the directory, in no order and unchecked.
    pub fn certificates(&self) -> impl Iterator<Item = &Arc<Certificate>> {
        self.directory.values().flatten().map(|entry| &entry.certificate)
    }

    /// The certificates of a role, or of one party in it, that may be used at a moment, by party and then latest first.
    #[must_use]
    pub fn usable(&self, role: Role, party: Option<PartyId>, usage: Usage, at: Timestamp) -> Vec<Arc<Certificate>> {
        let mut found: Vec<Arc<Certificate>> = self
            .certificates()
            .filter(|c| c.role() == role && party.is_none_or(|p| p == c.party()) && c.is_for(usage))
            .filter_map(|c| self.check(c.id(), at, usage).ok())
            .collect();
        found.sort_by_key(|c| (c.party(), std::cmp::Reverse((c.not_before(), c.serial()))));
        found
    }

    /// The certificate that a document names, once path, validity, revocation and usage hold at a moment.
    ///
    /// # Errors
    /// Each [`CertificateProblem`] but the device's.
    pub fn check(
        &self,
        id: &CertificateId,
        at: Timestamp,
        usage: Usage,
    ) -> Result<Arc<Certificate>, CertificateProblem> {
        let (serial, issuer) = id.parts();
        let entry = self.entry(issuer, serial).ok_or_else(|| CertificateProblem::Unknown { id: id.clone() })?;
        let certificate = &entry.certificate;
        if !certificate.is_for(usage) {
            return Err(CertificateProblem::WrongUsage { id: id.clone(), usage });
        }
        let at = whole_seconds(at);
        if !entry.path.get().is_some_and(|window| window.holds(at)) {
            let window = self.paths.validate(certificate.parsed(), at, usage)?;
            // Where another thread, or an earlier moment, was first, its window stays: both are true.
            let _ = entry.path.set(window);
        }
        Ok(certificate.clone())
    }

    /// A device's certificate as a Group File carries it, once it is the CHF's and path, validity and revocation hold
    /// at a moment (FI12). Devices are in no directory, so nothing is remembered but that their authority may issue.
    ///
    /// # Errors
    /// [`CertificateProblem`].
    pub fn check_device(
        &self,
        der: &[u8],
        chf: ChfIdentifier,
        at: Timestamp,
    ) -> Result<DeviceCertificate, CertificateProblem> {
        let certificate = DeviceCertificate::from_der(der)?;
        if certificate.device() != chf.into() {
            let id = certificate.id().clone();
            return Err(CertificateProblem::WrongDevice { id, found: certificate.device().0, expected: chf.0 });
        }
        self.paths.validate(&certificate.parsed, whole_seconds(at), Usage::Sign)?;
        Ok(certificate)
    }

    /// An organisation's certificate as a message carries it, with those on its path: readable, under an authority that the path
    /// names and that is known here, and in order at a moment. Whose it is and what for, whoever asks must see to.
    ///
    /// # Errors
    /// [`CertificateProblem`].
    pub fn check_presented(
        &self,
        der: &[u8],
        path: &[Vec<u8>],
        at: Timestamp,
    ) -> Result<Certificate, CertificateProblem> {
        let certificate = Certificate::from_der(der)?;
        let parsed = certificate.parsed();
        let issuer = |der: &Vec<u8>| {
            let authority = AuthorityCertificate::from_der(der).ok()?;
            (authority.parsed.subject_der == parsed.issuer_der && self.paths.knows(der)).then_some(())
        };
        if path.iter().find_map(issuer).is_none() {
            let reason = "the path that goes along with it does not name its authority as it is known here".to_owned();
            return Err(CertificateProblem::UntrustedPath { id: certificate.id().clone(), reason });
        }
        self.paths.validate(parsed, whole_seconds(at), Usage::Sign)?;
        Ok(certificate)
    }

    fn entry(&self, issuer: &str, serial: u128) -> Option<&Entry> {
        let entries = self.directory.get(&serial)?;
        entries.iter().find(|entry| name::same(entry.certificate.issuer(), issuer))
    }
}

/// Certificates count in whole seconds: a moment within the last second of validity is still valid.
fn whole_seconds(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

impl TrustBuilder {
    /// Trusts root certificates.
    ///
    /// # Errors
    /// [`CertificateProblem::Malformed`].
    pub fn roots_pem(mut self, pem: &[u8]) -> Result<TrustBuilder, CertificateProblem> {
        for der in certificates_in(pem) {
            self.trust.paths.add_root(AuthorityCertificate::from_der(&der?)?)?;
        }
        Ok(self)
    }

    /// Knows issuing authorities' certificates.
    ///
    /// # Errors
    /// [`CertificateProblem::Malformed`].
    pub fn authorities_pem(mut self, pem: &[u8]) -> Result<TrustBuilder, CertificateProblem> {
        for der in certificates_in(pem) {
            self.trust.paths.add_authority(AuthorityCertificate::from_der(&der?)?)?;
        }
        Ok(self)
    }

    /// Adds organisations' certificates to the directory.
    ///
    /// # Errors
    /// [`CertificateProblem::Malformed`].
    pub fn certificates_pem(mut self, pem: &[u8]) -> Result<TrustBuilder, CertificateProblem> {
        for der in certificates_in(pem) {
            self = self.certificate(Certificate::from_der(&der?)?)?;
        }
        Ok(self)
    }

    /// Adds one organisation's certificate to the directory; the same again changes nothing.
    ///
    /// # Errors
    /// [`CertificateProblem::Malformed`] where another certificate has the same issuer and serial number.
    pub fn certificate(mut self, certificate: Certificate) -> Result<TrustBuilder, CertificateProblem> {
        match self.trust.find(certificate.issuer(), certificate.serial()) {
            Some(known) if known.der() == certificate.der() => {}
            Some(_) => {
                return Err(malformed(format!("two certificates of the directory are both {}", certificate.id())));
            }
            None => {
                let entry = Entry { certificate: Arc::new(certificate), path: OnceLock::new() };
                self.trust.directory.entry(entry.certificate.serial()).or_default().push(entry);
            }
        }
        Ok(self)
    }

    /// Adds revocation lists; of two by one issuer the later counts.
    ///
    /// # Errors
    /// [`CertificateProblem::Malformed`].
    pub fn crls_pem(mut self, pem: &[u8]) -> Result<TrustBuilder, CertificateProblem> {
        for der in CertificateRevocationListDer::pem_slice_iter(pem) {
            let der = der.map_err(|_| malformed("the text is no PEM revocation list"))?;
            self.trust.paths.add_list(&der)?;
        }
        Ok(self)
    }

    /// Adds one revocation list in DER.
    ///
    /// # Errors
    /// [`CertificateProblem::Malformed`].
    pub fn crl(mut self, der: &[u8]) -> Result<TrustBuilder, CertificateProblem> {
        self.trust.paths.add_list(der)?;
        Ok(self)
    }

    /// Done.
    #[must_use]
    pub fn build(self) -> Trust {
        self.trust
    }
}

fn certificates_in(pem: &[u8]) -> impl Iterator<Item = Result<CertificateDer<'static>, CertificateProblem>> {
    CertificateDer::pem_slice_iter(pem).map(|der| der.map_err(|_| malformed("the text is no PEM certificate")))
}
