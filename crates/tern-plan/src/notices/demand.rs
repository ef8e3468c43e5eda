//! Demand files: how many places a day a supplier wants for its installations of an SMSO, and what the DCC answers
//! (PL13). The shape of their names is published, their columns are ours (P).

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Read};
use std::str::FromStr;

use jiff::civil::Date;
use tern_model::supplier_file::{DemandedPlaces, Places};
use tern_model::{Malformed, PartyId};
use tern_wire::facts_csv::{RowFault, read_records};

use super::name::{SmsoName, moment};

/// What a demand file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DemandFileKind {
    /// What the supplier wants.
    Request,
    /// What the DCC answers.
    Confirmation,
}

/// The name of a demand file, such as `DR_AAA123_70-B3-D5-1F-30-00-A0-08_CGI_20190121`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DemandFileName {
    /// The day of its making.
    pub day: Date,
    /// Three letters and three digits.
    pub reference: String,
    /// What it is.
    pub kind: DemandFileKind,
    /// The supplier.
    pub supplier: PartyId,
    /// Of whose installations it speaks.
    pub smso: SmsoName,
}

impl fmt::Display for DemandFileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            DemandFileKind::Request => "DR_",
            DemandFileKind::Confirmation => "DC-",
        };
        write!(f, "{kind}{}_{}_{}_", self.reference, self.supplier, self.smso)?;
        write!(f, "{:04}{:02}{:02}.csv", self.day.year(), self.day.month(), self.day.day())
    }
}

impl FromStr for DemandFileName {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<DemandFileName, Malformed> {
        let shape = Malformed { expected: "a name as DR_AAA123_<supplier EUI-64>_<SMSO>_<YYYYMMDD>.csv" };
        let lower = text.to_ascii_lowercase();
        let stem = if lower.ends_with(".csv") { &text[..text.len() - 4] } else { text };
        // Published samples part the reference by `_` from DR and by `-` from DC.
        let kind = match stem.get(..2) {
            Some("DR") => DemandFileKind::Request,
            Some("DC") => DemandFileKind::Confirmation,
            _ => return Err(shape),
        };
        let rest = stem.get(2..).and_then(|rest| rest.strip_prefix(['_', '-'])).ok_or(shape.clone())?;
        let [reference, supplier, smso, day] = rest.split('_').collect::<Vec<_>>()[..] else { return Err(shape) };
        let bytes = reference.as_bytes();
        let fits = bytes.len() == 6
            && bytes[..3].iter().all(u8::is_ascii_uppercase)
            && bytes[3..].iter().all(u8::is_ascii_digit);
        if !fits {
            return Err(shape);
        }
        let day = moment(day, "000000", shape)?.date();
        let (supplier, smso) = (supplier.parse()?, smso.parse()?);
        Ok(DemandFileName { day, reference: reference.to_owned(), kind, supplier, smso })
    }
}

/// A demand file that came.
#[derive(Debug, Clone)]
pub struct DemandReceived {
    /// Its good rows, in the order of their days.
    pub places: Vec<Places>,
    /// What is wrong with the others.
    pub faults: Vec<RowFault>,
    /// Whether the file counts as given at all.
    pub given: bool,
}

/// Reads what a supplier wants. `file_name` is told in faults.
///
/// # Errors
/// The source cannot be read.
pub fn receive_demand(file_name: &str, source: impl Read) -> io::Result<DemandReceived> {
    let read = read_records::<DemandedPlaces>(source)?;
    let faults = read.faults.into_iter().map(|fault| RowFault { file: file_name.to_owned(), ..fault }).collect();
    let mut places: Vec<Places> = read.records.into_iter().map(|row| row.0).collect();
    places.sort_by_key(|one| one.day);
    Ok(DemandReceived { places, faults, given: read.given })
}

/// What one supplier wants, of each SMSO, by its files in the order of their days.
#[derive(Debug, Clone, Default)]
pub struct Demands {
    of: BTreeMap<SmsoName, BTreeMap<Date, u32>>,
}

impl Demands {
    /// Takes a file: it replaces what earlier ones of its SMSO say of its first day and those after it.
    pub fn take(&mut self, smso: &SmsoName, places: &[Places]) {
        let of = self.of.entry(smso.clone()).or_default();
        if let Some(first) = places.iter().map(|one| one.day).min() {
            let _ = of.split_off(&first);
        }
        of.extend(places.iter().map(|one| (one.day, one.places)));
    }

    /// The days from one on at which it changes what is wanted of all SMSOs together, and how much that is then.
    #[must_use]
    pub fn since(&self, first: Date) -> Vec<(Date, u32)> {
        let mut days: Vec<Date> = self.of.values().flat_map(|of| of.range(first..).map(|(day, _)| *day)).collect();
        days.push(first);
        days.sort_unstable();
        days.dedup();
        let on = |day: Date| {
            let each = self.of.values().filter_map(|of| of.range(..=day).next_back().map(|(_, places)| *places));
            each.fold(0, u32::saturating_add)
        };
        let mut changes: Vec<(Date, u32)> = days.into_iter().map(|day| (day, on(day))).collect();
        changes.dedup_by_key(|(_, places)| *places);
        changes
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use tern_model::facts::SourceRow;

    use super::*;

    #[test]
    fn the_published_samples_are_read_and_written_as_they_are() {
        for sample in
            ["DR_AAA123_70-B3-D5-1F-30-00-A0-08_CGI_20190121", "DC-AAA123_70-B3-D5-1F-30-00-A0-08_CGI_20190121"]
        {
            let name: DemandFileName = sample.parse().expect("a name");
            assert_eq!((name.reference.as_str(), name.day), ("AAA123", date(2019, 1, 21)));
            assert_eq!(name.to_string(), format!("{sample}.csv"));
            assert_eq!(name.to_string().parse::<DemandFileName>(), Ok(name));
        }
        for wrong in [
            "",
            "DR",
            "é",
            "DR_AA1234_70-B3-D5-1F-30-00-A0-08_CGI_20190121",
            "DR_AAA123_70-B3-D5-1F-30-00-A0_CGI_20190121",
            "DR_AAA123_70-B3-D5-1F-30-00-A0-08_CGI_20190230",
            "DX_AAA123_70-B3-D5-1F-30-00-A0-08_CGI_20190121",
        ] {
            assert!(wrong.parse::<DemandFileName>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_wanted_of_several_smsos_counts_together_and_a_later_file_replaces_an_earlier_one() {
        let smso = |name: &str| name.parse::<SmsoName>().expect("a name");
        let places = |rows: &[(i8, u32)]| {
            let row =
                |(day, places): &(i8, u32)| Places { row: SourceRow(0), day: date(2021, 3, *day), places: *places };
            rows.iter().map(row).collect::<Vec<_>>()
        };
        let mut demands = Demands::default();
        demands.take(&smso("CGI"), &places(&[(1, 10), (8, 20)]));
        demands.take(&smso("Other"), &places(&[(5, 3)]));
        let all = |demands: &Demands| {
            demands.since(date(2021, 3, 1)).into_iter().map(|(day, n)| (day.day(), n)).collect::<Vec<_>>()
        };
        assert_eq!(all(&demands), [(1, 10), (5, 13), (8, 23)]);
        demands.take(&smso("cgi"), &places(&[(6, 0)]));
        assert_eq!(all(&demands), [(1, 10), (5, 13), (6, 3)]);
    }
}
