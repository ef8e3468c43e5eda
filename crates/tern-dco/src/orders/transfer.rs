//! Key transfers: the instruction is held against the file set, then filled with keys that the device alone can open.

use tern_dlms::security::{Key, wrap_key};
use tern_model::Secret;
use tern_wire::role_link::{AssociationKeyTransfer, DcoOrder, DcoReply, MasterKeyOf};

use super::critical::no_key;
use super::{Dco, Desk, Told, WENT_BACK, no_consent};
use crate::fault::DcoFault;
use crate::instruction::KeyTransfer;
use crate::package::{PackageState, Replacing};
use crate::refusal::Refused;

impl Dco {
    /// Opens what the S1SP sealed for the DCO; none where it does not open.
    fn opened(&self, sealed: &[u8]) -> Option<AssociationKeyTransfer> {
        self.decrypter.decrypt_oaep_sha1(sealed).ok().and_then(|bytes| AssociationKeyTransfer::from_bytes(&bytes))
    }

    /// The association's keys: the S1SP's own, and the SMSO's for the way back, both under the master key in force.
    pub(super) fn fill_key_transfer(
        &self,
        order: &DcoOrder,
        desk: &mut Desk<'_>,
        instruction: &[u8],
        sealed: &[u8],
    ) -> Told {
        let what = KeyTransfer::Association;
        if let Err(differs) = what.compare(instruction) {
            return Ok(Err(Refused::DualControl.because(differs.to_string())));
        }
        let Some(keys) = self.opened(sealed) else {
            return Ok(Err(Refused::DualControl.because("the sealed keys do not open under the DCO's certificate")));
        };
        if let Err(refusal) = desk.may_begin(order, None)? {
            return Ok(Err(refusal));
        }
        let package = &desk.held(order)?.package;
        let in_force = package.in_force();
        let Some(master) = package.master(in_force, &self.custody)? else { return Ok(Err(no_key(in_force))) };
        let master = key(master.expose())?;
        let fill = |encryption: &Secret<16>, authentication: &Secret<16>| {
            let wrapped = [wrapped(&master, encryption.expose())?, wrapped(&master, authentication.expose())?];
            Ok::<_, DcoFault>(what.filled(&wrapped))
        };
        let forward = fill(&keys.new.encryption, &keys.new.authentication)?;
        let back = fill(&keys.smso.encryption, &keys.smso.authentication)?;
        desk.note(order, "association keys wrapped into a key transfer");
        Ok(Ok(DcoReply::Transfer { forward, back }))
    }

    /// Makes the next master key, once.
    pub(super) fn prepare_master_key(&self, order: &DcoOrder, desk: &mut Desk<'_>) -> Told {
        let open = desk.held(order)?;
        let made = open.package.make_dco_master(&self.custody)?;
        open.changed |= made;
        if made {
            desk.note(order, "next master key made");
        }
        Ok(Ok(DcoReply::Done))
    }

    /// The other master key under the one that the device holds, for its critical association: the next one forwards, the
    /// SMSO's on the way back.
    pub(super) fn fill_master_key_transfer(
        &self,
        order: &DcoOrder,
        desk: &mut Desk<'_>,
        instruction: &[u8],
        (under, not_below): (MasterKeyOf, u32),
    ) -> Told {
        let what = KeyTransfer::Master;
        if let Err(differs) = what.compare(instruction) {
            return Ok(Err(Refused::DualControl.because(differs.to_string())));
        }
        let package = &desk.held(order)?.package;
        if package.version(MasterKeyOf::Dco).is_some_and(|version| version.state == PackageState::Retired) {
            return Ok(Err(no_consent(WENT_BACK)));
        }
        let heard = match desk.may_begin(order, Some(under))? {
            Ok(heard) => heard,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let package = &desk.held(order)?.package;
        let other = match under {
            MasterKeyOf::Smso => MasterKeyOf::Dco,
            MasterKeyOf::Dco => MasterKeyOf::Smso,
        };
        let Some(held) = package.master(under, &self.custody)? else { return Ok(Err(no_key(under))) };
        let Some(new) = package.master(other, &self.custody)? else { return Ok(Err(no_key(other))) };
        let filled = what.filled(&[wrapped(&key(held.expose())?, new.expose())?]);
        let protected = self.protect(order, desk, &filled, (under, not_below), "replace the master key")?;
        if protected.is_ok() {
            desk.held(order)?.package.replacing = Some(Replacing { heard, under });
        }
        Ok(protected)
    }
}

fn key(bytes: &[u8]) -> Result<Key, DcoFault> {
    Key::of(bytes).ok_or(DcoFault::Crypto("a key"))
}

fn wrapped(under: &Key, new: &[u8]) -> Result<Vec<u8>, DcoFault> {
    wrap_key(under, &key(new)?).map(|wrapped| wrapped.to_vec()).map_err(|_| DcoFault::Crypto("key wrap"))
}
