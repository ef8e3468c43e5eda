//! PEM out: the text form of certificates, keys and revocation lists that OpenSSL and xmlsec1 read.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// One block in lines of 64 characters.
pub(super) fn encode(label: &str, der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    let mut out = format!("-----BEGIN {label}-----\n");
    for line in body.as_bytes().chunks(64) {
        out.extend(line.iter().map(|b| char::from(*b)));
        out.push('\n');
    }
    out.push_str("-----END ");
    out.push_str(label);
    out.push_str("-----\n");
    out
}
