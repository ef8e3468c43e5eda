//! Payment mode, prices, balance, top-ups, special days and thresholds: what each says, and what writing it does.

use tern_dlms::{Codec, Data};

use super::objects::What;
use super::reading::encoded;
use super::request::{Refusal, Request};
use crate::devices::{Amount, Change, PrepaymentTerms, Prices, digest};
use crate::hex::hex;

/// How many rates a meter has registers for.
const RATES_MAX: usize = 2;
/// How many special days it holds, and thresholds of how many rates.
const SPECIAL_DAYS_MAX: usize = 50;
const THRESHOLDS_MAX: usize = 8;
/// How long a gas meter's battery lasts, in days.
const BATTERY_DAYS: i64 = 15 * 365;

impl Request<'_> {
    /// What an object of the account, or beside the calendar, says; none where the object is none of them.
    pub(super) fn account(&self, what: What) -> Option<Result<Data, Refusal>> {
        let meter = self.meter();
        let (account, calendar) = (&meter.account, &meter.calendar);
        let kept = |bytes: &Option<Vec<u8>>| match bytes {
            Some(bytes) => Data::decode(bytes).map_err(|_| Refusal::Temporary),
            None => Ok(Data::Array(Vec::new())),
        };
        Some(Ok(match what {
            What::PaymentMode => Data::Enum(u8::from(account.prepayment)),
            What::Balance => Data::Long64(meter.balance(self.now)),
            What::Prices => prices_data(&account.prices),
            What::PassivePrices => prices_data(account.passive.as_ref().unwrap_or(&account.prices)),
            What::Terms => {
                let PrepaymentTerms { suspend_debt_disabled, suspend_debt_emergency, disablement_threshold } =
                    account.terms;
                Data::Structure(vec![
                    Data::Boolean(suspend_debt_disabled),
                    Data::Boolean(suspend_debt_emergency),
                    Data::Long64(disablement_threshold),
                ])
            }
            What::PrepayValues => self.prepay_values(),
            What::Battery => {
                let since = self.now.as_second() - meter.loads.first_slot() * crate::devices::SLOT_SECONDS;
                let left = (BATTERY_DAYS - since / 86_400).max(0);
                Data::DoubleLongUnsigned(u32::try_from(left).unwrap_or(0))
            }
            What::SpecialDays => return Some(kept(&calendar.special_days)),
            What::Thresholds => return Some(kept(&calendar.thresholds)),
            _ => return None,
        }))
    }

    /// Balance, Emergency Credit, accumulated debt, payment debt, both time debts, and whether little is left.
    fn prepay_values(&self) -> Data {
        let standing = self.meter().standing(self.now);
        let [payment, first, second] = self.meter().account.debts;
        let owed = standing.accumulated_debt;
        let amounts = [standing.balance, standing.emergency_credit, owed, payment, first, second];
        let values = amounts.into_iter().map(Data::Long64).chain([Data::Boolean(standing.low_credit)]);
        Data::Structure(values.collect())
    }

    /// The change that writing such an object is.
    pub(super) fn account_change(&self, what: What, data: &Data) -> Result<Change, Refusal> {
        let (at, meter) = (self.now, self.meter());
        let (prepayment, balance) = (meter.account.prepayment, meter.balance(at));
        Ok(match (what, data) {
            (What::PaymentMode, Data::Enum(mode @ 0..=1)) => Change::Prepayment { at, prepayment: *mode == 1, balance },
            (What::Balance, Data::Long64(balance)) => Change::Prepayment { at, prepayment, balance: *balance },
            (What::Terms, Data::Structure(_)) => {
                let [disabled, emergency, threshold] = data.as_structure::<3>().map_err(|_| Refusal::Type)?;
                let (Data::Boolean(suspend_debt_disabled), Data::Boolean(suspend_debt_emergency)) =
                    (disabled, emergency)
                else {
                    return Err(Refusal::Type);
                };
                let Data::Long64(disablement_threshold) = threshold else { return Err(Refusal::Type) };
                let (suspend_debt_disabled, suspend_debt_emergency) = (*suspend_debt_disabled, *suspend_debt_emergency);
                let disablement_threshold = *disablement_threshold;
                Change::Terms {
                    to: PrepaymentTerms { suspend_debt_disabled, suspend_debt_emergency, disablement_threshold },
                }
            }
            (What::Prices, data) => Change::Prices { at, balance, to: prices(data)? },
            (What::PassivePrices, data) => Change::PassivePrices { to: prices(data)? },
            (What::SpecialDays, data) => Change::SpecialDays { to: special_days(data)? },
            (What::Thresholds, Data::Array(rates)) if rates.len() <= THRESHOLDS_MAX => {
                let numbers =
                    |rate: &Data| rate.as_array().is_ok_and(|of| of.iter().all(|n| n.as_whole_number().is_ok()));
                if !rates.iter().all(numbers) {
                    return Err(Refusal::Type);
                }
                Change::Thresholds { to: hex(&encoded(data)) }
            }
            (What::TopUp, Data::OctetString(digits)) => self.top_up(digits, balance)?,
            (What::PaymentMode | What::Balance | What::Terms | What::Thresholds | What::TopUp, _) => {
                return Err(Refusal::Type);
            }
            _ => return Err(Refusal::Denied),
        })
    }

    /// A UTRN is taken once: twenty digits, of which six are pence and the last is Luhn's check digit (P).
    fn top_up(&self, digits: &[u8], balance: i64) -> Result<Change, Refusal> {
        if digits.len() != 20 || !digits.iter().all(u8::is_ascii_digit) {
            return Err(Refusal::Type);
        }
        let pence = digits[..6].iter().fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
        if !is_luhn(digits) || pence == 0 {
            return Err(Refusal::Other);
        }
        let utrn = digest(&[digits]);
        if self.meter().account.used.contains(&utrn) {
            return Err(Refusal::Used);
        }
        Ok(Change::ToppedUp { at: self.now, balance: balance.saturating_add(pence * 1000), utrn })
    }
}

/// Whether the last digit is the check digit of those before it.
fn is_luhn(digits: &[u8]) -> bool {
    let worth = |(at, digit): (usize, &u8)| match (u32::from(digit - b'0'), at % 2) {
        (digit, 0) => digit,
        (digit, _) if digit > 4 => digit * 2 - 9,
        (digit, _) => digit * 2,
    };
    digits.iter().rev().enumerate().map(worth).sum::<u32>().is_multiple_of(10)
}

fn amount_data(price: &Amount) -> Data {
    Data::Structure(vec![Data::Long64(price.amount), Data::Integer(price.scale)])
}

fn prices_data(prices: &Prices) -> Data {
    let rates = prices.rates.iter().map(amount_data).collect();
    Data::Structure(vec![Data::Enum(prices.currency), amount_data(&prices.standing_charge), Data::Array(rates)])
}

fn amount(data: &Data) -> Result<Amount, Refusal> {
    match data.as_structure::<2>().map_err(|_| Refusal::Type)? {
        [Data::Long64(amount), Data::Integer(scale)] => Ok(Amount { amount: *amount, scale: *scale }),
        _ => Err(Refusal::Type),
    }
}

/// One price, or one for each rate.
fn prices(data: &Data) -> Result<Prices, Refusal> {
    let [currency, standing_charge, rates] = data.as_structure::<3>().map_err(|_| Refusal::Type)?;
    let (Data::Enum(currency @ 0..=1), Data::Array(rates)) = (currency, rates) else { return Err(Refusal::Type) };
    if rates.is_empty() || rates.len() > RATES_MAX {
        return Err(Refusal::Other);
    }
    let rates = rates.iter().map(amount).collect::<Result<_, _>>()?;
    Ok(Prices { currency: *currency, standing_charge: amount(standing_charge)?, rates })
}

/// The encoding of a list of index, date and day.
fn special_days(data: &Data) -> Result<String, Refusal> {
    let days = data.as_array().map_err(|_| Refusal::Type)?;
    if days.len() > SPECIAL_DAYS_MAX {
        return Err(Refusal::Other);
    }
    for day in days {
        match day.as_structure::<3>().map_err(|_| Refusal::Type)? {
            [Data::LongUnsigned(_), Data::OctetString(date), Data::Unsigned(_)] if date.len() == 5 => {}
            _ => return Err(Refusal::Type),
        }
    }
    Ok(hex(&encoded(data)))
}
