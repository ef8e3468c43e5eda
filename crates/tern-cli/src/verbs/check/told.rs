//! What `tern check` says, as it is said: text, or the same as JSON, of which no more than one verdict is held.

use std::path::PathBuf;

use jiff::civil::Date;
use serde::Serialize;
use tern_model::{ChfIdentifier, Role};
use tern_rules::groups::Standing;
use tern_rules::{InstallationJudgement, Judged, SetJudgement};
use tern_service::check::Heard;
use tern_service::set_files::{OpenedSet, Reading, SetFolder};
use tern_wire::migration::SignedFile;
use tern_wire::stream::{Entries, SignedStream};

use crate::failure::Failure;
use crate::findings;
use crate::look::{Look, count, counted};
use crate::output::Stream;
use crate::progress::Stage;
use crate::values;

#[derive(Debug, Serialize)]
struct CheckedFile {
    kind: &'static str,
    name: String,
    installations: usize,
    signed_by: String,
}

impl CheckedFile {
    /// What it is, its name, and who signed it: side by side where there is room.
    fn lines(&self, look: &Look) -> Vec<String> {
        let name = look.strong(&self.name);
        let signed = format!("{}, signed by {}", counted(self.installations, "installation"), self.signed_by);
        let (kind, beside) = (format!("  {:<32}", self.kind), 36);
        if beside + signed.chars().count() > look.width {
            return vec![kind.trim_end().to_owned(), format!("    {name}"), look.faint(&look.paragraph(&signed, 4))];
        }
        vec![format!("{kind}  {name}"), look.faint(&format!("{:beside$}{signed}", ""))]
    }
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

/// How it ended with a role.
#[derive(Debug, Serialize)]
struct CheckedRole {
    /// The set as a whole may go on.
    set_clean: bool,
    installations: usize,
    clean: usize,
    with_findings: usize,
    facts_missing: usize,
}

/// Tells what is heard.
pub(super) struct Telling<'a> {
    out: Stream,
    stage: &'a Stage,
    warnings: Vec<String>,
    /// The folder of the set at hand.
    dir: PathBuf,
    sets: usize,
    /// Roles that had something to say against a set.
    dirty: usize,
    role: OfRole,
}

/// What has to be known of what a role has said so far.
#[derive(Default)]
struct OfRole {
    /// How much was said of the set as a whole.
    of_set: usize,
    /// The set as a whole would be refused, and no installation was spoken of yet.
    refused_whole: bool,
    /// The clause of the first verdict.
    first: Option<&'static str>,
    /// What was told last; for a set as a whole none.
    last: Option<Option<ChfIdentifier>>,
    /// Installations that the DSP had refused: its own judgement tells of them; here it would stand again.
    told_before: usize,
}

impl<'a> Telling<'a> {
    pub(super) fn begin(mut out: Stream, stage: &'a Stage, day: Date, warned: Vec<String>) -> Telling<'a> {
        let look = out.look();
        let lines = look.warnings(&warned);
        out.text(|| lines);
        out.open(&format!("{{\"day\":\"{day}\",\"sets\":["), "]}");
        Telling { out, stage, warnings: warned, dir: PathBuf::new(), sets: 0, dirty: 0, role: OfRole::default() }
    }

    /// A set comes next; `left` are roles that cannot be asked.
    pub(super) fn set(&mut self, folder: &SetFolder, opened: &OpenedSet, left: &[Role]) -> Result<(), Failure> {
        #[derive(Serialize)]
        struct Head<'a> {
            dir: &'a std::path::Path,
            set: Option<String>,
            files: &'a [CheckedFile],
        }
        self.dir.clone_from(&folder.dir);
        let mut files = Vec::new();
        add(&mut files, "Migration Common File", &opened.common);
        add(&mut files, "Migration Group File", &opened.group);
        add(&mut files, "Migration Group Encrypted File", &opened.encrypted);
        add(&mut files, "Migration Common Validation File", &opened.validation);
        let unasked: Vec<String> =
            left.iter().map(|role| format!("not judged as {role}: its key is not here")).collect();
        let (look, first) = (self.out.look(), self.sets == 0);
        self.sets += 1;
        let dir = folder.dir.display().to_string();
        let lines = || {
            let mut lines = if first { Vec::new() } else { vec![String::new()] };
            lines.extend(look.warnings(&unasked));
            if files.is_empty() {
                lines.push(format!("  {}", look.strong(&dir)));
            }
            files.iter().for_each(|file| lines.extend(file.lines(&look)));
            lines
        };
        self.stage.aside(|| {
            self.out.text(lines);
            let set = opened.set_id().map(|set| set.to_string());
            self.out.open_object(&Head { dir: &folder.dir, set, files: &files }, "roles")
        })?;
        self.warnings.extend(unasked);
        Ok(())
    }

    /// What a role says next.
    pub(super) fn hear(&mut self, heard: Heard<'_>) -> Result<(), Failure> {
        match heard {
            Heard::Set(verdicts) => self.role_begins(verdicts),
            Heard::Installation(installation) => self.installation(installation),
        }
    }

    fn role_begins(&mut self, verdicts: &SetJudgement) -> Result<(), Failure> {
        #[derive(Serialize)]
        struct Head {
            role: Role,
            books: String,
        }
        self.role = OfRole::default();
        let head = Head { role: verdicts.role, books: books(verdicts) };
        let look = self.out.look();
        let words = values::role_words(verdicts.role.as_str());
        let line = look.paragraph(&format!("judged as {words} under {}", head.books), 2);
        self.stage.aside(|| {
            self.out.text(|| vec![String::new(), line]);
            self.out.open_object(&head, "verdicts")
        })?;
        self.of_set(verdicts)?;
        self.role.refused_whole = !verdicts.set_is_clean();
        Ok(())
    }

    /// Tells what is said of the set as a whole and was not told yet.
    fn of_set(&mut self, verdicts: &SetJudgement) -> Result<(), Failure> {
        let all: Vec<_> = verdicts.unclean().map(|j| Said::of(j, None)).chain(early(verdicts)).collect();
        let told = std::mem::replace(&mut self.role.of_set, all.len());
        all.iter().skip(told).try_for_each(|said| self.say(said))
    }

    fn installation(&mut self, installation: &InstallationJudgement) -> Result<(), Failure> {
        installation.unclean().try_for_each(|judged| self.say(&Said::of(judged, Some(installation.chf))))
    }

    fn say(&mut self, said: &Said) -> Result<(), Failure> {
        let role = &mut self.role;
        role.first.get_or_insert(said.clause);
        let repeats_dsp = said.clause == "P-validated";
        role.told_before += usize::from(repeats_dsp);
        let begins = !repeats_dsp && role.last.replace(said.chf_identifier) != Some(said.chf_identifier);
        let look = self.out.look();
        let after_whole = begins && said.chf_identifier.is_some() && std::mem::take(&mut role.refused_whole);
        let lines = || {
            let mut lines = Vec::new();
            if after_whole {
                let words =
                    "the set as a whole would be refused for this; what was found in single installations follows:";
                lines.extend([String::new(), look.bad(&look.paragraph(words, 2))]);
            }
            if begins {
                lines.push(String::new());
                lines.extend(said.chf_identifier.map(|chf| format!("  {}", look.strong(&format!("CHF {chf}")))));
            }
            match &said.verdict {
                _ if repeats_dsp => {}
                tern_model::Verdict::Finding(finding) => lines.push(findings::text(finding, &look)),
                tern_model::Verdict::FactsMissing { missing } => {
                    lines.push(findings::facts_missing(said.clause, said.grade, missing, &look));
                }
                _ => {}
            }
            lines
        };
        self.stage.aside(|| {
            self.out.text(lines);
            self.out.item(said)
        })
    }

    /// A role has said all.
    pub(super) fn role_is_over(&mut self, verdicts: &SetJudgement) -> Result<(), Failure> {
        self.of_set(verdicts)?;
        let counts = verdicts.installations;
        let role = CheckedRole {
            set_clean: verdicts.set_is_clean(),
            installations: counts.judged,
            clean: counts.clean(),
            with_findings: counts.with_findings,
            facts_missing: counts.facts_missing,
        };
        self.dirty += usize::from(!verdicts.is_clean());
        let lines = self.summary(&role);
        self.stage.aside(|| {
            self.out.text(|| lines);
            self.out.close_object(&role)
        })
    }

    fn summary(&self, role: &CheckedRole) -> Vec<String> {
        let look = self.out.look();
        let mut lines = vec![String::new()];
        if self.role.told_before > 0 {
            let refused = counted(self.role.told_before, "installation");
            lines.push(
                look.faint(&format!(
                    "  {refused} refused by the DSP, as the Common Validation File says (P-validated)"
                )),
            );
        }
        let total = counted(role.installations, "installation");
        let verdict = if !role.set_clean {
            look.bad(&format!("the set in {} as a whole would be refused", self.dir.display()))
        } else if role.clean == role.installations {
            look.good(&format!("{total} judged, all clean"))
        } else {
            format!(
                "{total} judged: {} clean, {} with findings, {} with facts missing",
                count(role.clean),
                count(role.with_findings),
                count(role.facts_missing)
            )
        };
        let more = self.role.first.map(|clause| format!("  `tern explain {clause}` says more.")).unwrap_or_default();
        lines.push(format!("  {verdict}.{}", look.faint(&more)));
        lines
    }

    /// The set has been told.
    pub(super) fn set_is_over(&mut self) -> Result<(), Failure> {
        self.out.close();
        Ok(())
    }

    /// All has been told: how many roles had something to say against a set.
    pub(super) fn end(mut self) -> Result<usize, Failure> {
        #[derive(Serialize)]
        struct Tail {
            warnings: Vec<String>,
        }
        self.out.close_object(&Tail { warnings: self.warnings })?;
        self.out.end()?;
        Ok(self.dirty)
    }
}

/// A file of the set, where it was read.
fn add<T: SignedFile + Entries>(files: &mut Vec<CheckedFile>, kind: &'static str, reading: &Reading<T>) {
    let told = |file: &SignedStream<T>| {
        let sender = file.sender();
        let signed_by = format!("{} {}", values::role_words(sender.role.as_str()), sender.name);
        CheckedFile { kind, name: file.name().to_owned(), installations: file.keys().len(), signed_by }
    };
    files.extend(reading.file().map(told));
}

impl Said {
    fn of(judged: &Judged, chf: Option<ChfIdentifier>) -> Said {
        Said {
            rule: matches!(judged.verdict, tern_model::Verdict::FactsMissing { .. })
                .then_some(RuleName { clause: judged.rule.clause, grade: judged.rule.grade }),
            clause: judged.rule.clause,
            chf_identifier: chf,
            verdict: judged.verdict.clone(),
            grade: judged.rule.grade,
        }
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
    let text = format!("TMAD {} ({}) on {on}", tmad.version.version, tmad.force.describe());
    match (verdicts.group, verdicts.standing) {
        (Some(group), Some(Standing::NotYetInForce)) => format!("{text}; group {group}: NOT YET IN FORCE"),
        _ => text,
    }
}
