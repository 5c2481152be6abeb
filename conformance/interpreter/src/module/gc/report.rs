//! `-X gc-report=FILE.html`: what collections did, and what is on the heap at the end, as one page without scripts.

use super::census::Census;
use kit_core::backend::collector::{Cause, Collected, Phase};
use kit_gc::stop::{Histogram, StopStatistics};
use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Mutex;

/// A collection.
#[derive(Clone, Copy)]
pub struct Record {
    /// Why it took place.
    pub cause: Cause,
    /// What it did.
    pub done: Collected,
    /// Bytes in use afterwards.
    pub bytes: usize,
}

/// The collections of a runtime that keeps them.
#[derive(Default)]
pub struct Log(Mutex<Option<Kept>>);

#[derive(Default)]
struct Kept {
    records: Vec<Record>,
    /// Collections that there was no room for.
    more: usize,
}

/// Collections that are kept.
const ROOM: usize = 100_000;
/// Rows of the table.
const ROWS: usize = 500;
/// Types that are shown.
const TYPES: usize = 25;
const COLOURS: [&str; Phase::ALL.len()] = [
    "#4e79a7", "#59a14f", "#f28e2b", "#e15759", "#b07aa1", "#edc948", "#76b7b2", "#9c755f",
];

impl Log {
    /// Collections are kept from now on.
    pub fn start(&self) {
        *self.lock() = Some(Kept::default());
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Kept>> {
        self.0.lock().unwrap_or_else(|broken| broken.into_inner())
    }

    /// Keeps a collection, if they are kept.
    pub fn note(&self, record: impl FnOnce() -> Record) {
        if let Some(kept) = self.lock().as_mut() {
            if kept.records.len() < ROOM {
                kept.records.push(record());
            } else {
                kept.more += 1;
            }
        }
    }

    /// The page.
    pub fn page(&self, census: &Census, stops: &StopStatistics) -> String {
        let kept = self.lock();
        match kept.as_ref() {
            Some(kept) => page(&kept.records, kept.more, census, stops),
            None => page(&[], 0, census, stops),
        }
    }
}

const HEAD: &str = "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Collections</title>\n<style>\
body{font:14px/1.4 system-ui,sans-serif;margin:2em auto;max-width:60em;padding:0 1em}\
table{border-collapse:collapse;width:100%}td,th{padding:2px 6px;text-align:right;border-bottom:1px solid #ddd}\
td:first-child,th:first-child{text-align:left}svg{width:100%;height:auto}text{font:11px system-ui,sans-serif}\
</style></head><body>\n";

fn page(records: &[Record], more: usize, census: &Census, stops: &StopStatistics) -> String {
    let mut page = HEAD.to_owned();
    let paused: u64 = records.iter().map(|record| record.done.paused).sum();
    let longest = records.iter().map(|record| record.done.longest).max();
    let collected: usize = records.iter().map(|record| record.done.collected()).sum();
    let _ = writeln!(
        page,
        "<h1>Collections</h1>\n<p>{} collections found {collected} objects. The world stood still for {} in all, {} at the longest.</p>",
        records.len() + more,
        time(paused),
        time(longest.unwrap_or(0)),
    );
    let _ = writeln!(page, "<h2>Pauses</h2>");
    pauses(records, &mut page);
    let _ = writeln!(
        page,
        "<h2>Stops of the world</h2>\n<p>All {} of them, for whatever reason. How long they waited until every thread had come to a safepoint, and for how long all stood still after that.</p>",
        stops.latency.count(),
    );
    if stops.late != 0 {
        let _ = writeln!(
            page,
            "<p>{} waited for longer than <code>-X stop-report</code> allows.</p>",
            stops.late
        );
    }
    for (what, times) in [
        ("until all stopped", &stops.latency),
        ("stopped", &stops.pause),
    ] {
        let _ = writeln!(
            page,
            "<h3>{what}</h3>\n<p>{} in all; half of them within {}, 99 of 100 within {}, the longest {}.</p>",
            time(times.total()),
            time(times.quantile(500)),
            time(times.quantile(990)),
            time(times.longest()),
        );
        bars(times, &format!("histogram of the time {what}"), &mut page);
    }
    let _ = writeln!(page, "<h2>Phases</h2>");
    phases(records, &mut page);
    let _ = writeln!(page, "<h2>The heap at the end, by type</h2>");
    composition(census, &mut page);
    let _ = writeln!(page, "<h2>Each collection</h2>");
    table(records, more, &mut page);
    page.push_str("</body></html>\n");
    page
}

/// How many stops took how long, in powers of two.
fn pauses(records: &[Record], page: &mut String) {
    let mut times = Histogram::default();
    for record in records {
        times.add(record.done.longest);
    }
    bars(&times, "histogram of the longest stops", page);
}

/// A picture of a histogram.
fn bars(times: &Histogram, label: &str, page: &mut String) {
    let bins = times.bins();
    let used = |count: &u32| *count != 0;
    let ends = (bins.iter().position(used), bins.iter().rposition(used));
    let (Some(first), Some(last)) = ends else {
        page.push_str("<p>None.</p>\n");
        return;
    };
    let most = bins.iter().max().copied().unwrap_or(1).max(1) as usize;
    let shown = last - first + 1;
    let width = 900 / shown.max(8);
    let _ = writeln!(
        page,
        "<svg viewBox=\"0 0 900 200\" role=\"img\" aria-label=\"{label}\">"
    );
    for (at, &count) in bins[first..=last].iter().enumerate() {
        let height = 150 * count as usize / most;
        let (x, y) = (at * width, 170 - height);
        let label = time(1 << (first + at));
        let _ = writeln!(
            page,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{height}\" fill=\"#4e79a7\"><title>{count} from {label}</title></rect>\
             <text x=\"{x}\" y=\"185\">{label}</text><text x=\"{x}\" y=\"{}\">{count}</text>",
            width - 2,
            y - 4,
        );
    }
    page.push_str("</svg>\n");
}

/// What the time of all collections went to.
fn phases(records: &[Record], page: &mut String) {
    let mut sums = [0_u64; Phase::ALL.len()];
    for record in records {
        for (sum, time) in sums.iter_mut().zip(record.done.phases) {
            *sum += time;
        }
    }
    let all = sums.iter().sum::<u64>().max(1);
    page.push_str("<svg viewBox=\"0 0 900 50\" role=\"img\" aria-label=\"time by phase\">\n");
    let mut x = 0.0;
    for (phase, (sum, colour)) in Phase::ALL.iter().zip(sums.iter().zip(COLOURS)) {
        let width = 900.0 * *sum as f64 / all as f64;
        let _ = writeln!(
            page,
            "<rect x=\"{x:.1}\" y=\"0\" width=\"{width:.1}\" height=\"50\" fill=\"{colour}\"><title>{} {}</title></rect>",
            phase.name(),
            time(*sum),
        );
        x += width;
    }
    page.push_str("</svg>\n<p>");
    for (phase, (sum, colour)) in Phase::ALL.iter().zip(sums.iter().zip(COLOURS)) {
        let _ = write!(
            page,
            "<span style=\"color:{colour}\">&#9632;</span> {} {} ",
            phase.name(),
            time(*sum)
        );
    }
    page.push_str("</p>\n");
}

/// Bytes by type.
fn composition(census: &Census, page: &mut String) {
    let mut types: HashMap<&str, (usize, usize)> = HashMap::new();
    for node in census.nodes.iter().filter(|node| node.bytes != 0) {
        let entry = types.entry(census.class_of(node)).or_default();
        entry.0 += 1;
        entry.1 += node.bytes;
    }
    let mut types: Vec<_> = types.into_iter().collect();
    types.sort_by_key(|&(name, (_, bytes))| (std::cmp::Reverse(bytes), name));
    let rest = types.split_off(types.len().min(TYPES));
    if !rest.is_empty() {
        let sum = |(count, bytes), &(_, (more, of_these)): &(_, (usize, usize))| {
            (count + more, bytes + of_these)
        };
        types.push(("all others", rest.iter().fold((0, 0), sum)));
    }
    let most = types.iter().map(|&(_, (_, bytes))| bytes).max();
    let most = most.unwrap_or(1).max(1);
    let _ = writeln!(
        page,
        "<svg viewBox=\"0 0 900 {}\" role=\"img\" aria-label=\"bytes by type\">",
        types.len() * 20 + 4
    );
    for (at, (name, (count, bytes))) in types.iter().enumerate() {
        let (y, width) = (at * 20, 480 * bytes / most);
        let _ = writeln!(
            page,
            "<text x=\"0\" y=\"{}\">{}</text><rect x=\"200\" y=\"{y}\" width=\"{}\" height=\"16\" fill=\"#59a14f\"/>\
             <text x=\"{}\" y=\"{}\">{bytes} bytes, {count} objects</text>",
            y + 12,
            escaped(name),
            width.max(1),
            width + 206,
            y + 12,
        );
    }
    page.push_str("</svg>\n");
}

fn table(records: &[Record], more: usize, page: &mut String) {
    let left_out = records.len().saturating_sub(ROWS);
    if left_out + more != 0 {
        let _ = writeln!(page, "<p>{} are not shown.</p>", left_out + more);
    }
    page.push_str("<table><tr><th>cause</th><th>looked at</th><th>from roots</th><th>garbage</th><th>brought back</th><th>stopped</th>");
    for phase in Phase::ALL {
        let _ = write!(page, "<th>{}</th>", phase.name());
    }
    page.push_str("<th>bytes after</th></tr>\n");
    for record in &records[left_out..] {
        let done = &record.done;
        let cause = match record.cause {
            Cause::Young => "due, of new objects",
            Cause::Due => "due",
            Cause::Asked(_) => "asked for",
            Cause::Shutdown => "shutdown",
            Cause::Test => "test",
        };
        let _ = write!(
            page,
            "<tr><td>{cause}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td>",
            done.examined,
            done.alive,
            done.unreachable,
            done.resurrected,
            time(done.paused),
        );
        for phase in done.phases {
            let _ = write!(page, "<td>{}</td>", time(phase));
        }
        let _ = writeln!(page, "<td>{}</td></tr>", record.bytes);
    }
    page.push_str("</table>\n");
}

/// Nanoseconds, for people.
fn time(nanoseconds: u64) -> String {
    match nanoseconds {
        0..1_000 => format!("{nanoseconds} ns"),
        1_000..1_000_000 => format!("{:.1} µs", nanoseconds as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} ms", nanoseconds as f64 / 1e6),
        _ => format!("{:.2} s", nanoseconds as f64 / 1e9),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_without_collections_is_a_page() {
        let page = page(&[], 0, &Census::default(), &StopStatistics::default());
        assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>\n"));
        assert!(page.contains("0 collections"));
    }

    #[test]
    fn rows_beyond_the_room_are_counted() {
        let record = Record {
            cause: Cause::Due,
            done: Collected {
                longest: 1500,
                unreachable: 2,
                ..Collected::default()
            },
            bytes: 1,
        };
        let mut stops = StopStatistics::default();
        for time in [1000, 1000, 5_000_000] {
            stops.latency.add(time);
        }
        let page = page(&vec![record; ROWS + 3], 4, &Census::default(), &stops);
        assert!(page.contains("half of them within 1.0 µs, 99 of 100 within 5.0 ms"));
        assert!(page.contains("aria-label=\"histogram of the time until all stopped\""));
        assert!(page.contains("2 from 512 ns"));
        assert!(page.contains("507 collections found 1006 objects"));
        assert!(page.contains("<p>7 are not shown.</p>"));
        assert!(page.contains("503 from 1.0 µs"));
        assert_eq!(page.matches("<tr><td>due</td>").count(), ROWS);
    }
}
