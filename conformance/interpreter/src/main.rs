//! `kit-python`: runs Python programs.

fn main() {
    let args: Vec<std::ffi::OsString> = std::env::args_os().collect();
    std::process::exit(kit_python::cli::main(args));
}
