//! Globals, namespaces, cells, imports.

use super::build;
use super::frame::{self, Base};
use super::slow::{borrow, consume, store};
use crate::code::local;
use crate::error::{PyResult, Raised, raise};
use crate::module::partial::{self, Hint};
use crate::object::cell::{self, PyCell};
use crate::object::dict::{self, PyDict};
use crate::object::exception::{self, class};
use crate::object::function::PyFunction;
use crate::object::names::names;
use crate::object::obj::Obj;
use crate::object::payload::Body;
use crate::object::str_::PyStr;
use crate::object::tuple::PyTuple;
use crate::object::type_::type_id_of;
use crate::object::{ids, protocol, str_};
use crate::prelude::*;
use kit_core::frame::layout::AUX;
use kit_core::refcount::stack_ref::{Borrowed, Fresh, StackRef};
use kit_core::thread::Ctx;

/// The name with the index in the unit after `pc`.
unsafe fn name_at<'a>(base: Base, pc: *const u32) -> &'a Obj {
    // SAFETY: verified code; the code object keeps its names.
    unsafe { frame::code(base).name_at(*pc.add(1) as usize) }
}

unsafe fn globals<'a>(base: Base) -> &'a Obj {
    // SAFETY: the frame keeps its function, the function its globals.
    unsafe { &frame::function(base).payload.globals }
}

unsafe fn builtins<'a>(base: Base) -> &'a Obj {
    // SAFETY: as `globals`.
    unsafe { &frame::function(base).payload.builtins }
}

/// The namespace mapping of a frame, if it is not its globals.
///
/// # Safety
/// - `base` is a frame's.
pub unsafe fn namespace<'a>(base: Base) -> Option<&'a Obj> {
    // SAFETY: the header word holds the mapping or null (or a generator, in frames without names).
    unsafe {
        let slot = &*base.offset(AUX);
        if slot.is_null() {
            None
        } else {
            Some(Obj::borrow_word(slot.as_word()))
        }
    }
}

// --- Globals -------------------------------------------------------------------------------------
// Cache of LOAD_GLOBAL: version and index of the entry in globals; or, with the third unit set, the
// version of globals (which lacks the name), index and version of the entry in builtins.

/// A global by its cache; `None` when the cache does not hold.
///
/// # Safety
/// - `base` is the running frame's, `pc` at its LOAD_GLOBAL.
#[inline(always)]
pub unsafe fn quick_global<'c>(ctx: &'c Ctx, base: Base, pc: *const u32) -> Option<Fresh<'c>> {
    // SAFETY: the caches of this thread's copy were written by `load_global` below.
    unsafe {
        let (version, index, outer) = (*pc.add(2), *pc.add(3), *pc.add(4));
        if version == 0 {
            return None;
        }
        let globals = &*globals(base).word().as_object().cast::<Body<PyDict>>();
        let word = if outer == 0 {
            globals.peek_value_at(ctx, version, index)
        } else {
            if !globals.has_version(ctx, version) {
                return None;
            }
            let builtins = &*builtins(base).word().as_object().cast::<Body<PyDict>>();
            builtins.peek_value_at(ctx, outer, index)
        };
        (!word.is_null()).then(|| Fresh::from_steal(ctx, word))
    }
}

/// `LOAD_GLOBAL`, filling the cache.
///
/// # Safety
/// - As [`quick_global`].
#[cold]
#[inline(never)]
pub unsafe fn load_global(ctx: &mut Ctx, base: Base, pc: *mut u32) -> PyResult<StackRef> {
    // SAFETY: by the contract.
    let (name, globals, builtins) = unsafe { (name_at(base, pc), globals(base), builtins(base)) };
    let dict = globals.expect::<PyDict>();
    // SAFETY: the cache units belong to this thread's copy.
    let cache = |version: u32, index: u32, outer: u32| unsafe {
        pc.add(2).write(version);
        pc.add(3).write(index);
        pc.add(4).write(outer);
    };
    // SAFETY: by the contract.
    if !unsafe { frame::code(base).may_specialize(pc) } || type_id_of(globals) != ids::DICT {
        // There is nothing to remember.
    } else if let Some((version, index)) = dict.cache_name(ctx, name) {
        cache(version, index, 0);
    } else if let Some(outer) = builtins.downcast::<PyDict>()
        && let version @ 1.. = dict.keys_version(ctx)
        && let Some((outer, index)) = outer.cache_name(ctx, name)
        && dict.get_name(ctx, name).is_none()
    {
        cache(version, index, outer);
    }
    match global(ctx, globals, builtins, name)? {
        Some(value) => Ok(value.into_ref(ctx)),
        None => Err(name_error(ctx, name)),
    }
}

fn global(ctx: &mut Ctx, globals: &Obj, builtins: &Obj, name: &Obj) -> PyResult<Option<Obj>> {
    if let Some(value) = globals.expect::<PyDict>().get_name(ctx, name) {
        return Ok(Some(value));
    }
    // A class of dicts may have something for what is missing.
    if type_id_of(globals) != ids::DICT
        && let Some(value) = item_of(ctx, globals, name)?
    {
        return Ok(Some(value));
    }
    match builtins.downcast::<PyDict>() {
        Some(builtins) => Ok(builtins.get_name(ctx, name)),
        None => item_of(ctx, builtins, name),
    }
}

/// `mapping[name]`, or `None` on KeyError.
fn item_of(ctx: &mut Ctx, mapping: &Obj, name: &Obj) -> PyResult<Option<Obj>> {
    match protocol::getitem(ctx, mapping, name) {
        Ok(value) => Ok(Some(value)),
        Err(raised) if exception::matches(ctx, &raised, class::KeyError) => {
            exception::take(ctx, raised);
            Ok(None)
        }
        Err(raised) => Err(raised),
    }
}

#[cold]
fn name_error(ctx: &mut Ctx, name: &Obj) -> Raised {
    let text = name.expect::<PyStr>().as_str_lossy().into_owned();
    exception::raise_name_error(
        ctx,
        class::NameError,
        &format!("name '{text}' is not defined"),
        name,
    )
}

/// `STORE_GLOBAL`.
///
/// # Safety
/// - `base` is the running frame's, `pc` at its instruction.
#[inline(never)]
pub unsafe fn store_global(ctx: &mut Ctx, base: Base, a: usize, pc: *mut u32) -> PyResult<()> {
    // SAFETY: by the contract; the cache units belong to this thread's copy.
    unsafe {
        let globals = globals(base).expect::<PyDict>();
        let value = frame::take_or_copy(ctx, base, a);
        let (version, index) = (*pc.add(2), *pc.add(3));
        let value = if version != 0 {
            match globals.set_value_at(ctx, version, index, value) {
                Ok(()) => {
                    ctx.drain();
                    return Ok(());
                }
                Err(value) => value,
            }
        } else {
            value
        };
        let name = name_at(base, pc);
        globals.set_name(ctx, name, value)?;
        if frame::code(base).may_specialize(pc)
            && let Some((version, index)) = globals.cache_name(ctx, name)
        {
            pc.add(2).write(version);
            pc.add(3).write(index);
        }
        ctx.drain();
    }
    Ok(())
}

/// `DELETE_GLOBAL`.
///
/// # Safety
/// - As [`store_global`].
#[inline(never)]
pub unsafe fn delete_global(ctx: &mut Ctx, base: Base, index: usize) -> PyResult<()> {
    // SAFETY: by the contract.
    let (name, globals) = unsafe { (frame::code(base).name_at(index), globals(base)) };
    match globals.expect::<PyDict>().remove_name(ctx, name) {
        Some(value) => {
            value.release(ctx);
            Ok(())
        }
        None => Err(name_error(ctx, name)),
    }
}

// --- Namespaces of modules and class bodies --------------------------------------------------------

/// `LOAD_NAME`.
///
/// # Safety
/// - As [`store_global`].
#[inline(never)]
pub unsafe fn load_name(ctx: &mut Ctx, base: Base, pc: *mut u32) -> PyResult<StackRef> {
    // SAFETY: by the contract.
    unsafe {
        if let Some(namespace) = namespace(base) {
            let name = name_at(base, pc);
            let found = match namespace.downcast_exact::<PyDict>() {
                Some(dict) => dict.get_name(ctx, name),
                None => item_of(ctx, namespace, name)?,
            };
            if let Some(value) = found {
                return Ok(value.into_ref(ctx));
            }
        }
        match quick_global(ctx, base, pc) {
            // The caller stores it at once.
            Some(found) => Ok(found.into_ref()),
            None => load_global(ctx, base, pc),
        }
    }
}

/// `STORE_NAME`.
///
/// # Safety
/// - As [`store_global`].
#[inline(never)]
pub unsafe fn store_name(ctx: &mut Ctx, base: Base, a: usize, pc: *mut u32) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        let Some(namespace) = namespace(base) else {
            return store_global(ctx, base, a, pc);
        };
        let name = name_at(base, pc);
        let value = frame::take_or_copy(ctx, base, a);
        match namespace.downcast_exact::<PyDict>() {
            Some(dict) => dict.set_name(ctx, name, value)?,
            None => protocol::setitem(ctx, namespace, name, Some(&value))?,
        }
        ctx.drain();
    }
    Ok(())
}

/// `DELETE_NAME`.
///
/// # Safety
/// - As [`store_global`].
#[inline(never)]
pub unsafe fn delete_name(ctx: &mut Ctx, base: Base, index: usize) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        let Some(namespace) = namespace(base) else {
            return delete_global(ctx, base, index);
        };
        let name = frame::code(base).name_at(index);
        match protocol::setitem(ctx, namespace, name, None) {
            Err(raised) if exception::matches(ctx, &raised, class::KeyError) => {
                exception::take(ctx, raised);
                Err(name_error(ctx, name))
            }
            result => result,
        }
    }
}

/// `LOAD_LOCALS`.
///
/// # Safety
/// - As [`store_global`].
#[inline(never)]
pub unsafe fn load_locals(ctx: &mut Ctx, base: Base) -> PyResult<StackRef> {
    // SAFETY: by the contract.
    let mapping = unsafe { namespace(base).unwrap_or(globals(base)) };
    Ok(mapping.clone().into_ref(ctx))
}

/// `LOAD_DICT_GLOBAL`.
///
/// # Safety
/// - As [`store_global`].
#[inline(never)]
pub unsafe fn load_dict_global(
    ctx: &mut Ctx,
    base: Base,
    a: usize,
    b: usize,
    index: usize,
) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        let name = frame::code(base).name_at(index);
        let value = match item_of(ctx, &borrow(base, b), name)? {
            Some(value) => value,
            None => match global(ctx, globals(base), builtins(base), name)? {
                Some(value) => value,
                None => return Err(name_error(ctx, name)),
            },
        };
        consume(ctx, base, b);
        store(ctx, base, a, value);
    }
    Ok(())
}

/// `LOAD_DICT_CELL`.
///
/// # Safety
/// - As [`store_global`].
#[inline(never)]
pub unsafe fn load_dict_cell(
    ctx: &mut Ctx,
    base: Base,
    a: usize,
    b: usize,
    c: usize,
    index: usize,
) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        let name = frame::code(base).name_at(index);
        let value = match item_of(ctx, &borrow(base, b), name)? {
            Some(value) => value,
            None => Obj::from_ref(load_cell(ctx, base, c)?),
        };
        consume(ctx, base, b);
        store(ctx, base, a, value);
    }
    Ok(())
}

/// `LOAD_BUILD_CLASS`.
///
/// # Safety
/// - As [`store_global`].
#[inline(never)]
pub unsafe fn load_build_class(ctx: &mut Ctx, base: Base) -> PyResult<StackRef> {
    let name = &names(ctx).build_class;
    // SAFETY: by the contract.
    match item_of(ctx, unsafe { builtins(base) }, name)? {
        Some(value) => Ok(value.into_ref(ctx)),
        None => Err(raise!(ctx, NameError, "__build_class__ not found")),
    }
}

/// `SETUP_ANNOTATIONS`.
///
/// # Safety
/// - As [`store_global`].
#[inline(never)]
pub unsafe fn setup_annotations(ctx: &mut Ctx, base: Base) -> PyResult<()> {
    // SAFETY: by the contract.
    let mapping = unsafe { namespace(base).unwrap_or(globals(base)) };
    let name = &names(ctx).annotations;
    if item_of(ctx, mapping, name)?.is_none() {
        let fresh = dict::new(ctx)?;
        protocol::setitem(ctx, mapping, name, Some(&fresh))?;
    }
    Ok(())
}

// --- Locals and cells ------------------------------------------------------------------------------

/// Raises for a local that is not bound.
///
/// # Safety
/// - As [`store_global`].
#[cold]
#[inline(never)]
pub unsafe fn unbound(ctx: &mut Ctx, base: Base, index: usize) -> PyResult<()> {
    // SAFETY: by the contract.
    let code = unsafe { frame::code(base) };
    let name = str_::intern(ctx, &code.code.local_names[index]);
    let text = &code.code.local_names[index];
    if code.code.local_kinds[index] & local::FREE != 0 {
        let message = format!(
            "cannot access free variable '{text}' where it is not associated with a value in enclosing scope"
        );
        return Err(exception::raise_name_error(
            ctx,
            class::NameError,
            &message,
            &name,
        ));
    }
    // Without its name: nothing else is meant.
    Err(raise!(
        ctx,
        UnboundLocalError,
        "cannot access local variable '{text}' where it is not associated with a value"
    ))
}

unsafe fn cell_at<'a>(base: Base, index: usize) -> &'a Body<PyCell> {
    // SAFETY: verified code: the register holds a cell.
    unsafe { &*(*base.add(index)).word().as_object().cast::<Body<PyCell>>() }
}

/// The content of a cell; `None` when it is empty, or must be asked properly.
///
/// # Safety
/// - As [`store_global`].
#[inline(always)]
pub unsafe fn quick_cell(ctx: &Ctx, base: Base, index: usize) -> Option<Fresh<'_>> {
    // SAFETY: by the contract.
    let found = unsafe { cell_at(base, index) }.value.try_get(ctx)?;
    (!found.is_null()).then_some(found)
}

/// `LOAD_CELL`.
///
/// # Safety
/// - As [`store_global`].
#[inline(never)]
pub unsafe fn load_cell(ctx: &mut Ctx, base: Base, index: usize) -> PyResult<StackRef> {
    // SAFETY: by the contract.
    unsafe {
        let cell = cell_at(base, index);
        match cell.value.get(ctx, &cell.header) {
            Some(value) => Ok(value.into_ref(ctx)),
            None => unbound(ctx, base, index).map(|()| StackRef::NULL),
        }
    }
}

/// `STORE_CELL`.
///
/// # Safety
/// - As [`store_global`].
#[inline(never)]
pub unsafe fn store_cell(ctx: &mut Ctx, base: Base, a: usize, b: usize) {
    // SAFETY: by the contract.
    unsafe {
        let value = frame::take_or_copy(ctx, base, b);
        let cell = cell_at(base, a);
        cell.value.set(ctx, &cell.header, Some(value));
    }
    ctx.drain();
}

/// `DELETE_CELL`.
///
/// # Safety
/// - As [`store_global`].
#[inline(never)]
pub unsafe fn delete_cell(ctx: &mut Ctx, base: Base, a: usize) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        let cell = cell_at(base, a);
        match cell.value.replace(ctx, &cell.header, None) {
            Some(value) => {
                value.release(ctx);
                Ok(())
            }
            None => unbound(ctx, base, a),
        }
    }
}

/// `MAKE_CELL`.
///
/// # Safety
/// - As [`store_global`].
#[inline(never)]
pub unsafe fn make_cell(ctx: &mut Ctx, base: Base, a: usize) -> PyResult<()> {
    // The variable stays as it is when there is no memory.
    let made = cell::new(ctx, None)?;
    let cell = made.expect::<PyCell>();
    // SAFETY: by the contract; the register's reference moves into the cell.
    unsafe {
        let content = Obj::from_nullable_ref((*base.add(a)).take());
        if content.is_some() {
            cell.value.set(ctx, &cell.header, content);
        }
        *base.add(a) = made.into_ref(ctx);
    }
    Ok(())
}

/// `COPY_FREE_VARS`. The cells are borrowed: the frame keeps its function, that its closure, and that the cells. So
/// threads that call one closure do not meet at their counts.
///
/// # Safety
/// - As [`store_global`].
#[inline]
pub unsafe fn copy_free(ctx: &mut Ctx, base: Base, a: usize, count: usize) {
    // SAFETY: a function of code with free variables has a closure of as many cells.
    unsafe {
        let function: &Body<PyFunction> = frame::function(base);
        if let Some(closure) = &function.payload.closure {
            for (index, cell) in closure
                .expect::<PyTuple>()
                .items()
                .iter()
                .take(count)
                .enumerate()
            {
                let cell = Borrowed::new(cell.word());
                *base.add(a + index) = Fresh::from_borrow(ctx, cell).into_ref();
            }
        }
    }
}

// --- Imports and the rest ------------------------------------------------------------------------

/// `IMPORT_NAME`.
///
/// # Safety
/// - As [`store_global`].
#[inline(never)]
pub unsafe fn import_name(
    ctx: &mut Ctx,
    base: Base,
    a: usize,
    b: usize,
    index: usize,
    level: u32,
) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        let name = frame::code(base).name_at(index);
        let import = match item_of(ctx, builtins(base), &names(ctx).import)? {
            Some(import) => import,
            None => return Err(raise!(ctx, ImportError, "__import__ not found")),
        };
        let globals = globals(base).clone();
        let locals = namespace(base).cloned().unwrap_or(Obj::NONE);
        let args = [
            name.clone(),
            globals,
            locals,
            borrow(base, b).clone(),
            Obj::small_int(level as i64),
        ];
        let module = protocol::call(ctx, &import, &args)?;
        consume(ctx, base, b);
        store(ctx, base, a, module);
    }
    Ok(())
}

/// `IMPORT_FROM`.
///
/// # Safety
/// - As [`store_global`].
#[inline(never)]
pub unsafe fn import_from(
    ctx: &mut Ctx,
    base: Base,
    a: usize,
    b: usize,
    index: usize,
) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        let name = frame::code(base).name_at(index);
        let module = borrow(base, b);
        let value = match protocol::find_attr(ctx, &module, name)? {
            Some(value) => value,
            // In a circle of imports the submodule may be there, and no attribute of its package yet.
            None => match submodule(ctx, &module, name)? {
                Some(value) => value,
                None => return Err(cannot_import(ctx, &module, name)?),
            },
        };
        store(ctx, base, a, value);
    }
    Ok(())
}

#[cold]
fn submodule(ctx: &mut Ctx, module: &Obj, name: &Obj) -> PyResult<Option<Obj>> {
    let Some(package) = protocol::find_attr(ctx, module, &names(ctx).name)? else {
        return Ok(None);
    };
    let (Some(package), Some(name)) = (package.downcast::<PyStr>(), name.downcast::<PyStr>())
    else {
        return Ok(None);
    };
    let full = format!("{}.{}", package.as_str_lossy(), name.as_str_lossy());
    crate::module::import::loaded(ctx, &full)
}

#[cold]
fn cannot_import(ctx: &mut Ctx, module: &Obj, name: &Obj) -> PyResult<Raised> {
    let package = protocol::find_attr(ctx, module, &names(ctx).name)?;
    let package_text = match &package {
        Some(package) => protocol::str_string(ctx, package)?,
        None => "<unknown module name>".to_owned(),
    };
    let file = protocol::find_attr(ctx, module, &names(ctx).file)?;
    let place = match &file {
        Some(file) => protocol::str_string(ctx, file)?,
        None => "unknown location".to_owned(),
    };
    let text = name.expect::<PyStr>().as_str_lossy().into_owned();
    let message = match partial::hint(ctx, module) {
        Hint::None => format!("cannot import name '{text}' from '{package_text}' ({place})"),
        Hint::Partial => format!(
            "cannot import name '{text}' from partially initialized module '{package_text}' \
             (most likely due to a circular import) ({place})"
        ),
        Hint::Remark(remark) => {
            format!("cannot import name '{text}' from '{package_text}' {remark}")
        }
    };
    let package = package.unwrap_or(Obj::NONE);
    Ok(exception::raise_import_error(
        ctx,
        class::ImportError,
        &message,
        &package,
        Some(name),
    ))
}

/// The error for what a module gives as a name in one of its attributes and is none.
#[cold]
fn no_name(
    ctx: &mut Ctx,
    module: &Obj,
    [what, attribute]: [&str; 2],
    name: &Obj,
) -> PyResult<Raised> {
    let class = protocol::type_name(ctx, name);
    let module = protocol::find_attr(ctx, module, &names(ctx).name)?.unwrap_or(Obj::NONE);
    let module = protocol::str_string(ctx, &module)?;
    Ok(raise!(
        ctx,
        TypeError,
        "{what} in {module}.{attribute} must be str, not {class}"
    ))
}

/// `IMPORT_STAR`.
///
/// # Safety
/// - As [`store_global`].
#[inline(never)]
pub unsafe fn import_star(ctx: &mut Ctx, base: Base, a: usize) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        let module = borrow(base, a);
        let target = namespace(base).unwrap_or(globals(base));
        match protocol::find_attr(ctx, &module, &names(ctx).all)? {
            Some(all) => {
                for name in protocol::collect(ctx, &all)? {
                    if name.downcast::<PyStr>().is_none() {
                        return Err(no_name(ctx, &module, ["Item", "__all__"], &name)?);
                    }
                    let name = str_::intern_obj(ctx, &name)?;
                    let value = protocol::getattr(ctx, &module, &name)?;
                    protocol::setitem(ctx, target, &name, Some(&value))?;
                }
            }
            None => {
                let Some(dict) = protocol::find_attr(ctx, &module, &names(ctx).dict)? else {
                    return Err(raise!(
                        ctx,
                        ImportError,
                        "from-import-* object has no __dict__ and no __all__"
                    ));
                };
                // What stands for a module may give anything for it.
                for (name, value) in build::pairs_of(ctx, &dict, None)? {
                    let Some(text) = name.downcast::<PyStr>() else {
                        return Err(no_name(ctx, &module, ["Key", "__dict__"], &name)?);
                    };
                    if !text.bytes().starts_with(b"_") {
                        protocol::setitem(ctx, target, &name, Some(&value))?;
                    }
                }
            }
        }
        consume(ctx, base, a);
    }
    Ok(())
}

/// `PRINT_EXPR`.
///
/// # Safety
/// - As [`store_global`].
#[inline(never)]
pub unsafe fn print_expr(ctx: &mut Ctx, base: Base, a: usize) -> PyResult<()> {
    // SAFETY: by the contract.
    unsafe {
        let hook = super::exec::sys_attribute(ctx, "displayhook")?;
        match hook {
            Some(hook) => drop(protocol::call(
                ctx,
                &hook,
                core::slice::from_ref(&borrow(base, a)),
            )?),
            None => return Err(raise!(ctx, RuntimeError, "lost sys.displayhook")),
        }
        consume(ctx, base, a);
    }
    Ok(())
}
