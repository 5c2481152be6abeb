//! Making a program smaller that shows a difference: lines go, then characters, as long as both outcomes still differ in the same way.

/// The smallest text found that `differs` still accepts, with a limited number of tries.
pub fn minimise(text: &[u8], mut differs: impl FnMut(&[u8]) -> bool, mut tries: usize) -> Vec<u8> {
    let mut pieces: Vec<Vec<u8>> = text
        .split_inclusive(|&byte| byte == b'\n')
        .map(<[u8]>::to_vec)
        .collect();
    pieces = shrink(pieces, &mut differs, &mut tries);
    // Within lines: words and single characters, once there are few lines.
    let whole = pieces.concat();
    if whole.len() > 2000 {
        return whole;
    }
    let mut words: Vec<Vec<u8>> = Vec::new();
    for &byte in &whole {
        let glue = |a: u8, b: u8| {
            let word = |c: u8| c.is_ascii_alphanumeric() || c == b'_' || c >= 128;
            word(a) && word(b)
        };
        match words.last_mut() {
            Some(last) if last.last().is_some_and(|&before| glue(before, byte)) => last.push(byte),
            _ => words.push(vec![byte]),
        }
    }
    shrink(words, &mut differs, &mut tries).concat()
}

/// Leaves out runs of pieces, long ones first.
fn shrink(
    mut pieces: Vec<Vec<u8>>,
    differs: &mut impl FnMut(&[u8]) -> bool,
    tries: &mut usize,
) -> Vec<Vec<u8>> {
    let mut size = pieces.len().div_ceil(2);
    while size > 0 {
        let mut at = 0;
        while at < pieces.len() {
            if *tries == 0 {
                return pieces;
            }
            *tries -= 1;
            let end = (at + size).min(pieces.len());
            let rest = [&pieces[..at], &pieces[end..]].concat();
            if differs(&rest.concat()) {
                pieces = rest;
            } else {
                at = end;
            }
        }
        size = if size == 1 { 0 } else { size.div_ceil(2) };
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_matters_stays() {
        let text = b"one\ntwo (three)\nfour\n";
        let small = minimise(text, |text| text.windows(5).any(|w| w == b"three"), 1000);
        assert_eq!(small, b"three");
        let all = minimise(text, |text| text.len() == 21, 1000);
        assert_eq!(all, text);
    }
}
