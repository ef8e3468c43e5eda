//! The CHF Whitelist of 15.11: what it has to be, and whether one is right.
//!
//! Pure. This module must never set a whitelist: the S1SP's step does, with the list from here.

use tern_model::{ChfIdentifier, DeviceId, HanType};

/// The devices of an installation that 15.11 speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HanDevices {
    /// The Communications Hub Function: never on the list.
    pub chf: ChfIdentifier,
    /// The Gas Proxy Function: never on the list.
    pub gpf: DeviceId,
    /// Always on the list.
    pub esme: DeviceId,
    /// The GSME and how it talks to the GPF, where the installation has one: on the list where over ZigBee.
    pub gsme: Option<(DeviceId, HanType)>,
}

/// The list that 15.11 asks for: the ESME, and the GSME where it talks to the GPF over ZigBee.
#[must_use]
pub fn whitelist(esme: DeviceId, gsme: Option<(DeviceId, HanType)>) -> Vec<DeviceId> {
    let zigbee = gsme.filter(|(_, han)| *han == HanType::ZigBee).map(|(gsme, _)| gsme);
    std::iter::once(esme).chain(zigbee).collect()
}

/// What is wrong with a list that was, or will be, set; empty where it is right. Devices of which 15.11 does not speak
/// may be on it.
#[must_use]
pub fn wrong_with(list: &[DeviceId], devices: &HanDevices) -> Vec<String> {
    let never = [("CHF", DeviceId::from(devices.chf)), ("GPF", devices.gpf)];
    let surplus = never.into_iter().filter(|(_, id)| list.contains(id)).map(|(kind, id)| format!("holds {kind} {id}"));
    let missing = whitelist(devices.esme, devices.gsme).into_iter().filter(|id| !list.contains(id)).map(|id| {
        let kind = if id == devices.esme { "ESME" } else { "GSME" };
        format!("lacks {kind} {id}")
    });
    surplus.chain(missing).collect()
}

#[cfg(test)]
mod tests {
    use tern_model::Eui64;

    use super::*;

    const fn device(n: u64) -> DeviceId {
        DeviceId(Eui64(n))
    }

    fn devices(gsme: Option<HanType>) -> HanDevices {
        HanDevices {
            chf: ChfIdentifier(Eui64(1)),
            gpf: device(2),
            esme: device(3),
            gsme: gsme.map(|han| (device(4), han)),
        }
    }

    #[track_caller]
    fn check(gsme: Option<HanType>, list: &[u64], wrong: &[&str]) {
        let list: Vec<DeviceId> = list.iter().copied().map(device).collect();
        let found = wrong_with(&list, &devices(gsme));
        let words: Vec<&str> = found.iter().filter_map(|w| w.rsplit_once(' ').map(|(said, _)| said)).collect();
        assert_eq!(words, wrong, "{list:?} with GSME {gsme:?}");
    }

    #[test]
    fn esme_always_gsme_over_zigbee_never_chf_or_gpf() {
        check(None, &[3], &[]);
        check(Some(HanType::Other), &[3], &[]);
        check(Some(HanType::ZigBee), &[3, 4], &[]);
        check(Some(HanType::ZigBee), &[3], &["lacks GSME"]);
        check(Some(HanType::ZigBee), &[4, 9], &["lacks ESME"]);
        check(None, &[1, 2, 3], &["holds CHF", "holds GPF"]);
        check(None, &[], &["lacks ESME"]);
    }

    #[test]
    fn the_list_made_here_is_right() {
        for gsme in [None, Some(HanType::ZigBee), Some(HanType::Other)] {
            let devices = devices(gsme);
            assert!(wrong_with(&whitelist(devices.esme, devices.gsme), &devices).is_empty());
        }
    }
}
