//! What a Requesting Party may ask, as paths: the one list, which the server tells to whoever asks for `/` too.

use tern_model::{ChfIdentifier, SetId};
use tern_wire::migration::FileName;

use super::submissions::OF_SET;
use crate::links::http::{Request, decoded};

/// How a listing of outcomes is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Written {
    Csv,
    Json,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Asked {
    /// What may be asked?
    Help,
    /// How do my sets stand?
    Sets,
    /// How does this set stand?
    Set(SetId),
    /// Judge this set, and migrate it.
    HandIn(SetId),
    /// Forget what came of this set.
    Withdraw(SetId),
    /// Here is a file of a set.
    Upload(SetId, String),
    /// How much of this file is there?
    File(SetId, String),
    /// Its Common Validation File.
    Validation(SetId),
    /// How each of its installations ended.
    Outcomes(SetId, Written),
    /// How does this installation stand?
    Installation(ChfIdentifier),
}

/// What may be asked, for people.
pub(super) const HELP: &str = "\
PUT    /sets/SET/FILE           a file of a set, under its own name; with Content-Range, behind what came before
GET    /sets/SET/FILE           how much of it is there
POST   /sets/SET                the set is whole: judge it, and migrate its installations
DELETE /sets/SET                forget what came of a set that was not handed in
GET    /sets/SET                how it stands
GET    /sets/SET/validation     its Common Validation File
GET    /sets/SET/outcomes.csv   how each of its installations stands; outcomes.json too
GET    /sets                    your sets
GET    /installations/CHF       how an installation of your sets stands
SET is what the names of its files say: <Requesting Party EUI-64>_<GroupID>_<counter>
";

impl Asked {
    /// What a request asks; none where there is no such thing.
    pub(super) fn of(request: &Request) -> Option<Asked> {
        let parts: Vec<&str> = request.path.strip_prefix('/')?.split('/').collect();
        let set = |text: &str| decoded(text)?.parse::<SetId>().ok();
        Some(match (request.method.as_str(), &parts[..]) {
            ("GET", [""]) => Asked::Help,
            ("GET", ["sets"]) => Asked::Sets,
            ("GET", ["sets", of]) => Asked::Set(set(of)?),
            ("POST", ["sets", of]) => Asked::HandIn(set(of)?),
            ("DELETE", ["sets", of]) => Asked::Withdraw(set(of)?),
            ("GET", ["sets", of, "validation"]) => Asked::Validation(set(of)?),
            ("GET", ["sets", of, "outcomes.csv"]) => Asked::Outcomes(set(of)?, Written::Csv),
            ("GET", ["sets", of, "outcomes.json"]) => Asked::Outcomes(set(of)?, Written::Json),
            ("GET", ["sets", of, name]) => Asked::File(set(of)?, decoded(name)?),
            ("PUT" | "POST", ["sets", of, name]) => Asked::Upload(set(of)?, decoded(name)?),
            ("GET", ["installations", chf]) => Asked::Installation(decoded(chf)?.parse().ok()?),
            _ => return None,
        })
    }

    /// The set that is asked about.
    pub(super) fn set(&self) -> Option<SetId> {
        match self {
            Asked::Help | Asked::Sets | Asked::Installation(_) => None,
            Asked::Set(set)
            | Asked::HandIn(set)
            | Asked::Withdraw(set)
            | Asked::Upload(set, _)
            | Asked::File(set, _)
            | Asked::Validation(set)
            | Asked::Outcomes(set, _) => Some(*set),
        }
    }
}

/// Whether a name is that of a file of this very set.
pub(super) fn is_of(set: SetId, name: &str) -> bool {
    OF_SET.iter().any(|kind| FileName::OfSet(*kind, set).to_string() == name)
}

/// Where the body of an upload begins in its file: as its `Content-Range` says, else at the first byte. None where that says
/// what does not fit.
pub(super) fn begins_at(request: &Request) -> Option<u64> {
    let Some(text) = &request.content_range else { return Some(0) };
    let (range, whole) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<u64>().ok()).flatten();
    let (first, last, whole) = (number(first)?, number(last)?, number(whole)?);
    let fits = last.checked_add(1)? == whole && whole.checked_sub(first)? == request.length;
    fits.then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SET: &str = "90-B3-D5-1F-30-83-00-01_EA_7";

    fn request(method: &str, path: &str) -> Request {
        let (method, path) = (method.to_owned(), path.to_owned());
        Request { method, path, length: 6, ..Request::default() }
    }

    #[test]
    fn everything_that_is_told_may_be_asked() {
        for line in HELP.lines().filter(|line| line.contains(" /")) {
            let mut words = line.split_whitespace();
            let (method, path) = (words.next().expect("a method"), words.next().expect("a path"));
            let path = path.replace("SET", SET).replace("FILE", "MCF.xml").replace("CHF", "00-DB-12-53-80-00-00-01");
            assert!(Asked::of(&request(method, &path)).is_some(), "{line}");
        }
        assert_eq!(Asked::of(&request("GET", "/")), Some(Asked::Help));
        for nothing in ["", "/sets/", "/sets/x", "/sets/../x", "/installations/", "/installations/1", "/inbox/a.xml"] {
            assert_eq!(Asked::of(&request("GET", nothing)), None, "{nothing}");
        }
    }

    #[test]
    fn a_file_is_of_the_set_that_its_name_says_and_of_no_other() {
        let set: SetId = SET.parse().expect("a set");
        assert!(is_of(set, &format!("MGEF_{SET}.xml")));
        for other in ["MCF_90-B3-D5-1F-30-83-00-01_EA_8.xml", "MCF_90-B3-D5-1F-30-83-00-01_EA_07.xml", "set.json"] {
            assert!(!is_of(set, other), "{other}");
        }
        assert!(!is_of(set, &format!("MCVF_{SET}.xml")), "that is the DSP's to write");
    }

    #[test]
    fn a_part_says_where_it_begins_and_ends_with_the_file() {
        let at = |range: &str| begins_at(&Request { content_range: Some(range.to_owned()), ..request("PUT", "/") });
        assert_eq!(begins_at(&request("PUT", "/")), Some(0));
        assert_eq!([at("bytes 4-9/10"), at("bytes 0-5/6")], [Some(4), Some(0)]);
        let wrong =
            ["bytes 4-8/10", "bytes 4-9/11", "bytes 5-9/10", "bytes */10", "4-9/10", "bytes +4-9/10", "bytes 4-9/*"];
        assert_eq!(wrong.map(at), [None; 7]);
        assert_eq!(at("bytes 18446744073709551610-18446744073709551615/18446744073709551616"), None);
    }
}
