//! A file of the operating system with its buffers, shared by the text object and the binary object
//! that present it.
//!
//! System calls that may block run detached, so that no other thread's collection waits for them.
//! The lock is taken inside such a section, or only if it is free: a thread that is attached never
//! waits for one that is not.
//!
//! A fork comes while other threads use streams. One that is in a system call may be there for ever, but it has nothing of its
//! stream in its hands, which the child therefore unlocks; out of the call it does not get before the fork is over.
//! For any other the fork waits: it needs nothing but time ([`Still`]).

use crate::cli::signal;
use crate::object::obj::Obj;
use crate::vm::outside::Outside;
use crate::vm::thread::{lot, rt};
use kit_core::sync::mutex::ByteLock;
use kit_core::sync::parking::{ParkingLot, Unattached};
use kit_core::thread::Ctx;
use std::cell::UnsafeCell;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::mem::ManuallyDrop;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, RawFd};
use std::sync::atomic::{AtomicBool, Ordering::*};
use std::sync::{Arc, Mutex, MutexGuard, Weak};

/// Bytes of a buffer.
const BUFFER: usize = 8192;
/// Bytes that are read before anyone asks whether there is room.
const ROOM: usize = 8 * BUFFER;

/// A stream as objects share it.
pub type Shared = Arc<Guarded>;

/// A stream and its lock.
pub struct Guarded {
    lock: ByteLock,
    /// Whether there may be something to write when the program ends.
    writable: bool,
    calling: Arc<AtomicBool>,
    stream: UnsafeCell<Stream>,
}

// SAFETY: the stream is used by who has the lock.
unsafe impl Send for Guarded {}
// SAFETY: as above.
unsafe impl Sync for Guarded {}

/// The streams there are.
static OPEN: Mutex<Vec<Weak<Guarded>>> = Mutex::new(Vec::new());

/// Held by who comes out of a system call, and by who forks.
static GATE: Mutex<()> = Mutex::new(());

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
    input: Outside<Vec<u8>>,
    /// How much of `input` was taken.
    taken: usize,
    /// Whether the thread that uses the stream is in a system call that may block.
    calling: Arc<AtomicBool>,
    /// Reading stops when `input` has so many bytes, until there is more [room](Stream::make_room).
    room: usize,
}

impl Stream {
    /// A stream over an open file.
    pub fn open(file: File, readable: bool, writable: bool) -> Shared {
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
            input: Outside::default(),
            taken: 0,
            calling: Arc::default(),
            room: ROOM,
        }
    }

    fn share(stream: Stream) -> Shared {
        let shared = Arc::new(Guarded {
            lock: ByteLock::new(),
            writable: stream.writable,
            calling: stream.calling.clone(),
            stream: UnsafeCell::new(stream),
        });
        let mut open = locked(&OPEN);
        open.retain(|stream| stream.strong_count() > 0);
        open.push(Arc::downgrade(&shared));
        shared
    }

    /// Makes a system call that may block. Nothing of the stream is in the caller's hands meanwhile.
    fn outside<R>(&mut self, call: impl FnOnce(&mut File) -> io::Result<R>) -> io::Result<R> {
        let calling = self.calling.clone();
        let file = self.file()?;
        // Release, paired with `Still::hold`: the child finds the stream as it is now.
        calling.store(true, Release);
        let result = call(file);
        let _gate = locked(&GATE);
        // Relaxed: under the gate, which a fork holds.
        calling.store(false, Relaxed);
        result
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
            match self.outside(|file| file.write(&output[written..])) {
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
            if self.input.capacity() > ROOM {
                // For one long line: nobody may need it again.
                *self.input = Vec::new();
                self.room = ROOM;
            }
        } else if self.taken > BUFFER {
            let taken = self.taken;
            self.input.drain(..taken);
            self.taken = 0;
        }
        if self.input.len() >= self.room {
            return Err(io::ErrorKind::OutOfMemory.into());
        }
        let mut block = [0u8; BUFFER];
        let count = self.outside(|file| {
            signal::await_input(file.as_fd())?;
            file.read(&mut block)
        })?;
        self.input.extend_from_slice(&block[..count]);
        Ok(count > 0)
    }

    /// Whether an operation failed because the input needs more room: it can be repeated after
    /// [`make_room`](Stream::make_room), and goes on where it was.
    pub fn needs_room(error: &io::Error) -> bool {
        // The system's own error has a number.
        error.kind() == io::ErrorKind::OutOfMemory && error.raw_os_error().is_none()
    }

    /// What reading on may take: the buffer grows to twice its size, and is copied.
    pub fn wants(&self) -> usize {
        self.input.len().saturating_mul(4)
    }

    /// Whether [`count`](Stream::count) has something to do.
    pub fn is_stale(&self) -> bool {
        self.input.is_stale()
    }

    /// Counts the input as memory of the program: not while the thread is detached, as when it reads.
    pub fn count(&mut self) {
        self.input.count();
    }

    /// Lets the input grow to twice its size.
    pub fn make_room(&mut self) {
        self.room = self.input.len().saturating_mul(2).max(ROOM);
    }

    fn available(&self) -> &[u8] {
        &self.input[self.taken..]
    }

    fn take(&mut self, count: usize) -> Vec<u8> {
        if count < self.input.len() || count < BUFFER {
            let bytes = self.available()[..count].to_vec();
            self.taken += count;
            return bytes;
        }
        // All of a large buffer, which need not be there twice.
        let bytes = std::mem::take(&mut *self.input);
        self.taken = 0;
        self.room = ROOM;
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

    /// The bytes up to and with `end`.
    pub fn read_to(&mut self, end: &[u8]) -> io::Result<Vec<u8>> {
        let mut searched = 0;
        loop {
            let available = self.available();
            if let Some(at) = memchr::memmem::find(&available[searched..], end) {
                return Ok(self.take(searched + at + end.len()));
            }
            // The end may have begun.
            searched = (available.len() + 1).saturating_sub(end.len());
            if !self.fill()? {
                return Ok(self.take(self.available().len()));
            }
        }
    }

    /// Gives back bytes that were read.
    pub fn unread(&mut self, bytes: &[u8]) {
        let mut input = bytes.to_vec();
        input.extend_from_slice(self.available());
        *self.input = input;
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
        *self.input = Vec::new();
        self.taken = 0;
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

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|e| e.into_inner())
}

impl Guarded {
    /// Calls `body` with the stream of which the caller has the lock, and releases that.
    ///
    /// # Safety
    /// - The caller has taken the lock, and gives it up.
    unsafe fn with<R>(&self, lot: &ParkingLot, body: impl FnOnce(&mut Stream) -> R) -> R {
        struct Unlock<'a>(&'a ByteLock, &'a ParkingLot);
        impl Drop for Unlock<'_> {
            fn drop(&mut self) {
                // SAFETY: taken by the caller of `with`.
                unsafe { self.0.unlock(self.1) };
            }
        }
        let _unlock = Unlock(&self.lock, lot);
        // SAFETY: the lock is the caller's.
        body(unsafe { &mut *self.stream.get() })
    }
}

/// Runs `body`, which does not block, with the stream.
pub fn quick<R>(ctx: &mut Ctx, stream: &Shared, body: impl FnOnce(&mut Stream) -> R) -> R {
    if stream.lock.try_lock() {
        // SAFETY: taken just now.
        unsafe { stream.with(lot(ctx), body) }
    } else {
        blocking(ctx, stream, body)
    }
}

/// Runs `body`, which may block, with the stream.
pub fn blocking<R>(ctx: &mut Ctx, stream: &Shared, body: impl FnOnce(&mut Stream) -> R) -> R {
    let lot = lot(ctx);
    rt(ctx).kit.detached(ctx, || {
        // Nobody is shut out who sleeps unattached, so this returns with the lock.
        let _ = stream.lock.lock(lot, &mut Unattached);
        // SAFETY: taken just now.
        unsafe { stream.with(lot, body) }
    })
}

/// Writes out every stream that is open; the error of the first that fails.
pub fn flush_all(ctx: &mut Ctx) -> io::Result<()> {
    let mut result = Ok(());
    let writable = |stream: &Shared| stream.writable;
    for stream in open().into_iter().filter(writable) {
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

fn open() -> Vec<Shared> {
    locked(&OPEN).iter().filter_map(Weak::upgrade).collect()
}

/// The streams, kept still while the process forks.
#[derive(Default)]
pub struct Still {
    /// Locked for the fork.
    mine: Vec<Shared>,
    /// Of threads that are in a system call.
    called: Vec<Shared>,
}

/// Nobody opens a stream, or comes out of a system call.
pub struct Gates {
    _open: MutexGuard<'static, Vec<Weak<Guarded>>>,
    _gate: MutexGuard<'static, ()>,
}

impl Still {
    /// Begins, with the world stopped; ends when what is returned is dropped, and by [`Still::end`].
    pub fn hold(&mut self, lot: &ParkingLot) -> Gates {
        let (open, gate) = (locked(&OPEN), locked(&GATE));
        for stream in open.iter().filter_map(Weak::upgrade) {
            loop {
                if stream.lock.lock_until(lot, &mut Unattached, 0) == Ok(true) {
                    self.mine.push(stream);
                    break;
                }
                // Acquire, paired with `Stream::outside`.
                if stream.calling.load(Acquire) {
                    self.called.push(stream);
                    break;
                }
                // Its thread is on its way into a call or out of the lock, and needs nobody for that.
                std::thread::yield_now();
            }
        }
        Gates {
            _open: open,
            _gate: gate,
        }
    }

    /// Ends it, in the process that forked or in its child.
    pub fn end(self, lot: &ParkingLot, is_child: bool) {
        for stream in &self.mine {
            // SAFETY: `hold` took it.
            unsafe { stream.lock.unlock(lot) };
        }
        for stream in self.called.iter().filter(|_| is_child) {
            // Relaxed: this is the only thread.
            stream.calling.store(false, Relaxed);
            // SAFETY: the thread that had the lock does not exist here, and its call did nothing to the stream.
            unsafe { stream.lock.unlock(lot) };
        }
    }
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
