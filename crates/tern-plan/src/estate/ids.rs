//! Small numbers that stand for what an estate names again and again.

/// Declares an index: four bytes that name one thing of one estate, and nothing outside it.
macro_rules! index {
    ($($(#[$doc:meta])* $name:ident)+) => {
        $($(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub(super) u32);

        impl $name {
            /// Its place in the estate's list, counted from 0.
            #[must_use]
            pub fn at(self) -> usize {
                self.0 as usize
            }

            /// The index of a place. Beyond four thousand million an estate does not go: the last index stands for them.
            #[must_use]
            pub fn of(at: usize) -> $name {
                $name(u32::try_from(at).unwrap_or(u32::MAX))
            }
        })+
    };
}

index! {
    /// An installation, in the order of CHF identifiers.
    InstallationIx
    /// A device, in the order of installations.
    DeviceIx
    /// A meter, in the order of installations.
    MeterIx
    /// A supplier.
    SupplierIx
    /// A name: of an SMSO, a communications provider, a document, a reason.
    NameIx
    /// Manufacturer and model.
    HardwareIx
    /// Manufacturer, model and firmware.
    ModelIx
    /// An entry planned for the EPCL.
    EntryIx
}
