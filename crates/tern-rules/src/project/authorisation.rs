//! P-authorisation: authorised, or notice given.

use tern_model::facts::{Authorisation, Notice, NoticeKind, NoticeState};
use tern_model::{Grade, InstallationState, PartyId, Verdict};

use crate::context::{Subject, Told, facts_missing};
use crate::rule::{Book, Check, Groups, Rule, SENDER_AND_DSP, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-authorisation",
    book: Book::Project,
    title: "Authorised, or notice completed",
    grade: Grade::Project,
    source: "CH3",
    roles: SENDER_AND_DSP,
    stage: Stage::Common,
    groups: Groups::All,
    texts: &[Text::always(
        "An installation with an Active Meter has a Migration Authorisation that is live on the \
                         planned migration day; one with Dormant Meters alone has a notice of migration whose period \
                         is over by then.",
    )],
    reading: "A Mixed installation needs an authorisation. It comes from a supplier who is registered for one of the \
              meters on the day. A notice that could not be delivered counts as given (PL3).",
    file: file!(),
    check: Check::Installation(check),
};

fn check(subject: &Subject<'_>) -> Vec<Verdict> {
    let common = subject.common;
    let state = InstallationState::of(common.esme.meter_state, common.gsme.as_ref().map(|g| g.meter_state));
    vec![match state {
        InstallationState::Dormant => notice(subject),
        InstallationState::Active | InstallationState::Mixed => authorisation(subject),
    }]
}

fn authorisation(subject: &Subject<'_>) -> Verdict {
    if !subject.facts().given("authorisations.csv") {
        return facts_missing("Migration Authorisations were not given; add facts/authorisations.csv");
    }
    let day = subject.day();
    let registered: Vec<PartyId> =
        subject.meters().filter_map(|meter| Some(subject.registrations(&meter).ok()?.on(day)?.supplier)).collect();
    let records = subject.facts().authorisations(subject.chf());
    let by_registered = |a: &&Authorisation| registered.is_empty() || registered.contains(&a.supplier);
    if records.iter().filter(by_registered).any(|a| a.from <= day && day <= a.until) {
        return Verdict::Pass;
    }
    let found = records.last().map_or("no authorisation".to_owned(), |a| {
        let (reference, supplier, from, until) = (&a.reference, a.supplier, a.from, a.until);
        format!("{reference} of {supplier} from {from} to {until} (authorisations.csv row {})", a.row.0)
    });
    let expected = format!("an authorisation of a registered supplier that is live on {day}");
    told(subject, "is not authorised", found, expected, "ask the Responsible Supplier for an authorisation")
}

fn notice(subject: &Subject<'_>) -> Verdict {
    if !subject.facts().given("notices.csv") {
        return facts_missing("notices were not given; add facts/notices.csv");
    }
    let day = subject.day();
    let notices = || subject.facts().notices(subject.chf()).iter().filter(|n| n.kind == NoticeKind::Migration);
    let over = |n: &Notice| n.state != NoticeState::Running && n.earliest <= day;
    if notices().any(over) {
        return Verdict::Pass;
    }
    let found = notices().next_back().map_or("no notice of migration".to_owned(), |n| {
        format!("a notice of {} for steps from {} on (notices.csv row {})", n.issued, n.earliest, n.row.0)
    });
    let expected = format!("a notice of migration completed by {day}");
    told(subject, "is dormant and its notice is not completed", found, expected, "give notice (4.30) and plan again")
}

fn told(subject: &Subject<'_>, wrong: &str, found: String, expected: String, suggestion: &str) -> Verdict {
    subject.finding(Told {
        place: subject.at_common("ESME/MeterState"),
        message: format!("CHF {} {wrong} on {}", subject.chf(), subject.day()),
        found,
        expected,
        suggestion: suggestion.to_owned(),
    })
}
