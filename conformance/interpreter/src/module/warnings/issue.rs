//! What becomes of a warning: registries, filters, showing it.

use super::{locked, version};
use crate::error::{PyResult, raise};
use crate::module::{import, sys};
use crate::object::args::Args;
use crate::object::dict::{self, PyDict};
use crate::object::exception::{self, class};
use crate::object::list::{self, PyList};
use crate::object::obj::Obj;
use crate::object::str_::{self, PyStr};
use crate::object::tuple::{self, PyTuple};
use crate::object::type_::{check, type_object, type_of};
use crate::object::{ids, int, protocol};
use crate::vm::observe;
use crate::vm::thread::rt;
use kit_core::thread::Ctx;
use std::sync::atomic::Ordering::Relaxed;

/// A warning and its place.
pub(super) struct Warning {
    /// A text, or the exception itself.
    pub(super) message: Obj,
    /// The class.
    pub(super) category: Obj,
    pub(super) filename: Obj,
    pub(super) line: i64,
    /// The name of the module; `None` to make one of the name of the file.
    pub(super) module: Option<Obj>,
    /// What was shown of that module.
    pub(super) registry: Option<Obj>,
    /// The names of a module that was not loaded from a file.
    pub(super) globals: Option<Obj>,
    /// What it is about.
    pub(super) source: Option<Obj>,
}

/// The class of a warning that somebody issues.
pub(super) fn category(ctx: &mut Ctx, message: &Obj, given: Option<&Obj>) -> PyResult {
    let base = type_object(ctx, class::Warning);
    if protocol::is_instance_of(ctx, message, class::Warning) {
        return Ok(type_of(ctx, message).to_obj());
    }
    let Some(given) = given else {
        return Ok(type_object(ctx, class::UserWarning));
    };
    let fits =
        protocol::is_instance_of(ctx, given, ids::TYPE) && check::is_subclass(ctx, given, &base)?;
    if fits {
        return Ok(given.clone());
    }
    let class = protocol::type_name(ctx, given);
    Err(raise!(
        ctx,
        TypeError,
        "category must be a Warning subclass, not '{class}'"
    ))
}

/// Whether code of this file belongs to the import system.
fn is_internal(filename: &str) -> bool {
    filename.contains("importlib") && filename.contains("_bootstrap")
}

fn filename_of(ctx: &mut Ctx, frame: &Obj) -> PyResult<String> {
    let code = protocol::getattr_str(ctx, frame, "f_code")?;
    let name = protocol::getattr_str(ctx, &code, "co_filename")?;
    protocol::str_string(ctx, &name)
}

/// The next frame outwards, without those that are not to be named.
fn outer(ctx: &mut Ctx, frame: &Obj, skipped: impl Fn(&str) -> bool) -> PyResult<Option<Obj>> {
    let mut frame = frame.clone();
    loop {
        frame = protocol::getattr_str(ctx, &frame, "f_back")?;
        if frame.is_none() {
            return Ok(None);
        }
        let name = filename_of(ctx, &frame)?;
        if !skipped(&name) {
            return Ok(Some(frame));
        }
    }
}

impl Warning {
    /// A warning in the name of the code that runs, or of that so many calls further out.
    pub(super) fn of_caller(
        ctx: &mut Ctx,
        message: Obj,
        category: Obj,
        level: i64,
        skip: &[String],
        source: Option<Obj>,
    ) -> PyResult<Warning> {
        let mut frame = observe::running(ctx, 0)?;
        let level = if skip.is_empty() { level } else { level.max(2) };
        let plain = match &frame {
            Some(first) if level > 0 => is_internal(&filename_of(ctx, first)?),
            _ => true,
        };
        for _ in 1..level {
            let Some(inner) = frame else { break };
            frame = outer(ctx, &inner, |name| {
                let listed = || skip.iter().any(|prefix| name.starts_with(prefix));
                !plain && (is_internal(name) || listed())
            })?;
        }
        let (globals, filename, line) = match &frame {
            Some(frame) => {
                let code = protocol::getattr_str(ctx, frame, "f_code")?;
                let line = protocol::getattr_str(ctx, frame, "f_lineno")?;
                (
                    protocol::getattr_str(ctx, frame, "f_globals")?,
                    protocol::getattr_str(ctx, &code, "co_filename")?,
                    int::to_i64(&line).unwrap_or(0),
                )
            }
            None => {
                let sys = import::load(ctx, "sys")?;
                let space = crate::module::namespace(ctx, &sys)?;
                (space, str_::new(ctx, "<sys>")?, 0)
            }
        };
        let (mut module, mut registry) = (None, None);
        if let Some(globals) = globals.downcast::<PyDict>() {
            let key = str_::intern(ctx, "__warningregistry__");
            let fresh = match globals.get_name(ctx, &key) {
                Some(known) => known,
                None => dict::new(ctx)?,
            };
            registry = Some(globals.set_default(ctx, &key, fresh)?).filter(|r| !r.is_none());
            let name = &crate::object::names::names(ctx).name;
            module = globals
                .get_name(ctx, name)
                .filter(|name| name.is_none() || name.downcast::<PyStr>().is_some());
        }
        if module.is_none() {
            module = Some(str_::new(ctx, "<string>")?);
        }
        Ok(Warning {
            message,
            category,
            filename,
            line,
            module,
            registry,
            globals: None,
            source,
        })
    }

    /// Does what the filters say.
    ///
    /// # Errors
    /// They say that it is an error; or something about them is wrong.
    pub(super) fn issue(mut self, ctx: &mut Ctx) -> PyResult<()> {
        let text = if protocol::is_instance_of(ctx, &self.message, class::Warning) {
            self.category = type_of(ctx, &self.message).to_obj();
            protocol::str(ctx, &self.message)?
        } else {
            let text = self.message.clone();
            self.message = protocol::call(ctx, &self.category, std::slice::from_ref(&text))?;
            text
        };
        if let Some(registry) = &self.registry
            && !protocol::is_instance_of(ctx, registry, ids::DICT)
        {
            return Err(raise!(ctx, TypeError, "'registry' must be a dict or None"));
        }
        if locked(ctx, |ctx| self.is_to_be_shown(ctx, &text))? {
            self.show(ctx, &text)?;
        }
        Ok(())
    }

    fn is_to_be_shown(&self, ctx: &mut Ctx, text: &Obj) -> PyResult<bool> {
        let line = int::from_i64(ctx, self.line)?;
        let key = tuple::from_vec(ctx, vec![text.clone(), self.category.clone(), line])?;
        if let Some(registry) = &self.registry
            && was_seen(ctx, registry, &key, false)?
        {
            return Ok(false);
        }
        let module = match &self.module {
            Some(module) => module.clone(),
            None => module_of(ctx, &self.filename)?,
        };
        let (action, item) = self.action(ctx, text, &module)?;
        let action = protocol::str_string(ctx, &action)?;
        match action.as_str() {
            "error" => return Err(exception::raise(ctx, self.message.clone())),
            "ignore" => return Ok(false),
            "always" | "all" => return Ok(true),
            _ => {}
        }
        if let Some(registry) = &self.registry {
            registry.expect::<PyDict>().set(ctx, &key, Obj::TRUE)?;
        }
        let mut parts = vec![text.clone(), self.category.clone()];
        let registry = match (action.as_str(), &self.registry) {
            ("default", _) | ("module", None) => return Ok(true),
            ("once", None) => attribute(ctx, "onceregistry", own_once)?,
            ("once", Some(registry)) => registry.clone(),
            ("module", Some(registry)) => {
                parts.push(Obj::small_int(0));
                registry.clone()
            }
            _ => {
                let action = format!("'{action}'");
                let item = protocol::repr_string(ctx, &item)?;
                return Err(raise!(
                    ctx,
                    RuntimeError,
                    "Unrecognized action ({action}) in warnings.filters:\n {item}"
                ));
            }
        };
        let key = tuple::from_vec(ctx, parts)?;
        Ok(!was_seen(ctx, &registry, &key, true)?)
    }

    /// What is to be done, and the filter that says so.
    fn action(&self, ctx: &mut Ctx, text: &Obj, module: &Obj) -> PyResult<(Obj, Obj)> {
        let context = attribute(ctx, "_warnings_context", own_context)?;
        let get = str_::intern(ctx, "get");
        let own = protocol::call_method(ctx, &context, &get, &[Obj::NONE])?;
        let filters = if own.is_none() {
            attribute(ctx, "filters", own_filters)?
        } else {
            protocol::getattr_str(ctx, &own, "_filters")?
        };
        if filters.downcast::<PyList>().is_none() {
            let message = "_warnings.filters must be a list";
            return Err(raise!(ctx, ValueError, "{message}"));
        }
        // The program may change the list while it is looked through.
        let mut at = 0;
        while let Some(item) = filters.expect::<PyList>().to_vec(ctx).get(at) {
            if let Some(action) = self.fits(ctx, at, item, text, module)? {
                return Ok((action, item.clone()));
            }
            at += 1;
        }
        let default = attribute(ctx, "defaultaction", |ctx| Ok(str_::intern(ctx, "default")))?;
        if default.downcast::<PyStr>().is_none() {
            let class = protocol::type_name(ctx, &default);
            return Err(raise!(
                ctx,
                TypeError,
                "_warnings.defaultaction must be a string, not '{class}'"
            ));
        }
        Ok((default, Obj::NONE))
    }

    /// The action of a filter, if it is one for this warning.
    fn fits(
        &self,
        ctx: &mut Ctx,
        at: usize,
        item: &Obj,
        text: &Obj,
        module: &Obj,
    ) -> PyResult<Option<Obj>> {
        let parts = item.downcast::<PyTuple>().map(|item| item.items());
        let Some([action, message, category, place, line]) = parts else {
            let message = format!("warnings.filters item {at} isn't a 5-tuple");
            return Err(raise!(ctx, ValueError, "{message}"));
        };
        if action.downcast::<PyStr>().is_none() {
            let class = protocol::type_name(ctx, action);
            return Err(raise!(
                ctx,
                TypeError,
                "action must be a string, not '{class}'"
            ));
        }
        let fits = matches(ctx, message, text)?
            && matches(ctx, place, module)?
            && check::is_subclass(ctx, &self.category, category)?;
        let line = protocol::index_i64(ctx, line, None)?;
        Ok((fits && (line == 0 || line == self.line)).then(|| action.clone()))
    }

    fn show(&self, ctx: &mut Ctx, text: &Obj) -> PyResult<()> {
        // Relaxed: the thread that goes on has set it itself.
        let finalizing = rt(ctx).library.threads.finalizing.load(Relaxed);
        let module = match import::loaded(ctx, "warnings")? {
            Some(module) => Some(module),
            None if finalizing => None,
            None => Some(import::load(ctx, "warnings")?),
        };
        let show = match &module {
            Some(module) => {
                let name = str_::intern(ctx, "_showwarnmsg");
                protocol::find_attr(ctx, module, &name)?.filter(|show| !show.is_none())
            }
            None => None,
        };
        let (Some(module), Some(show)) = (module, show) else {
            let file = protocol::str_string(ctx, &self.filename)?;
            let class = protocol::getattr_str(ctx, &self.category, "__name__")?;
            let class = protocol::str_string(ctx, &class)?;
            let text = protocol::str_string(ctx, text)?;
            let line = format!("{file}:{}: {class}: {text}\n", self.line);
            sys::write_stderr(ctx, &line);
            return Ok(());
        };
        if !protocol::is_callable(ctx, &show) {
            let message = "warnings._showwarnmsg() must be set to a callable";
            return Err(raise!(ctx, TypeError, "{message}"));
        }
        if let Some(globals) = &self.globals {
            // The text may come from the module's loader.
            let lines = import::load(ctx, "linecache")?;
            let name = str_::intern(ctx, "getlines");
            let args = [self.filename.clone(), globals.clone()];
            protocol::call_method(ctx, &lines, &name, &args)?;
        }
        let line = int::from_i64(ctx, self.line)?;
        let class = protocol::getattr_str(ctx, &module, "WarningMessage")?;
        let name = str_::intern(ctx, "source");
        let args = Args {
            pos: &[
                self.message.clone(),
                self.category.clone(),
                self.filename.clone(),
                line,
            ],
            names: &[name],
            values: &[self.source.clone().unwrap_or(Obj::NONE)],
        };
        let shown = protocol::call_with(ctx, &class, args)?;
        protocol::call(ctx, &show, &[shown]).map(drop)
    }
}

/// Whether the pattern of a filter fits: a text that is equal, or something with a method `match`.
fn matches(ctx: &mut Ctx, pattern: &Obj, text: &Obj) -> PyResult<bool> {
    if pattern.is_none() {
        return Ok(true);
    }
    if pattern.downcast_exact::<PyStr>().is_some() {
        return protocol::equals(ctx, pattern, text);
    }
    let name = str_::intern(ctx, "match");
    let found = protocol::call_method(ctx, pattern, &name, std::slice::from_ref(text))?;
    protocol::truth(ctx, &found)
}

/// Whether a registry, made for the filters that there are, has this key; with `set` it has it then.
fn was_seen(ctx: &mut Ctx, registry: &Obj, key: &Obj, set: bool) -> PyResult<bool> {
    let registry = registry.expect::<PyDict>();
    let name = str_::intern(ctx, "version");
    let now = version(ctx)?;
    let known = registry.get_name(ctx, &name);
    if known.is_none_or(|known| int::to_i64(&known) != int::to_i64(&now)) {
        registry.clear_all(ctx);
        registry.set_name(ctx, &name, now)?;
    } else if let Some(seen) = registry.get(ctx, key)?
        && protocol::truth(ctx, &seen)?
    {
        return Ok(true);
    }
    if set {
        registry.set(ctx, key, Obj::TRUE)?;
    }
    Ok(false)
}

/// The module that a file seems to be.
fn module_of(ctx: &mut Ctx, filename: &Obj) -> PyResult {
    let name = protocol::str_string(ctx, filename)?;
    if name.is_empty() {
        return str_::new(ctx, "<unknown>");
    }
    match name.strip_suffix(".py") {
        Some(name) => str_::new(ctx, name),
        None => Ok(filename.clone()),
    }
}

/// What the module `warnings` calls so, where it is loaded and has it; what it would have at first.
fn attribute(ctx: &mut Ctx, name: &'static str, own: fn(&mut Ctx) -> PyResult) -> PyResult {
    if let Some(module) = import::loaded(ctx, "warnings")? {
        let name = str_::intern(ctx, name);
        // Names of a module that was taken down are None.
        if let Some(value) = protocol::find_attr(ctx, &module, &name)?
            && !value.is_none()
        {
            return Ok(value);
        }
    }
    own(ctx)
}

/// The filters that a program starts with.
pub(super) fn own_filters(ctx: &mut Ctx) -> PyResult {
    if let Some(filters) = rt(ctx).library.natives.warning_filters.get() {
        return Ok(filters.clone());
    }
    let mut filters = Vec::new();
    for (action, id, module) in [
        ("default", class::DeprecationWarning, Some("__main__")),
        ("ignore", class::DeprecationWarning, None),
        ("ignore", class::PendingDeprecationWarning, None),
        ("ignore", class::ImportWarning, None),
        ("ignore", class::ResourceWarning, None),
    ] {
        let module = module.map_or(Obj::NONE, |name| str_::intern(ctx, name));
        let category = type_object(ctx, id);
        let action = str_::intern(ctx, action);
        let parts = vec![action, Obj::NONE, category, module, Obj::small_int(0)];
        filters.push(tuple::from_vec(ctx, parts)?);
    }
    let filters = list::from_vec(ctx, filters)?;
    let place = &rt(ctx).library.natives.warning_filters;
    Ok(place.get_or_init(|| filters).clone())
}

/// The registry of what is shown once only.
pub(super) fn own_once(ctx: &mut Ctx) -> PyResult {
    let registry = dict::new(ctx)?;
    let place = &rt(ctx).library.natives.warnings_once;
    Ok(place.get_or_init(|| registry).clone())
}

/// The variable whose value has filters that only this context goes by.
pub(super) fn own_context(ctx: &mut Ctx) -> PyResult {
    if let Some(known) = rt(ctx).library.natives.warnings_context.get() {
        return Ok(known.clone());
    }
    let class = type_object(ctx, ids::CONTEXT_VAR);
    let name = str_::new(ctx, "_warnings_context")?;
    let variable = protocol::call(ctx, &class, &[name])?;
    let place = &rt(ctx).library.natives.warnings_context;
    Ok(place.get_or_init(|| variable).clone())
}
