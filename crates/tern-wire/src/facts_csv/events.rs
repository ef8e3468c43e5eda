//! Events of meters after commissioning: what the duties of 4.49 turn on. No rule that judges a set is handed them.

use jiff::civil::Date;
use tern_model::facts::{MeterEvent, MeterEventKind, MeterName, PaymentMode, TopUpResult};
use tern_model::{DeviceId, Fuel, Mpxn, PartyId};

use super::cell::{Cell, Words};
use super::record::{About, FactFile, Record, Subject, check, column, optional};
use super::row::Row;

/// The word for an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EventWord {
    PaymentMode,
    TopUp,
    Planned,
    Withdrawn,
    Effective,
}

impl EventWord {
    /// The columns that say more of such an event: one that it needs, and those that it may have.
    fn columns(self) -> (Option<&'static str>, &'static [&'static str]) {
        match self {
            EventWord::PaymentMode => (Some("payment_mode"), &[]),
            EventWord::TopUp => (Some("result"), &[]),
            EventWord::Planned => (Some("takes_effect"), &["new_supplier_id"]),
            EventWord::Withdrawn => (None, &[]),
            EventWord::Effective => (None, &["new_supplier_id"]),
        }
    }
}

impl Record for MeterEvent {
    const FILE: FactFile = FactFile {
        name: "meter_events.csv",
        doc: "What happened to meters after they were commissioned, as far as the Responsible Supplier's duties turn on it (4.49). \
              Rows may stand in any order.",
        columns: &[
            column("meter", "the meter's Device ID (EUI-64), or its MPxN: 13 digits are an MPAN, fewer an MPRN"),
            column("day", "the day (Europe/London), YYYY-MM-DD"),
            column(
                "event",
                "`payment-mode`: from this day on the meter is in `payment_mode`. `top-up`: a Top Up Service Request was processed \
                 with this `result`. `supplier-change-planned`: on this day it became known that a change of supplier takes effect \
                 on `takes_effect`. `supplier-change-withdrawn`: it does not come. `supplier-change-effective`: it took effect, at \
                 the beginning of this day",
            ),
            optional("payment_mode", "`prepayment` or `credit`; for `payment-mode` alone"),
            optional("result", "`success` or `failure`; for `top-up` alone"),
            optional(
                "takes_effect",
                "the day at whose beginning the change takes effect; for `supplier-change-planned` alone",
            ),
            optional(
                "new_supplier_id",
                "the gaining supplier's EUI-64, where it is known; for changes of supplier alone",
            ),
            optional("reference", "tells events of one meter, day and kind apart, for example Top Ups"),
        ],
        key: &["meter", "day", "event", "reference"],
        about: About::Meter,
        check: check::<MeterEvent>,
    };

    fn read(row: &mut Row<'_>) -> Option<Self> {
        let (meter, day) = (row.get("meter"), row.get::<Date>("day"));
        let word = row.get::<EventWord>("event");
        let payment_mode = row.optional::<PaymentMode>("payment_mode");
        let result = row.optional::<TopUpResult>("result");
        let takes_effect = row.optional::<Date>("takes_effect");
        let new_supplier = row.optional::<PartyId>("new_supplier_id");
        let reference = row.optional::<Words<64>>("reference");
        let word = word?;
        only_its_own(row, word);
        row.in_order("day", "takes_effect");
        let kind = match word {
            EventWord::PaymentMode => MeterEventKind::PaymentMode(payment_mode??),
            EventWord::TopUp => MeterEventKind::TopUp(result??),
            EventWord::Planned => {
                MeterEventKind::SupplierChangePlanned { takes_effect: takes_effect??, new_supplier: new_supplier? }
            }
            EventWord::Withdrawn => MeterEventKind::SupplierChangeWithdrawn,
            EventWord::Effective => MeterEventKind::SupplierChangeEffective { new_supplier: new_supplier? },
        };
        let reference = reference?.map(|words| words.0).unwrap_or_default();
        Some(MeterEvent { row: row.source(), meter: meter?, day: day?, kind, reference })
    }

    fn cells(&self) -> Vec<String> {
        let (mut mode, mut result, mut effect, mut supplier) = (String::new(), String::new(), String::new(), None);
        let word = match self.kind {
            MeterEventKind::PaymentMode(of) => {
                mode = of.spell();
                EventWord::PaymentMode
            }
            MeterEventKind::TopUp(of) => {
                result = of.spell();
                EventWord::TopUp
            }
            MeterEventKind::SupplierChangePlanned { takes_effect, new_supplier } => {
                (effect, supplier) = (takes_effect.spell(), new_supplier);
                EventWord::Planned
            }
            MeterEventKind::SupplierChangeWithdrawn => EventWord::Withdrawn,
            MeterEventKind::SupplierChangeEffective { new_supplier } => {
                supplier = new_supplier;
                EventWord::Effective
            }
        };
        let supplier = supplier.map(|id| id.spell()).unwrap_or_default();
        vec![self.meter.spell(), self.day.spell(), word.spell(), mode, result, effect, supplier, self.reference.clone()]
    }

    fn subject(&self) -> Subject {
        match &self.meter {
            MeterName::Device(device) => Subject::Device(*device),
            MeterName::Point(fuel, mpxn) => Subject::Point(*fuel, mpxn.clone()),
        }
    }
}

/// Reports a cell that the event needs and lacks, and one that says nothing of such an event.
fn only_its_own(row: &mut Row<'_>, word: EventWord) {
    let (needed, allowed) = word.columns();
    for column in ["payment_mode", "result", "takes_effect", "new_supplier_id"] {
        let empty = row.text(column).is_empty();
        if needed == Some(column) && empty {
            row.fault(column, "the cell is empty", format!("a {} needs it", word.spell()));
        } else if needed != Some(column) && !allowed.contains(&column) && !empty {
            row.fault(column, format!("a {} has none", word.spell()), "empty the cell, or correct `event`");
        }
    }
}

impl Cell for MeterName {
    const EXPECTED: &'static str = "the meter's EUI-64 as eight hexadecimal pairs, or its MPxN of 1 to 13 digits";

    fn parse(text: &str) -> Option<Self> {
        if let Ok(mpxn) = text.parse::<Mpxn>() {
            let fuel = if text.len() == 13 { Fuel::Electricity } else { Fuel::Gas };
            return Some(MeterName::Point(fuel, mpxn));
        }
        text.parse::<DeviceId>().ok().map(MeterName::Device)
    }

    fn spell(&self) -> String {
        match self {
            MeterName::Device(device) => device.spell(),
            MeterName::Point(_, mpxn) => mpxn.spell(),
        }
    }
}
