//! The keys of a simulated device, for whoever wants to speak to it with a client of their own. It is the test world: nothing
//! real is behind these keys.

use std::net::Ipv4Addr;
use std::path::Path;

use serde::Serialize;
use tern_model::{Authentication, ConfiguredAssociations, DeviceId};
use tern_world::devices::{address_at, read_installations};
use tern_world::dlms::{critical_keys, doors_of};

use crate::failure::Failure;
use crate::look::Look;
use crate::output::Report;

/// How a device is reached, and under which keys.
#[derive(Debug, Serialize)]
pub struct Keys {
    device: DeviceId,
    /// On the WAN; the port is the world's.
    address: Ipv4Addr,
    /// The logical device's number.
    server: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    public_client: Option<u16>,
    system_title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    association: Option<AssociationKeys>,
}

/// The keys of an ESME, in hexadecimal.
#[derive(Debug, Serialize)]
struct AssociationKeys {
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<u16>,
    authentication_key: String,
    encryption_key: String,
    master_key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    critical_client: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    critical_server: Option<u16>,
    critical_authentication_key: String,
    critical_encryption_key: String,
}

impl Keys {
    /// Those of a device as the folder's log leaves them.
    ///
    /// # Errors
    /// The folder holds no such device.
    pub fn of(dir: &Path, device: DeviceId, associations: &ConfiguredAssociations) -> Result<Keys, Failure> {
        let installations = read_installations(dir)?;
        let found =
            (0..).zip(&installations).find_map(|(place, i)| Some((place, i, doors_of(associations, i, device)?)));
        let (place, installation, doors) = found.ok_or_else(|| {
            let what = format!("there is no device {device} in {}", dir.display());
            Failure::new(what, "wan.csv there names every hub; the others are in installations.json")
        })?;
        let address = address_at(place).ok_or_else(|| {
            Failure::new(format!("{device} has no address on the WAN"), "ask for fewer installations")
        })?;
        let door = |authentication| doors.iter().copied().find(|door| door.authentication == authentication);
        let esme = Some(&installation.esme).filter(|esme| esme.device == device);
        let association = esme.map(|esme| {
            let critical = critical_keys(&esme.master, esme.device);
            AssociationKeys {
                client: door(Authentication::HlsGmac).map(|door| door.client),
                authentication_key: hex(esme.association.authentication.expose()),
                encryption_key: hex(esme.association.encryption.expose()),
                master_key: hex(esme.master.expose()),
                critical_client: door(Authentication::PreEstablished).map(|door| door.client),
                critical_server: door(Authentication::PreEstablished).map(|door| door.server),
                critical_authentication_key: hex(critical.authentication.expose()),
                critical_encryption_key: hex(critical.encryption.expose()),
            }
        });
        let main = door(Authentication::HlsGmac).or_else(|| doors.first().copied());
        let server = main.map_or(0, |door| door.server);
        let public_client = door(Authentication::Public).map(|door| door.client);
        let system_title = hex(&device.0.0.to_be_bytes());
        Ok(Keys { device, address, server, public_client, system_title, association })
    }
}

/// A client's address, where the model opens that association.
fn number(client: Option<u16>) -> String {
    client.map_or_else(|| "none".to_owned(), |client| client.to_string())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Report for Keys {
    fn text(&self, _: &Look) -> String {
        let mut lines = vec![
            format!("{} is logical device {} at {}", self.device, self.server, self.address),
            format!("  system title             {}", self.system_title),
        ];
        match &self.association {
            Some(keys) => lines.extend([
                format!("  client {}: authentication {}", number(keys.client), keys.authentication_key),
                format!("            encryption     {}", keys.encryption_key),
                format!(
                    "  client {}: authentication {}",
                    number(keys.critical_client),
                    keys.critical_authentication_key
                ),
                format!("            encryption     {}", keys.critical_encryption_key),
                format!("  master key               {}", keys.master_key),
            ]),
            None => lines.push(format!(
                "  it has no keys: client {} reads it, and it obeys the signature of the party in charge",
                number(self.public_client)
            )),
        }
        lines.join("\n")
    }
}
