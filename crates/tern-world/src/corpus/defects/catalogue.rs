//! The table. The first sentence of a line is what lists show.

use tern_model::OutcomeKind;

/// Where a defect is planted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PlantedAt {
    /// The SMSO's records or keys, or the DCC's fact records.
    Records,
    /// The simulated devices, or their fault script.
    Devices,
    /// One installation's entry in the files of a built set.
    Entry,
    /// A built set.
    Set,
    /// A set with its Common Validation File.
    Validation,
    /// A set after others of the same Requesting Party.
    History,
    /// A set, judged on an earlier day.
    Day,
    /// The line between the S1SP and the DSP.
    Line,
}

impl PlantedAt {
    /// Whether a corpus can hold it.
    #[must_use]
    pub fn is_corpus(self) -> bool {
        matches!(self, PlantedAt::Records | PlantedAt::Devices)
    }

    /// The words for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            PlantedAt::Records => "records and keys",
            PlantedAt::Devices => "devices",
            PlantedAt::Entry => "an entry of a built set",
            PlantedAt::Set => "a built set",
            PlantedAt::Validation => "the validation of a set",
            PlantedAt::History => "a set after others",
            PlantedAt::Day => "a set on an earlier day",
            PlantedAt::Line => "the line between the parties",
        }
    }
}

/// Declares the kinds: variant, name in files, place, how its installation must end, and every clause or code that must be
/// found, and no other.
macro_rules! catalogue {
    ($($(#[doc = $words:literal])+ $variant:ident = $name:literal at $place:ident ends $outcome:ident under [$($code:literal),+];)+) => {
        /// A defect: exactly its findings, and nothing else, must come of it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Defect {
            $($(#[doc = $words])+ $variant,)+
        }

        impl Defect {
            /// Every kind.
            pub const ALL: &'static [Defect] = &[$(Defect::$variant),+];

            /// The name in files.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Defect::$variant => $name,)+ }
            }

            /// What is wrong.
            #[must_use]
            pub fn words(self) -> &'static str {
                match self { $(Defect::$variant => concat!($($words),+).trim_ascii(),)+ }
            }

            /// Where it is planted.
            #[must_use]
            pub fn planted_at(self) -> PlantedAt {
                match self { $(Defect::$variant => PlantedAt::$place,)+ }
            }

            /// How its installation must end.
            #[must_use]
            pub fn outcome(self) -> OutcomeKind {
                match self { $(Defect::$variant => OutcomeKind::$outcome,)+ }
            }

            /// The clauses and codes under which it must be found, in EA, EB and EC where they can have it: all of them, and no
            /// other.
            #[must_use]
            pub fn codes(self) -> &'static [&'static str] {
                match self { $(Defect::$variant => &[$($code),+],)+ }
            }
        }
    };
}

catalogue! {
    /// The Import Supplier changes on D, D + 1 or D + 2.
    ChangeOfImportSupplier = "change-of-import-supplier" at Records ends Refused under ["5.10.10"];
    /// The Gas Supplier changes on D, D + 1 or D + 2.
    ChangeOfGasSupplier = "change-of-gas-supplier" at Records ends Refused under ["5.10.15"];
    /// The last digit of an MPAN or MPRN is wrong, in the SMSO's records and in Registration Data alike.
    MpxnCheckDigit = "mpxn-check-digit" at Records ends Refused under ["P-mpxn-check-digit"];
    /// The SMSO's MPRN is 0, or has more than ten digits without the zeros that lead it.
    MprnNotComparable = "mprn-not-comparable" at Records ends Refused under ["P-mprn-leading-zeros"];
    /// No approved EPCL entry fits.
    NotOnEpcl = "not-on-epcl" at Records ends Refused under ["MA110"];
    /// The IMSI is too short, or holds a letter.
    ImsiMalformed = "imsi-malformed" at Records ends Refused under ["15.6"];
    /// The master key's record is another installation's, or holds no key.
    MasterKeyMisplaced = "master-key-misplaced" at Records ends Refused under ["15.7"];
    /// One of the ESME's association or prepayment keys is none.
    EsmeKeyMalformed = "esme-key-malformed" at Records ends Refused under ["15.8"];
    /// One bit of one of the ESME's keys is not the device's.
    WrongKeyBit = "wrong-key-bit" at Records ends RolledBack under ["B2"];
    /// Nobody is registered for a metering point on D.
    PointNotRegistered = "point-not-registered" at Records ends Refused under ["P-mpxn-registered"];
    /// An authorisation or a notice of migration is missing, run out, or not yet over.
    NotAuthorised = "not-authorised" at Records ends Refused under ["P-authorisation"];
    /// The installation is in an excluded category.
    Excluded = "excluded" at Records ends Refused under ["P-excluded"];
    /// The SMSO configured hub and SIM too late, never tried them, or another SMSO did.
    NotConfigured = "not-configured" at Records ends Refused under ["15.2"];
    /// A device's rollback certificate cannot be used through the rollback window.
    RollbackCertificateUnusable = "rollback-certificate-unusable" at Records ends Refused under ["5.1(c)"];
    /// The Smart Metering Inventory holds the hub already.
    HubInInventory = "hub-in-inventory" at Records ends Refused under ["P-chf-inventory"];
    /// The Smart Metering Inventory holds a meter or the Gas Proxy Function already.
    DeviceInInventory = "device-in-inventory" at Records ends Refused under ["P-device-inventory"];
    /// Two devices of the installation have one Device ID.
    DeviceIdTwice = "device-id-twice" at Records ends Refused under ["P-device-unique"];
    /// The hub's device certificate is another hub's, or altered.
    ForeignDeviceCertificate = "foreign-device-certificate" at Records ends Refused under ["P-device-certificate"];
    /// IMSI or Access Point Name are well formed, and not those of the SIM.
    NotOfSim = "not-of-sim" at Records ends Refused under ["15.6"];
    /// A name of an association is not the ESME's model's, or one that commissioning needs is not named.
    ForeignAssociation = "foreign-association" at Records ends Refused under ["B1"];
    /// The GSME's prepayment key is none, or there is none.
    GasKeyMalformed = "gas-key-malformed" at Records ends Refused under ["15.8"];
    /// Whoever is recorded as having installed the gas meter is nobody to whom a PIN can be encrypted.
    InstallingSupplierUnusable = "installing-supplier-unusable" at Records ends Refused under ["3.25"];

    /// The ESME has other firmware than the SMSO's records say.
    MeterExchanged = "meter-exchanged" at Devices ends RolledBack under ["B2"];
    /// The GSME has other firmware than the SMSO's records say.
    GasMeterExchanged = "gas-meter-exchanged" at Devices ends RolledBack under ["B3"];
    /// The hub does not tell its details for the inventory.
    HubDetailsUnread = "hub-details-unread" at Devices ends RolledBack under ["B5"];
    /// The hub does not take its whitelist.
    WhitelistRefused = "whitelist-refused" at Devices ends RolledBack under ["15.11"];
    /// The ESME or the hub does not take a key or a certificate.
    SecuringFails = "securing-fails" at Devices ends RolledBack under ["B6"];
    /// On the way back a device does not take the SMSO's certificate.
    CertificateNotPutBack = "certificate-not-put-back" at Devices ends Stuck under ["15.10.3"];
    /// On the way back the hub does not take the SMSO's Access Point Name.
    WanNotPutBack = "wan-not-put-back" at Devices ends Stuck under ["15.10.4"];

    /// A supplier's certificate ID of a meter is one that nobody knows.
    SupplierCertificateUnknown = "supplier-certificate-unknown" at Entry ends Refused under ["P-certificate-supplier"];
    /// A network operator's certificate ID of a meter is one that nobody knows.
    OperatorCertificateUnknown = "operator-certificate-unknown" at Entry ends Refused under ["P-certificate-network-operator"];
    /// One file of the set names another ESME than the Common File.
    DevicesDisagree = "devices-disagree" at Entry ends Refused under ["P-devices-agree"];
    /// The keys for the S1SP or the master key for the DCO are not there.
    BlobMissing = "blob-missing" at Entry ends Refused under ["15.3"];
    /// A blob was altered, or is encrypted to another recipient.
    BlobUnreadable = "blob-unreadable" at Entry ends Refused under ["P-decryption"];
    /// What is encrypted to the S1SP is not the document that it must be.
    PlaintextInvalid = "plaintext-invalid" at Entry ends Refused under ["5.23(b)"];
    /// The keys for the S1SP are those of another entry.
    KeysMoved = "keys-moved" at Entry ends Refused under ["15.8"];
    /// The master key for the DCO is that of another entry.
    MasterKeyMoved = "master-key-moved" at Entry ends Refused under ["15.7"];

    /// A file is nested too deep, has too many attributes, or a name without end.
    BeyondLimits = "beyond-limits" at Set ends Refused under ["P-xml-limits"];
    /// A file is no XML, cut short, or holds what no migration file holds.
    NotTheXml = "not-the-xml" at Set ends Refused under ["P-xml-form"];
    /// A file has no signature, two, or one of another form.
    SignatureForm = "signature-form" at Set ends Refused under ["P-signature-profile"];
    /// A file was altered after it was signed, or bears another file's signature.
    Altered = "altered" at Set ends Refused under ["P-signature-value"];
    /// A file is signed with a certificate that nobody knows.
    SignerUnknown = "signer-unknown" at Set ends Refused under ["P-certificate"];
    /// A file is signed by a party that may not send it.
    SenderNotPermitted = "sender-not-permitted" at Set ends Refused under ["P-sender"];
    /// A file has an element, an attribute or a value that the schema does not have.
    NotInSchema = "not-in-schema" at Set ends Refused under ["P-schema"];
    /// A file follows the version of the Migration Schema before v1.2, long after that was last taken.
    WrongSchemaVersion = "wrong-schema-version" at Set ends Refused under ["P-schema-version"];
    /// A file of the set is missing, doubled, or was made at another moment.
    Incomplete = "incomplete" at Set ends Refused under ["P-set-complete"];
    /// A file lists other installations than the Common File, or in another order.
    EntriesDiffer = "entries-differ" at Set ends Refused under ["P-entries-agree"];

    /// The set comes without its Common Validation File.
    ValidationMissing = "validation-missing" at Validation ends Refused under ["15.4", "15.5"];
    /// The set comes to the S1SP without its Group File.
    GroupFileMissing = "group-file-missing" at Validation ends Refused under ["15.4"];
    /// The Common Validation File is of other files, or of other installations.
    ValidationOfOthers = "validation-of-others" at Validation ends Refused under ["P-outcome-agrees"];
    /// The Common Validation File says Invalid of an installation.
    FoundInvalid = "found-invalid" at Validation ends Refused under ["P-validated"];

    /// The set comes under a FileCounter that was used with other bytes.
    CounterReused = "counter-reused" at History ends Refused under ["P-counter"];
    /// The set comes again under another FileCounter while its installations are being migrated: hub and blobs were used.
    SentTwice = "sent-twice" at History ends Refused under ["P-duplicate-chf", "P-blob-binding"];
    /// An installation that was rolled back comes again with the same blobs.
    BlobsUsedAgain = "blobs-used-again" at History ends Refused under ["P-blob-binding"];

    /// The set comes before the TMAD covers its group.
    TooEarly = "too-early" at Day ends Refused under ["P-group"];

    /// The DSP does not answer when it is asked again, just before the first effect.
    RecheckUnanswered = "recheck-unanswered" at Line ends Refused under ["P-recheck"];
}
