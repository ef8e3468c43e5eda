//! Whose word a meter's critical requests need: the DCC holds Users' credentials for SMETS1 meters, which have none of their own, and
//! of the critical ones the DCO does.
//!
//! They are those that the Common File named, until a Service Request replaces them: 6.15.1 by whoever holds them, 6.23 by the
//! supplier to come. The DCO reads and judges such a request itself. It must never take credentials from anybody's order alone, nor
//! go back to those of before: a sandbox alone does, whose meters go back too, and no order can ask for it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tern_model::{CertificateId, DeviceId, DeviceKind, Mpxn, Role, SetId};
use tern_store::{AuditEntry, Batch, Expect, Put, Remove, Store};
use tern_wire::Verified;
use tern_wire::duis::{Element, Request};
use tern_wire::role_link::{DcoOrder, DcoReply, LinkRefusal};
use tern_wire::smki::{Certificate, Trust, Usage};

use super::service::said_by;
use super::{Dco, Desk, Told, footing};
use crate::fault::DcoFault;
use crate::refusal::Refused;
use crate::site::Site;

/// Kind of the records of replaced credentials, by device.
const CREDENTIALS: &str = "credentials";
/// Version of their bodies.
const VERSION: u16 = 1;
/// What is noted as obeyed of a request that replaced credentials, in the place of an instruction.
const REPLACED: &[u8] = b"credentials";

/// What the DCC holds of one User for a meter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Held {
    certificate: CertificateId,
    /// No critical request is taken whose counter is not above it.
    floor: Option<u64>,
}

/// What the DCC holds for a meter, since it came by a set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Credentials {
    set: SetId,
    supplier: Held,
    network_operator: Held,
}

/// What a request replaces.
struct Replacement {
    /// Of the supplier, else of the network operator.
    of: Role,
    /// 6.23: by the supplier to come, and so not by the holder.
    change_of_supplier: bool,
    certificate: Option<CertificateId>,
    floor: Option<u64>,
}

/// Has the credentials count again with which these meters came: for a sandbox, whose devices go back to what they were.
///
/// # Errors
/// The store failed.
pub fn forget_replaced(store: &mut dyn Store, meters: &[DeviceId], at: Timestamp) -> Result<(), DcoFault> {
    let mut batch = Batch::default();
    for meter in meters.iter().map(DeviceId::to_string) {
        if store.get(CREDENTIALS, &meter)?.is_none() {
            continue;
        }
        batch.audit.push(AuditEntry {
            at,
            actor: "sandbox".to_owned(),
            action: "replaced credentials forgotten".to_owned(),
            subject: meter.clone(),
            evidence: "the meter went back to what it was after migration".to_owned(),
        });
        batch.removes.push(Remove { kind: CREDENTIALS, key: meter, generation: None });
    }
    Ok(store.commit(&batch)?)
}

impl Dco {
    /// Replaces credentials as a request says; the very request again changes nothing.
    pub(super) fn replace_credentials(&self, order: &DcoOrder, desk: &mut Desk<'_>, document: &[u8]) -> Told {
        let refused = |why: String| Ok(Err(Refused::Credentials.because(why)));
        let Some(site) = Site::find(desk.store, order.set, order.chf)? else {
            return Ok(Err(Refused::KeyPackage.because(footing::UNKNOWN_SITE)));
        };
        let kind = site.devices.iter().find(|(device, _)| *device == order.device).map(|(_, kind)| *kind);
        let Some(kind @ (DeviceKind::Esme | DeviceKind::Gsme)) = kind else {
            return refused("the DCC holds credentials for the meters of an installation alone".to_owned());
        };
        let verified = match self.believed(order, desk, document)? {
            Ok(verified) => verified,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let request = said_by(&verified);
        match desk.obeyed_before(order.device, &verified, request)? {
            Ok(Some(instructions)) if instructions.contains(&tern_wire::dsig::sha256(REPLACED)) => {
                return Ok(Ok(DcoReply::Done));
            }
            Ok(_) => {}
            Err(refusal) => return Ok(Err(refusal)),
        }
        let held = desk.credentials(order.device, &site)?;
        let new = match self.replacement(&verified, desk, &held) {
            Ok(new) => new,
            Err(why) => return refused(why),
        };
        if new.of == Role::Supplier
            && let Some(why) = self.is_not_of_meter(&verified, desk, (&site, kind))?
        {
            return refused(why);
        }
        desk.replace(order.device, held, new)?;
        desk.note(order, &format!("credentials replaced (RequestID {})", verified.header().request_id));
        desk.was_obeyed_as(order.device, &verified, (request, tern_wire::dsig::sha256(REPLACED)))?;
        Ok(Ok(DcoReply::Done))
    }

    /// What a request replaces, where whoever signed it may.
    fn replacement(
        &self,
        request: &Verified<Request>,
        desk: &Desk<'_>,
        held: &Credentials,
    ) -> Result<Replacement, String> {
        let records = self.records.as_ref().ok_or("the DCO has no certificates to verify credentials by")?;
        let (body, sender) = (request.body(), request.document().sender());
        let new = replacement_of(body).ok_or("the request replaces no credentials that a meter has")?;
        if sender.role != new.of {
            return Err(format!("{} ({}) is no {}", sender.name, sender.party, new.of));
        }
        let of = held.of(new.of);
        if !new.change_of_supplier
            && let Some(why) = of.is_not_asked_by(request)
        {
            return Err(why);
        }
        if new.floor < of.floor && !new.change_of_supplier && new.floor.is_some() {
            return Err("the new floor of counters is below the one in force".to_owned());
        }
        let certificate = presented(body, (&records.trust(), desk), (sender.party, sender.role))?;
        if new.change_of_supplier && certificate.is_none() {
            return Err("no certificate for signatures is given".to_owned());
        }
        Ok(Replacement { certificate: certificate.map(|certificate| certificate.id().clone()), ..new })
    }

    /// Why a meter is not that of the request's metering point, or an ESME not its supplier's. Whose gas it is, the DCO is not
    /// told.
    fn is_not_of_meter(
        &self,
        request: &Verified<Request>,
        desk: &Desk<'_>,
        (site, kind): (&Site, DeviceKind),
    ) -> Result<Option<String>, DcoFault> {
        let point = request.body().child("ImportMPxN").and_then(Element::parse::<Mpxn>);
        let is_of_meter = match (kind, &point) {
            (_, None) => true,
            (DeviceKind::Esme, _) => point == site.import_mpan,
            // Of an MPRN leading zeros tell nothing (P).
            (_, Some(point)) => site.mprn.as_ref().is_none_or(|mprn| mprn.spellings().any(|same| same == *point)),
        };
        if !is_of_meter {
            return Ok(Some("ImportMPxN is not the meter's".to_owned()));
        }
        let Some(records) = self.records.as_ref().filter(|_| kind == DeviceKind::Esme) else { return Ok(None) };
        footing::not_supplied_by(request.document().sender(), site, &**records, desk.now)
    }
}

impl Desk<'_> {
    /// Why a critical request is not under a meter's credentials; none where it is, or where the DCC holds none.
    pub(super) fn not_by_holder(
        &self,
        device: DeviceId,
        site: &Site,
        request: &Verified<Request>,
    ) -> Result<Option<LinkRefusal>, DcoFault> {
        let held = self.credentials(device, site)?;
        Ok(held.supplier.is_not_asked_by(request).map(|why| Refused::Credentials.because(why)))
    }

    /// What is held for a meter: as the last request left it, or else as it came.
    fn credentials(&self, device: DeviceId, site: &Site) -> Result<Credentials, DcoFault> {
        let replaced: Option<Credentials> = self.latest((CREDENTIALS, VERSION), &device.to_string())?;
        Ok(replaced.filter(|replaced| replaced.set == site.set).unwrap_or_else(|| {
            let came = site.certificates.iter().find(|meter| meter.device == device);
            let held = |certificate: Option<&CertificateId>| Held {
                certificate: certificate.cloned().unwrap_or(CertificateId::Null),
                floor: None,
            };
            Credentials {
                set: site.set,
                supplier: held(came.map(|meter| &meter.supplier)),
                network_operator: held(came.map(|meter| &meter.network_operator)),
            }
        }))
    }

    fn replace(&mut self, device: DeviceId, mut held: Credentials, new: Replacement) -> Result<(), DcoFault> {
        let of = match new.of {
            Role::NetworkOperator => &mut held.network_operator,
            _ => &mut held.supplier,
        };
        let certificate = new.certificate.unwrap_or_else(|| of.certificate.clone());
        let floor = if new.change_of_supplier { new.floor } else { new.floor.or(of.floor) };
        *of = Held { certificate, floor };
        let body = serde_json::to_vec(&held).map_err(DcoFault::unreadable)?;
        let key = device.to_string();
        self.batch.puts.push(Put { kind: CREDENTIALS, key, expect: Expect::Any, version: VERSION, body });
        Ok(())
    }
}

impl Credentials {
    fn of(&self, role: Role) -> &Held {
        if role == Role::NetworkOperator { &self.network_operator } else { &self.supplier }
    }
}

impl Held {
    /// Why a request is not by whoever holds these; where the DCC was given none, whoever is registered may.
    fn is_not_asked_by(&self, request: &Verified<Request>) -> Option<String> {
        let signed_under = &request.document().sender().certificate;
        if !self.certificate.is_null() && self.certificate != *signed_under {
            return Some(format!(
                "the request is signed under {signed_under}; the DCC holds {} for this meter",
                self.certificate
            ));
        }
        let counter = request.header().request_id.counter;
        let floor = self.floor.filter(|floor| counter <= *floor)?;
        Some(format!("the counter {counter} is not above {floor}, below which nothing is taken for this meter"))
    }
}

/// What a body replaces, without its certificates.
fn replacement_of(body: Element<'_>) -> Option<Replacement> {
    let change_of_supplier = match body.name() {
        "UpdateSecurityCredentialsCoS" => true,
        "UpdateSecurityCredentialsKRP" => false,
        _ => return None,
    };
    let of = match body.text_at("RemotePartyRole") {
        None | Some("Supplier") => Role::Supplier,
        Some("NetworkOperator") => Role::NetworkOperator,
        Some(_) => return None,
    };
    let floor = if change_of_supplier { "SupplierFloorSeqNumber" } else { "RemotePartyFloorSeqNumber" };
    let floor = body.child(floor).and_then(Element::parse);
    Some(Replacement { of, change_of_supplier, certificate: None, floor })
}

/// The certificate for signatures that a request brings, where each that it brings is its sender's own and in order.
fn presented(
    body: Element<'_>,
    (trust, desk): (&Trust, &Desk<'_>),
    (party, role): (tern_model::PartyId, Role),
) -> Result<Option<Certificate>, String> {
    let new = body.child("SupplierReplacementCertificates");
    let new = new.or_else(|| body.at("ReplacementCertificates/SupplierOrNetworkOperatorCertificates"));
    let path = body.child("CertificationPathCertificates").into_iter().flat_map(|path| path.all("Certificate"));
    let path: Vec<Vec<u8>> = path.filter_map(|certificate| certificate.base64()).collect();
    let mut signing = None;
    for element in new.into_iter().flat_map(Element::children) {
        let name = element.name();
        let der = element.base64().ok_or_else(|| format!("{name} is no certificate"))?;
        let certificate =
            trust.check_presented(&der, &path, desk.now).map_err(|problem| format!("{name}: {problem}"))?;
        if (certificate.party(), certificate.role()) != (party, role) {
            return Err(format!("{name} is {}'s ({}), not the sender's", certificate.party(), certificate.role()));
        }
        if name != "DigitalSigningCertificate" {
            if !certificate.agrees_keys() {
                return Err(format!("{name} is not for the agreement of keys"));
            }
            continue;
        }
        // What is signed under it later must be found.
        trust.check(certificate.id(), desk.now, Usage::Sign).map_err(|problem| format!("{name}: {problem}"))?;
        signing = Some(certificate);
    }
    Ok(signing)
}
