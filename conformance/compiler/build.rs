//! A number that changes with the compiler and with what it makes, so that nobody takes code of another one for its own.

use std::path::{Path, PathBuf};
use std::{fs, io};

/// The source files below a directory, without those of tests.
fn sources(directory: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            sources(&path, found)?;
        } else if !path.ends_with("tests.rs") {
            println!("cargo::rerun-if-changed={}", path.display());
            found.push(path);
        }
    }
    Ok(())
}

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    let mut files = Vec::new();
    for directory in ["src", "../code/src"] {
        sources(Path::new(directory), &mut files)?;
    }
    files.sort();
    // FNV-1a.
    let mut sum = 0xcbf2_9ce4_8422_2325_u64;
    for file in files {
        for byte in fs::read(file)? {
            sum = (sum ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
    }
    let folded = (sum >> 48 ^ sum >> 32 ^ sum >> 16 ^ sum) as u16;
    println!("cargo::rustc-env=KIT_CODE_MAGIC={folded}");
    Ok(())
}
