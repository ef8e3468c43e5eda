//! Refusals that nobody authenticated: what somebody on the line says in the ESME's name, and what an ESME says that has no
//! time, never decide whose keys it holds.

use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};

use tern_cohorts::Transport;
use tern_dlms::Codec;
use tern_dlms::acse::{Aare, ApplicationContext, AssociationResult, Diagnostic, Mechanism, ServiceUserDiagnostic};
use tern_dlms::apdu::{ExceptionResponse, ServiceException, StateError};
use tern_dlms::wrapper::{Frame, write_frame};
use tern_model::{ChfIdentifier, OutcomeKind};
use tern_service::lanes::Connect;
use tern_testkit::Lab;
use tern_world::devices::{Fault, FaultKind, FaultRow, Fingerprint, Times};
use tern_world::dlms::client;

use crate::support::{ALWAYS, check, held, lab, named, open, run, take};

/// First byte of an AARQ.
const AARQ: u8 = 0x60;

#[test]
fn a_refusal_that_nobody_authenticated_never_decides_whose_keys_an_esme_holds() {
    let mut lab = lab(1);
    for (name, refusal) in refusals() {
        let mut ends = Vec::new();
        // The ESME took the keys, and its answer was lost: so many of the associations that ask it are refused by somebody.
        for times in 0..=7 {
            ends.push(after_a_lost_key_transfer(&mut lab, &refusal, times, name));
        }
        println!("{name}: {ends:?}");
        // A probe is asked three times, of two associations at the most; then the way back asks as often.
        assert_eq!(ends[..3], [OutcomeKind::Commissioned; 3], "{name}");
        assert!(ends.contains(&OutcomeKind::RolledBack), "{name}: {ends:?}");
        // And where nobody ever hears the ESME itself it is stuck, not done with.
        assert_eq!(after_a_lost_key_transfer(&mut lab, &refusal, ALWAYS, name), OutcomeKind::Stuck, "{name}");
    }
}

#[test]
fn an_esme_that_has_no_time_for_an_association_is_asked_again() {
    let mut lab = lab(1);
    for nth in 1..=12 {
        lab.reset();
        let chf = the_installation(&lab);
        lose_the_key_transfer(&lab, chf);
        // The fault comes with the n-th association and is over after it.
        let row = FaultRow::new(&format!("associate@{nth}"));
        lab.world.arm(Fault { chf, kind: FaultKind::Fail, row, times: Times::Count(1) });
        let told = format!("no time at association {nth}");
        assert_eq!(ended(&lab, lab.connect(), &told), OutcomeKind::Commissioned, "{told}");
    }
}

/// What is said in clear, in the place of an AARE.
fn refusals() -> [(&'static str, Vec<u8>); 3] {
    let rejected = |result, diagnostic| {
        let diagnostic = Diagnostic::ServiceUser(diagnostic);
        let aare = Aare {
            application_context: ApplicationContext::LogicalNameWithCiphering,
            result,
            diagnostic,
            responding_ap_title: None,
            mechanism: Some(Mechanism::HighGmac),
            responding_authentication_value: None,
            user_information: None,
        };
        aare.to_bytes()
    };
    let busy = ExceptionResponse {
        state_error: StateError::ServiceNotAllowed,
        service_error: ServiceException::OperationNotPossible,
    };
    [
        (
            "authentication-failure",
            rejected(AssociationResult::RejectedPermanent, ServiceUserDiagnostic::AuthenticationFailure),
        ),
        ("for now", rejected(AssociationResult::RejectedTransient, ServiceUserDiagnostic::NoReasonGiven)),
        ("exception-response", busy.to_bytes()),
    ]
}

fn after_a_lost_key_transfer(lab: &mut Lab, refusal: &[u8], times: u32, name: &str) -> OutcomeKind {
    lab.reset();
    let chf = the_installation(lab);
    lose_the_key_transfer(lab, chf);
    let keys = lab.world.snapshot(chf).expect("its devices").association_keys;
    let forger = Forger { refusal: refusal.to_vec(), left: Arc::new(Mutex::new(times)), keys };
    ended(lab, forger.on(lab), &format!("{name}, {times} times"))
}

fn the_installation(lab: &Lab) -> ChfIdentifier {
    lab.world.installations().next().expect("an installation")
}

fn lose_the_key_transfer(lab: &Lab, chf: ChfIdentifier) {
    let row = FaultRow::new("key-transfer");
    assert!(lab.world.arm(Fault { chf, kind: FaultKind::LostAnswer, row, times: Times::Count(1) }));
}

/// Migrates over these lines; engine and devices agree, and what is stuck comes back once the forger is gone.
fn ended(lab: &Lab, connect: Connect, told: &str) -> OutcomeKind {
    let (before, set) = (held(lab), named(&lab.sets[0]));
    let mut system = open(lab);
    take(&mut system, &lab.sets[0]);
    run(&mut system, &mut lab.devices_over(connect), &[]).expect("comes to an end");
    let kinds = check(lab, &mut system, set, &before, told);
    assert_eq!(kinds.len(), 1, "{told}");
    *kinds.first().expect("one")
}

/// Somebody on the line who refuses associations in the ESME's name, once it holds other keys.
#[derive(Clone)]
struct Forger {
    refusal: Vec<u8>,
    left: Arc<Mutex<u32>>,
    keys: Fingerprint,
}

impl Forger {
    fn on(self, lab: &Lab) -> Connect {
        let (connect, world) = (lab.connect(), lab.world.clone());
        Arc::new(move |chf| {
            let changed = world.snapshot(chf).is_some_and(|now| now.association_keys != self.keys);
            let forger = changed.then(|| self.clone());
            Ok(Box::new(Forged { line: connect(chf)?, forger, said: io::Cursor::default(), asked: Vec::new() }))
        })
    }

    /// What is said to a frame in the ESME's place.
    fn says(&self, frame: &Frame) -> Option<Vec<u8>> {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        if frame.source != client::MANAGEMENT || frame.apdu.first() != Some(&AARQ) || *left == 0 {
            return None;
        }
        *left -= 1;
        let mut said = Vec::new();
        let answer = Frame { source: frame.destination, destination: frame.source, apdu: self.refusal.clone() };
        write_frame(&mut said, &answer).expect("is written");
        Some(said)
    }
}

struct Forged {
    line: Box<dyn Transport>,
    forger: Option<Forger>,
    said: io::Cursor<Vec<u8>>,
    asked: Vec<u8>,
}

impl Read for Forged {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self.said.read(into)? {
            0 => self.line.read(into),
            read => Ok(read),
        }
    }
}

impl Write for Forged {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(forger) = &self.forger else { return self.line.write(bytes) };
        self.asked.extend_from_slice(bytes);
        while let Ok(Some((frame, length))) = Frame::split_first(&self.asked, u16::MAX.into()) {
            let asked: Vec<u8> = self.asked.drain(..length).collect();
            match forger.says(&frame) {
                Some(said) => self.said = io::Cursor::new(said),
                None => self.line.write_all(&asked)?,
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.line.flush()
    }
}
