//! Frames, whole, in pieces, and of another protocol.

use std::io::{self, Read};

use tern_dlms::wrapper::{Frame, WrapperError, read_frame, write_frame};

use crate::hex;

/// Gives one byte at a time, and an interruption before each.
struct Trickle<'a>(&'a [u8], bool);

impl Read for Trickle<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.1 = !self.1;
        if self.1 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let end = buffer.len().min(1);
        self.0.read(&mut buffer[..end])
    }
}

fn frame() -> Frame {
    Frame { source: 16, destination: 1, apdu: hex("C001C1000101000108 00FF0200") }
}

#[test]
fn a_frame_is_header_and_apdu() {
    let mut bytes = Vec::new();
    write_frame(&mut bytes, &frame()).unwrap();
    assert_eq!(bytes, hex("0001 0010 0001 000D C001C100010100010800FF0200"));
    assert_eq!(read_frame(&mut bytes.as_slice(), 100).unwrap(), Some(frame()));
    assert_eq!(read_frame(&mut Trickle(&bytes, false), 100).unwrap(), Some(frame()));
}

#[test]
fn the_stream_may_end_between_frames_only() {
    let mut bytes = Vec::new();
    write_frame(&mut bytes, &frame()).unwrap();
    assert!(read_frame(&mut io::empty(), 100).unwrap().is_none());
    for end in 1..bytes.len() {
        let error = read_frame(&mut &bytes[..end], 100).unwrap_err();
        assert!(matches!(&error, WrapperError::Io(e) if e.kind() == io::ErrorKind::UnexpectedEof), "{end}: {error}");
        assert!(Frame::split_first(&bytes[..end], 100).unwrap().is_none(), "{end}");
    }
    let two = [bytes.as_slice(), &bytes].concat();
    assert_eq!(Frame::split_first(&two, 100).unwrap(), Some((frame(), bytes.len())));
}

#[test]
fn what_is_no_frame_is_refused_before_its_apdu_is_read() {
    let other = hex("0002 0010 0001 000D");
    assert!(matches!(read_frame(&mut other.as_slice(), 100), Err(WrapperError::Version(2))));
    let long = hex("0001 0010 0001 FFFF");
    let refused = read_frame(&mut long.as_slice(), 1024);
    assert!(matches!(refused, Err(WrapperError::TooLong { length: 65_535, limit: 1024 })));
    let mut out = Vec::new();
    let refused = write_frame(&mut out, &Frame { apdu: vec![0; 65_536], ..frame() });
    assert!(matches!(refused, Err(WrapperError::TooLong { length: 65_536, .. })) && out.is_empty());
}

#[test]
fn what_a_frame_carries_is_not_shown() {
    assert_eq!(format!("{:?}", frame()), "Frame 16 -> 1, 13 bytes");
}
