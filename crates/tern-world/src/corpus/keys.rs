//! The SMSO's key records of one installation: the devices' own keys, but where a defect spoils the record.

use tern_model::{ChfIdentifier, DeviceId, Secret};

use super::cast::Part;
use super::defects::Defect;
use super::dice::Dice;
use crate::devices::Installation;
use crate::hex::hex;
use crate::smso::{EsmeKeys, GsmeKeys, KeyRecord, KeyText, MasterKeyRecord};

/// The record. `other` is the installation that a misplaced master key belongs to.
pub(super) fn key_record(
    devices: &Installation,
    part: Part,
    other: (DeviceId, DeviceId),
    dice: &mut Dice,
) -> KeyRecord {
    let chf = devices.hub.chf;
    let (prepayment, gas_prepayment) = (dice.bytes(), dice.bytes());
    let mut record = KeyRecord {
        chf_identifier: chf,
        esme: EsmeKeys {
            device_id: devices.esme.device,
            authentication_key: text(&devices.esme.association.authentication),
            encryption_key: text(&devices.esme.association.encryption),
            prepayment_key: text(&Secret::new(prepayment)),
        },
        gsme: devices
            .gsme
            .as_ref()
            .map(|gsme| GsmeKeys { device_id: gsme.device, prepayment_key: text(&Secret::new(gas_prepayment)) }),
        master: MasterKeyRecord {
            chf_identifier: chf,
            device_id: devices.esme.device,
            master_key: text(&devices.esme.master),
        },
    };
    match part.defect() {
        Some((Defect::MasterKeyMisplaced, nth)) => misplace(&mut record.master, other, nth),
        Some((Defect::EsmeKeyMalformed, nth)) => malform(&mut record.esme, nth),
        Some((Defect::WrongKeyBit, nth)) => flip(&mut record, devices, nth, dice),
        _ => {}
    }
    record
}

fn text(key: &Secret<16>) -> KeyText {
    KeyText::new(hex(key.expose()))
}

/// Another installation's record; a key that is too short; one that is not hexadecimal.
fn misplace(master: &mut MasterKeyRecord, (chf, esme): (DeviceId, DeviceId), nth: usize) {
    let key = master.master_key.expose();
    match nth % 3 {
        0 => (master.chf_identifier, master.device_id) = (ChfIdentifier(chf.0), esme),
        1 => master.master_key = KeyText::new(key[..30].to_owned()),
        _ => master.master_key = KeyText::new(format!("{}zz", &key[..30])),
    }
}

/// Too short, not hexadecimal, empty, too long: each at one of the three keys.
fn malform(keys: &mut EsmeKeys, nth: usize) {
    let spoil = |key: &KeyText, form: fn(&str) -> String| KeyText::new(form(key.expose()));
    match nth % 4 {
        0 => keys.authentication_key = spoil(&keys.authentication_key, |key| key[..31].to_owned()),
        1 => keys.encryption_key = spoil(&keys.encryption_key, |key| format!("{}g", &key[..31])),
        2 => keys.prepayment_key = spoil(&keys.prepayment_key, |_| String::new()),
        _ => keys.authentication_key = spoil(&keys.authentication_key, |key| format!("{key}00")),
    }
}

/// One bit of AuthenticationKey, EncryptionKey or master key.
fn flip(record: &mut KeyRecord, devices: &Installation, nth: usize, dice: &mut Dice) {
    let bit = usize::try_from(dice.below(128)).unwrap_or(0);
    let flipped = |key: &Secret<16>| {
        let mut bytes = *key.expose();
        bytes[bit / 8] ^= 1 << (bit % 8);
        text(&Secret::new(bytes))
    };
    match nth % 3 {
        0 => record.esme.authentication_key = flipped(&devices.esme.association.authentication),
        1 => record.esme.encryption_key = flipped(&devices.esme.association.encryption),
        _ => record.master.master_key = flipped(&devices.esme.master),
    }
}
