//! What the S1SP tells of a request, under its signature: the device's answer, or an alert in its place.

use tern_model::{Behaviour, DeviceId};
use tern_requests::codes::Told;
use tern_requests::families::{self, Said};
use tern_requests::machine::RequestKey;
use tern_requests::machine::s1sp::Outcome;
use tern_requests::task::Utrn;
use tern_requests::{Reason, Refusal, TaskAnswer};
use tern_wire::duis::{self, S1spAlert, SchemaVersion, Smets1Response};

use super::RequestDesk;
use super::judged::{Case, Job, Judged};
use crate::fault::ServiceFault;

impl RequestDesk<'_> {
    /// The signed word on a request that ended so.
    ///
    /// # Errors
    /// It cannot be written.
    pub(super) fn told(
        &self,
        (key, judged): (RequestKey, &Judged),
        outcome: &Outcome,
        answer: Option<&TaskAnswer>,
    ) -> Result<String, ServiceFault> {
        let utrn = judged.case.as_ref().ok().and_then(|case| case.utrn());
        let alert = |refusal: &Refusal| self.alert((key, key.device()), (refusal, utrn), judged.version);
        let (case, said) = match (&judged.case, outcome) {
            (Err(refusal), _) | (_, Outcome::Alert(refusal)) => return alert(refusal),
            (Ok(case), Outcome::Done) => (case, Said::Obeyed(answer.unwrap_or(&TaskAnswer::Done))),
            (Ok(case), Outcome::NotDone) => (case, Said::Refused),
        };
        let Case { srv, behaviours, place, .. } = case;
        if behaviours.contains(&Behaviour::AlertInsteadOfResponse) {
            return alert(&Refusal::new(Reason::AlertInstead, format!("{} was carried out", srv.number)));
        }
        if let Some(refusal) = case.task().and_then(|task| families::told_by_alert(task, said)) {
            return alert(&refusal);
        }
        let draft = match &case.job {
            Job::Device(_) => families::answer(srv, place.kind, said),
            Job::Credentials(replacement) => self.replacement_told(case, replacement)?,
        };
        let Some(draft) = draft else {
            return alert(&Refusal::new(Reason::NotProcessed, format!("{} has no answer of its own", srv.number)));
        };
        let response = Smets1Response {
            originator: key.id.target,
            target: key.id.originator,
            counter: key.id.counter,
            service: srv.number.parse().ok(),
            at: Some(self.with.shared.clock.now()),
            body: Smets1Response::data(draft),
        };
        let written = duis::smets1_response(&response, judged.version, &self.with.signer);
        written.map_err(|why| ServiceFault::Body(format!("the answer to {key} cannot be written: {why}")))
    }

    /// A signed alert in place of an answer; of a top-up with its UTRN.
    pub(super) fn alert(
        &self,
        (key, device): (RequestKey, DeviceId),
        (refusal, utrn): (&Refusal, Option<&Utrn>),
        version: SchemaVersion,
    ) -> Result<String, ServiceFault> {
        let code = match self.with.codes.of(refusal.reason) {
            Told::S1spAlert(code) => code,
            Told::Response(code) => code.to_string(),
        };
        let alert = S1spAlert {
            request_id: Some(key.id),
            device: Some(device),
            code,
            information: Some(refusal.text.clone()),
            utrn: utrn.map(|utrn| utrn.as_str().to_owned()),
            at: self.with.shared.clock.now(),
        };
        let written = duis::alert_of_s1sp(&alert, version, &self.with.signer);
        written.map_err(|why| ServiceFault::Body(format!("an alert cannot be written: {why}")))
    }
}
