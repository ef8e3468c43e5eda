//! The wrapper that carries APDUs over TCP (IEC 62056-4-7): version, source and destination wrapper port, length.

use std::io::{self, Read, Write};

use thiserror::Error;

/// The only version there is.
const VERSION: u16 = 1;
/// Version, source, destination and length.
pub const HEADER_BYTES: usize = 8;

/// One APDU on its way between two wrapper ports (wPorts).
#[derive(Clone, PartialEq, Eq)]
pub struct Frame {
    /// The wPort of the sender: a client's number, or a logical device.
    pub source: u16,
    /// The wPort of the receiver.
    pub destination: u16,
    /// The APDU's bytes, at most 65,535.
    pub apdu: Vec<u8>,
}

impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Frame {} -> {}, {} bytes", self.source, self.destination, self.apdu.len())
    }
}

/// Why no frame could be read or written.
#[derive(Debug, Error)]
pub enum WrapperError {
    /// The stream failed; also where it ended within a frame ([`io::ErrorKind::UnexpectedEof`]).
    #[error("the connection failed: {0}")]
    Io(#[from] io::Error),
    /// The header is not of this wrapper.
    #[error("wrapper version {0} instead of 1")]
    Version(u16),
    /// An APDU longer than permitted.
    #[error("an APDU of {length} bytes, at most {limit}")]
    TooLong {
        /// How long it is.
        length: usize,
        /// What is permitted.
        limit: usize,
    },
}

/// The header of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// The wPort of the sender.
    pub source: u16,
    /// The wPort of the receiver.
    pub destination: u16,
    /// How many bytes of APDU follow.
    pub length: u16,
}

impl Header {
    /// Reads a header, and refuses an APDU of more than `apdu_bytes_max`.
    ///
    /// # Errors
    /// [`WrapperError::Version`], [`WrapperError::TooLong`].
    pub fn decode(bytes: [u8; HEADER_BYTES], apdu_bytes_max: usize) -> Result<Self, WrapperError> {
        let [v0, v1, s0, s1, d0, d1, l0, l1] = bytes;
        let version = u16::from_be_bytes([v0, v1]);
        if version != VERSION {
            return Err(WrapperError::Version(version));
        }
        let length = u16::from_be_bytes([l0, l1]);
        if usize::from(length) > apdu_bytes_max {
            return Err(WrapperError::TooLong { length: length.into(), limit: apdu_bytes_max });
        }
        Ok(Header { source: u16::from_be_bytes([s0, s1]), destination: u16::from_be_bytes([d0, d1]), length })
    }
}

impl Frame {
    /// Takes the first frame from the front of `bytes`, with the count of bytes that it took; nothing while it is not
    /// whole.
    ///
    /// # Errors
    /// [`WrapperError::Version`], [`WrapperError::TooLong`].
    pub fn split_first(bytes: &[u8], apdu_bytes_max: usize) -> Result<Option<(Frame, usize)>, WrapperError> {
        let Some((header, rest)) = bytes.split_first_chunk() else { return Ok(None) };
        let Header { source, destination, length } = Header::decode(*header, apdu_bytes_max)?;
        let frame = rest.get(..usize::from(length)).map(|apdu| Frame { source, destination, apdu: apdu.to_vec() });
        Ok(frame.map(|frame| (frame, HEADER_BYTES + usize::from(length))))
    }

    /// Appends the frame's bytes to `out`.
    ///
    /// # Errors
    /// [`WrapperError::TooLong`]: the APDU does not fit the length field.
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), WrapperError> {
        let too_long = WrapperError::TooLong { length: self.apdu.len(), limit: u16::MAX.into() };
        let length = u16::try_from(self.apdu.len()).map_err(|_| too_long)?;
        for part in [VERSION, self.source, self.destination, length] {
            out.extend_from_slice(&part.to_be_bytes());
        }
        out.extend_from_slice(&self.apdu);
        Ok(())
    }
}

/// Reads one frame; nothing where the stream ended before its first byte.
///
/// # Errors
/// [`WrapperError`]. After any error the stream's place is unknown and the connection is of no use.
pub fn read_frame(stream: &mut impl Read, apdu_bytes_max: usize) -> Result<Option<Frame>, WrapperError> {
    let mut header = [0; HEADER_BYTES];
    let first = loop {
        match stream.read(&mut header) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => break read?,
        }
    };
    if first == 0 {
        return Ok(None);
    }
    stream.read_exact(&mut header[first..])?;
    let Header { source, destination, length } = Header::decode(header, apdu_bytes_max)?;
    let mut apdu = vec![0; usize::from(length)];
    stream.read_exact(&mut apdu)?;
    Ok(Some(Frame { source, destination, apdu }))
}

/// Writes one frame, in one write.
///
/// # Errors
/// [`WrapperError::TooLong`] before anything is written, or [`WrapperError::Io`].
pub fn write_frame(stream: &mut impl Write, frame: &Frame) -> Result<(), WrapperError> {
    let mut bytes = Vec::with_capacity(HEADER_BYTES + frame.apdu.len());
    frame.encode(&mut bytes)?;
    stream.write_all(&bytes)?;
    stream.flush()?;
    Ok(())
}
