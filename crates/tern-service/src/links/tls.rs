//! Mutual TLS between roles: version 1.3, P-256, a certificate on both sides.
//!
//! Who is there is told by the peer's certificate, never by its address: it must stand in the directory, be in force and not
//! revoked at the configured clock, be for TLS, and name a role that may be there. No session is resumed, so each connection
//! is judged anew; an open one is judged again with every request.

use std::sync::{Arc, PoisonError, RwLock};

use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::server::NoServerSessionStorage;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::version::TLS13;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, DistinguishedName, OtherError, ServerConfig, SignatureScheme,
};
use tern_model::Role;
use tern_wire::Sender;
use tern_wire::smki::{Certificate, Trust, Usage};

use crate::clock::Clock;
use crate::fault::ServiceFault;
use crate::pki::TlsIdentity;

/// What signs a handshake.
const SCHEME: SignatureScheme = SignatureScheme::ECDSA_NISTP256_SHA256;

/// Whom a process trusts at this moment: read again where it changed on disk, so that a revocation counts without a restart.
#[derive(Debug)]
pub struct Trusted(RwLock<Arc<Trust>>);

impl Trusted {
    /// Trust as it was read.
    #[must_use]
    pub fn new(trust: Arc<Trust>) -> Trusted {
        Trusted(RwLock::new(trust))
    }

    /// As it stands now.
    #[must_use]
    pub fn now(&self) -> Arc<Trust> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// As it stands from now on.
    pub fn renew(&self, trust: Arc<Trust>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = trust;
    }
}

/// Why a peer is not talked to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PeerRefused(pub String);

/// Says who a peer is.
pub struct PeerCheck {
    trusted: Arc<Trusted>,
    clock: Arc<dyn Clock>,
    /// The roles that may be there.
    roles: Vec<Role>,
    /// Its name, where one party alone may be there.
    name: Option<String>,
}

impl std::fmt::Debug for PeerCheck {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PeerCheck({:?})", self.roles)
    }
}

impl PeerCheck {
    /// A check for any party of these roles; of one name where that is given.
    #[must_use]
    pub fn new(trusted: Arc<Trusted>, clock: Arc<dyn Clock>, roles: Vec<Role>, name: Option<String>) -> PeerCheck {
        PeerCheck { trusted, clock, roles, name }
    }

    /// A certificate as it was presented: of a connection it is read once, and judged at each request.
    ///
    /// # Errors
    /// [`PeerRefused`] says why it is none.
    pub fn shown(der: &[u8]) -> Result<Certificate, PeerRefused> {
        Certificate::from_der(der).map_err(|problem| PeerRefused(problem.to_string()))
    }

    /// Who presents a certificate, where that party may be there.
    ///
    /// # Errors
    /// [`PeerRefused`] says why not.
    pub fn who(&self, shown: &Certificate) -> Result<Sender, PeerRefused> {
        let trust = self.trusted.now();
        let known = trust
            .check(shown.id(), self.clock.now(), Usage::Tls)
            .map_err(|problem| PeerRefused(problem.to_string()))?;
        if known.der() != shown.der() {
            return Err(PeerRefused(format!("the directory holds another certificate {}", shown.id())));
        }
        let sender = known.sender();
        let named = self.name.as_ref().is_none_or(|name| *name == sender.name);
        if !self.roles.contains(&sender.role) || !named {
            let roles: Vec<_> = self.roles.iter().map(ToString::to_string).collect();
            let expected = self.name.clone().unwrap_or_else(|| roles.join(" or "));
            return Err(PeerRefused(format!("it is {} ({}), and not {expected}", sender.name, sender.role)));
        }
        Ok(sender.clone())
    }

    fn checked(&self, der: &CertificateDer<'_>) -> Result<(), rustls::Error> {
        let refused = |refused| CertificateError::Other(OtherError(Arc::new(refused)));
        PeerCheck::shown(der)
            .and_then(|shown| self.who(&shown))
            .map(drop)
            .map_err(|why| rustls::Error::InvalidCertificate(refused(why)))
    }
}

/// The check as `rustls` asks for it.
#[derive(Debug)]
struct Verifier {
    check: Arc<PeerCheck>,
    provider: Arc<CryptoProvider>,
}

impl Verifier {
    fn signed(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signature, &self.provider.signature_verification_algorithms)
    }
}

/// TLS 1.2 is not spoken: nothing of it is ever believed.
fn not_spoken() -> rustls::Error {
    rustls::Error::General("TLS 1.2 is not spoken here".to_owned())
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        self.check.checked(end_entity).map(|()| ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(not_spoken())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.signed(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SCHEME]
    }
}

impl ClientCertVerifier for Verifier {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        self.check.checked(end_entity).map(|()| ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(not_spoken())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.signed(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SCHEME]
    }
}

/// The receiving end of a role's links.
///
/// # Errors
/// Key and certificate do not fit.
pub fn server(own: &TlsIdentity, check: Arc<PeerCheck>) -> Result<ServerConfig, ServiceFault> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = Arc::new(Verifier { check, provider: provider.clone() });
    let builder = ServerConfig::builder_with_provider(provider).with_protocol_versions(&[&TLS13]).map_err(fault)?;
    let (chain, key) = presented(own)?;
    let builder = builder.with_client_cert_verifier(verifier);
    let mut config = builder.with_single_cert(chain, key).map_err(fault)?;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(config)
}

/// The sending end of a link.
///
/// # Errors
/// As [`server`].
pub fn client(own: &TlsIdentity, check: Arc<PeerCheck>) -> Result<ClientConfig, ServiceFault> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = Arc::new(Verifier { check, provider: provider.clone() });
    let builder = ClientConfig::builder_with_provider(provider).with_protocol_versions(&[&TLS13]).map_err(fault)?;
    let (chain, key) = presented(own)?;
    let builder = builder.dangerous().with_custom_certificate_verifier(verifier);
    let mut config = builder.with_client_auth_cert(chain, key).map_err(fault)?;
    config.resumption = Resumption::disabled();
    Ok(config)
}

type Presented = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn presented(own: &TlsIdentity) -> Result<Presented, ServiceFault> {
    let key = PrivatePkcs8KeyDer::from_pem_slice(own.key_pem.expose()).map_err(|_| unreadable(own))?;
    let chain = [own.certificate.der(), own.issuer.der()].into_iter();
    Ok((chain.map(|der| CertificateDer::from(der.to_vec())).collect(), PrivateKeyDer::Pkcs8(key)))
}

fn unreadable(own: &TlsIdentity) -> ServiceFault {
    let what = format!("the TLS key of {} is no PKCS#8 key in PEM", own.certificate.common_name());
    ServiceFault::Crypto { what: "a TLS connection", reason: what }
}

fn fault(error: rustls::Error) -> ServiceFault {
    ServiceFault::Crypto { what: "a TLS connection", reason: error.to_string() }
}

/// Why a connection failed, in words: a peer that was refused says who it is.
#[must_use]
pub fn words(error: &std::io::Error) -> String {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match inner {
        Some(rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(why)))) => {
            format!("its certificate is refused: {why}")
        }
        Some(rustls::Error::AlertReceived(alert)) => format!("it refuses this party's certificate ({alert:?})"),
        Some(rustls::Error::NoCertificatesPresented) => "it presents no certificate".to_owned(),
        _ => error.to_string(),
    }
}
