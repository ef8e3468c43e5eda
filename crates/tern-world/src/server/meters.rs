//! One connection over the WAN to an installation: frames of the wrapper, for whichever of its devices they are.

use std::io;
use std::net::TcpStream;
use std::time::Duration;

use tern_dlms::wrapper::{WrapperError, read_frame, write_frame};

use crate::devices::World;
use crate::dlms::{APDU_MAX_BYTES, Conversation};

/// How long a connection may say nothing.
const IDLE: Duration = Duration::from_secs(180);
/// Answers frames until the peer ends the connection, or a device does.
pub(super) fn converse(stream: &TcpStream, world: &World, place: usize) -> io::Result<()> {
    stream.set_read_timeout(Some(IDLE))?;
    stream.set_write_timeout(Some(IDLE))?;
    let Some(mut conversation) = Conversation::begin(world, place) else { return Ok(()) };
    let mut stream = stream;
    while let Some(frame) = read_frame(&mut stream, APDU_MAX_BYTES).map_err(of_wrapper)? {
        let Some(answer) = conversation.answer_frame(&frame) else { return Ok(()) };
        write_frame(&mut stream, &answer).map_err(of_wrapper)?;
    }
    Ok(())
}

fn of_wrapper(error: WrapperError) -> io::Error {
    match error {
        WrapperError::Io(error) => error,
        error => io::Error::new(io::ErrorKind::InvalidData, error.to_string()),
    }
}
