//! The rows, in order: the list that the machine is handed, and the name by which this folder knows each.

use tern_flow::{Change, Lane, OnFailure, Step, Wanted};
use tern_model::Grade;

/// A row of [`STEPS`], by what it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FocRow {
    ReachHub,
    SwitchApn,
    AssociateEsme,
    IdentifyEsme,
    ChallengeMasterKey,
    VerifyMasterKey,
    FindGsme,
    CertifyGsme,
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

const fn step(row: &'static str, code: &'static str, lane: Lane, change: Change, text: &'static str) -> Step {
    Step {
        row,
        code,
        lane,
        change,
        wanted: Wanted::Always,
        on_failure: OnFailure::RollBack,
        grade: Grade::Project,
        text,
    }
}

/// A row of the gas side: a gas HAN error leaves that side behind.
const fn gas(step: Step) -> Step {
    Step { wanted: Wanted::WithGas, on_failure: OnFailure::LeaveGas { code: "GT01" }, ..step }
}

const LIST: &[(FocRow, Step)] = {
    use {
        Change::{Alters, Reads},
        FocRow as R,
        Lane::{Dco, Device, Dsp},
    };
    &[
        (R::ReachHub, step("W1", "15.2", Device, Reads, "the S1SP reaches the hub over the WAN")),
        (R::SwitchApn, step("W2", "15.2", Device, Alters, "the hub's SIM is switched to the DCC's APN")),
        (R::AssociateEsme, step("B2.1", "B2", Device, Reads, "the ESME accepts the keys that the file gave")),
        (R::IdentifyEsme, step("B2.2", "B2", Device, Reads, "the ESME is the one that the file describes")),
        (R::ChallengeMasterKey, step("B2.3", "B2", Device, Reads, "the ESME answers the DCO by its master key")),
        (
            R::VerifyMasterKey,
            step("B2.4", "B2", Dco, Reads, "the DCO finds the answer made by the master key of the file"),
        ),
        (
            R::FindGsme,
            gas(step("B3.1", "B3", Device, Reads, "the GSME answers on the gas HAN and is the one described")),
        ),
        (R::CertifyGsme, gas(step("B3.2", "B3", Device, Alters, "the GSME is put under the S1SP's certificate"))),
        (R::ReadHubDetails, step("B5.1", "B5", Device, Reads, "the hub's own details are read for the inventory")),
        (
            R::AddToInventory,
            Step {
                grade: Grade::Stated,
                ..step("B5.2", "DP01", Dsp, Alters, "the DCC adds the CHF to the Smart Metering Inventory")
            },
        ),
        (
            R::SetWhitelist,
            Step {
                grade: Grade::Stated,
                ..step(
                    "15.11",
                    "15.11",
                    Device,
                    Alters,
                    "the CHF Whitelist is set: the ESME, a ZigBee GSME, no CHF, no GPF",
                )
            },
        ),
        (
            R::WrapAssociationKeys,
            step("B6.1", "B6", Dco, Reads, "the DCO wraps the association's new keys into a key transfer"),
        ),
        (R::ReplaceAssociationKeys, step("B6.2", "B6", Device, Alters, "the ESME takes the association's new keys")),
        (R::PrepareMasterKey, step("B6.3", "B6", Dco, Reads, "the DCO makes the next master key")),
        (
            R::ReplaceMasterKey,
            step("B6.4", "B6", Device, Alters, "the ESME takes the next master key, as the DCO alone can ask it"),
        ),
        (R::CertifyHub, step("B6.5", "B6", Device, Alters, "the hub is put under the S1SP's certificate")),
        (R::CertifyEsme, step("B6.6", "B6", Device, Alters, "the ESME is put under the S1SP's certificate")),
        (R::ShutSmsoOut, step("B6.7", "B6", Device, Reads, "the ESME refuses the keys that the SMSO holds")),
        (
            R::ActivateMasterKey,
            step(
                "B6.8",
                "B6",
                Dco,
                Alters,
                "the ESME answers the DCO by the next master key, and the DCO puts it in force",
            ),
        ),
    ]
};

/// The machine's list.
pub(super) const STEPS: &[Step] = &{
    let mut steps = [LIST[0].1; LIST.len()];
    let mut at = 0;
    while at < LIST.len() {
        steps[at] = LIST[at].1;
        at += 1;
    }
    steps
};

/// Which row stands at an index of [`STEPS`].
pub(super) fn row(at: usize) -> FocRow {
    LIST[at].0
}

/// Where a row stands in [`STEPS`].
pub(super) fn index(row: FocRow) -> usize {
    LIST.iter().position(|(r, _)| *r == row).unwrap_or(LIST.len())
}
