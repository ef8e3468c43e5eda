//! 6.15.1 and 6.23: the credentials that the DCC holds for a meter are replaced. No device takes part: the DCO, which holds those of
//! critical requests, replaces them by its own judgement, and the S1SP notes whose they are and from which counter top-ups are taken.
//!
//! The S1SP must never note what the DCO has not done.

use serde::{Deserialize, Serialize};
use tern_model::{DeviceId, PartyId, SetId};
use tern_requests::families::{CredentialsChange, Presented, RemoteParty};
use tern_requests::machine::RequestKey;
use tern_requests::machine::s1sp::{Effect, Event, Plan};
use tern_requests::{Reason, Refusal};
use tern_store::{Batch, Expect, Remove, StoreView};
use tern_wire::Verified;
use tern_wire::duis::{Draft, Request};
use tern_wire::role_link::{DcoReply, DcoRequest};

use super::RequestDesk;
use super::asked::{order, said};
use super::in_hand::InHand;
use super::judged::Case;
use super::site::Place;
use crate::fault::ServiceFault;
use crate::parties::inbox;

/// Kind of [`MeterCredentials`], by device.
const CREDENTIALS: &str = "meter-credentials";

/// What the S1SP notes of a meter's credentials, since they were first replaced here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct MeterCredentials {
    set: SetId,
    supplier: Option<PartyId>,
    network_operator: Option<PartyId>,
    /// No top-up is taken whose counter is not above it.
    top_up_floor: Option<u64>,
    /// By which request, and whose they were before.
    by: RequestKey,
    before: Option<PartyId>,
}

/// Credentials that are to be replaced, by certificates that were looked at.
pub(super) struct Replacement {
    change: CredentialsChange,
    presented: Vec<Presented>,
}

impl RequestDesk<'_> {
    /// Looks at what a request brings.
    pub(super) fn replacement(&self, change: CredentialsChange, request: &Verified<Request>) -> Replacement {
        let (trust, now) = (self.with.trusted.now(), self.with.shared.clock.now());
        let presented = change.presented(request.document().sender(), &trust, now);
        Replacement { change, presented }
    }

    /// Why a top-up is not taken by this meter: its counter is not above the floor.
    pub(super) fn below_floor(&self, key: RequestKey, place: &Place) -> Result<Option<Refusal>, ServiceFault> {
        let held = find(self.with.ledger.view(), place)?;
        let floor = held.and_then(|held| held.top_up_floor).filter(|floor| key.id.counter <= *floor);
        Ok(floor.map(|floor| {
            let words = format!("the counter {} is not above {floor}, below which no top-up is taken", key.id.counter);
            Refusal::new(Reason::Credentials, words)
        }))
    }

    /// Has the credentials count again with which meters came: in a sandbox alone, whose devices go back.
    ///
    /// # Errors
    /// A store failed.
    pub(crate) fn forget_credentials(&self, meters: &[DeviceId]) -> Result<(), ServiceFault> {
        self.with.dco.forget_credentials(meters)?;
        let remove = |meter: &DeviceId| Remove { kind: CREDENTIALS, key: meter.to_string(), generation: None };
        let removes = meters.iter().map(remove).collect();
        Ok(self.with.ledger.commit(Batch { removes, ..Batch::default() })?)
    }

    /// Does what the machine wants next: the DCO replaces, then the S1SP notes it.
    pub(super) fn replaced(
        &self,
        effect: &Effect,
        hand: &mut InHand,
        (case, replacement): (&Case, &Replacement),
    ) -> Result<Event, ServiceFault> {
        if let Effect::Protect { .. } = effect {
            let document = case.document.clone();
            return Ok(match self.with.dco.ask(order(case, DcoRequest::Credentials { document }))? {
                Ok(DcoReply::Done) => Event::Protected,
                Ok(_) => return Err(ServiceFault::Body("the DCO replaced nothing".to_owned())),
                Err(refusal) => Event::DcoSaid(said(refusal)),
            });
        }
        let note = self.note(case, replacement)?;
        hand.commit(&self.with.ledger, [inbox::put(CREDENTIALS, case.place.device.to_string(), Expect::Any, &note)?])?;
        Ok(Event::Obeyed)
    }

    /// What is noted; the very request again leaves what it left.
    fn note(&self, case: &Case, replacement: &Replacement) -> Result<MeterCredentials, ServiceFault> {
        let known = find(self.with.ledger.view(), &case.place)?;
        if let Some(known) = known.as_ref().filter(|known| known.by == case.key) {
            return Ok(known.clone());
        }
        let change = &replacement.change;
        let user = Some(PartyId(case.key.id.originator));
        let (supplier, operator, floor) = match &known {
            Some(known) => (known.supplier, known.network_operator, known.top_up_floor),
            None => (None, None, None),
        };
        let (set, by) = (case.place.found.set, case.key);
        Ok(match change.party {
            RemoteParty::Supplier => MeterCredentials {
                set,
                supplier: user,
                network_operator: operator,
                // The supplier to come counts top-ups by itself.
                top_up_floor: if change.change_of_supplier {
                    change.top_up_floor
                } else {
                    change.top_up_floor.or(floor)
                },
                by,
                before: supplier,
            },
            RemoteParty::NetworkOperator => {
                MeterCredentials { set, supplier, network_operator: user, top_up_floor: floor, by, before: operator }
            }
        })
    }

    /// What is told of a replacement.
    pub(super) fn replacement_told(
        &self,
        case: &Case,
        replacement: &Replacement,
    ) -> Result<Option<Draft>, ServiceFault> {
        let known = find(self.with.ledger.view(), &case.place)?.filter(|known| known.by == case.key);
        let before = known.and_then(|known| known.before);
        Ok(replacement.change.answer(case.srv, case.key.id.counter, &replacement.presented, before))
    }
}

impl Replacement {
    /// What is planned: certificates that are not in order replace nothing, and the answer says so.
    pub(super) fn planned(&self) -> Event {
        match self.presented.iter().find_map(|one| one.found.as_ref().err()) {
            Some((_, words)) => Event::DeviceRefused(words.clone()),
            // To note it again does no harm, and so nothing has to be found out.
            None => Event::Planned(Plan { protected: 1, changes: false, instructions: 1 }),
        }
    }
}

fn find(store: &dyn StoreView, place: &Place) -> Result<Option<MeterCredentials>, ServiceFault> {
    let found = inbox::get::<MeterCredentials>(store, CREDENTIALS, &place.device.to_string())?;
    Ok(found.map(|(found, _)| found).filter(|found| found.set == place.found.set))
}
