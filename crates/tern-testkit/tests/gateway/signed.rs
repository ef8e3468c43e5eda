//! Requests that were changed before their User signed them: decoder and Python's xmlschema agree on each; those that are still valid are
//! answered as they must be and carried out, the rest are refused at the right stage.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use jiff::Timestamp;
use tern_service::clock::Clock;
use tern_testkit::served::{Line, post};
use tern_testkit::{Dice, Home, Letterbox, UserClient};
use tern_wire::dsig;
use tern_wire::duis::{Received, RequestId, SchemaVersion};
use tern_wire::xml::Limits;

use crate::bench::{Bench, COUNTER, GROUPS, PATIENCE, bench, served};
use crate::mutate::{another_value, change, respelled, restructured};
use crate::oracle::{COUNTER_WINDOW, Expected, Oracle, request_id};
use crate::python::Judge;
use crate::run::{AT_ONCE, Run};
use crate::wishes::{Of, Wish, wishes};

/// How many requests are changed and signed.
const REQUESTS: u64 = 20_000;
/// A changed counter is this much below every other: nearer, it might be another's; above, all others would be behind it.
const BELOW: u64 = COUNTER - 2 * COUNTER_WINDOW;

/// A changed request.
struct Case {
    user: String,
    service: &'static str,
    version: SchemaVersion,
    text: String,
    /// Whether our own decoder says that its schema allows it.
    is_valid: bool,
}

/// Changes a request as its User's own software might.
fn changed(dice: &mut Dice, text: &str) -> String {
    match dice.below(12) {
        0 => text.to_owned(),
        1..=5 => another_value(dice, text),
        6 | 7 => restructured(dice, text),
        8 | 9 => respelled(dice, text),
        10 => {
            let (from, to) = *dice.pick_of(&[
                ("<CommandVariant>1<", "<CommandVariant>8<"),
                ("<CommandVariant>1<", "<CommandVariant>4<"),
                ("<CommandVariant>8<", "<CommandVariant>2<"),
                ("ReadSupplyStatus", "ReadMeterBalance"),
                ("<ServiceReference>4.1<", "<ServiceReference>4.2<"),
                ("4.18<", "4.3<"),
            ]);
            text.replace(from, to)
        }
        _ => {
            let mut bytes = text.as_bytes().to_vec();
            change(dice, &mut bytes);
            String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
        }
    }
}

fn is_valid(text: &str, version: SchemaVersion) -> bool {
    let received = Received::new("request", text.as_bytes(), &Limits::MESSAGE).expect("a document");
    received.parse().expect("a document").judge(version).is_ok()
}

/// A request that was changed and signed; its counter is its own, unless that was changed.
fn case(
    dice: &mut Dice,
    number: u64,
    asked: &[(&Home, Wish)],
    (users, versions): (&HashMap<String, UserClient>, &[SchemaVersion]),
) -> Case {
    let counter = COUNTER + number * 10;
    loop {
        let (home, wish) = &asked[dice.below(asked.len())];
        // What the DCC answers itself is most of what is asked: devices take their time.
        if wish.of != Of::Dcc && !dice.one_in(24) {
            continue;
        }
        let name = wish.asker(home).to_owned();
        let mut user = users[&name].clone();
        user.version = *dice.pick_of(versions);
        let mut text = wish.unsigned(&user, home, counter);
        for _ in 0..=usize::from(dice.one_in(4)) {
            text = changed(dice, &text);
        }
        // What is no document cannot be signed.
        let Ok(text) = dsig::sign(&text, &user.signer) else { continue };
        let service = if dice.one_in(40) { "serviceS" } else { wish.service() };
        let version = user.version;
        let is_valid = is_valid(&text, version);
        if is_valid && !(0..=BELOW).contains(&request_id(&text).counter) && request_id(&text).counter != counter {
            continue;
        }
        return Case { user: name, service, version, text, is_valid };
    }
}

/// What a case was answered at once.
fn acknowledged(case: &Case, (user, line): (&UserClient, &mut Line), now: Timestamp) -> String {
    let said = post(line, case.service, case.text.as_bytes()).unwrap_or_else(|why| panic!("{why}: {}", case.text));
    if said.status != 200 {
        assert!(said.status == 400 && !said.body.trim().is_empty(), "{} {}: {}", said.status, said.body, case.text);
        return said.status.to_string();
    }
    let response = user.believes(&said.body, now).unwrap_or_else(|why| panic!("{why}: {}", case.text));
    response.header().code.to_string()
}

/// What waits for its reply: the name of the answer, and the request.
type Awaited = BTreeMap<RequestId, (String, String)>;

/// Compares what a case was answered with what it must be; gives in a word what it came to.
fn compare(case: &Case, code: &str, oracle: &Oracle<'_>, (user, awaited): (&UserClient, &Mutex<Awaited>)) -> String {
    if !case.is_valid {
        assert!(code == "E1000" || code == "400", "{code} for what the schema refuses: {}", case.text);
        return format!("schema {code}");
    }
    match oracle.expects(&case.text, case.service, user) {
        Expected::Refused(right) => {
            assert_eq!(code, right, "{}", case.text);
            format!("valid {code}")
        }
        Expected::Answered(codes) => {
            assert!(codes.iter().any(|right| code.starts_with(right)), "{code}: {}", case.text);
            format!("answered {code}")
        }
        Expected::Held => {
            assert_eq!(code, "I99", "{}", case.text);
            "held".to_owned()
        }
        Expected::Accepted(answer) => {
            assert_eq!(code, "I99", "{}", case.text);
            let before = awaited.lock().expect("no panic").insert(request_id(&case.text), (answer, case.text.clone()));
            assert!(before.is_none(), "accepted twice: {}", case.text);
            "accepted".to_owned()
        }
    }
}

/// Takes a reply in: it is about something that waits, and is its answer or an S1SP's alert.
fn replied(text: &str, user: &UserClient, awaited: &mut Awaited, now: Timestamp) -> &'static str {
    let response = user.believes(text, now).unwrap_or_else(|why| panic!("{why}: {text}"));
    let nested = response.root().source();
    let id = match response.header().response_id {
        Some(id) => id.request(),
        None => {
            let about = awaited.keys().find(|id| nested.contains(&format!(">{id}<")));
            *about.unwrap_or_else(|| panic!("about nothing that waits: {text}"))
        }
    };
    let (answer, request) = awaited.remove(&id).unwrap_or_else(|| panic!("nobody waits for {id}: {text}"));
    if response.header().response_id.is_none() {
        assert!(nested.contains("S1SPAlert"), "{text}");
        return "alerts";
    }
    assert!(nested.contains(&format!(":{answer}")), "{answer} expected to {request}: {text}");
    "answers"
}

/// Every supplier's letterbox.
fn letterboxes(bench: &Bench) -> Vec<(String, Letterbox)> {
    let names = bench.homes.iter().flat_map(|home| [Some(&home.supplier), home.gas_supplier.as_ref()]).flatten();
    let mut names: Vec<String> = names.cloned().collect();
    names.sort();
    names.dedup();
    names.into_iter().map(|name| (name.clone(), bench.letterbox(&name))).collect()
}

#[test]
fn gateway_signed() {
    let bench = bench();
    let judge = Judge::new("gateway_signed");
    let versions = judge.as_ref().map_or_else(|| SchemaVersion::ALL.to_vec(), Judge::versions);
    let letterboxes = letterboxes(&bench);
    let plan =
        letterboxes.iter().fold(bench.plan(), |plan, (name, letterbox)| plan.reached_at(name, letterbox.address));
    let service = served(&bench, plan);
    let users: HashMap<String, UserClient> =
        letterboxes.iter().map(|(name, _)| (name.clone(), service.user(name))).collect();
    let homes = GROUPS.map(|group| bench.home(group));
    let asked: Vec<(&Home, Wish)> =
        homes.into_iter().flat_map(|home| wishes(home).into_iter().map(move |wish| (home, wish))).collect();
    // From now on the gateway knows a counter of each.
    for user in users.values() {
        let first = wishes(homes[0]).into_iter().find(|wish| wish.srv == "8.2").expect("a wish");
        let code = user.asks("serviceD", &first.signed(user, homes[0], COUNTER - 1), bench.clock.now());
        assert_eq!(code.header().code.as_str(), "I0");
    }
    let config = bench.lab.config();
    let oracle = Oracle { homes: &bench.homes, rulebook: &config.rulebook, now: bench.clock.now() };
    let (run, mut tally) = (Run::new("gateway_signed", REQUESTS), BTreeMap::new());
    loop {
        let executions = std::iter::from_fn(|| run.next()).take(REQUESTS as usize);
        let cases: Vec<Case> = executions
            .map(|(execution, mut dice)| case(&mut dice, execution.number, &asked, (&users, &versions)))
            .collect();
        if cases.is_empty() {
            break;
        }
        let documents = cases.iter().map(|case| (case.version, case.text.as_str()));
        let judging = judge.as_ref().map(|judge| judge.judge(documents));
        let (told, awaited) = (Mutex::new(std::mem::take(&mut tally)), Mutex::new(Awaited::new()));
        ask(&cases, &users, (&oracle, &awaited, &told));
        tally = told.into_inner().expect("no panic");
        collect(awaited.into_inner().expect("no panic"), (&letterboxes, &users), (&bench, &mut tally));
        if let Some(judging) = judging {
            agree(judge.as_ref().expect("it judges"), &cases, &judging.verdicts());
        }
    }
    run.told(&format!("{tally:?}"));
    service.stop().expect("a clean end");
}

/// Sends every case, many at once.
fn ask(
    cases: &[Case],
    users: &HashMap<String, UserClient>,
    (oracle, awaited, tally): (&Oracle<'_>, &Mutex<Awaited>, &Mutex<BTreeMap<String, u64>>),
) {
    std::thread::scope(|scope| {
        for share in 0..AT_ONCE {
            scope.spawn(move || {
                let mut lines = HashMap::<&str, Line>::new();
                for case in cases.iter().skip(share).step_by(AT_ONCE) {
                    let user = &users[&case.user];
                    let line = lines.entry(&case.user).or_insert_with(|| user.connect().expect("a connection"));
                    let code = acknowledged(case, (user, line), oracle.now);
                    let what = compare(case, &code, oracle, (user, awaited));
                    *tally.lock().expect("no panic").entry(what).or_default() += 1;
                }
            });
        }
    });
}

/// Waits for every reply that must come, and for none twice.
fn collect(
    mut awaited: Awaited,
    (letterboxes, users): (&[(String, Letterbox)], &HashMap<String, UserClient>),
    (bench, tally): (&Bench, &mut BTreeMap<String, u64>),
) {
    let since = std::time::Instant::now();
    while !awaited.is_empty() {
        let before = awaited.len();
        for (name, letterbox) in letterboxes {
            for text in letterbox.taken() {
                let what = replied(&text, &users[name], &mut awaited, bench.clock.now());
                *tally.entry(what.to_owned()).or_default() += 1;
            }
        }
        if awaited.len() == before {
            std::thread::park_timeout(std::time::Duration::from_millis(10));
        }
        assert!(
            since.elapsed() < 20 * PATIENCE,
            "{} replies never came, of them {:?}",
            awaited.len(),
            awaited.iter().next()
        );
    }
}

/// Our decoder and Python's say the same of every case. Where Python is wrong (it takes every space of Unicode for white space, and blanks
/// inside a decimal for none) libxml2 says so too.
fn agree(judge: &Judge, cases: &[Case], verdicts: &str) {
    assert_eq!(cases.len(), verdicts.len());
    let valid = cases.iter().filter(|case| case.is_valid).count();
    let differ: Vec<&Case> = cases
        .iter()
        .zip(verdicts.chars())
        .filter(|(case, verdict)| case.is_valid != (*verdict == 'V'))
        .map(|(case, _)| case)
        .collect();
    println!("{} documents, {valid} valid, {} judged otherwise by xmlschema", cases.len(), differ.len());
    assert!(differ.len() < cases.len() / 200 + 5, "{} differ", differ.len());
    for case in differ {
        if let Some(theirs) = judge.libxml2("gateway_signed", case.version, &case.text) {
            assert_eq!(case.is_valid, theirs, "{}", case.text);
        }
    }
}
