//! Distinguished names as text: RFC 2253 without blanks, which is how certificate IDs and KeyInfo name an issuer.

use std::fmt::Write;

use x509_parser::der_parser::asn1_rs::{Any, Tag};
use x509_parser::x509::{RelativeDistinguishedName, X509Name};

/// Attribute types that RFC 2253 (section 2.3) names; any other is written as its dotted number.
const SHORT_NAMES: [(&str, &str); 9] = [
    ("2.5.4.3", "CN"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("2.5.4.6", "C"),
    ("2.5.4.9", "STREET"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("0.9.2342.19200300.100.1.1", "UID"),
];

/// Writes a name, its last part first, as RFC 2253 orders it: `CN=Z1,OU=07`.
pub(super) fn rfc2253(name: &X509Name<'_>) -> String {
    let mut parts: Vec<String> = name.iter_rdn().map(part).collect();
    parts.reverse();
    parts.join(",")
}

/// Whether two spellings name the same issuer: blanks after an unescaped comma do not count, everything else does.
pub(crate) fn same(left: &str, right: &str) -> bool {
    left == right || significant(left).eq(significant(right))
}

fn part(rdn: &RelativeDistinguishedName<'_>) -> String {
    let mut out = String::new();
    for attribute in rdn.iter() {
        if !out.is_empty() {
            out.push('+');
        }
        let oid = attribute.attr_type().to_id_string();
        let short = SHORT_NAMES.iter().find(|(dotted, _)| *dotted == oid);
        out.push_str(short.map_or(oid.as_str(), |(_, name)| name));
        out.push('=');
        match (short, text(attribute.attr_value())) {
            (Some(_), Some(value)) => escape(value, &mut out),
            _ => hexadecimal(attribute.attr_value(), &mut out),
        }
    }
    out
}

/// The value of a string type that is ASCII or UTF-8.
pub(super) fn text<'a>(value: &'a Any<'_>) -> Option<&'a str> {
    let is_text = [Tag::Utf8String, Tag::PrintableString, Tag::Ia5String].contains(&value.tag());
    is_text.then(|| std::str::from_utf8(value.data).ok()).flatten()
}

fn escape(value: &str, out: &mut String) {
    let last = value.chars().count().saturating_sub(1);
    for (at, c) in value.chars().enumerate() {
        // A device's certificate comes from outside, and its names into findings and onto terminals.
        if c.is_control() {
            for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                let _ = write!(out, "\\{byte:02X}");
            }
            continue;
        }
        let special = matches!(c, ',' | '+' | '"' | '\\' | '<' | '>' | ';')
            || (at == 0 && matches!(c, ' ' | '#'))
            || (at == last && c == ' ');
        if special {
            out.push('\\');
        }
        out.push(c);
    }
}

/// A value of another type: `#` and its DER in hexadecimal (RFC 2253 section 2.4).
fn hexadecimal(value: &Any<'_>, out: &mut String) {
    let length = value.data.len();
    out.push('#');
    let tag = u8::try_from(value.tag().0).unwrap_or(0x1F);
    let _ = write!(out, "{tag:02X}");
    match u8::try_from(length) {
        Ok(short @ 0..=0x7F) => write!(out, "{short:02X}"),
        Ok(long) => write!(out, "81{long:02X}"),
        Err(_) => write!(out, "82{length:04X}"),
    }
    .and_then(|()| value.data.iter().try_for_each(|byte| write!(out, "{byte:02X}")))
    .unwrap_or_default();
}

/// The characters that tell names apart.
fn significant(name: &str) -> impl Iterator<Item = char> {
    let (mut escaped, mut after_comma) = (false, false);
    name.chars().filter(move |&c| {
        let skip = after_comma && c == ' ';
        if !skip {
            after_comma = c == ',' && !escaped;
        }
        escaped = c == '\\' && !escaped;
        !skip
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(left: &str, right: &str, expect: bool) {
        assert_eq!(same(left, right), expect, "{left} / {right}");
    }

    #[test]
    fn a_blank_after_the_comma_does_not_tell_issuers_apart() {
        check("CN=Z1,OU=07", "CN=Z1,OU=07", true);
        check("CN=Z1,OU=07", "CN=Z1, OU=07", true);
        check("CN=Z1,OU=07", "CN=Z 1,OU=07", false);
        check("CN=Z1,OU=07", "OU=07,CN=Z1", false);
        check("CN=Z\\, 1,OU=07", "CN=Z\\,1,OU=07", false);
        check("CN=Z\\\\, OU=07", "CN=Z\\\\,OU=07", true);
        check("CN=Z1,OU=07", "cn=Z1,OU=07", false);
    }

    #[test]
    fn special_characters_are_escaped() {
        let mut out = String::new();
        escape(" a,b+c#d ", &mut out);
        assert_eq!(out, "\\ a\\,b\\+c#d\\ ");
    }

    #[test]
    fn control_characters_are_written_as_their_bytes() {
        let mut out = String::new();
        escape("a\u{1B}[2J\u{9B}b", &mut out);
        assert_eq!(out, "a\\1B[2J\\C2\\9Bb");
    }
}
