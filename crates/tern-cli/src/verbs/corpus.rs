//! `tern corpus`: invents installations. What it invents is `tern_world::corpus`'s.

mod defects;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::Serialize;
use tern_model::{CertificateId, GroupId, OutcomeKind, PartyId, Role};
use tern_service::pki;
use tern_wire::smki::{Trust, Usage};
use tern_world::corpus::{self, Corpus, ESTATE_DIR, HubIdentity, PLANTED_FILE, Plan, SmsoParty, ToPlan, WORLD_DIR};
use tern_world::devices::{INITIAL_FILE, Known};

use super::pki::PkiDir;
use crate::context::Context;
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::look::{Look, cell, count_cell, counted};
use crate::output::Report;
use crate::progress::Stage;
use crate::values;

/// Invent installations, some of them defective, with everybody's records of them
///
/// Writes the SMSOs' own records with the device keys (smso/), the DCC's fact records (facts/), the state of the simulated
/// devices (world/), and what was planted where (planted.csv). The same seed gives the same installations.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    plain,
    "tern corpus ./work --pki ./pki",
    "tern corpus ./work --group AA,CB,EA",
    "tern corpus ./work --installations 250 --seed 7 --defects 10 --faults 4 --day 2021-03-02",
    "tern corpus ./work --kinds excluded,not-authorised",
    "tern corpus ./work --to-plan --day 2020-11-30 -n 60",
    "tern corpus --list-defects"
))]
pub struct Args {
    /// The folder to write to; it must not hold a corpus already
    #[arg(default_value = ".")]
    dir: PathBuf,
    #[command(flatten)]
    order: Order,
    /// List every kind of defect, what must come of it and where it is planted; make nothing
    #[arg(long)]
    list_defects: bool,
    #[command(flatten)]
    pki: PkiDir,
}

/// What corpus is wanted.
#[derive(Debug, Clone, clap::Args)]
pub struct Order {
    /// How many installations
    #[arg(long, short = 'n', value_name = "NUMBER", default_value = "1000", value_parser = values::at_least_one)]
    pub installations: usize,
    /// The same seed gives the same installations
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,
    /// How many of them are defective, in per cent, with one digit after the point at most
    #[arg(long, value_name = "PER CENT", default_value = "5", value_parser = permille)]
    pub defects: usize,
    /// Which kinds of defect, in turn: names as `--list-defects` has them, or `all`; by default the eight of a demo
    #[arg(long, value_name = "KIND", value_delimiter = ',', value_parser = defects::choice)]
    pub kinds: Vec<defects::Choice>,
    /// How many of them have devices that fail
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub faults: usize,
    /// The GroupIDs that they are of, in turn
    #[arg(long, value_name = "GROUP", default_value = "EA", value_delimiter = ',')]
    pub group: Vec<GroupId>,
    /// The planned migration day, from which all others are counted; by default today
    #[arg(long, value_name = "DATE", value_parser = values::day)]
    pub day: Option<Date>,
    /// Leave them to be planned: write an estate too (estate/), and no record of notices or of configuration by the SMSO, which
    /// `tern run` brings about
    #[arg(long)]
    pub to_plan: bool,
    /// With --to-plan: one in so many is Dormant and has older firmware than its entry; 0: none
    #[arg(long, value_name = "NUMBER", default_value_t = 5, requires = "to_plan")]
    pub behind: usize,
    /// The meters have no more suppliers than so many.
    #[arg(skip)]
    pub suppliers_max: Option<usize>,
}

fn permille(text: &str) -> Result<usize, String> {
    let wrong = || "expected per cent from 0 to 100, for example 5 or 2.5".to_owned();
    let (whole, tenth) =
        text.strip_suffix('%').unwrap_or(text).split_once('.').unwrap_or((text.trim_end_matches('%'), "0"));
    let digits = |part: &str, most: usize| {
        ((1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()))
            .then(|| part.parse().ok())
            .flatten()
    };
    let (whole, tenth): (usize, usize) = (digits(whole, 3).ok_or_else(wrong)?, digits(tenth, 1).ok_or_else(wrong)?);
    let permille = whole * 10 + tenth;
    if permille <= 1000 { Ok(permille) } else { Err(wrong()) }
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        if self.list_defects {
            context.output.show(&defects::Defects::all())?;
            return Ok(Exit::Clean);
        }
        let configured = context.config_or_default(&self.dir)?;
        let (pki_dir, clock) = (configured.pki_dir(self.pki.dir.clone()), configured.clock());
        let (now, day) = (clock.now(), self.order.day.unwrap_or_else(|| clock.today()));
        if self.dir.join(WORLD_DIR).join(INITIAL_FILE).exists() {
            let what = format!("{} holds a corpus already", self.dir.display());
            return Err(Failure::new(what, "name another folder; nothing is written over"));
        }
        let corpus = invent(&self.order, &pki_dir, day, now)?;
        corpus.write(&self.dir)?;
        context.output.show(&Made::of(&self, day, &corpus))?;
        Ok(Exit::Clean)
    }
}

/// Invents a corpus around the parties of a key infrastructure.
///
/// # Errors
/// Keys cannot be loaded, or the order cannot be met.
pub fn invent(order: &Order, pki_dir: &Path, day: Date, now: jiff::Timestamp) -> Result<Corpus, Failure> {
    let issuer = pki::load_issuer(pki_dir)?;
    let trust = pki::load_trust(pki_dir)?;
    let stage = Stage::begin("corpus", Some(order.installations));
    let mut corpus = plan_of(order, &trust, day, now, |plan| {
        corpus::generate(plan, &mut |chf, chance| {
            stage.advance(1);
            let issued = pki::device_certificate(&issuer, chf, chance, now);
            issued.map(HubIdentity::from).map_err(|error| error.to_string())
        })
    })?;
    corpus.known = Known::of(&pki::load_authorities(pki_dir)?, &trust, now);
    Ok(corpus)
}

/// What is asked for as a plan, with the parties that may sign at a moment; `make` makes something of it.
pub fn plan_of<T>(
    order: &Order,
    trust: &Trust,
    day: Date,
    now: jiff::Timestamp,
    make: impl FnOnce(&Plan<'_>) -> T,
) -> T {
    let (mut suppliers, network_operators) =
        (parties(trust, Role::Supplier, now), parties(trust, Role::NetworkOperator, now));
    suppliers.truncate(order.suppliers_max.unwrap_or(usize::MAX));
    let (smsos, kinds) = (smsos(trust, now), defects::chosen(&order.kinds, &order.group));
    let s1sp = trust.usable(Role::S1sp, None, Usage::Sign, now);
    make(&Plan {
        installations: order.installations,
        seed: order.seed,
        defects_permille: order.defects,
        defects: &kinds,
        faults: order.faults,
        day,
        suppliers: &suppliers,
        network_operators: &network_operators,
        groups: &order.group,
        smsos: &smsos,
        s1sp: s1sp.first().map_or(CertificateId::Null, |c| c.id().clone()),
        to_plan: order.to_plan.then_some(ToPlan { behind_one_in: order.behind }),
    })
}

impl Order {
    /// So many installations without a defect or fault.
    pub fn of_healthy(installations: usize, seed: u64, day: Date) -> Order {
        let (kinds, group) = (Vec::new(), vec![GroupId::EA]);
        let (to_plan, behind) = (false, 0);
        let day = Some(day);
        Order { installations, seed, defects: 0, kinds, faults: 0, group, day, to_plan, behind, suppliers_max: None }
    }
}

fn parties(trust: &Trust, role: Role, now: jiff::Timestamp) -> Vec<PartyId> {
    let mut parties: Vec<PartyId> = trust.usable(role, None, Usage::Sign, now).iter().map(|c| c.party()).collect();
    parties.dedup();
    parties
}

fn smsos(trust: &Trust, now: jiff::Timestamp) -> Vec<SmsoParty> {
    let mut certificates = trust.usable(Role::Smso, None, Usage::Sign, now);
    certificates.dedup_by_key(|c| c.party());
    let party = |c: &std::sync::Arc<tern_wire::smki::Certificate>| SmsoParty {
        name: c.common_name().to_owned(),
        party: c.party(),
        certificate: c.id().clone(),
    };
    certificates.iter().map(party).collect()
}

#[derive(Debug, Serialize)]
struct Made {
    dir: PathBuf,
    installations: usize,
    seed: u64,
    day: Date,
    smsos: BTreeMap<String, usize>,
    /// Whether an estate was written too.
    to_plan: bool,
    planted: Vec<Planted>,
}

/// What was planted of one kind.
#[derive(Debug, Serialize)]
struct Planted {
    kind: &'static str,
    code: &'static str,
    outcome: OutcomeKind,
    installations: usize,
}

impl Made {
    fn of(args: &Args, day: Date, corpus: &Corpus) -> Made {
        let mut kinds = BTreeMap::new();
        for planted in &corpus.planted {
            *kinds.entry((planted.kind, planted.code())).or_insert(0) += 1;
        }
        let planted = |((kind, code), installations): ((corpus::PlantedKind, &'static str), usize)| Planted {
            kind: kind.as_str(),
            code,
            outcome: kind.outcome(),
            installations,
        };
        Made {
            dir: args.dir.clone(),
            installations: args.order.installations,
            seed: args.order.seed,
            day,
            smsos: corpus.smsos.iter().map(|(name, records)| (name.clone(), records.installations.len())).collect(),
            to_plan: corpus.described.is_some(),
            planted: kinds.into_iter().map(planted).collect(),
        }
    }
}

impl Report for Made {
    fn text(&self, look: &Look) -> String {
        let (dir, installations) = (self.dir.display(), counted(self.installations, "installation"));
        let (made, seed, day) = (look.good("made"), self.seed, self.day);
        let then = if self.to_plan { "to plan from" } else { "to migrate on" };
        let mut lines = vec![format!("{made} {installations} in {dir}, from seed {seed}, {then} {day}")];
        for (smso, installations) in &self.smsos {
            let records = counted(*installations, "record");
            lines.push(format!("  {:<12} {records} of the SMSO with the device keys", format!("smso/{smso}/")));
        }
        let planted: usize = self.planted.iter().map(|kind| kind.installations).sum();
        lines.push("  facts/       the DCC's records".to_owned());
        lines.push("  world/       the simulated devices".to_owned());
        if self.to_plan {
            let estate = format!("{ESTATE_DIR}/");
            lines.push(format!("  {estate:<12} the six files by which their migration is planned"));
        }
        lines.push(format!("  {PLANTED_FILE:<12} what was planted in {}", counted(planted, "installation")));
        if !self.planted.is_empty() {
            let rows = self
                .planted
                .iter()
                .map(|kind| vec![cell(kind.kind), count_cell(kind.installations), cell(kind.outcome), cell(kind.code)]);
            lines.push(String::new());
            lines.push(look.table(&["planted", "installations", "must end", "under"], 0, rows));
        }
        lines.push(String::new());
        let next = if self.to_plan {
            format!("  next: `tern plan make {}`", self.dir.join(ESTATE_DIR).display())
        } else {
            "  next: `tern smso export`, as the SMSO".to_owned()
        };
        lines.push(look.faint(&next));
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn per_cent_with_a_tenth() {
        assert_eq!(["5", "5%", "2.5", "0", "100"].map(|text| permille(text).ok()), [50, 50, 25, 0, 1000].map(Some));
        for wrong in ["", "-1", "101", "2.55", "five", "+5", "1.", ".5"] {
            assert!(permille(wrong).is_err(), "{wrong}");
        }
    }
}
