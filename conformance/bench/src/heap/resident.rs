//! What programs' blocks occupy: `bench heap resident [--runs N] [NAME]...`.
//!
//! Each program runs once on a heap that writes down what it is asked for ([`record-heap`](super)). Then one process per
//! allocator and sample takes and gives back the same blocks in the same order, on one thread, and fills each. What
//! counts is the most that was resident, less what was before the first block.

use super::alone::Random;
use crate::machine::Machine;
use crate::stats::{Series, geometric_mean};
use kit_alloc::paged::Heap;
use kit_core::backend::grace::NoReaders;
use kit_core::backend::heap::{HeapKind, SharedHeap};
use kit_std::platform::pages::OsPages;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::ptr::{self, NonNull};
use std::{env, process};

/// What takes the blocks, and whether it may ask for huge pages, as mimalloc does of itself: a few blocks are then 2 MiB.
const ALLOCATORS: [(&str, bool); 4] = [
    ("kit", false),
    ("malloc", false),
    ("mimalloc", false),
    ("mimalloc", true),
];

/// The kit may occupy so many times as much as mimalloc, on pages of the same size.
const GOAL: f64 = 1.1;

pub(super) fn run(arguments: &[String]) -> Result<(), String> {
    if let [flag, allocator, file] = arguments
        && flag == "--replay"
    {
        println!("{}", replay(allocator, Path::new(file))?);
        return Ok(());
    }
    let (mut runs, mut names) = (3, Vec::new());
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match argument.as_str() {
            "--runs" => {
                let number = rest.next().and_then(|text| text.parse().ok());
                runs = number.ok_or("--runs needs a number")?;
            }
            name => names.push(name),
        }
    }
    let me = env::current_exe().map_err(|error| error.to_string())?;
    let recorder = me.with_file_name("examples").join("record-heap");
    let file = env::temp_dir().join(format!("kit-bench-{}.trace", process::id()));
    println!("{}\n", Machine::look(None).commit);
    println!(
        "| program | blocks | kit, KiB | malloc | mimalloc | on huge pages | kit / mimalloc | goal |"
    );
    println!("|---|--:|--:|--:|--:|--:|--:|--:|");
    let mut ratios = Vec::new();
    for program in programs()? {
        let name = program.file_stem().unwrap_or_default().to_string_lossy();
        if !names.is_empty() && !names.contains(&&*name) {
            continue;
        }
        let status = Command::new(&recorder)
            .args([&file, &program])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .map_err(|error| format!("{}: {error}", recorder.display()))?;
        let blocks = fs::metadata(&file).map_or(0, |data| data.len() / 8);
        if status.code().is_none() || blocks == 0 {
            println!("| {name} | {status} |");
            continue;
        }
        let mut most = ALLOCATORS.map(|_| Series::default());
        for _ in 0..runs {
            for ((allocator, huge), most) in ALLOCATORS.iter().zip(&mut most) {
                let output = Command::new(&me)
                    .args(["heap", "resident", "--replay", allocator])
                    .arg(&file)
                    .env("MIMALLOC_ALLOW_THP", if *huge { "1" } else { "0" })
                    .output()
                    .map_err(|error| error.to_string())?;
                let text = String::from_utf8_lossy(&output.stdout);
                let bytes = text.trim().parse::<f64>();
                most.push(bytes.map_err(|_| {
                    format!(
                        "{name}, {allocator}: {}",
                        String::from_utf8_lossy(&output.stderr)
                    )
                })?);
            }
        }
        let [kit, malloc, mimalloc, huge] = most.map(|most| most.median() / 1024.0);
        let ratio = kit / mimalloc;
        ratios.push(ratio);
        println!(
            "| {name} | {blocks} | {kit:.0} | {malloc:.0} | {mimalloc:.0} | {huge:.0} | {ratio:.2} | ≤ {GOAL} |"
        );
    }
    let _ = fs::remove_file(&file);
    if let Some(mean) = geometric_mean(ratios.iter().copied()) {
        let met = ratios.iter().filter(|&&ratio| ratio <= GOAL).count();
        println!(
            "\n{} programs, {met} within {GOAL}; geometric mean {mean:.2}.",
            ratios.len()
        );
    }
    Ok(())
}

/// The sample programs, and those that are measured, which need no argument, input or file.
fn programs() -> Result<Vec<PathBuf>, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("programs")];
    let samples = root.join("../programs");
    let failed = |error| format!("{}: {error}", samples.display());
    for entry in fs::read_dir(&samples).map_err(failed)? {
        folders.push(entry.map_err(failed)?.path());
    }
    let mut programs = Vec::new();
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        for entry in fs::read_dir(folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let is_program = path.extension().is_some_and(|extension| extension == "py");
            if is_program && !path.with_extension("toml").exists() {
                let source = fs::read_to_string(&path).map_err(failed)?;
                if !source.contains("open(path") {
                    programs.push(path);
                }
            }
        }
    }
    programs.sort();
    Ok(programs)
}

/// Takes and gives back what a trace says; the most bytes that were resident.
fn replay(allocator: &str, trace: &Path) -> Result<u64, String> {
    match allocator {
        "kit" => {
            let heap = Heap::new(&OsPages, &NoReaders);
            // SAFETY: the only thread of the heap, which stays where it is and is dropped after.
            let local = unsafe { heap.local(1) }.ok_or("no memory")?;
            replay_with(trace, |kind, size, block| match block {
                None => local.alloc(kind, size),
                Some(block) => {
                    // SAFETY: allocated here, and freed once.
                    unsafe { local.free(block) };
                    None
                }
            })
        }
        "malloc" => replay_with(trace, |_, size, block| {
            calls(size, block, libc_malloc, libc_free)
        }),
        "mimalloc" => replay_with(trace, |_, size, block| {
            // SAFETY: as `calls` demands.
            calls(
                size,
                block,
                |size| unsafe { libmimalloc_sys::mi_malloc(size) }.cast(),
                |block| unsafe {
                    libmimalloc_sys::mi_free(block.cast());
                },
            )
        }),
        _ => Err(format!("there is no allocator {allocator}")),
    }
}

fn libc_malloc(size: usize) -> *mut u8 {
    unsafe extern "C" {
        safe fn malloc(size: usize) -> *mut u8;
    }
    malloc(size)
}

fn libc_free(block: *mut u8) {
    unsafe extern "C" {
        fn free(block: *mut u8);
    }
    // SAFETY: `calls` frees what it allocated, once.
    unsafe { free(block) }
}

/// `alloc`, or `free` of a block of the same allocator.
fn calls(
    size: usize,
    block: Option<NonNull<u8>>,
    alloc: impl Fn(usize) -> *mut u8,
    free: impl Fn(*mut u8),
) -> Option<NonNull<u8>> {
    match block {
        None => NonNull::new(alloc(size)),
        Some(block) => {
            free(block.as_ptr());
            None
        }
    }
}

fn replay_with(
    trace: &Path,
    mut step: impl FnMut(HeapKind, usize, Option<NonNull<u8>>) -> Option<NonNull<u8>>,
) -> Result<u64, String> {
    let failed = |error| format!("{}: {error}", trace.display());
    let mut file = File::open(trace).map_err(failed)?;
    let most = file.metadata().map_err(failed)?.len() / 8;
    // All of it is touched before the first block, so that it does not count.
    let mut blocks = vec![ptr::dangling_mut::<u8>(); most as usize];
    let mut buffer = [1_u8; 64 << 10];
    let mut random = Random(1);
    // Forgets what was resident before.
    let _ = fs::write("/proc/self/clear_refs", "5");
    let before = status("VmHWM")?;
    loop {
        let read = file.read(&mut buffer).map_err(failed)?;
        if read == 0 {
            break;
        }
        for bytes in buffer[..read].as_chunks::<8>().0 {
            let word = u64::from_le_bytes(*bytes);
            let kind = HeapKind::from_index((word >> 1) as u8);
            let number = (word >> 3) as usize & ((1 << 28) - 1);
            let size = (word >> 31) as usize;
            if word & 1 != 0 {
                step(kind, 0, NonNull::new(blocks[number]));
                continue;
            }
            let block = step(kind, size, None).ok_or("no memory")?;
            blocks[number] = block.as_ptr();
            // The counts of an object stay as they are in a fresh block.
            let from = if kind.is_object() {
                kind.header_offset() + 16
            } else {
                0
            };
            let fill = random.below(256) as u8;
            // SAFETY: inside the block.
            unsafe {
                block
                    .add(from.min(size))
                    .write_bytes(fill, size.saturating_sub(from))
            };
        }
    }
    Ok(status("VmHWM")?.saturating_sub(before) << 10)
}

/// A number of KiB in what the system says of this process.
fn status(key: &str) -> Result<u64, String> {
    let text = fs::read_to_string("/proc/self/status").map_err(|error| error.to_string())?;
    (text.lines())
        .find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))
        .and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .ok_or_else(|| format!("no {key}"))
}
