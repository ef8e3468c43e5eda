//! The reference pages of fact files and of meter events, in Markdown.

use std::fmt::Write as _;

use tern_model::estate::EventKind;

use super::{ESTATE, FILES, FactFile, METER_EVENTS};

/// What holds of every such file.
const FORM: &str = "\
- CSV in UTF-8, commas, a header row with exactly these columns in any order, one record a row; row 1 is the header.
- EUI-64s are read in either case, with or without hyphens. Blanks around a value do not count.
- A row that cannot be used is reported with row, field, reason and suggestion; every other row is used.
- A quote that takes in a line below, and a row longer than 64 KiB, are reported where they begin; the file does not count as given.
";

/// What holds of files whose rows are taken one by one.
pub(super) const FIRST_COUNTS: &str = "- Two rows with the same key: the second is reported, as a repetition or a contradiction, and the first is used.\n";

/// The generated files: path from the repository's root, and text.
#[must_use]
pub fn files() -> Vec<(String, String)> {
    let facts = page(
        "# Fact files",
        "What the DCC's records say of the world, handed to the rules beside the migration files. The columns are defined by this \
         project (P).",
        &[FIRST_COUNTS, "- A file that is not there, or has another header, is not an empty one: rules that need it answer FACTS MISSING.\n"].concat(),
        &FILES,
    );
    let events = page(
        "# Meter events",
        "What `tern duties` works from: events of meters after they were commissioned. `facts.events` in tern.toml names the file, \
         `--events` another. The columns are defined by this project (P); [the guide](../guide/supplier-duties.md) says what comes \
         of them.",
        &[FIRST_COUNTS, "- Events of one day are taken in the order of their rows. Two Payment Modes of one meter on one day contradict each other: \
         the mode is not known until the next one.\n"].concat(),
        &[METER_EVENTS],
    );
    let estate = page(
        "# Estates",
        "What `tern estate check` reads: the installations that are to be migrated, and what happens to them, as six files of one \
         folder. The columns are defined by this project (P); [the guide](../guide/estates.md) says what comes of them.",
        "- All six files are there; one that has nothing to say has its header alone.\n\
         - Of two rows that say the same one is used. Where two rows with the same key say different things, or a row that cannot be used \
         names an installation or its device, the installation is set aside: nothing is planned for it.\n",
        &ESTATE,
    ) + &event_kinds();
    vec![
        ("docs/reference/facts.md".to_owned(), facts),
        ("docs/reference/meter-events.md".to_owned(), events),
        ("docs/reference/estate.md".to_owned(), estate),
    ]
}

/// Every kind of event, with the cells that it has.
fn event_kinds() -> String {
    let mut out = "\n## Events\n\nCells in brackets may be empty.\n\n| Event | What it says | Cells |\n|---|---|---|\n"
        .to_owned();
    for kind in EventKind::ALL {
        let needs = kind.needs().iter().map(|cell| format!("`{}`", cell.column()));
        let may = kind.may_have().iter().map(|cell| format!("(`{}`)", cell.column()));
        let cells = needs.chain(may).collect::<Vec<_>>().join(", ");
        let _ = writeln!(out, "| `{}` | {} | {cells} |", kind.as_str(), kind.doc());
    }
    out
}

/// The page of these files, with `besides` among what holds of each.
pub(super) fn page(title: &str, intro: &str, besides: &str, files: &[FactFile]) -> String {
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
