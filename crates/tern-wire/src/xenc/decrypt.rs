//! Opens a blob that was sealed for us.

use aws_lc_rs::aead::{self, Aad, LessSafeKey, Nonce, UnboundKey};
use roxmltree::Node;
use tern_model::{Place, SecretBytes};

use super::{AES_256_GCM, ELEMENT, NONCE_BYTES, RSA_OAEP, SHA1};
use crate::smki::{Decrypter, same_issuer};
use crate::xml::exact::{DS, Exact, XENC, is};
use crate::xml::{self, Frame, Limits, key_info};
use crate::{FaultKind, WireFault};

/// Opens an `xenc:EncryptedData` element, given as XML that stands by itself ([`xml::exclusive_text`] makes it so).
///
/// `place` is where it stands in its document; faults are placed at it or below.
///
/// # Errors
/// [`FaultKind::Decryption`]: of another profile, for another recipient, or altered. The last says no more than that.
pub fn decrypt(encrypted_data: &str, place: &Place, decrypter: &Decrypter) -> Result<SecretBytes, WireFault> {
    let elsewhere = |fault: WireFault| WireFault { kind: FaultKind::Decryption, place: place.clone(), ..fault };
    let text = xml::guard(&place.document, encrypted_data.as_bytes(), &Limits::DEFAULT).map_err(elsewhere)?;
    let tree = xml::parse(&place.document, &text).map_err(elsewhere)?;
    let exact = Exact { base: place, frame: Frame::WHOLE, kind: FaultKind::Decryption, profile: "encryption" };
    let root = tree.root_element();
    let blob = read(&exact, root)?;
    for_us(&exact, &blob, decrypter)?;
    decrypter.decrypt_oaep_sha1(&blob.wrapped_key).ok().and_then(|key| open(key.expose(), &blob.sealed)).ok_or_else(
        || {
            let message = "the encrypted content does not open with the key of the recipient that it names";
            let mut fault =
                exact.fault(root, message.into(), "altered or mismatched content".into(), "content that opens".into());
            fault.suggestion = "ask the SMETS1 SMSO for a new export of this installation".into();
            fault
        },
    )
}

/// A blob of the profile's form.
struct Blob<'d, 'i> {
    recipient: tern_model::CertificateId,
    issuer_serial: Node<'d, 'i>,
    wrapped_key: Vec<u8>,
    /// Nonce, ciphertext, tag.
    sealed: Vec<u8>,
}

fn read<'d, 'i>(exact: &Exact, data: Node<'d, 'i>) -> Result<Blob<'d, 'i>, WireFault> {
    if !is(data, XENC, "EncryptedData") {
        let found = data.tag_name().name().to_owned();
        return Err(exact.fault(data, "this is no encrypted content".into(), found, "xenc:EncryptedData".into()));
    }
    exact.attributes(data, &[("Type", ELEMENT)])?;
    let [method, key_info, cipher] =
        exact.children(data, [(XENC, "EncryptionMethod"), (DS, "KeyInfo"), (XENC, "CipherData")])?;
    exact.attributes(method, &[("Algorithm", AES_256_GCM)])?;
    let [] = exact.children(method, [])?;
    exact.attributes(key_info, &[])?;
    let [encrypted_key] = exact.children(key_info, [(XENC, "EncryptedKey")])?;
    exact.attributes(encrypted_key, &[])?;
    let [method, key_info, key_cipher] =
        exact.children(encrypted_key, [(XENC, "EncryptionMethod"), (DS, "KeyInfo"), (XENC, "CipherData")])?;
    exact.attributes(method, &[("Algorithm", RSA_OAEP)])?;
    // Without a DigestMethod the algorithm means SHA-1, so both spellings are one.
    if method.children().any(|n| n.is_element()) {
        let [digest] = exact.children(method, [(DS, "DigestMethod")])?;
        exact.attributes(digest, &[("Algorithm", SHA1)])?;
        let [] = exact.children(digest, [])?;
    }
    let (recipient, issuer_serial) = key_info::read(exact, key_info)?;
    let (wrapped_key, sealed) = (cipher_value(exact, key_cipher)?, cipher_value(exact, cipher)?);
    Ok(Blob { recipient, issuer_serial, wrapped_key, sealed })
}

fn cipher_value(exact: &Exact, cipher_data: Node) -> Result<Vec<u8>, WireFault> {
    exact.attributes(cipher_data, &[])?;
    let [value] = exact.children(cipher_data, [(XENC, "CipherValue")])?;
    exact.base64(value)
}

/// The recipient that the blob names is the holder of our key.
fn for_us(exact: &Exact, blob: &Blob, decrypter: &Decrypter) -> Result<(), WireFault> {
    let ours = decrypter.certificate().id();
    let ((our_serial, our_issuer), (serial, issuer)) = (ours.parts(), blob.recipient.parts());
    if our_serial == serial && same_issuer(our_issuer, issuer) {
        return Ok(());
    }
    let message = "the encrypted content is for another recipient".into();
    let mut fault = exact.fault(
        blob.issuer_serial,
        message,
        format!("certificate {}", blob.recipient),
        format!("certificate {ours}"),
    );
    fault.suggestion = "encrypt it to the certificate that its reader publishes".into();
    Err(fault)
}

/// `None` where the content was not sealed with this key.
fn open(key: &[u8], sealed: &[u8]) -> Option<SecretBytes> {
    let (nonce, content) = sealed.split_first_chunk::<NONCE_BYTES>()?;
    let key = LessSafeKey::new(UnboundKey::new(&aead::AES_256_GCM, key).ok()?);
    let mut content = content.to_vec();
    let length = key.open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::empty(), &mut content).ok()?.len();
    content.truncate(length);
    Some(SecretBytes::new(content))
}
