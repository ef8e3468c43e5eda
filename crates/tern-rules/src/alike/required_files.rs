//! One of each file that a role needs, all with the same MigrationHeader: for every group's Required File Sets and for
//! P-set-complete.

use tern_model::{Place, Verdict};
use tern_wire::migration::{FileKind, FileName, MigrationHeader};

use crate::context::{Context, Told, finding};
use crate::rule::Rule;
use crate::view::{SetView, Slot};

/// What the S1SP Required File Set is made of.
const S1SP: [FileKind; 4] = [
    FileKind::MigrationCommonFile,
    FileKind::MigrationCommonValidationFile,
    FileKind::MigrationGroupFile,
    FileKind::MigrationGroupEncryptedFile,
];

/// What the DCO Required File Set is made of.
const DCO: [FileKind; 3] =
    [FileKind::MigrationCommonFile, FileKind::MigrationCommonValidationFile, FileKind::MigrationGroupEncryptedFile];

/// The text that 15.4 has in common with 12.4, 13.6 and 14.5 (S002 item 22).
pub(crate) const S1SP_WORDS: &str = "\
    The S1SP Required File Set is one Migration Common File, one Migration Common Validation File, one Migration Group \
    File and one Migration Group Encrypted File, all with the same MigrationHeader and so the same GroupID.";

/// The text that 15.5 has in common with 12.5, 13.7 and 14.6 (S002 item 23).
pub(crate) const DCO_WORDS: &str = "\
    The DCO Required File Set is one Migration Common File, one Migration Common Validation File and one Migration \
    Group Encrypted File, all with the same MigrationHeader and so the same GroupID.";

/// How both are read.
pub(crate) const READING: &str = "Incomplete, doubled or mixed sets are refused with the reason (P).";

/// The S1SP's set.
pub(crate) fn check_s1sp(rule: &'static Rule, set: &Context<'_>) -> Vec<Verdict> {
    check(rule, set, &S1SP)
}

/// The DCO's set.
pub(crate) fn check_dco(rule: &'static Rule, set: &Context<'_>) -> Vec<Verdict> {
    check(rule, set, &DCO)
}

/// A verdict for each file that is missing, doubled or of another set.
pub(crate) fn check(rule: &'static Rule, set: &Context<'_>, wanted: &[FileKind]) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for kind in wanted {
        let file = of_kind(set.view, *kind);
        if file.absent {
            verdicts.push(finding(rule, missing(set, *kind)));
        }
        if let Some((place, header)) = file.header {
            verdicts.extend(other_header(set, *kind, place, header).map(|told| finding(rule, told)));
        }
    }
    let doubled = set.view.doubled.iter().filter_map(|name| Some((name, name.parse::<FileName>().ok()?.kind())));
    verdicts.extend(
        doubled.filter(|(_, kind)| wanted.contains(kind)).map(|(name, kind)| finding(rule, doubled_file(name, kind))),
    );
    verdicts
}

struct Seen<'a> {
    absent: bool,
    header: Option<(Place, &'a MigrationHeader)>,
}

fn of_kind<'a>(view: &SetView<'a>, kind: FileKind) -> Seen<'a> {
    match kind {
        FileKind::MigrationCommonFile => seen(&view.common, |f| &f.migration_header),
        FileKind::MigrationGroupFile => seen(&view.group, |f| &f.migration_header),
        FileKind::MigrationGroupEncryptedFile => seen(&view.encrypted, |f| &f.migration_header),
        FileKind::MigrationCommonValidationFile => seen(&view.validation, |f| &f.migration_header),
        FileKind::S1spViabilityReport
        | FileKind::DcoViabilityReport
        | FileKind::CommissioningFile
        | FileKind::SmsoExport
        | FileKind::SmsoPlaintextExport
        | FileKind::FirmwareInstruction
        | FileKind::InstallingSupplierPin => Seen { absent: true, header: None },
    }
}

fn seen<'a, T>(slot: &Slot<'a, T>, header: fn(&T) -> &MigrationHeader) -> Seen<'a> {
    let file = slot.file();
    Seen {
        absent: slot.is_absent(),
        header: file.map(|f| (f.places.place_in_root("MigrationHeader"), header(f.message))),
    }
}

fn missing(set: &Context<'_>, kind: FileKind) -> Told {
    let name = set.set_id().map(|id| FileName::OfSet(kind, id).to_string());
    Told {
        place: Place::document(name.unwrap_or_else(|| format!("{}_….xml", kind.prefix()))),
        message: format!("the set has no {}", kind.title()),
        found: "no such file".to_owned(),
        expected: format!("one {}", kind.title()),
        suggestion: "put the files of one set together, or ask its sender for the missing one".to_owned(),
    }
}

fn other_header(set: &Context<'_>, kind: FileKind, place: Place, header: &MigrationHeader) -> Option<Told> {
    let first = set.header.filter(|first| *first != header)?;
    let words =
        |h: &MigrationHeader| format!("{}, created {}, SMSO {}", h.set_id(), h.creation_date_time, h.smets1_smso);
    Some(Told {
        place,
        message: format!("the {} has another MigrationHeader than the set's first file", kind.title()),
        found: words(header),
        expected: words(first),
        suggestion: "put together the files that were built together".to_owned(),
    })
}

fn doubled_file(name: &str, kind: FileKind) -> Told {
    Told {
        place: Place::document(name),
        message: format!("the set has more than one {}", kind.title()),
        found: name.to_owned(),
        expected: format!("one {}", kind.title()),
        suggestion: "take the file that is not of this set away".to_owned(),
    }
}
