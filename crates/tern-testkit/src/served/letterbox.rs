//! Where a User takes its replies: a listener of its own, which does as a test says.

use std::io::{self, BufRead, BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU16, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tern_model::Role;
use tern_service::clock::Clock;
use tern_service::links::tls::{self, PeerCheck, Trusted};
use tern_service::pki;

/// Taken.
const TAKEN: u16 = 204;

/// A User's listener; it ends with this value.
pub struct Letterbox {
    /// Where it listens.
    pub address: SocketAddr,
    shared: Arc<Shared>,
    replies: Receiver<String>,
    listens: Option<JoinHandle<()>>,
}

struct Shared {
    config: Arc<ServerConfig>,
    /// What is answered.
    status: AtomicU16,
    ends: AtomicBool,
    /// Every connection, to be ended.
    open: Mutex<Vec<TcpStream>>,
    found: Mutex<Sender<String>>,
}

/// An address at which nobody listens.
///
/// # Panics
/// There is no port left.
#[must_use]
pub fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port")
}

impl Letterbox {
    /// Listens at an address under a User's certificate; port 0: any that is free.
    ///
    /// # Panics
    /// The User has no keys, or the address is taken.
    #[must_use]
    pub fn open(pki_dir: &Path, name: &str, at: SocketAddr, clock: Arc<dyn Clock>) -> Letterbox {
        let trusted = Arc::new(Trusted::new(pki::load_trust(pki_dir).expect("trust")));
        let check = Arc::new(PeerCheck::new(trusted, clock, vec![Role::Dsp], None));
        let own = pki::load_tls(pki_dir, name).expect("a certificate for TLS");
        let config = Arc::new(tls::server(&own, check).expect("a TLS configuration"));
        let listener = TcpListener::bind(at).expect("a port");
        let address = listener.local_addr().expect("an address");
        let (found, replies) = channel();
        let shared = Arc::new(Shared {
            config,
            status: AtomicU16::new(TAKEN),
            ends: AtomicBool::new(false),
            open: Mutex::default(),
            found: Mutex::new(found),
        });
        let listens = Some(std::thread::spawn({
            let shared = shared.clone();
            move || shared.listen(&listener)
        }));
        Letterbox { address, shared, replies, listens }
    }

    /// Answers so from now on; what is not taken is not found here either.
    pub fn answers(&self, status: u16) {
        self.shared.status.store(status, Ordering::Release);
    }

    /// The next reply that was taken, within so long.
    #[must_use]
    pub fn next_within(&self, wait: Duration) -> Option<String> {
        self.replies.recv_timeout(wait).ok()
    }

    /// Whatever was taken by now.
    #[must_use]
    pub fn taken(&self) -> Vec<String> {
        self.replies.try_iter().collect()
    }
}

impl Drop for Letterbox {
    fn drop(&mut self) {
        self.shared.ends.store(true, Ordering::Release);
        // Whoever waits for a connection is woken by one.
        drop(TcpStream::connect(self.address));
        for stream in self.shared.open.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
        if let Some(listens) = self.listens.take() {
            let _ = listens.join();
        }
    }
}

impl Shared {
    fn listen(self: Arc<Shared>, listener: &TcpListener) {
        for stream in listener.incoming() {
            if self.ends.load(Ordering::Acquire) {
                return;
            }
            let Ok(stream) = stream else { continue };
            if let Ok(kept) = stream.try_clone() {
                self.open.lock().unwrap_or_else(PoisonError::into_inner).push(kept);
            }
            let shared = self.clone();
            // A connection that ends is the courier's business.
            std::thread::spawn(move || shared.attend(stream));
        }
    }

    fn attend(&self, stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let connection = ServerConnection::new(self.config.clone()).map_err(io::Error::other)?;
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut line = BufReader::new(StreamOwned::new(connection, stream));
        loop {
            let body = posted(&mut line)?;
            let status = self.status.load(Ordering::Acquire);
            if self.ends.load(Ordering::Acquire) {
                return Ok(());
            }
            if (200..300).contains(&status) {
                let _ = found.send(body);
            }
            let head = format!("HTTP/1.1 {status} Said\r\nContent-Length: 0\r\n\r\n");
            line.get_mut().write_all(head.as_bytes())?;
            line.get_mut().flush()?;
        }
    }
}

/// The body of the next POST.
fn posted(line: &mut impl BufRead) -> io::Result<String> {
    let mut length = 0;
    loop {
        let mut text = String::new();
        if line.read_line(&mut text)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if text == "\r\n" {
            break;
        }
        if let Some((name, value)) = text.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
    }
    let mut body = vec![0; length];
    line.read_exact(&mut body)?;
    String::from_utf8(body).map_err(io::Error::other)
}
