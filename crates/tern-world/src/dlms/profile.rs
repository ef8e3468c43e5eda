//! The load profile: half-hourly readings of the import register, or of the volume, computed as they are asked for.

use tern_dlms::cosem::Shape;
use tern_dlms::{CaptureObject, CosemDateTime, Data, LogicalName, Selection, SelectiveAccess, cosem};

use super::request::{Refusal, Request};
use crate::devices::{Measure, SLOT_SECONDS, slot_of};

/// How many entries a meter keeps: thirteen months of half-hours.
const ENTRIES: u32 = 395 * 48;

fn columns(measure: Measure) -> [CaptureObject; 2] {
    let register = match measure {
        Measure::Electricity => LogicalName::new(1, 0, 1, 8, 0, 255),
        Measure::Gas => LogicalName::new(7, 0, 3, 0, 0, 255),
    };
    [
        CaptureObject::new(cosem::clock::CLASS, LogicalName::new(0, 0, 1, 0, 0, 255), 2),
        CaptureObject::new(cosem::register::CLASS, register, 2),
    ]
}

impl Request<'_> {
    /// An attribute of the load profile.
    pub(super) fn profile(&self, attribute: i8, selection: Option<&SelectiveAccess>) -> Result<Data, Refusal> {
        Ok(match attribute {
            2 => {
                let selection = selection.map(Selection::of_access).transpose().map_err(|_| Refusal::Type)?.flatten();
                return self.buffer(selection.as_ref());
            }
            3 => Data::Array(columns(self.meter().measure).iter().map(CaptureObject::to_data).collect()),
            4 => Data::DoubleLongUnsigned(u32::try_from(SLOT_SECONDS).unwrap_or(u32::MAX)),
            // First in, first out.
            5 => Data::Enum(1),
            6 => columns(self.meter().measure)[0].to_data(),
            7 => {
                let (first, last) = self.kept();
                Data::DoubleLongUnsigned(u32::try_from(last - first + 1).unwrap_or(0))
            }
            8 => Data::DoubleLongUnsigned(ENTRIES),
            _ => return Err(Refusal::Undefined),
        })
    }

    /// The first and the last half-hour that the meter keeps, by its own clock.
    fn kept(&self) -> (i64, i64) {
        let meter = self.meter();
        let last = slot_of(meter.clock.reads(self.now).as_second());
        (meter.loads.first_slot().max(last - i64::from(ENTRIES) + 1), last)
    }

    fn buffer(&self, selection: Option<&Selection>) -> Result<Data, Refusal> {
        let (first, last) = self.kept();
        let both = columns(self.meter().measure);
        let (from, until, wanted) = match selection {
            None => (first, last, vec![0, 1]),
            Some(Selection::Range { restricting, from, to, columns }) => {
                if (restricting.class, restricting.instance, restricting.attribute)
                    != (both[0].class, both[0].instance, both[0].attribute)
                {
                    return Err(Refusal::Type);
                }
                let moment = |data: &Data| {
                    let moment = data.as_date_time().ok().and_then(|moment| moment.timestamp());
                    moment.map(|moment| moment.as_second()).ok_or(Refusal::Type)
                };
                let from = moment(from)?.saturating_add(SLOT_SECONDS - 1).div_euclid(SLOT_SECONDS);
                (from.max(first), slot_of(moment(to)?).min(last), picked(&both, columns)?)
            }
            Some(Selection::Entry { from_entry, to_entry, from_column, to_column }) => {
                let last_entry = if *to_entry == 0 { last } else { first + i64::from(*to_entry) - 1 };
                let last_column = if *to_column == 0 { 2 } else { usize::from(*to_column).min(2) };
                let columns = (usize::from(*from_column).max(1) - 1..last_column).collect();
                (first + i64::from(*from_entry).max(1) - 1, last_entry.min(last), columns)
            }
        };
        Ok(Data::Array((from..=until).filter_map(|slot| self.entry(slot, &wanted)).collect()))
    }

    /// The entry of a half-hour; none where the supply had failed then.
    fn entry(&self, slot: i64, wanted: &[usize]) -> Option<Data> {
        let (meter, electricity) = (self.meter(), &self.slot.installation.electricity);
        let at = jiff::Timestamp::from_second(slot * SLOT_SECONDS).ok()?;
        // A gas meter lives on its battery.
        if meter.measure == Measure::Electricity && electricity.is_dark(at) {
            return None;
        }
        let value = |column: &usize| match column {
            0 => Data::date_time(&CosemDateTime::from_timestamp(at)),
            _ => Data::DoubleLongUnsigned(u32::try_from(meter.loads.imported(slot)).unwrap_or(u32::MAX)),
        };
        Some(Data::Structure(wanted.iter().map(value).collect()))
    }
}

/// The columns that a range asks for; none named stands for all.
fn picked(both: &[CaptureObject; 2], named: &[CaptureObject]) -> Result<Vec<usize>, Refusal> {
    if named.is_empty() {
        return Ok(vec![0, 1]);
    }
    named.iter().map(|column| both.iter().position(|known| known == column).ok_or(Refusal::Type)).collect()
}
