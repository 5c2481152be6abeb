//! What came of the programs, as a page that needs nothing else.

use super::{Ran, Tally, Verdict, section};
use kit_suite::programs::folder;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

const STYLE: &str = "\
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}\
table{border-collapse:collapse;width:100%;margin:1rem 0}th,td{text-align:left;padding:.2rem .6rem;border-bottom:1px solid #ddd;vertical-align:top}\
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}pre{white-space:pre-wrap;background:#f6f6f6;padding:.5rem;margin:.3rem 0}\
.pass{color:#176f2c}.gap{color:#8a5a00}.fail{color:#b3261e;font-weight:600}\
@media (prefers-color-scheme:dark){body{color:#ddd;background:#181818}th,td{border-color:#444}pre{background:#262626}.pass{color:#7ccf8e}.gap{color:#e0b050}.fail{color:#ff8a80}}";

/// The page.
pub fn page(
    ran: &[Ran],
    sections: &BTreeMap<&str, Tally>,
    total: Tally,
    python: &Path,
    took: Duration,
) -> String {
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Sample programs</title><style>{STYLE}</style>\n\
         <h1>Sample programs</h1>\n<p>{} of {} programs do what CPython 3.14 does, byte for byte. Run with <code>{}</code> in {:.1} s.</p>\n\
         <table><tr><th>section<th class=n>programs<th class=n>pass<th class=n>known gaps<th class=n>fail</tr>\n",
        total.passed,
        total.all(),
        escape(&python.display().to_string()),
        took.as_secs_f64()
    );
    // Writing to a string does not fail.
    let _ = sections_table(&mut out, sections, total);
    for name in sections.keys() {
        let _ = one_section(&mut out, name, ran);
    }
    out + "</html>\n"
}

fn sections_table(
    out: &mut String,
    sections: &BTreeMap<&str, Tally>,
    total: Tally,
) -> std::fmt::Result {
    for (name, tally) in sections {
        writeln!(
            out,
            "<tr><td><a href=\"#{name}\">{name}</a><td class=n>{}<td class=n>{}<td class=n>{}<td class=n>{}</tr>",
            tally.all(),
            tally.passed,
            tally.gaps,
            tally.failed
        )?;
    }
    writeln!(
        out,
        "<tr><th>all<th class=n>{}<th class=n>{}<th class=n>{}<th class=n>{}</tr></table>",
        total.all(),
        total.passed,
        total.gaps,
        total.failed
    )
}

fn one_section(out: &mut String, name: &str, ran: &[Ran]) -> std::fmt::Result {
    writeln!(
        out,
        "<h2 id=\"{name}\">{name}</h2>\n<table><tr><th>program<th>about<th>outcome<th class=n>ms</tr>"
    )?;
    for program in ran.iter().filter(|ran| section(&ran.name) == name) {
        let outcome = match &program.verdict {
            Verdict::Passed => "<span class=pass>pass</span>".to_owned(),
            Verdict::Closed => "<span class=fail>passes: no gap any more</span>".to_owned(),
            Verdict::Gap(reason) => {
                format!("<span class=gap>known gap</span>: {}", escape(reason))
            }
            Verdict::Failed(problem) => format!(
                "<details><summary class=fail>fail</summary><pre>{}</pre></details>",
                escape(problem)
            ),
        };
        let short = program.name.split_once('/').map_or("", |(_, name)| name);
        writeln!(
            out,
            "<tr><td>{short}<td>{}<td>{outcome}<td class=n>{}</tr>",
            escape(&about(&program.name)),
            program.took.as_millis()
        )?;
    }
    writeln!(out, "</table>")
}

/// The first line of a program's docstring.
fn about(name: &str) -> String {
    let text = std::fs::read_to_string(folder().join(format!("{name}.py"))).unwrap_or_default();
    first_line(&text)
}

fn first_line(text: &str) -> String {
    let said = text.trim_start().strip_prefix("\"\"\"").unwrap_or_default();
    let end = said.find("\"\"\"").unwrap_or(said.len());
    said[..end].lines().next().unwrap_or_default().to_owned()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_every_program_and_no_markup_of_theirs() {
        let ran = [
            Ran {
                name: "lang/a".into(),
                verdict: Verdict::Passed,
                took: Duration::ZERO,
            },
            Ran {
                name: "lang/b".into(),
                verdict: Verdict::Failed("got <x>".into()),
                took: Duration::ZERO,
            },
        ];
        let mut tally = Tally::default();
        ran.iter().for_each(|ran| tally.add(&ran.verdict));
        let sections = BTreeMap::from([("lang", tally)]);
        let text = page(&ran, &sections, tally, Path::new("python"), Duration::ZERO);
        assert!(text.contains("1 of 2 programs"));
        assert!(text.contains("got &lt;x&gt;") && !text.contains("<x>"));
        assert!(text.contains("<td>a<td>"));
    }

    #[test]
    fn docstrings_say_what_programs_are_about() {
        assert_eq!(first_line("\"\"\"One.\n\nTwo.\"\"\"\n"), "One.");
        assert_eq!(first_line("x = 1"), "");
    }
}
