//! 6.11, 8.1.1: a clock is set to the S1SP's time, which may be no further from the User's, nor the User's from the DCO's, than the
//! User allows.

use jiff::Timestamp;
use tern_dlms::{AttributeDescriptor, CosemDateTime, Data};
use tern_wire::duis::Element;

use super::{Differs, Field, Permitted, Value, attribute, differs, needed, number};

const TIME: AttributeDescriptor = attribute(8, [0, 0, 1, 0, 0, 255], 2);

pub(super) fn clock(body: Element<'_>, now: Timestamp) -> Result<Vec<Permitted>, Differs> {
    let said = needed(body.child("CurrentDateTime").and_then(Element::timestamp), "CurrentDateTime")?;
    let tolerance: u32 = number(body.child("TolerancePeriod"), "TolerancePeriod")?;
    if said.as_second().abs_diff(now.as_second()) > tolerance.into() {
        return Err(differs("CurrentDateTime", "too far from now", "within its TolerancePeriod"));
    }
    Ok(vec![Permitted::Write(vec![Field { name: "time", attribute: TIME, value: Value::Near(said, tolerance) }])])
}

/// Whether a value is a moment in UTC, wholly said, in the one way to write it, and near to another.
pub(super) fn is_near(value: &Data, moment: Timestamp, seconds: u32) -> bool {
    let said = value.as_date_time().ok().and_then(|time| time.timestamp());
    said.is_some_and(|said| {
        let whole = Data::date_time(&CosemDateTime::from_timestamp(said)) == *value;
        whole && said.as_millisecond().abs_diff(moment.as_millisecond()) <= u64::from(seconds) * 1000
    })
}
