//! Which clause binds which GroupID, and since when (CH6): one table, a grade per row.
//!
//! The cohort of each group stands in `tern_model::GroupId::cohort`, and the folder of its steps goes by that. This module must never name a rule.

use tern_model::{Grade, GroupId};

use crate::documents::{DocumentVersion, TMAD_AL_5, TMAD_AL_7, TMAD_FOC, TMAD_IOC};
use crate::rule::Groups;

/// Clause 12's.
pub(crate) const AA: Groups = Groups::Only(&[GroupId::AA]);
/// Clause 13's.
pub(crate) const BA: Groups = Groups::Only(&[GroupId::BA]);
/// Elster gas meters' (3.25).
pub(crate) const CA: Groups = Groups::Only(&[GroupId::CA]);
/// Clause 14's.
pub(crate) const CA_CB: Groups = Groups::Only(&[GroupId::CA, GroupId::CB]);
/// IOC's.
pub(crate) const IOC: Groups = Groups::Only(&[GroupId::AA, GroupId::BA, GroupId::CA]);
/// MOC (Secure)'s.
pub(crate) const DA: Groups = Groups::Only(&[GroupId::DA]);
/// Everyone's before FOC: what they have alike, and FOC has otherwise.
pub(crate) const EARLIER: Groups = Groups::Only(&[GroupId::AA, GroupId::BA, GroupId::CA, GroupId::CB, GroupId::DA]);

/// One row of the table.
#[derive(Debug)]
pub struct GroupRow {
    /// The group.
    pub group: GroupId,
    /// The TMAD clause of its own requirements; none where no source names one.
    pub clause: Option<&'static str>,
    /// How firmly the clause is known.
    pub grade: Grade,
    /// The TMAD version that brought the group in.
    pub since: &'static DocumentVersion,
    /// Where the row comes from.
    pub source: &'static str,
}

/// How a group stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Its clause is in force.
    InForce,
    /// Its clause binds from a later day.
    NotYetInForce,
}

/// The table.
pub static GROUPS: [GroupRow; 8] = [
    row(GroupId::AA, Some("12"), Grade::Stated, &TMAD_IOC, "S002 item 16"),
    row(GroupId::BA, Some("13"), Grade::Reading, &TMAD_IOC, "S002 items 22, 23"),
    row(GroupId::CA, Some("14"), Grade::Stated, &TMAD_IOC, "S002 item 17"),
    row(GroupId::CB, Some("14"), Grade::Stated, &TMAD_AL_5, "S002 item 17"),
    row(GroupId::DA, None, Grade::Project, &TMAD_AL_7, "no source"),
    row(GroupId::EA, Some("15"), Grade::Stated, &TMAD_FOC, "S002 item 19"),
    row(GroupId::EB, Some("15"), Grade::Stated, &TMAD_FOC, "S002 item 19"),
    row(GroupId::EC, Some("15"), Grade::Stated, &TMAD_FOC, "S002 item 19"),
];

const fn row(
    group: GroupId,
    clause: Option<&'static str>,
    grade: Grade,
    since: &'static DocumentVersion,
    source: &'static str,
) -> GroupRow {
    GroupRow { group, clause, grade, since, source }
}

/// The row of a group.
#[must_use]
pub fn row_of(group: GroupId) -> &'static GroupRow {
    let at = GroupId::ALL.iter().position(|g| *g == group).unwrap_or_default();
    &GROUPS[at]
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Date, date};

    use super::*;
    use crate::Rulebook;

    #[track_caller]
    fn check(group: GroupId, on: Date, expect: Standing) {
        assert_eq!(Rulebook::published().on(on).standing(group), expect, "{group} on {on}");
    }

    #[test]
    fn every_group_has_its_own_row() {
        for group in GroupId::ALL {
            assert_eq!(row_of(group).group, group);
        }
    }

    #[test]
    fn a_group_comes_in_with_its_document() {
        check(GroupId::EA, date(2020, 11, 28), Standing::NotYetInForce);
        check(GroupId::EA, date(2020, 11, 29), Standing::InForce);
        check(GroupId::EC, date(2020, 11, 29), Standing::InForce);
        check(GroupId::CB, date(2020, 6, 14), Standing::NotYetInForce);
        check(GroupId::CB, date(2020, 6, 15), Standing::InForce);
        check(GroupId::AA, date(2019, 7, 27), Standing::NotYetInForce);
        check(GroupId::AA, date(2019, 7, 28), Standing::InForce);
        check(GroupId::DA, date(2020, 9, 17), Standing::NotYetInForce);
        check(GroupId::DA, date(2020, 9, 18), Standing::InForce);
    }
}
