//! Mutants of signed file sets: one whose canonical form differs is never believed, one whose canonical form is the same says the
//! same, and none makes anything panic or grow.

use std::collections::BTreeMap;

use tern_wire::FaultKind;
use tern_wire::migration::FileKind;

use crate::door::{notices, offer, offer_whole};
use crate::fixtures::{FIXTURES, Signed};
use crate::forms::{SignedForm, signed_form};
use crate::mutate::mutated;
use crate::run::{PEAK_MAX_MIB, Run, peak_mib};
use tern_testkit::Dice;

/// How many mutants with a canonical form of their own, which differs, the test judges.
const MUTANTS: u64 = 20_000;

/// An original, and what it is worth.
struct Original {
    file: Signed,
    form: Option<SignedForm>,
    says: String,
}

impl Original {
    fn all() -> Vec<Original> {
        let of = |file: &Signed| {
            let says = offer(file.kind, &file.name, file.text.as_bytes()).expect("the original is believed");
            Original { file: file.clone(), form: signed_form(file.text.as_bytes()), says }
        };
        FIXTURES.signed.iter().map(of).collect()
    }
}

/// What the mutants came to.
#[derive(Default)]
struct Tally {
    /// With another canonical form, by the stage that refused them.
    differing: BTreeMap<&'static str, u64>,
    /// With none: no XML, or not with one signature under the root. All are refused.
    formless: u64,
    /// Other bytes, and the same canonical form: believed, and say the same.
    same: u64,
    /// The same, and refused all the same.
    same_and_refused: u64,
}

impl Tally {
    fn differ(&self) -> u64 {
        self.differing.values().sum()
    }
}

/// Offers a mutant of one file; one in four at both doors.
fn judge(original: &Original, bytes: &[u8], dice: &mut Dice, tally: &mut Tally) {
    let door = if dice.one_in(4) { offer } else { offer_whole };
    let Original { file, form, says } = original;
    let told = || String::from_utf8_lossy(bytes).into_owned();
    match door(file.kind, &file.name, bytes) {
        Ok(said) => {
            assert!(signed_form(bytes) == *form, "{}: believed, and its canonical form differs: {}", file.name, told());
            assert_eq!(said, *says, "{}: believed, and says something else", file.name);
            tally.same += 1;
        }
        Err(faults) => {
            assert!(!faults.is_empty(), "{}: refused in silence: {}", file.name, told());
            for fault in &faults {
                let words = [&fault.message, &fault.found, &fault.expected, &fault.suggestion];
                assert!(words.iter().all(|w| !w.trim().is_empty() && w.len() < 500), "{fault:?}");
            }
            let fault = &faults[0];
            let form_now = match fault.kind {
                FaultKind::Form | FaultKind::Limits => None,
                // The digest is that of the canonical form, so there is one, and it differs.
                _ if fault.place.xpath.ends_with("/DigestValue") => Some(true),
                _ => signed_form(bytes).map(|now| Some(now) != *form),
            };
            match form_now {
                None => tally.formless += 1,
                Some(false) => tally.same_and_refused += 1,
                Some(true) => *tally.differing.entry(fault.kind.rule()).or_default() += 1,
            }
        }
    }
}

/// Files of one set exchanged, so that each is what it was, at another place.
fn misplaced(dice: &mut Dice, originals: &[Original]) {
    let (one, two) = (&originals[dice.below(originals.len())], &originals[dice.below(originals.len())]);
    if one.file.kind != two.file.kind {
        let faults = offer(one.file.kind, &one.file.name, two.file.text.as_bytes()).expect_err("another file");
        assert!(matches!(faults[0].kind, FaultKind::Sender | FaultKind::Schema), "{faults:?}");
    }
}

#[test]
fn mutants() {
    let originals = Original::all();
    let mut run = Run::new("mutants", u64::MAX);
    let mut tally = Tally::default();
    while !(run.is_of_tests() && tally.differ() >= MUTANTS) {
        let Some(mut dice) = run.next() else { break };
        if dice.one_in(100) {
            misplaced(&mut dice, &originals);
        }
        // One or two files of the set.
        for _ in 0..=usize::from(dice.one_in(4)) {
            let original = &originals[dice.below(originals.len())];
            let bytes = mutated(&mut dice, original.file.text.as_bytes());
            if bytes != original.file.text.as_bytes() {
                judge(original, &bytes, &mut dice, &mut tally);
            }
        }
    }
    let Tally { differing, formless, same, same_and_refused } = &tally;
    run.told(&format!(
        "{} mutants have another canonical form and are refused, by stage {differing:?}, and {formless} that have none; of \
         the original's canonical form {same} are believed and say the same, {same_and_refused} are refused",
        tally.differ()
    ));
    assert!(peak_mib() < PEAK_MAX_MIB, "{} MiB", peak_mib());
    if run.is_of_tests() {
        for stage in ["P-signature-profile", "P-signature-value"] {
            assert!(differing.get(stage).is_some_and(|n| *n > 1_000), "{stage}: {differing:?}");
        }
        assert!(*same > 100 && *formless > 1_000, "{same}, {formless}");
    }
}

/// Between the two passes over a file it may be exchanged: nothing that came out of the second pass may count then.
#[test]
fn mutants_between_the_passes() {
    let file = FIXTURES.of(FileKind::MigrationCommonFile);
    let original = file.text.as_bytes();
    let mut run = Run::new("mutants_between_the_passes", 1_000);
    let mut noticed = 0;
    while let Some(mut dice) = run.next() {
        let bytes = mutated(&mut dice, original);
        if bytes != original {
            assert!(notices(original, &bytes, &file.name), "believed: {}", String::from_utf8_lossy(&bytes));
            noticed += 1;
        }
    }
    run.told(&format!("{noticed} noticed"));
}
