//! A connection to an installation, and how long it may take: for each exchange, and in all.
//!
//! It must never outlive its row: who answers in time again and again, but never ends, is cut off too.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::devices::Connect;
use super::wan::Wan;
use crate::config::CommissioningConfig;
use crate::timed::TimedStream;

/// How long devices may take (P).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineLimits {
    /// From the first byte of what is asked to the last byte of its answer.
    pub exchange: Duration,
    /// From connecting to the last answer of a row.
    pub row: Duration,
}

impl LineLimits {
    /// As configured.
    #[must_use]
    pub fn of(config: &CommissioningConfig) -> LineLimits {
        LineLimits {
            exchange: Duration::from_millis(config.answer_timeout_ms),
            row: Duration::from_millis(config.row_timeout_ms),
        }
    }
}

/// The way to connect over TCP, by an address book.
#[must_use]
pub fn over_tcp(wan: Wan, limits: LineLimits) -> Connect {
    Arc::new(move |chf| {
        let address = wan.address_of(chf).ok_or_else(|| {
            io::Error::new(io::ErrorKind::AddrNotAvailable, "the communications provider knows no such hub")
        })?;
        let ends = Instant::now() + limits.row;
        let stream = TcpStream::connect_timeout(&address, limits.exchange.min(limits.row))?;
        stream.set_nodelay(true)?;
        Ok(Box::new(Line { stream: TimedStream::new(stream, ends), limits, ends, asks: false }))
    })
}

/// A connection that carries one row.
struct Line {
    stream: TimedStream,
    limits: LineLimits,
    /// When the row ends.
    ends: Instant,
    /// Whether what was done last was to ask, so that the exchange goes on.
    asks: bool,
}

impl Read for Line {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.asks = false;
        self.stream.read(into)
    }
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !std::mem::replace(&mut self.asks, true) {
            self.stream.end_at(self.ends.min(Instant::now() + self.limits.exchange));
        }
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}
