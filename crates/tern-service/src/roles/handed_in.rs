//! Files of sets that were handed in one by one, until each set is judged.
//!
//! Whoever hands sets in has few of them under way: where one party begins more, the one that it touched last long ago goes.
//! None may reach what another party handed in.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use tern_model::PartyId;

use crate::fault::ServiceFault;
use crate::set_files::SetFolder;

/// Sets of one party that are handed in and not yet judged.
const SETS_MAX: usize = 4;
/// Files of a set; more than any has, so that what is too much is still judged and told.
const FILES_MAX: usize = 16;

/// What one party handed in.
pub(super) struct HandedIn<'a> {
    incoming: &'a Path,
    /// How the names of its folders begin.
    prefix: String,
}

/// What became of a file.
pub(super) enum Laid {
    /// It lies beside the others of its set.
    Beside,
    /// The set has too many.
    TooMany,
}

/// The files of a set, which go with this value.
pub(super) struct Judged {
    pub(super) set: SetFolder,
}

impl Drop for Judged {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.set.dir);
    }
}

impl HandedIn<'_> {
    /// By this party.
    pub(super) fn of(incoming: &Path, party: PartyId) -> HandedIn<'_> {
        HandedIn { incoming, prefix: format!("set-{party}-") }
    }

    /// Lays a file beside the others of its set.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub(super) fn lay(&self, id: &str, name: &str, came: &Path) -> Result<Laid, ServiceFault> {
        let folder = self.folder(id);
        let fault = |error| ServiceFault::file("keep a file in", &folder, &error);
        if !folder.exists() {
            self.make_room().map_err(fault)?;
            fs::create_dir(&folder).map_err(fault)?;
        }
        if fs::read_dir(&folder).map_err(fault)?.count() >= FILES_MAX {
            return Ok(Laid::TooMany);
        }
        fs::rename(came, folder.join(name)).map_err(fault)?;
        Ok(Laid::Beside)
    }

    /// Takes a set out, to be judged; none where nothing lies under this number.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub(super) fn take(&self, id: &str) -> Result<Option<Judged>, ServiceFault> {
        let dir = self.folder(id);
        let entries = match fs::read_dir(&dir) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            entries => entries.map_err(|error| ServiceFault::file("read", &dir, &error))?,
        };
        let mut names: Vec<_> = entries.flatten().map(|one| one.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        Ok(Some(Judged { set: SetFolder { dir, names } }))
    }

    /// Removes what was touched last long ago, so that one more set is not too many.
    fn make_room(&self) -> io::Result<()> {
        let mut folders = Vec::new();
        for entry in fs::read_dir(self.incoming)?.flatten() {
            if entry.file_name().to_string_lossy().starts_with(&self.prefix) {
                folders.push((entry.metadata()?.modified()?, entry.path()));
            }
        }
        folders.sort();
        let too_many = (folders.len() + 1).saturating_sub(SETS_MAX);
        folders.iter().take(too_many).try_for_each(|(_, path)| fs::remove_dir_all(path))
    }

    fn folder(&self, id: &str) -> PathBuf {
        self.incoming.join(format!("{}{id}", self.prefix))
    }
}

#[cfg(test)]
mod tests {
    use tern_model::Eui64;

    use super::*;

    fn party(number: u64) -> PartyId {
        PartyId(Eui64(number))
    }

    fn lay(incoming: &Path, by: u64, id: &str, name: &str) -> Laid {
        let came = incoming.join("came");
        fs::write(&came, name).expect("a file");
        HandedIn::of(incoming, party(by)).lay(id, name, &came).expect("is laid")
    }

    fn names(incoming: &Path, by: u64, id: &str) -> Option<Vec<String>> {
        HandedIn::of(incoming, party(by)).take(id).expect("reads").map(|judged| judged.set.names.clone())
    }

    #[test]
    fn whatever_one_party_begins_it_has_few_sets_under_way_and_anothers_are_untouched() {
        let folder = tempfile::tempdir().expect("a folder");
        let incoming = folder.path();
        lay(incoming, 1, "of-another", "MCF.xml");
        for at in 0..100 {
            lay(incoming, 2, &format!("{at}"), "MCF.xml");
        }
        assert!(fs::read_dir(incoming).expect("reads").count() <= 1 + SETS_MAX);
        assert_eq!(names(incoming, 2, "of-another"), None);
        assert_eq!(names(incoming, 1, "of-another"), Some(vec!["MCF.xml".to_owned()]));
        assert_eq!(names(incoming, 1, "of-another"), None, "what was judged is gone");
    }

    #[test]
    fn a_set_is_whole_in_the_order_of_its_names_and_has_so_many_files_at_most() {
        let folder = tempfile::tempdir().expect("a folder");
        let incoming = folder.path();
        for at in (0..FILES_MAX).rev() {
            assert!(matches!(lay(incoming, 2, "1", &format!("{at:02}")), Laid::Beside));
        }
        assert!(matches!(lay(incoming, 2, "1", "more"), Laid::TooMany));
        assert_eq!(names(incoming, 2, "1"), Some((0..FILES_MAX).map(|at| format!("{at:02}")).collect()));
    }
}
