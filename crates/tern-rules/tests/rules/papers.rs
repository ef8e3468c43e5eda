//! What the DCC's records must say of an installation: certificates, configuration, EPCL, authorisation, exclusion.

use tern_model::facts::{EpclState, Exclusion, ExclusionCategory, Notice, NoticeKind, NoticeState};
use tern_model::{CertificateId, MeterState, Role};
use tern_rules::Holder;

use super::support::Says::{Finding, Missing, NotApplicable, Pass};
use super::support::*;

#[track_caller]
fn check_dsp(change: impl Fn(&mut World), clause: &str, says: &[Says]) {
    let mut world = healthy(1);
    change(&mut world);
    check(&world, Role::Dsp, clause, says);
    check(&world, Role::RequestingParty, clause, says);
}

const ROLLBACK: &str = "rollback_certificates.csv";

#[test]
fn rollback_certificates_reach_through_the_window_both_days_included() {
    check_dsp(|_| {}, "5.1(c)", &[Pass]);
    check_dsp(|w| w.rollback_certificates[1].from = on(-1), "5.1(c)", &[Pass]);
    check_dsp(|w| w.rollback_certificates[1].from = on(1), "5.1(c)", &[Finding(ROLLBACK, "of ESME")]);
    check_dsp(|w| w.rollback_certificates[2].until = on(13), "5.1(c)", &[Finding(ROLLBACK, "of GSME")]);
    check_dsp(
        |w| {
            w.settings.rollback_days = 13;
            w.rollback_certificates[2].until = on(13);
        },
        "5.1(c)",
        &[Pass],
    );
}

#[test]
fn every_device_needs_its_rollback_certificate() {
    for (at, missing) in [(0, "of CHF"), (1, "of ESME"), (2, "of GSME")] {
        check_dsp(|w| drop(w.rollback_certificates.remove(at)), "5.1(c)", &[Missing(missing)]);
    }
    check_dsp(
        |w| {
            w.rollback_certificates.truncate(1);
            w.rollback_certificates[0].until = D;
        },
        "5.1(c)",
        &[Finding(ROLLBACK, "of CHF"), Missing("of ESME"), Missing("of GSME")],
    );
}

#[test]
fn a_constraint_counts_unless_configuration_keeps_it() {
    let constrained = |w: &mut World| w.rollback_certificates[0].constraint = "not at night".to_owned();
    check_dsp(constrained, "5.1(c)", &[Finding(ROLLBACK, "constraint `not at night`")]);
    check_dsp(
        |w| {
            constrained(w);
            w.settings.constraints_kept.push("not at night".to_owned());
        },
        "5.1(c)",
        &[Pass],
    );
}

#[test]
fn the_smso_has_configured_and_tried_by_d() {
    const PLACE: &str = "smso_configuration.csv";
    check_dsp(|w| w.smso_configuration.clear(), "15.2", &[Missing("facts/smso_configuration.csv")]);
    check_dsp(|w| w.smso_configuration[0].tried = None, "15.2", &[Finding(PLACE, "never tried")]);
    check_dsp(|w| w.smso_configuration[0].tried = Some(D), "15.2", &[Pass]);
    check_dsp(|w| w.smso_configuration[0].tried = Some(on(1)), "15.2", &[Finding(PLACE, "was not tried with success")]);
    check_dsp(|w| w.smso_configuration[0].configured = on(1), "15.2", &[Finding(PLACE, "is configured only on")]);
    check_dsp(|w| w.smso_configuration[0].smso = SUPPLIER, "15.2", &[Finding(PLACE, "another SMSO")]);
}

#[test]
fn the_combination_is_on_the_epcl_on_d() {
    const PLACE: &str = "Installation[1]/CHF/DeviceModel";
    check_dsp(|w| w.epcl[0].from = D, "MA110", &[Pass]);
    check_dsp(|w| w.epcl[0].from = on(1), "MA110", &[Finding(PLACE, "on no entry")]);
    check_dsp(|w| w.epcl[0].state = EpclState::Planned, "MA110", &[Finding(PLACE, "planned from")]);
    check_dsp(|w| w.epcl.clear(), "MA110", &[Finding(PLACE, "matches no approved EPCL entry")]);
    check_dsp(|w| w.not_given.push("epcl.csv"), "MA110", &[Missing("facts/epcl.csv")]);
    check_dsp(|w| w.first().esme.device_model.firmware = "0.9".to_owned(), "MA110", &[Finding(PLACE, "Maker E 0.9")]);
    check_dsp(|w| w.first().communications_provider = text("Else"), "MA110", &[Finding(PLACE, "Else")]);
}

#[test]
fn the_latest_state_of_an_epcl_entry_counts() {
    let then = |state| {
        move |w: &mut World| {
            let entry = w.epcl[0].clone();
            w.epcl.push(tern_model::facts::EpclEntry { state, from: on(-1), ..entry });
        }
    };
    check_dsp(then(EpclState::Approved), "MA110", &[Pass]);
    check_dsp(then(EpclState::Paused), "MA110", &[Finding("CHF/DeviceModel", "paused from")]);
}

#[test]
fn an_active_or_mixed_installation_needs_a_live_authorisation() {
    const PLACE: &str = "ESME/MeterState";
    check_dsp(|w| w.authorisations.clear(), "P-authorisation", &[Finding(PLACE, "no authorisation")]);
    check_dsp(|w| w.authorisations[0].until = D, "P-authorisation", &[Pass]);
    check_dsp(|w| w.authorisations[0].until = on(-1), "P-authorisation", &[Finding(PLACE, "is not authorised")]);
    check_dsp(|w| w.authorisations[0].from = D, "P-authorisation", &[Pass]);
    check_dsp(|w| w.authorisations[0].from = on(1), "P-authorisation", &[Finding(PLACE, "MA-1")]);
    check_dsp(|w| w.authorisations[0].supplier = SMSO, "P-authorisation", &[Finding(PLACE, "is not authorised")]);
    check_dsp(|w| w.not_given.push("authorisations.csv"), "P-authorisation", &[Missing("facts/authorisations.csv")]);
    let mixed = |w: &mut World| {
        w.first().esme.meter_state = MeterState::Dormant;
        w.authorisations.clear();
        w.notices.push(notice(D, NoticeState::Completed));
    };
    check_dsp(mixed, "P-authorisation", &[Finding(PLACE, "is not authorised")]);
}

fn notice(earliest: jiff::civil::Date, state: NoticeState) -> Notice {
    Notice { row: ROW, chf: chf(0), supplier: SUPPLIER, kind: NoticeKind::Migration, issued: on(-40), earliest, state }
}

fn dormant(w: &mut World, notice: Option<Notice>) {
    w.first().esme.meter_state = MeterState::Dormant;
    w.first().gsme.as_mut().unwrap().meter_state = MeterState::Dormant;
    w.authorisations.clear();
    w.notices.extend(notice);
}

#[test]
fn a_dormant_installation_needs_a_completed_notice() {
    let with = |state, earliest| move |w: &mut World| dormant(w, Some(notice(earliest, state)));
    let refused = [Finding("ESME/MeterState", "notice is not completed")];
    check_dsp(with(NoticeState::Completed, D), "P-authorisation", &[Pass]);
    check_dsp(with(NoticeState::Undelivered, D), "P-authorisation", &[Pass]);
    check_dsp(with(NoticeState::Completed, on(1)), "P-authorisation", &refused);
    check_dsp(with(NoticeState::Running, D), "P-authorisation", &refused);
    check_dsp(|w| dormant(w, None), "P-authorisation", &refused);
    let configuration = Notice { kind: NoticeKind::Configuration, ..notice(D, NoticeState::Completed) };
    check_dsp(|w| dormant(w, Some(configuration.clone())), "P-authorisation", &refused);
    check_dsp(
        |w| {
            dormant(w, None);
            w.not_given.push("notices.csv");
        },
        "P-authorisation",
        &[Missing("facts/notices.csv")],
    );
}

#[test]
fn an_exclusion_binds_from_its_day_on_and_gt01_binds_the_gas_meter_alone() {
    let excluded = |category, from| {
        move |w: &mut World| {
            let evidence = "visit".to_owned();
            w.exclusions.push(Exclusion { row: ROW, chf: chf(0), category, from, evidence });
        }
    };
    let refused = [Finding("CHFIdentifier", "five attempts")];
    check_dsp(excluded(ExclusionCategory::AttemptsExhausted, D), "P-excluded", &refused);
    check_dsp(excluded(ExclusionCategory::AttemptsExhausted, on(1)), "P-excluded", &[Pass]);
    check_dsp(excluded(ExclusionCategory::GasHanError, on(-9)), "P-excluded", &[Pass]);
    check_dsp(|w| w.not_given.push("exclusions.csv"), "P-excluded", &[Missing("facts/exclusions.csv")]);
}

#[test]
fn supplier_certificates_are_the_registered_suppliers() {
    const CLAUSE: &str = "P-certificate-supplier";
    const PLACE: &str = "ESME/NonCriticalSupplierCertificateID";
    let set = |id: CertificateId| move |w: &mut World| w.first().esme.non_critical_supplier_certificate_id = id.clone();
    let holder = |party, role, usable: Result<(), String>| {
        move |w: &mut World| {
            w.directory.insert(certificate(12), Holder { party, role, usable: usable.clone() });
            w.first().esme.non_critical_supplier_certificate_id = certificate(12);
        }
    };
    let expired = Err("expired on 2021-01-01".to_owned());
    check_dsp(holder(SUPPLIER, Role::Supplier, Ok(())), CLAUSE, &[Pass]);
    check_dsp(set(certificate(99)), CLAUSE, &[Finding(PLACE, "does not know")]);
    check_dsp(set(certificate(OPERATORS_CERTIFICATE)), CLAUSE, &[Finding(PLACE, "of role network-operator")]);
    check_dsp(holder(OTHER_SUPPLIER, Role::Supplier, Ok(())), CLAUSE, &[Finding(PLACE, "90-B3-D5-1F-30-01-00-02")]);
    check_dsp(holder(SUPPLIER, Role::Supplier, expired), CLAUSE, &[Finding(PLACE, "expired on 2021-01-01")]);
    check_dsp(set(CertificateId::Null), CLAUSE, &[Pass]);
}

#[test]
fn network_operator_certificates_are_the_registered_operators_and_null_ones_are_nobodys() {
    const CLAUSE: &str = "P-certificate-network-operator";
    check_dsp(
        |w| w.first().gsme.as_mut().unwrap().critical_network_operator_certificate_id = certificate(99),
        CLAUSE,
        &[Finding("GSME/CriticalNetworkOperatorCertificateID", "does not know")],
    );
    let null = |w: &mut World| {
        let entry = w.first();
        for meter in [&mut entry.esme, entry.gsme.as_mut().unwrap()] {
            meter.critical_network_operator_certificate_id = CertificateId::Null;
            meter.non_critical_network_operator_certificate_id = CertificateId::Null;
        }
    };
    check_dsp(null, CLAUSE, &[NotApplicable]);
}
