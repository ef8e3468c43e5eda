//! DLMS/COSEM as a client and as a server speak it: the TCP wrapper, ACSE, the xDLMS APDUs by logical name, and the
//! numbers of the interface classes.
//!
//! Everything here is in the standard's terms (IEC 62056-5-3, 62056-6-1, 62056-6-2, 62056-4-7; the DLMS UA's Green
//! and Blue Books). Bytes from outside never cause a panic, unbounded recursion, or an allocation larger than the
//! bytes that are there. This crate must never know what is done with it: no other crate of this workspace, no kind
//! of meter, no migration.

pub mod acse;
pub mod apdu;
mod assembly;
pub mod client;
mod codec;
pub mod cosem;
pub mod data;
mod date_time;
mod descriptor;
mod error;
pub mod invocation;
mod logical_name;
pub mod security;
mod selection;
pub mod server;
mod system_title;
pub mod wrapper;

pub use codec::{Codec, Limits, Reader, put_length, put_octets};
pub use data::{BitString, Data, DataError, Type};
pub use date_time::{ClockStatus, CosemDate, CosemDateTime, CosemTime, Day, Month};
pub use descriptor::{AttributeDescriptor, ClassId, MethodDescriptor};
pub use error::{DecodeError, DecodeErrorKind};
pub use logical_name::{LogicalName, LogicalNameError};
pub use selection::{CaptureObject, Selection, SelectiveAccess};
pub use system_title::SystemTitle;
