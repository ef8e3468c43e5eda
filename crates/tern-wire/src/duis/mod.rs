//! DUIS and MMC messages: requests of DCC Users, responses and alerts to them, and the two forms that an S1SP signs.
//!
//! Reading goes in steps, so that whoever asks decides what is judged first: [`Received`] (bytes within limits), [`Incoming`] (a tree of
//! one of the four roots), [`Unverified`] (as the schema of its version has it), and [`crate::Verified`], which only the very bytes that were digested
//! become. Writing goes the other way: a [`Draft`] is put into its envelope, judged by the schema, and signed. This module must never know what a
//! request asks for, who may send it, or which code answers it.

mod as_text;
mod attest;
mod compose;
mod countersigned;
mod draft;
mod envelope;
mod fault;
mod ids;
mod incoming;
mod message;
mod pre_command;
mod response;
pub mod schema;
mod service;
mod tree;
mod version;

pub use compose::{NotWritten, S1spAlert, Smets1Response, alert_of_s1sp, request, response, smets1_response};
pub use countersigned::{Countersigned, CountersignedFault, countersign, open_countersigned};
pub use draft::Draft;
pub use envelope::{RequestHeader, ResponseBody, ResponseHeader};
pub use fault::SignatureFault;
pub use ids::{RequestId, ResponseId};
pub use incoming::{Incoming, Received, Root};
pub use message::{Request, Unverified};
pub use pre_command::{body_of, payload_of, pre_command, signed_pre_command};
pub use response::{NestedDocument, Response};
pub use service::{CommandVariant, ResponseCode, ServiceReference, ServiceReferenceVariant};
pub use tree::{Element, Tree};
pub use version::SchemaVersion;

/// The namespace of DUIS.
pub const SR: &str = "http://www.dccinterface.co.uk/ServiceUserGateway";
/// The namespace of MMC.
pub const RA: &str = "http://www.dccinterface.co.uk/ResponseAndAlert";

/// What an S1SP signs as a document of its own and the DSP puts into a Response, signature and all.
const SIGNED_INSIDE: &[(&str, &str)] = &[(SR, "SMETS1SignedResponse"), (SR, "S1SPAlert")];
