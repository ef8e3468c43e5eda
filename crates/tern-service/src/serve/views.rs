//! Views of the stores for whoever asks at the door: opened once, used by one request at a time, so that nobody waits for what
//! another one asks. They must never write.

use std::ops::Deref;
use std::sync::{Mutex, PoisonError};

use crate::config::Config;
use crate::fault::ServiceFault;
use crate::overview::Overview;

/// Views of the stores that are open, each in one hand at a time.
pub(super) struct Views<'a> {
    config: &'a Config,
    free: Mutex<Vec<Overview>>,
}

/// A view in somebody's hand; it is free again when it goes.
pub(super) struct View<'a> {
    overview: Option<Overview>,
    of: &'a Mutex<Vec<Overview>>,
}

impl<'a> Views<'a> {
    pub(super) fn new(config: &'a Config) -> Views<'a> {
        Views { config, free: Mutex::default() }
    }

    /// One that is free, or one more.
    ///
    /// # Errors
    /// A store cannot be read.
    pub(super) fn one(&self) -> Result<View<'_>, ServiceFault> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let overview = free.map_or_else(|| Overview::open(self.config), Ok)?;
        Ok(View { overview: Some(overview), of: &self.free })
    }
}

impl Deref for View<'_> {
    type Target = Overview;

    fn deref(&self) -> &Overview {
        self.overview.as_ref().expect("it is there until this goes")
    }
}

impl Drop for View<'_> {
    fn drop(&mut self) {
        self.of.lock().unwrap_or_else(PoisonError::into_inner).extend(self.overview.take());
    }
}
