//! Every response code of the published schemas, 5.0 to 5.4, with its meaning where a public page has it.

/// What public pages say of codes, in our words.
const MEANINGS: [(&str, &str); 18] = [
    ("I0", "done"),
    ("I99", "accepted; or done, of a Non-Device request that has no answer of its own"),
    ("E1", "User and User Role do not go together"),
    ("E2", "the User Role may not send this service"),
    ("E3", "the User's status does not allow it"),
    ("E4", "the User Role is not authorised for the device at the required moment"),
    ("E5", "the device's status in the inventory does not allow it"),
    ("E11", "the service is not for such a device"),
    ("E12", "the Command Variant is not for such a request"),
    ("E13", "sent to the wrong web service"),
    ("E17", "no local delivery for this role or status"),
    ("E19", "no such device in the inventory"),
    ("E20", "the DCC could not reach the device"),
    ("E21", "no response came from the device"),
    ("E30", "a future-dated command ran out of time"),
    ("E120201", "the hub and its GPF were given the same Device ID"),
    ("W110101", "11.1: some devices of the list were left out; the body says which"),
    ("W110401", "11.4: some devices of the list were left out; the body says which"),
];

/// Every code: general ones, those of four digits, those of one service (two digits each of group, service and number).
pub const KNOWN: &[&str] = &[
    "I0", "I99", "E1", "E2", "E3", "E4", "E5", "E11", "E12", "E13", "E17", "E19", "E20", "E21", "E30", "E31", "E40",
    "E41", "E42", "E43", "E44", "E45", "E46", "E47", "E48", "E49", "E50", "E51", "E52", "E53", "E54", "E55", "E56",
    "E57", "E58", "E59", "E60", "E61", "E62", "E63", "E64", "E65", "E66", "E67", "E68", "E69", "E70", "E71", "E100",
    "E1000", "E1001", "E1003", "E1004", "E1006", "E1007", "E1008", "E1010", "E1011", "E010101", "E010102", "E010201",
    "E030301", "E030302", "E040101", "E041701", "E050101", "E050102", "E050103", "E050105", "E050107", "E050108",
    "E050109", "E050110", "E050111", "E050112", "E050201", "E050202", "W050201", "E050301", "E050302", "W050301",
    "E060501", "E060502", "E060701", "E060801", "E060802", "E060803", "E061301", "E061304", "E061305", "E061501",
    "E061504", "E061505", "E061506", "E061507", "E061508", "E061509", "E061801", "E061802", "E061803", "E062101",
    "E062102", "E062103", "E062105", "E062201", "E062202", "E062203", "E062301", "E062302", "E062303", "E062304",
    "E062305", "E062306", "E062401", "E062402", "E062403", "E062801", "E062802", "E062803", "E080201", "E080202",
    "E080301", "E080302", "E080405", "E080406", "E080407", "E080408", "E080409", "E080410", "E080411", "E080412",
    "E080413", "E080414", "E080415", "E080501", "E080502", "E080503", "E080601", "E080602", "E080604", "E080606",
    "E080607", "E080702", "E080721", "E080722", "E080723", "E080801", "E080821", "E080822", "E080901", "E080902",
    "E080903", "E081101", "E081102", "E081104", "E081105", "E081106", "E081107", "E081108", "E081109", "E081110",
    "E081111", "E081202", "E081204", "E081205", "E081221", "E081222", "E081223", "E081301", "E081302", "E081303",
    "E081401", "E081402", "E081405", "E081406", "W081401", "E110101", "E110102", "E110103", "E110105", "E110106",
    "W110101", "E110401", "E110402", "E110403", "E110405", "W110401", "E120101", "E120102", "E120103", "E120201",
    "E120203", "E120204", "E120207",
];

/// Whether some published schema knows the code.
#[must_use]
pub fn is_known(code: &str) -> bool {
    KNOWN.contains(&code)
}

/// What a code means, where that is confirmed.
#[must_use]
pub fn meaning(code: &str) -> Option<&'static str> {
    MEANINGS.iter().find(|(known, _)| *known == code).map(|(_, meaning)| *meaning)
}
