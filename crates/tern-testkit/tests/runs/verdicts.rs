//! A set says the same of itself however it is cut into runs.

use tern_model::Role;
use tern_service::check::Checker;
use tern_testkit::{FileSet, Lab, RawFile, check};

use super::{at_once, lab, validated};

/// Everything that is said of a set by every role, run by run.
fn said(lab: &Lab, set: &FileSet, installations_at_once: usize) -> Vec<String> {
    let checker = Checker::new(at_once(lab, installations_at_once), lab.facts(), lab.now, None).expect("a checker");
    let laid = set.lay();
    let opened = checker.open(&laid.folder).expect("readable files");
    let mut said = Vec::new();
    for role in [Role::RequestingParty, Role::Dsp, Role::S1sp, Role::Dco] {
        let checked = check(&checker, &opened, role).expect("checks");
        said.push(format!("{role}: {:?}", checked.verdicts));
        said.extend(checked.installations.iter().map(|installation| format!("{role}: {installation:?}")));
    }
    said
}

#[track_caller]
fn same_however_it_is_cut(lab: &Lab, name: &str, set: &FileSet) -> Vec<String> {
    let whole = said(lab, set, 250);
    for runs_of in [1, 7] {
        let cut = said(lab, set, runs_of);
        for (ours, theirs) in cut.iter().zip(&whole) {
            assert_eq!(ours, theirs, "{name}: runs of {runs_of}");
        }
        assert_eq!(cut.len(), whole.len(), "{name}: runs of {runs_of}");
    }
    whole
}

fn file<'a>(set: &'a mut FileSet, prefix: &str) -> &'a mut RawFile {
    set.files.iter_mut().find(|file| file.name.starts_with(prefix)).expect("the file")
}

#[test]
fn verdicts_do_not_depend_on_the_runs() {
    let mut lab = lab(23, 500);
    let set = validated(&mut lab);
    let whole = same_however_it_is_cut(&lab, "as it is", &set);
    let findings = whole.iter().filter(|said| said.contains("Finding(")).count();
    assert!(findings > 20 && whole.len() == 4 * 24, "{findings} findings, {} judged", whole.len());
}

#[test]
fn nor_where_a_file_is_of_another_set_or_cannot_be_read() {
    let mut lab = lab(9, 0);
    let set = validated(&mut lab);
    let other = {
        let mut other = super::lab(4, 0);
        validated(&mut other)
    };
    for prefix in ["MGF_", "MGEF_", "MCVF_"] {
        // A file with fewer installations, each another one, signed by parties that are trusted here too.
        let mut mixed = set.clone();
        file(&mut mixed, prefix).bytes.clone_from(&file(&mut other.clone(), prefix).bytes);
        let whole = same_however_it_is_cut(&lab, prefix, &mixed);
        assert!(whole.iter().any(|said| said.contains("P-entries-agree") || said.contains("P-outcome-agrees")));
        assert!(whole.iter().any(|said| said.contains("build the set again")), "an entry is missed");
        let mut cut = set.clone();
        file(&mut cut, prefix).bytes.truncate(2_000);
        same_however_it_is_cut(&lab, "cut", &cut);
    }
}
