//! Runs code: a machine per thread.

use super::*;

/// What the threads of one program share.
pub struct Lisp {
    pub symbols: Arc<Symbols>,
    pub out: Box<dyn Fn(&str) + Send + Sync>,
}

/// What a machine calls; counted by its thread alone.
type Callee<'a> = Rc<Value<'a>>;

/// What a call came to, or what is to be called in its place with so many arguments.
type Next<'a> = ControlFlow<Value<'a>, (Callee<'a>, usize)>;

/// Runs code on one thread.
pub struct Machine<'a> {
    pub lisp: Arc<Lisp>,
    pub variables: Variables<'a>,
    stack: Vec<Value<'a>>,
    /// Calls that have not returned.
    depth: usize,
}

/// A call takes some of the thread's own stack, of which there are two megabytes at least.
const DEEPEST: usize = 2500;

impl<'a> Machine<'a> {
    pub fn new(lisp: Arc<Lisp>) -> Machine<'a> {
        Machine {
            variables: Variables::new(&lisp.symbols),
            lisp,
            stack: Vec::new(),
            depth: 0,
        }
    }

    fn global(&mut self, ctx: &Ctx<'a>, number: usize) -> Result<Callee<'a>> {
        let value = self.variables.get(ctx, number)?;
        if value.is_nothing() {
            let symbol = self.variables.symbol(ctx, number)?;
            return Err(format!("`{}` has no value", symbol.name()).into());
        }
        Ok(value)
    }

    fn pop(&mut self) -> Value<'a> {
        self.stack.pop().expect("the compiler has counted")
    }

    fn datum(&mut self, ctx: &Ctx<'a>, datum: &Datum) -> Outcome<'a> {
        Ok(match datum {
            Datum::Int(value) => int(Some(*value))?,
            Datum::Text(text) => new(
                ctx,
                Text {
                    text: Plain(text.clone()),
                },
            )?
            .into(),
            Datum::Symbol(name) => {
                let number = self.lisp.symbols.number(ctx, name)?;
                self.variables.symbol(ctx, number)?.clone().into()
            }
            Datum::List(items) => items.iter().rev().try_fold(nil(), |rest, item| {
                let first = self.datum(ctx, item)?;
                pair(ctx, first, rest)
            })?,
        })
    }

    /// Calls a value with so many arguments, which are on the stack, as often as there are tail calls.
    pub fn call(&mut self, ctx: &mut Ctx<'a>, mut callee: Callee<'a>, count: usize) -> Outcome<'a> {
        let base = self.stack.len() - count;
        self.depth += 1;
        let result = loop {
            let next = if self.depth > DEEPEST {
                Err("calls are too deep".into())
            } else if let Some(closure) = callee.downcast_ref::<Closure>() {
                self.steps(ctx, closure, base)
            } else {
                self.native(ctx, &callee, base).map(Next::Break)
            };
            match next {
                Ok(Next::Continue((tail, arguments))) => {
                    self.stack.drain(base..self.stack.len() - arguments);
                    callee = tail;
                }
                Ok(Next::Break(value)) => break Ok(value),
                Err(error) => break Err(error),
            }
        };
        self.depth -= 1;
        self.stack.truncate(base);
        result
    }

    fn native(&mut self, ctx: &mut Ctx<'a>, callee: &Value<'a>, base: usize) -> Outcome<'a> {
        let native = callee.downcast_ref::<Native>();
        let Plain((name, takes, body)) = native.ok_or("this is no function")?.def;
        let arguments = self.stack.split_off(base);
        match takes.contains(&arguments.len()) {
            true => body(self, ctx, &arguments),
            false => Err(format!("{} arguments for `{name}`", arguments.len()).into()),
        }
    }

    /// Runs a function until it returns, or calls another in its place.
    fn steps(
        &mut self,
        ctx: &mut Ctx<'a>,
        own: &Local<'a, Closure>,
        base: usize,
    ) -> Result<Next<'a>> {
        ctx.poll();
        let count = self.stack.len() - base;
        let code = &*own.code.0;
        if code.gathers && count + 1 >= code.parameters {
            let more = self.stack.split_off(base + code.parameters - 1);
            self.stack.push(list(ctx, more)?);
        } else if count != code.parameters {
            return Err(format!("{count} arguments for a function of {}", code.parameters).into());
        }
        let mut at = 0;
        loop {
            let unit = code.units[at];
            let (op, operand) = (Op::ALL[usize::from(unit as u8)], (unit >> 8) as usize);
            at += 1;
            let value = match op {
                Op::Int => Value::int(operand as i64),
                Op::Constant => self.datum(ctx, &code.constants[operand])?,
                Op::Local => self.stack[base + operand].clone(),
                Op::Captured => {
                    let captured = own.at(Closure::CAPTURED);
                    captured.get(ctx, operand).ok_or("nothing is captured")?
                }
                Op::Own => own.clone().into(),
                Op::Global => Value::clone(&*self.global(ctx, operand)?),
                Op::SetGlobal => {
                    let value = self.pop();
                    self.variables.set(ctx, operand, value.clone())?;
                    value
                }
                Op::Jump => {
                    at = operand;
                    continue;
                }
                Op::JumpIfNil => {
                    if is_nil(&self.pop()) {
                        at = operand;
                    }
                    continue;
                }
                Op::Pop => {
                    self.pop();
                    continue;
                }
                Op::Closure => {
                    let (inner, count) = &code.inner[operand];
                    let captured = self.stack.split_off(self.stack.len() - count);
                    closure(ctx, inner.clone(), &captured)?
                }
                Op::Call | Op::CallGlobal => {
                    let (callee, count) = match op {
                        Op::CallGlobal => (self.global(ctx, operand & 0xffff)?, operand >> 16),
                        _ => {
                            let below = self.stack.len() - operand - 1;
                            (Rc::new(self.stack.remove(below)), operand)
                        }
                    };
                    if code.returns(at) {
                        return Ok(Next::Continue((callee, count)));
                    }
                    self.call(ctx, callee, count)?
                }
                Op::Return => return Ok(Next::Break(self.pop())),
                Op::Add | Op::Subtract | Op::Multiply | Op::Less => {
                    let (b, a) = (self.pop().as_int(), self.pop().as_int());
                    let (a, b) = a.zip(b).ok_or("an integer is needed")?;
                    match op {
                        Op::Add => int(a.checked_add(b))?,
                        Op::Subtract => int(a.checked_sub(b))?,
                        Op::Multiply => int(a.checked_mul(b))?,
                        _ => truth(a < b),
                    }
                }
            };
            self.stack.push(value);
        }
    }

    /// Gives a global variable a value.
    pub fn define(&mut self, ctx: &Ctx<'a>, name: &str, value: Value<'a>) -> Result<()> {
        let number = self.lisp.symbols.number(ctx, name)?;
        Ok(self.variables.set(ctx, number, value)?)
    }

    /// Evaluates the forms of a program as they come; the last mistake, each of which is written at once.
    pub fn forms(
        &mut self,
        ctx: &mut Ctx<'a>,
        source: &mut dyn Iterator<Item = String>,
        show_all: bool,
    ) -> Result<()> {
        let lisp = self.lisp.clone();
        let (mut text, mut result) = (String::new(), Ok(()));
        let mut failed = |error: AnyError| {
            (lisp.out)(&format!("error: {error}\n"));
            result = Err(error);
        };
        for line in source {
            text = text + &line + "\n";
            let mut reader = Reader(&text);
            loop {
                let start = reader.0;
                let outcome = match reader.next(200) {
                    Ok(Some(form)) => compile(&lisp.symbols, ctx, &form)
                        .and_then(|code| closure(ctx, Arc::new(code), &[]))
                        .and_then(|function| self.call(ctx, Rc::new(function), 0)),
                    Ok(None) => break,
                    Err(error) if error.to_string() == OPEN => {
                        // More lines may follow.
                        reader.0 = start;
                        break;
                    }
                    Err(error) => Err(error),
                };
                match outcome {
                    Ok(value) if show_all => (lisp.out)(&(show(ctx, &value, 10) + "\n")),
                    Ok(_) => {}
                    Err(error) => failed(error),
                }
            }
            text = reader.0.into();
        }
        if !text.trim().is_empty() {
            failed(OPEN.into());
        }
        result
    }
}
