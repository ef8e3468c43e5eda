//! TMAD 5.1(c): certificates that restore communication after a rollback.

use jiff::ToSpan;
use jiff::civil::Date;
use tern_model::facts::{Facts, RollbackCertificate};
use tern_model::{ChfIdentifier, DeviceId, DeviceKind, Grade, GroupId, Place, Verdict};

use crate::context::{Subject, Told, facts_missing, finding};
use crate::documents::TMAD_FOC;
use crate::judgement::Judged;
use crate::rule::{Book, Check, Groups, Rule, SENDER_AND_DSP, Stage, Text};
use crate::rulebook::Books;
use crate::view::Settings;

pub(crate) static RULE: Rule = Rule {
    clause: "5.1(c)",
    book: Book::Tmad,
    title: "Certificates for a rollback",
    grade: Grade::Stated,
    source: "S002 item 7",
    roles: SENDER_AND_DSP,
    stage: Stage::Common,
    groups: Groups::FOC,
    texts: &[Text::since(
        &TMAD_FOC,
        "The SMSO's certificates that restore communication after a rollback are obtained beforehand, with the first \
         and last day of their use, both included, and the constraints on their use.",
    )],
    reading: "No migration starts unless CHF, ESME and, where there is one, GSME each have one certificate that is \
              usable through the planned rollback window: from D to D plus the configured days, 14 by default, and \
              under no constraint that configuration does not name as kept (P).",
    file: file!(),
    check: Check::Installation(check),
};

fn check(subject: &Subject<'_>) -> Vec<Verdict> {
    let gsme = subject.common.gsme.iter().map(|g| (DeviceKind::Gsme, g.device_id));
    let devices = [(DeviceKind::Chf, subject.chf().into()), (DeviceKind::Esme, subject.common.esme.device_id)];
    let planned = Planned { chf: subject.chf(), day: subject.day(), settings: subject.set.view.settings };
    devices.into_iter().chain(gsme).map(|device| planned.check(device, subject.facts())).collect()
}

/// Judges the clause again for one installation that is to start on another day than that of its set's intake: one verdict
/// for each device that needs a certificate; none where the clause does not bind the group or is not in force.
#[must_use]
pub fn recheck_rollback(
    chf: ChfIdentifier,
    devices: &[(DeviceKind, DeviceId)],
    group: GroupId,
    (day, books): (Date, Books<'_>),
    (settings, facts): (&Settings, &Facts),
) -> Vec<Judged> {
    if !RULE.groups.bind(group) || books.text_of(&RULE, Some(group)).is_none() {
        return Vec::new();
    }
    let planned = Planned { chf, day, settings };
    let certified =
        devices.iter().filter(|(kind, _)| matches!(kind, DeviceKind::Chf | DeviceKind::Esme | DeviceKind::Gsme));
    certified.map(|device| books.named(Judged { rule: &RULE, verdict: planned.check(*device, facts) })).collect()
}

/// One installation on its planned day.
struct Planned<'a> {
    chf: ChfIdentifier,
    day: Date,
    settings: &'a Settings,
}

impl Planned<'_> {
    fn check(&self, (kind, device): (DeviceKind, DeviceId), facts: &Facts) -> Verdict {
        let (chf, first) = (self.chf, self.day);
        let last = first.saturating_add(self.settings.rollback_days.days());
        let own: Vec<_> = facts.rollback_certificates(chf).iter().filter(|r| r.device == device).collect();
        let Some(nearest) = own.iter().max_by_key(|r| r.until) else {
            return facts_missing(format!(
                "no rollback certificate of {kind} {device} (CHF {chf}); add it to facts/rollback_certificates.csv"
            ));
        };
        if own.iter().any(|r| self.usable(r, first, last)) {
            return Verdict::Pass;
        }
        let place =
            Place { line: u32::try_from(nearest.row.0).unwrap_or(0), ..Place::document("rollback_certificates.csv") };
        let told = Told {
            place,
            message: format!("no rollback certificate of {kind} {device} is usable through the rollback window"),
            found: found(nearest),
            expected: format!("usable from {first} to {last}, without a constraint that configuration does not keep"),
            suggestion: format!(
                "get a certificate for {kind} {device} from the SMSO, or plan CHF {chf} on a day within its dates"
            ),
        };
        finding(&RULE, told)
    }

    fn usable(&self, record: &RollbackCertificate, first: Date, last: Date) -> bool {
        let kept = record.constraint.is_empty() || self.settings.constraints_kept.contains(&record.constraint);
        record.from <= first && last <= record.until && kept
    }
}

fn found(record: &RollbackCertificate) -> String {
    let mut text = format!("{} from {} to {}", record.certificate, record.from, record.until);
    if !record.constraint.is_empty() {
        text.push_str(&format!(", constraint `{}`", record.constraint));
    }
    text
}
