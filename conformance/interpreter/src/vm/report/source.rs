//! Source lines for tracebacks: from files, and from texts that have no file.

use crate::parse::Origin;
use crate::prelude::*;
use alloc::sync::Arc;
use std::collections::HashMap;
use std::sync::Mutex;

/// Texts of code that was not read from a file (`-c`, the prompt), by file name object: the name
/// `<string>` may stand for any number of texts.
static REGISTERED: Mutex<Vec<(Arc<str>, Arc<str>)>> = Mutex::new(Vec::new());

/// Remembers the text that code with this very file name object was compiled from.
pub fn register(filename: &Arc<str>, text: &str) {
    let mut registered = REGISTERED.lock().unwrap_or_else(|e| e.into_inner());
    registered.push((filename.clone(), text.into()));
}

/// Forgets the text registered for this file name object.
pub fn forget(filename: &Arc<str>) {
    let mut registered = REGISTERED.lock().unwrap_or_else(|e| e.into_inner());
    registered.retain(|(name, _)| !Arc::ptr_eq(name, filename));
}

/// The source texts one report has needed so far.
#[derive(Default)]
pub(super) struct Sources {
    files: HashMap<String, Option<Arc<str>>>,
}

impl Sources {
    /// The lines from `first` to `last` without trailing whitespace; `None` without a source.
    pub(super) fn lines(
        &mut self,
        filename: &Arc<str>,
        first: u32,
        last: u32,
    ) -> Option<Vec<String>> {
        let text = self.text(filename)?;
        let line = |number: u32| text.split('\n').nth(number as usize - 1);
        line(first)?;
        Some(
            (first..=last)
                .map(|number| line(number).unwrap_or("").trim_end().to_owned())
                .collect(),
        )
    }

    fn text(&mut self, filename: &Arc<str>) -> Option<Arc<str>> {
        let registered = REGISTERED.lock().unwrap_or_else(|e| e.into_inner());
        let found = registered
            .iter()
            .find(|(name, _)| Arc::ptr_eq(name, filename));
        if let Some((_, text)) = found {
            return Some(text.clone());
        }
        drop(registered);
        if filename.starts_with('<') && filename.ends_with('>') {
            return None;
        }
        let read = || {
            let bytes = std::fs::read(filename.as_ref()).ok()?;
            let text = crate::parse::decode_source(&bytes, filename, Origin::Value).ok()?;
            Some(text.replace("\r\n", "\n").replace('\r', "\n").into())
        };
        self.files
            .entry(filename.to_string())
            .or_insert_with(read)
            .clone()
    }
}
