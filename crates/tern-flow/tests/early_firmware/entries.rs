//! An entry in every state that it can reach.

use std::collections::{BTreeSet, HashSet};

use jiff::civil::{Date, date};
use tern_flow::early_firmware::{ENTRY_TABLE, Entry, EntryArrow, EntryEvent, EntryState, Halt};
use tern_model::InstallationState;
use tern_model::estate::ApprovalRoute;

pub const EVENTS: [EntryEvent; 11] = [
    EntryEvent::TestsDone,
    EntryEvent::TagConfirmed,
    EntryEvent::ReportPublished,
    EntryEvent::DisputeRaised,
    EntryEvent::DisputeResolved,
    EntryEvent::Defect,
    EntryEvent::Overdue,
    EntryEvent::Paused,
    EntryEvent::Resumed,
    EntryEvent::Approved,
    EntryEvent::NotApproved,
];

const DAY: Date = date(2020, 9, 7);

/// Every entry that events can make of a planned one.
pub fn reachable(route: ApprovalRoute) -> (HashSet<Entry>, BTreeSet<EntryArrow>) {
    let (mut seen, mut arrows) = (HashSet::new(), BTreeSet::new());
    let mut open = vec![Entry::planned(route, InstallationState::Dormant)];
    while let Some(entry) = open.pop() {
        if !seen.insert(entry) {
            continue;
        }
        for event in EVENTS {
            let mut next = entry;
            match next.on(event, DAY) {
                Some(arrow) => {
                    arrows.insert(arrow);
                    open.push(next);
                }
                None => assert_eq!(next, entry, "{event:?} is refused and changes something"),
            }
        }
    }
    (seen, arrows)
}

#[test]
fn every_arrow_is_taken_and_no_other() {
    let all = [ApprovalRoute::MtSit, ApprovalRoute::Dmct, ApprovalRoute::Equivalent];
    let taken: BTreeSet<EntryArrow> = all.into_iter().flat_map(|route| reachable(route).1).collect();
    let table: BTreeSet<EntryArrow> = ENTRY_TABLE.iter().copied().collect();
    assert_eq!(table.len(), ENTRY_TABLE.len(), "an arrow stands twice");
    assert_eq!(taken.difference(&table).collect::<Vec<_>>(), [] as [&EntryArrow; 0], "not in the table");
    assert_eq!(table.difference(&taken).collect::<Vec<_>>(), [] as [&EntryArrow; 0], "never taken");
}

#[test]
fn a_decision_ends_disputes_and_halts() {
    for entry in reachable(ApprovalRoute::MtSit).0 {
        let mut approved = entry;
        if approved.on(EntryEvent::Approved, DAY).is_some() {
            assert_eq!((approved.state(), approved.halt()), (EntryState::Approved, None));
        }
        let mut refused = entry;
        if refused.on(EntryEvent::NotApproved, DAY).is_some() {
            assert_eq!((refused.state(), refused.halt()), (EntryState::NotApproved, None));
            assert!(EVENTS.into_iter().all(|event| refused.on(event, DAY).is_none()), "an end is an end");
        }
    }
}

/// Feeds events in turn to an entry with tests of its own.
#[track_caller]
fn check(events: &[EntryEvent], state: EntryState, halt: Option<Halt>) {
    let mut entry = Entry::planned(ApprovalRoute::MtSit, InstallationState::Dormant);
    for event in events {
        let _ = entry.on(*event, DAY).expect("known");
    }
    assert_eq!((entry.state(), entry.halt()), (state, halt), "{events:?}");
}

#[test]
fn what_is_proven_stays_proven_over_disputes_and_halts() {
    use EntryEvent::{Defect, DisputeRaised, DisputeResolved, Overdue, Paused, Resumed, TagConfirmed, TestsDone};
    check(&[TestsDone, DisputeRaised, TagConfirmed], EntryState::Disputed, None);
    check(&[TestsDone, DisputeRaised, TagConfirmed, DisputeResolved], EntryState::CloseToProposed, None);
    check(&[TestsDone, Defect, TagConfirmed], EntryState::Paused, Some(Halt::Defect));
    check(&[TestsDone, Overdue, TagConfirmed, Resumed], EntryState::CloseToProposed, None);
    check(&[TestsDone, DisputeRaised, Paused], EntryState::Paused, Some(Halt::Paused));
    check(&[TestsDone, DisputeRaised, Paused, Resumed], EntryState::Disputed, None);
}

#[test]
fn a_proof_of_another_way_contradicts_what_is_known() {
    let mut tested = Entry::planned(ApprovalRoute::MtSit, InstallationState::Dormant);
    assert_eq!(tested.on(EntryEvent::TagConfirmed, DAY), None, "confirmed without tests");
    assert_eq!(tested.on(EntryEvent::ReportPublished, DAY), None);
    for route in [ApprovalRoute::Dmct, ApprovalRoute::Equivalent] {
        let mut reported = Entry::planned(route, InstallationState::Dormant);
        assert_eq!(reported.on(EntryEvent::TestsDone, DAY), None);
        assert!(reported.on(EntryEvent::ReportPublished, DAY).is_some());
        assert_eq!(reported.on(EntryEvent::ReportPublished, DAY), None, "published twice");
    }
}
