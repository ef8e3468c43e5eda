//! What is on record of a file: by which ways it was tried, when, and with which result.

use std::fmt;
use std::path::PathBuf;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tern_model::{Digest, london_day};
use tern_plan::notices::SupplierFileName;

/// The longest word of others that is kept.
const SAID_CHARS_MAX: usize = 200;

/// A way to a supplier.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// A folder in which its files are laid down.
    Folder(PathBuf),
    /// One of its mailboxes.
    Mail(String),
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Way::Folder(dir) => write!(f, "folder {}", dir.display()),
            Way::Mail(mailbox) => write!(f, "mail to {mailbox}"),
        }
    }
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It was taken: a mail server has answered for it, or the file is durable in its folder.
    Delivered,
    /// The file that an attempt whose end nobody saw had laid down was there: it came once.
    FoundThere,
    /// It was refused, and did not come.
    Refused,
    /// Nobody was reached, and it did not come.
    NotReached,
    /// Whether it came, nobody knows: the answer was lost, or the run ended before it.
    AnswerLost,
}

/// How an attempt ended, with what was said.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) outcome: Outcome,
    pub(super) said: String,
}

impl Told {
    /// What others said loses whatever could not stand in one line.
    pub(super) fn new(outcome: Outcome, said: impl AsRef<str>) -> Told {
        let plain = |c: char| if c.is_control() { ' ' } else { c };
        let said: String = said.as_ref().trim().chars().map(plain).take(SAID_CHARS_MAX).collect();
        Told { outcome, said }
    }
}

/// An attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// When it began.
    pub began: Timestamp,
    /// When it ended; none where it is under way, or the run ended within it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Timestamp>,
    /// How.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// What was said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub said: String,
}

/// What was tried by one way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Which.
    pub way: Way,
    /// The attempts, the first one first.
    pub attempts: Vec<Attempt>,
}

impl Delivery {
    /// When it was delivered by this way, for all that is known.
    #[must_use]
    pub fn delivered(&self) -> Option<Timestamp> {
        let done = |one: &&Attempt| matches!(one.outcome, Some(Outcome::Delivered | Outcome::FoundThere));
        self.attempts.iter().find(done).and_then(|one| one.ended)
    }

    /// Whether an attempt of a day, in Europe/London, came to an end.
    pub(super) fn was_tried_on(&self, day: Date) -> bool {
        self.attempts.last().is_some_and(|last| last.outcome.is_some() && london_day(last.began) == day)
    }

    /// Whether nothing is left to be tried.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.delivered().is_some()
    }

    /// Whether it may have come more than once: it was sent again after an attempt of which nobody knows the end.
    #[must_use]
    pub fn may_be_twice(&self) -> bool {
        let lost = |one: &Attempt| one.outcome == Some(Outcome::AnswerLost);
        let came = |one: &Attempt| matches!(one.outcome, Some(Outcome::Delivered | Outcome::AnswerLost));
        self.attempts.iter().position(lost).is_some_and(|at| self.attempts[at + 1..].iter().any(came))
    }
}

/// Where a file stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It was delivered, by one way at least.
    Delivered,
    /// Nobody knows whether it was delivered: the answer of each attempt that may have succeeded was lost.
    Unknown,
    /// It was not delivered, and is tried again with the next run.
    Open,
    /// It was not delivered before the last day that it announces.
    GivenUp,
}

/// A file, and what was done to deliver it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dispatched {
    /// Its name, which says to whom it goes.
    #[serde(with = "name")]
    pub file: SupplierFileName,
    /// SHA-256 of its bytes.
    pub digest: Digest,
    /// How many meters it names.
    pub meters: usize,
    /// The last of the days that it announces as the earliest for steps: until then it is tried.
    pub until: Date,
    /// When it was taken in.
    pub taken: Timestamp,
    /// What was tried.
    pub deliveries: Vec<Delivery>,
    /// When it was given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_up: Option<Timestamp>,
}

impl Dispatched {
    /// What was tried by a way.
    #[must_use]
    pub fn by(&self, way: &Way) -> Option<&Delivery> {
        self.deliveries.iter().find(|delivery| delivery.way == *way)
    }

    /// When it was first delivered.
    #[must_use]
    pub fn delivered(&self) -> Option<Timestamp> {
        self.deliveries.iter().filter_map(Delivery::delivered).min()
    }

    /// A moment as it goes on record: where the clock has gone back since, as a virtual one does that begins anew, the latest one on
    /// record.
    pub(super) fn not_before(&self, at: Timestamp) -> Timestamp {
        let attempts = self.deliveries.iter().flat_map(|delivery| &delivery.attempts);
        attempts.map(|attempt| attempt.ended.unwrap_or(attempt.began)).chain([self.taken, at]).max().unwrap_or(at)
    }

    /// Where it stands.
    #[must_use]
    pub fn state(&self) -> State {
        let lost = |one: &Attempt| one.outcome == Some(Outcome::AnswerLost);
        if self.delivered().is_some() {
            State::Delivered
        } else if self.deliveries.iter().any(|delivery| delivery.attempts.iter().any(lost)) {
            State::Unknown
        } else if self.given_up.is_some() {
            State::GivenUp
        } else {
            State::Open
        }
    }
}

/// Names of files as they are written.
mod name {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};
    use tern_plan::notices::SupplierFileName;

    pub(super) fn serialize<S: Serializer>(name: &SupplierFileName, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(name)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<SupplierFileName, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        // 2021-03-01T00:00:00Z.
        Timestamp::from_second(1_614_556_800 + seconds).expect("a moment")
    }

    fn attempt(began: i64, ended: Option<i64>) -> Attempt {
        let outcome = ended.map(|_| Outcome::NotReached);
        Attempt { began: at(began), ended: ended.map(at), outcome, said: String::new() }
    }

    #[test]
    fn a_clock_that_goes_back_takes_no_time_on_record_back() {
        let way = Way::Mail("a@a.example".to_owned());
        let deliveries = vec![Delivery { way, attempts: vec![attempt(20, Some(30)), attempt(40, None)] }];
        let file = "DMMSN_North_90-B3-D5-1F-30-00-00-04_20210301_000000.csv".parse().expect("a name");
        let (digest, until) = (Digest([0; 32]), date(2021, 3, 20));
        let mut one = Dispatched { file, digest, meters: 1, until, taken: at(10), deliveries, given_up: None };
        let seconds = |one: &Dispatched, seconds| one.not_before(at(seconds)).as_second() - at(0).as_second();
        assert_eq!([5, 39, 41].map(|given| seconds(&one, given)), [40, 40, 41]);
        one.deliveries.clear();
        assert_eq!([5, 11].map(|given| seconds(&one, given)), [10, 11]);
    }

    #[test]
    fn a_day_has_been_tried_on_once_an_attempt_of_it_came_to_an_end() {
        let way = Way::Mail("a@a.example".to_owned());
        let mut delivery = Delivery { way, attempts: vec![attempt(20, Some(30))] };
        assert!(delivery.was_tried_on(date(2021, 3, 1)) && !delivery.was_tried_on(date(2021, 3, 2)));
        delivery.attempts.push(attempt(86_400 + 20, None));
        assert!(!delivery.was_tried_on(date(2021, 3, 2)));
    }
}
