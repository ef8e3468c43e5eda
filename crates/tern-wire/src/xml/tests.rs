//! What the guard lets pass, what it refuses and where, and canonical forms by hand.

use super::*;
use crate::FaultKind;

const SMALL: Limits = Limits {
    max_bytes: 4096,
    max_depth: 4,
    max_attributes: 3,
    max_name_bytes: 12,
    max_namespaces: 3,
    max_nodes: 40,
    max_entry_bytes: 4096,
    texts: Texts::Any,
};

/// Refused by the guard, or by the parser behind it.
#[track_caller]
fn check_refused(bytes: impl AsRef<[u8]>, kind: FaultKind, line_and_column: (u32, u32), says: &str) {
    let bytes = bytes.as_ref();
    let fault = guard("T.xml", bytes, &SMALL)
        .and_then(|text| parse("T.xml", &text).map(|_| ()))
        .expect_err(&format!("{:?} is to be refused", String::from_utf8_lossy(bytes)));
    assert_eq!(fault.kind, kind, "{fault}");
    assert_eq!((fault.place.line, fault.place.column), line_and_column, "{fault}");
    assert!(format!("{} {}", fault.message, fault.found).contains(says), "{fault:?} does not say {says:?}");
    assert!(!fault.expected.is_empty() && !fault.suggestion.is_empty(), "{fault:?}");
}

#[track_caller]
fn check_accepted(text: &str) {
    let guarded = guard("T.xml", text.as_bytes(), &SMALL).expect(text);
    parse("T.xml", &guarded).expect(text);
}

#[track_caller]
fn check_canonical(text: &str, inclusive: &str) {
    let guarded = guard("T.xml", text.as_bytes(), &Limits::DEFAULT).expect(text);
    let document = parse("T.xml", &guarded).expect(text);
    assert_eq!(canonical_document(&document, None, String::new()), inclusive, "{text}");
}

#[test]
fn accepts_what_an_honest_file_holds() {
    check_accepted("<a/>");
    check_accepted(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a b='&quot;' c=\">\">&amp;&lt;&gt;&apos;&#13;&#x1F600;</a >\n",
    );
    check_accepted("<?xml version='1.0' encoding='utf-8' standalone='yes'?><a/>");
    check_accepted("<a xmlns='u:1' xmlns:p='u:2'><p:b/><![CDATA[<!-- text -->]]></a>");
    check_accepted("<ä>é</ä>");
}

#[test]
fn refuses_other_files_and_encodings() {
    check_refused("", FaultKind::Form, (0, 0), "empty");
    check_refused(b"\xFF\xFE<\0a\0", FaultKind::Form, (0, 0), "UTF-16");
    check_refused(b"\xFE\xFF\0<\0a", FaultKind::Form, (0, 0), "UTF-16");
    check_refused(b"<\0a\0/\0>\0", FaultKind::Form, (0, 0), "UTF-16");
    check_refused(b"\0<\0a", FaultKind::Form, (0, 0), "UTF-16");
    check_refused(b"\xEF\xBB\xBF<a/>", FaultKind::Form, (0, 0), "byte order mark");
    check_refused(b"\x1F\x8B\x08", FaultKind::Form, (0, 0), "gzip");
    check_refused(b"<a>\xFF</a>", FaultKind::Form, (0, 0), "offset 3");
    check_refused(b"<a>\xC3", FaultKind::Form, (0, 0), "ends inside a character");
    check_refused("<a>\u{1}</a>", FaultKind::Form, (1, 4), "U+0001");
    check_refused("<a>\n \u{FFFE}</a>", FaultKind::Form, (2, 2), "U+FFFE");
    check_refused("<?xml version=\"1.1\"?><a/>", FaultKind::Form, (1, 1), "declaration");
    check_refused("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a/>", FaultKind::Form, (1, 1), "ISO-8859-1");
    check_refused("<?xml\nversion=\"1.0\"?><a/>", FaultKind::Form, (1, 1), "declaration");
    check_refused("not XML at all", FaultKind::Form, (1, 1), "not begin with an element");
    check_refused("  \n ", FaultKind::Form, (1, 1), "no element");
}

#[test]
fn refuses_what_xml_allows_and_the_profile_does_not() {
    check_refused("<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", FaultKind::Form, (1, 1), "document type");
    check_refused("<!doctype a><a/>", FaultKind::Form, (1, 1), "document type");
    check_refused("<a>\n<b>&nbsp;</b></a>", FaultKind::Form, (2, 4), "entity");
    check_refused("<a b='&x;'/>", FaultKind::Form, (1, 7), "entity");
    check_refused("<a>& </a>", FaultKind::Form, (1, 4), "entity");
    check_refused("<a><!-- c --></a>", FaultKind::Form, (1, 4), "comment");
    check_refused("<a/><!-- c -->", FaultKind::Form, (1, 5), "comment");
    check_refused("<a><?pi x?></a>", FaultKind::Form, (1, 4), "processing instruction");
    check_refused(" <?xml version=\"1.0\"?><a/>", FaultKind::Form, (1, 2), "processing instruction");
}

#[test]
fn refuses_the_malformed_that_a_lenient_parser_lets_pass() {
    check_refused("<a>&#0;</a>", FaultKind::Form, (1, 4), "entity");
    check_refused("<a>&#xD800;</a>", FaultKind::Form, (1, 4), "entity");
    check_refused("<a>&#x110000;</a>", FaultKind::Form, (1, 4), "entity");
    check_refused("<a>&#xFFFF;</a>", FaultKind::Form, (1, 4), "entity");
    check_refused("<a>&#;</a>", FaultKind::Form, (1, 4), "entity");
    check_refused("<a>&#x;</a>", FaultKind::Form, (1, 4), "entity");
    check_refused("<a>&#+13;</a>", FaultKind::Form, (1, 4), "entity");
    check_refused("<a xmlns='u:1' xmlns='u:2'/>", FaultKind::Form, (1, 16), "twice");
    check_refused("<a xmlns:p=''/>", FaultKind::Form, (1, 4), "XML forbids");
    check_refused("<a xmlns:xmlns='u:1'/>", FaultKind::Form, (1, 4), "XML forbids");
    check_refused("<:a></:a>", FaultKind::Form, (1, 2), "proper name");
    check_refused("<a :b='1'/>", FaultKind::Form, (1, 4), "proper name");
    check_refused("<a/><b/>", FaultKind::Form, (1, 5), "second document");
    check_refused("<a></a></b>", FaultKind::Form, (1, 8), "without its start");
    check_refused("<a></b>", FaultKind::Form, (1, 4), "expected 'a' tag");
    check_refused("<p:a/>", FaultKind::Form, (1, 2), "prefix");
    check_refused("<a b='1' b='2'/>", FaultKind::Form, (1, 10), "already defined");
    check_refused("<a b=1/>", FaultKind::Form, (1, 6), "quote");
}

#[test]
fn refuses_every_cut() {
    let whole = "<?xml version=\"1.0\"?>\n<a b='c'>\n<d>&amp;é</d><![CDATA[x]]></a>";
    check_accepted(whole);
    for end in 0..whole.len() {
        let fault = guard("T.xml", &whole.as_bytes()[..end], &SMALL)
            .and_then(|text| parse("T.xml", &text).map(|_| ()))
            .expect_err("a cut file");
        assert_eq!(fault.kind, FaultKind::Form, "cut at {end}: {fault}");
    }
    check_refused("<a>\n <b>", FaultKind::Form, (2, 2), "cut short");
}

#[test]
fn caps_hold_before_the_parser() {
    check_refused(vec![b' '; 4097], FaultKind::Limits, (0, 0), "too large");
    check_accepted("<a><a><a><a/></a></a></a>");
    check_refused("<a><a><a><a><a/></a></a></a></a>", FaultKind::Limits, (1, 13), "too deep");
    check_accepted("<a b='' c='' d=''/>");
    check_refused("<a b='' c='' d='' e=''/>", FaultKind::Limits, (1, 1), "attributes");
    check_refused("<abcdefghijklm/>", FaultKind::Limits, (1, 2), "name");
    check_refused("<a abcdefghijklm=''/>", FaultKind::Limits, (1, 4), "name");
    check_refused(
        "<a xmlns:a='a' xmlns:b='b'><a xmlns:c='c' xmlns:d='d'/></a>",
        FaultKind::Limits,
        (1, 28),
        "namespaces",
    );
    check_refused(format!("<a>{}</a>", "<b/>x".repeat(25)), FaultKind::Limits, (1, 108), "tags and texts");
    check_refused(format!("<a>{}</a>", "=".repeat(41)), FaultKind::Limits, (0, 0), "equals signs");
    check_refused(format!("<a><![CDATA[{}]]></a>", "<".repeat(41)), FaultKind::Limits, (0, 0), "tags");
}

#[test]
fn hostile_sizes_are_refused_at_once() {
    let deep = "<a>".repeat(1_000_000);
    let attributes = format!("<a {}/>", (0..500_000).map(|n| format!("a{n}='' ")).collect::<String>());
    let namespaces = (0..200_000).fold(String::new(), |text, n| text + &format!("<a xmlns:p{n}='u'>"));
    let name = format!("<{}/>", "a".repeat(10_000_000));
    let references = format!("<a>{}</a>", "&".repeat(10_000_000));
    for text in [deep, attributes, namespaces, name, references] {
        guard("T.xml", text.as_bytes(), &Limits::DEFAULT).expect_err("hostile");
    }
}

#[test]
fn places_count_characters_and_name_siblings() {
    let text = "<r>\n<é/><i/><i><x/></i></r>";
    let document = parse("T.xml", text).expect("well-formed");
    let x = document.descendants().find(|n| n.has_tag_name("x")).expect("there");
    let place = place_of("T.xml", x);
    assert_eq!((place.xpath.as_str(), place.line, place.column), ("r/i[2]/x", 2, 12));
}

#[test]
fn canonical_form_of_each_construct() {
    check_canonical("<?xml version='1.0'?>\n<a  b = 'c' />\n", "<a b=\"c\"></a>");
    check_canonical("<a>&lt;&gt;&amp;&quot;&apos;&#13;&#9;</a>", "<a>&lt;&gt;&amp;\"'&#xD;\t</a>");
    check_canonical("<a b='&lt;>&amp;&quot;&apos;&#13;&#10;&#9;'/>", "<a b=\"&lt;>&amp;&quot;'&#xD;&#xA;&#x9;\"></a>");
    check_canonical("<a b='1\t2\n3\r\n4\r5'/>", "<a b=\"1 2 3 4 5\"></a>");
    check_canonical("<a>1\r\n2\r3&#65;\r</a>", "<a>1\n2\n3A\n</a>");
    check_canonical("<a><![CDATA[<&]]>]]&gt;</a>", "<a>&lt;&amp;]]&gt;</a>");
    check_canonical(
        "<a z='1' xmlns:q='u:a' xmlns:p='u:b' p:a='2' q:b='3' a='4' xml:lang='en'/>",
        "<a xmlns:p=\"u:b\" xmlns:q=\"u:a\" a=\"4\" z=\"1\" xml:lang=\"en\" q:b=\"3\" p:a=\"2\"></a>",
    );
    check_canonical(
        "<a xmlns='u'><b xmlns=''><c xmlns=''/></b><d xmlns='u'/></a>",
        "<a xmlns=\"u\"><b xmlns=\"\"><c></c></b><d></d></a>",
    );
    check_canonical(
        "<a xmlns:p='u'><p:b xmlns:p='u'/><p:b xmlns:p='v'><p:c/></p:b><p:d/></a>",
        "<a xmlns:p=\"u\"><p:b></p:b><p:b xmlns:p=\"v\"><p:c></p:c></p:b><p:d></p:d></a>",
    );
    check_canonical("<a xmlns='u?a&amp;b'/>", "<a xmlns=\"u?a&amp;b\"></a>");
    check_canonical("<a xmlns:xml='http://www.w3.org/XML/1998/namespace'/>", "<a></a>");
}

#[test]
fn exclusive_form_takes_along_what_it_uses_and_no_more() {
    let text = "<a xmlns='d' xmlns:p='u' xmlns:q='v'><p:b c='1'><e/><p:f xmlns:p='w' q:g='2'/></p:b></a>";
    let document = parse("T.xml", text).expect("well-formed");
    let part = document.root_element().first_element_child().expect("there");
    assert_eq!(
        exclusive_text(part),
        "<p:b xmlns:p=\"u\" c=\"1\"><e xmlns=\"d\"></e><p:f xmlns:p=\"w\" xmlns:q=\"v\" q:g=\"2\"></p:f></p:b>"
    );
}

#[test]
fn the_writer_escapes_and_closes() {
    let mut writer = Writer::new();
    writer.open_with("a", &[("xmlns", "u"), ("b", "\"<\n")]);
    writer.leaf("c", "1 < 2 & 3 > 2\r");
    writer.raw("<d/>");
    writer.open("e");
    assert_eq!(
        writer.finish(),
        "<a xmlns=\"u\" b=\"&quot;&lt;&#xA;\"><c>1 &lt; 2 &amp; 3 &gt; 2&#xD;</c><d/><e></e></a>"
    );
}

#[test]
fn where_texts_stand_as_they_are_no_character_is_written_by_its_number() {
    let limits = Limits { texts: Texts::Verbatim, ..SMALL };
    for (text, at) in [("<a>5E&#x43;2</a>", 6), ("<a><![CDATA[5EC2]]></a>", 4)] {
        check_accepted(text);
        let fault = guard("T.xml", text.as_bytes(), &limits).expect_err(text);
        assert_eq!((fault.kind, fault.place.line, fault.place.column), (FaultKind::Form, 1, at), "{fault}");
        assert!(!fault.found.contains("5E"), "{fault:?} quotes what may be a key");
    }
    guard("T.xml", b"<a b='&#10;'>Smith &amp; Sons</a>", &limits).expect("names are written as ever");
}
