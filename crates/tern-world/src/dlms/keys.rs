//! The ESME's keys: replaced by a key transfer, each new key wrapped under the master key in force.

use tern_dlms::Data;
use tern_dlms::cosem::Shape;
use tern_dlms::cosem::security_setup::{KeyData, KeyId};

use super::access::Client;
use super::request::{Refusal, Request};
use crate::devices::{Change, Fingerprint};
use crate::hex::hex;

/// Whether a transfer is of the master key, as far as can be seen.
pub(super) fn is_of_master_key(parameter: Option<&Data>) -> bool {
    let keys = parameter.and_then(|data| Vec::<KeyData>::of_data(data).ok()).unwrap_or_default();
    keys.iter().any(|key| key.id == KeyId::Master)
}

impl Request<'_> {
    /// Replaces keys. The master key goes alone; the others together or one by one, each at most once.
    pub(super) fn transfer_keys(&mut self, parameter: &Data, operation: &str) -> Result<(), Refusal> {
        let keys = Vec::<KeyData>::of_data(parameter).map_err(|_| Refusal::Type)?;
        let of = |id| keys.iter().filter(|key| key.id == id).map(|key| hex(&key.wrapped)).collect::<Vec<_>>();
        let (authentication, encryption, master) =
            (of(KeyId::Authentication), of(KeyId::GlobalUnicastEncryption), of(KeyId::Master));
        // A wrapped key does not say which key it is: whoever may replace the association's keys must not be able to put
        // one of them in the place of the master key.
        let asks = if master.is_empty() { Client::Management } else { Client::Critical };
        if self.client != asks {
            return Err(Refusal::Denied);
        }
        let esme = &self.slot.installation.esme;
        let wrapped = |keys: &[String]| keys.first().cloned().unwrap_or_default();
        let change = match (authentication.as_slice(), encryption.as_slice(), master.as_slice()) {
            ([], [], [master]) if keys.len() == 1 => {
                let from = Fingerprint::of_key(&esme.master);
                Change::MasterKey { to: from.clone(), from, master: master.clone() }
            }
            ([_], [_], []) | ([_], [], []) | ([], [_], []) if keys.len() == authentication.len() + encryption.len() => {
                let from = Fingerprint::of_association(&esme.association);
                Change::AssociationKeys {
                    to: from.clone(),
                    from,
                    authentication: wrapped(&authentication),
                    encryption: wrapped(&encryption),
                }
            }
            _ => return Err(Refusal::Type),
        };
        let change = self.slot.installation.with_new_fingerprint(change).map_err(|_| Refusal::Denied)?;
        self.effect(operation, &super::reading::encoded(parameter), change)
    }
}
