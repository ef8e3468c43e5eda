//! `tern check`: what each role would say of a set. What it says is the rulebook's.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use jiff::civil::Date;
use serde::Serialize;
use tern_model::{ChfIdentifier, Role};
use tern_rules::documents::Force;
use tern_rules::groups::Standing;
use tern_rules::{Judged, SetJudgement};
use tern_service::check::Checker;
use tern_service::set_files::{OpenedSet, Reading, SetFolder};
use tern_wire::Verified;

use super::migrate::warnings;
use crate::context::{Context, need_dir};
use crate::exit::{Exit, after_help};
use crate::failure::Failure;
use crate::findings;
use crate::look::{Look, count, counted};
use crate::output::Report;
use crate::progress::Stage;
use crate::values;

/// Check migration file sets against every rule, without taking them in
///
/// Without --as, three files are judged as the DSP; with the Migration Common Validation File also as the S1SP and as the DCO,
/// as far as their keys are configured. The DSP and the Requesting Party never decrypt. What this very set already put into
/// inventory and counters does not count against it.
#[derive(Debug, clap::Args)]
#[command(after_help = after_help!(
    judging,
    "tern check tern-demo/sets/EA_1",
    "tern check sets/EA_42 --as rp",
    "tern check sets/EA_42 --as-of 2020-06-01 --json"
))]
pub struct Args {
    /// A folder with a set's files, or with such folders
    dir: PathBuf,
    /// Judge as this role alone
    #[arg(long = "as", value_name = "ROLE", value_enum)]
    role: Option<AsRole>,
    /// The day that chooses the rule books and counts as planned migration day; by default today
    #[arg(long, value_name = "DATE", value_parser = values::day)]
    as_of: Option<Date>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum AsRole {
    /// The Requesting Party, before it sends
    Rp,
    /// The DCC's data service
    Dsp,
    /// The SMETS1 Service Provider
    S1sp,
    /// The Dual Control Organisation
    Dco,
}

impl From<AsRole> for Role {
    fn from(role: AsRole) -> Role {
        match role {
            AsRole::Rp => Role::RequestingParty,
            AsRole::Dsp => Role::Dsp,
            AsRole::S1sp => Role::S1sp,
            AsRole::Dco => Role::Dco,
        }
    }
}

#[derive(Debug, Serialize)]
struct Checked {
    day: Date,
    sets: Vec<CheckedSet>,
    warnings: Vec<String>,
}

#[derive(Debug, Serialize)]
struct CheckedSet {
    dir: PathBuf,
    set: Option<String>,
    files: Vec<CheckedFile>,
    roles: Vec<CheckedRole>,
}

#[derive(Debug, Serialize)]
struct CheckedFile {
    kind: &'static str,
    name: String,
    installations: usize,
    signed_by: String,
}

#[derive(Debug, Serialize)]
struct CheckedRole {
    role: Role,
    /// The TMAD text in force, in words.
    books: String,
    /// The set as a whole may go on.
    set_clean: bool,
    verdicts: Vec<Said>,
    installations: usize,
    clean: usize,
    with_findings: usize,
    facts_missing: usize,
}

/// One unclean verdict.
#[derive(Debug, Serialize)]
struct Said {
    /// A finding says its clause and its grade itself; missing facts do not.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    rule: Option<RuleName>,
    #[serde(skip)]
    clause: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    chf_identifier: Option<ChfIdentifier>,
    #[serde(flatten)]
    verdict: tern_model::Verdict,
    #[serde(skip)]
    grade: tern_model::Grade,
}

/// Which rule lacks facts.
#[derive(Debug, Serialize)]
struct RuleName {
    clause: &'static str,
    grade: tern_model::Grade,
}

impl Args {
    pub fn run(self, context: &Context) -> Result<Exit, Failure> {
        need_dir(&self.dir, "name the folder that holds the set's files, or one with such folders")?;
        let configured = context.configured(&self.dir)?;
        let facts = tern_service::facts::load(&configured.config.path(&configured.config.facts.dir))?;
        let warnings = facts.faults.iter().map(ToString::to_string).collect();
        let now = configured.clock().now();
        let checker = Checker::new(configured.config, facts.facts, now, self.as_of)?;
        let mut report = Checked { day: checker.day(), sets: Vec::new(), warnings };
        let folders = SetFolder::find(&self.dir)?;
        let stage = Stage::begin("check", Some(folders.len()));
        for files in folders {
            let opened = files.read()?.open(checker.trust(), now);
            let roles = self.role.map_or_else(|| checker.roles_for(&opened), |role| vec![role.into()]);
            let asked = |role| roles.contains(&role);
            if self.role.is_none() && opened.validation.file().is_some() {
                let left = [Role::S1sp, Role::Dco].into_iter().filter(|&r| !asked(r));
                report.warnings.extend(left.map(|role| format!("not judged as {role}: its key is not here")));
            }
            let mut set = CheckedSet::of(&files, &opened);
            for role in roles {
                set.roles.push(CheckedRole::of(&checker.check(&opened, role)?.verdicts));
            }
            report.sets.push(set);
            stage.advance(1);
        }
        drop(stage);
        context.output.show(&report)?;
        let dirty = report.sets.iter().flat_map(|s| &s.roles).filter(|r| !r.is_clean()).count();
        Ok(Exit::of_findings(dirty))
    }
}

impl CheckedSet {
    fn of(files: &SetFolder, opened: &OpenedSet) -> CheckedSet {
        let mut list = Vec::new();
        let mut add = |kind, name: &str, installations, document: &tern_wire::VerifiedDocument| {
            let sender = document.sender();
            let signed_by = format!("{} {}", values::role_words(sender.role.as_str()), sender.name);
            list.push(CheckedFile { kind, name: name.to_owned(), installations, signed_by });
        };
        /// Adds a file that was read.
        fn file<T>(reading: &Reading<T>, mut add: impl FnMut(&Verified<T>)) {
            if let Some(file) = reading.file() {
                add(file);
            }
        }
        file(&opened.common, |f| {
            add("Migration Common File", f.document().name(), f.installations.len(), f.document())
        });
        file(&opened.group, |f| add("Migration Group File", f.document().name(), f.installations.len(), f.document()));
        file(&opened.encrypted, |f| {
            add("Migration Group Encrypted File", f.document().name(), f.installations.len(), f.document());
        });
        file(&opened.validation, |f| {
            add("Migration Common Validation File", f.document().name(), f.installations.len(), f.document());
        });
        CheckedSet {
            dir: files.dir.clone(),
            set: opened.set_id().map(|s| s.to_string()),
            files: list,
            roles: Vec::new(),
        }
    }
}

impl CheckedRole {
    fn of(verdicts: &SetJudgement) -> CheckedRole {
        let said = |judged: &Judged, chf: Option<ChfIdentifier>| Said {
            rule: matches!(judged.verdict, tern_model::Verdict::FactsMissing { .. })
                .then_some(RuleName { clause: judged.rule.clause, grade: judged.rule.grade }),
            clause: judged.rule.clause,
            chf_identifier: chf,
            verdict: judged.verdict.clone(),
            grade: judged.rule.grade,
        };
        let of_set: Vec<_> = verdicts.unclean().map(|j| said(j, None)).chain(early(verdicts)).collect();
        let of_all = verdicts.installations.iter().flat_map(|i| i.unclean().map(move |j| said(j, Some(i.chf))));
        let found = |i: &&tern_rules::InstallationJudgement| {
            i.unclean().any(|j| matches!(j.verdict, tern_model::Verdict::Finding(_)))
        };
        let dirty: Vec<_> = verdicts.installations.iter().filter(|i| !i.is_clean()).collect();
        let with_findings = dirty.iter().copied().filter(found).count();
        let books = books(verdicts);
        CheckedRole {
            role: verdicts.role,
            books,
            set_clean: verdicts.set_is_clean(),
            verdicts: of_set.into_iter().chain(of_all).collect(),
            installations: verdicts.installations.len(),
            clean: verdicts.installations.len() - dirty.len(),
            with_findings,
            facts_missing: dirty.len() - with_findings,
        }
    }

    fn is_clean(&self) -> bool {
        self.set_clean && self.clean == self.installations
    }
}

/// A group that is not yet in force refuses the set as a whole, though no rule does.
fn early(verdicts: &SetJudgement) -> Vec<Said> {
    let by_rules: Vec<_> = verdicts.unclean().filter_map(Judged::as_finding).collect();
    let finding = |f: tern_model::Finding| Said {
        rule: None,
        clause: "P-group",
        chf_identifier: None,
        grade: f.grade,
        verdict: tern_model::Verdict::Finding(Box::new(f)),
    };
    verdicts.refusals().into_iter().filter(|f| !by_rules.contains(f)).map(finding).collect()
}

/// Which text the set was judged under, and how its group stands in it.
fn books(verdicts: &SetJudgement) -> String {
    let on = verdicts.books_on;
    let Some(tmad) = verdicts.tmad else { return format!("no TMAD: none was in force on {on}") };
    let since = match tmad.force {
        Force::Since(day) => format!("in force since {day}"),
        Force::AssumedSince(day) => format!("in force since {day}, assumed"),
        Force::Never => "never in force".to_owned(),
    };
    let text = format!("TMAD {} ({since}) on {on}", tmad.version);
    match (verdicts.group, verdicts.standing) {
        (Some(group), Some(Standing::NotYetInForce)) => format!("{text}; group {group}: NOT YET IN FORCE"),
        (Some(group), Some(Standing::NotHeld)) => format!("{text}; group {group} is not yet served"),
        _ => text,
    }
}

impl Report for Checked {
    fn text(&self, look: &Look) -> String {
        let mut lines = warnings(&self.warnings, look);
        for (at, set) in self.sets.iter().enumerate() {
            if at > 0 {
                lines.push(String::new());
            }
            set.tell(look, &mut lines);
        }
        lines.join("\n")
    }
}

impl CheckedSet {
    fn tell(&self, look: &Look, lines: &mut Vec<String>) {
        if self.files.is_empty() {
            lines.push(format!("  {}", look.strong(&self.dir.display().to_string())));
        }
        for file in &self.files {
            let (installations, name) = (counted(file.installations, "installation"), look.strong(&file.name));
            lines.push(format!("  {:<32}  {name}", file.kind));
            lines.push(look.faint(&format!("  {:<32}  {installations}, signed by {}", "", file.signed_by)));
        }
        for role in &self.roles {
            role.tell(look, lines, &self.dir);
        }
    }
}

impl CheckedRole {
    fn tell(&self, look: &Look, lines: &mut Vec<String>, dir: &Path) {
        let words = values::role_words(self.role.as_str());
        lines.push(String::new());
        lines.push(look.paragraph(&format!("judged as {words} under {}", self.books), 2));
        let mut last = None;
        // What the DSP refused, its own judgement tells; here it would stand again.
        let (told_before, told): (Vec<_>, Vec<_>) = self.verdicts.iter().partition(|s| s.clause == "P-validated");
        if !told_before.is_empty() {
            let refused = counted(told_before.len(), "installation");
            lines.push(
                look.faint(&format!(
                    "  {refused} refused by the DSP, as the Common Validation File says (P-validated)"
                )),
            );
        }
        for said in told {
            if last != Some(said.chf_identifier) {
                lines.push(String::new());
                if let Some(chf) = said.chf_identifier {
                    lines.push(format!("  {}", look.strong(&format!("CHF {chf}"))));
                }
                last = Some(said.chf_identifier);
            }
            match &said.verdict {
                tern_model::Verdict::Finding(finding) => lines.push(findings::text(finding, look)),
                tern_model::Verdict::FactsMissing { missing } => {
                    lines.push(findings::facts_missing(said.clause, said.grade, missing, look));
                }
                _ => {}
            }
        }
        lines.push(String::new());
        let total = counted(self.installations, "installation");
        let verdict = if self.is_clean() {
            look.good(&format!("{total} judged, all clean"))
        } else if !self.set_clean {
            look.bad(&format!("the set in {} as a whole would be refused", dir.display()))
        } else {
            format!(
                "{total} judged: {} clean, {} with findings, {} with facts missing",
                count(self.clean),
                count(self.with_findings),
                count(self.facts_missing)
            )
        };
        let more =
            self.verdicts.first().map(|s| format!("  `tern explain {}` says more.", s.clause)).unwrap_or_default();
        lines.push(format!("  {verdict}.{}", look.faint(&more)));
    }
}
