//! Cases on which Tern and a validator differed once: each says who was right.

use crate::samples::{common_file, signed};

use super::tern;

/// The sample file with `from` replaced by `to`: whether Tern accepts it.
#[track_caller]
fn check(from: &str, to: &str, accepted: bool) {
    let text = signed(&tern_wire::schema::write(&common_file()));
    assert!(text.contains(from), "{from} is there");
    assert_eq!(tern("MigrationCommonFile", &text.replacen(from, to, 1)).is_ok(), accepted, "{to}");
}

/// Both validators were right: a type without elements is empty, and white space is content.
#[test]
fn white_space_in_an_empty_element_is_refused() {
    check("<ds:SignatureMethod Algorithm=\"b\"/>", "<ds:SignatureMethod Algorithm=\"b\"></ds:SignatureMethod>", true);
    check("<ds:SignatureMethod Algorithm=\"b\"/>", "<ds:SignatureMethod Algorithm=\"b\"> </ds:SignatureMethod>", false);
}

/// xmlschema was right: a CDATA section of no character leaves an empty element empty.
#[test]
fn an_empty_cdata_section_is_no_content() {
    let method = |content: &str| format!("<ds:SignatureMethod Algorithm=\"b\">{content}</ds:SignatureMethod>");
    check("<ds:SignatureMethod Algorithm=\"b\"/>", &method("<![CDATA[]]>"), true);
    check("<ds:SignatureMethod Algorithm=\"b\"/>", &method("<![CDATA[ ]]>"), false);
}

/// Tern is right, xmlschema 4.3 is not: white space is four characters in XML (XML 1.0, 2.3), and a no-break or an ideographic
/// space is none of them. Python's `str.split` and `str.strip`, which xmlschema uses, think otherwise. Generated documents do
/// without these characters.
#[test]
fn spaces_of_other_scripts_are_characters() {
    check("<GPF>", "<GPF>\u{a0}", false);
    check("<GPF>", "<GPF>\u{3000}", false);
    check("<CommunicationsProvider>Provider<", "<CommunicationsProvider>\u{a0}<", true);
    let wide = "\u{3000}".repeat(64);
    check("<CommunicationsProvider>Provider<", &format!("<CommunicationsProvider>{wide}<"), true);
    check("<CommunicationsProvider>Provider<", &format!("<CommunicationsProvider>{wide}\u{3000}<"), false);
}

/// Attributes of the xsi namespace are the one place where Tern asks for more than its schemas can say: XML Schema lets them
/// stand on every element.
#[test]
fn attributes_of_the_instance_namespace_are_refused() {
    let xsi = "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";
    check("<GPF>", &format!("<GPF {xsi}>"), true);
    check("<GPF>", &format!("<GPF {xsi} xsi:nil=\"false\">"), false);
    check("<GPF>", &format!("<GPF {xsi} xsi:schemaLocation=\"a b\">"), false);
}

/// Tern is right: a year may have more than four digits in XML Schema (xs:dateTime), and ours may not, by a pattern. xmlschema 4.3 asks
/// the type before the pattern, and raises `OverflowError` for a year that is longer than its own numbers.
#[test]
fn a_year_beyond_all() {
    for year in ["12021", "99999999999999999999999999999999999999999"] {
        check("<CreationDateTime>2021-", &format!("<CreationDateTime>{year}-"), false);
    }
}

/// Tern is right by XML 1.0's fifth edition, which lets nearly every character stand in a name; libxml2 keeps to it too. expat, with
/// which xmlschema reads, keeps to the fourth and calls the file malformed. Both refuse it, for no name of the schema has such
/// characters.
#[test]
fn a_name_by_the_fifth_edition_is_no_name_of_the_schema() {
    for name in ["xmln\u{feff}s", "\u{ff22}", "a\u{1f600}"] {
        check("<GPF>", &format!("<GPF {name}=\"\">"), false);
        check("<GPF>", &format!("<{name}/><GPF>"), false);
        check("<GPF>", &format!("<GPF xmlns:{name}=\"urn:x\">"), true);
    }
}
