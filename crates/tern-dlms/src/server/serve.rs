//! The sessions of one connection, and a blocking loop over a stream.

use std::collections::HashMap;
use std::io::{Read, Write};

use super::{LogicalDevice, Session, Stop};
use crate::codec::Codec;
use crate::wrapper::{Frame, WrapperError, read_frame, write_frame};

/// How many pairs of client and logical device one connection may have sessions for.
const SESSIONS_MAX: usize = 64;

/// The sessions of one connection, by the two wPorts of a frame.
#[derive(Debug, Default)]
pub struct Connection {
    sessions: HashMap<(u16, u16), Session>,
}

impl Connection {
    /// A connection on which nothing is opened yet.
    #[must_use]
    pub fn new() -> Connection {
        Connection::default()
    }

    /// Answers a frame that `device` is the receiver of, which is none where nothing stands behind the wPort; none: the
    /// connection is to be closed without an answer.
    pub fn answer(&mut self, frame: &Frame, device: Option<&mut dyn LogicalDevice>) -> Option<Frame> {
        let ports = (frame.source, frame.destination);
        let is_full = self.sessions.len() >= SESSIONS_MAX && !self.sessions.contains_key(&ports);
        let apdu = match device {
            Some(device) if !is_full => {
                let session = self.sessions.entry(ports).or_insert_with(|| Session::new(frame.source));
                session.answer(device, &frame.apdu)?
            }
            _ => {
                let Stop::Exception(exception) = Stop::NOT_POSSIBLE else { return None };
                exception.to_bytes()
            }
        };
        Some(Frame { source: frame.destination, destination: frame.source, apdu })
    }
}

/// Serves one connection until it ends or an answer is none: reads a frame, has it answered, writes the answer. Time limits are
/// the stream's.
///
/// # Errors
/// [`WrapperError`]: the stream failed, or what came is no frame of at most `apdu_bytes_max` bytes.
pub fn serve<S: Read + Write>(
    mut stream: S,
    apdu_bytes_max: usize,
    mut answer: impl FnMut(&Frame) -> Option<Frame>,
) -> Result<(), WrapperError> {
    while let Some(frame) = read_frame(&mut stream, apdu_bytes_max)? {
        let Some(answer) = answer(&frame) else { return Ok(()) };
        write_frame(&mut stream, &answer)?;
    }
    Ok(())
}
