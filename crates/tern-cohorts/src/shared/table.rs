//! A cohort's rows as data: what each does, and how machine and people see it.

use tern_flow::{Altered, Change, Keeper, Lane, OnFailure, Step, Wanted};
use tern_model::{ApplicationAssociation, DeviceKind, Grade};

/// What a row does. A cohort's table says which of these it has, in which order and under which names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Task {
    ReachHub,
    SwitchApn,
    AssociateEsme,
    IdentifyEsme,
    ChallengeMasterKey,
    VerifyMasterKey,
    FindGsme,
    CertifyGsme,
    RevisePin,
    ReadHubDetails,
    AddToInventory,
    SetWhitelist,
    WrapAssociationKeys,
    ReplaceAssociationKeys,
    PrepareMasterKey,
    ReplaceMasterKey,
    ActivateMasterKey,
    CertifyHub,
    CertifyEsme,
    ShutSmsoOut,
}

impl Task {
    /// Who carries it out for the S1SP.
    const fn lane(self) -> Lane {
        match self {
            Task::VerifyMasterKey | Task::WrapAssociationKeys | Task::PrepareMasterKey | Task::ActivateMasterKey => {
                Lane::Dco
            }
            Task::AddToInventory => Lane::Dsp,
            _ => Lane::Device,
        }
    }

    /// What it leaves behind, and where.
    const fn change(self) -> Change {
        let (keeper, thing) = match self {
            Task::SwitchApn => (Keeper::Hub, "APN"),
            Task::CertifyHub => (Keeper::Hub, "certificate"),
            Task::SetWhitelist => (Keeper::Hub, "whitelist"),
            Task::ReplaceAssociationKeys => (Keeper::Esme, "association keys"),
            Task::ReplaceMasterKey => (Keeper::Esme, "master key"),
            Task::CertifyEsme => (Keeper::Esme, "certificate"),
            Task::CertifyGsme => (Keeper::Gsme, "certificate"),
            Task::RevisePin => (Keeper::Gsme, "PIN"),
            Task::AddToInventory => (Keeper::Inventory, "entries"),
            Task::PrepareMasterKey => (Keeper::Dco, "key package"),
            Task::ActivateMasterKey => (Keeper::Dco, "key in force"),
            _ => return Change::Reads,
        };
        Change::Alters(Altered { keeper, thing })
    }

    /// Whether it is about the gas meter alone: wanted where there is one, and a gas HAN error leaves that side behind (CH9).
    const fn is_gas(self) -> bool {
        matches!(self, Task::FindGsme | Task::CertifyGsme | Task::RevisePin)
    }
}

/// One row of a cohort's table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TableRow {
    /// What it does.
    pub task: Task,
    /// As the machine is handed it.
    pub step: Step,
    /// The code under which a failure of its undo is reported, where that is not the row's own.
    pub back: Option<&'static str>,
}

impl TableRow {
    /// A row, for example `B6.2` of Table `B6`, whose order and wording are ours (P).
    pub const fn new(task: Task, row: &'static str, code: &'static str, text: &'static str) -> TableRow {
        let (wanted, on_failure) = match task.is_gas() {
            true => (Wanted::WithGas, OnFailure::LeaveGas { code: "GT01" }),
            false => (Wanted::Always, OnFailure::RollBack),
        };
        let (lane, change, grade) = (task.lane(), task.change(), Grade::Project);
        TableRow { task, step: Step { row, code, lane, change, wanted, on_failure, grade, text }, back: None }
    }

    /// The same row, where a source states it.
    pub const fn stated(self) -> TableRow {
        TableRow { step: Step { grade: Grade::Stated, ..self.step }, ..self }
    }

    /// The same row with the code of its undo.
    pub const fn back(self, code: &'static str) -> TableRow {
        TableRow { back: Some(code), ..self }
    }
}

/// The machine's list of a table's rows.
pub(crate) const fn steps_of<const N: usize>(rows: &[TableRow; N]) -> [Step; N] {
    let mut steps = [rows[0].step; N];
    let mut at = 0;
    while at < N {
        steps[at] = rows[at].step;
        at += 1;
    }
    steps
}

/// A cohort: its rows in order.
#[derive(Debug)]
pub(crate) struct Table {
    /// The rows.
    pub rows: &'static [TableRow],
    /// The same as the machine is handed them: [`steps_of`] the rows.
    pub steps: &'static [Step],
    /// What its devices open to the DCC where nothing is configured of their model (Table B1).
    pub associations: &'static [(DeviceKind, &'static [ApplicationAssociation])],
}

impl Table {
    /// Which row stands at an index.
    pub fn row(&self, at: usize) -> &'static TableRow {
        &self.rows[at]
    }

    /// Where a task stands, if this cohort has it.
    pub fn index(&self, task: Task) -> Option<usize> {
        self.rows.iter().position(|row| row.task == task)
    }
}
