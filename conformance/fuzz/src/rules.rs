//! Programs made by rules in a text, [`RULES`]: many small pieces, each of them about one thing, that print what they come to.
//!
//! Where `grammar` makes programs whose control flow nobody foresaw, these ask the built-in types, the data model and the library for what
//! nobody asks: any method with any argument. A piece that does not compile or that raises spoils no other: the pieces are compiled and run
//! one after the other (`driver.py`), each in what those before it left.

use crate::random::Random;
use std::collections::HashMap;

/// The rules; how they are written is said there.
const RULES: &str = include_str!("rules.txt");

/// What the pieces use.
const PRELUDE: &str = include_str!("prelude.py");

/// A line that begins a piece. `driver.py` knows it too.
const PIECE: &str = "# piece";

/// Deeper inside of one another, alternatives without holes are taken.
const DEEPEST: usize = 6;

/// A part of an alternative.
#[derive(Debug)]
enum Part {
    Text(&'static str),
    /// An alternative of the rule with this index.
    Hole(usize),
}

/// What a rule may become.
#[derive(Debug, Default)]
struct Rule {
    alternatives: Vec<Vec<Part>>,
    /// The indices of those without holes.
    plain: Vec<usize>,
}

/// The rules.
#[derive(Debug)]
pub struct Rules {
    rules: Vec<Rule>,
    /// Where a program begins.
    program: usize,
    /// What is compiled on its own.
    piece: usize,
}

impl Rules {
    /// Reads the rules.
    pub fn read() -> Result<Rules, String> {
        parse(RULES)
    }

    /// A program.
    pub fn program(&self, random: &mut Random) -> Vec<u8> {
        let mut out = PRELUDE.to_owned();
        self.expand(self.program, 0, 0, random, &mut out);
        out.push('\n');
        out.into_bytes()
    }

    fn expand(
        &self,
        rule: usize,
        depth: usize,
        indent: usize,
        random: &mut Random,
        out: &mut String,
    ) {
        if rule == self.piece {
            out.push_str(PIECE);
            out.push('\n');
        }
        let Rule {
            alternatives,
            plain,
        } = &self.rules[rule];
        let index = if depth > DEEPEST && !plain.is_empty() {
            plain[random.below(plain.len())]
        } else {
            random.below(alternatives.len())
        };
        for part in &alternatives[index] {
            match part {
                Part::Text(text) => {
                    let mut lines = text.split('\n');
                    out.push_str(lines.next().unwrap_or_default());
                    for line in lines {
                        out.push('\n');
                        out.extend(std::iter::repeat_n(' ', indent));
                        out.push_str(line);
                    }
                }
                Part::Hole(rule) => {
                    let line = out.rfind('\n').map_or(0, |at| at + 1);
                    let spaces = out[line..].len() - out[line..].trim_start_matches(' ').len();
                    self.expand(*rule, depth + 1, spaces, random, out);
                }
            }
        }
    }
}

fn parse(text: &'static str) -> Result<Rules, String> {
    let mut sections = Vec::new();
    let mut rest = text;
    // A section goes to the next line that begins with `==`.
    while let Some(at) = find_heading(rest) {
        let (heading, body) = rest[at..].split_once('\n').ok_or("an empty rule")?;
        let end = find_heading(body).unwrap_or(body.len());
        sections.push((
            heading,
            body[..end].strip_suffix('\n').unwrap_or(&body[..end]),
        ));
        rest = &body[end..];
    }
    let name = |heading: &'static str| heading.trim_start_matches('=').trim();
    let names: HashMap<&str, usize> = sections
        .iter()
        .enumerate()
        .map(|(index, (heading, _))| (name(heading), index))
        .collect();
    let mut rules = Vec::new();
    for (heading, body) in &sections {
        let several = heading.starts_with("===");
        let separator = if several { "\n--\n" } else { "\n" };
        let body = body.strip_suffix('\n').unwrap_or(body);
        let mut rule = Rule::default();
        for alternative in body.split(separator) {
            let parts = parts(alternative, &names);
            if !parts.iter().any(|part| matches!(part, Part::Hole(_))) {
                rule.plain.push(rule.alternatives.len());
            }
            rule.alternatives.push(parts);
        }
        rules.push(rule);
    }
    let index = |name: &str| names.get(name).copied().ok_or(format!("no rule {name}"));
    Ok(Rules {
        rules,
        program: index("program")?,
        piece: index("piece")?,
    })
}

/// Where the next heading begins.
fn find_heading(text: &str) -> Option<usize> {
    if text.starts_with("==") {
        return Some(0);
    }
    text.find("\n==").map(|at| at + 1)
}

fn parts(mut text: &'static str, names: &HashMap<&str, usize>) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut from = 0;
    while let Some(open) = text[from..].find('<').map(|at| from + at) {
        let hole = text[open + 1..]
            .split_once('>')
            .and_then(|(name, _)| Some((name, *names.get(name)?)));
        if let Some((name, rule)) = hole {
            parts.push(Part::Text(&text[..open]));
            parts.push(Part::Hole(rule));
            text = &text[open + name.len() + 2..];
            from = 0;
        } else {
            from = open + 1;
        }
    }
    parts.push(Part::Text(text));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_filled_and_lines_indented() {
        let rules = parse(
            "# about\n\n=== program\nif 1:\n    <piece>\n\n=== piece\na < <b>\nc<d>\n\n== b\n1\n",
        )
        .unwrap();
        let text = String::from_utf8(rules.program(&mut Random::new(1))).unwrap();
        assert_eq!(
            text.strip_prefix(PRELUDE),
            Some("if 1:\n    # piece\na < 1\n    c<d>\n")
        );
        assert!(parse("== piece\n1\n").is_err());
    }

    #[test]
    fn programs_of_a_seed_are_the_same_and_not_long() {
        let rules = Rules::read().unwrap();
        for seed in 0..200 {
            let make = || rules.program(&mut Random::new(seed));
            assert_eq!(make(), make());
            assert!(make().len() < 100_000, "seed {seed}");
        }
    }

    /// A hole with a misspelt name would be text.
    #[test]
    fn every_hole_has_a_rule() {
        let rules = Rules::read().unwrap();
        for rule in &rules.rules {
            for part in rule.alternatives.iter().flatten() {
                let Part::Text(text) = part else { continue };
                for (at, _) in text.match_indices('<') {
                    let name = text[at + 1..].split('>').next().unwrap_or_default();
                    let hole = !name.is_empty()
                        && text[at + 1..].contains('>')
                        && name
                            .bytes()
                            .all(|byte| byte.is_ascii_lowercase() || byte == b'_');
                    assert!(!hole || name == "n", "{name}");
                }
            }
        }
    }
}
