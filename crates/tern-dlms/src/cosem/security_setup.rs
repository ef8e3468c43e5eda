//! Security setup (class 64): the security suite and policy of a server, its keys and its certificates.

use crate::codec::enumeration;
use crate::cosem::{Shape, enum_shape};
use crate::data::{Data, DataError};
use crate::descriptor::ClassId;

/// The class.
pub const CLASS: ClassId = ClassId(64);

/// Attribute: what protection requests and answers need, enum; in version 1 of the class a set of bits.
pub const SECURITY_POLICY: i8 = 2;
/// Attribute: the security suite, enum; 0 is AES-GCM-128 with AES-128 key wrap.
pub const SECURITY_SUITE: i8 = 3;
/// Attribute: the client's system title, octet-string.
pub const CLIENT_SYSTEM_TITLE: i8 = 4;
/// Attribute: the server's system title, octet-string.
pub const SERVER_SYSTEM_TITLE: i8 = 5;
/// Attribute: the certificates, an array of [`CertificateInfo`].
pub const CERTIFICATES: i8 = 6;

/// Method: raises the security policy, enum.
pub const SECURITY_ACTIVATE: i8 = 1;
/// Method: replaces keys, an array of [`KeyData`].
pub const KEY_TRANSFER: i8 = 2;
/// Method: agrees on keys.
pub const KEY_AGREEMENT: i8 = 3;
/// Method: makes a key pair, enum.
pub const GENERATE_KEY_PAIR: i8 = 4;
/// Method: makes a certificate signing request, enum.
pub const GENERATE_CERTIFICATE_REQUEST: i8 = 5;
/// Method: takes a certificate, octet-string with its DER.
pub const IMPORT_CERTIFICATE: i8 = 6;
/// Method: gives a certificate.
pub const EXPORT_CERTIFICATE: i8 = 7;
/// Method: removes a certificate.
pub const REMOVE_CERTIFICATE: i8 = 8;

enumeration! {
    /// key_id: which key of the server's.
    KeyId is "key id" {
        /// Protects what is for one system.
        GlobalUnicastEncryption = 0 "global unicast encryption key",
        /// Protects what is for several systems.
        GlobalBroadcastEncryption = 1 "global broadcast encryption key",
        /// Goes into every authentication tag.
        Authentication = 2 "authentication key",
        /// Wraps the others.
        Master = 3 "master key",
    }
}

enum_shape!(KeyId, "key id");

/// key_data: a new key, wrapped under the master key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyData {
    /// Which key it becomes.
    pub id: KeyId,
    /// key_wrapped: the key, wrapped (RFC 3394).
    pub wrapped: Vec<u8>,
}

enumeration! {
    /// certificate_entity: whose certificate it is.
    CertificateEntity is "certificate entity" {
        /// The server's.
        Server = 0 "server",
        /// A client's.
        Client = 1 "client",
        /// A certification authority's.
        CertificationAuthority = 2 "certification authority",
        /// Another's.
        Other = 3 "other",
    }
}

enum_shape!(CertificateEntity, "certificate entity");

enumeration! {
    /// certificate_type: what the key is for.
    CertificateType is "certificate type" {
        /// Digital signature.
        DigitalSignature = 0 "digital signature",
        /// Key agreement.
        KeyAgreement = 1 "key agreement",
        /// TLS.
        Tls = 2 "TLS",
        /// Something else.
        Other = 3 "other",
    }
}

enum_shape!(CertificateType, "certificate type");

/// certificate_info: a certificate that the server holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateInfo {
    /// Whose it is.
    pub entity: CertificateEntity,
    /// What its key is for.
    pub kind: CertificateType,
    /// serial_number: the octets of the certificate's serial number.
    pub serial_number: Vec<u8>,
    /// issuer, as the certificate has it.
    pub issuer: Vec<u8>,
    /// subject, as the certificate has it.
    pub subject: Vec<u8>,
    /// subject_alt_name, as the certificate has it; empty where it has none.
    pub subject_alt_name: Vec<u8>,
}

impl Shape for KeyData {
    fn to_data(&self) -> Data {
        Data::Structure(vec![self.id.to_data(), Data::octets(self.wrapped.clone())])
    }

    fn of_data(data: &Data) -> Result<Self, DataError> {
        let [id, wrapped] = data.as_structure()?;
        Ok(KeyData { id: KeyId::of_data(id)?, wrapped: wrapped.as_octets()?.to_vec() })
    }
}

impl Shape for CertificateInfo {
    fn to_data(&self) -> Data {
        let names = [&self.serial_number, &self.issuer, &self.subject, &self.subject_alt_name];
        let names = names.into_iter().map(|octets| Data::octets(octets.clone()));
        Data::Structure([self.entity.to_data(), self.kind.to_data()].into_iter().chain(names).collect())
    }

    fn of_data(data: &Data) -> Result<Self, DataError> {
        let [entity, kind, serial_number, issuer, subject, subject_alt_name] = data.as_structure()?;
        Ok(CertificateInfo {
            entity: CertificateEntity::of_data(entity)?,
            kind: CertificateType::of_data(kind)?,
            serial_number: serial_number.as_octets()?.to_vec(),
            issuer: issuer.as_octets()?.to_vec(),
            subject: subject.as_octets()?.to_vec(),
            subject_alt_name: subject_alt_name.as_octets()?.to_vec(),
        })
    }
}
