//! Mutants of signed requests at the running gateway: one whose canonical form differs is never accepted, reaches no device, and uses
//! nothing up.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tern_service::clock::Clock;
use tern_testkit::served::{Line, post};
use tern_testkit::{Dice, ServedPlan, UserClient};

use crate::bench::{Bench, COUNTER, GROUPS, bench, log_bytes, served};
use crate::forms::{SignedForm, signed_form};
use crate::mutate::{change, mutated};
use crate::run::{AT_ONCE, Run};
use crate::wishes::wishes;

/// How many mutants with a canonical form of their own, which differs, are sent.
const MUTANTS: u64 = 20_000;

/// A request that would be accepted.
struct Original {
    user: String,
    service: &'static str,
    text: String,
    form: Option<SignedForm>,
}

/// Every request of every cohort's home.
fn originals(bench: &Bench, users: &HashMap<String, UserClient>) -> Vec<Original> {
    let homes = GROUPS.map(|group| bench.home(group));
    let asked = homes.into_iter().flat_map(|home| wishes(home).into_iter().map(move |wish| (home, wish)));
    let numbered = (COUNTER..).zip(asked);
    numbered
        .map(|(counter, (home, wish))| {
            let user = wish.asker(home).to_owned();
            let text = wish.signed(&users[&user], home, counter);
            let form = signed_form(text.as_bytes());
            assert!(form.is_some(), "{text}");
            Original { user, service: wish.service(), text, form }
        })
        .collect()
}

/// The signature, where a message has one.
fn signature(text: &str) -> Option<(usize, usize)> {
    let start = text.find("<ds:Signature ").or_else(|| text.find("<Signature "))?;
    Some((start, text.rfind("</Request>")?))
}

/// What somebody without a key makes of a request: changed bytes and structures, another's signature, a wrapped original.
fn forged(dice: &mut Dice, original: &Original, others: &[Original]) -> Vec<u8> {
    let text = &original.text;
    let Some((start, end)) = signature(text).filter(|_| dice.one_in(10)) else {
        return mutated(dice, text.as_bytes());
    };
    let (before, own, after) = (&text[..start], &text[start..end], &text[end..]);
    let other = &others[dice.below(others.len())].text;
    let theirs = signature(other).map_or("", |(start, end)| &other[start..end]);
    let mut altered = before.as_bytes().to_vec();
    change(dice, &mut altered);
    let altered = String::from_utf8_lossy(&altered).into_owned();
    let forged = match dice.below(6) {
        // Under another's signature, and twice signed.
        0 => [before, theirs, after].concat(),
        1 => [before, own, theirs, after].concat(),
        // Altered under its own signature, or under none.
        2 => [&altered, own, after].concat(),
        3 => [&altered, after].concat(),
        // The original somewhere in an altered one, where a verifier that looks for it finds it.
        4 => [&altered, text, own, after].concat(),
        _ => [
            &altered,
            &own.replacen("</ds:Signature>", &format!("<ds:Object>{text}</ds:Object></ds:Signature>"), 1),
            after,
        ]
        .concat(),
    };
    forged.into_bytes()
}

/// What the mutants came to.
#[derive(Default)]
struct Tally {
    /// By code, or by status.
    refused: BTreeMap<String, u64>,
    /// With the original's canonical form: not sent.
    same: u64,
    /// With none, that is no XML or not with one signature: one in four of them was sent too.
    formless: u64,
}

impl Tally {
    fn add(&mut self, other: Tally) {
        self.same += other.same;
        self.formless += other.formless;
        other.refused.into_iter().for_each(|(what, n)| *self.refused.entry(what).or_default() += n);
    }
}

/// A User at the gateway, over one connection for each name that it has.
struct Sender<'s> {
    users: &'s HashMap<String, UserClient>,
    lines: HashMap<&'s str, Line>,
    now: jiff::Timestamp,
}

impl<'s> Sender<'s> {
    /// Sends a mutant, which must be refused; gives the code or the status.
    fn refused(&mut self, original: &'s Original, bytes: &[u8]) -> String {
        let user = &self.users[&original.user];
        let line = self.lines.entry(&original.user).or_insert_with(|| user.connect().expect("a connection"));
        let text = || String::from_utf8_lossy(bytes).into_owned();
        let said = post(line, original.service, bytes).unwrap_or_else(|why| panic!("{why}: {}", text()));
        if said.status != 200 {
            assert!(said.status == 400 && !said.body.trim().is_empty(), "{} {}: {}", said.status, said.body, text());
            return said.status.to_string();
        }
        let response = user.believes(&said.body, self.now).unwrap_or_else(|why| panic!("{why}: {}", text()));
        assert!(response.header().code.is_refusal(), "{}: {}", response.header().code, text());
        response.header().code.to_string()
    }

    /// Sends mutants until the run is over.
    fn send(&mut self, run: &Run, originals: &'s [Original]) -> Tally {
        let mut tally = Tally::default();
        while let Some((_execution, mut dice)) = run.next() {
            let original = &originals[dice.below(originals.len())];
            loop {
                let bytes = forged(&mut dice, original, originals);
                let form = signed_form(&bytes);
                if form == original.form {
                    tally.same += 1;
                    continue;
                }
                tally.formless += u64::from(form.is_none());
                if form.is_some() || dice.one_in(4) {
                    let what = self.refused(original, &bytes);
                    *tally.refused.entry(what).or_default() += 1;
                }
                if form.is_some() {
                    break;
                }
            }
        }
        tally
    }
}

#[test]
fn gateway_mutants() {
    let bench = bench();
    let connections = Arc::new(AtomicUsize::new(0));
    let connect = bench.lab.connect();
    let counted = connections.clone();
    let counting = Arc::new(move |chf| {
        counted.fetch_add(1, Ordering::Relaxed);
        connect(chf)
    });
    let service = served(&bench, ServedPlan { connect: counting, ..bench.plan() });
    let names = bench.homes.iter().flat_map(|home| [Some(&home.supplier), home.gas_supplier.as_ref()]).flatten();
    let users: HashMap<String, UserClient> = names.map(|name| (name.clone(), service.user(name))).collect();
    let originals = originals(&bench, &users);
    let (log, now) = (log_bytes(&bench.lab), bench.clock.now());
    let run = Run::new("gateway_mutants", MUTANTS);
    let whole = Mutex::new(Tally::default());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                let mut sender = Sender { users: &users, lines: HashMap::new(), now };
                let tally = sender.send(&run, &originals);
                whole.lock().unwrap_or_else(PoisonError::into_inner).add(tally);
            });
        }
    });
    let Tally { refused, same, formless } = whole.into_inner().unwrap_or_else(PoisonError::into_inner);
    run.told(&format!(
        "refused, by code or status {refused:?}; {formless} had no canonical form, {same} the original's, which were not sent"
    ));
    assert_eq!(connections.load(Ordering::Relaxed), 0, "a device was connected to");
    assert_eq!(log_bytes(&bench.lab), log, "a device wrote into its log");
    if run.is_of_tests() {
        assert!(
            ["400", "E100", "E1000"].iter().all(|code| refused.get(*code).is_some_and(|n| *n > 500)),
            "{refused:?}"
        );
        // No mutant used a RequestID up: each original is taken as if nothing had been.
        for original in &originals {
            let code = users[&original.user].asks(original.service, &original.text, now).header().code.to_string();
            assert!(["I0", "I99"].contains(&code.as_str()) || code.starts_with("E12"), "{code}: {}", original.text);
        }
    }
    service.stop().expect("a clean end");
}
