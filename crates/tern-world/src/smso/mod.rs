//! The SMETS1 SMSO: its own records of the installations that it operates, and its step towards migration.
//!
//! Only this module and the simulated devices see device keys. What leaves here is public data and keys encrypted to the S1SP and to
//! the DCO, or, where that is ordered, keys in the clear for the Requesting Party alone (11.1); it must never write a key anywhere but
//! into such an export and its own record file, both of mode 0600.

mod export;
mod order_faults;
mod orders;
mod records;
mod source;

pub use export::{ExportFile, ExportOrder, Keys, export};
pub use order_faults::{ORDER_FAULTS_FILE, OrderFaultKind};
pub use orders::{Answer, ORDERS_FILE, Order, OrderDesk, Task};
pub use records::{
    EsmeKeys, GasMeterRecord, GsmeKeys, InstallationRecord, KeyRecord, KeyText, MasterKeyRecord, MeterRecord,
    PpmidRecord, Records,
};
pub use source::{RecordFiles, Source, Visit};
