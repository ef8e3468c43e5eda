//! The stories of a plan, held without a place in memory of its own for each: a million installations have seven million lines.
//!
//! This module never looks at what a line says.

use super::Step;

/// Lines as they are told, day after day, of one installation here and of another there: whoever plans adds at the end and
/// looks at nothing before it.
#[derive(Debug, Default)]
pub(crate) struct Log {
    /// Each line with the place of its installation, in pieces: none is ever moved, and each is given back once it is sorted in.
    pieces: Vec<Vec<(u32, Step)>>,
    lines: usize,
}

/// Lines of a piece: a megabyte and a half.
const PIECE: usize = 1 << 16;

impl Log {
    /// Takes the next line.
    pub(crate) fn push(&mut self, of: u32, step: Step) {
        if self.lines.is_multiple_of(PIECE) {
            // A short plan has less than a piece.
            let capacity = if self.pieces.is_empty() { 0 } else { PIECE };
            self.pieces.push(Vec::with_capacity(capacity));
        }
        if let Some(piece) = self.pieces.last_mut() {
            piece.push((of, step));
            self.lines += 1;
        }
    }

    /// The stories of so many installations, each in the order in which its lines were told; `place` says where that of
    /// which lines tell stands among them.
    pub(crate) fn into_stories(self, count: usize, place: impl Fn(u32) -> usize) -> Stories {
        let mut starts = vec![0; count + 1];
        for (of, _) in self.pieces.iter().flatten() {
            starts[place(*of) + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let Some(filler) = self.pieces.first().and_then(|piece| piece.first()).map(|(_, step)| *step) else {
            return Stories { starts, steps: Vec::new() };
        };
        let mut steps = vec![filler; self.lines];
        let mut next = starts.clone();
        for (of, step) in self.pieces.into_iter().flatten() {
            let at = &mut next[place(of)];
            steps[*at] = step;
            *at += 1;
        }
        Stories { starts, steps }
    }
}

/// The story of each of some installations, by their places.
#[derive(Debug, Clone)]
pub(crate) struct Stories {
    /// Where each begins; behind the last one, where it ends.
    starts: Vec<usize>,
    steps: Vec<Step>,
}

impl Stories {
    /// The story of the installation at a place; there is none of one that is not here.
    pub(crate) fn of(&self, at: usize) -> &[Step] {
        match self.starts.get(at..at + 2) {
            Some(&[from, to]) => &self.steps[from..to],
            _ => &[],
        }
    }

    /// Every story, in the order of places.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &[Step]> {
        self.starts.windows(2).map(|of| &self.steps[of[0]..of[1]])
    }
}

impl<'a> FromIterator<&'a [Step]> for Stories {
    fn from_iter<I: IntoIterator<Item = &'a [Step]>>(all: I) -> Stories {
        let (mut starts, mut steps) = (vec![0], Vec::new());
        for story in all {
            steps.extend_from_slice(story);
            starts.push(steps.len());
        }
        Stories { starts, steps }
    }
}
