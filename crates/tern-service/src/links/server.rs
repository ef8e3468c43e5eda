//! The receiving end of a role's links: a listener, a thread for each connection, one request at a time on each.
//!
//! Who asks is known before anything of a request counts, and is asked for again with every request; by plain HTTP nobody is
//! known. Bodies of files go to
//! the disk as they come. It must never answer before what it answers is durable: that is the desk's promise.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::OpenOptionsExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use rustls::{ServerConnection, StreamOwned};
use tern_wire::Sender;
use tern_wire::smki::Certificate;

use super::entry::{Caller, Entry};
use super::guests::{GREETING, Guests, Places};
use super::http::{self, Request};
use super::line;
use super::tls::{PeerCheck, words};
use super::upload::Upload;
use crate::timed::TimedStream;

/// How long the listener rests between looking for a connection and looking at the stop flag.
const POLL: Duration = Duration::from_millis(5);
/// A connection between roles on which nothing comes for so long is closed; its peer opens another.
const IDLE: Duration = Duration::from_secs(60);
/// What is kept in memory comes at this pace at least, after that time.
const BYTES_A_SECOND: u64 = 64 << 10;
/// So often a peer is told that its answer is being worked on.
pub(crate) const BEAT: Duration = Duration::from_secs(2);
/// What is read of a refused request's body, so that its sender hears why.
const REFUSED_BODY_BYTES: u64 = 1 << 20;

/// Where the body of a request goes, and how long it may be.
pub(crate) enum Room {
    /// Into memory.
    Memory(u64),
    /// Into a file.
    File(u64),
    /// Into a file that may have come in part before.
    Upload(Box<Upload>),
}

/// The body of a request.
pub(crate) enum Body {
    /// In memory.
    Bytes(Vec<u8>),
    /// In a file.
    File(Incoming),
    /// In a file that may have come in part before; all that this request has of it is there.
    Upload(Box<Upload>),
}

/// What a request is answered.
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    /// The body.
    pub(crate) content: Content,
}

/// The body of an answer.
pub(crate) enum Content {
    /// JSON.
    Json(Vec<u8>),
    /// A text for people.
    Text(String),
    /// A file.
    File(PathBuf),
    /// What an open file holds from where it stands, of this media type.
    Open(&'static str, File),
    /// JSON that says why not (RFC 9457).
    Problem(Vec<u8>),
    /// A signed message.
    Xml(Vec<u8>),
}

impl Answer {
    /// A refusal, in words.
    pub(crate) fn refusal(status: u16, words: impl Into<String>) -> Answer {
        Answer { status, content: Content::Text(words.into()) }
    }

    /// Done, with a value.
    pub(crate) fn json(value: &impl serde::Serialize) -> Answer {
        match serde_json::to_vec(value) {
            Ok(body) => Answer { status: 200, content: Content::Json(body) },
            Err(error) => Answer::refusal(500, error.to_string()),
        }
    }
}

/// What a role does with requests.
pub(crate) trait Desk: Sync {
    /// Whether this peer may ask this, and where the body goes.
    fn admits(&self, peer: &Sender, request: &Request) -> Result<Room, Answer>;

    /// Does what is asked; durable when this returns.
    fn answer(&self, peer: &Sender, request: &Request, body: Body) -> Answer;
}

/// A file that came, until somebody has taken it over.
pub(crate) struct Incoming {
    /// Where it lies.
    pub(crate) path: PathBuf,
}

impl Drop for Incoming {
    fn drop(&mut self) {
        // It may have been moved to where it belongs.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// How a server treats those who come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manner {
    /// How many there may be at once.
    pub(crate) places: Places,
    /// Whether whoever waits for an answer is told that it is worked on, by interim answers.
    pub(crate) tells: bool,
    /// A connection on which nothing comes for so long is closed.
    pub(crate) quiet: Duration,
}

impl Manner {
    /// Of a role towards other roles and Requesting Parties: few who come, answers that may take long.
    pub(crate) const LINK: Manner = Manner { places: Places { known: 64, of_one: 16 }, tells: true, quiet: IDLE };

    /// By when a body that is kept in memory must be there, however its bytes drip.
    fn whole_by(&self, length: u64) -> Instant {
        Instant::now() + self.quiet + Duration::from_secs(length / BYTES_A_SECOND)
    }
}

/// A server of one role.
pub(crate) struct Server<'a> {
    /// How it treats those who come.
    pub(crate) manner: Manner,
    /// Who may come, and who answers.
    pub(crate) entry: Entry<'a>,
    /// Where files lie until they are taken over.
    pub(crate) incoming: &'a Path,
    /// Tells people what was refused.
    pub(crate) say: &'a (dyn Fn(&str) + Sync),
}

impl Server<'_> {
    /// Answers until `stop` is set; then lets what is being answered finish, and closes every connection.
    ///
    /// # Errors
    /// The listener failed.
    pub(crate) fn serve(&self, listener: &TcpListener, stop: &AtomicBool) -> io::Result<()> {
        listener.set_nonblocking(true)?;
        let guests = &Guests::new(self.manner.places);
        std::thread::scope(|scope| {
            let result = loop {
                if stop.load(Ordering::Acquire) {
                    break Ok(());
                }
                if !guests.has_room() {
                    std::thread::sleep(POLL);
                    continue;
                }
                match listener.accept() {
                    Ok((stream, from)) => {
                        let kept = stream.set_nonblocking(false).and_then(|()| stream.try_clone());
                        if let Ok(kept) = kept {
                            let number = guests.enter(kept);
                            scope.spawn(move || {
                                self.attend(stream, from, (guests, number), stop);
                                guests.leave(number);
                            });
                        }
                    }
                    Err(error) if error.kind() == ErrorKind::WouldBlock => std::thread::sleep(POLL),
                    Err(error) if passes(&error) => {}
                    Err(error) => break Err(error),
                }
            };
            guests.close();
            result
        })
    }

    /// Serves one connection to its end.
    fn attend(&self, stream: TcpStream, from: SocketAddr, guest: (&Guests, u64), stop: &AtomicBool) {
        let set = stream.set_nodelay(true);
        let stream = TimedStream::new(stream, Instant::now() + GREETING);
        let line = match &self.entry {
            Entry::Anybody(_) => line::Line::Plain(stream),
            Entry::Known { config, .. } => {
                let Ok(connection) = ServerConnection::new(config.clone()) else { return };
                line::Line::Secured(Box::new(StreamOwned::new(connection, stream)))
            }
        };
        let mut line = BufReader::new(line);
        let ended = set.and_then(|()| self.answer_all(&mut line, guest, stop));
        if let Some(connection) = line.get_mut().tls() {
            connection.send_close_notify();
        }
        let _ = line.get_mut().flush();
        if let Err(error) = ended
            && !is_gone(&error)
        {
            (self.say)(&format!("refused {from}: {}", words(&error)));
        }
    }

    fn answer_all(&self, line: &mut Line, (guests, number): (&Guests, u64), stop: &AtomicBool) -> io::Result<()> {
        let mut shown = None;
        while let Some(request) = self.next_request(line)? {
            let caller = self.caller(line.get_mut(), &mut shown)?;
            line.get_mut().below().rest_for(self.manner.quiet)?;
            if !guests.is_known(number, caller.party()) {
                let name = if let Caller::Known(peer, _) = &caller { &peer.name } else { "whoever this is" };
                return send(line.get_mut(), Answer::refusal(429, format!("{name} has too many connections\n")));
            }
            let (answer, heard) = match caller.admits(&request) {
                Ok(room) => match self.body(line, &request, room)? {
                    Ok(body) => (self.worked_on(line, &caller, &request, body), true),
                    Err(refusal) => (refusal, false),
                },
                Err(refusal) => (refusal, false),
            };
            send(line.get_mut(), answer)?;
            if !heard {
                io::copy(&mut line.by_ref().take(request.length.min(REFUSED_BODY_BYTES)), &mut io::sink())?;
            }
            if request.closes || stop.load(Ordering::Acquire) || (!heard && request.length > REFUSED_BODY_BYTES) {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Who is there, as far as anybody is known; the certificate that was shown is read once.
    fn caller(
        &self,
        line: &mut line::Line<ServerConnection, TimedStream>,
        shown: &mut Option<Certificate>,
    ) -> io::Result<Caller<'_>> {
        let (check, desk) = match &self.entry {
            Entry::Anybody(desk) => return Ok(Caller::Anybody(*desk)),
            Entry::Known { check, desk, .. } => (check, *desk),
        };
        let denied = |why| io::Error::new(ErrorKind::PermissionDenied, why);
        let shown = match shown {
            Some(shown) => &*shown,
            none => {
                let der = line.tls().and_then(|tls| tls.peer_certificates()).and_then(|chain| chain.first());
                let der = der.ok_or_else(|| io::Error::other(rustls::Error::NoCertificatesPresented))?;
                none.insert(PeerCheck::shown(der).map_err(denied)?)
            }
        };
        Ok(Caller::Known(check.who(shown).map_err(denied)?, desk))
    }

    /// The next request; whoever sent what is none hears why. Its head has little time from its first byte on.
    fn next_request(&self, line: &mut Line) -> io::Result<Option<Request>> {
        if !line.get_mut().tls().is_some_and(|tls| tls.is_handshaking()) {
            line.get_mut().below().end_at(Instant::now() + self.manner.quiet);
            if !line.fill_buf()?.is_empty() {
                line.get_mut().below().end_at(Instant::now() + GREETING.min(self.manner.quiet));
            }
        }
        let read = http::read_request(line);
        if let Err(error) = &read
            && http::is_wrong(error)
        {
            // The line ends with it, whether anybody hears it or not.
            let _ = send(line.get_mut(), Answer::refusal(400, format!("{error}\n")));
        }
        read
    }

    /// Takes the body in, where there is room for it.
    fn body(&self, line: &mut Line, request: &Request, room: Room) -> io::Result<Result<Body, Answer>> {
        let most = match &room {
            Room::Memory(most) | Room::File(most) => *most,
            Room::Upload(upload) => upload.most(),
        };
        if request.length > most {
            return Ok(Err(Answer::refusal(413, format!("at most {most} bytes are taken here"))));
        }
        if request.expects_leave {
            http::write_interim(line.get_mut(), 100)?;
        }
        if let Room::Memory(_) = room {
            line.get_mut().below().end_at(self.manner.whole_by(request.length));
            let bytes = http::read_body(line, request.length, most)?;
            line.get_mut().below().rest_for(self.manner.quiet)?;
            return Ok(Ok(Body::Bytes(bytes)));
        }
        if let Room::Upload(mut upload) = room {
            let copied = io::copy(&mut line.take(request.length), &mut *upload)?;
            let whole = copied == request.length;
            return if whole { Ok(Ok(Body::Upload(upload))) } else { Err(ErrorKind::UnexpectedEof.into()) };
        }
        let (mut file, incoming) = self.new_file()?;
        let copied = io::copy(&mut line.take(request.length), &mut file)?;
        if copied == request.length { Ok(Ok(Body::File(incoming))) } else { Err(ErrorKind::UnexpectedEof.into()) }
    }

    fn new_file(&self) -> io::Result<(File, Incoming)> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let name = format!("{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let path = self.incoming.join(name);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        Ok((file, Incoming { path }))
    }

    /// Lets the desk work, and tells the peer so for as long as it takes.
    fn worked_on(&self, line: &mut Line, caller: &Caller<'_>, request: &Request, body: Body) -> Answer {
        if !self.manner.tells {
            let answered = catch_unwind(AssertUnwindSafe(|| caller.answer(request, body)));
            return answered.unwrap_or_else(|_| cannot());
        }
        let (sender, answers) = channel();
        std::thread::scope(|scope| {
            let work = scope.spawn(move || drop(sender.send(caller.answer(request, body))));
            let answer = loop {
                match answers.recv_timeout(BEAT) {
                    Ok(answer) => break Some(answer),
                    // What is being done is done to its end, whether anybody still waits for it or not.
                    Err(RecvTimeoutError::Timeout) => drop(http::write_interim(line.get_mut(), 102)),
                    Err(RecvTimeoutError::Disconnected) => break None,
                }
            };
            let _ = work.join();
            answer.unwrap_or_else(cannot)
        })
    }
}

fn cannot() -> Answer {
    Answer::refusal(500, "what was asked could not be done")
}

type Line = BufReader<line::Line<ServerConnection, TimedStream>>;

fn send(to: &mut impl Write, answer: Answer) -> io::Result<()> {
    let status = answer.status;
    match answer.content {
        Content::Json(body) => http::write_answer(to, status, "application/json", &body)?,
        Content::Text(text) => http::write_answer(to, status, "text/plain; charset=utf-8", text.as_bytes())?,
        Content::Problem(body) => http::write_answer(to, status, "application/problem+json", &body)?,
        Content::Xml(body) => http::write_answer(to, status, "application/xml", &body)?,
        Content::File(path) => {
            let mut file = File::open(&path)?;
            let length = file.metadata()?.len();
            http::write_answer_head(to, status, "application/xml", length)?;
            io::copy(&mut (&mut file).take(length), to)?;
        }
        Content::Open(kind, mut file) => {
            let length = file.metadata()?.len().saturating_sub(file.stream_position()?);
            http::write_answer_head(to, status, kind, length)?;
            io::copy(&mut (&mut file).take(length), to)?;
        }
    }
    to.flush()
}

fn passes(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::ConnectionAborted)
}

/// A peer that went away, or has had nothing to say for long: its business.
fn is_gone(error: &io::Error) -> bool {
    use ErrorKind::{BrokenPipe, ConnectionReset, TimedOut, UnexpectedEof, WouldBlock};
    matches!(error.kind(), BrokenPipe | ConnectionReset | TimedOut | UnexpectedEof | WouldBlock)
}
