//! Client and server as they talk: with each other, with programs that Tern's authors did not write, and with bytes that nobody
//! should send.

mod client;
mod dice;
mod gurux;
mod hostile;
mod meter;
mod other_meter;
mod signed;
mod suite0;
mod wire;

/// A script beside this file.
fn script(name: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conversations").join(name)
}
