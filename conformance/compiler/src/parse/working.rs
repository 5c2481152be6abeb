//! What parsing and compiling a text will take, estimated before it is done: the syntax tree and the tokens are the
//! parser's, which does not stop when memory runs short.

use ruff_python_ast::token::TokenKind;
use ruff_python_parser as ruff;

/// Bytes for a text while it is parsed and compiled, at most.
///
/// Tokens are counted, since what a tree takes is in proportion to them: a text may as well be one comment.
pub fn working_bytes(source: &str) -> usize {
    // A longer one is refused.
    if source.len() < SMALL || u32::try_from(source.len()).is_err() {
        return 0;
    }
    let mut lexer = ruff::lexer::lex(source, ruff::Mode::Module);
    let mut tokens = 0;
    while lexer.next_token() != TokenKind::EndOfFile {
        tokens += 1;
    }
    source.len() * COPIES + tokens * TOKEN
}

/// Texts of fewer bytes take too little to be asked for.
const SMALL: usize = 4096;
/// Times that a text, or most of it, may be there: with other ends of lines, as a constant, as an object.
const COPIES: usize = 4;
/// Bytes for a token, in trees of nothing but names and operators: 175 were measured, tables that grow included.
const TOKEN: usize = 192;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_count_and_comments_do_not() {
        let names = "x\n".repeat(10_000);
        let comment = format!("#{}", "x ".repeat(10_000));
        assert!(working_bytes(&names) > 20_000 * TOKEN);
        assert!(working_bytes(&comment) < 20_000 * COPIES + 10 * TOKEN);
        assert_eq!(working_bytes("x"), 0);
        // What cannot be read ends too.
        assert!(working_bytes(&"'\0?\u{feff}".repeat(2000)) > 0);
    }
}
