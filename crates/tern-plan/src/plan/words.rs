//! A plan's lines in plain sentences: what is done, why on that day, and by which clause.

use std::fmt;

use jiff::civil::Date;
use serde::Serialize;
use tern_model::facts::ExclusionCategory;
use tern_model::{Fuel, PartyId};

use crate::assumptions::AfterChange;

use super::{Awaited, DeviceName, Dormancy, Excluded, HopWhy, Line, MeterName, Named, NoticeOf, What};

/// A line as a reader is told it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Telling {
    /// The day.
    pub day: Date,
    /// What is done, or becomes known.
    pub what: String,
    /// Why, and why on that day.
    pub reason: String,
    /// The clause or the project-defined number of the rule; `tern explain` tells each.
    pub clause: &'static str,
}

impl Telling {
    /// A line of an installation's story, by itself; [`Telling::story`] knows what stands around it.
    #[must_use]
    pub fn of(line: &Line) -> Telling {
        let (what, reason, clause) = said(&line.what);
        Telling { day: line.day, what, reason, clause }
    }

    /// A version is recorded, and an upgrade to another one was under way, or taken as complete.
    pub(super) fn not_made(line: &Line, (device, has): (&DeviceName, &str), wanted: &str) -> Telling {
        let what = format!("{device} stays at firmware {has}");
        let reason = format!("the upgrade to {wanted} was not made");
        Telling { day: line.day, what, reason, clause: "P-hops" }
    }

    /// The same, and the upgrade goes on.
    pub(super) fn ordered_again(line: &Line, has: (&DeviceName, &str), wanted: &str) -> Telling {
        let told = Telling::not_made(line, has, wanted);
        Telling { reason: told.reason + ", and is ordered again", ..told }
    }

    /// An attempt after which an installation is excluded.
    pub(super) fn last_attempt(line: &Line) -> Telling {
        Telling { reason: "no more attempts are made than are assumed".to_owned(), ..Telling::of(line) }
    }
}

/// What, why, and the clause.
type Said = (String, String, &'static str);

fn said(what: &Named) -> Said {
    match what {
        What::Awaits(awaited) => awaits(*awaited),
        What::Notice { of, to, working_days, dormancy, earliest } => {
            let what = format!("notice of {} to {to}, not before {earliest}", steps(*of));
            let of_whom = dormant(*dormancy);
            let reason =
                format!("{working_days} Working Days before the earliest day, as for {of_whom}, this day not counted");
            (what, reason, clause(*of))
        }
        What::NoticeToNew { of, meter, to, effective } => {
            let steps = of.map_or("steps", steps_at_length);
            let reason =
                format!("the {steps} go on as planned, and a new Responsible Supplier is notified before them");
            (format!("notice to {to}, who gains {meter} on {effective}"), reason, of.map_or("4.30", clause))
        }
        What::CertificatesAsked(until) => fixed(
            format!("the Responsible Suppliers are asked for their certificates until {until}"),
            "they are asked with the notice; who does not answer by then has the Null Certificate ID",
            "P-supplier-certificates",
        ),
        What::TurnedActive
        | What::TurnedDormant
        | What::Decided(_)
        | What::Authorised
        | What::AuthorisationEnded(_) => consent(what),
        What::Ready => fixed(
            "from this day on it could be migrated",
            "nothing is missing but a place among the installations of a day",
            "4.12(b)",
        ),
        What::Migration(supplier) => {
            ("migration".to_owned(), format!("a place in the share of {supplier}"), "P-capacity")
        }
        What::NullCertificate(meter) => fixed(
            format!("{meter} goes with the Null Certificate ID"),
            "its supplier gave no certificates in time",
            "P-supplier-certificates",
        ),
        What::Left { meter, to, effective } => left(meter, *to, *effective),
        What::AttemptFailed { attempts, why } => fixed(
            match why {
                Some(why) => format!("attempt {attempts} was without success: {why}"),
                None => format!("attempt {attempts} was without success"),
            },
            "it is tried again after the pause assumed",
            "P-attempts",
        ),
        What::Excluded(_) | What::GasExcluded(_) | What::ExclusionEnded { .. } | What::PlannedAnew => excluded(what),
        preparing => prepares(preparing),
    }
}

/// By what it may be migrated.
fn consent(what: &Named) -> Said {
    match what {
        What::TurnedActive => fixed(
            "the plan for Dormant Meters ends",
            "it has an Active Meter again; deemed consent reaches Dormant Meters alone",
            "4.26",
        ),
        What::TurnedDormant => fixed(
            "it has Dormant Meters alone",
            "its last Active Meter became Dormant; deemed consent reaches it, where its suppliers are notified in time",
            "4.26",
        ),
        What::Decided(after) => fixed(
            match after {
                AfterChange::GoOn => "the steps go on where its supplier changes after a notice",
                AfterChange::Wait => "nothing is done before a change of supplier that comes after a notice",
            },
            "it is recorded as decided so for this installation",
            "4.30",
        ),
        What::AuthorisationEnded(last) => (
            "it is authorised no longer".to_owned(),
            format!("{last} was the last day of an authorisation that it needs, and no other reaches further"),
            "4.41",
        ),
        _ => fixed(
            "its migration is authorised",
            "every supplier with an Active Meter has given its authorisation",
            "4.41",
        ),
    }
}

/// Excluded categories (clause 18 as proposed).
fn excluded(what: &Named) -> Said {
    let recorded = |category: ExclusionCategory, row: u32| format!("{}: events.csv row {row}", category.words());
    match what {
        What::Excluded(Excluded::Attempts(attempts)) => (
            "excluded".to_owned(),
            format!("{attempts} attempts were without success, each recorded above"),
            "P-attempts",
        ),
        What::Excluded(Excluded::Recorded { category, row }) => {
            ("excluded".to_owned(), recorded(*category, *row), "P-excluded")
        }
        What::GasExcluded(row) => {
            let why = format!("GT01, {}", recorded(ExclusionCategory::GasHanError, *row));
            ("the gas meter stays with the SMSO, electricity goes alone".to_owned(), why, "P-excluded")
        }
        What::ExclusionEnded { category, row } => {
            (format!("no longer excluded as {}", category.as_str()), format!("events.csv row {row}"), "P-excluded")
        }
        _ => fixed("it is planned anew", "none of its exclusions is left", "P-excluded"),
    }
}

/// The steps of 4.26.
fn prepares(what: &Named) -> Said {
    match what {
        What::HopBegun { device, to, entry, why } => {
            let (reason, clause) = hop(entry, *why);
            (format!("upgrade of {device} to firmware {to}"), reason, clause)
        }
        What::Withdrawn => fixed(
            "the steps of which notice was given do not take place",
            "the entry that they were for was not approved",
            "P-not-approved",
        ),
        What::Stands => fixed(
            "it stays at the firmware that it has now",
            "it has an Active Meter, and deemed consent reaches Dormant Meters alone; what it has can be operated",
            "4.26",
        ),
        What::HopDone { device, to } => {
            fixed(format!("{device} is taken to have firmware {to}"), "the time assumed for a hop is over", "P-hops")
        }
        What::FirmwareRecorded { device, to } => {
            fixed(format!("{device} has firmware {to}"), "the upgrade is recorded as complete", "P-hops")
        }
        What::ConfigurationBegun => {
            fixed("the SMSO configures hub and SIM", "without it the S1SP cannot reach the installation", "15.2")
        }
        What::ConfigurationDone => {
            fixed("hub and SIM are taken as configured", "the time assumed for the configuration is over", "15.2")
        }
        _ => fixed("hub and SIM are configured", "the SMSO's configuration is recorded as complete", "15.2"),
    }
}

/// Why a hop towards an entry may begin, and its clause.
fn hop(entry: &str, why: HopWhy) -> (String, &'static str) {
    let planned = |proof: &str| format!("a hop of the shortest way to entry {entry}, which is planned: {proof}");
    match why {
        HopWhy::Approved => (format!("a hop of the shortest way to entry {entry}, which is approved"), "4.26"),
        HopWhy::TagConfirmed => (planned("the TAG has confirmed that its tests are complete"), "4.26"),
        HopWhy::ReportPublished => (planned("its DMCT EPCL Report is published"), "4.26"),
        HopWhy::Equivalent => {
            (planned("its DMCT EPCL Report is published, and the entry that it is equivalent to was tested"), "4.26")
        }
        HopWhy::Completing => {
            (format!("entry {entry} was not approved, and what is part-way is completed first"), "P-not-approved")
        }
    }
}

fn left(meter: &MeterName, to: PartyId, effective: Date) -> Said {
    let (clause, supplier) = match meter.fuel {
        Fuel::Electricity => ("5.10.10", "Import Supplier"),
        Fuel::Gas => ("5.10.15", "Gas Supplier"),
    };
    let what = format!(
        "it leaves the process and is planned anew from {effective}, where it is dormant as a standard dormant one"
    );
    (
        what,
        format!("{to} becomes {supplier} of {meter} on {effective}, too close to this day, which was its own"),
        clause,
    )
}

fn fixed(what: impl Into<String>, reason: &str, clause: &'static str) -> Said {
    (what.into(), reason.to_owned(), clause)
}

impl fmt::Display for MeterName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.fuel {
            Fuel::Electricity => "MPAN",
            Fuel::Gas => "MPRN",
        };
        write!(f, "{word} {}", self.mpxn)
    }
}

impl fmt::Display for DeviceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.id)
    }
}

fn awaits(awaited: Awaited) -> Said {
    let (what, reason, clause) = match awaited {
        Awaited::Group(Some(from)) => {
            return (
                "nothing can be done yet".to_owned(),
                format!("NOT YET IN FORCE: the TMAD binds its group from {from}"),
                "P-group",
            );
        }
        Awaited::Change(effective) => {
            return (
                "nothing is done before a change of supplier".to_owned(),
                format!("the change takes effect on {effective}; it is planned anew from then on"),
                "4.30",
            );
        }
        Awaited::Group(None) => ("nothing can be done", "no version of the TMAD in force binds its group", "P-group"),
        Awaited::Entry => {
            ("it waits for the EPCL", "no approved entry has its models and communications provider", "MA110")
        }
        Awaited::Path => {
            ("it waits for an upgrade path", "an entry with its models is approved, and no path leads there", "4.33")
        }
        Awaited::Operability => (
            "it waits for a confirmation",
            "the path to the approved entry has a version that nobody has confirmed as operable on the SMSO",
            "4.33",
        ),
        Awaited::Authorisation => {
            ("it waits for authorisation", "it has Active Meters, and their suppliers have not authorised it", "4.41")
        }
        Awaited::Approval => (
            "it waits for the approval of its entry",
            "it has the firmware of an entry on whose approval nobody has decided yet",
            "4.26",
        ),
        Awaited::Decision => (
            "no further upgrade begins before a decision",
            "the entry for which it is upgraded is paused or disputed",
            "P-entry-halted",
        ),
        Awaited::StrandedEntry => (
            "it is stranded",
            "its firmware was not approved, and no other entry is approved or close to being proposed",
            "P-not-approved",
        ),
        Awaited::StrandedPath => {
            ("it is stranded", "its firmware was not approved, and no path leads from there", "P-not-approved")
        }
        Awaited::WorkingDays => {
            ("FACTS MISSING", "the table of bank holidays ends before the earliest day of a notice given today", "4.30")
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

fn steps_at_length(of: NoticeOf) -> &'static str {
    match of {
        NoticeOf::Preparation => "firmware and configuration steps",
        NoticeOf::Migration => "steps of migration",
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
