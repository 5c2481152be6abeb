//! A file of the operating system with its buffers, shared by the text object and the binary object
//! that present it.
//!
//! System calls that may block run detached, so that no other thread's collection waits for them.
//! The lock is taken inside such a section, or only if it is free: a thread that is attached never
//! waits for one that is not.

use crate::cli::signal;
use crate::object::obj::Obj;
use crate::vm::thread::rt;
use kit_core::thread::Ctx;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::mem::ManuallyDrop;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, RawFd};
use std::sync::{Arc, Mutex, MutexGuard, TryLockError, Weak};

/// Bytes of a buffer.
const BUFFER: usize = 8192;

/// A stream as objects share it.
pub type Shared = Arc<Mutex<Stream>>;

/// Streams that may have something to write when the program ends.
static OPEN: Mutex<Vec<Weak<Mutex<Stream>>>> = Mutex::new(Vec::new());

/// A file and its buffers.
pub struct Stream {
    /// `None` when it is closed.
    file: Option<ManuallyDrop<File>>,
    /// Whether closing the stream closes the file.
    owned: bool,
    /// Whether it can be read.
    pub readable: bool,
    /// Whether it can be written.
    pub writable: bool,
    /// Whether a line that is written is written through.
    pub line_buffered: bool,
    /// Whether everything that is written is written through.
    pub unbuffered: bool,
    output: Vec<u8>,
    input: Vec<u8>,
    /// How much of `input` was taken.
    taken: usize,
}

impl Stream {
    /// A stream over an open file.
    pub fn new(file: File, readable: bool, writable: bool) -> Shared {
        Stream::share(Stream::over(file, true, readable, writable))
    }

    /// A stream over a file descriptor that belongs to the process.
    pub fn standard(fd: RawFd) -> Shared {
        // SAFETY: the standard descriptors stay open; the file is never dropped.
        let file = unsafe { File::from_raw_fd(fd) };
        let mut stream = Stream::over(file, false, fd == 0, fd != 0);
        stream.line_buffered = fd == 2 || is_terminal(fd);
        Stream::share(stream)
    }

    fn over(file: File, owned: bool, readable: bool, writable: bool) -> Stream {
        Stream {
            file: Some(ManuallyDrop::new(file)),
            owned,
            readable,
            writable,
            line_buffered: false,
            unbuffered: false,
            output: Vec::new(),
            input: Vec::new(),
            taken: 0,
        }
    }

    fn share(stream: Stream) -> Shared {
        let writable = stream.writable;
        let shared = Arc::new(Mutex::new(stream));
        if writable {
            let mut open = OPEN.lock().unwrap_or_else(|e| e.into_inner());
            open.retain(|stream| stream.strong_count() > 0);
            open.push(Arc::downgrade(&shared));
        }
        shared
    }

    /// Whether it is closed.
    pub fn is_closed(&self) -> bool {
        self.file.is_none()
    }

    /// The descriptor.
    pub fn fd(&self) -> Option<RawFd> {
        self.file.as_ref().map(|file| file.as_raw_fd())
    }

    fn file(&mut self) -> io::Result<&mut File> {
        match &mut self.file {
            Some(file) => Ok(file),
            None => Err(io::Error::from_raw_os_error(9)),
        }
    }

    /// Takes bytes to write; true when they should be written out now.
    pub fn push(&mut self, bytes: &[u8]) -> bool {
        self.output.extend_from_slice(bytes);
        self.unbuffered
            || self.output.len() >= BUFFER
            || (self.line_buffered && memchr::memchr(b'\n', bytes).is_some())
    }

    /// Whether [`Stream::push`] of these bytes would have to write.
    pub fn would_write(&self, bytes: &[u8]) -> bool {
        self.unbuffered
            || self.output.len() + bytes.len() >= BUFFER
            || (self.line_buffered && memchr::memchr(b'\n', bytes).is_some())
    }

    /// Writes out what was taken. What could not be written is given up, unless a signal came.
    pub fn flush(&mut self) -> io::Result<()> {
        if self.taken < self.input.len() && !self.output.is_empty() {
            // What was read ahead is behind the place the program is at.
            let ahead = (self.input.len() - self.taken) as i64;
            self.file()?.seek(SeekFrom::Current(-ahead))?;
            self.input.clear();
            self.taken = 0;
        }
        let mut written = 0;
        let mut result = Ok(());
        let output = std::mem::take(&mut self.output);
        while written < output.len() {
            match self.file()?.write(&output[written..]) {
                Ok(0) => {
                    result = Err(io::ErrorKind::WriteZero.into());
                    break;
                }
                Ok(count) => written += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    result = Err(error);
                    break;
                }
            }
        }
        result
    }

    /// Reads more into the buffer; false at the end of the file.
    fn fill(&mut self) -> io::Result<bool> {
        if !self.output.is_empty() {
            self.flush()?;
        }
        if self.taken == self.input.len() {
            self.input.clear();
            self.taken = 0;
        } else if self.taken > BUFFER {
            self.input.drain(..self.taken);
            self.taken = 0;
        }
        let mut block = [0u8; BUFFER];
        let file = self.file()?;
        signal::await_input(file.as_fd())?;
        let count = file.read(&mut block)?;
        self.input.extend_from_slice(&block[..count]);
        Ok(count > 0)
    }

    fn available(&self) -> &[u8] {
        &self.input[self.taken..]
    }

    fn take(&mut self, count: usize) -> Vec<u8> {
        let bytes = self.available()[..count].to_vec();
        self.taken += count;
        bytes
    }

    /// The next `count` bytes, fewer at the end; all that are left without a count.
    pub fn read(&mut self, count: Option<usize>) -> io::Result<Vec<u8>> {
        let wanted = count.unwrap_or(usize::MAX);
        while self.available().len() < wanted {
            if !self.fill()? {
                break;
            }
        }
        let have = self.available().len().min(wanted);
        Ok(self.take(have))
    }

    /// What one read of the file gives, at most `count` bytes.
    pub fn read_once(&mut self, count: usize) -> io::Result<Vec<u8>> {
        if self.available().is_empty() {
            self.fill()?;
        }
        let have = self.available().len().min(count);
        Ok(self.take(have))
    }

    /// The bytes up to and with the end of the line, at most `limit`. With `universal` a line may
    /// end in `\r` and `\r\n` too.
    pub fn read_line(&mut self, limit: Option<usize>, universal: bool) -> io::Result<Vec<u8>> {
        let limit = limit.unwrap_or(usize::MAX);
        let mut searched = 0;
        loop {
            let available = self.available();
            let from = &available[searched..];
            let found = if universal {
                memchr::memchr2(b'\n', b'\r', from)
            } else {
                memchr::memchr(b'\n', from)
            };
            if let Some(at) = found {
                let at = searched + at;
                let mut end = at + 1;
                if available[at] == b'\r' {
                    if available.len() == end && end < limit && self.fill()? {
                        searched = at;
                        continue;
                    }
                    if self.available().get(end) == Some(&b'\n') {
                        end += 1;
                    }
                }
                return Ok(self.take(end.min(limit)));
            }
            searched = available.len();
            if searched >= limit || !self.fill()? {
                let have = self.available().len().min(limit);
                return Ok(self.take(have));
            }
        }
    }

    /// Gives back bytes that were read.
    pub fn unread(&mut self, bytes: &[u8]) {
        let mut input = bytes.to_vec();
        input.extend_from_slice(self.available());
        self.input = input;
        self.taken = 0;
    }

    /// The place in the file as the program sees it.
    pub fn tell(&mut self) -> io::Result<u64> {
        let (ahead, behind) = (self.available().len() as u64, self.output.len() as u64);
        let at = self.file()?.stream_position()?;
        Ok((at + behind).saturating_sub(ahead))
    }

    /// Goes to another place.
    pub fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.flush()?;
        let to = match to {
            SeekFrom::Current(by) => SeekFrom::Current(by - self.available().len() as i64),
            other => other,
        };
        self.input.clear();
        self.taken = 0;
        self.file()?.seek(to)
    }

    /// Cuts or extends the file.
    pub fn truncate(&mut self, size: u64) -> io::Result<()> {
        self.flush()?;
        self.file()?.set_len(size)
    }

    /// Writes out and closes.
    pub fn close(&mut self) -> io::Result<()> {
        if self.file.is_none() {
            return Ok(());
        }
        let result = self.flush();
        if let (Some(file), true) = (self.file.take(), self.owned) {
            drop(ManuallyDrop::into_inner(file));
        }
        result
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // Nobody is left who could be told.
        let _ = self.close();
    }
}

fn lock(stream: &Shared) -> MutexGuard<'_, Stream> {
    stream.lock().unwrap_or_else(|e| e.into_inner())
}

/// Runs `body`, which does not block, with the stream.
pub fn quick<R>(ctx: &mut Ctx, stream: &Shared, body: impl FnOnce(&mut Stream) -> R) -> R {
    match stream.try_lock() {
        Ok(mut guard) => body(&mut guard),
        Err(TryLockError::Poisoned(error)) => body(&mut error.into_inner()),
        Err(TryLockError::WouldBlock) => blocking(ctx, stream, body),
    }
}

/// Runs `body`, which may block, with the stream.
pub fn blocking<R>(ctx: &mut Ctx, stream: &Shared, body: impl FnOnce(&mut Stream) -> R) -> R {
    rt(ctx).kit.detached(ctx, || body(&mut lock(stream)))
}

/// Writes out every stream that is open; the error of the first that fails.
pub fn flush_all(ctx: &mut Ctx) -> io::Result<()> {
    let open: Vec<Shared> = {
        let open = OPEN.lock().unwrap_or_else(|e| e.into_inner());
        open.iter().filter_map(Weak::upgrade).collect()
    };
    let mut result = Ok(());
    for stream in open {
        let flushed = blocking(
            ctx,
            &stream,
            |s| {
                if s.is_closed() { Ok(()) } else { s.flush() }
            },
        );
        result = result.and(flushed);
    }
    result
}

/// Whether the descriptor is a terminal.
pub fn is_terminal(fd: RawFd) -> bool {
    use std::io::IsTerminal;
    // SAFETY: only asked about while it is open, or harmlessly told that it is not.
    let file = ManuallyDrop::new(unsafe { File::from_raw_fd(fd) });
    file.is_terminal()
}

/// Whether the descriptor is a pipe that nobody reads any more.
pub fn has_no_reader(fd: RawFd) -> bool {
    let mut asked = libc::pollfd {
        fd,
        events: 0,
        revents: 0,
    };
    // SAFETY: one place to write to; it does not wait.
    let ready = unsafe { libc::poll(&mut asked, 1, 0) };
    ready == 1 && asked.revents & libc::POLLERR != 0
}

/// The stream that a file object presents, text or binary.
pub fn of(object: &Obj) -> Option<&Shared> {
    if let Some(text) = object.downcast::<super::text::PyTextFile>() {
        return Some(&text.payload.stream);
    }
    let binary = object.downcast::<super::binary::PyBinaryFile>()?;
    Some(&binary.payload.stream)
}
