//! Hubs, GPFs and PPMIDs.

use tern_cohorts::Addressee;
use tern_requests::{Task, TaskAnswer};

use super::bench::{lab, of_each_cohort, shared};

#[test]
fn each_tells_its_own_firmware_and_a_gpf_its_hubs() {
    let lab = shared();
    for bench in of_each_cohort(&lab) {
        let told = |who| bench.perform(&Task::ReadFirmware, who);
        let hub = TaskAnswer::Firmware { model: bench.before.hub.model.clone() };
        assert_eq!(told(Addressee::Hub), Ok(hub.clone()));
        assert_eq!(told(bench.gpf()), Ok(hub));
        let ppmid = TaskAnswer::Firmware { model: bench.before.ppmids[0].model.clone() };
        assert_eq!(told(bench.ppmid()), Ok(ppmid));
    }
}

#[test]
fn ppmid_and_gas_meter_join_without_the_dco() {
    let lab = lab();
    for bench in of_each_cohort(&lab) {
        let gsme = bench.before.gsme.as_ref().expect("a gas meter").device;
        let ppmid = bench.before.ppmids[0].device;
        let join = |other, who| bench.perform(&Task::JoinNonCritical { other }, who);
        assert_eq!(join(gsme, bench.ppmid()), Ok(TaskAnswer::Done));
        assert_eq!(join(ppmid, Addressee::Gsme), Ok(TaskAnswer::Done));
        assert_eq!(join(ppmid, Addressee::Gsme), Ok(TaskAnswer::Done), "it is joined already");
        assert_eq!(bench.now().joined, [(ppmid, gsme), (gsme, ppmid)]);
        assert_eq!(bench.logged("join"), 2);
    }
}
