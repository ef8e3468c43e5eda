//! The parts of XML Signature and XML Encryption that stand in migration files.
//!
//! Their shape is described here so that the XSDs have it and a document of another shape is refused; what they mean (which
//! algorithms, whose key) is for `dsig` and `xenc` to judge. The descriptions are our own and hold only what the profile uses.

use roxmltree::Node;
use tern_model::Grade;

use super::{
    Attribute, Base, ComplexType, Content, Element, Facet, Field, Namespace, Occurs, Reader, SchemaVersion, SimpleType,
};
use crate::xml::exclusive_text;

/// An `xenc:EncryptedData` element as it stands in a document, complete with the namespace declarations that it needs:
/// its exclusive canonical form.
///
/// Only the recipient can open it, and what is not the recipient's is never looked into.
#[derive(Clone, PartialEq, Eq)]
pub struct EncryptedBlob(String);

impl EncryptedBlob {
    /// Takes the text of an `xenc:EncryptedData` element that `xenc` wrote.
    #[must_use]
    pub fn new(element: String) -> EncryptedBlob {
        EncryptedBlob(element)
    }

    /// The element's text.
    #[must_use]
    pub fn as_xml(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for EncryptedBlob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "EncryptedBlob({} bytes)", self.0.len())
    }
}

impl Element for EncryptedBlob {
    const CONTENT: Content = Content::Complex(&ENCRYPTED_DATA);

    fn read(reader: &mut Reader<'_>, node: Node<'_, '_>) -> Option<Self> {
        reader.check_complex(node, &ENCRYPTED_DATA).then(|| EncryptedBlob(exclusive_text(node)))
    }

    fn write(&self, _name: &str, out: &mut String) {
        out.push_str(&self.0);
    }
}

const fn field(element: &'static str, content: Content, occurs: Occurs, doc: &'static str) -> Field {
    Field { element, content, occurs, doc, grade: Grade::Project, source: "", since: SchemaVersion::Before12 }
}

const fn part(
    namespace: Namespace,
    name: &'static str,
    doc: &'static str,
    attributes: &'static [Attribute],
    fields: &'static [Field],
) -> ComplexType {
    ComplexType { name, namespace, doc, attributes, fields, signed: false, since: SchemaVersion::Before12 }
}

const URI: SimpleType = SimpleType {
    name: None,
    base: Base::Token,
    facets: &[Facet::MaxLength(256)],
    expected: "a URI of at most 256 characters",
};
const BASE64: SimpleType =
    SimpleType { name: None, base: Base::Base64Binary, facets: &[Facet::MinLength(1)], expected: "bytes in base64" };
const NAME: SimpleType = SimpleType {
    name: None,
    base: Base::Token,
    facets: &[Facet::MinLength(1), Facet::MaxLength(256)],
    expected: "an issuer name of 1 to 256 characters",
};
const SERIAL: SimpleType = SimpleType {
    name: None,
    base: Base::Token,
    facets: &[Facet::Pattern("[0-9]{1,39}")],
    expected: "a serial number of 1 to 39 decimal digits",
};
const ALGORITHM: &[Attribute] = &[Attribute { name: "Algorithm", value: &URI, required: true }];

const DS: Namespace = Namespace::Signature;
const XENC: Namespace = Namespace::Encryption;

/// `ds:Signature`, the last child of every signed root.
pub const SIGNATURE_FIELD: Field =
    field("Signature", Content::Complex(&SIGNATURE), Occurs::ONE, "The sender's signature over the whole file.");

static SIGNATURE: ComplexType = part(
    DS,
    "SignatureType",
    "An enveloped signature by the profile: ECDSA P-256 over inclusive canonical XML.",
    &[],
    &[
        field("SignedInfo", Content::Complex(&SIGNED_INFO), Occurs::ONE, "What is signed."),
        field("SignatureValue", Content::Simple(&BASE64), Occurs::ONE, "r and s, 32 bytes each."),
        field(
            "KeyInfo",
            Content::Complex(&SIGNATURE_KEY_INFO),
            Occurs::ONE,
            "The signer's certificate, by issuer and serial.",
        ),
    ],
);
static SIGNED_INFO: ComplexType = part(
    DS,
    "SignedInfoType",
    "The algorithms and the digest.",
    &[],
    &[
        field(
            "CanonicalizationMethod",
            Content::Complex(&METHOD),
            Occurs::ONE,
            "Exclusive canonical XML, of SignedInfo.",
        ),
        field("SignatureMethod", Content::Complex(&METHOD), Occurs::ONE, "ECDSA with SHA-256."),
        field("Reference", Content::Complex(&REFERENCE), Occurs::ONE, "The whole document."),
    ],
);
static METHOD: ComplexType = part(DS, "MethodType", "An algorithm without parameters.", ALGORITHM, &[]);
static REFERENCE: ComplexType = part(
    DS,
    "ReferenceType",
    "What is digested, and how.",
    &[Attribute { name: "URI", value: &URI, required: true }],
    &[
        field("Transforms", Content::Complex(&TRANSFORMS), Occurs::ONE, "What is left out."),
        field("DigestMethod", Content::Complex(&METHOD), Occurs::ONE, "SHA-256."),
        field("DigestValue", Content::Simple(&BASE64), Occurs::ONE, "The digest."),
    ],
);
static TRANSFORMS: ComplexType = part(
    DS,
    "TransformsType",
    "Exactly one transform.",
    &[],
    &[field("Transform", Content::Complex(&METHOD), Occurs::ONE, "The signature itself is left out.")],
);
static SIGNATURE_KEY_INFO: ComplexType = part(
    DS,
    "KeyInfoType",
    "Names a key: a signer's or recipient's certificate, or a key that was transported beside the data.",
    &[],
    &[
        field(
            "X509Data",
            Content::Complex(&X509_DATA),
            Occurs::OPTIONAL,
            "A certificate, of the signer or the recipient.",
        ),
        field(
            "EncryptedKey",
            Content::Complex(&ENCRYPTED_KEY),
            Occurs::OPTIONAL,
            "The transported key, in xenc:EncryptedData alone.",
        ),
    ],
);
static X509_DATA: ComplexType = part(
    DS,
    "X509DataType",
    "Names a certificate.",
    &[],
    &[field("X509IssuerSerial", Content::Complex(&ISSUER_SERIAL), Occurs::ONE, "Issuer and serial number.")],
);
static ISSUER_SERIAL: ComplexType = part(
    DS,
    "X509IssuerSerialType",
    "Issuer and serial number of a certificate.",
    &[],
    &[
        field("X509IssuerName", Content::Simple(&NAME), Occurs::ONE, "RFC 2253."),
        field("X509SerialNumber", Content::Simple(&SERIAL), Occurs::ONE, "Decimal."),
    ],
);

/// `xenc:EncryptedData`.
pub(super) static ENCRYPTED_DATA: ComplexType = part(
    XENC,
    "EncryptedDataType",
    "An encrypted element and, beside it, its key for one recipient.",
    &[Attribute { name: "Type", value: &URI, required: false }],
    &[
        field("EncryptionMethod", Content::Complex(&ENCRYPTION_METHOD), Occurs::ONE, "AES-256-GCM."),
        field("KeyInfo", Content::Complex(&SIGNATURE_KEY_INFO), Occurs::ONE, "The transported key."),
        field("CipherData", Content::Complex(&CIPHER_DATA), Occurs::ONE, "The encrypted element."),
    ],
);
static ENCRYPTED_KEY: ComplexType = part(
    XENC,
    "EncryptedKeyType",
    "A content key, encrypted to one recipient.",
    &[],
    &[
        field("EncryptionMethod", Content::Complex(&ENCRYPTION_METHOD), Occurs::ONE, "RSA-OAEP."),
        field(
            "KeyInfo",
            Content::Complex(&SIGNATURE_KEY_INFO),
            Occurs::ONE,
            "The recipient's certificate, by issuer and serial.",
        ),
        field("CipherData", Content::Complex(&CIPHER_DATA), Occurs::ONE, "The encrypted key."),
    ],
);
static ENCRYPTION_METHOD: ComplexType = part(
    XENC,
    "EncryptionMethodType",
    "An algorithm.",
    ALGORITHM,
    &[field("DigestMethod", Content::Complex(&METHOD), Occurs::OPTIONAL, "The digest inside RSA-OAEP.")],
);
static CIPHER_DATA: ComplexType = part(
    XENC,
    "CipherDataType",
    "The encrypted bytes.",
    &[],
    &[field("CipherValue", Content::Simple(&BASE64), Occurs::ONE, "The bytes.")],
);
