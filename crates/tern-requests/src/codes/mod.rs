//! Response codes: every one that the published schemas know, and which of them answers which reason of which stage.
//!
//! One table says it. A code whose meaning a public page confirms is fixed; the others are a choice of ours and configuration. This
//! module must never decide that a request is refused.

mod alerts;
mod known;
mod table;

use std::collections::BTreeMap;

use serde::Serialize;
use tern_model::Grade;
use tern_wire::duis::ResponseCode;

use crate::stages::Stage;

pub use alerts::{DccAlert, is_alert_code};
pub use known::{KNOWN, is_known, meaning};
pub use table::{REASONS, Reason};

/// How a refusal is told to the User.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// A Response of the DSP with the code in its header.
    Response,
    /// An alert of the S1SP's, inside a DCC Alert: the code is its S1SPAlertCode, a free text of which no source gives a value.
    S1spAlert,
}

/// How it is known that a code is the right one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// A public page says what the code means, and it is this.
    Confirmed,
    /// A public page says what the code means, and this is our reading of it.
    Read,
    /// Nobody could confirm it: configuration.
    Unconfirmed,
}

impl Basis {
    /// The grade that stands beside it.
    #[must_use]
    pub fn grade(self) -> Grade {
        match self {
            Basis::Confirmed | Basis::Read => Grade::Reading,
            Basis::Unconfirmed => Grade::Project,
        }
    }
}

/// One row: a reason of a stage, and the code that answers it.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct ReasonRow {
    /// Where it is found.
    pub stage: Stage,
    /// Which.
    pub reason: Reason,
    /// Its name in configuration.
    pub key: &'static str,
    /// How it is told.
    pub form: Form,
    /// The code, where configuration gives no other.
    pub code: &'static str,
    /// How that is known.
    pub basis: Basis,
    /// What is wrong.
    pub meaning: &'static str,
    /// What the sender may do.
    pub suggestion: &'static str,
}

/// What a User is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// A Response with this code.
    Response(ResponseCode),
    /// An S1SP Alert with this S1SPAlertCode.
    S1spAlert(String),
}

/// The codes in force: the table's, and what configuration says otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Codes {
    overridden: BTreeMap<Reason, String>,
    alerts: BTreeMap<DccAlert, String>,
}

/// A configuration of codes that cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodesProblem {
    /// No reason has that key.
    UnknownReason(String),
    /// The code's meaning is confirmed: it is no configuration.
    Confirmed(String),
    /// No published schema knows the code.
    UnknownCode(String),
}

impl std::fmt::Display for CodesProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            CodesProblem::UnknownReason(key) => write!(f, "no reason for refusing is called {key:?}"),
            CodesProblem::Confirmed(key) => write!(f, "the code of {key:?} is confirmed by a public page, and fixed"),
            CodesProblem::UnknownCode(code) => write!(f, "no published schema knows the response code {code:?}"),
        }
    }
}

impl std::error::Error for CodesProblem {}

impl Codes {
    /// The table's codes with these in their place: key of the reason, or of a DCC Alert, and code.
    ///
    /// # Errors
    /// The first [`CodesProblem`].
    pub fn overridden<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Codes, CodesProblem> {
        let mut codes = Codes::default();
        for (key, code) in pairs {
            if let Some(alert) = DccAlert::ALL.into_iter().find(|alert| alert.key() == key) {
                if !is_alert_code(code) {
                    return Err(CodesProblem::UnknownCode(code.to_owned()));
                }
                codes.alerts.insert(alert, code.to_owned());
                continue;
            }
            let row = REASONS.iter().find(|row| row.key == key);
            let row = row.ok_or_else(|| CodesProblem::UnknownReason(key.to_owned()))?;
            if row.basis != Basis::Unconfirmed {
                return Err(CodesProblem::Confirmed(key.to_owned()));
            }
            if row.form == Form::Response && !is_known(code) {
                return Err(CodesProblem::UnknownCode(code.to_owned()));
            }
            codes.overridden.insert(row.reason, code.to_owned());
        }
        Ok(codes)
    }

    /// The code of a reason as text.
    #[must_use]
    pub fn code(&self, reason: Reason) -> &str {
        self.overridden.get(&reason).map_or(reason.row().code, String::as_str)
    }

    /// The code of a DCC Alert.
    #[must_use]
    pub fn alert(&self, alert: DccAlert) -> &str {
        self.alerts.get(&alert).map_or(alert.default_code(), String::as_str)
    }

    /// What a User is told for a reason.
    #[must_use]
    pub fn of(&self, reason: Reason) -> Told {
        let code = self.code(reason);
        match reason.row().form {
            Form::Response => Told::Response(code.parse().unwrap_or(ResponseCode::of(reason.row().code))),
            Form::S1spAlert => Told::S1spAlert(code.to_owned()),
        }
    }
}
