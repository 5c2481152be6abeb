//! Code that somebody made to do harm: what the compiler makes of a program is changed in thousands of ways, by parts and by bytes; what the
//! verifier lets pass is executed, looked at and told of. Nothing of it may crash, panic or hang.
//!
//! Each attempt is made of a number. To see one alone: `KIT_HOSTILE=FROM..TO cargo test --test hostile_code attempts -- --nocapture`.

use kit_core::thread::Ctx;
use kit_python::code::{Code, Const, Name, Positions, flags};
use kit_python::compile::{Options, compile};
use kit_python::object::{code, dict, dict::PyDict, exception, obj::Obj, protocol, str_};
use kit_python::op::{Op, effect::Instruction};
use kit_python::pack::{pack, unpack};
use kit_python::parse::{Mode, parse};
use kit_python::vm::{exec, start, thread};
use std::ops::Range;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

const PROGRAM: &str = include_str!("hostile/program.py");

/// Looks at a code object, and at what became of it, in all the ways there are.
const LOOK: &str = r#"
import marshal, sys, types

def trace(frame, event, arg):
    frame.f_trace_opcodes = True
    for name in list(frame.f_locals):
        if event == 'opcode' and frame.f_lasti % 16 == 0:
            frame.f_locals[name] = frame.f_locals[name]
    frame.f_lineno, frame.f_code.co_name, str(frame)
    return trace

def look(code, error):
    for one in code.co_consts:
        if isinstance(one, types.CodeType):
            look(one, None)
    for _ in code.co_lines(), code.co_positions(), code.co_branches():
        list(_)
    repr(code), hash(code), code == code.replace(co_name='x'), code.co_linetable, code.co_exceptiontable
    code.co_varnames, code.co_cellvars, code.co_freevars, code.co_names, code.co_flags
    marshal.loads(marshal.dumps(code))
    trail = error.__traceback__ if error is not None else None
    while trail is not None:
        frame = trail.tb_frame
        trail.tb_lineno, frame.f_lineno, dict(frame.f_locals), trail.tb_lasti
        try:
            frame.clear()
        except RuntimeError:
            pass
        trail = trail.tb_next
"#;

/// How many attempts a process makes, and how many processes.
const EACH: u64 = if cfg!(miri) { 1 } else { 1500 };
const PROCESSES: u64 = 4;
/// What one attempt may execute.
const FUEL: u64 = 30_000;
/// A process that says nothing for so long hangs.
const PATIENCE: Duration = Duration::from_secs(120);

struct Random(u64);

impl Random {
    fn of(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    fn small(&mut self, near: u32) -> u32 {
        match self.below(4) {
            0 => near.wrapping_add(1),
            1 => near.wrapping_sub(1),
            2 => self.below(40) as u32,
            _ => self.next() as u32,
        }
    }
}

/// The code with one of those nested in it, or itself, changed.
fn change(code: &Arc<Code>, random: &mut Random) -> Arc<Code> {
    let mut code = Code::clone(code);
    let inner: Vec<usize> = (0..code.consts.len())
        .filter(|index| matches!(code.consts[*index], Const::Code(_)))
        .collect();
    if !inner.is_empty() && random.below(12) > 0 {
        let index = inner[random.below(inner.len())];
        if let Const::Code(one) = &code.consts[index] {
            code.consts[index] = Const::Code(change(one, random));
        }
    } else {
        for _ in 0..1 + random.below(3) {
            change_part(&mut code, random);
        }
    }
    Arc::new(code)
}

fn change_part(code: &mut Code, random: &mut Random) {
    match random.below(16) {
        0 => change_units(code, random),
        1 => change_header(code, random),
        2 => change_handlers(code, random),
        3 => change_constants(code, random),
        4 => change_names(code, random),
        5 => change_positions(code, random),
        _ => change_instruction(code, random),
    }
}

/// One instruction: another operation, operand or place.
fn change_instruction(code: &mut Code, random: &mut Random) {
    let mut all = Vec::new();
    let mut at = 0;
    while let Ok(one) = Instruction::decode(&code.units, at) {
        at = one.next;
        all.push(one);
    }
    if all.is_empty() {
        return;
    }
    let one = all[random.below(all.len())];
    let other = all[random.below(all.len())];
    let unit = code.units[one.at];
    match random.below(6) {
        // Another operation of the same length.
        0 => {
            let fits: Vec<Op> = (0..=255u8)
                .filter_map(Op::from_u8)
                .filter(|op| op.unit_count() == one.op.unit_count())
                .collect();
            code.units[one.at] = unit & !0xff | fits[random.below(fits.len())] as u32;
        }
        // Another register, index or number.
        1 | 2 => {
            let shift = 8 * (1 + random.below(3));
            let value = random.below(code.nregs as usize + 3) as u32 & 0xff;
            code.units[one.at] = unit & !(0xff << shift) | value << shift;
        }
        3 if one.op.unit_count() > 1 => {
            let last = one.at + 1 + random.below(one.op.info().units.len());
            if last < one.next {
                code.units[last] = match random.below(2) {
                    0 => random.below(code.names.len() + 2) as u32,
                    _ => other.start.wrapping_sub(one.next) as u32,
                };
            }
        }
        // An instruction of elsewhere, in the place of one of its length.
        4 if one.next - one.start == other.next - other.start => {
            code.units.copy_within(other.start..other.next, one.start);
        }
        // Nothing there.
        _ => {
            let rest = one.start..one.next;
            code.units[rest].fill(Op::Nop as u32);
        }
    }
}

fn change_units(code: &mut Code, random: &mut Random) {
    let (len, at) = (code.units.len(), random.below(code.units.len()));
    match random.below(6) {
        _ if len == 0 => {}
        0 => code.units[at] ^= 1 << random.below(32),
        1 => code.units[at] = random.next() as u32,
        2 => code.units.swap(at, random.below(len)),
        3 => drop(code.units.remove(at)),
        4 => code.units.insert(at, code.units[random.below(len)]),
        _ => code.units.truncate(at),
    }
}

fn change_header(code: &mut Code, random: &mut Random) {
    let kind = [1u8, 2, 4, 8, 16][random.below(5)];
    let index = random.below(code.local_kinds.len());
    let bits = [
        flags::OPTIMIZED,
        flags::NEWLOCALS,
        flags::VARARGS,
        flags::VARKEYWORDS,
        flags::NESTED,
        flags::GENERATOR,
        flags::COROUTINE,
        flags::ITERABLE_COROUTINE,
        flags::ASYNC_GENERATOR,
        flags::HAS_DOCSTRING,
        flags::METHOD,
    ];
    match random.below(12) {
        0 => code.argcount = random.small(code.argcount),
        1 => code.posonlyargcount = random.small(code.posonlyargcount),
        2 => code.kwonlyargcount = random.small(code.kwonlyargcount),
        3 => code.nregs = random.small(code.nregs),
        4 => {
            code.nlocals = random.small(code.nlocals);
            if random.below(2) == 0 && code.nlocals < 1000 {
                code.local_kinds.resize(code.nlocals as usize, kind);
                code.local_names
                    .resize(code.nlocals as usize, Name::from("more"));
            }
        }
        5 => code.first_free = random.small(code.first_free),
        6 => code.nfree = random.small(code.nfree),
        7 => code.first_line = random.small(code.first_line),
        8 => drop(code.local_names.pop()),
        9 if !code.local_kinds.is_empty() => code.local_kinds[index] ^= kind,
        _ => code.flags ^= bits[random.below(bits.len())],
    }
}

fn change_handlers(code: &mut Code, random: &mut Random) {
    let len = code.units.len();
    if code.handlers.is_empty() {
        return;
    }
    let index = random.below(code.handlers.len());
    let other = random.below(code.handlers.len());
    let handler = &mut code.handlers[index];
    match random.below(6) {
        0 => handler.start = random.below(len + 2) as u32,
        1 => handler.end = random.below(len + 2) as u32,
        2 => handler.handler = random.below(len + 2) as u32,
        3 => handler.depth = random.small(handler.depth),
        4 => drop(code.handlers.remove(index)),
        _ => code.handlers.swap(index, other),
    }
}

fn change_constants(code: &mut Code, random: &mut Random) {
    if code.consts.is_empty() {
        return;
    }
    let (len, index) = (code.consts.len(), random.below(code.consts.len()));
    let text = |text: &str| Const::Str(Arc::from(text));
    code.consts[index] = match random.below(13) {
        0 => Const::None,
        1 => Const::Ellipsis,
        2 => Const::Bool(true),
        3 => Const::Int(random.below(300) as i64 - 100),
        4 => Const::BigInt(Arc::new(num_bigint::BigInt::from(1u64 << random.below(64)))),
        5 => Const::Float(f64::from_bits(random.next() << 16 | 0x7ff0 << 48)),
        6 => text("x"),
        7 => Const::Wtf8(Arc::from(&b"\xed\xa0\x80"[..])),
        8 => Const::Bytes(Arc::from(&b"b"[..])),
        9 => Const::Tuple(Arc::from([Const::None, text("c")])),
        10 => Const::FrozenSet(Arc::from([Const::Int(1)])),
        11 => Const::Slice(Arc::new([Const::None, Const::Int(1), Const::None])),
        _ => code.consts[random.below(len)].clone(),
    };
    if random.below(8) == 0 {
        code.consts.truncate(index);
    }
}

fn change_names(code: &mut Code, random: &mut Random) {
    let all: Vec<Name> = [&code.names, &code.local_names, &code.instance_attrs]
        .into_iter()
        .flatten()
        .cloned()
        .collect();
    let names = match random.below(3) {
        0 => &mut code.local_names,
        _ => &mut code.names,
    };
    if names.is_empty() {
        return;
    }
    let index = random.below(names.len());
    match random.below(3) {
        0 => names[index] = all[random.below(all.len())].clone(),
        1 => names[index] = Name::from(["__class__", "", "self", "a"][random.below(4)]),
        _ => drop(names.pop()),
    }
}

fn change_positions(code: &mut Code, random: &mut Random) {
    let mut positions = Positions::default();
    let which = random.below(code.positions.runs().count());
    let mut before = 0;
    for (index, (mut start, mut position)) in code.positions.runs().enumerate() {
        if index == which {
            match random.below(6) {
                0 => start = before + random.below(1 << 20) as u32,
                1 => position.line = random.small(position.line),
                2 => position.end_line = random.small(position.end_line),
                3 => position.column = random.small(position.column),
                4 => position.end_column = random.small(position.end_column),
                _ => position.implicit ^= true,
            }
        }
        start = start.max(before);
        before = start;
        positions.push(start, position);
    }
    code.positions = positions;
}

/// Bytes of code with some of them changed, and their checksum made good.
fn change_bytes(bytes: &mut Vec<u8>, random: &mut Random) {
    const HEAD: usize = 9;
    for _ in 0..1 + random.below(4) {
        let at = HEAD + random.below(bytes.len() - HEAD);
        match random.below(4) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[at] = random.next() as u8,
            2 => drop(bytes.remove(at)),
            _ => bytes.insert(at, bytes[HEAD + random.below(bytes.len() - HEAD)]),
        }
    }
    let sum = bytes[HEAD..]
        .iter()
        .fold(0xcbf2_9ce4_8422_2325u64, |sum, byte| {
            (sum ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3)
        });
    bytes[1..HEAD].copy_from_slice(&sum.to_le_bytes());
}

/// What an attempt is made of; `None`: it is refused.
fn attempt(whole: &Arc<Code>, seed: u64) -> Option<Arc<Code>> {
    let mut random = Random::of(seed);
    let mut bytes = if random.below(5) == 0 {
        pack(whole)
    } else {
        pack(&change(whole, &mut random))
    };
    if random.below(5) == 0 {
        change_bytes(&mut bytes, &mut random);
    }
    unpack(&bytes).ok()
}

fn item(ctx: &mut Ctx, scope: &Obj, name: &'static str) -> Obj {
    let name = str_::intern(ctx, name);
    let found = scope.expect::<PyDict>().get_name(ctx, &name);
    found.expect("it is there")
}

fn scope(ctx: &mut Ctx) -> Obj {
    let scope = dict::new(ctx).expect("memory");
    for (name, value) in [("__name__", "hostile"), ("__file__", file!())] {
        let (name, value) = (str_::intern(ctx, name), str_::intern(ctx, value));
        let scope = scope.expect::<PyDict>();
        scope.set_name(ctx, &name, value).expect("memory");
    }
    scope
}

/// Executes what passes of the attempts, says of each that it begins, and how many passed.
fn make(seeds: Range<u64>) {
    let parsed = parse(PROGRAM, "hostile/program.py", Mode::Exec).expect("it parses");
    let options = Options::default();
    let whole = compile(&parsed, "hostile/program.py", options);
    let whole = whole.code.expect("it compiles");
    let config = start::Config {
        memory_limit: 512 << 20,
        fuel: Some(u64::MAX),
        ..start::Config::default()
    };
    let passed = start::run(&config, |ctx| {
        let fuel = |ctx: &mut Ctx, left: u64| thread::rt(ctx).fuel.set(left);
        let tools = scope(ctx);
        fuel(ctx, u64::MAX);
        exec::exec_source(ctx, LOOK, "look", Mode::Exec, &tools).expect("it runs");
        let look = item(ctx, &tools, "look");
        let (sys, trace) = (item(ctx, &tools, "sys"), item(ctx, &tools, "trace"));
        let mut passed = 0;
        for seed in seeds {
            println!("attempt {seed}");
            let Some(code) = attempt(&whole, seed) else {
                continue;
            };
            passed += 1;
            fuel(ctx, u64::MAX);
            let code = match code::new(ctx, &code) {
                Ok(code) => code,
                Err(raised) => {
                    drop(exception::take(ctx, raised));
                    continue;
                }
            };
            let tracer = if seed % 8 == 0 {
                trace.clone()
            } else {
                Obj::NONE
            };
            let set = |ctx: &mut Ctx, tracer: &Obj| {
                let settrace = protocol::getattr_str(ctx, &sys, "settrace").expect("it is there");
                let done = protocol::call(ctx, &settrace, std::slice::from_ref(tracer));
                drop(done.expect("it can be set"));
            };
            let globals = scope(ctx);
            set(ctx, &tracer);
            fuel(ctx, FUEL);
            let error = match exec::exec_code(ctx, &code, &globals, None, None) {
                Ok(_) => Obj::NONE,
                Err(raised) => exception::take(ctx, raised),
            };
            fuel(ctx, u64::MAX);
            set(ctx, &Obj::NONE);
            let result = protocol::call(ctx, &look, &[code, error.clone()]);
            if let Err(raised) = result {
                let raised = exception::take(ctx, raised);
                let text = protocol::repr_string(ctx, &raised);
                panic!("attempt {seed}: looking at it raised {text:?}");
            }
            let results = str_::intern(ctx, "results");
            let results = globals.expect::<PyDict>().get_name(ctx, &results);
            fuel(ctx, FUEL);
            for value in [results.unwrap_or(Obj::NONE), error] {
                if let Err(raised) = protocol::repr_string(ctx, &value) {
                    drop(exception::take(ctx, raised));
                }
            }
            drop(globals);
            ctx.drain();
            fuel(ctx, u64::MAX);
        }
        passed
    });
    println!("passed {}", passed.expect("the interpreter starts"));
}

/// The child's part: runs the attempts that the environment names.
#[test]
fn attempts() {
    let Ok(range) = std::env::var("KIT_HOSTILE") else {
        return;
    };
    let (from, to) = range.split_once("..").expect("FROM..TO");
    let number = |text: &str| text.parse().expect("a number");
    make(number(from)..number(to));
}

#[test]
fn code_made_to_do_harm_does_none() {
    let name = std::env::current_exe().expect("this program");
    let children = (0..PROCESSES).map(|index| {
        let range = format!("{}..{}", index * EACH, (index + 1) * EACH);
        let child = Command::new(&name)
            .args(["attempts", "--exact", "--nocapture"])
            .env("KIT_HOSTILE", &range)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        (range, child.expect("it starts"))
    });
    let mut passed = 0;
    for (range, mut child) in children {
        let (said, hears) = std::sync::mpsc::channel();
        let (out, err) = (child.stdout.take(), child.stderr.take());
        let watch = std::thread::spawn(move || {
            use std::io::BufRead as _;
            for line in std::io::BufReader::new(out.expect("piped")).lines() {
                let _ = said.send(line.unwrap_or_default());
            }
        });
        let errors = std::thread::spawn(move || {
            std::io::read_to_string(err.expect("piped")).unwrap_or_default()
        });
        let (mut last, mut all, begun) = (String::new(), Vec::new(), Instant::now());
        loop {
            match hears.recv_timeout(PATIENCE) {
                Ok(line) => {
                    last.clone_from(&line);
                    all.push(line);
                }
                Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => break,
                Err(_) => {
                    child.kill().expect("it can be killed");
                    panic!("{range}: hangs at {last:?} after {:?}", begun.elapsed());
                }
            }
        }
        watch.join().expect("it reads");
        let errors = errors.join().expect("it reads");
        let status = child.wait().expect("it ends");
        let last = all.iter().rev().find(|line| line.starts_with("attempt"));
        assert!(status.success(), "{range}: {status} at {last:?}\n{errors}");
        let count = all.iter().find_map(|line| line.strip_prefix("passed "));
        passed += count.and_then(|count| count.parse().ok()).unwrap_or(0);
    }
    println!("{passed} of {} passed the verifier", PROCESSES * EACH);
    assert!(passed > PROCESSES * EACH / 20, "{passed} passed");
}
