//! The register of document versions (AC7), as data: which text was in force on which day, and how firmly that is known.
//!
//! Rules name the versions of this register and no dates of their own, so that a date is mended in one place.
//! This module must never decide anything about an installation.

use jiff::civil::{Date, date};

/// A regulated document, or a child document of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Document {
    /// SMETS1 Transition and Migration Approach Document, SEC Appendix AL.
    Tmad,
    /// SMETS1 Migration Schema (TMAD clause 10.1).
    MigrationSchema,
    /// Migration Error Handling and Retry Strategy, a child document of the TMAD.
    Mehrs,
    /// DCC User Interface Specification, SEC Appendix AD.
    Duis,
    /// Service Request Processing Document, SEC Appendix AB.
    Srpd,
    /// SMETS1 Supporting Requirements, SEC Appendix AM.
    S1sr,
}

impl Document {
    /// The abbreviation by which the sources call it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Document::Tmad => "TMAD",
            Document::MigrationSchema => "SMETS1 Migration Schema",
            Document::Mehrs => "MEHRS",
            Document::Duis => "DUIS",
            Document::Srpd => "SRPD",
            Document::S1sr => "S1SR",
        }
    }
}

/// How far a version had come when its source spoke of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// Put out for consultation.
    Proposed,
    /// Concluded by the DCC after consultation.
    Concluded,
    /// Sent to the Secretary of State for re-designation.
    Submitted,
    /// Designated: in the Smart Energy Code.
    Designated,
}

impl Status {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Proposed => "proposed",
            Status::Concluded => "concluded",
            Status::Submitted => "submitted",
            Status::Designated => "designated",
        }
    }
}

/// Since when a version is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Force {
    /// A source gives the day.
    Since(Date),
    /// We assume the day (P), because no source gives it.
    AssumedSince(Date),
    /// An overlay gives the day.
    Overlaid(Date),
    /// An event gives the day on which it was designated to be in force.
    Designated(Date),
    /// It was a draft on the way to a later version and was never in force itself; or an overlay takes it away.
    Never,
}

impl Force {
    /// The first day in force; none for a draft that never was.
    #[must_use]
    pub fn first_day(self) -> Option<Date> {
        match self {
            Force::Since(day) | Force::AssumedSince(day) | Force::Overlaid(day) | Force::Designated(day) => Some(day),
            Force::Never => None,
        }
    }

    /// For example `in force since 2020-11-29, assumed`.
    #[must_use]
    pub fn describe(self) -> String {
        match self {
            Force::Since(day) => format!("in force since {day}"),
            Force::AssumedSince(day) => format!("in force since {day}, assumed"),
            Force::Overlaid(day) => format!("in force since {day}, by the overlay"),
            Force::Designated(day) => format!("in force since {day}, by its designation"),
            Force::Never => "never in force".to_owned(),
        }
    }
}

/// One version of one document.
#[derive(Debug, PartialEq, Eq)]
pub struct DocumentVersion {
    /// The document.
    pub document: Document,
    /// Its version, as the source writes it; our own words where the source gives no number.
    pub version: &'static str,
    /// How far it had come.
    pub status: Status,
    /// The day of that status.
    pub dated: Date,
    /// Since when it is in force, as published; a [`crate::Rulebook`] says since when it binds.
    pub force: Force,
    /// What it brought, and whatever else is to be known of its dates.
    pub note: &'static str,
    /// Where this row comes from.
    pub source: &'static str,
}

impl DocumentVersion {
    /// For example `TMAD FOC text`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.document.as_str(), self.version)
    }

    /// For example `TMAD FOC text (in force since 2020-11-29, assumed)`.
    #[must_use]
    pub fn describe(&self) -> String {
        format!("{} ({})", self.name(), self.force.describe())
    }
}

/// The version of a name, for example `TMAD FOC text`.
#[must_use]
pub fn find(name: &str) -> Option<&'static DocumentVersion> {
    REGISTER.iter().copied().find(|version| version.name() == name)
}

/// Versions that come into force on one day: a schema with the text that it is for.
pub(crate) const TOGETHER: [(&DocumentVersion, &DocumentVersion); 1] = [(&TMAD_FOC, &SCHEMA_1_2)];

/// The first and the last day on which the Uplift 1.2 documents may be re-designated without another consultation (S000 8).
pub const UPLIFT_1_2_WINDOW: (Date, Date) = (date(2020, 9, 29), date(2020, 10, 29));

/// Every version, per document in order of date.
pub static REGISTER: &[&DocumentVersion] = &[
    &TMAD_IOC,
    &TMAD_MDS_CONCLUDED,
    &TMAD_FOC_PROPOSED,
    &TMAD_AL_5,
    &TMAD_SECURE_CONCLUDED,
    &TMAD_EARLY_FIRMWARE,
    &TMAD_AL_7,
    &TMAD_AL_8,
    &TMAD_FOC,
    &SCHEMA_BEFORE_1_2,
    &SCHEMA_1_2,
    &MEHRS_FIRST,
    &MEHRS_2021,
    &DUIS_3_1,
    &DUIS_3_1_REISSUED,
    &SRPD_3_0,
    &SRPD_4_0,
    &S1SR_4_0,
    &S1SR_5_0,
];

/// The TMAD as first designated.
pub static TMAD_IOC: DocumentVersion = DocumentVersion {
    document: Document::Tmad,
    version: "as first designated",
    status: Status::Designated,
    dated: date(2019, 7, 28),
    force: Force::Since(date(2019, 7, 28)),
    note: "IOC alone. In the SEC from version 6.14 on.",
    source: "S002 section 1",
};

static TMAD_MDS_CONCLUDED: DocumentVersion = DocumentVersion {
    document: Document::Tmad,
    version: "V1.4",
    status: Status::Concluded,
    dated: date(2019, 11, 22),
    force: Force::Never,
    note: "MOC (MDS), in force with AL 5.0.",
    source: "S002 sections 1 and 5",
};

static TMAD_FOC_PROPOSED: DocumentVersion = DocumentVersion {
    document: Document::Tmad,
    version: "V1.5",
    status: Status::Proposed,
    dated: date(2019, 12, 18),
    force: Force::Never,
    note: "The FOC changes as consulted on; in force with the FOC text.",
    source: "S002 sections 1 and 5",
};

/// IOC and MOC (MDS).
pub static TMAD_AL_5: DocumentVersion = DocumentVersion {
    document: Document::Tmad,
    version: "AL 5.0",
    status: Status::Designated,
    dated: date(2020, 6, 15),
    force: Force::Since(date(2020, 6, 15)),
    note: "IOC and MOC (MDS).",
    source: "S003 section 1",
};

static TMAD_SECURE_CONCLUDED: DocumentVersion = DocumentVersion {
    document: Document::Tmad,
    version: "V5.1",
    status: Status::Concluded,
    dated: date(2020, 6, 30),
    force: Force::Never,
    note: "MOC (Secure), in force with AL 7.0.",
    source: "S003 sections 1 and 5",
};

/// Early firmware: the wider consent of 4.26.
pub static TMAD_EARLY_FIRMWARE: DocumentVersion = DocumentVersion {
    document: Document::Tmad,
    version: "V5.2",
    status: Status::Proposed,
    dated: date(2020, 7, 24),
    force: Force::AssumedSince(date(2020, 9, 4)),
    note: "Early firmware (4.26). Foreseen for 2020-09-04 or within a month after it; the first day is assumed.",
    source: "S003 section 3",
};

/// IOC, MOC (MDS) and MOC (Secure).
pub static TMAD_AL_7: DocumentVersion = DocumentVersion {
    document: Document::Tmad,
    version: "AL 7.0",
    status: Status::Designated,
    dated: date(2020, 9, 18),
    force: Force::Since(date(2020, 9, 18)),
    note: "IOC, MOC (MDS) and MOC (Secure).",
    source: "S000 section 1",
};

/// Uplift 1.2.
pub static TMAD_AL_8: DocumentVersion = DocumentVersion {
    document: Document::Tmad,
    version: "AL 8.0",
    status: Status::Submitted,
    dated: date(2020, 9, 25),
    force: Force::AssumedSince(date(2020, 10, 29)),
    note: "Uplift 1.2: 3.25, leading zeros of MPRNs. Window 2020-09-29 to 2020-10-29; the last day is assumed.",
    source: "S000 sections 8 and 9",
};

/// All changes of S002 together: clause 15, Appendix B, 4.49, and for all groups Recently Dormant, 4.29, 4.30, 5.10.10, 5.10.15.
pub static TMAD_FOC: DocumentVersion = DocumentVersion {
    document: Document::Tmad,
    version: "FOC text",
    status: Status::Proposed,
    dated: date(2019, 12, 18),
    force: Force::AssumedSince(date(2020, 11, 29)),
    note: "Clause 15, Appendix B and 4.49 for EA, EB and EC; Recently Dormant, 4.29, 4.30, 5.10.10 and 5.10.15 for \
           all groups. Assumed to follow the Uplift 1.2 window. \
           The TMAD's expiry, foreseen for the end of 2022 and then of 2024, is recorded here and not applied.",
    source: "S002 Figure 1",
};

/// The Migration Schema before DecryptedS1SPDPGroupInformation and DeviceCertificate.
pub static SCHEMA_BEFORE_1_2: DocumentVersion = DocumentVersion {
    document: Document::MigrationSchema,
    version: "before v1.2",
    status: Status::Designated,
    dated: date(2019, 7, 28),
    force: Force::Since(date(2019, 7, 28)),
    note: "Has neither DecryptedS1SPDPGroupInformation nor DeviceCertificate.",
    source: "S002 items 11 to 13",
};

/// The Migration Schema of the FOC text.
pub static SCHEMA_1_2: DocumentVersion = DocumentVersion {
    document: Document::MigrationSchema,
    version: "v1.2",
    status: Status::Proposed,
    dated: date(2019, 12, 18),
    force: Force::AssumedSince(date(2020, 11, 29)),
    note: "Adds DecryptedS1SPDPGroupInformation and DeviceCertificate. In force with the FOC text.",
    source: "S002 items 11 to 13",
};

/// The MEHRS as a child of the TMAD as first designated.
pub static MEHRS_FIRST: DocumentVersion = DocumentVersion {
    document: Document::Mehrs,
    version: "first",
    status: Status::Concluded,
    dated: date(2019, 7, 28),
    force: Force::AssumedSince(date(2019, 7, 28)),
    note: "No source dates the first one; assumed to begin with the TMAD that provides for it.",
    source: "migration-facts 1",
};

static MEHRS_2021: DocumentVersion = DocumentVersion {
    document: Document::Mehrs,
    version: "as revised in 2021",
    status: Status::Concluded,
    dated: date(2021, 8, 26),
    force: Force::Since(date(2021, 10, 12)),
    note: "Removed a couple of checks that are not known.",
    source: "migration-facts 1",
};

static DUIS_3_1: DocumentVersion = DocumentVersion {
    document: Document::Duis,
    version: "3.1",
    status: Status::Designated,
    dated: date(2019, 11, 29),
    force: Force::Since(date(2019, 11, 29)),
    note: "",
    source: "S000 section 1",
};

/// Uplift 1.2: firmware of PPMIDs.
pub static DUIS_3_1_REISSUED: DocumentVersion = DocumentVersion {
    document: Document::Duis,
    version: "3.1 re-issued",
    status: Status::Submitted,
    dated: date(2020, 9, 25),
    force: Force::AssumedSince(date(2020, 10, 29)),
    note: "Uplift 1.2: firmware of PPMIDs. The schema is unchanged.",
    source: "S000 sections 4.3.1 and 9",
};

static SRPD_3_0: DocumentVersion = DocumentVersion {
    document: Document::Srpd,
    version: "3.0",
    status: Status::Designated,
    dated: date(2020, 5, 6),
    force: Force::Since(date(2020, 5, 6)),
    note: "",
    source: "S000 section 1",
};

static SRPD_4_0: DocumentVersion = DocumentVersion {
    document: Document::Srpd,
    version: "4.0",
    status: Status::Submitted,
    dated: date(2020, 9, 25),
    force: Force::AssumedSince(date(2020, 10, 29)),
    note: "Uplift 1.2.",
    source: "S000 section 9",
};

static S1SR_4_0: DocumentVersion = DocumentVersion {
    document: Document::S1sr,
    version: "4.0",
    status: Status::Designated,
    dated: date(2020, 7, 24),
    force: Force::Since(date(2020, 7, 24)),
    note: "",
    source: "S000 section 1",
};

/// Uplift 1.2.
pub static S1SR_5_0: DocumentVersion = DocumentVersion {
    document: Document::S1sr,
    version: "5.0",
    status: Status::Submitted,
    dated: date(2020, 9, 25),
    force: Force::AssumedSince(date(2020, 10, 29)),
    note: "Uplift 1.2.",
    source: "S000 section 9",
};
