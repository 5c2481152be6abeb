//! Runs code: a machine per thread.

use super::*;

/// What the threads of one program share.
pub(super) struct Lisp {
    pub(super) language: &'static Language,
    pub(super) numbers: Mutex<HashMap<Arc<str>, usize>>,
    pub(super) names: Mutex<Vec<Arc<str>>>,
    pub(super) world: Global,
    pub(super) out: Mutex<Box<dyn Write + Send>>,
}

/// A lock that is not poisoned by what a thread panicked with.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

impl Lisp {
    /// The number of a name.
    pub(super) fn number(&self, name: &Arc<str>) -> Result<usize, String> {
        let mut numbers = locked(&self.numbers);
        let count = numbers.len();
        Ok(*numbers.entry(name.clone()).or_insert_with(|| {
            locked(&self.names).push(name.clone());
            count
        }))
    }
}

/// A function as a machine calls it.
pub(super) struct Function<'a> {
    pub(super) closure: Local<'a, Closure>,
    pub(super) code: Arc<Code>,
}

pub(super) struct Frame<'a> {
    pub(super) function: Rc<Function<'a>>,
    pub(super) at: usize,
    pub(super) base: usize,
}

/// Runs code on one thread.
pub(super) struct Machine<'a> {
    pub(super) lisp: Arc<Lisp>,
    pub(super) world: Local<'a, World>,
    pub(super) symbols: Vec<Local<'a, Symbol>>,
    /// The functions that were called by name, with the version of the variable.
    pub(super) images: Vec<Option<(u32, Rc<Function<'a>>)>>,
    pub(super) stack: Vec<Value<'a>>,
    pub(super) frames: Vec<Frame<'a>>,
}

pub(super) const DEEPEST: usize = 100_000;

impl<'a> Machine<'a> {
    pub(super) fn new(lisp: &Arc<Lisp>, ctx: &Ctx<'a>) -> Result<Machine<'a>, String> {
        let world = lisp.world.get(ctx).map_err(|error| error.to_string())?;
        Ok(Machine {
            lisp: lisp.clone(),
            world: world.downcast().map_err(|_| "no world")?,
            symbols: Vec::new(),
            images: Vec::new(),
            stack: Vec::new(),
            frames: Vec::new(),
        })
    }

    fn symbol(&mut self, ctx: &Ctx<'a>, number: usize) -> Result<&Local<'a, Symbol>, String> {
        if number >= self.symbols.len() {
            // One thread makes symbols at a time.
            let names = locked(&self.lisp.names);
            let symbols = self.world.at(World::SYMBOLS);
            for number in symbols.len(ctx)..names.len() {
                let body = Symbol {
                    name: names[number].to_string(),
                    number: number as u32,
                    value: ValueSlot::new(),
                    version: AtomicU32::new(0),
                };
                let symbol = ctx.make(body).map_err(memory)?.finish();
                symbols.push(ctx, symbol.into()).map_err(memory)?;
            }
            let known = symbols.to_vec(ctx).into_iter().skip(self.symbols.len());
            self.symbols
                .extend(known.filter_map(|symbol| symbol.downcast().ok()));
        }
        self.symbols
            .get(number)
            .ok_or_else(|| "no such symbol".into())
    }

    pub(super) fn set_global(
        &mut self,
        ctx: &Ctx<'a>,
        number: usize,
        value: Value<'a>,
    ) -> Result<(), String> {
        let symbol = self.symbol(ctx, number)?;
        symbol.at(Symbol::VALUE).set(ctx, value);
        // Release, paired with `image`: who sees the version sees the value.
        symbol.version.fetch_add(1, Release);
        Ok(())
    }

    fn global(&mut self, ctx: &Ctx<'a>, number: usize) -> Outcome<'a> {
        let symbol = self.symbol(ctx, number)?;
        let value = symbol.at(Symbol::VALUE).get(ctx);
        if value.is_nothing() {
            Err(format!("`{}` has no value", symbol.name))
        } else {
            Ok(value)
        }
    }

    /// The function in a global variable, if it is one of Lisp.
    fn image(&mut self, ctx: &Ctx<'a>, number: usize) -> Result<Option<Rc<Function<'a>>>, String> {
        // Acquire, paired with `set_global`.
        let version = self.symbol(ctx, number)?.version.load(Acquire);
        match self.images.get(number) {
            Some(Some((seen, function))) if *seen == version => return Ok(Some(function.clone())),
            _ => {}
        }
        let Ok(closure) = self.global(ctx, number)?.downcast::<Closure>() else {
            return Ok(None);
        };
        let function = Rc::new(Function {
            code: closure.code.0.clone(),
            closure,
        });
        self.images
            .resize_with(self.images.len().max(number + 1), || None);
        self.images[number] = Some((version, function.clone()));
        Ok(Some(function))
    }

    fn pop(&mut self) -> Value<'a> {
        self.stack
            .pop()
            .expect("the compiler counts what is on the stack")
    }

    fn datum(&mut self, ctx: &Ctx<'a>, datum: &Datum) -> Outcome<'a> {
        match datum {
            Datum::Int(value) => int(Some(*value)),
            Datum::Text(value) => text(ctx, value.to_string()),
            Datum::Symbol(name) if **name == *"nil" => Ok(nil()),
            Datum::Symbol(name) if **name == *"t" => Ok(truth(true)),
            Datum::Symbol(name) => {
                let number = self.lisp.number(name)?;
                Ok(self.symbol(ctx, number)?.clone().into())
            }
            Datum::List(items) => items.iter().rev().try_fold(nil(), |rest, item| {
                let first = self.datum(ctx, item)?;
                pair(ctx, first, rest)
            }),
        }
    }

    /// Begins a call of what has its arguments on the stack.
    fn enter(
        &mut self,
        ctx: &mut Ctx<'a>,
        function: Rc<Function<'a>>,
        count: usize,
        tail: bool,
    ) -> Result<(), String> {
        ctx.poll();
        let wanted = function.code.parameters;
        if function.code.gathers && count + 1 >= wanted {
            let more = self.stack.split_off(self.stack.len() + wanted - 1 - count);
            self.stack.push(list(ctx, more)?);
        } else if count != wanted {
            return Err(format!("{count} arguments for a function of {wanted}"));
        }
        let mut base = self.stack.len() - wanted;
        if tail && let Some(frame) = self.frames.pop() {
            self.stack.drain(frame.base..base);
            base = frame.base;
        }
        if self.frames.len() == DEEPEST {
            return Err("calls are too deep".into());
        }
        self.frames.push(Frame {
            function,
            at: 0,
            base,
        });
        Ok(())
    }

    /// Calls any value.
    fn call(
        &mut self,
        ctx: &mut Ctx<'a>,
        callee: Value<'a>,
        count: usize,
        tail: bool,
    ) -> Result<(), String> {
        match callee.downcast::<Closure>() {
            Ok(closure) => {
                let function = Rc::new(Function {
                    code: closure.code.0.clone(),
                    closure,
                });
                self.enter(ctx, function, count, tail)
            }
            Err(callee) => {
                let native = callee
                    .downcast_ref::<Native>()
                    .ok_or("this is no function")?
                    .native
                    .0;
                let arguments = self.stack.split_off(self.stack.len() - count);
                if count < native.least || count > native.most {
                    return Err(format!("{count} arguments for `{}`", native.name));
                }
                let value = (native.body)(self, ctx, &arguments)?;
                self.stack.push(value);
                if tail {
                    self.leave()
                }
                Ok(())
            }
        }
    }

    /// Returns what is on top of the stack.
    fn leave(&mut self) {
        let value = self.pop();
        if let Some(frame) = self.frames.pop() {
            self.stack.truncate(frame.base);
        }
        self.stack.push(value);
    }

    /// Calls a function without arguments, and runs until it returns.
    pub(super) fn run(&mut self, ctx: &mut Ctx<'a>, callee: Value<'a>) -> Outcome<'a> {
        let result = self.call(ctx, callee, 0, false).and_then(|()| {
            while let Some(frame) = self.frames.last() {
                let (at, base, function) = (frame.at, frame.base, frame.function.clone());
                self.steps(ctx, &function, at, base)?;
            }
            Ok(self.pop())
        });
        self.stack.clear();
        self.frames.clear();
        result
    }

    /// Runs the function of the innermost frame, until another one is that.
    fn steps(
        &mut self,
        ctx: &mut Ctx<'a>,
        function: &Function<'a>,
        mut at: usize,
        base: usize,
    ) -> Result<(), String> {
        let code = &*function.code;
        let cell = |value: &Value<'a>| value.downcast_ref::<Cell>().cloned().ok_or("no cell");
        loop {
            let unit = code.units[at];
            at += 1;
            let operand = (unit >> 8) as usize;
            match OPERATIONS[usize::from(unit as u8)].0 {
                Op::Int => self.stack.push(Value::int(operand as i64)),
                Op::Constant => {
                    let value = self.datum(ctx, &code.constants[operand])?;
                    self.stack.push(value);
                }
                Op::Nil => self.stack.push(nil()),
                Op::True => self.stack.push(truth(true)),
                Op::Local => self.stack.push(self.stack[base + operand].clone()),
                Op::SetLocal => {
                    let value = self.stack[self.stack.len() - 1].clone();
                    self.stack[base + operand] = value;
                }
                Op::Box => {
                    let value = std::mem::replace(&mut self.stack[base + operand], nil());
                    let new = ctx
                        .make(Cell::default())
                        .map_err(memory)?
                        .put(Cell::VALUE, value);
                    self.stack[base + operand] = new.finish().into();
                }
                Op::BoxLocal => {
                    let value = cell(&self.stack[base + operand])?.at(Cell::VALUE).get(ctx);
                    self.stack.push(value);
                }
                Op::SetBoxLocal => {
                    let value = self.stack[self.stack.len() - 1].clone();
                    cell(&self.stack[base + operand])?
                        .at(Cell::VALUE)
                        .set(ctx, value);
                }
                Op::Free | Op::SetFree | Op::FreeCell => {
                    let value = function
                        .closure
                        .at(Closure::CELLS)
                        .get(ctx, operand)
                        .ok_or("no cell")?;
                    match OPERATIONS[usize::from(unit as u8)].0 {
                        Op::FreeCell => self.stack.push(value),
                        Op::Free => self.stack.push(cell(&value)?.at(Cell::VALUE).get(ctx)),
                        _ => cell(&value)?
                            .at(Cell::VALUE)
                            .set(ctx, self.stack[self.stack.len() - 1].clone()),
                    }
                }
                Op::Global => {
                    let value = self.global(ctx, operand)?;
                    self.stack.push(value);
                }
                Op::SetGlobal => {
                    let value = self.stack[self.stack.len() - 1].clone();
                    self.set_global(ctx, operand, value)?;
                }
                Op::Jump => at = operand,
                Op::JumpIfNil => {
                    if is_nil(&self.pop()) {
                        at = operand;
                    }
                }
                Op::Pop => drop(self.stack.pop()),
                Op::Slide => {
                    let value = self.pop();
                    self.stack.truncate(self.stack.len() - operand);
                    self.stack.push(value);
                }
                Op::Closure => {
                    let (inner, count) = &code.inner[operand];
                    let body = Closure {
                        code: Plain(inner.clone()),
                        cells: List::new(),
                    };
                    let closure = ctx.make(body).map_err(memory)?.finish();
                    for cell in self.stack.drain(self.stack.len() - count..) {
                        closure.at(Closure::CELLS).push(ctx, cell).map_err(memory)?;
                    }
                    self.stack.push(closure.into());
                }
                op @ (Op::Call | Op::TailCall) => {
                    let callee = self.stack.remove(self.stack.len() - operand - 1);
                    self.last_frame().at = at;
                    return self.call(ctx, callee, operand, op == Op::TailCall);
                }
                op @ (Op::CallGlobal | Op::TailCallGlobal) => {
                    let (number, count, tail) =
                        (operand & 0xffff, operand >> 16, op == Op::TailCallGlobal);
                    self.last_frame().at = at;
                    return match self.image(ctx, number)? {
                        Some(function) => self.enter(ctx, function, count, tail),
                        None => {
                            let callee = self.global(ctx, number)?;
                            self.call(ctx, callee, count, tail)
                        }
                    };
                }
                Op::Return => {
                    self.leave();
                    return Ok(());
                }
                op @ (Op::Add | Op::Subtract | Op::Multiply | Op::Less) => {
                    let (b, a) = (self.pop(), self.pop());
                    let (Some(a), Some(b)) = (a.as_int(), b.as_int()) else {
                        return Err("an integer is needed".into());
                    };
                    self.stack.push(match op {
                        Op::Add => int(a.checked_add(b))?,
                        Op::Subtract => int(a.checked_sub(b))?,
                        Op::Multiply => int(a.checked_mul(b))?,
                        _ => truth(a < b),
                    });
                }
                Op::Same => {
                    let same = self.pop().same(&self.pop());
                    self.stack.push(truth(same));
                }
                op @ (Op::First | Op::Rest) => {
                    let value = self.pop();
                    let pair = value.downcast_ref::<Pair>().ok_or("a pair is needed")?;
                    let field = if op == Op::First {
                        Pair::FIRST
                    } else {
                        Pair::REST
                    };
                    self.stack.push(pair.at(field).get(ctx));
                }
                Op::Pair => {
                    let (rest, first) = (self.pop(), self.pop());
                    self.stack.push(pair(ctx, first, rest)?);
                }
            }
        }
    }

    fn last_frame(&mut self) -> &mut Frame<'a> {
        self.frames.last_mut().expect("its code is running")
    }

    /// Evaluates a form.
    pub(super) fn evaluate(&mut self, ctx: &mut Ctx<'a>, form: &Datum) -> Outcome<'a> {
        let code = compile(&self.lisp, form)?;
        let body = Closure {
            code: Plain(Arc::new(code)),
            cells: List::new(),
        };
        let closure = ctx.make(body).map_err(memory)?.finish();
        self.run(ctx, closure.into())
    }

    /// How a value is written; not further down than `depth`.
    pub(super) fn show(ctx: &Ctx<'a>, value: &Value<'a>, depth: usize) -> String {
        let inner = |value: &Value<'a>| Self::show(ctx, value, depth - 1);
        if depth == 0 {
            "...".into()
        } else if let Some(value) = value.as_int() {
            value.to_string()
        } else if let Some(constant) = value.as_constant() {
            if constant == NIL {
                "nil".into()
            } else {
                "t".into()
            }
        } else if let Some(symbol) = value.downcast_ref::<Symbol>() {
            symbol.name.clone()
        } else if let Some(text) = value.downcast_ref::<Text>() {
            format!("\"{}\"", text.text)
        } else if let Some(vector) = value.downcast_ref::<Vector>() {
            let items = vector.at(Vector::ITEMS).to_vec(ctx);
            format!(
                "#({})",
                items.iter().map(inner).collect::<Vec<_>>().join(" ")
            )
        } else if value.is::<Pair>() {
            let (mut items, mut at) = (Vec::new(), value.clone());
            while let Some(pair) = at.clone().downcast_ref::<Pair>() {
                items.push(if items.len() < 100 {
                    inner(&pair.at(Pair::FIRST).get(ctx))
                } else {
                    "...".into()
                });
                at = if items.len() <= 100 {
                    pair.at(Pair::REST).get(ctx)
                } else {
                    nil()
                };
            }
            if !is_nil(&at) {
                items.extend([".".into(), inner(&at)]);
            }
            format!("({})", items.join(" "))
        } else {
            format!(
                "#<{}>",
                ctx.type_name(value).unwrap_or("nothing").to_lowercase()
            )
        }
    }
}

pub(super) fn int<'a>(value: Option<i64>) -> Outcome<'a> {
    value
        .and_then(Value::try_int)
        .ok_or_else(|| "the integer is too large".into())
}

pub(super) fn list<'a>(ctx: &Ctx<'a>, items: Vec<Value<'a>>) -> Outcome<'a> {
    items
        .into_iter()
        .rev()
        .try_fold(nil(), |rest, item| pair(ctx, item, rest))
}
