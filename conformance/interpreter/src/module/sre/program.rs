//! A pattern as `re._compiler` hands it over: words of code. They come from Python, so nothing is taken on trust:
//! a program exists only if every jump and operand in it is where the matcher will look for it.

use super::op;
use crate::vm::outside::Outside;

/// Code that was checked.
pub struct Program {
    code: Outside<Vec<u32>>,
    /// Groups besides the whole match.
    pub groups: usize,
}

impl Program {
    /// The program, if the code is well-formed.
    pub fn new(code: Vec<u32>, groups: usize) -> Option<Program> {
        let check = Check {
            code: &code,
            groups: u32::try_from(groups).ok()?,
        };
        if groups > op::MAX_GROUPS as usize || code.last() != Some(&op::SUCCESS) {
            return None;
        }
        check.block(0, code.len() - 1, 0)?;
        let code = Outside::new(code);
        Some(Program { code, groups })
    }

    /// The code.
    pub fn code(&self) -> &[u32] {
        &self.code
    }

    /// Where matching starts: behind the block about what matches begin with.
    pub fn entry(&self) -> usize {
        if self.code[0] == op::INFO {
            1 + self.code[1] as usize
        } else {
            0
        }
    }

    /// What every match begins with, as characters.
    pub fn prefix(&self) -> Option<&[u32]> {
        let flags = self.info(2)?;
        let length = self.info(5)? as usize;
        (flags & op::info::PREFIX != 0).then(|| &self.code[7..7 + length])
    }

    /// The set of characters that every match begins with.
    pub fn first(&self) -> Option<&[u32]> {
        let flags = self.info(2)?;
        (flags & (op::info::PREFIX | op::info::CHARSET) == op::info::CHARSET)
            .then(|| &self.code[5..])
    }

    /// The least characters of a match.
    pub fn least(&self) -> usize {
        self.info(3).unwrap_or(0) as usize
    }

    fn info(&self, index: usize) -> Option<u32> {
        (self.code[0] == op::INFO).then(|| self.code[index])
    }
}

/// Deeper nesting than the parser of patterns can produce.
const DEEPEST: u32 = 2000;

struct Check<'a> {
    code: &'a [u32],
    groups: u32,
}

impl Check<'_> {
    fn word(&self, at: usize, end: usize) -> Option<u32> {
        if at < end {
            self.code.get(at).copied()
        } else {
            None
        }
    }

    /// Where the distance at `at` leads: no further than `end`.
    fn target(&self, at: usize, end: usize) -> Option<usize> {
        let target = at.checked_add(self.word(at, end)? as usize)?;
        (target > at && target <= end).then_some(target)
    }

    fn is(&self, at: usize, operation: u32) -> Option<()> {
        (self.code.get(at) == Some(&operation)).then_some(())
    }

    /// `start..end` is a sequence of operations.
    fn block(&self, start: usize, end: usize, depth: u32) -> Option<()> {
        if depth > DEEPEST {
            return None;
        }
        let mut at = start;
        while at < end {
            at = self.operation(at, end, depth)?;
        }
        (at == end).then_some(())
    }

    /// Checks the operation at `at`, and says where the next one begins.
    fn operation(&self, at: usize, end: usize, depth: u32) -> Option<usize> {
        let depth = depth + 1;
        match self.word(at, end)? {
            op::MARK => (self.word(at + 1, end)? < 2 * self.groups).then_some(at + 2),
            op::AT => (self.word(at + 1, end)? < op::POSITIONS).then_some(at + 2),
            op::FAILURE | op::SUCCESS | op::ANY | op::ANY_ALL => Some(at + 1),
            op::CATEGORY => (self.word(at + 1, end)? < op::CATEGORIES).then_some(at + 2),
            op::LITERAL
            | op::NOT_LITERAL
            | op::LITERAL_IGNORE
            | op::NOT_LITERAL_IGNORE
            | op::LITERAL_UNI_IGNORE
            | op::NOT_LITERAL_UNI_IGNORE
            | op::LITERAL_LOC_IGNORE
            | op::NOT_LITERAL_LOC_IGNORE => self.word(at + 1, end).map(|_| at + 2),
            op::IN | op::IN_IGNORE | op::IN_UNI_IGNORE | op::IN_LOC_IGNORE => {
                let next = self.target(at + 1, end)?;
                self.set(at + 2, next)?;
                Some(next)
            }
            op::INFO => self.info(at, end),
            op::BRANCH => self.branch(at, end, depth),
            op::REPEAT_ONE | op::MIN_REPEAT_ONE | op::POSSESSIVE_REPEAT_ONE => {
                let next = self.repeat(at, end)?;
                self.is(next - 1, op::SUCCESS)?;
                self.single(at + 4, next - 1)?;
                Some(next)
            }
            op::REPEAT => {
                let until = self.repeat(at, end)?;
                self.block(at + 4, until, depth)?;
                let kind = self.word(until, end)?;
                matches!(kind, op::MAX_UNTIL | op::MIN_UNTIL).then_some(until + 1)
            }
            op::POSSESSIVE_REPEAT => {
                let until = self.repeat(at, end)?;
                self.block(at + 4, until, depth)?;
                (self.word(until, end)? == op::SUCCESS).then_some(until + 1)
            }
            op::ATOMIC_GROUP => {
                let next = self.target(at + 1, end)?;
                self.is(next - 1, op::SUCCESS)?;
                self.block(at + 2, next - 1, depth)?;
                Some(next)
            }
            op::ASSERT | op::ASSERT_NOT => {
                let next = self.target(at + 1, end)?;
                self.word(at + 2, end)?;
                self.is(next - 1, op::SUCCESS)?;
                self.block(at + 3, next - 1, depth)?;
                Some(next)
            }
            op::GROUPREF
            | op::GROUPREF_IGNORE
            | op::GROUPREF_UNI_IGNORE
            | op::GROUPREF_LOC_IGNORE => (self.word(at + 1, end)? < self.groups).then_some(at + 2),
            op::GROUPREF_EXISTS => {
                if self.word(at + 1, end)? >= self.groups {
                    return None;
                }
                let target = at + 1 + self.word(at + 2, end)? as usize;
                if target < at + 3 || target > end {
                    return None;
                }
                // Two alternatives if a jump stands before the second one, and leads further.
                if target >= at + 5
                    && self.code[target - 2] == op::JUMP
                    && let Some(join) = self.target(target - 1, end)
                    && self.block(at + 3, target - 2, depth).is_some()
                {
                    self.block(target, join, depth)?;
                    return Some(join);
                }
                self.block(at + 3, target, depth)?;
                Some(target)
            }
            _ => None,
        }
    }

    /// The bounds of a repetition, and where its skip leads.
    fn repeat(&self, at: usize, end: usize) -> Option<usize> {
        let next = self.target(at + 1, end)?;
        let (least, most) = (self.word(at + 2, end)?, self.word(at + 3, end)?);
        (least <= most && next >= at + 4).then_some(next)
    }

    /// One operation that takes one character.
    fn single(&self, at: usize, end: usize) -> Option<()> {
        let takes_one = matches!(
            self.word(at, end)?,
            op::FAILURE | op::ANY | op::ANY_ALL | op::CATEGORY | op::LITERAL
                ..=op::LITERAL
                    | op::NOT_LITERAL
                    | op::IN
                    | op::IN_IGNORE
                    | op::LITERAL_IGNORE
                    | op::NOT_LITERAL_IGNORE
                    | op::IN_LOC_IGNORE
                    | op::LITERAL_LOC_IGNORE
                    | op::NOT_LITERAL_LOC_IGNORE
                    | op::IN_UNI_IGNORE
                    | op::LITERAL_UNI_IGNORE
                    | op::NOT_LITERAL_UNI_IGNORE
        );
        (takes_one && self.operation(at, end, 0)? == end).then_some(())
    }

    fn branch(&self, at: usize, end: usize, depth: u32) -> Option<usize> {
        let mut skip = at + 1;
        let mut join = None;
        while self.word(skip, end)? != 0 {
            let next = self.target(skip, end)?;
            if next < skip + 3 || self.code[next - 2] != op::JUMP {
                return None;
            }
            self.block(skip + 1, next - 2, depth)?;
            let target = self.target(next - 1, end)?;
            if *join.get_or_insert(target) != target {
                return None;
            }
            skip = next;
        }
        // The alternatives meet where the next operation begins.
        match join {
            None => Some(skip + 1),
            Some(join) => (join == skip + 1).then_some(join),
        }
    }

    /// What is said about all matches, at the beginning of a program.
    fn info(&self, at: usize, end: usize) -> Option<usize> {
        if at != 0 {
            return None;
        }
        let next = self.target(1, end)?;
        let flags = self.word(2, next)?;
        self.word(4, next)?;
        if flags & op::info::PREFIX != 0 {
            let length = self.word(5, next)? as usize;
            let characters = length.checked_mul(2)?.checked_add(7)?;
            if length == 0 || characters > next {
                return None;
            }
        } else if flags & op::info::CHARSET != 0 {
            self.set(5, next)?;
        }
        Some(next)
    }

    /// `start..end` is a set of characters.
    fn set(&self, start: usize, end: usize) -> Option<()> {
        let mut at = start;
        loop {
            at = match self.word(at, end)? {
                op::FAILURE => return (at + 1 == end).then_some(()),
                op::NEGATE => at + 1,
                op::LITERAL => at + 2,
                op::CATEGORY => {
                    if self.word(at + 1, end)? >= op::CATEGORIES {
                        return None;
                    }
                    at + 2
                }
                op::RANGE | op::RANGE_UNI_IGNORE => at + 3,
                op::CHARSET => at + 9,
                op::BIGCHARSET => {
                    let count = self.word(at + 1, end)? as usize;
                    count.checked_mul(8)?.checked_add(at + 2 + 64)?
                }
                _ => return None,
            };
        }
    }
}
