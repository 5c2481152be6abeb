//! What objects and the references between them are called in a [census](super::census): the names a program uses for
//! them, so that whoever looks at a snapshot sees *how* an object is reached.
//!
//! A kind reports its references to the collector without names. The names are found here, in the same order as a rule, and are
//! put together with the references by what they lead to; a reference that has none is given the number of its field.

use super::census::text_of;
use crate::object::code::PyCode;
use crate::object::descriptor::PyMember;
use crate::object::dict::PyDict;
use crate::object::frame::PyFrame;
use crate::object::function::PyFunction;
use crate::object::generator::PyGenerator;
use crate::object::instance::{self, Part};
use crate::object::list::PyList;
use crate::object::module::PyModule;
use crate::object::payload::{Body, Payload};
use crate::object::set::PySet;
use crate::object::traceback::PyTraceback;
use crate::object::tuple::PyTuple;
use crate::object::type_::{PyType, layout_of};
use crate::object::{
    bound_method::PyBoundMethod, cell::PyCell, exception::PyException, ids, property::PyProperty,
};
use kit_core::object::{Header, Word};
use kit_core::thread::Thread;
use std::borrow::Cow;
use std::collections::HashMap;

/// What a reference is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    /// An item of a sequence, or the value of a small number.
    Index(u32),
    /// A name of the program's: an attribute, a variable, a key.
    Attribute(String),
    /// A name of the language's.
    Internal(Cow<'static, str>),
}

const fn internal(name: &'static str) -> Name {
    Name::Internal(Cow::Borrowed(name))
}

/// The names of one object's references after the other's.
#[derive(Default)]
pub struct Names {
    /// What the references lead to, and what they are called.
    all: Vec<(usize, Name)>,
    next: usize,
    /// The member slots of classes, by type id.
    members: HashMap<u32, Vec<String>>,
}

/// How many names may stand between one that fits and the next: keys and values that are no objects have none.
const SKIPPED: usize = 16;

/// The body of an object.
///
/// # Safety
/// - The object's layout is that of `T`, and it is alive.
unsafe fn body<'a, T: Payload>(object: *const Header) -> &'a T {
    // SAFETY: as the caller says.
    unsafe { &(*object.cast::<Body<T>>()).payload }
}

/// The text a word refers to, if that is a str.
///
/// # Safety
/// - The word is one of a live object's, with the world stopped.
unsafe fn text(word: Word) -> Option<String> {
    // SAFETY: as the caller says.
    unsafe {
        let is_text = word.is_object() && layout_of((*word.as_object()).type_id()) == ids::STR;
        is_text.then(|| text_of(&*word.as_object()))
    }
}

impl Names {
    /// Finds the names of what `object` holds.
    ///
    /// # Safety
    /// - The object is alive and complete, and the world is stopped.
    pub unsafe fn begin(&mut self, object: *const Header) {
        self.all.clear();
        self.next = 0;
        // SAFETY: the layout says what the body is; the rest is as the caller says.
        unsafe {
            let type_id = (*object).type_id();
            match layout_of(type_id) {
                ids::LIST => {
                    let mut index = 0;
                    body::<PyList>(object).each_word(&mut |word| {
                        self.push(word, || Name::Index(index));
                        index += 1;
                    });
                }
                ids::TUPLE => {
                    for (index, item) in body::<PyTuple>(object).items().iter().enumerate() {
                        self.push(item.word(), || Name::Index(index as u32));
                    }
                }
                ids::DICT => body::<PyDict>(object).each_entry(&mut |key, value| {
                    self.push(key, || internal("key"));
                    self.push(value, || name_of_key(key));
                }),
                ids::FUNCTION => self.fields(&body::<PyFunction>(object).fields()),
                ids::CELL => {
                    let value = body::<PyCell>(object).value.peek();
                    self.push(value, || Name::Attribute("cell_contents".to_owned()));
                }
                ids::MODULE => {
                    self.fields(&[("__dict__", body::<PyModule>(object).dict.peek())]);
                }
                ids::TYPE => {
                    let class = body::<PyType>(object);
                    self.fields(&[
                        ("__name__", class.name.peek()),
                        ("__qualname__", class.qualname.peek()),
                        ("__base__", class.base.peek()),
                        ("__bases__", class.bases.peek()),
                        ("__mro__", class.mro.peek()),
                        ("__dict__", class.dict.word()),
                    ]);
                }
                ids::BOUND_METHOD => {
                    let method = body::<PyBoundMethod>(object);
                    self.fields(&[
                        ("__func__", method.function.word()),
                        ("__self__", method.receiver.word()),
                    ]);
                }
                ids::PROPERTY => {
                    let property = body::<PyProperty>(object);
                    self.fields(&[
                        ("fget", property.getter.peek()),
                        ("fset", property.setter.peek()),
                        ("fdel", property.deleter.peek()),
                    ]);
                }
                ids::BASE_EXCEPTION => {
                    let exception = body::<PyException>(object);
                    self.fields(&[
                        ("args", exception.args.peek()),
                        ("__traceback__", exception.traceback.peek()),
                        ("__cause__", exception.cause.peek()),
                        ("__context__", exception.context.peek()),
                    ]);
                }
                ids::TRACEBACK => {
                    let traceback = body::<PyTraceback>(object);
                    self.fields(&[
                        ("tb_next", traceback.next.peek()),
                        ("tb_frame", traceback.frame.word()),
                    ]);
                }
                ids::FRAME => {
                    let frame = body::<PyFrame>(object);
                    self.fields(&frame.fields());
                    let code = &frame.code().code;
                    frame.each_own(&mut |index, word| {
                        self.push(word, || match code.local_name(index) {
                            Some(name) => Name::Attribute(name.to_owned()),
                            None => internal("local"),
                        });
                    });
                }
                ids::CODE => {
                    let code = body::<PyCode>(object);
                    for constant in &code.consts {
                        self.push(*constant, || internal("constant"));
                    }
                    for name in &code.names {
                        self.push(name.word(), || internal("name"));
                    }
                }
                ids::GENERATOR | ids::COROUTINE | ids::ASYNC_GENERATOR => {
                    let generator = body::<PyGenerator>(object);
                    let code = generator.code_word();
                    self.fields(&[("code", code)]);
                    let code = &body::<PyCode>(code.as_object()).code;
                    generator.each_saved(&mut |index, word| {
                        self.push(word, || match index.checked_sub(1) {
                            None => internal("function"),
                            Some(local) => match code.local_name(local) {
                                Some(name) => Name::Attribute(name.to_owned()),
                                None => internal("temporary"),
                            },
                        });
                    });
                }
                _ => {}
            }
            self.tail(object, type_id);
        }
    }

    /// # Safety
    /// - As for [`begin`](Self::begin); `type_id` is the object's.
    unsafe fn tail(&mut self, object: *const Header, type_id: u32) {
        // SAFETY: as the caller says; the object of a type is its class, and it stays.
        unsafe {
            let class = crate::object::type_::entry_of(type_id).object();
            if type_id >= ids::FIRST_DYNAMIC {
                let members = self
                    .members
                    .entry(type_id)
                    .or_insert_with(|| members(class))
                    .clone();
                instance::each_in_tail(object, &mut |part, word| {
                    self.push(word, || match part {
                        Part::Member(index) => match members.get(index) {
                            Some(name) if !name.is_empty() => Name::Attribute(name.clone()),
                            _ => internal("member"),
                        },
                        Part::Dict => internal("__dict__"),
                        Part::Attribute(name) => match text(name) {
                            Some(name) => Name::Attribute(name),
                            None => internal("attribute"),
                        },
                    });
                });
            }
            self.push(class, || internal("__class__"));
        }
    }

    fn fields(&mut self, fields: &[(&'static str, Word)]) {
        for &(name, word) in fields {
            self.push(word, || internal(name));
        }
    }

    fn push(&mut self, word: Word, name: impl FnOnce() -> Name) {
        if word.is_object() {
            self.all.push((word.as_object().addr(), name()));
        }
    }

    /// The name of the object's next reference, the one with this number, which leads to `target`.
    pub fn next(&mut self, number: u32, target: *const Header) -> Name {
        let rest = self.all[self.next..].iter_mut().take(SKIPPED);
        let found = rest.enumerate().find(|(_, (to, _))| *to == target.addr());
        match found {
            Some((skipped, (_, name))) => {
                let name = std::mem::replace(name, Name::Index(0));
                self.next += skipped + 1;
                name
            }
            None => Name::Internal(format!("field {number}").into()),
        }
    }
}

/// What a value in a dict is called.
///
/// # Safety
/// - The key is one of a live dict's, with the world stopped.
unsafe fn name_of_key(key: Word) -> Name {
    // SAFETY: as the caller says.
    if let Some(text) = unsafe { text(key) } {
        return Name::Attribute(text);
    }
    if key.is_int() {
        let number = key.as_int();
        return match u32::try_from(number) {
            Ok(number) => Name::Index(number),
            Err(_) => Name::Attribute(number.to_string()),
        };
    }
    internal("value")
}

/// The names of the member slots of a class's instances, by their index.
///
/// # Safety
/// - `class` is a live class, and the world is stopped.
unsafe fn members(class: Word) -> Vec<String> {
    let mut names = Vec::new();
    // SAFETY: a class; its order is a tuple of classes, each with its dict.
    unsafe {
        let order = body::<PyType>(class.as_object()).mro.peek();
        if !order.is_object() {
            return names;
        }
        for class in body::<PyTuple>(order.as_object()).items() {
            let class = class.word().as_object();
            if layout_of((*class).type_id()) != ids::TYPE {
                continue;
            }
            let space = body::<PyType>(class).dict.word().as_object();
            body::<PyDict>(space).each_entry(&mut |_, value| {
                if value.is_object() && (*value.as_object()).type_id() == ids::MEMBER {
                    let member = body::<PyMember>(value.as_object());
                    let Some(index) = member.slot() else {
                        return;
                    };
                    if names.len() <= index {
                        names.resize(index + 1, String::new());
                    }
                    if names[index].is_empty() {
                        names[index] = text(member.name.word()).unwrap_or_default();
                    }
                }
            });
        }
    }
    names
}

/// What an object itself is called, if it has more of a name than its class.
///
/// # Safety
/// - The object is alive and complete, and the world is stopped.
pub unsafe fn describe(object: &Header) -> Option<String> {
    let at = std::ptr::from_ref(object);
    // SAFETY: the layout says what the body is; the rest is as the caller says.
    unsafe {
        let (what, name) = match layout_of(object.type_id()) {
            ids::STR => return Some(text_of(object)),
            ids::FUNCTION => ("function", text(body::<PyFunction>(at).qualname.peek())),
            ids::TYPE => ("class", text(body::<PyType>(at).qualname.peek())),
            ids::CODE => ("code", text(body::<PyCode>(at).qualname.word())),
            ids::GENERATOR | ids::COROUTINE | ids::ASYNC_GENERATOR => {
                let code = body::<PyGenerator>(at).code_word().as_object();
                ("generator", text(body::<PyCode>(code).qualname.word()))
            }
            ids::MODULE => {
                let space = body::<PyModule>(at).dict.peek();
                let mut name = None;
                if space.is_object() {
                    body::<PyDict>(space.as_object()).each_entry(&mut |key, value| {
                        if name.is_none() && text(key).as_deref() == Some("__name__") {
                            name = text(value);
                        }
                    });
                }
                ("module", name)
            }
            _ => return None,
        };
        name.map(|name| format!("{what} {name}"))
    }
}

/// Bytes of the buffer that belongs to an object.
///
/// # Safety
/// - The object is alive and complete, and the world is stopped.
pub unsafe fn buffer_bytes(thread: &Thread, object: &Header) -> usize {
    let at = std::ptr::from_ref(object);
    // SAFETY: the layout says what the body is; a block is the heap's.
    unsafe {
        let block = match layout_of(object.type_id()) {
            ids::LIST => return body::<PyList>(at).buffer_size(),
            ids::DICT => body::<PyDict>(at).block(),
            ids::SET | ids::FROZENSET => body::<PySet>(at).block(),
            _ => None,
        };
        block.map_or(0, |block| thread.heap.usable_size(block))
    }
}
