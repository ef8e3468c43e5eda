//! From a certificate to a trusted root: signatures, validity, basic constraints, revocation, by `rustls-webpki`.
//!
//! It must never remember a verdict on a certificate: that is the cache's duty in [`super::Trust`], within the window
//! returned here. What lies above a certificate it does remember: an authority whose own path held.

use std::sync::OnceLock;
use std::time::Duration;

use jiff::Timestamp;
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm, TrustAnchor, UnixTime};
use webpki::{
    CertRevocationList, EndEntityCert, ExpirationPolicy, KeyUsage, OwnedCertRevocationList, RevocationOptions,
    RevocationOptionsBuilder, VerifiedPath,
};
use x509_parser::prelude::{CertificateRevocationList, FromDer};

use super::parsed::{Parsed, malformed, moment};
use super::{AuthorityCertificate, CertificateProblem, Usage};

/// A certificate that restricts its purposes must allow any (2.5.29.37.0): TLS purposes are not for documents.
const ANY_PURPOSE: &[u8] = &[0x55, 0x1D, 0x25, 0x00];

/// The purposes that a certificate must have for a usage.
fn purposes(usage: Usage) -> KeyUsage {
    match usage {
        Usage::Sign | Usage::Encrypt => KeyUsage::required_if_present(ANY_PURPOSE),
        Usage::Tls => KeyUsage::server_auth(),
    }
}

/// What a path may be signed with.
const ALGORITHMS: &[&dyn SignatureVerificationAlgorithm] = &[webpki::aws_lc_rs::ECDSA_P256_SHA256];

/// From when until when a verdict holds, both ends included, in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) from: Timestamp,
    pub(super) until: Timestamp,
}

impl Window {
    const ALWAYS: Window = Window { from: Timestamp::MIN, until: Timestamp::MAX };

    fn of(parsed: &Parsed) -> Window {
        Window { from: parsed.not_before, until: parsed.not_after }
    }

    pub(super) fn holds(self, at: Timestamp) -> bool {
        (self.from..=self.until).contains(&at)
    }

    fn and(self, other: Window) -> Window {
        Window { from: self.from.max(other.from), until: self.until.min(other.until) }
    }
}

/// A root with the form in which `rustls-webpki` wants it.
#[derive(Debug)]
struct Root {
    certificate: AuthorityCertificate,
    anchor: TrustAnchor<'static>,
}

/// An issuing authority.
#[derive(Debug)]
struct Authority {
    certificate: AuthorityCertificate,
    der: CertificateDer<'static>,
    anchor: TrustAnchor<'static>,
    /// When its own path, and the revocation lists on it and of it, are known to hold.
    proven: OnceLock<Window>,
}

/// A revocation list.
#[derive(Debug)]
struct RevocationList {
    list: CertRevocationList<'static>,
    issuer_der: Vec<u8>,
    this_update: Timestamp,
    next_update: Timestamp,
}

/// What paths are built from.
#[derive(Debug, Default)]
pub(super) struct Paths {
    roots: Vec<Root>,
    authorities: Vec<Authority>,
    lists: Vec<RevocationList>,
}

impl Paths {
    /// Trusts a root.
    pub(super) fn add_root(&mut self, root: AuthorityCertificate) -> Result<(), CertificateProblem> {
        let (_, anchor) = anchored(&root, "a root")?;
        self.roots.push(Root { certificate: root, anchor });
        Ok(())
    }

    /// Knows an issuing authority, without trusting it for its own sake.
    pub(super) fn add_authority(&mut self, authority: AuthorityCertificate) -> Result<(), CertificateProblem> {
        let (der, anchor) = anchored(&authority, "an authority")?;
        self.authorities.push(Authority { certificate: authority, der, anchor, proven: OnceLock::new() });
        Ok(())
    }

    /// Whether a certificate is one of the roots or issuing authorities.
    pub(super) fn knows(&self, der: &[u8]) -> bool {
        let roots = self.roots.iter().map(|root| root.certificate.der());
        roots.chain(self.authorities.iter().map(|authority| authority.certificate.der())).any(|known| known == der)
    }

    /// Takes a revocation list in DER; of two by one issuer the later counts.
    pub(super) fn add_list(&mut self, der: &[u8]) -> Result<(), CertificateProblem> {
        let wrong = |why: String| malformed(format!("the revocation list cannot be read: {why}"));
        let owned = OwnedCertRevocationList::from_der(der).map_err(|error| wrong(error.to_string()))?;
        let (_, read) = CertificateRevocationList::from_der(der).map_err(|error| wrong(error.to_string()))?;
        let next_update = read.next_update().ok_or_else(|| wrong("it has no nextUpdate".to_owned()))?;
        let list = RevocationList {
            list: CertRevocationList::Owned(owned),
            issuer_der: read.issuer().as_raw().to_vec(),
            this_update: moment(read.last_update())?,
            next_update: moment(next_update)?,
        };
        let known = self.lists.iter_mut().find(|l| l.issuer_der == list.issuer_der);
        match known {
            Some(known) if known.this_update <= list.this_update => *known = list,
            Some(_) => {}
            None => self.lists.push(list),
        }
        Ok(())
    }

    /// Checks validity, path and revocation at a moment in whole seconds. The verdict holds for the whole window
    /// returned: the common part of every validity on the path, up to the next update of every revocation list used.
    pub(super) fn validate(&self, parsed: &Parsed, at: Timestamp, usage: Usage) -> Result<Window, CertificateProblem> {
        let (id, own) = (&parsed.id, Window::of(parsed));
        if at < own.from {
            return Err(CertificateProblem::NotYetValid { id: id.clone(), from: own.from, at });
        }
        if at > own.until {
            return Err(CertificateProblem::Expired { id: id.clone(), until: own.until, at });
        }
        let der = CertificateDer::from(&*parsed.der);
        let certificate = EndEntityCert::try_from(&der).map_err(|error| malformed(error.to_string()))?;
        let lists: Vec<&CertRevocationList<'_>> = self.lists.iter().map(|l| &l.list).collect();
        let revocation = revocation(&lists).ok_or_else(|| no_list(parsed))?;
        if let Some(above) = self.under_proven(&certificate, parsed, (at, usage), revocation) {
            return Ok(own.and(above));
        }
        let anchors: Vec<TrustAnchor<'_>> = self.roots.iter().map(|root| root.anchor.clone()).collect();
        let authorities: Vec<CertificateDer<'_>> =
            self.authorities.iter().map(|a| CertificateDer::from(&*a.der)).collect();
        let time = unix(at);
        let path = certificate
            .verify_for_usage(
                ALGORITHMS,
                &anchors,
                &authorities,
                time,
                purposes(usage),
                Some(revocation),
                Some(&|path| self.root_in_force(path, at, time)),
            )
            .map_err(|error| explain(parsed, &error))?;
        Ok(own.and(self.above(parsed, &path)))
    }

    /// Checks a certificate under an authority that is proven at that moment: its signature and its revocation alone,
    /// half the work. Says how long what lies above it holds; nothing where it takes the whole path to tell, be it only to
    /// tell what is wrong.
    fn under_proven(
        &self,
        certificate: &EndEntityCert<'_>,
        parsed: &Parsed,
        (at, usage): (Timestamp, Usage),
        revocation: RevocationOptions<'_>,
    ) -> Option<Window> {
        let issued = |a: &&Authority| a.certificate.parsed.subject_der == parsed.issuer_der;
        let proven = |a: &Authority| a.proven.get().copied().filter(|window| window.holds(at));
        let found: Vec<(&Authority, Window)> =
            self.authorities.iter().filter(issued).filter_map(|a| Some((a, proven(a)?))).collect();
        let anchors: Vec<TrustAnchor<'_>> = found.iter().map(|(a, _)| a.anchor.clone()).collect();
        let purposes = purposes(usage);
        let path =
            certificate.verify_for_usage(ALGORITHMS, &anchors, &[], unix(at), purposes, Some(revocation), None).ok()?;
        found.iter().find(|(a, _)| a.anchor == *path.anchor()).map(|(_, window)| *window)
    }

    /// `rustls-webpki` does not look at a root's own validity.
    fn root_in_force(&self, path: &VerifiedPath<'_>, at: Timestamp, time: UnixTime) -> Result<(), webpki::Error> {
        match self.root(path) {
            Some(root) if Window::of(&root.certificate.parsed).holds(at) => Ok(()),
            _ => Err(webpki::Error::CertExpired { time, not_after: time }),
        }
    }

    fn root(&self, path: &VerifiedPath<'_>) -> Option<&Root> {
        self.roots.iter().find(|root| root.anchor == *path.anchor())
    }

    /// How long what lies above a certificate holds. Where that is one authority under a root that constrains no names, the
    /// authority is proven for as long.
    fn above(&self, parsed: &Parsed, path: &VerifiedPath<'_>) -> Window {
        let mut window = Window::ALWAYS;
        let mut issuers = vec![&parsed.issuer_der];
        let on_path: Vec<&Authority> = path
            .intermediate_certificates()
            .filter_map(|authority| self.authorities.iter().find(|known| known.der == authority.der()))
            .collect();
        for authority in &on_path {
            window = window.and(Window::of(&authority.certificate.parsed));
            issuers.push(&authority.certificate.parsed.issuer_der);
        }
        let root = self.root(path);
        if let Some(root) = root {
            window = window.and(Window::of(&root.certificate.parsed));
        }
        for list in self.lists.iter().filter(|list| issuers.contains(&&list.issuer_der)) {
            let last = list.next_update.as_second().saturating_sub(1);
            window.until = window.until.min(Timestamp::from_second(last).unwrap_or(list.next_update));
        }
        if let ([authority], Some(root)) = (&*on_path, root)
            && root.anchor.name_constraints.is_none()
        {
            // Where another thread was first, its window stays: both are true.
            let _ = authority.proven.set(window);
        }
        window
    }
}

/// A certificate in the forms in which `rustls-webpki` wants those that it may end a path with.
fn anchored(
    certificate: &AuthorityCertificate,
    what: &str,
) -> Result<(CertificateDer<'static>, TrustAnchor<'static>), CertificateProblem> {
    let der = CertificateDer::from(certificate.der().to_vec());
    let anchor = webpki::anchor_from_trusted_cert(&der)
        .map_err(|error| malformed(format!("it cannot be {what}: {error}")))?
        .to_owned();
    Ok((der, anchor))
}

fn unix(at: Timestamp) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(at.as_second()).unwrap_or(0)))
}

/// The whole path is checked, an unknown status is refused, and so is a list past its next update.
fn revocation<'a>(lists: &'a [&'a CertRevocationList<'a>]) -> Option<RevocationOptions<'a>> {
    let options = RevocationOptionsBuilder::new(lists).ok()?;
    Some(options.with_expiration_policy(ExpirationPolicy::Enforce).build())
}

fn no_list(parsed: &Parsed) -> CertificateProblem {
    let reason = "there is no revocation list of an authority on its path".to_owned();
    CertificateProblem::RevocationUnknown { id: parsed.id.clone(), reason }
}

/// Tells `rustls-webpki`'s errors in the words of the reader.
fn explain(parsed: &Parsed, error: &webpki::Error) -> CertificateProblem {
    use webpki::Error;
    let id = parsed.id.clone();
    let untrusted = |reason: &str| CertificateProblem::UntrustedPath { id: id.clone(), reason: reason.to_owned() };
    let unknown = |reason: &str| CertificateProblem::RevocationUnknown { id: id.clone(), reason: reason.to_owned() };
    match error {
        Error::CertRevoked => CertificateProblem::Revoked { id },
        Error::UnknownRevocationStatus => no_list(parsed),
        Error::CrlExpired { .. } => unknown("the revocation list of an authority on its path is out of date"),
        Error::InvalidCrlSignatureForPublicKey
        | Error::IssuerNotCrlSigner
        | Error::UnsupportedCrlSignatureAlgorithmContext(_)
        | Error::UnsupportedCrlSignatureAlgorithmForPublicKeyContext(_) => {
            unknown("the signature of a revocation list does not hold")
        }
        Error::UnknownIssuer => untrusted("no trusted root or known authority has its issuer's name"),
        Error::CertExpired { .. } | Error::CertNotValidYet { .. } => {
            untrusted("an authority's certificate on its path is not in force at that moment")
        }
        Error::InvalidSignatureForPublicKey
        | Error::UnsupportedSignatureAlgorithmContext(_)
        | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => {
            untrusted("a signature on its path does not hold")
        }
        other => untrusted(&other.to_string()),
    }
}
