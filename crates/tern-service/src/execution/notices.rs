//! The notices of a day: laid down as files, and noted one by one, with the day on which their steps may begin.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tern_model::facts::{NoticeKind, NoticeState};
use tern_model::{ChfIdentifier, PartyId};
use tern_plan::notices::SupplierFile;
use tern_plan::plan::{Line, NoticeOf, What};

use super::Execution;
use super::kept::{Changes, NOTICE};
use crate::fault::ServiceFault;

/// A notice that went out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct NoticeGiven {
    pub(super) chf: ChfIdentifier,
    pub(super) supplier: PartyId,
    pub(super) kind: NoticeKind,
    pub(super) issued: Date,
    pub(super) earliest: Date,
    /// It could not be delivered, which stops nothing (PL3).
    pub(super) undelivered: bool,
}

impl NoticeGiven {
    fn key(&self) -> String {
        let of = if self.kind == NoticeKind::Migration { "migration" } else { "preparation" };
        format!("{}/{}/{of}/{}", self.chf, self.supplier, self.issued)
    }

    /// How far it has come on a day.
    pub(super) fn state(&self, day: Date) -> NoticeState {
        match self.undelivered {
            true => NoticeState::Undelivered,
            false if self.earliest <= day => NoticeState::Completed,
            false => NoticeState::Running,
        }
    }
}

/// The notices that a story has go out on a day.
fn notices_of(chf: ChfIdentifier, lines: &[Line], day: Date) -> impl Iterator<Item = NoticeGiven> {
    lines.iter().filter(move |line| line.day == day).filter_map(move |line| {
        let What::Notice { of, to, earliest, .. } = line.what else { return None };
        let kind = match of {
            NoticeOf::Preparation => NoticeKind::Configuration,
            NoticeOf::Migration => NoticeKind::Migration,
        };
        Some(NoticeGiven { chf, supplier: to, kind, issued: day, earliest, undelivered: false })
    })
}

impl Execution {
    /// Has the notices of the day go out.
    pub(super) fn announce(&mut self) -> Result<(), ServiceFault> {
        let day = self.state.day;
        let stories = self.lines_of(day)?;
        let announces =
            |line: &Line| line.day == day && matches!(line.what, What::Notice { .. } | What::NoticeToNew { .. });
        let mut state = self.state.clone();
        let mut changes = Changes::default();
        if stories.iter().any(|(_, lines)| lines.iter().any(announces)) {
            let due = self.view.due_notices(&self.folder, day.at(0, 0, 0, 0))?;
            let not_sent: BTreeSet<(ChfIdentifier, PartyId)> =
                due.not_sent.iter().map(|not_sent| (not_sent.chf, not_sent.to)).collect();
            due.files.iter().try_for_each(|file| lay_down(&self.setup.notices, file))?;
            state.report.notice_files = due.files.len();
            state.report.notices = due.files.iter().map(|file| file.rows).sum();
            state.report.undelivered = not_sent.len();
            for notice in stories.iter().flat_map(|(chf, lines)| notices_of(*chf, lines, day)) {
                if !not_sent.contains(&(notice.chf, notice.supplier)) {
                    changes.put(NOTICE, notice.key(), &notice)?;
                }
            }
        }
        state.stage = super::kept::Stage::Announced;
        self.keep(changes, state)
    }
}

/// Writes a file whole, or leaves the one that is there, which must be the same: a notice is never altered.
fn lay_down(dir: &Path, file: &SupplierFile) -> Result<(), ServiceFault> {
    fs::create_dir_all(dir).map_err(|error| ServiceFault::file("make the folder", dir, error))?;
    let path = dir.join(file.name.to_string());
    let fault = |error: std::io::Error| ServiceFault::file("write", &path, error);
    match fs::read(&path) {
        Ok(there) if there == file.text.as_bytes() => return Ok(()),
        Ok(_) => {
            return Err(ServiceFault::Refused {
                what: format!("{} is there already, and says something else", path.display()),
                suggestion: "a notice is never altered: give --notices another folder".to_owned(),
            });
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(fault(error)),
    }
    let draft = path.with_extension("part");
    fs::write(&draft, &file.text).and_then(|()| fs::rename(&draft, &path)).map_err(fault)
}
