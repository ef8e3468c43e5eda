//! Defects of single entries: the others of the set go on.

use tern_wire::smki::Certificate;
use tern_wire::xenc;

use super::draft::{Draft, content, lacks, part, parts, swap};
use super::elsewhere;
use crate::WorldError;
use crate::corpus::Defect;

const KEYS: &str = "EncryptedS1SPGroupInformation";
const MASTER_KEY: &str = "EncryptedKey";
/// A serial number and a Device ID that nobody has.
const NO_SERIAL: &str = "<SerialNumber>170141183460469231731687303715884105727</SerialNumber>";
const NO_DEVICE: &str = "<DeviceID>00-DB-12-99-99-99-99-99</DeviceID>";

/// Answers the entries that were struck.
pub(super) fn plant(defect: Defect, nth: usize, draft: &mut Draft<'_>) -> Result<Vec<usize>, WorldError> {
    let common = draft.text("MCF")?;
    let entry = nth % parts(&common, "Installation").len().max(1);
    let even = nth.is_multiple_of(2);
    let (s1sp, dco) = (draft.hands.s1sp, draft.hands.dco);
    match defect {
        Defect::SupplierCertificateUnknown => unknown_certificate(draft, entry, "Supplier")?,
        Defect::OperatorCertificateUnknown => unknown_certificate(draft, entry, "NetworkOperator")?,
        Defect::DevicesDisagree if even => other_device(draft, "MGF", entry, "ESMEDetail")?,
        Defect::DevicesDisagree => other_device(draft, "MGEF", entry, "EncryptedMasterKey")?,
        Defect::BlobMissing => {
            let element = if even { KEYS } else { "EncryptedMasterKey" };
            in_entry(draft, "MGEF", entry, |text| swap(text, part(text, element)?, ""))?;
        }
        Defect::BlobUnreadable => match nth % 3 {
            0 => alter_blob(draft, entry, KEYS)?,
            1 => alter_blob(draft, entry, MASTER_KEY)?,
            _ => seal(draft, entry, "<Other/>", dco)?,
        },
        Defect::PlaintextInvalid => {
            let plain = ["to be delivered", "<Other/>", "<!DOCTYPE k [<!ENTITY k \"0\">]><k/>"];
            seal(draft, entry, plain[nth % plain.len()], s1sp)?;
        }
        Defect::KeysMoved => return exchange(draft, entry, KEYS),
        Defect::MasterKeyMoved => return exchange(draft, entry, MASTER_KEY),
        _ => return Err(elsewhere(defect)),
    }
    Ok(vec![entry])
}

/// Changes one entry of a file, and has it signed again.
fn in_entry(
    draft: &mut Draft<'_>,
    prefix: &str,
    entry: usize,
    change: impl FnOnce(&str) -> Result<String, WorldError>,
) -> Result<(), WorldError> {
    draft.signed(prefix, |text| {
        let entries = parts(text, "Installation");
        let own = entries.get(entry).ok_or_else(|| lacks("such an entry"))?;
        swap(text, own, &change(own)?)
    })
}

/// The non-critical ID: who changed the critical one would wake what the Null Certificate ID puts to sleep.
fn unknown_certificate(draft: &mut Draft<'_>, entry: usize, of: &str) -> Result<(), WorldError> {
    in_entry(draft, "MCF", entry, |text| {
        let own = part(text, &format!("NonCritical{of}CertificateID"))?;
        swap(text, own, &swap(own, part(own, "SerialNumber")?, NO_SERIAL)?)
    })
}

fn other_device(draft: &mut Draft<'_>, prefix: &str, entry: usize, element: &str) -> Result<(), WorldError> {
    in_entry(draft, prefix, entry, |text| {
        let own = part(text, element)?;
        swap(text, own, &swap(own, part(own, "DeviceID")?, NO_DEVICE)?)
    })
}

/// One character of the ciphertext.
fn alter_blob(draft: &mut Draft<'_>, entry: usize, element: &str) -> Result<(), WorldError> {
    in_entry(draft, "MGEF", entry, |text| {
        let own = part(text, element)?;
        let value = parts(own, "xenc:CipherValue").pop().ok_or_else(|| lacks("ciphertext"))?;
        let inner = content(value)?;
        let (head, tail) = inner.split_at_checked(40).ok_or_else(|| lacks("ciphertext"))?;
        let other = if tail.starts_with('A') { "B" } else { "A" };
        let altered = [head, other, tail.get(1..).unwrap_or_default()].concat();
        swap(text, own, &swap(own, inner, &altered)?)
    })
}

/// Puts another plaintext into the S1SP's place, encrypted to whom one likes.
fn seal(draft: &mut Draft<'_>, entry: usize, plain: &str, to: &Certificate) -> Result<(), WorldError> {
    let blob = xenc::encrypt(plain, to)
        .map_err(|fault| WorldError::Tampering { reason: format!("nothing is encrypted: {fault}") })?;
    in_entry(draft, "MGEF", entry, |text| swap(text, content(part(text, KEYS)?)?, &blob))
}

/// Two neighbours' blobs, each in the other's place.
fn exchange(draft: &mut Draft<'_>, entry: usize, element: &str) -> Result<Vec<usize>, WorldError> {
    let text = draft.text("MGEF")?;
    let entries = parts(&text, "Installation");
    let second = (entry + 1) % entries.len().max(1);
    let blob = |at: usize| entries.get(at).ok_or_else(|| lacks("two entries")).and_then(|own| part(own, element));
    let (first_blob, second_blob) = (blob(entry)?.to_owned(), blob(second)?.to_owned());
    in_entry(draft, "MGEF", entry, |text| swap(text, &first_blob, &second_blob))?;
    in_entry(draft, "MGEF", second, |text| swap(text, &second_blob, &first_blob))?;
    Ok(vec![entry.min(second), entry.max(second)])
}
