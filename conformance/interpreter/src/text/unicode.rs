//! Character properties: general categories and the predicates `str` asks of one code point.

use super::unicode_tables::{CATEGORY_RUNS, DIGIT_RUNS, NUMERIC_RUNS};

/// A general category.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum Category {
    Lu,
    Ll,
    Lt,
    Lm,
    Lo,
    Mn,
    Mc,
    Me,
    Nd,
    Nl,
    No,
    Pc,
    Pd,
    Ps,
    Pe,
    Pi,
    Pf,
    Po,
    Sm,
    Sc,
    Sk,
    So,
    Zs,
    Zl,
    Zp,
    Cc,
    Cf,
    Cs,
    Co,
    Cn,
}

/// Every category, in the order of its discriminant.
pub const CATEGORIES: [Category; 30] = {
    use Category::*;
    [
        Lu, Ll, Lt, Lm, Lo, Mn, Mc, Me, Nd, Nl, No, Pc, Pd, Ps, Pe, Pi, Pf, Po, Sm, Sc, Sk, So, Zs,
        Zl, Zp, Cc, Cf, Cs, Co, Cn,
    ]
};

impl Category {
    /// The two-letter name.
    pub fn name(self) -> &'static str {
        const NAMES: &str = "LuLlLtLmLoMnMcMeNdNlNoPcPdPsPePiPfPoSmScSkSoZsZlZpCcCfCsCoCn";
        let at = self as usize * 2;
        &NAMES[at..at + 2]
    }
}

/// The general category of a code point.
pub fn category(point: u32) -> Category {
    CATEGORIES[(CATEGORY_RUNS[run_of(point)] & 31) as usize]
}

/// A letter: categories Lu, Ll, Lt, Lm, Lo.
#[inline]
pub fn is_alpha(point: u32) -> bool {
    match ascii(point) {
        Some(byte) => byte.is_ascii_alphabetic(),
        None => category(point) <= Category::Lo,
    }
}

/// A decimal digit: usable in a number.
#[inline]
pub fn is_decimal(point: u32) -> bool {
    match ascii(point) {
        Some(byte) => byte.is_ascii_digit(),
        None => category(point) == Category::Nd,
    }
}

/// The value of a decimal digit in any script.
#[inline]
pub fn decimal_value(point: u32) -> Option<u32> {
    match ascii(point) {
        Some(byte) => byte.is_ascii_digit().then(|| point - 0x30),
        None => {
            let run = CATEGORY_RUNS[run_of(point)];
            // Decimal digits come in whole rows of ten, zero first.
            (run & 31 == Category::Nd as u32).then(|| (point - (run >> 5)) % 10)
        }
    }
}

/// A decimal digit, or another sign for one (superscripts, circled digits).
#[inline]
pub fn is_digit(point: u32) -> bool {
    is_decimal(point) || point >= 0x80 && in_runs(&DIGIT_RUNS, point)
}

/// A sign for a number: digits, fractions, ideographs.
#[inline]
pub fn is_numeric(point: u32) -> bool {
    is_digit(point) || point >= 0x80 && in_runs(&NUMERIC_RUNS, point)
}

/// A letter or anything numeric.
#[inline]
pub fn is_alnum(point: u32) -> bool {
    is_alpha(point) || is_numeric(point)
}

/// White space as `str.split()` and `str.strip()` see it.
#[inline]
pub fn is_space(point: u32) -> bool {
    match point {
        0x20 | 0x9..=0xD | 0x1C..=0x1F => true,
        ..0x85 => false,
        _ => matches!(
            point,
            0x85 | 0xA0 | 0x1680 | 0x2000..=0x200A | 0x2028 | 0x2029 | 0x202F | 0x205F | 0x3000
        ),
    }
}

/// A line boundary as `str.splitlines()` sees it.
#[inline]
pub fn is_line_break(point: u32) -> bool {
    matches!(point, 0xA..=0xD | 0x1C..=0x1E | 0x85 | 0x2028 | 0x2029)
}

/// Whether `repr` shows the code point as itself.
#[inline]
pub fn is_printable(point: u32) -> bool {
    match point {
        0x20..=0x7E => true,
        ..0xA1 => false,
        _ => category(point) < Category::Zs,
    }
}

/// Has the Uppercase property.
#[inline]
pub fn is_upper(point: u32) -> bool {
    match ascii(point) {
        Some(byte) => byte.is_ascii_uppercase(),
        None => {
            category(point) != Category::Cn && char::from_u32(point).is_some_and(char::is_uppercase)
        }
    }
}

/// Has the Lowercase property.
#[inline]
pub fn is_lower(point: u32) -> bool {
    // std may know a newer Unicode: what our tables hold decides.
    match ascii(point) {
        Some(byte) => byte.is_ascii_lowercase(),
        None => match category(point) {
            Category::Ll => true,
            Category::Cn => false,
            _ => char::from_u32(point).is_some_and(char::is_lowercase),
        },
    }
}

/// A title-case letter, such as U+01C5.
#[inline]
pub fn is_title(point: u32) -> bool {
    point >= 0x80 && category(point) == Category::Lt
}

/// Has the Cased property.
#[inline]
pub fn is_cased(point: u32) -> bool {
    is_lower(point) || is_upper(point) || is_title(point)
}

/// May start an identifier.
#[inline]
pub fn is_identifier_start(point: u32) -> bool {
    point == 0x5F
        || char::from_u32(point).is_some_and(unicode_ident::is_xid_start)
            && (point < 0x80 || category(point) != Category::Cn)
}

/// May continue an identifier.
#[inline]
pub fn is_identifier_continue(point: u32) -> bool {
    char::from_u32(point).is_some_and(unicode_ident::is_xid_continue)
        && (point < 0x80 || category(point) != Category::Cn)
}

#[inline]
fn ascii(point: u32) -> Option<u8> {
    (point < 0x80).then_some(point as u8)
}

fn run_of(point: u32) -> usize {
    // The table starts at 0, so something is always at or below.
    CATEGORY_RUNS.partition_point(|&run| run >> 5 <= point) - 1
}

fn in_runs(runs: &[(u32, u32)], point: u32) -> bool {
    let after = runs.partition_point(|&(first, _)| first <= point);
    after > 0 && point <= runs[after - 1].1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn categories_of_known_characters() {
        for (point, name) in [
            (0x41, "Lu"),
            (0x1C5, "Lt"),
            (0x2B0, "Lm"),
            (0x5D0, "Lo"),
            (0x300, "Mn"),
            (0x663, "Nd"),
            (0xBD, "No"),
            (0x20AC, "Sc"),
            (0xD800, "Cs"),
            (0xE000, "Co"),
            (0x10FFFF, "Cn"),
            (0x200B, "Cf"),
        ] {
            assert_eq!(category(point).name(), name, "{point:x}");
        }
    }

    #[test]
    fn digits_and_numbers() {
        assert_eq!(decimal_value(0x667), Some(7));
        assert_eq!(decimal_value(0x1D7E1), Some(9));
        assert_eq!(decimal_value(0xB2), None);
        assert!(is_digit(0xB2) && !is_decimal(0xB2));
        assert!(is_numeric(0xBD) && !is_digit(0xBD));
        assert!(is_numeric(0x4E03) && is_alpha(0x4E03));
    }

    #[test]
    fn printable_excludes_separators_and_controls() {
        assert!(is_printable(0x20) && is_printable(0xE9) && is_printable(0x1F600));
        for point in [0x7F, 0xA0, 0xAD, 0x2028, 0xD800, 0xE000, 0x378, 0x3000] {
            assert!(!is_printable(point), "{point:x}");
        }
    }
}
