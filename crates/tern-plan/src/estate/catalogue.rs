//! The names of an estate, each kept once.

use std::collections::HashMap;
use std::hash::Hash;

use tern_model::{DeviceModel, PartyId};

use super::ids::{HardwareIx, ModelIx, NameIx, SupplierIx};

/// Values, each with the number under which it was met first.
#[derive(Debug, Clone)]
struct Interned<T> {
    values: Vec<T>,
    numbers: HashMap<T, u32>,
}

impl<T> Default for Interned<T> {
    fn default() -> Self {
        Interned { values: Vec::new(), numbers: HashMap::new() }
    }
}

impl<T: Hash + Eq + Clone> Interned<T> {
    fn number(&mut self, value: T) -> u32 {
        let next = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        *self.numbers.entry(value.clone()).or_insert_with(|| {
            self.values.push(value);
            next
        })
    }
}

/// One version of a device model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Version {
    hardware: HardwareIx,
    firmware: NameIx,
}

/// Suppliers, device models and other names.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    names: HashMap<Box<str>, NameIx>,
    texts: Vec<Box<str>>,
    suppliers: Interned<PartyId>,
    hardware: Interned<(NameIx, NameIx)>,
    models: Interned<Version>,
}

impl Catalogue {
    /// The index of a name, which is kept where it is new.
    pub fn name(&mut self, text: &str) -> NameIx {
        if let Some(known) = self.names.get(text) {
            return *known;
        }
        let index = NameIx::of(self.texts.len());
        self.names.insert(text.into(), index);
        self.texts.push(text.into());
        index
    }

    /// The index of a supplier, who is kept where it is new.
    pub fn supplier(&mut self, supplier: PartyId) -> SupplierIx {
        SupplierIx(self.suppliers.number(supplier))
    }

    /// The index of a model, which is kept where it is new.
    pub fn model(&mut self, manufacturer: &str, model: &str, firmware: &str) -> ModelIx {
        let hardware = (self.name(manufacturer), self.name(model));
        let hardware = HardwareIx(self.hardware.number(hardware));
        let firmware = self.name(firmware);
        ModelIx(self.models.number(Version { hardware, firmware }))
    }

    /// The index of a model as records write it.
    pub fn device_model(&mut self, model: &DeviceModel) -> ModelIx {
        self.model(&model.manufacturer, &model.model, &model.firmware)
    }

    /// A name.
    #[must_use]
    pub fn text(&self, name: NameIx) -> &str {
        self.texts.get(name.at()).map_or("", |text| text)
    }

    /// The name that is spelled so, where anything bears it.
    #[must_use]
    pub fn find_name(&self, text: &str) -> Option<NameIx> {
        self.names.get(text).copied()
    }

    /// Every supplier, in the order of [`SupplierIx`].
    #[must_use]
    pub fn suppliers(&self) -> &[PartyId] {
        &self.suppliers.values
    }

    /// A supplier.
    ///
    /// # Panics
    /// The index is another estate's.
    #[must_use]
    pub fn supplier_id(&self, supplier: SupplierIx) -> PartyId {
        self.suppliers.values[supplier.at()]
    }

    /// The supplier of that identifier, where the estate names it.
    #[must_use]
    pub fn find_supplier(&self, supplier: PartyId) -> Option<SupplierIx> {
        self.suppliers.numbers.get(&supplier).copied().map(SupplierIx)
    }

    /// Manufacturer and model without the firmware: what an upgrade leaves as it is.
    ///
    /// # Panics
    /// The index is another estate's.
    #[must_use]
    pub fn hardware_of(&self, model: ModelIx) -> HardwareIx {
        self.models.values[model.at()].hardware
    }

    /// How many models there are: every [`ModelIx`] is below.
    #[must_use]
    pub fn model_count(&self) -> usize {
        self.models.values.len()
    }

    /// A model as records write it.
    ///
    /// # Panics
    /// The index is another estate's.
    #[must_use]
    pub fn model_text(&self, model: ModelIx) -> DeviceModel {
        let Version { hardware, firmware } = self.models.values[model.at()];
        let (manufacturer, model) = self.hardware.values[hardware.at()];
        let text = |name| self.text(name).to_owned();
        DeviceModel { manufacturer: text(manufacturer), model: text(model), firmware: text(firmware) }
    }
}
