//! What is under way between Users and devices, as a sandbox needs to know it when it steps the clock or sets devices back.

use jiff::Timestamp;
use tern_model::DeviceId;
use tern_requests::machine::dsp::Event;

use super::course::Course;
use super::door::Door;
use super::record;
use crate::equivalent::RequestDesk;
use crate::fault::ServiceFault;
use crate::sandbox::UnderWay;

/// The requests at DSP and S1SP.
pub(super) struct Requests<'a> {
    pub(super) door: &'a Door<'a>,
    pub(super) s1sp: &'a RequestDesk<'a>,
}

impl UnderWay for Requests<'_> {
    fn next_due(&self, after: Timestamp) -> Result<Option<Timestamp>, ServiceFault> {
        record::next_due(self.door.ledger.view(), after)
    }

    fn is_at_rest(&self) -> Result<bool, ServiceFault> {
        let due = record::due(self.door.ledger.view(), (None, self.door.clock.now()), 1)?;
        Ok(due.is_empty() && self.s1sp.under_way()?.is_empty())
    }

    fn is_asked(&self, device: DeviceId) -> Result<bool, ServiceFault> {
        Ok(self.s1sp.under_way()?.contains(&device))
    }

    fn forget_credentials(&self, devices: &[DeviceId]) -> Result<(), ServiceFault> {
        self.s1sp.forget_credentials(devices)
    }

    fn end_held(&self, device: DeviceId) -> Result<usize, ServiceFault> {
        let (ledger, mut ended) = (self.door.ledger, 0);
        for key in record::held_for(ledger.view(), device)? {
            while let Some(mut held) = Course::find(ledger.view(), key)? {
                if held.on(Event::TakenBack, self.door.clock.now(), &self.door.rules)?.is_none() {
                    break;
                }
                if held.commit(ledger)? {
                    ended += 1;
                    break;
                }
            }
        }
        Ok(ended)
    }
}
