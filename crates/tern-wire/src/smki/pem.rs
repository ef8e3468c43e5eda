//! PEM: the text form of certificates, keys and revocation lists that OpenSSL and xmlsec1 read and write.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject;
use tern_model::SecretBytes;
use zeroize::Zeroizing;

/// Characters of a line.
const LINE: usize = 64;

/// One block.
pub(super) fn encode(label: &str, der: &[u8]) -> String {
    // A private key passes here: the copy in between is wiped, and the text is never moved by growing.
    let body = Zeroizing::new(STANDARD.encode(der));
    let mut out = String::with_capacity(body.len() + body.len() / LINE + 2 * label.len() + 64);
    out.extend(["-----BEGIN ", label, "-----\n"]);
    for line in body.as_bytes().chunks(LINE) {
        out.extend(line.iter().map(|b| char::from(*b)));
        out.push('\n');
    }
    out.extend(["-----END ", label, "-----\n"]);
    out
}

/// A private key in PKCS#8.
pub(super) fn encode_private(pkcs8: &[u8]) -> SecretBytes {
    SecretBytes::new(encode("PRIVATE KEY", pkcs8).into_bytes())
}

/// The first private key in PKCS#8 of a text.
pub(super) fn decode_private(pem: &[u8]) -> Option<Zeroizing<PrivatePkcs8KeyDer<'static>>> {
    PrivatePkcs8KeyDer::from_pem_slice(pem).ok().map(Zeroizing::new)
}
