//! What changed between a crash or a stop and what follows it: certificates, configuration, other sets.

use std::collections::BTreeSet;

use tern_dlms::apdu::{Apdu, GeneralSigning, GetRequest, InvokeIdAndPriority};
use tern_dlms::client::{Association, Client, Party, Ports};
use tern_dlms::invocation::{Block, Invocations};
use tern_dlms::security::{Key, Keys, Protection};
use tern_dlms::{AttributeDescriptor, ClassId, Codec, LogicalName, SystemTitle};
use tern_model::{OutcomeKind, Role};
use tern_service::executor::InstallationRecord;
use tern_service::parties::Party as _;
use tern_service::pki;
use tern_testkit::{Cut, Lab, Power, Strike, Struck, results};
use tern_world::dlms::{client, server};

use crate::support::{
    ALWAYS, check, crashed, held, issue, lab, later_sets, migrate, named, open, record, revoke, run, take, way_back,
};

const DEVICE_ID: AttributeDescriptor = AttributeDescriptor::new(ClassId(1), LogicalName::new(0, 0, 96, 1, 0, 255), 2);

#[test]
fn a_new_certificate_and_another_apn_between_crash_and_resume_confuse_nobody() {
    // What was touched under the former certificate is taken back; what was not comes under the new one.
    let forwards = BTreeSet::from([OutcomeKind::Commissioned, OutcomeKind::RolledBack]);
    for (struck, ends) in [(Vec::new(), forwards), (way_back(), BTreeSet::from([OutcomeKind::RolledBack]))] {
        let (mut lab, mut ended) = (lab(1), BTreeSet::new());
        for write in 1..durable_writes(&lab, &struck) {
            let told = format!("after write {write}");
            lab.reset();
            let before = held(&lab);
            crashed(&lab, write, &struck);
            revoke(&lab, "s1sp");
            issue(&lab, Role::S1sp, "s1sp");
            let mut system = open(&lab);
            system.config.commissioning.dcc_apn = "dcc.another".to_owned();
            run(&mut system, &mut lab.devices(), &struck).expect(&told);
            ended.extend(check(&lab, &mut system, named(&lab.sets[0]), &before, &told));
        }
        assert_eq!(ended, ends, "{struck:?}");
    }
}

/// How many durable writes a commissioning makes.
fn durable_writes(lab: &Lab, struck: &[Struck]) -> u64 {
    take(&mut open(lab), &lab.sets[0]);
    let power = Power::new(Cut::Never);
    run(&mut lab.open(&power).expect("opens"), &mut lab.devices(), struck).expect("runs");
    assert!(power.writes() > 20, "only {} durable writes", power.writes());
    power.writes()
}

#[test]
fn what_was_in_flight_comes_first_although_another_set_is_named() {
    let lab = lab(2);
    let before = held(&lab);
    crashed(&lab, 12, &[]);
    let mut system = open(&lab);
    migrate(&lab, &mut system, &lab.sets[1..]).expect("the second set");
    for set in &lab.sets {
        let kinds = check(&lab, &mut system, named(set), &before, &set.dir.display().to_string());
        assert_eq!(kinds, BTreeSet::from([OutcomeKind::Commissioned]));
    }
    let updated = |set| {
        let chf = *results(&system, set).keys().next().expect("one");
        record(&system, chf, set).updated
    };
    assert!(updated(named(&lab.sets[0])) <= updated(named(&lab.sets[1])), "the first set came behind the second");
}

/// The DCO's key packages, as they are stored.
fn packages(system: &mut tern_service::System) -> Vec<(String, Vec<u8>)> {
    let found = system.dco.store().scan("package", None, 9).expect("the packages");
    found.into_iter().map(|(key, record)| (key, record.body)).collect()
}

#[test]
fn the_key_package_of_a_stuck_installation_outlives_a_later_set_that_names_the_same_meter() {
    let lab = lab(1);
    let before = held(&lab);
    let mut system = open(&lab);
    take(&mut system, &lab.sets[0]);
    let mut struck = way_back();
    struck.push(Struck::new("/B6.4/undo", Strike::Fail, ALWAYS));
    run(&mut system, &mut lab.devices(), &struck).expect("runs");
    let kept = packages(&mut system);
    assert_eq!(kept.len(), 1);

    let later = later_sets(&lab, "LATER");
    take(&mut system, &later[0]);
    let refused = results(&system, named(&later[0])).into_values().flatten().map(|o| o.kind());
    assert_eq!(refused.collect::<Vec<_>>(), [OutcomeKind::Refused]);
    let now = packages(&mut system);
    assert!(now.contains(&kept[0]), "the DCO no longer holds the package of the stuck installation");

    let kinds = check(&lab, &mut system, named(&lab.sets[0]), &before, "with the fault gone");
    assert_eq!(kinds, BTreeSet::from([OutcomeKind::Stuck]));
}

/// The SMSO opens its meter's association and asks its hub, each with a number far above all that the S1SP gave away.
fn used_by_the_smso(lab: &Lab, record: &InstallationRecord) {
    let signer = pki::load_signer(&lab.dir().join("pki"), "smso").expect("the SMSO's key");
    let title = SystemTitle(signer.certificate().party().0.0.to_be_bytes());
    let (chf, esme) = (record.plan.chf, SystemTitle(record.plan.esme.device.0.0.to_be_bytes()));
    let keys = record.keys.open(&lab.s1sp_seal(), &record.plan).expect("opens").smso;
    let party = Party {
        client_title: title,
        server_title: Some(esme),
        keys: Keys {
            encryption: Key::new(*keys.encryption.expose()),
            authentication: Key::new(*keys.authentication.expose()),
        },
        invocations: Invocations::within(Block::from((record.invocations + 10_000).into(), 64).expect("a block")),
        heard: None,
    };
    let association = Association::HighLevelGmac { party, protection: Some(Protection::AuthenticatedEncrypted) };
    let ports = Ports { client: client::MANAGEMENT, server: server::ESME };
    Client::connect(lab.connect()(chf).expect("the meter"), ports, association).expect("it is the SMSO's again");
    let request = GetRequest::Normal { invoke: InvokeIdAndPriority::new(1), attribute: DEVICE_ID.into() };
    let mut signing = GeneralSigning {
        transaction_id: (record.transactions + 10_000).to_be_bytes().to_vec(),
        originator: title,
        recipient: SystemTitle(chf.0.0.to_be_bytes()),
        date_time: Vec::new(),
        other_information: Vec::new(),
        content: request.to_bytes(),
        signature: Vec::new(),
    };
    signing.signature = signer.sign(&signing.signed_part()).expect("signs").to_vec();
    let ports = Ports { client: client::PUBLIC, server: server::CHF };
    let mut hub = Client::connect(lab.connect()(chf).expect("the hub"), ports, Association::Public).expect("opens");
    let answer = Apdu::decode(&hub.relay(&Apdu::GeneralSigning(signing).to_bytes()).expect("an answer"));
    assert!(matches!(answer, Ok(Apdu::GeneralSigning(_))), "{answer:?}");
}

#[test]
fn what_a_person_tries_again_counts_on_from_what_meter_and_hub_heard_of_the_smso_meanwhile() {
    let lab = lab(1);
    let (before, set) = (held(&lab), named(&lab.sets[0]));
    let mut system = open(&lab);
    take(&mut system, &lab.sets[0]);
    let mut struck = way_back();
    // The meter goes back to the SMSO's keys and the hub to its certificate; the meter's certificate and the whitelist do not.
    struck.extend(["/15.11/undo", "/B6.6/undo"].map(|key| Struck::new(key, Strike::Fail, ALWAYS)));
    run(&mut system, &mut lab.devices(), &struck).expect("runs");
    let (chf, _) = results(&system, set).into_iter().next().expect("one");
    let stuck = record(&system, chf, set);
    assert_eq!(stuck.migration.outcome().map(|outcome| outcome.kind()), Some(OutcomeKind::Stuck));
    used_by_the_smso(&lab, &stuck);
    // What is stuck is resolved by `check`, and must then be as before.
    let kinds = check(&lab, &mut system, set, &before, "after the SMSO used it");
    assert_eq!(kinds, BTreeSet::from([OutcomeKind::Stuck]));
}
