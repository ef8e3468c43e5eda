//! Values as a cell spells them.

use jiff::civil::Date;
use tern_model::estate::ApprovalRoute;
use tern_model::facts::{EpclState, ExclusionCategory, NoticeKind, NoticeState, PaymentMode, TopUpResult};
use tern_model::{
    ChfIdentifier, DeviceId, DeviceKind, Fuel, GroupId, InstallationState, MeterState, Mpxn, PartyId, SetId, parse_day,
};

use super::events::EventWord;

/// A value of one cell.
pub(super) trait Cell: Sized {
    /// What a reader is told was expected; completes "write …".
    const EXPECTED: &'static str;

    fn parse(text: &str) -> Option<Self>;

    fn spell(&self) -> String;
}

macro_rules! spelled {
    ($($value:ty: $expected:literal;)+) => {
        $(impl Cell for $value {
            const EXPECTED: &'static str = $expected;

            fn parse(text: &str) -> Option<Self> {
                text.parse().ok()
            }

            fn spell(&self) -> String {
                self.to_string()
            }
        })+
    };
}

spelled! {
    PartyId: "an EUI-64 as eight hexadecimal pairs, for example 90-B3-D5-1F-30-0A-00-01";
    DeviceId: "an EUI-64 as eight hexadecimal pairs, for example 00-DB-12-34-56-78-90-A2";
    ChfIdentifier: "the hub's EUI-64 as eight hexadecimal pairs, for example 00-DB-12-34-56-78-90-A2";
    Mpxn: "an MPAN or MPRN of 1 to 13 decimal digits";
    GroupId: "a GroupID: AA, BA, CA, CB, DA, EA, EB or EC";
    SetId: "a set as <Requesting Party EUI-64>_<GroupID>_<counter>";
}

/// Words, each with its variant.
macro_rules! words {
    ($($value:ty: $expected:literal, $($word:literal => $variant:path),+;)+) => {
        $(impl Cell for $value {
            const EXPECTED: &'static str = $expected;

            fn parse(text: &str) -> Option<Self> {
                match text {
                    $($word => Some($variant),)+
                    _ => None,
                }
            }

            fn spell(&self) -> String {
                match self {
                    $($variant => $word,)+
                }
                .to_owned()
            }
        })+
    };
}

words! {
    Fuel: "electricity or gas", "electricity" => Fuel::Electricity, "gas" => Fuel::Gas;
    DeviceKind: "CHF, GPF, ESME, GSME, PPMID or IHD",
        "CHF" => DeviceKind::Chf, "GPF" => DeviceKind::Gpf, "ESME" => DeviceKind::Esme,
        "GSME" => DeviceKind::Gsme, "PPMID" => DeviceKind::Ppmid, "IHD" => DeviceKind::Ihd;
    EpclState: "planned, paused, approved or not-approved",
        "planned" => EpclState::Planned, "paused" => EpclState::Paused,
        "approved" => EpclState::Approved, "not-approved" => EpclState::NotApproved;
    NoticeKind: "configuration or migration",
        "configuration" => NoticeKind::Configuration, "migration" => NoticeKind::Migration;
    NoticeState: "completed, running or undelivered",
        "completed" => NoticeState::Completed, "running" => NoticeState::Running, "undelivered" => NoticeState::Undelivered;
    ExclusionCategory:
        "missing-master-keys, no-wan-before-migration, no-wan-at-migration, attempts-exhausted, gas-han-error, \
         uneconomic-to-test or supplier-terminated",
        "missing-master-keys" => ExclusionCategory::MissingMasterKeys,
        "no-wan-before-migration" => ExclusionCategory::NoWanBeforeMigration,
        "no-wan-at-migration" => ExclusionCategory::NoWanAtMigration,
        "attempts-exhausted" => ExclusionCategory::AttemptsExhausted,
        "gas-han-error" => ExclusionCategory::GasHanError,
        "uneconomic-to-test" => ExclusionCategory::UneconomicToTest,
        "supplier-terminated" => ExclusionCategory::SupplierTerminated;
    MeterState: "active or dormant", "active" => MeterState::Active, "dormant" => MeterState::Dormant;
    InstallationState: "active, dormant or mixed", "active" => InstallationState::Active,
        "dormant" => InstallationState::Dormant, "mixed" => InstallationState::Mixed;
    ApprovalRoute: "mt-sit, dmct or equivalent", "mt-sit" => ApprovalRoute::MtSit, "dmct" => ApprovalRoute::Dmct,
        "equivalent" => ApprovalRoute::Equivalent;
    PaymentMode: "prepayment or credit", "prepayment" => PaymentMode::Prepayment, "credit" => PaymentMode::Credit;
    TopUpResult: "success or failure", "success" => TopUpResult::Success, "failure" => TopUpResult::Failure;
    EventWord:
        "payment-mode, top-up, supplier-change-planned, supplier-change-withdrawn or supplier-change-effective",
        "payment-mode" => EventWord::PaymentMode, "top-up" => EventWord::TopUp,
        "supplier-change-planned" => EventWord::Planned, "supplier-change-withdrawn" => EventWord::Withdrawn,
        "supplier-change-effective" => EventWord::Effective;
}

impl Cell for Date {
    const EXPECTED: &'static str = "a day as YYYY-MM-DD";

    fn parse(text: &str) -> Option<Self> {
        parse_day(text).ok()
    }

    fn spell(&self) -> String {
        self.to_string()
    }
}

/// Text of 1 to `MAX` characters without control characters.
pub(super) struct Words<const MAX: usize>(pub(super) String);

impl<const MAX: usize> Cell for Words<MAX> {
    const EXPECTED: &'static str = match MAX {
        64 => "text of 1 to 64 characters",
        100 => "text of 1 to 100 characters",
        _ => "text of 1 to 256 characters",
    };

    fn parse(text: &str) -> Option<Self> {
        let fits = !text.is_empty() && text.chars().count() <= MAX && !text.chars().any(char::is_control);
        fits.then(|| Words(text.to_owned()))
    }

    fn spell(&self) -> String {
        self.0.clone()
    }
}

/// An International Mobile Subscriber Identity.
pub(super) struct Imsi(pub(super) String);

impl Cell for Imsi {
    const EXPECTED: &'static str = "an IMSI of 6 to 15 decimal digits";

    fn parse(text: &str) -> Option<Self> {
        let fits = (6..=15).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        fits.then(|| Imsi(text.to_owned()))
    }

    fn spell(&self) -> String {
        self.0.clone()
    }
}

/// A certificate's serial number.
pub(super) struct Serial(pub(super) u128);

impl Cell for Serial {
    const EXPECTED: &'static str = "a serial number of 1 to 39 decimal digits";

    fn parse(text: &str) -> Option<Self> {
        let fits = (1..=39).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        fits.then(|| text.parse().ok().map(Serial))?
    }

    fn spell(&self) -> String {
        self.0.to_string()
    }
}

#[cfg(test)]
mod tests {
    use serde::Serialize;

    use super::*;

    /// A word in a file is the word in JSON too.
    #[track_caller]
    fn check<T: Cell + Serialize>() {
        let words = T::EXPECTED.replace(" or ", ", ");
        for word in words.split(", ") {
            let value = T::parse(word).unwrap_or_else(|| panic!("{word} is named and not read"));
            assert_eq!(value.spell(), word);
            assert_eq!(serde_json::to_string(&value).expect("serialises"), format!("\"{word}\""));
        }
    }

    #[test]
    fn every_word_is_told_and_spelled_alike() {
        check::<Fuel>();
        check::<DeviceKind>();
        check::<EpclState>();
        check::<NoticeKind>();
        check::<NoticeState>();
        check::<ExclusionCategory>();
        assert!(ExclusionCategory::ALL.iter().all(|category| category.spell() == category.as_str()));
        check::<PaymentMode>();
        check::<TopUpResult>();
    }
}
