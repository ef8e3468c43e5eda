//! Frames on the line to the devices: a 4-byte big-endian length and a body of JSON.
//!
//! Both ends use these functions, over whatever carries bytes; they never open a connection themselves.

use std::io::{self, ErrorKind, Read, Write};

use crate::device_link::FRAME_MAX_BYTES;

/// Reads a frame's body into `frame`; `false` where the peer closed between frames.
///
/// # Errors
/// The connection fails, ends within a frame, or announces more than [`FRAME_MAX_BYTES`].
pub fn read_frame(reader: &mut impl Read, frame: &mut Vec<u8>) -> io::Result<bool> {
    let mut length = [0; 4];
    let mut got = 0;
    while got < length.len() {
        match reader.read(&mut length[got..]) {
            Ok(0) if got == 0 => return Ok(false),
            Ok(0) => return Err(io::Error::new(ErrorKind::UnexpectedEof, "the connection ended within a frame")),
            Ok(read) => got += read,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let length = u32::from_be_bytes(length) as usize;
    if length > FRAME_MAX_BYTES {
        return Err(io::Error::new(
            ErrorKind::InvalidData,
            format!("a frame of {length} bytes; at most {FRAME_MAX_BYTES} are accepted"),
        ));
    }
    frame.resize(length, 0);
    reader.read_exact(frame)?;
    Ok(true)
}

/// Writes a frame; the caller flushes.
///
/// # Errors
/// The connection fails, or the body is longer than [`FRAME_MAX_BYTES`].
pub fn write_frame(writer: &mut impl Write, body: &[u8]) -> io::Result<()> {
    let length = u32::try_from(body.len())
        .ok()
        .filter(|_| body.len() <= FRAME_MAX_BYTES)
        .ok_or_else(|| io::Error::new(ErrorKind::InvalidInput, "a frame longer than the line accepts"))?;
    writer.write_all(&length.to_be_bytes())?;
    writer.write_all(body)
}
