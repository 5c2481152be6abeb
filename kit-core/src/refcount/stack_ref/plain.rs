//! A slot holds the word itself, and nothing is recorded.

use crate::object::Word;
use crate::thread::Ctx;

#[inline(always)]
pub(super) fn open(_: &Ctx, word: Word, _parent: Word) -> Word {
    word
}

#[inline(always)]
pub(super) fn resolve(word: &Word) -> &Word {
    word
}

#[inline(always)]
pub(super) fn close(word: Word) -> Word {
    word
}

#[inline(always)]
pub(super) fn is_object(word: Word) -> bool {
    word.is_object()
}

#[inline(always)]
pub(super) fn needs_close(word: Word) -> bool {
    word.is_counted()
}

#[inline(always)]
pub(super) fn scanned(word: Word) -> Word {
    word
}
