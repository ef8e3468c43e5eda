//! Our canonical forms beside libxml2's, on awkward documents and on random ones.
use std::path::Path;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tern_outside::{has, run};
use tern_wire::xml::{self, Limits};

/// Documents that canonicalisers are known to differ on. Not among them: `&` in a namespace, which libxml2 leaves
/// unescaped against Canonical XML 1.0, 2.3.
const AWKWARD: [&str; 30] = [
    "<a/>",
    "<a ></a >",
    "<?xml version=\"1.0\"?>\n\n<a/>\n\n",
    "<a b='1' a='2' B='3' A='4' _='5'/>",
    "<a>&lt;&gt;&amp;&quot;&apos;\"'&#38;&#60;&#62;</a>",
    "<a b='&lt;&gt;>&amp;&quot;&apos;\"'/>",
    "<a b=\"'&#9;&#10;&#13;&#32;\t\n\r\n\r \"/>",
    "<a>\t\n\r\n\r&#9;&#10;&#13;&#32;</a>",
    "<a>x&#65;\r</a>",
    "<a>\r&#65;</a>",
    "<a>&#13;\r\n&#13;</a>",
    "<a><![CDATA[<&>\"'\r\n]]&gt;]]>]]&gt;<![CDATA[]]></a>",
    "<a>1<![CDATA[2]]>3<b/>4<![CDATA[5]]></a>",
    "<a xml:space='preserve' xml:lang='en' lang='x'> <b xml:lang=''/> </a>",
    "<a xmlns='urn:1'><b xmlns=''><c xmlns='urn:1'/><d xmlns=''/></b></a>",
    "<a xmlns=''><b xmlns='urn:1'/></a>",
    "<a xmlns:b='urn:b' xmlns:a='urn:a' xmlns='urn:d' xmlns:B='urn:B'/>",
    "<a xmlns:x='urn:z' xmlns:y='urn:y' xmlns:z='urn:x' x:a='1' y:a='2' z:a='3' a='4' x:b='5'/>",
    "<x:a xmlns:x='urn:x'><x:b/><x:c xmlns:x='urn:x'/><x:d xmlns:x='urn:y'><x:e/></x:d><x:f/></x:a>",
    "<a xmlns:x='urn:x' xmlns:y='urn:x' x:a='1' y:b='2'><y:c x:d=''/></a>",
    "<a xmlns:unused='urn:u'><b xmlns:more='urn:m'><c/></b></a>",
    "<a xmlns:x='urn:x'><b><c x:y='1'/><x:d/></b><x:e><b/></x:e></a>",
    "<a xmlns='urn:d'><b c='1'/><x:b xmlns:x='urn:d'><c/></x:b></a>",
    "<a xmlns:x='urn:x?&#x61;=1' x:b=''/>",
    "<a xmlns = 'urn:a' xmlns:b='urn:&#98;'><b:c/></a>",
    "<é ü='ß'>€😀&#x1F600;&#8364;</é>",
    "<a xmlns:xml='http://www.w3.org/XML/1998/namespace' xml:id='i'/>",
    "<a>\u{80}\u{7f}\u{85}\u{2028}\u{A0}</a>",
    "<a-b.c_d1><e/></a-b.c_d1>",
    "<a b = \"1\"\n c\t=\r'2'\n/>",
];

fn canonical(text: &str) -> (String, String) {
    let text = xml::guard("T.xml", text.as_bytes(), &Limits::DEFAULT).expect(text);
    let tree = xml::parse("T.xml", &text).expect(&text);
    (xml::canonical_document(&tree, None, String::new()), xml::exclusive_text(tree.root_element()))
}

/// What xmllint writes, without the line feed that it adds behind the document.
fn by_xmllint(dir: &Path, how: &str) -> String {
    let (ok, said) = run(dir, "xmllint", &[how, "file.xml"]);
    assert!(ok, "{said}");
    said.strip_suffix('\n').unwrap_or(&said).to_owned()
}

#[test]
fn libxml2_writes_the_same_canonical_forms() {
    if !has("libxml2_writes_the_same_canonical_forms", "xmllint") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let mut runner = runner(60);
    let random = (0..60).map(|_| documents().new_tree(&mut runner).unwrap().current());
    for text in AWKWARD.into_iter().map(str::to_owned).chain(random) {
        std::fs::write(dir.path().join("file.xml"), &text).unwrap();
        let (inclusive, exclusive) = canonical(&text);
        assert_eq!(inclusive, by_xmllint(dir.path(), "--c14n"), "inclusive: {text:?}");
        assert_eq!(exclusive, by_xmllint(dir.path(), "--exc-c14n"), "exclusive: {text:?}");
    }
}

#[test]
fn what_we_refuse_and_accept_is_what_libxml2_does() {
    if !has("what_we_refuse_and_accept_is_what_libxml2_does", "xmllint") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    for text in [
        "<a",
        "<a>",
        "<a></b>",
        "<a b></a>",
        "<a b=c/>",
        "<a b='1' b='2'/>",
        "<a b='<'/>",
        "<a>]]></a>",
        "<a>&#0;</a>",
        "<a>&#xD800;</a>",
        "<a>&#xFFFE;</a>",
        "<a>&#x110000;</a>",
        "<a>&#65</a>",
        "<a>&</a>",
        "<a>& b;</a>",
        "<1/>",
        "< a/>",
        "<a b='1'c='2'/>",
        "<a/><a/>",
        "<a/>x",
        "x<a/>",
        "<a xmlns='u' xmlns='v'/>",
        "<a/ >",
        "<a / >",
        "</a>",
        "<>",
        "<a>\u{1}</a>",
        "<a>\u{FFFF}</a>",
        "<a b='\u{2}'/>",
        "<a><![CDATA[</a>",
        "<![CDATA[x]]>",
        "<?xml version='1.0'?>",
        "<a></a",
        "<a><b></a></b>",
        "<a x='1' x='2'/>",
        "<?xml version=\"1.0\"?><?xml version=\"1.0\"?><a/>",
        "<a>&#xFFFFFFFFFF;</a>",
        "<a>&#x;</a>",
    ] {
        std::fs::write(dir.path().join("file.xml"), text).unwrap();
        let (libxml2, said) = run(dir.path(), "xmllint", &["--noout", "file.xml"]);
        assert!(!libxml2, "{text:?}: {said}");
        let ours =
            xml::guard("T.xml", text.as_bytes(), &Limits::DEFAULT).and_then(|t| xml::parse("T.xml", &t).map(|_| ()));
        assert!(ours.is_err(), "{text:?}");
    }
}

/// The same documents on every machine.
fn runner(cases: u32) -> TestRunner {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    TestRunner::new_with_rng(Config { cases, failure_persistence: None, ..Config::default() }, rng)
}

/// Small documents dense in namespaces, white space, references and CDATA sections.
fn documents() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-c \t\n\r]{0,4}",
        Just("&#13;".to_owned()),
        Just("&#x9;".to_owned()),
        Just("&lt;&amp;&gt;&quot;".to_owned()),
        Just("é€😀".to_owned()),
    ];
    let text = proptest::collection::vec(piece, 0..3).prop_map(|pieces| pieces.concat());
    let cdata = "[a-c<&>\r\n]{0,4}".prop_map(|inner| format!("<![CDATA[{inner}]]>"));
    let prefix = prop_oneof![Just(""), Just("p"), Just("q")];
    let declaration = (prefix.clone(), prop_oneof![Just("urn:1"), Just("urn:2"), Just("urn:3")]);
    let declarations = proptest::collection::btree_map(declaration.0, declaration.1, 0..3);
    let attributes = proptest::collection::btree_map(
        prop_oneof![Just("a"), Just("b"), Just("p:a"), Just("xml:lang")],
        text.clone(),
        0..3,
    );
    let leaf = prop_oneof![text, cdata];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        let children = proptest::collection::vec(inner, 0..4);
        (prefix.clone(), "[a-c]", declarations.clone(), attributes.clone(), children).prop_map(element)
    })
    .prop_map(|content| format!("<p:root xmlns:p='urn:p' xmlns:q='urn:q'>{content}</p:root>"))
}

type Parts = (
    &'static str,
    String,
    std::collections::BTreeMap<&'static str, &'static str>,
    std::collections::BTreeMap<&'static str, String>,
    Vec<String>,
);

fn element((prefix, local, declarations, attributes, children): Parts) -> String {
    let name = if prefix.is_empty() { local } else { format!("{prefix}:{local}") };
    let mut out = format!("<{name}");
    for (prefix, uri) in declarations {
        let colon = if prefix.is_empty() { "" } else { ":" };
        out += &format!(" xmlns{colon}{prefix}='{uri}'");
    }
    for (name, value) in attributes {
        out += &format!(" {name}='{value}'");
    }
    format!("{out}>{}</{name}>", children.concat())
}

#[test]
fn a_canonical_form_is_its_own_canonical_form() {
    runner(512)
        .run(&documents(), |text| {
            let (inclusive, exclusive) = canonical(&text);
            prop_assert_eq!(&canonical(&inclusive).0, &inclusive);
            prop_assert_eq!(&canonical(&exclusive).1, &exclusive);
            Ok(())
        })
        .unwrap();
}

/// Whatever reader of markup the guard is, the parser behind it must see no more than the guard let pass.
#[test]
fn what_passes_the_guard_keeps_its_caps_in_the_tree() {
    let fragments = [
        "<a>",
        "</a>",
        "<a b='",
        "'",
        "\"",
        "<a/>",
        "<!--",
        "-->",
        "<?x",
        "?>",
        "<![CDATA[",
        "]]>",
        "<!DOCTYPE a>",
        "&lt;",
        "&#13;",
        "&x;",
        " xmlns='u'",
        " xmlns:p='u'",
        "<p:a",
        ">",
        "<",
        "=",
        "é",
        " ",
        "/",
        "c='1'",
        "x",
    ];
    let pieces = proptest::collection::vec(proptest::sample::select(fragments.to_vec()), 0..12);
    let limits = Limits { max_depth: 3, max_attributes: 2, max_namespaces: 2, max_nodes: 20, ..Limits::DEFAULT };
    let mut passed = 0;
    let cases = 8_000;
    let mut runner = runner(cases);
    for _ in 0..cases {
        let text = format!("<a>{}</a>", pieces.new_tree(&mut runner).unwrap().current().concat());
        let Ok(guarded) = xml::guard("T.xml", text.as_bytes(), &limits) else { continue };
        let Ok(tree) = xml::parse("T.xml", &guarded) else { continue };
        passed += 1;
        for node in tree.descendants() {
            assert!(!node.is_comment() && !node.is_pi(), "{text:?}");
            assert!(node.ancestors().filter(|n| n.is_element()).count() <= 3 + usize::from(node.is_text()), "{text:?}");
            assert!(node.attributes().len() <= 2 && node.namespaces().len() <= 2, "{text:?}");
        }
    }
    assert!(passed > 50, "{passed} documents passed");
}

#[test]
fn no_bytes_make_guard_or_parser_panic() {
    let valid = "<?xml version=\"1.0\"?><a xmlns='u' b='c&#13;'>é<![CDATA[x]]>&amp;<d/></a>".as_bytes();
    let mutations = proptest::collection::vec((0..valid.len(), any::<u8>()), 1..6);
    let limits = Limits { max_bytes: 200, max_depth: 3, max_attributes: 3, ..Limits::DEFAULT };
    runner(4096)
        .run(&mutations, |mutations| {
            let mut bytes = valid.to_vec();
            for (at, byte) in mutations {
                bytes[at] = byte;
            }
            if let Ok(text) = xml::guard("T.xml", &bytes, &limits)
                && let Ok(tree) = xml::parse("T.xml", &text)
            {
                let inclusive = xml::canonical_document(&tree, None, String::new());
                prop_assert_eq!(&canonical(&inclusive).0, &inclusive);
            }
            Ok(())
        })
        .unwrap();
}
