//! Tampering: a built set made bad on purpose, by mistake or by malice, so that one defect of the catalogue stands in it.
//!
//! Where the defect is not about the signature, the file is signed again by its sender, so that nothing but the defect is
//! wrong. It reads and writes text alone and knows nothing of what is made of it.

mod draft;
mod entries;
mod history;
mod sets;
mod validation;

use tern_wire::smki::{Certificate, Signer};

use crate::WorldError;
use crate::corpus::{Defect, PlantedAt};
use draft::Draft;

/// The files that the Requesting Party signs, by the beginnings of their names.
const THREE: [&str; 3] = ["MCF", "MGF", "MGEF"];
/// The beginning of the Common Validation File's name.
const VALIDATION: &str = "MCVF";

/// A file of a built set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuiltFile {
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// The keys that tampering takes.
#[derive(Debug, Clone, Copy)]
pub struct Hands<'a> {
    /// Signs a set's three files.
    pub requesting_party: &'a Signer,
    /// Signs the Common Validation File.
    pub dsp: &'a Signer,
    /// A party that may send none of them.
    pub supplier: &'a Signer,
    /// Says that it is the Requesting Party, with a certificate that nobody published.
    pub stranger: &'a Signer,
    /// The S1SP's encryption certificate.
    pub s1sp: &'a Certificate,
    /// The DCO's.
    pub dco: &'a Certificate,
}

/// What was struck.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Struck {
    /// The set as a whole.
    Set,
    /// These entries, counted from 0.
    Entries(Vec<usize>),
}

/// Plants a defect of [`PlantedAt::Entry`], [`PlantedAt::Set`], [`PlantedAt::Validation`] or [`PlantedAt::History`] in a set's
/// files; variants of a kind take turns by `nth`. `other` is another set of the same group.
///
/// # Errors
/// The defect is planted elsewhere, or the files are not those of a set that it fits.
pub fn tamper(
    (defect, nth): (Defect, usize),
    files: &mut Vec<BuiltFile>,
    other: &[BuiltFile],
    hands: Hands<'_>,
) -> Result<Struck, WorldError> {
    let mut draft = Draft { files, hands };
    match defect.planted_at() {
        PlantedAt::Entry => entries::plant(defect, nth, &mut draft).map(Struck::Entries),
        PlantedAt::Set => sets::plant(defect, nth, &mut draft, other).map(|()| Struck::Set),
        PlantedAt::Validation => validation::plant(defect, nth, &mut draft),
        PlantedAt::History => history::plant(defect, nth, &mut draft),
        PlantedAt::Records | PlantedAt::Devices | PlantedAt::Day | PlantedAt::Line => Err(elsewhere(defect)),
    }
}

/// Gives a set another FileCounter, in headers and names, and signs it again.
///
/// # Errors
/// The files are not a set's.
pub fn renumber(files: &mut Vec<BuiltFile>, counter: u64, hands: Hands<'_>) -> Result<(), WorldError> {
    Draft { files, hands }.renumber(counter)
}

fn elsewhere(defect: Defect) -> WorldError {
    WorldError::Tampering { reason: format!("{} is planted in {}", defect.as_str(), defect.planted_at().as_str()) }
}
