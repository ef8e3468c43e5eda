//! The published schemas and reference pages, made from the descriptions. Pure: whoever calls writes or compares the files.

mod page;
mod walk;
mod xsd;

use super::Namespace;

/// Every generated file of the messages: path from the repository's root, and text.
#[must_use]
pub fn files() -> Vec<(String, String)> {
    let mut files: Vec<_> =
        Namespace::ALL.into_iter().map(|ns| (format!("schemas/{}", xsd::file_name(ns)), xsd::schema(ns))).collect();
    files.push(("docs/reference/files.md".to_owned(), page::page()));
    files
}

pub use walk::{complex_types, simple_types};
pub use xsd::{file_name as xsd_file_name, schema as xsd};
