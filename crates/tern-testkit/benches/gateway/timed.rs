//! The way to the devices, with the time that they take: they answer while they are read from.

use std::io::{self, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tern_cohorts::Transport;
use tern_service::lanes::Connect;

/// What devices took.
#[derive(Clone, Default)]
pub struct Devices(Arc<AtomicU64>);

impl Devices {
    /// A way to connect on which it is counted.
    pub fn timing(&self, connect: Connect) -> Connect {
        let of = self.clone();
        Arc::new(move |chf| Ok(Box::new(Timed { line: connect(chf)?, of: of.clone() })))
    }

    pub fn spent(&self) -> Duration {
        Duration::from_nanos(self.0.load(Ordering::Relaxed))
    }

    fn counted<T>(&self, work: impl FnOnce() -> T) -> T {
        let since = Instant::now();
        let done = work();
        self.0.fetch_add(u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
        done
    }
}

struct Timed {
    line: Box<dyn Transport>,
    of: Devices,
}

impl Read for Timed {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let of = self.of.clone();
        of.counted(|| self.line.read(into))
    }
}

impl Write for Timed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let of = self.of.clone();
        of.counted(|| self.line.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.line.flush()
    }
}
