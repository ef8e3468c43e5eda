//! The registry, row by row, against the matrix that the DCC publishes in its npm package for makers of DUIS software, and against
//! the published schemas where they are at hand.
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tern_outside::{node_file, skip};
use tern_requests::command_variant::{self, WebService};
use tern_requests::{ALL, Srv};

/// Where Tern differs on purpose: variant, what of it, what the matrix says, why.
const DIFFERENCES: [(&str, &str, &str, &str); 8] = [
    ("4.2", "DCC Scheduled", "No", "the schema of 5.4 lists it among the variants that a schedule may name"),
    ("6.20.1", "Service Reference", "6.2", "the schemas enumerate 6.20; a number was read as a decimal fraction"),
    ("6.20.2", "Service Reference", "6.2", "the same"),
    (
        "8.2",
        "Service Request Name",
        "Read Inventory (Current and Future Suppliers may use this Service Request)",
        "the remark is no part of the name",
    ),
    ("8.14.1", "Service Request Name", "Communications Hub Status Update- Install Success", "one form for all four"),
    ("8.14.2", "Service Request Name", "Communications Hub Status Update - Install No SM WAN", "the same"),
    ("8.14.3", "Service Request Name", "Communications Hub Status Update. – Fault Return", "the same"),
    ("8.14.4", "Service Request Name", "Communications Hub Status Update – No Fault Return", "the same"),
];

const TEST: &str = "the_registry_is_the_published_matrix";

#[test]
fn the_registry_is_the_published_matrix() {
    let Some(path) = node_file("@smartdcc/duis-parser", "dist/duis-request-matrix.json", TEST) else { return };
    let text = std::fs::read_to_string(&path).expect("the package holds its matrix");
    let matrix: Value = serde_json::from_str(&text).expect("JSON");
    let rows = rows(&matrix);
    let mut wrong = Vec::new();
    let mut met = Vec::new();
    for srv in ALL {
        let Some(row) = rows.get(srv.number) else {
            wrong.push(format!("{}: not in the matrix", srv.number));
            continue;
        };
        for (column, ours) in columns(srv) {
            let theirs = said(&row[column]);
            let known = DIFFERENCES.iter().find(|(number, what, ..)| *number == srv.number && *what == column);
            match known {
                Some((.., matrix_says, _)) if *matrix_says == theirs && ours != theirs => {
                    met.push((srv.number, column))
                }
                Some(_) => {
                    wrong.push(format!("{} {column}: listed as different, and {theirs:?} to {ours:?}", srv.number))
                }
                None if ours == theirs => {}
                None => wrong.push(format!("{} {column}: ours {ours:?}, the matrix {theirs:?}", srv.number)),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(rows.len(), ALL.len(), "as many rows as variants");
    assert_eq!(met.len(), DIFFERENCES.len(), "every listed difference is there: {met:?}");
}

fn rows(matrix: &Value) -> BTreeMap<String, &Value> {
    let rows: Vec<&Value> = match matrix {
        Value::Array(rows) => rows.iter().collect(),
        Value::Object(rows) => rows.values().collect(),
        _ => panic!("the matrix is neither list nor object"),
    };
    rows.into_iter().map(|row| (said(&row["Service Reference Variant"]), row)).collect()
}

/// A cell as one line, lists in the order of their words.
fn said(cell: &Value) -> String {
    match cell {
        Value::Array(items) => {
            let mut words: Vec<String> = items.iter().map(said).collect();
            words.sort();
            words.join(" ")
        }
        Value::String(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

fn columns(srv: &Srv) -> [(&'static str, String); 8] {
    let yes = |said: bool| if said { "Yes" } else { "No" }.to_owned();
    let mut roles: Vec<&str> = srv.roles.iter().map(|role| role.as_str()).collect();
    roles.sort_unstable();
    let dating = match srv.future_dating.as_str() {
        "-" => "No",
        other => other,
    };
    [
        ("Service Request Name", srv.name.to_owned()),
        ("Service Reference", srv.reference().to_owned()),
        ("Critical", yes(srv.critical)),
        ("On Demand", yes(srv.on_demand)),
        ("Future Dated Response Pattern", dating.to_owned()),
        ("DCC Scheduled", yes(srv.schedulable)),
        ("Non-Device Request", yes(srv.is_non_device())),
        ("Eligible User Roles", roles.join(" ")),
    ]
}

/// The package keeps these in a program, which is asked.
#[test]
fn the_command_variants_are_the_published_ones() {
    const TEST: &str = "the_command_variants_are_the_published_ones";
    const SCRIPT: &str = "const { lookupCV } = require(process.argv[1])
        console.log(JSON.stringify([1, 2, 3, 4, 5, 6, 7, 8].map((number) => lookupCV(number))))";
    let Some(package) = node_file("@smartdcc/duis-parser", "", TEST) else { return };
    let Ok(out) = Command::new("node").args(["-e", SCRIPT]).arg(package).output() else { return skip(TEST, "node") };
    let theirs: Vec<Value> = serde_json::from_slice(&out.stdout).expect("JSON");
    let published = |service| match service {
        WebService::Transform => "Transform Service",
        WebService::SendCommand => "Send Command Service",
        WebService::NonDevice => "Non-Device Service",
    };
    let ours =
        command_variant::ALL.iter().map(|row| (row.number.to_string(), published(row.service).to_owned(), row.words));
    for ((number, service, words), theirs) in ours.zip(&theirs) {
        assert_eq!((number, service), (said(&theirs["number"]), said(&theirs["webService"])));
        assert!(words.starts_with(&said(&theirs["input"])), "{words}: {theirs}");
    }
    assert_eq!(theirs.len(), command_variant::ALL.len());
}

#[test]
fn bodies_and_answers_are_elements_of_the_published_schemas() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference/duis");
    for version in ["5.0", "5.4"] {
        let schemas: String = texts(&folder.join(version)).concat();
        if schemas.is_empty() {
            println!("SKIPPED bodies_and_answers_are_elements_of_the_published_schemas: schemas of {version} missing");
            continue;
        }
        let names = |name: &str| schemas.contains(&format!("name=\"{name}\""));
        for srv in ALL {
            assert!(names(srv.body), "{version} {}: {}", srv.number, srv.body);
            if let Some(answer) = srv.response_body() {
                assert!(names(&answer), "{version} {}: {answer}", srv.number);
            }
        }
        let answers: std::collections::BTreeSet<_> = ALL.iter().filter_map(Srv::response_body).collect();
        assert_eq!(answers.len(), 112);
    }
}

/// Every schema below a folder.
fn texts(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut texts = Vec::new();
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            texts.extend(self::texts(&path));
        } else if path.extension().is_some_and(|e| e == "xsd") {
            texts.extend(std::fs::read_to_string(&path));
        }
    }
    texts
}
