//! What a Service Request does on some devices other than the Equivalent Steps say, as words that the rulebook and the
//! processing of requests share: the one knows where and since when, the other what follows.

use serde::Serialize;

/// What happens to a request of such a variant to such a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Behaviour {
    /// As the Equivalent Steps say.
    Equivalent,
    /// The same; the Electricity Supplier alone may ask for it, the Gas Supplier is refused and not told beforehand.
    ElectricitySupplierAlone,
    /// The device is none that the variant is for: refused.
    Unsupported,
    /// The DSP processes it and the S1SP does not; the User gets a message.
    NotProcessed,
    /// Refused while the DCO's key package lacks the device's keys.
    RefusedWithoutKeys,
    /// An alert comes in place of the response.
    AlertInsteadOfResponse,
    /// Two rates close the auxiliary load switch, whatever the prices.
    SwitchClosesAtTwoRates,
    /// Two rates close the auxiliary load switch only where the prices differ.
    SwitchClosesAtTwoPrices,
}

impl Behaviour {
    /// A few words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Behaviour::Equivalent => "as the Equivalent Steps say",
            Behaviour::ElectricitySupplierAlone => "the Electricity Supplier alone",
            Behaviour::Unsupported => "not supported",
            Behaviour::NotProcessed => "not processed by the S1SP",
            Behaviour::RefusedWithoutKeys => "refused where keys lack",
            Behaviour::AlertInsteadOfResponse => "an alert instead of the response",
            Behaviour::SwitchClosesAtTwoRates => "the switch closes at two rates",
            Behaviour::SwitchClosesAtTwoPrices => "the switch closes at two prices",
        }
    }
}
