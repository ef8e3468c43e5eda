//! How devices are spoken to: DLMS/COSEM over the TCP wrapper, one connection a row (P; `docs/design/devices.md`).
//!
//! A row that alters something ends with the request that does; whatever fails before it surely did nothing. It must never
//! guess: where no answer came, or none that can be believed, it says so.

mod answers;
mod critical;
mod esme;
pub(super) mod firmware;
mod hub;
pub(super) mod instructions;
mod objects;
mod pin;
mod signed;
pub(super) mod tasks;

use tern_dlms::client::{Association, Client, ClientError, Doubt, Ports, Refusal};

use crate::device::{DeviceError, Reply, Row};
use crate::{Opened, Site, Transport};

/// Carries a row out; see [`crate::Cohort::carry_out`].
pub(super) fn carry_out(row: &Row, site: &mut Site<'_>) -> Option<Result<Reply, DeviceError>> {
    let carried = match row {
        Row::ReadHub => hub::read(site),
        Row::SetApn { apn } => hub::set_apn(site, apn),
        Row::SetWhitelist { devices } => hub::set_whitelist(site, devices),
        Row::ReadGsme => hub::read_gsme(site),
        Row::ReadPin => pin::read(site),
        Row::RevisePin { wrapped } => pin::revise(site, wrapped),
        Row::RestorePin { before } => pin::restore(site, *before),
        Row::SetCertificate { device, certificate, whose } if *device == site.esme => {
            esme::import_certificate(site, certificate, *whose)
        }
        Row::SetCertificate { device, certificate, .. } => hub::import_certificate(site, *device, certificate),
        Row::ReadCounters => hub::read_counters(site),
        Row::Associate { whose } => esme::associate(site, *whose),
        Row::ReadEsme { whose } => esme::read(site, *whose),
        Row::TransferKeys { whose, instruction } => esme::transfer_keys(site, *whose, instruction),
        Row::RelayCritical { apdu } => critical::relay(site, apdu),
    };
    told(carried)
}

/// What is told of it: none where no answer came.
fn told<T>(outcome: Result<T, Trouble>) -> Option<Result<T, DeviceError>> {
    match outcome {
        Ok(reply) => Some(Ok(reply)),
        Err(Trouble::Said(error)) => Some(Err(error)),
        Err(Trouble::Lost) => None,
    }
}

/// Why a row has no reply.
#[derive(Debug)]
enum Trouble {
    /// It surely was not done.
    Said(DeviceError),
    /// It may have been done.
    Lost,
}

impl From<DeviceError> for Trouble {
    fn from(error: DeviceError) -> Trouble {
        Trouble::Said(error)
    }
}

impl From<ClientError> for Trouble {
    fn from(error: ClientError) -> Trouble {
        if error.is_surely_not_done() { failed(&error.to_string()).into() } else { Trouble::Lost }
    }
}

fn failed(reason: &str) -> DeviceError {
    DeviceError::Failed { reason: reason.to_owned() }
}

type Line = Client<Box<dyn Transport>>;

/// A connection to the installation; that there is none is the network's word, and nothing happened.
fn connect(site: &Site<'_>) -> Result<Box<dyn Transport>, Trouble> {
    (site.connect)().map_err(|_| DeviceError::NoWan.into())
}

/// A device of an installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Addressed {
    Esme,
    Chf,
    Gpf,
    Gsme,
    /// The PPMID of that place, from 0.
    Ppmid(u16),
}

impl Addressed {
    /// Its public association.
    fn public(self, site: &Site<'_>) -> Result<Opened, DeviceError> {
        let all = &site.associations;
        let (of, beyond) = match self {
            Addressed::Esme => (all.esme, 0),
            Addressed::Chf => (all.chf, 0),
            Addressed::Gpf => (all.gpf, 0),
            Addressed::Gsme => (all.gsme, 0),
            Addressed::Ppmid(nth) => (all.ppmid, nth),
        };
        let opened = of.public.ok_or_else(|| not_opened("public"))?;
        Ok(Opened { logical_device: opened.logical_device.saturating_add(beyond), ..opened })
    }
}

/// An association that the model's table does not have; nothing was asked.
fn not_opened(which: &str) -> DeviceError {
    failed(&format!("by its table the device's model opens no {which} association to the DCC (Table B1)"))
}

/// Its addresses at the wrapper.
fn ports(opened: Opened) -> Ports {
    Ports { client: opened.client, server: opened.logical_device }
}

/// What went wrong at an association, with where it should be: its table may be the one to blame. Nothing was asked in it yet.
fn failed_at(opened: Opened, error: &ClientError) -> DeviceError {
    let Opened { client, logical_device, .. } = opened;
    let reason = format!("client {client} of logical device {logical_device} (Table B1): {error}");
    match error {
        ClientError::Unknown(_) => DeviceError::Garbled { reason },
        ClientError::NotSent(_) | ClientError::Refused(_) => DeviceError::Failed { reason },
    }
}

/// Opens the public association of a device. Nothing is asked by it, so nothing happened where it fails.
fn public(site: &Site<'_>, of: Addressed) -> Result<Line, Trouble> {
    let opened = of.public(site)?;
    Client::connect(connect(site)?, ports(opened), Association::Public).map_err(|error| {
        Trouble::Said(match error {
            ClientError::Unknown(Doubt::Transport(_) | Doubt::Closed) => DeviceError::NoWan,
            ClientError::Refused(refusal) if answers::is_beyond_reach(refusal) => DeviceError::GasHan,
            ClientError::Refused(Refusal::Exception(_)) => DeviceError::NoSuchDevice,
            error => failed_at(opened, &error),
        })
    })
}
