//! The SMSO's export in plaintext, which the Requesting Party may be given for EB and EC alone (11.1).
//!
//! Whoever holds one of these holds device keys: no Debug, no comparison, no copies, and nothing of its text is told. The
//! Requesting Party encrypts it at once ([`PlaintextInstallation::encrypted`]) and goes on as with every other export.

use std::io::Read;

use memchr::memmem;
use tern_model::{ChfIdentifier, GroupId};
use zeroize::Zeroizing;

use super::open::{Claim, SignedFile};
use super::smso_export::export_entry;
use super::{
    Chf, ChfDetails, DecryptedMasterKey, DecryptedS1spDpGroupInformation, DecryptedS1spGroupInformation,
    EncryptedBlobHolder, EncryptedMasterKey, EsmeDetail, ExportInstallation, ExportMeter, FileKind, Gpf,
    GroupInformation, GsmeDetail, Ihd, Ppmid, SmsoExportHeader,
};
use crate::describe;
use crate::schema::{EncryptedBlob, Message, MessageDescription, Quoting, SchemaVersion, Text, write_in};
use crate::smki::Certificate;
use crate::xenc::{self, EncryptFault};

describe! {
    /// An export from the SMETS1 SMSO to the Requesting Party with device keys in the clear: EB and EC alone.
    pub struct SmsoPlaintextExport signed [v1_2] {
        /// What names the export.
        "SMSOExportHeader" smso_export_header: SmsoExportHeader, P;
        /// One entry per installation.
        "Installation" installations: Vec<PlaintextInstallation> [1..=100_000], P;
    }
}

export_entry! {
    /// One installation with its keys in the clear.
    pub struct PlaintextInstallation [v1_2] {
        /// Keys for the S1SP.
        "DecryptedS1SPDPGroupInformation" group_information: DecryptedS1spDpGroupInformation, P;
        /// The ESME's master key, for the DCO.
        "DecryptedMasterKey" master_key: DecryptedMasterKey, P;
    }
}

impl PlaintextInstallation {
    /// The entry as an encrypted export of the group has it, its keys encrypted each to its recipient and those for the S1SP in the
    /// structure that the group asks for, by a schema version that has it; the plaintext is wiped.
    ///
    /// # Errors
    /// [`EncryptFault`].
    pub fn encrypted(
        self,
        (version, group): (SchemaVersion, GroupId),
        s1sp: &Certificate,
        dco: &Certificate,
    ) -> Result<ExportInstallation, EncryptFault> {
        let group_information = GroupInformation::from(self.group_information).write(version, group);
        let encrypted_s1sp_group_information = encrypt(&group_information, s1sp)?;
        let encrypted_master_key = EncryptedMasterKey {
            device_id: self.esme.device_id,
            encrypted_key: encrypt(&Zeroizing::new(write_in(version, &self.master_key)), dco)?,
        };
        Ok(ExportInstallation {
            chf_identifier: self.chf_identifier,
            communications_provider: self.communications_provider,
            chf: self.chf,
            gpf: self.gpf,
            esme: self.esme,
            gsme: self.gsme,
            ppmids: self.ppmids,
            ihds: self.ihds,
            chf_details: self.chf_details,
            esme_detail: self.esme_detail,
            gsme_detail: self.gsme_detail,
            encrypted_s1sp_group_information,
            encrypted_master_key,
        })
    }
}

fn encrypt(plaintext: &str, recipient: &Certificate) -> Result<EncryptedBlobHolder, EncryptFault> {
    xenc::encrypt(plaintext, recipient).map(|blob| EncryptedBlobHolder { encrypted_data: EncryptedBlob::new(blob) })
}

/// Whether bytes, to their end, name an element that stands nowhere but where keys are in the clear: then nothing of them may be told,
/// whatever they are called, and whole or cut. What is read is wiped.
///
/// # Errors
/// They cannot be read.
pub fn names_keys(mut from: impl Read) -> std::io::Result<bool> {
    const NAMES: [&str; 7] = [
        SmsoPlaintextExport::MESSAGE.root,
        DecryptedS1spGroupInformation::MESSAGE.root,
        DecryptedS1spDpGroupInformation::MESSAGE.root,
        DecryptedMasterKey::MESSAGE.root,
        "AuthenticationKey",
        "EncryptionKey",
        "PrepaymentKey",
    ];
    const READ_BYTES: usize = 64 << 10;
    // As much of what came before is kept as may be the beginning of a name.
    const KEPT_BYTES: usize = 64;
    let finders = NAMES.map(|name| memmem::Finder::new(name.as_bytes()));
    let mut bytes = Zeroizing::new(vec![0; KEPT_BYTES + READ_BYTES]);
    let mut kept = 0;
    loop {
        let read = match from.read(&mut bytes[kept..kept + READ_BYTES]) {
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        let seen = kept + read;
        if finders.iter().any(|finder| finder.find(&bytes[..seen]).is_some()) {
            return Ok(true);
        }
        if read == 0 {
            return Ok(false);
        }
        kept = seen.min(KEPT_BYTES);
        bytes.copy_within(seen - kept..seen, 0);
    }
}

impl Message for SmsoPlaintextExport {
    const MESSAGE: MessageDescription = MessageDescription {
        root: "SMSOPlaintextExport",
        content: &Self::TYPE,
        files: &[FileKind::SmsoPlaintextExport],
    };
    const QUOTING: Quoting = Quoting::Hidden;
}

impl SignedFile for SmsoPlaintextExport {
    fn claim(&self) -> Claim {
        Claim::smso(&self.smso_export_header)
    }
}
