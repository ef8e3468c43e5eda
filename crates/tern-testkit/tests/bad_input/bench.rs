//! A laboratory whose sets are made bad, and what must hold whenever one was refused.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags};
use tern_model::{ChfIdentifier, Eui64, Finding, PartyId, Role};
use tern_rules::{SetJudgement, find};
use tern_service::System;
use tern_service::check::Checker;
use tern_service::parties::SetTaken;
use tern_service::pki;

use tern_testkit::{Checked, Cut, FileSet, Lab, LabPlan, Power, RawFile, check};
use tern_wire::smki::issuing::{AuthorityRequest, Issuer, OrganisationRequest, Serial, Validity};
use tern_wire::smki::{Signer, Usage};
use tern_world::devices::Snapshot;

/// The EUI-64 of a Requesting Party beside the laboratory's own.
pub const OTHER_PARTY: PartyId = PartyId(Eui64(0x90B3_D51F_3083_00F0));

/// A laboratory with two sets, and signers good and bad.
pub struct Bench {
    pub lab: Lab,
    signers: BTreeMap<&'static str, Signer>,
}

/// How a set is made bad.
pub type Change = fn(&Bench, &mut Vec<RawFile>);

/// A set that must be refused as a whole.
pub struct Case {
    pub name: &'static str,
    pub change: Change,
    /// Every finding on the set, by clause and place: the file's prefix, and the path in it.
    pub expect: &'static [(&'static str, &'static str)],
    /// What the first of them says, in its message, `found` or `expected`.
    pub says: &'static str,
}

impl Bench {
    pub fn new(seed: u64) -> Bench {
        Bench::with(LabPlan { installations: 6, seed, defects_permille: 0, faults: 0, set_size: 3 })
    }

    pub fn with(plan: LabPlan) -> Bench {
        let lab = Lab::new(plan, |_| {});
        let signers = signers(&lab);
        Bench { lab, signers }
    }

    /// A signer: `requesting-party`, any other party of the key infrastructure, or one of the bad ones.
    pub fn signer(&self, name: &str) -> &Signer {
        self.signers.get(name).unwrap_or_else(|| panic!("no signer {name}"))
    }

    /// The files of the first set, changed.
    pub fn changed(&self, change: Change) -> FileSet {
        let mut set = self.lab.sets[0].clone();
        change(self, &mut set.files);
        set
    }

    pub fn open(&self) -> System {
        self.lab.open(&Power::new(Cut::Never)).expect("opens")
    }

    pub fn checker(&self) -> Checker {
        Checker::new(self.lab.config(), self.lab.facts(), self.lab.now, None).expect("a checker")
    }

    /// What `tern check` says of a set.
    pub fn checked(&self, set: &FileSet, role: Role) -> Checked {
        let checker = self.checker();
        check(&checker, &checker.open(&set.lay().folder).expect("readable files"), role).expect("checks")
    }

    /// What devices hold.
    pub fn devices(&self) -> BTreeMap<ChfIdentifier, Snapshot> {
        let world = &self.lab.world;
        world.installations().filter_map(|chf| Some((chf, world.snapshot(chf)?))).collect()
    }
}

/// Checks a table of cases on one system, which must be none the worse for them: at the end it takes the good set in.
#[track_caller]
pub fn check_all(bench: &Bench, cases: &[Case]) {
    let mut system = bench.open();
    let mut wrong = Vec::new();
    for case in cases {
        let verdicts = refused(bench, &mut system, case.name, &bench.changed(case.change));
        let places: Vec<_> = findings_of_set(&verdicts).iter().map(|f| (f.clause.to_string(), place(f))).collect();
        let expect: Vec<_> = case.expect.iter().map(|(c, p)| ((*c).to_owned(), (*p).to_owned())).collect();
        let first = findings_of_set(&verdicts).first().map(|f| format!("{} | {} | {}", f.message, f.found, f.expected));
        let first = first.unwrap_or_default();
        if places != expect || !first.contains(case.says) {
            wrong.push(format!("{}: {places:?}\n    {first}", case.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let good = &bench.lab.sets[0];
    let taken = tern_testkit::take(&mut system, good).expect("takes");
    assert!(matches!(taken, SetTaken::Accepted { .. }), "the good set is refused after bad ones: {taken:?}");
}

/// The set is refused as a whole, with whole findings and without any effect; gives what was said.
#[track_caller]
pub fn refused(bench: &Bench, system: &mut System, name: &str, set: &FileSet) -> SetJudgement {
    let (stores, devices) = (Stores::of(&bench.lab), bench.devices());
    let checked = bench.checked(set, Role::Dsp);
    let taken = tern_testkit::take(system, set).unwrap_or_else(|fault| panic!("{name}: {fault}"));
    let SetTaken::Refused(verdicts) = taken else { panic!("{name}: not refused: {taken:?}") };
    let after = Stores::of(&bench.lab);
    assert!(after.state == stores.state, "{name}: a store was changed");
    assert_eq!(after.audit, stores.audit + 1, "{name}: one line of audit");
    assert!(bench.devices() == devices, "{name}: a device was changed");
    let findings = findings_of_set(&verdicts);
    assert!(!findings.is_empty(), "{name}: refused without a finding");
    let of_installations = checked.installations.iter().flat_map(tern_rules::InstallationJudgement::findings);
    for finding in findings.iter().cloned().chain(of_installations) {
        whole(name, &finding);
    }
    assert_eq!(findings_of_set(&checked.verdicts), findings, "{name}: tern check says something else");
    *verdicts
}

pub fn findings_of_set(verdicts: &SetJudgement) -> Vec<Finding> {
    verdicts.refusals()
}

/// Place, cause, suggestion and a clause that has a page; never half a finding.
#[track_caller]
pub fn whole(name: &str, finding: &Finding) {
    let told = format!("{name}: {finding:?}");
    if finding.message.starts_with("FACTS MISSING: ") {
        // It is no finding about the file: its message names the record that there is not, and where to add it.
        return assert!(finding.message.contains(';'), "{told}: no way out");
    }
    assert!(find(&finding.clause).is_some(), "{told}: no page");
    assert!(!finding.place.document.is_empty(), "{told}: no place");
    assert!(finding.place.xpath.is_empty() || finding.place.line > 0, "{told}: no line");
    for text in [&finding.message, &finding.found, &finding.expected, &finding.suggestion] {
        assert!(!text.trim().is_empty(), "{told}: half a finding");
        assert!(text.len() < 500 && !text.chars().any(char::is_control), "{told}: unreadable");
    }
}

/// `MCF MigrationCommonFile/MigrationHeader`; the prefix alone where the place is the whole document.
pub fn place(finding: &Finding) -> String {
    let prefix = finding.place.document.split('_').next().unwrap_or_default();
    [prefix, &finding.place.xpath].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// All that the stores hold, but for the audit, whose rows are counted.
#[derive(Debug, PartialEq, Eq)]
pub struct Stores {
    pub state: BTreeMap<String, Vec<String>>,
    pub audit: u64,
}

impl Stores {
    pub fn of(lab: &Lab) -> Stores {
        let mut stores = Stores { state: BTreeMap::new(), audit: 0 };
        let Ok(entries) = std::fs::read_dir(lab.dir().join("stores")) else { return stores };
        for entry in entries {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                stores.add_files(&path);
                continue;
            }
            if std::fs::read(&path).is_ok_and(|bytes| bytes.starts_with(b"SQLite format 3")) {
                stores.add(&path);
            }
        }
        assert_eq!(stores.state.keys().filter(|k| k.ends_with("/record")).count(), 4, "four stores are looked at");
        stores
    }

    /// The files beside a store.
    fn add_files(&mut self, folder: &Path) {
        let name = folder.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let files = std::fs::read_dir(folder).expect("a folder of files");
        let names = files.map(|file| file.expect("a file").file_name().to_string_lossy().into_owned());
        let mut names: Vec<String> = names.collect();
        names.sort();
        // A store makes the folder when it is first needed.
        if !names.is_empty() {
            self.state.insert(name, names);
        }
    }

    fn add(&mut self, path: &Path) {
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let base = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("opens");
        for table in column(&base, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name") {
            let rows = column(&base, &format!("SELECT * FROM {table}"));
            if table == "audit" {
                self.audit += rows.len() as u64;
            } else if table != "store" {
                // That table holds the head of the audit's chain.
                self.state.insert(format!("{name}/{table}"), rows);
            }
        }
    }
}

/// Rows, each as one text.
fn column(base: &Connection, query: &str) -> Vec<String> {
    let mut statement = base.prepare(query).expect("a statement");
    let columns = statement.column_count();
    let row = |row: &rusqlite::Row<'_>| {
        let cells: Result<Vec<String>, _> = (0..columns).map(|at| row.get::<_, Value>(at).map(told)).collect();
        Ok(cells?.join(" | "))
    };
    statement.query_map([], row).expect("rows").collect::<Result<_, _>>().expect("rows")
}

fn told(value: Value) -> String {
    match value {
        Value::Text(text) => text,
        Value::Blob(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        other => format!("{other:?}"),
    }
}

/// The parties of the key infrastructure, and parties whose certificates do not count.
fn signers(lab: &Lab) -> BTreeMap<&'static str, Signer> {
    let dir = lab.dir().join("pki");
    let mut signers = BTreeMap::new();
    for name in ["requesting-party", "dsp", "s1sp", "dco", "commissioning-party", "smso", "supplier-a"] {
        signers.insert(name, pki::load_signer(&dir, name).expect("a key"));
    }
    let own = signers["requesting-party"].certificate().party();
    let issuer = pki::load_issuer(&dir).expect("the issuing authority");
    let (foreign, _) = Issuer::root(&AuthorityRequest {
        common_name: "Elsewhere",
        validity: validity("2020-01-01T00:00:00Z", "2040-01-01T00:00:00Z"),
        serial: Serial::from_random([0x2E; 16]),
    })
    .and_then(|(root, _)| {
        root.issuing_authority(&AuthorityRequest {
            common_name: "Tern Issuing CA",
            validity: validity("2020-01-01T00:00:00Z", "2040-01-01T00:00:00Z"),
            serial: Serial::from_random([0x2F; 16]),
        })
    })
    .expect("another infrastructure");
    let (now, long) = ("2020-01-01T00:00:00Z", "2039-01-01T00:00:00Z");
    let parties = [
        ("unknown", &issuer, own, validity(now, long), false),
        ("expired", &issuer, own, validity(now, "2021-03-01T00:00:00Z"), true),
        ("not-yet-valid", &issuer, own, validity("2021-03-03T00:00:00Z", long), true),
        ("revoked", &issuer, own, validity(now, long), true),
        ("elsewhere", &foreign, own, validity(now, long), true),
        ("other-party", &issuer, OTHER_PARTY, validity(now, long), true),
    ];
    for ((name, issuer, party, validity, published), number) in parties.into_iter().zip(0x30..) {
        let serial = Serial::from_random([number; 16]);
        let (role, usage) = (Role::RequestingParty, Usage::Sign);
        let request = OrganisationRequest { common_name: name, party, role, usage, validity, serial };
        let issued = issuer.issue(&request).expect("a certificate");
        if published {
            let path = dir.join("trust/certificates").join(name).with_extension("pem");
            std::fs::write(path, issued.certificate.to_pem()).expect("published");
        }
        let signer = Signer::from_pem(Arc::new(issued.certificate), issued.key_pem.expose()).expect("its key");
        signers.insert(name, signer);
    }
    pki::revoke(&dir, "revoked", lab.now).expect("revokes");
    signers
}

fn validity(from: &str, until: &str) -> Validity {
    Validity { not_before: from.parse().expect("a moment"), not_after: until.parse().expect("a moment") }
}
