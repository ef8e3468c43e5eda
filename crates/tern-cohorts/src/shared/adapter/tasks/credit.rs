//! Payment mode and top-ups.

use tern_dlms::Data;
use tern_dlms::apdu::DataAccessResult;
use tern_requests::TaskAnswer;
use tern_requests::task::{Millipence, PaymentMode, Utrn};

use super::super::objects;
use super::{Server, Trouble, failed, set, set_all};

/// payment mode, as devices number it (P).
const CREDIT: u8 = 0;
const PREPAYMENT: u8 = 1;

/// 1.6: the terms of Prepayment Mode go along with it.
pub(super) fn set_mode(mode: PaymentMode) -> Vec<u8> {
    match mode {
        PaymentMode::Credit => set(objects::PAYMENT_MODE, Data::Enum(CREDIT)),
        PaymentMode::Prepayment { suspend_debt_disabled, suspend_debt_emergency, disablement_threshold } => {
            let terms = Data::Structure(vec![
                Data::Boolean(suspend_debt_disabled),
                Data::Boolean(suspend_debt_emergency),
                Data::Long64(disablement_threshold.0),
            ]);
            set_all(vec![(objects::TERMS, terms), (objects::PAYMENT_MODE, Data::Enum(PREPAYMENT))])
        }
    }
}

/// The payment mode that a device tells, without its terms.
pub(super) fn mode(data: &Data) -> Result<PaymentMode, Trouble> {
    match data.as_enum() {
        Ok(CREDIT) => Ok(PaymentMode::Credit),
        Ok(PREPAYMENT) => Ok(PaymentMode::Prepayment {
            suspend_debt_disabled: false,
            suspend_debt_emergency: false,
            disablement_threshold: Millipence(0),
        }),
        _ => Err(failed("the payment mode is none").into()),
    }
}

/// 2.2. A device says of a UTRN that it took before that it is available no more.
pub(super) fn top_up(server: &mut Server<'_, '_>, utrn: &Utrn) -> Result<TaskAnswer, Trouble> {
    match server.write(objects::TOP_UP, Data::octets(utrn.as_str().as_bytes()))? {
        DataAccessResult::Success => Ok(TaskAnswer::Done),
        DataAccessResult::ObjectUnavailable => Ok(TaskAnswer::AlreadyUsed),
        result => Err(failed(&format!("data-access-result {result}")).into()),
    }
}
