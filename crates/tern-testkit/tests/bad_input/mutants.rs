//! Seeded mutants of a set, judged as every role: none panics, every refusal is whole, and a mutant that is taken for signed
//! says the very same as the original.
//!
//! `TERN_MUTANTS` asks for another number of them, `TERN_MUTANTS_SEED` for others.

use tern_model::Role;
use tern_service::check::Checker;
use tern_service::parties::SetTaken;
use tern_service::set_files::{FileSet, OpenedSet, RawFile};
use tern_wire::dsig;
use tern_wire::schema::write;

use crate::bench::{Bench, findings_of_set, whole};
use crate::edit::{text, unsigned};

/// Numbers from a seed (SplitMix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound.max(1) as u64).unwrap_or_default()
    }

    fn of<'a, T: ?Sized>(&mut self, list: &[&'a T]) -> &'a T {
        list[self.below(list.len())]
    }
}

/// Pieces that parsers and rules may stumble over.
const PIECES: [&str; 24] = [
    "<",
    ">",
    "&",
    "&amp;",
    "&#0;",
    "&#x10FFFF;",
    "\"",
    "'",
    "\0",
    "\r\n",
    "\u{FFFE}",
    "\u{202E}",
    "]]>",
    "<![CDATA[x]]>",
    "<!-- x -->",
    "<?x?>",
    "<x/>",
    "xmlns=\"\"",
    " ",
    "-",
    "0",
    "NULL",
    "99999999999999999999999999999999999999999",
    "</Installation><Installation>",
];

/// One change to bytes, whatever they mean.
fn scratch(dice: &mut Dice, bytes: &mut Vec<u8>) {
    let at = dice.below(bytes.len());
    let length = 1 + dice.below(40);
    let end = (at + length).min(bytes.len());
    match dice.below(5) {
        0 => bytes[at] ^= 1 << dice.below(8),
        1 => drop(bytes.drain(at..end)),
        2 => {
            let copy = bytes[at..end].to_vec();
            let to = dice.below(bytes.len());
            bytes.splice(to..to, copy);
        }
        3 => {
            bytes.splice(at..at, dice.of(&PIECES).bytes());
        }
        _ => bytes.truncate(at),
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

/// One change to the structure: well-formed before, and mostly after.
fn restructure(dice: &mut Dice, text: &str) -> String {
    let from = (0..=dice.below(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    let Some((start, end)) = element_at(text, from) else { return text.to_owned() };
    let element = &text[start..end];
    let inner = element.find('>').map_or(start, |at| start + at + 1);
    let (before, after) = (&text[..start], &text[end..]);
    match dice.below(6) {
        0 => [before, after].concat(),
        1 => [before, element, element, after].concat(),
        2 => match element_at(text, end) {
            Some((next, last)) => [before, &text[next..last], &text[end..next], element, &text[last..]].concat(),
            None => [before, after].concat(),
        },
        3 => [&text[..inner], dice.of(&PIECES), &text[inner..]].concat(),
        4 => {
            let end_tag = text[..end].rfind("</").unwrap_or(end);
            [&text[..inner], dice.of(&PIECES), &text[end_tag..]].concat()
        }
        _ => [before, "<Other>", element, "</Other>", after].concat(),
    }
}

/// One other character in a text, of its own class, so that schemas mostly let it pass and rules must judge it.
fn another_value(dice: &mut Dice, text: &str) -> String {
    let texts: Vec<_> =
        text.match_indices('>').map(|(at, _)| at + 1).filter(|at| !text[*at..].starts_with('<')).collect();
    let Some(from) = texts.get(dice.below(texts.len())).copied() else { return text.to_owned() };
    let length = text[from..].find('<').unwrap_or_default();
    let at = from + dice.below(length);
    let other = match text.as_bytes().get(at) {
        Some(b'0'..=b'9') => char::from(b'0' + dice.next().to_le_bytes()[0] % 10),
        Some(b'A'..=b'F') => char::from(b'A' + dice.next().to_le_bytes()[0] % 6),
        Some(b'a'..=b'z') => char::from(b'a' + dice.next().to_le_bytes()[0] % 26),
        Some(b'G'..=b'Z') => char::from(b'G' + dice.next().to_le_bytes()[0] % 20),
        _ => return text.to_owned(),
    };
    format!("{}{other}{}", &text[..at], &text[at + 1..])
}

/// What a set says, as far as it was taken for signed.
fn said(set: &OpenedSet) -> [Option<String>; 4] {
    [
        set.common.file().map(|f| write(f.value())),
        set.group.file().map(|f| write(f.value())),
        set.encrypted.file().map(|f| write(f.value())),
        set.validation.file().map(|f| write(f.value())),
    ]
}

const JUDGES: [Role; 4] = [Role::RequestingParty, Role::Dsp, Role::S1sp, Role::Dco];

/// Judges a set as some roles; every refusal is whole. Whether any of them found it all clean.
#[track_caller]
fn judge(checker: &Checker, opened: &OpenedSet, roles: &[Role], name: &str) -> bool {
    let mut clean = false;
    for &role in roles {
        let verdicts = checker.check(opened, role).expect("checks").verdicts;
        let of_set = findings_of_set(&verdicts);
        assert_eq!(verdicts.set_is_clean(), of_set.is_empty(), "{name}: refused in silence as {role}");
        let of_entries = verdicts.installations.iter().flat_map(tern_rules::InstallationJudgement::findings);
        for finding in of_set.into_iter().chain(of_entries) {
            whole(name, &finding);
        }
        clean |= verdicts.is_clean();
    }
    clean
}

fn asked(variable: &str, default: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// A set with its Common Validation File, and who signs each of its files again.
fn original(bench: &Bench) -> FileSet {
    let mut set = bench.lab.sets[0].clone();
    let mut system = bench.open();
    let opened = set.open(&system.shared.trust, bench.lab.now);
    let SetTaken::Accepted { validation, .. } = system.take(&set, &opened).expect("takes") else { panic!("refused") };
    set.files.push(validation);
    set
}

fn signed_again(bench: &Bench, file: &mut RawFile, changed: &str) -> bool {
    let signer = if file.name.starts_with("MCVF_") { "dsp" } else { "requesting-party" };
    let signed = dsig::sign(changed, bench.signer(signer));
    signed.map(|text| file.bytes = text.into_bytes()).is_ok()
}

#[test]
fn mutants_never_panic_and_never_pass_for_what_was_not_signed() {
    let mut bench = Bench::new(81);
    let set = original(&bench);
    // Judged as if never seen, so that counters hide nothing.
    bench.lab.reset();
    let checker = bench.checker();
    let good = set.open(checker.trust(), bench.lab.now);
    assert!(judge(&checker, &good, &JUDGES, "the original"), "the original is clean");
    let good = said(&good);
    let (seed, count) = (asked("TERN_MUTANTS_SEED", 1), asked("TERN_MUTANTS", 240));
    let (mut taken, mut refused) = (0, 0);
    for number in 0..count {
        let mut dice = Dice(seed << 32 | number);
        let mut mutant = set.clone();
        let at = dice.below(mutant.files.len());
        let file = &mut mutant.files[at];
        let name = format!("mutant {number} of seed {seed}, {}", file.name);
        let again = number % 3 > 0;
        if again {
            let own = unsigned(&text(file));
            let changed = if number % 3 == 1 { restructure(&mut dice, &own) } else { another_value(&mut dice, &own) };
            if !signed_again(&bench, file, &changed) {
                file.bytes = changed.into_bytes();
            }
        } else {
            for _ in 0..=dice.below(2) {
                scratch(&mut dice, &mut file.bytes);
            }
        }
        let opened = mutant.open(checker.trust(), bench.lab.now);
        // Of a file that cannot be read, all roles have the same to say.
        let roles = if opened.faults.is_empty() { &JUDGES[..] } else { &JUDGES[dice.below(4)..][..1] };
        judge(&checker, &opened, roles, &name);
        if opened.faults.is_empty() {
            taken += 1;
        } else {
            refused += 1;
        }
        if !again {
            for (good, now) in good.iter().zip(said(&opened)) {
                assert!(now.is_none() || now == *good, "{name}: taken for signed, and says something else");
            }
        }
    }
    println!("{count} mutants of seed {seed}: {refused} refused while they were read, {taken} judged by the rules");
    assert!(refused > count / 3 && taken > count / 8, "{refused} refused while read, {taken} judged");
}
