//! Notices on their way to Responsible Suppliers: each file of a day by every way that its recipient has, and a record
//! of every attempt (PL1, PL3).
//!
//! An attempt is on record before it is made and after it. What was delivered is never sent again; where an answer was
//! lost, or a run ended before it came, the next attempt goes under the same Message-ID, and the record says that it
//! may have come twice. A notice that cannot be delivered stops nothing: it is tried once with each run, or once a day where a
//! plan is carried out, while a day that it announces is still to come (P-notice-attempts), and then given up. Nothing here
//! decides what is announced, or alters a file.

mod book;
mod compliance;
mod drop;
mod letter;
mod more;
mod record;
mod smtp;

use std::path::Path;

use lettre::Address;
use tern_model::london_day;
use tern_plan::notices::SupplierFile;

use crate::clock::Clock;
use crate::config::{Config, NoticesConfig};
use crate::fault::ServiceFault;

pub use book::Sent;
pub use compliance::{Compliance, Given, Notice, Standing};
pub use record::{Attempt, Delivery, Dispatched, Outcome, State, Way};

use book::Book;
use letter::Letter;
use record::Told;
use smtp::Mail;

/// How often what could not be delivered is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// Each time that it is asked for.
    EachTime,
    /// Once a day by each way, however often it is asked for. An attempt within which a run ended is none of the day.
    OnceADay,
}

/// A file that is tried, and by which ways.
struct Tried {
    one: Dispatched,
    ways: Vec<Way>,
}

/// What sends notices, with the record of it. One at a time for a plan: its store is held.
pub struct Dispatch {
    book: Book,
    config: Config,
    mail: Option<Mail>,
}

impl Dispatch {
    /// Opens the record in a plan's folder, and reads what [`NoticesConfig`] names.
    ///
    /// # Errors
    /// Another process holds the record, or it cannot be read; a file that the configuration names cannot be used.
    pub fn open(plan: &Path, config: &Config) -> Result<Dispatch, ServiceFault> {
        let mail = config.notices.mail.as_ref().map(|mail| Mail::of(config, mail)).transpose()?;
        Ok(Dispatch { book: Book::open(plan)?, config: config.clone(), mail })
    }

    /// Takes the files of a day in, durably, and tries once to deliver each of them and every earlier one that is
    /// still open, as often as `again` says; gives those that are open, and those that it gave up. Files that were taken in before are not taken in again: of
    /// files whose name is known with other rows, those rows that no file had go in another one, named a second later.
    ///
    /// # Errors
    /// The record cannot be read or written. What cannot be delivered is no error.
    pub fn send(
        &mut self,
        files: Vec<SupplierFile>,
        again: Again,
        clock: &dyn Clock,
    ) -> Result<Vec<Dispatched>, ServiceFault> {
        for file in files {
            self.book.take_in(file, clock.now())?;
        }
        self.book.flush()?;
        let mut tried = Vec::new();
        for name in self.book.open_names()? {
            let mut one = self.book.read(&name)?;
            let today = (again == Again::OnceADay).then(|| london_day(clock.now()));
            let was_tried = |way: &Way| today.is_some_and(|today| one.by(way).is_some_and(|by| by.was_tried_on(today)));
            let tried_today: Vec<Way> = ways(&self.config.notices, &one).into_iter().filter(was_tried).collect();
            self.book.interrupted(&mut one, clock.now())?;
            if london_day(clock.now()) > one.until {
                self.book.give_up(&mut one, clock.now())?;
            } else if self.left(&one).is_empty() {
                // The way that it was open for is configured no more.
                self.book.close(&one.file);
            }
            let mut ways = self.left(&one);
            ways.retain(|way| !tried_today.contains(way));
            tried.push(Tried { one, ways });
        }
        self.book.flush()?;
        self.lay_down(&mut tried, clock)?;
        self.mail(&mut tried, clock)?;
        Ok(tried.into_iter().map(|tried| tried.one).collect())
    }

    /// Tries the ways that are folders. Those of all files are on record together: a file that an attempt laid down
    /// is found there by the next one, however the run ended.
    fn lay_down(&mut self, files: &mut [Tried], clock: &dyn Clock) -> Result<(), ServiceFault> {
        let is_folder = |way: &&Way| matches!(way, Way::Folder(_));
        for Tried { one, ways } in files.iter_mut() {
            for way in ways.iter().filter(is_folder) {
                self.book.begin(one, way, clock.now())?;
            }
        }
        self.book.flush()?;
        for Tried { one, ways } in files {
            for way in ways.iter().filter(is_folder) {
                self.deliver(one, way, clock)?;
            }
        }
        self.book.flush()
    }

    /// Tries mailboxes, one by one.
    fn mail(&mut self, files: &mut [Tried], clock: &dyn Clock) -> Result<(), ServiceFault> {
        for Tried { one, ways } in files {
            for way in ways.iter().filter(|way| matches!(way, Way::Mail(_))) {
                self.book.begin(one, way, clock.now())?;
                self.book.flush()?;
                self.deliver(one, way, clock)?;
                self.book.flush()?;
            }
        }
        Ok(())
    }

    /// The ways by which a file is still to be tried.
    fn left(&self, one: &Dispatched) -> Vec<Way> {
        let mut ways = ways(&self.config.notices, one);
        ways.retain(|way| one.given_up.is_none() && !one.by(way).is_some_and(Delivery::is_done));
        ways
    }

    /// Makes an attempt that is on record, and notes how it ended.
    fn deliver(&mut self, one: &mut Dispatched, way: &Way, clock: &dyn Clock) -> Result<(), ServiceFault> {
        let text = self.book.text(&one.file)?;
        let told = self.attempt(one, way, &text);
        self.book.end(one, way, told, clock.now())?;
        if self.left(one).is_empty() {
            self.book.close(&one.file);
        }
        Ok(())
    }

    fn attempt(&mut self, one: &Dispatched, way: &Way, text: &str) -> Told {
        match way {
            Way::Folder(dir) => drop::lay_down(&self.config.path(dir), &one.file.to_string(), text),
            Way::Mail(mailbox) => match (&mut self.mail, mailbox.parse::<Address>()) {
                (Some(mail), Ok(to)) => match Letter::of(one, text).written(mail.sender(), &to) {
                    Ok(bytes) => mail.deliver(&to, &bytes),
                    Err(why) => Told::new(Outcome::Refused, why),
                },
                _ => Told::new(Outcome::NotReached, "no mail server is configured"),
            },
        }
    }
}

/// By which ways a file goes to its supplier.
fn ways(config: &NoticesConfig, one: &Dispatched) -> Vec<Way> {
    let supplier = one.file.supplier;
    let Some(own) = config.suppliers.iter().find(|ways| ways.supplier == supplier) else {
        return vec![Way::Folder(config.folder.join(supplier.to_string()))];
    };
    let folder = own.folder.iter().cloned().map(Way::Folder);
    folder.chain(own.mail.iter().cloned().map(Way::Mail)).collect()
}
