//! A DEFLATE stream of the crate `libz-rs-sys`, one way or the other.

use libz_rs_sys::{self as z, z_stream};
use std::ffi::CStr;
use std::ptr::{self, NonNull};

/// Which way data go through a stream.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    In,
    Out,
}

/// What went wrong: zlib's number, and its word for it.
pub struct Failure {
    pub code: i32,
    pub reason: Option<&'static str>,
}

impl Failure {
    pub fn plain(code: i32) -> Failure {
        Failure { code, reason: None }
    }

    /// The text of the exception.
    pub fn message(&self, doing: &str) -> String {
        let code = self.code;
        let reason = self.reason.or(match code {
            z::Z_BUF_ERROR => Some("incomplete or truncated stream"),
            z::Z_STREAM_ERROR => Some("inconsistent stream state"),
            z::Z_DATA_ERROR => Some("invalid input data"),
            _ => None,
        });
        match reason {
            Some(reason) => format!("Error {code} {doing}: {reason}"),
            None => format!("Error {code} {doing}"),
        }
    }
}

/// How a compressor works.
#[derive(Clone, Copy)]
pub struct Settings {
    pub level: i32,
    pub method: i32,
    pub window: i32,
    pub memory: i32,
    pub strategy: i32,
}

/// A stream. It stays where it is, since its state may refer to it.
pub struct Stream {
    raw: Box<z_stream>,
    way: Way,
}

// SAFETY: the pointers to data are set only while `run` runs; the state belongs to this stream alone, whichever thread uses it.
unsafe impl Send for Stream {}

const SIZE: i32 = size_of::<z_stream>() as i32;

impl Stream {
    /// A stream that compresses.
    pub fn compressing(settings: Settings) -> Result<Stream, i32> {
        let mut raw = Box::<z_stream>::default();
        let Settings {
            level,
            method,
            window,
            memory,
            strategy,
        } = settings;
        // SAFETY: the stream is one without a state; the version is the library's own.
        let code = unsafe {
            let version = z::zlibVersion();
            z::deflateInit2_(
                &mut *raw, level, method, window, memory, strategy, version, SIZE,
            )
        };
        match code {
            z::Z_OK => Ok(Stream { raw, way: Way::Out }),
            code => Err(code),
        }
    }

    /// A stream that decompresses.
    pub fn decompressing(window: i32) -> Result<Stream, i32> {
        // The library takes these for granted.
        let wanted = window.unsigned_abs() & 15;
        let fits = match window {
            -15..=-8 | 0 | 8..=15 => true,
            16..=47 => matches!(wanted, 0 | 8..=15),
            _ => false,
        };
        if !fits {
            return Err(z::Z_STREAM_ERROR);
        }
        let mut raw = Box::<z_stream>::default();
        // SAFETY: as above.
        let code = unsafe { z::inflateInit2_(&mut *raw, window, z::zlibVersion(), SIZE) };
        match code {
            z::Z_OK => Ok(Stream { raw, way: Way::In }),
            code => Err(code),
        }
    }

    /// Takes data in and appends at most `room` bytes to `output`: how many were taken in, and zlib's answer.
    pub fn run(
        &mut self,
        input: &[u8],
        output: &mut Vec<u8>,
        room: usize,
        flush: i32,
    ) -> (usize, i32) {
        let old = output.len();
        output.resize(old + room.min(u32::MAX as usize), 0);
        let target = &mut output[old..];
        let given = input.len().min(u32::MAX as usize);
        let raw = &mut *self.raw;
        raw.next_in = input.as_ptr();
        raw.avail_in = given as u32;
        raw.next_out = target.as_mut_ptr();
        raw.avail_out = target.len() as u32;
        // SAFETY: the stream was initialised for this way; the pointers are to the two buffers, of these sizes.
        let code = unsafe {
            match self.way {
                Way::Out => z::deflate(raw, flush),
                Way::In => z::inflate(raw, flush),
            }
        };
        let left = raw.avail_out as usize;
        let taken = given - raw.avail_in as usize;
        raw.next_in = ptr::null();
        raw.avail_in = 0;
        raw.next_out = ptr::null_mut();
        raw.avail_out = 0;
        output.truncate(output.len() - left);
        (taken, code)
    }

    /// The failure with this number, which came last.
    pub fn failure(&self, code: i32) -> Failure {
        let reason = if self.raw.msg.is_null() || code >= 0 {
            None
        } else {
            // SAFETY: a message is a constant text of the library.
            unsafe { CStr::from_ptr(self.raw.msg) }.to_str().ok()
        };
        Failure { code, reason }
    }

    /// Sets the dictionary that both sides know.
    pub fn set_dictionary(&mut self, data: &[u8]) -> i32 {
        // Only its end matters.
        let data = &data[data.len().saturating_sub(u32::MAX as usize)..];
        let (first, len) = (data.as_ptr(), data.len() as u32);
        // SAFETY: the stream was initialised for this way; the data are of this length.
        unsafe {
            match self.way {
                Way::Out => z::deflateSetDictionary(&mut *self.raw, first, len),
                Way::In => z::inflateSetDictionary(&mut *self.raw, first, len),
            }
        }
    }

    /// Another stream in the same state.
    pub fn copy(&mut self) -> Result<Stream, i32> {
        let mut raw = Box::<z_stream>::default();
        // A stream without buffers is not copied; these are empty.
        self.raw.next_in = NonNull::dangling().as_ptr();
        self.raw.next_out = NonNull::dangling().as_ptr();
        // SAFETY: the source was initialised for this way; the target is overwritten and has no state.
        let code = unsafe {
            match self.way {
                Way::Out => z::deflateCopy(&mut *raw, &mut *self.raw),
                Way::In => z::inflateCopy(&mut *raw, &*self.raw),
            }
        };
        for stream in [&mut *self.raw, &mut *raw] {
            stream.next_in = ptr::null();
            stream.next_out = ptr::null_mut();
        }
        match code {
            z::Z_OK => Ok(Stream { raw, way: self.way }),
            code => Err(code),
        }
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // SAFETY: the stream was initialised for this way and ends once.
        unsafe {
            match self.way {
                Way::Out => z::deflateEnd(&mut *self.raw),
                Way::In => z::inflateEnd(&mut *self.raw),
            };
        }
    }
}
