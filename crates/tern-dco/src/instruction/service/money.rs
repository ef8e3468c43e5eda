//! 1.6: the payment mode, with the terms of Prepayment Mode.

use tern_dlms::{AttributeDescriptor, Data};
use tern_wire::duis::Element;

use super::{Differs, Field, Permitted, attribute, differs, needed, number};

const MODE: AttributeDescriptor = attribute(1, [0, 0, 96, 65, 0, 255], 2);
const TERMS: AttributeDescriptor = attribute(1, [0, 0, 96, 65, 6, 255], 2);

pub(super) fn payment_mode(body: Element<'_>) -> Result<Vec<Permitted>, Differs> {
    let mode = |number| Field::of("payment mode", MODE, Data::Enum(number));
    let fields = match (body.child("Credit"), body.child("Prepayment")) {
        (Some(_), None) => vec![mode(0)],
        (None, Some(terms)) => {
            let suspends = |name: &'static str| needed(terms.child(name).and_then(Element::boolean), name);
            let terms = Data::Structure(vec![
                Data::Boolean(suspends("SuspendDebtDisabled")?),
                Data::Boolean(suspends("SuspendDebtEmergency")?),
                Data::Long64(number(terms.child("DisablementThreshold"), "DisablementThreshold")?),
            ]);
            vec![Field::of("terms", TERMS, terms), mode(1)]
        }
        _ => return Err(differs("request", "of no payment mode", "Credit or Prepayment")),
    };
    Ok(vec![Permitted::Write(fields)])
}
