//! What a whole story tells of its lines: a line that records a version is about the upgrade that stands above it.

use tern_model::DeviceId;

use super::{Excluded, Line, Telling, What};

/// What of a device's upgrades a story has told so far.
struct Upgrades {
    device: DeviceId,
    /// Under way, to this version.
    begun: Option<String>,
    /// Taken as complete, to this version; nobody has said so.
    assumed: Option<String>,
}

impl Telling {
    /// A whole story.
    #[must_use]
    pub fn story(lines: &[Line]) -> Vec<Telling> {
        let mut devices: Vec<Upgrades> = Vec::new();
        let tell = |(at, line): (usize, &Line)| match &line.what {
            What::HopBegun { device, to, .. } => {
                of(&mut devices, device.id).begun = Some(to.clone());
                Telling::of(line)
            }
            What::HopDone { device, to } => {
                let known = of(&mut devices, device.id);
                (known.begun, known.assumed) = (None, Some(to.clone()));
                Telling::of(line)
            }
            What::FirmwareRecorded { device, to } => {
                let rest = &lines[at + 1..];
                match of(&mut devices, device.id).recorded(to, rest) {
                    Some(wanted) if ends_today(line, rest) => Telling::not_made(line, (device, to), &wanted),
                    Some(wanted) => Telling::ordered_again(line, (device, to), &wanted),
                    None => Telling::of(line),
                }
            }
            What::AttemptFailed { .. } if is_last(line, &lines[at + 1..]) => Telling::last_attempt(line),
            _ => Telling::of(line),
        };
        lines.iter().enumerate().map(tell).collect()
    }
}

fn of(devices: &mut Vec<Upgrades>, device: DeviceId) -> &mut Upgrades {
    let at = devices.iter().position(|known| known.device == device).unwrap_or_else(|| {
        devices.push(Upgrades { device, begun: None, assumed: None });
        devices.len() - 1
    });
    &mut devices[at]
}

impl Upgrades {
    /// The version that an upgrade was to bring, where what is recorded says that it did not; none where it did.
    fn recorded(&mut self, version: &str, rest: &[Line]) -> Option<String> {
        if self.begun.as_deref() == Some(version) {
            (self.begun, self.assumed) = (None, None);
            return None;
        }
        let assumed = self.assumed.take();
        if assumed.as_deref() == Some(version) {
            return None;
        }
        let wanted = assumed.or(self.begun.take())?;
        if self.goes_on_from(&wanted, rest) {
            self.begun = None;
            return None;
        }
        self.begun = Some(wanted.clone());
        Some(wanted)
    }

    /// Whether what is recorded lies beyond an upgrade: another one follows, or none is needed any more.
    fn goes_on_from(&self, wanted: &str, rest: &[Line]) -> bool {
        let next = rest.iter().find_map(|line| match &line.what {
            What::HopBegun { device, to, .. } | What::HopDone { device, to } if device.id == self.device => {
                Some(to != wanted)
            }
            What::FirmwareRecorded { device, .. } if device.id == self.device => Some(false),
            What::Ready | What::Migration(_) => Some(true),
            _ => None,
        });
        next.unwrap_or(false)
    }
}

/// Whether what was not made comes to nothing on the same day.
fn ends_today(recorded: &Line, rest: &[Line]) -> bool {
    let same_day = |line: &&Line| line.day == recorded.day;
    rest.iter().take_while(same_day).any(|line| matches!(line.what, What::AttemptFailed { .. } | What::Excluded(_)))
}

/// Whether an attempt is the one after which its installation is excluded.
fn is_last(attempt: &Line, rest: &[Line]) -> bool {
    let same_day = |line: &&Line| line.day == attempt.day;
    rest.iter().take_while(same_day).any(|line| matches!(line.what, What::Excluded(Excluded::Attempts(_))))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use tern_model::DeviceKind;

    use super::*;
    use crate::plan::{DeviceName, HopWhy, Named};

    const OLD: &str = "5.0.1-p1";
    const NEW: &str = "5.0.1";
    const NEXT: &str = "5.0.2";

    fn hub() -> DeviceName {
        DeviceName { kind: DeviceKind::Chf, id: "00-DB-12-53-80-00-00-41".parse().expect("a device") }
    }

    fn begun(to: &str) -> Named {
        What::HopBegun { device: hub(), to: to.to_owned(), entry: "E1".to_owned(), why: HopWhy::Approved }
    }

    fn done(to: &str) -> Named {
        What::HopDone { device: hub(), to: to.to_owned() }
    }

    fn recorded(to: &str) -> Named {
        What::FirmwareRecorded { device: hub(), to: to.to_owned() }
    }

    /// A story with a line a day; what is told of those lines that record a version.
    fn check(story: &[Named], expected: &[&str]) {
        let lines: Vec<Line> = story.iter().map(|what| Line { day: date(2020, 12, 21), what: what.clone() }).collect();
        let told = Telling::story(&lines).into_iter().zip(story);
        let told = told.filter(|(_, what)| matches!(what, What::FirmwareRecorded { .. }));
        let told: Vec<String> = told.map(|(told, _)| format!("{}; {}", told.what, told.reason)).collect();
        let hub = "CHF 00-DB-12-53-80-00-00-41";
        let words = |one: &&str| match one.split_once(' ') {
            Some((has, wanted)) => {
                format!("{hub} stays at firmware {has}; the upgrade to {wanted} was not made, and is ordered again")
            }
            None => format!("{hub} has firmware {one}; the upgrade is recorded as complete"),
        };
        assert_eq!(told, expected.iter().map(words).collect::<Vec<_>>());
    }

    #[test]
    fn a_hop_that_was_not_made_is_told_so_however_often_and_one_that_was_as_complete() {
        let missed = "5.0.1-p1 5.0.1";
        check(&[begun(NEW), recorded(OLD), recorded(OLD), recorded(NEW)], &[missed, missed, NEW]);
        check(&[begun(NEW), recorded(OLD), begun(NEW), recorded(OLD)], &[missed, missed]);
        check(&[begun(NEW), recorded(NEW), What::Ready], &[NEW]);
        check(&[recorded(NEW)], &[NEW]);
    }

    #[test]
    fn what_the_plan_took_as_complete_is_confirmed_or_told_as_not_made() {
        check(&[begun(NEW), done(NEW), recorded(NEW)], &[NEW]);
        check(&[begun(NEW), done(NEW), recorded(OLD), recorded(NEW)], &["5.0.1-p1 5.0.1", NEW]);
        // The next hop has begun meanwhile.
        check(&[begun(NEW), done(NEW), begun(NEXT), recorded(NEW), recorded(NEXT)], &[NEW, NEXT]);
        check(&[begun(NEW), done(NEW), begun(NEXT), recorded(OLD), recorded(NEW)], &["5.0.1-p1 5.0.1", NEW]);
    }

    #[test]
    fn an_upgrade_that_comes_to_nothing_is_not_ordered_again_that_day() {
        let failed = What::AttemptFailed { attempts: 5, why: None };
        let story = [begun(NEW), recorded(OLD), failed, What::Excluded(Excluded::Attempts(5))];
        let lines = story.map(|what| Line { day: date(2020, 12, 24), what });
        let told = Telling::story(&lines);
        assert_eq!(told[1].reason, "the upgrade to 5.0.1 was not made");
        assert_eq!(told[2].reason, "no more attempts are made than are assumed");
        assert!(Telling::story(&lines[..3])[2].reason.contains("tried again"));
    }

    #[test]
    fn a_version_beyond_the_hop_is_no_hop_that_was_not_made() {
        check(&[begun(NEW), recorded(NEXT), What::Ready], &[NEXT]);
        check(&[begun(NEW), recorded(NEXT), begun("5.0.3"), recorded("5.0.3")], &[NEXT, "5.0.3"]);
    }
}
