//! One operation on a device's keys at a time, whoever asks for it, over whichever connection, and after a crash too.
//!
//! What replaces a master key leaves the DCO as one request, of which nobody but the device can say what became. Until the
//! device has spoken again under one of its master keys the replacement is under way, and nothing else is begun with its
//! keys: the package says so, durably before the request leaves. The very same order again is the same operation, for an
//! answer may be lost between S1SP and DCO. Whatever else is done with keys is over when it is answered.

use tern_wire::role_link::{DcoOrder, LinkRefusal, MasterKeyOf};

use super::Desk;
use crate::fault::DcoFault;
use crate::refusal::Refused;

impl Desk<'_> {
    /// Whether an operation on a device's keys may begin: a replacement of the master key that it holds, or another one.
    /// Answers with the newest answer of the device so far.
    pub(super) fn may_begin(
        &mut self,
        order: &DcoOrder,
        replaces: Option<MasterKeyOf>,
    ) -> Result<Result<u32, LinkRefusal>, DcoFault> {
        let elsewhere = self.elsewhere(order)?;
        let package = &self.held(order)?.package;
        let heard = package.highest_counters().1.max(elsewhere.heard);
        let another = package.replacing.filter(|here| Some(here.under) != replaces).max(elsewhere.replacing);
        Ok(match another {
            Some(another) if another.heard >= heard => Err(Refused::OneOperation
                .because("the device has not said yet what became of an earlier operation on its keys")),
            _ => Ok(heard),
        })
    }
}
