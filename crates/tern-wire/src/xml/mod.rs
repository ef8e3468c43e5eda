//! XML as bytes, before anybody trusts it: caps and forms that are refused before a parser runs, the parser, the canonical
//! form that signatures digest, and a compact writer.
//!
//! This module must never decide what a document means, repair one, or serialise again what somebody signed.

mod c14n;
mod escape;
pub(crate) mod exact;
pub(crate) mod guard;
pub(crate) mod key_info;
mod limits;
mod parse;
pub(crate) mod scan;
pub(crate) mod view;
pub(crate) mod walk;
mod writer;

#[cfg(test)]
mod tests;

pub use c14n::{Attribute, Canonicaliser, Declaration, Element, Events, Form, Sha256Sink, Sink};
pub use guard::guard;
pub use limits::{Limits, Texts};
pub(crate) use parse::{Frame, LineColumn, parse_in, place_in, root_tag};
pub use parse::{parse, place_at, place_of};
pub use walk::{canonical_document, exclusive_text, walk};
pub use writer::{Writer, push_attribute_escaped, push_text_escaped};
