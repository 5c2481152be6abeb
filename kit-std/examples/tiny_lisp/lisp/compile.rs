//! Data to code.
//!
//! A local variable keeps its value, so a function simply copies what it captures from outside. What changes is a global variable, a pair, a vector
//! or a table.

use super::*;

/// One function while it is being compiled.
#[derive(Default)]
struct Scope {
    code: Code,
    locals: Vec<Arc<str>>,
    captured: Vec<Arc<str>>,
    /// What the function calls itself.
    own: Option<Arc<str>>,
}

struct Compiler<'c, 'a> {
    symbols: &'c Symbols,
    ctx: &'c Ctx<'a>,
    scopes: Vec<Scope>,
}

/// Compiles a form as a function without parameters.
pub fn compile(symbols: &Symbols, ctx: &Ctx<'_>, form: &Datum) -> Result<Code> {
    let scopes = vec![Scope::default()];
    let mut compiler = Compiler {
        symbols,
        ctx,
        scopes,
    };
    compiler.form(form)?;
    compiler.emit(Op::Return, 0)?;
    Ok(core::mem::take(&mut compiler.scope().code))
}

impl Compiler<'_, '_> {
    fn scope(&mut self) -> &mut Scope {
        self.scopes.last_mut().expect("one is being compiled")
    }

    /// Adds an operation; where it is.
    fn emit(&mut self, op: Op, operand: usize) -> Result<usize> {
        if operand >= 1 << 24 {
            return Err("the program is too large".into());
        }
        let units = &mut self.scope().code.units;
        units.push(op as u32 | (operand as u32) << 8);
        Ok(units.len() - 1)
    }

    /// Makes a jump go to what is compiled next.
    fn land(&mut self, jump: usize) {
        let code = &mut self.scope().code;
        let here = code.units.len() as u32;
        code.units[jump] = code.units[jump] & 0xff | here << 8;
    }

    /// How the function at this level pushes what a name stands for; a global variable's number is another matter.
    fn find(&mut self, level: usize, name: &Arc<str>) -> (Op, usize) {
        let scope = &self.scopes[level];
        if let Some(slot) = scope.locals.iter().rposition(|local| local == name) {
            return (Op::Local, slot);
        }
        if scope.own.as_ref() == Some(name) {
            return (Op::Own, 0);
        }
        if let Some(index) = scope.captured.iter().position(|known| known == name) {
            return (Op::Captured, index);
        }
        if level == 0 || self.find(level - 1, name).0 == Op::Global {
            return (Op::Global, 0);
        }
        self.scopes[level].captured.push(name.clone());
        (Op::Captured, self.scopes[level].captured.len() - 1)
    }

    fn variable(&mut self, name: &Arc<str>) -> Result<usize> {
        match self.find(self.scopes.len() - 1, name) {
            (Op::Global, _) => self.emit(Op::Global, self.symbols.number(self.ctx, name)?),
            (op, operand) => self.emit(op, operand),
        }
    }

    /// The name that a form begins with, if it means what is global.
    fn head(&mut self, items: &[Datum]) -> Option<Arc<str>> {
        let Datum::Symbol(name) = &items[0] else {
            return None;
        };
        let (op, _) = self.find(self.scopes.len() - 1, name);
        (op == Op::Global).then(|| name.clone())
    }

    /// Compiles a form: its value is pushed.
    fn form(&mut self, form: &Datum) -> Result<()> {
        match form {
            Datum::Int(value @ 0..0x100_0000) => self.emit(Op::Int, *value as usize).map(drop),
            Datum::Symbol(name) => self.variable(name).map(drop),
            Datum::List(items) if !items.is_empty() => self.list(items),
            _ => self.constant(form),
        }
    }

    fn constant(&mut self, datum: &Datum) -> Result<()> {
        let constants = &mut self.scope().code.constants;
        constants.push(datum.clone());
        let index = constants.len() - 1;
        self.emit(Op::Constant, index).map(drop)
    }

    fn body(&mut self, forms: &[Datum]) -> Result<()> {
        let Some((last, before)) = forms.split_last() else {
            return self.form(&Datum::List([].into()));
        };
        for form in before {
            self.form(form)?;
            self.emit(Op::Pop, 0)?;
        }
        self.form(last)
    }

    fn list(&mut self, items: &[Datum]) -> Result<()> {
        let Some(name) = self.head(items) else {
            return self.call(items);
        };
        match (&*name, &items[1..]) {
            ("quote", [datum]) => self.constant(datum),
            ("if", [test, then, otherwise @ ..]) if otherwise.len() < 2 => {
                self.form(test)?;
                let no = self.emit(Op::JumpIfNil, 0)?;
                self.form(then)?;
                let end = self.emit(Op::Jump, 0)?;
                self.land(no);
                self.body(otherwise)?;
                self.land(end);
                Ok(())
            }
            ("and" | "or", [only]) => self.form(only),
            ("and", [first, rest @ ..]) => {
                self.form(&form("if", &[first.clone(), form("and", rest)]))
            }
            ("or", [first, rest @ ..]) => {
                let value = Datum::Symbol(" ".into());
                let test = form("if", &[value.clone(), value.clone(), form("or", rest)]);
                self.bind(None, &[Datum::List([value, first.clone()].into())], &[test])
            }
            ("begin", forms) => self.body(forms),
            ("define", [Datum::List(head), forms @ ..]) if !head.is_empty() => {
                self.lambda(None, &head[1..], forms)?;
                self.set(&head[0])
            }
            ("define", [target, value]) => {
                self.form(value)?;
                self.set(target)
            }
            ("lambda", [Datum::List(names), forms @ ..]) => self.lambda(None, names, forms),
            ("let", [Datum::List(bindings), forms @ ..]) => self.bind(None, bindings, forms),
            ("let", [Datum::Symbol(own), Datum::List(bindings), forms @ ..]) => {
                self.bind(Some(own.clone()), bindings, forms)
            }
            ("quote" | "if" | "define" | "lambda" | "let", _) => {
                Err(format!("`{name}` is written wrongly").into())
            }
            (_, [first, second]) if let Some(op) = direct(&name) => {
                self.form(first)?;
                self.form(second)?;
                self.emit(op, 0).map(drop)
            }
            _ => self.call(items),
        }
    }

    /// Gives a global variable the value on the stack.
    fn set(&mut self, target: &Datum) -> Result<()> {
        let number = self.symbols.number(self.ctx, &symbol(target)?)?;
        self.emit(Op::SetGlobal, number).map(drop)
    }

    /// Calls a function whose parameters are the names that are bound.
    fn bind(&mut self, own: Option<Arc<str>>, bindings: &[Datum], forms: &[Datum]) -> Result<()> {
        let (mut names, mut values) = (Vec::new(), Vec::new());
        for binding in bindings {
            match binding {
                Datum::List(pair) if let [name, value] = &**pair => {
                    names.push(name.clone());
                    values.push(value);
                }
                _ => return Err("a binding is a name and a value".into()),
            }
        }
        self.lambda(own, &names, forms)?;
        for value in values {
            self.form(value)?;
        }
        self.emit(Op::Call, names.len()).map(drop)
    }

    fn lambda(&mut self, own: Option<Arc<str>>, names: &[Datum], forms: &[Datum]) -> Result<()> {
        let mut scope = Scope {
            own,
            ..Scope::default()
        };
        for name in names {
            match symbol(name)? {
                dot if *dot == *"." => scope.code.gathers = true,
                name => scope.locals.push(name),
            }
        }
        scope.code.parameters = scope.locals.len();
        self.scopes.push(scope);
        self.body(forms)?;
        self.emit(Op::Return, 0)?;
        let scope = self.scopes.pop().expect("pushed above");
        for name in &scope.captured {
            self.variable(name)?;
        }
        let count = scope.captured.len();
        let inner = &mut self.scope().code.inner;
        inner.push((Arc::new(scope.code), count));
        let index = inner.len() - 1;
        self.emit(Op::Closure, index).map(drop)
    }

    fn call(&mut self, items: &[Datum]) -> Result<()> {
        let count = items.len() - 1;
        let named = match self.head(items) {
            Some(name) if count < 1 << 8 => Some(self.symbols.number(self.ctx, &name)?),
            _ => None,
        };
        let named = named.filter(|number| *number < 1 << 16);
        for item in &items[usize::from(named.is_some())..] {
            self.form(item)?;
        }
        match named {
            Some(number) => self.emit(Op::CallGlobal, number | count << 16).map(drop),
            None => self.emit(Op::Call, count).map(drop),
        }
    }
}

fn symbol(datum: &Datum) -> Result<Arc<str>> {
    match datum {
        Datum::Symbol(name) => Ok(name.clone()),
        _ => Err("a name is needed".into()),
    }
}
