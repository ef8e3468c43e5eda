//! A TCP connection that ends at a moment, however slowly the other end goes on.
//!
//! The time limit of a socket is for one read: whoever sends a byte at a time would never meet it. Here what is left until
//! the moment is set before each. It must never be set up without a moment where the other end is nobody's friend yet.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// A connection whose reads and writes all end by a moment, where one is set.
#[derive(Debug)]
pub(crate) struct TimedStream {
    stream: TcpStream,
    until: Option<Instant>,
}

impl TimedStream {
    /// So, of a connected socket.
    pub(crate) fn new(stream: TcpStream, until: Instant) -> TimedStream {
        TimedStream { stream, until: Some(until) }
    }

    /// From now on this is the moment.
    pub(crate) fn end_at(&mut self, until: Instant) {
        self.until = Some(until);
    }

    /// From now on there is no moment, and each single read and write may take so long.
    ///
    /// # Errors
    /// The socket takes no time limit.
    pub(crate) fn rest_for(&mut self, each: Duration) -> io::Result<()> {
        self.until = None;
        self.stream.set_read_timeout(Some(each))?;
        self.stream.set_write_timeout(Some(each))
    }

    /// What is left; none where no moment is set.
    fn left(&self) -> io::Result<Option<Duration>> {
        let Some(until) = self.until else { return Ok(None) };
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(ErrorKind::TimedOut.into()) } else { Ok(Some(left)) }
    }
}

impl Read for TimedStream {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if let Some(left) = self.left()? {
            self.stream.set_read_timeout(Some(left))?;
        }
        self.stream.read(into)
    }
}

impl Write for TimedStream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(left) = self.left()? {
            self.stream.set_write_timeout(Some(left))?;
        }
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}
