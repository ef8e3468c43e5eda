//! ACSE: how an application association begins and ends, in BER.
//!
//! Of the standard's fields those are kept that name the context, the mechanism, the two systems and the
//! authentication; titles, qualifiers and identifiers that DLMS gives no meaning are read over.

mod aare;
mod aarq;
mod ber;
mod names;
mod release;

pub use aare::{Aare, AssociationResult, Diagnostic, ServiceProviderDiagnostic, ServiceUserDiagnostic};
pub use aarq::Aarq;
pub use names::{ApplicationContext, AuthenticationValue, Mechanism};
pub use release::{ReleaseRequestReason, ReleaseResponseReason, Rlre, Rlrq};
