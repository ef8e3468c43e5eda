//! A connection, under TLS or, on loopback where somebody asked for it, as it is. What is said over it is the same.

use std::io::{self, Read, Write};

use rustls::StreamOwned;

/// A connection: `C` is its end of TLS, `S` what lies below.
pub(crate) enum Line<C, S: Read + Write> {
    /// Under TLS.
    Secured(Box<StreamOwned<C, S>>),
    /// In the clear.
    Plain(S),
}

impl<C, S: Read + Write> Line<C, S> {
    /// What lies below.
    pub(super) fn below(&mut self) -> &mut S {
        match self {
            Line::Secured(line) => &mut line.sock,
            Line::Plain(below) => below,
        }
    }

    /// The end of TLS, where there is one.
    pub(super) fn tls(&mut self) -> Option<&mut C> {
        match self {
            Line::Secured(line) => Some(&mut line.conn),
            Line::Plain(_) => None,
        }
    }
}

impl<C, S: Read + Write> Read for Line<C, S>
where
    StreamOwned<C, S>: Read,
{
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Line::Secured(line) => line.read(into),
            Line::Plain(below) => below.read(into),
        }
    }
}

impl<C, S: Read + Write> Write for Line<C, S>
where
    StreamOwned<C, S>: Write,
{
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Line::Secured(line) => line.write(bytes),
            Line::Plain(below) => below.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Line::Secured(line) => line.flush(),
            Line::Plain(below) => below.flush(),
        }
    }
}
