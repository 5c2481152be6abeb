//! The one table of opcodes.
//!
//! Every instruction is listed once: its name, the role of each of its three operands, the units that
//! follow it (operand units, then zeroed cache units) and its meaning. The [`Op`] enum, the decoder, the
//! disassembler, the verifier and jump resolution derive from this list.
//!
//! # Encoding
//!
//! Code is a sequence of `u32` units. An instruction is `op | a << 8 | b << 16 | c << 24`, then its operand
//! units, then its cache units. An operand above 255 is written with a prefix: `WIDE a' b' c'` supplies
//! bits 8..16 of the operands of the instruction that follows (the prefix and the instruction are one: no
//! jump lands between them).
//!
//! # Registers
//!
//! `r[0..nlocals]` are locals (parameters, locals, cells, free variables), `r[nlocals..nregs]` temporaries.
//! A *read* operand borrows a local and **consumes** a temporary (takes the value, leaves the register dead).
//! A *kept* operand is borrowed whatever it is. A *written* operand is a local, whose old value is dropped after
//! the new one is in place, or a dead temporary; it is written last, after every operand was read, and only if the
//! instruction succeeds. It may be the same register as an operand. A read local is always bound, except
//! where a row says otherwise (the compiler emits `CHECK_BOUND`).
//!
//! # Call windows
//!
//! A call at window `a` owns the temporaries from `a` up: `r[a]` the callable, `r[a+1..a+7]` reserved for the
//! callee's frame header, `r[a+7..]` the arguments. All are consumed. The result goes to register `c`: a
//! local, or a dead temporary, often `a` itself.
//!
//! # Jumps
//!
//! A jump unit holds an `i32`, relative to the unit after the whole instruction (caches included). `JUMP` and
//! `JUMP_BACK` hold theirs in the 24 bits of `a b c` (signed, `a` lowest) and take no `WIDE`.

/// The role of one of the operands `a`, `b`, `c`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operand {
    /// Not used; zero.
    Unused,
    /// A register that is written.
    Write,
    /// A register that is read: a local is borrowed, a temporary consumed.
    Read,
    /// A register that is read and stays as it is, even when it is a temporary.
    Keep,
    /// A local register (never a temporary) that holds a plain variable.
    Local,
    /// A local register that holds a cell, which stays.
    Cell,
    /// The first of consecutive temporaries, all consumed; the row says how many.
    First,
    /// The first of consecutive registers that are written; the row says how many.
    WriteFirst,
    /// The first register of a call window.
    Window,
    /// An unsigned number.
    Number,
    /// A signed number: 8 bits, or 16 behind `WIDE`.
    Signed,
    /// With its neighbour: `b` holds the low byte and `c` the high byte of a signed 16-bit number; a
    /// `WIDE` prefix widens only `a`.
    Int16,
    /// With its neighbour: a constant index, `b | c << 8`; behind `WIDE`, `b | c << 8 | b' << 16 | c' << 24`.
    ConstIndex,
    /// The three together: a signed 24-bit jump offset.
    Offset24,
}

/// The role of an operand unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// An index into `Code::consts`.
    Const,
    /// An index into `Code::names`.
    Name,
    /// An `i32` jump offset.
    Jump,
    /// A plain number.
    Number,
}

/// One row of the table.
pub type Info = kit_core::code::Info<Operand, Unit>;

macro_rules! operand {
    (_) => {
        Operand::Unused
    };
    (W) => {
        Operand::Write
    };
    (R) => {
        Operand::Read
    };
    (S) => {
        Operand::Keep
    };
    (L) => {
        Operand::Local
    };
    (C) => {
        Operand::Cell
    };
    (F) => {
        Operand::First
    };
    (WF) => {
        Operand::WriteFirst
    };
    (A) => {
        Operand::Window
    };
    (N) => {
        Operand::Number
    };
    (I) => {
        Operand::Signed
    };
    (I16) => {
        Operand::Int16
    };
    (K) => {
        Operand::ConstIndex
    };
    (J) => {
        Operand::Offset24
    };
}

macro_rules! unit {
    (K) => {
        Unit::Const
    };
    (N) => {
        Unit::Name
    };
    (J) => {
        Unit::Jump
    };
    (U) => {
        Unit::Number
    };
}

// Operand letters: W written, R read (temporary consumed), S kept, L plain local, C cell local, F first of consecutive
// temporaries (consumed), WF first of consecutive written registers, A call window, N number, I signed, I16 and K two-byte
// fields in b and c, J 24-bit offset, _ unused. Unit letters: K constant, N name, J jump, U number. Behind the number of cache
// units: the weight, where it is not 1.
kit_core::operations! {
    /// An instruction's operation.
    pub enum Op: Info, operand, unit;

    // --- Moving values -------------------------------------------------------------------------------------------
    /// Prefix: supplies bits 8..16 of the operands of the next instruction.
    Wide "WIDE" (N N N) [] 0;
    /// Does nothing.
    Nop "NOP" (_ _ _) [] 0;
    /// `r[a] = consts[k]`.
    LoadConst "LOAD_CONST" (W K K) [] 0;
    /// `r[a] =` the small integer in `b | c << 8`, signed.
    LoadInt "LOAD_INT" (W I16 I16) [] 0;
    /// `r[a] =` the constant word with index `b`: 0 False, 1 True, 2 None, 3 Ellipsis, 4 NotImplemented.
    LoadSpecial "LOAD_SPECIAL" (W N _) [] 0;
    /// `r[a] = r[b]`; `b` stays even when it is a temporary.
    Copy "COPY" (W S _) [] 0;
    /// `r[a] = r[b]` without a count: the local `b` keeps the value until the temporary `a`, an argument, is gone.
    Lend "LEND" (W S _) [] 0;
    /// `r[a] = r[b]`; a local `b` is copied, a temporary moved.
    Move "MOVE" (W R _) [] 0;
    /// Drops the temporary `r[a]`.
    Drop "DROP" (R _ _) [] 0;
    /// Makes `r[a]` Null, dropping what it held; it may be a local, or a temporary live or dead, and may already be Null.
    Clear "CLEAR" (W _ _) [] 0;
    /// Unbinds the local `r[a]`; UnboundLocalError when it is Null.
    DeleteLocal "DELETE_LOCAL" (L _ _) [] 0;
    /// UnboundLocalError when the local `r[a]` is Null.
    CheckBound "CHECK_BOUND" (L _ _) [] 0;

    // --- Arithmetic ----------------------------------------------------------------------------------------------
    /// `r[a] = r[b] + r[c]`.
    Add "ADD" (W R R) [] 1;
    /// `r[a] = r[b] - r[c]`.
    Sub "SUB" (W R R) [] 1;
    /// `r[a] = r[b] * r[c]`.
    Mul "MUL" (W R R) [] 1;
    /// `r[a] = r[b] / r[c]`.
    TrueDiv "TRUEDIV" (W R R) [] 1 * 2;
    /// `r[a] = r[b] // r[c]`.
    FloorDiv "FLOORDIV" (W R R) [] 1 * 2;
    /// `r[a] = r[b] % r[c]`.
    Mod "MOD" (W R R) [] 1 * 2;
    /// `r[a] = r[b] ** r[c]`.
    Pow "POW" (W R R) [] 1 * 4;
    /// `r[a] = r[b] << r[c]`.
    LShift "LSHIFT" (W R R) [] 1;
    /// `r[a] = r[b] >> r[c]`.
    RShift "RSHIFT" (W R R) [] 1;
    /// `r[a] = r[b] & r[c]`.
    And "AND" (W R R) [] 1;
    /// `r[a] = r[b] | r[c]`.
    Or "OR" (W R R) [] 1;
    /// `r[a] = r[b] ^ r[c]`.
    Xor "XOR" (W R R) [] 1;
    /// `r[a] = r[b] @ r[c]`.
    MatMul "MATMUL" (W R R) [] 1 * 8;
    /// In-place `+=`: `r[a] = iadd(r[b], r[c])`; usually `a == b`.
    IAdd "IADD" (W R R) [] 1;
    /// In-place `-=`.
    ISub "ISUB" (W R R) [] 1;
    /// In-place `*=`.
    IMul "IMUL" (W R R) [] 1;
    /// In-place `/=`.
    ITrueDiv "ITRUEDIV" (W R R) [] 1 * 2;
    /// In-place `//=`.
    IFloorDiv "IFLOORDIV" (W R R) [] 1 * 2;
    /// In-place `%=`.
    IMod "IMOD" (W R R) [] 1 * 2;
    /// In-place `**=`.
    IPow "IPOW" (W R R) [] 1 * 4;
    /// In-place `<<=`.
    ILShift "ILSHIFT" (W R R) [] 1;
    /// In-place `>>=`.
    IRShift "IRSHIFT" (W R R) [] 1;
    /// In-place `&=`.
    IAnd "IAND" (W R R) [] 1;
    /// In-place `|=`.
    IOr "IOR" (W R R) [] 1;
    /// In-place `^=`.
    IXor "IXOR" (W R R) [] 1;
    /// In-place `@=`.
    IMatMul "IMATMUL" (W R R) [] 1 * 8;
    /// `r[a] = r[b] + c`, `c` a small signed integer.
    AddImm "ADD_IMM" (W R I) [] 1;
    /// `r[a] = r[b] - c`.
    SubImm "SUB_IMM" (W R I) [] 1;
    /// `r[a] = r[b] * c`.
    MulImm "MUL_IMM" (W R I) [] 1;
    /// `r[a] = r[b] // c`; `c` may be zero.
    FloorDivImm "FLOORDIV_IMM" (W R I) [] 1;
    /// `r[a] = r[b] % c`; `c` may be zero.
    ModImm "MOD_IMM" (W R I) [] 1;
    /// `r[a] = r[b] & c`.
    AndImm "AND_IMM" (W R I) [] 1;
    /// In-place `r[a] = iadd(r[b], c)`.
    IAddImm "IADD_IMM" (W R I) [] 1;
    /// In-place `r[a] = isub(r[b], c)`.
    ISubImm "ISUB_IMM" (W R I) [] 1;
    /// `r[a] = -r[b]`.
    Neg "NEG" (W R _) [] 0;
    /// `r[a] = +r[b]`.
    Pos "POS" (W R _) [] 0;
    /// `r[a] = ~r[b]`.
    Invert "INVERT" (W R _) [] 0;
    /// `r[a] = not r[b]`, a bool.
    Not "NOT" (W R _) [] 0;

    // --- Comparing -----------------------------------------------------------------------------------------------
    /// `r[a] = r[b] < r[c]` (any object, as the comparison returned it).
    Lt "LT" (W R R) [] 1;
    /// `r[a] = r[b] <= r[c]`.
    Le "LE" (W R R) [] 1;
    /// `r[a] = r[b] == r[c]`.
    Eq "EQ" (W R R) [] 1;
    /// `r[a] = r[b] != r[c]`.
    Ne "NE" (W R R) [] 1;
    /// `r[a] = r[b] > r[c]`.
    Gt "GT" (W R R) [] 1;
    /// `r[a] = r[b] >= r[c]`.
    Ge "GE" (W R R) [] 1;
    /// `r[a] = r[b] is r[c]`, a bool.
    Is "IS" (W R R) [] 0;
    /// `r[a] = r[b] is not r[c]`, a bool.
    IsNot "IS_NOT" (W R R) [] 0;
    /// `r[a] = r[b] in r[c]`, a bool (`c` is the container).
    In "IN" (W R R) [] 1 * 2;
    /// `r[a] = r[b] not in r[c]`, a bool.
    NotIn "NOT_IN" (W R R) [] 1 * 2;

    // --- Jumping -------------------------------------------------------------------------------------------------
    /// Jumps forward (or back, outside loops).
    Jump "JUMP" (J J J) [] 0 end;
    /// Jumps to a loop's head and polls the breaker.
    JumpBack "JUMP_BACK" (J J J) [] 0 end;
    /// Consumes `a`; jumps when it is true.
    JumpTrue "JUMP_TRUE" (R _ _) [J] 0;
    /// Consumes `a`; jumps when it is false.
    JumpFalse "JUMP_FALSE" (R _ _) [J] 0;
    /// Jumps when the temporary `a` is true, keeping it; falling through drops it.
    JumpTrueKeep "JUMP_TRUE_KEEP" (R _ _) [J] 0;
    /// Jumps when the temporary `a` is false, keeping it; falling through drops it.
    JumpFalseKeep "JUMP_FALSE_KEEP" (R _ _) [J] 0;
    /// Consumes `a`; jumps when it is None.
    JumpNone "JUMP_NONE" (R _ _) [J] 0;
    /// Consumes `a`; jumps when it is not None.
    JumpNotNone "JUMP_NOT_NONE" (R _ _) [J] 0;
    /// Jumps when `truth(r[b] < r[c]) == a`; consumes both.
    JumpLt "JUMP_LT" (N R R) [J] 1;
    /// Jumps when `truth(r[b] <= r[c]) == a`.
    JumpLe "JUMP_LE" (N R R) [J] 1;
    /// Jumps when `truth(r[b] == r[c]) == a`.
    JumpEq "JUMP_EQ" (N R R) [J] 1;
    /// Jumps when `truth(r[b] != r[c]) == a`.
    JumpNe "JUMP_NE" (N R R) [J] 1;
    /// Jumps when `truth(r[b] > r[c]) == a`.
    JumpGt "JUMP_GT" (N R R) [J] 1;
    /// Jumps when `truth(r[b] >= r[c]) == a`.
    JumpGe "JUMP_GE" (N R R) [J] 1;
    /// Jumps when `truth(r[b] < c) == a`, `c` a small signed integer.
    JumpLtImm "JUMP_LT_IMM" (N R I) [J] 1;
    /// Jumps when `truth(r[b] <= c) == a`.
    JumpLeImm "JUMP_LE_IMM" (N R I) [J] 1;
    /// Jumps when `truth(r[b] == c) == a`.
    JumpEqImm "JUMP_EQ_IMM" (N R I) [J] 1;
    /// Jumps when `truth(r[b] != c) == a`.
    JumpNeImm "JUMP_NE_IMM" (N R I) [J] 1;
    /// Jumps when `truth(r[b] > c) == a`.
    JumpGtImm "JUMP_GT_IMM" (N R I) [J] 1;
    /// Jumps when `truth(r[b] >= c) == a`.
    JumpGeImm "JUMP_GE_IMM" (N R I) [J] 1;
    /// Jumps when `(r[b] is r[c]) == a` (`is not` is compiled as the other sense).
    JumpIs "JUMP_IS" (N R R) [J] 0;
    /// Jumps when `(r[b] in r[c]) == a` (`not in` is compiled as the other sense).
    JumpIn "JUMP_IN" (N R R) [J] 1 * 2;

    // --- Names ---------------------------------------------------------------------------------------------------
    /// `r[a] =` the global or builtin `names[n]`; NameError.
    LoadGlobal "LOAD_GLOBAL" (W _ _) [N] 3;
    /// Binds the global `names[n]` to `r[a]`.
    StoreGlobal "STORE_GLOBAL" (R _ _) [N] 2;
    /// Unbinds the global `names[n]`; NameError.
    DeleteGlobal "DELETE_GLOBAL" (_ _ _) [N] 0;
    /// `r[a] = names[n]` from the frame's namespace mapping, then globals, then builtins (module and class bodies).
    LoadName "LOAD_NAME" (W _ _) [N] 3 * 2;
    /// Binds `names[n]` to `r[a]` in the frame's namespace mapping.
    StoreName "STORE_NAME" (R _ _) [N] 2 * 2;
    /// Unbinds `names[n]` in the frame's namespace mapping; NameError.
    DeleteName "DELETE_NAME" (_ _ _) [N] 0;
    /// `r[a] =` the frame's namespace mapping (class bodies).
    LoadLocals "LOAD_LOCALS" (W _ _) [] 0;
    /// `r[a] = names[n]` from the mapping `r[b]`, then globals, then builtins (annotation scopes inside classes).
    LoadDictGlobal "LOAD_DICT_GLOBAL" (W R _) [N] 0;
    /// `r[a] = names[n]` from the mapping `r[b]`, then from the cell `r[c]`; NameError (class bodies and annotation scopes in them).
    LoadDictCell "LOAD_DICT_CELL" (W R C) [N] 0;
    /// `r[a] =` the content of the cell `r[b]`; UnboundLocalError or, for a free variable, NameError.
    LoadCell "LOAD_CELL" (W C _) [] 0;
    /// Puts `r[b]` into the cell `r[a]`.
    StoreCell "STORE_CELL" (C R _) [] 0;
    /// Empties the cell `r[a]`; UnboundLocalError or NameError when it is empty.
    DeleteCell "DELETE_CELL" (C _ _) [] 0;
    /// Wraps what the local `r[a]` holds (an argument, or Null) into a new cell in `r[a]`.
    MakeCell "MAKE_CELL" (L _ _) [] 0;
    /// Copies the function's `b` closure cells into `r[a..a+b]` (always the first instruction).
    CopyFree "COPY_FREE_VARS" (WF N _) [] 0;

    // --- Attributes and items ------------------------------------------------------------------------------------
    /// `r[a] = r[b].names[n]`.
    LoadAttr "LOAD_ATTR" (W R _) [N] 6 * 2;
    /// `r[a].names[n] = r[b]`; consumes both.
    StoreAttr "STORE_ATTR" (R R _) [N] 4 * 2;
    /// `del r[a].names[n]`.
    DeleteAttr "DELETE_ATTR" (R _ _) [N] 0 * 2;
    /// Opens a method call at window `a` on `r[b]` (read; it may be `r[a]` itself): writes `r[a]` = unbound method and `r[a+7]` = receiver, or
    /// `r[a]` = the attribute's value and `r[a+7]` = Null. `CALL_METHOD` or `CALL_METHOD_KW` at the same window follows after the arguments.
    /// `c` = 1: a local `b` keeps the receiver until then, as for `LEND`.
    LoadMethod "LOAD_METHOD" (A R N) [N] 6 * 2;
    /// `r[c] = super(...).names[n]`: consumes `r[a+7]` = what the name `super` gave, `r[a+8]` = class, `r[a+9]` = self; `b` = 0 when written
    /// `super()`, 2 when written with both arguments. If `r[a+7]` is not the real `super`, it is called with `b` arguments first.
    LoadSuperAttr "LOAD_SUPER_ATTR" (A N W) [N] 0 * 4;
    /// As `LOAD_SUPER_ATTR`, leaving `r[a]` and `r[a+7]` as `LOAD_METHOD` does, for the `CALL_METHOD` that follows.
    LoadSuperMethod "LOAD_SUPER_METHOD" (A N _) [N] 6 * 4;
    /// `r[a] = r[b][r[c]]`.
    Subscr "SUBSCR" (W R R) [] 2 * 2;
    /// `r[a] = r[b][c]`, `c` a small signed integer.
    SubscrImm "SUBSCR_IMM" (W R I) [] 2;
    /// `r[a][r[b]] = r[c]`; consumes all three.
    StoreSubscr "STORE_SUBSCR" (R R R) [] 1 * 2;
    /// `del r[a][r[b]]`.
    DeleteSubscr "DELETE_SUBSCR" (R R _) [] 0 * 2;
    /// `r[a] = slice(r[b], r[b+1], r[b+2])`; consumes the three temporaries.
    Slice "SLICE" (W F _) [] 0 * 4;

    // --- Calls ---------------------------------------------------------------------------------------------------
    /// `r[c] = r[a](r[a+7..a+7+b])`. The caches are those of the call of a class.
    Call "CALL" (A N W) [] 4 * 4;
    /// After `LOAD_METHOD`: `b` arguments in `r[a+8..]`; `r[a+7]` is the receiver (passed first), or Null (not passed). Result in `r[c]`.
    CallMethod "CALL_METHOD" (A N W) [] 4 * 4;
    /// As `CALL` with `b` arguments in all, the last of them named by the tuple `consts[k]`.
    CallKw "CALL_KW" (A N W) [K] 2 * 4;
    /// As `CALL_METHOD` with `b` arguments in all (without the receiver), the last of them named by `consts[k]`.
    CallMethodKw "CALL_METHOD_KW" (A N W) [K] 2 * 4;
    /// `r[c] = r[a](*r[a+7], **r[a+8])`: `r[a+7]` a tuple or any iterable ("argument after * must be an iterable"), `r[a+8]` a mapping or Null.
    CallEx "CALL_EX" (A _ W) [] 0 * 8;
    /// Leaves the frame with `r[a]`; what the locals and the first `b` temporaries still hold is dropped, the others are dead.
    Return "RETURN" (R N _) [] 0 end;
    /// As `RETURN`, with None.
    ReturnNone "RETURN_NONE" (_ N _) [] 0 end;

    // --- Building ------------------------------------------------------------------------------------------------
    /// `r[a] =` the tuple of the `c` temporaries from `b`.
    BuildTuple "BUILD_TUPLE" (W F N) [] 0 * 2;
    /// `r[a] =` a list of the `c` temporaries from `b`.
    BuildList "BUILD_LIST" (W F N) [] 0 * 2;
    /// `r[a] =` a set of the `c` temporaries from `b`.
    BuildSet "BUILD_SET" (W F N) [] 0 * 2;
    /// `r[a] =` a dict of the `c` pairs in the `2 * c` temporaries from `b` (key, value, key, ...).
    BuildMap "BUILD_MAP" (W F N) [] 0 * 2;
    /// `r[a] =` the concatenation of the `c` strings in the temporaries from `b`.
    BuildString "BUILD_STRING" (W F N) [] 0 * 4;
    /// Appends `r[b]` to the list `r[a]`.
    ListAppend "LIST_APPEND" (S R _) [] 0;
    /// Adds `r[b]` to the set `r[a]`.
    SetAdd "SET_ADD" (S R _) [] 0 * 2;
    /// `r[a][r[b]] = r[c]` on the exact dict `r[a]`.
    MapAdd "MAP_ADD" (S R R) [] 0 * 2;
    /// Extends the list `r[a]` with the iterable `r[b]` ("Value after * must be an iterable, not int").
    ListExtend "LIST_EXTEND" (S R _) [] 0 * 4;
    /// Adds the items of the iterable `r[b]` to the set `r[a]`.
    SetUpdate "SET_UPDATE" (S R _) [] 0 * 4;
    /// `{**r[b]}`: updates the dict `r[a]` with the mapping `r[b]` ("'int' object is not a mapping").
    DictUpdate "DICT_UPDATE" (S R _) [] 0 * 4;
    /// As `DICT_UPDATE`, for the keyword arguments of a call to `r[c]` (stays): a duplicate or non-string key is a TypeError that names it.
    DictMerge "DICT_MERGE" (S R S) [] 0 * 4;
    /// `r[a] = tuple(r[b])`, `r[b]` an exact list nobody else has.
    ListToTuple "LIST_TO_TUPLE" (W R _) [] 0;
    /// `r[a] = format(convert(r[b]), "")`, `c` = conversion: 0 none, 1 str, 2 repr, 3 ascii.
    Format "FORMAT" (W R N) [] 0 * 4;
    /// `r[a] = format(convert(r[b]), r[b+1])`, two temporaries consumed; `c` = conversion.
    FormatSpec "FORMAT_SPEC" (W F N) [] 0 * 8;
    /// `r[a] =` an Interpolation of the 3 temporaries from `b`: value, expression text, format spec; `c` = conversion.
    BuildInterpolation "BUILD_INTERPOLATION" (W F N) [] 0 * 8;
    /// `r[a] =` a Template of the tuple of strings `r[b]` and the tuple of interpolations `r[c]`.
    BuildTemplate "BUILD_TEMPLATE" (W R R) [] 0 * 8;

    // --- Iterating and unpacking ---------------------------------------------------------------------------------
    /// `r[a] = iter(r[b])`.
    GetIter "GET_ITER" (W R _) [] 0 * 2;
    /// `r[b] = next(r[a])`, the iterator stays; when it is exhausted, drops the iterator, leaves `r[b]` alone and jumps.
    ForIter "FOR_ITER" (S W _) [J] 2 * 2;
    /// Unpacks `r[b]` into the `c` registers from `a`, none written unless all are there ("not enough values to unpack ...").
    Unpack "UNPACK" (WF R N) [] 1 * 2;
    /// Unpacks `r[b]` around a starred target: `u = before | after << 16`; writes `before + 1 + after` registers from `a`, the middle one a list.
    UnpackEx "UNPACK_EX" (WF R _) [U] 0 * 4;

    // --- Functions and classes -----------------------------------------------------------------------------------
    /// `r[a] =` a function of the code `consts[k]`; bits of `b` say what the consecutive temporaries from `c` hold, in this order: 1 defaults
    /// tuple, 2 keyword defaults dict, 4 annotate function, 8 closure tuple of cells, 16 annotations dict or tuple of name, value pairs.
    MakeFunction "MAKE_FUNCTION" (W N F) [K] 0 * 4;
    /// `r[a] =` the cell itself that the local `r[b]` holds (to build a closure tuple).
    LoadClosure "LOAD_CLOSURE" (W C _) [] 0;
    /// `r[a] = builtins.__build_class__`.
    LoadBuildClass "LOAD_BUILD_CLASS" (W _ _) [] 0 * 32;
    /// `r[a] =` intrinsic `c` (see [`Intrinsic1`]) of `r[b]`.
    Intrinsic1 "INTRINSIC_1" (W R N) [] 0;
    /// `r[a] =` intrinsic `c` (see [`Intrinsic2`]) of the two temporaries `r[b]`, `r[b+1]`, consumed.
    Intrinsic2 "INTRINSIC_2" (W F N) [] 0;
    /// Makes sure the frame's namespace has an `__annotations__` dict (only under `from __future__ import annotations`).
    SetupAnnotations "SETUP_ANNOTATIONS" (_ _ _) [] 0;

    // --- Exceptions ----------------------------------------------------------------------------------------------
    /// `raise r[a]`.
    Raise "RAISE" (R _ _) [] 0 * 4 end;
    /// `raise r[a] from r[b]`.
    RaiseFrom "RAISE_FROM" (R R _) [] 0 * 4 end;
    /// `raise`: raises the thread's handled exception again, or RuntimeError.
    RaiseActive "RAISE_ACTIVE" (_ _ _) [] 0 end;
    /// Continues the propagation of the exception `r[a]`, consumed: no traceback entry is added for this instruction, no context is set.
    Reraise "RERAISE" (R _ _) [] 0 end;
    /// AssertionError: `raise AssertionError` with the real class, `c` = 0, or `raise AssertionError(r[a])`, `c` = 1 (then `a` is read).
    RaiseAssertion "RAISE_ASSERTION" (R _ N) [] 0 end;
    /// `r[a] =` the thread's handled exception (Null or None when none); the exception `r[b]`, which stays, becomes the handled one.
    PushExc "PUSH_EXC" (W S _) [] 0;
    /// Restores the handled exception that `PUSH_EXC` saved in the temporary `r[a]`; consumes it.
    PopExc "POP_EXC" (R _ _) [] 0;
    /// `r[a] =` whether the exception `r[b]` (stays) matches `r[c]`, a class or tuple of classes ("catching classes that do not inherit ...").
    ExcMatch "EXC_MATCH" (W S R) [] 0 * 4;
    /// Jumps unless the exception `r[a]` (stays) matches `r[b]`, a class or tuple of classes.
    JumpNotExc "JUMP_NOT_EXC" (S R _) [J] 0;
    /// Splits the exception or group `r[b]` (None when nothing is left), consumed, by the class or tuple `r[c]`: `r[a]` = the matching group or
    /// None, `r[a+1]` = the rest or None. A lone exception that matches is wrapped in a group. A match becomes the handled exception.
    ExcGroupMatch "EXC_GROUP_MATCH" (WF R R) [] 0 * 8;
    /// `r[a] =` what an `except*` statement must raise at its end, or None: from the original `r[b]` and the list `r[c]` of what its
    /// clauses raised and what nobody took (or None).
    PrepReraiseStar "PREP_RERAISE_STAR" (W R R) [] 0 * 8;
    /// Enters the manager `r[b]`, consumed: `r[a]` = its bound `__exit__`, `r[a+1]` = the result of `__enter__`.
    WithEnter "WITH_ENTER" (WF R _) [] 0 * 4;
    /// `r[a] =` result of `r[b](type(e), e, traceback of e)` with `e = r[c]`; `r[b]` and `r[c]` stay.
    WithExcept "WITH_EXCEPT" (W S S) [] 0 * 4;

    // --- Generators and coroutines -------------------------------------------------------------------------------
    /// Leaves the frame with a generator, coroutine or async generator (by the code's flags) that continues here when first resumed. Comes
    /// after `COPY_FREE_VARS` and `MAKE_CELL`. A StopIteration that leaves the body becomes a RuntimeError in the VM.
    ReturnGenerator "RETURN_GENERATOR" (_ _ _) [] 0 * 8;
    /// Suspends the frame, yielding `r[b]`; `r[a] =` the value sent when resumed; an exception thrown in is raised here. Of the temporaries the first
    /// `c` may hold something meanwhile, the others are dead.
    Yield "YIELD" (W R N) [] 0 * 4;
    /// `r[a] =` the iterator `yield from r[b]` drives: a generator itself, a coroutine where allowed, else `iter(r[b])`.
    GetYieldFromIter "GET_YIELD_FROM_ITER" (W R _) [] 0;
    /// Drives the iterator in the temporary `r[b]`, sending `r[b+1]` (None at first). If it yields: the frame suspends, yielding that value, and
    /// when resumed puts the value sent into `r[b+1]` and executes this instruction again; what is thrown in (or `close()`) goes to the
    /// iterator first. If it returns: both temporaries are consumed, `r[a] =` its value. `c` = 0 `yield from`, 1 `await`.
    YieldFrom "YIELD_FROM" (W F N) [] 1 * 4;
    /// `r[a] =` the iterator that awaiting `r[b]` drives; `c` = 0 `await`, 1 the result of `__aenter__`, 2 of `__aexit__` (for the error's text).
    GetAwaitable "GET_AWAITABLE" (W R N) [] 0;
    /// `r[a] = r[b].__aiter__()`.
    GetAiter "GET_AITER" (W R _) [] 0;
    /// `r[a] =` the iterator that awaiting `r[b].__anext__()` drives; `r[b]` stays.
    GetAnext "GET_ANEXT" (W S _) [] 0;
    /// Consumes the async iterator `r[a]` and the exception `r[b]`; continues if it is StopAsyncIteration, else propagates it as `RERAISE` does.
    EndAsyncFor "END_ASYNC_FOR" (R R _) [] 0;
    /// As `WITH_ENTER` with `__aexit__` and `__aenter__`: `r[a+1]` = what `__aenter__()` returned, to be awaited.
    AsyncWithEnter "ASYNC_WITH_ENTER" (WF R _) [] 0 * 8;
    /// `r[a] = r[b]`, which an async generator yields next as its own value: marks that for who reads the code.
    AsyncGenWrap "ASYNC_GEN_WRAP" (W R _) [] 0;

    // --- Imports -------------------------------------------------------------------------------------------------
    /// `r[a] = __import__(names[n], globals, locals, r[b], level)`: `r[b]` the fromlist (tuple or None), `u` the level.
    ImportName "IMPORT_NAME" (W R _) [N U] 0 * 32;
    /// `r[a] =` the attribute or submodule `names[n]` of the module `r[b]`, which stays; ImportError.
    ImportFrom "IMPORT_FROM" (W S _) [N] 0 * 8;
    /// `from r[a] import *` into the frame's namespace.
    ImportStar "IMPORT_STAR" (R _ _) [] 0 * 32;

    // --- Pattern matching ----------------------------------------------------------------------------------------
    /// `r[a] =` whether `r[b]` (stays) is a sequence for patterns.
    MatchSequence "MATCH_SEQUENCE" (W S _) [] 0;
    /// `r[a] =` whether `r[b]` (stays) is a mapping for patterns.
    MatchMapping "MATCH_MAPPING" (W S _) [] 0;
    /// `r[a] =` the tuple of attributes of `r[b]` (stays) when it is an instance of `r[c]`, else None: `u` positional ones, then those named by
    /// the tuple `consts[k]`.
    MatchClass "MATCH_CLASS" (W S R) [K U] 0 * 8;
    /// `r[a] =` the tuple of the values of the mapping `r[b]` (stays) at the keys of the tuple `r[c]` (stays), or None when one is missing.
    MatchKeys "MATCH_KEYS" (W S S) [] 0 * 8;
    /// `r[a] = len(r[b])`, `b` stays.
    GetLen "GET_LEN" (W S _) [] 0;

    // --- Monitoring ----------------------------------------------------------------------------------------------
    /// Written over another operation in images of code: tells tools what happens at the instruction, and executes it. Nothing else has it.
    Instrumented "INSTRUMENTED" (N N N) [] 0;

    // --- Interactive ---------------------------------------------------------------------------------------------
    /// `sys.displayhook(r[a])`.
    PrintExpr "PRINT_EXPR" (R _ _) [] 0;
}

/// What `INTRINSIC_1` computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Intrinsic1 {
    /// `TypeVar(name)`, `infer_variance=True`.
    TypeVar,
    /// `ParamSpec(name)`.
    ParamSpec,
    /// `TypeVarTuple(name)`.
    TypeVarTuple,
    /// `Generic[*parameters]` from the tuple of type parameters.
    SubscriptGeneric,
    /// `TypeAliasType` from the tuple (name, type parameters or None, function that computes the value).
    TypeAlias,
    /// `raise NotImplementedError` unless the format (an int) is 1 or 2 (annotate functions); yields None.
    CheckAnnotateFormat,
}

/// What `INTRINSIC_2` computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Intrinsic2 {
    /// `TypeVar(first)` whose bound is computed by calling the function `second`.
    TypeVarWithBound,
    /// `TypeVar(first)` whose constraints are computed by calling the function `second`.
    TypeVarWithConstraints,
    /// Sets the `__type_params__` of the function `first` to the tuple `second`; yields the function.
    SetFunctionTypeParams,
    /// Sets the default of the type parameter `first` to be computed by calling `second`; yields the type parameter.
    SetTypeParamDefault,
}

/// Indices of the constant words that `LOAD_SPECIAL` loads.
pub mod special {
    /// `False`.
    pub const FALSE: u32 = 0;
    /// `True`.
    pub const TRUE: u32 = 1;
    /// `None`.
    pub const NONE: u32 = 2;
    /// `...`.
    pub const ELLIPSIS: u32 = 3;
    /// `NotImplemented`.
    pub const NOT_IMPLEMENTED: u32 = 4;
}

/// Bits of the operand `b` of `MAKE_FUNCTION`.
pub mod make_function {
    /// A tuple of defaults.
    pub const DEFAULTS: u32 = 1;
    /// A dict of keyword-only defaults.
    pub const KW_DEFAULTS: u32 = 2;
    /// An annotate function.
    pub const ANNOTATE: u32 = 4;
    /// A tuple of cells.
    pub const CLOSURE: u32 = 8;
}

/// Words a call window reserves between the callable and the arguments, callable included.
pub const WINDOW: u32 = 7;
