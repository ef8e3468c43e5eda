//! MEHRS code MA110: a planned installation that matches no EPCL entry.

use tern_model::facts::{EpclEntry, EpclState};
use tern_model::{Grade, Verdict};

use crate::context::{Subject, Told, facts_missing};
use crate::documents::MEHRS_FIRST;
use crate::rule::{Book, Check, Groups, Rule, SENDER_AND_DSP, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "MA110",
    book: Book::Mehrs,
    title: "Matches an EPCL entry",
    grade: Grade::Stated,
    source: "migration-facts 10",
    roles: SENDER_AND_DSP,
    stage: Stage::Common,
    groups: Groups::All,
    texts: &[Text::since(&MEHRS_FIRST, "An installation planned for migration matches an entry of the EPCL.")],
    reading: "Manufacturer, model and firmware of CHF, ESME and GSME, and the communications provider, are those of \
              an entry whose state on the planned migration day is approved (P). Public pages name the code and tell \
              of its extension to MOC (Secure); that it binds the other groups from the first MEHRS on is our \
              reading.",
    file: file!(),
    check: Check::Installation(check),
};

fn check(subject: &Subject<'_>) -> Vec<Verdict> {
    if !subject.facts().given("epcl.csv") {
        return vec![facts_missing("no EPCL was given; add facts/epcl.csv")];
    }
    let combination = subject.combination();
    let reached = subject.facts().epcl().iter().filter(|e| e.combination == combination && e.from <= subject.day());
    let latest = reached.max_by_key(|e| e.from);
    if latest.is_some_and(|e| e.state == EpclState::Approved) {
        return vec![Verdict::Pass];
    }
    vec![subject.finding(Told {
        place: subject.at_common("CHF/DeviceModel"),
        message: format!("CHF {} matches no approved EPCL entry", subject.chf()),
        found: format!("{combination}: {}", latest.map_or("on no entry".to_owned(), state)),
        expected: format!("an entry approved by {}", subject.day()),
        suggestion:
            "upgrade the devices to a combination on the EPCL, or plan again when the entry is approved".to_owned(),
    })]
}

fn state(entry: &EpclEntry) -> String {
    let word = match entry.state {
        EpclState::Planned => "planned",
        EpclState::Paused => "paused",
        EpclState::Approved => "approved",
        EpclState::NotApproved => "not approved",
    };
    format!("{word} from {} (epcl.csv row {})", entry.from, entry.row.0)
}
