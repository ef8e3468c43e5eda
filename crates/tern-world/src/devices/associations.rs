//! The tables of device models' associations, as a file of this world has them: the same text as in `tern.toml`.

use std::io::ErrorKind;
use std::path::Path;

use serde::Deserialize;
use tern_model::ConfiguredAssociations;

use crate::WorldError;

/// The whole file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AssociationsFile {
    associations: ConfiguredAssociations,
}

/// Reads `[[associations.models]]`; none where there is no such file.
///
/// # Errors
/// The file cannot be read, is not TOML of this shape, or a table in it cannot be one.
pub fn read_associations(path: &Path) -> Result<Option<ConfiguredAssociations>, WorldError> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(WorldError::io(path)(error)),
    };
    let malformed = |line, what| WorldError::malformed(path, line, what);
    let read: AssociationsFile = toml::from_str(&text).map_err(|error| {
        let line = error.span().map_or(1, |span| text[..span.start].lines().count().max(1));
        malformed(line, error.message().to_owned())
    })?;
    read.associations.check().map_err(|what| malformed(1, what))?;
    Ok(Some(read.associations))
}
