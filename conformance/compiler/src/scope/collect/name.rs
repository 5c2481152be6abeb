//! What a scope does with a name: reads it, binds it, declares where it is.

use super::Collector;
use crate::code::Name;
use crate::scope::{ScopeKind, mangle, usage};
use ruff_python_ast::{self as ast};
use ruff_text_size::TextRange;

impl Collector {
    pub(super) fn mangled(&self, name: &str) -> Name {
        self.scopes.all[self.at].mangle(name)
    }

    pub(super) fn add(&mut self, name: &str, what: u16) {
        let name = self.mangled(name);
        self.here().add(&name, what);
    }

    pub(super) fn bind(&mut self, name: &str, range: TextRange) {
        if name == "__debug__" {
            self.fail("cannot assign to __debug__", range);
        }
        self.add(name, usage::ASSIGNED);
    }

    pub(super) fn import(&mut self, name: &str, range: TextRange) {
        if name == "__debug__" {
            self.fail("cannot assign to __debug__", range);
        }
        self.add(name, usage::IMPORTED);
    }

    pub(super) fn read(&mut self, name: &str) {
        self.add(name, usage::USED);
        let function = self.scopes.all[self.at].is_function_like();
        if name == "super" && function {
            self.add("__class__", usage::USED);
        }
    }

    pub(super) fn declare(&mut self, names: &[ast::Identifier], range: TextRange, what: u16) {
        let word = if what == usage::GLOBAL {
            "global"
        } else {
            "nonlocal"
        };
        for name in names {
            let mangled = self.mangled(name);
            let used = self.here().usage(&mangled);
            let problem = if used & usage::PARAMETER != 0 {
                Some(format!("name '{name}' is parameter and {word}"))
            } else if used & usage::USED != 0 {
                Some(format!("name '{name}' is used prior to {word} declaration"))
            } else if used & usage::ANNOTATED != 0 {
                Some(format!("annotated name '{name}' can't be {word}"))
            } else if used & usage::ASSIGNED != 0 {
                Some(format!(
                    "name '{name}' is assigned to before {word} declaration"
                ))
            } else {
                None
            };
            if let Some(problem) = problem {
                return self.fail(problem, range);
            }
            self.here().add(&mangled, what);
            if what == usage::GLOBAL {
                // The module's own statements then mean the global too, not a name of the namespace they run in.
                self.scopes.all[0].add(&mangled, what);
            }
            self.here().declared.push((mangled, range));
        }
    }

    pub(super) fn instance_attribute(&mut self, attr: &str) {
        let mut at = self.at;
        while let Some(parent) = self.scopes.all[at].parent {
            at = parent;
            if self.scopes.all[at].kind == ScopeKind::Class {
                let name = mangle(self.scopes.all[at].private.as_ref(), attr);
                let attrs = &mut self.scopes.all[at].instance_attrs;
                if !attrs.contains(&name) {
                    attrs.push(name);
                }
                return;
            }
        }
    }
}
