//! The report with pictures, in one file that needs nothing else.

use crate::Report;
use crate::svg::{self, Bar, escape};
use crate::{markdown, stats};
use std::fmt::Write;

/// How a page begins.
pub const HEAD: &str = "<!doctype html>
<html lang=\"en\">
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<title>kit-python: results</title>
<style>
:root { color-scheme: light dark; --bar: #2f6fb0; --pale: #9db8d2; --line: #b04a2f }
@media (prefers-color-scheme: dark) { :root { --bar: #6ea8e0; --pale: #45607a; --line: #e08a6e } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem }
svg { width: 100%; height: auto; font-size: 13px }
svg text { fill: currentColor }
.bar { fill: var(--bar) } .reference { fill: var(--pale) }
.goal { stroke: var(--line); stroke-width: 1.5; stroke-dasharray: 4 3 }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th, td { padding: .2rem .6rem; text-align: right; border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent) }
th:first-child, td:first-child { text-align: left }
code { font-size: .9em; overflow-wrap: anywhere }
</style>
";

/// Writes the report.
pub fn write(report: &Report) -> String {
    let mut page = HEAD.to_owned();
    // Writing to a string does not fail.
    let _ = try_write(&mut page, report);
    page
}

fn try_write(page: &mut String, report: &Report) -> std::fmt::Result {
    let machine = &report.machine;
    writeln!(page, "<h1>Results</h1>")?;
    writeln!(
        page,
        "<p>{}, commit {}. {}, {} threads at a time, {}. {}Medians of {} runs, each in a process of its own, in turns.</p>",
        machine.date,
        escape(&machine.commit),
        escape(&machine.processor),
        machine.cores,
        escape(&machine.system),
        machine
            .cpython
            .as_ref()
            .map_or_else(String::new, |version| format!(
                "CPython {}. ",
                escape(version)
            )),
        report.runs
    )?;
    writeln!(
        page,
        "<p><code>bench {}</code></p>",
        escape(&report.command)
    )?;

    writeln!(page, "<h2>One thread</h2>")?;
    let faster: Vec<Bar> = report
        .rows
        .iter()
        .filter_map(|row| {
            Some(Bar {
                label: row.name.clone(),
                value: row.ratio()?,
                reference: false,
            })
        })
        .collect();
    if !faster.is_empty() {
        let title = "How many times as fast as CPython; the line is CPython";
        writeln!(page, "<p>{title}.</p>\n{}", svg::bars(title, &faster, 1.0))?;
    }
    writeln!(
        page,
        "<table>\n<tr><th>program<th>kit-python<th>CPython<th>times as fast<th>instructions"
    )?;
    for row in &report.rows {
        writeln!(
            page,
            "<tr><td>{}<td>{}<td>{}<td>{}<td>{}",
            escape(&row.name),
            row.problem
                .as_deref()
                .map_or_else(|| markdown::time(&row.kit), escape),
            markdown::time(&row.cpython),
            row.ratio()
                .map_or_else(String::new, |ratio| format!("{ratio:.2}")),
            row.instructions
                .map_or_else(String::new, |count| format!("{:.1} M", count as f64 / 1e6)),
        )?;
    }
    writeln!(page, "</table>")?;
    let programs = report.rows.iter().filter(|row| row.name != "start");
    if let Some(mean) = stats::geometric_mean(programs.filter_map(|row| row.ratio())) {
        writeln!(
            page,
            "<p>Geometric mean, without <code>start</code>: <strong>{mean:.2}</strong>.</p>"
        )?;
    }

    let mut counts: Vec<usize> = report.scaling.iter().map(|row| row.threads).collect();
    counts.sort_unstable();
    counts.dedup();
    for threads in counts {
        let title = format!(
            "The work {threads} threads do in the time of one; paler, {threads} processes that share nothing"
        );
        let mut bars = Vec::new();
        let rows = report.scaling.iter();
        for row in rows.filter(|row| row.threads == threads && row.problem.is_none()) {
            bars.push(Bar {
                label: row.name.clone(),
                value: row.speedup(),
                reference: false,
            });
            bars.push(Bar {
                label: "processes".to_owned(),
                value: row.limit(),
                reference: true,
            });
        }
        writeln!(
            page,
            "<h2>{threads} threads</h2>\n<p>{title}.</p>\n{}",
            svg::bars(&title, &bars, threads as f64)
        )?;
    }
    for row in &report.scaling {
        if let Some(problem) = &row.problem {
            writeln!(
                page,
                "<p>{}, {} threads: {}</p>",
                escape(&row.name),
                row.threads,
                escape(problem)
            )?;
        }
    }
    Ok(())
}
