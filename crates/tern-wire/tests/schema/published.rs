//! The published XSDs load in tools that we did not write, and say one thing about each name.
use std::collections::HashMap;
use std::process::Command;

use tern_outside::{has, python_with};
use tern_wire::schema::publish::{complex_types, simple_types, xsd, xsd_file_name};
use tern_wire::schema::{Content, Namespace};

use crate::support::published;

#[test]
fn xmllint_loads_every_schema() {
    if !has("xmllint_loads_every_schema", "xmllint") {
        return;
    }
    let root = published("xmllint");
    let empty = root.join("empty.xml");
    std::fs::write(&empty, "<none/>").expect("can be written");
    for namespace in Namespace::ALL {
        let path = root.join("schemas").join(xsd_file_name(namespace));
        let output = Command::new("xmllint").arg("--noout").arg("--schema").arg(&path).arg(&empty).output();
        let said = String::from_utf8_lossy(&output.expect("runs").stderr).into_owned();
        // 3 would be a document that is not valid, 5 a schema that does not compile.
        assert!(said.contains("No matching global declaration available for the validation root"), "{said}");
        assert!(!said.contains("failed to compile"), "{said}");
    }
}

#[test]
fn python_loads_every_schema() {
    let Some(python) = python_with("xmlschema", "python_loads_every_schema") else { return };
    let root = published("python");
    for namespace in Namespace::ALL {
        let path = root.join("schemas").join(xsd_file_name(namespace));
        let script =
            "import sys, xmlschema; s = xmlschema.XMLSchema(sys.argv[1]); print(len(s.elements), s.target_namespace)";
        let output = Command::new(&python).args(["-c", script]).arg(&path).output().expect("runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(String::from_utf8_lossy(&output.stdout).trim().ends_with(namespace.uri()));
    }
}

#[test]
fn a_type_name_means_one_thing() {
    let mut seen: HashMap<(Namespace, String), String> = HashMap::new();
    for complex in complex_types() {
        assert!(
            seen.insert((complex.namespace, complex.name.into()), format!("{complex:?}")).is_none(),
            "{}",
            complex.name
        );
        let mut elements: Vec<_> = complex.particles().map(|f| f.element).collect();
        elements.sort_unstable();
        assert!(elements.windows(2).all(|pair| pair[0] != pair[1]), "{}: an element is listed twice", complex.name);
        for field in complex.particles() {
            assert!(!field.doc.trim().is_empty() && field.occurs.min <= field.occurs.max && field.occurs.max > 0);
            let Content::Simple(simple) = field.content else { continue };
            let Some(name) = simple.name else { continue };
            let described = format!("{simple:?}");
            let known = seen.entry((Namespace::Migration, name.into())).or_insert_with(|| described.clone());
            assert_eq!(*known, described, "{name} has two descriptions");
        }
    }
    assert!(simple_types().len() > 10);
}

#[test]
fn every_element_is_in_its_schema_with_its_facets() {
    let text = xsd(Namespace::Migration);
    for needle in [
        "name=\"CriticalSupplierCertificateID\"",
        "ref=\"xenc:EncryptedData\"",
        "maxOccurs=\"100000\"",
        "stated, S002 8",
    ] {
        assert!(text.contains(needle), "{needle}");
    }
}
