//! Migrating any number of sets: each taken in, judged and commissioned in counter order, with what became of it.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use tern_model::{Finding, SetId};

use crate::System;
use crate::executor::Running;
use crate::fault::ServiceFault;
use crate::lanes::Devices;
use crate::parties::SetTaken;
use crate::results::{Comings, Tallying};
use crate::set_files::{FileAt, SetFolder};

/// What became of one set.
#[derive(Debug)]
pub struct SetResult {
    /// Its folder.
    pub dir: PathBuf,
    /// Its name; none where no file of it could be believed.
    pub set: Option<SetId>,
    /// Whether a set of this name had been taken in before: this one, or, where this one is refused, the one that stands.
    pub known: bool,
    /// Whether nothing was left to do with it: its result is told once more.
    pub repeated: bool,
    /// How many installations it holds.
    pub installations: usize,
    /// What the reader should know beside.
    pub remarks: Vec<String>,
    /// Why the set as a whole was refused; empty where it was taken in.
    pub refused: Vec<Finding>,
    /// How its installations ended.
    pub ended: Tallying,
    /// How many of its installations came in an earlier one of the sets of this call too.
    pub again: usize,
}

/// What goes on, for whoever watches.
#[derive(Debug)]
pub enum Progress<'a> {
    /// A set is being verified and judged.
    Judging(&'a SetFolder),
    /// It was taken in, with so many installations.
    TakenIn(usize),
    /// Installations of the set are being commissioned.
    Commissioning(&'a Running),
    /// A set is done with.
    Done(&'a SetResult),
}

impl System {
    /// Migrates sets in the order given, and says of each what became of it. Where `stop` is set, what is in flight is
    /// finished and the rest left for the next call: of sets that were not begun nothing is said.
    ///
    /// # Errors
    /// The world failed; the next call goes on where this one stopped.
    pub fn migrate(
        &mut self,
        sets: &[SetFolder],
        devices: &mut dyn Devices,
        stop: &AtomicBool,
        watch: &mut dyn FnMut(Progress<'_>),
    ) -> Result<Vec<SetResult>, ServiceFault> {
        let (mut done, mut comings) = (Vec::new(), Comings::default());
        let over: BTreeSet<SetId> = sets.iter().filter_map(SetFolder::named).filter_map(|s| self.is_over(s)).collect();
        // What an earlier run left between the parties, or in flight, comes first.
        self.deliver()?;
        self.commission(None, devices, stop, &mut |running| watch(Progress::Commissioning(running)))?;
        for folder in sets {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            watch(Progress::Judging(folder));
            let taken = self.take(folder)?;
            let mut result = taken_in(folder, taken);
            if let Some(set) = result.set.filter(|_| !result.refused.is_empty()) {
                result.known = self.dsp.installations(set)? > 0;
            }
            if let Some(set) = result.set.filter(|_| result.refused.is_empty()) {
                result.repeated = result.known && over.contains(&set);
                let installations = self.dsp.installations(set)?;
                watch(Progress::TakenIn(installations));
                self.commission(Some(set), devices, stop, &mut |running| watch(Progress::Commissioning(running)))?;
                (result.ended, result.again) = comings.count(self.results(set), installations)?;
                result.installations = result.ended.count();
            }
            watch(Progress::Done(&result));
            done.push(result);
        }
        Ok(done)
    }

    /// The set, where each of its installations has ended.
    fn is_over(&self, set: SetId) -> Option<SetId> {
        let installations = self.dsp.installations(set).ok().filter(|held| *held > 0)?;
        let over = Tallying::of(self.results(set), installations).ok()?.count_of(None) == 0;
        over.then_some(set)
    }
}

/// What is said of a set before any installation of it has ended; of one that was refused the name that its files bear.
pub(crate) fn result_of(files: &SetFolder, set: Option<SetId>, known: bool, refused: Vec<Finding>) -> SetResult {
    SetResult {
        dir: files.dir.clone(),
        set: set.or_else(|| files.named()),
        known,
        repeated: false,
        installations: 0,
        remarks: Vec::new(),
        refused,
        ended: Tallying::default(),
        again: 0,
    }
}

fn taken_in(files: &SetFolder, taken: SetTaken) -> SetResult {
    let mut result = result_of(files, None, false, Vec::new());
    let validation = match taken {
        SetTaken::Refused(verdicts) => {
            result.refused = verdicts.refusals();
            return result;
        }
        SetTaken::Known { set, validation } => {
            (result.set, result.known) = (Some(set), true);
            validation
        }
        SetTaken::Accepted { set, validation, .. } => {
            result.set = Some(set);
            validation
        }
    };
    // The sender's folder is not ours: that nothing can be laid there stops no migration.
    if let Err(fault) = answer(files, &validation) {
        result.remarks.push(format!("{fault}; the validation file stays in the DSP's store"));
    }
    result
}

/// The Common Validation File goes back to the sender: it is laid beside the set's files.
pub(crate) fn answer(files: &SetFolder, validation: &FileAt) -> Result<(), ServiceFault> {
    let path = files.dir.join(&validation.name);
    if same_bytes(&path, &validation.path).unwrap_or(false) {
        return Ok(());
    }
    let fault = |e: std::io::Error| ServiceFault::file("write", &path, e);
    let beside = files.dir.join(format!(".{}.part", validation.name));
    std::fs::copy(&validation.path, &beside).and_then(|_| std::fs::rename(&beside, &path)).map_err(fault)
}

/// Whether two files hold the same.
fn same_bytes(a: &Path, b: &Path) -> std::io::Result<bool> {
    const PIECE_BYTES: u64 = 64 << 10;
    let (mut a, mut b) = (std::fs::File::open(a)?, std::fs::File::open(b)?);
    if a.metadata()?.len() != b.metadata()?.len() {
        return Ok(false);
    }
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    loop {
        ours.clear();
        theirs.clear();
        (&mut a).take(PIECE_BYTES).read_to_end(&mut ours)?;
        (&mut b).take(PIECE_BYTES).read_to_end(&mut theirs)?;
        if ours != theirs || ours.is_empty() {
            return Ok(ours == theirs);
        }
    }
}
