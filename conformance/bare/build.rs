//! Compiles the Python program for the image: the compiler stays on the machine that builds it.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/program.py");
    #[cfg(feature = "python")]
    python();
}

#[cfg(feature = "python")]
fn python() {
    use kit_python_compiler::{compile, parse};

    let source = std::fs::read_to_string("src/program.py").expect("the program is there");
    let parsed = parse::parse(&source, "program.py", parse::Mode::Exec)
        .unwrap_or_else(|error| panic!("{}", error.message));
    let compiled = compile::compile(&parsed, "program.py", compile::Options::default());
    let Ok(code) = compiled.code else {
        panic!("program.py does not compile");
    };
    let out = std::env::var_os("OUT_DIR").expect("cargo says where");
    let out = std::path::Path::new(&out).join("program.bin");
    std::fs::write(out, kit_python_code::pack::pack(&code)).expect("the program is written");
}
