//! The Countersigned Service Request: what the DSP passes to the S1SP of a request that it accepted (RQ2). The form is ours (P): no
//! public text gives one.
//!
//! The User's message stands in it byte for byte, in base64, so that S1SP and DCO verify the User's signature themselves and take
//! nobody's word for what was asked. It says when the DSP let the request go on; that is the moment at which it is judged.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use roxmltree::Node;
use tern_model::{DeviceId, PartyId, Role};

use super::{CommandVariant, NotWritten, Received, Request, SchemaVersion, SignatureFault, attest};
use crate::smki::{Signer, Trust};
use crate::xml::exact::is;
use crate::xml::{Limits, Writer};
use crate::{FaultKind, Verified, WireFault, dsig};

/// The namespace of the message.
const NAMESPACE: &str = "urn:tern:countersigned-service-request:1";
/// The root.
const ROOT: &str = "CountersignedServiceRequest";

/// What a countersigned request says beside the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Countersigned {
    /// The S1SP that serves the device.
    pub s1sp: PartyId,
    /// When the DSP let it go on.
    pub at: Timestamp,
    /// The schema by which the DSP judged the request, and by which it is answered.
    pub version: SchemaVersion,
    /// Of Update Firmware (11.1): those of the listed devices to which the DSP lets the image go; else none.
    pub devices: Vec<DeviceId>,
}

/// Why a countersigned request is not obeyed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CountersignedFault {
    /// It is none, or is not whole.
    Form(WireFault),
    /// The DSP's signature.
    Countersignature(SignatureFault),
    /// What is inside is no request that the schema allows.
    Request(Vec<WireFault>),
    /// The User's signature.
    Signature(SignatureFault),
}

impl std::fmt::Display for CountersignedFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            CountersignedFault::Form(fault) => fault.fmt(f),
            CountersignedFault::Countersignature(fault) => write!(f, "the DSP's signature: {fault}"),
            CountersignedFault::Request(faults) => match faults.first() {
                Some(fault) => write!(f, "the request inside: {fault}"),
                None => f.write_str("the request inside"),
            },
            CountersignedFault::Signature(fault) => write!(f, "the User's signature: {fault}"),
        }
    }
}

impl std::error::Error for CountersignedFault {}

/// Writes and signs one, around a User's request as it came.
///
/// # Errors
/// [`NotWritten::Sign`].
pub fn countersign(said: &Countersigned, request: &[u8], signer: &Signer) -> Result<String, NotWritten> {
    let mut writer = Writer::new();
    writer.open_with(ROOT, &[("xmlns", NAMESPACE)]);
    writer.leaf("S1SPPartyID", &said.s1sp.to_string());
    writer.leaf("CountersignedDateTime", &format!("{:.3}", said.at));
    writer.leaf("SchemaVersion", said.version.as_str());
    if !said.devices.is_empty() {
        let devices: Vec<String> = said.devices.iter().map(DeviceId::to_string).collect();
        writer.leaf("DeviceIDList", &devices.join(","));
    }
    writer.leaf("ServiceRequest", &STANDARD.encode(request));
    let document = writer.finish();
    dsig::sign_around(&document, signer, &LIMITS, &[]).map_err(NotWritten::Sign)
}

/// A request of 16 MiB in base64, and what stands around it.
const LIMITS: Limits = Limits { max_bytes: 24 << 20, max_entry_bytes: 24 << 20, ..Limits::MESSAGE };

/// Verifies both signatures: the DSP's, at `at`, and the User's, at the moment that the DSP names. The User's certificate may have
/// been replaced since it signed a request that was held; it was judged when the DSP let it go on.
///
/// # Errors
/// The first [`CountersignedFault`].
pub fn open_countersigned(
    bytes: &[u8],
    trust: &Trust,
    at: Timestamp,
) -> Result<(Countersigned, Verified<Request>), CountersignedFault> {
    let received = Received::new("countersigned", bytes, &LIMITS).map_err(CountersignedFault::Form)?;
    let incoming = received.parse().map_err(CountersignedFault::Form)?;
    let document = attest::verify(&incoming, trust, at).map_err(CountersignedFault::Countersignature)?;
    let root = incoming.document.root_element();
    let place = incoming.place(root);
    attest::is_by(place, Role::Dsp, document.sender()).map_err(CountersignedFault::Countersignature)?;
    let wrong = || CountersignedFault::Form(not_whole(incoming.place(root)));
    let (said, request) = content(root).ok_or_else(wrong)?;
    let received = Received::new("request", &request, &Limits::MESSAGE);
    let received = received.map_err(|fault| CountersignedFault::Request(vec![fault]))?;
    let incoming = received.parse().map_err(|fault| CountersignedFault::Request(vec![fault]))?;
    let request = incoming.request(said.version).map_err(CountersignedFault::Request)?;
    let verified = request.verify(trust, said.at).map_err(CountersignedFault::Signature)?;
    let carried_out = [CommandVariant::SEND, CommandVariant::SEND_SIGNED, CommandVariant::NON_DEVICE];
    if !carried_out.contains(&verified.header().command_variant) {
        // Its User wants to see the pre-command first, or to deliver the command itself: it has signed nothing that goes on.
        return Err(CountersignedFault::Request(vec![not_sent_on(
            verified.sent().place(),
            verified.header().command_variant,
        )]));
    }
    Ok((said, verified))
}

/// The elements, in their order and nothing else before the signature.
fn content(root: Node<'_, '_>) -> Option<(Countersigned, Vec<u8>)> {
    let mut children = root.children().filter(Node::is_element).peekable();
    if !is(root, NAMESPACE, ROOT) {
        return None;
    }
    let mut next = |name: &str| children.next_if(|child| is(*child, NAMESPACE, name))?.text();
    let [s1sp, at, version] = ["S1SPPartyID", "CountersignedDateTime", "SchemaVersion"].map(&mut next);
    let devices = next("DeviceIDList").map_or(Ok(Vec::new()), |list| list.split(',').map(str::parse).collect());
    let request = STANDARD.decode(next("ServiceRequest")?).ok()?;
    let (s1sp, at, version) = (s1sp?.parse().ok()?, at?.parse().ok()?, version?.parse().ok()?);
    let said = Countersigned { s1sp, at, version, devices: devices.ok()? };
    // What follows is the signature, which was verified.
    (children.count() == 1).then_some((said, request))
}

fn not_sent_on(place: tern_model::Place, asked: CommandVariant) -> WireFault {
    WireFault {
        kind: FaultKind::Schema,
        place,
        message: "the request does not ask for itself to be sent on and for nothing else".to_owned(),
        found: format!("Command Variant {asked}"),
        expected: "1, 5 of a signed pre-command, or 8 of what the DCC answers itself".to_owned(),
        suggestion: "of a pre-command, wait until its User has signed it".to_owned(),
    }
}

fn not_whole(place: tern_model::Place) -> WireFault {
    WireFault {
        kind: FaultKind::Schema,
        place,
        message: "the message is no Countersigned Service Request".to_owned(),
        found: "other elements".to_owned(),
        expected: "S1SPPartyID, CountersignedDateTime, SchemaVersion, DeviceIDList?, ServiceRequest, Signature"
            .to_owned(),
        suggestion: "ask the DSP for it again".to_owned(),
    }
}
