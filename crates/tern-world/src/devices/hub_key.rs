//! The private key of a hub's DeviceCertificate (FI12), by which it signs what it answers.

use std::sync::{Arc, OnceLock};

use tern_model::SecretBytes;
use tern_wire::smki::DeviceSigner;

/// A hub's signing key: kept as it was issued, and made ready when the hub first signs.
#[derive(Debug, Clone)]
pub struct HubKey {
    pem: SecretBytes,
    ready: OnceLock<Option<Arc<DeviceSigner>>>,
}

impl HubKey {
    /// A key in PKCS#8, as PEM.
    #[must_use]
    pub fn from_pem(pem: SecretBytes) -> HubKey {
        HubKey { pem, ready: OnceLock::new() }
    }

    /// The key as it was issued.
    pub(super) fn pem(&self) -> &SecretBytes {
        &self.pem
    }

    /// The hub's signature; none where the key is no key.
    pub(crate) fn sign(&self, message: &[u8]) -> Option<[u8; 64]> {
        let ready = self.ready.get_or_init(|| DeviceSigner::from_pem(self.pem.expose()).ok().map(Arc::new));
        ready.as_ref()?.sign(message).ok()
    }
}
