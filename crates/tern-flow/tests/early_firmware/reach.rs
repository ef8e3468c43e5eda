//! An installation in every state that it can reach, in every world that can be around it.
//!
//! The worlds are small, and gone through whole: nothing here is left to chance.

use std::collections::{BTreeSet, HashSet};

use jiff::civil::date;
use tern_flow::early_firmware::{
    Consent, Ground, Halt, NotPermitted, Onward, Permit, UPGRADE_TABLE, Upgrade, UpgradeArrow, UpgradeEffect,
    UpgradeEvent, UpgradeFacts, UpgradeState,
};

/// The permits of an entry that is not decided, and of a decided one.
const PERMITS: [Permit; 5] = [
    Permit::No(NotPermitted::NotConfirmed),
    Permit::Yes { since: date(2020, 9, 9), ground: Ground::TagConfirmed },
    Permit::No(NotPermitted::Halted(Halt::Defect)),
    Permit::Yes { since: date(2020, 11, 2), ground: Ground::Approved },
    Permit::No(NotPermitted::NotApproved),
];

const EVENTS: [UpgradeEvent; 6] = [
    UpgradeEvent::Changed,
    UpgradeEvent::NoticeRun,
    UpgradeEvent::HopDone,
    UpgradeEvent::HopFailed,
    UpgradeEvent::Resume,
    UpgradeEvent::Retry,
];

/// What the Responsible Suppliers were told, as one sees it from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Knows {
    Nothing,
    Notified,
    NoticeRun,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct World {
    upgrade: Upgrade,
    hops: u16,
    permit: usize,
    unconfirmed: u16,
    covered: bool,
    onward: Onward,
    /// How many other entries may follow.
    entries_left: u8,
    knows: Knows,
}

impl World {
    fn facts(&self) -> UpgradeFacts {
        UpgradeFacts {
            hops: self.hops,
            permit: PERMITS[self.permit],
            unconfirmed: self.unconfirmed,
            consent: if self.covered { Consent::Covers } else { Consent::DoesNotCover },
            onward: self.onward,
            attempts: 2,
        }
    }

    /// What may be another in the world: each is told by [`UpgradeEvent::Changed`] at once.
    fn changes(&self) -> Vec<World> {
        let mut changes = vec![World { covered: !self.covered, ..*self }];
        let decided = PERMITS[self.permit].is_approved() || PERMITS[self.permit].is_not_approved();
        if !decided {
            changes.extend((0..PERMITS.len()).map(|permit| World { permit, ..*self }));
        }
        if self.unconfirmed > 0 {
            changes.push(World { unconfirmed: self.unconfirmed - 1, ..*self });
        }
        match self.onward {
            Onward::NoEntry if self.entries_left > 0 => changes.push(World { onward: Onward::NoPath, ..*self }),
            Onward::NoPath => changes.push(World { onward: Onward::Path, ..*self }),
            Onward::NoEntry | Onward::Path => {}
        }
        changes
    }

    /// Takes an event in, and holds what comes of it against what S003 forbids.
    fn on(mut self, event: UpgradeEvent) -> Option<(World, UpgradeArrow)> {
        let (before, facts) = (self, self.facts());
        let Some(taken) = self.upgrade.on(event, &facts) else {
            assert_eq!(self.upgrade, before.upgrade, "{event:?} is refused and changes something");
            return None;
        };
        if event == UpgradeEvent::NoticeRun {
            assert_eq!(self.knows, Knows::Notified, "{before:?}");
            self.knows = Knows::NoticeRun;
        }
        if event == UpgradeEvent::HopDone && before.upgrade.hops_made() + 1 == self.hops {
            self.knows = Knows::Nothing;
        }
        for effect in &taken.effects {
            match *effect {
                UpgradeEffect::Notify => {
                    assert_eq!(self.knows, Knows::Nothing, "{before:?}");
                    self.knows = Knows::Notified;
                }
                UpgradeEffect::Withdraw => {
                    assert_ne!(self.knows, Knows::Nothing, "{before:?}");
                    self.knows = Knows::Nothing;
                }
                UpgradeEffect::Instruct { hop } => self.check_hop(hop, &before, event),
                UpgradeEffect::Ask { hop } => assert_eq!(hop, before.upgrade.hops_made()),
                UpgradeEffect::Report { .. } => assert_eq!(self.upgrade.state(), UpgradeState::Stranded, "{before:?}"),
                UpgradeEffect::Reroute => {
                    assert!(facts.permit.is_not_approved() && facts.onward == Onward::Path, "{before:?}");
                    let next = World { hops: 2, permit: 0, unconfirmed: 1, onward: Onward::NoEntry, ..self };
                    self = World { entries_left: self.entries_left.saturating_sub(1), ..next };
                }
            }
        }
        self.check_state(&before);
        Some((self, taken.arrow))
    }

    fn check_hop(&self, hop: u16, before: &World, event: UpgradeEvent) {
        let facts = self.facts();
        let told = format!("{before:?} on {event:?}");
        let under_way = matches!(before.upgrade.state(), UpgradeState::Hopping | UpgradeState::Completing);
        assert!(!under_way || matches!(event, UpgradeEvent::HopDone | UpgradeEvent::HopFailed), "two hops: {told}");
        assert_eq!(hop, self.upgrade.hops_made(), "{told}");
        assert!(hop < facts.hops, "{told}");
        assert_eq!(self.knows, Knows::NoticeRun, "4.29: {told}");
        assert_eq!(facts.consent, Consent::Covers, "4.26: {told}");
        assert_eq!(facts.unconfirmed, 0, "4.33: {told}");
        match self.upgrade.state() {
            UpgradeState::Hopping => assert!(matches!(facts.permit, Permit::Yes { .. }), "4.26: {told}"),
            state => {
                assert_eq!(state, UpgradeState::Completing, "{told}");
                assert!(facts.permit.is_not_approved() && hop > 0, "PL8: {told}");
            }
        }
    }

    fn check_state(&self, before: &World) {
        let (made, permit) = (self.upgrade.hops_made(), PERMITS[self.permit]);
        assert!(made <= self.hops);
        match self.upgrade.state() {
            UpgradeState::AtFirst => assert_eq!((made, self.knows), (0, Knows::Nothing), "{before:?}"),
            UpgradeState::Announced => assert_ne!(self.knows, Knows::Nothing, "{before:?}"),
            UpgradeState::Between => assert!(made > 0 && made < self.hops, "{before:?}"),
            UpgradeState::AtTarget => assert!(made == self.hops && self.covered, "{before:?}"),
            UpgradeState::Eligible => assert!(made == self.hops && permit.is_approved(), "{before:?}"),
            UpgradeState::Standing => assert!(!self.covered && self.knows == Knows::Nothing, "{before:?}"),
            UpgradeState::Hopping | UpgradeState::Completing => assert!(made < self.hops, "{before:?}"),
            UpgradeState::Onward | UpgradeState::Stranded => {}
        }
    }
}

fn first(hops: u16, unconfirmed: u16) -> World {
    World {
        upgrade: Upgrade::default(),
        hops,
        permit: 0,
        unconfirmed,
        covered: true,
        onward: Onward::NoEntry,
        entries_left: 2,
        knows: Knows::Nothing,
    }
}

#[test]
fn every_arrow_is_taken_no_other_and_nothing_forbidden() {
    let mut seen: HashSet<World> = HashSet::new();
    let mut taken: BTreeSet<UpgradeArrow> = BTreeSet::new();
    let mut open = vec![first(1, 0), first(3, 1)];
    while let Some(world) = open.pop() {
        if !seen.insert(world) {
            continue;
        }
        let changed = world.changes().into_iter().filter_map(|other| match other.on(UpgradeEvent::Changed) {
            Some(next) => Some(next),
            // Nothing is to be told to one that is at its end.
            None => {
                assert_eq!(world.upgrade.state(), UpgradeState::Eligible, "{world:?}");
                None
            }
        });
        let next: Vec<_> = changed.chain(EVENTS.into_iter().filter_map(|event| world.on(event))).collect();
        for (world, arrow) in next {
            taken.insert(arrow);
            open.push(world);
        }
    }
    let table: BTreeSet<UpgradeArrow> = UPGRADE_TABLE.iter().copied().collect();
    assert_eq!(table.len(), UPGRADE_TABLE.len(), "an arrow stands twice");
    assert_eq!(taken.difference(&table).collect::<Vec<_>>(), [] as [&UpgradeArrow; 0], "not in the table");
    assert_eq!(table.difference(&taken).collect::<Vec<_>>(), [] as [&UpgradeArrow; 0], "never taken");
    assert!(seen.len() > 1000, "{} worlds", seen.len());
}

/// From wherever an installation stands, a world that goes its way brings it to an end or keeps it where its
/// meter is Active.
#[test]
fn nothing_waits_for_ever_where_the_world_goes_on() {
    let mut seen: HashSet<World> = HashSet::new();
    let mut open = vec![first(3, 1)];
    while let Some(world) = open.pop() {
        if !seen.insert(world) {
            continue;
        }
        assert!(ends(world), "{world:?} waits for ever");
        let next = world.changes().into_iter().filter_map(|other| other.on(UpgradeEvent::Changed));
        open.extend(next.chain(EVENTS.into_iter().filter_map(|event| world.on(event))).map(|(world, _)| world));
    }
}

/// Approves, confirms, gives paths, makes hops; decided against, and without another entry, stranded is where it
/// ends.
fn ends(mut world: World) -> bool {
    for _ in 0..40 {
        if world.upgrade.state() == UpgradeState::Eligible {
            return true;
        }
        let refused = PERMITS[world.permit].is_not_approved();
        let untouched = refused && world.upgrade.state() == UpgradeState::AtFirst;
        let last = refused && world.onward == Onward::NoEntry && world.entries_left == 0;
        if untouched || (last && world.upgrade.state() == UpgradeState::Stranded) {
            return true;
        }
        world.covered = true;
        world.unconfirmed = 0;
        world.permit = if refused { world.permit } else { 3 };
        world.onward = if refused && !last { Onward::Path } else { world.onward };
        let events = [UpgradeEvent::HopDone, UpgradeEvent::NoticeRun, UpgradeEvent::Retry, UpgradeEvent::Changed];
        match events.into_iter().find_map(|event| world.on(event)) {
            Some((next, _)) => world = next,
            None => return false,
        }
    }
    false
}
