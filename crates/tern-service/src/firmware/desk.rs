//! The S1SP's work on firmware: what it keeps, which numbers it gives away, and what a device's word means.

use std::sync::Arc;

use tern_cohorts::{Firmware, FirmwareError, FirmwareStage, Keys, Recipient, Site};
use tern_model::{DeviceId, KnownAssociations};
use tern_store::{AuditEntry, Batch, Expect, Seal, Store};

use super::record::{FirmwareRecord, Standing};
use super::target::Target;
use super::way::Way;
use crate::clock::Clock;
use crate::executor::{Numbers, count_on};
use crate::fault::ServiceFault;
use crate::lanes::{ObeyDco, ObeyDsp};

/// The S1SP, with the parties that it asks.
pub struct FirmwareDesk<'a> {
    pub(crate) store: &'a mut dyn Store,
    pub(crate) seal: &'a Seal,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) way: Way<'a>,
    pub(crate) dco: ObeyDco<'a>,
    pub(crate) dsp: ObeyDsp<'a>,
    pub(crate) associations: KnownAssociations,
    /// So often in a row a conversation may come to nothing.
    pub(crate) attempts: u32,
}

/// How what was asked for ended, with what is kept of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// How the image stands.
    pub record: FirmwareRecord,
    /// How it came to that.
    pub end: End,
}

/// How a piece of work on firmware ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// As it should.
    Done,
    /// It was asked to stop. The same again goes on.
    Interrupted,
    /// The line was lost again and again without anything getting on. The same again goes on.
    LineLost,
    /// A party or the device refuses.
    Refused {
        /// The number under which, where there is one.
        code: String,
        /// In words.
        why: String,
    },
}

/// What remains of the numbers for requests beside the blocks, once a conversation.
const NUMBERS_BESIDE: u32 = 32;
/// The least block that is reckoned with before a device told its own, in bytes.
const BLOCK_LEAST_BYTES: u32 = 64;

impl FirmwareDesk<'_> {
    /// The device, its keys, and what is kept of its firmware.
    pub(super) fn open(&mut self, device: DeviceId) -> Result<(Target, Keys, Option<FirmwareRecord>), ServiceFault> {
        let mut target = Target::find(&*self.store, &self.associations, device)?;
        let installation = &mut target.installation;
        count_on(&*self.store, installation)?;
        let keys = installation.keys.open(self.seal, &installation.plan)?;
        let kept = FirmwareRecord::find(&*self.store, device)?.filter(|kept| kept.set == installation.plan.set);
        Ok((target, keys, kept))
    }

    /// Makes a record durable, with a line of audit where something happened.
    pub(super) fn keep(&mut self, record: &mut FirmwareRecord, audit: Option<&str>) -> Result<(), ServiceFault> {
        record.updated = self.clock.now();
        let batch = Batch { puts: vec![record.put()?], audit: line(record, audit), ..Batch::default() };
        Ok(self.store.commit(&batch)?)
    }

    /// Asks of the installation's devices, under so many numbers, which are given away before.
    pub(super) fn ask<T>(
        &mut self,
        (target, keys): (&mut Target, &Keys),
        numbers: u32,
        body: impl FnOnce(&mut Site<'_>) -> T,
    ) -> Result<T, ServiceFault> {
        let given = self.reserve(target, numbers)?;
        Ok(self.way.at((target, keys), given, &Arc::default(), body))
    }

    /// Gives numbers away; durable when this returns. An ESME's associations use invocation counters, and what is signed for
    /// others transactions: a few even where only a question is asked.
    pub(super) fn reserve(&mut self, target: &mut Target, numbers: u32) -> Result<Numbers, ServiceFault> {
        let installation = &mut target.installation;
        let given = match target.to {
            Recipient::Esme(_) if numbers == 0 => return Ok(Numbers::NONE),
            Recipient::Esme(_) => {
                installation.reserve_invocations(numbers).map(|invocations| Numbers { invocations, ..Numbers::NONE })
            }
            Recipient::Hub | Recipient::Gsme | Recipient::Ppmid { .. } => installation
                .reserve_transactions(numbers.max(NUMBERS_BESIDE).into())
                .map(|transactions| Numbers { transactions, ..Numbers::NONE }),
        };
        let Some(given) = given else {
            return Err(ServiceFault::Refused {
                what: format!("the numbers of {} are used up", target.device),
                suggestion: "an ESME's association keys must be replaced, or the hub".to_owned(),
            });
        };
        let put = target.installation.put(Expect::Generation(target.generation))?;
        self.store.commit(&Batch { puts: vec![put], ..Batch::default() })?;
        target.generation += 1;
        Ok(given)
    }

    /// What a device says of its image now.
    pub(super) fn heard(
        &mut self,
        (target, keys): (&mut Target, &Keys),
        record: &FirmwareRecord,
    ) -> Result<Result<FirmwareStage, FirmwareError>, ServiceFault> {
        let (cohort, to) = (tern_cohorts::cohort(record.set.group), target.to);
        let firmware = firmware_of(record, &[]);
        let mut last = Err(FirmwareError::Lost);
        for _ in 0..self.attempts.max(1) {
            last = self.ask((target, keys), 0, |site| cohort.probe_firmware(&firmware, to, site))?;
            if self.way.is_to_stop() || !matches!(&last, Err(error) if error.may_pass()) {
                break;
            }
        }
        Ok(last)
    }
}

/// So many numbers does the rest of an image need.
pub(super) fn numbers_for(record: &FirmwareRecord) -> u32 {
    let blocks = if record.blocks == 0 { record.size.div_ceil(BLOCK_LEAST_BYTES) } else { record.blocks };
    blocks.saturating_sub(record.blocks_there).saturating_add(NUMBERS_BESIDE)
}

/// An image as an adapter takes it, with these bytes.
pub(super) fn firmware_of<'r>(record: &'r FirmwareRecord, image: &'r [u8]) -> Firmware<'r> {
    Firmware {
        identifier: record.identifier.as_bytes(),
        image,
        size: record.size,
        digest: record.digest,
        begun: record.begun,
    }
}

/// The audit's line of what happened, if anything did.
fn line(record: &FirmwareRecord, happened: Option<&str>) -> Vec<AuditEntry> {
    let entry = |action: &str| AuditEntry {
        at: record.updated,
        actor: "S1SP".to_owned(),
        action: action.to_owned(),
        subject: record.device.to_string(),
        evidence: format!("{}, {} bytes, SHA-256 {}", record.identifier, record.size, record.digest),
    };
    happened.into_iter().map(entry).collect()
}

/// What a device's stage makes of a record that it is asked about after its image was sent.
pub(super) fn note(record: &mut FirmwareRecord, stage: FirmwareStage) {
    match stage {
        FirmwareStage::Blocks { there, of } => {
            (record.blocks_there, record.blocks, record.standing) = (there, of, Standing::Sending);
        }
        FirmwareStage::Verifying => record.standing = Standing::Verifying,
        FirmwareStage::Verified => record.standing = Standing::Verified,
        FirmwareStage::Activating => record.standing = Standing::Activating,
        FirmwareStage::Activated => {}
    }
}
