//! One run of a pickler: from a value to the operations that make it.

use super::buffer::{self, PickleBuffer};
use super::memo::Written;
use super::opcode::*;
use super::output::Output;
use super::pickler::Options;
use super::{class_text, library, noted, unfit};
use crate::error::{PyResult, Raised, raise};
use crate::object::bytearray::PyByteArray;
use crate::object::bytes::PyBytes;
use crate::object::dict::PyDict;
use crate::object::list::PyList;
use crate::object::memoryview::{self, PyMemoryView};
use crate::object::obj::Obj;
use crate::object::set::PySet;
use crate::object::str_::PyStr;
use crate::object::tuple::PyTuple;
use crate::object::type_::{PyType, type_by_id, type_id_of, type_of};
use crate::object::{bytes, float, ids, int, list, protocol, str_, tuple, type_};
use kit_core::thread::Ctx;

/// Items that one operation adds at most.
const BATCH: usize = 1000;

/// A run.
pub struct Run {
    /// How to write.
    pub options: Options,
    /// Where to.
    pub out: Output,
}

/// Writes a value; the bytes, if no file has taken them.
pub fn run(ctx: &mut Ctx, options: Options, write: Option<Obj>, value: &Obj) -> PyResult<Vec<u8>> {
    let mut run = Run::new(options, write);
    run.dump(ctx, value)
}

impl Run {
    /// A run that begins.
    pub fn new(options: Options, write: Option<Obj>) -> Run {
        Run {
            options,
            out: Output::new(write),
        }
    }

    /// What was written, for the next run.
    pub fn into_memo(self) -> Written {
        self.options.memo
    }

    /// Writes a whole pickle.
    pub fn dump(&mut self, ctx: &mut Ctx, value: &Obj) -> PyResult<Vec<u8>> {
        let protocol = self.options.protocol;
        if protocol >= 2 {
            self.out.put(&[PROTO, protocol as u8]);
        }
        if protocol >= 4 {
            self.out.start_framing();
        }
        self.save(ctx, value)?;
        self.out.op(STOP);
        std::mem::replace(&mut self.out, Output::new(None)).finish(ctx)
    }

    /// Writes a value.
    pub fn save(&mut self, ctx: &mut Ctx, value: &Obj) -> PyResult<()> {
        if let Some(function) = self.options.persistent.clone() {
            self.out.boundary(ctx)?;
            let id = protocol::call(ctx, &function, std::slice::from_ref(value))?;
            if !id.is_none() {
                return self.save_persistent(ctx, &id);
            }
        }
        self.save_value(ctx, value)
    }

    /// Writes a value; one step deeper, with a note of what it was for when that fails.
    pub fn save_part(
        &mut self,
        ctx: &mut Ctx,
        value: &Obj,
        note: impl FnOnce(&mut Ctx) -> String,
    ) -> PyResult<()> {
        self.save(ctx, value)
            .map_err(|raised| note_for(ctx, raised, note))
    }

    fn save_persistent(&mut self, ctx: &mut Ctx, id: &Obj) -> PyResult<()> {
        if self.options.bin {
            self.save_value(ctx, id)?;
            self.out.op(BINPERSID);
            return Ok(());
        }
        let text = protocol::str(ctx, id)?;
        let text = text.expect::<PyStr>();
        if !text.is_ascii() {
            return Err(unfit(
                ctx,
                "persistent IDs in protocol 0 must be ASCII strings",
            ));
        }
        self.line(PERSID, text.bytes());
        Ok(())
    }

    fn save_value(&mut self, ctx: &mut Ctx, value: &Obj) -> PyResult<()> {
        self.out.boundary(ctx)?;
        let new = self.options.protocol >= 2;
        match type_id_of(value) {
            ids::NONE_TYPE => {
                self.out.op(NONE);
                return Ok(());
            }
            ids::BOOL => {
                match (new, value.is_true()) {
                    (true, true) => self.out.op(NEWTRUE),
                    (true, false) => self.out.op(NEWFALSE),
                    (false, true) => self.out.put(b"I01\n"),
                    (false, false) => self.out.put(b"I00\n"),
                }
                return Ok(());
            }
            ids::INT => return self.save_int(ctx, value),
            ids::FLOAT => return self.save_float(ctx, value),
            _ => {}
        }
        if let Some(number) = self.options.memo.number(value) {
            self.get(number);
            return Ok(());
        }
        match type_id_of(value) {
            ids::STR => self.save_str(ctx, value),
            ids::BYTES => self.save_bytes(ctx, value),
            _ => protocol::recursive(ctx, " while pickling an object", |ctx| {
                self.save_made(ctx, value)
            }),
        }
    }

    /// Writes what is made of other values.
    fn save_made(&mut self, ctx: &mut Ctx, value: &Obj) -> PyResult<()> {
        match type_id_of(value) {
            ids::DICT => self.save_dict(ctx, value),
            ids::SET => self.save_set(ctx, value),
            ids::FROZENSET => self.save_frozenset(ctx, value),
            ids::LIST => self.save_list(ctx, value),
            ids::TUPLE => self.save_tuple(ctx, value),
            ids::BYTEARRAY => self.save_bytearray(ctx, value),
            ids::PICKLE_BUFFER => self.save_buffer(ctx, value),
            _ => self.save_other(ctx, value),
        }
    }

    /// Writes what its class, or the program, knows how to make again.
    fn save_other(&mut self, ctx: &mut Ctx, value: &Obj) -> PyResult<()> {
        if let Some(function) = self.options.reducer.clone() {
            let reduced = protocol::call(ctx, &function, std::slice::from_ref(value))?;
            if !reduced.is_not_implemented() {
                return self.save_reduced(ctx, value, &reduced);
            }
        }
        match type_id_of(value) {
            ids::TYPE => return self.save_type(ctx, value),
            ids::FUNCTION => return self.save_global(ctx, value, None),
            _ => {}
        }
        let class = type_of(ctx, value).to_obj();
        let function = match self.options.table.clone() {
            None => {
                let table = library(ctx, "copyreg", "dispatch_table")?;
                match table.downcast_exact::<PyDict>() {
                    Some(table) => table.get(ctx, &class)?,
                    None => find_item(ctx, &table, &class)?,
                }
            }
            Some(table) => find_item(ctx, &table, &class)?,
        };
        let reduced = if let Some(function) = function {
            protocol::call(ctx, &function, std::slice::from_ref(value))?
        } else if class
            .expect::<PyType>()
            .is_subtype(ctx, type_by_id(ctx, ids::TYPE))
        {
            return self.save_global(ctx, value, None);
        } else {
            self.reduce(ctx, value)?
        };
        self.save_reduced(ctx, value, &reduced)
    }

    /// What `__reduce_ex__` or `__reduce__` says of a value.
    fn reduce(&mut self, ctx: &mut Ctx, value: &Obj) -> PyResult {
        let name = str_::intern(ctx, "__reduce_ex__");
        if let Some(reduce) = protocol::find_attr(ctx, value, &name)? {
            let protocol = Obj::small_int(self.options.protocol);
            return protocol::call(ctx, &reduce, &[protocol]);
        }
        let name = str_::intern(ctx, "__reduce__");
        if let Some(reduce) = protocol::find_attr(ctx, value, &name)? {
            return protocol::call(ctx, &reduce, &[]);
        }
        let class = class_text(ctx, value);
        Err(unfit(ctx, &format!("Can't pickle {class} object")))
    }

    /// An operation with a line of text.
    pub fn line(&mut self, op: u8, text: &[u8]) {
        let mut line = Vec::with_capacity(text.len() + 2);
        line.push(op);
        line.extend_from_slice(text);
        line.push(b'\n');
        self.out.put(&line);
    }

    /// An operation, an index and nothing else, in one byte or four, or as text.
    fn numbered(&mut self, number: u64, [text, short, long]: [u8; 3]) {
        if !self.options.bin {
            self.line(text, number.to_string().as_bytes());
        } else if number < 256 {
            self.out.put(&[short, number as u8]);
        } else {
            let [a, b, c, d] = (number as u32).to_le_bytes();
            self.out.put(&[long, a, b, c, d]);
        }
    }

    /// The operations that fetch what was written before.
    pub fn get(&mut self, number: u64) {
        self.numbered(number, [GET, BINGET, LONG_BINGET]);
    }

    /// Remembers a value that was written just now.
    pub fn memoize(&mut self, value: &Obj) {
        if self.options.fast {
            return;
        }
        let number = self.options.memo.add(value);
        if self.options.protocol >= 4 {
            self.out.op(MEMOIZE);
        } else {
            self.numbered(number, [PUT, BINPUT, LONG_BINPUT]);
        }
    }

    fn save_int(&mut self, ctx: &mut Ctx, value: &Obj) -> PyResult<()> {
        let small = int::to_i64(value).and_then(|small| i32::try_from(small).ok());
        match small {
            Some(small) if self.options.bin => {
                let [a, b, c, d] = small.to_le_bytes();
                match small {
                    0..=0xff => self.out.put(&[BININT1, a]),
                    0x100..=0xffff => self.out.put(&[BININT2, a, b]),
                    _ => self.out.put(&[BININT, a, b, c, d]),
                }
                return Ok(());
            }
            Some(small) if self.options.protocol < 2 => {
                self.line(INT, small.to_string().as_bytes());
                return Ok(());
            }
            _ => {}
        }
        if self.options.protocol < 2 {
            let text = protocol::repr(ctx, value)?;
            let mut text = text.expect::<PyStr>().bytes().to_vec();
            text.push(b'L');
            self.line(LONG, &text);
            return Ok(());
        }
        let digits = int::to_big(value).unwrap_or_default().to_signed_bytes_le();
        match u8::try_from(digits.len()) {
            Ok(len) => self.out.put(&[LONG1, len]),
            Err(_) => {
                let Ok(len) = i32::try_from(digits.len()) else {
                    return Err(raise!(ctx, OverflowError, "int too large to pickle"));
                };
                let [a, b, c, d] = len.to_le_bytes();
                self.out.put(&[LONG4, a, b, c, d]);
            }
        }
        self.out.put(&digits);
        Ok(())
    }

    fn save_float(&mut self, ctx: &mut Ctx, value: &Obj) -> PyResult<()> {
        if self.options.bin {
            let mut data = [BINFLOAT; 9];
            data[1..].copy_from_slice(&float::to_f64(value).unwrap_or(0.0).to_be_bytes());
            self.out.put(&data);
        } else {
            let text = protocol::repr(ctx, value)?;
            self.line(FLOAT, text.expect::<PyStr>().bytes());
        }
        Ok(())
    }

    /// An operation with data, whose length takes one byte, four or eight.
    fn counted(
        &mut self,
        ctx: &mut Ctx,
        data: &[u8],
        [short, middle, long]: [Option<u8>; 3],
    ) -> PyResult<()> {
        let len = data.len();
        let (mut head, count): ([u8; 9], usize) = match (short, middle, long) {
            (Some(op), ..) if len <= 0xff => ([op; 9], 1),
            (_, Some(op), _) if len <= 0xffff_ffff => ([op; 9], 4),
            (.., Some(op)) => ([op; 9], 8),
            _ => {
                return Err(raise!(
                    ctx,
                    OverflowError,
                    "serializing data larger than 4 GiB requires pickle protocol 4 or higher"
                ));
            }
        };
        head[1..=count].copy_from_slice(&(len as u64).to_le_bytes()[..count]);
        self.out.put_large(ctx, &head[..=count], data)
    }

    fn save_str(&mut self, ctx: &mut Ctx, value: &Obj) -> PyResult<()> {
        let text = value.expect::<PyStr>();
        let new = self.options.protocol >= 4;
        if self.options.bin {
            let ops = [
                new.then_some(SHORT_BINUNICODE),
                Some(BINUNICODE),
                new.then_some(BINUNICODE8),
            ];
            self.counted(ctx, text.bytes(), ops)?;
        } else {
            let mut line = Vec::with_capacity(text.bytes().len());
            for point in text.text().code_points() {
                match point {
                    0 | 0x0A | 0x0D | 0x1A | 0x5C | 0x100..=0xFFFF => {
                        line.extend_from_slice(format!("\\u{point:04x}").as_bytes());
                    }
                    0x1_0000.. => line.extend_from_slice(format!("\\U{point:08x}").as_bytes()),
                    _ => line.push(point as u8),
                }
            }
            self.line(UNICODE, &line);
        }
        self.memoize(value);
        Ok(())
    }

    fn put_bytes(&mut self, ctx: &mut Ctx, data: &[u8]) -> PyResult<()> {
        let long = (self.options.protocol >= 4).then_some(BINBYTES8);
        self.counted(ctx, data, [Some(SHORT_BINBYTES), Some(BINBYTES), long])
    }

    fn save_bytes(&mut self, ctx: &mut Ctx, value: &Obj) -> PyResult<()> {
        let data = value.expect::<PyBytes>().data();
        if self.options.protocol >= 3 {
            self.put_bytes(ctx, data)?;
            self.memoize(value);
            return Ok(());
        }
        if data.is_empty() {
            let class = type_::type_object(ctx, ids::BYTES);
            return self.save_call(ctx, class, Vec::new(), value);
        }
        // Protocols without bytes say them as text.
        let encode = library(ctx, "_codecs", "encode")?;
        let latin = str_::intern(ctx, "latin1");
        let text = str_::decode(ctx, data, "latin-1", "strict")?;
        self.save_call(ctx, encode, vec![text, latin], value)
    }

    fn save_bytearray(&mut self, ctx: &mut Ctx, value: &Obj) -> PyResult<()> {
        let data = value.expect::<PyByteArray>().copy(ctx);
        if self.options.protocol >= 5 {
            self.counted(ctx, &data, [None, None, Some(BYTEARRAY8)])?;
            self.memoize(value);
            return Ok(());
        }
        let args = if data.is_empty() {
            Vec::new()
        } else {
            vec![bytes::new(ctx, &data)?]
        };
        let class = type_::type_object(ctx, ids::BYTEARRAY);
        self.save_call(ctx, class, args, value)
    }

    fn save_buffer(&mut self, ctx: &mut Ctx, value: &Obj) -> PyResult<()> {
        if self.options.protocol < 5 {
            return Err(unfit(
                ctx,
                "PickleBuffer can only be pickled with protocol >= 5",
            ));
        }
        debug_assert!(value.downcast::<PickleBuffer>().is_some());
        // One of its own: the program may release the buffer meanwhile.
        let view = buffer::view(ctx, value)?;
        let view = memoryview::of(ctx, &view)?;
        let Some(shown) = view.downcast::<PyMemoryView>() else {
            return Ok(());
        };
        if !shown.is_contiguous() {
            return Err(unfit(
                ctx,
                "PickleBuffer can not be pickled when pointing to a non-contiguous buffer",
            ));
        }
        let inside = match self.options.callback.clone() {
            Some(callback) => {
                let answer = protocol::call(ctx, &callback, std::slice::from_ref(value))?;
                protocol::truth(ctx, &answer)?
            }
            None => true,
        };
        if !inside {
            self.out.op(NEXT_BUFFER);
            if shown.is_readonly() {
                self.out.op(READONLY_BUFFER);
            }
            return Ok(());
        }
        let raw = memoryview::raw(ctx, &view)?;
        let data = raw.expect::<PyMemoryView>().copy(ctx).unwrap_or_default();
        if shown.is_readonly() {
            self.put_bytes(ctx, &data)?;
        } else {
            self.counted(ctx, &data, [None, None, Some(BYTEARRAY8)])?;
        }
        self.memoize(value);
        Ok(())
    }

    fn save_tuple(&mut self, ctx: &mut Ctx, value: &Obj) -> PyResult<()> {
        let items = value.expect::<PyTuple>().items();
        if items.is_empty() {
            if self.options.bin {
                self.out.op(EMPTY_TUPLE);
            } else {
                self.out.put(&[MARK, TUPLE]);
            }
            return Ok(());
        }
        let short = items.len() <= 3 && self.options.protocol >= 2;
        if !short {
            self.out.op(MARK);
        }
        for (index, item) in items.iter().enumerate() {
            self.save_part(ctx, item, |ctx| item_note(ctx, value, index))?;
        }
        // A tuple that leads back to itself was written while its items were.
        if let Some(number) = self.options.memo.number(value) {
            let count = items.len() + usize::from(!short);
            if short || !self.options.bin {
                self.out.put(&vec![POP; count]);
            } else {
                self.out.op(POP_MARK);
            }
            self.get(number);
            return Ok(());
        }
        self.out.op(match items.len() {
            1 if short => TUPLE1,
            2 if short => TUPLE2,
            3 if short => TUPLE3,
            _ => TUPLE,
        });
        self.memoize(value);
        Ok(())
    }

    fn save_list(&mut self, ctx: &mut Ctx, value: &Obj) -> PyResult<()> {
        if self.options.bin {
            self.out.op(EMPTY_LIST);
        } else {
            self.out.put(&[MARK, LIST]);
        }
        self.memoize(value);
        let list = value.expect::<PyList>();
        let mut at = 0;
        self.append(ctx, value, |ctx| {
            let item = list.get(ctx, at);
            at += 1;
            Ok(item)
        })
    }

    /// Items, with the operations that append them.
    pub fn append(
        &mut self,
        ctx: &mut Ctx,
        owner: &Obj,
        mut next: impl FnMut(&mut Ctx) -> PyResult<Option<Obj>>,
    ) -> PyResult<()> {
        let mut index = 0;
        let mut ahead = next(ctx)?;
        while let Some(first) = ahead.take() {
            let mut count = 0;
            let mut item = first;
            let second = next(ctx)?;
            let many = self.options.bin && second.is_some();
            if many {
                self.out.op(MARK);
            }
            ahead = second;
            loop {
                self.save_part(ctx, &item, |ctx| item_note(ctx, owner, index))?;
                index += 1;
                count += 1;
                if !many || count == BATCH {
                    break;
                }
                match ahead.take() {
                    Some(next) => item = next,
                    None => break,
                }
                ahead = next(ctx)?;
            }
            self.out.op(if many { APPENDS } else { APPEND });
        }
        Ok(())
    }

    fn save_dict(&mut self, ctx: &mut Ctx, value: &Obj) -> PyResult<()> {
        if self.options.bin {
            self.out.op(EMPTY_DICT);
        } else {
            self.out.put(&[MARK, DICT]);
        }
        self.memoize(value);
        let dict = value.expect::<PyDict>();
        let len = dict.len(ctx);
        let mut at = 0;
        self.set_items(ctx, value, |ctx| {
            if dict.len(ctx) != len {
                return Err(raise!(
                    ctx,
                    RuntimeError,
                    "dictionary changed size during iteration"
                ));
            }
            Ok(dict.next_entry(ctx, &mut at))
        })
    }

    /// Keys with values, with the operations that store them.
    pub fn set_items(
        &mut self,
        ctx: &mut Ctx,
        owner: &Obj,
        mut next: impl FnMut(&mut Ctx) -> PyResult<Option<(Obj, Obj)>>,
    ) -> PyResult<()> {
        let mut ahead = next(ctx)?;
        while let Some((mut key, mut value)) = ahead.take() {
            let mut count = 0;
            let second = next(ctx)?;
            let many = self.options.bin && second.is_some();
            if many {
                self.out.op(MARK);
            }
            ahead = second;
            loop {
                self.save(ctx, &key)?;
                self.save_part(ctx, &value, |ctx| {
                    let key = protocol::repr_string(ctx, &key).unwrap_or_default();
                    format!("when serializing {} item {key}", class_text(ctx, owner))
                })?;
                count += 1;
                if !many || count == BATCH {
                    break;
                }
                match ahead.take() {
                    Some(next) => (key, value) = next,
                    None => break,
                }
                ahead = next(ctx)?;
            }
            self.out.op(if many { SETITEMS } else { SETITEM });
        }
        Ok(())
    }

    /// The elements of a set, which must not change in number meanwhile.
    fn elements(
        &mut self,
        ctx: &mut Ctx,
        value: &Obj,
        mut after: impl FnMut(&mut Run, usize),
    ) -> PyResult<()> {
        let set = value.expect::<PySet>();
        let len = set.len();
        let mut at = 0;
        let mut count = 0;
        while let Some(item) = set.next_entry(ctx, &mut at) {
            self.save_part(ctx, &item, |ctx| {
                format!("when serializing {} element", class_text(ctx, value))
            })?;
            if set.len() != len {
                return Err(raise!(
                    ctx,
                    RuntimeError,
                    "set changed size during iteration"
                ));
            }
            count += 1;
            after(self, count);
        }
        Ok(())
    }

    fn save_set(&mut self, ctx: &mut Ctx, value: &Obj) -> PyResult<()> {
        if self.options.protocol < 4 {
            let items = protocol::collect(ctx, value)?;
            let items = list::from_vec(ctx, items)?;
            let class = type_of(ctx, value).to_obj();
            return self.save_call(ctx, class, vec![items], value);
        }
        self.out.op(EMPTY_SET);
        self.memoize(value);
        let len = value.expect::<PySet>().len();
        if len == 0 {
            return Ok(());
        }
        self.out.op(MARK);
        self.elements(ctx, value, |run, count| {
            if count % BATCH == 0 && count < len {
                run.out.put(&[ADDITEMS, MARK]);
            }
        })?;
        self.out.op(ADDITEMS);
        Ok(())
    }

    fn save_frozenset(&mut self, ctx: &mut Ctx, value: &Obj) -> PyResult<()> {
        if self.options.protocol < 4 {
            return self.save_set(ctx, value);
        }
        self.out.op(MARK);
        self.elements(ctx, value, |_, _| {})?;
        if let Some(number) = self.options.memo.number(value) {
            self.out.op(POP_MARK);
            self.get(number);
            return Ok(());
        }
        self.out.op(FROZENSET);
        self.memoize(value);
        Ok(())
    }

    /// A call that makes the value.
    fn save_call(
        &mut self,
        ctx: &mut Ctx,
        function: Obj,
        args: Vec<Obj>,
        value: &Obj,
    ) -> PyResult<()> {
        let args = tuple::from_vec(ctx, args)?;
        let reduced = tuple::from_vec(ctx, vec![function, args])?;
        self.save_parts(ctx, value, &reduced)
    }
}

fn note_for(ctx: &mut Ctx, raised: Raised, note: impl FnOnce(&mut Ctx) -> String) -> Raised {
    let error = crate::object::exception::take(ctx, raised);
    let note = note(ctx);
    let raised = crate::object::exception::raise_again(ctx, error);
    noted(ctx, raised, &note)
}

fn item_note(ctx: &mut Ctx, owner: &Obj, index: usize) -> String {
    format!("when serializing {} item {index}", class_text(ctx, owner))
}

/// `table[key]`; `None` where that raises KeyError.
fn find_item(ctx: &mut Ctx, table: &Obj, key: &Obj) -> PyResult<Option<Obj>> {
    use crate::object::exception::{self, class};
    match protocol::getitem(ctx, table, key) {
        Ok(found) => Ok(Some(found)),
        Err(raised) if exception::matches(ctx, &raised, class::KeyError) => {
            exception::take(ctx, raised);
            Ok(None)
        }
        Err(raised) => Err(raised),
    }
}
