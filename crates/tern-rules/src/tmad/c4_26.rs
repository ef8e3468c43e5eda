//! TMAD 4.26: deemed consent to prepare Dormant Meters.

use tern_model::Grade;

use crate::documents::{TMAD_EARLY_FIRMWARE, TMAD_IOC};
use crate::rule::{Book, Check, Groups, Rule, Stage, Text};

pub(crate) static RULE: Rule = Rule {
    clause: "4.26",
    book: Book::Tmad,
    title: "Deemed consent to prepare Dormant Meters",
    grade: Grade::Stated,
    source: "S003 section 2",
    roles: &[],
    stage: Stage::Planning,
    groups: Groups::All,
    texts: &[
        Text::since(
            &TMAD_IOC,
            "The Responsible Supplier is deemed to consent that the DCC has the SMETS1 SMSO upgrade or \
             re-configure Dormant Meters and the Devices with them, so that they meet the S1SR or the installation \
             matches an entry of the EPCL.",
        ),
        Text::since(
            &TMAD_EARLY_FIRMWARE,
            "The Responsible Supplier is deemed to consent that the DCC has the SMETS1 SMSO upgrade or \
             re-configure Dormant Meters and the Devices with them, so that they meet the S1SR or the installation \
             matches an entry of the EPCL; for firmware also an entry planned for all or part Dormant Meters, once \
             (a) the Testing Advisory Group has confirmed that its tests are complete, or (b) the DMCT EPCL Report \
             that proposes it is published.",
        ),
    ],
    reading: "The wider consent binds all cohorts, and is for firmware alone. The notice of 4.29 applies to it too \
              (R). A substantively equivalent entry needs its own DMCT EPCL Report, and names a tested entry that \
              meets a criterion itself and is neither disputed nor halted (R). The consent reaches to Dormant \
              Meters and the Devices with them: beside an Active Meter too, unless a hop is of that meter (R).",
    file: file!(),
    check: Check::Explained("no set is judged by it: it permits what comes before migration."),
};
