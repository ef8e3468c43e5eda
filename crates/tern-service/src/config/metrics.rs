//! `[metrics]`: where response times are told, and against which targets they are measured (RQ11).

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

/// `[metrics]`; all project-defined (P). No source gives a target that anybody could confirm, so there is none by default.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MetricsConfig {
    /// Where `GET /metrics` is answered, in clear: loopback is meant. Port 0: any that is free. Absent: nowhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<SocketAddr>,
    /// Targets for response times.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<TargetConfig>,
}

/// `[[metrics.targets]]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TargetConfig {
    /// The Service Reference Variant.
    pub service: String,
    /// The cohort: `ioc`, `moc-mds`, `moc-secure`, `foc`, or `none` for what is asked of the DCC itself; absent: any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cohort: Option<String>,
    /// The longest time, from a request's coming, or its being due, to the answer.
    pub seconds: u64,
}

impl MetricsConfig {
    /// The target for a service and cohort, in milliseconds: the one for that very cohort before the one for any.
    #[must_use]
    pub fn target_ms(&self, service: &str, cohort: &str) -> Option<u64> {
        let of = |wanted: Option<&str>| {
            self.targets.iter().find(|target| target.service == service && target.cohort.as_deref() == wanted)
        };
        of(Some(cohort)).or_else(|| of(None)).map(|target| target.seconds.saturating_mul(1_000))
    }
}
