//! The text that a pattern is matched against: a str, or the bytes of anything that has some.

use super::matcher::{Extent, Found, Matcher};
use super::pattern::Pattern;
use crate::error::{PyResult, raise};
use crate::object::obj::Obj;
use crate::object::str_::{self, PyStr};
use crate::object::{bytes, bytes_like, ids, protocol, type_};
use crate::text::wtf8::Wtf8;
use kit_core::thread::Ctx;
use std::borrow::Cow;

/// A text.
pub(super) struct Text<'a> {
    object: &'a Obj,
    /// Its bytes, copied where they may change.
    pub bytes: Cow<'a, [u8]>,
    /// Whether a character may be more than one byte.
    wide: bool,
    /// Whether it is a str.
    pub is_str: bool,
}

impl<'a> Text<'a> {
    /// The text of an argument.
    pub(super) fn of(ctx: &mut Ctx, object: &'a Obj) -> PyResult<Text<'a>> {
        if let Some(body) = object.downcast::<PyStr>() {
            return Ok(Text {
                object,
                bytes: Cow::Borrowed(body.payload.bytes()),
                wide: !body.is_ascii(),
                is_str: true,
            });
        }
        match bytes_like::row(ctx, object)? {
            Some(bytes) => Ok(Text {
                object,
                bytes,
                wide: false,
                is_str: false,
            }),
            None => {
                let class = protocol::type_name(ctx, object);
                Err(raise!(
                    ctx,
                    TypeError,
                    "expected string or bytes-like object, got '{class}'"
                ))
            }
        }
    }

    /// The text of an argument, if the pattern is for such.
    pub(super) fn for_pattern(
        ctx: &mut Ctx,
        pattern: &Pattern,
        object: &'a Obj,
    ) -> PyResult<Text<'a>> {
        let text = Text::of(ctx, object)?;
        match pattern.is_str {
            Some(true) if !text.is_str => Err(raise!(
                ctx,
                TypeError,
                "cannot use a string pattern on a bytes-like object"
            )),
            Some(false) if text.is_str => Err(raise!(
                ctx,
                TypeError,
                "cannot use a bytes pattern on a string-like object"
            )),
            _ => Ok(text),
        }
    }

    fn wtf8(&self) -> &Wtf8 {
        debug_assert!(self.is_str);
        // SAFETY: the bytes of a str are well-formed; others are not asked for.
        unsafe { Wtf8::from_bytes_unchecked(&self.bytes) }
    }

    /// The offset of a character; the end for one beyond it.
    pub(super) fn offset(&self, index: i64) -> usize {
        let index = usize::try_from(index).unwrap_or(0);
        if self.wide {
            self.wtf8().byte_offset(index, false)
        } else {
            index.min(self.bytes.len())
        }
    }

    /// The number of the character at an offset.
    pub(super) fn index(&self, offset: usize) -> usize {
        if self.wide {
            self.wtf8().char_index(offset, false)
        } else {
            offset
        }
    }

    /// A part, as an object of its own. Of bytes that have become fewer, what there is.
    pub(super) fn part(&self, ctx: &mut Ctx, from: usize, to: usize) -> PyResult {
        if self.is_str {
            return str_::from_part(ctx, self.object, self.wtf8().byte_slice(from, to));
        }
        let to = to.min(self.bytes.len());
        let from = from.min(to);
        let whole = to - from == self.bytes.len();
        if whole && type_::type_id_of(self.object) == ids::BYTES {
            return Ok(self.object.clone());
        }
        bytes::new(ctx, &self.bytes[from..to])
    }

    /// The text without anything in it.
    pub(super) fn empty(&self, ctx: &mut Ctx) -> PyResult {
        empty(ctx, self.is_str)
    }

    /// Pieces of such text, put together.
    pub(super) fn join(&self, ctx: &mut Ctx, pieces: Vec<Obj>) -> PyResult {
        join(ctx, self.is_str, pieces)
    }

    /// The match of the pattern that starts at `start`.
    pub(super) fn match_at(
        &self,
        ctx: &mut Ctx,
        pattern: &Pattern,
        start: usize,
        end: usize,
        extent: Extent,
    ) -> PyResult<Option<Found>> {
        if start > end {
            Ok(None)
        } else if self.wide {
            Matcher::<true>::new(&pattern.program, &self.bytes, end).match_at(ctx, start, extent)
        } else {
            Matcher::<false>::new(&pattern.program, &self.bytes, end).match_at(ctx, start, extent)
        }
    }

    /// The first match of the pattern from `start` on.
    pub(super) fn search(
        &self,
        ctx: &mut Ctx,
        pattern: &Pattern,
        start: usize,
        end: usize,
        extent: Extent,
    ) -> PyResult<Option<Found>> {
        if self.wide {
            Matcher::<true>::new(&pattern.program, &self.bytes, end).search(ctx, start, extent)
        } else {
            Matcher::<false>::new(&pattern.program, &self.bytes, end).search(ctx, start, extent)
        }
    }

    /// Every match from `start` on, left to right.
    pub(super) fn each(
        &self,
        ctx: &mut Ctx,
        pattern: &Pattern,
        start: usize,
        end: usize,
        mut take: impl FnMut(&mut Ctx, Found) -> PyResult<bool>,
    ) -> PyResult<()> {
        let (mut start, mut extent) = (start, Extent::Free);
        while let Some(found) = self.search(ctx, pattern, start, end, extent)? {
            let (from, to) = (found.marks[0], found.marks[1]);
            extent = after(from, to);
            start = to;
            if !take(ctx, found)? {
                break;
            }
        }
        Ok(())
    }
}

fn empty(ctx: &mut Ctx, is_str: bool) -> PyResult {
    if is_str {
        str_::new(ctx, "")
    } else {
        bytes::new(ctx, &[])
    }
}

/// Pieces of a str, or of bytes, put together.
pub(super) fn join(ctx: &mut Ctx, is_str: bool, pieces: Vec<Obj>) -> PyResult {
    if let [piece] = &pieces[..]
        && type_::type_id_of(piece) == if is_str { ids::STR } else { ids::BYTES }
    {
        return Ok(piece.clone());
    }
    let empty = empty(ctx, is_str)?;
    let pieces = crate::object::list::from_vec(ctx, pieces)?;
    let name = str_::intern(ctx, "join");
    protocol::call_method(ctx, &empty, &name, &[pieces])
}

/// What the match after one of `from..to` has to be.
pub(super) fn after(from: usize, to: usize) -> Extent {
    if from == to {
        Extent::Advancing
    } else {
        Extent::Free
    }
}
