//! Orders of devices that prove their master key by a challenge, and take wrapped keys without an instruction around them.

use tern_wire::device_link::{master_key_proof, wrap_key};
use tern_wire::role_link::{
    AssociationKeyTransfer, DcoOrder, DcoReply, MasterKeyOf, WrappedAssociationKeys, WrappedMasterKey,
};

use super::{Dco, Desk, Told, fixed, no_consent};
use crate::fault::DcoFault;
use crate::package::Package;

const NO_KEY: DcoFault = DcoFault::Crypto("key package");

impl Dco {
    pub(super) fn verify_proof(&self, package: &Package, challenge: &[u8; 16], proof: &[u8; 32]) -> Told {
        let master = package.master(MasterKeyOf::Smso, &self.custody)?.ok_or(NO_KEY)?;
        let expect = master_key_proof(&fixed(&master)?, package.device, challenge);
        Ok(match aws_lc_rs::constant_time::verify_slices_are_equal(&expect, proof) {
            Ok(()) => Ok(DcoReply::MasterKeyHolds),
            Err(_) => Err(no_consent("the device does not hold the master key that the migration file gave")),
        })
    }

    /// Opens what the S1SP sealed for the DCO; none where it does not open.
    pub(super) fn opened(&self, sealed: &[u8]) -> Option<AssociationKeyTransfer> {
        self.decrypter.decrypt_oaep_sha1(sealed).ok().and_then(|bytes| AssociationKeyTransfer::from_bytes(&bytes))
    }

    pub(super) fn wrap_association_keys(&self, package: &Package, sealed: &[u8]) -> Told {
        let Some(keys) = self.opened(sealed) else {
            return Ok(Err(no_consent("the sealed keys do not open under the DCO's certificate")));
        };
        let master = fixed(&package.master(package.in_force(), &self.custody)?.ok_or(NO_KEY)?)?;
        let wrap = |key| wrap_key(&master, key).ok_or(DcoFault::Crypto("key wrap"));
        Ok(Ok(DcoReply::AssociationKeys(WrappedAssociationKeys {
            new_authentication: wrap(&keys.new.authentication)?,
            new_encryption: wrap(&keys.new.encryption)?,
            smso_authentication: wrap(&keys.smso.authentication)?,
            smso_encryption: wrap(&keys.smso.encryption)?,
        })))
    }

    pub(super) fn prepare_master_key(&self, order: &DcoOrder, desk: &mut Desk<'_>) -> Told {
        let open = desk.held(order)?;
        let made = open.package.make_dco_master(&self.custody)?;
        open.changed |= made;
        let reply = self.wrap_master_keys(&open.package)?;
        if made {
            desk.note(order, "next master key made");
        }
        Ok(Ok(DcoReply::MasterKey(reply)))
    }

    fn wrap_master_keys(&self, package: &Package) -> Result<WrappedMasterKey, DcoFault> {
        let smso = fixed(&package.master(MasterKeyOf::Smso, &self.custody)?.ok_or(NO_KEY)?)?;
        let dco = fixed(&package.master(MasterKeyOf::Dco, &self.custody)?.ok_or(NO_KEY)?)?;
        let mut challenge = [0; 16];
        aws_lc_rs::rand::fill(&mut challenge).map_err(|_| DcoFault::Crypto("random"))?;
        Ok(WrappedMasterKey {
            forward: wrap_key(&smso, &dco).ok_or(DcoFault::Crypto("key wrap"))?,
            back: wrap_key(&dco, &smso).ok_or(DcoFault::Crypto("key wrap"))?,
            challenge,
            proof_dco: master_key_proof(&dco, package.device, &challenge),
            proof_smso: master_key_proof(&smso, package.device, &challenge),
        })
    }
}
