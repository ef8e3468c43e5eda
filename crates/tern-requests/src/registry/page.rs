//! The generated reference page of all Service Reference Variants. Pure: whoever calls it writes it, or compares it with what is
//! there.

use std::collections::BTreeMap;
use std::fmt::{Display, Write};

use super::words::{Evidence, Handling};
use super::{ALL, Srv, added_targets};
use crate::command_variant;

const PREAMBLE: &str = "# Service Requests\n\n\
    <!-- Generated from crates/tern-requests/src/registry: change a row and run `cargo xtask codegen`. -->\n\n\
    Every Service Reference Variant of the published DUIS schemas (5.0 to 5.4), and what Tern makes of it for SMETS1. `tern srv 11.3` prints one with \
    all that is known of it.\n\n\
    The official table of SMETS1 services (DUIS 1.4.2, S1SR Table 3) is not public. Numbers, names, roles and flags are those of the DCC's public \
    request matrix, targets those of its public templates; where Tern differs, [divergences](../divergences.md) says why.\n";

/// A line of the page. Writing to a `String` cannot fail.
macro_rules! line {
    ($out:expr) => { $out.push('\n') };
    ($out:expr, $($arg:tt)*) => { let _ = writeln!($out, $($arg)*); };
}

/// The page's path from the workspace's root, and its text. The names of the DMVES's rows, by the variants that they are about, are
/// handed in: whoever knows both joins them.
#[must_use]
pub fn page<'a>(varied: impl Iterator<Item = (&'a str, &'a str)>) -> (&'static str, String) {
    let mut by_number: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    varied.for_each(|(number, row)| by_number.entry(number).or_default().push(row));
    let mut out = PREAMBLE.to_owned();
    totals(&mut out);
    marks(&mut out);
    line!(
        out,
        "\n## All of them\n\n| SRV | Name | Body | Critical | On demand | Later | Scheduled | Sent to | From | Evidence | SMETS1 | DMVES |"
    );
    line!(out, "|---|---|---|---|---|---|---|---|---|---|---|---|");
    for srv in ALL {
        let rows = by_number.get(srv.number).map_or_else(String::new, |rows| rows.join(", "));
        line!(out, "| {} | {rows} |", cells(srv).join(" | "));
    }
    allowed(&mut out);
    variants(&mut out);
    ("docs/reference/requests.md", out)
}

fn totals(out: &mut String) {
    let of = |handling: Handling| ALL.iter().filter(|srv| srv.handling == handling).count();
    line!(
        out,
        "\n{} variants: {} processed, {} refused as no SMETS1 service, {} refused as not yet processed. Critical: {}.",
        ALL.len(),
        of(Handling::Processed),
        of(Handling::NotForSmets1),
        of(Handling::NotYetProcessed),
        ALL.iter().filter(|srv| srv.critical).count(),
    );
}

fn marks(out: &mut String) {
    line!(out, "\n| Evidence | Means | Grade |\n|---|---|---|");
    for evidence in Evidence::ALL {
        line!(out, "| {} | {} | {} |", evidence.mark(), evidence.words(), evidence.grade());
    }
    line!(
        out,
        "\nLater: who holds a request for a later moment on a SMETS2 device; for SMETS1 the DSP holds all of them (P). DMVES: rows by which a cohort \
         does otherwise from some day on; `tern explain DMVES` and [guidance](guidance.md) have them."
    );
}

fn cells(srv: &Srv) -> [String; 11] {
    let yes = |said: bool| if said { "yes" } else { "-" }.to_owned();
    let targets = srv.targets().map(|allowed| allowed.target);
    [
        srv.number.to_owned(),
        srv.name.to_owned(),
        format!("`{}`", srv.body),
        yes(srv.critical),
        yes(srv.on_demand),
        srv.future_dating.as_str().to_owned(),
        yes(srv.schedulable),
        listed(targets),
        listed(srv.roles.iter()),
        srv.evidence.mark().to_owned(),
        srv.handling.word().to_owned(),
    ]
}

fn listed(words: impl Iterator<Item = impl Display>) -> String {
    words.map(|word| word.to_string()).collect::<Vec<_>>().join(" ")
}

fn allowed(out: &mut String) {
    line!(
        out,
        "\n## Targets that the public templates do not show\n\n| SRV | Target | Grade | Why |\n|---|---|---|---|"
    );
    for (number, allowed) in added_targets() {
        line!(out, "| {number} | {} | {} | {} |", allowed.target, allowed.grade, allowed.why);
    }
}

fn variants(out: &mut String) {
    line!(out, "\n## Command Variants\n\n| CV | Is | Web service | Taken for SMETS1 |\n|---|---|---|---|");
    for row in &command_variant::ALL {
        line!(out, "| {} | {} | {} | {} |", row.number, row.words, row.service, row.taken.words());
    }
    line!(
        out,
        "\nWhat is not taken is answered with the code for a Command Variant that does not apply (E12), or for the wrong web service (E13). The \
         DCC's own Command Variant 9 is none of a User's."
    );
}
