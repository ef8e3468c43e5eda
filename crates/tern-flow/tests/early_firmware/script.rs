//! Reading a scenario: a line each for what there is, then a line each for what happens on a day.

use std::collections::BTreeMap;

use jiff::civil::Date;
use tern_flow::early_firmware::{Entry, MeterIs};
use tern_model::InstallationState;
use tern_model::estate::ApprovalRoute;
use tern_model::{DeviceKind, MeterState};

/// Firmware versions by Device.
pub type Versions = Vec<(DeviceKind, String)>;

/// An entry as a scenario declares it.
#[derive(Debug, Clone)]
pub struct Declared {
    pub entry: Entry,
    pub versions: Versions,
    /// The tested entry to which it is substantively equivalent.
    pub tested: Option<String>,
    /// The entry that it takes the place of; it is known of from its `epcl-planned` on.
    pub after: Option<String>,
}

/// One line of what happens.
#[derive(Debug, Clone)]
pub struct Line {
    pub day: Date,
    pub word: String,
    pub about: String,
}

/// A scenario.
#[derive(Debug, Clone)]
pub struct Script {
    pub title: String,
    /// First day of 4.26's wording that reaches to planned entries.
    pub planned_since: Date,
    pub attempts: u8,
    pub entries: BTreeMap<String, Declared>,
    pub versions: Versions,
    pub meters: Vec<MeterIs>,
    pub towards: String,
    pub paths: Hops,
    pub lines: Vec<Line>,
    pub ends: String,
}

/// Hops as a manufacturer's path has them: Device, from, to.
pub type Hops = Vec<(DeviceKind, String, String)>;

impl Script {
    /// Reads a scenario, or says which line is wrong.
    pub fn read(text: &str) -> Script {
        let mut script = Script {
            title: text.lines().next().and_then(|line| line.strip_prefix("# ")).expect("a title").to_owned(),
            planned_since: "2020-09-04".parse().expect("a day"),
            attempts: 3,
            entries: BTreeMap::new(),
            versions: Vec::new(),
            meters: Vec::new(),
            towards: String::new(),
            paths: Vec::new(),
            lines: Vec::new(),
            ends: String::new(),
        };
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            script.take(word, rest).unwrap_or_else(|| panic!("cannot read `{line}`"));
        }
        assert!(!script.ends.is_empty(), "a scenario says how it ends");
        assert!(script.lines.is_sorted_by_key(|line| line.day), "days come in order");
        script
    }

    fn take(&mut self, word: &str, rest: &str) -> Option<()> {
        match word {
            "wording" => self.planned_since = rest.strip_prefix("since ")?.parse().ok()?,
            "attempts" => self.attempts = rest.parse().ok()?,
            "entry" => {
                let (head, versions) = rest.split_once(':')?;
                let mut words = head.split(' ');
                let (name, route, comprises) = (words.next()?, words.next()?, words.next()?);
                let (mut tested, mut after) = (None, None);
                while let (Some(key), Some(value)) = (words.next(), words.next()) {
                    match key {
                        "to" => tested = Some(value.to_owned()),
                        "after" => after = Some(value.to_owned()),
                        _ => return None,
                    }
                }
                let entry = Entry::planned(route_of(route)?, comprises_of(comprises)?);
                let declared = Declared { entry, versions: versions_of(versions)?, tested, after };
                self.entries.insert(name.to_owned(), declared);
            }
            "installation" => {
                for device in rest.split(',').map(str::trim) {
                    let mut words = device.split(' ');
                    let (kind, version) = (kind_of(words.next()?)?, words.next()?);
                    self.versions.push((kind, version.to_owned()));
                    if let Some(state) = words.next() {
                        self.meters.push(MeterIs { meter: kind, state: state.parse().ok()? });
                    }
                }
            }
            "towards" => self.towards = rest.to_owned(),
            "path" => self.paths.extend(path_of(rest)?),
            "ends" => self.ends = rest.to_owned(),
            day => {
                let (word, about) = rest.split_once(' ').unwrap_or((rest, ""));
                self.lines.push(Line { day: day.parse().ok()?, word: word.to_owned(), about: about.to_owned() });
            }
        }
        Some(())
    }
}

/// `ESME 1.0 > 1.5 > 2.0`.
pub fn path_of(text: &str) -> Option<Hops> {
    let (kind, versions) = text.split_once(' ')?;
    let kind = kind_of(kind)?;
    let versions: Vec<&str> = versions.split('>').map(str::trim).collect();
    Some(versions.windows(2).map(|pair| (kind, pair[0].to_owned(), pair[1].to_owned())).collect())
}

/// `ESME 1.5`.
pub fn device_and_version(text: &str) -> Option<(DeviceKind, String)> {
    let (kind, version) = text.trim().split_once(' ')?;
    Some((kind_of(kind)?, version.to_owned()))
}

fn versions_of(text: &str) -> Option<Versions> {
    text.split(',').map(device_and_version).collect()
}

pub fn kind_of(word: &str) -> Option<DeviceKind> {
    [DeviceKind::Chf, DeviceKind::Esme, DeviceKind::Gsme].into_iter().find(|kind| kind.to_string() == word)
}

pub fn state_of(word: &str) -> Option<MeterState> {
    match word {
        "meter-active" => Some(MeterState::Active),
        "meter-dormant" => Some(MeterState::Dormant),
        _ => None,
    }
}

fn route_of(word: &str) -> Option<ApprovalRoute> {
    match word {
        "mt-sit" => Some(ApprovalRoute::MtSit),
        "dmct" => Some(ApprovalRoute::Dmct),
        "equivalent" => Some(ApprovalRoute::Equivalent),
        _ => None,
    }
}

fn comprises_of(word: &str) -> Option<InstallationState> {
    match word {
        "active" => Some(InstallationState::Active),
        "dormant" => Some(InstallationState::Dormant),
        "mixed" => Some(InstallationState::Mixed),
        _ => None,
    }
}
