//! `tern duties`: what Responsible Suppliers owe of meters after commissioning, and by when.

mod line;

use std::path::PathBuf;

use jiff::civil::Date;
use serde::Serialize;
use tern_model::Role;
use tern_service::ServiceFault;
use tern_service::duties::{Bench, Gone, MeterEvents, record};
use tern_service::overview::Overview;
use tern_store::SqliteStore;

use crate::context::{Configured, Context, Records};
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::look::{Look, count, counted};
use crate::output::Report;
use crate::values::day;
use line::{Line, MeterWanted, Standing};

/// List what suppliers owe after commissioning: Credit Mode before a change of supplier, prepayment keys
///
/// Clause 4.49, judged from the events file for every meter that was commissioned here, and the Active Meters in Prepayment
/// Mode whose prepayment key no Top Up has verified since. What is broken comes first, then what is not known.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    judging,
    "tern duties",
    "tern duties tern-demo --as-of 2021-03-20",
    "tern duties --meter 00-DB-12-53-80-00-00-03",
    "tern duties --record"
))]
pub struct Args {
    /// The folder with tern.toml, or one below it
    #[arg(default_value = ".")]
    dir: PathBuf,
    /// The events file; by default tern.toml's
    #[arg(long, value_name = "FILE")]
    events: Option<PathBuf>,
    /// The day to judge for: nothing after it is known; by default today
    #[arg(long, value_name = "DATE", value_parser = day)]
    as_of: Option<Date>,
    /// One meter, by Device ID or MPxN, with every condition and its evidence
    #[arg(long, value_name = "METER")]
    meter: Option<MeterWanted>,
    /// Keep what is broken in the DSP's store and audit, each once
    #[arg(long, conflicts_with = "as_of")]
    record: bool,
}

#[derive(Debug, Serialize)]
struct Duties {
    day: Date,
    /// Meters that were commissioned here.
    meters: usize,
    /// Those of which it is not known whether their prepayment key is to be verified.
    key_unknown: usize,
    /// One for each meter of which there is something to tell.
    duties: Vec<Line>,
    /// Newly kept in the DSP's store.
    recorded: usize,
    /// Rows that could not be used, and events that do not fit.
    warnings: Vec<String>,
    #[serde(skip)]
    detailed: bool,
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        let configured = context.configured(&self.dir)?;
        let clock = configured.clock();
        let day = self.as_of.unwrap_or_else(|| clock.today());
        let file = configured.dir(self.events.clone(), &configured.config.facts.events);
        let events = MeterEvents::read(&file)?;
        let Records { facts, mut warnings } = configured.records()?;
        warnings.extend(events.faults.iter().map(ToString::to_string));
        let mut report = Duties {
            day,
            meters: 0,
            key_unknown: 0,
            duties: Vec::new(),
            recorded: 0,
            warnings,
            detailed: self.meter.is_some(),
        };
        let overview = Overview::open(&configured.config)?;
        if let Some((_, Some(s1sp))) = overview.stores().into_iter().find(|(role, _)| *role == Role::S1sp) {
            let reminder_days = &configured.config.duties.reminder_days;
            let rulebook = &configured.config.rulebook;
            let bench = Bench { s1sp, facts: &facts, rulebook, events: &events, day, reminder_days };
            let mut keep = self.keeper(&configured)?;
            let gone = report.gather(&bench, self.meter.as_ref(), &mut keep, clock.now())?;
            (report.meters, report.key_unknown) = (gone.meters, gone.key_unknown);
            if gone.strange_events > 0 && self.meter.is_none() {
                let events = counted(usize::try_from(gone.strange_events).unwrap_or(usize::MAX), "event");
                report.warnings.push(format!("{}: {events} of meters that were not commissioned here", file.display()));
            }
        }
        self.found(&report)?;
        context.output.show(&report)?;
        Ok(Exit::of_findings(report.duties.iter().filter(|line| line.is_finding()).count()))
    }

    /// The DSP's store, where what is broken is to be kept.
    fn keeper(&self, configured: &Configured) -> Result<Option<SqliteStore>, Failure> {
        let path = configured.config.path(&configured.config.roles.dsp.store);
        if self.record { Ok(Some(SqliteStore::open(&path, Role::Dsp).map_err(ServiceFault::from)?)) } else { Ok(None) }
    }

    /// A meter that was asked for by name must be there.
    fn found(&self, report: &Duties) -> Result<(), Failure> {
        match &self.meter {
            Some(meter) if report.duties.is_empty() => Err(Failure::new(
                format!("no meter {meter} was commissioned here"),
                "`tern status` lists what was; name the meter by its Device ID or its MPxN",
            )),
            _ => Ok(()),
        }
    }
}

impl Duties {
    fn gather(
        &mut self,
        bench: &Bench<'_>,
        wanted: Option<&MeterWanted>,
        keep: &mut Option<SqliteStore>,
        now: jiff::Timestamp,
    ) -> Result<Gone, Failure> {
        let gone = bench.each(|duties| -> Result<(), Failure> {
            let told =
                duties.misfits.iter().map(|misfit| format!("meter_events.csv row {}: {}", misfit.row, misfit.text));
            self.warnings.extend(told);
            if !wanted.map_or_else(|| duties.has_something(), |wanted| wanted.is(&duties.meter)) {
                return Ok(());
            }
            let supplier = bench.responsible_supplier(&duties)?;
            if let Some(store) = keep {
                self.recorded += usize::from(record(store, &duties, supplier, (now, bench.rulebook.overlay_name()))?);
            }
            self.duties.extend(Line::of(duties, supplier, bench.day, wanted.is_some()));
            Ok(())
        })?;
        self.duties.sort_by_key(Line::urgency);
        Ok(gone)
    }

    fn count(&self, standing: Standing) -> usize {
        self.duties.iter().filter(|line| line.standing == standing).count()
    }

    /// The last line: how many of each.
    fn sum(&self, look: &Look) -> String {
        let of = |standing, words: &str| {
            let number = self.count(standing);
            (number > 0).then(|| format!("{} {words}", count(number)))
        };
        let keys = self.count(Standing::VerifyKey);
        let keys = (keys > 0).then(|| format!("{} to verify", counted(keys, "prepayment key")));
        let parts = [
            of(Standing::Broken, "broken").map(|words| look.bad(&words)),
            of(Standing::Unknown, "not known").map(|words| look.unsure(&words)),
            of(Standing::Owed, "to set to Credit Mode"),
            keys,
        ];
        let parts: Vec<_> = parts.into_iter().flatten().collect();
        format!("  {} on {}: {}", counted(self.meters, "meter"), self.day, parts.join(", "))
    }
}

impl Report for Duties {
    fn text(&self, look: &Look) -> String {
        let mut lines: Vec<String> = self
            .warnings
            .iter()
            .map(|warning| format!("  {} {}", look.unsure("!"), look.hanging(warning, 4)))
            .collect();
        if self.detailed {
            lines.extend(self.duties.iter().map(|line| line.details(look)));
            return lines.join("\n");
        }
        if self.duties.is_empty() {
            let meters = counted(self.meters, "meter");
            lines.push(format!("  {} nothing is owed on {} of {meters}", look.good("✓"), self.day));
        } else {
            let header = ["by", "meter", "MPxN", "Responsible Supplier", "what to do"];
            lines.push(look.table(&header, 4, self.duties.iter().map(Line::cells)));
            lines.push(String::new());
            lines.push(self.sum(look));
        }
        if self.key_unknown > 0 {
            let meters = counted(self.key_unknown, "meter");
            let words = format!(
                "of {meters} it is not known whether the prepayment key is to be verified: no Payment Mode recorded"
            );
            lines.push(look.paragraph(&words, 2));
        }
        if self.recorded > 0 {
            lines.push(format!("  newly kept in the DSP's store and audit: {}", count(self.recorded)));
        }
        lines.push(
            look.paragraph("`tern duties --meter METER` shows every condition, `tern explain 4.49` the clause", 2),
        );
        lines.join("\n")
    }
}
