//! What each Service Reference Variant asks to be done, and how it is answered: one file for each family of variants, one line in
//! the list. A further family is a file and a line.
//!
//! A body becomes [`Work`] in the field's words, and what a device said becomes the element of its answer. Nothing here may know how
//! a device is spoken to, or which cohort it is of.

mod clock;
mod credentials;
pub mod distribution;
mod firmware;
mod join;
mod prepayment;
mod reads;
mod supply;
mod tariff;

use tern_model::{DeviceKind, Fuel};
use tern_wire::duis::{Draft, Element, RequestId};

pub use credentials::{CertificateUse, CredentialsChange, Presented, RemoteParty, Unfit};
pub use firmware::FirmwareUpdate;
pub use prepayment::{told_by_alert, utrn_of};

use crate::codes::Reason;
use crate::refusal::Refusal;
use crate::registry::Srv;
use crate::task::{Task, TaskAnswer};

/// A request as its family reads it.
#[derive(Debug, Clone, Copy)]
pub struct Order<'e> {
    /// What is asked for.
    pub srv: &'static Srv,
    /// What is asked for: the element that the request's service names.
    pub body: Element<'e>,
    /// The kind of its target; of a Non-Device request any.
    pub kind: DeviceKind,
    /// Its RequestID.
    pub id: RequestId,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Work {
    /// A task of the target device, by the Equivalent Steps of its cohort.
    Device(Task),
    /// A change of the credentials that the DCC holds for a device: a SMETS1 meter holds none.
    Credentials(CredentialsChange),
    /// Images for many devices.
    Firmware(FirmwareUpdate),
    /// An answer from the inventory, which whoever keeps it reads and gives.
    Inventory,
}

/// What became of the work at the device.
#[derive(Debug, Clone, Copy)]
pub enum Said<'a> {
    /// It obeyed, and said this.
    Obeyed(&'a TaskAnswer),
    /// It refused, or took nothing.
    Refused,
}

/// Some variants that belong together.
pub struct Family {
    /// A few words.
    pub name: &'static str,
    /// Which.
    pub srvs: &'static [&'static str],
    /// What a body asks for.
    pub plan: fn(&Order<'_>) -> Result<Work, Refusal>,
    /// What stands in a device's answer beside its success.
    pub content: fn(&Srv, DeviceKind, Said<'_>) -> Vec<Draft>,
}

/// Every family.
pub static FAMILIES: [&Family; 9] = [
    &tariff::FAMILY,
    &prepayment::FAMILY,
    &reads::FAMILY,
    &clock::FAMILY,
    &credentials::FAMILY,
    &supply::FAMILY,
    &INVENTORY,
    &join::FAMILY,
    &firmware::FAMILY,
];

/// What the DSP answers from the inventory.
static INVENTORY: Family =
    Family { name: "inventory", srvs: &["8.2", "8.4", "12.2"], plan: |_| Ok(Work::Inventory), content: nothing };

/// What a request asks to be done.
///
/// # Errors
/// [`Reason::BodyNotKept`]: the device cannot keep what the body asks for, or it asks for something else than the service;
/// [`Reason::NotYetProcessed`]: no family has the variant.
pub fn plan(order: &Order<'_>) -> Result<Work, Refusal> {
    let (body, asked) = (order.body.name(), order.srv.body);
    if body != asked {
        return Err(not_kept(format!("{} asks for {asked}, and {body} is there", order.srv.number)));
    }
    let family = of(order.srv)
        .ok_or_else(|| Refusal::new(Reason::NotYetProcessed, format!("{} is not yet processed", order.srv.number)))?;
    (family.plan)(order)
}

/// The element of a device's answer, of whichever kind the device is; none where the variant has none.
#[must_use]
pub fn answer(srv: &'static Srv, kind: DeviceKind, said: Said<'_>) -> Option<Draft> {
    let family = of(srv)?;
    let draft = Draft::new(srv.response_body()?).attribute("MessageSuccess", said.is_success());
    Some(draft.with_all((family.content)(srv, kind, said)))
}

/// The family of a variant.
#[must_use]
pub fn of(srv: &Srv) -> Option<&'static Family> {
    FAMILIES.into_iter().find(|family| family.srvs.contains(&srv.number))
}

impl Said<'_> {
    /// What stands in MessageSuccess (R).
    #[must_use]
    pub fn is_success(self) -> bool {
        !matches!(self, Said::Refused | Said::Obeyed(TaskAnswer::AlreadyUsed))
    }
}

/// Answers that say nothing but whether they succeeded.
fn nothing(_: &Srv, _: DeviceKind, _: Said<'_>) -> Vec<Draft> {
    Vec::new()
}

/// Electricity or gas, by the kind of device that answers.
fn fuel(kind: DeviceKind) -> Fuel {
    match kind {
        DeviceKind::Gsme | DeviceKind::Gpf => Fuel::Gas,
        _ => Fuel::Electricity,
    }
}

/// The element that tells electricity from gas in answers.
fn by_fuel(kind: DeviceKind) -> &'static str {
    match fuel(kind) {
        Fuel::Gas => "Gas",
        Fuel::Electricity => "Electricity",
    }
}

/// A status of the schema's list, as `status-code` has it; success is 0, and of the others the numbers are ours (P).
fn status(name: &'static str, code: u8, word: &'static str) -> Draft {
    Draft::new(name).attribute("ResponseCode", code).with(Draft::leaf("ASN1Status", word))
}

/// Cubic metres of litres, as MMC writes them.
fn cubic_metres(litres: u64) -> String {
    format!("{}.{:03}", litres / 1000, litres % 1000)
}

fn not_kept(words: impl Into<String>) -> Refusal {
    Refusal::new(Reason::BodyNotKept, words)
}

/// A value that the schema demands: it has judged the body, so that one which lacks is a body of another kind.
fn needed<T>(value: Option<T>, element: &str) -> Result<T, Refusal> {
    value.ok_or_else(|| not_kept(format!("{element} cannot be read")))
}
