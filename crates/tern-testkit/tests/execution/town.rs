//! A place with everything that an execution needs: keys, a corpus that is to be planned, and its plan.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use jiff::Timestamp;
use jiff::civil::{Date, date};
use tempfile::TempDir;
use tern_model::{ChfIdentifier, GroupId, Role};
use tern_plan::assumptions::Assumptions;
use tern_plan::plan::Period;
use tern_service::config::Config;
use tern_service::pki;
use tern_service::plans::{Made, PlanFolder, PlanView, Work, load};
use tern_wire::smki::Usage;
use tern_world::corpus::{self, Defect, HubIdentity, Plan, SmsoParty, ToPlan};
use tern_world::devices::{Known, LOG_FILE, LogRecord, read_log};

const FIRST: Date = date(2020, 11, 30);
const LAST: Date = date(2021, 1, 31);
const INSTALLATIONS: usize = 8;

/// What the parties outside have done: it is theirs, whatever becomes of the execution.
#[derive(Debug, Clone, Default)]
pub struct Done {
    /// By reference of an export: who is in it.
    pub exported: BTreeMap<String, Vec<ChfIdentifier>>,
    /// How often an attempt was made, by installation, each under another reference.
    pub attempts: BTreeMap<ChfIdentifier, Vec<String>>,
    /// Who was commissioned, and under which reference.
    pub commissioned: BTreeMap<ChfIdentifier, String>,
}

pub struct Town {
    dir: TempDir,
    pub done: Rc<RefCell<Done>>,
}

/// A moment of a day.
pub fn moment(day: Date) -> Timestamp {
    format!("{day}T09:00:00Z").parse().expect("a moment")
}

impl Town {
    pub fn new() -> Town {
        let town = Town { dir: tempfile::tempdir().expect("a folder"), done: Rc::default() };
        let root = "[pki]\ndir = \"pki\"\n\n[facts]\ndir = \"facts\"\n\n[world]\ndir = \"world\"\n";
        fs::write(town.path("tern.toml"), root).expect("written");
        pki::init(&town.path("pki"), Some(date(2020, 6, 1)), moment(FIRST)).expect("keys");
        town.invent();
        town.plan();
        town
    }

    fn invent(&self) {
        let (pki_dir, now) = (self.path("pki"), moment(FIRST));
        let (issuer, trust) =
            (pki::load_issuer(&pki_dir).expect("an authority"), pki::load_trust(&pki_dir).expect("keys"));
        let of = |role| trust.usable(role, None, Usage::Sign, now);
        let parties = |role| of(role).iter().map(|c| c.party()).collect::<Vec<_>>();
        let smso = |c: &std::sync::Arc<tern_wire::smki::Certificate>| SmsoParty {
            name: c.common_name().to_owned(),
            party: c.party(),
            certificate: c.id().clone(),
        };
        let plan = Plan {
            installations: INSTALLATIONS,
            seed: 11,
            defects_permille: 0,
            defects: &Defect::USUAL,
            faults: 0,
            day: FIRST,
            suppliers: &parties(Role::Supplier),
            network_operators: &parties(Role::NetworkOperator),
            groups: &[GroupId::EA],
            smsos: &of(Role::Smso).iter().map(smso).collect::<Vec<_>>(),
            s1sp: of(Role::S1sp)[0].id().clone(),
            to_plan: Some(ToPlan { behind_one_in: 2 }),
        };
        let mut corpus = corpus::generate(&plan, &mut |chf, chance| {
            let issued = pki::device_certificate(&issuer, chf, chance, now);
            issued.map(HubIdentity::from).map_err(|error| error.to_string())
        })
        .expect("a corpus");
        corpus.known = Known::of(&pki::load_authorities(&pki_dir).expect("authorities"), &trust, now);
        corpus.write(&self.path("")).expect("written");
    }

    fn plan(&self) {
        let folder = load(&self.path("estate")).expect("an estate");
        assert_eq!(folder.findings.count(), 0, "{:?}", folder.findings.list());
        let rulebook = tern_rules::Rulebook::published();
        let made = Made {
            period: Period { first: FIRST, last: LAST },
            assumptions: Assumptions::default(),
            overlay: None,
            estate: folder.digest,
            events_bytes: folder.events_bytes,
            events: folder.events_digest,
            last_event_row: folder.events.iter().map(|event| event.row).max().unwrap_or_default(),
            still: Vec::new(),
        };
        let (plan, work) = (PlanFolder::new(&self.path("plan")), Work { folder: &folder, rulebook: &rulebook, made });
        let parent = work.made.clone();
        work.first(&plan, || {}).expect("a plan");
        self.others_bring_about();
        let folder = load(&self.path("estate")).expect("an estate");
        assert_eq!(folder.findings.count(), 0, "{:?}", folder.findings.list());
        let made = Made {
            events_bytes: folder.events_bytes,
            events: folder.events_digest,
            last_event_row: folder.events.iter().map(|event| event.row).max().unwrap_or_default(),
            ..parent
        };
        let before = PlanView::open(&self.path("plan"), None).expect("opens").expect("a plan");
        Work { folder: &folder, rulebook: &rulebook, made }.next(&plan, &before).expect("the next generation");
    }

    /// What comes in while the plan is carried out: on its second day a meter changes its supplier, and one is authorised anew that
    /// records know no authorisation of.
    fn others_bring_about(&self) {
        let read = |file: &str| fs::read_to_string(self.path(file)).expect("read");
        let cells = |file: &str, has: &str| {
            let text = read(file);
            let row = text.lines().find(|row| row.contains(has)).expect("a row");
            row.split(',').map(str::to_owned).collect::<Vec<_>>()
        };
        let (dormant, given) = (cells("estate/meters.csv", ",dormant,"), cells("facts/authorisations.csv", "MA-"));
        let other = read("estate/meters.csv");
        let other = other.lines().skip(1).filter_map(|row| row.split(',').nth(2)).find(|one| *one != dormant[2]);
        let events = format!(
            "{}2020-12-01,change-of-supplier,,,{},,{},,,,,,,2020-12-12\n2020-12-01,authorised,{},,,,{},,,,,,,\n",
            read("estate/events.csv"),
            dormant[1],
            other.expect("another supplier"),
            given[1],
            given[2]
        );
        fs::write(self.path("estate/events.csv"), events).expect("written");
        let records = read("facts/authorisations.csv");
        let kept = records.lines().filter(|row| !row.contains(&given[1])).map(|row| format!("{row}\n"));
        fs::write(self.path("facts/authorisations.csv"), kept.collect::<String>()).expect("written");
    }

    pub fn path(&self, relative: &str) -> PathBuf {
        self.dir.path().join(relative)
    }

    /// The configuration of a day.
    pub fn config(&self, day: Date) -> Config {
        let mut config = Config::load(&self.path("tern.toml")).expect("a configuration");
        config.clock.start = Some(moment(day));
        config
    }

    pub fn copied(&self) -> Town {
        let dir = tempfile::tempdir().expect("a folder");
        copy(self.dir.path(), dir.path());
        Town { dir, done: Rc::new(RefCell::new(self.done.borrow().clone())) }
    }

    /// What an execution leaves in files, and what the SMSO's records say.
    pub fn files(&self) -> BTreeMap<String, String> {
        let of_others = ["facts/registration.csv", "facts/authorisations.csv"];
        let ours = ["estate/events.csv", "facts/notices.csv", "facts/smso_configuration.csv"];
        let mut all = BTreeMap::new();
        for file in ours.into_iter().chain(of_others).chain(["smso/smso/installations.json"]) {
            all.insert(file.to_owned(), fs::read_to_string(self.path(file)).expect("read"));
        }
        for supplier in fs::read_dir(self.path("notices")).expect("notices").flatten() {
            for notice in fs::read_dir(supplier.path()).expect("a supplier's").flatten() {
                let name = notice.file_name().to_string_lossy().into_owned();
                all.insert(name, fs::read_to_string(notice.path()).expect("read"));
            }
        }
        let commissioned: Vec<_> = self.done.borrow().commissioned.keys().copied().collect();
        all.insert("commissioned".to_owned(), format!("{commissioned:?}"));
        all
    }

    /// Each upgrade was done once, and nobody was attempted twice for one attempt.
    pub fn nothing_happened_twice(&self, when: &str) {
        let log = read_log(&self.path("world").join(LOG_FILE)).expect("a log");
        let mut upgrades: BTreeMap<String, usize> = BTreeMap::new();
        for record in log {
            if let LogRecord::Effect(effect) = record {
                *upgrades.entry(format!("{:?}", effect.change)).or_default() += 1;
            }
        }
        assert!(upgrades.values().all(|times| *times == 1), "{when}: {upgrades:?}");
        let orders = fs::read_to_string(self.path("smso/smso/orders.log")).expect("orders");
        let mut taken: BTreeMap<String, usize> = BTreeMap::new();
        for order in orders.lines().filter(|line| line.contains("\"record\":\"taken\"")) {
            let order: serde_json::Value = serde_json::from_str(order).expect("JSON");
            *taken.entry(format!("{} {} {}", order["chf"], order["task"], order["firmware"])).or_default() += 1;
        }
        assert!(taken.values().all(|times| *times == 1), "{when}: {taken:?}");
        for (chf, references) in &self.done.borrow().attempts {
            let failed = if *chf == self.unlucky() { 1 } else { 0 };
            assert!(references.len() <= 1 + failed, "{when}: {chf} was attempted under {references:?}");
        }
    }

    /// How many installations there are.
    pub fn installations(&self) -> usize {
        INSTALLATIONS
    }

    /// The one whose first attempt has no success.
    pub fn unlucky(&self) -> ChfIdentifier {
        let rows = fs::read_to_string(self.path("estate/installations.csv")).expect("read");
        let first = rows.lines().nth(1).and_then(|row| row.split(',').next()).expect("a hub");
        first.parse().expect("a hub")
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            fs::create_dir_all(&target).expect("made");
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("copied");
        }
    }
}
