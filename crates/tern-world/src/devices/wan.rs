//! Where installations are on the WAN: one loopback address each, and the communications provider's address book of them.

use std::net::Ipv4Addr;
use std::path::Path;

use tern_model::ChfIdentifier;

use super::Installation;
use crate::WorldError;
use crate::files::{self, Readers};

/// The address of the first installation; the others follow it.
const FIRST: u32 = 0x7F01_0000;
/// The last address that there is.
const LAST: u32 = 0x7FFF_FFFE;

/// The address of the installation at a place in the initial state; `None` beyond the last address.
#[must_use]
pub fn address_at(place: usize) -> Option<Ipv4Addr> {
    let address = u32::try_from(place).ok().and_then(|place| FIRST.checked_add(place))?;
    (address <= LAST).then(|| Ipv4Addr::from(address))
}

/// The place of an address; `None` where it is no installation's.
#[must_use]
pub fn place_of(address: Ipv4Addr) -> Option<usize> {
    usize::try_from(u32::from(address).checked_sub(FIRST)?).ok()
}

/// Writes the address book: `chf_identifier,address`.
pub(super) fn write_wan(path: &Path, installations: &[Installation]) -> Result<(), WorldError> {
    let mut text = "chf_identifier,address\n".to_owned();
    for (place, installation) in installations.iter().enumerate() {
        let address = address_at(place)
            .ok_or_else(|| WorldError::Plan { reason: "more installations than there are addresses".to_owned() })?;
        text.push_str(&format!("{},{address}\n", installation.hub.chf));
    }
    files::write(path, text.as_bytes(), Readers::Anyone)
}

/// Reads the address book.
///
/// # Errors
/// The file cannot be read, or a row is none.
pub fn read_wan(path: &Path) -> Result<Vec<(ChfIdentifier, Ipv4Addr)>, WorldError> {
    let text = std::fs::read_to_string(path).map_err(WorldError::io(path))?;
    let row = |(at, line): (usize, &str)| {
        let (chf, address) = line.split_once(',').unwrap_or((line, ""));
        let (chf, address) = (chf.parse().ok(), address.parse().ok());
        chf.zip(address).ok_or_else(|| WorldError::malformed(path, at, "no CHF identifier and address"))
    };
    (1..).zip(text.lines()).skip(1).map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_has_an_address_of_its_own() {
        assert_eq!(address_at(0), Some(Ipv4Addr::new(127, 1, 0, 0)));
        for place in [0, 1, 255, 256, 9_999, 16_000_000] {
            assert_eq!(address_at(place).and_then(place_of), Some(place));
        }
        assert_eq!(address_at(16_777_215), None, "beyond the last");
        assert_eq!(place_of(Ipv4Addr::LOCALHOST), None);
    }
}
