//! The published files for tools from outside.

use std::path::{Path, PathBuf};

/// The published files, written where tools that did not come from us can read them.
pub fn published(folder: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
    for (path, text) in tern_wire::schema::publish::files() {
        let target = root.join(path);
        std::fs::create_dir_all(target.parent().expect("a folder")).expect("can be made");
        std::fs::write(target, text).expect("can be written");
    }
    root
}
