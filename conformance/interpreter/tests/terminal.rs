//! The interactive prompt on a real terminal: a pseudo-terminal whose keys this test presses and whose screen
//! it reads. It waits for text, up to a deadline, and never for time to pass.

use std::ffi::{CStr, OsStr};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, FromRawFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);

const UP: &str = "\x1b[A";
const LEFT: &str = "\x1b[D";
const BACKSPACE: &str = "\x7f";
const CTRL_A: &str = "\x01";
const CTRL_C: &str = "\x03";
const CTRL_D: &str = "\x04";

/// What the program has written, without the sequences that move the cursor and the like.
#[derive(Default)]
struct Screen {
    text: Mutex<(Vec<u8>, bool)>,
    changed: Condvar,
}

struct Session {
    keys: File,
    screen: Arc<Screen>,
    child: Child,
    /// How much of the screen was waited for already.
    seen: usize,
    /// Where history is kept.
    home: PathBuf,
}

/// A folder of its own for each session that asks for one.
fn fresh_home(name: &str) -> PathBuf {
    let home = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("terminal-{name}"));
    let _ = std::fs::remove_dir_all(&home);
    std::fs::create_dir_all(&home).expect("a folder for the session");
    home
}

/// The two ends of a new terminal. Neither is inherited by a program that another test starts just now: a terminal ends for its
/// reader when nobody has the other end.
fn open_terminal() -> (File, File) {
    // SAFETY: no more than flags is passed.
    let master = unsafe { libc::posix_openpt(libc::O_RDWR | libc::O_NOCTTY | libc::O_CLOEXEC) };
    assert!(master >= 0, "a pseudo-terminal");
    // SAFETY: it was just opened, and belongs to nobody else.
    let master = unsafe { File::from_raw_fd(master) };
    let mut name = [0; 64];
    // SAFETY: the descriptor is a terminal's; the name and its length are those of the array.
    let name = unsafe {
        assert_eq!(libc::grantpt(master.as_raw_fd()), 0);
        assert_eq!(libc::unlockpt(master.as_raw_fd()), 0);
        assert_eq!(
            libc::ptsname_r(master.as_raw_fd(), name.as_mut_ptr(), name.len()),
            0
        );
        CStr::from_ptr(name.as_ptr())
    };
    let slave = OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(libc::O_NOCTTY)
        .open(OsStr::from_bytes(name.to_bytes()))
        .expect("the other end");
    (master, slave)
}

impl Session {
    fn start(name: &str) -> Session {
        Session::with(fresh_home(name), "xterm", &[])
    }

    fn with(home: PathBuf, term: &str, args: &[&str]) -> Session {
        let (master, slave) = open_terminal();
        // A terminal sends the signal for Ctrl-C and *then* drops what was written to it: sometimes the answer. Not this one.
        // SAFETY: the settings are read before they are used.
        unsafe {
            let mut settings: libc::termios = std::mem::zeroed();
            assert_eq!(libc::tcgetattr(slave.as_raw_fd(), &mut settings), 0);
            settings.c_lflag |= libc::NOFLSH;
            assert_eq!(
                libc::tcsetattr(slave.as_raw_fd(), libc::TCSANOW, &settings),
                0
            );
        }
        let end = || Stdio::from(slave.try_clone().expect("a descriptor"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_kit-python"));
        command
            .args(args)
            .env_clear()
            .env("TERM", term)
            .env("HOME", &home)
            .stdin(end())
            .stdout(end())
            .stderr(end());
        // SAFETY: both calls may be made between fork and exec.
        unsafe {
            command.pre_exec(|| {
                libc::setsid();
                // The terminal becomes that of the session, so that Ctrl-C is a signal.
                libc::ioctl(0, libc::TIOCSCTTY, 0);
                Ok(())
            });
        }
        let child = command.spawn().expect("the interpreter starts");
        drop(command);
        drop(slave);
        let screen = Arc::new(Screen::default());
        let (mut output, writer) = (master.try_clone().expect("a descriptor"), screen.clone());
        thread::spawn(move || {
            let mut block = [0; 4096];
            loop {
                // An error: the last process that had the terminal is gone.
                let count = output.read(&mut block).unwrap_or(0);
                let mut text = writer.text.lock().expect("no panic inside");
                text.0.extend_from_slice(&block[..count]);
                text.1 = count == 0;
                writer.changed.notify_all();
                if count == 0 {
                    return;
                }
            }
        });
        Session {
            keys: master,
            screen,
            child,
            seen: 0,
            home,
        }
    }

    fn press(&mut self, keys: &str) {
        self.keys
            .write_all(keys.as_bytes())
            .expect("keys are taken");
    }

    /// Waits until the screen shows `wanted` after what was waited for before.
    fn expect(&mut self, wanted: &str) {
        let deadline = Instant::now() + PATIENCE;
        let mut text = self.screen.text.lock().expect("no panic inside");
        loop {
            let plain = without_sequences(&text.0);
            if let Some(at) = plain[self.seen.min(plain.len())..].find(wanted) {
                self.seen += at + wanted.len();
                return;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || text.1 {
                panic!(
                    "no {wanted:?} on the screen:\n{plain:?}\nseen {}",
                    self.seen
                );
            }
            text = self
                .screen
                .changed
                .wait_timeout(text, left)
                .expect("no panic inside")
                .0;
        }
    }

    /// Types a line at the prompt and waits for what it prints.
    fn enter(&mut self, line: &str, shown: &str) {
        self.expect(">>> ");
        self.press(line);
        self.press("\r");
        self.expect(&format!("\r\n{shown}"));
    }

    /// Waits for the program to end.
    fn status(mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        let mut text = self.screen.text.lock().expect("no panic inside");
        while !text.1 {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero(),
                "still running:\n{:?}",
                without_sequences(&text.0)
            );
            text = self
                .screen
                .changed
                .wait_timeout(text, left)
                .expect("no panic inside")
                .0;
        }
        drop(text);
        self.child.wait().expect("a status")
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Fails where it has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The text without control sequences: `ESC [ … letter`, and the like.
fn without_sequences(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut plain = String::new();
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c != '\x1b' {
            plain.push(c);
        } else if rest.next() == Some('[') {
            for c in rest.by_ref() {
                if ('@'..='~').contains(&c) {
                    break;
                }
            }
        }
    }
    plain
}

#[test]
fn values_are_shown_and_remembered() {
    let mut session = Session::start("values");
    session.enter("6*7", "42\r\n");
    session.enter("_+1", "43\r\n");
    session.enter("None", "");
    session.enter("'é' * 3", "'ééé'\r\n");
    session.enter("exit()", "");
    assert_eq!(session.status().code(), Some(0));
}

#[test]
fn statements_of_several_lines() {
    let mut session = Session::start("lines");
    session.expect(">>> ");
    for line in ["for i in range(2):", "    print('line', i)"] {
        session.press(line);
        session.press("\r");
        session.expect("... ");
    }
    session.press("\r");
    session.expect("\r\nline 0\r\nline 1\r\n");
    for (lines, shown) in [
        (&["x = [1,", "2,", "3]", "x"][..], "[1, 2, 3]\r\n"),
        (&["\"\"\"a", "b\"\"\""][..], "'a\\nb'\r\n"),
        (
            &["@staticmethod", "def f():", "    return 5", "", "f()"][..],
            "5\r\n",
        ),
        (&["1 + \\", "1"][..], "2\r\n"),
    ] {
        for line in lines {
            session.press(line);
            session.press("\r");
        }
        session.expect(&format!("\r\n{shown}"));
    }
    session.expect(">>> ");
    session.press(CTRL_D);
    assert_eq!(session.status().code(), Some(0));
}

#[test]
fn lines_are_edited_and_recalled() {
    let mut session = Session::start("editing");
    session.enter("x = 41", "");
    session.expect(">>> ");
    session.press(&format!("{UP}{BACKSPACE}2\r"));
    session.enter("x", "42\r\n");
    session.expect(">>> ");
    session.press(&format!("10{LEFT}{LEFT}{BACKSPACE}9\r"));
    session.expect("\r\n910\r\n");
    session.expect(">>> ");
    session.press(&format!("* 2{CTRL_A}x \r"));
    session.expect("\r\n84\r\n");
    session.expect(">>> ");
    // Tab completes a name.
    session.press("longish_name = 5\r");
    session.expect(">>> ");
    session.press("longi\t + 1\r");
    session.expect("\r\n6\r\n");
}

#[test]
fn history_outlives_the_session() {
    let mut first = Session::start("history");
    first.enter("kept = 'from before'", "");
    first.expect(">>> ");
    for line in ["if kept:", "    print(kept.upper())", ""] {
        first.press(line);
        first.press("\r");
    }
    first.expect("\r\nFROM BEFORE\r\n");
    first.expect(">>> ");
    let home = first.home.clone();
    // However it ends.
    drop(first);

    let mut second = Session::with(home, "xterm", &["-q"]);
    second.expect(">>> ");
    // Up goes through the lines of a statement, too.
    second.press(&format!("{UP}{UP}{UP}\r"));
    second.expect("kept = 'from before'");
    second.enter("kept", "'from before'\r\n");
    second.expect(">>> ");
    second.press(CTRL_D);
    assert_eq!(second.status().code(), Some(0));
}

#[test]
fn ctrl_c_at_the_prompt_drops_what_was_typed() {
    let mut session = Session::start("prompt");
    session.expect(">>> ");
    session.press("1/0");
    session.expect("1/0");
    session.press(CTRL_C);
    session.expect("KeyboardInterrupt\r\n");
    session.expect(">>> ");
    session.press("if 1:\r");
    session.expect("... ");
    session.press(CTRL_C);
    session.expect("KeyboardInterrupt\r\n");
    session.enter("'still ' + 'here'", "'still here'\r\n");
}

#[test]
fn ctrl_c_interrupts_a_statement() {
    let mut session = Session::start("statement");
    session.enter("import time", "");
    for waiting in ["time.sleep(600)", "[0 for _ in iter(int, 1)]", "input()"] {
        session.expect(">>> ");
        session.press(&format!("print('wait' + 'ing'); {waiting}\r"));
        session.expect("\r\nwaiting\r\n");
        session.press(CTRL_C);
        session.expect("KeyboardInterrupt\r\n");
    }
    session.enter("'still ' + 'here'", "'still here'\r\n");
}

#[test]
fn errors_name_the_input_they_come_from() {
    let mut session = Session::start("errors");
    session.enter("def f(): return 1/0", "");
    session.expect("... ");
    session.press("\r");
    session.enter(
        "f()",
        "Traceback (most recent call last):\r\n  File \"<python-input-1>\", line 1, in <module>\r\n    f()\r\n    \
         ~^^\r\n  File \"<python-input-0>\", line 1, in f\r\n    def f(): return 1/0\r\n                    \
         ~^~\r\nZeroDivisionError: division by zero\r\n",
    );
    session.enter("x = ", "  File \"<python-input-2>\", line 1\r\n");
    session.enter("import sys; sys.last_exc.msg", "'invalid syntax'\r\n");
    session.enter("raise SystemExit(7)", "");
    assert_eq!(session.status().code(), Some(7));
}

#[test]
fn a_pasted_text_may_have_several_statements() {
    let mut session = Session::start("paste");
    session.expect(">>> ");
    session.press("\x1b[200~a = 1\ndef f(x):\n    return x + a\n\nf(4)\x1b[201~\r");
    session.expect("\r\n5\r\n");
    session.expect(">>> ");
    session.press("exit\r");
    assert_eq!(session.status().code(), Some(0));
}

#[test]
fn a_program_may_be_looked_at_afterwards() {
    let home = fresh_home("inspect");
    let file = home.join("program.py");
    std::fs::write(&file, "value = 'left behind'\n1/0\n").expect("a program");
    let mut session = Session::with(home, "xterm", &["-i", file.to_str().expect("UTF-8")]);
    session.expect("ZeroDivisionError: division by zero\r\n");
    session.enter("value", "'left behind'\r\n");
    session.enter("import sys; sys.ps1 = '$ '", "");
    session.expect("$ ");
    session.press(CTRL_D);
    assert_eq!(session.status().code(), Some(0));
}

#[test]
fn a_dumb_terminal_will_do() {
    let mut session = Session::with(fresh_home("dumb"), "dumb", &["-q"]);
    session.enter("6*7", "42\r\n");
    session.expect(">>> ");
    session.press("while not print('bu' + 'sy'):\r");
    session.expect("... ");
    session.press(" while True: pass\r");
    session.expect("... ");
    session.press("\r");
    session.expect("\r\nbusy\r\n");
    session.press(CTRL_C);
    session.expect("KeyboardInterrupt\r\n");
    session.enter(
        "1/0",
        "Traceback (most recent call last):\r\n  File \"<stdin>\", line 1, in <module>\r\n",
    );
    session.expect(">>> ");
    session.press(CTRL_D);
    assert_eq!(session.status().code(), Some(0));
}

#[test]
fn the_prompt_of_asyncio_awaits() {
    let mut session = Session::with(fresh_home("asyncio"), "xterm", &["-m", "asyncio"]);
    session.expect(">>> import asyncio\r\n");
    session.expect(">>> ");
    session.press("await asyncio.sleep(0, 'rested')\r");
    session.expect("'rested'\r\n");
    session.expect(">>> ");
    session.press("exit()\r");
    assert_eq!(session.status().code(), Some(0));
}
