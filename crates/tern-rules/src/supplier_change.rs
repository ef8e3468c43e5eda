//! The change-of-supplier window that 5.10.10 and 5.10.15 share, for a set at intake and for one installation again just
//! before its first device effect.
//!
//! The window counts from the planned migration day D, ends included (P: the clause can be read as counting from the
//! check, its rationale counts from migration). This module must never hold a number of days: the wording in force does.

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tern_model::facts::{Facts, Registration};
use tern_model::{CertificateId, ChfIdentifier, Fuel, GroupId, Mpxn, Place, Verdict};
use tern_wire::Verified;
use tern_wire::migration::{Meter as MeterElement, MigrationCommonFile};

use crate::context::{Meter, Subject, Told, facts_missing, finding};
use crate::judgement::Judged;
use crate::metering_point::{NotComparable, Registrations};
use crate::rule::{Number, Rule};
use crate::rulebook::Books;
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
    /// The Common File.
    pub document: String,
    /// The path to the metering point in it; line and column are told at intake alone.
    pub xpath: String,
}

impl WatchedMeter {
    /// The meters of one entry of a Common File.
    ///
    /// `entry` counts from 0 within the run of entries that `file` is. Empty where there is no such entry.
    #[must_use]
    pub fn of(file: &Verified<MigrationCommonFile>, entry: usize) -> Vec<WatchedMeter> {
        let Some(installation) = file.value().installations.get(entry) else { return Vec::new() };
        let watch = |fuel, name, meter: &MeterElement| WatchedMeter {
            chf: installation.chf_identifier,
            fuel,
            mpxn: meter.mpxn.clone(),
            certificate: meter.critical_supplier_certificate_id.clone(),
            document: file.document().name().to_owned(),
            xpath: format!("MigrationCommonFile/Installation[{}]/{name}/MPxN", file.first() + entry + 1),
        };
        let gsme = installation.gsme.iter().map(|gsme| watch(Fuel::Gas, "GSME", gsme));
        std::iter::once(watch(Fuel::Electricity, "ESME", &installation.esme)).chain(gsme).collect()
    }
}

/// Judges the window again: one verdict per meter of an installation of the group, under the wording in force.
#[must_use]
pub fn recheck(meters: &[WatchedMeter], group: GroupId, day: Date, books: Books<'_>, facts: &Facts) -> Vec<Judged> {
    let judge_one = |meter: &WatchedMeter| {
        let rule = match meter.fuel {
            Fuel::Electricity => &tmad::c5_10_10::RULE,
            Fuel::Gas => &tmad::c5_10_15::RULE,
        };
        let place = || Place { xpath: meter.xpath.clone(), ..Place::document(&meter.document) };
        let point = Point { chf: meter.chf, fuel: meter.fuel, mpxn: &meter.mpxn, certificate: &meter.certificate };
        let verdict = match books.text_of(rule, None) {
            Some(text) => {
                let days = books.number(rule, text, Number::Days).unwrap_or_default();
                let registrations = books.registrations(Some(group), (meter.fuel, &meter.mpxn), facts);
                verdict(rule, &point, (day, days), registrations, place)
            }
            None => Verdict::NotYetInForce,
        };
        books.named(Judged { rule, verdict })
    };
    meters.iter().map(judge_one).collect()
}

/// The rule's verdict on one meter of an installation.
pub(crate) fn check(subject: &Subject<'_>, meter: &Meter<'_>) -> Verdict {
    let element = meter.element;
    let point = Point {
        chf: subject.chf(),
        fuel: meter.fuel,
        mpxn: &element.mpxn,
        certificate: &element.critical_supplier_certificate_id,
    };
    let window = (subject.day(), subject.number(Number::Days));
    let registrations = subject.registrations(meter);
    if registrations.is_err() {
        return Verdict::NotApplicable;
    }
    verdict(subject.rule, &point, window, registrations, || subject.at_common(&meter.path("MPxN")))
}

/// One metering point with the certificate that exempts it where it is null.
struct Point<'a> {
    chf: ChfIdentifier,
    fuel: Fuel,
    mpxn: &'a Mpxn,
    certificate: &'a CertificateId,
}

/// PASS where no other supplier takes the metering point over from the window's day to `days` later, both included.
fn verdict(
    rule: &'static Rule,
    point: &Point<'_>,
    (day, days): (Date, i32),
    registrations: Result<Registrations<'_>, NotComparable>,
    place: impl FnOnce() -> Place,
) -> Verdict {
    if point.certificate.is_null() {
        return Verdict::NotApplicable;
    }
    let (word, Point { chf, mpxn, .. }) = (word(point.fuel), point);
    let registrations = match &registrations {
        Ok(registrations) if !registrations.all().is_empty() => registrations.all(),
        Ok(_) => {
            let missing = format!("no registration of {word} {mpxn} (CHF {chf}); add it to facts/registration.csv");
            return facts_missing(missing);
        }
        Err(NotComparable) => {
            return facts_missing(format!("{word} {mpxn} (CHF {chf}) can be compared with no registration"));
        }
    };
    let last = day.saturating_add(days.days());
    match change(registrations, day, last) {
        None => Verdict::Pass,
        Some(change) => finding(rule, told(point, change, (day, last), place())),
    }
}

/// The first record that brings another supplier within the days given.
fn change<'f>(records: &[&'f Registration], first: Date, last: Date) -> Option<&'f Registration> {
    let begins = |r: &&&Registration| (first..=last).contains(&r.effective_from);
    let mut before = records.iter().rev().find(|r| r.effective_from < first).map(|r| r.supplier);
    for record in records.iter().filter(begins) {
        if before != Some(record.supplier) {
            return Some(record);
        }
        before = Some(record.supplier);
    }
    None
}

fn told(point: &Point<'_>, change: &Registration, (day, last): (Date, Date), place: Place) -> Told {
    let supplier = match point.fuel {
        Fuel::Electricity => "Import Supplier",
        Fuel::Gas => "Gas Supplier",
    };
    let from = change.effective_from;
    let days = (last - day).get_days();
    let again = from.saturating_add(1.day());
    Told {
        place,
        message: format!("the {supplier} of {} {} changes on {from}, within {days} days", word(point.fuel), point.mpxn),
        found: format!("{} from {from} (registration.csv row {})", change.supplier, change.row.0),
        expected: format!("no change from {day} to {last}"),
        suggestion: format!("plan CHF {} again from {again}, or send the Null Certificate ID", point.chf),
    }
}

fn word(fuel: Fuel) -> &'static str {
    match fuel {
        Fuel::Electricity => "MPAN",
        Fuel::Gas => "MPRN",
    }
}
