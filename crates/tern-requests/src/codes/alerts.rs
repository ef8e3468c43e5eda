//! DCC Alert codes: which of the schemas' codes goes with which body. None is confirmed for SMETS1: all are configuration.

use serde::Serialize;

/// A DCC Alert that Tern sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DccAlert {
    /// S1SPAlertDSP: what an S1SP signed.
    S1spAlert,
    /// SMETS1CHFirmwareNotification: an update of a hub's firmware was requested.
    HubFirmwareRequested,
    /// SMETS1CHFirmwareNotification: a hub runs other firmware.
    HubFirmwareActivated,
}

impl DccAlert {
    /// Every alert.
    pub const ALL: [DccAlert; 3] =
        [DccAlert::S1spAlert, DccAlert::HubFirmwareRequested, DccAlert::HubFirmwareActivated];

    /// Its name in configuration.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            DccAlert::S1spAlert => "alert-s1sp",
            DccAlert::HubFirmwareRequested => "alert-hub-firmware-requested",
            DccAlert::HubFirmwareActivated => "alert-hub-firmware-activated",
        }
    }

    /// The code, where configuration gives no other (P, unconfirmed).
    #[must_use]
    pub fn default_code(self) -> &'static str {
        match self {
            DccAlert::S1spAlert => "N55",
            DccAlert::HubFirmwareRequested => "N56",
            DccAlert::HubFirmwareActivated => "N57",
        }
    }

    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            DccAlert::S1spAlert => "what an S1SP reports, under its own signature",
            DccAlert::HubFirmwareRequested => "an update of a hub's firmware was requested",
            DccAlert::HubFirmwareActivated => "a hub runs other firmware",
        }
    }
}

/// Whether some published schema knows the code: `AD1`, or N1 to N65 without N32, or N999.
#[must_use]
pub fn is_alert_code(code: &str) -> bool {
    let number = code.strip_prefix('N').filter(|digits| !digits.starts_with('0')).and_then(|n| n.parse::<u16>().ok());
    code == "AD1" || number.is_some_and(|n| n == 999 || (1..=65).contains(&n) && n != 32)
}
