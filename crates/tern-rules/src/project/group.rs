//! P-group: a clause binds the group, and this release serves it.

use tern_model::{Grade, GroupId, Verdict};

use crate::context::{Context, Told, finding};
use crate::groups::Standing;
use crate::rule::{ALL_JUDGES, Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "P-group",
    book: Book::Project,
    title: "A clause binds the group",
    grade: Grade::Project,
    source: "CH6, AC7",
    roles: ALL_JUDGES,
    stage: Stage::Set,
    groups: Groups::All,
    texts: &[Text::always(
        "The clause that binds the set's GroupID is in force, and this release can commission the group's cohort.",
    )],
    reading: "Before its clause a group is NOT YET IN FORCE and its sets do not go on. A group whose devices cannot \
              be commissioned here is refused before anything is kept of its set. An unknown GroupID is refused by \
              P-schema.",
    file: file!(),
    check: Check::Set(check),
};

fn check(set: &Context<'_>) -> Vec<Verdict> {
    let Some(header) = set.header else { return vec![Verdict::NotApplicable] };
    match set.books.standing(header.group_id) {
        Standing::InForce if set.view.settings.served.contains(&header.group_id) => vec![Verdict::Pass],
        Standing::InForce => vec![not_served(set, header.group_id)],
        Standing::NotYetInForce => vec![Verdict::NotYetInForce],
    }
}

fn not_served(set: &Context<'_>, group: GroupId) -> Verdict {
    let served: Vec<&str> = set.view.settings.served.iter().map(|g| g.as_str()).collect();
    finding(
        &RULE,
        Told {
            place: set.header_place("GroupID"),
            message: format!("GroupID {group} is not yet served: its devices cannot be commissioned here"),
            found: group.to_string(),
            expected: format!("a group that is served: {}", served.join(", ")),
            suggestion: "send sets of the groups that are served; `tern rules` lists what the rulebook holds"
                .to_owned(),
        },
    )
}
