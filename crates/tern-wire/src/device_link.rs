//! What crosses the line to a device, for as long as devices are simulated (P): one call per row of Appendix B.
//!
//! `tern-world` answers these calls, the S1SP asks them. A real meter protocol will stand behind [`DeviceRows`] later; until
//! then a call is a frame of JSON behind its length. A key never crosses the line in the clear: a caller proves that it
//! holds an association's keys, and a new key travels wrapped under the device's master key (RFC 3394).

use aws_lc_rs::key_wrap::{AES_128, AesKek, KeyWrap};
use aws_lc_rs::{digest, hmac};
use serde::{Deserialize, Serialize};
use tern_model::{CertificateId, ChfIdentifier, DeviceId, DeviceModel, Secret};

/// The longest frame that either side accepts, in bytes.
pub const FRAME_MAX_BYTES: usize = 1 << 20;

/// The keys of the ESME's high-level association (S002 26): whoever holds both may use it.
#[derive(Clone, Debug)]
pub struct AssociationKeys {
    /// AuthenticationKey.
    pub authentication: Secret<16>,
    /// EncryptionKey.
    pub encryption: Secret<16>,
}

/// A call to one installation's devices.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Call {
    /// Names the answer; unique on one connection.
    pub id: u64,
    /// Names the effect: the same key is the same effect, however often it is asked (see the device's effect log).
    pub key: String,
    /// The installation.
    pub chf: ChfIdentifier,
    /// The row.
    pub row: Row,
}

/// An answer. A device that cannot answer does not: the caller's time runs out.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Answer {
    /// The call's `id`.
    pub id: u64,
    /// What the device said.
    pub result: Result<Reply, DeviceError>,
}

/// Proof that the caller holds an association's keys, bound to device, effect and content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof(pub [u8; 32]);

/// One call per row of the cohort's tables, and the reads that probe them. Rows within a table are project-defined (CO1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "row", rename_all = "kebab-case")]
pub enum Row {
    /// W2 · switch the hub's APN (15.2; back: 15.10.4).
    SetApn {
        /// The Access Point Name to use from now on.
        apn: String,
    },
    /// W1, B5.1 and probes · what the hub says of itself; that it answers at all is W1.
    ReadHub,
    /// B2.1 · open the ESME's association; B6.7 · be refused with the keys that the SMSO holds.
    Associate {
        /// Made over [`Row::CONTENT_ASSOCIATE`].
        proof: Proof,
    },
    /// B2.2 · identity and firmware of the ESME.
    ReadEsme {
        /// Made over [`Row::CONTENT_READ`].
        proof: Proof,
    },
    /// B2.3 · the ESME proves that it holds the master key.
    ChallengeMasterKey {
        /// 16 bytes that were never used before; see [`challenge`].
        challenge: [u8; 16],
    },
    /// B3.1 · is the GSME on the gas HAN? Answers [`DeviceError::GasHan`] (GT01) where it is not.
    ReadGsme,
    /// B3.2, B6.5, B6.6 · put a party's certificate in charge of a device (back: 15.10.3).
    SetCertificate {
        /// GSME (B3.2), CHF (B6.5) or ESME (B6.6).
        device: DeviceId,
        /// The certificate that is in charge from now on.
        certificate: CertificateId,
    },
    /// 15.11 · replace the CHF Whitelist.
    SetWhitelist {
        /// The whole list.
        devices: Vec<DeviceId>,
    },
    /// B6.2 · replace the association's keys by those that the DCO wrapped (B6.1).
    ReplaceAssociationKeys {
        /// By the keys in force until now, over both wrapped keys.
        proof: Proof,
        /// New AuthenticationKey under the master key, 24 bytes.
        authentication: Vec<u8>,
        /// New EncryptionKey under the master key, 24 bytes.
        encryption: Vec<u8>,
    },
    /// B6.4 · replace the master key by the one that the DCO prepared (B6.3).
    ReplaceMasterKey {
        /// By the association's keys, over the wrapped key.
        proof: Proof,
        /// New master key under the one in force, 24 bytes.
        master: Vec<u8>,
    },
}

impl Row {
    /// What a proof for [`Row::Associate`] is made over.
    pub const CONTENT_ASSOCIATE: &'static [u8] = b"associate";
    /// What a proof for [`Row::ReadEsme`] is made over.
    pub const CONTENT_READ: &'static [u8] = b"read";
}

/// What a device says when it obeys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reply", rename_all = "kebab-case")]
pub enum Reply {
    /// Done, or open.
    Done,
    /// The ESME.
    Esme(EsmeStatus),
    /// The GSME.
    Gsme(GsmeStatus),
    /// The hub.
    Hub(HubStatus),
    /// HMAC-SHA-256 under the master key of device and challenge.
    MasterKeyProof {
        /// 32 bytes.
        proof: [u8; 32],
    },
}

/// What the ESME says of itself to a holder of its association.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EsmeStatus {
    /// Its Device ID.
    pub device: DeviceId,
    /// Its model and firmware.
    pub model: DeviceModel,
    /// The certificate in charge.
    pub certificate: CertificateId,
}

/// What the GSME says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GsmeStatus {
    /// Its Device ID.
    pub device: DeviceId,
    /// Its model and firmware.
    pub model: DeviceModel,
    /// The certificate in charge.
    pub certificate: CertificateId,
}

/// What the hub says of itself; reading it changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HubStatus {
    /// The Device ID of the CHF.
    pub device: DeviceId,
    /// Its model and firmware.
    pub model: DeviceModel,
    /// The APN in use.
    pub apn: String,
    /// The CHF Whitelist.
    pub whitelist: Vec<DeviceId>,
    /// The certificate in charge of the hub.
    pub certificate: CertificateId,
}

/// What a device says when it does not obey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "error", rename_all = "kebab-case")]
pub enum DeviceError {
    /// No device by that identifier is reachable on the WAN.
    NoWan,
    /// The gas HAN fails (GT01).
    GasHan,
    /// The proof was not made with the keys in force.
    KeyRejected,
    /// The wrapped key does not open under the master key in force.
    UnwrapFailed,
    /// There is no such device behind the hub.
    NoSuchDevice,
    /// The device fails at this row, for a reason of its own.
    Failed {
        /// The device's words.
        reason: String,
    },
}

/// The device side: one method per row. The simulated installation is one implementation; a real meter protocol will be another.
pub trait DeviceRows {
    /// Answers one row. `key` names the effect.
    ///
    /// # Errors
    /// The device's own refusal. A hub that the network cannot reach is [`DeviceError::NoWan`], said by the network: certainly
    /// nothing happened. An answer that is lost on its way is no answer at all: what happened is not known.
    fn answer(&mut self, key: &str, row: &Row) -> Result<Reply, DeviceError> {
        match row {
            Row::SetApn { apn } => self.w2_set_apn(key, apn),
            Row::ReadHub => self.read_hub(),
            Row::Associate { proof } => self.b2_1_associate(key, proof),
            Row::ReadEsme { proof } => self.b2_2_read_esme(key, proof),
            Row::ChallengeMasterKey { challenge } => self.b2_3_challenge_master_key(challenge),
            Row::ReadGsme => self.b3_1_read_gsme(),
            Row::SetCertificate { device, certificate } => self.set_certificate(key, *device, certificate),
            Row::SetWhitelist { devices } => self.set_whitelist(key, devices),
            Row::ReplaceAssociationKeys { proof, authentication, encryption } => {
                self.b6_2_replace_association_keys(key, proof, authentication, encryption)
            }
            Row::ReplaceMasterKey { proof, master } => self.b6_4_replace_master_key(key, proof, master),
        }
    }

    /// See [`Row::SetApn`].
    fn w2_set_apn(&mut self, key: &str, apn: &str) -> Result<Reply, DeviceError>;
    /// See [`Row::ReadHub`].
    fn read_hub(&mut self) -> Result<Reply, DeviceError>;
    /// See [`Row::Associate`].
    fn b2_1_associate(&mut self, key: &str, proof: &Proof) -> Result<Reply, DeviceError>;
    /// See [`Row::ReadEsme`].
    fn b2_2_read_esme(&mut self, key: &str, proof: &Proof) -> Result<Reply, DeviceError>;
    /// See [`Row::ChallengeMasterKey`].
    fn b2_3_challenge_master_key(&mut self, challenge: &[u8; 16]) -> Result<Reply, DeviceError>;
    /// See [`Row::ReadGsme`].
    fn b3_1_read_gsme(&mut self) -> Result<Reply, DeviceError>;
    /// See [`Row::SetCertificate`].
    fn set_certificate(
        &mut self,
        key: &str,
        device: DeviceId,
        certificate: &CertificateId,
    ) -> Result<Reply, DeviceError>;
    /// See [`Row::SetWhitelist`].
    fn set_whitelist(&mut self, key: &str, devices: &[DeviceId]) -> Result<Reply, DeviceError>;
    /// See [`Row::ReplaceAssociationKeys`].
    fn b6_2_replace_association_keys(
        &mut self,
        key: &str,
        proof: &Proof,
        authentication: &[u8],
        encryption: &[u8],
    ) -> Result<Reply, DeviceError>;
    /// See [`Row::ReplaceMasterKey`].
    fn b6_4_replace_master_key(&mut self, key: &str, proof: &Proof, master: &[u8]) -> Result<Reply, DeviceError>;
}

impl AssociationKeys {
    /// Proves to `device` that the holder of these keys asks for `effect` with `content`.
    #[must_use]
    pub fn prove(&self, device: DeviceId, effect: &str, content: &[u8]) -> Proof {
        let mut key = [0; 32];
        key[..16].copy_from_slice(self.authentication.expose());
        key[16..].copy_from_slice(self.encryption.expose());
        let proof = mac(&key, &[&device.0.0.to_be_bytes(), effect.as_bytes(), &[0], content]);
        zeroize::Zeroize::zeroize(&mut key);
        Proof(proof)
    }

    /// Whether `proof` was made with these keys, in constant time.
    #[must_use]
    pub fn accept(&self, device: DeviceId, effect: &str, content: &[u8], proof: &Proof) -> bool {
        aws_lc_rs::constant_time::verify_slices_are_equal(&self.prove(device, effect, content).0, &proof.0).is_ok()
    }
}

/// The device's answer to [`Row::ChallengeMasterKey`], made by the device and compared by the DCO.
#[must_use]
pub fn master_key_proof(master: &Secret<16>, device: DeviceId, challenge: &[u8; 16]) -> [u8; 32] {
    mac(master.expose(), &[&device.0.0.to_be_bytes(), challenge])
}

/// Names a question to a device that was never asked before: the first 16 bytes of SHA-256 of `text`, which the caller makes
/// unique.
#[must_use]
pub fn challenge(text: &str) -> [u8; 16] {
    let digest = digest::digest(&digest::SHA256, text.as_bytes());
    std::array::from_fn(|at| digest.as_ref()[at])
}

/// Wraps a key under a master key (RFC 3394): 24 bytes.
#[must_use]
pub fn wrap_key(master: &Secret<16>, key: &Secret<16>) -> Option<Vec<u8>> {
    let kek = AesKek::new(&AES_128, master.expose()).ok()?;
    let mut out = [0; 24];
    kek.wrap(key.expose(), &mut out).ok().map(|w| w.to_vec())
}

/// Opens a key that was wrapped under a master key; `None` where it was not.
#[must_use]
pub fn unwrap_key(master: &Secret<16>, wrapped: &[u8]) -> Option<Secret<16>> {
    let kek = AesKek::new(&AES_128, master.expose()).ok()?;
    let mut out = [0; 24];
    let key = kek.unwrap(wrapped, &mut out).ok().and_then(|k| Secret::from_slice(k));
    zeroize::Zeroize::zeroize(&mut out);
    key
}

fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    for part in parts {
        context.update(part);
    }
    let mut out = [0; 32];
    out.copy_from_slice(context.sign().as_ref());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrapped_key_opens_under_its_master_key_alone() {
        let (master, other, key) = (Secret::new([1; 16]), Secret::new([2; 16]), Secret::new([3; 16]));
        let wrapped = wrap_key(&master, &key).expect("wraps");
        assert_eq!(unwrap_key(&master, &wrapped).expect("opens").expose(), key.expose());
        assert!(unwrap_key(&other, &wrapped).is_none());
    }

    #[test]
    fn a_certificate_of_a_full_serial_crosses_the_line() {
        let certificate = CertificateId::from_parts((1 << 127) - 1, "CN=Z1,OU=07");
        let row = Row::SetCertificate { device: DeviceId(tern_model::Eui64(1)), certificate };
        let frame = serde_json::to_vec(&row).expect("writes");
        assert_eq!(serde_json::from_slice::<Row>(&frame).expect("reads"), row);
    }

    #[test]
    fn a_challenge_is_the_first_half_of_its_texts_digest() {
        // The one-block example of FIPS 180.
        let abc = [0xBA, 0x78, 0x16, 0xBF, 0x8F, 0x01, 0xCF, 0xEA, 0x41, 0x41, 0x40, 0xDE, 0x5D, 0xAE, 0x22, 0x23];
        assert_eq!(challenge("abc"), abc);
        assert_ne!(challenge("abd"), abc);
    }

    #[test]
    fn a_proof_holds_for_its_device_effect_and_content_alone() {
        let keys = AssociationKeys { authentication: Secret::new([1; 16]), encryption: Secret::new([2; 16]) };
        let (device, other) = (DeviceId(tern_model::Eui64(1)), DeviceId(tern_model::Eui64(2)));
        let proof = keys.prove(device, "e", b"c");
        assert!(keys.accept(device, "e", b"c", &proof));
        assert!(!keys.accept(other, "e", b"c", &proof));
        assert!(!keys.accept(device, "f", b"c", &proof));
        assert!(!keys.accept(device, "e", b"d", &proof));
    }
}
