//! Devices that answer twice, or so late that the answer comes into the next conversation: each request is told once, and each effect
//! stands in the device's own log once.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tern_cohorts::Transport;
use tern_model::{ChfIdentifier, GroupId};
use tern_service::clock::Clock;
use tern_service::lanes::Connect;

use crate::bench::{COUNTER, PATIENCE, bench, served};
use crate::crashes::effects;
use crate::wishes::wishes;

/// What becomes of one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trick {
    /// It comes twice.
    Twice,
    /// Its connection ends without it, and it comes first on the next one.
    Late,
}

/// Plays a trick on the n-th answer.
struct Line {
    line: Box<dyn Transport>,
    chf: ChfIdentifier,
    tricks: Arc<Tricks>,
    /// What is yet to be read.
    pending: Vec<u8>,
    is_over: bool,
}

struct Tricks {
    trick: Trick,
    on: usize,
    answers: AtomicUsize,
    late: Mutex<HashMap<ChfIdentifier, Vec<u8>>>,
}

fn playing(connect: Connect, trick: Trick, on: usize) -> (Connect, Arc<Tricks>) {
    let tricks = Arc::new(Tricks { trick, on, answers: AtomicUsize::new(0), late: Mutex::default() });
    let played = tricks.clone();
    let connect: Connect = Arc::new(move |chf| {
        let pending = tricks.late.lock().expect("no panic").remove(&chf).unwrap_or_default();
        let (line, tricks) = (connect(chf)?, tricks.clone());
        Ok(Box::new(Line { line, chf, tricks, pending, is_over: false }))
    });
    (connect, played)
}

impl Read for Line {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.is_over {
            return Ok(0);
        }
        if self.pending.is_empty() {
            let mut answer = vec![0; 65_536];
            let read = self.line.read(&mut answer)?;
            answer.truncate(read);
            let is_it = read > 0 && self.tricks.answers.fetch_add(1, Ordering::AcqRel) == self.tricks.on;
            match self.tricks.trick {
                Trick::Twice if is_it => answer.extend_from_within(..),
                Trick::Late if is_it => {
                    self.tricks.late.lock().expect("no panic").insert(self.chf, answer);
                    self.is_over = true;
                    return Ok(0);
                }
                _ => {}
            }
            self.pending = answer;
        }
        let bytes = into.len().min(self.pending.len());
        into[..bytes].copy_from_slice(&self.pending[..bytes]);
        self.pending.drain(..bytes);
        Ok(bytes)
    }
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.line.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.line.flush()
    }
}

#[test]
fn an_answer_that_comes_twice_or_late_is_told_once_and_nothing_is_done_twice() {
    for (srv, operation) in [("4.1.1", None), ("2.2", Some("top-up")), ("7.2", Some("set-supply"))] {
        for trick in [Trick::Twice, Trick::Late] {
            let mut on = 0;
            loop {
                let bench = bench();
                let home = bench.home(GroupId::CB);
                let wish = wishes(home).into_iter().find(|wish| wish.srv == srv).expect("a wish");
                let (device, asker) = (wish.device(home).expect("a device"), wish.asker(home));
                let letterbox = bench.letterbox(asker);
                let mut plan = bench.plan().reached_at(asker, letterbox.address);
                let (connect, tricks) = playing(plan.connect.clone(), trick, on);
                plan.connect = connect;
                let service = served(&bench, plan);
                let user = service.user(asker);
                let before = operation.map_or(0, |operation| effects(&bench, device, operation));
                let code = user.asks("serviceS", &wish.signed(&user, home, COUNTER), bench.clock.now());
                assert_eq!(code.header().code.as_str(), "I99");
                let text = letterbox.next_within(PATIENCE).unwrap_or_else(|| panic!("{srv} {trick:?} {on}: no reply"));
                let told = user.believes(&text, bench.clock.now()).expect("a reply");
                assert!(told.nested().is_some(), "{srv} {trick:?} {on}: {text}");
                let said = service.said();
                service.stop().expect("a clean end");
                assert_eq!(letterbox.taken(), Vec::<String>::new(), "{srv} {trick:?} {on}: told twice");
                // Whichever answer it was, the device was asked again where that was needed, and did it once.
                let done = text.contains("MessageSuccess=\"true\"") && !text.contains("P-top-up-failed");
                assert!(done, "{srv} {trick:?} {on}: {said:?} {text}");
                if let Some(operation) = operation {
                    assert_eq!(effects(&bench, device, operation) - before, 1, "{srv} {trick:?} {on}: {said:?} {text}");
                }
                // Once the trick was on no answer any more, there is none left.
                if tricks.answers.load(Ordering::Acquire) <= on {
                    assert!(on >= 2, "{srv} {trick:?}: {on} answers");
                    break;
                }
                on += 1;
            }
        }
    }
}
