//! Listings of small programs, and the errors of wrong ones.

use std::sync::Arc;

use super::{Options, compile};
use crate::code::{Code, Const};
use crate::op::disassemble::disassemble;
use crate::op::verify::verify;
use crate::parse::{Mode, parse};

fn try_compile(source: &str) -> Result<Arc<Code>, String> {
    let parsed = parse(source, "<test>", Mode::Exec).map_err(|error| error.message.to_string())?;
    let code = compile(&parsed, "<test>", Options::default())
        .code
        .map_err(|error| error.message)?;
    verify(&code).expect("compiled code verifies");
    Ok(code)
}

/// The code of the first function in `source`.
fn function(source: &str) -> Arc<Code> {
    let module = try_compile(source).expect("source compiles");
    let inner = module.consts.iter().find_map(|constant| match constant {
        Const::Code(code) => Some(code.clone()),
        _ => None,
    });
    inner.expect("source defines a function")
}

/// The listing of the first function in `source`, spaces aside.
#[track_caller]
fn expect(source: &str, expected: &str) {
    let lines = |text: &str| -> Vec<String> {
        let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
        text.lines()
            .map(words)
            .filter(|line| !line.is_empty())
            .collect()
    };
    assert_eq!(
        lines(&disassemble(&function(source))),
        lines(expected),
        "in {source}"
    );
}

#[test]
fn fused_compare_and_calls() {
    expect(
        r#"
def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)
"#,
        r#"
        0 JUMP_LT_IMM 0, n, 2, -> 4
        3 RETURN n, 0
        4 LOAD_GLOBAL r1, 'fib'
        9 SUB_IMM r8, n, 1
        11 CALL r1, 1, r1
        16 LOAD_GLOBAL r2, 'fib'
        21 SUB_IMM r9, n, 2
        23 CALL r2, 1, r2
        28 ADD r1, r1, r2
        30 RETURN r1, 0
        "#,
    );
}

#[test]
fn loop_over_range() {
    expect(
        r#"
def f(n):
    total = 0
    for i in range(n):
        total += i
    return total
"#,
        r#"
        0 LOAD_INT total, 0
        1 LOAD_GLOBAL r3, 'range'
        6 LEND r10, n
        7 CALL r3, 1, r3
        12 GET_ITER r3, r3
        13 FOR_ITER r3, i, -> 20
        17 IADD total, total, i
        19 JUMP_BACK -> 13
        20 RETURN total, 0
        "#,
    );
}

#[test]
fn parallel_assignment() {
    expect(
        r#"
def f(a, b):
    while a != b:
        a, b = b, a % b
    return a
"#,
        r#"
        0 NOP
        1 JUMP_NE 0, a, b, -> 9
        4 MOD r2, a, b
        6 MOVE a, b
        7 MOVE b, r2
        8 JUMP_BACK -> 1
        9 RETURN a, 0
        "#,
    );
}

#[test]
fn conditions_and_chains() {
    expect(
        r#"
def f(a, b, c):
    if a < b() < c or not a:
        return 1
"#,
        r#"
        0 COPY r3, b
        1 CALL r3, 0, r3
        6 COPY r4, r3
        7 JUMP_LT 0, a, r4, -> 14
        10 JUMP_LT 1, r3, c, -> 18
        13 JUMP -> 16
        14 CLEAR r3
        15 CLEAR r4
        16 JUMP_TRUE a, -> 20
        18 LOAD_INT r3, 1
        19 RETURN r3, 0
        20 RETURN_NONE 0
        "#,
    );
}

#[test]
fn method_call_and_items() {
    expect(
        r#"
def f(x):
    return x.m(1, k=2).n[0]
"#,
        r#"
        0 LOAD_METHOD r1, x, 1, 'm'
        8 LOAD_INT r9, 1
        9 LOAD_INT r10, 2
        10 CALL_METHOD_KW r1, 2, r1, ("k")
        14 LOAD_ATTR r1, r1, 'n'
        22 SUBSCR_IMM r1, r1, 0
        25 RETURN r1, 0
        "#,
    );
}

#[test]
fn walrus_hazard_copies() {
    expect(
        r#"
def f(a):
    return a + (a := 5)
"#,
        r#"
        0 COPY r1, a
        1 LOAD_INT a, 5
        2 ADD r1, r1, a
        4 RETURN r1, 0
        "#,
    );
}

#[test]
fn try_except_finally() {
    expect(
        r#"
def f():
    try:
        a()
    except E as e:
        return e
    finally:
        b()
"#,
        r#"
        0 NOP
        1 LOAD_GLOBAL r1, 'a'
        6 CALL r1, 0, r1
        11 DROP r1
        12 LOAD_GLOBAL r1, 'b'
        17 CALL r1, 0, r1
        22 DROP r1
        23 RETURN_NONE 0
        24 PUSH_EXC r2, r1
        25 LOAD_GLOBAL r3, 'E'
        30 JUMP_NOT_EXC r1, r3, -> 52
        32 COPY e, r1
        33 COPY r3, e
        34 POP_EXC r2
        35 DROP r1
        36 CLEAR e
        37 LOAD_GLOBAL r4, 'b'
        42 CALL r4, 0, r4
        47 DROP r4
        48 RETURN r3, 2
        49 CLEAR e
        50 POP_EXC r2
        51 RERAISE r3
        52 RERAISE r1
        53 POP_EXC r2
        54 RERAISE r3
        55 PUSH_EXC r2, r1
        56 LOAD_GLOBAL r3, 'b'
        61 CALL r3, 0, r3
        66 DROP r3
        67 RERAISE r1
        68 POP_EXC r2
        69 RERAISE r3
        1..12 -> 24 depth 1
        25..32 -> 53 depth 3
        33..34 -> 49 depth 3
        1..12 -> 55 depth 1
        24..37 -> 55 depth 1
        52..53 -> 53 depth 3
        49..55 -> 55 depth 1
        56..68 -> 68 depth 3
        "#,
    );
}

#[test]
fn with_statement() {
    expect(
        r#"
def f(m):
    with m as x:
        return x
"#,
        r#"
        0 WITH_ENTER r2, m
        1 MOVE x, r3
        2 COPY r3, x
        3 MOVE r4, r2
        4 LOAD_SPECIAL r11, 2
        5 LOAD_SPECIAL r12, 2
        6 LOAD_SPECIAL r13, 2
        7 CALL r4, 3, r4
        12 DROP r4
        13 RETURN r3, 1
        14 PUSH_EXC r4, r3
        15 WITH_EXCEPT r5, r2, r3
        16 JUMP_TRUE r5, -> 19
        18 RERAISE r3
        19 POP_EXC r4
        20 DROP r3
        21 DROP r2
        22 RETURN_NONE 0
        23 POP_EXC r4
        24 RERAISE r5
        1..3 -> 14 depth 3
        15..19 -> 23 depth 5
        "#,
    );
}

#[test]
fn inlined_comprehension() {
    expect(
        r#"
def f(xs):
    return [x * 2 for x in xs if x]
"#,
        r#"
        0 GET_ITER r3, xs
        1 BUILD_LIST r2, r4, 0
        2 FOR_ITER r3, x, -> 12
        6 JUMP_FALSE x, -> 11
        8 MUL_IMM r4, x, 2
        10 LIST_APPEND r2, r4
        11 JUMP_BACK -> 2
        12 CLEAR x
        13 RETURN r2, 0
        14 CLEAR x
        15 RERAISE r2
        2..12 -> 14 depth 2
        "#,
    );
}

#[test]
fn one_item_iterable_in_a_comprehension_assigns() {
    expect(
        "def f(a):\n return {y: y for x in a for y in [x + 1] if y}",
        "
        0 GET_ITER r4, a
        1 BUILD_MAP r3, r5, 0
        2 FOR_ITER r4, x, -> 12
        6 ADD_IMM y, x, 1
        8 JUMP_FALSE y, -> 11
        10 MAP_ADD r3, y, y
        11 JUMP_BACK -> 2
        12 CLEAR x
        13 CLEAR y
        14 RETURN r3, 0
        15 CLEAR x
        16 CLEAR y
        17 RERAISE r3
        2..12 -> 15 depth 3
        ",
    );
}

#[test]
fn closure() {
    expect(
        r#"
def f(a):
    def g():
        return a
    return g
"#,
        r#"
        0 MAKE_CELL a
        1 LOAD_CLOSURE r2, a
        2 BUILD_TUPLE r2, r2, 1
        3 MAKE_FUNCTION g, 8, r2, <code f.<locals>.g>
        5 RETURN g, 0
        "#,
    );
}

#[test]
fn generator() {
    expect(
        r#"
def f():
    x = yield 1
    return (yield from x)
"#,
        r#"
        0 RETURN_GENERATOR
        1 LOAD_INT r1, 1
        2 YIELD x, r1, 0
        3 GET_YIELD_FROM_ITER r1, x
        4 LOAD_SPECIAL r2, 2
        5 YIELD_FROM r1, r1, 0
        7 RETURN r1, 0
        "#,
    );
}

#[test]
fn match_statement() {
    expect(
        r#"
def f(p):
    match p:
        case [1, x]:
            return x
        case None:
            pass
"#,
        r#"
        0 NOP
        1 MATCH_SEQUENCE r3, p
        2 JUMP_FALSE r3, -> 18
        4 GET_LEN r3, p
        5 JUMP_EQ_IMM 0, r3, 2, -> 18
        8 UNPACK r3, p, 2
        10 COPY r5, r3
        11 JUMP_EQ_IMM 0, r5, 1, -> 18
        14 DROP r3
        15 MOVE r2, r4
        16 MOVE x, r2
        17 RETURN x, 0
        18 CLEAR r2
        19 CLEAR r3
        20 CLEAR r4
        21 CLEAR r5
        22 JUMP_NOT_NONE p, -> 25
        24 RETURN_NONE 0
        25 RETURN_NONE 0
        "#,
    );
}

#[test]
fn unpacked_call() {
    expect(
        r#"
def f(x, *a, **k):
    return g(*a, x, **k)
"#,
        r#"
        0 LOAD_GLOBAL r3, 'g'
        5 BUILD_LIST r10, r10, 0
        6 LIST_EXTEND r10, a
        7 LIST_APPEND r10, x
        8 LIST_TO_TUPLE r10, r10
        9 COPY r11, k
        10 CALL_EX r3, r3
        11 RETURN r3, 0
        "#,
    );
}

#[test]
fn bound_check_where_needed() {
    expect(
        r#"
def f(c):
    if c:
        x = 1
    return x
"#,
        r#"
        0 JUMP_FALSE c, -> 3
        2 LOAD_INT x, 1
        3 CHECK_BOUND x
        4 RETURN x, 0
        "#,
    );
}

#[test]
fn assert_and_fstring() {
    expect(
        r#"
def f(x, w):
    assert x in {1, 2}, f"{x!r:>{w}}"
"#,
        r#"
        0 LOAD_CONST r2, frozenset(1, 2)
        1 JUMP_IN 0, x, r2, -> 5
        4 RETURN_NONE 0
        5 COPY r2, x
        6 LOAD_CONST r3, ">"
        7 FORMAT r4, w, 0
        8 BUILD_STRING r3, r3, 2
        9 FORMAT_SPEC r2, r2, 2
        10 RAISE_ASSERTION r2, 1
        "#,
    );
}

#[test]
fn in_place_item() {
    expect(
        r#"
def f(o, k):
    o.a[k] += 1
"#,
        r#"
        0 LOAD_ATTR r2, o, 'a'
        8 COPY r3, r2
        9 SUBSCR r3, r3, k
        12 IADD_IMM r3, r3, 1
        14 STORE_SUBSCR r2, k, r3
        16 RETURN_NONE 0
        "#,
    );
}

#[test]
fn async_for() {
    expect(
        r#"
async def f(xs):
    async for x in xs:
        await x
"#,
        r#"
        0 RETURN_GENERATOR
        1 GET_AITER r2, xs
        2 GET_ANEXT r3, r2
        3 LOAD_SPECIAL r4, 2
        4 YIELD_FROM r3, r3, 1
        6 MOVE x, r3
        7 GET_AWAITABLE r3, x, 0
        8 LOAD_SPECIAL r4, 2
        9 YIELD_FROM r3, r3, 1
        11 DROP r3
        12 JUMP_BACK -> 2
        13 END_ASYNC_FOR r2, r3
        14 RETURN_NONE 0
        2..6 -> 13 depth 3
        "#,
    );
}

#[test]
fn constant_folding() {
    expect(
        r#"
def f(x):
    y = x or 2
    if 0:
        dead()
    return -3 + 2, "a" "b"
"#,
        r#"
        0 COPY r2, x
        1 JUMP_TRUE_KEEP r2, -> 4
        3 LOAD_INT r2, 2
        4 MOVE y, r2
        5 NOP
        6 LOAD_CONST r2, (-1, "ab")
        7 RETURN r2, 0
        "#,
    );
}

#[test]
fn for_else_with_unpacking() {
    expect(
        r#"
def f(a):
    for x, y in a:
        if x:
            break
        if y:
            continue
        g()
    else:
        h()
"#,
        r#"
        0 GET_ITER r3, a
        1 FOR_ITER r3, r4, -> 26
        5 UNPACK x, r4, 2
        7 JUMP_FALSE x, -> 11
        9 DROP r3
        10 RETURN_NONE 0
        11 JUMP_FALSE y, -> 14
        13 JUMP_BACK -> 1
        14 LOAD_GLOBAL r4, 'g'
        19 CALL r4, 0, r4
        24 DROP r4
        25 JUMP_BACK -> 1
        26 LOAD_GLOBAL r3, 'h'
        31 CALL r3, 0, r3
        36 DROP r3
        37 RETURN_NONE 0
        "#,
    );
}

#[track_caller]
fn refuse(source: &str, message: &str) {
    assert_eq!(
        try_compile(source).err().as_deref(),
        Some(message),
        "in {source}"
    );
}

#[test]
fn statements_out_of_place() {
    refuse("return", "'return' outside function");
    refuse("break", "'break' outside loop");
    refuse("continue", "'continue' not properly in loop");
    refuse("yield 1", "'yield' outside function");
    refuse("def f():\n await x", "'await' outside async function");
    refuse(
        "def f():\n async with y: pass",
        "'async with' outside async function",
    );
    refuse(
        "async def f():\n yield 1\n return 2",
        "'return' with value in async generator",
    );
    refuse(
        "def f():\n from x import *",
        "import * only allowed at module level",
    );
    refuse(
        "x = 1\nfrom __future__ import annotations",
        "from __future__ imports must occur at the beginning of the file",
    );
}

#[test]
fn names_declared_wrongly() {
    refuse(
        "def f(a, a): pass",
        "duplicate argument 'a' in function definition",
    );
    refuse(
        "def f():\n x = 1\n global x",
        "name 'x' is assigned to before global declaration",
    );
    refuse(
        "def f():\n print(x)\n global x",
        "name 'x' is used prior to global declaration",
    );
    refuse(
        "def f():\n x = 1\n x\n global x",
        "name 'x' is used prior to global declaration",
    );
    refuse(
        "def f():\n x += 1\n global x",
        "name 'x' is assigned to before global declaration",
    );
    refuse("def f(x):\n global x", "name 'x' is parameter and global");
    refuse("def f():\n nonlocal x", "no binding for nonlocal 'x' found");
    refuse(
        "nonlocal x",
        "nonlocal declaration not allowed at module level",
    );
    refuse("__debug__ = 1", "cannot assign to __debug__");
    refuse("*a, *b = c", "multiple starred expressions in assignment");
    refuse(
        "[(i := 1) for i in y]",
        "assignment expression cannot rebind comprehension iteration variable 'i'",
    );
}

#[test]
fn patterns_that_cannot_work() {
    refuse(
        "match x:\n case _: pass\n case 1: pass",
        "wildcard makes remaining patterns unreachable",
    );
    refuse(
        "match x:\n case a: pass\n case 1: pass",
        "name capture 'a' makes remaining patterns unreachable",
    );
    refuse(
        "match x:\n case (a, a): pass",
        "multiple assignments to name 'a' in pattern",
    );
    refuse(
        "match x:\n case (1 as a) | 2: pass",
        "alternative patterns bind different names",
    );
}

#[test]
fn closures_and_classes_resolve() {
    let code =
        function("def f(a):\n def g():\n  nonlocal a\n  a = 1\n  return lambda: a\n return g");
    assert_eq!(
        code.cellvars().map(|name| &**name).collect::<Vec<_>>(),
        ["a"]
    );
    let class = function("class C:\n def __m(self):\n  self.x = __class__\n  return self.__y");
    assert_eq!(
        class.cellvars().map(|name| &**name).collect::<Vec<_>>(),
        ["__class__"]
    );
    assert_eq!(
        class
            .instance_attrs
            .iter()
            .map(|name| &**name)
            .collect::<Vec<_>>(),
        ["x"]
    );
    assert!(class.names.iter().any(|name| &**name == "_C__m"));
}

#[test]
fn lone_surrogates_survive() {
    let code = try_compile("x = '\\ud800a\u{fffd}'").expect("compiles");
    let wtf8 = Const::Wtf8(Arc::from(&[0xed, 0xa0, 0x80, b'a', 0xef, 0xbf, 0xbd][..]));
    assert!(code.consts.contains(&wtf8));
}

#[test]
fn many_registers_and_constants_use_prefixes() {
    let mut source = String::from("def f():\n");
    for index in 0..300 {
        source.push_str(&format!(" v{index} = {}\n", 100_000 + index));
    }
    source.push_str(" return v299 + v298 + 1000");
    let code = function(&source);
    assert!(code.nregs > 300);
    assert!(disassemble(&code).contains("ADD"));
}

#[test]
fn a_break_in_finally_discards_the_value_returned() {
    try_compile("def f():\n while x:\n  try: return g()\n  finally:\n   if y: break\n   continue")
        .expect("verifies");
}

#[test]
fn the_verifier_follows_temporaries() {
    let mut code = (*function("def f(a):\n return g(a)")).clone();
    // Drop the argument before the call reads it.
    let call = code
        .units
        .iter()
        .position(|unit| unit & 0xff == crate::op::Op::Lend as u32)
        .expect("an argument");
    code.units[call] = crate::op::Op::Nop as u32;
    assert!(verify(&code).is_err());
}

/// Code with units changed, exchanged, doubled or left out, and with numbers of its header changed: the verifier refuses it or
/// does not, but comes to an end; and what it lets pass can be listed.
#[test]
fn the_verifier_survives_damaged_code() {
    let sources = [
        "def f(a, b=1, *c, d, **e):\n for i in range(a):\n  try: b += c[i].x(d, *c, **e)\n  except (A, B) as x: raise\n  finally: print(b)\n return [x for x in c if x]",
        "async def f(a):\n async with a as b:\n  async for x in b: yield await x\n return",
        "def f(a):\n def g():\n  nonlocal a\n  a = (yield from a) if a < 1 < b else {**a}\n match a:\n  case [1, *x] | {'k': x}: return x\n  case C(y=1): del a\n return lambda: a.b.c(g, k=1)",
        "def f():\n import x.y as z\n from . import w\n class C(z, k=w): v = f'{z!r:>{w}}'\n with w, z: assert z[1:2] in w, 'no'\n while not (z and w or z is w): z @= w",
    ];
    let mut state = 88172645463325252u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below.max(1) as u64) as usize
    };
    let (mut refused, mut passed) = (0, 0);
    for source in sources {
        let whole = function(source);
        assert_eq!(verify(&whole), Ok(()));
        for round in 0..if cfg!(miri) { 20 } else { 4000 } {
            let mut code = (*whole).clone();
            for _ in 0..1 + round % 3 {
                let (len, at) = (code.units.len(), random(code.units.len()));
                match random(9) {
                    0 => code.units[at] ^= 1 << random(32),
                    1 => code.units[at] = random(usize::MAX) as u32,
                    2 => code.units[at] = code.units[at] & !0xff | random(256) as u32,
                    3 => code.units.swap(at, random(len)),
                    4 => drop(code.units.remove(at)),
                    5 => code.units.insert(at, code.units[random(len)]),
                    6 => code.nregs = random(code.nregs as usize + 4) as u32,
                    7 => code.consts.truncate(random(code.consts.len() + 1)),
                    _ => {
                        if let Some(handler) = code.handlers.first_mut() {
                            handler.handler = random(len + 2) as u32;
                            handler.depth = random(code.nregs as usize + 2) as u32;
                        }
                    }
                }
                if code.units.is_empty() {
                    break;
                }
            }
            match verify(&code) {
                Ok(()) => {
                    passed += 1;
                    assert!(!disassemble(&code).contains("??"));
                }
                Err(_) => refused += 1,
            }
        }
    }
    assert!(
        refused > 10 * passed && passed > 0,
        "{refused} refused, {passed} passed"
    );
}

/// Code goes through bytes unchanged; bytes that were cut off or changed are refused, whatever the checksum says.
#[test]
fn code_survives_as_bytes() {
    use kit_python_code::pack::{pack, unpack};
    let source = "def f(a, /, b=2**70, *c, d=(1.5, 2j, b'x', '\\ud800', ...), **e):\n 'doc'\n try: return [x for x in {1, 2} if x in {3, a}]\n \
                  except* E as e: raise\n finally: print(lambda: b[1:2])";
    let code = function(source);
    let bytes = pack(&code);
    let again = unpack(&bytes).expect("the same code");
    assert_eq!(pack(&again), bytes);
    assert_eq!(
        (
            &again.units,
            &again.names,
            &again.positions,
            &again.handlers
        ),
        (&code.units, &code.names, &code.positions, &code.handlers)
    );
    for len in 0..bytes.len() {
        assert!(unpack(&bytes[..len]).is_err());
        let mut damaged = bytes.clone();
        damaged[len] ^= 1 << (len % 8);
        assert!(unpack(&damaged).is_err());
    }
}

#[test]
fn arguments_are_lent_by_locals_that_stay() {
    let lends = |source: &str| {
        let text = disassemble(&function(source));
        text.matches(" LEND ").count()
    };
    assert_eq!(lends("def f(a, b):\n return g(a, b, k=a) + a.m(b)"), 4);
    assert_eq!(lends("def f(a, b):\n return g(a, (b := 1), b)"), 1);
    assert_eq!(lends("def f(a):\n return [g(x, a) for x in a], g(a)"), 3);
    assert_eq!(lends("def f(a):\n yield g(a, (yield), a)"), 1);
    assert_eq!(lends("async def f(a):\n await g(a, await a)"), 0);
    assert_eq!(
        lends("async def f(a):\n g(a, [x async for x in a]); g(a)"),
        1
    );
    assert_eq!(
        lends("def f(a):\n h = lambda: a\n return g(a)"),
        0,
        "a cell"
    );
}

#[test]
fn the_verifier_watches_who_lends() {
    use crate::op::Op;
    for source in [
        "def f(a):\n return g(a, (a := 1))",
        "def f(a):\n yield g(a, (yield))",
    ] {
        let mut code = (*function(source)).clone();
        let copy = code
            .units
            .iter_mut()
            .find(|unit| **unit & 0xff == Op::Copy as u32);
        let copy = copy.expect("an argument");
        *copy = *copy & !0xff | Op::Lend as u32;
        assert!(matches!(
            verify(&code),
            Err(crate::op::verify::VerifyError::Lent(_))
        ));
    }
}

#[test]
fn deep_nesting_compiles() {
    let source = format!("x = {}1{}", "-(".repeat(150), ")".repeat(150));
    assert!(try_compile(&source).is_ok());
    for (open, close) in [
        ("f(", ")"),
        ("[", "]"),
        ("{1: ", "}"),
        ("a[", "]"),
        ("(lambda: ", ")"),
    ] {
        let source = format!("x = {}1{}", open.repeat(150), close.repeat(150));
        assert!(try_compile(&source).is_ok(), "{open}");
    }
    assert!(try_compile(&format!("x = x{}", ".a(1)".repeat(190))).is_ok());
    for open in ["-", "not ", "x if x else "] {
        let source = format!("x = {}x", open.repeat(5000));
        assert!(try_compile(&source).is_ok(), "{open}");
    }
    for link in [".a", "[0]", "()", ".a(1)"] {
        let source = format!("x = x{}", link.repeat(10_000));
        assert!(try_compile(&source).is_ok(), "{link}");
    }
    let too_deep = try_compile(&format!("x = x{}", ".a(1)".repeat(20_000)));
    assert_eq!(
        too_deep.err().as_deref(),
        Some("maximum recursion depth exceeded during compilation")
    );
    let too_deep = try_compile(&format!("x = {}x", "lambda: ".repeat(5000)));
    assert_eq!(
        too_deep.err().as_deref(),
        Some("maximum recursion depth exceeded during compilation")
    );
    let chain = format!("x = {}", vec!["a"; 3000].join(" + "));
    assert!(try_compile(&chain).is_ok());
}

/// Whatever Python files lie under `$KIT_SOURCES` (the sample programs without it) verify once compiled.
#[test]
fn whole_programs_verify() {
    let programs = concat!(env!("CARGO_MANIFEST_DIR"), "/../programs");
    let mut work = vec![
        std::env::var("KIT_SOURCES")
            .unwrap_or(programs.into())
            .into(),
    ];
    let mut compiled = 0;
    while let Some(path) = work.pop() {
        let path: std::path::PathBuf = path;
        if let Ok(entries) = path.read_dir() {
            work.extend(entries.flatten().map(|entry| entry.path()));
        } else if path.extension().is_some_and(|extension| extension == "py")
            && let Ok(source) = std::fs::read_to_string(&path)
        {
            compiled += try_compile(&source).is_ok() as u32;
        }
    }
    assert!(compiled > 20, "{compiled} compiled");
}
