//! What environment variables and `-X` options say besides the command line's letters.

use super::options::Options;
use crate::vm::thread::rt;
use kit_core::thread::Ctx;
use std::sync::atomic::Ordering::Relaxed;

/// The environment variable, if it counts and is not empty.
pub fn variable(options: &Options, name: &str) -> Option<String> {
    if options.ignore_environment {
        return None;
    }
    let value = std::env::var_os(name)?;
    (!value.is_empty()).then(|| value.to_string_lossy().into_owned())
}

/// The value of `-X name`, empty without one.
pub fn given<'a>(options: &'a Options, name: &str) -> Option<&'a str> {
    let mut values = options.implementation.iter().rev().filter_map(|option| {
        let (known, value) = option.split_once('=').unwrap_or((option, ""));
        (known == name).then_some(value)
    });
    values.next()
}

/// The value of a variable that switches something on: a number, or any text for 1.
fn level(options: &Options, name: &str) -> u8 {
    let value = variable(options, name);
    value.map_or(0, |value| value.parse().unwrap_or(1))
}

/// Adds what the environment says to the letters of the command line.
pub fn complete(options: &mut Options) {
    options.optimize = options
        .optimize
        .max(level(options, "PYTHONOPTIMIZE"))
        .min(2);
    options.debug = options.debug.max(level(options, "PYTHONDEBUG").min(1));
    options.verbose = options.verbose.max(level(options, "PYTHONVERBOSE"));
    options.inspect |= level(options, "PYTHONINSPECT") > 0;
    options.no_user_site |= level(options, "PYTHONNOUSERSITE") > 0;
    options.safe_path |= variable(options, "PYTHONSAFEPATH").is_some();
}

/// Sets what programs meet later.
///
/// # Errors
/// What is wrong with an option or a variable.
pub fn apply(ctx: &Ctx, options: &Options) -> Result<(), String> {
    let settings = &rt(ctx).library.settings;
    settings.bytes_warning.store(options.bytes_warning, Relaxed);
    settings.verbose.store(options.verbose, Relaxed);
    settings
        .ignore_environment
        .store(options.ignore_environment, Relaxed);
    let time = match given(options, "importtime") {
        Some(value) => Some(value.to_owned()),
        None => variable(options, "PYTHONPROFILEIMPORTTIME"),
    };
    if let Some(value) = time {
        let level = if value == "2" { 2 } else { 1 };
        settings.import_time.store(level, Relaxed);
    }
    if let Some((place, value)) = either(options, "cpu_count", "PYTHON_CPU_COUNT")
        && value != "default"
    {
        match value.parse() {
            Ok(count) if count > 0 => settings.cpu_count.store(count, Relaxed),
            _ => {
                return Err(format!(
                    "{place}: n is missing or an invalid number, n must be greater than 0"
                ));
            }
        }
    }
    if let Some((place, value)) = either(options, "int_max_str_digits", "PYTHONINTMAXSTRDIGITS") {
        match value.parse::<u32>() {
            Ok(digits) if digits == 0 || digits >= 640 => {
                rt(ctx).max_str_digits.store(digits, Relaxed);
            }
            _ => {
                return Err(format!(
                    "{place}: invalid limit; must be >= 640 or 0 for unlimited."
                ));
            }
        }
    }
    Ok(())
}

/// What an option says, or a variable otherwise; and which.
pub fn either(options: &Options, option: &str, name: &str) -> Option<(String, String)> {
    match given(options, option) {
        Some(value) => Some((format!("-X {option}"), value.to_owned())),
        None => variable(options, name).map(|value| (name.to_owned(), value)),
    }
}
