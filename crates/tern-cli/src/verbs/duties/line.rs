//! One meter's duties as a line, and in detail.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use serde::Serialize;
use tern_model::{ChfIdentifier, DeviceId, Fuel, Mpxn, PartyId};
use tern_rules::duties::{Condition, CreditMode, EnrolledMeter, Holds, Owed, PrepaymentKey};
use tern_service::duties::MeterDuties;

use crate::look::{Cell, Look, bad_cell, cell, counted, unsure_cell};

/// A meter as somebody names it on the command line.
#[derive(Debug, Clone)]
pub enum MeterWanted {
    Device(DeviceId),
    Point(Mpxn),
}

/// How it stands, the most urgent first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// 4.49 was broken.
    Broken,
    /// Whether 4.49 is owed is not known.
    Unknown,
    /// 4.49 is owed.
    Owed,
    /// The prepayment key is to be verified.
    VerifyKey,
    /// Nothing.
    Nothing,
}

/// One meter.
#[derive(Debug, Serialize)]
pub struct Line {
    pub standing: Standing,
    /// The last day to do it; the day of the change where it is broken or not known.
    by: Option<Date>,
    device_id: DeviceId,
    fuel: Fuel,
    mpxn: Option<Mpxn>,
    chf_identifier: ChfIdentifier,
    set: String,
    commissioned: Date,
    responsible_supplier: Option<PartyId>,
    what_to_do: String,
    /// Days on which the supplier is reminded of 4.49.
    reminders: Vec<Date>,
    reminder_today: bool,
    credit_mode: CreditMode,
    prepayment_key: PrepaymentKey,
}

impl FromStr for MeterWanted {
    type Err = String;

    fn from_str(text: &str) -> Result<MeterWanted, String> {
        match (text.parse().map(MeterWanted::Point), text.parse().map(MeterWanted::Device)) {
            (Ok(point), _) => Ok(point),
            (_, Ok(device)) => Ok(device),
            _ => Err("expected a Device ID of eight hexadecimal pairs, or an MPxN of 1 to 13 digits".to_owned()),
        }
    }
}

impl fmt::Display for MeterWanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MeterWanted::Device(device) => device.fmt(f),
            MeterWanted::Point(mpxn) => mpxn.fmt(f),
        }
    }
}

impl MeterWanted {
    pub fn is(&self, meter: &EnrolledMeter) -> bool {
        match self {
            MeterWanted::Device(device) => meter.device == *device,
            MeterWanted::Point(mpxn) => meter.mpxn.as_ref() == Some(mpxn),
        }
    }
}

impl Line {
    /// The line of a meter; none where there is nothing to tell, unless it was asked for.
    pub fn of(duties: MeterDuties, supplier: Option<PartyId>, day: Date, asked: bool) -> Option<Line> {
        let MeterDuties { meter, credit_mode, reminders, prepayment_key, .. } = duties;
        let unverified = prepayment_key.unverified == Holds::Yes;
        let (standing, by, mut what_to_do) = match &credit_mode.owed {
            Owed::Broken { on, .. } => {
                (Standing::Broken, Some(*on), "broken: not in Credit Mode at the change".to_owned())
            }
            Owed::Unknown { takes_effect } => {
                let missing = credit_mode.conditions.iter().find(|condition| condition.holds == Holds::Unknown);
                let why = missing.map(|c| format!("({}) {}", c.letter, c.evidence)).unwrap_or_default();
                (Standing::Unknown, Some(*takes_effect), format!("not known, record it: {why}"))
            }
            Owed::Yes { takes_effect, last_day, .. } => {
                let left = (*takes_effect - day).get_days();
                let left = counted(usize::try_from(left).unwrap_or_default(), "day");
                (Standing::Owed, Some(*last_day), format!("set Credit Mode; change in {left}"))
            }
            _ if unverified => (Standing::VerifyKey, None, "verify the prepayment key, by a Top Up".to_owned()),
            _ if asked => (Standing::Nothing, None, "nothing".to_owned()),
            _ => return None,
        };
        let reminder_today = reminders.contains(&day);
        if reminder_today {
            what_to_do.push_str("; remind today");
        }
        Some(Line {
            standing,
            by,
            device_id: meter.device,
            fuel: meter.fuel,
            chf_identifier: meter.chf,
            set: meter.set.to_string(),
            commissioned: meter.commissioned,
            mpxn: meter.mpxn,
            responsible_supplier: supplier,
            what_to_do,
            reminders,
            reminder_today,
            credit_mode,
            prepayment_key,
        })
    }

    /// What the most urgent comes first by.
    pub fn urgency(&self) -> (Standing, Option<Date>, DeviceId) {
        (self.standing, self.by, self.device_id)
    }

    /// Whether somebody must look into it: a duty that is on its way is none.
    pub fn is_finding(&self) -> bool {
        matches!(self.standing, Standing::Broken | Standing::Unknown)
    }

    /// Its cells in the table.
    pub fn cells(&self) -> Vec<Cell> {
        let by = self.by.map_or_else(|| "-".to_owned(), |by| by.to_string());
        let what = match self.standing {
            Standing::Broken => bad_cell(&self.what_to_do),
            Standing::Unknown => unsure_cell(&self.what_to_do),
            _ => cell(&self.what_to_do),
        };
        vec![cell(by), cell(self.device_id), cell(self.point()), cell(self.supplier()), what]
    }

    /// Everything about it.
    pub fn details(&self, look: &Look) -> String {
        let head = format!("{} meter {}", self.fuel, self.device_id);
        let mut lines = vec![
            format!("  {}  MPxN {}, CHF {}, set {}", look.strong(&head), self.point(), self.chf_identifier, self.set),
            format!("  Responsible Supplier {}", self.supplier()),
            look.paragraph(&format!("what to do: {}", self.what_to_do), 2),
        ];
        if !self.reminders.is_empty() {
            let days: Vec<_> = self.reminders.iter().map(Date::to_string).collect();
            lines.push(look.paragraph(&format!("reminders: {}", days.join(", ")), 2));
        }
        lines.push(format!("\n  {}", look.strong("4.49 Credit Mode before a change of supplier")));
        lines.extend(self.credit_mode.conditions.iter().map(|condition| told(condition, look)));
        lines.push(format!("\n  {}", look.strong("P-prepayment-key: to be verified")));
        lines.extend(self.prepayment_key.conditions.iter().map(|condition| told(condition, look)));
        lines.join("\n")
    }

    fn point(&self) -> String {
        self.mpxn.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string)
    }

    fn supplier(&self) -> String {
        self.responsible_supplier.map_or_else(|| "not registered".to_owned(), |supplier| supplier.to_string())
    }
}

/// A condition as a line: whether it holds, what it asks, and by what it was answered.
fn told(condition: &Condition, look: &Look) -> String {
    let (mark, word) = match condition.holds {
        Holds::Yes => (look.good("✓"), "yes"),
        Holds::No => (look.faint("✗"), "no"),
        Holds::Unknown => (look.unsure("?"), "not known"),
    };
    let letter = if condition.letter == '-' { String::new() } else { format!("({}) ", condition.letter) };
    let words = format!("{letter}{}: {word}; {}", condition.asks, condition.evidence);
    format!("    {mark} {}", look.hanging(&words, 6))
}
