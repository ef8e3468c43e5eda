//! Defects of a set as the DSP hands it on: files that are not there, and a Common Validation File that is of others.

use super::draft::{Draft, content, lacks, part, parts, swap};
use super::{Struck, VALIDATION, elsewhere};
use crate::WorldError;
use crate::corpus::Defect;

pub(super) fn plant(defect: Defect, nth: usize, draft: &mut Draft<'_>) -> Result<Struck, WorldError> {
    let dsp = draft.hands.dsp;
    match defect {
        Defect::ValidationMissing => remove(draft, VALIDATION),
        Defect::GroupFileMissing => remove(draft, "MGF"),
        Defect::ValidationOfOthers => draft.signed_by(dsp, VALIDATION, |text| {
            if nth.is_multiple_of(2) {
                let own = content(part(text, "MigrationCommonFileDigest")?)?;
                swap(text, own, content(part(text, "MigrationGroupEncryptedFileDigest")?)?)
            } else {
                swap(text, parts(text, "Installation").pop().ok_or_else(|| lacks("entries"))?, "")
            }
        })?,
        Defect::FoundInvalid => {
            let mut entry = 0;
            draft.signed_by(dsp, VALIDATION, |text| {
                let entries = parts(text, "Installation");
                entry = nth % entries.len().max(1);
                let own = entries.get(entry).ok_or_else(|| lacks("entries"))?;
                swap(text, own, &swap(own, "<Outcome>Valid<", "<Outcome>Invalid<")?)
            })?;
            return Ok(Struck::Entries(vec![entry]));
        }
        _ => return Err(elsewhere(defect)),
    }
    Ok(Struck::Set)
}

fn remove(draft: &mut Draft<'_>, prefix: &str) {
    let unwanted = format!("{prefix}_");
    draft.files.retain(|file| !file.name.starts_with(&unwanted));
}
