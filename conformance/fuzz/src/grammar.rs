//! Programs made by a grammar: they parse, end soon, and print what they come to.
//!
//! Values stay small and loops short: assignments go through `cap`, which cuts what grows and counts how often it was called; the
//! program ends when it was called too often. Functions call only those before them. What a program may raise it may also catch;
//! the rest is an outcome like any other.

use crate::random::Random;
use std::fmt::Write as _;

const PRELUDE: &str = "\
fuel = 2000
def cap(x):
    global fuel
    fuel -= 1
    if fuel < 0:
        raise SystemExit('fuel')
    if type(x) in (int, bool):
        return x if -10**12 < x < 10**12 else x % 10007
    if type(x) in (str, list, tuple, bytes):
        return x[:20]
    if type(x) in (dict, set) and len(x) > 20:
        return None
    return x
class Context:
    def __init__(self, name, quiet=False):
        self.name, self.quiet = name, quiet
    def __enter__(self):
        print('enter', self.name)
        return self
    def __exit__(self, kind, value, trace):
        print('exit', self.name, kind and kind.__name__)
        return self.quiet
class Point:
    __match_args__ = ('x', 'y')
    def __init__(self, x, y=0):
        self.x, self.y = x, y
    def __repr__(self):
        return f'Point({self.x!r}, {self.y!r})'
    def __eq__(self, other):
        return isinstance(other, Point) and (self.x, self.y) == (other.x, other.y)
    def __add__(self, other):
        return Point(cap(self.x + other), self.y)
    def __iter__(self):
        yield self.x
        yield self.y
a, b, c, d, e = 1, 'two', [3, 4], {'k': 5}, (6, 7.5)
";

/// What surrounds the statement that is made.
#[derive(Clone, Copy, Default)]
struct Around {
    depth: usize,
    function: bool,
    generator: bool,
    looped: bool,
    class: bool,
}

struct Grammar<'a> {
    random: &'a mut Random,
    out: String,
    indent: usize,
    functions: usize,
    /// How many functions may be called: those that were made before the one that is being made.
    callable: usize,
}

/// A program.
pub fn program(random: &mut Random) -> Vec<u8> {
    let mut grammar = Grammar {
        random,
        out: PRELUDE.to_owned(),
        indent: 0,
        functions: 0,
        callable: 0,
    };
    for _ in 0..3 + grammar.random.below(8) {
        grammar.statement(Around::default());
    }
    grammar.line("print(a, b, c, d, e)");
    grammar.out.into_bytes()
}

impl Grammar<'_> {
    fn line(&mut self, text: &str) {
        for _ in 0..self.indent {
            self.out.push_str("    ");
        }
        self.out.push_str(text);
        self.out.push('\n');
    }

    fn block(&mut self, around: Around) {
        self.indent += 1;
        let around = Around {
            depth: around.depth + 1,
            ..around
        };
        for _ in 0..1 + self.random.below(3) {
            self.statement(around);
        }
        self.indent -= 1;
    }

    fn name(&mut self) -> &'static str {
        self.random.pick(&["a", "b", "c", "d", "e"])
    }

    fn statement(&mut self, around: Around) {
        let deep = around.depth > 3;
        match self.random.below(if deep { 6 } else { 20 }) {
            0 | 1 => {
                let value = self.expr(3);
                self.line(&format!("print({value})"));
            }
            2 => {
                let (name, value) = (self.name(), self.expr(3));
                self.line(&format!("{name} = cap({value})"));
            }
            3 => self.assignment(),
            4 => self.simple(around),
            5 => {
                let (name, value) = (self.name(), self.expr(1));
                let op = self.random.pick(&["+=", "-=", "|=", "%=", "//=", "&="]);
                self.line(&format!("{name} {op} {value}"));
            }
            6 | 7 => self.branch(around),
            8 | 9 => self.for_loop(around),
            10 => {
                self.line("n = 3");
                self.line("while n := n - 1:");
                self.block(Around {
                    looped: true,
                    ..around
                });
                if self.random.chance(30) {
                    self.line("else:");
                    self.block(around);
                }
            }
            11..=13 => self.try_statement(around),
            14 => {
                let quiet = self.random.pick(&["True", "False"]);
                let count = self.functions;
                self.line(&format!(
                    "with Context('w{count}', {quiet}) as w, Context('v') as v:"
                ));
                self.block(around);
            }
            15 => self.match_statement(around),
            16 if !around.class => self.class(around),
            _ => self.function(around),
        }
    }

    fn assignment(&mut self) {
        let (x, y, value) = (self.name(), self.name(), self.expr(2));
        let text = match self.random.below(7) {
            0 => format!("{x}, {y} = {y}, cap({value})"),
            1 => format!("{x}, *{y} = {value}, {x}, {y}"),
            2 => format!("*{x}, {y} = {value}"),
            3 => format!("{x}[{}] = {value}", self.expr(1)),
            4 => format!("del {x}[{}]", self.expr(1)),
            5 => format!("({x}), [{y}, _] = {value}, ({y}, {x})"),
            _ => format!("{x} = {y} = cap({value})"),
        };
        self.line(&text);
    }

    fn simple(&mut self, around: Around) {
        let value = self.expr(2);
        let text = match self.random.below(8) {
            0 if around.looped => "break".to_owned(),
            1 if around.looped => "continue".to_owned(),
            2 if around.function && around.generator => "return".to_owned(),
            2 if around.function => format!("return {value}"),
            3 if around.generator => format!("yield {value}"),
            4 if around.generator => format!("print((yield {value}))"),
            5 => format!("assert {value}, {}", self.expr(1)),
            6 => {
                let error = self.error();
                format!("raise {error}({value})")
            }
            _ => format!("print(type({value}).__name__)"),
        };
        self.line(&text);
    }

    fn error(&mut self) -> &'static str {
        self.random.pick(&[
            "ValueError",
            "TypeError",
            "KeyError",
            "IndexError",
            "Exception",
        ])
    }

    fn branch(&mut self, around: Around) {
        let test = self.expr(2);
        self.line(&format!("if {test}:"));
        self.block(around);
        if self.random.chance(40) {
            let test = self.expr(2);
            self.line(&format!("elif {test}:"));
            self.block(around);
        }
        if self.random.chance(50) {
            self.line("else:");
            self.block(around);
        }
    }

    fn for_loop(&mut self, around: Around) {
        let iterable = match self.random.below(4) {
            0 => format!("range({})", self.random.below(4)),
            1 => self.expr(2),
            2 => format!("enumerate({})", self.expr(1)),
            _ => "[1, 'x', (2, 3)]".to_owned(),
        };
        let target = self
            .random
            .pick(&["i", "i", "i, j", "(i, *j)", "a", "c[0]"]);
        self.line(&format!("for {target} in {iterable}:"));
        self.block(Around {
            looped: true,
            ..around
        });
        if self.random.chance(30) {
            self.line("else:");
            self.block(around);
        }
    }

    fn try_statement(&mut self, around: Around) {
        self.line("try:");
        self.block(around);
        let group = self.random.chance(15);
        let star = if group { "*" } else { "" };
        let finally = self.random.chance(40);
        if !finally || self.random.chance(70) {
            for _ in 0..1 + self.random.below(2) {
                let error = self.error();
                let name = self.random.pick(&[" as x", ""]);
                self.line(&format!("except{star} {error}{name}:"));
                // Nothing may leave an `except*`.
                let inside = Around {
                    looped: around.looped && !group,
                    function: around.function && !group,
                    generator: around.generator && !group,
                    ..around
                };
                self.block(inside);
            }
            if !group && self.random.chance(30) {
                self.line("except:");
                self.block(around);
            }
            if self.random.chance(30) {
                self.line("else:");
                self.block(around);
            }
        }
        if finally {
            self.line("finally:");
            self.block(around);
        }
    }

    fn match_statement(&mut self, around: Around) {
        let subject = self.expr(2);
        self.line(&format!("match {subject}:"));
        self.indent += 1;
        for _ in 0..1 + self.random.below(4) {
            let pattern = self.pattern(2);
            let guard = match self.random.chance(25) {
                true => format!(" if {}", self.expr(1)),
                false => String::new(),
            };
            self.line(&format!("case {pattern}{guard}:"));
            self.block(around);
        }
        if self.random.chance(40) {
            self.line("case _:");
            self.block(around);
        }
        self.indent -= 1;
    }

    /// A pattern that binds no name twice: names are numbered. The last may not match everything.
    fn pattern(&mut self, depth: usize) -> String {
        let kinds = if depth == 0 { 4 } else { 10 };
        match self.random.below(kinds) {
            0 => self
                .random
                .pick(&["0", "1", "-1", "2.5", "1+2j"])
                .to_owned(),
            1 => self
                .random
                .pick(&["'two'", "'k'", "b'x'", "None", "True"])
                .to_owned(),
            2 => self
                .random
                .pick(&["int()", "str()", "float()", "bool()"])
                .to_owned(),
            3 => self
                .random
                .pick(&["[]", "{}", "()", "[_]", "[_, _]"])
                .to_owned(),
            4 => format!("[{}, *_]", self.pattern(depth - 1)),
            5 => format!(
                "[{}, *_, {}]",
                self.pattern(depth - 1),
                self.pattern(depth - 1)
            ),
            6 => format!("{{'k': {}, **p{depth}}}", self.pattern(depth - 1)),
            7 => format!(
                "Point({}, y={})",
                self.pattern(depth - 1),
                self.pattern(depth - 1)
            ),
            8 => format!("({}) as q{depth}", self.plain()),
            _ => format!("{} | {}", self.plain(), self.plain()),
        }
    }

    /// A pattern without names.
    fn plain(&mut self) -> String {
        self.random
            .pick(&[
                "0", "'k'", "None", "int()", "[_, _]", "(1 | 2)", "Point(1)", "{'k': _}", "[*_]",
            ])
            .to_owned()
    }

    fn function(&mut self, around: Around) {
        let index = self.functions;
        self.functions += 1;
        let outer = std::mem::replace(&mut self.callable, index);
        let generator = self.random.chance(25);
        let parameters = self.random.pick(&[
            "p, q=2",
            "p=1, /, q=2",
            "p=1, *q",
            "p=1, *, q=2",
            "p=None, **q",
            "p=[], *q, r=3, **s",
            "",
        ]);
        self.line(&format!("def f{index}({parameters}):"));
        self.indent += 1;
        if around.function {
            if self.random.chance(30) {
                self.line("nonlocal z");
            }
        } else if self.random.chance(30) {
            let name = self.random.pick(&["a, b", "c", "d, e"]);
            self.line(&format!("global {name}"));
        }
        self.line("z = 0");
        if parameters.contains('p') {
            let name = self.random.pick(&["p", "q"]);
            self.line(&format!("print({name})"));
        }
        self.indent -= 1;
        self.block(Around {
            depth: around.depth + 1,
            function: true,
            generator,
            looped: false,
            class: false,
        });
        self.indent += 1;
        if generator {
            self.line("yield z");
        }
        self.indent -= 1;
        // Those inside of others are not seen everywhere.
        self.callable = if around.function || around.class {
            outer
        } else {
            index + 1
        };
        let arguments = self.arguments();
        let call = match generator {
            true => format!("print(list(f{index}({arguments})))"),
            false => format!("print(f{index}({arguments}))"),
        };
        self.line(&call);
    }

    fn arguments(&mut self) -> String {
        let value = self.expr(1);
        match self.random.below(7) {
            0 => String::new(),
            1 => value,
            2 => format!("{value}, {}", self.expr(1)),
            3 => format!("*{value}"),
            4 => format!("q={value}"),
            5 => format!("{value}, **{{'q': {}}}", self.expr(1)),
            _ => format!("{value}, *[{}], r={}", self.expr(1), self.expr(1)),
        }
    }

    fn class(&mut self, around: Around) {
        let index = self.functions;
        self.functions += 1;
        let base = self
            .random
            .pick(&["", "(Point)", "(dict)", "(list)", "(int)", "(Exception)"]);
        self.line(&format!("class C{index}{base}:"));
        let inside = Around {
            class: true,
            function: false,
            generator: false,
            looped: false,
            ..around
        };
        self.block(inside);
        self.indent += 1;
        let (x, y) = (self.expr(1), self.expr(2));
        self.line(&format!("k = {x}"));
        self.line("def m(self, *args):");
        self.line(&format!("    return {y}, self.k, __class__.__name__"));
        match self.random.below(5) {
            0 => self.line("def __getattr__(self, name): return name"),
            1 => self.line("def __len__(self): return 2"),
            2 => {
                self.line("@property");
                self.line("def m2(self): return self.m()");
            }
            3 => self.line("__slots__ = ()"),
            _ => self.line("def __call__(self, x=1): return [x, self.k]"),
        }
        self.indent -= 1;
        let arguments = self.arguments();
        self.line(&format!("o = C{index}({arguments})"));
        self.line("print(o.m(), len(o) if hasattr(o, '__len__') else '-')");
        let attribute = self.random.pick(&["m2", "k", "nope"]);
        self.line(&format!("print(o.{attribute}, o())"));
    }

    fn expr(&mut self, depth: usize) -> String {
        if depth == 0 || self.random.chance(20) {
            return self.atom();
        }
        let (x, y) = (self.expr(depth - 1), self.expr(depth - 1));
        let mut out = String::new();
        let _ = match self.random.below(24) {
            0..=2 => {
                let op = self.random.pick(&[
                    "+", "-", "//", "%", "&", "|", "^", "/", "<", "==", "is", "in", "not in", ">=",
                    "!=",
                ]);
                write!(out, "({x} {op} {y})")
            }
            3 => write!(out, "({x} * {})", self.random.below(4)),
            4 => write!(out, "({x} and {y})"),
            5 => write!(out, "({x} or {y})"),
            6 => write!(out, "(not {x})"),
            7 => write!(out, "({} {x})", self.random.pick(&["-", "~", "+"])),
            8 => write!(out, "({x} if {y} else {})", self.atom()),
            9 => write!(out, "[{x}, {y}]"),
            10 => write!(out, "[*{x}, {y}]"),
            11 => write!(out, "{{{x}: {y}}}"),
            12 => write!(out, "{{**{x}, 'z': {y}}}"),
            13 => write!(out, "({x}, {y})"),
            14 => write!(out, "{x}[{y}]"),
            15 => write!(
                out,
                "{x}[{}:{}]",
                self.atom(),
                self.random.pick(&["", "1", "-1", "::-1"])
            ),
            16 => write!(
                out,
                "f'{{{x}!r}}-{{{}:>4}}'",
                self.atom().replace('\'', "\"")
            ),
            17 => write!(
                out,
                "[{} for i in {y} if {}]",
                self.expr(depth - 1),
                self.atom()
            ),
            18 => write!(out, "{{i: {} for i in {y}}}", self.atom()),
            19 => write!(out, "sum(i for i in {x})"),
            20 => write!(out, "(lambda i, *j: ({x}, i, j))({y})"),
            21 => write!(out, "({} := cap({x}))", self.name()),
            22 => {
                let function = self.random.pick(&[
                    "len", "repr", "str", "sorted", "list", "tuple", "set", "bool", "abs", "sum",
                    "min", "max", "type", "reversed", "int", "float", "dict", "any", "all",
                    "bytes", "hash",
                ]);
                match function {
                    "type" => write!(out, "type({x}).__name__"),
                    "reversed" => write!(out, "list(reversed({x}))"),
                    "set" => write!(out, "len(set({x}))"),
                    "bytes" => write!(out, "bytes([{}])", self.random.below(300)),
                    "hash" => write!(out, "(hash({x}) == hash({x}))"),
                    _ => write!(out, "{function}({x})"),
                }
            }
            _ if self.callable > 0 => {
                let index = self.random.below(self.callable);
                write!(out, "f{index}({x})")
            }
            _ => {
                let method = self.random.pick(&[
                    "upper()",
                    "split()",
                    "get(1)",
                    "items()",
                    "index(1)",
                    "count('k')",
                    "x",
                    "__class__.__name__",
                    "keys()",
                    "pop()",
                    "real",
                    "join('ab')",
                ]);
                write!(out, "{x}.{method}")
            }
        };
        out
    }

    fn atom(&mut self) -> String {
        match self.random.below(12) {
            0..=4 => self.name().to_owned(),
            5 => self.random.below(10).to_string(),
            6 => self
                .random
                .pick(&[
                    "-1", "1.5", "1e3", "0.1", "2**40", "3j", "True", "None", "...",
                ])
                .to_owned(),
            7 => self
                .random
                .pick(&[
                    "'k'", "''", "'ab c'", "'é'", "b'xy'", "'''q'''", "r'\\d'", "'5'",
                ])
                .to_owned(),
            8 => self
                .random
                .pick(&[
                    "[]", "{}", "()", "[1, 2]", "{1: 2}", "(1,)", "{3}", "range(3)",
                ])
                .to_owned(),
            9 => format!("Point({}, {})", self.random.below(3), self.name()),
            10 => self
                .random
                .pick(&["undefined", "int", "Point", "print"])
                .to_owned(),
            _ => self.name().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_of_a_seed_are_the_same_and_not_long() {
        for seed in 0..300 {
            let make = || program(&mut Random::new(seed));
            assert_eq!(make(), make());
            assert!(make().len() < 200_000, "seed {seed}");
        }
    }
}
