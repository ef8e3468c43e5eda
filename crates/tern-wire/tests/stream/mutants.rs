//! What may happen to a file: by accident, by a tool, on purpose.

use tern_wire::xml;

use crate::dice::Dice;

/// Text that may turn up anywhere.
const SNIPPETS: &[&str] = &[
    "<!-- a comment -->",
    "<?target data?>",
    "<x/>",
    "<Installation/>",
    "<MigrationHeader/>",
    "&ent;",
    "&#13;",
    "&#xD;&amp;",
    "\r\n",
    "\r",
    "\n\n   ",
    "<![CDATA[ <not> & markup ]]>",
    "<![CDATA[ open",
    "é€\u{1F600}",
    "\u{1}",
    "\u{FFFE}",
    "stray text",
    "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"/>",
    "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"></ds:Signature>",
    "</Installation>",
    "<Installation>",
    "xmlns:p='urn:p' ",
    " xmlns='urn:other'",
    "]]>",
    "\"",
    "<",
    ">",
];

/// Characters that mean something.
const CHARACTERS: &[char] =
    &['<', '>', '&', '"', '\'', ' ', '/', 'x', '0', '\r', '\n', '=', ';', ':', 'é', '\u{1F600}'];

/// Bytes that are no characters.
const BYTES: &[&[u8]] = &[&[0xFF], &[0xC3], &[0xE2, 0x82], &[0], &[0xEF, 0xBF, 0xBE]];

/// One change of text that stays well-formed as a rule, so that it can be signed afterwards.
pub fn rearranged(text: &str, dice: &mut Dice) -> String {
    let Ok(tree) = xml::parse("", text) else { return text.to_owned() };
    let root = tree.root_element();
    let elements: Vec<_> = root.descendants().filter(|n| n.is_element() && *n != root).map(|n| n.range()).collect();
    let children: Vec<_> = root.children().filter(|n| n.is_element()).map(|n| n.range()).collect();
    let of = |dice: &mut Dice| if dice.one_in(2) { dice.pick(&children).clone() } else { dice.pick(&elements).clone() };
    let (one, other) = (of(dice), of(dice));
    match dice.upto(7) {
        0 => [&text[..one.start], &text[one.end..]].concat(),
        1 => [&text[..one.end], &text[one.start..]].concat(),
        2 if one.end <= other.start => {
            [&text[..one.start], &text[one.end..other.start], &text[one.clone()], &text[other.start..]].concat()
        }
        3 => {
            let name_end = text[one.clone()].find(['>', ' ', '/']).unwrap_or(1) + one.start;
            let name = text[one.start + 1..name_end].to_owned();
            let renamed = text[one.clone()].replacen(&name, "Other", 1);
            let renamed = match renamed.rfind(&format!("</{name}>")) {
                Some(at) => format!("{}</Other>", &renamed[..at]),
                None => renamed,
            };
            [&text[..one.start], &renamed, &text[one.end..]].concat()
        }
        4 => [&text[..one.start], *dice.pick(&["\n  ", "\r\n", "stray é", "<![CDATA[x]]>", " \t"]), &text[one.start..]]
            .concat(),
        5 => text.replace("><", ">\r\n<"),
        6 => text.replacen("xmlns=", "xmlns:unused='urn:a>b' xmlns=", 1),
        _ => {
            let inner = text[one.clone()].find('>').map_or(one.start, |end| one.start + end + 1);
            let inserted = *dice.pick(&["é\u{1F600}", "<![CDATA[&<]]>", "&#13;&#x20AC;", "1"]);
            [&text[..inner], inserted, &text[inner..]].concat()
        }
    }
}

/// One change of whatever kind.
pub fn damaged(text: &[u8], dice: &mut Dice) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(text) else { return text.to_vec() };
    let place = |dice: &mut Dice| {
        // Where markup is, as a rule.
        let at = dice.upto(text.len());
        let at = if dice.one_in(3) { at } else { text.as_bytes()[..at].iter().rposition(|&b| b == b'<').unwrap_or(at) };
        (0..=at).rev().find(|&at| text.is_char_boundary(at)).unwrap()
    };
    let (one, other) = (place(dice), place(dice));
    let (from, to) = (one.min(other), one.max(other));
    let out = match dice.upto(7) {
        0 => {
            let rest = text[one..].chars().next().map_or("", |c| &text[one + c.len_utf8()..]);
            format!("{}{}{rest}", &text[..one], dice.pick(CHARACTERS))
        }
        1 => [&text[..one], *dice.pick(SNIPPETS), &text[one..]].concat(),
        2 => [
            &text[..one],
            *dice.pick(SNIPPETS),
            &text[one..other.max(one)],
            *dice.pick(SNIPPETS),
            &text[other.max(one)..],
        ]
        .concat(),
        3 => [&text[..from], &text[to..]].concat(),
        4 => [&text[..to], &text[from..]].concat(),
        5 => text[..one].to_owned(),
        6 => rearranged(text, dice),
        _ => return [&text.as_bytes()[..one], *dice.pick(BYTES), &text.as_bytes()[one..]].concat(),
    };
    out.into_bytes()
}
