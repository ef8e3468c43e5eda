//! RequestID and ResponseID.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use tern_model::{Eui64, Malformed};

/// Names a request: who asks, of whom, and the originator's counter. It is the key by which nothing is processed twice.
///
/// Read in either case of hexadecimal digits, compared without regard to it, written in upper case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct RequestId {
    /// BusinessOriginatorID: the User.
    pub originator: Eui64,
    /// BusinessTargetID: a device, or the DCC where the request concerns none.
    pub target: Eui64,
    /// OriginatorCounter; existing clients count milliseconds since 1970.
    pub counter: u64,
}

impl RequestId {
    /// The ResponseID of its answer: originator and target change places.
    #[must_use]
    pub fn response(self) -> ResponseId {
        ResponseId { originator: self.target, target: self.originator, counter: self.counter }
    }
}

/// Names a response: device, User, and the counter of the request that it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResponseId {
    /// Who answers: the device, or the DCC.
    pub originator: Eui64,
    /// Who asked.
    pub target: Eui64,
    /// The counter of the request.
    pub counter: u64,
}

impl ResponseId {
    /// The RequestID that it answers.
    #[must_use]
    pub fn request(self) -> RequestId {
        RequestId { originator: self.target, target: self.originator, counter: self.counter }
    }
}

/// The three parts of `EUI:EUI:counter`; the counter without leading zeros, as the schema has it.
fn parts(text: &str, expected: &'static str) -> Result<(Eui64, Eui64, u64), Malformed> {
    let malformed = Malformed { expected };
    let eui = |part: Option<&str>| part.filter(|p| p.len() == 23).and_then(|p| p.parse::<Eui64>().ok());
    let mut split = text.split(':');
    let (first, second, counter) = (eui(split.next()), eui(split.next()), split.next());
    let canonical = |c: &&str| *c == "0" || !c.starts_with('0') && c.bytes().all(|b| b.is_ascii_digit());
    let counter = counter.filter(canonical).and_then(|c| c.parse().ok());
    match (first, second, counter, split.next()) {
        (Some(first), Some(second), Some(counter), None) => Ok((first, second, counter)),
        _ => Err(malformed),
    }
}

macro_rules! written {
    ($($id:ident: $expected:literal;)+) => {
        $(impl fmt::Display for $id {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}:{}:{}", self.originator, self.target, self.counter)
            }
        }

        impl FromStr for $id {
            type Err = Malformed;

            fn from_str(text: &str) -> Result<$id, Malformed> {
                let (originator, target, counter) = parts(text, $expected)?;
                Ok($id { originator, target, counter })
            }
        })+
    };
}

written! {
    RequestId: "a RequestID: originator EUI-64, target EUI-64 and counter, joined by colons";
    ResponseId: "a ResponseID: originator EUI-64, target EUI-64 and counter, joined by colons";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_either_case_and_writes_upper_case() {
        let id: RequestId = "90-b3-d5-1f-30-01-00-00:00-DB-12-34-56-78-90-a0:18446744073709551615".parse().unwrap();
        assert_eq!(id.to_string(), "90-B3-D5-1F-30-01-00-00:00-DB-12-34-56-78-90-A0:18446744073709551615");
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(id.response().to_string(), "00-DB-12-34-56-78-90-A0:90-B3-D5-1F-30-01-00-00:18446744073709551615");
        assert_eq!(id.response().request(), id);
    }

    #[test]
    fn nothing_else_is_an_id() {
        let eui = "90-B3-D5-1F-30-01-00-00";
        for text in [
            String::new(),
            format!("{eui}:{eui}"),
            format!("{eui}:{eui}:01"),
            format!("{eui}:{eui}:+1"),
            format!("{eui}:{eui}:"),
            format!("{eui}:{eui}:18446744073709551616"),
            format!("{eui}:{eui}:1:1"),
            format!("90B3D51F30010000:{eui}:1"),
            format!(" {eui}:{eui}:1"),
        ] {
            assert!(text.parse::<RequestId>().is_err(), "{text}");
        }
    }
}
