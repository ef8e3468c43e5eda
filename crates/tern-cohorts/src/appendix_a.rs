//! Appendix A, the tables of the groups before FOC, as rows that their cohorts share.
//!
//! The sources name Tables A2, A3, A5 and A6 and give none of their rows: rows and order are Appendix B's counterparts
//! (P). In IOC and MOC one party may be S1SP and SMSO (AC2): here it is (P), so its certificate is in charge of the devices before
//! and after, none is replaced, and none is to be re-instated. 15.11 binds FOC alone: the hub's list is left as it is.

use crate::shared::{TableRow, Task as T};

/// The rows, in order.
pub(crate) const ROWS: [TableRow; 15] = [
    TableRow::new(T::ReachHub, "W1", "P-wan", "the S1SP reaches the hub over the WAN"),
    TableRow::new(T::SwitchApn, "W2", "P-wan", "the hub's SIM is switched to the DCC's APN").back("P-rollback"),
    TableRow::new(T::AssociateEsme, "A2.1", "A2", "the ESME accepts the keys that the file gave"),
    TableRow::new(T::IdentifyEsme, "A2.2", "A2", "the ESME is the one that the file describes"),
    TableRow::new(T::ChallengeMasterKey, "A2.3", "A2", "the ESME answers the DCO by its master key"),
    TableRow::new(T::VerifyMasterKey, "A2.4", "A2", "the DCO finds the answer made by the master key of the file"),
    TableRow::new(T::FindGsme, "A3.1", "A3", "the GSME answers on the gas HAN and is the one described"),
    TableRow::new(T::ReadHubDetails, "A5.1", "A5", "the hub's own details are read for the inventory"),
    TableRow::new(T::AddToInventory, "A5.2", "DP01", "the DCC adds the CHF to the Smart Metering Inventory").stated(),
    TableRow::new(T::WrapAssociationKeys, "A6.1", "A6", "the DCO wraps the association's new keys into a key transfer"),
    TableRow::new(T::ReplaceAssociationKeys, "A6.2", "A6", "the ESME takes the association's new keys"),
    TableRow::new(T::PrepareMasterKey, "A6.3", "A6", "the DCO makes the next master key"),
    TableRow::new(T::ReplaceMasterKey, "A6.4", "A6", "the ESME takes the next master key"),
    TableRow::new(T::ShutSmsoOut, "A6.5", "A6", "the ESME refuses the keys that the SMSO holds"),
    TableRow::new(
        T::ActivateMasterKey,
        "A6.6",
        "A6",
        "the ESME answers the DCO by the next master key, and the DCO puts it in force",
    ),
];
