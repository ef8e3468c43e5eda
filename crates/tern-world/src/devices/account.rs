//! What a meter knows of money: its mode, its prices, its balance, and the UTRNs that it took.
//!
//! Only what somebody changed is kept; what the balance is at a moment is computed from what was used since.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tern_model::Digest;

use super::changes::Change;
use super::loads::mixed;

/// Emergency Credit that a meter lends, in thousandths of a penny.
const EMERGENCY_CREDIT: i64 = 500_000;
/// The balance under which a meter in Prepayment Mode warns, in thousandths of a penny.
const LOW_CREDIT: i64 = 200_000;
/// Thousandths of a penny in a pound are ten to this power.
const MILLIPENCE_POWER: i32 = 5;
/// Watt-hours in a kilowatt-hour are ten to this power.
const KILO_POWER: i32 = 3;

/// A number times a power of ten: pounds a kilowatt-hour, or a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amount {
    /// The number.
    pub amount: i64,
    /// The power of ten.
    pub scale: i8,
}

/// What everything costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prices {
    /// 0 pounds, 1 euros.
    pub currency: u8,
    /// A day; kept, and taken from no balance.
    pub standing_charge: Amount,
    /// A kilowatt-hour, by rate; one for each register of a rate, or one for all.
    pub rates: Vec<Amount>,
}

/// What else Prepayment Mode was set up with: kept, and of no effect.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrepaymentTerms {
    /// Whether no debt is recovered while the supply is off for want of credit.
    pub suspend_debt_disabled: bool,
    /// Whether no debt is recovered while Emergency Credit is in use.
    pub suspend_debt_emergency: bool,
    /// The balance under which the supply is to end.
    pub disablement_threshold: i64,
}

/// A meter's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Whether it is in Prepayment Mode.
    pub prepayment: bool,
    /// How.
    pub terms: PrepaymentTerms,
    /// Thousandths of a penny at a moment.
    pub balance: i64,
    /// That moment.
    pub at: Timestamp,
    /// The prices in force.
    pub prices: Prices,
    /// Those that come into force with the next calendar.
    pub passive: Option<Prices>,
    /// What is owed: to be recovered with each payment, and with time.
    pub debts: [i64; 3],
    /// The UTRNs that it took, as SHA-256.
    pub used: Vec<Digest>,
}

/// What is told of an account at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Thousandths of a penny, as all of these.
    pub balance: i64,
    /// What is left of Emergency Credit.
    pub emergency_credit: i64,
    /// What is owed beyond it.
    pub accumulated_debt: i64,
    /// Whether little is left.
    pub low_credit: bool,
}

impl Account {
    /// An account as it is at the beginning: in Credit Mode, with nothing on it, at one price. One household in three owes something.
    pub(super) fn new(seed: u64, price: Amount, beginning: Timestamp) -> Account {
        let owes = mixed(seed, 7).is_multiple_of(3);
        let debt = |purpose| if owes { i64::try_from(mixed(seed, purpose) % 90).unwrap_or(0) * 100_000 } else { 0 };
        Account {
            prepayment: false,
            terms: PrepaymentTerms::default(),
            balance: 0,
            at: beginning,
            prices: Prices { currency: 0, standing_charge: Amount { amount: 25, scale: -2 }, rates: vec![price] },
            passive: None,
            debts: [debt(8), debt(9), debt(10)],
            used: Vec::new(),
        }
    }

    /// The balance when so many watt-hours of each rate were used since it was last put down: in Prepayment Mode it falls.
    pub(super) fn after(&self, used: [u64; 2]) -> i64 {
        if !self.prepayment {
            return self.balance;
        }
        let first = self.prices.rates.first().copied();
        let second = self.prices.rates.get(1).copied().or(first);
        let cost = |watt_hours: u64, price: Option<Amount>| price.map_or(0, |price| price.of(watt_hours));
        self.balance.saturating_sub(cost(used[0], first)).saturating_sub(cost(used[1], second))
    }

    /// What is told of a balance.
    pub(super) fn standing(&self, balance: i64) -> Standing {
        Standing {
            balance,
            emergency_credit: (EMERGENCY_CREDIT + balance.min(0)).max(0),
            accumulated_debt: (-balance - EMERGENCY_CREDIT).max(0),
            low_credit: self.prepayment && balance < LOW_CREDIT,
        }
    }

    /// Applies a change that is an account's; `false` where it is none.
    pub(super) fn apply(&mut self, change: &Change) -> bool {
        match change {
            Change::Prepayment { at, prepayment, balance } => {
                self.prepayment = *prepayment;
                (self.balance, self.at) = (*balance, *at);
            }
            Change::Terms { to } => self.terms = *to,
            Change::Prices { at, balance, to } => {
                self.prices.clone_from(to);
                (self.balance, self.at) = (*balance, *at);
            }
            Change::PassivePrices { to } => self.passive = Some(to.clone()),
            Change::ToppedUp { at, balance, utrn } => {
                self.used.push(*utrn);
                (self.balance, self.at) = (*balance, *at);
            }
            _ => return false,
        }
        true
    }

    /// The prices that waited are in force.
    pub(super) fn activate(&mut self, balance: i64, at: Timestamp) {
        (self.balance, self.at) = (balance, at);
        if let Some(prices) = self.passive.take() {
            self.prices = prices;
        }
    }
}

impl Amount {
    /// What so many watt-hours cost at this price, in thousandths of a penny.
    fn of(self, watt_hours: u64) -> i64 {
        let product = i128::from(self.amount).saturating_mul(watt_hours.into());
        let power = i32::from(self.scale) + MILLIPENCE_POWER - KILO_POWER;
        let ten = 10_i128.checked_pow(power.unsigned_abs());
        let cost = match ten {
            Some(ten) if power < 0 => product / ten,
            Some(ten) => product.saturating_mul(ten),
            None if power < 0 || product == 0 => 0,
            None => i128::MAX,
        };
        i64::try_from(cost).unwrap_or(i64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_is_paid_by_its_rate_in_prepayment_mode_alone() {
        let price = |amount, scale| Amount { amount, scale };
        let mut account = Account::new(1, price(28, -2), Timestamp::UNIX_EPOCH);
        assert_eq!(account.after([1000, 1000]), 0, "in Credit Mode");
        account.prepayment = true;
        assert_eq!(account.after([1000, 500]), -42_000, "28 pence a kilowatt-hour");
        account.prices.rates.push(price(9000, -5));
        assert_eq!(account.after([1000, 500]), -32_500, "28 pence, and 9 at night");
        account.prices.rates = vec![price(1, 127)];
        assert_eq!(account.after([1, 0]), -i64::MAX, "more than a number holds");
    }

    #[test]
    fn what_is_owed_beyond_emergency_credit_is_debt() {
        let account = Account::new(1, Amount { amount: 1, scale: 0 }, Timestamp::UNIX_EPOCH);
        let told = |balance| account.standing(balance);
        assert_eq!((told(10).emergency_credit, told(10).accumulated_debt), (500_000, 0));
        assert_eq!((told(-200_000).emergency_credit, told(-200_000).accumulated_debt), (300_000, 0));
        assert_eq!((told(-600_000).emergency_credit, told(-600_000).accumulated_debt), (0, 100_000));
    }
}
