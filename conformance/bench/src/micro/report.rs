//! The tables and pictures of `bench micro`.

use super::{Measured, Taken};
use crate::html;
use crate::machine::Machine;
use crate::svg::{self, Bar, escape};
use std::fmt::{self, Write};

/// All that was measured.
pub(super) struct Report {
    pub(super) machine: Machine,
    /// The command line.
    pub(super) command: String,
    /// Samples of each.
    pub(super) runs: usize,
    pub(super) measured: Vec<Measured>,
}

/// The report as markdown.
pub(super) fn markdown(report: &Report) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = write_markdown(&mut text, report);
    text
}

fn write_markdown(text: &mut String, report: &Report) -> fmt::Result {
    writeln!(text, "{}\n", about(report))?;
    writeln!(text, "    bench {}\n", report.command)?;
    for measured in &report.measured {
        writeln!(text, "## {}\n", measured.group.name)?;
        for (case, results) in &measured.results {
            let counted = results.iter().any(|taken| taken.work.is_some());
            let more = if counted {
                " instructions | reads | writes |"
            } else {
                ""
            };
            writeln!(
                text,
                "| {} | {} | spread | kit / it | goal |{more}",
                case.name, measured.group.unit
            )?;
            let more = if counted { "--:|--:|--:|" } else { "" };
            writeln!(text, "|---|--:|--:|--:|--:|{more}")?;
            for (index, (subject, taken)) in case.subjects.iter().zip(results).enumerate() {
                write!(
                    text,
                    "| {} | {:.2} | {:.0} % | {:.2} | {} |",
                    subject.name,
                    taken.times.median(),
                    taken.times.spread() * 100.0,
                    ratio(results, taken),
                    match case.limit {
                        Some(limit) if index == 0 => format!("≤ {limit} {}", measured.group.unit),
                        _ => goal(subject.goal),
                    }
                )?;
                match taken.work {
                    Some(work) => {
                        for number in work {
                            write!(text, " {} |", amount(number))?;
                        }
                    }
                    None if counted => write!(text, " | | |")?,
                    None => {}
                }
                writeln!(text)?;
            }
            writeln!(text)?;
        }
    }
    Ok(())
}

/// The report as a page.
pub(super) fn html(report: &Report) -> String {
    let mut page = html::HEAD.to_owned();
    // Writing to a string does not fail.
    let _ = write_html(&mut page, report);
    page
}

fn write_html(page: &mut String, report: &Report) -> fmt::Result {
    writeln!(page, "<h1>Parts</h1>\n<p>{}</p>", escape(&about(report)))?;
    writeln!(
        page,
        "<p><code>bench {}</code></p>",
        escape(&report.command)
    )?;
    for measured in &report.measured {
        writeln!(page, "<h2>{}</h2>", measured.group.name)?;
        for (case, results) in &measured.results {
            let title = format!("{}, {}", case.name, measured.group.unit);
            let mut bars = Vec::new();
            for (index, (subject, taken)) in case.subjects.iter().zip(results).enumerate() {
                bars.push(Bar {
                    label: subject.name.to_owned(),
                    value: taken.times.median(),
                    reference: index > 0,
                });
            }
            let kit = results[0].times.median();
            writeln!(
                page,
                "<h3>{}</h3>\n{}",
                escape(&title),
                svg::bars(&title, &bars, (kit * 100.0).round() / 100.0)
            )?;
        }
    }
    Ok(())
}

fn about(report: &Report) -> String {
    let (machine, runs) = (report.machine.line(), report.runs);
    format!("{machine} Medians of {runs} runs, each in a process of its own, in turns.")
}

/// How many times as long the kit takes.
fn ratio(results: &[Taken], taken: &Taken) -> f64 {
    results[0].times.median() / taken.times.median()
}

fn goal(goal: Option<f64>) -> String {
    goal.map_or_else(String::new, |goal| format!("≤ {goal}"))
}

/// A number per round; what is next to nothing is nothing.
fn amount(number: f64) -> String {
    let rounded = (number * 10.0).round() / 10.0;
    format!("{}", rounded.abs())
}
