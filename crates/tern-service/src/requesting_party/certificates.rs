//! Which certificate IDs a meter gets: those of the supplier and the network operator that are registered on day D.
//!
//! Critical and non-critical commands get the same certificate, the party's latest (P). This module must never decide whether
//! an installation may migrate.

use std::collections::HashMap;

use tern_model::facts::{Facts, Registration};
use tern_model::{CertificateId, ChfIdentifier, Fuel, GroupId, MeterState, Mpxn, PartyId, Role};
use tern_wire::migration::{ExportInstallation, ExportMeter, Meter};
use tern_wire::smki::Usage;

use super::Request;

/// What becomes of a meter whose registered supplier has no certificate in the directory (PL11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WithoutCertificate {
    /// It bears the Null Certificate ID (P): no answer to the notice means that there is none.
    NullCertificateId,
    /// Its installation is put forward another time.
    LeaveOut,
}

/// Something about one installation, or about an export as a whole, that the operator should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// The installation; none where an export is spoken of.
    pub chf: Option<ChfIdentifier>,
    /// What was noticed and what came of it, one sentence.
    pub text: String,
}

/// The certificates of registered parties, looked up once each.
pub(super) struct Certificates<'a> {
    request: &'a Request<'a>,
    /// The registrations of every metering point that may be asked now, and the group of their installations.
    facts: Facts,
    group: Option<GroupId>,
    known: HashMap<(Role, PartyId), Option<CertificateId>>,
    remarks: Vec<Remark>,
}

impl<'a> Certificates<'a> {
    pub(super) fn new(request: &'a Request<'a>) -> Self {
        Certificates { request, facts: Facts::default(), group: None, known: HashMap::new(), remarks: Vec::new() }
    }

    /// Goes on with installations whose metering points these registrations are of.
    pub(super) fn look_up_in(&mut self, group: GroupId, registrations: Facts) {
        (self.group, self.facts) = (Some(group), registrations);
    }

    /// The registration of a metering point on D.
    fn registered(&self, fuel: Fuel, mpxn: &Mpxn) -> Option<&Registration> {
        let registrations = self.request.books.registrations(self.group, (fuel, mpxn), &self.facts);
        registrations.ok()?.on(self.request.day)
    }

    pub(super) fn into_remarks(self) -> Vec<Remark> {
        self.remarks
    }

    /// Whether an installation is put forward now.
    pub(super) fn goes(&mut self, installation: &ExportInstallation) -> bool {
        if self.request.settings.without_certificate == WithoutCertificate::NullCertificateId {
            return true;
        }
        let meters = [(Fuel::Electricity, Some(&installation.esme)), (Fuel::Gas, installation.gsme.as_ref())];
        for (fuel, meter) in meters {
            let Some(meter) = meter else { continue };
            let registered = self.registered(fuel, &meter.mpxn);
            let Some(supplier) = registered.map(|registered| registered.supplier) else { continue };
            if self.of(Role::Supplier, supplier).is_none() {
                let text = format!("left out: supplier {supplier} has no certificate in the directory");
                self.remark(installation.chf_identifier, text);
                return false;
            }
        }
        true
    }

    /// The meter as the Common File names it.
    pub(super) fn meter(&mut self, chf: ChfIdentifier, fuel: Fuel, meter: &ExportMeter) -> Meter {
        let registered = self.registered(fuel, &meter.mpxn);
        let supplier = registered.map(|r| (Role::Supplier, r.supplier));
        let operator = registered.map(|r| (Role::NetworkOperator, r.network_operator));
        if supplier.is_none() {
            let (mpxn, day) = (&meter.mpxn, self.request.day);
            self.remark(chf, format!("no registration of {fuel} MPxN {mpxn} on {day}; it bears Null Certificate IDs"));
        }
        let supplier = self.id(chf, supplier, meter.meter_state);
        let operator = self.id(chf, operator, meter.meter_state);
        Meter {
            device_id: meter.device_id,
            device_model: meter.device_model.clone(),
            meter_state: meter.meter_state,
            mpxn: meter.mpxn.clone(),
            critical_supplier_certificate_id: supplier.clone(),
            non_critical_supplier_certificate_id: supplier,
            critical_network_operator_certificate_id: operator.clone(),
            non_critical_network_operator_certificate_id: operator,
        }
    }

    fn id(&mut self, chf: ChfIdentifier, party: Option<(Role, PartyId)>, state: MeterState) -> CertificateId {
        let Some((role, party)) = party else { return CertificateId::Null };
        if let Some(id) = self.of(role, party) {
            return id;
        }
        let state = state.as_str();
        self.remark(
            chf,
            format!("{role} {party} has no usable certificate; the {state} meter bears the Null Certificate ID"),
        );
        CertificateId::Null
    }

    /// The latest certificate that a party may sign with now.
    fn of(&mut self, role: Role, party: PartyId) -> Option<CertificateId> {
        let (trust, now) = (self.request.trust, self.request.now);
        let look_up = || trust.usable(role, Some(party), Usage::Sign, now).first().map(|c| c.id().clone());
        self.known.entry((role, party)).or_insert_with(look_up).clone()
    }

    fn remark(&mut self, chf: ChfIdentifier, text: String) {
        self.remarks.push(Remark { chf: Some(chf), text });
    }
}
