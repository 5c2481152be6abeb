//! Python's values: one file or folder per type, and what all of them share.
//!
//! | shared            | what it is                                                   |
//! |-------------------|--------------------------------------------------------------|
//! | [`obj`]           | an owned value, one word                                     |
//! | [`payload`]       | the body of an object, typed access to it                    |
//! | [`slot`]          | fields of shared objects                                     |
//! | [`slots`]         | the operations of a type                                     |
//! | [`define`]        | how a built-in type is written down                          |
//! | [`type_`]         | classes                                                      |
//! | [`instance`]      | what instances of classes have beyond the body               |
//! | [`attribute`]     | attribute lookup                                             |
//! | [`index`]         | subscripts of sequences                                      |
//! | [`protocol`]      | what operators and built-in functions mean                   |
//! | [`args`]          | the arguments of a call, and binding them                    |
//! | [`own_dict`]      | attributes of built-in types that have a `__dict__`          |
//! | [`wrapped`]       | functions in `classmethod` and `staticmethod`                |
//! | [`interned`]      | the table of interned strings                                |
//! | [`names`]         | the strings the interpreter itself looks up                  |
//! | [`reduce`]        | what `copy` and `pickle` make of any object                  |
//! | [`annotate`]      | the functions that compute annotations                       |
//! | [`registry`]      | all built-in types, and making them                          |

pub mod anext_awaitable;
pub mod annotate;
pub mod args;
pub mod async_generator;
pub mod attribute;
pub mod define;
pub mod ids;
pub mod index;
pub mod instance;
pub mod interned;
pub mod key;
pub mod names;
pub mod obj;
pub mod payload;
pub mod protocol;
pub mod repr_guard;
pub mod root;
pub mod slot;
pub mod slots;
pub mod type_;
#[cfg(test)]
mod value_tests;

pub mod bool_;
pub mod bound_method;
pub mod builtin_function;
pub mod by_index;
pub mod bytearray;
pub mod bytes;
pub mod bytes_like;
pub mod cell;
pub mod class_method;
pub mod code;
pub mod code_make;
pub mod code_places;
pub mod complex;
pub mod coroutine;
pub mod counted;
pub mod descriptor;
pub mod dict;
pub mod docs;
pub mod exception;
pub mod float;
pub mod frame;
pub mod frame_locals;
pub mod function;
pub mod functional;
pub mod generator;
pub mod generic_alias;
pub mod int;
pub mod iterator;
pub mod iterator_state;
pub mod list;
pub mod mapping_proxy;
pub mod memoryview;
pub mod module;
pub mod namespace;
pub mod object_;
pub mod own_dict;
pub mod percent;
pub mod property;
pub mod range;
pub mod reduce;
pub mod registry;
pub mod scalar;
pub mod set;
pub mod singletons;
pub mod slice;
pub mod slot_wrapper;
pub mod static_method;
pub mod str_;
pub mod substitute;
pub mod super_;
pub mod template;
pub mod traceback;
pub mod tuple;
pub mod union_;
pub mod weakref;
pub mod wrapped;
