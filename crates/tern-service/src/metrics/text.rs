//! The measures as Prometheus reads them: its text format, version 0.0.4.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use tern_store::StoreView;

use super::measured::{BOUNDS_MS, Sums};
use crate::config::Config;
use crate::equivalent::record as taken;
use crate::fault::ServiceFault;
use crate::gateway::{DEAD_LETTER, Ledger, record};

type Series = BTreeMap<String, BTreeMap<String, Sums>>;

/// Everything that is told.
pub(super) fn text(
    series: &Series,
    config: &Config,
    (ledger, s1sp): (&Ledger, &dyn StoreView),
) -> Result<String, ServiceFault> {
    let mut out = String::new();
    let name = ("tern_requests_total", "Service Requests, by the code told on their own connection.");
    codes(&mut out, series, name, |sums| &sums.requests);
    let name = ("tern_replies_total", "Replies signed for Users, by their code.");
    codes(&mut out, series, name, |sums| &sums.replies);
    times(&mut out, series);
    let name = ("tern_request_over_target_total", "Requests answered later than the configured target.");
    head(&mut out, name, "counter");
    for (labels, sums) in labelled(series) {
        line(&mut out, name.0, &labels, sums.over_target);
    }
    let name = ("tern_request_target_seconds", "Target for the response time, from the configuration.");
    head(&mut out, name, "gauge");
    for target in &config.metrics.targets {
        let cohort = target.cohort.as_deref().unwrap_or("");
        let labels = format!("service=\"{}\",cohort=\"{}\"", escaped(&target.service), escaped(cohort));
        line(&mut out, name.0, &labels, target.seconds);
    }
    let dsp = ledger.view();
    for (name, help, value) in [
        ("tern_requests_held", "Requests that are held until they are due.", dsp.count(record::HELD)?),
        ("tern_requests_open", "Requests that are held, on their way, or with the S1SP.", dsp.count(record::OPEN)?),
        ("tern_s1sp_requests_open", "Requests that the S1SP carries out or has waiting.", s1sp.count(taken::OPEN)?),
        ("tern_dead_letters", "Replies that Users never took.", dsp.count(DEAD_LETTER)?),
        ("tern_replies_waiting", "Requests with a reply on its way to the User.", dsp.count(record::REPLYING)?),
    ] {
        head(&mut out, (name, help), "gauge");
        line(&mut out, name, "", value);
    }
    Ok(out)
}

fn codes(out: &mut String, series: &Series, name: (&str, &str), of: fn(&Sums) -> &BTreeMap<String, u64>) {
    head(out, name, "counter");
    for (labels, sums) in labelled(series) {
        for (code, count) in of(sums) {
            line(out, name.0, &format!("{labels},code=\"{}\"", escaped(code)), count);
        }
    }
}

fn times(out: &mut String, series: &Series) {
    let name = "tern_request_response_seconds";
    let help = "From a request's coming, or its being due, to the answer or first reply that was signed.";
    head(out, (name, help), "histogram");
    for (labels, sums) in labelled(series) {
        let within = sums.within();
        let bounds = BOUNDS_MS.iter().map(|bound| seconds(*bound)).chain(["+Inf".to_owned()]);
        for (bound, count) in bounds.zip(&within) {
            line(out, &format!("{name}_bucket"), &format!("{labels},le=\"{bound}\""), count);
        }
        line(out, &format!("{name}_sum"), &labels, seconds(sums.sum_ms));
        line(out, &format!("{name}_count"), &labels, within.last().copied().unwrap_or(0));
    }
}

/// Milliseconds as seconds, exactly.
fn seconds(milliseconds: u64) -> String {
    let text = format!("{}.{:03}", milliseconds / 1_000, milliseconds % 1_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn labelled(series: &Series) -> impl Iterator<Item = (String, &Sums)> {
    series.iter().flat_map(|(service, cohorts)| {
        cohorts.iter().map(move |(cohort, sums)| {
            (format!("service=\"{}\",cohort=\"{}\"", escaped(service), escaped(cohort)), sums)
        })
    })
}

fn head(out: &mut String, (name, help): (&str, &str), kind: &str) {
    // Writing to a string cannot fail.
    let _ = write!(out, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
}

fn line(out: &mut String, name: &str, labels: &str, value: impl std::fmt::Display) {
    let labels = if labels.is_empty() { String::new() } else { format!("{{{labels}}}") };
    let _ = writeln!(out, "{name}{labels} {value}");
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
