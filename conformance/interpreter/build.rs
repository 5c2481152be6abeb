//! With `std`: packs the library's modules that are written in Python, with their licence: each compressed on its own, and a table of
//! where they are. And the Unicode character database.

#[cfg(feature = "std")]
mod library {
    use std::fmt::Write as _;
    use std::path::{Path, PathBuf};
    use std::{env, fs, io};

    /// What needs a windowing system, or installs packages.
    const LEFT_OUT: &[&str] = &[
        "__pycache__",
        "ensurepip",
        "idlelib",
        "test",
        "tkinter",
        "turtle.py",
        "turtledemo",
    ];

    /// Where the library does not fit this interpreter: the file, what is there, and what is to be there.
    const CHANGES: &[(&str, &str, &str)] = &[
        ("site.py", "return 'RustPython'", "return 'Python'"),
        ("site.py", "/lib/rustpython{", "/lib/python{"),
        // The library is in no directory that could be found by another path.
        (
            "site.py",
            "    try:\n        dir = os.path.abspath(dir)",
            "    if dir.startswith('<stdlib>'):\n        return dir, dir\n    try:\n        dir = os.path.abspath(dir)",
        ),
        // A thread may end before it can say that it has begun, for want of memory: who starts it waits for either, hears
        // of it, and nothing of the thread stays behind.
        (
            "threading.py",
            "class Thread:\n",
            "class _Begun(Event):\n    def __init__(self, handle):\n        super().__init__()\n        self._handle = handle\n\n    def set(self):\n        super().set()\n        self._handle._set_begun()\n\n    def wait(self):\n        self._handle._wait_begun()\n        return self.is_set()\n\n\nclass Thread:\n",
        ),
        (
            "threading.py",
            "self._started = Event()",
            "self._started = _Begun(self._os_thread_handle)",
        ),
        (
            "threading.py",
            "        self._started.wait()  # Will set ident and native_id\n",
            "        if not self._started.wait():\n            with _active_limbo_lock:\n                _limbo.pop(self, None)\n            raise RuntimeError(\"can't start new thread\")\n",
        ),
        (
            "threading.py",
            "        with _active_limbo_lock:\n            _limbo[self] = self\n\n",
            "",
        ),
        (
            "threading.py",
            "        try:\n            # Start joinable thread\n",
            "        with _active_limbo_lock:\n            _limbo[self] = self\n        try:\n            # Start joinable thread\n",
        ),
        (
            "threading.py",
            "            del _active[get_ident()]\n",
            "            _active.pop(get_ident(), None)\n            _limbo.pop(self, None)\n",
        ),
    ];

    /// The text of a file of the library.
    fn text_of(name: &str, file: &Path) -> io::Result<Vec<u8>> {
        let mut text = fs::read(file)?;
        for (_, old, new) in CHANGES.iter().filter(|(known, ..)| *known == name) {
            let before = String::from_utf8_lossy(&text).into_owned();
            assert!(before.contains(old), "{name} has no {old}");
            text = before.replace(old, new).into_bytes();
        }
        Ok(text)
    }

    fn collect(directory: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
        for entry in fs::read_dir(directory)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str());
            if name.is_none_or(|name| LEFT_OUT.contains(&name)) {
                continue;
            }
            if path.is_dir() {
                collect(&path, found)?;
            } else if path.extension().is_some_and(|extension| extension == "py")
                || name == Some("PSF-LICENSE")
            {
                found.push(path);
            }
        }
        Ok(())
    }

    pub fn pack() -> io::Result<()> {
        const CHARACTERS: &str = "src/text/unicode_data.txt";
        println!("cargo::rerun-if-changed={CHARACTERS}");
        let library = Path::new(rustpython_pylib::LIB_PATH);
        let mut files = Vec::new();
        collect(library, &mut files)?;
        files.sort();
        let (mut packed, mut table) = (Vec::new(), String::new());
        for file in &files {
            let name = file.strip_prefix(library).unwrap_or(file);
            let name = name.display().to_string();
            let text = text_of(&name, file)?;
            let stream = miniz_oxide::deflate::compress_to_vec(&text, 9);
            let (start, size) = (packed.len(), text.len());
            let _ = writeln!(table, "    (\"{name}\", {start}, {size}),");
            packed.extend(stream);
        }
        let out = env::var_os("OUT_DIR")
            .map(PathBuf::from)
            .unwrap_or_default();
        let characters = miniz_oxide::deflate::compress_to_vec(&fs::read(CHARACTERS)?, 9);
        fs::write(out.join("unicode_data.bin"), characters)?;
        fs::write(out.join("library.bin"), packed)?;
        fs::write(out.join("library.rs"), format!("&[\n{table}]\n"))
    }
}

fn main() -> std::io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    #[cfg(feature = "std")]
    library::pack()?;
    Ok(())
}
