//! Kinds of defect, as they are asked for and listed. What each is, `tern_world`'s catalogue says.

use serde::Serialize;
use tern_model::{GroupId, OutcomeKind};
use tern_world::corpus::Defect;

use crate::look::{Look, cell, counted};
use crate::output::Report;

/// One word of `--kinds`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// Every kind that a corpus of the groups can hold.
    All,
    /// One of them.
    One(Defect),
}

/// Reads one word of `--kinds`.
pub fn choice(text: &str) -> Result<Choice, String> {
    if text == "all" {
        return Ok(Choice::All);
    }
    let known = Defect::ALL.iter().copied().find(|defect| defect.as_str() == text);
    match known {
        Some(defect) if defect.planted_at().is_corpus() => Ok(Choice::One(defect)),
        Some(defect) => Err(format!("it is planted in {}, and a corpus has none", defect.planted_at().as_str())),
        None => Err("no such kind; `tern corpus --list-defects` lists them".to_owned()),
    }
}

/// The kinds in the order in which they were asked for; the usual ones where none was.
pub fn chosen(choices: &[Choice], groups: &[GroupId]) -> Vec<Defect> {
    if choices.is_empty() {
        return Defect::USUAL.to_vec();
    }
    let mut kinds = Vec::new();
    for choice in choices {
        match choice {
            Choice::All => kinds.extend(
                Defect::of_installations().filter(|kind| groups.iter().any(|group| kind.codes_in(*group).is_some())),
            ),
            Choice::One(defect) => kinds.push(*defect),
        }
    }
    kinds
}

/// The catalogue.
#[derive(Debug, Serialize)]
pub struct Defects {
    defects: Vec<Line>,
}

#[derive(Debug, Serialize)]
struct Line {
    kind: &'static str,
    what: &'static str,
    planted_in: &'static str,
    /// Whether `--kinds` takes it.
    in_a_corpus: bool,
    outcome: OutcomeKind,
    codes: &'static [&'static str],
}

impl Defects {
    /// Every kind, in the catalogue's order.
    pub fn all() -> Defects {
        let line = |defect: &Defect| Line {
            kind: defect.as_str(),
            what: defect.words(),
            planted_in: defect.planted_at().as_str(),
            in_a_corpus: defect.planted_at().is_corpus(),
            outcome: defect.outcome(),
            codes: defect.codes(),
        };
        Defects { defects: Defect::ALL.iter().map(line).collect() }
    }
}

impl Report for Defects {
    fn text(&self, look: &Look) -> String {
        let rows = self.defects.iter().map(|line| {
            vec![
                cell(line.kind),
                cell(line.what),
                cell(line.outcome),
                cell(line.codes.join(", ")),
                cell(line.planted_in),
            ]
        });
        let table = look.table(&["kind", "what is wrong", "must end", "under", "planted in"], 1, rows);
        let of_corpus = self.defects.iter().filter(|line| line.in_a_corpus).count();
        format!(
            "{table}\n\n  {}; --kinds takes the {of_corpus} of records and devices, the tests plant the others too.",
            counted(self.defects.len(), "kind")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_chosen_by_name() {
        assert_eq!(chosen(&[], &GroupId::ALL), Defect::USUAL);
        let excluded = choice("excluded").expect("a kind");
        assert_eq!(chosen(&[excluded], &GroupId::ALL), [Defect::Excluded]);
        assert_eq!(chosen(&[Choice::All], &GroupId::ALL).len(), Defect::of_installations().count());
        let of = |group| chosen(&[Choice::All], &[group]);
        assert!(
            of(GroupId::CA).contains(&Defect::MprnNotComparable) && !of(GroupId::CA).contains(&Defect::NotConfigured)
        );
        assert!(
            !of(GroupId::EA).contains(&Defect::MprnNotComparable) && of(GroupId::EA).contains(&Defect::NotConfigured)
        );
        assert!(choice("not-the-xml").expect_err("of a set").contains("a built set"));
        assert!(choice("nothing").expect_err("unknown").contains("--list-defects"));
    }
}
