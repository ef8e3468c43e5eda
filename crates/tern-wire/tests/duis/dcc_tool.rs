//! The DCC's own public signing tool, run as a program: it signs what Tern reads, and accepts what Tern signs. Both with certificates of
//! Tern's own infrastructure.
use std::path::{Path, PathBuf};

use tern_model::Eui64;
use tern_outside::{has, node_file, run};
use tern_wire::duis::{SR, ServiceReferenceVariant};

use crate::support::{
    DEVICE, DSP, KEYS, USER, acknowledgement, dcc_alert, read_request, request, s1sp_alert, smets1_response,
    smets1_signed_response,
};

/// The tool's archive, where Java and the package are.
fn archive(test: &str) -> Option<PathBuf> {
    has(test, "java").then(|| node_file("@smartdcc/duis-sign-wrap", "dist/tool.jar", test)).flatten()
}

fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, party) in [("user", &KEYS.user), ("dsp", &KEYS.dsp), ("s1sp", &KEYS.s1sp)] {
        std::fs::write(dir.path().join(format!("{name}.pem")), party.certificate.to_pem()).unwrap();
        std::fs::write(dir.path().join(format!("{name}.key")), &party.key_pem).unwrap();
    }
    dir
}

/// Runs one of the tool's programs in a folder.
fn tool(archive: &Path, dir: &Path, program: &str, arguments: &[&str]) -> (bool, String) {
    let class = format!("uk.co.smartdcc.boxed.xmldsig.{program}");
    let archive = archive.to_str().unwrap();
    run(dir, "java", &[&["-XX:TieredStopAtLevel=1", "-Xshare:auto", "-cp", archive, &class], arguments].concat())
}

/// As its users write requests: by hand, with white space, one prefix.
fn unsigned(cv: u8, srv: &str, target: Eui64, body: &str) -> String {
    let service: ServiceReferenceVariant = srv.parse().unwrap();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<sr:Request xmlns:sr=\"{SR}\" schemaVersion=\"5.1\">\n  <sr:Header>\n    \
         <sr:RequestID>{USER}:{target}:1772452800001</sr:RequestID>\n    <sr:CommandVariant>{cv}</sr:CommandVariant>\n    \
         <sr:ServiceReference>{}</sr:ServiceReference>\n    <sr:ServiceReferenceVariant>{srv}</sr:ServiceReferenceVariant>\n  \
         </sr:Header>\n  <sr:Body>{body}</sr:Body>\n</sr:Request>\n",
        service.reference()
    )
}

#[test]
fn tern_reads_requests_that_the_dccs_tool_signs() {
    const TEST: &str = "tern_reads_requests_that_the_dccs_tool_signs";
    let Some(archive) = archive(TEST) else { return };
    let dir = folder();
    let inventory = format!("<sr:ReadInventory><sr:DeviceID>{DEVICE}</sr:DeviceID></sr:ReadInventory>");
    let notification = format!(
        "<sr:DevicePrenotification><sr:DeviceID>{DEVICE}</sr:DeviceID><sr:DeviceManufacturer>M</sr:DeviceManufacturer>\
         <sr:DeviceModel>1</sr:DeviceModel><sr:DeviceType>ESME</sr:DeviceType></sr:DevicePrenotification>"
    );
    for (cv, srv, target, body) in [
        (1, "4.1.1", DEVICE, "<sr:ReadInstantaneousImportRegisters/>"),
        (8, "8.2", DSP, inventory.as_str()),
        (1, "11.2", DEVICE, "<sr:ReadFirmwareVersion/>"),
        (8, "12.2", DSP, notification.as_str()),
    ] {
        std::fs::write(dir.path().join("request.xml"), unsigned(cv, srv, target, body)).unwrap();
        let arguments = ["request.xml", "--preserveCounter", "user.pem", "user.key"];
        let (ok, said) = tool(&archive, dir.path(), "Sign", &arguments);
        assert!(ok && said.contains("passed xsd validation"), "{srv}: {said}");
        let from = said.find("<?xml").or_else(|| said.find("<sr:Request")).unwrap();
        let to = said.rfind("</sr:Request>").unwrap() + "</sr:Request>".len();
        let request = read_request(&said.as_bytes()[from..to]).unwrap_or_else(|refusal| panic!("{refusal:?}\n{said}"));
        assert_eq!(request.header().service_reference_variant.to_string(), srv);
        assert_eq!(request.document().sender().party.0, USER);
    }
}

#[test]
fn the_dccs_tool_accepts_what_tern_signs() {
    const TEST: &str = "the_dccs_tool_accepts_what_tern_signs";
    let Some(archive) = archive(TEST) else { return };
    let dir = folder();
    for (text, party) in [(request(), "user.pem"), (acknowledgement(), "dsp.pem")] {
        std::fs::write(dir.path().join("message.xml"), &text).unwrap();
        let (ok, said) = tool(&archive, dir.path(), "Validate", &["message.xml", party]);
        assert!(ok && said.contains("passed xsd validation"), "{said}\n{text}");
        assert!(said.contains("passed signature check"), "{said}\n{text}");
        let altered = text.replacen(":1772452800000", ":1772452800001", 1);
        std::fs::write(dir.path().join("message.xml"), altered).unwrap();
        let (ok, said) = tool(&archive, dir.path(), "Validate", &["message.xml", party]);
        assert!(!ok && !said.contains("passed signature check"), "{said}");
    }
}

/// Of two signatures the tool checks neither, and says so; its schema it asks all the same.
#[test]
fn the_dccs_tool_finds_nested_documents_valid() {
    const TEST: &str = "the_dccs_tool_finds_nested_documents_valid";
    let Some(archive) = archive(TEST) else { return };
    let dir = folder();
    for text in [smets1_response(&smets1_signed_response()), dcc_alert(&s1sp_alert())] {
        std::fs::write(dir.path().join("message.xml"), &text).unwrap();
        let (ok, said) = tool(&archive, dir.path(), "Validate", &["message.xml", "dsp.pem"]);
        assert!(ok && said.contains("passed xsd validation") && said.contains("skipped"), "{said}\n{text}");
    }
}
