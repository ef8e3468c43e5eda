//! What the groups before FOC have under other numbers than clause 15 and Appendix B, or not at all.

use tern_model::GroupId;

/// Numbers that some groups alone have: IOC's (S000 4.2), and Elster gas meters' (S000 4.1).
const OF_SOME: [(&str, &[GroupId]); 2] =
    [("P-mprn-leading-zeros", &[GroupId::AA, GroupId::BA, GroupId::CA]), ("3.25", &[GroupId::CA])];

/// FOC's number, and that of AA, BA, CA, CB and DA; none where FOC alone has such a thing.
const TWINS: [(&str, Option<&str>); 15] = [
    ("5.1(c)", None),
    ("15.2", None),
    ("15.3", Some("P-encrypted-elements")),
    ("15.6", Some("P-group-file")),
    ("15.7", Some("P-master-key")),
    ("15.8", Some("P-device-keys")),
    ("15.10.3", None),
    ("15.10.4", Some("P-rollback")),
    ("15.11", None),
    ("B1", None),
    ("B2", Some("A2")),
    ("B3", Some("A3")),
    ("B5", Some("A5")),
    ("B6", Some("A6")),
    ("P-device-certificate", None),
];

/// Some groups, and the numbers of their Required File Sets.
type FileSets = (&'static [GroupId], [&'static str; 2]);

/// The S1SP's and the DCO's Required File Set (S002 22, 23).
const FILE_SETS: [FileSets; 4] = [
    (&[GroupId::AA], ["12.4", "12.5"]),
    (&[GroupId::BA], ["13.6", "13.7"]),
    (&[GroupId::CA, GroupId::CB], ["14.5", "14.6"]),
    (&[GroupId::DA], ["P-secure-s1sp-files", "P-secure-dco-files"]),
];

/// The number in a group of what is FOC's under `code`; none where the group has no such thing.
pub(super) fn code_in(group: GroupId, code: &'static str) -> Option<&'static str> {
    let set = ["15.4", "15.5"].iter().position(|of_foc| *of_foc == code);
    let of_some = OF_SOME.iter().find(|(of_some, _)| *of_some == code);
    if let Some((_, groups)) = of_some {
        return groups.contains(&group).then_some(code);
    }
    match set {
        _ if group.is_foc() => Some(code),
        Some(set) => FILE_SETS.iter().find(|(groups, _)| groups.contains(&group)).map(|(_, numbers)| numbers[set]),
        None => TWINS.iter().find(|(of_foc, _)| *of_foc == code).map_or(Some(code), |(_, twin)| *twin),
    }
}
