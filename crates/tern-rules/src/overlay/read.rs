//! The text of an overlay file, key by key: what is not known is refused with what may have been meant; then what contradicts
//! itself.

use std::collections::BTreeSet;

use jiff::civil::Date;
use tern_model::{Digest, parse_day};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{NumberSet, Overlay, OverlayFault, OverlayName, Setting, Takes, Value};
use crate::documents::{Document, DocumentVersion, Force, REGISTER, TOGETHER};
use crate::nearest::nearest;
use crate::registry;
use crate::rule::{Rule, Since, Text};
use crate::rulebook::Rulebook;

/// A name stands in findings, audit lines and tables.
const NAME_CHARS_MAX: usize = 60;
/// The largest number of days of a wording.
const DAYS_MAX: i64 = 366;
/// In the place of the day of a version that never comes into force.
pub(super) const NEVER: &str = "never";
/// The tables of an overlay file.
const TABLES: [&str; 5] = ["documents", "texts", "limits", "windows", "releases"];

type Key<'t> = Spanned<std::borrow::Cow<'t, str>>;
type Node<'t> = Spanned<DeValue<'t>>;

/// Reads an overlay.
pub(super) fn read(text: &str, digest: Digest) -> Result<Overlay, Vec<OverlayFault>> {
    let mut reader = Reader { text, faults: Vec::new(), places: Vec::new() };
    let table = match DeTable::parse(text) {
        Ok(table) => table,
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start);
            reader.fault(at, "", error.message(), "write it as TOML; names with dots or blanks stand in quotes");
            return Err(reader.faults);
        }
    };
    let mut overlay = reader.overlay(table.get_ref(), digest);
    overlay.documents.sort_by_key(|(version, _)| REGISTER.iter().position(|other| std::ptr::eq(*other, *version)));
    overlay.numbers.sort_by_key(|set| registry::rules().position(|rule| std::ptr::eq(rule, set.rule)));
    overlay.settings.sort_by_key(|(setting, _)| *setting);
    reader.contradictions(&overlay);
    reader.faults.sort_by_key(|fault| fault.line);
    if reader.faults.is_empty() { Ok(overlay) } else { Err(reader.faults) }
}

struct Reader<'t> {
    text: &'t str,
    faults: Vec<OverlayFault>,
    /// Where each value stands, by its key from the top.
    places: Vec<(String, usize)>,
}

impl Reader<'_> {
    fn fault(&mut self, at: usize, key: &str, cause: impl Into<String>, suggestion: impl Into<String>) {
        let line = self.text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1;
        let fault = OverlayFault { line, key: key.to_owned(), cause: cause.into(), suggestion: suggestion.into() };
        self.faults.push(fault);
    }

    fn overlay(&mut self, table: &DeTable<'_>, digest: Digest) -> Overlay {
        let name = OverlayName { name: String::new(), digest };
        let mut overlay = Overlay { name, documents: Vec::new(), numbers: Vec::new(), settings: Vec::new() };
        match table.get("name") {
            Some(value) => overlay.name.name = self.name(value).unwrap_or_default(),
            None => self.fault(0, "name", "the overlay has no name", "begin the file with name = \"...\""),
        }
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "name" => {}
                "documents" => self.each(key, value, |reader, path, key, value| {
                    overlay.documents.extend(reader.document(path, key, value));
                }),
                "texts" => self.each(key, value, |reader, path, key, value| {
                    overlay.numbers.extend(reader.clause(path, key, value));
                }),
                "limits" | "windows" | "releases" => self.each(key, value, |reader, path, key, value| {
                    overlay.settings.extend(reader.setting(path, key, value));
                }),
                other => {
                    let known = TABLES.into_iter().chain(["name"]);
                    self.unknown(key, other, "is no part of an overlay", known);
                }
            }
        }
        overlay
    }

    /// Goes through a table; `path` is its key, `key` that of the value in it.
    fn each(&mut self, key: &Key<'_>, value: &Node<'_>, mut each: impl FnMut(&mut Self, &str, &Key<'_>, &Node<'_>)) {
        self.each_in(key.get_ref(), value, &mut each);
    }

    fn each_in(&mut self, path: &str, value: &Node<'_>, each: &mut dyn FnMut(&mut Self, &str, &Key<'_>, &Node<'_>)) {
        match value.get_ref() {
            DeValue::Table(table) => {
                for (key, value) in table {
                    let inner = format!("{path}.{}", quoted(key.get_ref()));
                    self.places.push((inner.clone(), key.span().start));
                    each(self, &inner, key, value);
                }
            }
            _ => self.fault(value.span().start, path, "is no table", format!("write [{path}] with keys below it")),
        }
    }

    fn unknown<'n>(
        &mut self,
        key: &Key<'_>,
        path: &str,
        cause: &str,
        known: impl IntoIterator<Item = &'n str> + Clone,
    ) {
        let near = nearest(key.get_ref(), known.clone());
        let suggestion = match near.first() {
            Some(near) => format!("did you mean {}?", quoted(near)),
            None => {
                let all: Vec<String> = known.into_iter().map(quoted).collect();
                format!("known here: {}", all.join(", "))
            }
        };
        self.fault(key.span().start, path, cause, suggestion);
    }

    fn name(&mut self, value: &Node<'_>) -> Option<String> {
        let fits = |name: &str| {
            let plain = |c: char| c.is_alphanumeric() || " -_.,:+".contains(c);
            !name.trim().is_empty() && name.chars().count() <= NAME_CHARS_MAX && name.chars().all(plain)
        };
        match value.get_ref() {
            DeValue::String(name) if fits(name) => Some(name.trim().to_owned()),
            _ => {
                let what = format!("give 1 to {NAME_CHARS_MAX} letters, digits, blanks and -_.,:+ in quotes");
                self.fault(value.span().start, "name", "is no name", what);
                None
            }
        }
    }

    fn document(&mut self, path: &str, key: &Key<'_>, value: &Node<'_>) -> Option<(&'static DocumentVersion, Force)> {
        let Some(version) = REGISTER.iter().copied().find(|version| version.name() == **key.get_ref()) else {
            let names: Vec<String> = REGISTER.iter().map(|version| version.name()).collect();
            self.unknown(key, path, "is no version of the register", names.iter().map(String::as_str));
            return None;
        };
        if version.force == Force::Never {
            let cause = "was a draft and never in force itself";
            self.fault(key.span().start, path, cause, "give the day of the version that it became part of");
            return None;
        }
        // What would be if it had never come: what follows the versions before it goes on as it was.
        if matches!(value.get_ref(), DeValue::String(text) if text == NEVER) {
            return Some((version, Force::Never));
        }
        Some((version, Force::Overlaid(self.day(path, value)?)))
    }

    fn clause(&mut self, path: &str, key: &Key<'_>, value: &Node<'_>) -> Vec<NumberSet> {
        let Some(rule) = registry::find(key.get_ref()) else {
            let clauses: Vec<&str> = with_numbers().map(|rule| rule.clause).collect();
            self.unknown(key, path, "is no clause with numbers", clauses);
            return Vec::new();
        };
        let mut numbers = Vec::new();
        self.each_in(path, value, &mut |reader, path, key, value| {
            numbers.extend(reader.wording(path, rule, key, value));
        });
        numbers
    }

    fn wording(&mut self, path: &str, rule: &'static Rule, key: &Key<'_>, value: &Node<'_>) -> Vec<NumberSet> {
        let texts: Vec<(&'static Text, &'static DocumentVersion)> = rule.texts.iter().filter_map(versioned).collect();
        let found = texts.iter().find(|(text, version)| !text.numbers.is_empty() && version.name() == **key.get_ref());
        let Some((text, version)) = found.copied() else {
            let numbered = texts.iter().filter(|(text, _)| !text.numbers.is_empty());
            let names: Vec<String> = numbered.map(|(_, version)| version.name()).collect();
            let cause = if names.is_empty() { "the clause sets no number" } else { "is no wording that sets a number" };
            self.unknown(key, path, cause, names.iter().map(String::as_str));
            return Vec::new();
        };
        let mut numbers = Vec::new();
        self.each_in(path, value, &mut |reader, path, key, value| {
            let kinds = text.numbers.iter().map(|(number, _)| *number);
            match kinds.clone().find(|number| number.as_str() == key.get_ref().as_ref()) {
                Some(number) => {
                    let value = reader.number(path, value, (0, DAYS_MAX)).and_then(|value| i32::try_from(value).ok());
                    numbers.extend(value.map(|value| NumberSet { rule, version, number, value }));
                }
                None => {
                    let known: Vec<&str> = kinds.map(crate::rule::Number::as_str).collect();
                    reader.unknown(key, path, "is no number of this wording", known);
                }
            }
        });
        numbers
    }

    fn setting(&mut self, path: &str, key: &Key<'_>, value: &Node<'_>) -> Option<(Setting, Value)> {
        let table = path.split('.').next().unwrap_or_default();
        let of_table = Setting::ALL.into_iter().filter(|setting| setting.key().0 == table);
        let Some(setting) = of_table.clone().find(|setting| setting.key().1 == key.get_ref().as_ref()) else {
            let known: Vec<&str> = of_table.map(|setting| setting.key().1).collect();
            self.unknown(key, path, "cannot be changed by an overlay", known);
            return None;
        };
        let value = match setting.takes() {
            Takes::Number(min, max) => Value::Number(self.number(path, value, (min, max))?),
            Takes::Day => Value::Day(self.day(path, value)?),
            Takes::Days => Value::Days(self.days(path, value)?),
        };
        Some((setting, value))
    }

    fn number(&mut self, path: &str, value: &Node<'_>, (min, max): (i64, i64)) -> Option<i64> {
        let number = match value.get_ref() {
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).ok(),
            _ => None,
        };
        let fits = number.filter(|number| (min..=max).contains(number));
        if fits.is_none() {
            let what = format!("give a whole number from {min} to {max}, without quotes");
            self.fault(value.span().start, path, "is no number that fits here", what);
        }
        fits
    }

    fn days(&mut self, path: &str, value: &Node<'_>) -> Option<Vec<u16>> {
        let DeValue::Array(all) = value.get_ref() else {
            self.fault(value.span().start, path, "is no list of days", "write for example [10, 5, 2]");
            return None;
        };
        all.iter().map(|day| u16::try_from(self.number(path, day, (0, 365))?).ok()).collect()
    }

    fn day(&mut self, path: &str, value: &Node<'_>) -> Option<Date> {
        let day = match value.get_ref() {
            DeValue::Datetime(moment) if moment.time.is_none() => parse_day(&moment.to_string()).ok(),
            DeValue::String(text) => parse_day(text).ok(),
            _ => None,
        };
        if day.is_none() {
            self.fault(value.span().start, path, "is no day", "write it as 2020-12-13");
        }
        day
    }

    /// Days in another order than the register's, windows that end before they begin, and versions parted that belong together.
    fn contradictions(&mut self, overlay: &Overlay) {
        let book = Rulebook::under(overlay.clone());
        let documents: BTreeSet<Document> = overlay.documents.iter().map(|(version, _)| version.document).collect();
        for document in documents {
            let of_document = REGISTER.iter().copied().filter(|version| version.document == document);
            let dated: Vec<_> = of_document.filter_map(|v| Some((v, book.in_force_from(v)?))).collect();
            for pair in dated.windows(2) {
                let ((first, first_day), (second, second_day)) = (pair[0], pair[1]);
                if second_day <= first_day {
                    let cause =
                        format!("{} would begin on {second_day}, and {} on {first_day}", second.name(), first.name());
                    let path = self.path_of(overlay, [second, first]);
                    self.fault(self.place(&path), &path, cause, "keep the versions of a document in their order");
                }
            }
        }
        for (first, second) in TOGETHER {
            let (a, b) = (book.in_force_from(first), book.in_force_from(second));
            if a != b {
                let [a, b] = [a, b].map(|day| day.map_or_else(|| NEVER.to_owned(), |day| format!("on {day}")));
                let cause = format!("{} would begin {a}, and {} {b}", first.name(), second.name());
                let path = self.path_of(overlay, [second, first]);
                self.fault(self.place(&path), &path, cause, "they belong together: give both the same day");
            }
        }
        let ends = [Setting::UpliftFirst, Setting::UpliftLast].map(|setting| match overlay.setting(setting) {
            Some(Value::Day(day)) => Some(*day),
            _ => None,
        });
        let (first, last) = crate::documents::UPLIFT_1_2_WINDOW;
        let (first, last) = (ends[0].unwrap_or(first), ends[1].unwrap_or(last));
        if last < first && ends != [None, None] {
            let (table, key) = Setting::UpliftLast.key();
            let path = format!("{table}.{key}");
            let cause = format!("the window would end on {last}, before it begins on {first}");
            self.fault(self.place(&path), &path, cause, "give the first day before the last");
        }
    }

    /// The key of the first of two versions that the overlay names.
    fn path_of(&self, overlay: &Overlay, versions: [&'static DocumentVersion; 2]) -> String {
        let named = versions.into_iter().find(|version| overlay.force(version).is_some());
        named.map(|version| format!("documents.{}", quoted(&version.name()))).unwrap_or_default()
    }

    fn place(&self, path: &str) -> usize {
        let table = path.split('.').next().unwrap_or_default();
        let of_table = |(key, _): &&(String, usize)| key.split('.').next() == Some(table);
        let exact = self.places.iter().find(|(key, _)| key == path);
        exact.or_else(|| self.places.iter().find(of_table)).map_or(0, |(_, at)| *at)
    }
}

/// A key as it is written: in quotes where it is not plain.
fn quoted(key: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !key.is_empty() && key.chars().all(plain) { key.to_owned() } else { format!("{key:?}") }
}

fn versioned(text: &'static Text) -> Option<(&'static Text, &'static DocumentVersion)> {
    match text.since {
        Since::Always => None,
        Since::Version(version) => Some((text, version)),
    }
}

fn with_numbers() -> impl Iterator<Item = &'static Rule> {
    registry::rules().filter(|rule| rule.texts.iter().any(|text| !text.numbers.is_empty()))
}
