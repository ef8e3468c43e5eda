//! A connection to an installation that never leaves the process: for those who hold the world themselves.
//!
//! What is written is answered by the very code that answers over the WAN; it must never answer otherwise.

use std::io::{self, Read, Write};
use std::sync::Arc;

use tern_dlms::wrapper::Frame;
use tern_model::ChfIdentifier;

use super::{APDU_MAX_BYTES, Conversation};
use crate::devices::World;

/// One connection in memory. Where a device ends it, reading comes to an end.
#[derive(Debug)]
pub struct Loopback {
    /// None once it has ended.
    conversation: Option<Conversation<Arc<World>>>,
    asked: Vec<u8>,
    answered: Vec<u8>,
    read: usize,
}

impl Loopback {
    /// Connects to an installation.
    ///
    /// # Errors
    /// There is none by that identifier.
    pub fn connect(world: &Arc<World>, chf: ChfIdentifier) -> io::Result<Loopback> {
        let place = world.place(chf).ok_or(io::ErrorKind::AddrNotAvailable)?;
        let conversation = Conversation::begin(world.clone(), place);
        Ok(Loopback { conversation, asked: Vec::new(), answered: Vec::new(), read: 0 })
    }

    /// Answers whatever whole frames there are.
    fn answer(&mut self) -> io::Result<()> {
        while let Some(conversation) = &mut self.conversation {
            let Some((frame, bytes)) = Frame::split_first(&self.asked, APDU_MAX_BYTES).map_err(io::Error::other)?
            else {
                return Ok(());
            };
            self.asked.drain(..bytes);
            match conversation.answer_frame(&frame) {
                Some(answer) => answer.encode(&mut self.answered).map_err(io::Error::other)?,
                None => self.conversation = None,
            }
        }
        Ok(())
    }
}

impl Read for Loopback {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let waiting = &self.answered[self.read..];
        let bytes = waiting.len().min(into.len());
        into[..bytes].copy_from_slice(&waiting[..bytes]);
        self.read += bytes;
        if self.read == self.answered.len() {
            self.answered.clear();
            self.read = 0;
        }
        Ok(bytes)
    }
}

impl Write for Loopback {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.conversation.is_none() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        self.asked.extend_from_slice(bytes);
        self.answer()?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
