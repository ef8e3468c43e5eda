//! Defects of sets that come after others: what was used before comes again.
//!
//! What must have come before is for whoever plants them: this very set; and for [`Defect::BlobsUsedAgain`] its installations
//! were rolled back since.

use super::draft::{Draft, content, lacks, part, parts};
use super::{Struck, THREE, elsewhere};
use crate::WorldError;
use crate::corpus::Defect;

pub(super) fn plant(defect: Defect, nth: usize, draft: &mut Draft<'_>) -> Result<Struck, WorldError> {
    let common = draft.text("MCF")?;
    match defect {
        Defect::CounterReused => {
            // The same content under a new signature is other bytes.
            draft.signed(THREE[nth % THREE.len()], |text| Ok(text.to_owned()))?;
            Ok(Struck::Set)
        }
        Defect::SentTwice | Defect::BlobsUsedAgain => {
            let own: u64 = content(part(&common, "FileCounter")?)?.parse().map_err(|_| lacks("counter"))?;
            draft.renumber(own + 1)?;
            Ok(Struck::Entries((0..parts(&common, "Installation").len()).collect()))
        }
        _ => Err(elsewhere(defect)),
    }
}
