//! The framework: decides by role, group and date which rules are asked, asks them, and puts their answers in order.
//!
//! Pure, and blind to what any rule says. It must never ask the time: the day and the rule books are given.

use jiff::civil::Date;
use tern_model::{GroupId, Role, Verdict};
use tern_wire::{FaultKind, WireFault};

use crate::context::{Context, Subject, Told, finding};
use crate::documents::Document;
use crate::groups;
use crate::judgement::{Counts, InstallationJudgement, Judged, SetJudgement};
use crate::registry;
use crate::rule::{Check, Rule, Text};
use crate::rulebook::Books;
use crate::view::{PartView, SetView};

/// Judges a set as one role: at once what is said of it as a whole, then its installations, run by run.
///
/// Verdicts on an installation do not depend on how the set was cut into runs, for a rule sees nothing of other
/// installations but the IDs that are used more than once.
pub struct Judge<'a> {
    context: Context<'a>,
    asked: Vec<(&'static Rule, &'static Text)>,
    verdicts: SetJudgement,
}

impl<'a> Judge<'a> {
    /// Judges the set as a whole.
    ///
    /// `day` is D, the planned migration day, a calendar day in Europe/London; `books` are those of a day of their own.
    #[must_use]
    pub fn new(view: &'a SetView<'a>, role: Role, day: Date, books: Books<'a>) -> Judge<'a> {
        let context = Context::new(view, role, day, books);
        let mut verdicts = nothing_said(&context);
        let mut asked = Vec::new();
        for rule in registry::rules() {
            let per_installation = matches!(rule.check, Check::Installation(_) | Check::Meter(_));
            match applies(rule, role, verdicts.group, books) {
                Ok(text) if per_installation => asked.push((rule, text)),
                Ok(_) => verdicts.set.extend(judge_set(rule, &context).into_iter().map(|judged| context.named(judged))),
                Err(verdict) if per_installation => verdicts.set_aside.push(Judged { rule, verdict }),
                Err(verdict) => verdicts.set.push(Judged { rule, verdict }),
            }
        }
        Judge { context, asked, verdicts }
    }

    /// What is said of the set as a whole; no installation has been counted.
    #[must_use]
    pub fn verdicts(&self) -> &SetJudgement {
        &self.verdicts
    }

    /// Judges one installation of a run; `at` counts from 0 within the run. None where there is no such one.
    #[must_use]
    pub fn installation<'p>(&'p self, part: &'p PartView<'p>, at: usize) -> Option<InstallationJudgement> {
        let common = part.common.value().installations.get(at)?;
        let subject = |(rule, text)| Subject { set: &self.context, part, rule, text, at, common };
        let judged = self.asked.iter().flat_map(|asked| judge_subject(&subject(*asked)));
        let judged = judged.map(|judged| self.context.named(judged)).collect();
        Some(InstallationJudgement { entry: part.first + at, chf: common.chf_identifier, judged })
    }
}

fn nothing_said(context: &Context<'_>) -> SetJudgement {
    let (group, books) = (context.header.map(|h| h.group_id), context.books);
    SetJudgement {
        role: context.role,
        day: context.day,
        books_on: books.on,
        tmad: books.version(Document::Tmad),
        overlay: books.rulebook.overlay_name().cloned(),
        group,
        group_place: context.header_place("GroupID"),
        standing: group.map(|g| books.standing(g)),
        group_since: group.and_then(|g| books.rulebook.in_force_from(groups::row_of(g).since)),
        set: Vec::new(),
        set_aside: Vec::new(),
        installations: Counts::default(),
    }
}

/// The wording in force, or why the rule is not asked.
fn applies(
    rule: &'static Rule,
    role: Role,
    group: Option<GroupId>,
    books: Books<'_>,
) -> Result<&'static Text, Verdict> {
    let bound = group.is_none_or(|group| rule.groups.bind(group));
    if matches!(rule.check, Check::Explained(_) | Check::Code(_)) || !rule.roles.contains(&role) || !bound {
        return Err(Verdict::NotApplicable);
    }
    books.text_of(rule, group).ok_or(Verdict::NotYetInForce)
}

fn judge_set(rule: &'static Rule, context: &Context<'_>) -> Vec<Judged> {
    let verdicts = match rule.check {
        Check::Wire(kind) => {
            context.view.faults.iter().filter(|f| f.kind == kind).map(|f| finding(rule, Told::of(f))).collect()
        }
        Check::Set(check) => check(context),
        Check::Scope(_) => vec![Verdict::Pass],
        Check::Explained(_) | Check::Code(_) | Check::Installation(_) | Check::Meter(_) => vec![Verdict::NotApplicable],
    };
    settled(rule, verdicts)
}

fn judge_subject(subject: &Subject<'_>) -> Vec<Judged> {
    let verdicts = match subject.rule.check {
        Check::Installation(check) => check(subject),
        Check::Meter(check) => subject.meters().map(|meter| check(subject, &meter)).collect(),
        Check::Explained(_) | Check::Code(_) | Check::Scope(_) | Check::Wire(_) | Check::Set(_) => {
            vec![Verdict::NotApplicable]
        }
    };
    settled(subject.rule, verdicts)
}

/// Every unclean verdict where there is one; else PASS where something passed; else NOT YET IN FORCE or NOT APPLICABLE, as
/// the rule said. No verdict at all means that there was nothing against it: PASS.
fn settled(rule: &'static Rule, verdicts: Vec<Verdict>) -> Vec<Judged> {
    let said = |verdict| verdicts.contains(&verdict).then_some(verdict);
    let clean = said(Verdict::Pass).or_else(|| said(Verdict::NotYetInForce)).or_else(|| said(Verdict::NotApplicable));
    let clean = clean.unwrap_or(Verdict::Pass);
    let mut unclean: Vec<Judged> =
        verdicts.into_iter().filter(|v| !v.is_clean()).map(|verdict| Judged { rule, verdict }).collect();
    unclean.dedup_by(|a, b| a.verdict == b.verdict);
    if unclean.is_empty() { vec![Judged { rule, verdict: clean }] } else { unclean }
}

/// The rule that a fault breaks.
#[must_use]
pub fn rule_of(kind: FaultKind) -> Option<&'static Rule> {
    registry::find(kind.rule())
}

/// A fault as the finding of its rule: for files that never come as far as a set.
#[must_use]
pub fn finding_of(fault: &WireFault) -> tern_model::Finding {
    let WireFault { kind, place, message, found, expected, suggestion } = fault.clone();
    tern_model::Finding {
        clause: kind.rule().into(),
        grade: tern_model::Grade::Project,
        place,
        message,
        found,
        expected,
        suggestion,
    }
}
