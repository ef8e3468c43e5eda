//! Who is migrated on a day (PL4, PL11 to PL13).

use std::collections::BTreeMap;

use jiff::civil::Date;
use tern_plan::estate::What;

use super::Naive;
use super::numbers::{covered_from, plus, share, window};

impl Naive<'_> {
    pub(super) fn see_whether_ready(&mut self, at: usize) {
        let (home, today) = (&self.homes[at], self.today);
        let by_notice = home.may_migrate.is_some_and(|earliest| earliest <= today);
        let ready = !home.migrated
            && !home.is_excluded()
            && (by_notice || home.authorised.is_some_and(|since| since < today))
            && covered_from(home.group, self.foc_text) <= today
            && home.not_planned_before.is_none_or(|until| until <= today)
            && home.retry_from.is_none_or(|from| from <= today)
            && home.may_prepare.is_none()
            && !home.preparing
            && home.prepared.is_none_or(|on| on < today)
            && !self.to_configure(at)
            && self.eligible(at);
        if !ready {
            self.homes[at].ready_since = None;
        } else if self.homes[at].ready_since.is_none() {
            self.homes[at].ready_since = Some(today);
            self.say(at, "ready".to_owned());
        }
    }

    /// PL12, PL13.
    pub(super) fn migrate(&mut self) {
        let mut queues: BTreeMap<String, Vec<(bool, Date, usize)>> = BTreeMap::new();
        for at in 0..self.homes.len() {
            if let Some(since) = self.homes[at].ready_since {
                let recent = self.homes[at].recent && self.homes[at].may_migrate.is_some();
                let supplier = self.party(self.supplier(at, 0, self.today));
                queues.entry(supplier).or_default().push((!recent, since, at));
            }
        }
        let capacity = self.assumptions.capacity_a_day.saturating_sub(self.assumptions.reserve_a_day);
        let wanted = |(supplier, queue): (&String, &Vec<_>)| self.wanted(supplier).min(queue.len() as u64);
        let waiting: Vec<u64> = queues.iter().map(wanted).collect();
        let shares = share(u64::from(capacity), u64::from(self.assumptions.dmin_a_day), &waiting);
        for (queue, share) in queues.into_values().zip(shares) {
            let mut queue = queue;
            queue.sort_unstable();
            for (_, _, at) in queue.into_iter().take(share as usize) {
                self.day_of(at);
            }
        }
    }

    /// How many places the supplier wants today, by what it said last.
    fn wanted(&self, of: &str) -> u64 {
        let mut wanted = u64::MAX;
        for event in &self.events[..self.known] {
            if let What::Demand { supplier, wanted: number, from } = event.what
                && self.party(supplier) == of
                && from.max(event.on) <= self.today
            {
                wanted = u64::from(number);
            }
        }
        wanted
    }

    /// Its day has come.
    pub(super) fn day_of(&mut self, at: usize) {
        self.homes[at].ready_since = None;
        let until = plus(self.today, window(self.today, self.foc_text));
        for meter in 0..self.meters(at) {
            if self.homes[at].stays(meter) || self.without_certificate(at, meter) {
                continue;
            }
            let mut within: Vec<_> = self.changes(at, meter).into_iter().collect();
            within.retain(|(_, _, effective)| (self.today..=until).contains(effective));
            within.sort_by_key(|(_, _, effective)| *effective);
            let mut before = self.supplier(at, meter, plus(self.today, -1));
            for (_, supplier, effective) in within {
                if supplier != before {
                    let point = self.estate.meters_of(self.homes[at].of)[meter].point;
                    let to = self.party(supplier);
                    self.say(at, format!("left for {to} at {point} on {effective}"));
                    let home = &mut self.homes[at];
                    home.has_left = true;
                    (home.may_migrate, home.authorised) = (None, None);
                    home.authorisations_from = self.known;
                    home.not_planned_before = Some(effective);
                    home.reason = Some(format!("change on {effective}"));
                    return;
                }
                before = supplier;
            }
        }
        let share = self.party(self.supplier(at, 0, self.today));
        self.say(at, format!("migrated for {share}"));
        for meter in 0..self.meters(at) {
            if !self.homes[at].stays(meter) && self.without_certificate(at, meter) {
                let point = self.estate.meters_of(self.homes[at].of)[meter].point;
                self.say(at, format!("null certificate at {point}"));
            }
        }
        self.homes[at].migrated = true;
    }

    /// PL11.
    pub(super) fn without_certificate(&self, at: usize, meter: usize) -> bool {
        let home = &self.homes[at];
        let wanted = self.supplier(at, meter, self.today);
        home.may_migrate.is_some()
            && !home.own.iter().map(|which| self.events[*which]).any(|event| match event.what {
                What::CertificatesSupplied { supplier, .. } => {
                    supplier == wanted && home.asked_until.is_none_or(|until| event.on <= until)
                }
                _ => false,
            })
    }
}
