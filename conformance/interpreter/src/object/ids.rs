//! Type ids of the built-in types, fixed so that an exact-type test is one compare.

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        // Id 0 is no type.
        #[repr(u32)]
        #[allow(dead_code)]
        enum Number { NONE_YET, $($name,)* COUNT_ }
        $(#[doc = concat!("Type id of `", stringify!($name), "`.")] pub const $name: u32 = Number::$name as u32;)*
        /// One more than the largest id below.
        pub const COUNT: u32 = Number::COUNT_ as u32;
    };
}

ids! {
    OBJECT, TYPE, INT, BOOL, FLOAT, COMPLEX, STR, BYTES, BYTEARRAY, MEMORYVIEW, NONE_TYPE, ELLIPSIS, NOT_IMPLEMENTED,
    LIST, TUPLE, DICT, SET, FROZENSET, RANGE, SLICE,
    DICT_KEYS, DICT_VALUES, DICT_ITEMS, ODICT_KEYS, ODICT_VALUES, ODICT_ITEMS, ODICT_ITER, MAPPING_PROXY,
    FUNCTION, CODE, BUILTIN_FUNCTION, METHOD_DESCRIPTOR, CLASSMETHOD_DESCRIPTOR, SLOT_WRAPPER, METHOD_WRAPPER, GETSET, MEMBER, BOUND_METHOD,
    STATICMETHOD, CLASSMETHOD, PROPERTY, SUPER, CELL, MODULE, FRAME, TRACEBACK, GENERATOR, COROUTINE, ASYNC_GENERATOR,
    BASE_EXCEPTION, WEAKREF, WEAK_PROXY,
    LIST_ITER, LIST_REVERSE_ITER, TUPLE_ITER, STR_ITER, STR_ASCII_ITER, BYTES_ITER, BYTEARRAY_ITER, RANGE_ITER, LONG_RANGE_ITER,
    DICT_KEY_ITER, DICT_VALUE_ITER, DICT_ITEM_ITER, DICT_REVERSE_KEY_ITER, DICT_REVERSE_VALUE_ITER, DICT_REVERSE_ITEM_ITER, SET_ITER,
    SEQ_ITER, CALL_ITER, ENUMERATE, REVERSED, MAP, FILTER, ZIP, UNION, GENERIC_ALIAS, SIMPLE_NAMESPACE,
    FILE, BUFFERED_FILE, STRING_IO, BYTES_IO, TEMPLATE, INTERPOLATION, TYPE_ALIAS, TYPE_VAR,
    // itertools, functools, collections, operator
    IT_COUNT, IT_CYCLE, IT_REPEAT, IT_CHAIN, IT_COMPRESS, IT_DROPWHILE, IT_TAKEWHILE, IT_FILTERFALSE, IT_GROUPBY, IT_GROUPER, IT_ISLICE, IT_PAIRWISE,
    IT_STARMAP, IT_TEE, IT_TEE_LINK, IT_ZIP_LONGEST, IT_ACCUMULATE, IT_BATCHED, IT_PRODUCT, IT_PERMUTATIONS, IT_COMBINATIONS, IT_COMBINATIONS_R,
    PARTIAL, LRU_CACHE, CMP_KEY, PLACEHOLDER,
    DEQUE, DEQUE_ITER, DEQUE_REVERSE_ITER, DEFAULT_DICT, TUPLE_GETTER, USER_1, USER_2,
    ITEMGETTER, ATTRGETTER, METHODCALLER,
    // threading, queue, random, time, weakref
    LOCK, RLOCK, THREAD_LOCAL, SIMPLE_QUEUE,
    RANDOM, THREAD_HANDLE,
    WEAK_CALLABLE_PROXY, QUITTER, PRINTER, HELPER, CAPSULE, FRAME_LOCALS, GENERIC_ALIAS_ITER,
    HASH, SHAKE, BLAKE2B, BLAKE2S, POLL, EPOLL, SOCKET, ARRAY, STRUCT, STRUCT_ITER, DIR_ENTRY, SCANDIR_ITER, MEMORY_ITER, ARRAY_ITER,
    SRE_PATTERN, SRE_MATCH, SRE_SCANNER, SRE_TEMPLATE, CONTEXT, CONTEXT_VAR, CONTEXT_TOKEN, CONTEXT_MISSING,
    // typing, string.templatelib, _ast
    PARAM_SPEC_ARGS, PARAM_SPEC_KWARGS, GENERIC, NO_DEFAULT, CONST_EVALUATOR, TEMPLATE_ITER, SYMBOL_TABLE, TOKENIZER_ITER,
    // _hashlib, unicodedata, zlib, _csv, _json
    HMAC, UCD, ZLIB_COMPRESS, ZLIB_DECOMPRESS, ZLIB_DECOMPRESSOR, CSV_DIALECT, CSV_READER, CSV_WRITER, JSON_SCANNER, JSON_ENCODER,
    // _io
    RAW_FILE, RW_PAIR, NEWLINE_DECODER,
    // _pickle
    PICKLER, UNPICKLER, PICKLER_MEMO, UNPICKLER_MEMO, PICKLE_BUFFER,
    COROUTINE_WRAPPER, ASYNC_GENERATOR_ASEND, ASYNC_GENERATOR_ATHROW, ANEXT_AWAITABLE,
}

/// Ids from here on belong to classes made at run time and to the exception classes.
pub const FIRST_DYNAMIC: u32 = 512;

const _: () = assert!(COUNT < FIRST_DYNAMIC);

/// Built-in classes whose instances have a dict with inline values ([`super::instance`]) like those of a `class` statement:
/// the streams of `_io`, `OrderedDict`, type parameters, the nodes of syntax trees. Their ids follow those of the exception classes; a class's layout is an id from above that no class has.
pub mod tailed {
    /// The first of them.
    pub const FIRST: u32 = super::FIRST_DYNAMIC + crate::object::exception::COUNT;
    /// `_io._IOBase`.
    pub const IO_BASE: u32 = FIRST;
    /// `_io._RawIOBase`.
    pub const RAW_IO_BASE: u32 = FIRST + 1;
    /// `_io._BufferedIOBase`.
    pub const BUFFERED_IO_BASE: u32 = FIRST + 2;
    /// `_io._TextIOBase`.
    pub const TEXT_IO_BASE: u32 = FIRST + 3;
    /// `_io.FileIO`.
    pub const FILE_IO: u32 = FIRST + 4;
    /// `_io.BufferedReader`.
    pub const BUFFERED_READER: u32 = FIRST + 5;
    /// `_io.BufferedWriter`.
    pub const BUFFERED_WRITER: u32 = FIRST + 6;
    /// `_io.BufferedRandom`.
    pub const BUFFERED_RANDOM: u32 = FIRST + 7;
    /// `_io.BufferedRWPair`.
    pub const BUFFERED_RW_PAIR: u32 = FIRST + 8;
    /// `_io.TextIOWrapper`.
    pub const TEXT_IO_WRAPPER: u32 = FIRST + 9;
    /// `_io.BytesIO`.
    pub const BYTES_IO: u32 = FIRST + 10;
    /// `_io.StringIO`.
    pub const STRING_IO: u32 = FIRST + 11;
    /// `collections.OrderedDict`.
    pub const ORDERED_DICT: u32 = FIRST + 12;
    /// `typing.TypeVar`.
    pub const TYPE_VAR: u32 = FIRST + 13;
    /// `typing.TypeVarTuple`.
    pub const TYPE_VAR_TUPLE: u32 = FIRST + 14;
    /// `typing.ParamSpec`.
    pub const PARAM_SPEC: u32 = FIRST + 15;
    /// `ast.AST`.
    pub const AST: u32 = FIRST + 16;
    /// One more than the last of them: ids from here on belong to classes made at run time.
    pub const END: u32 = FIRST + 17;
}

/// Whether this is the layout of built-in classes with a tail, and no class's id.
pub const fn is_bare_layout(layout: u32) -> bool {
    matches!(
        layout,
        BASE_EXCEPTION
            | FILE
            | BUFFERED_FILE
            | STRING_IO
            | BYTES_IO
            | RAW_FILE
            | RW_PAIR
            | TYPE_VAR
    )
}
