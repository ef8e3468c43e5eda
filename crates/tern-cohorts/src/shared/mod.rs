//! What every cohort shares: the tasks of commissioning, what each asks and what its answer means, and the adapter that
//! speaks DLMS/COSEM to devices. One protocol for all cohorts where no source says otherwise (P).
//!
//! A cohort is a [`Table`] of rows in its own folder. This module must never tell one cohort from another: what differs is
//! in the table.

mod adapter;
mod answers;
mod associations;
mod orders;
mod table;

pub(crate) use associations::ASSOCIATIONS;
pub(crate) use table::{Table, TableRow, Task, steps_of};

use tern_flow::{EffectKind, Failure, Step};
use tern_model::{ApplicationAssociation, DeviceKind, DeviceModel};
use tern_requests::TaskAnswer;

use crate::device::{DeviceError, Reply, Row};
use crate::{
    Addressee, Answer, Case, Cohort, Conditions, Counted, Firmware, FirmwareError, FirmwareStage, Heard, Memory,
    NotInstructed, Order, Recipient, Site,
};

/// One effect of the machine with the table that its row stands in.
#[derive(Debug, Clone, Copy)]
struct Asked {
    kind: EffectKind,
    at: usize,
    turn: u8,
    table: &'static Table,
}

impl Asked {
    fn row(self) -> &'static TableRow {
        self.table.row(self.at)
    }
}

impl Table {
    fn asked(&'static self, asked: crate::Asked) -> Asked {
        Asked { kind: asked.kind, at: asked.at, turn: asked.turn, table: self }
    }
}

impl Cohort for &'static Table {
    fn steps(&self) -> &'static [Step] {
        self.steps
    }

    fn associations(&self) -> &'static [(DeviceKind, &'static [ApplicationAssociation])] {
        self.associations
    }

    fn count(&self, before: &Order) -> Option<Order> {
        orders::count(before)
    }

    fn counted(&self, asked: crate::Asked, answer: Option<Answer>, memory: &mut Memory) -> Counted {
        answers::counted(self.row(asked.at).task, self.asked(asked), answer, memory)
    }

    fn order(&self, asked: crate::Asked, case: &Case<'_>) -> Result<Order, Failure> {
        orders::order(self.row(asked.at).task, self.asked(asked), case)
    }

    fn read(&self, asked: crate::Asked, case: &Case<'_>, answer: Answer, memory: &mut Memory) -> Heard {
        answers::read(self.row(asked.at).task, self.asked(asked), case, answer, memory)
    }

    fn carry_out(&self, row: &Row, site: &mut Site<'_>) -> Option<Result<Reply, DeviceError>> {
        adapter::carry_out(row, site)
    }

    fn send_firmware(
        &self,
        firmware: &mut Firmware<'_>,
        to: Recipient,
        site: &mut Site<'_>,
        watch: &mut dyn FnMut(FirmwareStage),
    ) -> Result<FirmwareStage, FirmwareError> {
        adapter::firmware::send(firmware, to, site, watch)
    }

    fn activate_firmware(
        &self,
        firmware: &Firmware<'_>,
        to: Recipient,
        site: &Site<'_>,
    ) -> Result<FirmwareStage, FirmwareError> {
        adapter::firmware::activate(firmware, to, site)
    }

    fn probe_firmware(
        &self,
        firmware: &Firmware<'_>,
        to: Recipient,
        site: &Site<'_>,
    ) -> Result<FirmwareStage, FirmwareError> {
        adapter::firmware::probe(firmware, to, site)
    }

    fn firmware_activation(&self, firmware: &Firmware<'_>) -> Vec<u8> {
        adapter::firmware::activation(firmware)
    }

    fn running_firmware(&self, to: Recipient, site: &mut Site<'_>) -> Result<DeviceModel, FirmwareError> {
        adapter::firmware::running(to, site)
    }

    fn instructions(
        &self,
        task: &tern_requests::Task,
        who: Addressee,
        conditions: &Conditions<'_>,
    ) -> Result<Vec<Vec<u8>>, NotInstructed> {
        adapter::tasks::instructions(task, who, conditions)
    }

    fn instruct(&self, instruction: &[u8], who: Addressee, site: &mut Site<'_>) -> Option<Result<(), DeviceError>> {
        adapter::tasks::instruct(instruction, who, site)
    }

    fn perform(
        &self,
        task: &tern_requests::Task,
        who: Addressee,
        site: &mut Site<'_>,
    ) -> Option<Result<TaskAnswer, DeviceError>> {
        adapter::tasks::perform(task, who, site)
    }
}
