//! The files under the pen: found by the beginnings of their names, changed as text, signed again.

use tern_wire::dsig;
use tern_wire::smki::Signer;

use super::{BuiltFile, Hands, THREE};
use crate::WorldError;

/// A set that is being changed.
pub(super) struct Draft<'a> {
    pub(super) files: &'a mut Vec<BuiltFile>,
    pub(super) hands: Hands<'a>,
}

impl Draft<'_> {
    /// The file whose name begins so.
    pub(super) fn file(&mut self, prefix: &str) -> Result<&mut BuiltFile, WorldError> {
        let wanted = format!("{prefix}_");
        self.files.iter_mut().find(|file| file.name.starts_with(&wanted)).ok_or_else(|| lacks(prefix))
    }

    /// Its text.
    pub(super) fn text(&mut self, prefix: &str) -> Result<String, WorldError> {
        String::from_utf8(self.file(prefix)?.bytes.clone()).map_err(|_| lacks("UTF-8"))
    }

    /// Changes a file as it is; its signature stays.
    pub(super) fn raw(
        &mut self,
        prefix: &str,
        change: impl FnOnce(&str) -> Result<String, WorldError>,
    ) -> Result<(), WorldError> {
        let changed = change(&self.text(prefix)?)?;
        self.file(prefix)?.bytes = changed.into_bytes();
        Ok(())
    }

    /// Changes a file and has the Requesting Party sign it again.
    pub(super) fn signed(
        &mut self,
        prefix: &str,
        change: impl FnOnce(&str) -> Result<String, WorldError>,
    ) -> Result<(), WorldError> {
        let signer = self.hands.requesting_party;
        self.signed_by(signer, prefix, change)
    }

    /// The same, by somebody else.
    pub(super) fn signed_by(
        &mut self,
        signer: &Signer,
        prefix: &str,
        change: impl FnOnce(&str) -> Result<String, WorldError>,
    ) -> Result<(), WorldError> {
        let text = self.text(prefix)?;
        let unsigned = swap(&text, part(&text, "ds:Signature")?, "")?;
        let document = change(&unsigned)?;
        let signed = dsig::sign(&document, signer)
            .map_err(|fault| WorldError::Tampering { reason: format!("{prefix} is not signed: {fault}") })?;
        self.file(prefix)?.bytes = signed.into_bytes();
        Ok(())
    }

    /// Another FileCounter in headers and names.
    pub(super) fn renumber(&mut self, counter: u64) -> Result<(), WorldError> {
        for prefix in THREE {
            self.signed(prefix, |text| {
                swap(text, part(text, "FileCounter")?, &format!("<FileCounter>{counter}</FileCounter>"))
            })?;
        }
        for file in self.files.iter_mut() {
            let (stem, _) = file.name.rsplit_once('_').ok_or_else(|| lacks("a name with a counter"))?;
            file.name = format!("{stem}_{counter}.xml");
        }
        Ok(())
    }
}

/// The text with its first `find` replaced; it must be there.
pub(super) fn swap(text: &str, find: &str, replacement: &str) -> Result<String, WorldError> {
    if text.contains(find) { Ok(text.replacen(find, replacement, 1)) } else { Err(lacks(find)) }
}

/// The first element of that name, tags and all. No element of a migration file holds one of its own name.
pub(super) fn part<'t>(text: &'t str, name: &str) -> Result<&'t str, WorldError> {
    parts(text, name).into_iter().next().ok_or_else(|| lacks(name))
}

/// Every element of that name.
pub(super) fn parts<'t>(text: &'t str, name: &str) -> Vec<&'t str> {
    let (open, end) = (format!("<{name}"), format!("</{name}>"));
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find(&open).map(|offset| at + offset) {
        at = start + open.len();
        if !text[at..].starts_with(['>', ' ']) {
            continue;
        }
        let Some(close) = text[at..].find(&end) else { break };
        at += close + end.len();
        found.push(&text[start..at]);
    }
    found
}

/// What stands between an element's tags.
pub(super) fn content(element: &str) -> Result<&str, WorldError> {
    let start = element.find('>').map(|at| at + 1);
    let end = element.rfind("</");
    start.zip(end).and_then(|(start, end)| element.get(start..end)).ok_or_else(|| lacks("content"))
}

pub(super) fn lacks(what: &str) -> WorldError {
    let start: String = what.chars().take(60).collect();
    WorldError::Tampering { reason: format!("the set has no {start}") }
}
