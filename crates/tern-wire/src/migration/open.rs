//! From signed bytes to a message that may be believed, and from a decrypted blob to its plaintext.

use std::sync::Arc;

use jiff::Timestamp;
use tern_model::{PartyId, Place, Role, SecretBytes};

use super::{FileKind, FileName, MigrationHeader, SmsoExportHeader};
use crate::schema::{Head, Message, Quoting, read};
use crate::smki::Trust;
use crate::verified::EntryPlaces;
use crate::xml::{self, Limits, Texts};
use crate::{FaultKind, Sender, Verified, WireFault, dsig};

/// Opens a signed file: verifies its signature, holds its sender against the role that may send it, decodes it, and holds
/// what its header says of sender and name against signature and file name. Nothing else makes a [`Verified`] message.
///
/// `name` is the file's name without folder. Where it has the form of a [`FileName`] it must be the right one; a name of another
/// form is not judged. `at` is the moment at which certificates are judged.
///
/// # Errors
/// Every fault of the stage that failed: limits and form, signature profile, certificate, signature value ([`dsig::verify`], one
/// fault), then sender (one), then schema (up to [`crate::schema::FAULTS_MAX`]), then header (up to two).
pub fn open<T: SignedFile>(
    name: &str,
    bytes: &[u8],
    trust: &Trust,
    at: Timestamp,
    limits: &Limits,
) -> Result<Verified<T>, Vec<WireFault>> {
    let hidden = |faults: Vec<WireFault>| faults.into_iter().map(told::<T>).collect();
    verify(name, bytes, (trust, at), limits).map_err(hidden)
}

fn verify<T: SignedFile>(
    name: &str,
    bytes: &[u8],
    (trust, at): (&Trust, Timestamp),
    limits: &Limits,
) -> Result<Verified<T>, Vec<WireFault>> {
    let one = |fault: WireFault| vec![fault];
    let text = xml::guard(name, bytes, &message_limits::<T>(limits)).map_err(one)?;
    let tree = xml::parse(name, &text).map_err(one)?;
    let document = dsig::verify_tree((name, T::QUOTING), bytes, &tree, trust, at).map_err(one)?;
    let file_name = name.parse::<FileName>().ok();
    role_fits::<T>(name, document.sender(), file_name.as_ref()).map_err(one)?;
    let decoded = read::<T>(name, &tree, T::QUOTING)?;
    let first_entry = decoded.entries.first().map(|(from, _)| *from);
    let head = match (T::QUOTING, first_entry) {
        // The document's text is wiped once nobody else holds it.
        (Quoting::Hidden, Some(from)) => Head::of(Arc::from(&document.text()[..from as usize]), first_entry),
        _ => Head::of(document.shared_text(), first_entry),
    };
    header_fits(name, &decoded.value, document.sender(), file_name.as_ref(), &head)?;
    let entries =
        EntryPlaces { version: decoded.version, head, spans: decoded.entries.into(), ..EntryPlaces::default() };
    Ok(Verified { value: decoded.value, document, entries })
}

/// What holds for these messages: texts with keys stand as they are.
pub(crate) fn message_limits<T: Message>(limits: &Limits) -> Limits {
    let texts = if T::QUOTING == Quoting::Hidden { Texts::Verbatim } else { limits.texts };
    Limits { texts, ..*limits }
}

/// The fault as it may be told of such a message: what stands in one with keys is not quoted.
pub(crate) fn told<T: Message>(fault: WireFault) -> WireFault {
    match (T::QUOTING, fault.kind) {
        (Quoting::Hidden, FaultKind::Limits | FaultKind::Form) => WireFault {
            message: format!("the {} is not the XML that it should be", T::MESSAGE.root),
            found: "not shown".to_owned(),
            ..fault
        },
        (Quoting::Hidden, FaultKind::SignatureProfile) => WireFault { found: "not shown".to_owned(), ..fault },
        _ => fault,
    }
}

/// Decodes what was decrypted. `place` is where the blob stands in its file; faults are placed at it, with the path inside the
/// plaintext behind its own, and quote nothing of the content.
///
/// # Errors
/// [`FaultKind::Limits`], [`FaultKind::Form`] or [`FaultKind::Schema`].
pub fn read_plaintext<T: Message>(place: &Place, plaintext: &SecretBytes) -> Result<T, Vec<WireFault>> {
    let form = |fault: WireFault| {
        let message = "the decrypted content is not the XML that it should be".to_owned();
        vec![WireFault { place: place.clone(), message, found: "not shown".to_owned(), ..fault }]
    };
    let text = xml::guard(&place.document, plaintext.expose(), &Limits::PLAINTEXT).map_err(form)?;
    let tree = xml::parse(&place.document, &text).map_err(form)?;
    let decoded = read::<T>(&place.document, &tree, Quoting::Hidden);
    decoded
        .map(|decoded| decoded.value)
        .map_err(|faults| faults.into_iter().map(|fault| at_blob(place, fault)).collect())
}

fn at_blob(place: &Place, fault: WireFault) -> WireFault {
    let inside = fault.place.xpath;
    let xpath = if inside.is_empty() { place.xpath.clone() } else { format!("{}/{inside}", place.xpath) };
    WireFault { place: Place { xpath, ..place.clone() }, ..fault }
}

/// The signer's role may send this message, under this name.
pub(crate) fn role_fits<T: Message>(
    document_name: &str,
    sender: &Sender,
    name: Option<&FileName>,
) -> Result<(), WireFault> {
    let kinds = T::MESSAGE.files.iter();
    let named: Vec<&FileKind> = kinds.filter(|kind| name.is_none_or(|name| name.kind() == **kind)).collect();
    if named.iter().any(|kind| kind.sender() == sender.role) {
        return Ok(());
    }
    let mut fault = sender_fault(Place::document(document_name), sender);
    let roles = |kinds: &mut dyn Iterator<Item = &FileKind>| {
        kinds.map(|kind| kind.sender().to_string()).collect::<Vec<_>>().join(" or ")
    };
    if named.is_empty() {
        fault.message = format!("the file's name is not that of a {}", T::MESSAGE.root);
        fault.found = document_name.to_owned();
        fault.expected =
            T::MESSAGE.files.iter().map(|kind| format!("{}_…", kind.prefix())).collect::<Vec<_>>().join(" or ");
        fault.suggestion = "send the file under the name that belongs to its content".to_owned();
    } else {
        fault.message = format!("a {} may not be signed by this role", T::MESSAGE.root);
        fault.expected = format!("a signer of the role {}", roles(&mut named.into_iter()));
    }
    Err(fault)
}

/// What the header says of sender and name is what signature and file name say.
///
/// # Errors
/// Up to two faults.
pub(crate) fn header_fits<T: SignedFile>(
    document_name: &str,
    message: &T,
    sender: &Sender,
    name: Option<&FileName>,
    head: &Head,
) -> Result<(), Vec<WireFault>> {
    let claim = message.claim();
    let place = |path: &str| head.place::<T>(document_name, path);
    let faults = [party_fits(&claim, sender, place), name_fits(&claim, document_name, name)];
    let faults: Vec<WireFault> = faults.into_iter().flatten().collect();
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// The party that the header names is the signer.
fn party_fits(claim: &Claim, sender: &Sender, place: impl Fn(&str) -> Place) -> Option<WireFault> {
    let (party, path) = claim.party.filter(|(party, _)| *party != sender.party)?;
    let mut fault = sender_fault(place(path), sender);
    fault.message = "the header names another party than the one that signed".to_owned();
    fault.expected = format!("a signer with the EUI-64 {party}");
    Some(fault)
}

/// The file's name says what its header says.
fn name_fits(claim: &Claim, document_name: &str, name: Option<&FileName>) -> Option<WireFault> {
    let name = name?;
    let expected = format!("{}_{}.xml", name.kind().prefix(), claim.name);
    (name.to_string() != expected).then(|| WireFault {
        kind: FaultKind::Schema,
        place: Place::document(document_name),
        message: "the file's name and its header name different sets".to_owned(),
        found: name.to_string(),
        expected,
        suggestion: "send the file under the name that belongs to its header".to_owned(),
    })
}

fn sender_fault(place: Place, sender: &Sender) -> WireFault {
    let role: Role = sender.role;
    WireFault {
        kind: FaultKind::Sender,
        place,
        message: String::new(),
        found: format!("{} ({role}, {})", sender.name, sender.party),
        expected: String::new(),
        suggestion: "have the file signed by the party that sends it, with its certificate for this role".to_owned(),
    }
}

/// What a signed file says of its own sender and name, to be held against its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The sender's EUI-64 and the element that says it; none where the header names another party than the sender.
    pub party: Option<(PartyId, &'static str)>,
    /// What stands behind the file type in the file's name.
    pub name: String,
}

impl Claim {
    pub(super) fn requesting_party(header: &MigrationHeader) -> Claim {
        Claim {
            party: Some((header.requesting_party_id, "MigrationHeader/RequestingPartyID")),
            name: header.set_id().to_string(),
        }
    }

    pub(super) fn of_role(header: &MigrationHeader) -> Claim {
        Claim { party: None, name: header.set_id().to_string() }
    }

    pub(super) fn smso(header: &SmsoExportHeader) -> Claim {
        Claim {
            party: Some((header.smets1_smso, "SMSOExportHeader/SMETS1SMSO")),
            name: format!("{}_{}_{}", header.smets1_smso, header.group_id, header.export_reference),
        }
    }
}

/// A message that is sent as a signed file.
pub trait SignedFile: Message {
    /// What the file says of its sender and name.
    fn claim(&self) -> Claim;
}
