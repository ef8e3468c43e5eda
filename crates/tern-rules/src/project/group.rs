//! P-group: a clause of this rulebook binds the group.

use tern_model::{Grade, GroupId, Verdict};

use crate::context::{Context, Told, finding};
use crate::groups::{self, Standing};
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
    texts: &[Text::always("The clause that binds the set's GroupID is in force, and this rulebook holds it.")],
    reading: "Before its clause a group is NOT YET IN FORCE and its sets do not go on. A group whose clause is in \
              force and not held here is refused. An unknown GroupID is refused by P-schema.",
    file: file!(),
    check: Check::Set(check),
};

fn check(set: &Context<'_>) -> Vec<Verdict> {
    let Some(header) = set.header else { return vec![Verdict::NotApplicable] };
    match groups::standing(header.group_id, set.books_on) {
        Standing::InForce => vec![Verdict::Pass],
        Standing::NotYetInForce => vec![Verdict::NotYetInForce],
        Standing::NotHeld => vec![not_held(set, header.group_id)],
    }
}

fn not_held(set: &Context<'_>, group: GroupId) -> Verdict {
    let clause = groups::row_of(group).clause.map_or("no clause that is known".to_owned(), |c| format!("clause {c}"));
    finding(
        &RULE,
        Told {
            place: set.header_place("GroupID"),
            message: format!("{clause} binds GroupID {group}, and this rulebook does not hold it"),
            found: group.to_string(),
            expected: "EA, EB or EC".to_owned(),
            suggestion: "send sets of EA, EB or EC; `tern rules` lists what is held".to_owned(),
        },
    )
}
