//! Mails handed in to a server (RFC 5321), one recipient and one answer at a time: of each it is known whether it was
//! taken, refused, never offered, or offered without an answer.
//!
//! Nothing is said to a server in the clear but on loopback. A server that is not reached is not asked again in the
//! same run.

use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{Certificate, CertificateStore, SmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail as MailFrom, Rcpt, Rset};
use lettre::transport::smtp::extension::ClientId;

use super::record::{Outcome, Told};
use crate::config::{Config, MailConfig, MailSecurity};
use crate::fault::ServiceFault;
use crate::pki::files;

/// A server for mails.
pub(super) struct Mail {
    host: String,
    port: u16,
    security: MailSecurity,
    tls: Option<TlsParameters>,
    credentials: Option<Credentials>,
    sender: Address,
    patience: Duration,
    line: Option<SmtpConnection>,
    /// Why it was not reached.
    away: Option<String>,
}

impl Mail {
    pub(super) fn of(config: &Config, mail: &MailConfig) -> Result<Mail, ServiceFault> {
        let (host, port) = mail.host_and_port().ok_or_else(|| wrong("server is no HOST:PORT"))?;
        let sender = mail.sender.parse().map_err(|error| wrong(format!("sender: {error}")))?;
        let tls = (mail.security != MailSecurity::Plain).then(|| believed(config, mail, host)).transpose()?;
        let credentials = match (&mail.user, &mail.password_file) {
            (Some(user), Some(file)) => Some(Credentials::new(user.clone(), password(config, file)?)),
            _ => None,
        };
        Ok(Mail {
            host: host.to_owned(),
            port,
            security: mail.security,
            tls,
            credentials,
            sender,
            patience: Duration::from_millis(mail.patience_ms),
            line: None,
            away: None,
        })
    }

    pub(super) fn sender(&self) -> &Address {
        &self.sender
    }

    /// Hands a mail in, for one recipient.
    pub(super) fn deliver(&mut self, to: &Address, letter: &[u8]) -> Told {
        if let Some(why) = &self.away {
            return Told::new(Outcome::NotReached, why);
        }
        let mut line = match self.line.take().and_then(alive) {
            Some(line) => line,
            None => match self.connect() {
                Ok(line) => line,
                Err(error) => {
                    let why = format!("{}:{}: {}", self.host, self.port, words(&error));
                    self.away = Some(why.clone());
                    return Told::new(Outcome::NotReached, why);
                }
            },
        };
        let told = hand_in(&mut line, &self.sender, to, letter);
        // After a refusal the line is of use again once the server has forgotten the mail.
        let usable = match told.outcome {
            Outcome::Delivered => true,
            Outcome::Refused => line.command(Rset).is_ok(),
            _ => false,
        };
        if usable {
            self.line = Some(line);
        }
        told
    }

    fn connect(&self) -> Result<SmtpConnection, Error> {
        let hello = ClientId::default();
        let at_once = self.tls.as_ref().filter(|_| self.security == MailSecurity::Tls);
        let server = (self.host.as_str(), self.port);
        let mut line = SmtpConnection::connect(server, Some(self.patience), &hello, at_once, None)?;
        if let (MailSecurity::Starttls, Some(tls)) = (self.security, &self.tls) {
            line.starttls(tls, &hello)?;
        }
        if let Some(credentials) = &self.credentials {
            line.auth(DEFAULT_MECHANISMS, credentials)?;
        }
        Ok(line)
    }
}

impl Drop for Mail {
    fn drop(&mut self) {
        if let Some(mut line) = self.line.take() {
            // It has nothing left to say; whether it hears that does not matter.
            let _ = line.quit();
        }
    }
}

/// A line that was not closed meanwhile.
fn alive(mut line: SmtpConnection) -> Option<SmtpConnection> {
    line.test_connected().then_some(line)
}

fn hand_in(line: &mut SmtpConnection, from: &Address, to: &Address, letter: &[u8]) -> Told {
    let offered = line
        .command(MailFrom::new(Some(from.clone()), Vec::new()))
        .and_then(|_| line.command(Rcpt::new(to.clone(), Vec::new())))
        .and_then(|_| line.command(Data));
    match offered {
        Err(error) => return Told::new(before_it_was_sent(&error), words(&error)),
        // An answer that is none to DATA is one to something else.
        Ok(answer) if !answer.has_code(354) => {
            return Told::new(Outcome::NotReached, "the server answers what it was not asked");
        }
        Ok(_) => {}
    }
    match line.message(letter) {
        Ok(answer) if answer.has_code(250) => {
            Told::new(Outcome::Delivered, answer.message().collect::<Vec<_>>().join(" "))
        }
        Ok(answer) => Told::new(Outcome::AnswerLost, format!("answered {}", answer.code())),
        Err(error) if error.status().is_some() => Told::new(Outcome::Refused, words(&error)),
        Err(error) => Told::new(Outcome::AnswerLost, words(&error)),
    }
}

fn before_it_was_sent(error: &Error) -> Outcome {
    if error.status().is_some() { Outcome::Refused } else { Outcome::NotReached }
}

/// What went wrong, with its cause.
fn words(error: &Error) -> String {
    let mut words = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(deeper) = cause {
        let said = deeper.to_string();
        if !words.contains(&said) {
            words = format!("{words}: {said}");
        }
        cause = deeper.source();
    }
    words
}

fn wrong(what: impl std::fmt::Display) -> ServiceFault {
    let suggestion = "mend [notices.mail] in tern.toml".to_owned();
    ServiceFault::Configuration { what: format!("notices.mail: {what}"), suggestion }
}

/// By whom the server's certificate is believed.
fn believed(config: &Config, mail: &MailConfig, host: &str) -> Result<TlsParameters, ServiceFault> {
    let mut tls = TlsParameters::builder(host.to_owned());
    if let Some(file) = &mail.authorities {
        let path = config.path(file);
        let pem = std::fs::read(&path).map_err(|error| ServiceFault::file("read", &path, error))?;
        let certificates = Certificate::from_pem(&pem).map_err(|error| wrong(format!("authorities: {error}")))?;
        tls = tls.certificate_store(CertificateStore::None).add_root_certificate(certificates);
    }
    tls.build_rustls().map_err(wrong)
}

/// The password in a file that its owner alone can read, without the end of its line.
fn password(config: &Config, file: &std::path::Path) -> Result<String, ServiceFault> {
    let path = config.path(file);
    let bytes = files::read_private(&path)?;
    let text = std::str::from_utf8(bytes.expose()).map_err(|_| ServiceFault::file("read", &path, "it is not UTF-8"))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}
