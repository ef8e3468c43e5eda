//! Suite 0 held against a second one, written in Python on `cryptography`: each opens what the other protected, and refuses it
//! altered.
use std::io::Write;
use std::process::{Command, Stdio};

use tern_dlms::SystemTitle;
use tern_dlms::security::{
    Challenge, Key, Keys, Protection, SecurityControl, gmac_answer, judge_gmac_answer, protect, unprotect, unwrap_key,
    wrap_key,
};
use tern_outside::python_with;

use crate::dice::Dice;
use crate::script;

fn hex(bytes: &[u8]) -> String {
    if bytes.is_empty() { "-".to_owned() } else { bytes.iter().map(|byte| format!("{byte:02x}")).collect() }
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits = if hex == "-" { "" } else { hex };
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal")).collect()
}

/// One message, and everything it is made of.
struct Case {
    keys: Keys,
    title: SystemTitle,
    counter: u32,
    protection: Protection,
    content: Vec<u8>,
}

impl Case {
    fn roll(dice: &mut Dice) -> Case {
        let protections = [Protection::Encrypted, Protection::Authenticated, Protection::AuthenticatedEncrypted];
        let length = dice.below(200);
        Case {
            keys: Keys { encryption: Key::new(dice.bytes()), authentication: Key::new(dice.bytes()) },
            title: SystemTitle(dice.bytes()),
            counter: u32::from_be_bytes(dice.bytes()),
            protection: protections[dice.below(3)],
            content: (0..length).map(|_| dice.byte()).collect(),
        }
    }

    fn secrets(&self) -> String {
        let Keys { encryption, authentication } = &self.keys;
        format!("{} {} {}", hex(&self.title.0), hex(encryption.expose()), hex(authentication.expose()))
    }
}

/// What the second suite 0 answers to each line.
fn judged(lines: &[String], test: &str) -> Option<Vec<String>> {
    let python = python_with("cryptography", test)?;
    let mut command = Command::new(python);
    let mut child =
        command.arg(script("judge.py")).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("starts");
    let mut stdin = child.stdin.take().expect("piped");
    let asked = lines.join("\n") + "\n";
    let asking = std::thread::spawn(move || stdin.write_all(asked.as_bytes()));
    let out = child.wait_with_output().expect("ends");
    asking.join().expect("no panic").expect("written");
    assert!(out.status.success());
    let said: Vec<String> = String::from_utf8(out.stdout).expect("text").lines().map(str::to_owned).collect();
    assert_eq!(said.len(), lines.len());
    Some(said)
}

#[test]
fn each_opens_what_the_other_protected_and_refuses_it_altered() {
    let mut dice = Dice::new(5);
    let cases: Vec<Case> = (0..300).map(|_| Case::roll(&mut dice)).collect();
    let mut lines = Vec::new();
    let mut altered = Vec::new();
    for case in &cases {
        let ours = protect(&case.keys, case.protection, case.title, case.counter, &case.content).expect("protects");
        lines.push(format!("open {} {}", case.secrets(), hex(&ours)));
        // Not the control byte: another one is another kind of message.
        let (at, bit) = (1 + dice.below(ours.len() - 1), dice.below(8));
        let mut other = ours;
        other[at] ^= 1 << bit;
        lines.push(format!("open {} {}", case.secrets(), hex(&other)));
        altered.push(other);
        let control = SecurityControl::of(case.protection).byte();
        lines.push(format!("protect {control:02x} {:08x} {} {}", case.counter, case.secrets(), hex(&case.content)));
    }
    let Some(said) = judged(&lines, "each_opens_what_the_other_protected_and_refuses_it_altered") else { return };
    for ((case, other), said) in cases.iter().zip(altered).zip(said.chunks(3)) {
        assert_eq!(said[0], hex(&case.content));
        let refused = said[1] == "refused";
        assert_eq!(refused, case.protection.has_tag(), "without a tag nothing can be refused");
        assert_eq!(unprotect(&case.keys, case.title, &other).is_err(), refused);
        let opened = unprotect(&case.keys, case.title, &bytes(&said[2])).expect("opens");
        assert_eq!((opened.content, opened.protection), (case.content.clone(), case.protection));
        assert_eq!(opened.invocation_counter, case.counter);
    }
}

#[test]
fn answers_to_challenges_and_wrapped_keys_are_the_same() {
    let mut dice = Dice::new(6);
    let mut lines = Vec::new();
    let mut ours = Vec::new();
    for _ in 0..100 {
        let case = Case::roll(&mut dice);
        let length = 8 + dice.below(57);
        let challenge: Vec<u8> = (0..length).map(|_| dice.byte()).collect();
        lines.push(format!("answer {:08x} {} {}", case.counter, case.secrets(), hex(&challenge)));
        let challenge = Challenge::of(&challenge).expect("8 to 64 bytes");
        let answer = gmac_answer(&case.keys, case.title, case.counter, &challenge).expect("answers");
        assert_eq!(judge_gmac_answer(&case.keys, case.title, &challenge, &answer), Ok(case.counter));
        let mut wrong = answer;
        wrong[dice.below(17)] ^= 1 << dice.below(8);
        judge_gmac_answer(&case.keys, case.title, &challenge, &wrong).expect_err("altered");
        ours.push(hex(&answer));

        let (master, key) = (Key::new(dice.bytes()), Key::new(dice.bytes()));
        let wrapped = wrap_key(&master, &key).expect("wraps");
        lines.push(format!("wrap {} {}", hex(master.expose()), hex(key.expose())));
        ours.push(hex(&wrapped));
        let mut wrong = wrapped;
        wrong[dice.below(24)] ^= 1 << dice.below(8);
        assert!(unwrap_key(&master, &wrapped).expect("opens") == key);
        unwrap_key(&master, &wrong).expect_err("altered");
        lines.push(format!("unwrap {} {}", hex(master.expose()), hex(&wrong)));
        ours.push("refused".to_owned());
    }
    let Some(said) = judged(&lines, "answers_to_challenges_and_wrapped_keys_are_the_same") else { return };
    assert_eq!(said, ours);
}

#[test]
fn nothing_secret_is_printed() {
    let keys = Keys { encryption: Key::new([0xAB; 16]), authentication: Key::new([0xCD; 16]) };
    let password = tern_dlms::security::Password::new(b"hush".to_vec());
    let printed = format!("{keys:?} {password:?}");
    assert_eq!(printed, "Keys { encryption: Key(..), authentication: Key(..) } Password(..)");
}
