//! The WAN's address book: which address an installation's hub has (P). The communications provider keeps it; the S1SP reads it.
//!
//! It holds 16 bytes an installation, and must never hold more than where a hub is.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use tern_model::ChfIdentifier;

use crate::fault::ServiceFault;

/// Where hubs are reached.
#[derive(Debug, Clone, Default)]
pub struct Wan {
    /// In the order of their identifiers.
    hubs: Vec<(ChfIdentifier, Ipv4Addr)>,
    port: u16,
}

impl Wan {
    /// Reads an address book: a CSV with the columns `chf_identifier` and `address`; all hubs listen on one port.
    ///
    /// # Errors
    /// The file cannot be read, or a row is not what it should be.
    pub fn read(path: &Path, port: u16) -> Result<Wan, ServiceFault> {
        let fault = |reason: String| ServiceFault::file("read", path, reason);
        let mut reader =
            csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(path).map_err(|e| fault(e.to_string()))?;
        let mut hubs = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|e| fault(e.to_string()))?;
            let line = record.position().map_or(0, csv::Position::line);
            let field = |at: usize| record.get(at).unwrap_or_default();
            let chf = field(0).parse().map_err(|e| fault(format!("line {line}, chf_identifier: {e}")))?;
            let address = field(1).parse().map_err(|e| fault(format!("line {line}, address: {e}")))?;
            hubs.push((chf, address));
        }
        hubs.sort_unstable();
        if let Some(twice) = hubs.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(fault(format!("{} has two addresses", twice[0].0)));
        }
        Ok(Wan { hubs, port })
    }

    /// Where an installation's hub is; `None` where the provider knows of none.
    #[must_use]
    pub fn address_of(&self, chf: ChfIdentifier) -> Option<SocketAddr> {
        let at = self.hubs.binary_search_by_key(&chf, |(hub, _)| *hub).ok()?;
        Some(SocketAddr::from((self.hubs[at].1, self.port)))
    }
}
