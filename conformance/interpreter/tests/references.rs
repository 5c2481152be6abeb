//! What programs see of references, and that code which is thrown away takes everything with it.

use std::process::Command;

fn run(program: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_kit-python"))
        .args(["-c", program])
        .output()
        .expect("the interpreter starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn kit_tells_of_headers() {
    run(r#"
import _kit, gc, sys, threading

fresh = [1]
seen = _kit.header(fresh)
assert seen.owner == _kit.owner(fresh) == _kit.thread_slot()
assert seen.state == "biased" and seen.heap == "collected" and seen.tracked
assert not (seen.deferred or seen.immortal or seen.static)
assert repr(seen).startswith("_kit.header(type_id=")
assert _kit.block_size(fresh) >= sys.getsizeof([]) - 16

def function(): pass
class Class: pass
for shared in (function, function.__code__, Class, threading, globals(), print):
    assert _kit.is_deferred(shared) and not _kit.is_immortal(shared), shared
for lasting in (int, "abc", 5, None, ()):
    assert _kit.is_immortal(lasting) and not _kit.is_deferred(lasting), lasting
assert _kit.unique_id(function.__code__) != _kit.unique_id(globals())
assert _kit.unique_id(fresh) is None is _kit.owner(5)

instance = Class()
assert _kit.enable_deferred_refcount(instance) is True
assert _kit.enable_deferred_refcount(instance) is False
assert _kit.enable_deferred_refcount("".join(["a", "b"])) is False
def local():
    mine = Class()
    also = mine
    assert _kit.enable_deferred_refcount(mine) is False
    del also
    assert _kit.enable_deferred_refcount(mine) is True
local()
assert _kit.enable_deferred_refcount([]) is True
shared = Class()
other = [shared]
assert _kit.enable_deferred_refcount(shared) is False
thread = threading.Thread(target=lambda: other.append(_kit.enable_deferred_refcount(other.pop())))
thread.start()
thread.join()
assert other == [False]
for wrong in (lambda: _kit.header(5), lambda: _kit.header(None), lambda: _kit.owner()):
    try:
        wrong()
    except TypeError as error:
        assert str(error)
    else:
        raise AssertionError
assert all(getattr(_kit, name).__doc__ for name in dir(_kit) if name[0] != "_")
"#);
}

#[test]
fn closures_are_counted_by_their_threads_until_a_collection() {
    run(r#"
import _kit, gc, threading

def make():
    def closure(): return closure
    return closure

kept = [make() for _ in range(10)]
code = kept[0].__code__
gc.collect()
before = _kit.header(code).references
assert _kit.per_thread_count(code) == 0

def more():
    kept.extend([make() for _ in range(7)])
    del kept[:5]

threads = [threading.Thread(target=more) for _ in range(3)]
for thread in threads: thread.start()
for thread in threads: thread.join()
# What the threads counted waits for the next collection.
assert _kit.header(code).references >= before + 3 * 2
kept.clear()
gc.collect()
# The closures that died in the first collection were counted off by it.
gc.collect()
assert _kit.per_thread_count(code) == 0
left = _kit.header(code).references
kept.append(make())
assert (_kit.header(code).references, _kit.per_thread_count(code)) == (left + 1, 1)
"#);
}

#[test]
fn instances_count_their_class_whoever_makes_and_drops_them() {
    run(r#"
import _kit, gc, sys, threading

class Plain:
    def __init__(self, number): self.number = number
class Slotted: __slots__ = ("number",)
class Text(str): pass
class Pair(tuple): pass
class Meta(type): pass
makers = {
    Plain: lambda: Plain(1), Slotted: Slotted, Text: lambda: Text("text"), Pair: lambda: Pair((1, 2)),
    Meta: lambda: Meta("Made", (), {}),
}
assert len({_kit.unique_id(cls) for cls in makers} | {None}) == 6
for cls, make in makers.items():
    gc.collect()
    before = sys.getrefcount(cls)
    kept = [make() for _ in range(100)]
    assert sys.getrefcount(cls) == before + 100, cls
    def more():
        kept.extend([make() for _ in range(50)])
        del kept[:20]
    threads = [threading.Thread(target=more) for _ in range(3)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    del threads, thread
    if cls is not Meta:
        assert sys.getrefcount(cls) == before + 190, cls
    gc.collect()
    gc.collect()
    assert (sys.getrefcount(cls), _kit.per_thread_count(cls)) == (before + 190, 0), cls
    kept.clear()
    gc.collect()
    gc.collect()
    assert sys.getrefcount(cls) == before, cls

class Other: pass
class Another: pass
gc.collect()
before = [sys.getrefcount(cls) for cls in (Other, Another)]
changed = [Other() for _ in range(10)]
for instance in changed[:4]: instance.__class__ = Another
del instance
after = [sys.getrefcount(cls) for cls in (Other, Another)]
assert [b - a for a, b in zip(before, after)] == [6, 4]
# Instances that only a collection frees, swept together or one by one.
for extra in ({}, {"__del__": lambda self: None}, {"name": "text"}):
    Cyclic = type("Cyclic", (), extra)
    before = sys.getrefcount(Cyclic)
    for _ in range(1000):
        instance = Cyclic()
        instance.itself = instance
    del instance
    assert sys.getrefcount(Cyclic) > before
    gc.collect()
    gc.collect()
    assert sys.getrefcount(Cyclic) == before, extra
"#);
}

#[test]
fn code_compiled_at_run_time_leaves_nothing_behind() {
    let program = r#"
import gc, sys

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096

def some(count, name):
    for i in range(count):
        exec(f"""
{name}{i} = 'text of {name}{i}'
def f{name}{i}(a{i}): return a{i}.attribute{name}{i} + {i}.25e300 + {10 ** 40 + i}
class C{name}{i}: y{name}{i} = (1, {i}, 'item {name}{i}', b'{name}{i}')
""", {})
        eval(f"'s{name}{i}' + str((lambda q{name}{i}: q{name}{i})({i}))", {})
        compile(f"def g{name}{i}(): return n{name}{i}", f"<f{name}{i}>", "exec")
    gc.collect()
    return resident()

some(1500, "warm")
before = some(500, "a")
after = some(2500, "b")
# The names alone of one round are some hundred bytes: more than a megabyte in all, were they kept.
assert after - before < 600_000, (before, after)
# A name lives as long as the code that has it.
space = {}
exec("".join(["def pass", "ing_name(): return 1"]), space)
name = space.popitem()[1].__name__
assert name == "".join(["passing", "_", "name"])
assert sys._is_interned(name) and not sys._is_immortal(name)
assert sys.intern("".join(["passing", "_", "name"])) is name
"#;
    if cfg!(target_os = "linux") {
        run(program);
    }
}
