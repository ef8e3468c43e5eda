//! The record of notices, in a store beside the plan's: what goes out, every attempt, and what is still open.
//!
//! A file's record and its text are never removed; the mark that it is open goes once nothing is left to be tried.

use std::path::Path;

use aws_lc_rs::digest::{Context, SHA256};
use jiff::Timestamp;
use serde::Serialize;
use tern_model::Role;
use tern_plan::notices::{Incoming, SupplierFile, SupplierFileName, receive};
use tern_store::{AuditEntry, Batch, Expect, Put, Remove, SqliteStore, SqliteView, Store, StoreView};

use super::more::what_is_new;
use super::record::{Attempt, Delivery, Dispatched, Outcome, Told, Way};
use crate::fault::ServiceFault;
use crate::plans::estate::digest_of;

/// The store's file in a plan's folder. It is the Requesting Party's, as the plan's own (P).
const FILE: &str = "notices.db";
const OWNER: Role = Role::RequestingParty;
/// Kinds of records, and the version of their bodies.
const DISPATCHED: &str = "notice-file";
const TEXT: &str = "notice-text";
const OPEN: &str = "notice-open";
const VERSION: u16 = 1;
/// Records that are read at once.
const PAGE: usize = 1_000;

/// The record of a plan's notices, to be looked at.
pub struct Sent {
    view: SqliteView,
}

impl Sent {
    /// The record in a plan's folder; none where nothing was ever sent.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn open(plan: &Path) -> Result<Option<Sent>, ServiceFault> {
        let path = plan.join(FILE);
        if !path.is_file() {
            return Ok(None);
        }
        Ok(Some(Sent { view: SqliteView::open_read_only(&path, OWNER)? }))
    }

    /// Hands every file to `visit`, in the order of their names.
    ///
    /// # Errors
    /// The store cannot be read, or what `visit` says.
    pub fn each<E: From<ServiceFault>>(&self, visit: impl FnMut(Dispatched) -> Result<(), E>) -> Result<(), E> {
        each(&self.view, visit)
    }

    /// What stands in a file.
    ///
    /// # Errors
    /// The store cannot be read, or there is no such file.
    pub fn text(&self, file: &SupplierFileName) -> Result<String, ServiceFault> {
        text(&self.view, file)
    }
}

fn each<E: From<ServiceFault>>(
    view: &dyn StoreView,
    mut visit: impl FnMut(Dispatched) -> Result<(), E>,
) -> Result<(), E> {
    let mut after = None;
    loop {
        let records = view.scan(DISPATCHED, after.as_deref(), PAGE).map_err(ServiceFault::from)?;
        let done = records.len() < PAGE;
        after = records.last().map(|(key, _)| key.clone()).or(after);
        for (_, record) in records {
            visit(serde_json::from_slice(&record.body).map_err(ServiceFault::body)?)?;
        }
        if done {
            return Ok(());
        }
    }
}

fn text(view: &dyn StoreView, file: &SupplierFileName) -> Result<String, ServiceFault> {
    let record = view.get(TEXT, &file.to_string())?;
    let body = record.ok_or_else(|| ServiceFault::body(format!("{file} has no text")))?.body;
    String::from_utf8(body).map_err(ServiceFault::body)
}

/// The record of a plan's notices, held to be written.
///
/// What is noted becomes durable with [`Book::flush`], all that was noted since the last one together.
pub(super) struct Book {
    store: SqliteStore,
    noted: Batch,
}

impl Book {
    pub(super) fn open(plan: &Path) -> Result<Book, ServiceFault> {
        std::fs::create_dir_all(plan).map_err(|error| ServiceFault::file("make the folder", plan, error))?;
        Ok(Book { store: SqliteStore::open(&plan.join(FILE), OWNER)?, noted: Batch::default() })
    }

    /// Takes a file in, unless it is there. Those of one day have different names.
    pub(super) fn take_in(&mut self, file: SupplierFile, at: Timestamp) -> Result<(), ServiceFault> {
        let known = |name: &SupplierFileName| self.store.get(TEXT, &name.to_string());
        let Some(new) = what_is_new(file, |name| match known(name)? {
            Some(record) => Ok(Some(String::from_utf8(record.body).map_err(ServiceFault::body)?)),
            None => Ok::<_, ServiceFault>(None),
        })?
        else {
            return Ok(());
        };
        let mut context = Context::new(&SHA256);
        context.update(new.text.as_bytes());
        let one = Dispatched {
            until: last_day(&new)?,
            file: new.name,
            digest: digest_of(context),
            meters: new.rows,
            taken: at,
            deliveries: Vec::new(),
            given_up: None,
        };
        let key = one.file.to_string();
        let record = put(DISPATCHED, &key, Expect::Absent, &one)?;
        let text =
            Put { kind: TEXT, key: key.clone(), expect: Expect::Absent, version: VERSION, body: new.text.into_bytes() };
        let open = Put { kind: OPEN, key, expect: Expect::Absent, version: VERSION, body: Vec::new() };
        self.noted.puts.extend([record, text, open]);
        Ok(())
    }

    /// Makes durable what was noted.
    pub(super) fn flush(&mut self) -> Result<(), ServiceFault> {
        self.store.commit(&self.noted)?;
        self.noted = Batch::default();
        Ok(())
    }

    /// Those for which something is left to be tried.
    pub(super) fn open_names(&self) -> Result<Vec<String>, ServiceFault> {
        let open = self.store.scan(OPEN, None, usize::MAX >> 1)?;
        Ok(open.into_iter().map(|(key, _)| key).collect())
    }

    pub(super) fn read(&self, name: &str) -> Result<Dispatched, ServiceFault> {
        let record = self.store.get(DISPATCHED, name)?;
        let body = record.ok_or_else(|| ServiceFault::body(format!("{name} is open and has no record")))?.body;
        serde_json::from_slice(&body).map_err(ServiceFault::body)
    }

    pub(super) fn text(&self, file: &SupplierFileName) -> Result<String, ServiceFault> {
        text(&self.store, file)
    }

    /// Notes of attempts within which a run ended that nobody knows their end.
    pub(super) fn interrupted(&mut self, one: &mut Dispatched, at: Timestamp) -> Result<(), ServiceFault> {
        let (at, under_way) = (one.not_before(at), |one: &&mut Attempt| one.outcome.is_none());
        let mut any = false;
        for attempt in one.deliveries.iter_mut().flat_map(|delivery| &mut delivery.attempts).filter(under_way) {
            attempt.outcome = Some(Outcome::AnswerLost);
            attempt.ended = Some(at);
            "the run ended before an answer came".clone_into(&mut attempt.said);
            any = true;
        }
        if any { self.keep(one) } else { Ok(()) }
    }

    /// Notes that an attempt begins.
    pub(super) fn begin(&mut self, one: &mut Dispatched, way: &Way, at: Timestamp) -> Result<(), ServiceFault> {
        let attempt = Attempt { began: one.not_before(at), ended: None, outcome: None, said: String::new() };
        match one.deliveries.iter_mut().find(|delivery| delivery.way == *way) {
            Some(delivery) => delivery.attempts.push(attempt),
            None => one.deliveries.push(Delivery { way: way.clone(), attempts: vec![attempt] }),
        }
        self.keep(one)
    }

    /// Notes how the attempt that was begun last ended.
    pub(super) fn end(
        &mut self,
        one: &mut Dispatched,
        way: &Way,
        told: Told,
        at: Timestamp,
    ) -> Result<(), ServiceFault> {
        let at = one.not_before(at);
        let delivery = one.deliveries.iter_mut().find(|delivery| delivery.way == *way);
        let Some(attempt) = delivery.and_then(|delivery| delivery.attempts.last_mut()) else { return Ok(()) };
        let Told { outcome, said } = told;
        let action = match outcome {
            Outcome::Delivered | Outcome::FoundThere => "notice delivered",
            Outcome::Refused | Outcome::NotReached => "notice not delivered",
            Outcome::AnswerLost => "notice sent, and no answer came",
        };
        let entry = AuditEntry {
            at,
            actor: OWNER.to_string(),
            action: action.to_owned(),
            subject: one.file.to_string(),
            evidence: format!("SHA-256 {}, {way}: {said}", one.digest),
        };
        (attempt.ended, attempt.outcome, attempt.said) = (Some(at), Some(outcome), said);
        self.noted.audit.push(entry);
        self.keep(one)
    }

    /// Notes that nothing is left to be tried.
    pub(super) fn close(&mut self, file: &SupplierFileName) {
        self.noted.removes.push(Remove { kind: OPEN, key: file.to_string(), generation: None });
    }

    /// Notes that a file is tried no more.
    pub(super) fn give_up(&mut self, one: &mut Dispatched, at: Timestamp) -> Result<(), ServiceFault> {
        one.given_up = Some(one.not_before(at));
        self.close(&one.file);
        self.keep(one)
    }

    fn keep(&mut self, one: &Dispatched) -> Result<(), ServiceFault> {
        self.noted.puts.push(put(DISPATCHED, &one.file.to_string(), Expect::Any, one)?);
        Ok(())
    }
}

fn put(kind: &'static str, key: &str, expect: Expect, body: &impl Serialize) -> Result<Put, ServiceFault> {
    let body = serde_json::to_vec(body).map_err(ServiceFault::body)?;
    Ok(Put { kind, key: key.to_owned(), expect, version: VERSION, body })
}

/// The last of the days that a file announces.
fn last_day(file: &SupplierFile) -> Result<jiff::civil::Date, ServiceFault> {
    let name = file.name.to_string();
    let received = receive(&name, file.text.as_bytes()).map_err(ServiceFault::body)?.map_err(ServiceFault::body)?;
    let Incoming::Notices(notices) = received.says else {
        return Err(ServiceFault::body(format!("{name} is no notice")));
    };
    Ok(notices.iter().map(|one| one.meter.earliest).max().unwrap_or(file.name.made.date()))
}
