//! The simulated devices of a sandbox, as its Users may play with them.

use tern_model::{ChfIdentifier, DeviceId, DeviceKind};
use tern_service::ServiceFault;
use tern_service::sandbox::{PlayFault, Playground};
use tern_world::WorldError;
use tern_world::devices::{Fault, FaultKind, FaultRow, Times, World};

/// Plays with a world.
pub(super) struct Toys<'w>(pub(super) &'w World);

/// As the script of faults calls a kind of device.
fn scripted(kind: DeviceKind) -> &'static str {
    match kind {
        DeviceKind::Esme => "esme",
        DeviceKind::Gsme => "gsme",
        DeviceKind::Gpf => "gpf",
        DeviceKind::Ppmid => "ppmid",
        _ => "chf",
    }
}

/// What strikes a device of that kind, as the script writes it.
fn script(fault: PlayFault, kind: DeviceKind) -> Vec<(FaultKind, String)> {
    let of = scripted(kind);
    match fault {
        PlayFault::NoWan => vec![(FaultKind::NoWan, FaultRow::ANY.to_owned())],
        PlayFault::Slow => vec![(FaultKind::Slow, format!("*/{of}"))],
        PlayFault::WrongAnswer => vec![(FaultKind::WrongAnswer, format!("*/{of}"))],
        PlayFault::FirmwareRefused => {
            ["image-verify", "image-activate"].map(|row| (FaultKind::Fail, format!("{row}/{of}"))).to_vec()
        }
    }
}

fn done(there: Result<bool, WorldError>, chf: ChfIdentifier) -> Result<(), ServiceFault> {
    match there {
        Ok(true) => Ok(()),
        Ok(false) => Err(ServiceFault::Devices(format!("there is no installation {chf}"))),
        Err(error) => Err(ServiceFault::Devices(error.to_string())),
    }
}

impl Playground for Toys<'_> {
    fn order(
        &self,
        chf: ChfIdentifier,
        kind: DeviceKind,
        fault: PlayFault,
        times: Option<u32>,
    ) -> Result<(), ServiceFault> {
        let times = times.map_or(Times::Always, Times::Count);
        for (kind, row) in script(fault, kind) {
            done(self.0.order(Fault { chf, kind, row: FaultRow::new(&row), times }), chf)?;
        }
        Ok(())
    }

    fn end(&self, chf: ChfIdentifier, kind: DeviceKind, faults: &[PlayFault]) -> Result<(), ServiceFault> {
        let rows = faults.iter().flat_map(|fault| script(*fault, kind)).map(|(_, row)| row).collect();
        done(self.0.end_faults(chf, rows), chf)
    }

    fn standing(&self, chf: ChfIdentifier, kind: DeviceKind) -> Vec<PlayFault> {
        let stands = self.0.faults(chf);
        let is_there = |fault: &PlayFault| {
            let wanted = script(*fault, kind);
            stands
                .iter()
                .any(|there| wanted.iter().any(|(k, row)| (*k, row.as_str()) == (there.kind, there.row.as_str())))
        };
        PlayFault::ALL.into_iter().filter(is_there).collect()
    }

    fn reset(&self, chf: ChfIdentifier, devices: &[DeviceId]) -> Result<(), ServiceFault> {
        done(self.0.reset(chf, devices), chf)
    }
}
