//! The report as text.

use crate::Report;
use crate::stats::{Series, geometric_mean};
use std::fmt::Write;

/// Writes the report.
pub fn write(report: &Report) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = try_write(&mut text, report);
    text
}

fn try_write(text: &mut String, report: &Report) -> std::fmt::Result {
    let machine = &report.machine;
    writeln!(text, "# Results\n")?;
    writeln!(text, "{}", machine.line())?;
    writeln!(
        text,
        "Medians of {} runs, each in a process of its own, in turns. Times are from start to end.\n",
        report.runs
    )?;
    writeln!(text, "    bench {}\n", report.command)?;

    let counted = report.rows.iter().any(|row| row.instructions.is_some());
    writeln!(text, "## One thread\n")?;
    write!(text, "| program | kit-python | CPython | times as fast |")?;
    writeln!(text, "{}", if counted { " instructions |" } else { "" })?;
    writeln!(
        text,
        "|---|--:|--:|--:|{}",
        if counted { "--:|" } else { "" }
    )?;
    for row in &report.rows {
        match (&row.problem, row.ratio()) {
            (Some(problem), _) => write!(text, "| {} | {} | | |", row.name, cell(problem))?,
            (None, ratio) => write!(
                text,
                "| {} | {} | {} | {} |",
                row.name,
                time(&row.kit),
                time(&row.cpython),
                ratio.map_or_else(String::new, |ratio| format!("{ratio:.2}"))
            )?,
        }
        match row.instructions {
            Some(count) => writeln!(text, " {:.1} M |", count as f64 / 1e6)?,
            None => writeln!(text, "{}", if counted { " |" } else { "" })?,
        }
    }
    let programs = report.rows.iter().filter(|row| row.name != "start");
    let compared: Vec<f64> = programs.filter_map(|row| row.ratio()).collect();
    if let Some(mean) = geometric_mean(compared.iter().copied()) {
        writeln!(
            text,
            "\nGeometric mean of {} programs: **{mean:.2}** times as fast as CPython (`start` is not in it).",
            compared.len()
        )?;
    }

    if !report.scaling.is_empty() {
        writeln!(text, "\n## More threads\n")?;
        writeln!(
            text,
            "Each thread does the whole work of one. *Processes* is what as many processes that share nothing do\n\
             on this machine, measured in the same turns: the most there is to have.\n"
        )?;
        writeln!(
            text,
            "| program | threads | work in the time of one thread | processes | threads / processes |"
        )?;
        writeln!(text, "|---|--:|--:|--:|--:|")?;
        for row in &report.scaling {
            match &row.problem {
                Some(problem) => {
                    writeln!(
                        text,
                        "| {} | {} | {} | | |",
                        row.name,
                        row.threads,
                        cell(problem)
                    )?;
                }
                None => writeln!(
                    text,
                    "| {} | {} | {:.2} | {:.2} | {:.1} % |",
                    row.name,
                    row.threads,
                    row.speedup(),
                    row.limit(),
                    row.efficiency() * 100.0
                )?,
            }
        }
    }
    Ok(())
}

/// A median with its spread, in milliseconds; nothing without samples.
pub fn time(series: &Series) -> String {
    if series.is_empty() {
        return String::new();
    }
    let milliseconds = series.median() * 1e3;
    let digits = usize::from(milliseconds < 100.0);
    format!(
        "{milliseconds:.digits$} ms ±{:.0} %",
        series.spread() * 50.0
    )
}

/// Text that does not end a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// The report for a terminal: headings and bold text stand out.
pub fn colored(text: &str) -> String {
    let mut shown = String::new();
    for line in text.lines() {
        if line.starts_with('#') {
            let _ = writeln!(shown, "\x1b[1m{line}\x1b[0m");
        } else {
            for (index, part) in line.split("**").enumerate() {
                let bold = index % 2 == 1;
                let _ = if bold {
                    write!(shown, "\x1b[1;32m{part}\x1b[0m")
                } else {
                    write!(shown, "{part}")
                };
            }
            shown.push('\n');
        }
    }
    shown
}
