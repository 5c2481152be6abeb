//! The library's modules that are written in Python: part of the program, compressed; unpacked when they are imported.
//!
//! They look like files of a directory that is not there, [`ROOT`], which stands last in `sys.path`. A real directory can stand
//! there instead (`-X stdlib=DIR`, `PYTHONHOME`).

use std::borrow::Cow;
use std::path::Path;
use std::{fs, io};

/// The directory that the modules seem to be in.
pub const ROOT: &str = "<stdlib>";

/// Paths, where their streams start, and sizes of the texts; in order of the paths.
static FILES: &[(&str, usize, usize)] = include!(concat!(env!("OUT_DIR"), "/library.rs"));

static PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/library.bin"));

/// The path inside the library, if this is one.
fn inside(path: &str) -> Option<&str> {
    let rest = path.strip_prefix(ROOT)?;
    if rest.is_empty() {
        return Some(rest);
    }
    rest.strip_prefix('/')
}

fn find(path: &str) -> Option<usize> {
    FILES
        .binary_search_by(|(name, ..)| by_parts(name, path))
        .ok()
}

/// Paths in the order that sorting them part by part gives.
fn by_parts(a: &str, b: &str) -> std::cmp::Ordering {
    a.split('/').cmp(b.split('/'))
}

/// Whether the path leads into the library.
pub fn is_inside(path: &str) -> bool {
    inside(path).is_some()
}

/// Whether there is such a file.
pub fn is_file(path: &str) -> bool {
    match inside(path) {
        Some(path) => find(path).is_some(),
        None => Path::new(path).is_file(),
    }
}

/// Whether there is such a directory.
pub fn is_directory(path: &str) -> bool {
    let Some(path) = inside(path) else {
        return Path::new(path).is_dir();
    };
    let directory = path.trim_end_matches('/');
    directory.is_empty()
        || FILES.iter().any(|(name, ..)| {
            name.strip_prefix(directory)
                .is_some_and(|rest| rest.starts_with('/'))
        })
}

/// The text of a file, of the library or not.
///
/// # Errors
/// There is none, or it cannot be read.
pub fn read(path: &str) -> io::Result<Cow<'static, [u8]>> {
    let Some(inner) = inside(path) else {
        return fs::read(path).map(Cow::Owned);
    };
    let Some(index) = find(inner) else {
        return Err(io::ErrorKind::NotFound.into());
    };
    let (_, start, size) = FILES[index];
    let end = FILES.get(index + 1).map_or(PACKED.len(), |next| next.1);
    let unpacked = miniz_oxide::inflate::decompress_to_vec_with_limit(&PACKED[start..end], size);
    unpacked
        .map(Cow::Owned)
        .map_err(|_| io::ErrorKind::InvalidData.into())
}

/// What is directly in a directory of the library.
pub fn list(path: &str) -> Vec<&'static str> {
    let Some(directory) = inside(path) else {
        return Vec::new();
    };
    let directory = directory.trim_end_matches('/');
    let mut names: Vec<&str> = Vec::new();
    for (name, ..) in FILES {
        let rest = if directory.is_empty() {
            Some(*name)
        } else {
            name.strip_prefix(directory)
                .and_then(|rest| rest.strip_prefix('/'))
        };
        if let Some(own) = rest.and_then(|rest| rest.split('/').next())
            && names.last() != Some(&own)
        {
            names.push(own);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_found_and_unpacks_to_its_size() {
        for (name, _, size) in FILES {
            let path = format!("{ROOT}/{name}");
            assert!(is_file(&path), "{path}");
            assert_eq!(
                read(&path).map(|text| text.len()).ok(),
                Some(*size),
                "{path}"
            );
        }
        assert!(!is_file("<stdlib>/no_such_module.py"));
        assert!(read("<stdlib>/re").is_err());
    }

    #[test]
    fn directories_list_what_is_in_them() {
        assert!(is_directory(ROOT) && is_directory("<stdlib>/re") && !is_directory("<stdlib>/r"));
        let listed = list("<stdlib>/re");
        assert!(listed.contains(&"__init__.py") && listed.contains(&"_parser.py"));
        assert!(list(ROOT).contains(&"json") && list(ROOT).contains(&"types.py"));
    }
}
