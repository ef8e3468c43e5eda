//! The PIN for functionality not meant for use by Energy Consumers, as it goes to a gas meter (3.25; S1SR 13.1; the form is
//! ours, P).
//!
//! A PIN of eight digits could be guessed from a digest of it, so a salt goes along with it wherever it goes, and the meter's
//! check value is made of both. This module must never show a PIN but where a caller says so with an `expose`.

use aws_lc_rs::key_wrap::{AES_128, AesKek, KeyWrap};
use aws_lc_rs::{digest, hmac};
use tern_model::{DeviceId, Digest, Secret};
use zeroize::Zeroizing;

/// Digits of a PIN, and bytes of its salt.
const HALF: usize = 8;
/// Bytes of a PIN with its salt, wrapped.
pub const WRAPPED_PIN_BYTES: usize = 2 * HALF + 8;
/// Parts the key for PINs from whatever else a PrepaymentKey is for.
const PURPOSE: &[u8] = b"tern revised PIN";

/// A PIN with its salt. There is no way to print, compare or serialise it.
#[derive(Clone)]
pub struct RevisedPin(Secret<{ 2 * HALF }>);

impl RevisedPin {
    /// A PIN of 16 bytes of chance: the first eight give the digits, the others are the salt.
    #[must_use]
    pub fn of_chance(chance: &Secret<{ 2 * HALF }>) -> RevisedPin {
        let (first, salt) = chance.expose().split_at(HALF);
        let number = first.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte)) % 100_000_000;
        let digits = Zeroizing::new(format!("{number:08}"));
        let mut block = Zeroizing::new([0; 2 * HALF]);
        block[..HALF].copy_from_slice(digits.as_bytes());
        block[HALF..].copy_from_slice(salt);
        RevisedPin(Secret::new(*block))
    }

    /// A PIN from its digits and its salt in hexadecimal, as the Installing Supplier gets them; none where they are not such.
    #[must_use]
    pub fn of_parts(digits: &str, salt: &str) -> Option<RevisedPin> {
        let mut block = Zeroizing::new([0; 2 * HALF]);
        let is_pin = digits.len() == HALF && digits.bytes().all(|digit| digit.is_ascii_digit());
        if !is_pin || salt.len() != 2 * HALF || !salt.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return None;
        }
        block[..HALF].copy_from_slice(digits.as_bytes());
        for (byte, at) in block[HALF..].iter_mut().zip((0..salt.len()).step_by(2)) {
            *byte = u8::from_str_radix(salt.get(at..at + 2)?, 16).ok()?;
        }
        Some(RevisedPin(Secret::new(*block)))
    }

    /// The PIN as one types it.
    #[must_use]
    pub fn expose_digits(&self) -> Zeroizing<String> {
        Zeroizing::new(self.0.expose()[..HALF].iter().map(|digit| char::from(*digit)).collect())
    }

    /// The salt in hexadecimal.
    #[must_use]
    pub fn expose_salt(&self) -> Zeroizing<String> {
        Zeroizing::new(self.0.expose()[HALF..].iter().map(|byte| format!("{byte:02X}")).collect())
    }

    /// PIN and salt, as a gas meter keeps them.
    #[must_use]
    pub fn expose(&self) -> &Secret<{ 2 * HALF }> {
        &self.0
    }

    /// SHA-256 over PIN and salt: the check value by which a gas meter tells what it holds, without telling it.
    #[must_use]
    pub fn digest(&self) -> Digest {
        digest_of(&self.0)
    }

    /// PIN and salt, which the gas meter of that PrepaymentKey alone can open; none where the library refuses.
    #[must_use]
    pub fn wrapped_for(&self, gsme: DeviceId, prepayment: &Secret<16>) -> Option<[u8; WRAPPED_PIN_BYTES]> {
        let mut wrapped = [0; WRAPPED_PIN_BYTES];
        key(gsme, prepayment)?.wrap(self.0.expose(), &mut wrapped).ok()?;
        Some(wrapped)
    }

    /// Opens what [`RevisedPin::wrapped_for`] gave; none for another meter, another key or altered bytes.
    #[must_use]
    pub fn unwrapped(wrapped: &[u8], gsme: DeviceId, prepayment: &Secret<16>) -> Option<RevisedPin> {
        if wrapped.len() != WRAPPED_PIN_BYTES {
            return None;
        }
        let mut opened = Zeroizing::new([0; WRAPPED_PIN_BYTES]);
        let block = key(gsme, prepayment)?.unwrap(wrapped, opened.as_mut_slice()).ok()?;
        Secret::from_slice(block).map(RevisedPin)
    }
}

impl std::fmt::Debug for RevisedPin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RevisedPin(…)")
    }
}

/// The check value of what a gas meter keeps.
#[must_use]
pub fn digest_of(block: &Secret<16>) -> Digest {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, block.expose()).as_ref());
    Digest(out)
}

/// The gas meter's key for PINs: the first half of HMAC-SHA-256 under its PrepaymentKey, over purpose and Device ID.
fn key(gsme: DeviceId, prepayment: &Secret<16>) -> Option<AesKek> {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, prepayment.expose()));
    context.update(PURPOSE);
    context.update(&gsme.0.0.to_be_bytes());
    let mut half = Zeroizing::new([0; 16]);
    half.copy_from_slice(&context.sign().as_ref()[..16]);
    AesKek::new(&AES_128, half.as_slice()).ok()
}

#[cfg(test)]
mod tests {
    use tern_model::Eui64;

    use super::*;

    const GSME: DeviceId = DeviceId(Eui64(0x00DB_1234_0000_0004));

    fn pin() -> RevisedPin {
        RevisedPin::of_chance(&Secret::new(*b"\0\0\0\0\x07\x5b\xcd\x15saltsalt"))
    }

    #[test]
    fn a_pin_has_eight_digits_and_its_parts_make_it_again() {
        let (digits, salt) = (pin().expose_digits(), pin().expose_salt());
        assert_eq!((digits.as_str(), salt.as_str()), ("23456789", "73616C7473616C74"));
        assert_eq!(RevisedPin::of_parts(&digits, &salt).map(|pin| pin.digest()), Some(pin().digest()));
        for (digits, salt) in [("2345678", salt.as_str()), ("2345678x", &salt), (&digits, "73616C74"), (&digits, "ä")]
        {
            assert!(RevisedPin::of_parts(digits, salt).is_none(), "{digits} {salt}");
        }
        assert_eq!(RevisedPin::of_chance(&Secret::new([0; 16])).expose_digits().as_str(), "00000000");
        assert_eq!(format!("{:?}", pin()), "RevisedPin(…)");
    }

    #[test]
    fn only_the_meter_of_the_key_opens_it() {
        let (own, other) = (Secret::new([1; 16]), Secret::new([2; 16]));
        let mut wrapped = pin().wrapped_for(GSME, &own).expect("wraps");
        let opened = |wrapped: &[u8], gsme, key| RevisedPin::unwrapped(wrapped, gsme, key).map(|pin| pin.digest());
        assert_eq!(opened(&wrapped, GSME, &own), Some(pin().digest()));
        assert_eq!(opened(&wrapped, GSME, &other), None);
        assert_eq!(opened(&wrapped, DeviceId(Eui64(1)), &own), None);
        assert_eq!(opened(&wrapped[1..], GSME, &own), None);
        wrapped[3] ^= 1;
        assert_eq!(opened(&wrapped, GSME, &own), None);
    }
}
