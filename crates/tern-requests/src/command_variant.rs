//! The Command Variants: what a User wants made of its request, and so to which web service it is sent (DUIS schema, comment).
//!
//! For SMETS1 there is nothing that a User could deliver itself, and a pre-command is no more than the request's own body: which
//! variants are taken is project-defined (P).

use std::fmt;

use serde::Serialize;

use crate::registry::Srv;

/// The web services for requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum WebService {
    /// Makes a pre-command of a critical request.
    Transform,
    /// Takes what goes to a device, and answers later.
    SendCommand,
    /// Takes what the DCC answers itself, at once.
    NonDevice,
}

impl WebService {
    /// Every service.
    pub const ALL: [WebService; 3] = [WebService::Transform, WebService::SendCommand, WebService::NonDevice];

    /// The path under which existing clients look for it.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            WebService::Transform => "/api/v1/serviceT",
            WebService::SendCommand => "/api/v1/serviceS",
            WebService::NonDevice => "/api/v1/serviceD",
        }
    }

    /// The service at a path.
    #[must_use]
    pub fn of_path(path: &str) -> Option<WebService> {
        WebService::ALL.into_iter().find(|service| service.path() == path)
    }

    /// The last word of its path.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            WebService::Transform => "serviceT",
            WebService::SendCommand => "serviceS",
            WebService::NonDevice => "serviceD",
        }
    }
}

impl fmt::Display for WebService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Which requests Tern takes a Command Variant of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Taken {
    /// Those that go to a device.
    Device,
    /// Critical ones, where the configuration lets existing SMETS2 clients go their own way.
    Critical,
    /// Those that the DCC answers itself.
    NonDevice,
    /// None: local delivery, for which SMETS1 has no means.
    Never,
}

impl Taken {
    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Taken::Device => "of requests to a device, critical ones signed once (P)",
            Taken::Critical => "of critical requests, where configured (P)",
            Taken::NonDevice => "of Non-Device requests",
            Taken::Never => "never: nothing is delivered locally (P)",
        }
    }
}

/// One Command Variant.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct CommandVariantRow {
    /// Its number.
    pub number: u8,
    /// What is made of what.
    pub words: &'static str,
    /// Where it is sent.
    pub service: WebService,
    /// Of which requests Tern takes it.
    pub taken: Taken,
}

const fn row(number: u8, words: &'static str, service: WebService, taken: Taken) -> CommandVariantRow {
    CommandVariantRow { number, words, service, taken }
}

/// Every Command Variant that a User may send; 9 is the DCC's own.
pub static ALL: [CommandVariantRow; 8] = {
    use {Taken as T, WebService as W};
    [
        row(1, "Service Request, sent on to the device", W::SendCommand, T::Device),
        row(2, "Service Request, returned as a command for local delivery", W::NonDevice, T::Never),
        row(3, "Service Request, sent on and returned", W::SendCommand, T::Never),
        row(4, "Service Request, returned as a pre-command to be signed", W::Transform, T::Critical),
        row(5, "Signed Pre-Command, sent on to the device", W::SendCommand, T::Critical),
        row(6, "Signed Pre-Command, returned as a command for local delivery", W::NonDevice, T::Never),
        row(7, "Signed Pre-Command, sent on and returned", W::SendCommand, T::Never),
        row(8, "Service Request that the DCC answers itself", W::NonDevice, T::NonDevice),
    ]
};

/// The row of a number.
#[must_use]
pub fn find(number: u8) -> Option<&'static CommandVariantRow> {
    ALL.iter().find(|row| row.number == number)
}

impl CommandVariantRow {
    /// Whether requests of a variant are taken so.
    #[must_use]
    pub fn is_taken_for(&self, srv: &Srv) -> bool {
        match self.taken {
            Taken::Device => !srv.is_non_device(),
            Taken::Critical => srv.critical,
            Taken::NonDevice => srv.is_non_device(),
            Taken::Never => false,
        }
    }
}
