//! What the judge says: verdicts on the set, verdicts on each installation, and what follows from them.

use jiff::civil::Date;
use tern_model::{ChfIdentifier, Finding, Grade, GroupId, Place, Role, Verdict};

use tern_wire::WireFault;

use crate::context::{Told, finding};
use crate::groups::{self, Standing};
use crate::overlay::OverlayName;
use crate::registry;
use crate::rule::Rule;
use crate::rulebook::InForce;

/// A rule and what it says.
#[derive(Debug, Clone)]
pub struct Judged {
    /// The rule.
    pub rule: &'static Rule,
    /// Its verdict.
    pub verdict: Verdict,
}

impl Judged {
    /// The verdict as a finding, as validation and viability files carry it: facts missing is one whose message begins
    /// so. None where the verdict is clean.
    #[must_use]
    pub fn as_finding(&self) -> Option<Finding> {
        match &self.verdict {
            Verdict::Finding(finding) => Some((**finding).clone()),
            Verdict::FactsMissing { missing } => Some(Finding {
                clause: self.rule.clause.into(),
                grade: self.rule.grade,
                place: Place::default(),
                message: format!("FACTS MISSING: {missing}"),
                found: String::new(),
                expected: String::new(),
                suggestion: String::new(),
            }),
            Verdict::Pass | Verdict::NotApplicable | Verdict::NotYetInForce => None,
        }
    }
}

/// What is said of one installation.
#[derive(Debug, Clone)]
pub struct InstallationJudgement {
    /// Its place among the entries of the Common File, from 0.
    pub entry: usize,
    /// Which it is.
    pub chf: ChfIdentifier,
    /// One verdict per rule that was asked; a rule with several findings stands once for each.
    pub judged: Vec<Judged>,
}

impl InstallationJudgement {
    /// Whether the installation may go on.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.judged.iter().all(|j| j.verdict.is_clean())
    }

    /// What is wrong or missing, in the order of the registry.
    pub fn unclean(&self) -> impl Iterator<Item = &Judged> {
        self.judged.iter().filter(|j| !j.verdict.is_clean())
    }

    /// What a validation or viability file says of it.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        self.judged.iter().filter_map(Judged::as_finding).collect()
    }
}

/// What one role says of a set as a whole; what it says of an installation is an [`InstallationJudgement`].
#[derive(Debug, Clone)]
pub struct SetJudgement {
    /// Who judged.
    pub role: Role,
    /// The planned migration day.
    pub day: Date,
    /// The day whose rule books were used.
    pub books_on: Date,
    /// The TMAD of that day; none before the first.
    pub tmad: Option<InForce>,
    /// The overlay under which it is judged; none under the published rules.
    pub overlay: Option<OverlayName>,
    /// The set's group; none where no file could be read.
    pub group: Option<GroupId>,
    /// Where a file says so.
    pub group_place: Place,
    /// How the group stands on that day.
    pub standing: Option<Standing>,
    /// The first day on which the TMAD covers the group; none where it never does.
    pub group_since: Option<Date>,
    /// Verdicts on the set as a whole.
    pub set: Vec<Judged>,
    /// Rules about installations that role, group or date set aside: the same for every installation.
    pub set_aside: Vec<Judged>,
    /// How its installations were judged, as far as they were: see [`SetJudgement::count`].
    pub installations: Counts,
}

/// How many installations of a set were judged, and how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// All that were judged.
    pub judged: usize,
    /// Those of which something is wrong.
    pub with_findings: usize,
    /// Those of which nothing is known to be wrong, and facts are missing.
    pub facts_missing: usize,
}

impl Counts {
    /// Those that may go on.
    #[must_use]
    pub fn clean(&self) -> usize {
        self.judged - self.with_findings - self.facts_missing
    }
}

impl SetJudgement {
    /// Whether the set as a whole may go on: its group's clause is in force and held, and no verdict on the set is
    /// unclean. An installation that fails stops no other and does not count here.
    #[must_use]
    pub fn set_is_clean(&self) -> bool {
        self.standing == Some(Standing::InForce) && self.set.iter().all(|j| j.verdict.is_clean())
    }

    /// Whether nothing at all is unclean, as far as installations were counted.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.set_is_clean() && self.installations.clean() == self.installations.judged
    }

    /// Counts an installation that was judged.
    pub fn count(&mut self, installation: &InstallationJudgement) {
        let mut unclean = installation.unclean().peekable();
        self.installations.judged += 1;
        if unclean.peek().is_some() {
            let found = unclean.any(|j| matches!(j.verdict, Verdict::Finding(_)));
            let kind =
                if found { &mut self.installations.with_findings } else { &mut self.installations.facts_missing };
            *kind += 1;
        }
    }

    /// What is wrong or missing with the set as a whole.
    pub fn unclean(&self) -> impl Iterator<Item = &Judged> {
        self.set.iter().filter(|j| !j.verdict.is_clean())
    }

    /// Why the set as a whole may not go on, as findings: what is unclean, and a group whose clause is not yet in force,
    /// which is no rule's finding and stops the set all the same. Empty where it may go on.
    #[must_use]
    pub fn refusals(&self) -> Vec<Finding> {
        let early = self.group.filter(|_| self.standing == Some(Standing::NotYetInForce));
        self.unclean().filter_map(Judged::as_finding).chain(early.map(|group| self.not_yet(group))).collect()
    }

    /// Adds what was found of a file after the set had been judged: it may not go on.
    pub fn refuse(&mut self, fault: &WireFault) {
        if let Some(rule) = registry::find(fault.kind.rule()) {
            self.set.push(Judged { rule, verdict: finding(rule, Told::of(fault)) });
        }
    }

    fn not_yet(&self, group: GroupId) -> Finding {
        let row = groups::row_of(group);
        let clause = row.clause.map_or_else(String::new, |clause| format!(" by clause {clause}"));
        let message = format!("GroupID {group} is not yet in force on {}", self.books_on);
        let from = self.group_since.map_or_else(|| "it is".to_owned(), |day| day.to_string());
        Finding {
            clause: "P-group".into(),
            grade: Grade::Project,
            place: self.group_place.clone(),
            message: self.overlay.as_ref().map_or(message.clone(), |overlay| overlay.mark(&message)),
            found: format!("{group} on {}", self.books_on),
            expected: format!("a day from {from}{clause}"),
            suggestion: "send the set once the group is in force; check the clock, real or virtual".to_owned(),
        }
    }
}
