//! Defects of what the SMSO and the DCC keep of one installation, and of its devices' state.

use tern_model::facts::{Exclusion, ExclusionCategory, InventoryRecord, NoticeState, SourceRow};
use tern_model::{ChfIdentifier, DeviceId, DeviceKind, Eui64, PartyId};

use super::Defect;
use crate::corpus::{FactRecords, Plan, days_from};
use crate::devices::Installation;
use crate::smso::{InstallationRecord, KeyRecord, KeyText};

/// What one installation has of its own.
pub(in crate::corpus) struct Own<'a> {
    pub(in crate::corpus) plan: &'a Plan<'a>,
    /// The SMSO's public record.
    pub(in crate::corpus) record: &'a mut InstallationRecord,
    /// The SMSO's keys.
    pub(in crate::corpus) keys: &'a mut KeyRecord,
    /// The DCC's records of this installation alone.
    pub(in crate::corpus) facts: &'a mut FactRecords,
    pub(in crate::corpus) devices: &'a mut Installation,
}

/// Plants a defect; variants of a kind take turns by `nth`. Kinds that the invention itself plants are left alone here.
pub(in crate::corpus) fn spoil(defect: Defect, nth: usize, own: &mut Own<'_>) {
    match defect {
        Defect::PointNotRegistered => own.unregister(nth),
        Defect::NotAuthorised => own.unauthorise(nth),
        Defect::Excluded => own.exclude(nth),
        Defect::NotConfigured => own.unconfigure(nth),
        Defect::RollbackCertificateUnusable => own.narrow_rollback(nth),
        Defect::HubInInventory => own.record_in_inventory(own.chf().into(), DeviceKind::Chf),
        Defect::DeviceInInventory => own.record_device(nth),
        Defect::DeviceIdTwice => own.record.ihds = vec![own.record.gpf],
        Defect::ForeignDeviceCertificate if nth % 2 == 1 => {
            own.record.device_certificate.iter_mut().for_each(alter_end)
        }
        Defect::NotOfSim => own.other_sim(nth),
        Defect::ForeignAssociation => own.misname_association(nth),
        Defect::GasKeyMalformed => own.spoil_gas_key(nth),
        Defect::InstallingSupplierUnusable => own.misname_installing_supplier(nth),
        Defect::MeterExchanged => own.devices.esme.model.firmware.push_str(".1"),
        Defect::GasMeterExchanged => {
            own.devices.gsme.iter_mut().for_each(|gsme| gsme.model.firmware.push_str(".1"));
        }
        _ => {}
    }
}

impl Own<'_> {
    fn chf(&self) -> ChfIdentifier {
        self.record.chf_identifier
    }

    /// No registration at all, or the first one only after the window of 5.10.10 and 5.10.15.
    fn unregister(&mut self, nth: usize) {
        let first = &mut self.facts.registration;
        let point = self.record.esme.mpxn.clone();
        if nth.is_multiple_of(2) {
            first.retain(|one| one.mpxn != point);
        } else {
            let later = days_from(self.plan.day, 9);
            first.iter_mut().filter(|one| one.mpxn == point).for_each(|one| one.effective_from = later);
        }
    }

    /// None; run out the day before; of somebody else; from the day after. A notice: none; running; not over before D + 1.
    fn unauthorise(&mut self, nth: usize) {
        let day = self.plan.day;
        let (authorisations, notices) = (&mut self.facts.authorisations, &mut self.facts.notices);
        match nth % 4 {
            0 => {
                authorisations.clear();
                notices.clear();
            }
            1 => {
                authorisations.iter_mut().for_each(|one| one.until = days_from(day, -1));
                notices.iter_mut().for_each(|one| one.state = NoticeState::Running);
            }
            2 => {
                authorisations.iter_mut().for_each(|one| one.from = days_from(day, 1));
                notices.iter_mut().for_each(|one| one.earliest = days_from(day, 1));
            }
            _ => {
                let nobody = PartyId(Eui64(0x90B3_D51F_30FF_0002));
                authorisations.iter_mut().for_each(|one| one.supplier = nobody);
                notices.clear();
            }
        }
    }

    /// Each category but that of the gas HAN, which binds the gas meter alone.
    fn exclude(&mut self, nth: usize) {
        use ExclusionCategory as C;
        let categories = [
            C::MissingMasterKeys,
            C::NoWanBeforeMigration,
            C::NoWanAtMigration,
            C::AttemptsExhausted,
            C::UneconomicToTest,
            C::SupplierTerminated,
        ];
        let from = days_from(self.plan.day, if nth.is_multiple_of(2) { 0 } else { -30 });
        let (row, chf) = (SourceRow::default(), self.chf());
        let category = categories[nth % categories.len()];
        self.facts.exclusions.push(Exclusion { row, chf, category, from, evidence: "recorded by hand".to_owned() });
    }

    /// By another SMSO; only on D + 1; never tried; tried only on D + 1.
    fn unconfigure(&mut self, nth: usize) {
        let tomorrow = days_from(self.plan.day, 1);
        for one in &mut self.facts.smso_configuration {
            match nth % 4 {
                0 => one.smso = PartyId(Eui64(0x90B3_D51F_30FF_0003)),
                1 => (one.configured, one.tried) = (tomorrow, Some(tomorrow)),
                2 => one.tried = None,
                _ => one.tried = Some(tomorrow),
            }
        }
    }

    /// Of one device: ends a day before the window does; begins a day late; under a constraint that nobody keeps.
    fn narrow_rollback(&mut self, nth: usize) {
        let (day, devices) = (self.plan.day, self.facts.rollback_certificates.len().max(1));
        let Some(one) = self.facts.rollback_certificates.get_mut(nth % devices) else { return };
        match nth % 3 {
            0 => one.until = days_from(day, 13),
            1 => one.from = days_from(day, 1),
            _ => one.constraint = "not while the meter is being read".to_owned(),
        }
    }

    /// The Gas Proxy Function or the ESME.
    fn record_device(&mut self, nth: usize) {
        let (gpf, esme) = (self.record.gpf, self.record.esme.device_id);
        if nth.is_multiple_of(2) {
            self.record_in_inventory(esme, DeviceKind::Esme);
        } else {
            self.record_in_inventory(gpf, DeviceKind::Gpf);
        }
    }

    fn record_in_inventory(&mut self, device: DeviceId, kind: DeviceKind) {
        let (row, chf, status) = (SourceRow::default(), self.chf(), "Commissioned".to_owned());
        self.facts.inventory.push(InventoryRecord { row, device, kind, chf, status, by_set: None });
    }

    /// One name too many; a name that is altered; one that is missing; none at all.
    fn misname_association(&mut self, nth: usize) {
        let names = &mut self.record.application_associations;
        match nth % 4 {
            0 => names.push("Maintenance".to_owned()),
            1 => names.iter_mut().take(1).for_each(|name| name.push_str("-2")),
            2 => drop(names.pop()),
            _ => names.clear(),
        }
    }

    /// A party that nobody knows; one that is no supplier.
    fn misname_installing_supplier(&mut self, nth: usize) {
        let parties = [Some(PartyId(Eui64(0x90B3_D51F_30FF_0004))), self.plan.network_operators.first().copied()];
        let Some(named) = parties[nth % parties.len()] else { return };
        self.facts.installing_suppliers.iter_mut().for_each(|one| one.supplier = named);
    }

    /// Another last digit of the IMSI; another domain.
    fn other_sim(&mut self, nth: usize) {
        if nth.is_multiple_of(2) {
            alter_end(&mut self.record.imsi);
        } else {
            self.record.previous_apn.push_str(".other");
        }
    }

    /// Too short; all zero; not hexadecimal; no key record at all.
    fn spoil_gas_key(&mut self, nth: usize) {
        let Some(gsme) = &mut self.keys.gsme else { return };
        match nth % 4 {
            0 => gsme.prepayment_key = KeyText::new(gsme.prepayment_key.expose()[..30].to_owned()),
            1 => gsme.prepayment_key = KeyText::new("0".repeat(32)),
            2 => gsme.prepayment_key = KeyText::new(gsme.prepayment_key.expose().replacen(|_: char| true, "x", 1)),
            _ => self.keys.gsme = None,
        }
    }
}

/// The text with another last digit, decimal or hexadecimal.
fn alter_end(text: &mut String) {
    let other = if text.pop() == Some('1') { '2' } else { '1' };
    text.push(other);
}
