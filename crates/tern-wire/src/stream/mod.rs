//! Signed files of any size in little memory: read in two passes over one private copy, written as they come into being.
//!
//! The first pass ([`SignedStream::verify`]) judges the whole file as [`crate::migration::open`] judges a small one, and keeps
//! no entry. The second ([`SignedStream::parts`]) hands the entries out, a run at a time, each run a [`crate::Verified`]
//! message with these entries alone; after the last it holds both digests, of the bytes and of the canonical form, against the
//! first pass. Nothing that came out of the second pass may take effect before it has ended well.
//!
//! This module must never hand out what was not verified, hold more than one run of entries, or ask for any file other than the
//! one that it was given by path.

mod entries;
mod inflow;
mod pass;
mod read;
mod repeats;
mod write;

pub use entries::{Entries, Entry};
pub use inflow::Sizes;
pub use read::{Parts, SignedStream};
pub use repeats::{Repeat, Repeats, Uses};
pub use write::{SignedWriter, WriteFault};

use crate::WireFault;
use crate::migration::message_limits;
use crate::xml::Limits;

/// What holds for a stream of these messages: the entries' own bound where that is the lower one.
fn limits_of<T: Entries>(limits: &Limits) -> Limits {
    let limits = message_limits::<T>(limits);
    Limits { max_entry_bytes: limits.max_entry_bytes.min(T::Entry::BYTES_MAX), ..limits }
}

/// Why a file did not come through.
#[derive(Debug)]
pub enum StreamFault {
    /// It is not what it should be: the faults that [`crate::migration::open`] would tell of it.
    Refused(Vec<WireFault>),
    /// It could not be read.
    Io(std::io::Error),
    /// The second pass met other bytes than the first: nothing that came out of it counts.
    Altered,
}

impl std::fmt::Display for StreamFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            StreamFault::Refused(faults) => match faults.as_slice() {
                [] => f.write_str("refused"),
                [fault] => fault.fmt(f),
                [fault, rest @ ..] => write!(f, "{fault} (and {} more)", rest.len()),
            },
            StreamFault::Io(error) => write!(f, "the file could not be read: {error}"),
            StreamFault::Altered => f.write_str("the file was altered while it was read"),
        }
    }
}

impl std::error::Error for StreamFault {}

impl From<std::io::Error> for StreamFault {
    fn from(error: std::io::Error) -> StreamFault {
        StreamFault::Io(error)
    }
}
