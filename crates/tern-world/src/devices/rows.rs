//! The simulated devices as one call for each row of the cohort's tables, until every caller speaks DLMS to them.
//!
//! A device believes nobody: an effect on the ESME's keys needs a proof by the keys in force, and a new key must open
//! under the master key in force. Scripted faults are not decided here.

use tern_model::{CertificateId, DeviceId, Digest, Eui64, Secret};
use tern_wire::device_link::{
    Answer, AssociationKeys, Call, DeviceError, DeviceRows, EsmeStatus, GsmeStatus, HubStatus, Proof, Reply, Row,
    master_key_proof, unwrap_key,
};

use super::changes::{Change, Fingerprint, digest};
use super::effects::{EffectLog, EffectRecord, LogRecord};
use super::faults::{Fault, FaultKind};
use super::installation::{Installation, NewKeys};
use super::world::{Slot, World};
use crate::hex::hex;

impl World {
    /// Answers a call; `None` is an answer that is lost on its way.
    ///
    /// Whatever the call changes is in the log, handed to the operating system, before this returns.
    #[must_use]
    pub fn call(&self, call: &Call) -> Option<Answer> {
        let answer = |result| Some(Answer { id: call.id, result });
        let Some(mut slot) = self.slot(call.chf) else { return answer(Err(DeviceError::NoWan)) };
        if let Some(error) = self.refusal(&mut slot, call) {
            return answer(Err(error));
        }
        let mut result = Devices::new(&mut slot.installation, &self.log).answer(&call.key, &call.row);
        if let Ok(Reply::Hub(hub)) = &mut result
            && self.strike(&mut slot, FaultKind::InventoryRefusal, call)
        {
            hub.device = another(hub.device);
        }
        if result.is_ok() && self.strike(&mut slot, FaultKind::LostAnswer, call) {
            return None;
        }
        answer(result)
    }

    fn refusal(&self, slot: &mut Slot, call: &Call) -> Option<DeviceError> {
        if self.strike(slot, FaultKind::NoWan, call) {
            Some(DeviceError::NoWan)
        } else if self.strike(slot, FaultKind::Fail, call) {
            Some(DeviceError::Failed { reason: "the fault script says so".to_owned() })
        } else if slot.installation.gsme.is_some() && self.strike(slot, FaultKind::GasHanError, call) {
            Some(DeviceError::GasHan)
        } else {
            None
        }
    }

    /// Whether a fault of this kind strikes the call; counts it and logs it.
    fn strike(&self, slot: &mut Slot, kind: FaultKind, call: &Call) -> bool {
        slot.strike(&self.log, kind, &call.key, |fault: &Fault| fault.strikes(&call.key, &call.row))
    }
}

/// A Device ID that is not this one.
pub(crate) fn another(device: DeviceId) -> DeviceId {
    DeviceId(Eui64(device.0.0 ^ 0x0000_0080_0000_0000))
}

/// An installation's devices together with the log that they write before they answer.
#[derive(Debug)]
pub struct Devices<'w> {
    installation: &'w mut Installation,
    log: &'w EffectLog,
}

impl<'w> Devices<'w> {
    pub(super) fn new(installation: &'w mut Installation, log: &'w EffectLog) -> Devices<'w> {
        Devices { installation, log }
    }

    /// The answer to an effect that was applied before.
    fn repeated(&self, key: &str, content: Digest) -> Option<Result<Reply, DeviceError>> {
        let applied = self.installation.applied.get(key)?;
        Some(if *applied == content {
            Ok(Reply::Done)
        } else {
            Err(failed(format!("effect {key} was applied with other content")))
        })
    }

    /// Logs an effect, applies it and answers.
    fn effect(
        &mut self,
        key: &str,
        row: &str,
        content: Digest,
        change: Change,
        keys: NewKeys,
    ) -> Result<Reply, DeviceError> {
        let record = EffectRecord {
            chf: self.installation.hub.chf,
            key: key.to_owned(),
            row: row.to_owned(),
            device: None,
            content,
            change: change.clone(),
        };
        self.log.append(&LogRecord::Effect(record)).map_err(|error| failed(error.to_string()))?;
        self.installation.apply(&change, keys).map_err(failed)?;
        self.installation.applied.insert(key.to_owned(), content);
        Ok(Reply::Done)
    }

    fn prove(&self, key: &str, content: &[u8], proof: &Proof) -> Result<(), DeviceError> {
        let esme = &self.installation.esme;
        if esme.association.accept(esme.device, key, content, proof) { Ok(()) } else { Err(DeviceError::KeyRejected) }
    }

    fn open(&self, wrapped: &[u8]) -> Result<Secret<16>, DeviceError> {
        unwrap_key(&self.installation.esme.master, wrapped).ok_or(DeviceError::UnwrapFailed)
    }
}

impl DeviceRows for Devices<'_> {
    fn w2_set_apn(&mut self, key: &str, apn: &str) -> Result<Reply, DeviceError> {
        let content = digest(&[b"set-apn", apn.as_bytes()]);
        if let Some(answer) = self.repeated(key, content) {
            return answer;
        }
        let change = Change::Apn { from: self.installation.hub.apn.clone(), to: apn.to_owned() };
        self.effect(key, "set-apn", content, change, NewKeys::None)
    }

    fn read_hub(&mut self) -> Result<Reply, DeviceError> {
        let hub = &self.installation.hub;
        Ok(Reply::Hub(HubStatus {
            device: hub.chf.into(),
            model: hub.model.clone(),
            apn: hub.apn.clone(),
            whitelist: hub.whitelist.clone(),
            certificate: hub.certificate.clone(),
        }))
    }

    fn b2_1_associate(&mut self, key: &str, proof: &Proof) -> Result<Reply, DeviceError> {
        self.prove(key, Row::CONTENT_ASSOCIATE, proof)?;
        Ok(Reply::Done)
    }

    fn b2_2_read_esme(&mut self, key: &str, proof: &Proof) -> Result<Reply, DeviceError> {
        self.prove(key, Row::CONTENT_READ, proof)?;
        let esme = &self.installation.esme;
        Ok(Reply::Esme(EsmeStatus {
            device: esme.device,
            model: esme.model.clone(),
            certificate: esme.certificate.clone(),
        }))
    }

    fn b2_3_challenge_master_key(&mut self, challenge: &[u8; 16]) -> Result<Reply, DeviceError> {
        let esme = &self.installation.esme;
        Ok(Reply::MasterKeyProof { proof: master_key_proof(&esme.master, esme.device, challenge) })
    }

    fn b3_1_read_gsme(&mut self) -> Result<Reply, DeviceError> {
        let gsme = self.installation.gsme.as_ref().ok_or(DeviceError::NoSuchDevice)?;
        Ok(Reply::Gsme(GsmeStatus {
            device: gsme.device,
            model: gsme.model.clone(),
            certificate: gsme.certificate.clone(),
        }))
    }

    fn set_certificate(
        &mut self,
        key: &str,
        device: DeviceId,
        certificate: &CertificateId,
    ) -> Result<Reply, DeviceError> {
        let (serial, issuer) = certificate.parts();
        let content =
            digest(&[b"set-certificate", &device.0.0.to_be_bytes(), &serial.to_be_bytes(), issuer.as_bytes()]);
        if let Some(answer) = self.repeated(key, content) {
            return answer;
        }
        let from = self.installation.certificate_mut(device).ok_or(DeviceError::NoSuchDevice)?.clone();
        let change = Change::Certificate { device, from, to: certificate.clone() };
        self.effect(key, "import-certificate", content, change, NewKeys::None)
    }

    fn set_whitelist(&mut self, key: &str, devices: &[DeviceId]) -> Result<Reply, DeviceError> {
        let bytes: Vec<u8> = devices.iter().flat_map(|device| device.0.0.to_be_bytes()).collect();
        let content = digest(&[b"set-whitelist", &bytes]);
        if let Some(answer) = self.repeated(key, content) {
            return answer;
        }
        let change = Change::Whitelist { from: self.installation.hub.whitelist.clone(), to: devices.to_vec() };
        self.effect(key, "set-whitelist", content, change, NewKeys::None)
    }

    fn b6_2_replace_association_keys(
        &mut self,
        key: &str,
        proof: &Proof,
        authentication: &[u8],
        encryption: &[u8],
    ) -> Result<Reply, DeviceError> {
        let both = [authentication, encryption].concat();
        let content = digest(&[b"replace-association-keys", &both]);
        if let Some(answer) = self.repeated(key, content) {
            return answer;
        }
        self.prove(key, &both, proof)?;
        let new = AssociationKeys { authentication: self.open(authentication)?, encryption: self.open(encryption)? };
        let change = Change::AssociationKeys {
            from: Fingerprint::of_association(&self.installation.esme.association),
            to: Fingerprint::of_association(&new),
            authentication: hex(authentication),
            encryption: hex(encryption),
        };
        self.effect(key, "key-transfer", content, change, NewKeys::Association(new))
    }

    fn b6_4_replace_master_key(&mut self, key: &str, proof: &Proof, master: &[u8]) -> Result<Reply, DeviceError> {
        let content = digest(&[b"replace-master-key", master]);
        if let Some(answer) = self.repeated(key, content) {
            return answer;
        }
        self.prove(key, master, proof)?;
        let new = self.open(master)?;
        let change = Change::MasterKey {
            from: Fingerprint::of_key(&self.installation.esme.master),
            to: Fingerprint::of_key(&new),
            master: hex(master),
        };
        self.effect(key, "master-key-transfer", content, change, NewKeys::Master(new))
    }
}

fn failed(reason: String) -> DeviceError {
    DeviceError::Failed { reason }
}
