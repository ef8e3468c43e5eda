//! A transport without a network: what is written is answered by a server in the same thread.

use std::collections::VecDeque;
use std::io::{self, Read, Write};

use tern_dlms::server::Connection;
use tern_dlms::wrapper::Frame;

use crate::meter::Meter;

/// What happens to a frame on its way.
pub type Tamper = Box<dyn FnMut(Frame) -> Option<Frame>>;

/// A meter at the other end of a line that somebody may meddle with.
pub struct Wire<'a> {
    meter: &'a mut Meter,
    connection: Connection,
    to_meter: Vec<u8>,
    to_client: VecDeque<u8>,
    meddle_out: Tamper,
    meddle_back: Tamper,
}

impl<'a> Wire<'a> {
    pub fn new(meter: &'a mut Meter) -> Wire<'a> {
        Wire::meddled(meter, Box::new(Some), Box::new(Some))
    }

    /// With somebody on the line, who sees each request and each answer; none: it is lost.
    pub fn meddled(meter: &'a mut Meter, meddle_out: Tamper, meddle_back: Tamper) -> Wire<'a> {
        let connection = Connection::new();
        Wire { meter, connection, to_meter: Vec::new(), to_client: VecDeque::new(), meddle_out, meddle_back }
    }
}

impl Read for Wire<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.to_client.read(into)
    }
}

impl Write for Wire<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.to_meter.extend_from_slice(bytes);
        while let Some((frame, taken)) = Frame::split_first(&self.to_meter, 65_535).expect("a frame") {
            self.to_meter.drain(..taken);
            let Some(frame) = (self.meddle_out)(frame) else { continue };
            let answer = self.connection.answer(&frame, Some(self.meter));
            let Some(answer) = answer.and_then(&mut self.meddle_back) else { continue };
            let mut encoded = Vec::new();
            answer.encode(&mut encoded).expect("fits");
            self.to_client.extend(encoded);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
