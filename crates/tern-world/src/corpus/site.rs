//! One installation: its devices, what its SMSO keeps of it, and what the DCC's records say of it.

mod describe;

use jiff::civil::Date;
use tern_model::facts::{
    Authorisation, Notice, NoticeKind, NoticeState, RollbackCertificate, SimRecord, SmsoConfiguration, SourceRow,
};
use tern_model::{
    CertificateId, ChfIdentifier, DeviceId, DeviceModel, Eui64, Fuel, GroupId, HanType, InstallationState, MeterState,
    PartyId, Secret,
};
use tern_wire::role_link::AssociationKeys;

use super::cast::Part;
use super::catalogue::{self, PROVIDERS, Provider};
use super::defects::{self, Defect, Own};
use super::described;
use super::dice::Dice;
use super::keys::key_record;
use super::pins;
use super::planted::{Planted, PlantedKind};
use super::supply::{Supply, supply};
use super::{Corpus, DeviceCertificateIssuer, FactRecords, Plan, SmsoParty, days_from};
use crate::WorldError;
use crate::devices::{Esme, Fault, FaultKind, FaultRow, Gsme, Hub, Installation, Ppmid, Times};
use crate::hex::hex;
use crate::smso::{GasMeterRecord, InstallationRecord, MeterRecord, PpmidRecord};

/// Invents the installation of an index and adds it to the corpus.
pub(super) fn add(
    plan: &Plan<'_>,
    index: usize,
    part: Part,
    issue: &mut DeviceCertificateIssuer<'_>,
    corpus: &mut Corpus,
) -> Result<(), WorldError> {
    let mut dice = Dice::new(plan.seed, index as u64);
    let ids = Ids::of(plan.seed, index);
    let chf = ChfIdentifier(ids.chf.0);
    let turn = index % plan.smsos.len();
    let smso = &plan.smsos[turn];
    let neighbour = Ids::of(plan.seed, (index + 1) % plan.installations.max(2));
    let named = match part.defect() {
        Some((Defect::ForeignDeviceCertificate, nth)) if nth.is_multiple_of(2) => ChfIdentifier(neighbour.chf.0),
        _ => chf,
    };
    let group = plan.group_of(index);
    let identity = if group.is_foc() { issue(named, dice.bytes()).map(Some) } else { Ok(None) };
    let identity =
        identity.map_err(|reason| WorldError::Plan { reason: format!("no device certificate for {chf}: {reason}") })?;
    let site = Site::invent(plan, index, part, ids, &mut dice);
    let mut devices = site.devices(site.in_charge(plan, smso), &mut dice);
    let mut keys = key_record(&devices, part, (neighbour.chf, neighbour.esme), &mut dice);
    let before = corpus.facts.counts();
    site.state_facts(plan, smso, &mut corpus.facts);
    corpus.facts.registration.extend(site.electricity.registrations.iter().cloned());
    corpus.facts.registration.extend(site.gas.iter().flat_map(|gas| gas.supply.registrations.iter().cloned()));
    if let Some(described) = &mut corpus.described {
        site.describe(plan, smso, index, described);
    }
    pins::add(plan, &mut devices, (group, &keys), &mut corpus.facts, &mut dice);
    let mut record = site.public(part, identity.as_ref().map(|identity| hex(&identity.certificate)));
    devices.hub_key = identity.and_then(|identity| identity.key);
    if let Some((defect, nth)) = part.defect() {
        let mut facts = corpus.facts.since(before);
        let mut own = Own { plan, record: &mut record, keys: &mut keys, facts: &mut facts, devices: &mut devices };
        defects::spoil(defect, nth, &mut own);
        corpus.facts.append(facts);
    }
    let records = &mut corpus.smsos[turn].1;
    records.keys.push(keys);
    records.installations.push(record);
    corpus.devices.push(devices);
    if let Part::Planted { kind, nth } = part {
        corpus.planted.push(Planted { chf, group, kind });
        corpus.faults.extend(script((chf, group), kind, nth));
    }
    Ok(())
}

/// The lines of the fault script for what was planted. A lost answer takes turns among the rows that change something.
fn script((chf, group): (ChfIdentifier, GroupId), kind: PlantedKind, nth: usize) -> Vec<Fault> {
    const FOC: &[&str] = &["set-apn", "key-transfer", "set-whitelist", "master-key-transfer", "import-certificate"];
    const EARLIER: &[&str] = &["set-apn", "key-transfer", "master-key-transfer"];
    let rows = if group.is_foc() { FOC } else { EARLIER };
    let kind = match kind {
        PlantedKind::Defect(defect) => return defects::script((chf, group), defect, nth),
        PlantedKind::Fault(kind) => kind,
    };
    let (row, times) = match kind {
        FaultKind::LostAnswer => (rows[nth % rows.len()], Times::Count(1)),
        _ => (FaultRow::ANY, Times::Always),
    };
    vec![Fault { chf, kind, row: FaultRow::new(row), times }]
}

/// The Device IDs of one installation.
#[derive(Clone, Copy)]
struct Ids {
    chf: DeviceId,
    gpf: DeviceId,
    esme: DeviceId,
    gsme: DeviceId,
    ppmids: [DeviceId; 2],
    ihd: DeviceId,
}

impl Ids {
    /// 24 bits of an invented maker, 12 of the seed, 24 of the index, 4 of the device.
    fn of(seed: u64, index: usize) -> Ids {
        let seed_bits = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 52;
        let device = |slot: u64| DeviceId(Eui64(0x00DB_1200_0000_0000 | seed_bits << 28 | (index as u64) << 4 | slot));
        Ids {
            chf: device(1),
            gpf: device(2),
            esme: device(3),
            gsme: device(4),
            ppmids: [device(5), device(6)],
            ihd: device(7),
        }
    }
}

/// A gas side.
struct Gas {
    model: DeviceModel,
    state: MeterState,
    han: HanType,
    supply: Supply,
}

/// Everything that is decided about an installation but for its keys.
struct Site {
    group: GroupId,
    ids: Ids,
    provider: &'static Provider,
    chf_model: DeviceModel,
    esme_model: DeviceModel,
    esme_state: MeterState,
    electricity: Supply,
    gas: Option<Gas>,
    ppmids: Vec<PpmidRecord>,
    ihds: Vec<DeviceId>,
    imsi: String,
    apn: String,
}

impl Site {
    fn invent(plan: &Plan<'_>, index: usize, part: Part, ids: Ids, dice: &mut Dice) -> Site {
        let with_gas = part.needs_gas() || dice.percent(75);
        let behind = plan.to_plan.and_then(|to_plan| to_plan.behind(index));
        let (esme_state, gsme_state) = states(part, with_gas, dice);
        let alike = |state| if behind.is_some() { MeterState::Dormant } else { state };
        let (esme_state, gsme_state) = (alike(esme_state), alike(gsme_state));
        let provider = dice.one_of(&PROVIDERS);
        let group = plan.group_of(index);
        let approved = catalogue::approved(group, dice);
        let [chf_model, esme_model, gsme_model] = match part.defect() {
            Some((Defect::NotOnEpcl, nth)) => catalogue::not_approved(group, nth),
            _ => approved,
        };
        let [by_hub, by_esme, by_gsme] = behind.unwrap_or_default();
        let chf_model = described::older(&chf_model, by_hub);
        let (esme_model, gsme_model) = (described::older(&esme_model, by_esme), described::older(&gsme_model, by_gsme));
        let import_supplier = *dice.one_of(plan.suppliers);
        let gas_supplier = if dice.percent(70) { import_supplier } else { *dice.one_of(plan.suppliers) };
        let gas = with_gas.then(|| Gas {
            model: gsme_model,
            state: gsme_state,
            han: if dice.percent(80) { HanType::ZigBee } else { HanType::Other },
            supply: supply(plan, Fuel::Gas, index, part, gas_supplier, dice),
        });
        let (ppmids, displays) = (usize::from(dice.percent(35)) + usize::from(dice.percent(3)), dice.percent(60));
        Site {
            group,
            ids,
            provider,
            chf_model,
            esme_model,
            esme_state,
            electricity: supply(plan, Fuel::Electricity, index, part, import_supplier, dice),
            gas,
            ppmids: ids.ppmids[..ppmids]
                .iter()
                .map(|device| PpmidRecord { device_id: *device, model: catalogue::ppmid(group, dice) })
                .collect(),
            ihds: displays.then_some(ids.ihd).into_iter().collect(),
            imsi: format!(
                "{}{:010}",
                provider.imsi_prefix,
                (plan.seed % 9_973 + index as u64 * 7_901) % 10_000_000_000
            ),
            apn: format!("{}.{}", label(&plan.smsos[index % plan.smsos.len()].name), provider.domain),
        }
    }

    fn is_foc(&self) -> bool {
        self.group.is_foc()
    }

    /// The certificate under which the devices stand: the SMSO's, which in IOC and MOC may be the S1SP's.
    fn in_charge<'a>(&self, plan: &'a Plan<'_>, smso: &'a SmsoParty) -> &'a CertificateId {
        if self.is_foc() { &smso.certificate } else { &plan.s1sp }
    }

    fn devices(&self, in_charge: &CertificateId, dice: &mut Dice) -> Installation {
        let zigbee = self.gas.iter().filter(|gas| gas.han == HanType::ZigBee).map(|_| self.ids.gsme);
        let ppmid = |ppmid: &PpmidRecord| Ppmid {
            device: ppmid.device_id,
            model: ppmid.model.clone(),
            certificate: in_charge.clone(),
        };
        let ppmids: Vec<Ppmid> = self.ppmids.iter().map(ppmid).collect();
        let displays = ppmids.iter().map(|ppmid| ppmid.device);
        let hub = Hub {
            chf: ChfIdentifier(self.ids.chf.0),
            gpf: self.ids.gpf,
            model: self.chf_model.clone(),
            apn: self.apn.clone(),
            whitelist: std::iter::once(self.ids.esme).chain(zigbee).chain(displays).collect(),
            certificate: in_charge.clone(),
        };
        let esme = Esme {
            device: self.ids.esme,
            model: self.esme_model.clone(),
            certificate: in_charge.clone(),
            association: AssociationKeys {
                authentication: Secret::new(dice.bytes()),
                encryption: Secret::new(dice.bytes()),
            },
            master: Secret::new(dice.bytes()),
        };
        let gsme = self.gas.as_ref().map(|gas| Gsme {
            device: self.ids.gsme,
            model: gas.model.clone(),
            certificate: in_charge.clone(),
            pins: None,
        });
        Installation::new(hub, esme, gsme, ppmids)
    }

    fn public(self, part: Part, device_certificate: Option<String>) -> InstallationRecord {
        let gsme = self.gas.map(|gas| GasMeterRecord {
            meter: MeterRecord { device_id: self.ids.gsme, model: gas.model, state: gas.state, mpxn: gas.supply.mpxn },
            han_type: gas.han,
        });
        InstallationRecord {
            chf_identifier: ChfIdentifier(self.ids.chf.0),
            group_id: self.group,
            communications_provider: self.provider.name.to_owned(),
            chf: self.chf_model,
            gpf: self.ids.gpf,
            application_associations: association_names(self.group, &self.esme_model),
            esme: MeterRecord {
                device_id: self.ids.esme,
                model: self.esme_model,
                state: self.esme_state,
                mpxn: self.electricity.mpxn,
            },
            gsme,
            ppmids: self.ppmids,
            ihds: self.ihds,
            imsi: match part.defect() {
                Some((Defect::ImsiMalformed, nth)) => malformed_imsi(&self.imsi, nth),
                _ => self.imsi,
            },
            previous_apn: self.apn,
            device_certificate,
        }
    }

    /// What the records say besides registration.
    fn state_facts(&self, plan: &Plan<'_>, smso: &SmsoParty, facts: &mut FactRecords) {
        let chf = ChfIdentifier(self.ids.chf.0);
        let row = SourceRow::default();
        facts.sims.push(SimRecord { row, chf, imsi: self.imsi.clone(), apn: self.apn.clone() });
        if self.is_foc() {
            self.state_facts_of_foc(plan, smso, facts);
        }
        let mut suppliers = self.electricity.suppliers.clone();
        suppliers.extend(self.gas.iter().flat_map(|gas| &gas.supply.suppliers));
        suppliers.sort_unstable();
        suppliers.dedup();
        match self.state() {
            // Notices go out when a plan is carried out.
            InstallationState::Dormant if plan.to_plan.is_some() => {}
            InstallationState::Dormant => notices(chf, plan, &suppliers, facts),
            InstallationState::Active | InstallationState::Mixed => authorisations(chf, plan, &suppliers, facts),
        }
    }

    fn state(&self) -> InstallationState {
        InstallationState::of(self.esme_state, self.gas.as_ref().map(|gas| gas.state))
    }

    /// What 15.2 and 5.1(c) ask for.
    fn state_facts_of_foc(&self, plan: &Plan<'_>, smso: &SmsoParty, facts: &mut FactRecords) {
        let (row, chf) = (SourceRow::default(), ChfIdentifier(self.ids.chf.0));
        let day = |days| days_from(plan.day, days);
        if plan.to_plan.is_none() {
            facts.smso_configuration.push(SmsoConfiguration {
                row,
                chf,
                smso: smso.party,
                configured: day(-21),
                tried: Some(day(-14)),
            });
        }
        let meters = std::iter::once(self.ids.esme).chain(self.gas.iter().map(|_| self.ids.gsme));
        for device in std::iter::once(self.ids.chf).chain(meters) {
            facts.rollback_certificates.push(RollbackCertificate {
                row,
                chf,
                device,
                certificate: smso.certificate.clone(),
                from: day(-1),
                until: last_day(plan, 30),
                constraint: String::new(),
            });
        }
    }
}

/// Until when something holds that is needed on the day of migration, which a plan sets within two years.
fn last_day(plan: &Plan<'_>, days: i32) -> Date {
    days_from(plan.day, if plan.to_plan.is_some() { 731 } else { days })
}

/// The names that the maker gave to the associations open to the DCC (B1, which is FOC's).
fn association_names(group: GroupId, esme: &DeviceModel) -> Vec<String> {
    let names = ["HLS", "CRITICAL"].map(|which| format!("{}-{which}", esme.model.replace(' ', "-")));
    if group.is_foc() { names.to_vec() } else { Vec::new() }
}

/// The meters' states: 55 % wholly Active, 35 % wholly Dormant, the rest Mixed where there are two meters.
fn states(part: Part, with_gas: bool, dice: &mut Dice) -> (MeterState, MeterState) {
    use MeterState::{Active, Dormant};
    let chance = dice.below(100);
    if part.is_without_certificate() {
        return (Dormant, Dormant);
    }
    match chance {
        0..55 => (Active, Active),
        55..90 => (Dormant, Dormant),
        90..95 if with_gas => (Active, Dormant),
        _ if with_gas => (Dormant, Active),
        _ => (Active, Active),
    }
}

/// A name as a label of an APN.
fn label(name: &str) -> String {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    let label = plain.trim_matches('-');
    if label.is_empty() { "smso".to_owned() } else { label.chars().take(32).collect() }
}

/// Two digits short, or a letter among the digits.
fn malformed_imsi(imsi: &str, nth: usize) -> String {
    if nth.is_multiple_of(2) { imsi[..imsi.len() - 2].to_owned() } else { format!("{}X{}", &imsi[..7], &imsi[8..]) }
}

fn authorisations(chf: ChfIdentifier, plan: &Plan<'_>, suppliers: &[PartyId], facts: &mut FactRecords) {
    for supplier in suppliers {
        facts.authorisations.push(Authorisation {
            row: SourceRow::default(),
            reference: format!("MA-{:06}", facts.authorisations.len() + 1),
            chf,
            supplier: *supplier,
            from: days_from(plan.day, -28),
            until: authorised_until(plan),
        });
    }
}

/// The last day of every authorisation.
fn authorised_until(plan: &Plan<'_>) -> Date {
    last_day(plan, 60)
}

/// Both notices to every Responsible Supplier, sent in time and run out.
fn notices(chf: ChfIdentifier, plan: &Plan<'_>, suppliers: &[PartyId], facts: &mut FactRecords) {
    for supplier in suppliers {
        for (kind, earliest) in [(NoticeKind::Configuration, -14), (NoticeKind::Migration, 0)] {
            facts.notices.push(Notice {
                row: SourceRow::default(),
                chf,
                supplier: *supplier,
                kind,
                issued: days_from(plan.day, -45),
                earliest: days_from(plan.day, earliest),
                state: NoticeState::Completed,
            });
        }
    }
}
