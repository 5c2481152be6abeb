//! How the collector asks an object for its references.
//!
//! An object writes them down, and goes on at once: no call per reference. Where many lie together it only says
//! where, and whoever collects looks there when the memory has arrived from afar. What is written down goes to
//! the collector when there is no more room, or when it asks ([`Tracer::flush`]).
//!
//! ```text
//! | counted | borrowed, bit 3 | per thread, 4 | ROWS | address | rows, width, skipped | ROWS_AT | address | function | ...
//! ```

use super::{Header, Kind, Word};
use core::{fmt, marker::PhantomData, mem::MaybeUninit, slice};

/// A list of references: *counted* ones, each of which holds one reference count, in the header or per thread, and
/// *borrowed* ones to deferred objects, which the collector follows but does not subtract.
pub struct Tracer<'a> {
    first: *mut u64,
    at: *mut u64,
    end: *mut u64,
    /// Whether a [`PerThread`](Edge::PerThread) edge need not be reported again at once.
    once: bool,
    /// The one that was reported last.
    last: *const Header,
    full: &'a mut dyn FnMut(References<'_>),
    buffer: PhantomData<&'a mut [MaybeUninit<u64>]>,
}

/// How a reference is held.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Edge {
    /// It owns one count of its target.
    Counted,
    /// It owns one count of its target, which many objects share: usually one
    /// [per thread](crate::refcount::per_thread). [`Kind::discard`] gives it up.
    PerThread,
    /// It owns none: a word with the deferred tag. The target is kept by being followed.
    Borrowed,
}

impl Edge {
    /// Whether it owns one count of its target.
    #[inline(always)]
    pub fn is_counted(self) -> bool {
        matches!(self, Edge::Counted | Edge::PerThread)
    }

    fn of(word: Word) -> Edge {
        if word.is_deferred() {
            Edge::Borrowed
        } else {
            Edge::Counted
        }
    }
}

impl fmt::Debug for Tracer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tracer").finish_non_exhaustive()
    }
}

impl<'a> Tracer<'a> {
    /// A tracer that writes into `buffer`, and has `full` read it.
    ///
    /// # Panics
    ///
    /// When the buffer has less room than [`LEAST`].
    pub fn new(
        buffer: &'a mut [MaybeUninit<u64>],
        full: &'a mut dyn FnMut(References<'_>),
    ) -> Self {
        assert!(buffer.len() >= LEAST);
        let room = buffer.as_mut_ptr_range();
        Tracer {
            first: room.start.cast(),
            at: room.start.cast(),
            end: room.end.cast(),
            once: false,
            last: core::ptr::null(),
            full,
            buffer: PhantomData,
        }
    }

    /// For who only asks what is referred to: what objects refer to alike in a row, as instances do to their class, is
    /// reported once.
    #[must_use]
    pub fn once(mut self) -> Self {
        self.once = true;
        self
    }

    /// Hands over what was written down.
    pub fn flush(&mut self) {
        let list = References(self.written());
        self.at = self.first;
        (self.full)(list);
    }

    /// What was written down and not handed over: for who looks at it later, when the memory that it speaks of has arrived.
    pub fn into_list(self) -> References<'a> {
        References(self.written())
    }

    fn written(&self) -> &'a [u64] {
        // SAFETY: both lie in the buffer, which is ours, and what is between them was written.
        unsafe {
            let len = self.at.offset_from_unsigned(self.first);
            slice::from_raw_parts(self.first, len)
        }
    }

    /// Makes room for `entries`, at most [`LEAST`].
    #[inline(always)]
    fn reserve(&mut self, entries: usize) {
        // SAFETY: both lie in the buffer.
        if unsafe { self.end.offset_from_unsigned(self.at) } < entries {
            self.flush_full();
        }
    }

    #[cold]
    #[inline(never)]
    fn flush_full(&mut self) {
        self.flush();
    }

    /// # Safety
    ///
    /// - There is room.
    #[inline(always)]
    unsafe fn put(&mut self, entry: u64) {
        // SAFETY: inside the buffer.
        unsafe {
            self.at.write(entry);
            self.at = self.at.add(1);
        }
    }

    /// Reports a slot that owns what it refers to. Immediates and null are ignored; a word with the
    /// deferred tag is a borrowed edge.
    #[inline]
    pub fn word(&mut self, word: Word) {
        if word.is_object() {
            self.reserve(1);
            // SAFETY: there is room.
            unsafe { self.put(word.bits()) };
        }
    }

    /// Reports slots, as [`word`](Self::word) does each.
    #[inline]
    pub fn words(&mut self, words: &[Word]) {
        if words.len() > LEAST {
            return self.many_words(words);
        }
        self.reserve(words.len());
        for &word in words {
            // SAFETY: there is room for one each. What is no object is written over by the next.
            unsafe {
                self.at.write(word.bits());
                self.at = self.at.add(usize::from(word.is_object()));
            }
        }
    }

    #[cold]
    fn many_words(&mut self, words: &[Word]) {
        words.chunks(LEAST).for_each(|words| self.words(words));
    }

    /// Reports slots that lie elsewhere than in the object itself: `rows` times `width` words, of which the first
    /// `skipped` are none. They are looked at later.
    ///
    /// # Safety
    ///
    /// - The words stay as they are while the world is stopped, or until the tracer was flushed.
    /// - They are words, but for those that are skipped.
    #[inline]
    pub unsafe fn rows(&mut self, first: *const Word, rows: usize, width: u8, skipped: u8) {
        if rows != 0 {
            prefetch(first.cast());
            self.reserve(3);
            let rows = Rows::new(first, rows, width, skipped);
            // SAFETY: there is room.
            unsafe {
                self.put(ROWS);
                self.put(first.expose_provenance() as u64);
                self.put(rows.shape());
            }
        }
    }

    /// Reports rows that `at` tells of, memory that may be far away: it is asked for now, and looked at later.
    ///
    /// # Safety
    ///
    /// - `rows` may be called with `at` as long as the world is stopped, or until the tracer was flushed; for what it says,
    ///   the demands of [`rows`](Self::rows) hold.
    #[inline]
    pub unsafe fn rows_at(&mut self, at: *const u8, rows: unsafe fn(*const u8) -> Rows) {
        prefetch(at);
        // What it tells of often follows.
        prefetch(at.wrapping_add(64));
        self.reserve(3);
        // SAFETY: there is room.
        unsafe {
            self.put(ROWS_AT);
            self.put(at.expose_provenance() as u64);
            self.put((rows as *const ()).expose_provenance() as u64);
        }
    }

    /// Reports a counted reference that `discard` gives up, as [`Edge::PerThread`] says.
    #[inline]
    pub fn per_thread(&mut self, object: *const Header) {
        if object == self.last {
            return;
        }
        if self.once {
            self.last = object;
        }
        self.reserve(1);
        // SAFETY: there is room.
        unsafe { self.put(Word::object(object).bits() | PER_THREAD) };
    }
}

/// What a tracer has written down.
#[derive(Clone, Copy, Debug, Default)]
pub struct References<'a>(&'a [u64]);

/// An entry of a list of references.
#[derive(Clone, Copy, Debug)]
pub enum Reference {
    /// To an object, the word without its tag.
    One(Word, Edge),
    /// Any number, elsewhere.
    Rows(Rows),
}

impl Iterator for References<'_> {
    type Item = Reference;

    #[inline(always)]
    fn next(&mut self) -> Option<Reference> {
        let (&entry, rest) = self.0.split_first()?;
        self.0 = rest;
        let word = Word::from_bits(entry & !TAG);
        match entry & TAG {
            // The mask leaves nothing else to take away.
            0 => Some(Reference::One(
                Word::object(word.as_object()),
                Edge::of(word),
            )),
            PER_THREAD => Some(Reference::One(word, Edge::PerThread)),
            tag => {
                let (&[first, shape], rest) = self.0.split_first_chunk()?;
                self.0 = rest;
                if tag == ROWS_AT {
                    let rows = core::ptr::with_exposed_provenance::<()>(shape as usize);
                    let at = core::ptr::with_exposed_provenance(first as usize);
                    // SAFETY: `rows_at` wrote both down, and by its contract the one may be called with the other.
                    return Some(Reference::Rows(unsafe {
                        core::mem::transmute::<*const (), unsafe fn(*const u8) -> Rows>(rows)(at)
                    }));
                }
                Some(Reference::Rows(Rows::from_parts(
                    core::ptr::with_exposed_provenance(first as usize),
                    shape,
                )))
            }
        }
    }
}

/// References that lie together: each row begins with words that are none.
#[derive(Clone, Copy, Debug)]
pub struct Rows {
    first: *const Word,
    rows: usize,
    width: u8,
    skipped: u8,
}

impl Rows {
    /// `rows` times `width` words from `first` on; the first `skipped` of each row are none.
    #[inline]
    pub fn new(first: *const Word, rows: usize, width: u8, skipped: u8) -> Rows {
        Rows {
            first,
            rows,
            width,
            skipped,
        }
    }

    /// Where they begin.
    #[inline]
    pub fn first(self) -> *const Word {
        self.first
    }

    /// How many there are, and what they look like, as one number that is not 0.
    #[inline]
    pub fn shape(self) -> u64 {
        (self.rows as u64) << 16 | u64::from(self.width) << 8 | u64::from(self.skipped)
    }

    /// The rows at `first` of this shape.
    #[inline]
    pub fn from_parts(first: *const Word, shape: u64) -> Rows {
        Rows {
            first,
            rows: (shape >> 16) as usize,
            width: (shape >> 8) as u8,
            skipped: shape as u8,
        }
    }

    /// The first few rows, of at most `words` words if a row has no more; and the rest, if there is one.
    #[inline]
    pub fn split(self, words: usize) -> (Rows, Option<Rows>) {
        let rows = (words / usize::from(self.width.max(1))).max(1);
        if self.rows <= rows {
            return (self, None);
        }
        let rest = Rows {
            // In the same array: the rows before it are all there.
            first: self.first.wrapping_add(rows * usize::from(self.width)),
            rows: self.rows - rows,
            ..self
        };
        (Rows { rows, ..self }, Some(rest))
    }

    /// Calls `visit` with each of the references.
    ///
    /// # Safety
    ///
    /// - The words are still as they were reported.
    #[inline(always)]
    pub unsafe fn for_each(self, mut visit: impl FnMut(Word, Edge)) {
        // SAFETY: as the caller says.
        unsafe { self.for_each_word(|word| visit(Word::object(word.as_object()), Edge::of(word))) };
    }

    /// Calls `visit` with what each of the references leads to.
    ///
    /// # Safety
    ///
    /// - As for [`for_each`](Self::for_each).
    #[inline(always)]
    pub unsafe fn for_each_target(self, mut visit: impl FnMut(*mut Header)) {
        // SAFETY: as the caller says.
        unsafe { self.for_each_word(|word| visit(word.as_object())) };
    }

    /// # Safety
    ///
    /// - As for [`for_each`](Self::for_each).
    #[inline(always)]
    unsafe fn for_each_word(self, mut visit: impl FnMut(Word)) {
        let mut visit = |word: Word| {
            if word.is_object() {
                visit(word);
            }
        };
        // SAFETY: the rows are words, as the caller says.
        unsafe {
            if self.width == 1 {
                return slice::from_raw_parts(self.first, self.rows)
                    .iter()
                    .for_each(|&word| visit(word));
            }
            let (width, skipped) = (usize::from(self.width), usize::from(self.skipped));
            let (mut at, mut column) = (self.first.wrapping_add(skipped), skipped);
            for _ in 0..self.rows * width.saturating_sub(skipped) {
                visit(at.read());
                at = at.wrapping_add(1);
                column += 1;
                if column == width {
                    at = at.wrapping_add(skipped);
                    column = skipped;
                }
            }
        }
    }

    /// How many words there are.
    #[inline]
    pub fn words(self) -> usize {
        self.rows * usize::from(self.width)
    }
}

impl Kind {
    /// Calls `visit` with every reference that an object holds, in the order in which its kind reports them.
    ///
    /// # Safety
    ///
    /// - `object` is of this kind, alive and tracked.
    /// - The world is stopped, or nobody else has the object.
    pub unsafe fn references(&self, object: *const Header, mut visit: impl FnMut(Word, Edge)) {
        let mut full = |list: References<'_>| {
            for reference in list {
                match reference {
                    Reference::One(word, edge) => visit(word, edge),
                    // SAFETY: reported just now, and nothing has changed.
                    Reference::Rows(rows) => unsafe { rows.for_each(&mut visit) },
                }
            }
        };
        let mut buffer = [MaybeUninit::uninit(); 2 * LEAST];
        let mut tracer = Tracer::new(&mut buffer, &mut full);
        // SAFETY: as the caller says.
        unsafe { (self.trace)(object, &mut tracer) };
        tracer.flush();
    }
}

/// Asks for the memory at `at`, which need not be there.
#[inline(always)]
pub fn prefetch(at: *const u8) {
    #[cfg(all(target_arch = "x86_64", target_feature = "sse", not(miri)))]
    // SAFETY: a hint, which is allowed any address.
    unsafe {
        use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(at.cast());
    }
    #[cfg(not(all(target_arch = "x86_64", target_feature = "sse", not(miri))))]
    let _ = at;
}

/// The least room of a tracer's buffer, in entries.
pub const LEAST: usize = 32;

const ROWS: u64 = 1;
const ROWS_AT: u64 = 2;
const PER_THREAD: u64 = 4;
const TAG: u64 = 7;

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use std::vec::Vec;

    /// An object is what this kind's `trace` makes of it: here, a list of words after the header.
    #[repr(C)]
    struct Many {
        header: Header,
        inside: [Word; 100],
        outside: Vec<Word>,
        table: [Word; 12],
    }

    unsafe fn trace(object: *const Header, tracer: &mut Tracer<'_>) {
        // SAFETY: of this kind.
        let many = unsafe { &*object.cast::<Many>() };
        tracer.word(many.inside[0].deferred());
        tracer.per_thread(many.inside[1].as_object());
        tracer.words(&many.inside);
        // SAFETY: nothing changes here.
        unsafe {
            tracer.rows(many.outside.as_ptr(), many.outside.len(), 1, 0);
            tracer.rows_at((&raw const many.table).cast(), |table| {
                Rows::new(table.cast(), 4, 3, 1)
            });
        }
        tracer.word(many.inside[99].deferred());
    }

    static KIND: Kind = Kind {
        name: "many",
        trace,
        clear: super::super::kind::clear_nothing,
        drop: |_, _| (),
        discard: None,
        size: |_| size_of::<Many>(),
    };

    fn word(number: usize) -> Word {
        Word::from_bits((number as u64 + 1) << 4)
    }

    #[test]
    fn each_reference_is_reported_in_order_and_nothing_else() {
        let mut many = Many {
            header: Header::immortal(1),
            inside: core::array::from_fn(word),
            outside: (100..300).map(word).collect(),
            table: core::array::from_fn(|index| {
                if index % 3 == 0 {
                    // No reference, whatever it looks like.
                    word(9999)
                } else {
                    word(300 + index - index / 3 - 1)
                }
            }),
        };
        many.inside[7] = Word::NULL;
        many.inside[8] = Word::int_unchecked(5);
        many.outside[3] = Word::constant(2);
        let mut seen = Vec::new();
        // SAFETY: of this kind, and ours alone.
        unsafe { KIND.references(&raw const many.header, |word, edge| seen.push((word, edge))) };
        let left_out = [7, 8, 103];
        let mut expected = std::vec![(word(0), Edge::Borrowed), (word(1), Edge::PerThread)];
        expected.extend(
            (0..308)
                .filter(|number| !left_out.contains(number))
                .map(|number| (word(number), Edge::Counted)),
        );
        expected.push((word(99), Edge::Borrowed));
        assert_eq!(seen, expected);
    }

    #[test]
    fn rows_are_split_where_a_row_ends() {
        let rows = Rows::from_parts(core::ptr::without_provenance(80), 10 << 16 | 3 << 8 | 1);
        let (head, rest) = rows.split(7);
        assert_eq!((head.rows, head.first.addr()), (2, 80));
        let rest = rest.expect("more");
        assert_eq!((rest.rows, rest.first.addr()), (8, 80 + 2 * 3 * 8));
        assert!(rest.split(24).1.is_none());
        assert_eq!(rest.split(1).0.rows, 1);
    }
}
