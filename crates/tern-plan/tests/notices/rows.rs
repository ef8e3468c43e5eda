//! What the tests notify of.

use jiff::civil::Date;
use tern_model::facts::{NoticeKind, SourceRow};
use tern_model::supplier_file::{NoticeGround, NoticedMeter};
use tern_model::{ChfIdentifier, DeviceId, Eui64, PartyId};
use tern_plan::notices::Announcement;

pub const SUPPLIERS: [PartyId; 2] = [PartyId(Eui64(0x70B3_D51F_3000_A008)), PartyId(Eui64(0x70B3_D51F_3000_A009))];

pub fn chf(number: u64) -> ChfIdentifier {
    ChfIdentifier(Eui64(0x00DB_1234_5678_0000 + number * 16))
}

/// An electricity meter of an installation, of which its supplier is notified.
pub fn announcement(
    number: u64,
    kind: NoticeKind,
    ground: NoticeGround,
    days: Option<u32>,
    earliest: Date,
) -> Announcement {
    let chf = chf(number);
    let meter = NoticedMeter {
        row: SourceRow(0),
        chf,
        device: DeviceId(Eui64(chf.0.0 + 1)),
        mpxn: "1200000000008".parse().expect("an MPAN"),
        ground,
        working_days: days,
        earliest,
    };
    Announcement { smso: "SMSO-1".parse().expect("a name"), to: SUPPLIERS[0], kind, meter, certificates_by: None }
}
