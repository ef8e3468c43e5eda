//! What the S1SP's plaintext says, whichever of the two structures of Table 11.2.1 it has. Whoever holds one holds device keys.

use tern_model::{ChfIdentifier, GroupId, GroupStructure, Place, SecretBytes};
use zeroize::Zeroizing;

use super::ExportReference;
use super::open::read_plaintext;
use super::plaintext::{
    DecryptedS1spDpGroupInformation, DecryptedS1spGroupInformation, EsmeAssociationKeys, EsmeKeys, GsmeKeys,
    GsmePrepaymentKey, HighLevelAssociation, PrePayDetails,
};
use crate::WireFault;
use crate::schema::{SchemaVersion, write_in};

/// The keys that the S1SP is given for one installation.
pub struct GroupInformation {
    /// The installation that the keys belong to: must be the entry's own.
    pub chf_identifier: ChfIdentifier,
    /// The export that the keys came with.
    pub smso_export_reference: ExportReference,
    /// The ESME's.
    pub esme: EsmeAssociationKeys,
    /// The GSME's, where there is one.
    pub gsme: Option<GsmePrepaymentKey>,
}

impl GroupInformation {
    /// Decodes what was decrypted for a set of the group, as the structure that the group asks for; see [`read_plaintext`].
    ///
    /// # Errors
    /// Those of [`read_plaintext`]: another group's structure is one.
    pub fn read(place: &Place, plaintext: &SecretBytes, group: GroupId) -> Result<GroupInformation, Vec<WireFault>> {
        match group.structure() {
            GroupStructure::S1sp => read_plaintext::<DecryptedS1spGroupInformation>(place, plaintext).map(Self::from),
            GroupStructure::S1spDp => {
                read_plaintext::<DecryptedS1spDpGroupInformation>(place, plaintext).map(Self::from)
            }
        }
    }

    /// The plaintext of a set of the group, by a schema version that has its structure.
    #[must_use]
    pub fn write(self, version: SchemaVersion, group: GroupId) -> Zeroizing<String> {
        Zeroizing::new(match group.structure() {
            GroupStructure::S1sp => write_in(version, &DecryptedS1spGroupInformation::from(self)),
            GroupStructure::S1spDp => write_in(version, &DecryptedS1spDpGroupInformation::from(self)),
        })
    }
}

impl From<DecryptedS1spGroupInformation> for GroupInformation {
    fn from(told: DecryptedS1spGroupInformation) -> GroupInformation {
        GroupInformation {
            chf_identifier: told.chf_identifier,
            smso_export_reference: told.smso_export_reference,
            esme: told.esme_detail,
            gsme: told.gsme_detail,
        }
    }
}

impl From<GroupInformation> for DecryptedS1spGroupInformation {
    fn from(told: GroupInformation) -> DecryptedS1spGroupInformation {
        DecryptedS1spGroupInformation {
            chf_identifier: told.chf_identifier,
            smso_export_reference: told.smso_export_reference,
            esme_detail: told.esme,
            gsme_detail: told.gsme,
        }
    }
}

impl From<DecryptedS1spDpGroupInformation> for GroupInformation {
    fn from(told: DecryptedS1spDpGroupInformation) -> GroupInformation {
        let EsmeKeys { device_id, high_level_association: keys } = told.esme_detail;
        GroupInformation {
            chf_identifier: told.chf_identifier,
            smso_export_reference: told.smso_export_reference,
            esme: EsmeAssociationKeys {
                device_id,
                authentication_key: keys.authentication_key,
                encryption_key: keys.encryption_key,
                prepayment_key: keys.prepayment_key,
            },
            gsme: told.gsme_detail.map(|gsme| GsmePrepaymentKey {
                device_id: gsme.device_id,
                prepayment_key: gsme.pre_pay_details.prepayment_key,
            }),
        }
    }
}

impl From<GroupInformation> for DecryptedS1spDpGroupInformation {
    fn from(told: GroupInformation) -> DecryptedS1spDpGroupInformation {
        DecryptedS1spDpGroupInformation {
            chf_identifier: told.chf_identifier,
            smso_export_reference: told.smso_export_reference,
            esme_detail: EsmeKeys {
                device_id: told.esme.device_id,
                high_level_association: HighLevelAssociation {
                    authentication_key: told.esme.authentication_key,
                    encryption_key: told.esme.encryption_key,
                    prepayment_key: told.esme.prepayment_key,
                },
            },
            gsme_detail: told.gsme.map(|gsme| GsmeKeys {
                device_id: gsme.device_id,
                pre_pay_details: PrePayDetails { prepayment_key: gsme.prepayment_key },
            }),
        }
    }
}
