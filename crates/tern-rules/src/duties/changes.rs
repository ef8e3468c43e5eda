//! Which changes of supplier were pending when, and which took effect.
//!
//! A planned change of which nothing more is heard took effect as planned (P). The record that it took effect counts in the
//! plan's place, early or late.

use jiff::civil::Date;
use tern_model::PartyId;
use tern_model::facts::{MeterEvent, MeterEventKind};

use super::Misfit;

/// The changes of supplier of a meter.
#[derive(Debug, Clone)]
pub(super) struct Changes {
    pub(super) planned: Vec<Planned>,
    /// In order.
    pub(super) effective: Vec<Effective>,
    misfits: Vec<Misfit>,
}

/// A change of supplier while it is pending.
#[derive(Debug, Clone, Copy)]
pub(super) struct Planned {
    /// The first day.
    pub(super) from: Date,
    /// The first day on which it was pending no more; none while it is.
    pub(super) until: Option<Date>,
    pub(super) takes_effect: Date,
    pub(super) new_supplier: Option<PartyId>,
    pub(super) row: u64,
}

/// A change of supplier that took effect at the beginning of a day.
#[derive(Debug, Clone, Copy)]
pub(super) struct Effective {
    pub(super) day: Date,
    pub(super) new_supplier: Option<PartyId>,
    /// Its own row, or that of its plan.
    pub(super) row: u64,
    /// Whether only the plan says so.
    pub(super) by_plan: bool,
}

impl Changes {
    /// From events in order; `day` is the last that is known.
    pub(super) fn of(events: &[&MeterEvent], day: Date) -> Changes {
        let mut changes = Changes { planned: Vec::new(), effective: Vec::new(), misfits: Vec::new() };
        for event in events {
            let (row, on) = (event.row.0, event.day);
            match event.kind {
                MeterEventKind::SupplierChangePlanned { takes_effect, new_supplier } => {
                    if let Some(before) = changes.end(on) {
                        changes.replaced(before, row, on);
                    }
                    changes.planned.push(Planned { from: on, until: None, takes_effect, new_supplier, row });
                }
                MeterEventKind::SupplierChangeWithdrawn => changes.withdrawn(row, on),
                MeterEventKind::SupplierChangeEffective { new_supplier } => {
                    let plan = changes.end(on);
                    changes.noted_effective(plan, row, on);
                    let new_supplier = new_supplier.or_else(|| plan.and_then(|plan| plan.new_supplier));
                    changes.effective.push(Effective { day: on, new_supplier, row, by_plan: false });
                }
                MeterEventKind::PaymentMode(_) | MeterEventKind::TopUp(_) => {}
            }
        }
        changes.as_planned(day);
        changes
    }

    /// The change that is pending on a day.
    pub(super) fn pending(&self, day: Date) -> Option<&Planned> {
        self.planned.iter().rev().find(|plan| plan.from <= day && plan.until.is_none_or(|until| day < until))
    }

    pub(super) fn misfits(&self) -> Vec<Misfit> {
        self.misfits.clone()
    }

    /// Ends the plan that stands, and gives it.
    fn end(&mut self, on: Date) -> Option<Planned> {
        let plan = self.planned.last_mut().filter(|plan| plan.until.is_none())?;
        plan.until = Some(on);
        Some(*plan)
    }

    /// A plan came while another stood.
    fn replaced(&mut self, before: Planned, row: u64, on: Date) {
        if before.takes_effect <= on {
            self.took_effect_by_plan(before);
        } else {
            let (first, then) = (before.row, before.takes_effect);
            self.misfit(row, format!("takes the place of row {first}, which planned {then} and was not withdrawn"));
        }
    }

    fn withdrawn(&mut self, row: u64, on: Date) {
        match self.end(on) {
            None => self.misfit(row, "withdraws a change of supplier, and none was pending".to_owned()),
            Some(plan) if plan.takes_effect <= on => {
                let (first, then) = (plan.row, plan.takes_effect);
                let text =
                    format!("withdraws row {first} on or after {then}, when it was to take effect; taken as withdrawn");
                self.misfit(row, text);
            }
            Some(_) => {}
        }
    }

    fn noted_effective(&mut self, plan: Option<Planned>, row: u64, on: Date) {
        match plan {
            None => self.misfit(row, "took effect, and no such change was pending".to_owned()),
            Some(plan) if plan.takes_effect != on => {
                let (first, then) = (plan.row, plan.takes_effect);
                self.misfit(row, format!("took effect on {on}, and row {first} planned {then}; {on} was taken"));
            }
            Some(_) => {}
        }
    }

    /// The plan that stands, where its day has come.
    fn as_planned(&mut self, day: Date) {
        if let Some(plan) = self.planned.last().copied().filter(|p| p.until.is_none() && p.takes_effect <= day) {
            self.took_effect_by_plan(plan);
        }
    }

    fn took_effect_by_plan(&mut self, plan: Planned) {
        if let Some(last) = self.planned.last_mut() {
            last.until = Some(plan.takes_effect);
        }
        let Planned { takes_effect: day, new_supplier, row, .. } = plan;
        self.effective.push(Effective { day, new_supplier, row, by_plan: true });
    }

    fn misfit(&mut self, row: u64, text: String) {
        self.misfits.push(Misfit { row, text });
    }
}

impl Planned {
    /// For example `to 90-B3-… on 2021-03-20 (row 7)`.
    pub(super) fn words(&self) -> String {
        format!("{}on {} (row {})", to(self.new_supplier), self.takes_effect, self.row)
    }
}

impl Effective {
    /// For example `on 2021-03-20 (row 9)`.
    pub(super) fn words(&self) -> String {
        let how = if self.by_plan { ", as planned; nothing else is recorded" } else { "" };
        format!("{}on {} (row {}{how})", to(self.new_supplier), self.day, self.row)
    }
}

fn to(supplier: Option<PartyId>) -> String {
    supplier.map(|supplier| format!("to {supplier} ")).unwrap_or_default()
}
