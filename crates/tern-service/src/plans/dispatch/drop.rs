//! Notices as files in a supplier's folder, whole and durable before they count.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::record::{Outcome, Told};
use crate::pki::files::{self, Access};

/// Lays a file down. One that is there with the same bytes is left as it is: an attempt of which nobody saw the end
/// had laid it down.
pub(super) fn lay_down(dir: &Path, name: &str, text: &str) -> Told {
    let path = dir.join(name);
    match fs::read(&path) {
        Ok(there) if there == text.as_bytes() => return Told::new(Outcome::FoundThere, "it was there already"),
        Ok(_) => return Told::new(Outcome::Refused, "a file of that name is there, and says something else"),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Told::new(Outcome::NotReached, error.to_string()),
    }
    let written = made(dir)
        .and_then(|()| files::write(&path, text.as_bytes(), Access::Everybody).map_err(|error| error.to_string()));
    match written {
        Ok(()) => Told::new(Outcome::Delivered, "laid down"),
        Err(why) => Told::new(Outcome::NotReached, why),
    }
}

/// Makes the folder, and its name in the folder above it durable.
fn made(dir: &Path) -> Result<(), String> {
    if dir.is_dir() {
        return Ok(());
    }
    files::make_dir(dir, Access::Everybody).map_err(|error| error.to_string())?;
    for above in dir.ancestors().skip(1).filter(|above| !above.as_os_str().is_empty()) {
        fs::File::open(above).and_then(|above| above.sync_all()).map_err(|error| error.to_string())?;
    }
    Ok(())
}
