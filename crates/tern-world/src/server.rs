//! The line to the devices: TCP on loopback, one frame per call and per answer, each a 4-byte big-endian length and JSON.
//!
//! A peer is trusted with nothing but its proofs: a frame that is no call closes its connection. A lost answer is not sent.

use std::collections::HashMap;
use std::io::{self, BufReader, BufWriter, ErrorKind, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use tern_wire::device_frame::{read_frame, write_frame};
use tern_wire::device_link::Call;

use crate::devices::{ADDRESS_FILE, World};
use crate::files::{self, Readers};

/// How long the listener rests between looking for a connection and looking at the stop flag.
const POLL_MS: u64 = 5;

/// Where the world of a directory listens, as its `address` file says; `None` where there is none. A world that was killed
/// leaves its file behind: then nobody listens there.
#[must_use]
pub fn address_of(dir: &Path) -> Option<SocketAddr> {
    std::fs::read_to_string(dir.join(ADDRESS_FILE)).ok()?.trim().parse().ok()
}

/// Answers calls until the process ends.
///
/// # Errors
/// See [`serve_until`].
pub fn serve(listener: &TcpListener, world: &World) -> io::Result<()> {
    serve_until(listener, world, &AtomicBool::new(false))
}

/// Writes the `address` file and answers calls on any number of connections, each by a thread of its own, until `stop` is
/// set; then lets calls that are being answered finish, closes every connection and takes the `address` file away.
///
/// # Errors
/// The listener is not on loopback, the `address` file cannot be written, or the listener fails.
pub fn serve_until(listener: &TcpListener, world: &World, stop: &AtomicBool) -> io::Result<()> {
    serve_announced(listener, world, stop, |_| {})
}

/// As [`serve_until`], and calls `ready` with the address once the `address` file says it too.
///
/// # Errors
/// As [`serve_until`].
pub fn serve_announced(
    listener: &TcpListener,
    world: &World,
    stop: &AtomicBool,
    ready: impl FnOnce(SocketAddr),
) -> io::Result<()> {
    let path = world.dir().join(ADDRESS_FILE);
    let result = serve_alone(listener, world, stop, |address| {
        files::write(&path, format!("{address}\n").as_bytes(), Readers::Anyone).map_err(io::Error::other)?;
        ready(address);
        Ok(())
    });
    let _ = std::fs::remove_file(&path);
    result
}

/// As [`serve_announced`], for the one who is told the address by `ready` and for nobody else: no `address` file is written,
/// so that nobody finds a world that ends with its starter.
///
/// # Errors
/// The listener is not on loopback, `ready` fails, or the listener does.
pub fn serve_alone(
    listener: &TcpListener,
    world: &World,
    stop: &AtomicBool,
    ready: impl FnOnce(SocketAddr) -> io::Result<()>,
) -> io::Result<()> {
    let address = listener.local_addr()?;
    if !address.ip().is_loopback() {
        return Err(io::Error::new(ErrorKind::InvalidInput, format!("{address} is not a loopback address")));
    }
    listener.set_nonblocking(true)?;
    ready(address)?;
    let open = Mutex::new(HashMap::new());
    thread::scope(|scope| {
        let mut number = 0u64;
        let result = loop {
            if stop.load(Ordering::Acquire) {
                break Ok(());
            }
            match listener.accept() {
                Ok((stream, _)) => {
                    number += 1;
                    let (open, number) = (&open, number);
                    if remember(open, number, &stream) {
                        scope.spawn(move || attend(&stream, world, open, number));
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    thread::sleep(Duration::from_millis(POLL_MS));
                }
                Err(error) if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::ConnectionAborted) => {}
                Err(error) => break Err(error),
            }
        };
        for stream in open.lock().unwrap_or_else(PoisonError::into_inner).values() {
            let _ = TcpStream::shutdown(stream, Shutdown::Read);
        }
        result
    })
}

/// Keeps a handle on a connection, so that a stop can end it; `false` where there is no connection to keep any more.
fn remember(open: &Mutex<HashMap<u64, TcpStream>>, number: u64, stream: &TcpStream) -> bool {
    let kept = stream.set_nonblocking(false).and_then(|()| stream.set_nodelay(true)).and_then(|()| stream.try_clone());
    kept.is_ok_and(|kept| open.lock().unwrap_or_else(PoisonError::into_inner).insert(number, kept).is_none())
}

/// Serves one connection to its end and says why it ended where that was not the peer's wish.
fn attend(stream: &TcpStream, world: &World, open: &Mutex<HashMap<u64, TcpStream>>, number: u64) {
    let peer = stream.peer_addr().map_or_else(|_| "a peer".to_owned(), |address| address.to_string());
    let outcome = answer_all(stream, world);
    open.lock().unwrap_or_else(PoisonError::into_inner).remove(&number);
    let _ = stream.shutdown(Shutdown::Both);
    // A peer that was killed is gone; that is its business.
    let gone = |error: &io::Error| matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset);
    if let Some(error) = outcome.err().filter(|error| !gone(error)) {
        eprintln!("tern world: connection of {peer} closed: {error}");
    }
}

fn answer_all(stream: &TcpStream, world: &World) -> io::Result<()> {
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
