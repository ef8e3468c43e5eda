//! Steps in plain sentences: what is done, why on that day, and by which clause.

use serde::Serialize;
use tern_model::Fuel;

use super::{Awaited, Dormancy, NoticeOf, Step, What};
use crate::estate::{DeviceIx, Estate, MeterIx, ModelIx, SupplierIx};

/// A step as a reader is told it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Telling {
    /// The day, as `YYYY-MM-DD`.
    pub day: String,
    /// What is done, or becomes known.
    pub what: String,
    /// Why, and why on that day.
    pub reason: String,
    /// The clause, or the requirement where the sources name no clause.
    pub clause: &'static str,
}

impl Telling {
    /// A step of an installation of an estate.
    #[must_use]
    pub fn of(step: &Step, estate: &Estate) -> Telling {
        let (what, reason, clause) = Words { estate }.step(step.what);
        Telling { day: step.day.to_string(), what, reason, clause }
    }
}

struct Words<'e> {
    estate: &'e Estate,
}

type Said = (String, String, &'static str);

impl Words<'_> {
    fn step(&self, what: What) -> Said {
        match what {
            What::Awaits(awaited) => awaits(awaited),
            What::Notice { of, to, working_days, dormancy, earliest } => {
                let what = format!("notice of {} to {}, not before {earliest}", steps(of), self.supplier(to));
                let reason = format!(
                    "{working_days} Working Days before the earliest day, as for {}; the day of the notice is not counted",
                    dormant(dormancy)
                );
                (what, reason, clause(of))
            }
            What::NoticeToNew { meter, to, effective } => (
                format!("notice to {}, who gains {} on {effective}", self.supplier(to), self.meter(meter)),
                "the steps go on as planned, and a new Responsible Supplier is notified before them".to_owned(),
                "4.30, PL3",
            ),
            What::CertificatesAsked(until) => (
                format!("the Responsible Suppliers are asked for their certificates until {until}"),
                "they are asked with the notice; who does not answer by then has the Null Certificate ID".to_owned(),
                "PL11",
            ),
            What::TurnedActive => (
                "the plan for Dormant Meters ends".to_owned(),
                "it has an Active Meter again; deemed consent reaches Dormant Meters alone".to_owned(),
                "4.26",
            ),
            What::Authorised => (
                "its migration is authorised".to_owned(),
                "every supplier with an Active Meter has given its authorisation".to_owned(),
                "4.41",
            ),
            What::NullCertificate(meter) => (
                format!("{} goes with the Null Certificate ID", self.meter(meter)),
                "its supplier gave no certificates in time".to_owned(),
                "PL11",
            ),
            What::Ready => (
                "from this day on it could be migrated".to_owned(),
                "nothing is missing but a place among the installations of a day".to_owned(),
                "4.12(b)",
            ),
            What::Migration(supplier) => {
                ("migration".to_owned(), format!("a place in the share of {}", self.supplier(supplier)), "4.27, PL13")
            }
            What::Left { meter, to, effective } => self.left(meter, to, effective),
            What::AttemptFailed(attempts) => (
                format!("attempt {attempts} was without success"),
                "it is tried again after the pause assumed".to_owned(),
                "PL14",
            ),
            What::Excluded(attempts) => (
                "excluded".to_owned(),
                format!("{attempts} attempts were without success, each recorded above"),
                "18 (proposed), PL14",
            ),
            preparing => self.preparing(preparing),
        }
    }

    /// The steps of 4.26.
    fn preparing(&self, what: What) -> Said {
        match what {
            What::HopBegun { device, to, entry } => (
                format!("upgrade of {} to {}", self.device(device), self.firmware(to)),
                format!("a hop of the shortest way to entry {}, which is approved", self.entry(entry)),
                "4.26",
            ),
            What::HopDone { device, to } => (
                format!("{} has {}", self.device(device), self.firmware(to)),
                "the time assumed for a hop is over".to_owned(),
                "PL10",
            ),
            What::FirmwareRecorded { device, to } => (
                format!("{} has {}", self.device(device), self.firmware(to)),
                "the upgrade is recorded as complete".to_owned(),
                "PL10",
            ),
            What::ConfigurationBegun => (
                "the SMSO configures hub and SIM".to_owned(),
                "without it the S1SP cannot reach the installation".to_owned(),
                "15.2",
            ),
            What::ConfigurationDone => (
                "hub and SIM are configured".to_owned(),
                "the time assumed for the configuration is over".to_owned(),
                "15.2",
            ),
            _ => (
                "hub and SIM are configured".to_owned(),
                "the SMSO's configuration is recorded as complete".to_owned(),
                "15.2",
            ),
        }
    }

    fn left(&self, meter: MeterIx, to: SupplierIx, effective: jiff::civil::Date) -> Said {
        let (clause, supplier) = match self.fuel(meter) {
            Fuel::Electricity => ("5.10.10, PL4", "Import Supplier"),
            Fuel::Gas => ("5.10.15, PL4", "Gas Supplier"),
        };
        let what = format!("it leaves the process and is planned anew from {effective}, as a standard dormant one");
        let becomes = format!("{} becomes {supplier} of {} on {effective}", self.supplier(to), self.meter(meter));
        (what, format!("{becomes}, too close to this day, which was its own"), clause)
    }

    fn supplier(&self, supplier: SupplierIx) -> String {
        self.estate.catalogue().supplier_id(supplier).to_string()
    }

    fn fuel(&self, meter: MeterIx) -> Fuel {
        let of = &self.estate.meters()[meter.at()];
        let first = self.estate.meters_of(of.installation).first().map(|first| first.device);
        if first == Some(of.device) { Fuel::Electricity } else { Fuel::Gas }
    }

    fn meter(&self, meter: MeterIx) -> String {
        let word = match self.fuel(meter) {
            Fuel::Electricity => "MPAN",
            Fuel::Gas => "MPRN",
        };
        format!("{word} {}", self.estate.meters()[meter.at()].point)
    }

    fn device(&self, device: DeviceIx) -> String {
        let of = &self.estate.devices()[device.at()];
        format!("{} {}", of.kind, of.id)
    }

    fn firmware(&self, model: ModelIx) -> String {
        format!("firmware {}", self.estate.catalogue().model_text(model).firmware)
    }

    fn entry(&self, entry: crate::estate::EntryIx) -> &str {
        self.estate.catalogue().text(self.estate.entries()[entry.at()].name)
    }
}

fn awaits(awaited: Awaited) -> Said {
    let (what, reason, clause) = match awaited {
        Awaited::Group(Some(from)) => {
            return (
                "nothing can be done yet".to_owned(),
                format!("NOT YET IN FORCE: the TMAD binds its group from {from}"),
                "AC7",
            );
        }
        Awaited::Change(effective) => {
            return (
                "nothing is done before a change of supplier".to_owned(),
                format!("the change takes effect on {effective}; it is planned anew from then on"),
                "PL3",
            );
        }
        Awaited::Group(None) => ("nothing can be done", "no version of the TMAD in force binds its group", "AC7"),
        Awaited::Entry => {
            ("it waits for the EPCL", "no approved entry has its models and communications provider", "MA110")
        }
        Awaited::Path => {
            ("it waits for an upgrade path", "an entry with its models is approved, and no path leads there", "PL7")
        }
        Awaited::Operability => (
            "it waits for a confirmation",
            "the path to the approved entry has a version that nobody has confirmed as operable on the SMSO",
            "4.33",
        ),
        Awaited::Authorisation => {
            ("it waits for authorisation", "it has Active Meters, and their suppliers have not authorised it", "4.41")
        }
        Awaited::WorkingDays => {
            ("FACTS MISSING", "the table of bank holidays ends before the earliest day of a notice given today", "PL1")
        }
    };
    (what.to_owned(), reason.to_owned(), clause)
}

fn steps(of: NoticeOf) -> &'static str {
    match of {
        NoticeOf::Preparation => "firmware and configuration steps",
        NoticeOf::Migration => "migration",
    }
}

fn clause(of: NoticeOf) -> &'static str {
    match of {
        NoticeOf::Preparation => "4.29",
        NoticeOf::Migration => "4.30",
    }
}

fn dormant(dormancy: Dormancy) -> &'static str {
    match dormancy {
        Dormancy::Standard => "an installation with Dormant Meters alone",
        Dormancy::Recent => "a Recently Dormant SMETS1 Installation",
    }
}
