//! Messages are described once: structs, decoder, writer, published XSDs and reference pages come from that description.
//!
//! [`describe!`](crate::describe) turns one list of elements into a struct with its description ([`ComplexType`]), its
//! decoder and its writer. Adding an element is one line there; a message is one file and one line in
//! [`crate::migration::MESSAGES`]. Decoding is one pass over the DOM in the order of the description: it gives the typed
//! message, or every fault with its place. This module must never judge what a rule judges, nor quote the content of a
//! decrypted document.

mod description;
mod element;
mod fault;
mod foreign;
mod lexical;
mod macros;
mod particle;
pub(crate) mod pattern;
mod place;
pub mod publish;
mod reader;
mod secret_text;
mod text;
mod values;
mod version;
mod walk;
mod write;

pub use description::{Attribute, Base, ComplexType, Content, Facet, Field, Namespace, Occurs, SimpleType};
pub use element::{Described, Element, Message, MessageDescription, SimpleValue};
pub(crate) use fault::shorten;
pub use foreign::{EncryptedBlob, SIGNATURE_FIELD};
pub(crate) use lexical::decode_base64;
pub use lexical::{LexicalFault, check_lexical, collapse};
pub use particle::Particle;
pub(crate) use place::{Head, entry_element};
pub use reader::{Decoded, FAULTS_MAX, Quoting, Reader, read};
pub use secret_text::SecretText;
pub use text::{CertificateDer, Text};
pub(crate) use values::words;
pub use values::{IssuerName, SerialNumber};
pub use version::SchemaVersion;
pub(crate) use walk::Walk;
pub use write::{close_tag, open_tag, write, write_in};
