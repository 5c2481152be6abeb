//! What patterns ask of single characters: categories, sets, case.

use super::op;
use crate::text::unicode;

/// The character in lower case, if that is one ASCII character.
pub(super) fn lower_ascii(point: u32) -> u32 {
    match u8::try_from(point) {
        Ok(byte) => byte.to_ascii_lowercase().into(),
        Err(_) => point,
    }
}

fn upper_ascii(point: u32) -> u32 {
    match u8::try_from(point) {
        Ok(byte) => byte.to_ascii_uppercase().into(),
        Err(_) => point,
    }
}

/// The one character that is this one in lower case.
pub(super) fn lower_unicode(point: u32) -> u32 {
    if point < 0x80 {
        return lower_ascii(point);
    }
    // The one capital whose full lower case is longer than its simple one.
    if point == 0x130 {
        return 'i'.into();
    }
    single(char::from_u32(point).map(char::to_lowercase), point)
}

/// The one character that is this one in upper case.
pub(super) fn upper_unicode(point: u32) -> u32 {
    match point {
        0..0x80 => upper_ascii(point),
        // Small Greek letters with an iota below: their full upper case has the iota beside them.
        0x1F80..=0x1F87 | 0x1F90..=0x1F97 | 0x1FA0..=0x1FA7 => point + 8,
        0x1FB3 | 0x1FC3 | 0x1FF3 => point + 9,
        _ => single(char::from_u32(point).map(char::to_uppercase), point),
    }
}

fn single(mapped: Option<impl Iterator<Item = char>>, point: u32) -> u32 {
    let Some(mut mapped) = mapped else {
        return point;
    };
    match (mapped.next(), mapped.next()) {
        (Some(only), None) => only.into(),
        _ => point,
    }
}

fn is_word_ascii(point: u32) -> bool {
    u8::try_from(point).is_ok_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn is_word_unicode(point: u32) -> bool {
    if point < 0x80 {
        return is_word_ascii(point);
    }
    unicode::is_alnum(point)
}

fn is_space_ascii(point: u32) -> bool {
    matches!(point, 9..=13 | 32)
}

/// Whether the character is of a category; locales are the C locale.
pub(super) fn category(category: u32, point: u32) -> bool {
    let held = match category / 2 {
        0 => u8::try_from(point).is_ok_and(|byte| byte.is_ascii_digit()),
        1 => is_space_ascii(point),
        2 | 4 => is_word_ascii(point),
        3 => point == 10,
        5 => unicode::is_decimal(point),
        6 => unicode::is_space(point),
        7 => is_word_unicode(point),
        _ => unicode::is_line_break(point),
    };
    held == (category.is_multiple_of(2))
}

/// Whether a boundary of words of this kind (`AT_…`) sees the character as part of a word.
pub(super) fn is_word(position: u32, point: u32) -> bool {
    if position < 10 {
        is_word_ascii(point)
    } else {
        is_word_unicode(point)
    }
}

/// Whether the set that `code` begins with has the character.
pub(super) fn in_set(code: &[u32], point: u32) -> bool {
    let mut at = 0;
    let mut found = true;
    loop {
        let operands = &code[at + 1..];
        match code[at] {
            op::LITERAL => {
                if operands[0] == point {
                    return found;
                }
                at += 2;
            }
            op::RANGE => {
                if (operands[0]..=operands[1]).contains(&point) {
                    return found;
                }
                at += 3;
            }
            op::RANGE_UNI_IGNORE => {
                let range = operands[0]..=operands[1];
                if range.contains(&point) || range.contains(&upper_unicode(point)) {
                    return found;
                }
                at += 3;
            }
            op::CATEGORY => {
                if category(operands[0], point) {
                    return found;
                }
                at += 2;
            }
            op::NEGATE => {
                found = !found;
                at += 1;
            }
            op::CHARSET => {
                if point < 256 && bit(operands, point) {
                    return found;
                }
                at += 9;
            }
            op::BIGCHARSET => {
                let (count, rest) = (operands[0] as usize, &operands[1..]);
                if point < 0x10000 {
                    let high = (point >> 8) as usize;
                    // A byte for each block of 256 characters says which of the sets is its.
                    let block = rest[high / 4].to_ne_bytes()[high % 4] as usize;
                    if block < count && bit(&rest[64 + block * 8..], point & 255) {
                        return found;
                    }
                }
                at += 2 + 64 + count * 8;
            }
            _ => return !found,
        }
    }
}

fn bit(bits: &[u32], index: u32) -> bool {
    bits[(index / 32) as usize] >> (index % 32) & 1 != 0
}

/// Whether the operation at the beginning of `code` takes the character.
#[inline(always)]
pub(super) fn takes(code: &[u32], point: u32) -> bool {
    match code[0] {
        op::LITERAL => code[1] == point,
        op::NOT_LITERAL => code[1] != point,
        op::ANY => point != 10,
        op::ANY_ALL => true,
        op::IN => in_set(&code[2..], point),
        _ => takes_slow(code, point),
    }
}

fn takes_slow(code: &[u32], point: u32) -> bool {
    match code[0] {
        op::CATEGORY => category(code[1], point),
        op::LITERAL_IGNORE => code[1] == lower_ascii(point),
        op::NOT_LITERAL_IGNORE => code[1] != lower_ascii(point),
        op::LITERAL_UNI_IGNORE => code[1] == lower_unicode(point),
        op::NOT_LITERAL_UNI_IGNORE => code[1] != lower_unicode(point),
        op::LITERAL_LOC_IGNORE => is_either_case(code[1], point),
        op::NOT_LITERAL_LOC_IGNORE => !is_either_case(code[1], point),
        op::IN_IGNORE => in_set(&code[2..], lower_ascii(point)),
        op::IN_UNI_IGNORE => in_set(&code[2..], lower_unicode(point)),
        op::IN_LOC_IGNORE => {
            in_set(&code[2..], point)
                || in_set(&code[2..], lower_ascii(point))
                || in_set(&code[2..], upper_ascii(point))
        }
        _ => false,
    }
}

fn is_either_case(wanted: u32, point: u32) -> bool {
    wanted == point || wanted == lower_ascii(point) || wanted == upper_ascii(point)
}

/// Whether two characters are the same to a reference to a group with this operation.
pub(super) fn same(reference: u32, a: u32, b: u32) -> bool {
    match reference {
        op::GROUPREF_UNI_IGNORE => lower_unicode(a) == lower_unicode(b),
        _ => lower_ascii(a) == lower_ascii(b),
    }
}
