//! Files that are not the XML that a migration file is, or larger than any.

use tern_service::ServiceFault;
use tern_testkit::FileSet;

use crate::bench::{Bench, Case, check_all, findings_of_set, place, refused};
use crate::edit::{file, raw, signed, swap, text};

const FORM: &[(&str, &str)] = &[("P-xml-form", "MCF")];
const LIMITS: &[(&str, &str)] = &[("P-xml-limits", "MCF")];

/// A case whose Common File has other bytes.
const fn form(name: &'static str, change: crate::bench::Change, says: &'static str) -> Case {
    Case { name, change, expect: FORM, says }
}

#[test]
fn files_that_are_not_the_xml_of_a_migration_file() {
    check_all(
        &Bench::new(21),
        &[
            form("DOCTYPE", |_, f| before(f, "<!DOCTYPE MigrationCommonFile>"), "document type declaration"),
            form(
                "entities within entities",
                |_, f| {
                    before(f, "<!DOCTYPE m [<!ENTITY a \"aaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>");
                    raw(f, "MCF", "<GroupID>EA", "<GroupID>&b;");
                },
                "document type declaration",
            ),
            form(
                "external entity",
                |_, f| before(f, "<!DOCTYPE m [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>"),
                "document type declaration",
            ),
            form("entity without a declaration", |_, f| raw(f, "MCF", "<GroupID>EA", "<GroupID>&ea;"), "&ea;"),
            form("reference to no character", |_, f| raw(f, "MCF", "<GroupID>EA", "<GroupID>E&#0;A"), "&#0;"),
            form("comment in content", |_, f| raw(f, "MCF", "<GroupID>EA", "<GroupID>E<!-- -->A"), "comment"),
            form(
                "comment in the signature",
                |_, f| raw(f, "MCF", "<ds:SignedInfo>", "<ds:SignedInfo><!-- -->"),
                "comment",
            ),
            form("comment behind the root", |_, f| after(f, "<!-- -->"), "comment"),
            form("processing instruction", |_, f| raw(f, "MCF", "<GroupID>", "<GroupID><?php ?>"), "processing"),
            form("style sheet", |_, f| before(f, "<?xml-stylesheet href=\"x.xsl\"?>"), "processing instruction"),
            form("XML 1.1", |_, f| before(f, "<?xml version=\"1.1\"?>"), "version=\"1.1\""),
            form(
                "another encoding declared",
                |_, f| before(f, "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>"),
                "ISO-8859-1",
            ),
            form("byte order mark", |_, f| before(f, "\u{FEFF}"), "byte order mark"),
            form("second document", |_, f| after(f, "<MigrationCommonFile/>"), "second document"),
            form("text behind the root", |_, f| after(f, "MCF"), "outside the document"),
            form("empty", |_, f| file(f, "MCF").bytes.clear(), "empty"),
            form("white space alone", |_, f| file(f, "MCF").bytes = b" \n".to_vec(), "no element"),
            form("no XML", |_, f| file(f, "MCF").bytes = b"see attachment\n".to_vec(), "not begin with an element"),
            form(
                "JSON",
                |_, f| file(f, "MCF").bytes = b"{\"MigrationHeader\":{}}".to_vec(),
                "not begin with an element",
            ),
            form("an archive", |_, f| file(f, "MCF").bytes = b"PK\x03\x04\x14\x00".to_vec(), "zip archive"),
            form("compressed", |_, f| file(f, "MCF").bytes = b"\x1F\x8B\x08\x00\x00".to_vec(), "gzip"),
            form("a web page", |_, f| file(f, "MCF").bytes = b"<!DOCTYPE html><html>".to_vec(), "document type"),
            form(
                "UTF-16, little end first",
                |_, f| {
                    let text = format!("\u{FEFF}{}", text(file(f, "MCF")));
                    file(f, "MCF").bytes = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
                },
                "UTF-16",
            ),
            form(
                "UTF-16, big end first, without a mark",
                |_, f| {
                    let text = text(file(f, "MCF"));
                    file(f, "MCF").bytes = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
                },
                "UTF-16",
            ),
            form(
                "Latin-1",
                |_, f| {
                    let at = text(file(f, "MCF")).find("<GroupID>").expect("a header");
                    file(f, "MCF").bytes.insert(at, 0xE9);
                },
                "0xE9",
            ),
            form(
                "a byte of zero",
                |_, f| {
                    let at = text(file(f, "MCF")).find("<GroupID>").expect("a header");
                    file(f, "MCF").bytes.insert(at, 0);
                },
                "U+0000",
            ),
            form("mended tags", |_, f| raw(f, "MCF", "</GroupID>", "</GroupId>"), "GroupI"),
            form("attribute twice", |_, f| raw(f, "MCF", "<GroupID>", "<GroupID a=\"1\" a=\"2\">"), "a"),
            form("undeclared prefix", |_, f| raw(f, "MCF", "<GroupID>", "<x:y/><GroupID>"), "x"),
        ],
    );
}

fn before(files: &mut [tern_testkit::RawFile], text: &str) {
    let file = file(files, "MCF");
    file.bytes = [text.as_bytes(), &file.bytes].concat();
}

fn after(files: &mut [tern_testkit::RawFile], text: &str) {
    file(files, "MCF").bytes.extend_from_slice(text.as_bytes());
}

#[test]
fn files_that_are_larger_or_deeper_than_any() {
    let many =
        |_: &Bench, f: &mut Vec<_>| raw(f, "MCF", "<GroupID>", &format!("{}<GroupID>", "<a/>".repeat(4_000_001)));
    check_all(
        &Bench::new(22),
        &[
            Case {
                name: "size",
                change: |_, f| file(f, "MCF").bytes.resize((64 << 20) + 1, b' '),
                expect: LIMITS,
                says: "too large",
            },
            Case {
                name: "depth",
                change: |_, f| raw(f, "MCF", "<GroupID>", &"<a>".repeat(31)),
                expect: LIMITS,
                says: "nested too deep",
            },
            Case {
                name: "depth without end",
                change: |_, f| raw(f, "MCF", "<GroupID>", &"<a>".repeat(1_000_000)),
                expect: LIMITS,
                says: "nested too deep",
            },
            Case {
                name: "attributes",
                change: |_, f| {
                    let attributes: String = (0..17).map(|n| format!(" a{n}=\"\"")).collect();
                    raw(f, "MCF", "<GroupID>", &format!("<GroupID{attributes}>"));
                },
                expect: LIMITS,
                says: "too many attributes",
            },
            Case {
                name: "namespaces",
                change: |_, f| {
                    let declared = |n: u32| format!("<a xmlns:a{n}=\"urn:a\" xmlns:b{n}=\"urn:b\">");
                    raw(f, "MCF", "<GroupID>", &(0..9).map(declared).collect::<String>());
                },
                expect: LIMITS,
                says: "too many namespaces",
            },
            Case {
                name: "a name",
                change: |_, f| raw(f, "MCF", "<GroupID>", &format!("<{}>", "a".repeat(300))),
                expect: LIMITS,
                says: "name is too long",
            },
            Case { name: "tags", change: many, expect: LIMITS, says: "an entry is too large" },
        ],
    );
}

#[test]
fn cut_at_many_points_and_in_every_file() {
    let bench = Bench::new(23);
    let mut system = bench.open();
    for prefix in crate::edit::THREE {
        let whole = file(&mut bench.lab.sets[0].files.clone(), prefix).bytes.len();
        let points = (1..whole).step_by(whole / 12).chain([whole - 1, whole - 20]);
        for end in points {
            let mut set = bench.lab.sets[0].clone();
            file(&mut set.files, prefix).bytes.truncate(end);
            let name = format!("{prefix} cut at {end} of {whole}");
            let found = findings_of_set(&refused(&bench, &mut system, &name, &set));
            let told: Vec<_> = found.iter().map(|f| (f.clause.as_ref(), place(f))).collect();
            assert_eq!(told, [("P-xml-form", prefix.to_owned())], "{name}: {found:?}");
            assert!(found[0].message.contains("cut short"), "{name}: {found:?}");
        }
    }
}

#[test]
fn names_that_do_not_fit_what_they_name() {
    check_all(
        &Bench::new(24),
        &[
            Case {
                name: "another counter in the name",
                change: |_, f| file(f, "MCF").name = file(f, "MCF").name.replace("_1.xml", "_7.xml"),
                expect: &[("P-schema", "MCF")],
                says: "different sets",
            },
            Case {
                name: "another group in the name",
                change: |_, f| file(f, "MGF").name = file(f, "MGF").name.replace("_EA_", "_EB_"),
                expect: &[("P-schema", "MGF")],
                says: "different sets",
            },
            Case {
                name: "another party in the name",
                change: |_, f| file(f, "MGEF").name = file(f, "MGEF").name.replace("MGEF_90-B3", "MGEF_90-B4"),
                expect: &[("P-schema", "MGEF")],
                says: "different sets",
            },
            Case {
                name: "two names changed with each other",
                change: |_, f| {
                    let (common, group) = (file(f, "MCF").name.clone(), file(f, "MGF").name.clone());
                    let (a, b) = (file(f, "MCF").bytes.clone(), file(f, "MGF").bytes.clone());
                    file(f, "MCF").bytes = b;
                    file(f, "MGF").bytes = a;
                    assert_ne!(common, group);
                },
                expect: &[("P-schema", "MCF"), ("P-schema", "MGF")],
                says: "root element",
            },
            Case {
                name: "a name that says nothing",
                change: |_, f| file(f, "MCF").name = "common.xml".to_owned(),
                expect: &[("P-xml-form", "common.xml"), ("P-set-complete", "MCF")],
                says: "does not say which",
            },
            Case {
                name: "a name in another spelling",
                change: |_, f| file(f, "MGF").name = file(f, "MGF").name.to_lowercase(),
                expect: &[("P-xml-form", "mgf"), ("P-set-complete", "MGF")],
                says: "does not say which",
            },
            Case {
                name: "an unknown group in the name",
                change: |_, f| file(f, "MCF").name = file(f, "MCF").name.replace("_EA_", "_ZZ_"),
                expect: &[("P-xml-form", "MCF"), ("P-set-complete", "MCF")],
                says: "does not say which",
            },
        ],
    );
}

#[test]
fn what_is_no_file_is_not_read_as_one() {
    let bench = Bench::new(25);
    let mut system = bench.open();
    let good = &bench.lab.sets[0];
    let folder = tempfile::tempdir().expect("a folder");
    for file in &good.files {
        let path = folder.path().join(&file.name);
        if file.name.starts_with("MGF_") {
            std::fs::create_dir(path).expect("a folder");
        } else {
            std::fs::write(path, &file.bytes).expect("written");
        }
    }
    let found = FileSet::find(folder.path()).expect("a set");
    let [set] = found.as_slice() else { panic!("{} sets", found.len()) };
    let told = findings_of_set(&refused(&bench, &mut system, "a folder in a file's place", set));
    let [finding] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!((finding.clause.as_ref(), place(finding).as_str()), ("P-set-complete", "MGF"));
    let empty = tempfile::tempdir().expect("a folder");
    for dir in [empty.path().to_owned(), empty.path().join("nowhere")] {
        let fault = FileSet::find(&dir).expect_err("no set");
        let told =
            matches!(fault, ServiceFault::NoSet { .. } if dir.exists()) || matches!(fault, ServiceFault::File { .. });
        assert!(told, "{fault:?}");
        assert!(!fault.to_string().is_empty() && !fault.suggestion().is_empty());
    }
}

#[test]
fn what_the_schema_does_not_have() {
    check_all(
        &Bench::new(26),
        &[
            Case {
                name: "another namespace",
                change: |b, f| signed(b, f, "MCF", |t| t.replace("smets1-migration:1.2", "smets1-migration:1.3")),
                expect: &[("P-schema", "MCF MigrationCommonFile")],
                says: "namespace",
            },
            Case {
                name: "an element too many",
                change: |b, f| signed(b, f, "MGF", |t| swap(t, "<IMSI>", "<ICCID>1</ICCID><IMSI>")),
                expect: &[("P-schema", "MGF MigrationGroupFile/Installation[1]/CHFDetails")],
                says: "ICCID",
            },
            Case {
                name: "an element in a place of its own",
                change: |b, f| {
                    signed(b, f, "MCF", |t| {
                        let counter = crate::edit::part(t, "FileCounter");
                        swap(&t.replace(&counter, ""), "<GroupID>", &format!("{counter}<GroupID>"))
                    });
                },
                expect: &[("P-schema", "MCF MigrationCommonFile/MigrationHeader")],
                says: "GroupID",
            },
            Case {
                name: "an attribute",
                change: |b, f| signed(b, f, "MCF", |t| swap(t, "<GroupID>", "<GroupID draft=\"yes\">")),
                expect: &[("P-schema", "MCF MigrationCommonFile/MigrationHeader/GroupID")],
                says: "draft",
            },
            Case {
                name: "a group that nobody knows",
                change: |b, f| signed(b, f, "MCF", |t| swap(t, "<GroupID>EA", "<GroupID>ZZ")),
                expect: &[("P-schema", "MCF MigrationCommonFile/MigrationHeader/GroupID")],
                says: "ZZ",
            },
            Case {
                name: "a counter beyond all",
                change: |b, f| {
                    signed(b, f, "MCF", |t| swap(t, "<FileCounter>1<", "<FileCounter>9007199254740992<"));
                },
                expect: &[("P-schema", "MCF MigrationCommonFile/MigrationHeader/FileCounter")],
                says: "more than",
            },
            Case {
                name: "a day that there is not",
                change: |b, f| signed(b, f, "MCF", |t| swap(t, "2021-03-02T", "2021-02-30T")),
                expect: &[("P-schema", "MCF MigrationCommonFile/MigrationHeader/CreationDateTime")],
                says: "2021-02-30",
            },
        ],
    );
}
