//! TMAD 4.33: upgrade paths, and the versions between.

use tern_model::Grade;

use crate::documents::{TMAD_EARLY_FIRMWARE, TMAD_IOC};
use crate::rule::{Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "4.33",
    book: Book::Tmad,
    title: "Upgrade paths of the Installing Suppliers",
    grade: Grade::Reading,
    source: "S003 section 2",
    roles: &[],
    stage: Stage::Planning,
    groups: Groups::All,
    texts: &[
        Text::since(
            &TMAD_IOC,
            "The DCC engages with the Installing Suppliers on the upgrades of the Devices that they had installed: \
             the paths along which firmware is upgraded are theirs.",
        ),
        Text::since(
            &TMAD_EARLY_FIRMWARE,
            "The DCC engages with the Installing Suppliers on the upgrades of the Devices that they had installed: \
             the paths along which firmware is upgraded are theirs. Before early upgrades begin they confirm of \
             every interim version that it can be operated on the SMSO.",
        ),
    ],
    reading: "The clause itself is not printed; this is what its source says of the process (R). A confirmation \
              has supplier, SMSO, version and day, and counts from that day on. An interim version is one that a \
              Device has between two of its own hops; where one lacks its confirmation no upgrade starts, also of \
              an approved entry (P). That the target takes an over-the-air upgrade is proven by SIT, and for an \
              entry of the DMCT process by its report (P).",
    file: file!(),
    check: Check::Explained("no set is judged by it: upgrades come before migration, and none starts without it."),
};
