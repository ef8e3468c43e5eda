//! The two planners on estates as `tern estate make` invents them, with exclusions, demand and authorisations among what happens.

use std::fs::File;

use tern_plan::assumptions::Assumptions;
use tern_plan::estate::{EVENTS_FILE, Estate, EstateFile, InstallationIx};
use tern_world::population::Population;

use super::naive::Naive;
use super::world::{PERIOD, World};
use super::{line, plan};

#[test]
fn both_planners_tell_the_same_of_invented_estates() {
    let mut met =
        [("excluded as", 0), ("gas excluded", 0), ("no longer excluded", 0), ("planned anew", 0), ("migrated", 0)];
    let mut kept_waiting = 0;
    for seed in 0..8 {
        let population = Population { excluded: 20, demand: 60, demand_places: [0, 2], ..Population::of(250, seed) };
        let world = World {
            assumptions: Assumptions { capacity_a_day: 20, reserve_a_day: 2, ..Assumptions::default() },
            ..read(&population)
        };
        let planned = plan(&world);
        let naive = Naive::new(&world.estate, &world.events, &world.assumptions, (PERIOD, &[])).plan();
        for (installation, expect) in (0..).map(InstallationIx::of).zip(naive) {
            let story: Vec<String> = planned.story(installation).iter().map(|step| line(step, &world.estate)).collect();
            assert_eq!(story, expect.lines, "seed {seed}, CHF {}", world.estate.installation(installation).chf);
            met.iter_mut().for_each(|(kind, count)| *count += story.iter().filter(|line| line.contains(*kind)).count());
        }
        let unbound =
            World { events: world.events.iter().filter(|event| !is_demand(event)).copied().collect(), ..world };
        let of = plan(&unbound);
        kept_waiting +=
            planned.stories().filter(|(installation, _)| of.end(*installation) != planned.end(*installation)).count();
    }
    assert!(met.iter().all(|(_, count)| *count >= 10) && kept_waiting >= 10, "{met:?}, {kept_waiting} kept waiting");
}

fn is_demand(event: &tern_plan::estate::Event) -> bool {
    matches!(event.what, tern_plan::estate::What::Demand { .. })
}

fn read(population: &Population) -> World {
    let dir = tempfile::tempdir().expect("a folder");
    population.write(dir.path()).expect("is written");
    let open = |name: &str| File::open(dir.path().join(name)).expect("opens");
    let mut builder = Estate::builder();
    for file in EstateFile::ALL {
        assert!(builder.read(file, open(file.name())).expect("is read"), "{}", file.name());
    }
    let (mut estate, mut findings) = builder.finish();
    let (events, given) = estate.read_events(open(EVENTS_FILE), &mut findings).expect("is read");
    assert!(given && findings.list().is_empty(), "{:#?}", findings.list());
    World { estate, events, assumptions: Assumptions::default() }
}
