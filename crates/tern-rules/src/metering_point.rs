//! Where the MPxNs of files and of Registration Data are compared: the one place that knows how a group's are (CH4).
//!
//! This module must never say a verdict: P-mprn-leading-zeros says of a number that it cannot be compared.

use std::borrow::Cow;

use jiff::civil::Date;
use tern_model::facts::{Facts, Registration};
use tern_model::{Fuel, GroupId, Mpxn};

use crate::project::mprn_leading_zeros;
use crate::rulebook::Books;

/// The MPRN is 0, or has too many digits, where MPRNs are compared without their leading zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotComparable;

/// All that Registration Data says of one metering point, in order of effective day.
#[derive(Debug, Clone)]
pub struct Registrations<'f>(Vec<&'f Registration>);

impl<'f> Registrations<'f> {
    /// Every registration, in order of effective day.
    #[must_use]
    pub fn all(&self) -> &[&'f Registration] {
        &self.0
    }

    /// The registration in force on a day.
    #[must_use]
    pub fn on(&self, day: Date) -> Option<&'f Registration> {
        self.0.iter().rev().find(|one| one.effective_from <= day).copied()
    }
}

impl Books<'_> {
    /// What Registration Data says of a metering point that a set of the group names.
    ///
    /// The facts must hold what is recorded under every spelling of the number ([`Mpxn::spellings`]).
    ///
    /// # Errors
    /// The number cannot be compared with any other.
    pub fn registrations<'f>(
        self,
        group: Option<GroupId>,
        (fuel, mpxn): (Fuel, &Mpxn),
        facts: &'f Facts,
    ) -> Result<Registrations<'f>, NotComparable> {
        if !self.leading_zeros_count_not(group, fuel) {
            return Ok(Registrations(facts.registrations(fuel, mpxn).iter().collect()));
        }
        let number = mpxn.in_ten_digits().ok_or(NotComparable)?;
        let spellings = number.spellings();
        let mut found: Vec<_> = spellings.flat_map(|spelling| facts.registrations(fuel, &spelling)).collect();
        found.sort_by_key(|one| one.effective_from);
        Ok(Registrations(found))
    }

    /// The number of which length and check digits are judged: as it stands, or with ten digits.
    pub(crate) fn written_out<'m>(
        self,
        group: Option<GroupId>,
        (fuel, mpxn): (Fuel, &'m Mpxn),
    ) -> Result<Cow<'m, Mpxn>, NotComparable> {
        if !self.leading_zeros_count_not(group, fuel) {
            return Ok(Cow::Borrowed(mpxn));
        }
        mpxn.in_ten_digits().map(Cow::Owned).ok_or(NotComparable)
    }

    fn leading_zeros_count_not(self, group: Option<GroupId>, fuel: Fuel) -> bool {
        let rule = &mprn_leading_zeros::RULE;
        let bound = fuel == Fuel::Gas && group.is_some_and(|group| rule.groups.bind(group));
        bound && self.text_of(rule, group).is_some()
    }
}
