//! One run of a program in a process of its own: how long it took, and what it printed.

use std::ffi::OsString;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// What a run gave.
pub struct Sample {
    /// From start to end.
    pub seconds: f64,
    /// Its standard output.
    pub output: Vec<u8>,
    /// Its standard error.
    pub errors: String,
}

/// Runs a program to its end.
///
/// # Errors
/// It does not start, fails, or takes longer than `limit`; says which.
pub fn run(program: &Path, arguments: &[OsString], limit: Duration) -> Result<Sample, String> {
    let mut samples = run_together(program, arguments, 1, limit)?;
    samples.pop().ok_or_else(|| "nothing ran".to_owned())
}

/// Runs `count` processes of a program at the same time. The time of each is that until the last ended.
///
/// # Errors
/// As [`run`].
pub fn run_together(
    program: &Path,
    arguments: &[OsString],
    count: usize,
    limit: Duration,
) -> Result<Vec<Sample>, String> {
    let children: Arc<Mutex<Vec<Child>>> = Arc::default();
    let (done, guard) = mpsc::channel::<()>();
    let watched = Arc::clone(&children);
    // Waiting is reading the outputs to their ends; the watchman makes that end in time.
    let watchman = thread::spawn(move || {
        let late = guard.recv_timeout(limit) == Err(RecvTimeoutError::Timeout);
        if late {
            for child in watched
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .iter_mut()
            {
                let _ = child.kill();
            }
        }
        late
    });
    let begin = Instant::now();
    let mut pipes = Vec::new();
    for _ in 0..count {
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{}: {error}", program.display()))?;
        pipes.push((child.stdout.take(), child.stderr.take()));
        children
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(child);
    }
    let mut samples = Vec::new();
    for (output, errors) in pipes {
        let mut sample = Sample {
            seconds: 0.0,
            output: Vec::new(),
            errors: String::new(),
        };
        if let (Some(mut output), Some(mut errors)) = (output, errors) {
            // The programs print little, so that neither pipe fills up while the other is read.
            let _ = output.read_to_end(&mut sample.output);
            let mut bytes = Vec::new();
            let _ = errors.read_to_end(&mut bytes);
            sample.errors = String::from_utf8_lossy(&bytes).into_owned();
        }
        samples.push(sample);
    }
    let mut failure = None;
    for (child, sample) in children
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .iter_mut()
        .zip(&samples)
    {
        let status = child.wait().map_err(|error| error.to_string())?;
        if !status.success() {
            let last = sample.errors.trim_end().lines().next_back().unwrap_or("");
            failure = Some(format!("{status}: {last}"));
        }
    }
    let seconds = begin.elapsed().as_secs_f64();
    drop(done);
    if watchman.join().unwrap_or(false) {
        return Err(format!("took more than {} s", limit.as_secs()));
    }
    if let Some(failure) = failure {
        return Err(failure);
    }
    for sample in &mut samples {
        sample.seconds = seconds;
    }
    Ok(samples)
}
