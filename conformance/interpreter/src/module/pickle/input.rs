//! Where a pickle is read from: bytes in memory, or a file, of which no more is taken than the pickle has.

use super::broken;
use crate::error::{PyResult, Raised, raise};
use crate::object::exception::{self, class};
use crate::object::obj::Obj;
use crate::object::{bytes_like, int, protocol, str_};
use kit_core::thread::Ctx;
use std::borrow::Cow;

/// Bytes that a file is asked to show beforehand.
const PEEK: i64 = 128 * 1024;

/// The methods of a file.
#[derive(Clone)]
pub struct File {
    read: Obj,
    readline: Obj,
    peek: Option<Obj>,
}

impl File {
    /// The methods of a file.
    pub fn of(ctx: &mut Ctx, file: &Obj) -> PyResult<File> {
        let mut find = |name| {
            let name = str_::intern(ctx, name);
            protocol::find_attr(ctx, file, &name)
        };
        let (peek, read, readline) = (find("peek")?, find("read")?, find("readline")?);
        match (read, readline) {
            (Some(read), Some(readline)) => Ok(File {
                read,
                readline,
                peek,
            }),
            _ => Err(raise!(
                ctx,
                TypeError,
                "file must have 'read' and 'readline' attributes"
            )),
        }
    }

    /// The references.
    pub fn references(self) -> [Option<Obj>; 3] {
        [Some(self.read), Some(self.readline), self.peek]
    }

    /// The file with these references.
    pub fn from_references([read, readline, peek]: [Option<Obj>; 3]) -> Option<File> {
        Some(File {
            read: read?,
            readline: readline?,
            peek,
        })
    }
}

/// What is read.
pub struct Input<'a> {
    data: Cow<'a, [u8]>,
    at: usize,
    /// Up to here the data were taken from the file; what follows was only looked at.
    taken: usize,
    /// Where the open frame ends: nothing is cut in two there.
    frame: Option<usize>,
    file: Option<File>,
}

/// Raises the UnpicklingError of what is cut off.
#[cold]
pub fn truncated(ctx: &mut Ctx) -> Raised {
    broken(ctx, "pickle data was truncated")
}

impl<'a> Input<'a> {
    /// Bytes in memory.
    pub fn bytes(data: Cow<'a, [u8]>) -> Input<'a> {
        Input {
            taken: data.len(),
            data,
            at: 0,
            frame: None,
            file: None,
        }
    }

    /// A file.
    pub fn file(file: File) -> Input<'static> {
        Input {
            data: Cow::Owned(Vec::new()),
            at: 0,
            taken: 0,
            frame: None,
            file: Some(file),
        }
    }

    /// The next operation; `None` at the end.
    #[inline]
    pub fn op(&mut self, ctx: &mut Ctx) -> PyResult<Option<u8>> {
        if self.at == self.data.len() && !self.fill(ctx, 1)? {
            return Ok(None);
        }
        self.at += 1;
        let op = self.data[self.at - 1];
        self.leave_frame(ctx, self.at - 1)?;
        Ok(Some(op))
    }

    /// The next bytes.
    #[inline]
    pub fn take(&mut self, ctx: &mut Ctx, count: usize) -> PyResult<&[u8]> {
        if self.data.len() - self.at < count && !self.fill(ctx, count)? {
            return Err(truncated(ctx));
        }
        let start = self.at;
        self.at += count;
        self.leave_frame(ctx, start)?;
        Ok(&self.data[start..self.at])
    }

    /// The next bytes as an array.
    #[inline]
    pub fn array<const N: usize>(&mut self, ctx: &mut Ctx) -> PyResult<[u8; N]> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(ctx, N)?);
        Ok(array)
    }

    /// A frame of so many bytes begins: they are not read in small pieces.
    pub fn frame(&mut self, ctx: &mut Ctx, count: usize) -> PyResult<()> {
        if self.frame.is_some_and(|end| self.at < end) {
            return Err(broken(
                ctx,
                "beginning of a new frame before end of current frame",
            ));
        }
        if self.data.len() - self.at < count && !self.fill(ctx, count)? {
            return Err(truncated(ctx));
        }
        self.frame = (count > 0).then_some(self.at + count);
        Ok(())
    }

    /// Something was read, from `start` on: ends the frame that it was in, or fails if that has ended before.
    #[inline]
    fn leave_frame(&mut self, ctx: &mut Ctx, start: usize) -> PyResult<()> {
        match self.frame {
            Some(end) if self.at >= end => {
                self.frame = None;
                if start < end && self.at > end {
                    return Err(broken(ctx, "pickle exhausted before end of frame"));
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The rest of the line, without its end.
    pub fn line(&mut self, ctx: &mut Ctx) -> PyResult<&[u8]> {
        if memchr::memchr(b'\n', &self.data[self.at..]).is_none() {
            let Some(file) = self.file.clone() else {
                return Err(truncated(ctx));
            };
            let rest = self.settle(ctx)?;
            let more = protocol::call(ctx, &file.readline, &[])?;
            self.replace(ctx, rest, &more, "readline()")?;
        }
        let Some(len) = memchr::memchr(b'\n', &self.data[self.at..]) else {
            return Err(truncated(ctx));
        };
        let start = self.at;
        self.at += len + 1;
        self.leave_frame(ctx, start)?;
        Ok(&self.data[start..start + len])
    }

    /// Reads from the file until so many bytes are there; whether it had them.
    #[cold]
    fn fill(&mut self, ctx: &mut Ctx, count: usize) -> PyResult<bool> {
        let Some(file) = self.file.clone() else {
            return Ok(false);
        };
        let rest = self.settle(ctx)?;
        if let Some(peek) = &file.peek
            && rest.is_empty()
            && (count as i64) < PEEK
        {
            match protocol::call(ctx, peek, &[Obj::small_int(PEEK)]) {
                Ok(shown) => {
                    let shown = bytes_like::expect_buffer(ctx, &shown)?;
                    if shown.len() >= count {
                        self.data = Cow::Owned(shown.into_owned());
                        (self.at, self.taken) = (0, 0);
                        return Ok(true);
                    }
                }
                Err(raised) if exception::matches(ctx, &raised, class::NotImplementedError) => {
                    exception::take(ctx, raised);
                    if let Some(file) = &mut self.file {
                        file.peek = None;
                    }
                }
                Err(raised) => return Err(raised),
            }
        }
        let wanted = int::from_usize(ctx, count - rest.len())?;
        let more = protocol::call(ctx, &file.read, &[wanted])?;
        self.replace(ctx, rest, &more, "read()")?;
        Ok(self.data.len() >= count)
    }

    /// Takes from the file what was read of what it has shown, and gives what is left that it does not have any more.
    fn settle(&mut self, ctx: &mut Ctx) -> PyResult<Vec<u8>> {
        if self.at > self.taken
            && let Some(file) = self.file.clone()
        {
            let count = int::from_usize(ctx, self.at - self.taken)?;
            self.taken = self.at;
            protocol::call(ctx, &file.read, &[count])?;
        }
        let rest = self.data[self.at..self.taken.max(self.at)].to_vec();
        self.data = Cow::Owned(Vec::new());
        (self.at, self.taken) = (0, 0);
        Ok(rest)
    }

    /// What is there from now on: the rest, and what the file has given.
    fn replace(&mut self, ctx: &mut Ctx, rest: Vec<u8>, more: &Obj, what: &str) -> PyResult<()> {
        if more.downcast::<crate::object::bytes::PyBytes>().is_none() {
            let class = protocol::type_name(ctx, more);
            return Err(raise!(
                ctx,
                TypeError,
                "{what} returned non-bytes object ({class})"
            ));
        }
        let more = bytes_like::expect_buffer(ctx, more)?;
        let mut data = rest;
        data.extend_from_slice(&more);
        self.taken = data.len();
        self.data = Cow::Owned(data);
        Ok(())
    }

    /// The end of the pickle: the file is left behind it.
    pub fn finish(&mut self, ctx: &mut Ctx) -> PyResult<()> {
        if self.file.is_some() {
            self.settle(ctx)?;
        }
        Ok(())
    }
}
