//! The reference pages of fact files and of meter events, in Markdown.

use std::fmt::Write as _;

use super::{FILES, FactFile, METER_EVENTS};

/// What holds of every such file.
const FORM: &str = "\
- CSV in UTF-8, commas, a header row with exactly these columns in any order, one record a row; row 1 is the header.
- EUI-64s are read in either case, with or without hyphens. Blanks around a value do not count.
- A row that cannot be used is reported with row, field, reason and suggestion; every other row is used.
- Two rows with the same key: the second is reported, as a repetition or a contradiction, and the first is used.
- A row longer than 64 KiB is a quote that never ends: it is reported, and the file does not count as given.
";

/// The generated files: path from the repository's root, and text.
#[must_use]
pub fn files() -> Vec<(String, String)> {
    let facts = page(
        "# Fact files",
        "What the DCC's records say of the world, handed to the rules beside the migration files. The columns are defined by this \
         project (P).",
        "- A file that is not there, or has another header, is not an empty one: rules that need it answer FACTS MISSING.\n",
        &FILES,
    );
    let events = page(
        "# Meter events",
        "What `tern duties` works from: events of meters after they were commissioned. `facts.events` in tern.toml names the file, \
         `--events` another. The columns are defined by this project (P); [the guide](../guide/supplier-duties.md) says what comes \
         of them.",
        "- Events of one day are taken in the order of their rows. Two Payment Modes of one meter on one day contradict each other: \
         the mode is not known until the next one.\n",
        &[METER_EVENTS],
    );
    vec![("docs/reference/facts.md".to_owned(), facts), ("docs/reference/meter-events.md".to_owned(), events)]
}

fn page(title: &str, intro: &str, besides: &str, files: &[FactFile]) -> String {
    let mut out = format!(
        "{title}\n\n<!-- Made from the descriptions in crates/tern-wire by `cargo xtask codegen`; edits here are lost. -->\n\n\
         {intro}\n\n{FORM}{besides}\n"
    );
    for file in files {
        let _ = writeln!(out, "## {}\n\n{}\n", file.name, file.doc);
        out.push_str("| Column | What it holds | May be empty |\n|---|---|---|\n");
        for column in file.columns {
            let empty = if column.optional { "yes" } else { "no" };
            let _ = writeln!(out, "| `{}` | {} | {empty} |", column.name, column.doc);
        }
        let _ = writeln!(out, "\nKey: {}.\n", file.key.iter().map(|k| format!("`{k}`")).collect::<Vec<_>>().join(", "));
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}
