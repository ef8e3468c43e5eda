//! Users who mean well: what they ask is done, on every cohort.

use tern_service::clock::Clock;
use tern_wire::duis::Draft;

use crate::bench::{COUNTER, GROUPS, bench, read_registers, reply, served};

#[test]
fn a_meter_of_every_cohort_is_read_and_switched_by_its_supplier() {
    let bench = bench();
    for group in GROUPS {
        let home = bench.home(group);
        let letterbox = bench.letterbox(&home.supplier);
        let service = served(&bench, bench.plan().reached_at(&home.supplier, letterbox.address));
        let user = service.user(&home.supplier);
        let read = user.request_to(home.esme, COUNTER, "4.1.1", read_registers());
        assert_eq!(user.asks("serviceS", &read, bench.clock.now()).header().code.as_str(), "I99", "{group}");
        let told = reply(&user, &letterbox, &bench);
        assert_eq!(told.header().code.as_str(), "I0", "{group}: {}", told.root().source());
        let off = user.request_to(home.esme, COUNTER + 1, "7.2", Draft::new("DisableSupply"));
        assert_eq!(user.asks("serviceS", &off, bench.clock.now()).header().code.as_str(), "I99", "{group}");
        let told = reply(&user, &letterbox, &bench);
        assert!(told.root().source().contains("<ra:DisableSupplyRsp MessageSuccess=\"true\""), "{group}");
        service.stop().expect("a clean end");
    }
}
