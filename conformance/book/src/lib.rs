//! The code of the book in `docs/book`, chapter by chapter: `cargo test -p kit-book` compiles and runs it.

macro_rules! chapters {
    ($($name:ident $file:literal)*) => {$(
        #[cfg(doctest)]
        #[doc = include_str!(concat!("../../../docs/book/src/", $file))]
        pub struct $name;
    )*};
}

chapters! {
    FirstLanguage "first-language.md"
    Objects "objects.md"
    Threads "threads.md"
    Limits "limits.md"
    Porting "porting.md"
    Memory "porting-memory.md"
    Platform "porting-platform.md"
    Suite "porting-suite.md"
    Pieces "pieces.md"
}
