//! Records whose keys begin alike: whatever belongs to one thing stands together, in the order of the keys.

use crate::{Record, StoreFault, StoreView};

/// So many records are read together: those of one thing are few.
const PAGE: usize = 4;

/// Hands every record of a kind whose key begins with `prefix`, which is itself no key, to `visit`, in the order of the keys.
///
/// # Errors
/// The store cannot be read, or what `visit` says: then no other is handed over.
pub fn for_each_under<E: From<StoreFault>>(
    store: &dyn StoreView,
    kind: &str,
    prefix: &str,
    mut visit: impl FnMut(&Record) -> Result<(), E>,
) -> Result<(), E> {
    let mut after = prefix.to_owned();
    loop {
        let page = store.scan(kind, Some(&after), PAGE)?;
        let more = page.len() == PAGE;
        for (key, record) in page {
            if !key.starts_with(prefix) {
                return Ok(());
            }
            visit(&record)?;
            after = key;
        }
        if !more {
            return Ok(());
        }
    }
}
