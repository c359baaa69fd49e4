//! Sorts more items than memory holds: sorted runs on disk, merged while they are read.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};

use rayon::slice::ParallelSliceMut;
use zerocopy::{FromBytes, Immutable, IntoBytes};

use super::scratch::Scratch;
use crate::index::IndexError;

/// What can be sorted: plain bytes with an order.
pub(super) trait Item: Copy + Ord + Send + FromBytes + IntoBytes + Immutable {}
impl<T: Copy + Ord + Send + FromBytes + IntoBytes + Immutable> Item for T {}

/// Bytes read at a time from one run, as long as the budget allows it.
const READ_BYTES_MAX: usize = 1 << 20;

/// Takes items in any order.
pub(super) struct Sorter<T> {
    scratch: Scratch,
    buffer: Vec<T>,
    /// Items held in memory at most.
    capacity: usize,
    spilled: Option<File>,
    /// Items in the file after each run.
    ends: Vec<u64>,
}

impl<T: Item> Sorter<T> {
    /// `memory_bytes` bounds what is held in memory, while items come in as while they go out.
    pub(super) fn new(scratch: &Scratch, memory_bytes: usize) -> Self {
        Self {
            scratch: scratch.clone(),
            buffer: Vec::new(),
            capacity: (memory_bytes / size_of::<T>()).max(1),
            spilled: None,
            ends: Vec::new(),
        }
    }

    pub(super) fn len(&self) -> u64 {
        self.ends.last().copied().unwrap_or_default() + self.buffer.len() as u64
    }

    pub(super) fn push(&mut self, item: T) -> Result<(), IndexError> {
        if self.buffer.len() == self.capacity {
            self.spill()?;
        }
        self.buffer.push(item);
        Ok(())
    }

    fn spill(&mut self) -> Result<(), IndexError> {
        self.buffer.par_sort_unstable();
        let mut file = match self.spilled.take() {
            Some(file) => file,
            None => self.scratch.file()?,
        };
        file.write_all(self.buffer.as_bytes())
            .map_err(self.scratch.error("write"))?;
        self.spilled = Some(file);
        self.ends.push(self.len());
        self.buffer.clear();
        Ok(())
    }

    /// All items in order.
    pub(super) fn finish(mut self) -> Result<Sorted<T>, IndexError> {
        if self.spilled.is_some() && !self.buffer.is_empty() {
            self.spill()?;
        }
        let Some(file) = self.spilled else {
            self.buffer.par_sort_unstable();
            return Ok(Sorted::Held(self.buffer.into_iter()));
        };
        drop(std::mem::take(&mut self.buffer));
        let share = self.capacity / self.ends.len();
        let items = share.clamp(1, (READ_BYTES_MAX / size_of::<T>()).max(1));
        Merge::new(file, self.scratch, &self.ends, items).map(Sorted::Merged)
    }
}

/// Items in order.
pub(super) enum Sorted<T> {
    Held(std::vec::IntoIter<T>),
    Merged(Merge<T>),
}

impl<T: Item> Sorted<T> {
    /// The next item; `None` after the last.
    pub(super) fn next(&mut self) -> Result<Option<T>, IndexError> {
        match self {
            Self::Held(items) => Ok(items.next()),
            Self::Merged(merge) => merge.next(),
        }
    }

    /// Puts the next items, `count` at most, into `chunk`; none after the last.
    pub(super) fn fill(&mut self, chunk: &mut Vec<T>, count: usize) -> Result<(), IndexError> {
        chunk.clear();
        while chunk.len() < count
            && let Some(item) = self.next()?
        {
            chunk.push(item);
        }
        Ok(())
    }
}

/// Merges the runs of one file.
pub(super) struct Merge<T> {
    file: File,
    scratch: Scratch,
    runs: Vec<Run<T>>,
    /// The first item of each run that has one.
    heads: BinaryHeap<Reverse<(T, usize)>>,
}

struct Run<T> {
    /// Items of the file not yet read.
    rest: std::ops::Range<u64>,
    buffer: Vec<T>,
    at: usize,
    /// Items read at a time.
    items: usize,
}

impl<T: Item> Merge<T> {
    fn new(file: File, scratch: Scratch, ends: &[u64], items: usize) -> Result<Self, IndexError> {
        let starts = std::iter::once(&0).chain(ends);
        let runs = starts.zip(ends).map(|(start, end)| Run {
            rest: *start..*end,
            buffer: Vec::new(),
            at: 0,
            items,
        });
        let mut merge = Self {
            file,
            scratch,
            runs: runs.collect(),
            heads: BinaryHeap::new(),
        };
        for number in 0..merge.runs.len() {
            if let Some(item) = merge.advance(number)? {
                merge.heads.push(Reverse((item, number)));
            }
        }
        Ok(merge)
    }

    fn next(&mut self) -> Result<Option<T>, IndexError> {
        let Some(Reverse((item, number))) = self.heads.peek().copied() else {
            return Ok(None);
        };
        let follower = self.advance(number)?;
        if let Some(mut head) = self.heads.peek_mut() {
            match follower {
                Some(follower) => *head = Reverse((follower, number)),
                None => drop(PeekMut::pop(head)),
            }
        }
        Ok(Some(item))
    }

    fn advance(&mut self, number: usize) -> Result<Option<T>, IndexError> {
        let Some(run) = self.runs.get_mut(number) else {
            return Ok(None);
        };
        if run.at == run.buffer.len() {
            run.refill(&mut self.file)
                .map_err(self.scratch.error("read"))?;
        }
        let item = run.buffer.get(run.at).copied();
        run.at += 1;
        Ok(item)
    }
}

impl<T: Item> Run<T> {
    fn refill(&mut self, file: &mut File) -> std::io::Result<()> {
        let count = (self.rest.end - self.rest.start).min(self.items as u64);
        self.buffer.resize(count as usize, T::new_zeroed());
        self.at = 0;
        file.seek(SeekFrom::Start(self.rest.start * size_of::<T>() as u64))?;
        self.rest.start += count;
        file.read_exact(self.buffer.as_mut_bytes())
    }
}
