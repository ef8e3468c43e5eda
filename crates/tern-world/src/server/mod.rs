//! The WAN of the simulated installations: one listener, behind it every hub and its devices.
//!
//! The address that a connection comes in on chooses whom it reaches: the installation of that 127.x.y.z, in DLMS/COSEM
//! (`meters`); behind 127.0.0.1 is nobody, and it serves to see whether anybody listens. A peer is trusted with nothing but what
//! it proves. Connections that say nothing for a while are ended, and there are only so many.

mod meters;

use std::collections::HashMap;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, Scope};
use std::time::Duration;

use crate::devices::{ADDRESS_FILE, World, place_of};
use crate::files::{self, Readers};

/// How long it takes at most until a stop is seen.
const STOP_POLL: Duration = Duration::from_millis(20);
/// How long the listener rests when the machine has no more connections to give.
const EXHAUSTED: Duration = Duration::from_millis(50);
/// A connection's thread needs little: messages and their values lie elsewhere.
const STACK_BYTES: usize = 256 << 10;
/// The most connections at once; one more is ended at once, as a meter's modem would.
const CONNECTIONS_MAX: usize = 12_000;
/// Connections that wait at the door while others are let in, as far as the system permits: all devices may be called at once.
const WAITING_MAX: i32 = 12_000;

/// Where the world of a directory listens, as its `address` file says; `None` where there is none. A world that was killed
/// leaves its file behind: then nobody listens there.
#[must_use]
pub fn address_of(dir: &Path) -> Option<SocketAddr> {
    std::fs::read_to_string(dir.join(ADDRESS_FILE)).ok()?.trim().parse().ok()
}

/// Listens for the world and for every installation's address: on the port of an address on loopback; port 0 lets the system
/// choose. Whatever comes in on an address that is not loopback is ended at once.
///
/// # Errors
/// The address is not on loopback, or its port is taken.
pub fn listen(wanted: SocketAddr) -> io::Result<TcpListener> {
    only_loopback(wanted)?;
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, wanted.port()))?;
    // The standard library lets few wait; asked once more, the system lets more.
    rustix::net::listen(&listener, WAITING_MAX)?;
    Ok(listener)
}

/// Answers until the process ends.
///
/// # Errors
/// See [`serve_until`].
pub fn serve(listener: &TcpListener, world: &World) -> io::Result<()> {
    serve_until(listener, world, &AtomicBool::new(false))
}

/// Writes the `address` file and answers on any number of connections, each by a thread of its own, until `stop` is
/// set; then lets what is being answered finish, closes every connection and takes the `address` file away.
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
    let mut address = listener.local_addr()?;
    if address.ip() == IpAddr::V4(Ipv4Addr::UNSPECIFIED) {
        address.set_ip(Ipv4Addr::LOCALHOST.into());
    }
    only_loopback(address)?;
    ready(address)?;
    let open = Open::default();
    let ended = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| wake_to_stop(address, stop, &ended));
        let result = accept_all(listener, world, stop, &open, scope);
        ended.store(true, Ordering::Release);
        open.end_all();
        result
    })
}

fn only_loopback(address: SocketAddr) -> io::Result<()> {
    if address.ip().is_loopback() {
        return Ok(());
    }
    Err(io::Error::new(ErrorKind::InvalidInput, format!("{address} is not a loopback address")))
}

/// Once a stop is asked for, knocks at the listener so that it looks.
fn wake_to_stop(address: SocketAddr, stop: &AtomicBool, ended: &AtomicBool) {
    while !stop.load(Ordering::Acquire) && !ended.load(Ordering::Acquire) {
        thread::sleep(STOP_POLL);
    }
    while !ended.load(Ordering::Acquire) {
        let _ = TcpStream::connect_timeout(&address, STOP_POLL);
        thread::sleep(STOP_POLL);
    }
}

fn accept_all<'scope>(
    listener: &TcpListener,
    world: &'scope World,
    stop: &AtomicBool,
    open: &'scope Open,
    scope: &'scope Scope<'scope, '_>,
) -> io::Result<()> {
    let mut number = 0;
    loop {
        let accepted = listener.accept();
        if stop.load(Ordering::Acquire) {
            return Ok(());
        }
        match accepted {
            Ok((stream, _)) => {
                number += 1;
                let Some(stream) = open.remember(number, stream) else { continue };
                let attend = move || {
                    attend(&stream, world);
                    open.forget(number);
                };
                let started = thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, attend);
                if started.is_err() {
                    open.forget(number);
                }
            }
            Err(error) if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::ConnectionAborted) => {}
            // Out of file descriptors: others will end.
            Err(error) if matches!(error.raw_os_error(), Some(23 | 24)) => thread::sleep(EXHAUSTED),
            Err(error) => return Err(error),
        }
    }
}

/// The connections that are open, so that a stop can end them.
#[derive(Debug, Default)]
struct Open(Mutex<HashMap<u64, Arc<TcpStream>>>);

impl Open {
    /// Keeps a connection; `None` where there are too many, or it is gone already.
    fn remember(&self, number: u64, stream: TcpStream) -> Option<Arc<TcpStream>> {
        stream.set_nodelay(true).ok()?;
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if open.len() >= CONNECTIONS_MAX {
            return None;
        }
        let stream = Arc::new(stream);
        open.insert(number, stream.clone());
        Some(stream)
    }

    fn forget(&self, number: u64) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&number);
    }

    fn end_all(&self) {
        for stream in self.0.lock().unwrap_or_else(PoisonError::into_inner).values() {
            let _ = stream.shutdown(Shutdown::Read);
        }
    }
}

/// Serves one connection to its end and says why it ended where that was not the peer's wish. Until the peer says something
/// its thread takes nothing from the allocator, which would keep more for each thread than all the rest comes to.
fn attend(stream: &TcpStream, world: &World) {
    let peer = stream.peer_addr();
    let outcome = match stream.local_addr().map(|address| address.ip()) {
        Ok(IpAddr::V4(address)) if address.is_loopback() => match place_of(address) {
            Some(place) => meters::converse(stream, world, place),
            None => Ok(()),
        },
        _ => Ok(()),
    };
    let _ = stream.shutdown(Shutdown::Both);
    // A peer that was killed is gone, and one that says nothing is ended; that is their business.
    let expected = |error: &io::Error| {
        use ErrorKind::{BrokenPipe, ConnectionReset, TimedOut, WouldBlock};
        matches!(error.kind(), BrokenPipe | ConnectionReset | TimedOut | WouldBlock)
    };
    if let Some(error) = outcome.err().filter(|error| !expected(error)) {
        let peer = peer.map_or_else(|_| "a peer".to_owned(), |address| address.to_string());
        eprintln!("tern world: connection of {peer} closed: {error}");
    }
}
