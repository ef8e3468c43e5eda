//! Changes to files: as they are, or signed again so that nothing but the change is wrong.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tern_testkit::RawFile;
use tern_wire::dsig;
use tern_wire::smki::Signer;
use tern_wire::xml::{self, Sha256Sink};

use crate::bench::Bench;

pub const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
/// The files that the Requesting Party signs.
pub const THREE: [&str; 3] = ["MCF", "MGF", "MGEF"];

/// The file with this prefix.
#[track_caller]
pub fn file<'a>(files: &'a mut [RawFile], prefix: &str) -> &'a mut RawFile {
    let wanted = format!("{prefix}_");
    files.iter_mut().find(|f| f.name.starts_with(&wanted)).unwrap_or_else(|| panic!("no {prefix}"))
}

#[track_caller]
pub fn text(file: &RawFile) -> String {
    String::from_utf8(file.bytes.clone()).expect("UTF-8")
}

/// The text with its first `find` replaced; it must be there.
#[track_caller]
pub fn swap(text: &str, find: &str, replacement: &str) -> String {
    assert!(text.contains(find), "no {find}");
    text.replacen(find, replacement, 1)
}

/// Changes a file as it is; its signature stays.
#[track_caller]
pub fn raw(files: &mut [RawFile], prefix: &str, find: &str, replacement: &str) {
    let file = file(files, prefix);
    file.bytes = swap(&text(file), find, replacement).into_bytes();
}

/// Changes a file and signs it again as its sender.
#[track_caller]
pub fn signed(bench: &Bench, files: &mut [RawFile], prefix: &str, change: impl FnOnce(&str) -> String) {
    signed_by(bench.signer("requesting-party"), files, prefix, change);
}

/// The same, signed by somebody else.
#[track_caller]
pub fn signed_by(signer: &Signer, files: &mut [RawFile], prefix: &str, change: impl FnOnce(&str) -> String) {
    let file = file(files, prefix);
    let changed = change(&unsigned(&text(file)));
    file.bytes = dsig::sign(&changed, signer).expect("signs").into_bytes();
}

/// Replaces a text in each of the three files, and signs them again.
#[track_caller]
pub fn signed_all(bench: &Bench, files: &mut [RawFile], find: &str, replacement: &str) {
    for prefix in THREE {
        signed(bench, files, prefix, |text| swap(text, find, replacement));
    }
}

/// Gives the set another counter, in headers and names.
#[track_caller]
pub fn renumbered(bench: &Bench, files: &mut [RawFile], counter: &str) {
    let header = part(&text(file(files, "MCF")), "FileCounter");
    signed_all(bench, files, &header, &format!("<FileCounter>{counter}</FileCounter>"));
    for file in files {
        let (stem, _) = file.name.rsplit_once('_').expect("a name with a counter");
        file.name = format!("{stem}_{counter}.xml");
    }
}

/// The document without its signature.
#[track_caller]
pub fn unsigned(text: &str) -> String {
    text.replace(&part(text, "ds:Signature"), "")
}

/// The first element of that name, tags and all.
#[track_caller]
pub fn part(text: &str, name: &str) -> String {
    let start = [">", " "].iter().filter_map(|end| text.find(&format!("<{name}{end}"))).min();
    let start = start.unwrap_or_else(|| panic!("no {name}"));
    let end_tag = format!("</{name}>");
    let end = start + text[start..].find(&end_tag).expect("its end") + end_tag.len();
    text[start..end].to_owned()
}

/// Every element of that name that does not stand in another.
pub fn parts(text: &str, name: &str) -> Vec<String> {
    let (mut found, mut rest) = (Vec::new(), text.to_owned());
    while rest.contains(&format!("<{name}>")) || rest.contains(&format!("<{name} ")) {
        let next = part(&rest, name);
        let at = rest.find(&next).expect("itself") + next.len();
        rest.drain(..at);
        found.push(next);
    }
    found
}

/// Changes a signature's form, and gives it the digest and value that fit it then, so that its form alone is wrong.
#[track_caller]
pub fn reformed(bench: &Bench, files: &mut [RawFile], find: &str, replacement: &str) {
    reformed_with(bench, files, |text| swap(text, find, replacement));
}

#[track_caller]
pub fn reformed_with(bench: &Bench, files: &mut [RawFile], change: impl FnOnce(&str) -> String) {
    let file = file(files, "MCF");
    let template = change(&text(file));
    file.bytes = fitting(&template, bench.signer("requesting-party")).into_bytes();
}

fn fitting(template: &str, signer: &Signer) -> String {
    let tree = xml::parse("", template).expect("parses");
    let signature = tree.descendants().find(|n| n.has_tag_name((DS, "Signature"))).expect("a signature");
    let digest = xml::canonical_document(&tree, Some(signature.id()), Sha256Sink::new()).finish();
    let with_digest = with_text(template, "DigestValue", &STANDARD.encode(digest));
    let tree = xml::parse("", &with_digest).expect("parses");
    let signed_info = tree.descendants().find(|n| n.has_tag_name((DS, "SignedInfo"))).expect("SignedInfo");
    let value = signer.sign(xml::exclusive_text(signed_info).as_bytes()).expect("signs");
    with_text(&with_digest, "SignatureValue", &STANDARD.encode(value))
}

fn with_text(document: &str, name: &str, text: &str) -> String {
    let tree = xml::parse("", document).expect("parses");
    let element = tree.descendants().find(|n| n.has_tag_name((DS, name))).expect("the element");
    let inner = element.first_child().expect("its text").range();
    [&document[..inner.start], text, &document[inner.end..]].concat()
}
