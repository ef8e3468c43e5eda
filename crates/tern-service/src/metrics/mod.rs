//! Measures of what Users ask (RQ11), for Prometheus: `GET /metrics` on a listener of its own, where one is configured.
//!
//! Every request is measured from the durable records' own moments: a restart forgets nothing, and a listener that is
//! configured later tells of what was before. It must never tell which User asked, of which device, or what was answered.

mod measured;
mod text;

use std::io::{self, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::config::Config;
use crate::fault::ServiceFault;
use crate::gateway::Ledger;
use crate::links::http;
use crate::roles::shared_store::SharedStore;
use crate::roles::{Announced, Hands, cannot_listen};
use measured::Measures;

/// How often what happened since is folded in, and how often it looks whether it is to stop.
const FOLD: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_millis(100);
/// Whoever asks and says nothing, or does not listen, for so long is left alone.
const PATIENCE: Duration = Duration::from_secs(5);
/// The form of the text.
const KIND: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The listener, open.
pub(crate) struct Metrics<'a> {
    config: &'a Config,
    /// Over the DSP's store.
    ledger: Ledger,
    /// The S1SP's store.
    s1sp: SharedStore,
    hands: Hands<'a>,
    listener: TcpListener,
    announced: Announced,
}

/// The file that says where the measures are told.
#[must_use]
pub fn address_file(config: &Config) -> PathBuf {
    crate::roles::address_file(&place(config))
}

fn place(config: &Config) -> PathBuf {
    config.path(&config.roles.dsp.store).with_file_name("metrics")
}

impl<'a> Metrics<'a> {
    /// Opens the listener, where one is configured.
    ///
    /// # Errors
    /// Nobody may listen there.
    pub(crate) fn open(
        config: &'a Config,
        (ledger, s1sp): (Ledger, SharedStore),
        hands: Hands<'a>,
    ) -> Result<Option<Metrics<'a>>, ServiceFault> {
        let Some(at) = config.metrics.listen else { return Ok(None) };
        let listener = TcpListener::bind(at).map_err(|error| cannot_listen(at, &error))?;
        listener.set_nonblocking(true).map_err(|error| cannot_listen(at, &error))?;
        let announced = Announced::at(&place(config), &listener)?;
        Ok(Some(Metrics { config, ledger, s1sp, hands, listener, announced }))
    }

    /// Tells the measures until it is stopped.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) fn serve(&self) -> Result<(), ServiceFault> {
        (self.hands.say)(&format!("measures at http://{}/metrics", self.announced.address));
        let mut measures = Measures::load(&self.ledger)?;
        let mut folded = Instant::now();
        while !self.hands.halt.is_asked() {
            match self.listener.accept() {
                Ok((stream, _)) => {
                    let told = measures.fold(&self.ledger, &self.config.metrics)?;
                    // Whoever asked may have gone away.
                    let _ = self.answer(stream, || text::text(&told.series, self.config, (&self.ledger, &self.s1sp)));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.hands.halt.wait(LOOK),
                Err(_) => self.hands.halt.wait(LOOK),
            }
            if folded.elapsed() >= FOLD {
                measures.fold(&self.ledger, &self.config.metrics)?;
                folded = Instant::now();
            }
        }
        Ok(())
    }

    fn answer(&self, stream: TcpStream, tell: impl FnOnce() -> Result<String, ServiceFault>) -> io::Result<()> {
        stream.set_nonblocking(false)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let mut line = BufReader::new(stream);
        let Some(request) = http::read_request(&mut line)? else { return Ok(()) };
        let path = request.path.split('?').next().unwrap_or_default();
        let (status, kind, body) = match (request.method.as_str(), path) {
            ("GET", "/metrics") => match tell() {
                Ok(text) => (200, KIND, text),
                Err(fault) => {
                    (self.hands.say)(&format!("measures cannot be told: {fault}"));
                    (500, "text/plain", "the service failed, and its operator is told\n".to_owned())
                }
            },
            ("GET", _) => (404, "text/plain", "measures are at /metrics\n".to_owned()),
            _ => (405, "text/plain", "measures are read by GET\n".to_owned()),
        };
        let to = line.get_mut();
        http::write_answer(to, status, kind, body.as_bytes())?;
        to.flush()
    }
}
