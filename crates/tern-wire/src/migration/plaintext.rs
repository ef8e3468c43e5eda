//! What stands inside encrypted blobs. Whoever holds one of these holds device keys: no Debug, no comparison, no copies.

use tern_model::{ChfIdentifier, DeviceId};

use super::ExportReference;
use crate::describe;
use crate::schema::{Message, MessageDescription, Quoting, SecretText};

describe! {
    /// The S1SP's plaintext for GroupIDs AA, BA, CA, CB and DA (DA: P).
    pub struct DecryptedS1spGroupInformation {
        /// The installation that the keys belong to: must be the entry's own.
        "CHFIdentifier" chf_identifier: ChfIdentifier, P;
        /// The export that the keys came with.
        "SMSOExportReference" smso_export_reference: ExportReference, P;
        /// The ESME's keys.
        "ESMEDetail" esme_detail: EsmeAssociationKeys, P;
        /// The GSME's key, where there is one.
        "GSMEDetail" gsme_detail: Option<GsmePrepaymentKey>, P;
    }
}

describe! {
    /// The keys of the ESME, in no association of a name. A rule judges their format.
    pub struct EsmeAssociationKeys {
        /// The ESME's Device ID.
        "DeviceID" device_id: DeviceId, P;
        /// 16 bytes as 32 hexadecimal digits.
        "AuthenticationKey" authentication_key: SecretText, P;
        /// 16 bytes as 32 hexadecimal digits.
        "EncryptionKey" encryption_key: SecretText, P;
        /// 16 bytes as 32 hexadecimal digits.
        "PrepaymentKey" prepayment_key: SecretText, P;
    }
}

describe! {
    /// The GSME's key. A rule judges its format.
    pub struct GsmePrepaymentKey {
        /// The GSME's Device ID.
        "DeviceID" device_id: DeviceId, P;
        /// 16 bytes as 32 hexadecimal digits.
        "PrepaymentKey" prepayment_key: SecretText, P;
    }
}

describe! {
    /// The S1SP's plaintext for GroupIDs EA, EB and EC.
    pub struct DecryptedS1spDpGroupInformation [v1_2] {
        /// The installation that the keys belong to: must be the entry's own.
        "CHFIdentifier" chf_identifier: ChfIdentifier, P;
        /// The export that the keys came with.
        "SMSOExportReference" smso_export_reference: ExportReference, P;
        /// The ESME's keys.
        "ESMEDetail" esme_detail: EsmeKeys, stated "S002 26";
        /// The GSME's keys, where there is one.
        "GSMEDetail" gsme_detail: Option<GsmeKeys>, stated "S002 26";
    }
}

describe! {
    /// The ESME's keys.
    pub struct EsmeKeys {
        /// The ESME's Device ID.
        "DeviceID" device_id: DeviceId, P;
        /// The keys of its high-level association.
        "HighLevelAssociation" high_level_association: HighLevelAssociation, stated "S002 26";
    }
}

describe! {
    /// The keys of the ESME's high-level association. Rule 15.8 judges their format.
    pub struct HighLevelAssociation {
        /// 16 bytes as 32 hexadecimal digits.
        "AuthenticationKey" authentication_key: SecretText, stated "S002 26";
        /// 16 bytes as 32 hexadecimal digits.
        "EncryptionKey" encryption_key: SecretText, stated "S002 26";
        /// 16 bytes as 32 hexadecimal digits.
        "PrepaymentKey" prepayment_key: SecretText, stated "S002 26";
    }
}

describe! {
    /// The GSME's keys.
    pub struct GsmeKeys {
        /// The GSME's Device ID.
        "DeviceID" device_id: DeviceId, P;
        /// Its prepayment key.
        "PrePayDetails" pre_pay_details: PrePayDetails, stated "S002 26";
    }
}

describe! {
    /// The GSME's prepayment key. Rule 15.8 judges its format.
    pub struct PrePayDetails {
        /// 16 bytes as 32 hexadecimal digits.
        "PrepaymentKey" prepayment_key: SecretText, stated "S002 26";
    }
}

describe! {
    /// The DCO's plaintext.
    pub struct DecryptedMasterKey {
        /// The installation that the key belongs to: must be the entry's own.
        "CHFIdentifier" chf_identifier: ChfIdentifier, P;
        /// The export that the key came with.
        "SMSOExportReference" smso_export_reference: ExportReference, P;
        /// The ESME's Device ID.
        "DeviceID" device_id: DeviceId, P;
        /// 16 bytes as 32 hexadecimal digits. Rule 15.7 judges its format.
        "MasterKey" master_key: SecretText, P;
    }
}

impl Message for DecryptedS1spGroupInformation {
    const MESSAGE: MessageDescription =
        MessageDescription { root: "DecryptedS1SPGroupInformation", content: &Self::TYPE, files: &[] };
    const QUOTING: Quoting = Quoting::Hidden;
}

impl Message for DecryptedS1spDpGroupInformation {
    const MESSAGE: MessageDescription =
        MessageDescription { root: "DecryptedS1SPDPGroupInformation", content: &Self::TYPE, files: &[] };
    const QUOTING: Quoting = Quoting::Hidden;
}

impl Message for DecryptedMasterKey {
    const MESSAGE: MessageDescription =
        MessageDescription { root: "DecryptedMasterKey", content: &Self::TYPE, files: &[] };
    const QUOTING: Quoting = Quoting::Hidden;
}
