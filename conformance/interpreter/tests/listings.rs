//! `dis`, and what instructions weigh.

use std::process::{Command, Output};

fn run(options: &[&str], program: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kit-python"))
        .args(options)
        .args(["-c", program])
        .output()
        .expect("the interpreter starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[track_caller]
fn prints(program: &str, expected: &str) {
    let output = run(&[], program);
    assert_eq!(
        (text(&output.stdout).as_str(), text(&output.stderr).as_str()),
        (expected, "")
    );
}

#[test]
fn functions_are_listed_in_columns() {
    prints(
        "
import dis
def f(a, n):
    total = 0
    for i in range(n):
        total += a.b(i)
    return total
dis.dis(f)",
        "  4           LOAD_INT             total, 0

  5           LOAD_GLOBAL          r4, 'range'
              LEND                 r11, n
              CALL                 r4, 1, r4
              GET_ITER             r4, r4
      L1:     FOR_ITER             r4, i (to L2)

  6           LOAD_METHOD          r5, a, 1, 'b'
              LEND                 r13, i
              CALL_METHOD          r5, 1, r5
              IADD                 total, total, r5
              JUMP_BACK            (to L1)

  7   L2:     RETURN               total, 0
",
    );
}

#[test]
fn instructions_know_their_place_and_weight() {
    prints(
        "
import dis
def f(x):
    while x:
        x = g(x)
found = list(dis.get_instructions(f))
print([i.opname for i in found] == [i.opname for i in dis.Bytecode(f)])
print(all(a.end_offset == b.offset for a, b in zip(found, found[1:])))
print(sorted({i.jump_target for i in found} - {None}) == [i.offset for i in found if i.is_jump_target] == dis.findlabels(f.__code__))
print({4, 5} <= {line for _, line in dis.findlinestarts(f.__code__)}, all(dis.opmap[i.opname] == i.opcode for i in found))
print({i.opname: i.weight for i in found if i.opname in ('CALL', 'JUMP_BACK')})
print(dis.code_info('a + b').splitlines()[0], dis.Bytecode('a + b').dis().count('ADD'))
try: dis.dis(7)
except TypeError as error: print(error)
class C:
    def m(self): pass
dis.dis(C)",
        "True
True
True
True True
{'CALL': 4, 'JUMP_BACK': 1}
Name:              <module> 1
don't know how to disassemble int objects
Disassembly of m:
 16           RETURN_NONE          0

",
    );
}

#[test]
fn a_program_ends_when_its_fuel_is_gone() {
    for program in [
        "while True: pass",
        "def f(): f()\nwhile True:\n try: f()\n except RecursionError: pass",
        "while True:\n try:\n  while True: pass\n except BaseException: pass",
        "def g():\n while True: yield\nfor _ in g(): pass",
        "import threading\ndef f():\n while True: pass\nthreads = [threading.Thread(target=f) for _ in range(3)]\n\
         for t in threads: t.start()\nf()",
    ] {
        let output = run(&["-X", "fuel=200000"], program);
        assert_eq!(output.status.code(), Some(1), "{program}");
        assert!(
            text(&output.stderr).contains("RuntimeError: out of fuel"),
            "{program}: {}",
            text(&output.stderr)
        );
    }
    assert!(
        run(&["-X", "fuel=200000"], "print(sum(range(10)))")
            .status
            .success()
    );
}

#[test]
fn fuel_does_not_depend_on_what_is_specialised() {
    let program = "
import _kit
class C:
    def m(self, x): return [y for y in range(x)]
def f(n):
    for i in range(n): C().m(i)
before = _kit.fuel()
f(20)
print(before - _kit.fuel())";
    let left = |option: &str| text(&run(&["-X", "fuel=100000", "-X", option], program).stdout);
    let usual = left("specialize=adaptive");
    assert!(
        usual.trim().parse::<u32>().is_ok_and(|cost| cost > 500),
        "{usual}"
    );
    assert_eq!(left("specialize=always"), usual);
    assert_eq!(left("specialize=never"), usual);
    assert_eq!(left("tlbc=0"), usual);
    prints("import _kit; print(_kit.fuel())", "None\n");
}
