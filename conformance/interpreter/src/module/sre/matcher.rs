//! The matcher: a machine with one position in the code, one in the text, and a stack of what to do when it gets
//! stuck.
//!
//! ```text
//!  entry:  where to go on ─ position in the text ─ the repetition it is in ─ how much of `trail` and `rounds` was there
//!  trail:  marks that were overwritten, newest last       taken back down to where the entry says
//!  rounds: rounds of repetitions; never changed           each knows the one around it
//! ```
//!
//! What must not be gone back into (lookaround, atomic groups, possessive repetitions) pushes an entry that is a *fence*: on success
//! everything above it is dropped, with it.
//!
//! Positions are offsets into the bytes of the text. `WIDE` is false where each byte is a character: ASCII strings, and bytes.
//! The stack is on the heap, so no pattern makes the native one overflow; and a match that takes long lets signals through.

use super::chars::{self, takes};
use super::op;
use super::program::Program;
use crate::error::{PyResult, Raised};
use crate::text::wtf8::find_bytes;
use crate::vm::outside;
use kit_core::thread::Ctx;

/// No position: a group that took no part.
pub(super) const UNSET: usize = usize::MAX;

/// No fence, no round.
const NONE: usize = usize::MAX;

/// What a match has to be, besides matching.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// Any.
    Free,
    /// It reaches to the end.
    Whole,
    /// It is not empty.
    Advancing,
}

/// A match.
pub(super) struct Found {
    /// Where it starts and ends, then the same of each group.
    pub marks: Box<[usize]>,
    /// The group that was closed last; 0 for none.
    pub last: usize,
}

#[derive(Clone, Copy)]
enum Then {
    /// The next of the alternatives whose distance is at `ip`.
    Branch,
    /// What follows the repetition at `ip`, with one character less.
    Less { count: usize },
    /// One character more for the repetition at `ip`, then what follows.
    More { count: usize },
    /// Go on at `ip`.
    Go,
    /// Another round for the repetition at `ip`, this one.
    Round { count: usize },
    /// A fence: what is inside has failed, and with it the whole. Else go on at `ip`, where it began.
    Assert,
    /// A fence: what is inside has failed, so go on at `ip`.
    AssertNot,
    /// A fence: what is inside has failed, and with it the whole. Else go on at `ip`, where it ends.
    Atomic,
    /// A fence around a round of the possessive repetition at `ip`.
    Possessive { count: usize },
}

#[derive(Clone, Copy)]
struct Entry {
    then: Then,
    ip: usize,
    at: usize,
    round: usize,
    trail: usize,
    rounds: usize,
    /// The fence around this one, for fences.
    fence: usize,
}

/// A round of a repetition.
#[derive(Clone, Copy)]
struct Round {
    /// Of the repetition at this place.
    ip: usize,
    /// How many were begun before it.
    count: usize,
    /// Where the last one began that may be empty.
    began: usize,
    /// The round of the repetition around this one.
    outer: usize,
}

struct Overwritten {
    mark: usize,
    value: usize,
    last: usize,
}

/// A matcher of one pattern in one text.
pub(super) struct Matcher<'a, const WIDE: bool> {
    code: &'a [u32],
    program: &'a Program,
    text: &'a [u8],
    /// Where the text ends as far as the pattern may see.
    end: usize,
    marks: Vec<usize>,
    last: usize,
    stack: Vec<Entry>,
    trail: Vec<Overwritten>,
    rounds: Vec<Round>,
    steps: u32,
}

/// Steps between looks whether anybody wants something of this thread.
const PATIENCE: u32 = 1 << 14;

impl<'a, const WIDE: bool> Matcher<'a, WIDE> {
    pub(super) fn new(program: &'a Program, text: &'a [u8], end: usize) -> Self {
        Matcher {
            code: program.code(),
            program,
            text,
            end,
            marks: vec![UNSET; program.groups * 2],
            last: 0,
            stack: Vec::new(),
            trail: Vec::new(),
            rounds: Vec::new(),
            steps: 0,
        }
    }

    // --- The text --------------------------------------------------------------------------------

    /// The character at `at`, which is before the end, and where the next one begins.
    #[inline(always)]
    fn next(&self, at: usize) -> (u32, usize) {
        let first = self.text[at];
        if !WIDE || first < 0x80 {
            return (first.into(), at + 1);
        }
        let tail = |index: usize| u32::from(self.text[at + index] & 0x3F);
        let first = u32::from(first);
        match first {
            0..0xE0 => ((first & 0x1F) << 6 | tail(1), at + 2),
            0xE0..0xF0 => ((first & 0xF) << 12 | tail(1) << 6 | tail(2), at + 3),
            _ => (
                (first & 7) << 18 | tail(1) << 12 | tail(2) << 6 | tail(3),
                at + 4,
            ),
        }
    }

    /// Where the character before `at` begins, which is not the beginning.
    #[inline(always)]
    fn before(&self, at: usize) -> usize {
        let mut at = at - 1;
        while WIDE && self.text[at] & 0xC0 == 0x80 {
            at -= 1;
        }
        at
    }

    fn back(&self, at: usize, count: usize) -> Option<usize> {
        if !WIDE {
            return at.checked_sub(count);
        }
        let mut at = at;
        for _ in 0..count {
            if at == 0 {
                return None;
            }
            at = self.before(at);
        }
        Some(at)
    }

    fn is_at(&self, position: u32, at: usize) -> bool {
        let newline_follows = |at: usize| self.text[at] == b'\n';
        match position {
            // AT_BEGINNING, AT_BEGINNING_STRING
            0 | 2 => at == 0,
            1 => at == 0 || self.text[at - 1] == b'\n',
            // AT_END
            5 => at == self.end || at + 1 == self.end && newline_follows(at),
            6 => at == self.end || newline_follows(at),
            7 => at == self.end,
            // Boundaries of words, and what is none.
            _ => {
                let before = at > 0 && chars::is_word(position, self.next(self.before(at)).0);
                let after = at < self.end && chars::is_word(position, self.next(at).0);
                (before != after) == matches!(position, 3 | 8 | 10)
            }
        }
    }

    // --- Searching -------------------------------------------------------------------------------

    /// The match that starts at `at`.
    pub(super) fn match_at(
        &mut self,
        ctx: &mut Ctx,
        at: usize,
        extent: Extent,
    ) -> PyResult<Option<Found>> {
        self.marks.fill(UNSET);
        self.last = 0;
        self.stack.clear();
        self.trail.clear();
        self.rounds.clear();
        let Some(end) = self.run(ctx, at, extent)? else {
            return Ok(None);
        };
        let mut marks = Vec::with_capacity(self.marks.len() + 2);
        marks.extend([at, end]);
        marks.extend_from_slice(&self.marks);
        for group in marks[2..].chunks_exact_mut(2) {
            if group[0] == UNSET || group[1] == UNSET {
                group.fill(UNSET);
            }
        }
        Ok(Some(Found {
            marks: marks.into(),
            last: self.last,
        }))
    }

    /// The first match that starts at `start` or later; `extent` is of one that starts there.
    pub(super) fn search(
        &mut self,
        ctx: &mut Ctx,
        start: usize,
        extent: Extent,
    ) -> PyResult<Option<Found>> {
        if start > self.end || self.end - start < self.program.least() {
            return Ok(None);
        }
        let program = self.program;
        if let Some(prefix) = program.prefix() {
            return self.search_prefix(ctx, prefix, start, extent);
        }
        let first = program.first();
        let anchored = matches!(self.code[program.entry()..], [op::AT, 0 | 2, ..]);
        let (mut at, mut extent) = (start, extent);
        loop {
            if let Some(set) = first {
                while at < self.end && !chars::in_set(set, self.next(at).0) {
                    at = self.next(at).1;
                    extent = Extent::Free;
                    self.step(ctx)?;
                }
                if at == self.end {
                    return Ok(None);
                }
            }
            let found = self.match_at(ctx, at, extent)?;
            if found.is_some() || at >= self.end || anchored {
                return Ok(found);
            }
            self.step(ctx)?;
            at = self.next(at).1;
            extent = Extent::Free;
        }
    }

    fn search_prefix(
        &mut self,
        ctx: &mut Ctx,
        prefix: &[u32],
        start: usize,
        extent: Extent,
    ) -> PyResult<Option<Found>> {
        let mut needle = Vec::new();
        for &point in prefix {
            match u8::try_from(point) {
                Ok(byte) if !WIDE || byte < 0x80 => needle.push(byte),
                _ if !WIDE => return Ok(None),
                _ => {
                    let mut one = crate::text::wtf8::Wtf8Buf::with_capacity(4);
                    one.push(point);
                    needle.extend(one.into_bytes());
                }
            }
        }
        let mut at = start;
        while let Some(offset) = find_bytes(&self.text[at..self.end], &needle) {
            at += offset;
            let extent = if at == start { extent } else { Extent::Free };
            if let Some(found) = self.match_at(ctx, at, extent)? {
                return Ok(Some(found));
            }
            self.step(ctx)?;
            at = self.next(at).1;
        }
        Ok(None)
    }

    // --- Running ---------------------------------------------------------------------------------

    #[inline(always)]
    fn step(&mut self, ctx: &mut Ctx) -> PyResult<()> {
        self.steps += 1;
        if self.steps >= PATIENCE {
            self.pause(ctx)
        } else {
            Ok(())
        }
    }

    #[cold]
    fn pause(&mut self, ctx: &mut Ctx) -> PyResult<()> {
        self.steps = 0;
        let stack = self.stack.capacity() * size_of::<Entry>();
        outside::room(ctx, stack + self.rounds.capacity() * size_of::<Round>())?;
        if ctx.poll() {
            return Err(Raised::stored());
        }
        Ok(())
    }

    fn push(&mut self, then: Then, ip: usize, at: usize, round: usize, fence: usize) {
        self.stack.push(Entry {
            then,
            ip,
            at,
            round,
            trail: self.trail.len(),
            rounds: self.rounds.len(),
            fence,
        });
    }

    fn take_back(&mut self, trail: usize) {
        while self.trail.len() > trail {
            if let Some(old) = self.trail.pop() {
                self.marks[old.mark] = old.value;
                self.last = old.last;
            }
        }
    }

    fn mark(&mut self, mark: usize, at: usize) {
        if !self.stack.is_empty() {
            self.trail.push(Overwritten {
                mark,
                value: self.marks[mark],
                last: self.last,
            });
        }
        self.marks[mark] = at;
        if mark % 2 == 1 {
            self.last = mark / 2 + 1;
        }
    }

    /// How many characters from `at` on, at most `most`, the operation at `ip` takes, and where that ends.
    fn run_of(&self, ip: usize, at: usize, most: u32) -> (usize, usize) {
        let code = &self.code[ip..];
        let most = if most == op::MAX_REPEAT {
            usize::MAX
        } else {
            most as usize
        };
        if !WIDE {
            let most = most.min(self.end - at);
            let text = &self.text[at..at + most];
            let count = match code[0] {
                op::ANY_ALL => most,
                op::ANY => memchr::memchr(b'\n', text).unwrap_or(most),
                _ => {
                    let stops = |byte: &u8| !takes(code, (*byte).into());
                    text.iter().position(stops).unwrap_or(most)
                }
            };
            return (count, at + count);
        }
        let (mut count, mut at) = (0, at);
        while count < most && at < self.end {
            let (point, next) = self.next(at);
            if !takes(code, point) {
                break;
            }
            (count, at) = (count + 1, next);
        }
        (count, at)
    }

    /// Whether the code at `ip` can match at `at`, as far as one look tells.
    #[inline(always)]
    fn may_match(&self, ip: usize, at: usize) -> bool {
        match self.code[ip] {
            op::LITERAL | op::IN => at < self.end && takes(&self.code[ip..], self.next(at).0),
            _ => true,
        }
    }

    /// The first alternative, from the one whose distance is at `skip` on, that can match: where it begins, and
    /// where the distance of the next one is.
    fn alternative(&self, mut skip: usize, at: usize) -> Option<(usize, usize)> {
        loop {
            match self.code[skip] {
                0 => return None,
                distance => {
                    let next = skip + distance as usize;
                    if self.may_match(skip + 1, at) {
                        return Some((skip + 1, next));
                    }
                    skip = next;
                }
            }
        }
    }

    /// Where a match from `at` on ends.
    fn run(&mut self, ctx: &mut Ctx, at: usize, extent: Extent) -> PyResult<Option<usize>> {
        let code = self.code;
        let start = at;
        let (mut ip, mut at) = (self.program.entry(), at);
        let (mut round, mut fence) = (NONE, NONE);
        'next: loop {
            // Goes on with the next operation, or falls out of the block when it gets stuck.
            'stuck: {
                match code[ip] {
                    op::LITERAL
                    | op::NOT_LITERAL
                    | op::ANY
                    | op::ANY_ALL
                    | op::LITERAL_IGNORE
                    | op::NOT_LITERAL_IGNORE
                    | op::LITERAL_UNI_IGNORE
                    | op::NOT_LITERAL_UNI_IGNORE
                    | op::LITERAL_LOC_IGNORE
                    | op::NOT_LITERAL_LOC_IGNORE
                    | op::CATEGORY => {
                        if at >= self.end {
                            break 'stuck;
                        }
                        let (point, next) = self.next(at);
                        if !takes(&code[ip..], point) {
                            break 'stuck;
                        }
                        at = next;
                        let alone = matches!(code[ip], op::ANY | op::ANY_ALL);
                        ip += if alone { 1 } else { 2 };
                        continue 'next;
                    }
                    op::IN | op::IN_IGNORE | op::IN_UNI_IGNORE | op::IN_LOC_IGNORE => {
                        if at >= self.end {
                            break 'stuck;
                        }
                        let (point, next) = self.next(at);
                        if !takes(&code[ip..], point) {
                            break 'stuck;
                        }
                        at = next;
                        ip += 1 + code[ip + 1] as usize;
                        continue 'next;
                    }
                    op::MARK => {
                        self.mark(code[ip + 1] as usize, at);
                        ip += 2;
                        continue 'next;
                    }
                    op::AT => {
                        if !self.is_at(code[ip + 1], at) {
                            break 'stuck;
                        }
                        ip += 2;
                        continue 'next;
                    }
                    op::JUMP => {
                        ip += 1 + code[ip + 1] as usize;
                        continue 'next;
                    }
                    op::BRANCH => {
                        let Some((first, skip)) = self.alternative(ip + 1, at) else {
                            break 'stuck;
                        };
                        if code[skip] != 0 {
                            self.push(Then::Branch, skip, at, round, NONE);
                        }
                        ip = first;
                        continue 'next;
                    }
                    op::REPEAT_ONE | op::POSSESSIVE_REPEAT_ONE => {
                        let (least, most) = (code[ip + 2] as usize, code[ip + 3]);
                        let (count, end) = self.run_of(ip + 4, at, most);
                        if count < least {
                            break 'stuck;
                        }
                        self.steps += (count / 16) as u32;
                        let next = ip + 1 + code[ip + 1] as usize;
                        at = end;
                        if code[ip] == op::REPEAT_ONE && count > least {
                            let count = count - least;
                            self.push(Then::Less { count }, ip, at, round, NONE);
                            if !self.may_match(next, at) {
                                break 'stuck;
                            }
                        }
                        ip = next;
                        continue 'next;
                    }
                    op::MIN_REPEAT_ONE => {
                        let least = code[ip + 2];
                        let (count, end) = self.run_of(ip + 4, at, least);
                        if count < least as usize {
                            break 'stuck;
                        }
                        at = end;
                        self.push(Then::More { count }, ip, at, round, NONE);
                        ip += 1 + code[ip + 1] as usize;
                        continue 'next;
                    }
                    op::REPEAT => {
                        let begun = Round {
                            ip,
                            // The first round is number 0.
                            count: usize::MAX,
                            began: UNSET,
                            outer: round,
                        };
                        round = self.rounds.len();
                        self.rounds.push(begun);
                        ip += 1 + code[ip + 1] as usize;
                        continue 'next;
                    }
                    until @ (op::MAX_UNTIL | op::MIN_UNTIL) => {
                        self.step(ctx)?;
                        let Some(&this) = self.rounds.get(round) else {
                            break 'stuck;
                        };
                        let count = this.count.wrapping_add(1);
                        let (least, most) = (code[this.ip + 2], code[this.ip + 3]);
                        if count < least as usize {
                            round = self.rounds.len();
                            self.rounds.push(Round { count, ..this });
                            ip = this.ip + 4;
                            continue 'next;
                        }
                        let more =
                            (count < most as usize || most == op::MAX_REPEAT) && at != this.began;
                        if until == op::MIN_UNTIL {
                            if more {
                                self.push(Then::Round { count }, this.ip, at, round, NONE);
                            }
                        } else if more {
                            self.push(Then::Go, ip + 1, at, this.outer, NONE);
                            round = self.rounds.len();
                            self.rounds.push(Round {
                                count,
                                began: at,
                                ..this
                            });
                            ip = this.ip + 4;
                            continue 'next;
                        }
                        round = this.outer;
                        ip += 1;
                        continue 'next;
                    }
                    op::POSSESSIVE_REPEAT => {
                        let tail = ip + 2 + code[ip + 1] as usize;
                        if code[ip + 3] == 0 {
                            ip = tail;
                            continue 'next;
                        }
                        self.push(Then::Possessive { count: 0 }, ip, at, round, fence);
                        fence = self.stack.len() - 1;
                        ip += 4;
                        continue 'next;
                    }
                    op::ATOMIC_GROUP => {
                        let next = ip + 1 + code[ip + 1] as usize;
                        self.push(Then::Atomic, next, at, round, fence);
                        fence = self.stack.len() - 1;
                        ip += 2;
                        continue 'next;
                    }
                    assertion @ (op::ASSERT | op::ASSERT_NOT) => {
                        let next = ip + 1 + code[ip + 1] as usize;
                        let inside = self.back(at, code[ip + 2] as usize);
                        let then = if assertion == op::ASSERT {
                            Then::Assert
                        } else {
                            Then::AssertNot
                        };
                        match inside {
                            None if assertion == op::ASSERT => break 'stuck,
                            None => ip = next,
                            Some(inside) => {
                                self.push(then, next, at, round, fence);
                                fence = self.stack.len() - 1;
                                at = inside;
                                ip += 3;
                            }
                        }
                        continue 'next;
                    }
                    reference @ (op::GROUPREF
                    | op::GROUPREF_IGNORE
                    | op::GROUPREF_UNI_IGNORE
                    | op::GROUPREF_LOC_IGNORE) => {
                        let group = code[ip + 1] as usize * 2;
                        let (from, to) = (self.marks[group], self.marks[group + 1]);
                        if from == UNSET || to == UNSET || to < from {
                            break 'stuck;
                        }
                        match self.repeated(reference, from, to, at) {
                            Some(end) => at = end,
                            None => break 'stuck,
                        }
                        ip += 2;
                        continue 'next;
                    }
                    op::GROUPREF_EXISTS => {
                        let group = code[ip + 1] as usize * 2;
                        let (from, to) = (self.marks[group], self.marks[group + 1]);
                        if from == UNSET || to == UNSET || to < from {
                            ip += 1 + code[ip + 2] as usize;
                        } else {
                            ip += 3;
                        }
                        continue 'next;
                    }
                    op::SUCCESS if fence == NONE => {
                        let stuck = match extent {
                            Extent::Free => false,
                            Extent::Whole => at != self.end,
                            Extent::Advancing => at == start,
                        };
                        if !stuck {
                            return Ok(Some(at));
                        }
                    }
                    op::SUCCESS => {
                        let inner = self.stack[fence];
                        self.stack.truncate(fence);
                        fence = inner.fence;
                        round = inner.round;
                        self.rounds.truncate(inner.rounds);
                        match inner.then {
                            Then::Assert => (at, ip) = (inner.at, inner.ip),
                            Then::AssertNot => {
                                self.take_back(inner.trail);
                                break 'stuck;
                            }
                            Then::Possessive { count } => {
                                let (count, most) = (count + 1, code[inner.ip + 3]);
                                let enough = count >= most as usize && most != op::MAX_REPEAT;
                                if enough || at == inner.at {
                                    ip = inner.ip + 2 + code[inner.ip + 1] as usize;
                                } else {
                                    self.step(ctx)?;
                                    self.push(
                                        Then::Possessive { count },
                                        inner.ip,
                                        at,
                                        round,
                                        fence,
                                    );
                                    fence = self.stack.len() - 1;
                                    ip = inner.ip + 4;
                                }
                            }
                            _ => ip = inner.ip,
                        }
                        continue 'next;
                    }
                    _ => {}
                }
            }
            // Stuck: goes on with what is on top of the stack.
            loop {
                self.step(ctx)?;
                let Some(entry) = self.stack.last().copied() else {
                    return Ok(None);
                };
                self.take_back(entry.trail);
                self.rounds.truncate(entry.rounds);
                round = entry.round;
                at = entry.at;
                let top = self.stack.len() - 1;
                match entry.then {
                    Then::Go => {
                        self.stack.truncate(top);
                        ip = entry.ip;
                    }
                    Then::Branch => {
                        let Some((first, skip)) = self.alternative(entry.ip, at) else {
                            self.stack.truncate(top);
                            continue;
                        };
                        if code[skip] == 0 {
                            self.stack.truncate(top);
                        } else {
                            self.stack[top].ip = skip;
                        }
                        ip = first;
                    }
                    Then::Less { count } => {
                        let next = entry.ip + 1 + code[entry.ip + 1] as usize;
                        let mut count = count;
                        loop {
                            at = self.before(at);
                            count -= 1;
                            if count == 0 || self.may_match(next, at) {
                                break;
                            }
                        }
                        if count == 0 {
                            self.stack.truncate(top);
                        } else {
                            let entry = &mut self.stack[top];
                            (entry.then, entry.at) = (Then::Less { count }, at);
                        }
                        ip = next;
                    }
                    Then::More { count } => {
                        let most = code[entry.ip + 3];
                        let full = count >= most as usize && most != op::MAX_REPEAT;
                        if full || self.run_of(entry.ip + 4, at, 1).0 == 0 {
                            self.stack.truncate(top);
                            continue;
                        }
                        at = self.next(at).1;
                        let count = count + 1;
                        let kept = &mut self.stack[top];
                        (kept.then, kept.at) = (Then::More { count }, at);
                        ip = entry.ip + 1 + code[entry.ip + 1] as usize;
                    }
                    Then::Round { count } => {
                        self.stack.truncate(top);
                        let this = self.rounds[round];
                        round = self.rounds.len();
                        self.rounds.push(Round {
                            count,
                            began: at,
                            ..this
                        });
                        ip = entry.ip + 4;
                    }
                    Then::Assert | Then::Atomic => {
                        self.stack.truncate(top);
                        fence = entry.fence;
                        continue;
                    }
                    Then::AssertNot => {
                        self.stack.truncate(top);
                        fence = entry.fence;
                        ip = entry.ip;
                    }
                    Then::Possessive { count } => {
                        self.stack.truncate(top);
                        fence = entry.fence;
                        if count < code[entry.ip + 2] as usize {
                            continue;
                        }
                        ip = entry.ip + 2 + code[entry.ip + 1] as usize;
                    }
                }
                break;
            }
        }
    }

    /// Where the text of a group, `from..to`, ends if it is repeated at `at`.
    fn repeated(&self, reference: u32, from: usize, to: usize, at: usize) -> Option<usize> {
        if reference == op::GROUPREF {
            let end = at.checked_add(to - from)?;
            let same = end <= self.end && self.text[from..to] == self.text[at..end];
            return same.then_some(end);
        }
        let (mut from, mut at) = (from, at);
        while from < to {
            if at >= self.end {
                return None;
            }
            let ((a, after), (b, next)) = (self.next(from), self.next(at));
            if !chars::same(reference, a, b) {
                return None;
            }
            (from, at) = (after, next);
        }
        Some(at)
    }
}
