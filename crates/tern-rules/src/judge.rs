//! The framework: decides by role, group and date which rules are asked, asks them, and puts their answers in order.
//!
//! Pure, and blind to what any rule says. It must never ask the time: the day and the rule books' day are given.

use jiff::civil::Date;
use tern_model::facts::Facts;
use tern_model::{GroupId, Role, Verdict};
use tern_wire::migration::CommonInstallation;
use tern_wire::{FaultKind, WireFault};

use crate::context::{Context, Subject, Told, finding};
use crate::documents::{self, Document};
use crate::groups;
use crate::judgement::{InstallationJudgement, Judged, SetJudgement};
use crate::registry;
use crate::rule::{Check, Rule, Text};
use crate::view::SetView;

/// Judges a set as one role.
///
/// `day` is D, the planned migration day; `books_on` chooses the rule books. Both are calendar days in Europe/London.
#[must_use]
pub fn judge(view: &SetView<'_>, role: Role, day: Date, books_on: Date, facts: &Facts) -> SetJudgement {
    let context = Context::new(view, role, day, books_on, facts);
    let group = context.header.map(|h| h.group_id);
    let mut result = SetJudgement {
        role,
        day,
        books_on,
        tmad: documents::in_force(Document::Tmad, books_on),
        group,
        group_place: context.header_place("GroupID"),
        standing: group.map(|g| groups::standing(g, books_on)),
        set: Vec::new(),
        set_aside: Vec::new(),
        installations: Vec::new(),
    };
    let mut asked = Vec::new();
    for rule in registry::rules() {
        let per_installation = matches!(rule.check, Check::Installation(_) | Check::Meter(_));
        match applies(rule, role, group, books_on) {
            Ok(text) if per_installation => asked.push((rule, text)),
            Ok(_) => result.set.extend(judge_set(rule, &context)),
            Err(verdict) if per_installation => result.set_aside.push(Judged { rule, verdict }),
            Err(verdict) => result.set.push(Judged { rule, verdict }),
        }
    }
    result.installations = judge_installations(&context, &asked);
    result
}

/// The wording in force, or why the rule is not asked.
fn applies(rule: &'static Rule, role: Role, group: Option<GroupId>, books_on: Date) -> Result<&'static Text, Verdict> {
    let bound = group.is_none_or(|group| rule.groups.bind(group));
    if matches!(rule.check, Check::Explained(_) | Check::Code(_)) || !rule.roles.contains(&role) || !bound {
        return Err(Verdict::NotApplicable);
    }
    rule.text_on(books_on).ok_or(Verdict::NotYetInForce)
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

fn judge_installations(context: &Context<'_>, asked: &[(&'static Rule, &'static Text)]) -> Vec<InstallationJudgement> {
    let judge_one = |(entry, common): (usize, &CommonInstallation)| {
        let subject = |(rule, text)| Subject { set: context, rule, text, entry, common };
        let judged = asked.iter().flat_map(|asked| judge_subject(&subject(*asked))).collect();
        InstallationJudgement { entry, chf: common.chf_identifier, judged }
    };
    context.installations().iter().enumerate().map(judge_one).collect()
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
