//! Where a pickle is written: bytes in memory, in frames if the protocol has them, and from time to time to a file.

use super::opcode::FRAME;
use crate::error::PyResult;
use crate::object::obj::Obj;
use crate::object::{bytes, protocol};
use crate::vm::outside;
use kit_core::thread::Ctx;

/// When a frame is full.
pub const FRAME_SIZE: usize = 64 * 1024;
/// Bytes that a frame must have to be worth its head.
const LEAST: usize = 4;
const HEAD: usize = 9;

/// The bytes so far.
pub struct Output {
    data: Vec<u8>,
    /// The `write` of a file.
    write: Option<Obj>,
    framing: bool,
    /// Where the open frame's head is.
    frame: Option<usize>,
    /// When there was room for more the last time.
    room: usize,
}

impl Output {
    /// Nothing so far.
    pub fn new(write: Option<Obj>) -> Output {
        Output {
            data: Vec::new(),
            write,
            framing: false,
            frame: None,
            room: 0,
        }
    }

    /// From here on the bytes are in frames.
    pub fn start_framing(&mut self) {
        self.framing = true;
    }

    /// Appends bytes, which belong together.
    #[inline]
    pub fn put(&mut self, bytes: &[u8]) {
        if self.framing && self.frame.is_none() {
            self.frame = Some(self.data.len());
            self.data.extend_from_slice(&[0; HEAD]);
        }
        self.data.extend_from_slice(bytes);
    }

    /// Appends an operation.
    #[inline]
    pub fn op(&mut self, op: u8) {
        self.put(&[op]);
    }

    /// Appends an operation with its head and its data. What is large is in no frame, and goes to the file as it is.
    pub fn put_large(&mut self, ctx: &mut Ctx, head: &[u8], data: &[u8]) -> PyResult<()> {
        outside::room_behind(ctx, self.data.len(), data.len())?;
        if data.len() < FRAME_SIZE || !self.framing && self.write.is_none() {
            self.put(head);
            self.data.extend_from_slice(data);
            return Ok(());
        }
        self.close_frame();
        self.data.extend_from_slice(head);
        if let Some(write) = self.write.clone() {
            self.flush(ctx)?;
            let data = bytes::new(ctx, data)?;
            protocol::call(ctx, &write, &[data])?;
        } else {
            self.data.extend_from_slice(data);
        }
        Ok(())
    }

    fn close_frame(&mut self) {
        let Some(start) = self.frame.take() else {
            return;
        };
        let len = self.data.len() - start - HEAD;
        if len < LEAST {
            self.data.drain(start..start + HEAD);
            return;
        }
        self.data[start] = FRAME;
        self.data[start + 1..start + HEAD].copy_from_slice(&(len as u64).to_le_bytes());
    }

    fn flush(&mut self, ctx: &mut Ctx) -> PyResult<()> {
        if let Some(write) = self.write.clone()
            && !self.data.is_empty()
        {
            let data = bytes::new(ctx, &self.data)?;
            self.data.clear();
            protocol::call(ctx, &write, &[data])?;
        }
        Ok(())
    }

    /// Between two operations: closes a frame that is full.
    #[inline]
    pub fn boundary(&mut self, ctx: &mut Ctx) -> PyResult<()> {
        if self.data.len() > self.room {
            outside::room_behind(ctx, self.data.len(), self.data.len())?;
            self.room = self.data.len() * 2 + FRAME_SIZE;
        }
        if let Some(start) = self.frame
            && self.data.len() - start - HEAD >= FRAME_SIZE
        {
            self.close_frame();
            self.flush(ctx)?;
        }
        Ok(())
    }

    /// The end: what no file has taken.
    pub fn finish(mut self, ctx: &mut Ctx) -> PyResult<Vec<u8>> {
        self.close_frame();
        self.flush(ctx)?;
        Ok(self.data)
    }
}
