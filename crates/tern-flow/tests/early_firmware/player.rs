//! Playing a scenario: the machines are told what happens, and what they say is written down.
//!
//! The player holds the whole time against what S003 forbids, whatever is committed as expected.

use std::fmt::Write;

use jiff::civil::Date;
use tern_flow::early_firmware::{
    Asked, ENTRY_TABLE, Entry, EntryArrow, EntryEvent, Hop, Onward, Route, UPGRADE_TABLE, Upgrade, UpgradeArrow,
    UpgradeEffect, UpgradeEvent, UpgradeFacts, UpgradeState, UpgradeTransition, Work,
};
use tern_model::DeviceKind;

use crate::script::{Line, Script, device_and_version, kind_of, path_of, state_of};

/// What the installation's machine was told, in order, and where it stood afterwards.
pub struct Told {
    pub event: UpgradeEvent,
    pub facts: UpgradeFacts,
    pub after: Upgrade,
    pub effects: Vec<UpgradeEffect>,
}

/// What an entry was told.
pub struct EntryTold {
    pub name: String,
    pub event: EntryEvent,
    pub day: Date,
    pub after: Entry,
}

/// A scenario that was played.
pub struct Played {
    pub story: String,
    pub end: String,
    pub told: Vec<Told>,
    pub entries_told: Vec<EntryTold>,
    pub entry_arrows: Vec<EntryArrow>,
    pub arrows: Vec<UpgradeArrow>,
}

struct Player {
    script: Script,
    today: Date,
    upgrade: Upgrade,
    towards: String,
    route: Route<String>,
    known: Vec<String>,
    confirmed: Vec<(DeviceKind, String)>,
    /// What was said of the installation last: the same again is not told.
    said: String,
    played: Played,
}

/// Plays a scenario.
pub fn play(script: &Script) -> Played {
    let mut player = Player::new(script.clone());
    for line in &script.lines {
        player.today = line.day;
        let about = if line.about.is_empty() { String::new() } else { format!(" {}", line.about) };
        player.say(&format!("\n{} {}{about}", line.day, line.word));
        player.take(line).unwrap_or_else(|| panic!("{}: cannot take `{}{about}`", line.day, line.word));
    }
    let end = player.end();
    player.played.end = end.clone();
    player.say(&format!("\nends {end}"));
    player.played
}

impl Player {
    fn new(script: Script) -> Player {
        let known = script.entries.iter().filter(|(_, entry)| entry.after.is_none());
        let known = known.map(|(name, _)| name.clone()).collect();
        let towards = script.towards.clone();
        let played = Played {
            story: format!("{}\n", script.title),
            end: String::new(),
            told: Vec::new(),
            entries_told: Vec::new(),
            entry_arrows: Vec::new(),
            arrows: Vec::new(),
        };
        let route = route(&script, &towards).expect("a path leads to the entry");
        let (upgrade, said) = (Upgrade::default(), String::new());
        Player { today: Date::MIN, upgrade, towards, route, known, confirmed: Vec::new(), said, played, script }
    }

    fn say(&mut self, line: &str) {
        self.played.story.push_str(line);
        self.played.story.push('\n');
    }

    fn take(&mut self, line: &Line) -> Option<()> {
        if let Some(event) = entry_event(&line.word) {
            self.entry(&line.about, event)?;
        } else if line.word == "epcl-planned" {
            match self.known.contains(&line.about) {
                true => self.entry(&line.about, EntryEvent::Resumed)?,
                false => self.known.push(line.about.clone()),
            }
        } else if let Some(state) = state_of(&line.word) {
            let meter = kind_of(&line.about)?;
            self.script.meters.iter_mut().find(|is| is.meter == meter)?.state = state;
        } else if line.word == "operability-confirmed" {
            self.confirmed.push(device_and_version(&line.about)?);
        } else if line.word == "path" {
            self.script.paths.extend(path_of(&line.about)?);
        } else {
            let event = match line.word.as_str() {
                "notice-run" => UpgradeEvent::NoticeRun,
                "firmware-done" => UpgradeEvent::HopDone,
                "firmware-failed" => UpgradeEvent::HopFailed,
                "crash" => UpgradeEvent::Resume,
                "retry" => UpgradeEvent::Retry,
                _ => return None,
            };
            return self.tell(event);
        }
        self.tell(UpgradeEvent::Changed)
    }

    fn entry(&mut self, name: &str, event: EntryEvent) -> Option<()> {
        let entry = &mut self.script.entries.get_mut(name)?.entry;
        let arrow = entry.on(event, self.today)?;
        let after = *entry;
        assert!(ENTRY_TABLE.contains(&arrow), "{arrow:?} is not in the table");
        let about =
            if arrow.from == arrow.to { arrow.to.to_string() } else { format!("{} -> {}", arrow.from, arrow.to) };
        self.say(&format!("    entry {name}: {about}"));
        self.played.entry_arrows.push(arrow);
        self.played.entries_told.push(EntryTold { name: name.to_owned(), event, day: self.today, after });
        Some(())
    }

    /// Tells the installation's machine; nothing is to be told to one that is at its end.
    fn tell(&mut self, event: UpgradeEvent) -> Option<()> {
        if self.upgrade.state() == UpgradeState::Eligible && event == UpgradeEvent::Changed {
            return Some(());
        }
        if event == UpgradeEvent::HopDone {
            let hop = self.route.hops().get(usize::from(self.upgrade.hops_made()))?.clone();
            self.script.versions.iter_mut().find(|(kind, _)| *kind == hop.device)?.1 = hop.to;
        }
        // The consent is asked for what is left once this hop is made.
        let made = self.upgrade.hops_made() + u16::from(event == UpgradeEvent::HopDone);
        let facts = self.facts(made);
        let before = self.upgrade;
        let taken = self.upgrade.on(event, &facts)?;
        assert!(UPGRADE_TABLE.contains(&taken.arrow), "{:?} is not in the table", taken.arrow);
        self.tell_story(&taken);
        self.hold_to_the_source(&before, &facts, &taken);
        self.played.arrows.push(taken.arrow);
        let effects = taken.effects.clone();
        self.played.told.push(Told { event, facts, after: self.upgrade, effects });
        if taken.effects.contains(&UpgradeEffect::Reroute) {
            self.towards = self.next_entry().expect("there is another entry");
            self.route = route(&self.script, &self.towards).expect("a path leads to it");
            return self.tell(UpgradeEvent::Changed);
        }
        Some(())
    }

    fn tell_story(&mut self, taken: &UpgradeTransition) {
        let UpgradeArrow { from, to, .. } = taken.arrow;
        let why = format!("{} [{}]", taken.because, taken.because.clause());
        if from == to && why == self.said && taken.effects.is_empty() {
            return;
        }
        let state = if from == to { format!("still {to}") } else { format!("{from} -> {to}") };
        self.say(&format!("    installation: {state}"));
        self.say(&format!("        because {why}"));
        self.said = why;
        for effect in &taken.effects {
            let words = self.effect(*effect);
            self.say(&format!("        now {words}"));
        }
    }

    fn effect(&self, effect: UpgradeEffect) -> String {
        let hop = |at: u16| {
            let Hop { device, from, to } = &self.route.hops()[usize::from(at)];
            format!("hop {} of {}: {device} {from} > {to}", at + 1, self.route.len())
        };
        match effect {
            UpgradeEffect::Notify => "notify the Responsible Suppliers (4.29)".to_owned(),
            UpgradeEffect::Withdraw => "tell them that the steps do not take place for now".to_owned(),
            UpgradeEffect::Instruct { hop: at } => format!("instruct the SMSO, {}", hop(at)),
            UpgradeEffect::Ask { hop: at } => format!("ask the SMSO what became of {}", hop(at)),
            UpgradeEffect::Reroute => "plan the way to the other entry".to_owned(),
            UpgradeEffect::Report { .. } => "report it".to_owned(),
        }
    }

    fn facts(&self, made: u16) -> UpgradeFacts {
        let declared = &self.script.entries[&self.towards];
        let tested = declared.tested.as_ref().map(|name| &self.script.entries[name].entry);
        let planned_since = Some(self.script.planned_since);
        let asked = Asked { work: Work::Firmware, on: self.today, planned_since, tested };
        let confirmed = |device, version: &String| self.confirmed.contains(&(device, version.clone()));
        let lacking = self.route.interim().filter(|(device, version)| !confirmed(*device, version)).count();
        UpgradeFacts {
            hops: self.route.len(),
            permit: declared.entry.permit(&asked),
            unconfirmed: u16::try_from(lacking).expect("few"),
            consent: self.route.consent(made, &self.script.meters),
            onward: match self.next_entry() {
                Some(next) if route(&self.script, &next).is_some() => Onward::Path,
                Some(_) => Onward::NoPath,
                None => Onward::NoEntry,
            },
            attempts: self.script.attempts,
        }
    }

    fn next_entry(&self) -> Option<String> {
        let follows = |name: &&String| self.script.entries[*name].after.as_ref() == Some(&self.towards);
        self.known.iter().find(follows).cloned()
    }

    /// What S003 forbids, whatever the tables say.
    fn hold_to_the_source(&self, before: &Upgrade, facts: &UpgradeFacts, taken: &UpgradeTransition) {
        let begins = taken.effects.iter().any(|effect| matches!(effect, UpgradeEffect::Instruct { .. }));
        if !begins {
            return;
        }
        let completing = taken.arrow.to == UpgradeState::Completing;
        let permitted = !facts.permit.to_string().starts_with("not permitted");
        assert!(permitted || completing, "a hop begins that nothing permits");
        assert!(!completing || (facts.permit.is_not_approved() && self.upgrade.hops_made() > 0));
        assert!(facts.unconfirmed == 0, "a hop begins and an interim version is not confirmed");
        assert_ne!(before.state(), UpgradeState::Eligible);
        let hop = &self.route.hops()[usize::from(self.upgrade.hops_made())];
        let active = |meter| {
            state_of("meter-active")
                .is_some_and(|a| self.script.meters.iter().any(|is| is.meter == meter && is.state == a))
        };
        assert!(!active(hop.device), "a hop of an Active Meter begins");
    }

    fn end(&self) -> String {
        let mut end = format!("{} at", self.upgrade.state());
        for (at, (kind, version)) in self.script.versions.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            let _ = write!(end, "{comma} {kind} {version}");
        }
        let _ = write!(
            end,
            "; upgraded {}",
            match self.upgrade.upgrades() {
                0 => "never".to_owned(),
                1 => "once".to_owned(),
                times => format!("{times} times"),
            }
        );
        end
    }
}

/// Hops from the Devices' versions of now to an entry's, Device by Device; none where no path leads there.
fn route(script: &Script, entry: &str) -> Option<Route<String>> {
    let mut hops = Vec::new();
    for (device, target) in &script.entries.get(entry)?.versions {
        let mut at = script.versions.iter().find(|(kind, _)| kind == device)?.1.clone();
        while at != *target {
            let leads = |(kind, from, _): &&(DeviceKind, String, String)| kind == device && *from == at;
            let (_, from, to) = script.paths.iter().find(leads)?;
            hops.push(Hop { device: *device, from: from.clone(), to: to.clone() });
            at = to.clone();
        }
    }
    Route::new(hops).ok()
}

fn entry_event(word: &str) -> Option<EntryEvent> {
    Some(match word {
        "tests-done" => EntryEvent::TestsDone,
        "tag-confirmed" => EntryEvent::TagConfirmed,
        "dmct-report" => EntryEvent::ReportPublished,
        "dispute-raised" => EntryEvent::DisputeRaised,
        "dispute-resolved" => EntryEvent::DisputeResolved,
        "defect" => EntryEvent::Defect,
        "approval-overdue" => EntryEvent::Overdue,
        "epcl-paused" => EntryEvent::Paused,
        "epcl-approved" => EntryEvent::Approved,
        "epcl-not-approved" => EntryEvent::NotApproved,
        _ => return None,
    })
}
