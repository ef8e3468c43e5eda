//! The eight classical signature wrapping attacks (XSW1 to XSW8: Somorovsky and others, "On Breaking SAML", 2012), translated from
//! SAML to our roots. The signed Response or Assertion is a whole migration file here.
//!
//! In each, the original stays somewhere in the file as it was signed, with the signature's own bytes, so that a verifier that
//! looks for it finds it; and an altered copy stands where a reader that does not look twice would take its data from.

use tern_testkit::LabPlan;
use tern_wire::FaultKind::{self, SignatureProfile, SignatureValue};

use crate::bench::{Bench, findings_of_set, place, refused};
use crate::door::offer;
use crate::edit::{THREE, file, text};
use crate::fixtures::{FIXTURES, Pieces, STARTING, Signed};

/// One attack: what it makes of a signed file and an altered copy, and where it is refused.
struct Attack {
    name: &'static str,
    /// The forged file, from the original and from the altered content.
    forge: fn(&Pieces, &str) -> String,
    kind: FaultKind,
    /// The place below the root; `{}` is the root's name.
    place: &'static str,
}

const DIGEST: &str = "/Signature/SignedInfo/Reference/DigestValue";

const ATTACKS: [Attack; 8] = [
    // The altered file is the root and keeps the signature; the original, without it, is a child of the signature.
    Attack {
        name: "XSW1",
        forge: |own, altered| rooted(own, altered, &signature_with(own, &unsigned(own))),
        kind: SignatureProfile,
        place: "/Signature/{}",
    },
    // The same, and the original stands beside the signature, before it: the signature is detached.
    Attack {
        name: "XSW2",
        forge: |own, altered| rooted(own, &[altered, &unsigned(own)].concat(), own.signature),
        kind: SignatureValue,
        place: DIGEST,
    },
    // The altered file is the root, without a signature of its own; the original, signature and all, is its last child.
    Attack {
        name: "XSW3",
        forge: |own, altered| rooted(own, altered, &signed(own)),
        kind: SignatureProfile,
        place: "/{}/Signature",
    },
    // The same, and the original is wrapped in an entry of the altered file.
    Attack {
        name: "XSW4",
        forge: |own, altered| rooted(own, altered, &format!("<Installation>{}</Installation>", signed(own))),
        kind: SignatureProfile,
        place: "/Installation[3]/{}/Signature",
    },
    // The file is altered in place and keeps its signature; a copy of the original follows the signature.
    Attack {
        name: "XSW5",
        forge: |own, altered| rooted(own, altered, &[own.signature, &unsigned(own)].concat()),
        kind: SignatureProfile,
        place: "/{}",
    },
    // The same, and the copy is wrapped in the signature that stands in the altered file, inside its KeyInfo.
    Attack {
        name: "XSW6",
        forge: |own, altered| {
            let inside = format!("{}</ds:KeyInfo>", unsigned(own));
            rooted(own, altered, &own.signature.replacen("</ds:KeyInfo>", &inside, 1))
        },
        kind: SignatureProfile,
        place: "/Signature/KeyInfo/{}",
    },
    // The original stays root and keeps its signature; the altered file comes first, in an element for extensions.
    Attack {
        name: "XSW7",
        forge: |own, altered| {
            let evil = format!("<Extensions>{}</Extensions>", rooted(own, altered, ""));
            rooted(own, &[&evil, own.content].concat(), own.signature)
        },
        kind: SignatureValue,
        place: DIGEST,
    },
    // The altered file is the root and keeps the signature; the original is an Object of the signature, as XML Signature has them.
    Attack {
        name: "XSW8",
        forge: |own, altered| {
            let object = format!("<ds:Object>{}</ds:Object>", unsigned(own));
            rooted(own, altered, &signature_with(own, &object))
        },
        kind: SignatureProfile,
        place: "/Signature/Object",
    },
];

/// A file of the same root.
fn rooted(own: &Pieces, content: &str, signature: &str) -> String {
    [own.open, content, signature, own.close].concat()
}

fn signed(own: &Pieces) -> String {
    rooted(own, own.content, own.signature)
}

fn unsigned(own: &Pieces) -> String {
    rooted(own, own.content, "")
}

/// The signature with one child more.
fn signature_with(own: &Pieces, child: &str) -> String {
    own.signature.replacen("</ds:Signature>", &format!("{child}</ds:Signature>"), 1)
}

/// The content with one digit of the first installation's identifier changed, or of the one device's.
fn altered(content: &str) -> String {
    let end = content.find("</CHFIdentifier>").or_else(|| content.find("</DeviceID>"));
    let at = end.expect("an entry") - 1;
    let other = if content.as_bytes()[at] == b'0' { "1" } else { "0" };
    [&content[..at], other, &content[at + 1..]].concat()
}

#[track_caller]
fn check(file: &Signed, attack: &Attack) {
    let own = Pieces::of(&file.text);
    let altered = altered(own.content);
    let forged = (attack.forge)(&own, &altered);
    // The attack is a real one: the altered data stand in it, and so does all that the verifier would look for.
    assert!(forged.contains(altered.as_str()) && forged.contains(own.content), "{}", attack.name);
    assert!(forged.contains(&own.signature[..own.signature.find("</ds:KeyInfo>").expect("a KeyInfo")]));
    let faults = offer(file.kind, &file.name, forged.as_bytes()).expect_err(attack.name);
    let [fault] = faults.as_slice() else { panic!("{} on {}: {faults:?}", attack.name, file.name) };
    let place = format!("{}{}", file.root(), attack.place.replace("{}", file.root()));
    // A file without entries has none before the one that is brought in.
    let place = if own.content.contains("<Installation>") { place } else { place.replace("[3]", "") };
    assert_eq!((fault.kind, fault.place.xpath.as_str()), (attack.kind, place.as_str()), "{}: {fault:?}", attack.name);
    assert_eq!(fault.place.document, file.name);
    assert!(![&fault.message, &fault.found, &fault.expected, &fault.suggestion].iter().any(|t| t.is_empty()));
}

#[test]
fn none_of_the_eight_wrapping_attacks_is_believed_on_any_kind_of_file() {
    for file in &FIXTURES.signed {
        offer(file.kind, &file.name, file.text.as_bytes()).expect("the original is believed");
        for attack in &ATTACKS {
            check(file, attack);
        }
    }
    println!("{} attacks on {} kinds of file", ATTACKS.len(), FIXTURES.signed.len());
}

/// The same by the product: a set with one wrapped file is refused as a whole, for that and nothing else, and has no effect.
#[test]
fn a_set_with_a_wrapped_file_is_refused_without_any_effect() {
    let plan = LabPlan { installations: 2, seed: 34, defects_permille: 0, faults: 0, set_size: 2 };
    let bench = Bench::with(plan);
    let mut system = {
        let _alone = STARTING.lock();
        bench.open()
    };
    for prefix in THREE {
        for attack in &ATTACKS {
            let mut set = bench.lab.sets[0].clone();
            let own = text(file(&mut set.files, prefix));
            let pieces = Pieces::of(&own);
            file(&mut set.files, prefix).bytes = (attack.forge)(&pieces, &altered(pieces.content)).into_bytes();
            let root = own[1..].split([' ', '>']).next().expect("a root");
            let verdicts = refused(&bench, &mut system, attack.name, &set);
            let told: Vec<_> = findings_of_set(&verdicts).iter().map(|f| (f.clause.to_string(), place(f))).collect();
            let expected = format!("{prefix} {root}{}", attack.place.replace("{}", root));
            assert_eq!(told, [(attack.kind.rule().to_owned(), expected)], "{} on {prefix}", attack.name);
        }
    }
}
