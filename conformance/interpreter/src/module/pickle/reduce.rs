//! What `__reduce__` said of a value: which function makes it of what, and what it gets then; and the names of classes and functions.

use super::opcode::*;
use super::save::Run;
use super::{class_text, library, noted, unfit, unfit_after};
use crate::error::{PyResult, Raised, raise};
use crate::module::import;
use crate::object::dict::PyDict;
use crate::object::exception::{self, class};
use crate::object::obj::Obj;
use crate::object::str_::{self, PyStr};
use crate::object::tuple::PyTuple;
use crate::object::type_::{type_object, type_of};
use crate::object::{dict, ids, int, protocol, tuple};
use crate::text::wtf8::{Wtf8, Wtf8Buf};
use crate::vm::thread::rt;
use kit_core::thread::Ctx;

impl Run {
    /// Writes a value by what its reduction says.
    pub fn save_reduced(&mut self, ctx: &mut Ctx, value: &Obj, reduced: &Obj) -> PyResult<()> {
        if str_::text_of(reduced).is_some() {
            return self.save_global(ctx, value, Some(reduced));
        }
        self.save_parts(ctx, value, reduced).map_err(|raised| {
            let error = exception::take(ctx, raised);
            let note = format!("when serializing {} object", class_text(ctx, value));
            let raised = exception::raise_again(ctx, error);
            noted(ctx, raised, &note)
        })
    }

    /// As [`Run::save_reduced`], of a value of which nothing is to be said when that fails.
    pub fn save_parts(&mut self, ctx: &mut Ctx, value: &Obj, reduced: &Obj) -> PyResult<()> {
        let Some(parts) = reduced.downcast::<PyTuple>().map(|parts| parts.items()) else {
            let class = class_text(ctx, reduced);
            let message = format!("__reduce__ must return a string or tuple, not {class}");
            return Err(unfit(ctx, &message));
        };
        if !(2..=6).contains(&parts.len()) {
            return Err(unfit(
                ctx,
                "tuple returned by __reduce__ must contain 2 through 6 elements",
            ));
        }
        let part = |index: usize| parts.get(index).filter(|part| !part.is_none());
        let (function, args) = (&parts[0], &parts[1]);
        if !protocol::is_callable(ctx, function) {
            let class = class_text(ctx, function);
            let message = format!(
                "first item of the tuple returned by __reduce__ must be callable, not {class}"
            );
            return Err(unfit(ctx, &message));
        }
        if args.downcast::<PyTuple>().is_none() {
            let class = class_text(ctx, args);
            let message = format!(
                "second item of the tuple returned by __reduce__ must be a tuple, not {class}"
            );
            return Err(unfit(ctx, &message));
        }
        for (index, ordinal) in [(3, "fourth"), (4, "fifth")] {
            if let Some(part) = part(index)
                && type_of(ctx, part).slots(ctx).next.is_none()
            {
                let class = class_text(ctx, part);
                let message = format!(
                    "{ordinal} item of the tuple returned by __reduce__ must be an iterator, not {class}"
                );
                return Err(unfit(ctx, &message));
            }
        }
        if let Some(part) = part(5)
            && !protocol::is_callable(ctx, part)
        {
            let class = class_text(ctx, part);
            let message = format!(
                "sixth item of the tuple returned by __reduce__ must be callable, not {class}"
            );
            return Err(unfit(ctx, &message));
        }
        self.save_making(ctx, value, function, args)?;
        // What leads back to itself was written while its arguments were.
        match self.options.memo.number(value) {
            Some(number) => {
                self.out.op(POP);
                self.get(number);
            }
            None => self.memoize(value),
        }
        if let Some(items) = part(3) {
            let items = items.clone();
            self.append(ctx, value, |ctx| protocol::next(ctx, &items))?;
        }
        if let Some(items) = part(4) {
            let items = items.clone();
            self.set_items(ctx, value, |ctx| {
                let Some(item) = protocol::next(ctx, &items)? else {
                    return Ok(None);
                };
                match item.downcast::<PyTuple>().map(|item| item.items()) {
                    Some([key, value]) => Ok(Some((key.clone(), value.clone()))),
                    _ => Err(raise!(
                        ctx,
                        TypeError,
                        "dict items iterator must return 2-tuples"
                    )),
                }
            })?;
        }
        if let Some(state) = part(2) {
            if let Some(setter) = part(5) {
                self.save_part(ctx, setter, |ctx| note(ctx, value, "state setter"))?;
                self.save(ctx, value)?;
                self.save_part(ctx, state, |ctx| note(ctx, value, "state"))?;
                self.out.put(&[TUPLE2, REDUCE, POP]);
            } else {
                self.save_part(ctx, state, |ctx| note(ctx, value, "state"))?;
                self.out.op(BUILD);
            }
        }
        Ok(())
    }

    /// The operations that make the value, without its state.
    fn save_making(
        &mut self,
        ctx: &mut Ctx,
        value: &Obj,
        function: &Obj,
        args: &Obj,
    ) -> PyResult<()> {
        if self.options.protocol >= 2 {
            let name = str_::intern(ctx, "__name__");
            let name = protocol::find_attr(ctx, function, &name)?;
            let name = name.as_ref().and_then(str_::text_of);
            match name.map(Wtf8::as_bytes) {
                Some(b"__newobj_ex__") => return self.save_new_with(ctx, value, args),
                Some(b"__newobj__") => return self.save_new(ctx, value, args),
                _ => {}
            }
        }
        self.save_part(ctx, function, |ctx| note(ctx, value, "reconstructor"))?;
        self.save_part(ctx, args, |ctx| note(ctx, value, "reconstructor arguments"))?;
        self.out.op(REDUCE);
        Ok(())
    }

    /// Checks the first argument of `__newobj__` and `__newobj_ex__`.
    fn check_class(&self, ctx: &mut Ctx, value: &Obj, class: &Obj, place: &str) -> PyResult<()> {
        let name = str_::intern(ctx, "__new__");
        if protocol::find_attr(ctx, class, &name)?.is_none() {
            let message = format!("first argument to {place}() has no __new__");
            return Err(unfit(ctx, &message));
        }
        let own = protocol::getattr_str(ctx, value, "__class__")?;
        if own.is(class) {
            return Ok(());
        }
        let own = protocol::repr_string(ctx, &own)?;
        let class = protocol::repr_string(ctx, class)?;
        let message = format!("first argument to {place}() must be {own}, not {class}");
        Err(unfit(ctx, &message))
    }

    fn save_new(&mut self, ctx: &mut Ctx, value: &Obj, args: &Obj) -> PyResult<()> {
        let [class, rest @ ..] = tuple::items(args) else {
            return Err(unfit(ctx, "__newobj__ expected at least 1 argument, got 0"));
        };
        self.check_class(ctx, value, class, "__newobj__")?;
        let rest = tuple::from_slice(ctx, rest)?;
        self.save_part(ctx, class, |ctx| note(ctx, value, "class"))?;
        self.save_part(ctx, &rest, |ctx| note(ctx, value, "__new__ arguments"))?;
        self.out.op(NEWOBJ);
        Ok(())
    }

    fn save_new_with(&mut self, ctx: &mut Ctx, value: &Obj, args: &Obj) -> PyResult<()> {
        let given = tuple::items(args);
        let [class, args, names] = given else {
            let message = format!("__newobj_ex__ expected 3 arguments, got {}", given.len());
            return Err(unfit(ctx, &message));
        };
        self.check_class(ctx, value, class, "__newobj_ex__")?;
        if args.downcast::<PyTuple>().is_none() {
            let kind = class_text(ctx, args);
            let message = format!("second argument to __newobj_ex__() must be a tuple, not {kind}");
            return Err(unfit(ctx, &message));
        }
        if names.downcast::<PyDict>().is_none() {
            let kind = class_text(ctx, names);
            let message = format!("third argument to __newobj_ex__() must be a dict, not {kind}");
            return Err(unfit(ctx, &message));
        }
        if self.options.protocol >= 4 {
            self.save_part(ctx, class, |ctx| note(ctx, value, "class"))?;
            self.save_part(ctx, args, |ctx| note(ctx, value, "__new__ arguments"))?;
            self.save_part(ctx, names, |ctx| note(ctx, value, "__new__ arguments"))?;
            self.out.op(NEWOBJ_EX);
            return Ok(());
        }
        // Protocols 2 and 3 say it with `functools.partial`.
        let new = protocol::getattr_str(ctx, class, "__new__")?;
        let partial = library(ctx, "functools", "partial")?;
        let mut all = vec![new, class.clone()];
        all.extend(tuple::items(args).iter().cloned());
        let (keys, values): (Vec<Obj>, Vec<Obj>) =
            names.expect::<PyDict>().items(ctx).into_iter().unzip();
        let call = crate::object::args::Args {
            pos: &all,
            names: &keys,
            values: &values,
        };
        let maker = protocol::call_with(ctx, &partial, call)?;
        self.save_part(ctx, &maker, |ctx| note(ctx, value, "reconstructor"))?;
        let none = tuple::from_vec(ctx, Vec::new())?;
        self.save(ctx, &none)?;
        self.out.op(REDUCE);
        Ok(())
    }

    /// Writes a class; those of some values that have no name as `type(value)`.
    pub fn save_type(&mut self, ctx: &mut Ctx, value: &Obj) -> PyResult<()> {
        let [none, other, dots] = [Obj::NONE, Obj::NOT_IMPLEMENTED, Obj::ELLIPSIS];
        for single in [none, other, dots] {
            if type_of(ctx, &single).to_obj().is(value) {
                let class = type_object(ctx, ids::TYPE);
                let args = tuple::from_vec(ctx, vec![single])?;
                let reduced = tuple::from_vec(ctx, vec![class, args])?;
                return self.save_reduced(ctx, value, &reduced);
            }
        }
        self.save_global(ctx, value, None)
    }

    /// Writes a value by its name and its module's.
    pub fn save_global(&mut self, ctx: &mut Ctx, value: &Obj, name: Option<&Obj>) -> PyResult<()> {
        let name = match name {
            Some(name) => name.clone(),
            None => {
                let qualified = str_::intern(ctx, "__qualname__");
                match protocol::find_attr(ctx, value, &qualified)? {
                    Some(name) => name,
                    None => protocol::getattr_str(ctx, value, "__name__")?,
                }
            }
        };
        let Some(text) = str_::text_of(&name) else {
            return Err(raise!(ctx, TypeError, "names of globals must be strings"));
        };
        let path: Vec<Wtf8Buf> = parts(text);
        let module = self.module_of(ctx, value, &name, &path)?;
        if self.options.protocol >= 2 {
            let registry = library(ctx, "copyreg", "_extension_registry")?;
            if let Some(registry) = registry.downcast::<PyDict>()
                && !registry.is_empty(ctx)
            {
                let key = tuple::from_vec(ctx, vec![module.clone(), name.clone()])?;
                if let Some(code) = registry.get(ctx, &key)? {
                    return self.save_extension(ctx, &code);
                }
            }
        }
        if self.options.protocol >= 4 {
            self.save(ctx, &module)?;
            self.save(ctx, &name)?;
            self.out.op(STACK_GLOBAL);
        } else if let [first, rest @ ..] = &path[..]
            && !rest.is_empty()
        {
            let new = self.options.protocol >= 2;
            let getattr = library(ctx, "builtins", "getattr")?;
            for _ in rest {
                self.save(ctx, &getattr)?;
                if !new {
                    self.out.op(MARK);
                }
            }
            let first = str_::from_wtf8(ctx, first)?;
            self.save_top(ctx, &module, &first)?;
            for name in rest {
                let name = str_::from_wtf8(ctx, name)?;
                self.save(ctx, &name)?;
                self.out.put(&[if new { TUPLE2 } else { TUPLE }, REDUCE]);
            }
        } else {
            self.save_top(ctx, &module, &name)?;
        }
        self.memoize(value);
        Ok(())
    }

    fn save_extension(&mut self, ctx: &mut Ctx, code: &Obj) -> PyResult<()> {
        let code = int::to_i64(code).unwrap_or(0);
        let [a, b, c, d] = (code as u32).to_le_bytes();
        match code {
            1..=0xff => self.out.put(&[EXT1, a]),
            0x100..=0xffff => self.out.put(&[EXT2, a, b]),
            0x1_0000..=0x7fff_ffff => self.out.put(&[EXT4, a, b, c, d]),
            _ => {
                return Err(raise!(
                    ctx,
                    RuntimeError,
                    "extension code {code} is out of range"
                ));
            }
        }
        Ok(())
    }

    /// `GLOBAL` of a name without dots.
    fn save_top(&mut self, ctx: &mut Ctx, module: &Obj, name: &Obj) -> PyResult<()> {
        let (mut module, mut name) = (module.clone(), name.clone());
        if self.options.fix {
            let key = tuple::from_vec(ctx, vec![module.clone(), name.clone()])?;
            let names = library(ctx, "_compat_pickle", "REVERSE_NAME_MAPPING")?;
            let modules = library(ctx, "_compat_pickle", "REVERSE_IMPORT_MAPPING")?;
            let both = find(ctx, &names, &key)?;
            if let Some([old_module, old_name]) = both
                .as_ref()
                .and_then(|both| Some(both.downcast::<PyTuple>()?.items()))
            {
                (module, name) = (old_module.clone(), old_name.clone());
            } else if let Some(old) = find(ctx, &modules, &module)? {
                module = old;
            }
        }
        let mut line = Vec::new();
        for (what, text) in [("module", &module), ("global", &name)] {
            let text = text.expect::<PyStr>();
            let fits =
                text.is_ascii() || self.options.protocol >= 3 && !text.text().has_surrogates();
            if !fits {
                let shown =
                    protocol::repr_string(ctx, if what == "module" { &module } else { &name })?;
                let protocol = self.options.protocol;
                let message = format!(
                    "can't pickle {what} identifier {shown} using pickle protocol {protocol}"
                );
                let raised =
                    self.encoding_error(ctx, if what == "module" { &module } else { &name });
                return Err(unfit_after(ctx, raised, &message));
            }
            line.extend_from_slice(text.bytes());
            line.push(b'\n');
        }
        line.pop();
        self.line(GLOBAL, &line);
        Ok(())
    }

    /// The exception of encoding a name.
    fn encoding_error(&self, ctx: &mut Ctx, name: &Obj) -> Raised {
        let encoding = if self.options.protocol >= 3 {
            "utf-8"
        } else {
            "ascii"
        };
        match str_::encode(ctx, name, encoding, "strict") {
            Ok(_) => raise!(ctx, ValueError, "cannot encode"),
            Err(raised) => raised,
        }
    }

    /// The name of the module where a value is found under its name.
    fn module_of(&mut self, ctx: &mut Ctx, value: &Obj, name: &Obj, path: &[Wtf8Buf]) -> PyResult {
        let key = str_::intern(ctx, "__module__");
        let own = protocol::find_attr(ctx, value, &key)?.filter(|own| !own.is_none());
        if path.iter().any(|part| part.as_bytes() == b"<locals>") {
            let shown = protocol::repr_string(ctx, value)?;
            return Err(unfit(ctx, &format!("Can't pickle local object {shown}")));
        }
        let module_name = match own {
            Some(own) => own,
            None => match self.search(ctx, value, path)? {
                Some(found) => return Ok(found),
                None => str_::intern(ctx, "__main__"),
            },
        };
        let module = match module_named(ctx, &module_name) {
            Ok(module) => module,
            Err(raised) => {
                let usual = [class::ImportError, class::ValueError, class::KeyError];
                if !usual
                    .iter()
                    .any(|class| exception::matches(ctx, &raised, *class))
                {
                    return Err(raised);
                }
                let error = exception::take(ctx, raised);
                let why = protocol::str_string(ctx, &error)?;
                let shown = protocol::repr_string(ctx, value)?;
                let raised = exception::raise_again(ctx, error);
                return Err(unfit_after(
                    ctx,
                    raised,
                    &format!("Can't pickle {shown}: {why}"),
                ));
            }
        };
        let what = match descend(ctx, &module, path) {
            Ok(found) if found.is(value) => return Ok(module_name),
            Ok(_) => None,
            Err(raised) if exception::matches(ctx, &raised, class::AttributeError) => {
                Some(exception::take(ctx, raised))
            }
            Err(raised) => return Err(raised),
        };
        let shown = protocol::repr_string(ctx, value)?;
        let module_name = protocol::str_string(ctx, &module_name)?;
        let name = protocol::str_string(ctx, name)?;
        Err(match what {
            None => unfit(
                ctx,
                &format!("Can't pickle {shown}: it's not the same object as {module_name}.{name}"),
            ),
            Some(error) => {
                let raised = exception::raise_again(ctx, error);
                unfit_after(
                    ctx,
                    raised,
                    &format!("Can't pickle {shown}: it's not found as {module_name}.{name}"),
                )
            }
        })
    }

    /// The name of a module that has the value under this name, the program's own excepted.
    fn search(&mut self, ctx: &mut Ctx, value: &Obj, path: &[Wtf8Buf]) -> PyResult<Option<Obj>> {
        let Some(modules) = crate::module::sys::attribute(ctx, "modules") else {
            return Ok(None);
        };
        let Some(entries) = modules
            .downcast::<PyDict>()
            .map(|modules| modules.items(ctx))
        else {
            return Ok(None);
        };
        for (name, module) in entries {
            let own = str_::text_of(&name).map(Wtf8::as_bytes);
            if matches!(own, None | Some(b"__main__" | b"__mp_main__")) || module.is_none() {
                continue;
            }
            match descend(ctx, &module, path) {
                Ok(found) if found.is(value) => return Ok(Some(name)),
                Ok(_) => {}
                Err(raised) if exception::matches(ctx, &raised, class::AttributeError) => {
                    exception::take(ctx, raised);
                }
                Err(raised) => return Err(raised),
            }
        }
        Ok(None)
    }
}

fn note(ctx: &mut Ctx, value: &Obj, what: &str) -> String {
    format!("when serializing {} {what}", class_text(ctx, value))
}

/// The parts of a name with dots.
pub fn parts(name: &Wtf8) -> Vec<Wtf8Buf> {
    let mut parts = vec![Wtf8Buf::new()];
    for point in name.code_points() {
        if point == u32::from(b'.') {
            parts.push(Wtf8Buf::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(point);
        }
    }
    parts
}

/// An attribute of an attribute…
pub fn descend(ctx: &mut Ctx, start: &Obj, path: &[Wtf8Buf]) -> PyResult {
    let mut found = start.clone();
    for part in path {
        let name = str_::intern_wtf8(ctx, part)?;
        found = protocol::getattr(ctx, &found, &name)?;
    }
    Ok(found)
}

/// The module with a name, imported if it was not.
pub fn module_named(ctx: &mut Ctx, name: &Obj) -> PyResult {
    if let Some(modules) = rt(ctx).modules.get()
        && let Some(module) = modules.expect::<PyDict>().get(ctx, name)?
        && !module.is_none()
    {
        return Ok(module);
    }
    import::import(ctx, name, None, Obj::none(), 0)?;
    let modules = match rt(ctx).modules.get() {
        Some(modules) => modules.clone(),
        None => dict::new(ctx)?,
    };
    match modules.expect::<PyDict>().get(ctx, name)? {
        Some(module) => Ok(module),
        None => Err(dict::methods::key_error(ctx, name)),
    }
}

/// What a mapping of the library has for a key.
pub fn find(ctx: &mut Ctx, mapping: &Obj, key: &Obj) -> PyResult<Option<Obj>> {
    match mapping.downcast::<PyDict>() {
        Some(mapping) => mapping.get(ctx, key),
        None => Ok(None),
    }
}
