//! References that belong to no stay.

use super::context::Ctx;
use super::language::Language;
use super::value::Value;
use alloc::sync::Arc;
use core::fmt;
use core::mem::ManuallyDrop;
use kit_core::object::Word;

/// A reference for any thread, attached or not, for as long as it likes. It keeps a value alive, and gives it to
/// who is in the value's language.
#[derive(Clone)]
pub struct Global(Arc<Held>);

struct Held {
    language: &'static Language,
    word: Word,
}

// SAFETY: the word is only copied, by a thread that is in the language; and given back as `drop` says.
unsafe impl Send for Held {}
// SAFETY: as above.
unsafe impl Sync for Held {}

impl Global {
    pub(super) fn new(language: &'static Language, value: Value<'_>) -> Global {
        let word = value.into_word();
        Global(Arc::new(Held { language, word }))
    }

    /// The value.
    ///
    /// # Errors
    /// It is another language's.
    pub fn get<'a>(&self, ctx: &Ctx<'a>) -> Result<Value<'a>, WrongLanguage> {
        if !core::ptr::eq(self.0.language, ctx.language()) {
            return Err(WrongLanguage);
        }
        // SAFETY: the reference that is held keeps the object; the copy is made without giving it up.
        let held = ManuallyDrop::new(unsafe { Value::from_word(self.0.word) });
        Ok((*held).clone())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.language.release(self.word);
    }
}

impl fmt::Debug for Global {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Global").field(&self.0.word).finish()
    }
}

/// A value was asked for in a language that is not its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrongLanguage;

impl fmt::Display for WrongLanguage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the value belongs to another language")
    }
}

impl core::error::Error for WrongLanguage {}
