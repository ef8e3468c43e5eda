//! Signed requests: whom a device believes that has no keys with anybody, and how its answers are signed.
//!
//! A device obeys the party whose certificate is in charge of it, and a party that the SMSO authorised to use its devices
//! (15.2). What stands behind the hub hears only of parties whom the hub obeys, and the hub authorises. A request names party and
//! device, and a transaction that the hub never heard before. The hub signs the answers, its own and of what is behind it, by the key
//! of its DeviceCertificate (FI12); it must never sign an answer to what was not believed.

use tern_dlms::SystemTitle;
use tern_dlms::apdu::GeneralSigning;
use tern_model::{DeviceId, Eui64, PartyId};
use tern_wire::smki::PublicKey;

use super::access::Client;
use super::request::{Addressed, Request, failed};
use crate::devices::{LogRecord, TransactionRecord};

impl Request<'_> {
    /// Judges a signed request, and remembers its transaction where it is believed. From then on this request is the party's.
    pub(crate) fn believe(&mut self, signed: &GeneralSigning) -> bool {
        if self.device == Addressed::Esme {
            return false;
        }
        let party = PartyId(Eui64(u64::from_be_bytes(signed.originator.0)));
        let device = self.id();
        let number = <[u8; 8]>::try_from(signed.transaction_id.as_slice()).map(u64::from_be_bytes);
        let Ok(number) = number else { return false };
        let is_new = number > self.slot.installation.transaction();
        let is_ours = signed.recipient.0 == device.0.0.to_be_bytes();
        if !is_new || !is_ours || !self.may_ask(party) || !self.verifies(party, signed) {
            return false;
        }
        let record = TransactionRecord { chf: self.slot.installation.hub.chf, device, party, number };
        if let Err(error) = self.world.log.append(&LogRecord::Transaction(record.clone())) {
            let _ = failed(&error);
            return false;
        }
        self.slot.installation.remember(&record);
        self.key = format!("{device}/signed/{party}/{number}");
        self.client = if self.is_in_charge(party, device) { Client::InCharge } else { Client::Signed };
        true
    }

    /// The hub's signature on an answer to a request that was believed: for who asked, under the number of what was asked, in
    /// the name of the device that was asked (other-information). None where this hub signs nothing.
    pub(crate) fn sign(&self, request: &GeneralSigning, answer: &[u8]) -> Option<GeneralSigning> {
        let installation = &self.slot.installation;
        let mut signed = GeneralSigning {
            transaction_id: request.transaction_id.clone(),
            originator: SystemTitle(installation.hub.chf.0.0.to_be_bytes()),
            recipient: request.originator,
            date_time: Vec::new(),
            other_information: self.id().0.0.to_be_bytes().to_vec(),
            content: answer.to_vec(),
            signature: Vec::new(),
        };
        signed.signature = installation.hub_key.as_ref()?.sign(&signed.signed_part())?.to_vec();
        Some(signed)
    }

    /// Whether a device obeys a party at all. A PPMID, of which migration asks nothing (B4), hears of nobody whom its hub
    /// does not obey (P).
    fn may_ask(&self, party: PartyId) -> bool {
        let hub = self.slot.installation.hub.chf.into();
        let obeys = |device| self.is_in_charge(party, device) || self.is_authorised(party);
        obeys(self.id()) && (!matches!(self.device, Addressed::Ppmid(_)) || obeys(hub))
    }

    /// Whether the hub obeys a party that is not in charge: as its party in charge said last, else as the SMSO did (15.2).
    fn is_authorised(&self, party: PartyId) -> bool {
        let said = self.slot.installation.authorised.as_ref();
        said.map_or_else(|| self.world.certificates.is_authorised(party), |parties| parties.contains(&party))
    }

    /// Whether a party's certificate is in charge of a device.
    fn is_in_charge(&self, party: PartyId, device: DeviceId) -> bool {
        let in_charge = self.slot.installation.certificate_of(device);
        let in_charge = in_charge.and_then(|id| self.world.certificates.find(id));
        in_charge.is_some_and(|certificate| certificate.party() == party)
    }

    /// Whether the signature is by a certificate of the party: one that was met, or the one that the request brings.
    fn verifies(&self, party: PartyId, signed: &GeneralSigning) -> bool {
        let message = signed.signed_part();
        let fits = |key: &PublicKey| key.verify(&message, &signed.signature);
        let met = self.world.certificates.of_party(party);
        if met.iter().any(|certificate| fits(certificate.public_key())) {
            return true;
        }
        let brought = self.world.certificates.accept(&signed.other_information);
        let Some((certificate, first)) = brought.filter(|(certificate, _)| certificate.party() == party) else {
            return false;
        };
        if !fits(certificate.public_key()) {
            return false;
        }
        if first && let Err(error) = self.world.keep_certificate(&signed.other_information) {
            let _ = failed(&error);
            return false;
        }
        true
    }
}
