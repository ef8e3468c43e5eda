//! How the installations of a set ended: listed one after the other from what the parties keep, and counted.
//!
//! Nothing here holds a set: a listing goes through the stores in pages, a count keeps no more than kinds and reasons.

use std::collections::BTreeMap;
use std::iter::Peekable;

use serde::Serialize;
use tern_model::{ChfIdentifier, Outcome, OutcomeKind, SetId};
use tern_store::StoreView;

use crate::executor::standing::STANDING;
use crate::fault::ServiceFault;
use crate::parties::history::{self, REFUSED};
use crate::parties::of_set::{self, OfSet};

/// That the DSP said Invalid.
pub(crate) const REPEATED: &str = "P-validated";

type Heads<'a, T> = Peekable<OfSet<'a, T>>;

/// How every installation of a set ended, from what each judge refused and what the S1SP ran; none while it is open. In the
/// order of their CHFIdentifiers; those that no party has spoken of yet are not among them.
pub struct Results<'a> {
    refused: Vec<Heads<'a, Vec<String>>>,
    standing: Option<Heads<'a, Option<Outcome>>>,
}

impl<'a> Results<'a> {
    pub(crate) fn new(judges: &[&'a dyn StoreView], s1sp: Option<&'a dyn StoreView>, set: SetId) -> Results<'a> {
        let judged = judges.iter().filter(|judge| history::has_judged(**judge, set));
        Results {
            refused: judged.map(|judge| OfSet::new(*judge, REFUSED, Some(set)).peekable()).collect(),
            standing: s1sp.map(|store| OfSet::new(store, STANDING, Some(set)).peekable()),
        }
    }

    fn take(&mut self) -> Result<Option<(ChfIdentifier, Option<Outcome>)>, ServiceFault> {
        let mut heads = self.refused.iter_mut().map(head).collect::<Result<Vec<_>, _>>()?;
        heads.extend(self.standing.as_mut().map(head).transpose()?);
        let Some(chf) = heads.into_iter().flatten().min() else { return Ok(None) };
        let mut refused = None;
        for judge in &mut self.refused {
            refused = joined(refused, at(judge, chf)?);
        }
        let standing = self.standing.as_mut().map(|s1sp| at(s1sp, chf)).transpose()?.flatten();
        Ok(Some((chf, standing.unwrap_or_else(|| refused.map(|clauses| Outcome::Refused { clauses })))))
    }
}

impl Iterator for Results<'_> {
    type Item = Listed;

    fn next(&mut self) -> Option<Self::Item> {
        self.take().transpose()
    }
}

/// How one installation of a set ended; none where no party has spoken of it.
pub(crate) fn of_one(
    judges: &[&dyn StoreView],
    s1sp: Option<&dyn StoreView>,
    (set, chf): (SetId, ChfIdentifier),
) -> Result<Option<Option<Outcome>>, ServiceFault> {
    if let Some(standing) = s1sp.map(|store| of_set::get(store, STANDING, set, chf)).transpose()?.flatten() {
        return Ok(Some(standing));
    }
    let mut refused = None;
    for judge in judges.iter().filter(|judge| history::has_judged(**judge, set)) {
        refused = joined(refused, of_set::get(*judge, REFUSED, set, chf)?);
    }
    Ok(refused.map(|clauses| Some(Outcome::Refused { clauses })))
}

/// The clauses of one judge with those of the judges before it. That the DSP said Invalid is no reason of its own.
fn joined(before: Option<Vec<String>>, own: Option<Vec<String>>) -> Option<Vec<String>> {
    match (before, own) {
        (Some(mut known), Some(mut clauses)) => {
            clauses.retain(|c| !known.contains(c) && c != REPEATED);
            known.append(&mut clauses);
            Some(known)
        }
        (before, own) => before.or(own),
    }
}

/// The installation that a listing speaks of next.
fn head<T: serde::de::DeserializeOwned>(list: &mut Heads<'_, T>) -> Result<Option<ChfIdentifier>, ServiceFault> {
    match list.peek() {
        None => Ok(None),
        Some(Ok((_, chf, _))) => Ok(Some(*chf)),
        Some(Err(_)) => list.next().transpose().map(|_| None),
    }
}

/// What a listing says of an installation, where it speaks of it next.
fn at<T: serde::de::DeserializeOwned>(list: &mut Heads<'_, T>, chf: ChfIdentifier) -> Result<Option<T>, ServiceFault> {
    let next = list.next_if(|next| next.as_ref().map_or(true, |(_, at, _)| *at == chf));
    Ok(next.transpose()?.map(|(.., value)| value))
}

/// Installations that ended alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// How they ended; none where they are open.
    pub outcome: Option<OutcomeKind>,
    /// How many.
    pub installations: usize,
    /// Clauses and codes behind it, most frequent first.
    pub why: Vec<Why>,
}

/// A clause or code, and how often it stands behind an outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Why {
    /// For example `5.10.10` or `B2`.
    pub clause: String,
    /// How often.
    pub installations: usize,
}

/// The installations of all sets that were counted so far, each once: 8 bytes for each.
#[derive(Debug, Default)]
pub struct Comings(Vec<ChfIdentifier>);

impl Comings {
    /// Counts a listing as [`Tallying::of`] does; and how many of its installations came in a set that was counted before.
    ///
    /// # Errors
    /// A store cannot be read.
    pub fn count(
        &mut self,
        results: impl Iterator<Item = Listed>,
        installations: usize,
    ) -> Result<(Tallying, usize), ServiceFault> {
        let (known, mut again) = (self.0.len(), 0);
        let listed = results.map(|result| {
            let (chf, outcome) = result?;
            again += usize::from(self.0[..known].binary_search(&chf).is_ok());
            self.0.push(chf);
            Ok((chf, outcome))
        });
        let tallying = Tallying::of(listed, installations)?;
        self.0.sort();
        self.0.dedup();
        Ok((tallying, again))
    }
}

/// One line of a listing: an installation, and how it ended.
pub(crate) type Listed = Result<(ChfIdentifier, Option<Outcome>), ServiceFault>;

/// Counts how installations ended.
#[derive(Debug, Clone, Default)]
pub struct Tallying(BTreeMap<Option<OutcomeKind>, (usize, BTreeMap<String, usize>)>);

impl Tallying {
    /// Counts a listing of a set that holds so many installations: those that nobody has spoken of are open.
    ///
    /// # Errors
    /// A store cannot be read.
    pub fn of(results: impl Iterator<Item = Listed>, installations: usize) -> Result<Tallying, ServiceFault> {
        let mut tallying = Tallying::default();
        for result in results {
            tallying.add(result?.1.as_ref());
        }
        tallying.open(installations.saturating_sub(tallying.count()));
        Ok(tallying)
    }

    /// One more that ended so, or is open.
    pub fn add(&mut self, outcome: Option<&Outcome>) {
        let entry = self.0.entry(outcome.map(Outcome::kind)).or_default();
        entry.0 += 1;
        for why in outcome.map(reasons).unwrap_or_default() {
            *entry.1.entry(why).or_default() += 1;
        }
    }

    /// So many more that are open.
    pub fn open(&mut self, count: usize) {
        if count > 0 {
            self.0.entry(None).or_default().0 += count;
        }
    }

    /// What another counted, beside.
    pub fn append(&mut self, other: &Tallying) {
        for (kind, (count, why)) in &other.0 {
            let entry = self.0.entry(*kind).or_default();
            entry.0 += count;
            for (name, count) in why {
                *entry.1.entry(name.clone()).or_default() += count;
            }
        }
    }

    /// All that were counted.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.values().map(|(count, _)| count).sum()
    }

    /// Those that ended so; open ones for none.
    #[must_use]
    pub fn count_of(&self, kind: Option<OutcomeKind>) -> usize {
        self.0.get(&kind).map_or(0, |(count, _)| *count)
    }

    /// Commissioned, refused, rolled back and stuck always, others where there are any.
    #[must_use]
    pub fn rows(&self) -> Vec<Tally> {
        let rare = [Some(OutcomeKind::Closed), None];
        let kinds = OutcomeKind::ALL.into_iter().map(Some).chain([None]);
        let sorted = |why: &BTreeMap<String, usize>| {
            let told = |(name, count): (&String, &usize)| Why { clause: name.clone(), installations: *count };
            let mut why: Vec<_> = why.iter().map(told).collect();
            why.sort_by_key(|why| (std::cmp::Reverse(why.installations), why.clause.clone()));
            why
        };
        kinds
            .filter_map(|kind| match self.0.get(&kind) {
                Some((count, why)) => Some(Tally { outcome: kind, installations: *count, why: sorted(why) }),
                None if rare.contains(&kind) => None,
                None => Some(Tally { outcome: kind, installations: 0, why: Vec::new() }),
            })
            .collect()
    }
}

/// The clauses or codes behind an outcome.
#[must_use]
pub fn reasons(outcome: &Outcome) -> Vec<String> {
    match outcome {
        Outcome::Commissioned { gas: tern_model::GasOutcome::LeftBehind } => vec!["GT01".to_owned()],
        Outcome::Commissioned { .. } | Outcome::Closed { .. } => Vec::new(),
        Outcome::Refused { clauses } => clauses.clone(),
        Outcome::RolledBack { code } | Outcome::Stuck { code } => vec![code.clone()],
    }
}

#[cfg(test)]
mod tests {
    use tern_model::{Eui64, GasOutcome, GroupId, PartyId, Role};
    use tern_store::{Batch, Expect, Put, SqliteStore, Store};

    use super::*;

    const SET: SetId = SetId { requesting_party: PartyId(Eui64(7)), group: GroupId::EA, counter: 1 };

    fn chf(n: u64) -> ChfIdentifier {
        ChfIdentifier(Eui64(n))
    }

    fn refused(n: u64, clauses: &[&str]) -> Put {
        of_set::put(REFUSED, SET, chf(n), &clauses).expect("a put")
    }

    fn stands(n: u64, outcome: Option<Outcome>) -> Put {
        of_set::put(STANDING, SET, chf(n), &outcome).expect("a put")
    }

    #[test]
    fn listings_of_all_parties_are_one_listing_and_a_look_at_one_says_the_same() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = |role: Role, puts: Vec<Put>| {
            let mut store = SqliteStore::open(&folder.path().join(role.as_str()), role).expect("a store");
            let judged = Put {
                kind: history::SET,
                key: SET.to_string(),
                expect: Expect::Absent,
                version: 2,
                body: b"not read here".to_vec(),
            };
            let puts = puts.into_iter().chain([judged]).collect();
            store.commit(&Batch { puts, ..Batch::default() }).expect("durable");
            store
        };
        let unfinished = SqliteStore::open(&folder.path().join("unfinished"), Role::Dco);
        let mut unfinished = unfinished.expect("a store");
        unfinished.commit(&Batch { puts: vec![refused(5, &["15.7"])], ..Batch::default() }).expect("durable");
        let commissioned = Outcome::Commissioned { gas: GasOutcome::None };
        let dsp = store(Role::Dsp, vec![refused(1, &["5.10.10"]), refused(9, &["MA110", "5.1(c)"])]);
        let s1sp = store(
            Role::S1sp,
            vec![
                refused(1, &["P-validated"]),
                refused(4, &["15.8"]),
                stands(2, None),
                stands(3, Some(commissioned.clone())),
            ],
        );
        let dco = store(Role::Dco, vec![refused(1, &["P-validated"]), refused(4, &["15.8", "15.7"])]);
        let judges: [&dyn StoreView; 4] = [&dsp, &s1sp, &dco, &unfinished];
        let says = |clauses: &[&str]| Some(Outcome::Refused { clauses: clauses.iter().map(|c| (*c).into()).collect() });
        let expected = [
            (chf(1), says(&["5.10.10"])),
            (chf(2), None),
            (chf(3), Some(commissioned)),
            (chf(4), says(&["15.8", "15.7"])),
            (chf(9), says(&["MA110", "5.1(c)"])),
        ];
        let listed: Vec<_> = Results::new(&judges, Some(&s1sp), SET).map(|r| r.expect("a result")).collect();
        assert_eq!(listed, expected);
        for (chf, outcome) in expected {
            let one = of_one(&judges, Some(&s1sp), (SET, chf)).expect("reads");
            assert_eq!(one, Some(outcome), "{chf}");
        }
        assert_eq!(of_one(&judges, Some(&s1sp), (SET, chf(5))).expect("reads"), None);

        let counted = Tallying::of(Results::new(&judges, Some(&s1sp), SET), 7).expect("reads");
        assert_eq!((counted.count(), counted.count_of(None)), (7, 3), "two that nobody has spoken of are open too");
        assert_eq!(counted.count_of(Some(OutcomeKind::Refused)), 3);

        let mut comings = Comings::default();
        let mut again = || comings.count(Results::new(&judges, Some(&s1sp), SET), 7).expect("reads");
        assert_eq!([again().1, again().1], [0, 5], "each of the five that were spoken of comes again");
        assert_eq!(again().0.count(), 7);
    }
}
