//! Mutants: programs of the corpus with a few random edits of bytes, tokens and lines.

use crate::random::Random;
use std::path::{Path, PathBuf};

/// The programs to mutate.
pub struct Corpus(Vec<Vec<u8>>);

/// Longer ones are cut: what is wrong with a mutant shows in a few lines as well.
const LONGEST: usize = 6000;

/// What edits insert.
const PIECES: &[&str] = &[
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ":",
    ";",
    ",",
    ".",
    "->",
    ":=",
    "=",
    "==",
    "!=",
    "<>",
    "!",
    "*",
    "**",
    "@",
    "~",
    "-",
    "+",
    "/",
    "//",
    "%",
    "&",
    "|",
    "^",
    "<<",
    ">>",
    "...",
    "\\",
    "\n",
    "\n ",
    "\n\t",
    " ",
    "\t",
    "\x0c",
    "\r",
    "'",
    "\"",
    "'''",
    "\"\"\"",
    "f'",
    "t'",
    "rb'",
    "b'",
    "u'",
    "{x!r:>{w}}",
    "{x=}",
    "#",
    "\0",
    "\u{feff}",
    "é",
    "\u{200b}",
    "ª",
    "𝒳",
    "$",
    "?",
    "`",
    "0",
    "1",
    "00",
    "0x",
    "1_",
    "1__0",
    "1e",
    "1j",
    "0b2",
    "1.e5",
    "9999999999999999999999",
    "None",
    "True",
    "__debug__",
    "_",
    "x",
    "self",
    "and ",
    "as ",
    "assert ",
    "async ",
    "await ",
    "break",
    "case ",
    "class ",
    "continue",
    "def ",
    "del ",
    "elif ",
    "else:",
    "except ",
    "except* ",
    "finally:",
    "for ",
    "from ",
    "global ",
    "if ",
    "import ",
    "in ",
    "is ",
    "lambda ",
    "lambda: ",
    "match ",
    "nonlocal ",
    "not ",
    "or ",
    "pass",
    "raise ",
    "return ",
    "try:",
    "type ",
    "while ",
    "with ",
    "yield ",
    "yield from ",
    "*a",
    "**k",
    "x for x in y",
    "[T]",
    "[*Ts]",
    "[**P]",
    "/, ",
    "*, ",
    "= 1",
    "print ",
    "exec ",
];

impl Corpus {
    /// Reads the programs under some directories.
    pub fn read(directories: &[PathBuf]) -> Corpus {
        let mut files = Vec::new();
        for directory in directories {
            list(directory, &mut files);
        }
        files.sort();
        Corpus(
            files
                .iter()
                .filter_map(|file| std::fs::read(file).ok())
                .collect(),
        )
    }

    /// Whether there is nothing to mutate.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A mutant.
    pub fn mutant(&self, random: &mut Random) -> Vec<u8> {
        let source = &self.0[random.below(self.0.len())];
        let mut text = cut(source, random).to_vec();
        for _ in 0..1 + random.below(3) {
            self.edit(&mut text, random);
        }
        text
    }

    fn edit(&self, text: &mut Vec<u8>, random: &mut Random) {
        let at = random.below(text.len() + 1);
        match random.below(10) {
            0 => text.insert(at, random.below(256) as u8),
            1 if at < text.len() => text[at] = 32 + random.below(95) as u8,
            2 if at < text.len() => drop(text.remove(at)),
            3 | 4 => drop(text.splice(at..at, random.pick(PIECES).bytes())),
            5 => {
                let range = token(text, at);
                text.splice(range, random.pick(PIECES).bytes());
            }
            6 => drop(text.drain(token(text, at))),
            7 => {
                let (from, other) = (token(text, at), random.below(text.len() + 1));
                let to = token(text, other);
                let word = text[from].to_vec();
                text.splice(to, word);
            }
            8 => {
                let (from, to) = line(text, at);
                if random.chance(50) {
                    text.drain(from..to);
                } else {
                    let copy = text[from..to].to_vec();
                    text.splice(from..from, copy);
                }
            }
            _ => {
                let other = &self.0[random.below(self.0.len())];
                let (from, to) = line(other, random.below(other.len() + 1));
                let (start, _) = line(text, at);
                text.splice(start..start, other[from..to].iter().copied());
            }
        }
    }
}

fn list(directory: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(directory) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            list(&path, files);
        } else if path.extension().is_some_and(|ext| ext == "py") {
            files.push(path);
        }
    }
}

/// Some whole lines of a long text.
fn cut<'a>(text: &'a [u8], random: &mut Random) -> &'a [u8] {
    if text.len() <= LONGEST {
        return text;
    }
    let (from, _) = line(text, random.below(text.len() - LONGEST));
    let (to, _) = line(text, from + LONGEST);
    &text[from..to.max(from)]
}

/// The line around a place, with its end.
fn line(text: &[u8], at: usize) -> (usize, usize) {
    let at = at.min(text.len());
    let from = text[..at].iter().rposition(|&byte| byte == b'\n');
    let to = text[at..].iter().position(|&byte| byte == b'\n');
    (
        from.map_or(0, |from| from + 1),
        to.map_or(text.len(), |to| at + to + 1),
    )
}

/// The word around a place, or the character there.
fn token(text: &[u8], at: usize) -> std::ops::Range<usize> {
    if at >= text.len() {
        return text.len()..text.len();
    }
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte >= 128;
    if !word(&text[at]) {
        return at..at + 1;
    }
    let from = text[..at].iter().rposition(|byte| !word(byte));
    let to = text[at..].iter().position(|byte| !word(byte));
    from.map_or(0, |from| from + 1)..to.map_or(text.len(), |to| at + to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_lines_are_found() {
        assert_eq!(token(b"ab cd", 4), 3..5);
        assert_eq!(token(b"ab cd", 2), 2..3);
        assert_eq!(token(b"ab", 2), 2..2);
        assert_eq!(line(b"a\nbc\nd", 3), (2, 5));
        assert_eq!(line(b"", 0), (0, 0));
    }

    #[test]
    fn mutants_of_a_seed_are_the_same() {
        let corpus = Corpus(vec![b"x = 1\nprint(x)\n".to_vec(), b"pass\n".to_vec()]);
        for seed in 0..500 {
            let mutant = || corpus.mutant(&mut Random::new(seed));
            assert_eq!(mutant(), mutant());
        }
    }
}
