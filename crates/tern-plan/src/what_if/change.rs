//! The changes that the sources give figures for, as an overlay that takes each of them back: what the rules would be without it.

use tern_rules::{Overlay, OverlayFault, Rulebook};
use tern_wire::dsig::sha256;

use super::Figure;

/// A change whose effect can be asked for without writing an overlay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// S002 items 4, 5, 8 and 9: shorter notices for Recently Dormant installations, and 2 days for 7.
    RecentlyDormant,
    /// S003: firmware upgrades for entries that are planned.
    EarlyFirmware,
}

impl Change {
    /// Every change.
    pub const ALL: [Change; 2] = [Change::RecentlyDormant, Change::EarlyFirmware];

    /// Its name on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Change::RecentlyDormant => "recently-dormant",
            Change::EarlyFirmware => "early-firmware",
        }
    }

    /// The figures that its source expects of it.
    #[must_use]
    pub fn figures(self) -> &'static [Figure] {
        match self {
            Change::RecentlyDormant => &[Figure::Sooner, Figure::Spared],
            Change::EarlyFirmware => &[Figure::Weeks],
        }
    }

    /// The overlay that takes it back, as whoever wants another baseline would write it.
    #[must_use]
    pub fn taken_back(self) -> &'static str {
        match self {
            Change::RecentlyDormant => {
                "name = \"without the Recently Dormant rules\"\n\
                 [texts.\"4.29\".\"TMAD FOC text\"]\nworking_days_if_recently_dormant = 15\n\
                 [texts.\"4.30\".\"TMAD FOC text\"]\nworking_days_if_recently_dormant = 15\n\
                 [texts.\"5.10.10\".\"TMAD FOC text\"]\ndays = 7\n\
                 [texts.\"5.10.15\".\"TMAD FOC text\"]\ndays = 7\n"
            }
            Change::EarlyFirmware => "name = \"without early firmware\"\n[documents]\n\"TMAD V5.2\" = \"never\"\n",
        }
    }

    /// The rulebook without it.
    ///
    /// # Errors
    /// The overlay does not fit the rules: a rule or a document was renamed.
    pub fn baseline(self) -> Result<Rulebook, Vec<OverlayFault>> {
        let text = self.taken_back();
        Overlay::read(text, sha256(text.as_bytes())).map(Rulebook::under)
    }
}

impl std::str::FromStr for Change {
    type Err = String;

    fn from_str(text: &str) -> Result<Change, String> {
        let known = Change::ALL.map(Change::as_str).join("` or `");
        Change::ALL.into_iter().find(|change| change.as_str() == text).ok_or_else(|| format!("`{known}` is expected"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_baseline_fits_the_rules() {
        for change in Change::ALL {
            change.baseline().unwrap_or_else(|faults| panic!("{}: {faults:?}", change.as_str()));
            assert_eq!(change.as_str().parse(), Ok(change));
        }
    }
}
