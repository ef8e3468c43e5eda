//! Whoever asks: Users with kept connections, whose requests were signed beforehand. What they cost themselves is told too.

use std::collections::HashMap;
use std::io::{self, BufRead, Read, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tern_testkit::UserClient;
use tern_testkit::served::{Line, answer, head_of};

/// A request as it goes over the line, head and all.
pub struct Asked {
    /// Its User's place in the list.
    pub user: usize,
    /// Its counter, by which its reply is known.
    pub counter: u64,
    bytes: Vec<u8>,
}

impl Asked {
    pub fn new((user, counter): (usize, u64), service: &str, message: &str) -> Asked {
        let mut bytes = head_of(service, message.len()).into_bytes();
        bytes.extend_from_slice(message.as_bytes());
        Asked { user, counter, bytes }
    }
}

/// What a load came to.
pub struct Load {
    pub requests: usize,
    pub took: Duration,
    /// What the generator's own threads took of the processor.
    pub generator: Duration,
    answered: Vec<Answered>,
}

/// A request that was acknowledged.
struct Answered {
    counter: u64,
    /// When it was to be sent.
    due: Instant,
    /// When the last byte of its acknowledgement was there.
    done: Instant,
}

impl Load {
    pub fn rate(&self) -> f64 {
        self.requests as f64 / self.took.as_secs_f64()
    }

    /// How long acknowledgements took.
    pub fn latencies(&self) -> Vec<Duration> {
        self.answered.iter().map(|one| one.done.duration_since(one.due)).collect()
    }

    /// How long it took to the replies, of those that came.
    pub fn latencies_to(&self, replies: &HashMap<u64, Instant>) -> Vec<Duration> {
        let to_reply = |one: &Answered| Some(replies.get(&one.counter)?.duration_since(one.due));
        self.answered.iter().filter_map(to_reply).collect()
    }
}

/// The latency that so many in a hundred keep.
pub fn percentile(mut latencies: Vec<Duration>, percent: usize) -> Duration {
    latencies.sort_unstable();
    latencies[(latencies.len() * percent / 100).min(latencies.len() - 1)]
}

/// Sends everything over so many connections, as fast as they are answered, or at a rate in all. Each User's requests go over its own.
pub fn send(users: &[UserClient], asked: &[Asked], connections: u64, rate: Option<f64>) -> Load {
    let connections = usize::try_from(connections).unwrap_or(usize::MAX);
    let of_user: Vec<Vec<&Asked>> =
        (0..users.len()).map(|user| asked.iter().filter(|one| one.user == user).collect()).collect();
    let next: Vec<AtomicUsize> = users.iter().map(|_| AtomicUsize::new(0)).collect();
    // Who has more to ask has more connections.
    let shares = of_user.iter().map(|of| (of.len() * connections).div_ceil(asked.len().max(1)));
    let lines: Vec<(usize, Line)> =
        shares.enumerate().flat_map(|(user, share)| (0..share).map(move |_| (user, connected(&users[user])))).collect();
    let each = rate.map(|rate| lines.len() as f64 / rate);
    let began = Instant::now();
    let parts: Vec<(Duration, Vec<Answered>)> = std::thread::scope(|scope| {
        let clients = lines.into_iter().enumerate().map(|(place, (user, mut line))| {
            let (next, of_user) = (&next[user], &of_user[user]);
            scope.spawn(move || {
                let (cpu, mut answered) = (thread_time(), Vec::new());
                while let Some(one) = of_user.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let turn = answered.len() as f64 + place as f64 / 64.0;
                    let due = each.map_or_else(Instant::now, |each| wait_for(began, turn * each));
                    exchange(&mut line, &one.bytes).expect("an acknowledgement");
                    answered.push(Answered { counter: one.counter, due, done: Instant::now() });
                }
                (thread_time().saturating_sub(cpu), answered)
            })
        });
        let clients: Vec<_> = clients.collect();
        clients.into_iter().map(|client| client.join().expect("a client")).collect()
    });
    let took = began.elapsed();
    let generator = parts.iter().map(|(cpu, _)| *cpu).sum();
    let answered = parts.into_iter().flat_map(|(_, answered)| answered).collect();
    Load { requests: asked.len(), took, generator, answered }
}

/// A connection that the service knows already: something was asked there, and refused.
fn connected(user: &UserClient) -> Line {
    let mut line = user.connect().expect("a connection");
    refused(&mut line);
    line
}

/// Asks for what there is not.
fn refused(line: &mut Line) {
    let asks = b"GET / HTTP/1.1\r\nHost: dsp\r\n\r\n";
    line.get_mut().write_all(asks).and_then(|()| line.get_mut().flush()).expect("a handshake");
    assert_eq!(answer(line).expect("an answer").status, 404);
}

/// What an exchange takes of both ends' processor that is nothing but TLS, HTTP and sockets: one that is refused at its first line.
pub fn bare_exchange(user: &UserClient, all_of_it: impl Fn() -> Duration) -> Duration {
    const TURNS: u32 = 4_000;
    let mut line = connected(user);
    let before = all_of_it();
    (0..TURNS).for_each(|_| refused(&mut line));
    all_of_it().saturating_sub(before) / TURNS
}

fn wait_for(began: Instant, seconds: f64) -> Instant {
    let due = began + Duration::from_secs_f64(seconds);
    std::thread::park_timeout(due.saturating_duration_since(Instant::now()));
    due
}

/// Sends a request, and reads the answer as far as it says that it was accepted.
fn exchange(line: &mut Line, bytes: &[u8]) -> io::Result<()> {
    line.get_mut().write_all(bytes)?;
    line.get_mut().flush()?;
    let (mut text, mut length) = (String::new(), 0);
    loop {
        text.clear();
        line.read_line(&mut text)?;
        match text.trim_end() {
            "" => break,
            line => {
                if let Some(value) = line.strip_prefix("Content-Length: ") {
                    length = value.parse().map_err(io::Error::other)?;
                }
            }
        }
    }
    let mut body = vec![0; length];
    line.read_exact(&mut body)?;
    let accepted = [&b">I99<"[..], b">I0<"].iter().any(|code| body.windows(code.len()).any(|w| w == *code));
    if accepted { Ok(()) } else { Err(io::Error::other(String::from_utf8_lossy(&body).into_owned())) }
}

/// What this thread took of the processor so far; zero elsewhere than on Linux.
fn thread_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(stat.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0))
}
