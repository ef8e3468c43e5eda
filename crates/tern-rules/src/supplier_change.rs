//! The change-of-supplier window that 5.10.10 and 5.10.15 share, for a set at intake and for one installation again just
//! before its first device effect.
//!
//! The window counts from the planned migration day D, ends included (P: the clause can be read as counting from the
//! check, its rationale counts from migration). This module must never hold a number of days: the wording in force has it.

use jiff::civil::Date;
use jiff::{Span, ToSpan};
use serde::{Deserialize, Serialize};
use tern_model::facts::{Facts, Registration};
use tern_model::{CertificateId, ChfIdentifier, Fuel, Mpxn, Place, Verdict};
use tern_wire::Verified;
use tern_wire::migration::{Meter as MeterElement, MigrationCommonFile};

use crate::context::{Meter, Subject, Told, facts_missing, finding};
use crate::judgement::Judged;
use crate::rule::Rule;
use crate::tmad;

/// What the window is judged by for one meter: the DSP keeps it from intake until the first device effect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchedMeter {
    /// The installation.
    pub chf: ChfIdentifier,
    /// Which supply.
    pub fuel: Fuel,
    /// The metering point.
    pub mpxn: Mpxn,
    /// The meter's CriticalSupplierCertificateID.
    pub certificate: CertificateId,
    /// Where the metering point stands in the Common File.
    pub place: Place,
}

impl WatchedMeter {
    /// The meters of one entry of a Common File.
    ///
    /// `entry` counts from 0. Empty where there is no such entry.
    #[must_use]
    pub fn of(file: &Verified<MigrationCommonFile>, entry: usize) -> Vec<WatchedMeter> {
        let Some(installation) = file.value().installations.get(entry) else { return Vec::new() };
        let gsme = installation.gsme.iter().map(|g| (Fuel::Gas, g, "GSME/MPxN"));
        [(Fuel::Electricity, &installation.esme, "ESME/MPxN")]
            .into_iter()
            .chain(gsme)
            .map(|(fuel, meter, path)| {
                WatchedMeter::new(installation.chf_identifier, fuel, meter, file.place(entry, path))
            })
            .collect()
    }

    /// One meter of the installation that a rule judges.
    pub(crate) fn from_subject(subject: &Subject<'_>, meter: &Meter<'_>) -> WatchedMeter {
        WatchedMeter::new(subject.chf(), meter.fuel, meter.element, subject.at_common(&meter.path("MPxN")))
    }

    fn new(chf: ChfIdentifier, fuel: Fuel, meter: &MeterElement, place: Place) -> WatchedMeter {
        let certificate = meter.critical_supplier_certificate_id.clone();
        WatchedMeter { chf, fuel, mpxn: meter.mpxn.clone(), certificate, place }
    }
}

/// Judges the window again: one verdict per meter, under the wording in force on `books_on`.
#[must_use]
pub fn recheck(meters: &[WatchedMeter], day: Date, books_on: Date, facts: &Facts) -> Vec<Judged> {
    let judge_one = |meter: &WatchedMeter| {
        let rule = match meter.fuel {
            Fuel::Electricity => &tmad::c5_10_10::RULE,
            Fuel::Gas => &tmad::c5_10_15::RULE,
        };
        let verdict = match rule.text_on(books_on) {
            Some(text) => verdict(rule, meter, day, text.days.unwrap_or_default(), facts),
            None => Verdict::NotYetInForce,
        };
        Judged { rule, verdict }
    };
    meters.iter().map(judge_one).collect()
}

/// PASS where no other supplier takes the metering point over from `day` to `day` + `days`, both included.
pub(crate) fn verdict(rule: &'static Rule, meter: &WatchedMeter, day: Date, days: i32, facts: &Facts) -> Verdict {
    if meter.certificate.is_null() {
        return Verdict::NotApplicable;
    }
    let records = facts.registrations(meter.fuel, &meter.mpxn);
    if records.is_empty() {
        let point = point(meter.fuel);
        return facts_missing(format!(
            "no registration of {point} {} (CHF {}); add it to facts/registration.csv",
            meter.mpxn, meter.chf
        ));
    }
    let last = day.saturating_add(days.days());
    match change(records, day, last) {
        None => Verdict::Pass,
        Some(change) => finding(rule, told(meter, change, (day, last), days)),
    }
}

/// The first record that brings another supplier within the days given.
fn change(records: &[Registration], first: Date, last: Date) -> Option<&Registration> {
    let begins = |r: &&Registration| (first..=last).contains(&r.effective_from);
    let mut before = records.iter().rev().find(|r| r.effective_from < first).map(|r| r.supplier);
    for record in records.iter().filter(begins) {
        if before != Some(record.supplier) {
            return Some(record);
        }
        before = Some(record.supplier);
    }
    None
}

fn told(meter: &WatchedMeter, change: &Registration, (day, last): (Date, Date), days: i32) -> Told {
    let supplier = match meter.fuel {
        Fuel::Electricity => "Import Supplier",
        Fuel::Gas => "Gas Supplier",
    };
    let from = change.effective_from;
    let again = from.saturating_add(Span::new().days(1));
    Told {
        place: meter.place.clone(),
        message: format!(
            "the {supplier} of {} {} changes on {from}, within {days} days",
            point(meter.fuel),
            meter.mpxn
        ),
        found: format!("{} from {from} (registration.csv row {})", change.supplier, change.row.0),
        expected: format!("no change from {day} to {last}"),
        suggestion: format!("plan CHF {} again from {again}, or send the Null Certificate ID", meter.chf),
    }
}

fn point(fuel: Fuel) -> &'static str {
    match fuel {
        Fuel::Electricity => "MPAN",
        Fuel::Gas => "MPRN",
    }
}
