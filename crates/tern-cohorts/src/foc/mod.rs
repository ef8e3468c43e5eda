//! FOC: Trilliant and Landis+Gyr devices, clause 15 and Appendix B (S002 19 to 38).
//!
//! Tables B2, B3, B5 and B6 are run in this order, with the WAN before and the whitelist between; the sources give the
//! tables' subjects and parties, the rows within and the order between them are project-defined (CO1).

use crate::shared::{ASSOCIATIONS, Table, TableRow, Task as T, steps_of};

const ROWS: [TableRow; 19] = [
    TableRow::new(T::ReachHub, "W1", "15.2", "the S1SP reaches the hub over the WAN"),
    TableRow::new(T::SwitchApn, "W2", "15.2", "the hub's SIM is switched to the DCC's APN").back("15.10.4"),
    TableRow::new(T::AssociateEsme, "B2.1", "B2", "the ESME accepts the keys that the file gave"),
    TableRow::new(T::IdentifyEsme, "B2.2", "B2", "the ESME is the one that the file describes"),
    TableRow::new(T::ChallengeMasterKey, "B2.3", "B2", "the ESME answers the DCO by its master key"),
    TableRow::new(T::VerifyMasterKey, "B2.4", "B2", "the DCO finds the answer made by the master key of the file"),
    TableRow::new(T::FindGsme, "B3.1", "B3", "the GSME answers on the gas HAN and is the one described"),
    TableRow::new(T::CertifyGsme, "B3.2", "B3", "the GSME is put under the S1SP's certificate").back("15.10.3"),
    TableRow::new(T::ReadHubDetails, "B5.1", "B5", "the hub's own details are read for the inventory"),
    TableRow::new(T::AddToInventory, "B5.2", "DP01", "the DCC adds the CHF to the Smart Metering Inventory").stated(),
    TableRow::new(
        T::SetWhitelist,
        "15.11",
        "15.11",
        "the CHF Whitelist is set: the ESME, a ZigBee GSME, no CHF, no GPF",
    )
    .stated(),
    TableRow::new(T::WrapAssociationKeys, "B6.1", "B6", "the DCO wraps the association's new keys into a key transfer"),
    TableRow::new(T::ReplaceAssociationKeys, "B6.2", "B6", "the ESME takes the association's new keys"),
    TableRow::new(T::PrepareMasterKey, "B6.3", "B6", "the DCO makes the next master key"),
    TableRow::new(T::ReplaceMasterKey, "B6.4", "B6", "the ESME takes the next master key"),
    TableRow::new(T::CertifyHub, "B6.5", "B6", "the hub is put under the S1SP's certificate").back("15.10.3"),
    TableRow::new(T::CertifyEsme, "B6.6", "B6", "the ESME is put under the S1SP's certificate").back("15.10.3"),
    TableRow::new(T::ShutSmsoOut, "B6.7", "B6", "the ESME refuses the keys that the SMSO holds"),
    TableRow::new(
        T::ActivateMasterKey,
        "B6.8",
        "B6",
        "the ESME answers the DCO by the next master key, and the DCO puts it in force",
    ),
];

/// The FOC cohort.
pub(crate) static FOC: &Table = &Table { rows: &ROWS, steps: &steps_of(&ROWS), associations: ASSOCIATIONS };
