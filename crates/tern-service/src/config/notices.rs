//! `[notices]`: by which ways notices reach Responsible Suppliers (PL1, PL3). All of it is project-defined (P).

use std::net::IpAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use tern_model::PartyId;

/// `[notices]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NoticesConfig {
    /// The folder in which each supplier has one of its own, named after it: files for those without a way of their own.
    pub folder: PathBuf,
    /// Where mail is handed in; absent: nothing is mailed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mail: Option<MailConfig>,
    /// Suppliers that are reached otherwise.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub suppliers: Vec<SupplierWays>,
}

impl Default for NoticesConfig {
    fn default() -> Self {
        NoticesConfig { folder: "notices".into(), mail: None, suppliers: Vec::new() }
    }
}

/// `[notices.mail]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailConfig {
    /// The server, as `HOST:PORT`.
    pub server: String,
    /// How the connection is kept from others.
    #[serde(default)]
    pub security: MailSecurity,
    /// Whom mails are from.
    pub sender: String,
    /// As whom this program signs in; absent: it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// A file with the password, that its owner alone can read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_file: Option<PathBuf>,
    /// A file with the certificates (PEM) of the authorities that the server's is believed by; absent: the system's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorities: Option<PathBuf>,
    /// An answer that takes longer counts as none, in milliseconds.
    #[serde(default = "patience")]
    pub patience_ms: u64,
}

fn patience() -> u64 {
    30_000
}

/// How a connection to a mail server is kept from others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MailSecurity {
    /// It becomes TLS before anything is said (RFC 3207); a server that cannot is told nothing.
    #[default]
    Starttls,
    /// It is TLS from the first byte on (RFC 8314).
    Tls,
    /// It is not: for a server on loopback alone.
    Plain,
}

/// `[[notices.suppliers]]`
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SupplierWays {
    /// Which.
    pub supplier: PartyId,
    /// Its mailboxes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mail: Vec<String>,
    /// The folder in which its files are laid down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<PathBuf>,
}

impl NoticesConfig {
    /// What is wrong with it, where something is.
    pub(super) fn fault(&self) -> Option<String> {
        if let Some(mail) = &self.mail
            && let Some(fault) = mail.fault()
        {
            return Some(format!("notices.mail: {fault}"));
        }
        for (at, one) in self.suppliers.iter().enumerate() {
            let fault = if one.mail.is_empty() && one.folder.is_none() {
                "neither mailboxes nor a folder"
            } else if !one.mail.is_empty() && self.mail.is_none() {
                "mailboxes, but there is no [notices.mail] with a server"
            } else if self.suppliers[..at].iter().any(|before| before.supplier == one.supplier) {
                "a second table"
            } else {
                match one.mail.iter().find(|mailbox| !is_mailbox(mailbox)) {
                    Some(mailbox) => return Some(format!("notices.suppliers: {mailbox:?} is no mailbox")),
                    None => continue,
                }
            };
            return Some(format!("notices.suppliers: {} has {fault}", one.supplier));
        }
        None
    }
}

impl MailConfig {
    fn fault(&self) -> Option<String> {
        let Some((host, _)) = self.host_and_port() else { return Some("server is no HOST:PORT".to_owned()) };
        if self.security == MailSecurity::Plain && !is_loopback(host) {
            return Some(format!("security is plain, and {host} is not loopback"));
        }
        if !is_mailbox(&self.sender) {
            return Some(format!("sender {:?} is no mailbox", self.sender));
        }
        if self.user.is_some() != self.password_file.is_some() {
            return Some("user and password_file go together".to_owned());
        }
        (self.patience_ms == 0).then(|| "patience_ms is 0".to_owned())
    }

    /// The server's name and port.
    #[must_use]
    pub fn host_and_port(&self) -> Option<(&str, u16)> {
        let (host, port) = self.server.rsplit_once(':')?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        (!host.is_empty()).then_some((host, port.parse().ok()?))
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// A mailbox as SMTP takes it without extensions: one name, one domain, ASCII alone.
fn is_mailbox(text: &str) -> bool {
    text.is_ascii() && text.parse::<lettre::Address>().is_ok()
}
