//! What a migration leaves for people to read beside its stores: a picture of the outcomes, and the audit as text.

use std::fmt::Write as _;

use tern_model::OutcomeKind;
use tern_store::StoreFault;

use crate::System;
use crate::migrate::Tally;
use crate::parties::Party;

/// Colours that stay apart without colour vision, light and dark alike.
fn colour(kind: Option<OutcomeKind>) -> &'static str {
    match kind {
        Some(OutcomeKind::Commissioned) => "#2a9d6f",
        Some(OutcomeKind::Refused) => "#c98a1b",
        Some(OutcomeKind::RolledBack) => "#3f7fbf",
        Some(OutcomeKind::Stuck) => "#c0392b",
        Some(OutcomeKind::Closed) | None => "#8a8f98",
    }
}

/// Outcomes as a picture: one bar each, with the clauses behind it.
#[must_use]
pub fn outcomes_svg(title: &str, bars: &[Tally]) -> String {
    const ROW: usize = 54;
    const WIDTH: f64 = 460.0;
    let total: usize = bars.iter().map(|b| b.count).sum();
    let most = bars.iter().map(|b| b.count).max().unwrap_or(1).max(1);
    let height = 70 + ROW * bars.len();
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"760\" height=\"{height}\" viewBox=\"0 0 760 {height}\" \
         font-family=\"system-ui, sans-serif\" role=\"img\" aria-label=\"{0}\">\n<title>{0}</title>\n\
         <rect width=\"760\" height=\"{height}\" fill=\"#ffffff\"/>\n\
         <text x=\"24\" y=\"36\" font-size=\"18\" font-weight=\"600\" fill=\"#1c2530\">{0}</text>\n",
        escaped(title)
    );
    for (at, bar) in bars.iter().enumerate() {
        let y = 62 + ROW * at;
        #[expect(clippy::cast_precision_loss, reason = "a bar's length needs no more than a pixel")]
        let width = (bar.count as f64 / most as f64 * WIDTH).max(2.0);
        #[expect(clippy::cast_precision_loss, reason = "a share needs one decimal")]
        let share = 100.0 * bar.count as f64 / total.max(1) as f64;
        let name = bar.kind.map_or_else(|| "open".to_owned(), |k| k.to_string());
        let why: Vec<_> = bar.why.iter().take(8).map(|(w, n)| format!("{w} ×{n}")).collect();
        let _ = writeln!(
            svg,
            "<text x=\"24\" y=\"{}\" font-size=\"14\" fill=\"#1c2530\">{name}</text>\
             <rect x=\"140\" y=\"{y}\" width=\"{width:.1}\" height=\"20\" rx=\"3\" fill=\"{}\"/>\
             <text x=\"{:.1}\" y=\"{}\" font-size=\"13\" fill=\"#1c2530\">{} ({share:.1} %)</text>\
             <text x=\"140\" y=\"{}\" font-size=\"11\" fill=\"#5b6672\">{}</text>",
            y + 15,
            colour(bar.kind),
            148.0 + width,
            y + 15,
            bar.count,
            y + 35,
            escaped(&why.join(" · ")),
        );
    }
    svg.push_str("</svg>\n");
    svg
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

impl System {
    /// Every party's audit, one line an entry, each with the hash that chains it to the one before.
    ///
    /// # Errors
    /// A store cannot be read.
    pub fn audit_text(&mut self) -> Result<String, StoreFault> {
        const PAGE: usize = 1_000;
        let mut text = String::new();
        let parties: [&mut dyn Party; 4] = [&mut self.dsp, &mut self.s1sp, &mut self.dco, &mut self.commissioning];
        for party in parties {
            let role = party.role();
            let mut after = 0;
            loop {
                let rows = party.store().audit(after, PAGE)?;
                for row in &rows {
                    let e = &row.entry;
                    let _ = writeln!(
                        text,
                        "{role}\t{}\t{}\t{}\t{}\t{}\t{}\t{}",
                        row.number, e.at, e.actor, e.action, e.subject, e.evidence, row.hash
                    );
                    after = row.number;
                }
                if rows.len() < PAGE {
                    break;
                }
            }
        }
        Ok(text)
    }
}
