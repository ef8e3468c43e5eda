//! Application Association G (Table B1): a device model whose associations have names, addresses and a form of their own is
//! commissioned by its table, and a table that is wrong alters nothing.

use std::sync::Arc;

use tern_model::{Authentication, ChfIdentifier, ConfiguredAssociations, ContextForm, ModelAssociations, OutcomeKind};
use tern_service::System;
use tern_service::clock::{Clock, VirtualClock};
use tern_service::config::Config;
use tern_testkit::{Cut, Lab, LabPlan, Power, results};
use tern_world::devices::{ASSOCIATIONS_FILE, LOG_FILE};

use crate::support::{Held, check, held, named, run, take};

const INSTALLATIONS: usize = 12;

/// One text for the S1SP and for the devices: an ESME, a hub and a GSME that are not as others are.
const TABLES: &str = r#"
[[associations.models]]
manufacturer = "Landis+Gyr"
model = "Alder E21"
associations = [
  { name = "Anybody", client = 48, logical_device = 17, authentication = "public" },
  { name = "Alder read/write", client = 33, logical_device = 17, authentication = "hls-gmac", form = "glo" },
  { name = "Alder supply", client = 35, logical_device = 18, authentication = "pre-established" },
]

[[associations.models]]
manufacturer = "Trilliant"
model = "Wren CH2"
associations = [{ name = "Open", client = 49, logical_device = 21, authentication = "public" }]

[[associations.models]]
manufacturer = "Landis+Gyr"
model = "Alder G4"
associations = [{ name = "Open", client = 50, logical_device = 22, authentication = "public" }]
"#;

/// The meter's model that has a table.
const ESME: &str = "Alder E21";

/// Devices that are as the tables say, and an SMSO that names the associations so.
fn lab() -> Lab {
    let plan =
        LabPlan { installations: INSTALLATIONS, seed: 7, defects_permille: 0, faults: 0, set_size: INSTALLATIONS };
    let mut lab = Lab::new(plan, |corpus| {
        for (_, records) in &mut corpus.smsos {
            let own = records.installations.iter_mut().filter(|record| record.esme.model.model == ESME);
            own.for_each(|record| {
                record.application_associations = vec!["Alder read/write".to_owned(), "Alder supply".to_owned()];
            });
        }
    });
    std::fs::write(lab.dir().join("world").join(ASSOCIATIONS_FILE), TABLES).expect("writes");
    lab.reset();
    lab
}

fn tables() -> ConfiguredAssociations {
    toml::from_str::<Config>(TABLES).expect("the same text is a tern.toml's").associations
}

/// The S1SP with these tables.
fn open(lab: &Lab, associations: ConfiguredAssociations) -> System {
    let clock: Arc<dyn Clock> = Arc::new(VirtualClock::starting_at(lab.now));
    lab.open_with(Config { associations, ..lab.config() }, clock, &Power::new(Cut::Never)).expect("opens")
}

/// The installations whose ESME has a table.
fn with_table(lab: &Lab) -> Vec<ChfIdentifier> {
    let own = lab.corpus.devices.iter().filter(|one| one.esme.model.model == ESME);
    own.map(|one| one.hub.chf).collect()
}

/// Commissions under these tables, and gives how each installation ended with the words of its failure.
fn commissioned(
    lab: &Lab,
    associations: ConfiguredAssociations,
    told: &str,
) -> Vec<(ChfIdentifier, OutcomeKind, String)> {
    let before = held(lab);
    let mut system = open(lab, associations);
    take(&mut system, &lab.sets[0]);
    run(&mut system, &mut lab.devices(), &[]).expect("runs");
    let set = named(&lab.sets[0]);
    check(lab, &mut system, set, &before, told);
    let words = |chf| {
        let mut records = system.records().map(|record| record.expect("a record"));
        let failure = records.find(|record| record.plan.chf == chf).and_then(|record| record.migration.failure);
        failure.map_or_else(String::new, |failure| format!("{} {}", failure.row, failure.reason))
    };
    let ends = results(&system, set).into_iter();
    ends.map(|(chf, end)| (chf, end.expect("ended").kind(), words(chf))).collect()
}

#[test]
fn a_model_with_addresses_names_and_a_form_of_its_own_is_commissioned_by_its_table() {
    let lab = lab();
    let own = with_table(&lab);
    assert!(!own.is_empty() && own.len() < INSTALLATIONS, "both kinds are there: {}", own.len());
    let hubs = lab.corpus.devices.iter().filter(|one| one.hub.model.model == "Wren CH2").count();
    let gas = lab.corpus.devices.iter().filter_map(|one| one.gsme.as_ref()).filter(|g| g.model.model == "Alder G4");
    assert!(hubs > 0 && gas.count() > 0);
    for (chf, kind, words) in commissioned(&lab, tables(), "the right tables") {
        assert_eq!(kind, OutcomeKind::Commissioned, "{chf}: {words}");
    }
}

/// One thing in the S1SP's table of the ESME that is not as the meter is; at which row that shows, and in which words.
type Wrong = (&'static str, fn(&mut ModelAssociations), &'static str, &'static str);

const WRONG: [Wrong; 5] = [
    (
        "no such client",
        |table| at(table, Authentication::HlsGmac).client = 34,
        "B2.1",
        "client 34 of logical device 17",
    ),
    ("another logical device", |table| at(table, Authentication::HlsGmac).logical_device = 21, "B2.1", "Table B1"),
    (
        "another form",
        |table| at(table, Authentication::HlsGmac).form = Some(ContextForm::GeneralGlo),
        "B2.1",
        "Table B1",
    ),
    (
        "no public client there",
        |table| at(table, Authentication::Public).client = 16,
        "W1",
        "client 16 of logical device",
    ),
    ("no critical client there", |table| at(table, Authentication::PreEstablished).client = 3, "B2.3", "OperationNot"),
];

fn at(table: &mut ModelAssociations, authentication: Authentication) -> &mut tern_model::ApplicationAssociation {
    let mut associations = table.associations.iter_mut();
    associations.find(|one| one.authentication == authentication).expect("the table has one")
}

#[test]
fn a_table_that_is_wrong_is_refused_in_plain_words_and_devices_stay_with_the_smso() {
    let mut lab = lab();
    let own = with_table(&lab);
    for (what, spoil, row, words) in WRONG {
        lab.reset();
        let mut wrong = tables();
        wrong.models.iter_mut().filter(|table| table.model == ESME).for_each(spoil);
        for (chf, kind, failure) in commissioned(&lab, wrong, what) {
            if own.contains(&chf) {
                assert_eq!(kind, OutcomeKind::RolledBack, "{what}: {failure}");
                assert!(failure.starts_with(row) && failure.contains(words), "{what}: {failure}");
            } else {
                assert_eq!(kind, OutcomeKind::Commissioned, "{what}: {failure}");
            }
        }
    }
}

#[test]
fn names_that_are_not_the_models_are_refused_before_anything_is_asked_of_a_device() {
    let mut lab = lab();
    let own = with_table(&lab);
    // The SMSO's names are held against the cohort's own, and against a table that lacks the DCO's association.
    let mut without = tables();
    let of_esme = without.models.iter_mut().find(|table| table.model == ESME).expect("a table");
    of_esme.associations.retain(|one| one.authentication != Authentication::PreEstablished);
    for wrong in [ConfiguredAssociations::default(), without] {
        lab.reset();
        let before: Held = held(&lab);
        let mut system = open(&lab, wrong);
        take(&mut system, &lab.sets[0]);
        let set = named(&lab.sets[0]);
        for (chf, end) in results(&system, set).into_iter().filter(|(chf, _)| own.contains(chf)) {
            assert_eq!(end.expect("ended").kind(), OutcomeKind::Refused, "{chf}");
        }
        assert_eq!(held(&lab), before);
        assert!(!log_names(&lab, &own), "a refused meter was asked something");
    }
}

/// Whether the devices' log tells anything of these installations.
fn log_names(lab: &Lab, of: &[ChfIdentifier]) -> bool {
    let log = std::fs::read_to_string(lab.world.dir().join(LOG_FILE)).unwrap_or_default();
    of.iter().any(|chf| log.contains(&chf.to_string()))
}
