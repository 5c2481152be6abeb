//! The numbers of the operations, as `re._constants` counts them.

macro_rules! numbers {
    ($($name:ident)*) => {
        // The names that `re._constants` gives them.
        #[allow(clippy::upper_case_acronyms, non_camel_case_types)]
        #[repr(u32)]
        enum Number { $($name,)* }
        // Some stand here for the numbers of those behind them.
        $(#[allow(dead_code)] pub(super) const $name: u32 = Number::$name as u32;)*
    };
}

numbers! {
    FAILURE SUCCESS ANY ANY_ALL ASSERT ASSERT_NOT AT BRANCH CATEGORY CHARSET BIGCHARSET GROUPREF GROUPREF_EXISTS IN INFO JUMP LITERAL
    MARK MAX_UNTIL MIN_UNTIL NOT_LITERAL NEGATE RANGE REPEAT REPEAT_ONE SUBPATTERN MIN_REPEAT_ONE ATOMIC_GROUP POSSESSIVE_REPEAT
    POSSESSIVE_REPEAT_ONE GROUPREF_IGNORE IN_IGNORE LITERAL_IGNORE NOT_LITERAL_IGNORE GROUPREF_LOC_IGNORE IN_LOC_IGNORE
    LITERAL_LOC_IGNORE NOT_LITERAL_LOC_IGNORE GROUPREF_UNI_IGNORE IN_UNI_IGNORE LITERAL_UNI_IGNORE NOT_LITERAL_UNI_IGNORE
    RANGE_UNI_IGNORE
}

/// How many kinds of positions there are (`AT_…`).
pub(super) const POSITIONS: u32 = 12;
/// How many categories of characters there are (`CATEGORY_…`).
pub(super) const CATEGORIES: u32 = 18;

/// Bits of an INFO block.
pub(super) mod info {
    /// Every match begins with the characters in the block.
    pub(in super::super) const PREFIX: u32 = 1;
    /// Every match begins with a character of the set in the block.
    pub(in super::super) const CHARSET: u32 = 4;
}

/// No upper bound of a repetition.
pub(super) const MAX_REPEAT: u32 = u32::MAX;
/// Groups a pattern may have.
pub(super) const MAX_GROUPS: u32 = u32::MAX / 2;
/// What `re` and `_sre` must agree on.
pub(super) const MAGIC: i64 = 20_230_612;
