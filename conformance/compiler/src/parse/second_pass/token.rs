//! The tokens of the second pass, which are those of Python's own tokenizer.

/// What a token is. Operators and keywords are told apart by their text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Name,
    /// A hard keyword.
    Keyword,
    Number,
    String,
    /// `f"`, with its prefix and quotes.
    FStart,
    FMiddle,
    FEnd,
    /// `t"`, with its prefix and quotes.
    TStart,
    TMiddle,
    TEnd,
    Op,
    Newline,
    Indent,
    Dedent,
    /// A comment, for `tokenize` alone.
    Comment,
    /// The end of a line that counts for nothing, for `tokenize` alone.
    Blank,
    End,
}

/// One token: a range of the text, and how deep in brackets it lies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub kind: Kind,
    pub start: u32,
    pub end: u32,
    /// Where the tokenizer stands after this token.
    pub cursor: u32,
    /// Open brackets after this token.
    pub level: u32,
    /// Python knows no column for tokens it makes up: indents, dedents, an implied newline.
    pub has_column: bool,
}

/// The words that are never names.
pub(super) fn is_keyword(word: &str) -> bool {
    matches!(
        word,
        "False"
            | "None"
            | "True"
            | "and"
            | "as"
            | "assert"
            | "async"
            | "await"
            | "break"
            | "class"
            | "continue"
            | "def"
            | "del"
            | "elif"
            | "else"
            | "except"
            | "finally"
            | "for"
            | "from"
            | "global"
            | "if"
            | "import"
            | "in"
            | "is"
            | "lambda"
            | "nonlocal"
            | "not"
            | "or"
            | "pass"
            | "raise"
            | "return"
            | "try"
            | "while"
            | "with"
            | "yield"
    )
}

/// An error of the tokenizer.
#[derive(Clone, Debug)]
pub(super) struct TokenError {
    pub kind: super::SyntaxErrorKind,
    pub message: String,
    pub place: Place,
    /// More text could complete the token.
    pub incomplete: bool,
}

/// Where a tokenizer error is reported.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// At the character before this offset; the text of the error is the bare line.
    Before(u32),
    /// From one offset to another, ends included, with columns from 1.
    Columns { line_start: u32, from: u32, to: u32 },
    /// At `offset`, without an end; the text of the error has its newline.
    At(u32),
    /// At `at`, without an end, with the column measured from the beginning of another line but not past the end of its own.
    Kept { from: u32, at: u32 },
    /// At the end of a line, without an end.
    LineEnd(u32),
    /// Behind the last line.
    LastLine,
    /// At a bracket that is open.
    Bracket(u32),
}
