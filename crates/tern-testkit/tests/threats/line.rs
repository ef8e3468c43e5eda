//! One installation of a laboratory, as whoever means ill reaches it, and what only the laboratory knows of it.

use std::ops::Deref;
use std::sync::{Arc, Mutex};

use tern_cohorts::Transport;
use tern_dlms::SystemTitle;
use tern_dlms::wrapper::Frame;
use tern_model::{ChfIdentifier, DeviceId};
use tern_service::lanes::Connect;
use tern_service::pki;
use tern_testkit::{Lab, attack};
use tern_wire::smki::Signer;
use tern_world::devices::{Installation, LOG_FILE, LogRecord, read_installations, read_log};
use tern_world::dlms::server;

/// No answer is longer.
const APDU_MAX_BYTES: usize = 65_535;

/// The title of a party.
pub fn title(of: &Signer) -> SystemTitle {
    attack::title(of.certificate().party().0)
}

/// The line to one installation of a laboratory.
pub struct Line<'l> {
    lab: &'l Lab,
    line: attack::Line,
}

impl Deref for Line<'_> {
    type Target = attack::Line;

    fn deref(&self) -> &attack::Line {
        &self.line
    }
}

impl<'l> Line<'l> {
    pub fn of(lab: &'l Lab, chf: ChfIdentifier) -> Line<'l> {
        let installation = lab.corpus.devices.iter().find(|i| i.hub.chf == chf).expect("is there");
        let dco = pki::load_signer(&lab.dir().join("pki"), "dco").expect("its certificate");
        let dco = dco.certificate().party().0;
        Line { lab, line: attack::Line::new(lab.connect(), chf, installation.esme.device, dco) }
    }

    /// What its devices hold now, keys included: what nobody on the line can know.
    pub fn truth(&self) -> Installation {
        let all = read_installations(&self.lab.dir().join("world")).expect("the devices");
        all.into_iter().find(|i| i.hub.chf == self.chf).expect("is there")
    }

    /// Whatever its devices did so far.
    pub fn effects(&self) -> Vec<LogRecord> {
        let log = read_log(&self.lab.dir().join("world").join(LOG_FILE)).expect("the effect log");
        log.into_iter().filter(|r| matches!(r, LogRecord::Effect(effect) if effect.chf == self.chf)).collect()
    }

    /// Every device that takes signatures.
    pub fn signed_devices(&self) -> Vec<(u16, DeviceId)> {
        let installation = self.truth();
        let gsme = installation.gsme.iter().map(|gsme| (server::GSME, gsme.device));
        let ppmids = (server::PPMID..).zip(installation.ppmids.iter().map(|ppmid| ppmid.device));
        std::iter::once((server::CHF, self.chf.into())).chain(gsme).chain(ppmids).collect()
    }
}

/// Whatever went over the lines to devices, either way.
#[derive(Clone, Default)]
pub struct Tap(Arc<Mutex<Vec<(ChfIdentifier, Frame)>>>);

impl Tap {
    /// A way to connect on which somebody listens.
    pub fn on(&self, connect: Connect) -> Connect {
        let tap = self.clone();
        Arc::new(move |chf| {
            Ok(Box::new(Tapped { line: connect(chf)?, chf, tap: tap.clone(), heard: [Vec::new(), Vec::new()] }))
        })
    }

    /// What was heard of an installation.
    pub fn of(&self, chf: ChfIdentifier) -> Vec<Frame> {
        let heard = self.0.lock().expect("nobody panicked");
        heard.iter().filter(|(of, _)| *of == chf).map(|(_, frame)| frame.clone()).collect()
    }
}

struct Tapped {
    line: Box<dyn Transport>,
    chf: ChfIdentifier,
    tap: Tap,
    /// What was asked, and what was answered.
    heard: [Vec<u8>; 2],
}

impl std::io::Read for Tapped {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.line.read(into)?;
        self.heard[1].extend_from_slice(&into[..read]);
        Ok(read)
    }
}

impl std::io::Write for Tapped {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.line.write(bytes)?;
        self.heard[0].extend_from_slice(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.line.flush()
    }
}

impl Drop for Tapped {
    fn drop(&mut self) {
        let mut all = self.tap.0.lock().expect("nobody panicked");
        for mut bytes in std::mem::take(&mut self.heard) {
            while let Ok(Some((frame, length))) = Frame::split_first(&bytes, APDU_MAX_BYTES) {
                bytes.drain(..length);
                all.push((self.chf, frame));
            }
        }
    }
}
