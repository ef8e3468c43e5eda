//! Somebody on the line to the devices: sees each request before the device does, and says what is answered.

use std::io::{self, Read, Write};
use std::sync::Arc;

use tern_cohorts::Transport;
use tern_dlms::wrapper::{Frame, read_frame, write_frame};
use tern_model::ChfIdentifier;
use tern_service::lanes::Connect;

/// No frame is longer.
const APDU_MAX_BYTES: usize = 65_535;

/// What is answered to a request for an installation; none ends the connection. The device is asked by a call, or is not.
pub type Meddle =
    Arc<dyn Fn(ChfIdentifier, &Frame, &mut dyn FnMut(&Frame) -> Option<Frame>) -> Option<Frame> + Send + Sync>;

/// A way to connect on which somebody meddles.
#[must_use]
pub fn meddling(connect: Connect, meddle: Meddle) -> Connect {
    Arc::new(move |chf| {
        let line = Some(connect(chf)?);
        Ok(Box::new(Meddled { line, chf, meddle: meddle.clone(), asked: Vec::new(), answered: Vec::new() }))
    })
}

struct Meddled {
    /// None once it has ended.
    line: Option<Box<dyn Transport>>,
    chf: ChfIdentifier,
    meddle: Meddle,
    asked: Vec<u8>,
    answered: Vec<u8>,
}

impl Meddled {
    fn pass_on(&mut self) -> io::Result<()> {
        while let Some(line) = &mut self.line {
            let Some((frame, bytes)) = Frame::split_first(&self.asked, APDU_MAX_BYTES).map_err(io::Error::other)?
            else {
                return Ok(());
            };
            self.asked.drain(..bytes);
            let mut device = |frame: &Frame| {
                write_frame(line, frame).ok()?;
                read_frame(line, APDU_MAX_BYTES).ok()?
            };
            match (self.meddle)(self.chf, &frame, &mut device) {
                Some(answer) => answer.encode(&mut self.answered).map_err(io::Error::other)?,
                None => self.line = None,
            }
        }
        Ok(())
    }
}

impl Read for Meddled {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let bytes = into.len().min(self.answered.len());
        into[..bytes].copy_from_slice(&self.answered[..bytes]);
        self.answered.drain(..bytes);
        Ok(bytes)
    }
}

impl Write for Meddled {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.asked.extend_from_slice(bytes);
        self.pass_on()?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
