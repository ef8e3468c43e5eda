//! XML: guard and scanner against the parser, decoder against writer, canonical form against itself, sealed blobs.

use std::sync::LazyLock;

use tern_model::Place;
use tern_service::pki;
use tern_wire::migration::{
    CommissioningFile, DecryptedInstallingSupplierPin, DecryptedMasterKey, DecryptedS1spDpGroupInformation,
    DecryptedS1spGroupInformation, FileKind, FirmwareInstruction, InstallingSupplierPin, MigrationCommonFile,
    MigrationCommonValidationFile, MigrationGroupEncryptedFile, MigrationGroupFile, SmsoExport, SmsoPlaintextExport,
    ViabilityReport,
};
use tern_wire::schema::{Message, Quoting, read, write};
use tern_wire::smki::Decrypter;
use tern_wire::xml::{self, Limits, Texts, canonical_document, exclusive_text};
use tern_wire::{WireFault, xenc};

use super::Target;
use crate::fixtures::FIXTURES;

const WORDS: &[&str] = &[
    "<",
    ">",
    "</",
    "/>",
    "<a>",
    "</a>",
    "<a b='",
    "'",
    "\"",
    "=",
    " xmlns='u'",
    " xmlns:p='u'",
    "<p:a",
    "p:",
    "xml:",
    "xmlns",
    "<!--",
    "-->",
    "<?x",
    "?>",
    "<![CDATA[",
    "]]>",
    "<!DOCTYPE a>",
    "<!DOCTYPE a [<!ENTITY e 'x'>]>",
    "&lt;",
    "&#13;",
    "&#x9;",
    "&x;",
    "&#xD800;",
    "&#1114112;",
    "é",
    "\u{FFFE}",
    "\u{FEFF}",
    "\r\n",
    "\t",
    " ",
    "<?xml version=\"1.0\"?>",
    " encoding=\"UTF-8\"",
    " xml:space='preserve'",
    " xsi:nil='true'",
    "<Installation>",
    "</Installation>",
    "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">",
];

/// Caps that small inputs reach too.
const TIGHT: Limits = Limits {
    max_bytes: 64 << 10,
    max_depth: 12,
    max_attributes: 4,
    max_name_bytes: 64,
    max_namespaces: 5,
    max_nodes: 2_000,
    max_entry_bytes: 64 << 10,
    texts: Texts::Any,
};

fn signed_files() -> Vec<Vec<u8>> {
    FIXTURES.signed.iter().map(|file| file.text.clone().into_bytes()).collect()
}

/// Whatever passes guard and parser is within the caps, has nothing in it that was refused, and its canonical form is its own
/// canonical form.
fn guarded(bytes: &[u8], limits: &Limits) -> bool {
    let Ok(text) = xml::guard("T.xml", bytes, limits) else { return false };
    let Ok(tree) = xml::parse("T.xml", &text) else { return false };
    let told = || String::from_utf8_lossy(bytes);
    let mut nodes = 0;
    for node in tree.root().descendants().skip(1) {
        nodes += 1;
        assert!(node.is_element() || node.is_text(), "{}", told());
        let depth = node.ancestors().filter(|n| n.is_element()).count();
        assert!(depth <= limits.max_depth + usize::from(node.is_text()), "{}", told());
        let names = node.attributes().len() + node.namespaces().len();
        assert!(names <= limits.max_attributes + limits.max_namespaces, "{}", told());
    }
    assert!(nodes <= limits.max_nodes, "{}", told());
    let inclusive = canonical_document(&tree, None, String::new());
    let exclusive = exclusive_text(tree.root_element());
    for (canonical, again) in [(&inclusive, 0), (&exclusive, 1)] {
        let text = xml::guard("C.xml", canonical.as_bytes(), &Limits::DEFAULT).expect("a canonical form is XML");
        let tree = xml::parse("C.xml", &text).expect("a canonical form is well-formed");
        let forms = [canonical_document(&tree, None, String::new()), exclusive_text(tree.root_element())];
        assert!(forms[again] == *canonical, "{}", told());
    }
    true
}

#[test]
fn fuzz_xml_guard_and_parser() {
    let mut seeds = signed_files();
    seeds.push("<a xmlns='u' xmlns:p='v' b='c&#13;' p:b=''>é<![CDATA[x]]>&amp;<d/><p:e xmlns=''/></a>".into());
    seeds.push("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<é ü='ß'>\r\n<a/>&#x1F600;</é>\n".into());
    let target = Target { name: "fuzz_xml_guard_and_parser", executions: 4_000, seeds, words: WORDS };
    // By turns with the caps of the product and with such as small inputs reach.
    target.run(|bytes| guarded(bytes, &Limits::DEFAULT) | guarded(bytes, &TIGHT));
}

/// What is decoded is written, and what was written is decoded as the same; the canonical form says the same too.
fn decoded<T: Message>(text: &str, quoting: Quoting) -> bool {
    let once = |text: &str| -> Result<String, Vec<WireFault>> {
        let tree = xml::parse("T.xml", text).map_err(|fault| vec![fault])?;
        Ok(write(&read::<T>("T.xml", &tree, quoting)?.value))
    };
    match once(text) {
        Ok(written) => {
            // What is written has no signature, which the schema of a signed file asks for.
            if T::MESSAGE.files.is_empty() {
                assert_eq!(once(&written).ok(), Some(written.clone()), "{text}");
            }
            let tree = xml::parse("T.xml", text).expect("it was parsed before");
            let canonical = canonical_document(&tree, None, String::new());
            assert_eq!(once(&canonical).ok(), Some(written), "{text}");
            true
        }
        Err(faults) => {
            assert!(!faults.is_empty() && faults.len() <= 1 + tern_wire::schema::FAULTS_MAX, "{} faults", faults.len());
            for fault in faults {
                let words = [&fault.message, &fault.found, &fault.expected, &fault.suggestion];
                assert!(words.iter().all(|w| !w.trim().is_empty() && w.len() < 1_000), "{fault:?}");
            }
            false
        }
    }
}

fn decodes(bytes: &[u8]) -> bool {
    let Ok(text) = xml::guard("T.xml", bytes, &Limits::DEFAULT) else { return false };
    let Ok(tree) = xml::parse("T.xml", &text) else { return false };
    let decoder: fn(&str, Quoting) -> bool = match tree.root_element().tag_name().name() {
        "MigrationGroupFile" => decoded::<MigrationGroupFile>,
        "MigrationGroupEncryptedFile" => decoded::<MigrationGroupEncryptedFile>,
        "MigrationCommonValidationFile" => decoded::<MigrationCommonValidationFile>,
        "SMSOExport" => decoded::<SmsoExport>,
        "SMSOPlaintextExport" => decoded::<SmsoPlaintextExport>,
        "ViabilityReport" => decoded::<ViabilityReport>,
        "CommissioningFile" => decoded::<CommissioningFile>,
        "DecryptedS1SPGroupInformation" => decoded::<DecryptedS1spGroupInformation>,
        "DecryptedS1SPDPGroupInformation" => decoded::<DecryptedS1spDpGroupInformation>,
        "DecryptedMasterKey" => decoded::<DecryptedMasterKey>,
        "FirmwareInstruction" => decoded::<FirmwareInstruction>,
        "InstallingSupplierPIN" => decoded::<InstallingSupplierPin>,
        "DecryptedInstallingSupplierPIN" => decoded::<DecryptedInstallingSupplierPin>,
        _ => decoded::<MigrationCommonFile>,
    };
    decoder(&text, Quoting::Shown)
}

#[test]
fn fuzz_decoder() {
    let mut seeds = signed_files();
    seeds.extend(BLOBS.iter().map(|blob| blob.plaintext.clone()));
    Target { name: "fuzz_decoder", executions: 4_000, seeds, words: WORDS }.run(decodes);
}

/// A sealed blob, who opens it, and what is in it.
struct Blob {
    sealed: String,
    opener: Decrypter,
    plaintext: Vec<u8>,
}

static BLOBS: LazyLock<Vec<Blob>> = LazyLock::new(|| {
    let file = FIXTURES.signed.iter().find(|f| f.kind == FileKind::MigrationGroupEncryptedFile).expect("one of each");
    let tree = xml::parse("MGEF.xml", &file.text).expect("parses");
    let sealed: Vec<String> =
        tree.descendants().filter(|n| n.tag_name().name() == "EncryptedData").map(exclusive_text).collect();
    let of = |(sealed, party): (&String, &str)| {
        let opener = pki::load_decrypter(&FIXTURES.pki(), party).expect("a key");
        let plaintext = xenc::decrypt(sealed, &Place::document("blob"), &opener).expect("opens").expose().to_vec();
        Blob { sealed: sealed.clone(), opener, plaintext }
    };
    sealed.iter().zip(["s1sp", "dco"]).map(of).collect()
});

#[test]
fn fuzz_sealed_blobs() {
    let seeds = BLOBS.iter().map(|blob| blob.sealed.clone().into_bytes()).collect();
    Target { name: "fuzz_sealed_blobs", executions: 2_000, seeds, words: WORDS }.run(|bytes| {
        let Ok(text) = std::str::from_utf8(bytes) else { return false };
        let opened = |blob: &Blob| xenc::decrypt(text, &Place::document("blob"), &blob.opener).ok();
        let opened: Vec<_> = BLOBS.iter().filter_map(opened).collect();
        // Whatever opens is one of the two that were sealed, however it is spelled: nobody else seals with their content keys.
        assert!(opened.iter().all(|o| BLOBS.iter().any(|blob| blob.plaintext == o.expose())), "{text}");
        !opened.is_empty()
    });
}
