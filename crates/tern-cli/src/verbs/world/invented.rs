//! Devices from a seed, for a folder that has none.

use std::path::Path;

use tern_service::pki;
use tern_world::corpus::{HubIdentity, generate};
use tern_world::devices::{INITIAL_FILE, Known, World};

use crate::context::{Configured, make_dir};
use crate::failure::Failure;
use crate::verbs::corpus::{Order, plan_of};

/// Where a key infrastructure is made for devices that have none to know.
const PKI_DIR: &str = "pki";

/// Makes so many installations in a folder that has none: devices alone, with nobody's records of them. The parties that they
/// know are those of the configured key infrastructure, else of one that is made in the folder.
///
/// # Errors
/// There is a world already, or files cannot be read or written.
pub fn invent(dir: &Path, configured: &Configured, installations: usize, seed: u64) -> Result<(), Failure> {
    if dir.join(INITIAL_FILE).exists() {
        let what = format!("{} holds devices already", dir.display());
        return Err(Failure::new(what, "leave --installations and --seed out, or name another folder"));
    }
    make_dir(dir)?;
    let (now, today) = (configured.clock().now(), configured.clock().today());
    let mut pki_dir = configured.pki_dir(None);
    if !pki_dir.is_dir() {
        pki_dir = dir.join(PKI_DIR);
        if !pki_dir.is_dir() {
            pki::init(&pki_dir, None, now)?;
        }
    }
    let trust = pki::load_trust(&pki_dir)?;
    let order = Order::of_healthy(installations, seed, today);
    let corpus = plan_of(&order, &trust, today, now, |plan| generate(plan, &mut |_, _| Ok(HubIdentity::default())))?;
    let mut estate = corpus.estate();
    estate.known = Known::of(&pki::load_authorities(&pki_dir)?, &trust, now);
    Ok(World::create(dir, &estate)?)
}
