//! The DCC's data service: takes sets in, judges Table 5.10, writes the Migration Common Validation File, and keeps the
//! Smart Metering Inventory. It never decrypts.

mod intake;
mod obey;
mod watch;

use std::sync::Arc;

use tern_model::facts::InventoryRecord;
use tern_model::{DeviceId, Role, SetId};
use tern_store::{Store, StoreView};
use tern_wire::smki::Signer;

use super::{Party, Shared, history, inbox, inventory};
use crate::fault::ServiceFault;
use crate::set_files::FileAt;

pub use intake::SetTaken;
pub(crate) use intake::{clauses, validation};

/// The DSP.
pub struct Dsp {
    store: Box<dyn Store>,
    signer: Arc<Signer>,
    shared: Shared,
}

impl Dsp {
    /// A DSP on its store.
    #[must_use]
    pub fn new(store: Box<dyn Store>, signer: Arc<Signer>, shared: Shared) -> Dsp {
        Dsp { store, signer, shared }
    }

    /// What the Smart Metering Inventory holds of a device: by a migration, or by the DCC's records.
    ///
    /// # Errors
    /// The store or the records cannot be read.
    pub fn inventory(&self, device: DeviceId) -> Result<Option<InventoryRecord>, ServiceFault> {
        match inventory::of_device(&*self.store, device)? {
            Some(record) => Ok(Some(record)),
            None => self.shared.facts.inventory(device),
        }
    }

    /// How many installations a set holds that was taken in.
    ///
    /// # Errors
    /// The store cannot be read.
    pub fn installations(&self, set: SetId) -> Result<usize, ServiceFault> {
        Ok(history::set_record(&*self.store, set)?.map_or(0, |(r, _)| r.installations))
    }

    /// Its store, for reading.
    pub(crate) fn view(&self) -> &dyn StoreView {
        &*self.store
    }
}

impl Party for Dsp {
    fn role(&self) -> Role {
        Role::Dsp
    }

    fn store(&mut self) -> &mut dyn Store {
        &mut *self.store
    }

    fn shared(&mut self) -> &mut Shared {
        &mut self.shared
    }

    fn receive(&mut self, from: Role, file: &FileAt) -> Result<(), ServiceFault> {
        inbox::take_in(&mut *self.store, from, file, self.shared.clock.now())
    }
}
