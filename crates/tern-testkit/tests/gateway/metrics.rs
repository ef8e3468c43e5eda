//! What the service tells of response times, as Prometheus' own client reads it; a restart forgets nothing.
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, Stdio};

use jiff::SignedDuration;
use serde_json::Value;
use tern_model::GroupId;
use tern_outside::python_with;
use tern_service::clock::Clock;
use tern_service::config::TargetConfig;
use tern_service::metrics;
use tern_wire::duis::Draft;

use crate::bench::{Bench, COUNTER, bench, read_registers, reply, served};

/// Reads the text with a parser that is not ours, and gives every sample.
const PARSER: &str = r"
import json, sys
from prometheus_client.parser import text_string_to_metric_families as families
read = []
for family in families(sys.stdin.read()):
    for sample in family.samples:
        read.append([family.type, sample.name, sample.labels, sample.value])
print(json.dumps(read))
";

#[test]
fn response_times_codes_and_queues_are_told_and_outlive_a_restart() {
    let bench = bench();
    let home = bench.home(GroupId::CA);
    let letterbox = bench.letterbox(&home.supplier);
    let plan = || {
        let mut plan = bench.plan().reached_at(&home.supplier, letterbox.address);
        plan.config.metrics.listen = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
        let target = TargetConfig { service: "4.1.1".to_owned(), cohort: None, seconds: 30 };
        plan.config.metrics.targets.push(target);
        plan
    };
    let service = served(&bench, plan());
    let user = service.user(&home.supplier);
    let asked = |counter: u64, srv: &str, body: Draft| {
        let request = user.request_to(home.esme, COUNTER + counter, srv, body);
        user.asks("serviceS", &request, bench.clock.now()).header().code.to_string()
    };
    assert_eq!(asked(0, "4.1.1", read_registers()), "I99");
    let _ = reply(&user, &letterbox, &bench);
    assert_eq!(asked(1, "4.1.1", read_registers()), "I99");
    let _ = reply(&user, &letterbox, &bench);
    let later = format!("{:.3}", bench.clock.now() + SignedDuration::from_hours(1));
    let held = read_registers().with(Draft::leaf("ExecutionDateTime", later));
    assert_eq!(asked(2, "4.1.1", held), "I99");
    assert_eq!(asked(3, "7.2", Draft::new("DisableSupply")), "I99");
    let _ = reply(&user, &letterbox, &bench);

    let first = told(&bench);
    service.stop().expect("a clean end");
    let service = served(&bench, plan());
    let again = told(&bench);
    for needed in [
        "tern_requests_total{service=\"4.1.1\",cohort=\"ioc\",code=\"I99\"} 3",
        "tern_replies_total{service=\"4.1.1\",cohort=\"ioc\",code=\"I0\"} 2",
        "tern_request_response_seconds_count{service=\"4.1.1\",cohort=\"ioc\"} 2",
        "tern_request_response_seconds_bucket{service=\"7.2\",cohort=\"ioc\",le=\"+Inf\"} 1",
        "tern_request_over_target_total{service=\"4.1.1\",cohort=\"ioc\"} 0",
        "tern_requests_held 1",
        "tern_dead_letters 0",
    ] {
        for text in [&first, &again] {
            assert!(text.lines().any(|line| line == needed), "{needed} in\n{text}");
        }
    }
    service.stop().expect("a clean end");
    let Some(read) = parsed(&again) else { return };
    let of = |name: &str| read.iter().filter(|sample| sample[1] == name).collect::<Vec<_>>();
    assert!(of("tern_request_response_seconds_bucket").iter().all(|sample| sample[0] == "histogram"), "{read:?}");
    let [target] = of("tern_request_target_seconds")[..] else { panic!("{read:?}") };
    assert_eq!((target[0].as_str(), target[3].as_f64()), (Some("gauge"), Some(30.0)));
    let ours = again.lines().filter(|line| !line.starts_with('#')).count();
    assert_eq!(read.len(), ours, "every line is a sample");
}

/// The text, by plain HTTP.
fn told(bench: &Bench) -> String {
    let at = std::fs::read_to_string(metrics::address_file(&bench.lab.config())).expect("an address");
    let mut line = TcpStream::connect(at.trim()).expect("a listener");
    line.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").expect("asked");
    let mut said = String::new();
    line.read_to_string(&mut said).expect("an answer");
    let (head, text) = said.split_once("\r\n\r\n").expect("a head");
    assert!(head.starts_with("HTTP/1.1 200 ") && head.contains("version=0.0.4"), "{head}");
    text.to_owned()
}

fn parsed(text: &str) -> Option<Vec<Value>> {
    let python = python_with("prometheus_client", "response_times_codes_and_queues_are_told_and_outlive_a_restart")?;
    let mut parser = Command::new(python);
    let parser = parser.args(["-c", PARSER]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut parser = parser.spawn().expect("a parser");
    parser.stdin.take().expect("its input").write_all(text.as_bytes()).expect("heard");
    let out = parser.wait_with_output().expect("read");
    assert!(out.status.success(), "the parser refuses:\n{text}");
    Some(serde_json::from_slice(&out.stdout).expect("JSON"))
}
