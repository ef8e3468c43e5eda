//! Ctrl-C and SIGTERM: the first asks for a clean stop, the second ends the process at once.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use crate::exit::Exit;
use crate::failure::Failure;

/// A flag that is set when the process is asked to stop. Every caller gets the same.
///
/// # Errors
/// The system takes no signal handler.
pub fn stop_flag() -> Result<Arc<AtomicBool>, Failure> {
    static FLAG: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    if let Some(flag) = FLAG.get() {
        return Ok(flag.clone());
    }
    let flag = FLAG.get_or_init(Arc::default).clone();
    let handled = flag.clone();
    ctrlc::set_handler(move || {
        if handled.swap(true, Ordering::AcqRel) {
            std::process::exit(Exit::Interrupted as i32);
        }
    })
    .map_err(|error| Failure::new(format!("cannot catch Ctrl-C: {error}"), "run the command by itself"))?;
    Ok(flag)
}
