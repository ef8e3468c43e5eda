//! An installation's way along the hops that the plan has made, by the machine of early firmware: each effect of it is
//! durable before the SMSO hears of it, and after a crash the SMSO is asked.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tern_flow::early_firmware::{
    Consent, Ground, Halt, NotPermitted, Onward, Permit, Upgrade, UpgradeEffect, UpgradeEvent, UpgradeFacts,
    UpgradeState,
};
use tern_model::{ChfIdentifier, DeviceId};
use tern_plan::plan::{HopWhy, Line, What};

use super::kept::{Changes, FIRMWARE, OPEN, Turn};
use super::report::Failed;
use super::{Execution, Outside, SmsoAnswer, SmsoOrder, SmsoTask, events};
use crate::fault::ServiceFault;

/// How often a hop is ordered before that counts as an attempt without success, after which a pause comes (P).
const HOP_ATTEMPTS: u8 = 3;
/// Why an installation could not be migrated whose firmware stays behind (PL10).
pub(super) const BEHIND: &str = "4.26";

/// One hop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Step {
    device: DeviceId,
    firmware: String,
}

/// An installation's way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Firmware {
    machine: Upgrade,
    route: Vec<Step>,
    /// Why 4.26 permits the hop that was begun last.
    why: HopWhy,
    /// How often an SMSO was told to make a hop of it.
    instructed: u32,
    /// The day on which it was last said that a device has not what the plan takes it to have.
    beat: Option<Date>,
}

impl Firmware {
    /// A way whose steps were announced, and whose notice has run: the plan has its first hop begin today.
    fn begun((route, why): (Vec<Step>, HopWhy), instructed: u32, day: Date) -> Result<Firmware, ServiceFault> {
        let mut way = Firmware { machine: Upgrade::default(), route, why, instructed, beat: None };
        let permit = if why == HopWhy::Completing { permit_of(HopWhy::TagConfirmed, day) } else { permit_of(why, day) };
        way.on(UpgradeEvent::Changed, permit)?;
        way.on(UpgradeEvent::NoticeRun, permit)?;
        Ok(way)
    }

    /// The plan has the next hop begin today, on the way that is left from here.
    fn continued(&mut self, (route, why): (Vec<Step>, HopWhy), day: Date) -> Result<(), ServiceFault> {
        self.route.truncate(usize::from(self.machine.hops_made()));
        self.route.extend(route);
        self.why = why;
        let event = if self.is_stranded() { UpgradeEvent::Retry } else { UpgradeEvent::Changed };
        self.on(event, permit_of(why, day)).map(drop)
    }

    /// Whether the SMSO has an order of it.
    pub(super) fn is_under_way(&self) -> bool {
        matches!(self.machine.state(), UpgradeState::Hopping | UpgradeState::Completing)
    }

    fn is_stranded(&self) -> bool {
        self.machine.state() == UpgradeState::Stranded
    }

    /// Whether the installation has not yet what the plan upgrades it to.
    pub(super) fn is_behind(&self) -> bool {
        usize::from(self.machine.hops_made()) < self.route.len()
    }

    /// Takes an event in; whether the SMSO is to make a hop now.
    fn on(&mut self, event: UpgradeEvent, permit: Permit) -> Result<bool, ServiceFault> {
        // What the plan has begun it may: nothing of the way lacks its confirmation, and the consent covers it.
        let facts = UpgradeFacts {
            hops: u16::try_from(self.route.len()).unwrap_or(u16::MAX),
            permit,
            unconfirmed: 0,
            consent: Consent::Covers,
            onward: Onward::NoEntry,
            attempts: HOP_ATTEMPTS,
        };
        let taken = self.machine.on(event, &facts);
        let taken = taken.ok_or_else(|| ServiceFault::Machine(format!("of firmware, at {event:?}")))?;
        let instructs = taken.effects.iter().any(|effect| matches!(effect, UpgradeEffect::Instruct { .. }));
        self.instructed += u32::from(instructs);
        Ok(instructs)
    }

    /// What 4.26 says once a hop is made: towards an entry that is not approved the plan alone says whether it goes on.
    fn permit_after(&self, day: Date) -> Permit {
        match self.why {
            HopWhy::Approved | HopWhy::Completing => permit_of(self.why, day),
            _ => Permit::No(NotPermitted::Halted(Halt::Paused)),
        }
    }

    /// The hop under way, or the one that comes next.
    fn step(&self) -> Option<&Step> {
        self.route.get(usize::from(self.machine.hops_made()))
    }

    /// Whether a device is not yet where a step of the way leads.
    fn lacks(&self, device: DeviceId, firmware: &str) -> bool {
        let left = self.route.iter().skip(usize::from(self.machine.hops_made()));
        left.into_iter().any(|step| step.device == device && step.firmware == firmware)
    }

    fn order(&self, chf: ChfIdentifier, smso: String) -> Option<SmsoOrder> {
        let Step { device, firmware } = self.step()?.clone();
        let key = format!("{chf}/firmware/{}", self.instructed);
        Some(SmsoOrder { key, smso, chf, task: SmsoTask::Firmware { device, firmware } })
    }

    /// It is as it is now.
    fn change(&self, chf: ChfIdentifier, changes: &mut Changes) -> Result<(), ServiceFault> {
        changes.put(FIRMWARE, chf.to_string(), self)?;
        changes.mark(OPEN, format!("{chf}/firmware"), self.is_under_way())
    }
}

/// What 4.26 says of a hop that the plan has begun.
fn permit_of(why: HopWhy, since: Date) -> Permit {
    let yes = |ground| Permit::Yes { since, ground };
    match why {
        HopWhy::Approved => yes(Ground::Approved),
        HopWhy::TagConfirmed => yes(Ground::TagConfirmed),
        HopWhy::ReportPublished => yes(Ground::ReportPublished),
        HopWhy::Equivalent => yes(Ground::Equivalent),
        HopWhy::Completing => Permit::No(NotPermitted::NotApproved),
    }
}

/// The hops that a story has begin on a day and after it towards one entry, and why the first one may; none where none begins
/// on that day.
fn hops_from(lines: &[Line], day: Date) -> Option<(Vec<Step>, HopWhy)> {
    let hops = lines.iter().filter(|line| line.day >= day).filter_map(|line| match &line.what {
        What::HopBegun { device, to, entry, why } => Some((line.day, device.id, to, entry, *why)),
        _ => None,
    });
    let hops: Vec<_> = hops.collect();
    let (_, _, _, towards, why) = hops.first().filter(|(begins, ..)| *begins == day)?;
    let same = hops.iter().take_while(|(_, _, _, entry, _)| entry == towards);
    let route = same.map(|(_, device, to, ..)| Step { device: *device, firmware: (*to).clone() });
    Some((route.collect(), *why))
}

impl Execution {
    pub(super) fn firmware_of(&self, chf: ChfIdentifier) -> Result<Option<Firmware>, ServiceFault> {
        self.kept.get(FIRMWARE, &chf.to_string())
    }

    /// Has the SMSO make the hop that a story has begin today.
    pub(super) fn begin_hop(&self, chf: ChfIdentifier, lines: &[Line], turn: &mut Turn) -> Result<(), ServiceFault> {
        let day = self.state.day;
        let Some(hops) = hops_from(lines, day) else { return Ok(()) };
        let way = match self.firmware_of(chf)? {
            Some(way) if way.is_under_way() => way,
            earlier => {
                let way = match earlier {
                    Some(mut way) if way.is_behind() => {
                        way.continued(hops, day)?;
                        way
                    }
                    earlier => Firmware::begun(hops, earlier.map_or(0, |way| way.instructed), day)?,
                };
                turn.state.report.hops_begun += usize::from(way.is_under_way());
                way.change(chf, &mut turn.changes)?;
                way
            }
        };
        self.tell_smso(chf, &way, turn)
    }

    /// Wants the order of the hop under way given. The same order may come twice: its key is the same.
    fn tell_smso(&self, chf: ChfIdentifier, way: &Firmware, turn: &mut Turn) -> Result<(), ServiceFault> {
        turn.orders.extend(way.order(chf, self.smso_of(chf)?).filter(|_| way.is_under_way()));
        Ok(())
    }

    /// Asks what became of the hop under way, and goes on from that.
    pub(super) fn ask_hop<O: Outside>(
        &self,
        chf: ChfIdentifier,
        outside: &mut O,
        turn: &mut Turn,
    ) -> Result<(), O::Fault> {
        let Some(mut way) = self.firmware_of(chf)? else { return Ok(()) };
        let day = self.state.day;
        way.on(UpgradeEvent::Resume, permit_of(way.why, day))?;
        let smso = self.smso_of(chf)?;
        let Some(order) = way.order(chf, smso.clone()) else { return Ok(()) };
        let SmsoTask::Firmware { device, firmware } = &order.task else { return Ok(()) };
        let state = &mut turn.state;
        match outside.ask(&smso, &order.key, day)? {
            SmsoAnswer::UnderWay | SmsoAnswer::Lost => return Ok(()),
            SmsoAnswer::Unknown => return Ok(self.tell_smso(chf, &way, turn)?),
            SmsoAnswer::Done => {
                state.report.hops_made += 1;
                state.say(chf, &events::firmware(day, *device, firmware));
                state.report.hops_begun += usize::from(way.on(UpgradeEvent::HopDone, way.permit_after(day))?);
            }
            SmsoAnswer::Failed(_) => {
                state.report.hops_failed += 1;
                way.on(UpgradeEvent::HopFailed, permit_of(way.why, day))?;
                way.beat = Some(day);
                if let Some(runs) = outside.runs(&smso, chf, *device)? {
                    state.say(chf, &events::firmware(day, *device, &runs));
                }
                if way.is_stranded() {
                    state.say(chf, &events::failed(day, chf, BEHIND));
                    state.report.failed.push(Failed { chf, code: BEHIND.to_owned() });
                }
            }
        }
        way.change(chf, &mut turn.changes)?;
        Ok(self.tell_smso(chf, &way, turn)?)
    }

    /// Says that devices have not what the plan takes them to have from today on. A way that had come to nothing, and that the plan
    /// did not put off, as those of earlier builds did not, goes on.
    pub(super) fn correct_hops<O: Outside>(
        &self,
        chf: ChfIdentifier,
        lines: &[Line],
        outside: &mut O,
        turn: &mut Turn,
    ) -> Result<(), O::Fault> {
        let day = self.state.day;
        let taken = lines.iter().filter(|line| line.day == day).find_map(|line| match &line.what {
            What::HopDone { device, to } => Some((device.id, to)),
            _ => None,
        });
        let Some((device, to)) = taken else { return Ok(()) };
        let Some(mut way) = self.firmware_of(chf)? else { return Ok(()) };
        if way.beat == Some(day) || !way.lacks(device, to) {
            return Ok(());
        }
        way.beat = Some(day);
        let smso = self.smso_of(chf)?;
        if let Some(runs) = outside.runs(&smso, chf, device)? {
            turn.state.say(chf, &events::firmware(day, device, &runs));
        }
        if way.is_stranded() {
            turn.state.report.hops_begun += usize::from(way.on(UpgradeEvent::Retry, permit_of(way.why, day))?);
            self.tell_smso(chf, &way, turn)?;
        }
        Ok(way.change(chf, &mut turn.changes)?)
    }
}
