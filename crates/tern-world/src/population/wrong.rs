//! Rows that are wrong on purpose, and which they are.

use tern_model::ChfIdentifier;
use tern_model::estate::{DeviceRecord, EventKind, EventRecord, InstallationRecord, MeterRecord};
use tern_model::{DeviceKind, MeterState, Mpxn};

use super::Population;
use super::homes::{self, Home, days_before};

/// What can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrongKind {
    /// A meter's MPAN has a wrong check digit.
    CheckDigit,
    /// An electricity meter stands in the next installation too.
    InTwoInstallations,
    /// An electricity meter measures where that of the next installation does.
    TwoMetersAtOnePoint,
    /// A meter's service began the day before its installation was there.
    SinceBeforeInstallation,
    /// The electricity meter is not among the devices.
    WithoutMeter,
    /// Two rows of an installation name different SMSOs.
    TwoSmsos,
    /// A meter's row is there twice.
    Repeated,
    /// An event speaks of an installation that nobody describes.
    EventAboutNothing,
    /// An event lies before its installation.
    EventBeforeInstallation,
    /// An electricity meter becomes on the first day what it is.
    ServiceTwice,
}

impl WrongKind {
    /// Every kind.
    pub const ALL: [WrongKind; 10] = [
        WrongKind::CheckDigit,
        WrongKind::InTwoInstallations,
        WrongKind::TwoMetersAtOnePoint,
        WrongKind::SinceBeforeInstallation,
        WrongKind::WithoutMeter,
        WrongKind::TwoSmsos,
        WrongKind::Repeated,
        WrongKind::EventAboutNothing,
        WrongKind::EventBeforeInstallation,
        WrongKind::ServiceTwice,
    ];
}

/// Something wrong that was planted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlantedWrong {
    /// What.
    pub kind: WrongKind,
    /// The installation that it is about.
    pub chf: ChfIdentifier,
    /// The other installation, where it is about two.
    pub other: Option<ChfIdentifier>,
}

/// Decides which installations have something wrong: every other one from the first, a kind at a time.
pub(super) struct Wrong<'p> {
    population: &'p Population,
}

impl<'p> Wrong<'p> {
    pub(super) fn of(population: &'p Population) -> Wrong<'p> {
        Wrong { population }
    }

    fn kind(&self, index: u64) -> Option<WrongKind> {
        let nth = index / 2;
        let kinds = WrongKind::ALL.len() as u64;
        if !index.is_multiple_of(2) || nth >= self.population.wrong * kinds {
            return None;
        }
        usize::try_from(nth % kinds).ok().map(|at| WrongKind::ALL[at])
    }

    /// What was planted.
    pub(super) fn planted(&self) -> Vec<PlantedWrong> {
        let planted = |index: u64| {
            let kind = self.kind(index)?;
            let two = matches!(kind, WrongKind::InTwoInstallations | WrongKind::TwoMetersAtOnePoint);
            Some(PlantedWrong { kind, chf: homes::chf(index), other: two.then(|| homes::chf(index + 1)) })
        };
        (0..self.population.wrong * WrongKind::ALL.len() as u64 * 2).filter_map(planted).collect()
    }

    pub(super) fn installations(&self, home: &Home<'_>) -> Vec<InstallationRecord> {
        let record = home.installation();
        if self.kind(home.index) == Some(WrongKind::TwoSmsos) {
            let other = InstallationRecord { smso: "Another SMSO".to_owned(), ..record.clone() };
            return vec![record, other];
        }
        vec![record]
    }

    pub(super) fn devices(&self, home: &Home<'_>) -> Vec<DeviceRecord> {
        let mut devices = home.devices();
        match self.kind(home.index) {
            Some(WrongKind::InTwoInstallations) => {
                let chf = homes::chf(home.index + 1);
                devices.push(DeviceRecord { chf, ..devices[1].clone() });
            }
            Some(WrongKind::WithoutMeter) => devices.retain(|device| device.kind != DeviceKind::Esme),
            _ => {}
        }
        devices
    }

    pub(super) fn meters(&self, home: &Home<'_>) -> Vec<MeterRecord> {
        let mut meters = home.meters();
        match self.kind(home.index) {
            Some(WrongKind::CheckDigit) => meters[0].mpxn = off_by_one(&meters[0].mpxn),
            Some(WrongKind::TwoMetersAtOnePoint) => meters[0].mpxn = homes::point(home.index + 1, false),
            Some(WrongKind::SinceBeforeInstallation) => meters[0].since = days_before(home.installed_on, 1),
            Some(WrongKind::Repeated) => meters.push(meters[0].clone()),
            _ => {}
        }
        meters
    }

    pub(super) fn events(&self) -> impl Iterator<Item = EventRecord> {
        let event = |index: u64| {
            let new = |on, kind, index| EventRecord { chf: Some(homes::chf(index)), ..EventRecord::new(on, kind) };
            match self.kind(index)? {
                WrongKind::EventAboutNothing => Some(new(
                    self.population.described,
                    EventKind::AttemptFailed,
                    self.population.installations + index,
                )),
                WrongKind::EventBeforeInstallation => {
                    Some(new(days_before(self.population.described, 3000), EventKind::AttemptFailed, index))
                }
                WrongKind::ServiceTwice => {
                    let home = homes::home(self.population, index);
                    let active = home.service(false) == MeterState::Active;
                    let kind = if active { EventKind::MeterActive } else { EventKind::MeterDormant };
                    let device = Some(homes::device(index, 1));
                    Some(EventRecord { chf: None, device, ..new(self.population.described, kind, index) })
                }
                _ => None,
            }
        };
        (0..self.population.wrong * WrongKind::ALL.len() as u64 * 2).filter_map(event)
    }
}

/// The number with another last digit.
fn off_by_one(mpxn: &Mpxn) -> Mpxn {
    let (body, last) = mpxn.as_str().split_at(mpxn.as_str().len() - 1);
    let digit = last.bytes().map(|digit| digit - b'0').sum::<u8>();
    format!("{body}{}", (digit + 1) % 10).parse().unwrap_or_else(|_| mpxn.clone())
}
