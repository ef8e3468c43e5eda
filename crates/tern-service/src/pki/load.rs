//! Loading: what a role reads before it can verify, sign or decrypt.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use tern_model::{Role, SecretBytes};
use tern_wire::smki::issuing::Issuer;
use tern_wire::smki::{
    AuthorityCertificate, Certificate, CertificateProblem, Decrypter, KeyProblem, Signer, Trust, Usage,
};

use super::{Layout, PkiError, files, stem};
use crate::ServiceFault;

/// Loads whom a role trusts: `trust/` below the key infrastructure's folder.
///
/// # Errors
/// [`PkiError`]; nothing there may be unreadable.
pub fn load_trust(dir: &Path) -> Result<Arc<Trust>, PkiError> {
    let layout = Layout::new(dir);
    let (root, issuing_ca) = (layout.trust().join("root.pem"), layout.trust().join("issuing-ca.pem"));
    let mut trust = Trust::builder();
    trust = trust.roots_pem(&files::read(&root)?).map_err(certificate(&root))?;
    trust = trust.authorities_pem(&files::read(&issuing_ca)?).map_err(certificate(&issuing_ca))?;
    for path in files::list(&layout.certificates())? {
        trust = trust.certificates_pem(&files::read(&path)?).map_err(certificate(&path))?;
    }
    for path in files::list(&layout.lists())? {
        trust = trust.crls_pem(&files::read(&path)?).map_err(certificate(&path))?;
    }
    Ok(Arc::new(trust.build()))
}

/// When anything below `trust/` was last written; none where that cannot be said.
#[must_use]
pub fn trust_changed(dir: &Path) -> Option<std::time::SystemTime> {
    let layout = Layout::new(dir);
    let folders = [layout.certificates(), layout.lists()];
    let listed = folders.iter().flat_map(|folder| files::list(folder).unwrap_or_default());
    let all = listed.chain([layout.trust().join("root.pem"), layout.trust().join("issuing-ca.pem")]);
    all.filter_map(|path| std::fs::metadata(path).and_then(|m| m.modified()).ok()).max()
}

/// Loads the root's and the issuing authority's certificates, as devices hold them.
///
/// # Errors
/// [`PkiError`]; nothing there may be unreadable.
pub fn load_authorities(dir: &Path) -> Result<Vec<AuthorityCertificate>, PkiError> {
    let trust = Layout::new(dir).trust();
    let load = |name: &str| {
        let path = trust.join(name);
        AuthorityCertificate::from_pem(&files::read(&path)?).map_err(certificate(&path))
    };
    Ok(vec![load("root.pem")?, load("issuing-ca.pem")?])
}

/// Loads a party's signing key with its certificate.
///
/// Whether the certificate is in force is for those to say who verify with it; before signing, ask [`may_sign`].
///
/// # Errors
/// [`PkiError`], [`PkiError::Exposed`] among them.
pub fn load_signer(dir: &Path, name: &str) -> Result<Signer, PkiError> {
    let (certificate, path) = own_certificate(dir, name, Usage::Sign)?;
    let path = path.with_extension("key");
    let key = files::read_private(&path)?;
    Signer::from_pem(certificate, key.expose()).map_err(|problem| PkiError::Key { path, problem })
}

/// Asks whether a party's own certificate may sign at a moment. Nobody believes what is signed under one that may not, so this
/// is asked before anything is written.
///
/// # Errors
/// [`ServiceFault::Configuration`] names the certificate, and what gives the party a new one.
pub fn may_sign(trust: &Trust, signer: &Signer, at: Timestamp) -> Result<(), ServiceFault> {
    let own = signer.certificate();
    let Err(problem) = trust.check(own.id(), at, Usage::Sign) else { return Ok(()) };
    let suggestion = match problem {
        CertificateProblem::Expired { .. } | CertificateProblem::Revoked { .. } => {
            format!("`tern pki issue {} {}` gives it a new one", own.role(), own.common_name())
        }
        _ => problem.suggestion().to_owned(),
    };
    let what = format!("{} cannot sign: {problem}", own.common_name());
    Err(ServiceFault::Configuration { what, suggestion })
}

/// A role's encryption certificate in force, of the party of that name.
///
/// # Errors
/// [`ServiceFault::Configuration`]: there is none.
pub fn recipient(trust: &Trust, role: Role, name: &str, at: Timestamp) -> Result<Arc<Certificate>, ServiceFault> {
    let usable = trust.usable(role, None, Usage::Encrypt, at);
    usable.into_iter().find(|c| c.common_name() == name).ok_or_else(|| ServiceFault::Configuration {
        what: format!("{name} has no encryption certificate in force as {role}"),
        suggestion: format!("`tern pki show {name}` says why; `tern pki issue {role} {name}` gives new ones"),
    })
}

/// Loads a party's decryption key with its certificate; S1SP, DCO and suppliers have one.
///
/// # Errors
/// [`PkiError`], [`PkiError::Exposed`] among them.
pub fn load_decrypter(dir: &Path, name: &str) -> Result<Decrypter, PkiError> {
    let (certificate, path) = own_certificate(dir, name, Usage::Encrypt)?;
    let path = path.with_extension("key");
    let key = files::read_private(&path)?;
    Decrypter::from_pem(certificate, key.expose()).map_err(|problem| PkiError::Key { path, problem })
}

/// A party's certificate for TLS with its key.
#[derive(Debug)]
pub struct TlsIdentity {
    /// The certificate.
    pub certificate: Arc<Certificate>,
    /// The certificate of its issuer, for peers that have no directory.
    pub issuer: AuthorityCertificate,
    /// The PKCS#8 key in PEM.
    pub key_pem: SecretBytes,
}

/// Loads a party's key for TLS with its certificate. An earlier key infrastructure has none: `tern pki issue` adds them.
///
/// # Errors
/// [`PkiError`], [`PkiError::Exposed`] among them.
pub fn load_tls(dir: &Path, name: &str) -> Result<TlsIdentity, PkiError> {
    let (certificate, path) = own_certificate(dir, name, Usage::Tls)?;
    let path = path.with_extension("key");
    let key_pem = files::read_private(&path)?;
    if !certificate.is_for(Usage::Tls) {
        return Err(PkiError::Key { path, problem: KeyProblem::WrongUsage { usage: Usage::Tls } });
    }
    let issuer = Layout::new(dir).trust().join("issuing-ca.pem");
    let issuer = AuthorityCertificate::from_pem(&files::read(&issuer)?).map_err(self::certificate(&issuer))?;
    Ok(TlsIdentity { certificate, issuer, key_pem })
}

/// Whether a key infrastructure stands there, and holds no keys of a party of this name.
pub(crate) fn lacks_keys_of(dir: &Path, name: &str) -> bool {
    let layout = Layout::new(dir);
    layout.parties().is_dir() && !layout.party(name).is_dir()
}

/// Loads the issuing authority, to issue, or to give devices their certificates.
///
/// # Errors
/// [`PkiError`], [`PkiError::Exposed`] among them.
pub fn load_issuer(dir: &Path) -> Result<Issuer, PkiError> {
    let path = Layout::new(dir).issuing_ca().join("issuing-ca.pem");
    let authority = AuthorityCertificate::from_pem(&files::read(&path)?).map_err(certificate(&path))?;
    let path = path.with_extension("key");
    let key = files::read_private(&path)?;
    Issuer::from_pem(authority, key.expose()).map_err(|problem| PkiError::Key { path, problem })
}

/// A party's own certificate, and where it stands.
pub(super) fn own_certificate(dir: &Path, name: &str, usage: Usage) -> Result<(Arc<Certificate>, PathBuf), PkiError> {
    check_name(name)?;
    let path = Layout::new(dir).party(name).join(stem(usage)).with_extension("pem");
    let own = Certificate::from_pem(&files::read(&path)?).map_err(certificate(&path))?;
    Ok((Arc::new(own), path))
}

/// A name that is a folder's and nothing else.
pub(super) fn check_name(name: &str) -> Result<(), PkiError> {
    let fits = (1..=40).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !name.starts_with('-')
        && !name.bytes().all(|b| b.is_ascii_digit());
    fits.then_some(()).ok_or_else(|| PkiError::Name { given: name.to_owned() })
}

fn certificate(path: &Path) -> impl FnOnce(CertificateProblem) -> PkiError + '_ {
    |problem| PkiError::Certificate { path: path.to_owned(), problem }
}
