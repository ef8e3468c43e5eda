//! Promises that hold over whole flows: rollback certificates are used within their dates alone, no key stands anywhere in the
//! clear, and whatever code is told has a page.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jiff::SignedDuration;
use tern_cohorts::cohort;
use tern_flow::OnFailure;
use tern_model::{GroupId, OutcomeKind};
use tern_service::results::reasons;
use tern_testkit::{Cut, Lab, LabPlan, Power, Strike, Struck, commission, results};
use tern_wire::FaultKind;

fn lab(installations: usize) -> Lab {
    Lab::new(LabPlan { installations, seed: 11, defects_permille: 0, faults: 0, set_size: installations }, |_| {})
}

#[test]
fn a_rollback_certificate_is_not_used_outside_its_dates_and_the_rest_goes_on() {
    let lab = lab(2);
    let steps = cohort(GroupId::EA).steps();
    let last = Struck::new(&format!("/{}/do", steps[steps.len() - 1].row), Strike::LoseOrder, u32::MAX);
    // Everything is in place and the last row is in flight when the power goes off.
    let mut system = lab.open(&Power::new(Cut::Never)).expect("opens");
    tern_testkit::take(&mut system, &lab.sets[0]).expect("is taken in");
    drop(system);
    let rows = steps.len() as u64;
    let mut system = lab.open(&Power::new(Cut::After(2 * rows))).expect("opens");
    assert!(commission(&mut system, &mut lab.devices(), std::slice::from_ref(&last)).is_err(), "the power goes off");
    drop(system);
    // Forty days later the SMSO's certificates may no longer be used.
    let later = lab.now + SignedDuration::from_hours(24 * 40);
    let mut system = lab.open_at(later, &Power::new(Cut::Never)).expect("opens later");
    let fails = Struck::new(&last.key, Strike::Fail, u32::MAX);
    commission(&mut system, &mut lab.devices(), &[fails]).expect("runs");
    let results = results(&system, lab.sets[0].named().expect("a name"));
    for (chf, outcome) in results {
        let outcome = outcome.expect("ended");
        assert_eq!((outcome.kind(), reasons(&outcome)), (OutcomeKind::Stuck, vec!["15.10.3".to_owned()]), "{chf}");
        let record = system.records().map(|r| r.expect("a record")).find(|r| r.plan.chf == chf).expect("its record");
        let not_undone: Vec<_> = record.migration.not_undone.iter().map(|&at| steps[at].text).collect();
        assert!(!not_undone.is_empty() && not_undone.iter().all(|t| t.contains("certificate")), "{not_undone:?}");
        let snapshot = lab.world.snapshot(chf).expect("its devices");
        assert!(snapshot.apn.starts_with("smso"), "the rest did not go on: {}", snapshot.apn);
    }
}

#[test]
fn no_migration_starts_on_a_later_day_whose_rollback_window_the_certificates_do_not_cover() {
    let lab = lab(2);
    let mut system = lab.open(&Power::new(Cut::Never)).expect("opens");
    tern_testkit::take(&mut system, &lab.sets[0]).expect("is taken in");
    drop(system);
    let later = lab.now + SignedDuration::from_hours(24 * 25);
    let mut system = lab.open_at(later, &Power::new(Cut::Never)).expect("opens later");
    commission(&mut system, &mut lab.devices(), &[]).expect("runs");
    let results = results(&system, lab.sets[0].named().expect("a name"));
    assert_eq!(results.len(), 2);
    for (chf, outcome) in results {
        let outcome = outcome.expect("ended");
        assert_eq!((outcome.kind(), reasons(&outcome)), (OutcomeKind::Refused, vec!["5.1(c)".to_owned()]), "{chf}");
    }
}

/// Every file below a folder.
fn files(dir: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).expect("lists") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, into);
        } else {
            into.push(path);
        }
    }
}

#[test]
fn no_key_of_a_device_stands_anywhere_in_the_clear_but_with_the_smso_and_in_the_device() {
    let lab = lab(3);
    let mut system = lab.open(&Power::new(Cut::Never)).expect("opens");
    lab.migrate(&mut system, &mut lab.devices()).expect("migrates");
    let mut log = std::fs::File::create(lab.dir().join("audit.log")).expect("a file");
    system.audit_text(&mut log).expect("the audit");
    let mut keys = Vec::new();
    for (_, records) in &lab.corpus.smsos {
        keys.extend(records.keys.iter().flat_map(tern_world::smso::KeyRecord::texts).map(str::to_owned));
    }
    assert!(keys.len() >= 9, "only {} keys", keys.len());
    let mut all = Vec::new();
    files(lab.dir(), &mut all);
    let holders = [lab.dir().join("smso"), lab.dir().join("world/installations.json")];
    let searched: Vec<_> = all.iter().filter(|f| !holders.iter().any(|h| f.starts_with(h))).collect();
    assert!(searched.len() > 20, "only {} files", searched.len());
    for file in searched {
        let bytes = std::fs::read(file).expect("reads");
        let lower = bytes.to_ascii_lowercase();
        for key in &keys {
            let raw: Vec<u8> = (0..16).map(|i| u8::from_str_radix(&key[2 * i..2 * i + 2], 16).expect("hex")).collect();
            let found = contains(&lower, key.to_ascii_lowercase().as_bytes()) || contains(&bytes, &raw);
            assert!(!found, "a device key stands in {}", file.display());
        }
    }
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|w| w == needle)
}

#[test]
fn whatever_code_is_told_has_a_page() {
    let mut codes: BTreeSet<String> = tern_dco::Refused::ALL.map(|refused| refused.code().to_owned()).into();
    codes.extend(FaultKind::ALL.map(|kind| kind.rule().to_owned()));
    for step in GroupId::ALL.into_iter().flat_map(|group| cohort(group).steps()) {
        codes.insert(step.code.to_owned());
        if let OnFailure::LeaveGas { code } = step.on_failure {
            codes.insert(code.to_owned());
        }
    }
    let listed = codes.len();
    codes.extend(written_codes());
    assert!(listed > 15 && codes.len() > listed + 20, "{listed} {codes:?}");
    // `tern explain` tells of a Service Request's codes by the tables of requests.
    assert!(codes.contains("W110101") && codes.contains("N55") && codes.contains("I99"), "{codes:?}");
    let of_requests = |code: &&String| {
        tern_requests::codes::REASONS.iter().any(|row| row.code == code.as_str())
            || tern_requests::codes::is_known(code)
            || tern_requests::codes::is_alert_code(code)
    };
    let known = |code: &&String| tern_rules::find(code).is_some() || of_requests(code);
    let unknown: Vec<_> = codes.iter().filter(|code| !known(code)).collect();
    assert!(unknown.is_empty(), "tern explain says nothing of {unknown:?}");
}

/// Every code that stands in the source of the product: numbers of the project's own wherever they stand, and whatever is made
/// the code of a failure, a refusal or a finding.
fn written_codes() -> BTreeSet<String> {
    let mut sources = Vec::new();
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crates");
    for member in std::fs::read_dir(crates).expect("lists") {
        let source = member.expect("an entry").path().join("src");
        if source.is_dir() {
            files(&source, &mut sources);
        }
    }
    let mut codes = BTreeSet::new();
    for source in sources.iter().filter(|path| path.extension().is_some_and(|ext| ext == "rs")) {
        // What only tests say is nobody's code, and the test kit is not of the product.
        if source.file_stem().is_some_and(|stem| stem.to_string_lossy().ends_with("tests"))
            || source.components().any(|part| part.as_os_str() == "tern-testkit")
        {
            continue;
        }
        let text = std::fs::read_to_string(source).expect("text");
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        let mut before = "";
        for piece in text.split('"') {
            let own = piece.strip_prefix("P-").is_some_and(is_name);
            let made = ["code: ", "clause: ", ".back(", "LeaveGas { code: "].iter().any(|end| before.ends_with(end));
            if own || is_told_to_users(piece) || made && piece.len() > 1 && !piece.contains(' ') {
                codes.insert(piece.to_owned());
            }
            before = piece;
        }
    }
    codes
}

/// A code of a response or of a DCC Alert, by its form: W1 and W2 are rows of Appendix A.
fn is_told_to_users(text: &str) -> bool {
    let digits = text.strip_prefix(['E', 'I', 'N', 'W']).unwrap_or_default();
    digits.len() <= 6
        && !digits.is_empty()
        && digits.bytes().all(|b| b.is_ascii_digit())
        && !["W1", "W2"].contains(&text)
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}
