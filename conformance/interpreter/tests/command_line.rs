//! `-m` and what is done before and after a program, as another process sees it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A folder of its own for a test, empty.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("command_line")
        .join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the folder can be made");
    folder
}

fn write(folder: &Path, name: &str, text: &str) {
    let file = folder.join(name);
    if let Some(parent) = file.parent() {
        fs::create_dir_all(parent).expect("the folder can be made");
    }
    fs::write(file, text).expect("the file can be written");
}

/// Output, errors and status; the interpreter's path is `python` there.
fn run(folder: &Path, args: &[&str], path: &str) -> (String, String, i32) {
    let program = env!("CARGO_BIN_EXE_kit-python");
    let done = Command::new(program)
        .args(args)
        .current_dir(folder)
        .env("COLUMNS", "80")
        .env("PYTHONPATH", path)
        .stdin(Stdio::null())
        .output()
        .expect("the interpreter starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(program, "python");
    let status = done.status.code().unwrap_or(-1);
    (text(&done.stdout), text(&done.stderr), status)
}

#[track_caller]
fn prints(folder: &Path, args: &[&str], path: &str, expected: &str) {
    let (out, err, _) = run(folder, args, path);
    assert_eq!(out + &err, expected);
}

#[test]
fn modules_that_run_are_named_as_they_were_asked_for() {
    let here = folder("named");
    for name in [
        "json",
        "json.tool",
        "calendar",
        "random",
        "tokenize",
        "zipfile",
        "py_compile",
    ] {
        let (_, err, status) = run(&here, &["-m", name, "--no-such-option"], "");
        let start = format!("usage: kit-python -m {name} ");
        assert!(err.starts_with(&start), "{name}: {err}");
        assert_eq!(status, 2, "{name}");
    }
    write(&here, "package/__init__.py", "");
    let main = "print(__spec__.name, __name__, __package__)";
    write(&here, "package/__main__.py", main);
    let part = "print(__spec__.name, __spec__.parent, __loader__ is __spec__.loader)";
    write(&here, "package/part.py", part);
    let expected = "package.__main__ __main__ package\n";
    prints(&here, &["-m", "package"], "", expected);
    let expected = "package.part package True\n";
    prints(&here, &["-m", "package.part"], "", expected);
}

#[test]
fn modules_that_cannot_run_are_refused_by_the_program_in_full() {
    let here = folder("refused");
    for (name, why) in [
        ("nowhere", "No module named nowhere"),
        ("sys", "No code object available for sys"),
        (
            "xml",
            "No module named xml.__main__; 'xml' is a package and cannot be directly executed",
        ),
    ] {
        prints(&here, &["-m", name], "", &format!("python: {why}\n"));
    }
}

#[test]
fn directories_archives_and_compiled_files_are_programs() {
    let here = folder("containers");
    let say = "import sys, os\nprint(__name__, os.path.basename(__file__), os.path.basename(sys.path[0]), os.path.basename(sys.argv[0]), sys.argv[1:], __package__ == '', __spec__ is None)\n";
    write(&here, "folder/__main__.py", say);
    write(&here, "folder/pack/__init__.py", "");
    write(
        &here,
        "folder/pack/inner.py",
        "print(__name__, __package__)\n",
    );
    write(&here, "plain.py", &format!("{say}print(__cached__)\n"));
    let make = "import os, py_compile, shutil, sys
shutil.make_archive('packed', 'zip', 'folder')
os.rename('packed.zip', 'packed.app')
py_compile.compile('plain.py', 'plain.pyc', doraise=True)
os.mkdir('compiled')
py_compile.compile('folder/__main__.py', 'compiled/__main__.pyc', doraise=True)
os.mkdir('empty')
";
    prints(&here, &["-c", make], "", "");
    let container =
        |name: &str, file: &str| format!("__main__ {file} {name} {name} ['a'] True False\n");
    let folder = container("folder", "__main__.py");
    prints(&here, &["folder", "a"], "", &folder);
    prints(&here, &["-P", "folder", "a"], "", &folder);
    let packed = container("packed.app", "__main__.py");
    prints(&here, &["packed.app", "a"], "", &packed);
    let compiled = container("compiled", "__main__.pyc");
    prints(&here, &["compiled", "a"], "", &compiled);
    let plain = "__main__ plain.pyc containers plain.pyc ['a'] False True\nNone\n";
    prints(&here, &["plain.pyc", "a"], "", plain);
    let (out, err, status) = run(&here, &["-m", "pack.inner"], "packed.app");
    assert_eq!((&*out, &*err, status), ("__main__ pack\n", "", 0));
    let (out, err, status) = run(&here, &["empty"], "");
    assert!(err.contains("can't find '__main__' module in '"), "{err}");
    assert_eq!((&*out, status), ("", 1));
    write(&here, "wrong.pyc", "no code");
    let (_, err, status) = run(&here, &["wrong.pyc"], "");
    assert!(
        err.ends_with("RuntimeError: Bad magic number in .pyc file\n"),
        "{err}"
    );
    assert_eq!(status, 1);
}

#[test]
fn modules_of_the_interpreter_in_python_run() {
    let here = folder("own");
    let text = "import json.decoder, nowhere\nfrom os import path, sep\nx = 1\ndef f():\n    global y\n    y = 2\n";
    write(&here, "sample.py", text);
    let (out, err, status) = run(&here, &["-m", "dis", "sample.py"], "");
    assert!(out.contains("IMPORT_NAME") && out.contains("'y'"), "{out}");
    assert_eq!((err.as_str(), status), ("", 0));
    let program = "import modulefinder
m = modulefinder.ModuleFinder()
m.run_script('sample.py')
print('json.decoder' in m.modules, sorted(m.modules['__main__'].globalnames), 'nowhere' in m.badmodules)";
    let expected = "True ['f', 'json', 'nowhere', 'path', 'sep', 'x', 'y'] True\n";
    prints(&here, &["-c", program], "", expected);
    let (out, _, _) = run(&here, &["-m", "pydoc", "assert"], "");
    assert!(out.starts_with("The \"assert\" statement\n"), "{out}");
    let (out, err, status) = run(&here, &["-m", "asyncio"], "");
    assert!(
        (out + &err).contains("exiting asyncio REPL..."),
        "status {status}"
    );
    let (out, _, _) = run(&here, &["-m", "site", "--user-site"], "");
    assert!(out.contains("/lib/python3.14"), "{out}");
}

#[test]
fn customizing_modules_come_first() {
    let here = folder("customized");
    let early = "import sys\nprint('site', len(sys.path) > 0)\nsys.early = 1\n";
    write(&here, "early/sitecustomize.py", early);
    write(
        &here,
        "early/usercustomize.py",
        "raise ValueError('mine')\n",
    );
    let say = "import sys; print(getattr(sys, 'early', None))";
    prints(&here, &["-s", "-c", say], "early", "site True\n1\n");
    let error = "Error in usercustomize; set PYTHONVERBOSE for traceback:\nValueError: mine\n";
    prints(
        &here,
        &["-c", say],
        "early",
        &format!("site True\n1\n{error}"),
    );
    prints(&here, &["-S", "-c", say], "early", "None\n");
    prints(&here, &["-I", "-c", say], "early", "None\n");
    prints(&here, &["-c", say], "", "None\n");
}

/// `-O` and `-OO` are for all that the program compiles: what it imports, and what it gives to `compile`, `exec` and `eval`.
#[test]
fn optimization_concerns_all_that_is_compiled() {
    let here = folder("optimized");
    let module = "'doc'\ntry:\n    assert False\nexcept AssertionError:\n    said = 'kept'\nelse:\n    said = 'gone'\n";
    write(&here, "checked.py", module);
    let program = "import os, sys
sys.dont_write_bytecode = False
import checked
tag = sys.implementation.cache_tag
space = {}
exec('try:\\n assert 0\\n said = 1\\nexcept AssertionError: said = 2', space)
code = compile('try:\\n assert 0\\n said = 1\\nexcept AssertionError: said = 2', 'f', 'exec', optimize=0)
kept = {}
exec(code, kept)
print(checked.said, checked.__doc__, space['said'], kept['said'], eval('__debug__'), sorted(name.replace(tag, 'tag') for name in os.listdir('__pycache__')))";
    for (options, said) in [
        (&[][..], "kept doc 2 2 True ['checked.tag.pyc']"),
        (
            &["-O"],
            "gone doc 1 2 False ['checked.tag.opt-1.pyc', 'checked.tag.pyc']",
        ),
        (
            &["-OO"],
            "gone None 1 2 False ['checked.tag.opt-1.pyc', 'checked.tag.opt-2.pyc', 'checked.tag.pyc']",
        ),
    ] {
        for _ in 0..2 {
            let args = [options, &["-c", program]].concat();
            prints(&here, &args, "", &format!("{said}\n"));
        }
    }
}

/// What the environment and options say of hashes, compiled files and places.
#[test]
fn options_come_before_the_environment() {
    let here = folder("options");
    let say = "import sys; print(sys.flags.hash_randomization, sys.flags.debug, sys.pycache_prefix, '' in sys.path[1:])";
    let line = |words: &str, options: &str| {
        shell(&here, &format!("{words} python {options} -c \"{say}\""))
    };
    let fine = |said: &str| (format!("{said}\n"), 0);
    assert_eq!(line("PYTHONHASHSEED=0", ""), fine("0 0 None False"));
    assert_eq!(line("PYTHONHASHSEED=0", "-R"), fine("1 0 None False"));
    assert_eq!(
        line("PYTHONDEBUG=2 PYTHONPATH=", ""),
        fine("1 1 None False")
    );
    let prefix = "PYTHONPYCACHEPREFIX=there";
    assert_eq!(line(prefix, ""), fine("1 0 there False"));
    assert_eq!(
        line(prefix, "-X pycache_prefix=here"),
        fine("1 0 here False")
    );
    assert_eq!(line(prefix, "-X pycache_prefix"), fine("1 0 None False"));
}

#[test]
fn what_is_registered_while_the_program_ends_comes_too_late() {
    let here = folder("late");
    let text = "import atexit
def last(): print('last')
def adds():
    print('adds')
    atexit.register(print, 'late')
    atexit.unregister(last)
atexit.register(last)
atexit.register(adds)
";
    write(&here, "late.py", text);
    prints(&here, &["late.py"], "", "adds\nlast\n");
}

/// What a shell's line prints in which `python` stands for the interpreter, and its status.
fn shell(folder: &Path, line: &str) -> (String, i32) {
    let line = line.replace("python", env!("CARGO_BIN_EXE_kit-python"));
    let done = Command::new("sh")
        .args(["-c", &line])
        .current_dir(folder)
        .output()
        .expect("the shell starts");
    let text = String::from_utf8_lossy(&done.stdout) + String::from_utf8_lossy(&done.stderr);
    (text.into_owned(), done.status.code().unwrap_or(-1))
}

#[test]
fn streams_that_are_closed_are_none_and_files_do_not_take_their_place() {
    let here = folder("closed");
    write(
        &here,
        "look.py",
        "
import logging, os, sys
with open('seen', 'w') as file:
    print(*(stream is None for stream in (sys.stdin, sys.__stdout__, sys.stderr)), file=file)
    try:
        input()
    except (RuntimeError, EOFError) as error:
        print(repr(error), file=file)
    print('said')
    logging.warning('warned')
    os.write(1, b'')
    file.flush()
    raise ValueError
",
    );
    let lost = |name: &str| format!("RuntimeError('lost sys.{name}')");
    for (closed, seen, error) in [
        ("<&-", "True False False", lost("stdin")),
        ("</dev/null >&-", "False True False", lost("stdout")),
        ("</dev/null 2>&-", "False False True", lost("stderr")),
        ("<&- >&-", "True True False", lost("stdin")),
        ("<&- >&- 2>&-", "True True True", lost("stdin")),
        (
            "</dev/null",
            "False False False",
            "EOFError('EOF when reading a line')".to_owned(),
        ),
    ] {
        let (said, status) = shell(&here, &format!("python look.py {closed}"));
        assert_eq!(status, 1, "{closed}: {said}");
        let is_open = seen.split(' ').nth(1) == Some("False");
        assert_eq!(said.contains("said"), is_open, "{closed}: {said}");
        let found = fs::read_to_string(here.join("seen")).expect("it was written");
        assert_eq!(found, format!("{seen}\n{error}\n"), "{closed}");
    }
}

#[test]
fn streams_that_are_directories_are_refused() {
    let here = folder("directories");
    for (given, problem) in [
        ("<.", "<stdin> is a directory, cannot continue"),
        (
            ">&2 1<.",
            "can't initialize sys standard streams\nIsADirectoryError: [Errno 21] Is a directory: 1",
        ),
    ] {
        let (said, status) = shell(&here, &format!("python -c 'print(1)' {given}"));
        let expected = format!("Fatal Python error: init_sys_streams: {problem}\n");
        assert_eq!((said, status), (expected, 1), "{given}");
    }
}
