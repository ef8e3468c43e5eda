//! Conversations with devices that break off at a byte, whichever side was speaking, and can be begun again afterwards.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};

use tern_cohorts::Transport;
use tern_model::ChfIdentifier;
use tern_service::lanes::Connect;

/// How the conversations with each installation fare.
#[derive(Debug, Clone, Default)]
pub struct Breaks {
    of: Arc<Mutex<BTreeMap<ChfIdentifier, Conversation>>>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Conversation {
    /// Bytes that went either way.
    passed: u64,
    /// The byte at which it breaks off, once.
    breaks_at: Option<u64>,
}

impl Breaks {
    /// Has an installation's conversation break off before its `n`-th byte from now on.
    pub fn at(&self, chf: ChfIdentifier, n: u64) {
        let passed = self.passed(chf);
        self.lock().insert(chf, Conversation { passed, breaks_at: Some(passed + n) });
    }

    /// How many bytes went either way.
    #[must_use]
    pub fn passed(&self, chf: ChfIdentifier) -> u64 {
        self.lock().get(&chf).map_or(0, |conversation| conversation.passed)
    }

    /// How many conversations have not broken off although they were to.
    #[must_use]
    pub fn unbroken(&self) -> usize {
        self.lock().values().filter(|conversation| conversation.breaks_at.is_some()).count()
    }

    /// A way to connect whose conversations break off as planned.
    #[must_use]
    pub fn on(&self, connect: Connect) -> Connect {
        let breaks = self.clone();
        Arc::new(move |chf| {
            let line = connect(chf)?;
            Ok(Box::new(Breaking { line, chf, breaks: breaks.clone(), broken: false }))
        })
    }

    /// How many of `wanted` bytes pass, and whether the conversation breaks off after them.
    fn pass(&self, chf: ChfIdentifier, wanted: usize) -> (usize, bool) {
        let mut of = self.lock();
        let conversation = of.entry(chf).or_default();
        let left = conversation.breaks_at.map_or(u64::MAX, |at| at.saturating_sub(conversation.passed));
        let passes = usize::try_from(left).unwrap_or(usize::MAX).min(wanted);
        conversation.passed += passes as u64;
        let breaks = passes < wanted;
        if breaks {
            conversation.breaks_at = None;
        }
        (passes, breaks)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<ChfIdentifier, Conversation>> {
        self.of.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Breaking {
    line: Box<dyn Transport>,
    chf: ChfIdentifier,
    breaks: Breaks,
    broken: bool,
}

impl Breaking {
    fn meet(&mut self, wanted: usize) -> io::Result<usize> {
        if self.broken {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        let (passes, breaks) = self.breaks.pass(self.chf, wanted);
        self.broken = breaks;
        Ok(passes)
    }
}

impl Read for Breaking {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.broken {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        let read = self.line.read(into)?;
        let passes = self.meet(read)?;
        if passes == 0 && read > 0 {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Ok(passes)
    }
}

impl Write for Breaking {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let passes = self.meet(bytes.len())?;
        self.line.write_all(&bytes[..passes])?;
        if passes == 0 && !bytes.is_empty() {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Ok(passes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.line.flush()
    }
}
