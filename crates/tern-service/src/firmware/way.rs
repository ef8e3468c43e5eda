//! The way to a device for as long as an image needs, which ends between two requests when it is to stop.

use std::io::{self, ErrorKind, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tern_cohorts::{Keys, Site, Transport};

use super::target::Target;
use crate::executor::Numbers;
use crate::lanes::{Connect, S1spIdentity};

/// How the S1SP reaches devices, and whether it is to stop.
#[derive(Clone, Copy)]
pub struct Way<'a> {
    /// Connects to an installation.
    pub connect: &'a Connect,
    /// The S1SP as devices know it.
    pub identity: &'a S1spIdentity,
    /// Set when it is to stop.
    pub stop: &'a Arc<AtomicBool>,
}

impl Way<'_> {
    /// Whether it is to stop.
    pub(super) fn is_to_stop(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    /// Hands the installation of a device over, under these numbers; nothing more is asked once `halt` is set.
    pub(super) fn at<T>(
        &self,
        (target, keys): (&Target, &Keys),
        numbers: Numbers,
        halt: &Arc<AtomicBool>,
        body: impl FnOnce(&mut Site<'_>) -> T,
    ) -> T {
        let plan = &target.installation.plan;
        let connect = || -> io::Result<Box<dyn Transport>> {
            let line = (self.connect)(plan.chf)?;
            Ok(Box::new(Stopping { line, flags: [self.stop.clone(), halt.clone()] }))
        };
        let opening = numbers.open(target.associations, keys);
        body(&mut Site::of(plan.into(), opening, self.identity, &connect))
    }
}

/// A connection on which nothing more is asked once one of two flags is set. What was asked is answered.
struct Stopping {
    line: Box<dyn Transport>,
    flags: [Arc<AtomicBool>; 2],
}

impl Read for Stopping {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.line.read(into)
    }
}

impl Write for Stopping {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.flags.iter().any(|flag| flag.load(Ordering::Acquire)) {
            return Err(ErrorKind::ConnectionAborted.into());
        }
        self.line.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.line.flush()
    }
}
