//! `kit-python`: runs Python programs.

/// Runs before the standard library begins, which opens those of the first three descriptors that are closed.
#[used]
#[cfg_attr(target_os = "macos", unsafe(link_section = "__DATA,__mod_init_func"))]
#[cfg_attr(not(target_os = "macos"), unsafe(link_section = ".init_array"))]
static FIRST: extern "C" fn() = kit_python::cli::note_closed_streams;

fn main() {
    let args: Vec<std::ffi::OsString> = std::env::args_os().collect();
    std::process::exit(kit_python::cli::main(args));
}
