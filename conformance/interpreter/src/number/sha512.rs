//! SHA-512 (FIPS 180-4): what `random.seed` makes of a string.
//!
//! The constants are the fractional bits of the cube and square roots of the first primes, and are
//! computed as such.

/// The digest of `message`.
pub fn sha512(message: &[u8]) -> [u8; 64] {
    let primes = first_primes();
    let mut state: [u64; 8] = std::array::from_fn(|i| root_fraction(primes[i], 2));
    let constants: [u64; 80] = std::array::from_fn(|i| root_fraction(primes[i], 3));
    let mut padded = message.to_vec();
    padded.push(0x80);
    padded.resize(
        padded.len().next_multiple_of(128) + if padded.len() % 128 > 112 { 128 } else { 0 },
        0,
    );
    let end = padded.len();
    padded[end - 16..].copy_from_slice(&(message.len() as u128 * 8).to_be_bytes());
    for block in padded.chunks_exact(128) {
        compress(&mut state, block, &constants);
    }
    let mut digest = [0; 64];
    for (out, word) in digest.chunks_exact_mut(8).zip(state) {
        out.copy_from_slice(&word.to_be_bytes());
    }
    digest
}

fn compress(state: &mut [u64; 8], block: &[u8], constants: &[u64; 80]) {
    let mut words = [0u64; 80];
    for (word, bytes) in words.iter_mut().zip(block.chunks_exact(8)) {
        *word = bytes
            .iter()
            .fold(0, |word, &byte| word << 8 | u64::from(byte));
    }
    for i in 16..80 {
        let (a, b) = (words[i - 15], words[i - 2]);
        let s0 = a.rotate_right(1) ^ a.rotate_right(8) ^ (a >> 7);
        let s1 = b.rotate_right(19) ^ b.rotate_right(61) ^ (b >> 6);
        words[i] = words[i - 16]
            .wrapping_add(s0)
            .wrapping_add(words[i - 7])
            .wrapping_add(s1);
    }
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
    for (word, constant) in words.iter().zip(constants) {
        let s1 = e.rotate_right(14) ^ e.rotate_right(18) ^ e.rotate_right(41);
        let choice = (e & f) ^ (!e & g);
        let t1 = h
            .wrapping_add(s1)
            .wrapping_add(choice)
            .wrapping_add(*constant)
            .wrapping_add(*word);
        let s0 = a.rotate_right(28) ^ a.rotate_right(34) ^ a.rotate_right(39);
        let t2 = s0.wrapping_add((a & b) ^ (a & c) ^ (b & c));
        (h, g, f, e, d, c, b, a) = (g, f, e, d.wrapping_add(t1), c, b, a, t1.wrapping_add(t2));
    }
    for (sum, word) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        *sum = sum.wrapping_add(word);
    }
}

fn first_primes() -> [u64; 80] {
    let mut primes = [0; 80];
    let mut next = 2u64;
    for index in 0..80 {
        while primes[..index]
            .iter()
            .any(|prime| next.is_multiple_of(*prime))
        {
            next += 1;
        }
        primes[index] = next;
        next += 1;
    }
    primes
}

/// The first 64 fractional bits of the square or cube root of `n`.
fn root_fraction(n: u64, degree: u32) -> u64 {
    let root = (num_bigint::BigUint::from(n) << (64 * degree)).nth_root(degree);
    root.iter_u64_digits().next().unwrap_or(0)
}

#[test]
fn digests_match_the_standard() {
    let hex = |message: &[u8]| {
        sha512(message)[..8]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    assert_eq!(hex(b"abc"), "ddaf35a193617aba");
    assert_eq!(hex(b""), "cf83e1357eefb8bd");
    assert_eq!(hex(&[b'a'; 111]), "fa9121c7b32b9e01");
    assert_eq!(hex(&[b'a'; 112]), "c01d080efd492776");
    assert_eq!(hex(&[b'a'; 128]), "b73d1929aa615934");
}
