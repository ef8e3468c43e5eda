//! The description of migration messages: decoder and writer, published schemas, and what a validator from elsewhere says.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod differential;
mod opened;
mod published;
mod round_trip;
mod samples;
mod support;
