//! One call for each row: frames of JSON, each behind its length in 4 bytes, until every caller speaks DLMS.
//!
//! A frame that is no call closes its connection. A lost answer is not sent.

use std::io::{self, BufReader, BufWriter, ErrorKind, Write};
use std::net::TcpStream;

use tern_wire::device_frame::{read_frame, write_frame};
use tern_wire::device_link::Call;

use crate::devices::World;

/// Answers calls until the peer ends the connection.
pub(super) fn answer_all(stream: &TcpStream, world: &World) -> io::Result<()> {
    let mut reader = BufReader::with_capacity(64 << 10, stream);
    let mut writer = BufWriter::with_capacity(64 << 10, stream);
    let mut frame = Vec::new();
    while read_frame(&mut reader, &mut frame)? {
        let call: Call = serde_json::from_slice(&frame)
            .map_err(|error| io::Error::new(ErrorKind::InvalidData, format!("a frame that is no call: {error}")))?;
        if let Some(answer) = world.call(&call) {
            let body = serde_json::to_vec(&answer).map_err(io::Error::other)?;
            write_frame(&mut writer, &body)?;
        }
        if reader.buffer().is_empty() {
            writer.flush()?;
        }
    }
    writer.flush()
}
