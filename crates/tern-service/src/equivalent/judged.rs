//! The S1SP's own judgement of a countersigned request: by its signatures, by the device's installation, by the DMVES, and by what its
//! body asks for.
//!
//! It is the same at every start, and is made again when a request is taken up again. Nothing is asked of a device here.

use tern_cohorts::{Conditions, NotInstructed};
use tern_model::Behaviour;
use tern_requests::families::{self, Order, Work};
use tern_requests::machine::RequestKey;
use tern_requests::machine::s1sp::{Event, Plan};
use tern_requests::task::Utrn;
use tern_requests::{Reason, Refusal, Srv, Task, find};
use tern_rules::{Books, dmves};
use tern_wire::Verified;
use tern_wire::duis::{Request, SchemaVersion, open_countersigned};

use super::RequestDesk;
use super::credentials::Replacement;
use super::site::Place;
use crate::fault::ServiceFault;

/// What a request asks for, and of which device.
pub(super) struct Case {
    pub(super) key: RequestKey,
    pub(super) srv: &'static Srv,
    pub(super) place: Place,
    pub(super) behaviours: Vec<Behaviour>,
    pub(super) job: Job,
    /// What the DSP countersigned: the DCO judges it by itself.
    pub(super) document: Vec<u8>,
}

/// What is to be done for a request.
pub(super) enum Job {
    /// A device is to do something.
    Device(Task),
    /// Credentials that the DCC holds for the device are to be replaced.
    Credentials(Replacement),
}

impl Case {
    /// The UTRN that an alert about it bears.
    pub(super) fn utrn(&self) -> Option<&Utrn> {
        self.task().and_then(families::utrn_of)
    }

    /// What a device is to do, where one is.
    pub(super) fn task(&self) -> Option<&Task> {
        match &self.job {
            Job::Device(task) => Some(task),
            Job::Credentials(_) => None,
        }
    }
}

/// A request as the S1SP judges it.
pub(super) struct Judged {
    /// The schema by which it is answered.
    pub(super) version: SchemaVersion,
    /// What it asks for, or why it is not done.
    pub(super) case: Result<Case, Refusal>,
}

impl RequestDesk<'_> {
    /// Judges a request.
    ///
    /// # Errors
    /// The store failed.
    pub(super) fn judged(&self, key: RequestKey, document: Vec<u8>) -> Result<Judged, ServiceFault> {
        let shared = &self.with.shared;
        match open_countersigned(&document, &self.with.trusted.now(), shared.clock.now()) {
            Ok((said, request)) => Ok(Judged { version: said.version, case: self.case(key, &request, document)? }),
            Err(fault) => {
                let refusal = Refusal::new(Reason::Countersignature, fault.to_string());
                Ok(Judged { version: SchemaVersion::V5_1, case: Err(refusal) })
            }
        }
    }

    fn case(
        &self,
        key: RequestKey,
        request: &Verified<Request>,
        document: Vec<u8>,
    ) -> Result<Result<Case, Refusal>, ServiceFault> {
        let device = key.device();
        let refused = |reason, words: String| Ok(Err(Refusal::new(reason, words)));
        let Some(srv) = find(&request.header().service_reference_variant.to_string()) else {
            return refused(Reason::NotProcessed, "there is no such service".to_owned());
        };
        let Some(place) = self.place_of(device)? else {
            return refused(Reason::UnknownToS1sp, format!("{device} is in no installation served here"));
        };
        let behaviours = match self.behaviours(srv.number, &place) {
            Ok(behaviours) => behaviours,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let order = Order { srv, body: request.body(), kind: place.kind, id: key.id };
        let job = match families::plan(&order) {
            Ok(Work::Device(task @ Task::TopUp { .. })) => match self.below_floor(key, &place)? {
                Some(refusal) => return Ok(Err(refusal)),
                None => Job::Device(task),
            },
            Ok(Work::Device(task)) => Job::Device(task),
            Ok(Work::Credentials(change)) => Job::Credentials(self.replacement(change, request)),
            Ok(_) => return refused(Reason::NotProcessed, format!("{} is not processed here", srv.number)),
            Err(refusal) => return Ok(Err(refusal)),
        };
        Ok(Ok(Case { key, srv, place, behaviours, job, document }))
    }

    /// What the DMVES says today of a service on a device (RQ6, RQ8, RQ9), or that its S1SP does not process it there.
    pub(super) fn behaviours(&self, srv: &str, place: &Place) -> Result<Vec<Behaviour>, Refusal> {
        let books = Books { rulebook: &self.with.shared.rulebook, on: self.with.shared.today() };
        let (kind, group) = (place.kind, place.group());
        let behaviours: Vec<_> =
            dmves::variations((kind, group), srv, books).map(|(_, found)| found.behaviour).collect();
        if behaviours.contains(&Behaviour::NotProcessed) {
            let words = format!("the S1SP of {group} does not process {srv} on a {kind}");
            return Err(Refusal::new(Reason::NotProcessed, words));
        }
        Ok(behaviours)
    }

    /// What is planned for a case.
    pub(super) fn planned(&self, case: &Case) -> Event {
        let task = match &case.job {
            Job::Device(task) => task,
            Job::Credentials(replacement) => return replacement.planned(),
        };
        if !task.is_critical() {
            return Event::Planned(Plan::of(task, 0));
        }
        let conditions = Conditions { at: self.with.shared.clock.now(), behaviours: &case.behaviours };
        match case.place.cohort().instructions(task, case.place.who, &conditions) {
            Ok(all) => Event::Planned(Plan::of(task, all.len())),
            Err(not @ NotInstructed::OutOfTolerance) => Event::DeviceRefused(not.to_string()),
            Err(not) => Event::Refused(Refusal::new(Reason::BodyNotKept, not.to_string())),
        }
    }
}
