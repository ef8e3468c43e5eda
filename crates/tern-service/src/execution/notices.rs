//! The notices of a day: sent by every way that their recipients have, and noted one by one, with the day on which their steps
//! may begin.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tern_model::facts::{NoticeKind, NoticeState};
use tern_model::{ChfIdentifier, PartyId};
use tern_plan::notices::{PlannedNotice, SupplierFileKind, planned};
use tern_plan::plan::{Line, NoticeOf, What};

use super::Execution;
use super::kept::{Changes, NOTICE, Stage};
use crate::clock_of;
use crate::config::Config;
use crate::fault::ServiceFault;
use crate::plans::dispatch::{Again, Dispatch, Dispatched, Sent};

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

/// The notices that a story has go out on a day, to who gains a meter too; of two to one supplier the one that has a term.
fn notices_of(chf: ChfIdentifier, lines: &[Line], day: Date) -> BTreeMap<String, NoticeGiven> {
    let mut of_today: Vec<PlannedNotice> = planned(lines).into_iter().filter(|notice| notice.day == day).collect();
    of_today.sort_by_key(|notice| notice.working_days);
    let given = of_today.into_iter().map(|PlannedNotice { of, to, earliest, .. }| {
        let kind = match of {
            NoticeOf::Preparation => NoticeKind::Configuration,
            NoticeOf::Migration => NoticeKind::Migration,
        };
        NoticeGiven { chf, supplier: to, kind, issued: day, earliest, undelivered: false }
    });
    given.map(|given| (given.key(), given)).collect()
}

impl Execution {
    /// Has the notices of the day go out that have not, and tries those again, once a day, that could not be delivered before.
    pub(super) fn announce(&mut self, config: &Config) -> Result<(), ServiceFault> {
        let mut state = self.state.clone();
        let mut changes = Changes::default();
        let (told, not_sent) = self.send(config)?;
        if self.announces_today()? {
            for (chf, lines) in self.lines_of(state.day)? {
                for (key, mut notice) in notices_of(chf, &lines, state.day) {
                    notice.undelivered = !told.is_delivered(&notice);
                    if !not_sent.contains(&(chf, notice.supplier)) {
                        changes.put(NOTICE, key, &notice)?;
                    }
                }
            }
        }
        for notice in self.delivered_since(&told)? {
            changes.put(NOTICE, notice.key(), &notice)?;
        }
        let today = || told.0.iter().filter(|one| one.file.made.date() == state.day);
        if today().next().is_some() {
            state.report.notice_files = today().count();
            state.report.notices = today().map(|one| one.meters).sum();
            state.report.undelivered = today().filter(|one| one.delivered().is_none()).count();
        }
        state.stage = state.stage.max(Stage::Announced);
        let any = !changes.is_empty();
        self.keep(changes, state)?;
        // Whoever plans anew sees what was announced, whether somebody is migrated today or not.
        if any { self.write_notices(config) } else { Ok(()) }
    }

    /// Sends what is due, and what is still open; what is on record of it afterwards, and what was not sent because it would come
    /// too late.
    fn send(&self, config: &Config) -> Result<(Record, BTreeSet<(ChfIdentifier, PartyId)>), ServiceFault> {
        let day = self.state.day;
        let (mut files, mut not_sent) = (Vec::new(), BTreeSet::new());
        if self.announces_today()? {
            let of_today = self.due.get(&day).cloned().unwrap_or_default();
            let due = self.view.due_notices_of(&self.folder, day.at(0, 0, 0, 0), &of_today)?;
            not_sent.extend(due.not_sent.iter().map(|not_sent| (not_sent.chf, not_sent.to)));
            files = due.files;
        } else if Sent::open(&self.setup.plan)?.is_none() {
            return Ok((Record(Vec::new()), not_sent));
        }
        Dispatch::open(&self.setup.plan, config)?.send(files, Again::OnceADay, &*clock_of(config))?;
        let mut all = Vec::new();
        if let Some(sent) = Sent::open(&self.setup.plan)? {
            sent.each(|one| {
                all.push(one);
                Ok::<_, ServiceFault>(())
            })?;
        }
        Ok((Record(all), not_sent))
    }

    /// Whether the day has notices.
    fn announces_today(&self) -> Result<bool, ServiceFault> {
        let day = self.state.day;
        let announces =
            |line: &Line| line.day == day && matches!(line.what, What::Notice { .. } | What::NoticeToNew { .. });
        Ok(self.lines_of(day)?.iter().any(|(_, lines)| lines.iter().any(announces)))
    }

    /// Notices that could not be delivered when they went out, and were since.
    fn delivered_since(&self, told: &Record) -> Result<Vec<NoticeGiven>, ServiceFault> {
        let day = self.state.day;
        if !told.0.iter().any(|one| one.file.made.date() < day && one.taken != one.delivered().unwrap_or(one.taken)) {
            return Ok(Vec::new());
        }
        let all: Vec<(String, NoticeGiven)> = self.kept.all(NOTICE)?;
        let given = all.into_iter().map(|(_, notice)| notice);
        let came = given.filter(|notice| notice.undelivered && notice.issued < day && told.is_delivered(notice));
        Ok(came.map(|notice| NoticeGiven { undelivered: false, ..notice }).collect())
    }
}

/// What is on record of all files.
struct Record(Vec<Dispatched>);

impl Record {
    /// Whether a file in which the notice stands was delivered.
    fn is_delivered(&self, notice: &NoticeGiven) -> bool {
        let kind = match notice.kind {
            NoticeKind::Migration => SupplierFileKind::MigrationNotice,
            NoticeKind::Configuration => SupplierFileKind::FirmwareNotice,
        };
        let of = |one: &&Dispatched| {
            let file = &one.file;
            file.kind == kind && file.supplier == notice.supplier && file.made.date() == notice.issued
        };
        let mut files = self.0.iter().filter(of).peekable();
        files.peek().is_some() && files.all(|one| one.delivered().is_some())
    }
}
