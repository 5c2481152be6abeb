//! The marks below a source line: which part of it was running.
//!
//! The range comes from the instruction. For a binary operation, a subscript or a call the operator
//! or the brackets are marked `^` and the operands `~`; they are found by parsing the text of the
//! range again. A range that covers all there is to see is not marked.

use crate::prelude::*;
use core::fmt::Write as _;
use ruff_python_ast::{Expr, Mod, Stmt};
use ruff_python_parser as ruff;
use ruff_text_size::{Ranged, TextSize};

/// A place in the lines: line from 0, column in characters.
type Place = (usize, usize);

/// Lines, each as characters.
struct Lines(Vec<Vec<char>>);

/// Writes the lines that matter of the range from `column` (a byte column of the first line) to
/// `end_column` (of the last), with marks below them.
pub(super) fn format_lines(out: &mut String, lines: &[String], column: u32, end_column: u32) {
    let columns = (
        char_column(&lines[0], column as usize),
        char_column(&lines[lines.len() - 1], end_column as usize),
    );
    let margin = common_margin(lines);
    let text: Vec<String> = lines
        .iter()
        .map(|line| {
            if line.trim().is_empty() {
                String::new()
            } else {
                line[margin..].to_owned()
            }
        })
        .collect();
    let (start, end) = (
        columns.0.saturating_sub(margin),
        columns.1.saturating_sub(margin),
    );
    let all = Lines(text.iter().map(|line| line.chars().collect()).collect());
    let last = all.0.len() - 1;
    let anchors = anchors(&all, start, end);
    let marked = should_mark(&text, &all, start, end, anchors.is_some());

    let mut wanted = vec![0, last];
    let mut inner = None;
    if let Some((left, right)) = anchors {
        let shift = |(line, column): Place| (line, if line == 0 { column + start } else { column });
        for (line, _) in [left, right] {
            wanted.extend(line.saturating_sub(1)..=(line + 1).min(last));
        }
        let wide = |(line, column): Place| (line, width(&all.0[line], column));
        inner = Some((wide(shift(left)), wide(shift(right))));
    }
    wanted.sort_unstable();
    wanted.dedup();

    let (from, to) = (width(&all.0[0], start), width(&all.0[last], end));
    let mut result = Vec::new();
    let mut output = |line: usize| {
        result.push(text[line].clone());
        if !marked {
            return;
        }
        let chars = &all.0[line];
        let spaces = chars.iter().take_while(|c| c.is_whitespace()).count();
        let count = if line == last {
            to
        } else {
            width(chars, chars.len())
        };
        let marks = (0..count).map(|column| {
            if column < spaces || (line == 0 && column < from) {
                ' '
            } else {
                match inner {
                    Some((left, right)) if (line, column) < left || (line, column) >= right => '~',
                    _ => '^',
                }
            }
        });
        result.push(marks.collect());
    };
    let mut gaps = Vec::new();
    for (index, &line) in wanted.iter().enumerate() {
        if index > 0 {
            match line - wanted[index - 1] {
                2 => output(line - 1),
                // The note about the gap is put in afterwards: `output` has the lines.
                skipped @ 3.. => gaps.push((line, skipped - 1)),
                _ => {}
            }
        }
        output(line);
    }
    insert_gaps(&mut result, &wanted, &gaps, marked);
    let margin = common_margin(&result);
    for line in result {
        let line = if line.trim().is_empty() {
            ""
        } else {
            &line[margin..]
        };
        let _ = writeln!(out, "    {line}");
    }
}

/// Puts the notes about lines left out in front of the lines they precede.
fn insert_gaps(result: &mut Vec<String>, wanted: &[usize], gaps: &[(usize, usize)], marked: bool) {
    let per_line = if marked { 2 } else { 1 };
    for &(line, skipped) in gaps.iter().rev() {
        // Every wanted line and every line in a gap of one was written.
        let mut before = 0;
        for (index, &other) in wanted.iter().enumerate() {
            if other == line {
                break;
            }
            before += 1;
            if wanted.get(index + 1).is_some_and(|next| next - other == 2) {
                before += 1;
            }
        }
        result.insert(before * per_line, format!("...<{skipped} lines>..."));
    }
}

/// Leading whitespace that all lines with text share, in bytes.
fn common_margin(lines: &[String]) -> usize {
    let mut margin: Option<&str> = None;
    for line in lines {
        let rest = line.trim_start_matches([' ', '\t']);
        if rest.trim().is_empty() {
            continue;
        }
        let lead = &line[..line.len() - rest.len()];
        margin = Some(match margin {
            None => lead,
            Some(known) => {
                let shared = known.bytes().zip(lead.bytes()).take_while(|(a, b)| a == b);
                &known[..shared.count()]
            }
        });
    }
    margin.map_or(0, str::len)
}

/// The character column of a byte column.
fn char_column(line: &str, bytes: usize) -> usize {
    let mut end = bytes.min(line.len());
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    line[..end].chars().count()
}

/// Columns that the first `count` characters take on a terminal.
fn width(chars: &[char], count: usize) -> usize {
    let chars = &chars[..count.min(chars.len())];
    chars
        .iter()
        .map(|&c| if is_wide(c) { 2 } else { 1 })
        .sum::<usize>()
}

/// Whether a terminal shows the character over two columns (East Asian Wide and Fullwidth).
fn is_wide(c: char) -> bool {
    matches!(u32::from(c),
        0x1100..=0x115F | 0x231A..=0x231B | 0x2329..=0x232A | 0x23E9..=0x23EC | 0x23F0 | 0x23F3 | 0x25FD..=0x25FE
        | 0x2614..=0x2615 | 0x2648..=0x2653 | 0x267F | 0x2693 | 0x26A1 | 0x26AA..=0x26AB | 0x26BD..=0x26BE
        | 0x26C4..=0x26C5 | 0x26CE | 0x26D4 | 0x26EA | 0x26F2..=0x26F3 | 0x26F5 | 0x26FA | 0x26FD | 0x2705
        | 0x270A..=0x270B | 0x2728 | 0x274C | 0x274E | 0x2753..=0x2755 | 0x2757 | 0x2795..=0x2797 | 0x27B0 | 0x27BF
        | 0x2B1B..=0x2B1C | 0x2B50 | 0x2B55 | 0x2E80..=0x303E | 0x3041..=0x33FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF
        | 0xA000..=0xA4CF | 0xA960..=0xA97C | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF | 0xFE10..=0xFE19 | 0xFE30..=0xFE6F
        | 0xFF01..=0xFF60 | 0xFFE0..=0xFFE6 | 0x16FE0..=0x18D08 | 0x1B000..=0x1B2FB | 0x1F004 | 0x1F0CF | 0x1F18E
        | 0x1F191..=0x1F19A | 0x1F200..=0x1F320 | 0x1F32D..=0x1F335 | 0x1F337..=0x1F37C | 0x1F37E..=0x1F393
        | 0x1F3A0..=0x1F3CA | 0x1F3CF..=0x1F3D3 | 0x1F3E0..=0x1F3F0 | 0x1F3F4 | 0x1F3F8..=0x1F43E | 0x1F440
        | 0x1F442..=0x1F4FC | 0x1F4FF..=0x1F53D | 0x1F54B..=0x1F54E | 0x1F550..=0x1F567 | 0x1F57A | 0x1F595..=0x1F596
        | 0x1F5A4 | 0x1F5FB..=0x1F64F | 0x1F680..=0x1F6C5 | 0x1F6CC | 0x1F6D0..=0x1F6D2 | 0x1F6D5..=0x1F6D7
        | 0x1F6DC..=0x1F6DF | 0x1F6EB..=0x1F6EC | 0x1F6F4..=0x1F6FC | 0x1F7E0..=0x1F7EB | 0x1F7F0 | 0x1F90C..=0x1F93A
        | 0x1F93C..=0x1F945 | 0x1F947..=0x1F9FF | 0x1FA70..=0x1FAF8 | 0x20000..=0x3FFFD)
}

/// Whether the range is worth marking: not when it is all there is on its lines, and not a call
/// that makes up a whole statement of the usual form.
fn should_mark(text: &[String], all: &Lines, start: usize, end: usize, anchored: bool) -> bool {
    let joined = text.join("\n");
    let options = ruff::ParseOptions::from(ruff::Mode::Module);
    let parsed = ruff::parse_unchecked(&joined, options);
    if parsed.has_valid_syntax()
        && let Mod::Module(module) = parsed.into_syntax()
    {
        let call = match module.body.first() {
            None => return false,
            Some(Stmt::Return(statement)) => match statement.value.as_deref() {
                Some(Expr::Call(call)) if call.func.is_name_expr() => Some(call),
                _ => None,
            },
            Some(Stmt::Assign(statement)) => statement.value.as_call_expr(),
            _ => None,
        };
        if let Some(call) = call {
            let line_start = joined.rfind('\n').map_or(0, |at| at + 1);
            let first_line_end = joined.find('\n').unwrap_or(joined.len());
            let range = call.range();
            let byte_start = range.start().to_usize();
            let byte_end = range.end().to_usize();
            if byte_start <= first_line_end
                && byte_start == start
                && byte_end >= line_start
                && byte_end - line_start == end
            {
                return false;
            }
        }
    }
    if anchored {
        return true;
    }
    let last = &all.0[all.0.len() - 1];
    let visible = |chars: &[char]| chars.iter().any(|c| !c.is_whitespace());
    visible(&all.0[0][..start.min(all.0[0].len())]) || visible(&last[end.min(last.len())..])
}

/// Where the operator, the brackets or the arguments of the range begin and end. Columns of line 0
/// count from the start of the range.
fn anchors(all: &Lines, start: usize, end: usize) -> Option<(Place, Place)> {
    let last = all.0.len() - 1;
    let mut segment = Lines(all.0.clone());
    segment.0[last].truncate(end);
    let cut = start.min(segment.0[0].len());
    segment.0[0].drain(..cut);
    let text: Vec<String> = segment.0.iter().map(|line| line.iter().collect()).collect();
    let text = text.join("\n");
    let source = format!("(\n{text}\n)");
    let options = ruff::ParseOptions::from(ruff::Mode::Module);
    let parsed = ruff::parse_unchecked(&source, options);
    if !parsed.has_valid_syntax() {
        return None;
    }
    let Mod::Module(module) = parsed.into_syntax() else {
        return None;
    };
    let [Stmt::Expr(statement)] = module.body.as_slice() else {
        return None;
    };
    // The text begins after the bracket and the newline.
    let place = |offset: TextSize| segment.place(&text, offset.to_usize().checked_sub(2)?);
    match statement.value.as_ref() {
        Expr::BinOp(operation) => {
            let from = segment.valid(place(operation.left.end())?)?;
            let left = segment.find(from, |c| !c.is_whitespace() && c != ')')?;
            let right = place(operation.right.start())?;
            let mut end = left.1 + 1;
            if let Some(&c) = segment.0[left.0].get(end)
                && (left.0, end) < right
                && !c.is_whitespace()
                && c != '\\'
                && c != '#'
            {
                end += 1;
            }
            Some((left, (left.0, end)))
        }
        Expr::Subscript(subscript) => {
            let from = segment.valid(place(subscript.value.end())?)?;
            let left = segment.find(from, |c| c == '[')?;
            Some((left, place(subscript.end())?))
        }
        Expr::Call(call) => {
            let from = segment.valid(place(call.func.end())?)?;
            let left = segment.find(from, |c| c == '(')?;
            Some((left, place(call.end())?))
        }
        _ => None,
    }
}

impl Lines {
    /// The place of a byte offset in the joined text.
    fn place(&self, text: &str, offset: usize) -> Option<Place> {
        let before = text.get(..offset)?;
        let line = before.matches('\n').count();
        let column = before.rsplit('\n').next()?.chars().count();
        (line < self.0.len()).then_some((line, column))
    }

    /// The place itself, or the next one that has a character.
    fn valid(&self, (mut line, mut column): Place) -> Option<Place> {
        while column >= self.0.get(line)?.len() {
            (line, column) = (line + 1, 0);
        }
        Some((line, column))
    }

    /// The first character from `place` on that `stop` accepts, outside comments.
    fn find(&self, mut place: Place, stop: impl Fn(char) -> bool) -> Option<Place> {
        loop {
            let c = self.0[place.0][place.1];
            place = if c == '\\' || c == '#' {
                self.valid((place.0 + 1, 0))?
            } else if stop(c) {
                return Some(place);
            } else {
                self.valid((place.0, place.1 + 1))?
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::format_lines;

    fn marked(lines: &[&str], column: u32, end_column: u32) -> String {
        let lines: Vec<String> = lines.iter().map(|line| line.to_string()).collect();
        let mut out = String::new();
        format_lines(&mut out, &lines, column, end_column);
        out
    }

    #[test]
    fn the_operator_of_a_binary_operation_is_marked() {
        assert_eq!(marked(&["  1/0"], 2, 5), "    1/0\n    ~^~\n");
        assert_eq!(
            marked(&["x = a // (b)"], 4, 12),
            "    x = a // (b)\n        ~~^^~~~~\n"
        );
    }

    #[test]
    fn brackets_of_calls_and_subscripts_are_marked() {
        assert_eq!(marked(&["f(a)"], 0, 4), "    f(a)\n    ~^^^\n");
        assert_eq!(marked(&["x = d[k]"], 4, 8), "    x = d[k]\n        ~^^^\n");
    }

    #[test]
    fn a_range_that_is_the_whole_line_is_not_marked() {
        assert_eq!(marked(&["    raise E"], 4, 11), "    raise E\n");
        assert_eq!(marked(&["return f(x)"], 7, 11), "    return f(x)\n");
    }

    #[test]
    fn long_ranges_are_shortened() {
        let printed = marked(&["f(", "  1,", "  2,", "  3,", "  4,", "  5,", ")"], 0, 1);
        assert_eq!(
            printed,
            "    f(\n    ~^\n      1,\n      ^^\n    ...<3 lines>...\n      5,\n      ^^\n    )\n    ^\n"
        );
    }
}
