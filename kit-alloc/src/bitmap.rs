//! Runs of bits in a word: which slices of a segment are taken.

/// The mask of `len` bits from bit `first`.
#[inline]
pub const fn mask(first: usize, len: usize) -> usize {
    debug_assert!(len >= 1 && first + len <= usize::BITS as usize);
    (usize::MAX >> (usize::BITS as usize - len)) << first
}

/// The lowest position of `len` clear bits in a row.
#[inline]
pub const fn first_clear_run(word: usize, len: usize) -> Option<usize> {
    match starts(word, len) {
        0 => None,
        starts => Some(starts.trailing_zeros() as usize),
    }
}

/// The highest position of `len` clear bits in a row.
#[inline]
pub const fn last_clear_run(word: usize, len: usize) -> Option<usize> {
    match starts(word, len) {
        0 => None,
        starts => Some(starts.ilog2() as usize),
    }
}

/// The positions where `len` clear bits in a row begin.
const fn starts(word: usize, len: usize) -> usize {
    // Bit i of `starts` says that bits i..i+have are clear; doubling `have` takes few steps.
    let (mut starts, mut have) = (!word, 1);
    while have < len {
        let step = if have <= len - have { have } else { len - have };
        starts &= starts >> step;
        have += step;
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_found_where_a_naive_search_finds_them() {
        let mut word = 0x9e37_79b9_7f4a_7c15_u64 as usize;
        for _ in 0..2000 {
            word = word
                .wrapping_mul(6364136223846793005_u64 as usize)
                .wrapping_add(1442695040888963407_u64 as usize);
            for sparse in [word, word & (word >> 7), word | (word << 3), 0, usize::MAX] {
                for len in 1..=usize::BITS as usize {
                    let naive = || {
                        (0..=usize::BITS as usize - len)
                            .filter(|&first| sparse & mask(first, len) == 0)
                    };
                    assert_eq!(first_clear_run(sparse, len), naive().next());
                    assert_eq!(last_clear_run(sparse, len), naive().next_back());
                }
            }
        }
    }
}
