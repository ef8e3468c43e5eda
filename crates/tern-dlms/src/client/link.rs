//! One APDU out, one APDU in: framing, protection, and what makes an answer believable.

use std::io::{Read, Write};

use super::{ClientError, Doubt, NotSent, Refusal};
use crate::apdu::{ExceptionResponse, tag};
use crate::codec::Codec;
use crate::invocation::Invocations;
use crate::security::{CIPHERED_OVERHEAD_MAX_BYTES, Ciphering, Form, Protection, SecurityError, Unsealed};
use crate::wrapper::{Frame, read_frame, write_frame};

/// What the wrapper can carry.
pub(super) const WRAPPED_MAX_BYTES: usize = u16::MAX as usize;

/// The two ends of a conversation, as the wrapper names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ports {
    /// The client's wPort: which kind of client it is.
    pub client: u16,
    /// The server's wPort: which logical device.
    pub server: u16,
}

/// A protected way to the server.
pub(super) struct Channel {
    pub ciphering: Ciphering,
    pub form: Form,
    pub protection: Protection,
    pub invocations: Invocations,
    /// The highest invocation counter of the server that was believed.
    pub heard: Option<u32>,
}

impl Channel {
    /// Protects a request under the next number.
    pub fn seal(&mut self, form: Form, apdu: &[u8]) -> Result<Vec<u8>, NotSent> {
        let number = self.invocations.take()?;
        Ok(self.ciphering.seal(form, self.protection, number, apdu)?)
    }

    /// Opens an answer: its tag fits, it is protected as agreed, and its number rises.
    pub fn open(&mut self, answer: &[u8]) -> Result<Vec<u8>, SecurityError> {
        let Unsealed { protection, invocation_counter, apdu, .. } = self.ciphering.open(answer)?;
        if !protection.covers(self.protection) {
            return Err(SecurityError::TooLittle);
        }
        self.hear(invocation_counter)?;
        Ok(apdu)
    }

    /// Believes a number of the server's where it rises.
    pub fn hear(&mut self, found: u32) -> Result<(), SecurityError> {
        match self.heard {
            Some(highest) if found <= highest => Err(SecurityError::Counter { found, highest }),
            _ => {
                self.heard = Some(found);
                Ok(())
            }
        }
    }
}

/// The way to the server.
pub(super) struct Link<T> {
    pub transport: T,
    pub ports: Ports,
    pub channel: Option<Channel>,
    /// The longest APDU that the server takes.
    pub server_max_bytes: usize,
    /// The longest APDU that we said we take.
    pub client_max_bytes: usize,
    broken: bool,
}

impl<T: Read + Write> Link<T> {
    pub fn new(transport: T, ports: Ports, client_max_bytes: u16) -> Link<T> {
        let client_max_bytes = if client_max_bytes == 0 { WRAPPED_MAX_BYTES } else { client_max_bytes.into() };
        Link { transport, ports, channel: None, server_max_bytes: WRAPPED_MAX_BYTES, client_max_bytes, broken: false }
    }

    /// The longest APDU that can be sent once it is protected.
    pub fn plain_max_bytes(&self) -> usize {
        let overhead = if self.channel.is_some() { CIPHERED_OVERHEAD_MAX_BYTES } else { 0 };
        self.server_max_bytes.saturating_sub(overhead)
    }

    /// Sends a request under the channel's protection and gives the answer that it protects.
    pub fn request(&mut self, apdu: &[u8]) -> Result<Vec<u8>, ClientError> {
        let (length, limit) = (apdu.len(), self.plain_max_bytes());
        if length > limit {
            return Err(NotSent::TooLong { length, limit }.into());
        }
        let Some(channel) = &mut self.channel else {
            let answer = self.relay(apdu)?;
            return self.unprotected(answer);
        };
        if self.broken {
            return Err(NotSent::Broken.into());
        }
        let protected = channel.seal(channel.form, apdu)?;
        let answer = self.relay(&protected)?;
        self.protected(&answer)
    }

    /// Sends bytes as they are and gives the bytes that come back.
    pub fn relay(&mut self, apdu: &[u8]) -> Result<Vec<u8>, ClientError> {
        if self.broken {
            return Err(NotSent::Broken.into());
        }
        if apdu.len() > WRAPPED_MAX_BYTES {
            return Err(NotSent::TooLong { length: apdu.len(), limit: WRAPPED_MAX_BYTES }.into());
        }
        let answer = self.exchange(apdu);
        self.broken |= answer.is_err();
        answer
    }

    /// Marks the connection as of no more use where a result leaves doubt.
    pub fn judged<R>(&mut self, result: Result<R, ClientError>) -> Result<R, ClientError> {
        self.broken |= matches!(result, Err(ClientError::Unknown(_)));
        result
    }

    fn exchange(&mut self, apdu: &[u8]) -> Result<Vec<u8>, ClientError> {
        let Ports { client, server } = self.ports;
        write_frame(&mut self.transport, &Frame { source: client, destination: server, apdu: apdu.to_vec() })?;
        let frame = read_frame(&mut self.transport, self.client_max_bytes)?.ok_or(Doubt::Closed)?;
        if (frame.source, frame.destination) != (server, client) {
            return Err(Doubt::Nonsense("a frame between other ports").into());
        }
        Ok(frame.apdu)
    }

    fn protected(&mut self, answer: &[u8]) -> Result<Vec<u8>, ClientError> {
        let opened = match (&mut self.channel, answer.first()) {
            (Some(_), Some(&tag::EXCEPTION_RESPONSE)) => {
                Err(Doubt::Unprotected(ExceptionResponse::decode(answer).ok()).into())
            }
            (Some(channel), _) => channel.open(answer).map_err(|error| Doubt::from(error).into()),
            (None, _) => Err(Doubt::Nonsense("no channel").into()),
        };
        self.judged(opened)
    }

    fn unprotected(&mut self, answer: Vec<u8>) -> Result<Vec<u8>, ClientError> {
        if answer.first() != Some(&tag::EXCEPTION_RESPONSE) {
            return Ok(answer);
        }
        let refused = match ExceptionResponse::decode(&answer) {
            Ok(exception) => Refusal::Exception(exception).into(),
            Err(error) => error.into(),
        };
        self.judged(Err(refused))
    }
}
