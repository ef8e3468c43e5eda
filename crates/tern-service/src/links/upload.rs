//! A file that is being uploaded, and may be cut: what came of it stays, and the next request goes on behind it.
//!
//! Each request writes into a file of its own, so that two at once never mix. What is cut waits as a part under a name of its own;
//! whoever goes on takes that part away. Nothing here is acknowledged: that a file is whole and durable, others say.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use aws_lc_rs::digest::{Context, SHA256};
use tern_model::Digest;

/// What is read at once of a part that came before.
const PIECE_BYTES: usize = 64 << 10;

/// The least that is expected of whoever uploads.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    /// Nothing is expected for so long.
    pub(crate) grace: Duration,
    /// Afterwards so many bytes a second, from the first on.
    pub(crate) bytes_a_second: u64,
}

/// A file on its way in. Where it is dropped before it was taken over, what came of it becomes the part.
pub(crate) struct Upload {
    file: File,
    path: PathBuf,
    part: PathBuf,
    /// Of an earlier request.
    before: u64,
    came: u64,
    most: u64,
    hash: Context,
    since: Instant,
    pace: Pace,
    is_taken: bool,
    /// What is to be held for as long as this goes on.
    held: Option<Arc<()>>,
}

/// Where an upload is written, and where its part waits.
pub(crate) struct Places<'a> {
    /// The folder for files that are being written.
    pub(crate) incoming: &'a Path,
    /// The name of the part.
    pub(crate) part: PathBuf,
}

impl Upload {
    /// Begins one; at most so many bytes may come.
    ///
    /// # Errors
    /// The file cannot be made.
    pub(crate) fn begin(places: Places<'_>, most: u64, pace: Pace) -> io::Result<Upload> {
        let path = new_path(places.incoming);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        Ok(Upload::of(file, (path, places.part), most, pace))
    }

    /// Goes on with the part behind its first `from` bytes; none where the part is not so long.
    ///
    /// # Errors
    /// The part cannot be read.
    pub(crate) fn go_on(places: Places<'_>, from: u64, most: u64, pace: Pace) -> io::Result<Option<Upload>> {
        let path = new_path(places.incoming);
        match std::fs::rename(&places.part, &path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            moved => moved?,
        }
        let file = OpenOptions::new().read(true).append(true).open(&path)?;
        let mut upload = Upload::of(file, (path, places.part), most, pace);
        upload.before = upload.file.metadata()?.len();
        if upload.before < from {
            return Ok(None);
        }
        upload.file.set_len(from)?;
        upload.hash_part(from)?;
        upload.before = from;
        upload.since = Instant::now();
        Ok(Some(upload))
    }

    fn of(file: File, (path, part): (PathBuf, PathBuf), most: u64, pace: Pace) -> Upload {
        let (hash, since) = (Context::new(&SHA256), Instant::now());
        Upload { file, path, part, before: 0, came: 0, most, hash, since, pace, is_taken: false, held: None }
    }

    /// Holds a ticket for as long as it goes on.
    pub(crate) fn holding(mut self, ticket: Arc<()>) -> Upload {
        self.held = Some(ticket);
        self
    }

    fn hash_part(&mut self, length: u64) -> io::Result<()> {
        let mut from = File::open(&self.path)?.take(length);
        let mut piece = vec![0; PIECE_BYTES];
        loop {
            let read = from.read(&mut piece)?;
            let Some(bytes) = piece.get(..read).filter(|bytes| !bytes.is_empty()) else { return Ok(()) };
            self.hash.update(bytes);
        }
    }

    /// So many bytes more may come.
    pub(crate) fn most(&self) -> u64 {
        self.most.saturating_sub(self.before)
    }

    /// Makes it durable; gives where it lies, its length and the SHA-256 of its bytes. Whoever asks moves it away.
    ///
    /// # Errors
    /// It cannot be made durable; it is a part then.
    pub(crate) fn take(mut self) -> io::Result<Whole> {
        self.file.sync_all()?;
        self.is_taken = true;
        let mut digest = [0; 32];
        digest.copy_from_slice(self.hash.clone().finish().as_ref());
        Ok(Whole { path: self.path.clone(), bytes: self.before + self.came, digest: Digest(digest) })
    }

    fn is_too_slow(&self) -> bool {
        let beyond = self.since.elapsed().saturating_sub(self.pace.grace);
        self.came < beyond.as_secs().saturating_mul(self.pace.bytes_a_second)
    }
}

impl Write for Upload {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hash.update(bytes.get(..written).unwrap_or_default());
        self.came += written as u64;
        if self.is_too_slow() { Err(ErrorKind::TimedOut.into()) } else { Ok(written) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        let longer = std::fs::metadata(&self.part).map_or(true, |held| held.len() < self.before + self.came);
        // A part is a kindness to whoever goes on; where it cannot stay the file comes again from its first byte.
        let _ = match (self.is_taken, longer && self.before + self.came > 0) {
            (true, _) => Ok(()),
            (false, true) => std::fs::rename(&self.path, &self.part),
            (false, false) => std::fs::remove_file(&self.path),
        };
    }
}

/// A file that came whole and is durable under its own path; it goes with this value unless it was moved away.
pub(crate) struct Whole {
    /// Where it lies.
    pub(crate) path: PathBuf,
    /// Its length.
    pub(crate) bytes: u64,
    /// The SHA-256 of its bytes.
    pub(crate) digest: Digest,
}

impl Drop for Whole {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

fn new_path(incoming: &Path) -> PathBuf {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    incoming.join(format!("upload-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed)))
}

#[cfg(test)]
mod tests {
    use tern_wire::dsig::sha256;

    use super::*;

    const PACE: Pace = Pace { grace: Duration::from_secs(600), bytes_a_second: 1 };

    fn places(folder: &Path) -> Places<'_> {
        Places { incoming: folder, part: folder.join("part") }
    }

    #[test]
    fn whatever_was_cut_wherever_is_gone_on_with_and_becomes_the_very_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let bytes: Vec<u8> = (0..=255).cycle().take(1_000).collect();
        for cut in [1, 2, 499, 998, 999] {
            for from in [1, cut / 2, cut].into_iter().filter(|from| *from > 0) {
                let mut upload = Upload::begin(places(folder.path()), 1_000, PACE).expect("begins");
                upload.write_all(&bytes[..cut]).expect("writes");
                drop(upload);
                assert_eq!(std::fs::read(folder.path().join("part")).expect("the part"), bytes[..cut]);
                let begun = Upload::go_on(places(folder.path()), from as u64, 1_000, PACE).expect("reads");
                let mut upload = begun.expect("a part");
                assert_eq!(upload.most(), 1_000 - from as u64);
                upload.write_all(&bytes[from..]).expect("writes");
                let whole = upload.take().expect("is durable");
                assert_eq!((whole.bytes, whole.digest), (1_000, sha256(&bytes)), "cut at {cut}, from {from}");
                assert_eq!(std::fs::read(&whole.path).expect("the file"), bytes);
                drop(whole);
                assert_eq!(std::fs::read_dir(folder.path()).expect("lists").count(), 0, "nothing is left");
            }
        }
    }

    #[test]
    fn nothing_is_gone_on_with_behind_what_came_and_the_longest_part_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let cut_after = |bytes: &[u8]| {
            let mut upload = Upload::begin(places(folder.path()), 100, PACE).expect("begins");
            upload.write_all(bytes).expect("writes");
        };
        let go_on = |from| Upload::go_on(places(folder.path()), from, 100, PACE).expect("reads");
        assert!(go_on(1).is_none());
        cut_after(b"longer");
        cut_after(b"short");
        cut_after(b"");
        assert!(go_on(7).is_none(), "seven bytes never came");
        assert_eq!(std::fs::read(folder.path().join("part")).expect("the part"), b"longer");
        assert_eq!(std::fs::read_dir(folder.path()).expect("lists").count(), 1);
    }

    #[test]
    fn whoever_is_slower_than_expected_is_cut_and_keeps_what_came() {
        let folder = tempfile::tempdir().expect("a folder");
        let pace = Pace { grace: Duration::ZERO, bytes_a_second: 10 };
        let mut upload = Upload::begin(places(folder.path()), 1_000, pace).expect("begins");
        upload.write_all(b"in time").expect("nothing is expected yet");
        upload.since = Instant::now().checked_sub(Duration::from_secs(5)).expect("long ago");
        let cut = upload.write_all(b"!").expect_err("eight bytes in five seconds are too few");
        assert_eq!(cut.kind(), ErrorKind::TimedOut);
        upload.write_all(&[0; 100]).expect("as many as it should be");
        drop(upload);
        assert_eq!(std::fs::read(folder.path().join("part")).expect("the part").len(), 108);
    }
}
