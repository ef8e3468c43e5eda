//! Pre-commands: what a User is given of a critical request (Command Variant 4), signs, and sends as the command (5).
//!
//! SMETS1 has no GBCS command that could stand in one, so its payload is the request's own Body, as a document of its own (P). What a
//! signed one asks for is read here and nowhere else: whoever reads a [`super::Request`] is given the element that is meant, whichever
//! way it came. Nothing here knows whether the pre-command was returned to anybody.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

use super::{Draft, Element, NotWritten, Received, Request, SR, SchemaVersion, Tree, schema};
use crate::xml::exact::is;
use crate::xml::{Limits, Writer};
use crate::{FaultKind, WireFault, xml};

/// The element of a request's body that is a signed pre-command.
pub(super) const SIGNED_PRE_COMMAND: &str = "SignedPreCommand";
/// The element with the payload.
const PAYLOAD: &str = "GBCSPayload";
/// What stands where SMETS2 names its version of GBCS (P).
const NO_GBCS: &str = "SMETS1";

/// The pre-command of a request, as a response's content.
///
/// # Errors
/// [`NotWritten::Schema`]: its own body is none once it is written again.
pub fn pre_command(request: &Request) -> Result<Draft, NotWritten> {
    let mut body = String::new();
    Draft::from(request.body()).write("sr", &mut body);
    let mut writer = Writer::new();
    writer.open_with("sr:Body", &[("xmlns:sr", SR)]);
    writer.raw(&body);
    let payload = writer.finish();
    judged(payload.as_bytes(), request.version()).map_err(NotWritten::Schema)?;
    let (version, payload) = (Draft::leaf("GBCSVersion", NO_GBCS), Draft::leaf(PAYLOAD, STANDARD.encode(payload)));
    Ok(Draft::new("PreCommand").with(version).with(payload))
}

/// What a User signs of a pre-command: its payload byte for byte, and when it is to be executed, where that is to be said.
#[must_use]
pub fn signed_pre_command(payload: &[u8], execution: Option<Timestamp>) -> Draft {
    Draft::new(SIGNED_PRE_COMMAND)
        .with_some(execution.map(|moment| Draft::leaf("ExecutionDateTime", format!("{moment:.2}"))))
        .with(Draft::leaf(PAYLOAD, STANDARD.encode(payload)))
}

/// The payload of a PreCommand, or of a SignedPreCommand; none of any other element, and where it cannot be read.
#[must_use]
pub fn payload_of(pre_command: Element<'_>) -> Option<Vec<u8>> {
    pre_command.child(PAYLOAD)?.base64()
}

/// The body that stands in a PreCommand or SignedPreCommand, where the schema of its message's version allows it.
#[must_use]
pub fn body_of(pre_command: Element<'_>) -> Option<Tree> {
    let tree = judged(&payload_of(pre_command)?, pre_command.version()).ok()?;
    // One inside another asks for nothing.
    tree.root().first().is_some_and(|asked| asked.name() != SIGNED_PRE_COMMAND).then_some(tree)
}

/// A payload as a Body of a version's schema.
fn judged(payload: &[u8], version: SchemaVersion) -> Result<Tree, Vec<WireFault>> {
    let one = |fault| vec![fault];
    let received = Received::new("pre-command", payload, &Limits::MESSAGE).map_err(one)?;
    let incoming = received.parse().map_err(one)?;
    let root = incoming.document.root_element();
    if !is(root, SR, "Body") {
        return Err(vec![WireFault {
            kind: FaultKind::Schema,
            place: xml::place_of(&received.name, root),
            message: "a pre-command's payload is the Body of a request".to_owned(),
            found: root.tag_name().name().chars().take(80).collect(),
            expected: format!("Body of {SR}"),
            suggestion: "sign the payload as it was returned".to_owned(),
        }]);
    }
    schema::judge_body(&received.name, &received.text, &incoming.document, version)
}
