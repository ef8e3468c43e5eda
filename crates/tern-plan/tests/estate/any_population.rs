//! Whatever is asked for, an invented estate is in order.

use tern_world::population::{Entries, Population};

use crate::population::invented;

#[test]
fn whatever_is_asked_for_an_invented_estate_has_no_finding() {
    for seed in 1..=120 {
        let population = any(seed);
        let (written, estate, events, findings) = invented(&population);
        assert_eq!(findings.list(), [], "{population:#?}");
        assert_eq!(findings.notes(), [], "{population:#?}");
        assert_eq!(written.hops, estate.hops().len() as u64, "seed {seed}");
        assert_eq!(written.events, events.len() as u64, "seed {seed}");
    }
}

/// A population of which each number may be any that is permitted.
fn any(seed: u64) -> Population {
    let mut state = seed;
    let mut below = |end: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % end
    };
    let mut span = |most: u64| {
        let (one, other) = (below(most), below(most));
        [one.min(other), one.max(other)]
    };
    let (installed_before, change_known_before) = (span(2_000).map(|days| days + 1), span(200));
    let (decided, proven_before, demand_places) = (span(400), span(120), span(50));
    let mut share = || below(101);
    let mixed = share();
    let entries = Entries {
        dmct: share(),
        equivalent: share(),
        comprise_mixed: mixed,
        comprise_dormant: 100 - mixed,
        decided,
        proven_before,
        disputed: share(),
        defects: share(),
        refused: share(),
        unconfirmed: share(),
        tag_after: below(20),
        dispute_days: below(30),
        defect_after: below(30),
        defect_days: below(30),
        refused_after: below(60),
        again_after: below(120),
        path_after: below(60),
        planned_before: below(200),
        approved_before: below(400),
        ..Entries::default()
    };
    let mut share = || below(101);
    let usual = Population {
        gas: share(),
        foc_behind: share(),
        others_behind: share(),
        firmware_recorded: share(),
        configured: share(),
        unapproved: share(),
        prepayment: share(),
        lost_on_change: share(),
        won_on_change: share(),
        authorised: share(),
        certificates: share(),
        wait_on_change: share(),
        attempts_failed: share(),
        failed_again: share(),
        excluded: share(),
        exclusion_ended: share(),
        demand: share(),
        one_supplier: share(),
        ..Population::of(1 + below(60), seed)
    };
    let dormant = below(101);
    Population {
        dormant,
        mixed: below(101 - dormant),
        days: u32::try_from(1 + below(900)).expect("is small"),
        suppliers: 1 + below(12),
        installing_suppliers: 1 + below(6),
        versions_behind: 1 + below(4),
        changes_a_year: below(12_001),
        mode_changes_a_year: below(3_000),
        demand_every: 1 + below(120),
        installed_before,
        change_known_before,
        demand_places,
        entries,
        ..usual
    }
}
