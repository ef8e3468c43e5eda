//! Changes to files as somebody without a key can make them: to bytes, to structure, to attributes, to the encoding.

use tern_testkit::Dice;

/// Pieces that parsers, canonicalisers and decoders may stumble over.
const PIECES: [&str; 46] = [
    "<",
    ">",
    "&",
    "&amp;",
    "&#0;",
    "&#65;",
    "&#x10FFFF;",
    "&#xD;",
    "&lt;",
    "&e;",
    "\"",
    "'",
    "=",
    "/",
    "\0",
    "\r",
    "\r\n",
    "\n",
    "\t",
    " ",
    "\u{A0}",
    "\u{3000}",
    "\u{FEFF}",
    "\u{FFFE}",
    "\u{202E}",
    "\u{301}",
    "\u{10FFFF}",
    "]]>",
    "<![CDATA[",
    "<![CDATA[x]]>",
    "<![CDATA[]]>",
    "<!-- x -->",
    "<?x?>",
    "<!DOCTYPE x>",
    "<x/>",
    "<x>",
    "</x>",
    " xmlns=\"\"",
    " xmlns:ds=\"urn:x\"",
    " xml:space=\"preserve\"",
    " x=\"\"",
    "-",
    "0",
    "NULL",
    "99999999999999999999999999999999999999999",
    "</Installation><Installation>",
];

/// Changes a file one to three times.
pub fn mutated(dice: &mut Dice, original: &[u8]) -> Vec<u8> {
    let mut bytes = original.to_vec();
    for _ in 0..=dice.below(3) {
        change(dice, &mut bytes);
    }
    bytes
}

/// One change.
pub fn change(dice: &mut Dice, bytes: &mut Vec<u8>) {
    let text = std::str::from_utf8(bytes).ok().filter(|text| !text.is_empty()).map(str::to_owned);
    match (dice.below(4), text) {
        (0, Some(text)) => *bytes = restructured(dice, &text).into_bytes(),
        (1, Some(text)) => *bytes = respelled(dice, &text).into_bytes(),
        (2, Some(text)) => *bytes = another_value(dice, &text).into_bytes(),
        (3, Some(text)) if dice.one_in(8) => *bytes = recoded(dice, &text),
        _ => scratch(dice, bytes),
    }
}

/// Bytes, whatever they mean: flipped, set, inserted, deleted, doubled, exchanged, cut off.
pub fn scratch(dice: &mut Dice, bytes: &mut Vec<u8>) {
    if bytes.is_empty() {
        return bytes.push(dice.byte());
    }
    let at = dice.below(bytes.len());
    let end = (at + 1 + dice.below(40)).min(bytes.len());
    match dice.below(8) {
        0 => bytes[at] ^= 1 << dice.below(8),
        1 => bytes[at] = dice.byte(),
        2 => drop(bytes.drain(at..end)),
        3 => {
            let copy = bytes[at..end].to_vec();
            let to = dice.below(bytes.len());
            bytes.splice(to..to, copy);
        }
        4 => {
            bytes.splice(at..at, dice.pick(&PIECES).bytes());
        }
        5 => {
            let length = (end - at).min((bytes.len() - at) / 2);
            let (one, two) = bytes[at..].split_at_mut(length);
            one.swap_with_slice(&mut two[..length]);
        }
        6 => {
            let (one, two) = (dice.below(bytes.len()), dice.below(bytes.len()));
            bytes.swap(one, two);
        }
        _ if dice.one_in(4) => bytes.truncate(at),
        _ => {
            bytes.splice(at..end, dice.pick(&PIECES).bytes());
        }
    }
}

/// The element that begins at or behind a place, tags and all.
fn element_at(text: &str, from: usize) -> Option<(usize, usize)> {
    let starts = |at: &usize| text.as_bytes().get(at + 1).is_some_and(u8::is_ascii_alphabetic);
    let start = text[from..].match_indices('<').map(|(at, _)| from + at).find(starts)?;
    let name: String = text[start + 1..].chars().take_while(|c| c.is_alphanumeric() || *c == ':').collect();
    let end_tag = format!("</{name}>");
    Some((start, start + text[start..].find(&end_tag)? + end_tag.len()))
}

/// A place between two characters.
fn place(dice: &mut Dice, text: &str) -> usize {
    (0..=dice.below(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
}

/// Elements left out, doubled, moved, exchanged, nested, renamed, given other content.
pub fn restructured(dice: &mut Dice, text: &str) -> String {
    let from = place(dice, text);
    let Some((start, end)) = element_at(text, from) else { return text.to_owned() };
    let element = &text[start..end];
    let inner = element.find('>').map_or(start, |at| start + at + 1);
    let end_tag = text[..end].rfind("</").unwrap_or(end).max(inner);
    let (before, after) = (&text[..start], &text[end..]);
    match dice.below(9) {
        0 => [before, after].concat(),
        1 => [before, element, element, after].concat(),
        2 => match element_at(text, end) {
            Some((next, last)) => [before, &text[next..last], &text[end..next], element, &text[last..]].concat(),
            None => [before, after].concat(),
        },
        3 => [&text[..inner], dice.pick(&PIECES), &text[inner..]].concat(),
        4 => [&text[..inner], dice.pick(&PIECES), &text[end_tag..]].concat(),
        5 => [before, "<Other>", element, "</Other>", after].concat(),
        6 => {
            // Moved to another place in the file.
            let rest = [before, after].concat();
            let to = place(dice, &rest);
            match element_at(&rest, to) {
                Some((to, _)) => [&rest[..to], element, &rest[to..]].concat(),
                None => rest,
            }
        }
        7 => {
            // Under another name, both tags.
            let name: String = element[1..].chars().take_while(|c| c.is_alphanumeric() || *c == ':').collect();
            let other = *dice.pick_of(&["Other", "Installation", "ds:Object", "DeviceID", "chfIdentifier"]);
            [
                before,
                &element
                    .replace(&format!("<{name}"), &format!("<{other}"))
                    .replace(&format!("</{name}>"), &format!("</{other}>")),
                after,
            ]
            .concat()
        }
        _ => [&text[..inner], &text[end_tag..]].concat(),
    }
}

/// Another spelling, which may be of the same content: attributes, quotes, references, sections, white space, line ends, prefixes.
pub fn respelled(dice: &mut Dice, text: &str) -> String {
    let from = place(dice, text);
    let tag_end = text[from..].find('>').map(|at| from + at);
    let character = text[from..].char_indices().map(|(at, c)| (from + at, c)).find(|(_, c)| c.is_alphanumeric());
    match (dice.below(9), tag_end, character) {
        (0, Some(at), _) => [&text[..at], " x=\"1\"", &text[at..]].concat(),
        (1, Some(at), _) => [&text[..at], dice.pick(&[" ", "\n", "\t", "\r\n"]), &text[at..]].concat(),
        (2, Some(at), _) => {
            let namespace =
                dice.pick(&[" xmlns=\"urn:x\"", " xmlns:unused=\"urn:x\"", " xmlns=\"\"", " xml:lang=\"en\""]);
            [&text[..at], namespace, &text[at..]].concat()
        }
        (3, _, Some((at, c))) => [&text[..at], &format!("&#{};", u32::from(c)), &text[at + c.len_utf8()..]].concat(),
        (4, _, Some((at, c))) => [&text[..at], &format!("<![CDATA[{c}]]>"), &text[at + c.len_utf8()..]].concat(),
        (5, ..) => text.replace('"', "'"),
        (6, ..) => text.replacen("><", dice.pick(&[">\n<", "> <", ">\r\n<"]), 1 + dice.below(3)),
        (7, ..) => text.replace("ds:", dice.pick(&["d:", "DS:", ""])).replace("xmlns:ds", "xmlns:d"),
        (8, ..) => {
            // Characters that look alike or fold into each other.
            let (one, other) =
                *dice.pick_of(&[("A", "a"), ("0", "٠"), ("-", "–"), ("E", "Е"), ("1", "l"), ("B", "\u{FF22}")]);
            match text[from..].find(one) {
                Some(at) => [&text[..from + at], other, &text[from + at + one.len()..]].concat(),
                None => text.to_owned(),
            }
        }
        _ => text.to_owned(),
    }
}

/// One other character in a text, of its own class, so that schemas mostly let it pass.
pub fn another_value(dice: &mut Dice, text: &str) -> String {
    let is_text = |at: &usize| !text[*at..].starts_with('<');
    let texts: Vec<_> = text.match_indices('>').map(|(at, _)| at + 1).filter(is_text).collect();
    let Some(from) = texts.get(dice.below(texts.len())).copied() else { return text.to_owned() };
    let at = from + dice.below(text[from..].find('<').unwrap_or_default());
    let of = |dice: &mut Dice, first: u8, count: u8| char::from(first + dice.byte() % count);
    let other = match text.as_bytes().get(at) {
        Some(b'0'..=b'9') => of(dice, b'0', 10),
        Some(b'A'..=b'F') => of(dice, b'A', 6),
        Some(b'a'..=b'z') => of(dice, b'a', 26),
        Some(b'G'..=b'Z') => of(dice, b'G', 20),
        _ => return text.to_owned(),
    };
    format!("{}{other}{}", &text[..at], &text[at + 1..])
}

/// The whole file in another encoding, or said to be in one.
fn recoded(dice: &mut Dice, text: &str) -> Vec<u8> {
    match dice.below(7) {
        0 => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        1 => format!("\u{FEFF}{text}").encode_utf16().flat_map(u16::to_be_bytes).collect(),
        2 => format!("\u{FEFF}{text}").into_bytes(),
        3 => format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{text}").into_bytes(),
        4 => format!("<?xml version=\"1.0\" encoding=\"{}\"?>{text}", dice.pick(&["UTF-7", "utf-8", "ISO-8859-1"]))
            .into_bytes(),
        // Two bytes for an ASCII character, which UTF-8 forbids.
        5 => {
            let at = dice.below(text.len());
            let byte = text.as_bytes()[at];
            [&text.as_bytes()[..at], &[0xC0 | byte >> 6, 0x80 | byte & 0x3F], &text.as_bytes()[at + 1..]].concat()
        }
        _ => text.replace('\n', "\r\n").into_bytes(),
    }
}
