//! What a message's sender is told when its schema does not allow it: each fault once, with its place, what was found and expected.

use tern_wire::FaultKind;
use tern_wire::duis::{NotWritten, ResponseBody, ResponseCode, ResponseHeader, SR, SchemaVersion};

use crate::support::{KEYS, VERSION, now, received, request_id};

const HEADER: &str = "<sr:Header><sr:RequestID>90-B3-D5-1F-30-01-00-00:00-DB-12-34-56-78-90-A0:1</sr:RequestID>\
    <sr:CommandVariant>1</sr:CommandVariant><sr:ServiceReference>6.11</sr:ServiceReference>\
    <sr:ServiceReferenceVariant>6.11</sr:ServiceReferenceVariant></sr:Header>";
const CLOCK: &str = "<sr:SynchroniseClock><sr:CurrentDateTime>2026-03-02T12:00:00Z</sr:CurrentDateTime>\
    <sr:TolerancePeriod>10</sr:TolerancePeriod></sr:SynchroniseClock>";

fn told(content: &str, version: SchemaVersion) -> Vec<String> {
    let text = format!("<sr:Request xmlns:sr=\"{SR}\" schemaVersion=\"{version}\">{content}</sr:Request>");
    let received = received(text.as_bytes()).unwrap();
    let incoming = received.parse().unwrap();
    let faults = incoming.judge(version).err().unwrap_or_default();
    assert!(faults.iter().all(|fault| fault.kind == FaultKind::Schema && fault.place.line == 1));
    let line = |fault: &tern_wire::WireFault| {
        format!("{}: {}; {}; {}", fault.place.xpath, fault.message, fault.found, fault.expected)
    };
    faults.iter().map(line).collect()
}

#[track_caller]
fn check(from: &str, to: &str, expected: &[&str]) {
    let whole = format!("{HEADER}<sr:Body>{CLOCK}</sr:Body>");
    assert_eq!(told(&whole, VERSION), [""; 0]);
    let broken = whole.replacen(from, to, 1);
    assert_ne!(broken, whole);
    assert_eq!(told(&broken, VERSION), expected, "{broken}");
}

#[test]
fn values_are_told_with_what_their_type_allows() {
    check(
        ">10<",
        ">86401<",
        &["Request/Body/SynchroniseClock/TolerancePeriod: TolerancePeriod is out of range; 86401; int from 0 to 86400"],
    );
    check(
        "2026-03-02T",
        "2026-02-30T",
        &[
            "Request/Body/SynchroniseClock/CurrentDateTime: CurrentDateTime is no dateTime; 2026-02-30T12:00:00Z; dateTime",
        ],
    );
    check(
        ">1<",
        "> 10 <",
        &["Request/Header/CommandVariant: CommandVariant is none of the words of its type; 10; \
         one of `1`, `2`, `3`, `4`, `5`, `6`, `7`, `8`, `9`"],
    );
    check(
        ">6.11</sr:ServiceReferenceVariant",
        ">6.99</sr:ServiceReferenceVariant",
        &["Request/Header/ServiceReferenceVariant: ServiceReferenceVariant is none of the words of its type; 6.99; \
         one of `1.1.1`, `1.1.2`, `1.2.1`, `1.2.2`, `1.5`, `1.6`, `1.7`, `2.1`, `2.2`, `2.3`, `2.5`, `3.1` and 117 more"],
    );
}

#[test]
fn elements_are_told_once_each() {
    let clock = "Request/Body/SynchroniseClock";
    check(
        "<sr:TolerancePeriod>10</sr:TolerancePeriod>",
        "",
        &[&format!("{clock}: SynchroniseClock lacks an element; nothing; TolerancePeriod")],
    );
    check(
        "<sr:TolerancePeriod>",
        "<sr:Surprise/><sr:TolerancePeriod>",
        &[&format!("{clock}/Surprise: SynchroniseClock does not hold such an element; Surprise; CurrentDateTime")],
    );
    let swapped = "<sr:SynchroniseClock><sr:TolerancePeriod>10</sr:TolerancePeriod>\
        <sr:CurrentDateTime>2026-03-02T12:00:00Z</sr:CurrentDateTime></sr:SynchroniseClock>";
    check(
        CLOCK,
        swapped,
        &[&format!(
            "{clock}/CurrentDateTime: an element stands at the wrong place in SynchroniseClock, or once too often; \
         CurrentDateTime; CurrentDateTime, TolerancePeriod"
        )],
    );
    check(
        "<sr:TolerancePeriod>10<",
        "text<sr:TolerancePeriod><sr:A/><",
        &[
            &format!("{clock}: SynchroniseClock holds text; text; elements, and white space alone between them"),
            &format!("{clock}/TolerancePeriod: TolerancePeriod holds an element; A; int from 0 to 86400"),
        ],
    );
    check(
        "<sr:TolerancePeriod>10",
        "<sr:TolerancePeriod unit=\"s\">10",
        &[&format!(
            "{clock}/TolerancePeriod: TolerancePeriod does not have such an attribute; unit; no such attribute"
        )],
    );
    check(
        "<sr:SynchroniseClock>",
        "<sr:SynchroniseClock xmlns:sr=\"urn:other\">",
        &[&format!("{clock}: SynchroniseClock is in another namespace than the schema's; urn:other; {SR}")],
    );
}

#[test]
fn a_body_of_two_requests_is_told_where_the_second_stands() {
    let faults = told(&format!("{HEADER}<sr:Body>{CLOCK}{CLOCK}</sr:Body>"), VERSION);
    assert_eq!(faults.len(), 1);
    assert!(faults[0].starts_with("Request/Body/SynchroniseClock[2]: an element stands at the wrong place in Body"));
}

/// The same element is an alert's of 5.1 and nothing in 5.0.
#[test]
fn what_a_version_does_not_have_is_not_written_in_it() {
    let write = |code, version| {
        let header = ResponseHeader::synchronous(Some(request_id()), ResponseCode::of(code), now());
        let body = ResponseBody::Message { service: "11.2".parse().unwrap(), content: None };
        tern_wire::duis::response(&header, &body, version, &KEYS.dsp.signer())
    };
    assert!(write("E64", SchemaVersion::V5_0).is_ok() && write("E65", SchemaVersion::V5_1).is_ok());
    let refused = write("E65", SchemaVersion::V5_0);
    assert!(matches!(&refused, Err(NotWritten::Schema(faults)) if faults.len() == 1), "{refused:?}");
    assert!(matches!(write("E123", SchemaVersion::V5_4), Err(NotWritten::Schema(_))));
}
