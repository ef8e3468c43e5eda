//! What became of a plan's notices, as a table and a picture among its reports: given in time or not, by supplier.

use std::collections::BTreeMap;

use jiff::civil::Date;
use tern_model::PartyId;
use tern_service::ServiceFault;
use tern_service::plans::dispatch::{Compliance, Sent, Standing};
use tern_service::reports::{Bar, Bars, Fill, Names, Part};

use super::PlanName;
use super::sent::by_supplier;
use crate::failure::Failure;

const NAME: &str = "notice-compliance";
/// How a notice can stand, and what is drawn for it.
const STANDINGS: [(Standing, Fill, &str); 5] = [
    (Standing::InTime, Fill::Solid, "given in time"),
    (Standing::Late, Fill::Crossed, "given late"),
    (Standing::NotDelivered, Fill::Slanted, "not delivered"),
    (Standing::NotSent, Fill::Dotted, "not sent"),
    (Standing::FactsMissing, Fill::Barred, "FACTS MISSING"),
];

/// The files, with every notice until a day; none where nothing was ever sent.
pub fn files(plan: &PlanName, names: &Names, until: Date) -> Result<Vec<(String, String)>, Failure> {
    let Some(sent) = Sent::open(&plan.dir)? else { return Ok(Vec::new()) };
    let compliance = Compliance::of(&plan.open()?, Some(&sent), until, |_| Ok::<_, ServiceFault>(()))?;
    let table = by_supplier(&compliance);
    let picture = picture(&compliance, names, until);
    Ok(vec![(format!("{}.csv", table.name), table.to_csv()), (format!("{NAME}.svg"), picture.draw())])
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
