//! `_ast`: syntax trees as objects.
//!
//! The parser makes trees of its own. `compile(..., PyCF_ONLY_AST)` turns one into nodes ([`from_tree`]); nodes are compiled by writing
//! them as a text whose offsets stand for their positions ([`to_source`]), so there is one way from a tree to code.
//!
//! | file        | what                                 |
//! |-------------|--------------------------------------|
//! | `classes`   | the grammar, and the classes of nodes |
//! | `node`      | what all nodes are                    |
//! | `from_tree` | from the parser's tree to nodes       |
//! | `optimized` | what nodes are asked for optimized   |
//! | `versions`  | what an older grammar lacks          |
//! | `to_source` | from nodes to a text for the parser   |

pub mod classes;
pub mod from_tree;
pub mod function_type;
pub mod node;
mod optimized;
pub mod to_source;
pub mod type_comments;
pub mod versions;

use crate::error::{PyResult, raise};
use crate::object::define::ModuleDef;
use crate::object::dict::{self, PyDict};
use crate::object::obj::Obj;
use crate::object::root::Root;
use crate::object::{module, protocol, str_};
use crate::vm::thread::{py, rt};
use kit_core::thread::Ctx;

/// What the module keeps.
#[derive(Default)]
pub struct State {
    /// The classes of nodes by name.
    pub classes: Root,
    /// The nodes of which there is one, by the names of their classes.
    pub singletons: Root,
}

/// Flags of `compile`.
pub mod flags {
    /// Nodes instead of code.
    pub const ONLY_AST: i64 = 0x400;
    /// The text may end too early.
    pub const DONT_IMPLY_DEDENT: i64 = 0x200;
    /// Comments may give types.
    pub const TYPE_COMMENTS: i64 = 0x1000;
    /// `await` may stand outside of functions.
    pub const ALLOW_TOP_LEVEL_AWAIT: i64 = 0x2000;
    /// Text that is incomplete is reported so.
    pub const ALLOW_INCOMPLETE_INPUT: i64 = 0x4000;
    /// Optimized nodes.
    pub const OPTIMIZED_AST: i64 = 0x8000 | ONLY_AST;
}

/// The classes of nodes, by name.
pub fn all_classes(ctx: &mut Ctx) -> PyResult {
    if let Some(known) = rt(ctx).library.ast.classes.get() {
        return Ok(known.clone());
    }
    node::start(ctx)?;
    let made = classes::make(ctx)?;
    // Another thread may have been faster.
    let _ = rt(ctx).library.ast.classes.set(made.clone());
    Ok(rt(ctx).library.ast.classes.get().cloned().unwrap_or(made))
}

/// The class with this name.
pub fn class(ctx: &mut Ctx, name: &str) -> PyResult {
    let all = all_classes(ctx)?;
    classes::find(ctx, &all, name)
}

/// The node of a class without fields.
pub fn singleton(ctx: &mut Ctx, name: &str) -> PyResult {
    let key = str_::intern_text(ctx, name)?;
    if rt(ctx).library.ast.singletons.get().is_none() {
        let empty = dict::new(ctx)?;
        let _ = rt(ctx).library.ast.singletons.set(empty);
    }
    let Some(known) = rt(ctx).library.ast.singletons.get().cloned() else {
        return Ok(Obj::NONE);
    };
    if let Some(found) = known.expect::<PyDict>().get_name(ctx, &key) {
        return Ok(found);
    }
    let class = class(ctx, name)?;
    let made = protocol::call(ctx, &class, &[])?;
    known.expect::<PyDict>().set_name(ctx, &key, made.clone())?;
    Ok(made)
}

/// RecursionError when native recursion is too deep; `marker` is a local variable of the caller.
fn check_depth(ctx: &mut Ctx, marker: *const u8) -> PyResult<()> {
    if (marker as usize) < py(ctx).native_limit {
        return Err(raise!(
            ctx,
            RecursionError,
            "maximum recursion depth exceeded during ast construction"
        ));
    }
    Ok(())
}

fn populate(ctx: &mut Ctx, this: &Obj) -> PyResult<()> {
    let all = all_classes(ctx)?;
    for name in protocol::collect(ctx, &all)? {
        let text = protocol::str_string(ctx, &name)?;
        let class = classes::find(ctx, &all, &text)?;
        module::add(ctx, this, &text, class)?;
    }
    for (name, value) in [
        ("PyCF_ONLY_AST", flags::ONLY_AST),
        ("PyCF_OPTIMIZED_AST", flags::OPTIMIZED_AST),
        ("PyCF_TYPE_COMMENTS", flags::TYPE_COMMENTS),
        ("PyCF_ALLOW_TOP_LEVEL_AWAIT", flags::ALLOW_TOP_LEVEL_AWAIT),
    ] {
        module::add(ctx, this, name, Obj::small_int(value))?;
    }
    Ok(())
}

/// `_ast`.
pub static MODULE: ModuleDef = ModuleDef {
    name: "_ast",
    functions: &[],
    types: &[&node::AST],
    populate,
    doc: "Syntax trees.",
};
