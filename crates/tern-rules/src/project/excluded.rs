//! P-excluded: not in an excluded category.

use tern_model::facts::{Exclusion, ExclusionCategory};
use tern_model::{Grade, Verdict};

use crate::context::{Subject, Told, facts_missing};
use crate::rule::{Book, Check, Groups, Rule, SENDER_AND_DSP, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-excluded",
    book: Book::Project,
    title: "Not in an excluded category",
    grade: Grade::Project,
    source: "CH3, PL14",
    roles: SENDER_AND_DSP,
    stage: Stage::Common,
    groups: Groups::All,
    texts: &[Text::always("The installation is in no excluded category on the planned migration day.")],
    reading: "The categories are those of clause 18 as proposed. A gas HAN error (GT01) binds the gas meter and not \
              the installation: electricity may go alone. A plan takes them from its estate's events, and plans an \
              installation anew whose last exclusion has ended.",
    file: file!(),
    check: Check::Installation(check),
};

fn check(subject: &Subject<'_>) -> Vec<Verdict> {
    if !subject.facts().given("exclusions.csv") {
        return vec![facts_missing("exclusions were not given; add facts/exclusions.csv")];
    }
    let binds = |e: &&Exclusion| e.from <= subject.day() && e.category != ExclusionCategory::GasHanError;
    let told = |exclusion: &Exclusion| {
        subject.finding(Told {
            place: subject.at_common("CHFIdentifier"),
            message: format!("CHF {} is excluded: {}", subject.chf(), exclusion.category.words()),
            found: format!(
                "excluded from {}: {} (exclusions.csv row {})",
                exclusion.from, exclusion.evidence, exclusion.row.0
            ),
            expected: "no exclusion".to_owned(),
            suggestion: "leave the installation out, or record the end of its exclusion in facts/exclusions.csv"
                .to_owned(),
        })
    };
    subject.facts().exclusions(subject.chf()).iter().filter(binds).map(told).collect()
}
