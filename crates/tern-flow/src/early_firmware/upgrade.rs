//! One installation's way to an entry's firmware as a pure machine: the transitions of [`super::UPGRADE_TABLE`].
//!
//! A hop begins only where 4.26 permits it on that day, every interim version is confirmed, the notice of 4.29
//! has run and no Active Meter is touched; the one exception is the completion of an installation that was
//! part-way when its entry was not approved (PL8). The machine must never ask a day, a record or a Device.

use serde::{Deserialize, Serialize};

use super::permit::Permit;
use super::route::Consent;
use super::upgrade_table::{UpgradeArrow, UpgradeEvent, UpgradeState};
use super::upgrade_told::{Because, Held};

/// Where the manufacturer's path leads from a version that was not approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Onward {
    /// To the firmware of another planned or approved entry.
    Path,
    /// There is such an entry, and no path to it.
    NoPath,
    /// There is no such entry yet.
    NoEntry,
}

/// How everything stands on which the way depends, at the moment of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpgradeFacts {
    /// How many hops the route to the entry has, at least one; after [`UpgradeEffect::Reroute`] those of the new
    /// route.
    pub hops: u16,
    /// What 4.26 says of the entry to which the route leads.
    pub permit: Permit,
    /// How many interim versions of the route lack their confirmation.
    pub unconfirmed: u16,
    /// Whether the deemed consent covers what is left.
    pub consent: Consent,
    /// What comes after an entry that was not approved.
    pub onward: Onward,
    /// How often a hop is tried (configuration, P).
    pub attempts: u8,
}

/// What is to be done next: journalled before it is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "effect", rename_all = "kebab-case")]
pub enum UpgradeEffect {
    /// Notify the Responsible Suppliers (4.29).
    Notify,
    /// Tell them that the steps of which they were notified do not take place for now.
    Withdraw,
    /// Have the SMSO make a hop.
    Instruct {
        /// Index of the hop.
        hop: u16,
    },
    /// Ask the SMSO whether a hop was made.
    Ask {
        /// Index of the hop.
        hop: u16,
    },
    /// Hand in the route from here to another entry's firmware from now on.
    Reroute,
    /// Report that the installation cannot go on.
    Report {
        /// Why.
        why: Held,
    },
}

/// One transition that was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpgradeTransition {
    /// Which arrow of the table.
    pub arrow: UpgradeArrow,
    /// What to do next, in order.
    pub effects: Vec<UpgradeEffect>,
    /// Why it went this way.
    pub because: Because,
}

/// Whether the Responsible Suppliers know of the steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Notice {
    None,
    Given,
    Run,
}

/// An installation on its way to an entry's firmware.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Upgrade {
    state: UpgradeState,
    /// Hops of the present route that are made.
    made: u16,
    /// Attempts at the hop that is under way.
    attempts: u8,
    /// How often it came, whole, to an entry's firmware.
    upgrades: u8,
    notice: Notice,
    /// It stands at, or goes on from, a version that was not approved.
    off_list: bool,
    /// Why it is stranded.
    held: Option<Held>,
}

impl Default for Upgrade {
    fn default() -> Self {
        Upgrade {
            state: UpgradeState::AtFirst,
            made: 0,
            attempts: 0,
            upgrades: 0,
            notice: Notice::None,
            off_list: false,
            held: None,
        }
    }
}

impl Upgrade {
    /// Where it stands.
    #[must_use]
    pub fn state(&self) -> UpgradeState {
        self.state
    }

    /// How many hops of the present route are made.
    #[must_use]
    pub fn hops_made(&self) -> u16 {
        self.made
    }

    /// How often it came, whole, to an entry's firmware: more than once where an entry was not approved.
    #[must_use]
    pub fn upgrades(&self) -> u8 {
        self.upgrades
    }

    /// Takes an event in.
    ///
    /// Whoever drives it sends [`UpgradeEvent::Changed`] whenever the facts are others, before any other event
    /// under them; but an end of a hop may bring other facts with it. `None` where the state does not know the
    /// event: nothing changes, and the caller has a bug or a late answer.
    #[must_use]
    pub fn on(&mut self, event: UpgradeEvent, facts: &UpgradeFacts) -> Option<UpgradeTransition> {
        let from = self.state;
        let under_way = matches!(from, UpgradeState::Hopping | UpgradeState::Completing);
        let mut effects = Vec::new();
        let because = match event {
            _ if from == UpgradeState::Eligible => return None,
            UpgradeEvent::Changed if under_way => Because::UnderWay,
            UpgradeEvent::Changed => self.settle(facts, &mut effects),
            UpgradeEvent::NoticeRun if from == UpgradeState::Announced && self.notice == Notice::Given => {
                self.notice = Notice::Run;
                self.settle(facts, &mut effects)
            }
            UpgradeEvent::HopDone if under_way => {
                self.hop_done(facts);
                self.settle(facts, &mut effects)
            }
            UpgradeEvent::HopFailed if under_way => self.settle(facts, &mut effects),
            UpgradeEvent::Resume if under_way => {
                effects.push(UpgradeEffect::Ask { hop: self.made });
                Because::UnderWay
            }
            UpgradeEvent::Retry if self.held == Some(Held::HopFailed) => {
                self.attempts = 0;
                self.settle(facts, &mut effects)
            }
            _ => return None,
        };
        Some(UpgradeTransition { arrow: UpgradeArrow { from, on: event, to: self.state }, effects, because })
    }

    fn hop_done(&mut self, facts: &UpgradeFacts) {
        self.made += 1;
        self.attempts = 0;
        if self.is_whole(facts) {
            self.upgrades = self.upgrades.saturating_add(1);
            // What was announced is done.
            self.notice = Notice::None;
        }
    }

    fn is_whole(&self, facts: &UpgradeFacts) -> bool {
        self.made >= facts.hops
    }

    /// Where the installation goes from where it stands, by the facts of now.
    fn settle(&mut self, facts: &UpgradeFacts, effects: &mut Vec<UpgradeEffect>) -> Because {
        let reported = self.held.take();
        let because = self.judge(facts, effects);
        self.held = match because {
            Because::Held(why) => Some(why),
            _ => None,
        };
        if let Some(why) = self.held.filter(|_| self.held != reported) {
            effects.push(UpgradeEffect::Report { why });
        }
        because
    }

    fn judge(&mut self, facts: &UpgradeFacts, effects: &mut Vec<UpgradeEffect>) -> Because {
        match facts.permit {
            permit if permit.is_approved() && self.is_whole(facts) => {
                self.state = UpgradeState::Eligible;
                Because::Permitted(permit)
            }
            _ if facts.consent == Consent::DoesNotCover => self.stand(effects),
            permit if permit.is_not_approved() => self.not_approved(facts, effects),
            permit if self.is_whole(facts) => {
                self.state = UpgradeState::AtTarget;
                Because::Undecided(permit)
            }
            Permit::Yes { .. } if self.made == 0 && facts.unconfirmed > 0 => {
                self.wait();
                Because::Unconfirmed(facts.unconfirmed)
            }
            permit @ Permit::Yes { .. } => {
                self.begin(UpgradeState::Hopping, Because::Permitted(permit), facts, effects)
            }
            permit @ Permit::No(_) => {
                self.wait();
                Because::Permitted(permit)
            }
        }
    }

    /// The next hop may not begin: it stays where it is.
    fn wait(&mut self) {
        self.state = match self.made {
            _ if self.notice == Notice::Given => UpgradeState::Announced,
            0 if self.notice == Notice::Run => UpgradeState::Announced,
            0 if self.off_list => UpgradeState::Onward,
            0 => UpgradeState::AtFirst,
            _ => UpgradeState::Between,
        };
    }

    /// The next hop, once the Responsible Suppliers were notified and the notice has run.
    fn begin(
        &mut self,
        hop: UpgradeState,
        because: Because,
        facts: &UpgradeFacts,
        effects: &mut Vec<UpgradeEffect>,
    ) -> Because {
        match self.notice {
            Notice::None => {
                self.notice = Notice::Given;
                self.state = UpgradeState::Announced;
                effects.push(UpgradeEffect::Notify);
            }
            Notice::Given => self.state = UpgradeState::Announced,
            Notice::Run if self.attempts >= facts.attempts => return self.strand(Held::HopFailed),
            Notice::Run => {
                self.state = hop;
                self.attempts += 1;
                effects.push(UpgradeEffect::Instruct { hop: self.made });
            }
        }
        because
    }

    /// The entry was not approved (PL8): part-way ones are completed, whole ones go on by the manufacturer's path.
    fn not_approved(&mut self, facts: &UpgradeFacts, effects: &mut Vec<UpgradeEffect>) -> Because {
        let part_way = self.made > 0 && !self.is_whole(facts);
        if part_way {
            return self.begin(UpgradeState::Completing, Because::CompletedFirst, facts, effects);
        }
        self.withdraw(effects);
        if self.made == 0 && !self.off_list {
            self.state = UpgradeState::AtFirst;
            return Because::Permitted(facts.permit);
        }
        self.off_list = true;
        match facts.onward {
            Onward::Path => {
                (self.made, self.attempts) = (0, 0);
                self.state = UpgradeState::Onward;
                effects.push(UpgradeEffect::Reroute);
                Because::PathGiven
            }
            Onward::NoPath => self.strand(Held::NoPath),
            Onward::NoEntry => self.strand(Held::NoEntry),
        }
    }

    fn strand(&mut self, why: Held) -> Because {
        self.state = UpgradeState::Stranded;
        Because::Held(why)
    }

    /// No consent: the installation stays at the version where it is, which is confirmed to be operable (PL7).
    fn stand(&mut self, effects: &mut Vec<UpgradeEffect>) -> Because {
        self.withdraw(effects);
        self.attempts = 0;
        self.state = UpgradeState::Standing;
        Because::NoConsent
    }

    /// Steps that were announced and not made do not take place for now; what comes later is announced anew.
    fn withdraw(&mut self, effects: &mut Vec<UpgradeEffect>) {
        if self.notice != Notice::None {
            effects.push(UpgradeEffect::Withdraw);
        }
        self.notice = Notice::None;
    }
}
