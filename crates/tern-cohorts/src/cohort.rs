//! The one trait that a cohort's folder implements.

use tern_flow::{EffectKind, Event, Failure, Step};
use tern_model::{ApplicationAssociation, DeviceKind, DeviceModel};
use tern_requests::{Task, TaskAnswer};
use tern_wire::role_link::{DcoReply, DcoRequest, InventoryReply, InventoryRequest, LinkRefusal};

use crate::device::{DeviceError, Reply, Row};
use crate::{
    Addressee, Case, Conditions, Firmware, FirmwareError, FirmwareStage, Memory, NotInstructed, Recipient, Site,
};

/// What carrying out one effect asks, and of whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// Of a device.
    Device(Row),
    /// Of the DCO.
    Dco(DcoRequest),
    /// Of the DSP.
    Dsp(InventoryRequest),
}

/// What came back. A lost answer is no answer: the executor tells the machine itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// From a device.
    Device(Result<Reply, DeviceError>),
    /// From the DCO.
    Dco(Result<DcoReply, LinkRefusal>),
    /// From the DSP.
    Dsp(Result<InventoryReply, LinkRefusal>),
}

/// One effect of the machine, as the cohort needs to know it.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// Do, undo or probe.
    pub kind: EffectKind,
    /// Index into [`Cohort::steps`].
    pub at: usize,
    /// So many answers came before in this effect's conversation.
    pub turn: u8,
}

/// What an answer leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// The effect is answered.
    Event(Event),
    /// The effect is a conversation, and this is asked next. What is in between is lost with a crash, and the effect is probed
    /// as ever; once something may have been altered, only a believed answer says that it was not.
    Next(Order),
}

/// What comes of the question how far an installation's devices are counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Counted {
    /// It is known: the effect is asked.
    Known,
    /// It is not known: the effect is asked by what was known before, and the question again with the next one.
    Unknown,
    /// The effect must not be asked, and this is what became of it.
    Ended(Event),
}

/// A cohort's migration: its steps, and what each means to devices, DCO and DSP.
pub trait Cohort: Sync {
    /// The steps in their order; data for the machine.
    fn steps(&self) -> &'static [Step];

    /// What its devices open to the DCC, by their kind, where nothing is configured of their model (Table B1).
    fn associations(&self) -> &'static [(DeviceKind, &'static [ApplicationAssociation])];

    /// What is asked before the first orders of an installation that was taken up, again or for the first time: how far its
    /// devices were counted meanwhile. None where an order does not depend on it.
    fn count(&self, before: &Order) -> Option<Order>;

    /// What the answer to [`Cohort::count`], if any came, leaves in `memory`, and what comes of it.
    fn counted(&self, asked: Asked, answer: Option<Answer>, memory: &mut Memory) -> Counted;

    /// What to ask for an effect.
    ///
    /// # Errors
    /// The step may not or cannot be asked, for example a rollback certificate outside its dates: nothing has happened.
    fn order(&self, asked: Asked, case: &Case<'_>) -> Result<Order, Failure>;

    /// What the answer means to the machine, or what is asked next. What later steps need is put into `memory`, which the
    /// executor makes durable together with the transition.
    fn read(&self, asked: Asked, case: &Case<'_>, answer: Answer, memory: &mut Memory) -> Heard;

    /// Carries a row out over the protocol that this cohort's devices speak. `None` where no answer came: what was asked may
    /// or may not have happened.
    fn carry_out(&self, row: &Row, site: &mut Site<'_>) -> Option<Result<Reply, DeviceError>>;

    /// Sends what is left of a firmware image and has it verified; `watch` hears of each stage. What reached the device before
    /// is not sent again: the device says how far it is. The site's invocation counters must suffice: one for each block.
    ///
    /// # Errors
    /// [`FirmwareError`]; after [`FirmwareError::Lost`] it is to be called again, over a new connection.
    fn send_firmware(
        &self,
        firmware: &mut Firmware<'_>,
        to: Recipient,
        site: &mut Site<'_>,
        watch: &mut dyn FnMut(FirmwareStage),
    ) -> Result<FirmwareStage, FirmwareError>;

    /// Has a verified image activated, which takes the device a while.
    ///
    /// # Errors
    /// [`FirmwareError`]; after [`FirmwareError::Lost`], [`Cohort::probe_firmware`] tells.
    fn activate_firmware(
        &self,
        firmware: &Firmware<'_>,
        to: Recipient,
        site: &Site<'_>,
    ) -> Result<FirmwareStage, FirmwareError>;

    /// What a device says of an image. It changes nothing.
    ///
    /// # Errors
    /// [`FirmwareError`].
    fn probe_firmware(
        &self,
        firmware: &Firmware<'_>,
        to: Recipient,
        site: &Site<'_>,
    ) -> Result<FirmwareStage, FirmwareError>;

    /// The plain instruction that has a device use a verified image. For an ESME the DCO alone can protect it.
    fn firmware_activation(&self, firmware: &Firmware<'_>) -> Vec<u8>;

    /// The program that a device runs, as it says itself. It changes nothing.
    ///
    /// # Errors
    /// [`FirmwareError`].
    fn running_firmware(&self, to: Recipient, site: &mut Site<'_>) -> Result<DeviceModel, FirmwareError>;

    /// The plain instructions of a critical task, in the order in which a device must hear them, each once the one before it was
    /// obeyed. For an ESME the DCO alone can protect them; all others obey what the S1SP signs ([`Cohort::instruct`]), and
    /// the S1SP signs none before the DCO has consented.
    ///
    /// # Errors
    /// [`NotInstructed`]; a task that is not critical has no instructions either.
    fn instructions(
        &self,
        task: &Task,
        who: Addressee,
        conditions: &Conditions<'_>,
    ) -> Result<Vec<Vec<u8>>, NotInstructed>;

    /// Has a device without critical keys obey one of [`Cohort::instructions`]. `None` where no answer came: it may have been
    /// obeyed. Uses one transaction.
    fn instruct(&self, instruction: &[u8], who: Addressee, site: &mut Site<'_>) -> Option<Result<(), DeviceError>>;

    /// Carries out a task that is not critical; of one that is, tells what is to be told once its instructions were obeyed. `None`
    /// where no answer came: a task that is no read may have been done. Uses up to sixteen invocation counters of an ESME, one
    /// transaction of any other device, and one for each sixty days of a profile.
    fn perform(&self, task: &Task, who: Addressee, site: &mut Site<'_>) -> Option<Result<TaskAnswer, DeviceError>>;
}
