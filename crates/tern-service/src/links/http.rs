//! HTTP/1.1 as links need it: one request and one answer at a time over a kept connection, bodies of a known length. Strangers may
//! answer with any body that HTTP/1.1 has.
//!
//! Whoever works longer on an answer says so by interim answers (102), so that silence always means that nobody is there.
//! What is not needed here is refused: chunked bodies, upgrades, pipelining. It must never read more than a head or a body
//! may have.

use std::io::{self, BufRead, ErrorKind, Read, Write};

/// The longest head of a request or an answer.
const HEAD_MAX_BYTES: usize = 16 << 10;
/// Most lines in a head.
const HEADERS_MAX: usize = 48;
/// The longest body that is put behind its head in memory.
const ONE_PIECE_MAX_BYTES: usize = 64 << 10;
/// The longest body of an answer that is held in memory.
pub(crate) const ANSWER_MAX_BYTES: u64 = 64 << 20;

/// A request's head.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Request {
    /// `POST` or `GET`.
    pub(crate) method: String,
    /// The path, as it came.
    pub(crate) path: String,
    /// The body's length in bytes.
    pub(crate) length: u64,
    /// The client waits for leave to send the body.
    pub(crate) expects_leave: bool,
    /// The connection ends with the answer.
    pub(crate) closes: bool,
    /// `Content-Range` as it came: which part of something the body is.
    pub(crate) content_range: Option<String>,
    /// `Content-Type` as it came.
    pub(crate) content_type: Option<String>,
}

/// An answer's head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Answered {
    /// The status; never an interim one.
    pub(crate) status: u16,
    /// How far its body goes.
    pub(crate) extent: Extent,
    /// The connection ends with the answer.
    pub(crate) closes: bool,
}

/// How far the body of an answer goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// So many bytes.
    Known(u64),
    /// In pieces, each with its length.
    Chunked,
    /// To the end of the connection.
    ToTheEnd,
}

/// Reads the next request's head; none where the connection ended before it.
///
/// # Errors
/// The connection failed, or what came is no request of this form ([`ErrorKind::InvalidData`]).
pub(crate) fn read_request(from: &mut impl BufRead) -> io::Result<Option<Request>> {
    let Some(head) = read_head(from)? else { return Ok(None) };
    let mut lines = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut parsed = httparse::Request::new(&mut lines);
    let complete = parsed.parse(&head).map_err(|e| wrong(&e.to_string()))?.is_complete();
    let (Some(method), Some(path), Some(1), true) = (parsed.method, parsed.path, parsed.version, complete) else {
        return Err(wrong("no request of HTTP/1.1"));
    };
    let fields = Fields::of(parsed.headers)?;
    if fields.chunked {
        return Err(wrong("a body without a length"));
    }
    Ok(Some(Request {
        method: method.to_owned(),
        path: path.to_owned(),
        length: fields.length.unwrap_or(0),
        expects_leave: fields.expects_leave,
        closes: fields.closes,
        content_range: fields.content_range,
        content_type: fields.content_type,
    }))
}

/// Reads the head of the answer, over all interim ones.
///
/// # Errors
/// The connection failed or ended, or what came is no answer of this form.
pub(crate) fn read_answer(from: &mut impl BufRead) -> io::Result<Answered> {
    loop {
        let head = read_head(from)?.ok_or_else(|| io::Error::from(ErrorKind::UnexpectedEof))?;
        let mut lines = [httparse::EMPTY_HEADER; HEADERS_MAX];
        let mut parsed = httparse::Response::new(&mut lines);
        let complete = parsed.parse(&head).map_err(|e| wrong(&e.to_string()))?.is_complete();
        let (Some(status), true) = (parsed.code, complete) else { return Err(wrong("no answer of HTTP/1.1")) };
        if (100..200).contains(&status) {
            continue;
        }
        let fields = Fields::of(parsed.headers)?;
        let extent = match fields.length {
            _ if matches!(status, 204 | 304) => Extent::Known(0),
            None if fields.chunked => Extent::Chunked,
            Some(length) if !fields.chunked => Extent::Known(length),
            Some(_) => return Err(wrong("a body of two lengths")),
            None => Extent::ToTheEnd,
        };
        return Ok(Answered { status, extent, closes: fields.closes || extent == Extent::ToTheEnd });
    }
}

/// The body of an answer, however far it goes, where it is no longer than it may be.
///
/// # Errors
/// As [`read_body`].
pub(crate) fn read_answer_body(from: &mut impl BufRead, extent: Extent, most: u64) -> io::Result<Vec<u8>> {
    match extent {
        Extent::Known(length) => read_body(from, length, most),
        Extent::Chunked => read_chunks(from, most),
        Extent::ToTheEnd => {
            let mut body = Vec::new();
            from.take(most + 1).read_to_end(&mut body)?;
            if body.len() as u64 > most { Err(wrong("a body longer than any may be")) } else { Ok(body) }
        }
    }
}

/// A body in pieces, with what may stand behind the last one.
fn read_chunks(from: &mut impl BufRead, most: u64) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let head = read_line(from)?;
        let digits = head.split(';').next().unwrap_or_default().trim();
        let all_digits = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit());
        let length = u64::from_str_radix(digits, 16).ok().filter(|_| all_digits);
        let length = length.ok_or_else(|| wrong("a piece of a body without a length"))?;
        if length == 0 {
            while !read_line(from)?.is_empty() {}
            return Ok(body);
        }
        body.extend(read_body(from, length, most.saturating_sub(body.len() as u64))?);
        if !read_line(from)?.is_empty() {
            return Err(wrong("a piece of a body that is longer than it says"));
        }
    }
}

/// A line without its end.
fn read_line(from: &mut impl BufRead) -> io::Result<String> {
    let mut line = Vec::new();
    from.by_ref().take(HEAD_MAX_BYTES as u64).read_until(b'\n', &mut line)?;
    let line = line.strip_suffix(b"\n").ok_or_else(|| io::Error::from(ErrorKind::UnexpectedEof))?;
    Ok(String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line)).into_owned())
}

/// The body of an answer, where it is no longer than [`ANSWER_MAX_BYTES`].
///
/// # Errors
/// The connection failed or ended early, or it is longer.
pub(crate) fn read_body(from: &mut impl Read, length: u64, most: u64) -> io::Result<Vec<u8>> {
    if length > most {
        return Err(wrong("a body longer than any may be"));
    }
    let mut body = Vec::new();
    from.take(length).read_to_end(&mut body)?;
    if body.len() as u64 == length { Ok(body) } else { Err(ErrorKind::UnexpectedEof.into()) }
}

/// Writes a request's head.
///
/// # Errors
/// The connection failed.
pub(crate) fn write_request(to: &mut impl Write, what: (&str, &str), host: &str, length: u64) -> io::Result<()> {
    write_request_from(to, what, host, (0, length))
}

/// Writes a request whose body is a message in XML.
///
/// # Errors
/// The connection failed.
pub(crate) fn write_message(to: &mut impl Write, path: &str, host: &str, body: &[u8]) -> io::Result<()> {
    let (kind, length) = ("application/xml", body.len());
    let head =
        format!("POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n");
    write_as_one(to, head, body)
}

/// Writes the head of a request whose body is the end of a file, from a byte on to its length.
///
/// # Errors
/// The connection failed.
pub(crate) fn write_request_from(
    to: &mut impl Write,
    (method, path): (&str, &str),
    host: &str,
    (from, whole): (u64, u64),
) -> io::Result<()> {
    let length = whole.saturating_sub(from);
    write!(to, "{method} {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\n")?;
    if from > 0 && length > 0 {
        write!(to, "Content-Range: bytes {from}-{}/{whole}\r\n", whole - 1)?;
    }
    to.write_all(b"\r\n")
}

/// Writes an answer.
///
/// # Errors
/// The connection failed.
pub(crate) fn write_answer(to: &mut impl Write, status: u16, kind: &str, body: &[u8]) -> io::Result<()> {
    write_as_one(to, answer_head(status, kind, body.len() as u64), body)
}

/// Writes an answer's head; a body of that length follows.
///
/// # Errors
/// The connection failed.
pub(crate) fn write_answer_head(to: &mut impl Write, status: u16, kind: &str, length: u64) -> io::Result<()> {
    to.write_all(answer_head(status, kind, length).as_bytes())
}

fn answer_head(status: u16, kind: &str, length: u64) -> String {
    let reason = reason(status);
    if status == 204 {
        return format!("HTTP/1.1 {status} {reason}\r\n\r\n");
    }
    format!("HTTP/1.1 {status} {reason}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n")
}

/// Head and body in one piece, where that is no long one: over TLS each piece is a record, and a call of the system.
fn write_as_one(to: &mut impl Write, head: String, body: &[u8]) -> io::Result<()> {
    let mut head = head.into_bytes();
    if body.len() > ONE_PIECE_MAX_BYTES {
        to.write_all(&head)?;
        return to.write_all(body);
    }
    head.extend_from_slice(body);
    to.write_all(&head)
}

/// Writes an interim answer: 100 gives leave to send the body, 102 says that the answer is being worked on.
///
/// # Errors
/// The connection failed.
pub(crate) fn write_interim(to: &mut impl Write, status: u16) -> io::Result<()> {
    write!(to, "HTTP/1.1 {status} {}\r\n\r\n", reason(status))?;
    to.flush()
}

fn reason(status: u16) -> &'static str {
    match status {
        100 => "Continue",
        102 => "Processing",
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        429 => "Too Many Requests",
        _ => "Internal Server Error",
    }
}

/// A name as a part of a path: everything but letters, digits and `-._~` is percent-encoded (RFC 3986).
pub(crate) fn encoded(name: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    name.bytes().map(|byte| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// The name that a part of a path stands for; none where it is no such part, or would lead elsewhere as a file's name.
pub(crate) fn decoded(part: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let [first, tail @ ..] = rest {
        (bytes, rest) = match (first, tail) {
            (b'%', [high, low, tail @ ..]) => {
                let digits = [*high, *low];
                let digits = std::str::from_utf8(&digits).ok().filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
                bytes.push(u8::from_str_radix(digits, 16).ok()?);
                (bytes, tail)
            }
            (b'%', _) => return None,
            (byte, tail) => {
                bytes.push(*byte);
                (bytes, tail)
            }
        };
    }
    let name = String::from_utf8(bytes).ok()?;
    let leads_elsewhere = name.is_empty() || name.len() > 200 || name.starts_with('.') || name.contains(['/', '\0']);
    (!leads_elsewhere).then_some(name)
}

/// What of a head's lines counts here.
#[derive(Default)]
struct Fields {
    length: Option<u64>,
    chunked: bool,
    expects_leave: bool,
    closes: bool,
    content_range: Option<String>,
    content_type: Option<String>,
}

impl Fields {
    fn of(lines: &[httparse::Header<'_>]) -> io::Result<Fields> {
        let mut fields = Fields::default();
        for line in lines {
            let value = std::str::from_utf8(line.value).map_err(|_| wrong("a header that is no text"))?.trim();
            match line.name.to_ascii_lowercase().as_str() {
                "content-length" => {
                    let digits = value.bytes().all(|b| b.is_ascii_digit());
                    let length = value.parse().ok().filter(|_| digits && fields.length.is_none());
                    fields.length = Some(length.ok_or_else(|| wrong("a Content-Length that is none"))?);
                }
                "transfer-encoding" if value.eq_ignore_ascii_case("chunked") => fields.chunked = true,
                "transfer-encoding" | "upgrade" => return Err(wrong("a body without a length")),
                "expect" => fields.expects_leave = value.eq_ignore_ascii_case("100-continue"),
                "content-range" => fields.content_range = Some(value.to_owned()),
                "content-type" => fields.content_type = Some(value.to_owned()),
                "connection" => fields.closes = value.eq_ignore_ascii_case("close"),
                _ => {}
            }
        }
        Ok(fields)
    }
}

/// Reads to the empty line; none where the connection ended before the first byte.
fn read_head(from: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut head = Vec::new();
    loop {
        let left = (HEAD_MAX_BYTES - head.len()) as u64;
        let read = from.by_ref().take(left).read_until(b'\n', &mut head)?;
        match (read, head.is_empty()) {
            (0, true) => return Ok(None),
            (0, false) if left == 0 => return Err(wrong("a head longer than any may be")),
            (0, false) => return Err(ErrorKind::UnexpectedEof.into()),
            _ if head.ends_with(b"\r\n\r\n") => return Ok(Some(head)),
            _ => {}
        }
    }
}

/// Whether an error says that what came is no request, and not that the connection failed.
pub(crate) fn is_wrong(error: &io::Error) -> bool {
    error.kind() == ErrorKind::InvalidData && error.get_ref().is_some_and(|inner| !inner.is::<rustls::Error>())
}

fn wrong(what: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, what.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(text: &str) -> Result<Option<Request>, ErrorKind> {
        read_request(&mut text.as_bytes()).map_err(|e| e.kind())
    }

    #[test]
    fn a_request_is_read_as_it_was_written_and_nothing_else_is_one() {
        let mut written = Vec::new();
        write_request(&mut written, ("POST", "/orders"), "dco", 12).expect("a vector");
        let read = read_request(&mut written.as_slice()).expect("reads").expect("a request");
        assert_eq!((read.method.as_str(), read.path.as_str(), read.length), ("POST", "/orders", 12));
        assert_eq!(request(""), Ok(None));
        for wrong in [
            "POST / HTTP/1.0\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: +5\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n",
            "nonsense\r\n\r\n",
        ] {
            assert_eq!(request(wrong), Err(ErrorKind::InvalidData), "{wrong:?}");
        }
        assert_eq!(request("POST / HTTP/1.1\r\n"), Err(ErrorKind::UnexpectedEof));
        let long = format!("POST / HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(HEAD_MAX_BYTES));
        assert_eq!(request(&long), Err(ErrorKind::InvalidData));
    }

    #[test]
    fn an_answer_stands_behind_any_number_of_interim_ones() {
        let mut written = Vec::new();
        for _ in 0..3 {
            write_interim(&mut written, 102).expect("a vector");
        }
        write_answer_head(&mut written, 200, "application/json", 2).expect("a vector");
        written.extend(b"{}");
        let mut from = written.as_slice();
        assert_eq!(
            read_answer(&mut from).expect("reads"),
            Answered { status: 200, extent: Extent::Known(2), closes: false }
        );
        assert_eq!(read_body(&mut from, 2, 2).expect("reads"), b"{}");
        assert_eq!(read_body(&mut from, 1, 2).expect_err("ended").kind(), ErrorKind::UnexpectedEof);
    }

    #[test]
    fn strangers_answer_with_any_body_or_none() {
        let read = |text: &str| {
            let mut from = text.as_bytes();
            let answered = read_answer(&mut from)?;
            let body = read_answer_body(&mut from, answered.extent, 8)?;
            Ok::<_, io::Error>((answered.status, String::from_utf8(body).expect("text"), answered.closes))
        };
        let good = |text: &str| read(text).expect("an answer");
        assert_eq!(good("HTTP/1.1 204 No Content\r\n\r\n"), (204, String::new(), false));
        assert_eq!(good("HTTP/1.1 400 Bad\r\n\r\nwords"), (400, "words".to_owned(), true));
        let chunked = "HTTP/1.1 400 Bad\r\nTransfer-Encoding: chunked\r\n\r\n";
        assert_eq!(good(&format!("{chunked}3\r\nwor\r\n2;x\r\nds\r\n0\r\nX: y\r\n\r\n")).1, "words");
        for wrong in ["9\r\n123456789\r\n0\r\n\r\n", "-1\r\n", "2\r\nabc\r\n0\r\n\r\n", "2\r\nab", "\r\n"] {
            assert!(read(&format!("{chunked}{wrong}")).is_err(), "{wrong:?}");
        }
        assert!(read("HTTP/1.1 400 Bad\r\n\r\n123456789").is_err(), "longer than it may be");
    }

    #[test]
    fn names_go_through_paths_unless_they_lead_elsewhere() {
        for name in ["MCF_90-B3_EA_1.xml", "a b%.xml", "ä.xml"] {
            assert_eq!(decoded(&encoded(name)).as_deref(), Some(name));
        }
        for wrong in ["", ".hidden", "a%2Fb", "%00", "%", "%2", "%zz", "%+1", "a/b", "%2E%2E"] {
            assert_eq!(decoded(wrong), None, "{wrong}");
        }
    }
}
