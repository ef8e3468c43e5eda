//! Notices and authorisations: names, files there and back, and what is never written.

mod files;
mod names;
mod rows;
