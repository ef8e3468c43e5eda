//! Key-encryption keys in a file: the default, for whoever has no token.
//!
//! The file is a row of keys of 32 bytes, the first of them version 1; a key that was given up is all zeros. What one key
//! wraps is AES-256-GCM with a random nonce. This module never touches the disk: it is handed the file's content.

use tern_model::{Secret, SecretBytes};
use tern_store::Seal;

use super::{Custody, CustodyFault, KekId, Kept, Wrapped};

/// Bytes of one key-encryption key.
pub const KEK_BYTES: usize = 32;

/// Key-encryption keys from a file.
#[derive(Debug)]
pub struct FileCustody(Vec<Option<Seal>>);

impl FileCustody {
    /// The custody that a file's content gives.
    ///
    /// # Errors
    /// [`CustodyFault::File`] where it is no row of keys, or its last is given up.
    pub fn new(content: &SecretBytes) -> Result<FileCustody, CustodyFault> {
        let (keys, rest) = content.expose().as_chunks::<KEK_BYTES>();
        if keys.is_empty() || !rest.is_empty() {
            return Err(CustodyFault::File("is no row of keys of 32 bytes"));
        }
        let seal = |key: &[u8; KEK_BYTES]| match key.iter().all(|byte| *byte == 0) {
            true => Ok(None),
            false => {
                let key = Secret::from_slice(key).ok_or(CustodyFault::Crypto("a key"))?;
                Seal::new(&key).map(Some).map_err(|_| CustodyFault::Crypto("a key"))
            }
        };
        let seals = keys.iter().map(seal).collect::<Result<Vec<_>, _>>()?;
        match seals.last() {
            Some(Some(_)) => Ok(FileCustody(seals)),
            _ => Err(CustodyFault::File("ends with a key that was given up")),
        }
    }

    /// A file's content with one new key behind the others; of no content, with its first.
    ///
    /// # Errors
    /// The random source fails.
    pub fn with_new_kek(content: Option<&SecretBytes>) -> Result<SecretBytes, CustodyFault> {
        let held = content.map_or(&[][..], |content| content.expose());
        let mut all = Vec::with_capacity(held.len() + KEK_BYTES);
        all.extend_from_slice(held);
        all.resize(held.len() + KEK_BYTES, 0);
        let made = aws_lc_rs::rand::fill(&mut all[held.len()..]);
        let all = SecretBytes::new(all);
        made.map_err(|_| CustodyFault::Crypto("random"))?;
        Ok(all)
    }

    /// A file's content without every key but the last.
    #[must_use]
    pub fn without_old_keks(content: &SecretBytes) -> SecretBytes {
        let mut kept = content.expose().to_vec();
        let old = kept.len().saturating_sub(KEK_BYTES);
        zeroize::Zeroize::zeroize(&mut kept[..old]);
        SecretBytes::new(kept)
    }
}

fn id(at: usize) -> KekId {
    KekId { kept: Kept::File, version: u32::try_from(at).unwrap_or(u32::MAX).saturating_add(1), mark: 0 }
}

impl Custody for FileCustody {
    fn current(&self) -> KekId {
        id(self.0.len() - 1)
    }

    fn keks(&self) -> Vec<KekId> {
        self.0.iter().enumerate().filter(|(_, seal)| seal.is_some()).map(|(at, _)| id(at)).collect()
    }

    fn wrap(&self, context: &str, key: &SecretBytes) -> Result<Wrapped, CustodyFault> {
        let seal = self.0.last().and_then(Option::as_ref).ok_or(CustodyFault::UnknownKek(self.current()))?;
        let blob = seal.seal_bytes(context, key.expose()).map_err(|_| CustodyFault::Crypto("wrap"))?;
        Ok(Wrapped::new(self.current(), &blob))
    }

    fn unwrap(&self, context: &str, wrapped: &Wrapped) -> Result<SecretBytes, CustodyFault> {
        let kek = wrapped.kek;
        let at = (kek.version as usize).checked_sub(1).filter(|at| id(*at) == kek);
        let seal = at.and_then(|at| self.0.get(at)?.as_ref()).ok_or(CustodyFault::UnknownKek(kek))?;
        seal.open_bytes(context, &wrapped.blob()?).map_err(|_| CustodyFault::Broken(kek))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_kek_takes_over_and_an_old_one_is_given_up() {
        let first = FileCustody::with_new_kek(None).expect("random");
        let key = SecretBytes::new(vec![9; 16]);
        let old = FileCustody::new(&first).expect("one key").wrap("here", &key).expect("wraps");
        let both = FileCustody::with_new_kek(Some(&first)).expect("random");
        let custody = FileCustody::new(&both).expect("two keys");
        assert_eq!(custody.unwrap("here", &old).expect("opens").expose(), key.expose());
        let new = custody.wrap("here", &key).expect("wraps");
        assert_eq!((old.kek.to_string().as_str(), new.kek.to_string().as_str()), ("file:1", "file:2"));
        let alone = FileCustody::new(&FileCustody::without_old_keks(&both)).expect("one key");
        assert_eq!(alone.keks(), [new.kek]);
        assert_eq!(alone.unwrap("here", &new).expect("opens").expose(), key.expose());
        assert_eq!(alone.unwrap("here", &old).expect_err("given up"), CustodyFault::UnknownKek(old.kek));
    }

    #[test]
    fn what_is_no_row_of_keys_is_refused() {
        for length in [0, 1, 31, 33, 63] {
            let custody = FileCustody::new(&SecretBytes::new(vec![1; length]));
            assert!(matches!(custody, Err(CustodyFault::File(_))), "{length}");
        }
        assert!(FileCustody::new(&SecretBytes::new(vec![0; 32])).is_err());
    }
}
