//! How a day's capacity is shared among suppliers (PL13, the Migration Scaling Methodology): a flat allocation for each, then
//! the rest in proportion to what is still unmet (P: the formula of the methodology is not published).
//!
//! This module must never know an installation: it is handed numbers and hands back numbers.

use tern_model::PartyId;

/// What one supplier's installations want of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Demand {
    /// The supplier.
    pub supplier: PartyId,
    /// Installations that could migrate on the day.
    pub waiting: u32,
    /// Installations that hold a place on the day already; they count against the flat allocation.
    pub held: u32,
}

/// How many of those that wait may migrate, in the order of the demands.
///
/// `capacity` is what is left of the day. First every supplier has its flat allocation of `dmin`, or as much of it as it wants;
/// where capacity does not reach for that, it is shared in proportion to the flat allocations. What is left goes in proportion
/// to unmet demand. Fractions go by the largest remainder, and of equal ones by the lower supplier ID (P).
#[must_use]
pub fn allot(capacity: u32, dmin: u32, demands: &[Demand]) -> Vec<u32> {
    let flat: Vec<u32> = demands.iter().map(|d| d.waiting.min(dmin.saturating_sub(d.held))).collect();
    let asked: u64 = flat.iter().map(|n| u64::from(*n)).sum();
    if asked >= u64::from(capacity) {
        return proportional(capacity, &flat, demands);
    }
    let unmet: Vec<u32> = demands.iter().zip(&flat).map(|(demand, flat)| demand.waiting - flat).collect();
    let left = u64::from(capacity) - asked;
    let rest = proportional(u32::try_from(left).unwrap_or(capacity), &unmet, demands);
    flat.iter().zip(rest).map(|(flat, more)| flat + more).collect()
}

/// Shares `amount`, or as much of it as is wanted, in proportion to what each wants; nobody gets more than that.
fn proportional(amount: u32, wanted: &[u32], demands: &[Demand]) -> Vec<u32> {
    let all: u64 = wanted.iter().map(|n| u64::from(*n)).sum();
    if all <= u64::from(amount) {
        return wanted.to_vec();
    }
    let exact = |n: &u32| u64::from(*n) * u64::from(amount);
    let mut shares: Vec<u32> = wanted.iter().map(|n| u32::try_from(exact(n) / all).unwrap_or(*n)).collect();
    let given: u32 = shares.iter().sum();
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by_key(|&at| (std::cmp::Reverse(exact(&wanted[at]) % all), demands[at].supplier));
    for &at in order.iter().take((amount - given) as usize) {
        shares[at] += 1;
    }
    shares
}

#[cfg(test)]
mod tests {
    use tern_model::Eui64;

    use super::*;

    #[track_caller]
    fn check(capacity: u32, waiting: &[u32], expect: &[u32]) {
        let demand = |(at, waiting): (usize, &u32)| Demand { supplier: party(at), waiting: *waiting, held: 0 };
        let demands: Vec<Demand> = waiting.iter().enumerate().map(demand).collect();
        assert_eq!(allot(capacity, 100, &demands), expect, "{capacity} among {waiting:?}");
    }

    fn party(at: usize) -> PartyId {
        PartyId(Eui64(at as u64))
    }

    #[test]
    fn each_has_its_flat_allocation_and_the_rest_goes_by_unmet_demand() {
        check(1_000, &[50, 300, 2_100], &[50, 168, 782]);
        check(1_000, &[50, 300], &[50, 300]);
        check(0, &[50, 300], &[0, 0]);
        check(1_000, &[], &[]);
    }

    #[test]
    fn where_capacity_is_short_of_the_flat_allocations_they_shrink_alike() {
        check(100, &[100, 300, 200], &[34, 33, 33]);
        check(100, &[20, 100, 100], &[9, 46, 45]);
    }

    #[test]
    fn whoever_holds_places_already_has_less_of_the_flat_allocation() {
        let demands = [
            Demand { supplier: party(1), waiting: 500, held: 90 },
            Demand { supplier: party(2), waiting: 500, held: 0 },
        ];
        assert_eq!(allot(110, 100, &demands), [10, 100]);
    }

    #[test]
    fn nobody_gets_more_than_it_wants_and_nothing_is_left_that_anybody_wants() {
        for seed in 0..2_000u64 {
            let number = |at: u64| u32::try_from(seed.wrapping_mul(at * 2 + 7_919) % 1_013).unwrap_or(0);
            let demands: Vec<Demand> = (0..seed % 9)
                .map(|at| Demand { supplier: party(at as usize), waiting: number(at), held: number(at + 40) % 130 })
                .collect();
            let capacity = number(99) * 3;
            let shares = allot(capacity, 100, &demands);
            assert!(shares.iter().zip(&demands).all(|(share, demand)| *share <= demand.waiting), "{demands:?}");
            let wanted: u32 = demands.iter().map(|demand| demand.waiting).sum();
            assert_eq!(shares.iter().sum::<u32>(), wanted.min(capacity), "{demands:?}");
        }
    }
}
