//! One run of the pickle machine: a stack of values, marks on it, and numbered values to come back to.
//!
//! Nothing of a pickle is believed: what is missing on the stack, cut off or of the wrong kind raises an exception.

use super::input::{Input, truncated};
use super::opcode::*;
use super::reduce::{descend, find, module_named, parts};
use super::unpickler::Options;
use super::{HIGHEST, broken, library};
use crate::error::{PyResult, Raised, raise};
use crate::object::args::Args;
use crate::object::bytes_like;
use crate::object::dict::{self, PyDict};
use crate::object::list::{self, PyList};
use crate::object::memoryview::{self, PyMemoryView};
use crate::object::obj::Obj;
use crate::object::set::{self, PySet};
use crate::object::str_::{self, PyStr};
use crate::object::tuple::{self, PyTuple};
use crate::object::type_::{PyType, type_id_of, type_object};
use crate::object::{attribute, bytearray, bytes, float, ids, instance, int, protocol};
use crate::text::wtf8::Wtf8;
use crate::vm::outside;
use kit_core::thread::Ctx;
use num_bigint::BigInt;

/// A run.
pub struct Run<'a> {
    /// How to read.
    pub options: Options,
    input: Input<'a>,
    stack: Vec<Obj>,
    marks: Vec<usize>,
}

/// `u32` or `u64` from a file as a length; one that memory cannot have is cut off anyway.
fn length(bytes: &[u8]) -> usize {
    let mut wide = [0; 8];
    wide[..bytes.len()].copy_from_slice(bytes);
    usize::try_from(u64::from_le_bytes(wide)).unwrap_or(usize::MAX)
}

impl<'a> Run<'a> {
    /// A run that begins.
    pub fn new(options: Options, input: Input<'a>) -> Run<'a> {
        Run {
            options,
            input,
            stack: Vec::new(),
            marks: Vec::new(),
        }
    }

    /// Runs to the end; the value.
    pub fn load(&mut self, ctx: &mut Ctx) -> PyResult {
        loop {
            let Some(op) = self.input.op(ctx)? else {
                return Err(raise!(ctx, EOFError, "Ran out of input"));
            };
            if op == STOP {
                break;
            }
            self.step(ctx, op)?;
        }
        let value = self.pop(ctx)?;
        self.input.finish(ctx)?;
        Ok(value)
    }

    /// Where the values since the last mark begin.
    fn fence(&self) -> usize {
        self.marks.last().copied().unwrap_or(0)
    }

    #[cold]
    fn underflow(&self, ctx: &mut Ctx) -> Raised {
        let message = if self.marks.is_empty() {
            "unpickling stack underflow"
        } else {
            "unexpected MARK found"
        };
        broken(ctx, message)
    }

    fn pop(&mut self, ctx: &mut Ctx) -> PyResult {
        if self.stack.len() <= self.fence() {
            return Err(self.underflow(ctx));
        }
        match self.stack.pop() {
            Some(value) => Ok(value),
            None => Err(self.underflow(ctx)),
        }
    }

    fn top(&self, ctx: &mut Ctx) -> PyResult {
        match self.stack[self.fence().min(self.stack.len())..].last() {
            Some(value) => Ok(value.clone()),
            None => Err(self.underflow(ctx)),
        }
    }

    fn push(&mut self, ctx: &mut Ctx, value: Obj) -> PyResult<()> {
        outside::push(ctx, &mut self.stack, value)
    }

    /// The values since the last mark, which is gone then.
    fn since_mark(&mut self, ctx: &mut Ctx) -> PyResult<Vec<Obj>> {
        let Some(mark) = self.marks.pop() else {
            return Err(broken(ctx, "could not find MARK"));
        };
        Ok(self.stack.split_off(mark.min(self.stack.len())))
    }

    fn data(&mut self, ctx: &mut Ctx, size: usize) -> PyResult<&[u8]> {
        let len = length(self.input.take(ctx, size)?);
        if len > isize::MAX as usize {
            return Err(raise!(
                ctx,
                OverflowError,
                "data exceeds system's maximum size of {} bytes",
                isize::MAX
            ));
        }
        self.input.take(ctx, len)
    }

    /// A length that is signed.
    fn signed(&mut self, ctx: &mut Ctx, what: &str) -> PyResult<usize> {
        let len = i32::from_le_bytes(self.input.array(ctx)?);
        usize::try_from(len)
            .map_err(|_| broken(ctx, &format!("{what} pickle has negative byte count")))
    }

    fn step(&mut self, ctx: &mut Ctx, op: u8) -> PyResult<()> {
        let value = match op {
            MARK => {
                self.marks.push(self.stack.len());
                return Ok(());
            }
            PROTO => {
                let [protocol] = self.input.array(ctx)?;
                if i64::from(protocol) > HIGHEST {
                    return Err(raise!(
                        ctx,
                        ValueError,
                        "unsupported pickle protocol: {protocol}"
                    ));
                }
                self.options.protocol = i64::from(protocol);
                return Ok(());
            }
            FRAME => {
                let len = u64::from_le_bytes(self.input.array(ctx)?);
                let Some(len) = usize::try_from(len)
                    .ok()
                    .filter(|len| *len <= isize::MAX as usize)
                else {
                    return Err(raise!(
                        ctx,
                        OverflowError,
                        "FRAME length exceeds system's maximum of {} bytes",
                        isize::MAX
                    ));
                };
                return self.input.frame(ctx, len);
            }
            NONE => Obj::NONE,
            NEWTRUE => Obj::TRUE,
            NEWFALSE => Obj::FALSE,
            BININT1 | BININT2 | BININT => {
                let value = match op {
                    BININT1 => i64::from(u8::from_le_bytes(self.input.array(ctx)?)),
                    BININT2 => i64::from(u16::from_le_bytes(self.input.array(ctx)?)),
                    _ => i64::from(i32::from_le_bytes(self.input.array(ctx)?)),
                };
                int::from_i64(ctx, value)?
            }
            LONG1 | LONG4 => {
                let digits = if op == LONG1 {
                    self.data(ctx, 1)?
                } else {
                    let len = self.signed(ctx, "LONG")?;
                    self.input.take(ctx, len)?
                };
                let value = BigInt::from_signed_bytes_le(digits);
                int::from_big(ctx, value)?
            }
            INT | LONG => self.number_line(ctx, op)?,
            FLOAT => {
                let line = self.input.line(ctx)?.to_vec();
                let text = bytes::new(ctx, &line)?;
                let class = type_object(ctx, ids::FLOAT);
                protocol::call(ctx, &class, &[text])?
            }
            BINFLOAT => {
                let value = f64::from_be_bytes(self.input.array(ctx)?);
                float::new(ctx, value)?
            }
            SHORT_BINBYTES | BINBYTES | BINBYTES8 => {
                let size = match op {
                    SHORT_BINBYTES => 1,
                    BINBYTES => 4,
                    _ => 8,
                };
                let data = self.data(ctx, size)?;
                bytes::new(ctx, data)?
            }
            BYTEARRAY8 => {
                let data = self.data(ctx, 8)?;
                let data = data.to_vec();
                outside::room(ctx, data.len())?;
                bytearray::new(ctx, data)?
            }
            SHORT_BINUNICODE | BINUNICODE | BINUNICODE8 => {
                let size = match op {
                    SHORT_BINUNICODE => 1,
                    BINUNICODE => 4,
                    _ => 8,
                };
                let data = self.data(ctx, size)?;
                match Wtf8::from_bytes(data) {
                    Some(text) => str_::from_wtf8(ctx, text)?,
                    None => {
                        let data = data.to_vec();
                        str_::decode(ctx, &data, "utf-8", "surrogatepass")?
                    }
                }
            }
            UNICODE => {
                let line = self.input.line(ctx)?.to_vec();
                str_::decode(ctx, &line, "raw-unicode-escape", "strict")?
            }
            STRING => self.quoted(ctx)?,
            SHORT_BINSTRING => {
                let data = self.data(ctx, 1)?.to_vec();
                self.old_string(ctx, &data)?
            }
            BINSTRING => {
                let len = self.signed(ctx, "BINSTRING")?;
                let data = self.input.take(ctx, len)?.to_vec();
                self.old_string(ctx, &data)?
            }
            EMPTY_TUPLE => tuple::from_vec(ctx, Vec::new())?,
            EMPTY_LIST => list::from_vec(ctx, Vec::new())?,
            EMPTY_DICT => dict::new(ctx)?,
            EMPTY_SET => set::new(ctx, ids::SET)?,
            TUPLE1 | TUPLE2 | TUPLE3 => {
                let count = usize::from(op - TUPLE1) + 1;
                let at = self.stack.len().checked_sub(count);
                let Some(at) = at.filter(|at| *at >= self.fence()) else {
                    return Err(self.underflow(ctx));
                };
                let items = self.stack.split_off(at);
                tuple::from_items(ctx, items)?
            }
            TUPLE => {
                let items = self.since_mark(ctx)?;
                tuple::from_items(ctx, items)?
            }
            LIST => {
                let items = self.since_mark(ctx)?;
                list::from_vec(ctx, items)?
            }
            FROZENSET => {
                let items = self.since_mark(ctx)?;
                let class = type_object(ctx, ids::FROZENSET);
                let items = list::from_vec(ctx, items)?;
                protocol::call(ctx, &class, &[items])?
            }
            DICT => {
                let items = self.since_mark(ctx)?;
                let dict = dict::new(ctx)?;
                self.set_pairs(ctx, &dict, items)?;
                dict
            }
            DUP => self.top(ctx)?,
            GET | BINGET | LONG_BINGET => {
                let number = self.number(ctx, op == GET, op == BINGET, "GET")?;
                match self.options.memo.get(number) {
                    Some(value) => value.clone(),
                    None => {
                        let message = format!("Memo value not found at index {number}");
                        return Err(broken(ctx, &message));
                    }
                }
            }
            NEXT_BUFFER => {
                let Some(buffers) = self.options.buffers.clone() else {
                    return Err(broken(
                        ctx,
                        "pickle stream refers to out-of-band data but no *buffers* argument was given",
                    ));
                };
                match protocol::next(ctx, &buffers)? {
                    Some(buffer) => buffer,
                    None => return Err(broken(ctx, "not enough out-of-band buffers")),
                }
            }
            GLOBAL | STACK_GLOBAL => self.global(ctx, op == GLOBAL)?,
            INST => {
                let (module, name) = (self.name_line(ctx)?, self.name_line(ctx)?);
                let class = self.find_class(ctx, &module, &name)?;
                let args = self.since_mark(ctx)?;
                instantiate(ctx, &class, &args)?
            }
            OBJ => {
                let items = self.since_mark(ctx)?;
                let [class, args @ ..] = &items[..] else {
                    return Err(self.underflow(ctx));
                };
                instantiate(ctx, class, args)?
            }
            EXT1 | EXT2 | EXT4 => self.extension(ctx, op)?,
            PERSID => {
                let line = self.input.line(ctx)?;
                if !line.is_ascii() {
                    return Err(broken(
                        ctx,
                        "persistent IDs in protocol 0 must be ASCII strings",
                    ));
                }
                let id = str_::from_ascii(ctx, line)?;
                self.persistent(ctx, id)?
            }
            BINPERSID => {
                let id = self.pop(ctx)?;
                self.persistent(ctx, id)?
            }
            NEWOBJ | NEWOBJ_EX => self.new_object(ctx, op == NEWOBJ_EX)?,
            REDUCE => {
                let args = self.pop(ctx)?;
                let function = self.pop(ctx)?;
                let Some(args) = args.downcast::<PyTuple>() else {
                    return Err(raise!(ctx, TypeError, "argument list must be a tuple"));
                };
                protocol::call(ctx, &function, args.items())?
            }
            _ => return self.change(ctx, op),
        };
        self.push(ctx, value)
    }

    /// The operations that push nothing.
    fn change(&mut self, ctx: &mut Ctx, op: u8) -> PyResult<()> {
        match op {
            POP => {
                if self.stack.len() <= self.fence() && self.marks.pop().is_some() {
                    return Ok(());
                }
                self.pop(ctx).map(drop)
            }
            POP_MARK => self.since_mark(ctx).map(drop),
            PUT | BINPUT | LONG_BINPUT => {
                let value = self.top(ctx)?;
                let number = self.number(ctx, op == PUT, op == BINPUT, "PUT")?;
                drop(self.options.memo.put(number, value));
                Ok(())
            }
            MEMOIZE => {
                let value = self.top(ctx)?;
                let number = self.options.memo.count();
                drop(self.options.memo.put(number, value));
                Ok(())
            }
            READONLY_BUFFER => {
                let buffer = self.top(ctx)?;
                let view = memoryview::of(ctx, &buffer)?;
                if view
                    .downcast::<PyMemoryView>()
                    .is_some_and(|view| !view.is_readonly())
                {
                    let view = memoryview::to_readonly(ctx, &view)?;
                    self.pop(ctx)?;
                    self.push(ctx, view)?;
                }
                Ok(())
            }
            APPEND => {
                let item = self.pop(ctx)?;
                let list = self.top(ctx)?;
                append(ctx, &list, vec![item])
            }
            APPENDS => {
                let items = self.since_mark(ctx)?;
                let list = self.top(ctx)?;
                append(ctx, &list, items)
            }
            SETITEM => {
                let value = self.pop(ctx)?;
                let key = self.pop(ctx)?;
                let dict = self.top(ctx)?;
                self.set_pairs(ctx, &dict, vec![key, value])
            }
            SETITEMS => {
                let items = self.since_mark(ctx)?;
                let dict = self.top(ctx)?;
                self.set_pairs(ctx, &dict, items)
            }
            ADDITEMS => {
                let items = self.since_mark(ctx)?;
                let set = self.top(ctx)?;
                if let Some(set) = set.downcast_exact::<PySet>() {
                    return items.iter().try_for_each(|item| set.add(ctx, item));
                }
                let add = protocol::getattr_str(ctx, &set, "add")?;
                for item in items {
                    protocol::call(ctx, &add, &[item])?;
                }
                Ok(())
            }
            BUILD => {
                let state = self.pop(ctx)?;
                let object = self.top(ctx)?;
                build(ctx, &object, &state)
            }
            op => {
                let shown = match op {
                    b' '..=b'~' if op != b'\'' && op != b'\\' => char::from(op).to_string(),
                    _ => format!("\\x{op:02x}"),
                };
                Err(broken(ctx, &format!("invalid load key, '{shown}'.")))
            }
        }
    }

    /// The number of a value to be remembered.
    fn number(&mut self, ctx: &mut Ctx, text: bool, short: bool, what: &str) -> PyResult<u64> {
        if !text {
            return Ok(if short {
                u64::from(u8::from_le_bytes(self.input.array(ctx)?))
            } else {
                u64::from(u32::from_le_bytes(self.input.array(ctx)?))
            });
        }
        let number = self.number_line(ctx, LONG)?;
        let number = protocol::index_i64(ctx, &number, None)?;
        u64::try_from(number).map_err(|_| {
            if what == "PUT" {
                raise!(ctx, ValueError, "negative PUT argument")
            } else {
                broken(ctx, &format!("Memo value not found at index {number}"))
            }
        })
    }

    /// A number as text.
    fn number_line(&mut self, ctx: &mut Ctx, op: u8) -> PyResult {
        let line = self.input.line(ctx)?;
        let line = match (op, line) {
            (INT, b"00") => return Ok(Obj::FALSE),
            (INT, b"01") => return Ok(Obj::TRUE),
            (LONG, [digits @ .., b'L']) => digits,
            (_, line) => line,
        };
        let line = line.to_vec();
        let text = bytes::new(ctx, &line)?;
        let class = type_object(ctx, ids::INT);
        protocol::call(ctx, &class, &[text])
    }

    /// A string of Python 2.
    fn old_string(&mut self, ctx: &mut Ctx, data: &[u8]) -> PyResult {
        let encoding = self.options.encoding.clone();
        let encoding = encoding.as_ref().and_then(|name| name.downcast::<PyStr>());
        let encoding = encoding.map_or("ASCII".into(), |name| name.as_str_lossy());
        if encoding == "bytes" {
            return bytes::new(ctx, data);
        }
        let errors = self.options.errors.clone();
        let errors = errors.expect::<PyStr>().as_str_lossy();
        str_::decode(ctx, data, &encoding, &errors)
    }

    fn quoted(&mut self, ctx: &mut Ctx) -> PyResult {
        let line = self.input.line(ctx)?.to_vec();
        let inner = match &line[..] {
            [first @ (b'"' | b'\''), inner @ .., last] if first == last => inner,
            _ => {
                return Err(broken(ctx, "the STRING opcode argument must be quoted"));
            }
        };
        let decode = library(ctx, "_codecs", "escape_decode")?;
        let inner = bytes::new(ctx, inner)?;
        let decoded = protocol::call(ctx, &decode, &[inner])?;
        let data = protocol::getitem(ctx, &decoded, &Obj::small_int(0))?;
        let data = bytes_like::expect_buffer(ctx, &data)?.into_owned();
        self.old_string(ctx, &data)
    }

    fn name_line(&mut self, ctx: &mut Ctx) -> PyResult {
        let line = self.input.line(ctx)?.to_vec();
        if line.is_empty() {
            return Err(truncated(ctx));
        }
        str_::decode(ctx, &line, "utf-8", "strict")
    }

    fn global(&mut self, ctx: &mut Ctx, lines: bool) -> PyResult {
        if lines {
            let (module, name) = (self.name_line(ctx)?, self.name_line(ctx)?);
            return self.find_class(ctx, &module, &name);
        }
        let name = self.pop(ctx)?;
        let module = self.pop(ctx)?;
        if type_id_of(&name) != ids::STR || type_id_of(&module) != ids::STR {
            return Err(broken(ctx, "STACK_GLOBAL requires str"));
        }
        self.find_class(ctx, &module, &name)
    }

    fn find_class(&mut self, ctx: &mut Ctx, module: &Obj, name: &Obj) -> PyResult {
        match self.options.find_class.clone() {
            Some(function) => protocol::call(ctx, &function, &[module.clone(), name.clone()]),
            None => find_class(ctx, module, name, self.options.protocol, self.options.fix),
        }
    }

    fn persistent(&mut self, ctx: &mut Ctx, id: Obj) -> PyResult {
        match self.options.persistent.clone() {
            Some(function) => protocol::call(ctx, &function, &[id]),
            None => Err(broken(
                ctx,
                "A load persistent id instruction was encountered, but no persistent_load function was specified.",
            )),
        }
    }

    fn extension(&mut self, ctx: &mut Ctx, op: u8) -> PyResult {
        let code = match op {
            EXT1 => i64::from(u8::from_le_bytes(self.input.array(ctx)?)),
            EXT2 => i64::from(u16::from_le_bytes(self.input.array(ctx)?)),
            _ => i64::from(i32::from_le_bytes(self.input.array(ctx)?)),
        };
        if code <= 0 {
            return Err(broken(ctx, "EXT specifies code <= 0"));
        }
        let key = Obj::small_int(code);
        let cache = library(ctx, "copyreg", "_extension_cache")?;
        if let Some(known) = find(ctx, &cache, &key)? {
            return Ok(known);
        }
        let registry = library(ctx, "copyreg", "_inverted_registry")?;
        let Some(names) = find(ctx, &registry, &key)? else {
            return Err(raise!(
                ctx,
                ValueError,
                "unregistered extension code {code}"
            ));
        };
        let (module, name) = match names.downcast::<PyTuple>().map(|names| names.items()) {
            Some([module, name])
                if str_::text_of(module).is_some() && str_::text_of(name).is_some() =>
            {
                (module.clone(), name.clone())
            }
            _ => {
                return Err(raise!(
                    ctx,
                    ValueError,
                    "_inverted_registry[{code}] isn't a 2-tuple of strings"
                ));
            }
        };
        let found = self.find_class(ctx, &module, &name)?;
        if let Some(cache) = cache.downcast::<PyDict>() {
            cache.set(ctx, &key, found.clone())?;
        }
        Ok(found)
    }

    fn new_object(&mut self, ctx: &mut Ctx, named: bool) -> PyResult {
        let name = if named { "NEWOBJ_EX" } else { "NEWOBJ" };
        let names = if named { Some(self.pop(ctx)?) } else { None };
        let args = self.pop(ctx)?;
        let class = self.pop(ctx)?;
        let Some(body) = class.downcast::<PyType>() else {
            let kind = protocol::type_name(ctx, &class);
            return Err(broken(
                ctx,
                &format!("{name} class argument must be a type, not {kind}"),
            ));
        };
        let Some(pos) = args.downcast::<PyTuple>() else {
            let kind = protocol::type_name(ctx, &args);
            return Err(broken(
                ctx,
                &format!("{name} args argument must be a tuple, not {kind}"),
            ));
        };
        let (keys, values): (Vec<Obj>, Vec<Obj>) = match &names {
            None => Default::default(),
            Some(names) => match names.downcast::<PyDict>() {
                Some(names) => names.items(ctx).into_iter().unzip(),
                None => {
                    let kind = protocol::type_name(ctx, names);
                    return Err(broken(
                        ctx,
                        &format!("{name} kwargs argument must be a dict, not {kind}"),
                    ));
                }
            },
        };
        if keys.iter().any(|key| str_::text_of(key).is_none()) {
            return Err(raise!(ctx, TypeError, "keywords must be strings"));
        }
        let Some(new) = body.slots(ctx).new else {
            let kind = protocol::class_name(ctx, body);
            return Err(broken(
                ctx,
                &format!("{name} class argument '{kind}' has NULL tp_new"),
            ));
        };
        let call = Args {
            pos: pos.items(),
            names: &keys,
            values: &values,
        };
        new(ctx, &class, call)
    }

    fn set_pairs(&mut self, ctx: &mut Ctx, dict: &Obj, items: Vec<Obj>) -> PyResult<()> {
        if !items.len().is_multiple_of(2) {
            return Err(broken(ctx, "odd number of items for SETITEMS"));
        }
        let exact = dict.downcast_exact::<PyDict>();
        for pair in items.chunks_exact(2) {
            match exact {
                Some(dict) => dict.set(ctx, &pair[0], pair[1].clone())?,
                None => protocol::setitem(ctx, dict, &pair[0], Some(&pair[1]))?,
            }
        }
        Ok(())
    }
}

/// Adds items to a list, or to what has `extend` or `append`.
fn append(ctx: &mut Ctx, list: &Obj, mut items: Vec<Obj>) -> PyResult<()> {
    if let Some(list) = list.downcast_exact::<PyList>() {
        return match items.len() {
            1 => match items.pop() {
                Some(item) => list.push(ctx, item),
                None => Ok(()),
            },
            _ => list.extend(ctx, items),
        };
    }
    if items.len() != 1 {
        let name = str_::intern(ctx, "extend");
        if let Some(extend) = protocol::find_attr(ctx, list, &name)? {
            let items = list::from_vec(ctx, items)?;
            return protocol::call(ctx, &extend, &[items]).map(drop);
        }
    }
    let append = protocol::getattr_str(ctx, list, "append")?;
    for item in items {
        protocol::call(ctx, &append, &[item])?;
    }
    Ok(())
}

/// An instance by the oldest way.
fn instantiate(ctx: &mut Ctx, class: &Obj, args: &[Obj]) -> PyResult {
    if args.is_empty() && class.downcast::<PyType>().is_some() {
        let name = str_::intern(ctx, "__getinitargs__");
        if protocol::find_attr(ctx, class, &name)?.is_none() {
            let new = protocol::getattr_str(ctx, class, "__new__")?;
            return protocol::call(ctx, &new, std::slice::from_ref(class));
        }
    }
    protocol::call(ctx, class, args)
}

/// Gives an object its state.
fn build(ctx: &mut Ctx, object: &Obj, state: &Obj) -> PyResult<()> {
    let name = str_::intern(ctx, "__setstate__");
    if let Some(set) = protocol::find_attr(ctx, object, &name)? {
        return protocol::call(ctx, &set, std::slice::from_ref(state)).map(drop);
    }
    let (state, members) = match state.downcast::<PyTuple>().map(|state| state.items()) {
        Some([state, members]) => (state, Some(members)),
        _ => (state, None),
    };
    if !state.is_none() {
        let Some(state) = state.downcast::<PyDict>() else {
            return Err(broken(ctx, "state is not a dictionary"));
        };
        // Straight into the instance, unless the class has an idea of its own what its `__dict__` is.
        let name = str_::intern(ctx, "__dict__");
        let plain = attribute::lookup(ctx, type_id_of(object), &name)
            .is_some_and(|found| type_id_of(&found) == ids::GETSET)
            && instance::has_dict(ctx, object);
        let dict = if plain || state.is_empty(ctx) {
            None
        } else {
            Some(protocol::getattr(ctx, object, &name)?)
        };
        let mut at = 0;
        while let Some((key, value)) = state.next_entry(ctx, &mut at) {
            let key = if type_id_of(&key) == ids::STR {
                str_::intern_obj(ctx, &key)?
            } else {
                key
            };
            match &dict {
                None if type_id_of(&key) == ids::STR
                    && instance::set(ctx, object, &key, Some(value.clone()))? => {}
                None => {
                    let dict = protocol::getattr(ctx, object, &name)?;
                    protocol::setitem(ctx, &dict, &key, Some(&value))?;
                }
                Some(dict) => protocol::setitem(ctx, dict, &key, Some(&value))?,
            }
        }
    }
    if let Some(members) = members.filter(|members| !members.is_none()) {
        let Some(members) = members.downcast::<PyDict>() else {
            return Err(broken(ctx, "slot state is not a dictionary"));
        };
        for (key, value) in members.items(ctx) {
            if str_::text_of(&key).is_none() {
                return Err(raise!(ctx, TypeError, "attribute name must be string"));
            }
            protocol::setattr(ctx, object, &key, Some(&value))?;
        }
    }
    Ok(())
}

/// What has this name in a module.
pub fn find_class(ctx: &mut Ctx, module: &Obj, name: &Obj, protocol: i64, fix: bool) -> PyResult {
    crate::module::sys::audit::event(ctx, "pickle.find_class", |_| {
        Ok(vec![module.clone(), name.clone()])
    })?;
    let (mut module, mut name) = (module.clone(), name.clone());
    if protocol < 3 && fix {
        let key = tuple::from_vec(ctx, vec![module.clone(), name.clone()])?;
        let names = library(ctx, "_compat_pickle", "NAME_MAPPING")?;
        let modules = library(ctx, "_compat_pickle", "IMPORT_MAPPING")?;
        let both = find(ctx, &names, &key)?;
        if let Some([new_module, new_name]) = both
            .as_ref()
            .and_then(|both| Some(both.downcast::<PyTuple>()?.items()))
        {
            (module, name) = (new_module.clone(), new_name.clone());
        } else if let Some(new) = find(ctx, &modules, &module)? {
            module = new;
        }
    }
    let Some(text) = str_::text_of(&name) else {
        return Err(raise!(ctx, TypeError, "attribute name must be string"));
    };
    let found = module_named(ctx, &module)?;
    if protocol < 4 || !text.as_bytes().contains(&b'.') {
        let name = str_::intern_obj(ctx, &name)?;
        return protocol::getattr(ctx, &found, &name);
    }
    use crate::object::exception::{self, class};
    match descend(ctx, &found, &parts(text)) {
        Err(raised) if exception::matches(ctx, &raised, class::AttributeError) => {
            let earlier = exception::take(ctx, raised);
            let (name, module) = (
                protocol::repr_string(ctx, &name)?,
                protocol::repr_string(ctx, &module)?,
            );
            let raised = raise!(
                ctx,
                AttributeError,
                "Can't resolve path {name} on module {module}"
            );
            let error = exception::take(ctx, raised);
            exception::chain(ctx, &error, earlier);
            Err(exception::raise_again(ctx, error))
        }
        found => found,
    }
}
