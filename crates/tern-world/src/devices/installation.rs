//! One simulated installation: its devices' state and their answers, row by row.
//!
//! A device believes nobody: an effect on the ESME's keys needs a proof by the keys in force, and a new key must open
//! under the master key in force. Scripted faults are not decided here.

use std::collections::HashMap;

use tern_model::{CertificateId, ChfIdentifier, DeviceId, DeviceModel, Digest, Secret};
use tern_wire::device_link::{
    AssociationKeys, DeviceError, DeviceRows, EsmeStatus, GsmeStatus, HubStatus, Proof, Reply, Row, master_key_proof,
    unwrap_key,
};

use super::effects::{Change, EffectLog, EffectRecord, Fingerprint, LogRecord, digest};
use crate::hex::{hex, unhex};

/// The Communications Hub Function.
#[derive(Debug, Clone)]
pub struct Hub {
    /// Its Device ID, by which the installation is named.
    pub chf: ChfIdentifier,
    /// Its model and firmware.
    pub model: DeviceModel,
    /// The Access Point Name in use.
    pub apn: String,
    /// The CHF Whitelist.
    pub whitelist: Vec<DeviceId>,
    /// The certificate in charge.
    pub certificate: CertificateId,
}

/// The electricity meter.
#[derive(Debug, Clone)]
pub struct Esme {
    /// Its Device ID.
    pub device: DeviceId,
    /// Its model and firmware.
    pub model: DeviceModel,
    /// The certificate in charge.
    pub certificate: CertificateId,
    /// The keys of its association.
    pub association: AssociationKeys,
    /// Its master key, under which new keys travel.
    pub master: Secret<16>,
}

/// The gas meter.
#[derive(Debug, Clone)]
pub struct Gsme {
    /// Its Device ID.
    pub device: DeviceId,
    /// Its model and firmware.
    pub model: DeviceModel,
    /// The certificate in charge.
    pub certificate: CertificateId,
}

/// All devices of one installation with what they remember.
#[derive(Debug, Clone)]
pub struct Installation {
    /// The hub.
    pub hub: Hub,
    /// The electricity meter.
    pub esme: Esme,
    /// The gas meter, where there is one.
    pub gsme: Option<Gsme>,
    /// The PPMIDs, which only the whitelist speaks of.
    pub ppmids: Vec<DeviceId>,
    applied: HashMap<String, Digest>,
}

impl Installation {
    /// Devices that applied nothing yet.
    #[must_use]
    pub fn new(hub: Hub, esme: Esme, gsme: Option<Gsme>, ppmids: Vec<DeviceId>) -> Installation {
        Installation { hub, esme, gsme, ppmids, applied: HashMap::new() }
    }

    /// Applies an effect that the log holds; what does not fit is told in words.
    pub(super) fn replay(&mut self, effect: &EffectRecord) -> Result<(), String> {
        let keys = self.keys_in(&effect.change)?;
        self.apply(&effect.change, keys)?;
        self.applied.insert(effect.key.clone(), effect.content);
        Ok(())
    }

    fn keys_in(&self, change: &Change) -> Result<NewKeys, String> {
        let open = |wrapped: &str| {
            unhex(wrapped)
                .and_then(|bytes| unwrap_key(&self.esme.master, &bytes))
                .ok_or("a wrapped key that does not open under the master key in force")
        };
        Ok(match change {
            Change::AssociationKeys { authentication, encryption, .. } => NewKeys::Association(AssociationKeys {
                authentication: open(authentication)?,
                encryption: open(encryption)?,
            }),
            Change::MasterKey { master, .. } => NewKeys::Master(open(master)?),
            _ => NewKeys::None,
        })
    }

    fn apply(&mut self, change: &Change, keys: NewKeys) -> Result<(), String> {
        match (change, keys) {
            (Change::Apn { to, .. }, _) => self.hub.apn.clone_from(to),
            (Change::Whitelist { to, .. }, _) => self.hub.whitelist.clone_from(to),
            (Change::Certificate { device, to, .. }, _) => match self.certificate_mut(*device) {
                Some(certificate) => certificate.clone_from(to),
                None => return Err(format!("no device {device} behind hub {}", self.hub.chf)),
            },
            (Change::AssociationKeys { .. }, NewKeys::Association(keys)) => self.esme.association = keys,
            (Change::MasterKey { .. }, NewKeys::Master(key)) => self.esme.master = key,
            _ => return Err("new keys of another kind than the change".to_owned()),
        }
        Ok(())
    }

    fn certificate_mut(&mut self, device: DeviceId) -> Option<&mut CertificateId> {
        if device == self.hub.chf.into() {
            return Some(&mut self.hub.certificate);
        }
        if device == self.esme.device {
            return Some(&mut self.esme.certificate);
        }
        self.gsme.as_mut().filter(|gsme| gsme.device == device).map(|gsme| &mut gsme.certificate)
    }
}

enum NewKeys {
    None,
    Association(AssociationKeys),
    Master(Secret<16>),
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
        self.effect(key, "set-certificate", content, change, NewKeys::None)
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
        self.effect(key, "replace-association-keys", content, change, NewKeys::Association(new))
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
        self.effect(key, "replace-master-key", content, change, NewKeys::Master(new))
    }
}

fn failed(reason: String) -> DeviceError {
    DeviceError::Failed { reason }
}
