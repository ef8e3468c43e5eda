//! Installations as their Users know them: the devices, and the suppliers that are registered for the meters.

use tern_model::{ChfIdentifier, DeviceId, Fuel, GroupId, Mpxn, OutcomeKind, london_day};
use tern_service::System;
use tern_service::facts::FactsIndex;
use tern_wire::facts_csv::Subject;
use tern_wire::smki::Trust;
use tern_world::smso::InstallationRecord;

use crate::Lab;

/// A commissioned installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    /// Its group, and so its cohort.
    pub group: GroupId,
    /// The hub.
    pub chf: ChfIdentifier,
    /// The Gas Proxy Function.
    pub gpf: DeviceId,
    /// The electricity meter.
    pub esme: DeviceId,
    /// The gas meter.
    pub gsme: Option<DeviceId>,
    /// The first prepayment interface.
    pub ppmid: Option<DeviceId>,
    /// All of them.
    pub ppmids: Vec<DeviceId>,
    /// The in-home displays.
    pub ihds: Vec<DeviceId>,
    /// The electricity supplier's name in the key infrastructure.
    pub supplier: String,
    /// The gas supplier's.
    pub gas_supplier: Option<String>,
    /// The electricity meter's metering point.
    pub mpan: Mpxn,
    /// The gas meter's.
    pub mprn: Option<Mpxn>,
}

/// Every installation of a laboratory that is commissioned and whose suppliers have names.
///
/// # Panics
/// A store or the facts cannot be read.
#[must_use]
pub fn homes(lab: &Lab, system: &System) -> Vec<Home> {
    let commissioned: Vec<ChfIdentifier> = system
        .records()
        .map(|record| record.expect("a record"))
        .filter(|record| record.migration.outcome().is_some_and(|o| o.kind() == OutcomeKind::Commissioned))
        .map(|record| record.plan.chf)
        .collect();
    let (facts, trust) = (lab.facts(), &system.shared.trust);
    let records = lab.corpus.smsos.iter().flat_map(|(_, records)| &records.installations);
    let known = records.filter(|record| commissioned.contains(&record.chf_identifier));
    known.filter_map(|record| home(lab, record, (&facts, trust))).collect()
}

fn home(lab: &Lab, record: &InstallationRecord, from: (&FactsIndex, &Trust)) -> Option<Home> {
    let gas = record.gsme.as_ref().map(|gas| &gas.meter);
    let gas_supplier = match gas {
        Some(meter) => Some(supplier(lab, (Fuel::Gas, &meter.mpxn), from)?),
        None => None,
    };
    Some(Home {
        group: record.group_id,
        chf: record.chf_identifier,
        gpf: record.gpf,
        esme: record.esme.device_id,
        gsme: gas.map(|meter| meter.device_id),
        ppmid: record.ppmids.first().map(|ppmid| ppmid.device_id),
        ppmids: record.ppmids.iter().map(|ppmid| ppmid.device_id).collect(),
        ihds: record.ihds.clone(),
        supplier: supplier(lab, (Fuel::Electricity, &record.esme.mpxn), from)?,
        gas_supplier,
        mpan: record.esme.mpxn.clone(),
        mprn: gas.map(|meter| meter.mpxn.clone()),
    })
}

fn supplier(lab: &Lab, (fuel, point): (Fuel, &Mpxn), (facts, trust): (&FactsIndex, &Trust)) -> Option<String> {
    let slice = facts.slice([Subject::Point(fuel, point.clone())]).expect("facts");
    let party = slice.registration_on(fuel, point, london_day(lab.now))?.supplier;
    trust.certificates().find(|known| known.party() == party).map(|known| known.common_name().to_owned())
}
