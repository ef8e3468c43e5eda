//! What became of a plan's notices, as a table and a picture among its reports: given in time or not, by supplier.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;
use tern_model::PartyId;
use tern_service::ServiceFault;
use tern_service::plans::dispatch::{Compliance, Sent, Standing};
use tern_service::reports::{Bar, Bars, Fill, Names, Part};

use super::PlanName;
use super::sent::by_supplier;
use crate::failure::Failure;
use crate::look::{count as count_words, counted};

const NAME: &str = "notice-compliance";
/// How a notice can stand, and what is drawn for it.
const STANDINGS: [(Standing, Fill, &str); 5] = [
    (Standing::InTime, Fill::Solid, "given in time"),
    (Standing::Late, Fill::Crossed, "given late"),
    (Standing::NotDelivered, Fill::Slanted, "not delivered"),
    (Standing::NotSent, Fill::Dotted, "not sent"),
    (Standing::FactsMissing, Fill::Barred, "FACTS MISSING"),
];

/// What became of notices.
#[derive(Debug)]
pub struct Given {
    /// Table and picture.
    pub files: Vec<(String, String)>,
    /// In numbers.
    pub counts: Counts,
}

/// What became of all notices that were to go out until a day.
#[derive(Debug, Serialize)]
pub struct Counts {
    until: Date,
    all: u64,
    in_time: u64,
    late: u64,
    not_delivered: u64,
    not_sent: u64,
    facts_missing: u64,
}

impl Counts {
    fn of(compliance: &Compliance, until: Date) -> Counts {
        let kinds = compliance.by_kind();
        let of = |standing| kinds.values().filter_map(|counts| counts.get(&standing)).sum();
        Counts {
            until,
            all: kinds.values().flat_map(BTreeMap::values).sum(),
            in_time: of(Standing::InTime),
            late: of(Standing::Late),
            not_delivered: of(Standing::NotDelivered),
            not_sent: of(Standing::NotSent),
            facts_missing: of(Standing::FactsMissing),
        }
    }

    /// In a sentence.
    pub fn words(&self) -> String {
        let number = |count: u64| count_words(usize::try_from(count).unwrap_or(usize::MAX));
        let Counts { until, all, in_time, late, not_delivered, not_sent, facts_missing } = self;
        let missing = match facts_missing {
            0 => String::new(),
            some => format!("; FACTS MISSING for {}", number(*some)),
        };
        let notices = counted(usize::try_from(*all).unwrap_or(usize::MAX), "notice");
        format!(
            "as given until {until}, {notices}: {} in time, {} late, {} not delivered, {} not sent{missing}",
            number(*in_time),
            number(*late),
            number(*not_delivered),
            number(*not_sent)
        )
    }
}

/// What became of every notice until a day; none where nothing was ever sent.
pub fn given(plan: &PlanName, names: &Names, until: Date) -> Result<Option<Given>, Failure> {
    let Some(sent) = Sent::open(&plan.dir)? else { return Ok(None) };
    let compliance = Compliance::of(&plan.open()?, Some(&sent), until, |_| Ok::<_, ServiceFault>(()))?;
    let table = by_supplier(&compliance);
    let picture = picture(&compliance, names, until);
    let files = vec![(format!("{}.csv", table.name), table.to_csv()), (format!("{NAME}.svg"), picture.draw())];
    Ok(Some(Given { files, counts: Counts::of(&compliance, until) }))
}

fn picture(compliance: &Compliance, names: &Names, until: Date) -> Bars {
    let mut suppliers: BTreeMap<PartyId, BTreeMap<Standing, u64>> = BTreeMap::new();
    for (_, supplier, counts) in compliance.by_supplier() {
        let all = suppliers.entry(supplier).or_default();
        counts.iter().for_each(|(standing, count)| *all.entry(*standing).or_default() += count);
    }
    let bar = |(supplier, counts): (PartyId, BTreeMap<Standing, u64>)| {
        let part = |(standing, fill, words)| Part { fill, words, count: counts.get(&standing).copied().unwrap_or(0) };
        Bar { label: names.party(supplier), note: String::new(), parts: STANDINGS.map(part).into() }
    };
    Bars {
        name: NAME,
        title: format!("Notices to Responsible Suppliers, as given until {until}"),
        subtitle: "Every notice that the plan has had go out, held against the record of what was sent and the Working Days of \
                   4.29 and 4.30."
            .to_owned(),
        unit: "notice",
        bars: suppliers.into_iter().map(bar).collect(),
    }
}
