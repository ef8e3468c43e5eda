//! Where a User has its replies posted, as its configuration says it: by TLS anywhere, by plain HTTP on this machine alone.

use std::net::SocketAddr;

use super::REPLY_PATH;
use crate::fault::ServiceFault;
use crate::roles::host_and_port;

/// An address for replies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ReplyAddress {
    /// Host and port.
    pub(super) at: String,
    pub(super) path: String,
    /// Whether replies go there without TLS.
    pub(super) is_plain: bool,
}

impl ReplyAddress {
    /// `https://HOST:PORT/PATH`, or `http://` on loopback; without a path the one that existing clients use.
    ///
    /// # Errors
    /// It is none, or plain HTTP would leave this machine.
    pub(super) fn of(url: &str) -> Result<ReplyAddress, ServiceFault> {
        let is_plain = url.starts_with("http://");
        let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://")).unwrap_or(url);
        let (host, path) = rest.split_once('/').map_or((rest, ""), |(host, path)| (host, path));
        let scheme = if is_plain { "https://" } else { &url[..url.len() - rest.len()] };
        let at = host_and_port(&format!("{scheme}{host}"))?;
        if is_plain && here(&at).is_none() {
            return Err(not_here(url));
        }
        let path = if path.is_empty() { REPLY_PATH.to_owned() } else { format!("/{path}") };
        Ok(ReplyAddress { at, path, is_plain })
    }

    /// Where on this machine that is, where it is there.
    pub(super) fn here(&self) -> Option<SocketAddr> {
        here(&self.at)
    }
}

/// Host and port, where they are on this machine, whatever a name server says.
fn here(at: &str) -> Option<SocketAddr> {
    let named = at.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    named.as_deref().unwrap_or(at).parse().ok().filter(|socket: &SocketAddr| socket.ip().is_loopback())
}

/// Plain HTTP that would leave this machine.
pub(super) fn not_here(address: &str) -> ServiceFault {
    ServiceFault::Configuration {
        what: format!("{address} is not on loopback, and plain HTTP is for this machine alone"),
        suggestion: "name 127.0.0.1 or [::1], or use TLS".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_stays_on_this_machine_and_tls_goes_anywhere() {
        let read = |url: &str| ReplyAddress::of(url).map(|a| (a.at, a.path, a.is_plain)).map_err(|e| e.to_string());
        let is = |at: &str, path: &str, plain: bool| Ok((at.to_owned(), path.to_owned(), plain));
        assert_eq!(read("https://user.example:9443"), is("user.example:9443", REPLY_PATH, false));
        assert_eq!(read("https://10.0.0.1:9443/a/b"), is("10.0.0.1:9443", "/a/b", false));
        assert_eq!(read("http://127.0.0.1:8080/a"), is("127.0.0.1:8080", "/a", true));
        assert_eq!(read("http://[::1]:8080"), is("[::1]:8080", REPLY_PATH, true));
        assert_eq!(read("http://localhost:8080/"), is("localhost:8080", REPLY_PATH, true));
        for elsewhere in ["http://10.0.0.1:80", "http://0.0.0.0:80/a", "http://localhost.example:80", "http://[::]:80"]
        {
            assert!(read(elsewhere).is_err_and(|why| why.contains("is not on loopback")), "{elsewhere}");
        }
        for none in ["127.0.0.1:8080", "http://127.0.0.1", "http://localhost/a", "ftp://127.0.0.1:80", "http://"] {
            assert!(read(none).is_err_and(|why| why.contains("is no address")), "{none}: {:?}", read(none));
        }
    }
}
