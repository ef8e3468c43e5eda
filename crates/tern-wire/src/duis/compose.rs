//! Writes and signs messages. Compact, because the DCC's public tool drops white space between elements before it verifies.

use jiff::Timestamp;
use tern_model::{DeviceId, Eui64};

use super::{
    Draft, RA, Received, RequestHeader, RequestId, ResponseBody, ResponseHeader, SIGNED_INSIDE, SR, SchemaVersion,
    ServiceReferenceVariant,
};
use crate::smki::Signer;
use crate::xml::{Limits, Writer};
use crate::{WireFault, dsig};

/// Why a message was not written. Each is a mistake of this program, or of the data that it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotWritten {
    /// The schema of its version does not allow it.
    Schema(Vec<WireFault>),
    /// It could not be signed.
    Sign(dsig::SignFault),
}

impl std::fmt::Display for NotWritten {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NotWritten::Schema(faults) => match faults.first() {
                Some(first) => write!(f, "the message is not of its schema: {first} (and {} more)", faults.len() - 1),
                None => f.write_str("the message is not of its schema"),
            },
            NotWritten::Sign(fault) => fault.fmt(f),
        }
    }
}

impl std::error::Error for NotWritten {}

/// Writes and signs a request: for clients and tests.
///
/// # Errors
/// [`NotWritten`].
pub fn request(
    header: &RequestHeader,
    body: Draft,
    version: SchemaVersion,
    signer: &Signer,
) -> Result<String, NotWritten> {
    let mut writer = root("sr:Request", version);
    push(&mut writer, "sr", &header.draft());
    push(&mut writer, "sr", &Draft::new("Body").with(body));
    signed(writer, version, signer)
}

/// Writes and signs a response or alert of the DSP.
///
/// # Errors
/// [`NotWritten`].
pub fn response(
    header: &ResponseHeader,
    body: &ResponseBody<'_>,
    version: SchemaVersion,
    signer: &Signer,
) -> Result<String, NotWritten> {
    let mut writer = root("sr:Response", version);
    push(&mut writer, "sr", &header.draft());
    writer.open("sr:Body");
    match body {
        ResponseBody::Message { service, content } => {
            let message = Draft::new("ResponseMessage").with_all(service_of(Some(*service))).with_some(content.clone());
            push(&mut writer, "sr", &message);
        }
        ResponseBody::Smets1 { service, schedule, signed } => {
            writer.open("sr:SMETS1ResponseMessage");
            service_of(*service).iter().chain(&schedule_of(*schedule)).for_each(|draft| push(&mut writer, "sr", draft));
            writer.raw(without_declaration(signed));
            writer.close();
        }
        ResponseBody::Alert { code, alert } => {
            let alert = Draft::new("DCCAlert").with(alert.clone());
            push(&mut writer, "sr", &Draft::new("DCCAlertMessage").with(Draft::leaf("DCCAlertCode", code)).with(alert));
        }
        ResponseBody::S1spAlert { code, schedule, signed } => {
            writer.open("sr:DCCAlertMessage");
            writer.leaf("sr:DCCAlertCode", code);
            writer.open("sr:DCCAlert");
            writer.open("sr:S1SPAlertDSP");
            writer.raw(without_declaration(signed));
            schedule_of(*schedule).iter().for_each(|draft| push(&mut writer, "sr", draft));
            (0..3).for_each(|_| writer.close());
        }
    }
    writer.close();
    self::signed(writer, version, signer)
}

/// What an S1SP says of a request that a device carried out, or did not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Smets1Response {
    /// BusinessOriginatorID: the device.
    pub originator: Eui64,
    /// BusinessTargetID: the User, or the DSP where a schedule ran.
    pub target: Eui64,
    /// OriginatorCounter: that of the request.
    pub counter: u64,
    /// The service that is answered.
    pub service: Option<ServiceReferenceVariant>,
    /// When the device answered.
    pub at: Option<Timestamp>,
    /// What stands in the body: `ResponseMessage` (MMC ResponsePayload) or `DeviceAlertMessage`.
    pub body: Draft,
}

impl Smets1Response {
    /// `ResponseMessage` around one `…Rsp`.
    #[must_use]
    pub fn data(response: Draft) -> Draft {
        Draft::new("ResponseMessage").with(Draft::new("SMETSData").with(response))
    }
}

/// Writes and signs a SMETS1SignedResponse, as a document of its own with its own namespace declarations.
///
/// # Errors
/// [`NotWritten`].
pub fn smets1_response(
    response: &Smets1Response,
    version: SchemaVersion,
    signer: &Signer,
) -> Result<String, NotWritten> {
    let mut writer = root("sr:SMETS1SignedResponse", version);
    writer.open("sr:SMETS1Response");
    writer.open("sr:Header");
    writer.leaf("ra:BusinessOriginatorID", &response.originator.to_string());
    writer.leaf("ra:BusinessTargetID", &response.target.to_string());
    writer.leaf("ra:OriginatorCounter", &response.counter.to_string());
    service_of(response.service).iter().for_each(|draft| push(&mut writer, "ra", draft));
    if let Some(at) = response.at {
        writer.leaf("ra:Timestamp", &format!("{at:.3}"));
    }
    writer.close();
    writer.open("sr:Body");
    let mut body = String::new();
    response.body.write_body(&mut body);
    writer.raw(&body);
    writer.close();
    writer.close();
    signed(writer, version, signer)
}

/// What an S1SP reports to the DSP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct S1spAlert {
    /// The request that it is about.
    pub request_id: Option<RequestId>,
    /// The device that it is about.
    pub device: Option<DeviceId>,
    /// S1SPAlertCode.
    pub code: String,
    /// AdditionalInformation.
    pub information: Option<String>,
    /// UTRN of a top-up that failed: 20 digits.
    pub utrn: Option<String>,
    /// DateTime.
    pub at: Timestamp,
}

/// Writes and signs an S1SPAlert, as a document of its own with its own namespace declarations.
///
/// # Errors
/// [`NotWritten`].
pub fn alert_of_s1sp(alert: &S1spAlert, version: SchemaVersion, signer: &Signer) -> Result<String, NotWritten> {
    let mut writer = root("sr:S1SPAlert", version);
    let leaf = |name, value: Option<String>| value.map(|value| Draft::leaf(name, value));
    let leaves = [
        leaf("RequestID", alert.request_id.map(|id| id.to_string())),
        leaf("DeviceID", alert.device.map(|id| id.to_string())),
        leaf("S1SPAlertCode", Some(alert.code.clone())),
        leaf("AdditionalInformation", alert.information.clone()),
        leaf("UTRN", alert.utrn.clone()),
        leaf("DateTime", Some(format!("{:.3}", alert.at))),
    ];
    leaves.iter().flatten().for_each(|draft| push(&mut writer, "sr", draft));
    signed(writer, version, signer)
}

/// Begins a document. Every root declares the same two namespaces, so that a nested document cut out of a response inherits none
/// that it does not declare itself.
fn root(name: &'static str, version: SchemaVersion) -> Writer {
    let mut writer = Writer::new();
    writer.open_with(name, &[("xmlns:sr", SR), ("xmlns:ra", RA), ("schemaVersion", version.as_str())]);
    writer
}

fn push(writer: &mut Writer, prefix: &str, draft: &Draft) {
    let mut out = String::new();
    draft.write(prefix, &mut out);
    writer.raw(&out);
}

fn service_of(service: Option<ServiceReferenceVariant>) -> Vec<Draft> {
    let both = |variant: ServiceReferenceVariant| {
        let reference = Draft::leaf("ServiceReference", variant.reference());
        [reference, Draft::leaf("ServiceReferenceVariant", variant)]
    };
    service.map(both).into_iter().flatten().collect()
}

fn schedule_of(schedule: Option<u64>) -> Option<Draft> {
    schedule.map(|id| Draft::leaf("DSPScheduleID", id))
}

/// A signed document without the XML declaration before its root, which cannot stand inside another.
fn without_declaration(signed: &str) -> &str {
    let declared = signed.strip_prefix("<?xml").and_then(|rest| rest.split_once("?>"));
    declared.map_or(signed, |(_, rest)| rest).trim()
}

/// Judges what was written by the schema of its version, all but the signature that is to come, and signs it.
fn signed(writer: Writer, version: SchemaVersion, signer: &Signer) -> Result<String, NotWritten> {
    let document = writer.finish();
    let one = |fault| NotWritten::Schema(vec![fault]);
    let received = Received::new("", document.as_bytes(), &Limits::MESSAGE).map_err(one)?;
    let incoming = received.parse().map_err(one)?;
    incoming.judge_unsigned(version).map_err(NotWritten::Schema)?;
    dsig::sign_tree(&incoming.document, signer, SIGNED_INSIDE).map_err(NotWritten::Sign)
}
