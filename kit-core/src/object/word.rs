//! One 64-bit word: a pointer to an object, or an *immediate* that needs no object at all.
//!
//! | low bits      | meaning                                                           |
//! |---------------|-------------------------------------------------------------------|
//! | `000`         | null (`0`), or an object; bit 3 marks a *deferred* stack reference |
//! | `10`          | small integer, 62 bits, two's complement                          |
//! | `11`          | constant: an index the embedder gives meaning to                  |
//! | `001 100 101` | double, rotated left by four and incremented                      |
//!
//! Doubles tag themselves: after the rotation the low three bits are the three highest exponent
//! bits, and nearly every double a program computes has one of three patterns there (`011` and
//! `100`: magnitudes between 2^-255 and 2^257; `000`: zero and the very small). Adding one moves
//! those patterns off the pointer tag. Infinities, NaNs and the very large live in objects.
//! After Melançon, Serrano and Feeley, *Float Self-Tagging* (OOPSLA 2025).

use super::header::Header;

/// A tagged machine word. `Copy`, and silent about ownership: who counts what is said by the type
/// that wraps it, an embedder's owning handle for one.
#[derive(Copy, Clone, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct Word(u64);

const _: () = assert!(size_of::<Word>() == 8);

const POINTER_MASK: u64 = 0b111;
const DEFERRED: u64 = 0b1000;
const INT_TAG: u64 = 0b10;
const CONST_TAG: u64 = 0b11;
/// Bit `t` is set when `t`, taken modulo eight, is the tag of a double: 1, 4, 5.
const FLOAT_TAGS: u32 = 0x3232_3232;

impl Word {
    /// The null word: no value, an unbound variable.
    pub const NULL: Word = Word(0);
    /// The largest integer an immediate can hold.
    pub const MAX_INT: i64 = (1 << 61) - 1;
    /// The smallest integer an immediate can hold.
    pub const MIN_INT: i64 = -(1 << 61);

    /// The word with these bits.
    #[inline(always)]
    pub const fn from_bits(bits: u64) -> Word {
        Word(bits)
    }

    /// The bits of the word.
    #[inline(always)]
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// Whether this is [`Word::NULL`].
    #[inline(always)]
    pub const fn is_null(self) -> bool {
        self.0 == 0
    }

    /// The immediate for `value`, which must lie between [`Word::MIN_INT`] and [`Word::MAX_INT`]
    /// (checked when debug assertions are on; higher bits are lost otherwise).
    #[inline(always)]
    pub const fn int_unchecked(value: i64) -> Word {
        debug_assert!(value >= Self::MIN_INT && value <= Self::MAX_INT);
        Word(((value as u64) << 2) | INT_TAG)
    }

    /// The immediate for `value`, or `None` when it does not fit in 62 bits.
    #[inline(always)]
    pub const fn int(value: i64) -> Option<Word> {
        if value >= Self::MIN_INT && value <= Self::MAX_INT {
            Some(Word::int_unchecked(value))
        } else {
            None
        }
    }

    /// Whether this is a small integer.
    #[inline(always)]
    pub const fn is_int(self) -> bool {
        self.0 & 3 == INT_TAG
    }

    /// Whether both words are small integers.
    #[inline(always)]
    pub const fn both_ints(a: Word, b: Word) -> bool {
        ((a.0 ^ INT_TAG) | (b.0 ^ INT_TAG)) & 3 == 0
    }

    /// The value of a small integer; meaningless for other words.
    #[inline(always)]
    pub const fn as_int(self) -> i64 {
        (self.0 as i64) >> 2
    }

    /// The sum of two small integers, or `None` on overflow of the immediate range.
    /// Meaningless unless [`Word::both_ints`].
    #[inline(always)]
    pub const fn int_add(a: Word, b: Word) -> Option<Word> {
        match (a.0 as i64).checked_add((b.0 & !3) as i64) {
            Some(sum) => Some(Word(sum as u64)),
            None => None,
        }
    }

    /// The difference of two small integers, or `None` on overflow of the immediate range.
    /// Meaningless unless [`Word::both_ints`].
    #[inline(always)]
    pub const fn int_sub(a: Word, b: Word) -> Option<Word> {
        match (a.0 as i64).checked_sub((b.0 & !3) as i64) {
            Some(difference) => Some(Word(difference as u64)),
            None => None,
        }
    }

    /// The product of two small integers, or `None` on overflow of the immediate range.
    /// Meaningless unless [`Word::both_ints`].
    #[inline(always)]
    pub const fn int_mul(a: Word, b: Word) -> Option<Word> {
        match ((a.0 & !3) as i64).checked_mul(b.as_int()) {
            Some(product) => Some(Word(product as u64 | INT_TAG)),
            None => None,
        }
    }

    /// The immediate for `value`, or `None` when the double's exponent is not one of the tagged
    /// patterns (infinities, NaNs, magnitudes of 2^257 and above or between 2^-767 and 2^-255).
    #[inline(always)]
    pub const fn float(value: f64) -> Option<Word> {
        let word = Word(value.to_bits().rotate_left(4).wrapping_add(1));
        if word.is_float() { Some(word) } else { None }
    }

    /// Whether this is an immediate double.
    #[inline(always)]
    pub const fn is_float(self) -> bool {
        (FLOAT_TAGS >> (self.0 as u32 & 31)) & 1 != 0
    }

    /// The value of an immediate double; meaningless for other words.
    #[inline(always)]
    pub const fn as_float(self) -> f64 {
        f64::from_bits(self.0.wrapping_sub(1).rotate_right(4))
    }

    /// The constant with this index.
    #[inline(always)]
    pub const fn constant(index: u8) -> Word {
        Word(((index as u64) << 2) | CONST_TAG)
    }

    /// Whether this is a constant.
    #[inline(always)]
    pub const fn is_constant(self) -> bool {
        self.0 & 3 == CONST_TAG
    }

    /// The index of a constant; meaningless for other words.
    #[inline(always)]
    pub const fn as_constant(self) -> u8 {
        (self.0 >> 2) as u8
    }

    /// The word for an object.
    #[inline(always)]
    pub fn object(object: *const Header) -> Word {
        let bits = object as usize as u64;
        debug_assert!(bits & 15 == 0);
        Word(bits)
    }

    /// Whether this is an object (not null, not an immediate), counted or deferred.
    #[inline(always)]
    pub const fn is_object(self) -> bool {
        // One test for "not zero, but the low bits are": the lowest bit that is set.
        self.0 & self.0.wrapping_neg() > POINTER_MASK
    }

    /// Whether this is null or an object: everything that is not an immediate.
    #[inline(always)]
    pub const fn is_pointer(self) -> bool {
        self.0 & POINTER_MASK == 0
    }

    /// Whether this is a non-null reference that owns a count: an object without the deferred bit.
    #[inline(always)]
    pub const fn is_counted(self) -> bool {
        self.0 & self.0.wrapping_neg() > POINTER_MASK | DEFERRED
    }

    /// Whether this is an object reference with the deferred bit.
    #[inline(always)]
    pub const fn is_deferred(self) -> bool {
        self.0 & (POINTER_MASK | DEFERRED) == DEFERRED
    }

    /// The same object, marked deferred. Only for words that are objects.
    #[inline(always)]
    pub const fn deferred(self) -> Word {
        debug_assert!(self.is_object());
        Word(self.0 | DEFERRED)
    }

    /// The same word without the deferred bit: what may be compared for identity and stored in
    /// the heap. Immediates are unchanged.
    #[inline(always)]
    pub const fn plain(self) -> Word {
        if self.0 & POINTER_MASK == 0 {
            Word(self.0 & !DEFERRED)
        } else {
            self
        }
    }

    /// The object; meaningless for immediates.
    #[inline(always)]
    pub const fn as_object(self) -> *mut Header {
        (self.0 & !DEFERRED) as usize as *mut Header
    }

    /// The object of a word that [counts](Self::is_counted): there is no bit to mask.
    #[inline(always)]
    pub const fn as_counted(self) -> *mut Header {
        debug_assert!(self.is_counted());
        self.0 as usize as *mut Header
    }

    /// Whether two words are the same value by identity: the same object, or equal immediates.
    #[inline(always)]
    pub const fn same(a: Word, b: Word) -> bool {
        a.plain().0 == b.plain().0
    }
}

impl core::fmt::Debug for Word {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        if self.is_null() {
            f.write_str("null")
        } else if self.is_int() {
            write!(f, "int {}", self.as_int())
        } else if self.is_float() {
            write!(f, "float {:?}", self.as_float())
        } else if self.is_constant() {
            write!(f, "constant {}", self.as_constant())
        } else {
            write!(
                f,
                "object {:p}{}",
                self.as_object(),
                if self.is_deferred() { " deferred" } else { "" }
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_round_trip_at_the_edges() {
        for value in [0, 1, -1, 42, Word::MAX_INT, Word::MIN_INT] {
            let word = Word::int(value).unwrap();
            assert!(word.is_int() && !word.is_float() && !word.is_constant() && !word.is_pointer());
            assert_eq!(word.as_int(), value);
        }
        assert_eq!(Word::int(Word::MAX_INT + 1), None);
        assert_eq!(Word::int(Word::MIN_INT - 1), None);
    }

    #[test]
    fn integer_arithmetic_stops_at_the_edges() {
        let word = |v| Word::int(v).unwrap();
        assert_eq!(Word::int_add(word(2), word(-5)), Some(word(-3)));
        assert_eq!(Word::int_sub(word(2), word(-5)), Some(word(7)));
        assert_eq!(Word::int_mul(word(-3), word(7)), Some(word(-21)));
        assert_eq!(Word::int_add(word(Word::MAX_INT), word(1)), None);
        assert_eq!(Word::int_sub(word(Word::MIN_INT), word(1)), None);
        assert_eq!(Word::int_mul(word(1 << 31), word(1 << 31)), None);
        assert_eq!(
            Word::int_mul(word(1 << 30), word(1 << 30)),
            Some(word(1 << 60))
        );
    }

    #[test]
    fn doubles_round_trip_or_are_refused() {
        for value in [
            0.0,
            -0.0,
            1.0,
            -1.5,
            1e-300,
            3.25e70,
            -2.5e-70,
            f64::MIN_POSITIVE,
            5e-324,
        ] {
            match Word::float(value) {
                Some(word) => {
                    assert!(
                        word.is_float()
                            && !word.is_int()
                            && !word.is_constant()
                            && !word.is_pointer()
                    );
                    assert_eq!(word.as_float().to_bits(), value.to_bits());
                }
                None => assert!(
                    value.abs() > 1e77 || (value.abs() < 1e-76 && value.abs() > 1e-231),
                    "{value}"
                ),
            }
        }
        for value in [f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 1e300, -1e200] {
            assert_eq!(Word::float(value), None);
        }
        assert!(
            Word::float(0.0).is_some()
                && Word::float(1e77).is_some()
                && Word::float(-1e-76).is_some()
        );
    }

    #[test]
    fn the_deferred_bit_does_not_change_identity() {
        let word = Word::from_bits(0x1000);
        assert!(word.is_object() && word.is_counted() && !word.is_deferred());
        let deferred = word.deferred();
        assert!(deferred.is_object() && !deferred.is_counted() && deferred.is_deferred());
        assert!(Word::same(word, deferred));
        assert_eq!(deferred.plain(), word);
        assert!(!Word::NULL.is_object() && !Word::NULL.is_counted() && Word::NULL.is_pointer());
    }

    #[test]
    fn constants_are_their_own_kind() {
        let word = Word::constant(255);
        assert!(word.is_constant() && !word.is_int() && !word.is_float() && !word.is_pointer());
        assert_eq!(word.as_constant(), 255);
    }
}
