//! Every notice of a plan goes out on its day, to whom the plan says, and is read there as it was planned.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use tern_model::facts::NoticeKind;
use tern_model::supplier_file::NoticeGround;
use tern_model::working_day;
use tern_model::{ChfIdentifier, PartyId};
use tern_plan::estate::{Estate, Event};
use tern_plan::notices::{Announcement, Due, DueNotices, Incoming, planned as to_be_given, receive};
use tern_plan::plan::{Dormancy, Line, NoticeOf, Plan, What};

use crate::plan;
use crate::world::{PERIOD, World, world};

/// A notice as the plan has it: installation, recipient, kind, ground, term.
type Planned = (ChfIdentifier, PartyId, NoticeKind, NoticeGround, Option<u32>);

fn kind(of: NoticeOf) -> NoticeKind {
    match of {
        NoticeOf::Preparation => NoticeKind::Configuration,
        NoticeOf::Migration => NoticeKind::Migration,
    }
}

fn due(estate: &Estate, events: &[Event], plan: &Plan, day: Date) -> DueNotices {
    let mut due = Due::of(estate, events, day.at(8, 0, 0, 0));
    for (installation, story) in plan.stories() {
        let lines: Vec<Line> = story.iter().map(|step| Line::of(step, estate)).collect();
        due.story(installation, &lines);
    }
    due.finish()
}

#[test]
fn what_is_planned_for_a_day_is_what_suppliers_read() {
    let mut grounds: BTreeMap<String, u32> = BTreeMap::new();
    let mut asked = 0;
    for seed in 0..40 {
        let world = world(seed, 50);
        let plan = plan(&world);
        let World { estate, events, .. } = &world;
        let mut day = PERIOD.first;
        while day <= PERIOD.last {
            let mut planned: BTreeSet<String> = BTreeSet::new();
            let mut new: BTreeSet<(ChfIdentifier, PartyId)> = BTreeSet::new();
            let mut counted: BTreeSet<String> = BTreeSet::new();
            for (installation, story) in plan.stories() {
                let chf = estate.installation(installation).chf;
                let lines: Vec<Line> = story.iter().map(|step| Line::of(step, estate)).collect();
                let of_day = to_be_given(&lines).into_iter().filter(|one| one.day == day);
                counted.extend(of_day.map(|one| format!("{chf} {} {:?}", one.to, kind(one.of))));
                for step in story.iter().filter(|step| step.day == day) {
                    let id = |to| estate.catalogue().supplier_id(to);
                    match step.what {
                        What::Notice { of, to, working_days, dormancy, .. } => {
                            let ground = match dormancy {
                                Dormancy::Standard => NoticeGround::Dormant,
                                Dormancy::Recent => NoticeGround::RecentlyDormant,
                            };
                            let term = Some(u32::from(working_days));
                            let one: Planned = (chf, id(to), kind(of), ground, term);
                            planned.insert(format!("{one:?}"));
                        }
                        What::NoticeToNew { to, .. } => {
                            new.insert((chf, id(to)));
                        }
                        _ => {}
                    }
                }
            }
            let notices = due(estate, events, &plan, day);
            assert_eq!(notices.not_sent, [], "seed {seed}, {day}");
            let mut told: BTreeSet<String> = BTreeSet::new();
            let mut told_of: BTreeSet<String> = BTreeSet::new();
            let mut told_at_all: BTreeSet<(ChfIdentifier, PartyId)> = BTreeSet::new();
            let mut told_new: BTreeSet<(ChfIdentifier, PartyId)> = BTreeSet::new();
            for file in &notices.files {
                let received = receive(&file.name.to_string(), file.text.as_bytes()).expect("bytes").expect("a name");
                assert!(received.given && received.faults.is_empty(), "seed {seed}, {day}: {:?}", received.faults);
                let Incoming::Notices(read) = received.says else { panic!("notices") };
                for Announcement { to, kind, meter, certificates_by, .. } in read {
                    *grounds.entry(format!("{kind:?} {:?}", meter.ground)).or_default() += 1;
                    asked += u32::from(certificates_by.is_some());
                    let term = working_day::after(day, meter.working_days.unwrap_or(0)).expect("in the table");
                    assert!(meter.earliest >= term, "seed {seed}, {day}: {meter:?}");
                    let of =
                        estate.find_device(meter.device).and_then(|device| estate.meter_of(device)).expect("a meter");
                    assert_eq!(estate.meters()[of.at()].point.mpxn(), meter.mpxn);
                    told_of.insert(format!("{} {to} {kind:?}", meter.chf));
                    told_at_all.insert((meter.chf, to));
                    if meter.ground == NoticeGround::ChangeOfSupplier {
                        told_new.insert((meter.chf, to));
                    } else {
                        let one: Planned = (meter.chf, to, kind, meter.ground, meter.working_days);
                        told.insert(format!("{one:?}"));
                    }
                }
            }
            assert_eq!(told, planned, "seed {seed}, {day}");
            assert_eq!(told_of, counted, "compliance counts what goes out; seed {seed}, {day}");
            // Who gains a meter back of which it is notified today has one row for it.
            assert!(
                told_new.is_subset(&new) && new.is_subset(&told_at_all),
                "seed {seed}, {day}: {new:?} {told_at_all:?}"
            );
            day = day.tomorrow().expect("a day");
        }
    }
    assert!(
        grounds.len() == 6 && grounds.values().all(|count| *count >= 5) && asked > 100,
        "{grounds:?}, {asked} asked"
    );
}
