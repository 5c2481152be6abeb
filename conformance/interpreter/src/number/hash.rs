//! Hashes that Python fixes: equal numbers of any type agree, and `-1` is never a hash.
//!
//! A number's hash is its value modulo the Mersenne prime 2⁶¹ - 1, fractions by modular inverse, so
//! that `hash(2) == hash(2.0) == hash(Fraction(2))`. Text uses SipHash-1-3 under a per-process key.

use crate::prelude::*;
use core::hash::Hasher;

use num_bigint::{BigInt, Sign};
use siphasher::sip::SipHasher13;

use super::float_text::decompose;

/// The modulus of numeric hashes: 2⁶¹ - 1.
pub const MODULUS: u64 = (1 << BITS) - 1;
/// The hash of infinity.
pub const INFINITY: i64 = 314_159;
/// The factor of the imaginary part.
pub const IMAGINARY: i64 = 1_000_003;

/// `hash(int)` of a machine word.
#[inline]
pub fn small_int(int: i64) -> i64 {
    let rest = (int.unsigned_abs() % MODULUS) as i64;
    not_minus_one(if int < 0 { -rest } else { rest })
}

/// `hash(int)`.
pub fn int(int: &BigInt) -> i64 {
    // 2^61 is 1 here, so a digit further up only turns its contribution around.
    let mut rest = 0u64;
    for digit in int.iter_u64_digits().rev() {
        let wide = (u128::from(rest) << 64 | u128::from(digit)) % u128::from(MODULUS);
        rest = wide as u64;
    }
    let rest = rest as i64;
    not_minus_one(if int.sign() == Sign::Minus {
        -rest
    } else {
        rest
    })
}

/// `hash(float)`; `None` for NaN, whose hash is its object's identity.
#[inline]
pub fn float(x: f64) -> Option<i64> {
    if x.is_nan() {
        return None;
    }
    if x.is_infinite() {
        return Some(if x > 0.0 { INFINITY } else { -INFINITY });
    }
    let (mantissa, exponent) = decompose(x);
    let turn = exponent.rem_euclid(BITS as i32) as u32;
    let rest = u128::from(mantissa.unsigned_abs()) << turn;
    let rest = (rest % u128::from(MODULUS)) as i64;
    Some(not_minus_one(if mantissa < 0 { -rest } else { rest }))
}

/// `hash(complex)`, given the hashes of its parts (a NaN part brings its object's identity).
pub fn complex(re: i64, im: i64) -> i64 {
    not_minus_one(re.wrapping_add(im.wrapping_mul(IMAGINARY)))
}

/// `hash(object)` by identity: the low bits are the same for everything, so they go last.
#[inline]
pub fn identity(address: usize) -> i64 {
    not_minus_one(address.rotate_right(4) as i64)
}

/// The key of text hashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextKey {
    /// The first half.
    pub k0: u64,
    /// The second half.
    pub k1: u64,
}

impl TextKey {
    /// The key `PYTHONHASHSEED=seed` stands for.
    pub fn from_seed(seed: u32) -> TextKey {
        let mut bytes = [0u8; 16];
        if seed != 0 {
            let mut state = seed;
            for byte in &mut bytes {
                state = state.wrapping_mul(214_013).wrapping_add(2_531_011);
                *byte = (state >> 16) as u8;
            }
        }
        TextKey::from_bytes(bytes)
    }

    /// A key from random bytes.
    pub fn from_bytes(bytes: [u8; 16]) -> TextKey {
        let [k0, k1] = [0, 8].map(|at| u64::from_le_bytes(core::array::from_fn(|i| bytes[at + i])));
        TextKey { k0, k1 }
    }

    /// `hash(bytes)`, and of an ASCII `str`.
    #[inline]
    pub fn bytes(&self, bytes: &[u8]) -> i64 {
        if bytes.is_empty() {
            return 0;
        }
        let mut hasher = SipHasher13::new_with_keys(self.k0, self.k1);
        hasher.write(bytes);
        not_minus_one(hasher.finish() as i64)
    }

    /// `hash(str)`. Python hashes the characters as one, two or four bytes each, whichever holds
    /// the largest; ASCII is its own bytes.
    pub fn text(&self, text: &crate::text::wtf8::Wtf8) -> i64 {
        if text.is_ascii() {
            return self.bytes(text.as_bytes());
        }
        let points = text.code_points();
        let wide: Vec<u8> = match points.clone().max().unwrap_or(0) {
            ..0x100 => points.map(|point| point as u8).collect(),
            0x100..0x1_0000 => points
                .flat_map(|point| (point as u16).to_ne_bytes())
                .collect(),
            _ => points.flat_map(u32::to_ne_bytes).collect(),
        };
        self.bytes(&wide)
    }
}

/// `hash(tuple)` from the hashes of its items: xxHash's mixing, item by item.
pub fn tuple(items: impl IntoIterator<Item = i64>) -> i64 {
    let (state, len) = mix(items);
    finish(state.wrapping_add(len ^ (PRIME_5 ^ 3_527_539)))
}

/// `hash(slice)` from the hashes of its parts: as a tuple's, but that the length is not mixed in.
pub fn slice(parts: [i64; 3]) -> i64 {
    finish(mix(parts).0)
}

const PRIME_5: u64 = 2_870_177_450_012_600_261;

fn mix(items: impl IntoIterator<Item = i64>) -> (u64, u64) {
    const PRIME_1: u64 = 11_400_714_785_074_694_791;
    const PRIME_2: u64 = 14_029_467_366_897_019_727;
    let (mut state, mut len) = (PRIME_5, 0u64);
    for item in items {
        state = state
            .wrapping_add((item as u64).wrapping_mul(PRIME_2))
            .rotate_left(31)
            .wrapping_mul(PRIME_1);
        len += 1;
    }
    (state, len)
}

fn finish(state: u64) -> i64 {
    if state == u64::MAX {
        1_546_275_796
    } else {
        state as i64
    }
}

/// `hash(frozenset)` from the hashes of its items, in any order.
pub fn frozenset(items: impl IntoIterator<Item = i64>) -> i64 {
    let (mut state, mut len) = (0u64, 0u64);
    for item in items {
        let item = item as u64;
        // Spread close hashes apart before the symmetric difference joins them.
        state ^= ((item ^ 89_869_747) ^ (item << 16)).wrapping_mul(3_644_798_167);
        len += 1;
    }
    state ^= len.wrapping_add(1).wrapping_mul(1_927_868_237);
    state ^= (state >> 11) ^ (state >> 25);
    state = state.wrapping_mul(69_069).wrapping_add(907_133_923);
    if state == u64::MAX {
        590_923_713
    } else {
        state as i64
    }
}

/// Every hash but -1, which means an error in Python's own tables.
#[inline]
pub const fn not_minus_one(hash: i64) -> i64 {
    if hash == -1 { -2 } else { hash }
}

const BITS: u32 = 61;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::wtf8::{Wtf8, Wtf8Buf};

    #[test]
    fn numbers() {
        for (text, hash) in [
            ("-1", -2),
            ("2305843009213693951", 0),
            ("-2305843009213693952", -2),
            ("-9223372036854775808", -4),
            ("1000000000000000000000000000000", 465258685558744706),
            (
                "-100000000000000000000000000000000000000000000000000",
                -619332571178673746,
            ),
        ] {
            let big: BigInt = text.parse().unwrap();
            assert_eq!(int(&big), hash, "{text}");
            if let Ok(small) = text.parse() {
                assert_eq!(small_int(small), hash, "{text}");
            }
        }
        for (x, hash) in [
            (-1.0, -2),
            (0.5, 1152921504606846976),
            (-0.1, -230584300921369408),
            (1e300, 1224995262755759164),
            (5e-324, 16777216),
            (-2.5e-10, -699647011998930896),
            (1e18, 1000000000000000000),
            (f64::NEG_INFINITY, -314159),
        ] {
            assert_eq!(float(x), Some(hash), "{x}");
        }
        assert_eq!(float(f64::NAN), None);
        assert_eq!(complex(1, 2), 2000007);
    }

    #[test]
    fn containers() {
        assert_eq!(tuple([]), 5740354900026072187);
        assert_eq!(tuple([1, 2, 3]), 529344067295497451);
        assert_eq!(tuple([-2]), 8078679518589016365);
        assert_eq!(slice([1, 2, 3]), -2340833382717974474);
        assert_eq!(frozenset([]), 133146708735736);
        assert_eq!(frozenset([3, 1, 2]), -272375401224217160);
        assert_eq!(frozenset([-2, 465258685558744706]), 2007813684688575657);
    }

    #[test]
    fn text_under_seeds() {
        let lone: Wtf8Buf = [0xD800].into_iter().collect();
        for (seed, hashes) in [
            (
                0,
                [
                    4644417185603328019,
                    -5642461784034726774,
                    6047309291227476195,
                    7542247858446192590,
                    -8926728262118538918,
                    5926611903945376553,
                ],
            ),
            (
                42,
                [
                    -123207753977932514,
                    -3893157060480277979,
                    5653850369683463245,
                    6573934580854229043,
                    -7412435959675129227,
                    3727559787064597055,
                ],
            ),
        ] {
            let key = TextKey::from_seed(seed);
            let texts = ["a", "hello world", "é", "€uro", "😀x"].map(Wtf8::from_str);
            for (text, hash) in texts.into_iter().chain([&*lone]).zip(hashes) {
                assert_eq!(key.text(text), hash, "{text:?}");
            }
        }
        assert_eq!(
            TextKey::from_seed(0).bytes(b"\xff\x00"),
            7217110220190950386
        );
        assert_eq!(TextKey::from_seed(7).bytes(b""), 0);
    }
}
