//! The reference page of fact files, in Markdown.

use std::fmt::Write as _;

use super::FILES;

/// The generated files: path from the repository's root, and text.
#[must_use]
pub fn files() -> Vec<(String, String)> {
    let mut out = String::from(
        "# Fact files\n\n\
         <!-- Made from the descriptions in crates/tern-wire by `cargo xtask codegen`; edits here are lost. -->\n\n\
         What the DCC's records say of the world, handed to the rules beside the migration files. The columns are defined by this \
         project (P).\n\n\
         - CSV in UTF-8, commas, a header row with exactly these columns in any order, one record a row; row 1 is the header.\n\
         - EUI-64s are read in either case, with or without hyphens. Blanks around a value do not count.\n\
         - A row that cannot be used is reported with row, field, reason and suggestion; every other row is used.\n\
         - Two rows with the same key: the second is reported, as a repetition or a contradiction, and the first is used.\n\
         - A row longer than 64 KiB is a quote that never ends: it is reported, and the file does not count as given.\n\
         - A file that is not there, or has another header, is not an empty one: rules that need it answer FACTS MISSING.\n\n",
    );
    for file in FILES {
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
    vec![("docs/reference/facts.md".to_owned(), out)]
}
