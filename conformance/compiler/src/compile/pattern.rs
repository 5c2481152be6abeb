//! `match`.
//!
//! A pattern reads its subject from a register and jumps to the case's `fail` label when it does not match. Values to be bound wait in
//! temporaries until the whole pattern has matched. Where a pattern fails, the temporaries it has used are cleared, the same
//! ones whatever the place of the failure, so a pattern may leave behind what it likes.

use ruff_python_ast::{self as ast, Expr, Pattern};
use ruff_text_size::Ranged;

use super::{CompileError, Compiler, Label, Reg, Result};
use crate::code::{Const, Position};
use crate::op::{Op, special};

/// A pattern being compiled.
struct Case<'a> {
    /// Names bound, and the temporaries from `captures` on in which their values wait.
    names: Vec<&'a str>,
    captures: Reg,
    fail: Label,
    /// The highest temporary used.
    highest: Reg,
}

impl<'a> Compiler<'a> {
    pub(super) fn match_statement(&mut self, node: &'a ast::StmtMatch) -> Result<()> {
        let end = self.label();
        let bottom = self.top();
        let subject = self.match_subject(node)?;
        let base = self.top();
        self.unit().conditional += 1;
        let last = node.cases.len().saturating_sub(1);
        for (index, case) in node.cases.iter().enumerate() {
            self.set_top(base);
            self.case(case, subject, index == last, end)?;
        }
        self.unit().conditional -= 1;
        // Nothing matched.
        if !self.is_local(subject) {
            let position = self.position(node.subject.range());
            self.emit(Op::Drop, subject, 0, 0, position);
        }
        self.place(end);
        self.set_top(bottom);
        Ok(())
    }

    /// The subject: a local in place, if no case binds it.
    fn match_subject(&mut self, node: &'a ast::StmtMatch) -> Result<Reg> {
        if let Expr::Name(name) = &*node.subject {
            let mut bound = Vec::new();
            for case in &node.cases {
                names(&case.pattern, &mut bound);
            }
            let guards: Vec<&Expr> = node
                .cases
                .iter()
                .filter_map(|case| case.guard.as_deref())
                .collect();
            if !bound.contains(&name.id.as_str()) && !self.may_assign(&guards) {
                return self.operand(&node.subject);
            }
        }
        self.push_expr(&node.subject)
    }

    fn case(
        &mut self,
        case: &'a ast::MatchCase,
        subject: Reg,
        last: bool,
        end: Label,
    ) -> Result<()> {
        let position = self.position(case.pattern.range());
        let irrefutable = case.guard.is_none() && is_irrefutable(&case.pattern);
        if irrefutable && !last {
            let what = match binding(&case.pattern) {
                Some(name) => format!("name capture '{name}'"),
                None => "wildcard".to_owned(),
            };
            let message = format!("{what} makes remaining patterns unreachable");
            return Err(CompileError::new(message, case.pattern.range()));
        }
        let next = self.label();
        let mut bound = Vec::new();
        self.check_names(&case.pattern, &mut bound)?;
        let base = self.top();
        let fail = self.label();
        let mut state = Case {
            captures: base,
            fail,
            highest: base,
            names: bound,
        };
        self.set_top(base + state.names.len() as u32);
        if matches!(&case.pattern, Pattern::MatchAs(node) if node.pattern.is_none() && node.name.is_none())
        {
            let at = self.position(case.pattern.range());
            self.come_to(at);
        }
        self.pattern(&case.pattern, subject, &mut state)?;
        for (at, name) in (base..).zip(&state.names) {
            self.store_name(name, at, position);
        }
        self.set_top(base);
        if let Some(guard) = &case.guard {
            self.jump_if(guard, next, false)?;
        }
        if !self.is_local(subject) {
            self.emit(Op::Drop, subject, 0, 0, position);
        }
        self.body(&case.body)?;
        let last = self.after(position);
        self.jump(end, last);
        let position = position.implied();
        self.place(fail);
        for register in base..state.highest {
            self.emit(Op::Clear, register, 0, 0, position);
        }
        self.place(next);
        Ok(())
    }

    /// Collects the names a pattern binds, refusing doubles and alternatives that bind different ones.
    fn check_names(&self, pattern: &'a Pattern, bound: &mut Vec<&'a str>) -> Result<()> {
        let bind = |name: &'a ast::Identifier, bound: &mut Vec<&'a str>| {
            if bound.contains(&name.as_str()) {
                let message = format!("multiple assignments to name '{name}' in pattern");
                return Err(CompileError::new(message, pattern.range()));
            }
            bound.push(name);
            Ok(())
        };
        match pattern {
            Pattern::MatchValue(_) | Pattern::MatchSingleton(_) => Ok(()),
            Pattern::MatchSequence(node) => {
                if node
                    .patterns
                    .iter()
                    .filter(|item| item.is_match_star())
                    .count()
                    > 1
                {
                    let message = "multiple starred names in sequence pattern";
                    return Err(CompileError::new(message, node.range()));
                }
                node.patterns
                    .iter()
                    .try_for_each(|item| self.check_names(item, bound))
            }
            Pattern::MatchMapping(node) => {
                node.patterns
                    .iter()
                    .try_for_each(|item| self.check_names(item, bound))?;
                node.rest.iter().try_for_each(|rest| bind(rest, bound))
            }
            Pattern::MatchClass(node) => {
                let arguments = &node.arguments;
                arguments
                    .patterns
                    .iter()
                    .try_for_each(|item| self.check_names(item, bound))?;
                arguments
                    .keywords
                    .iter()
                    .try_for_each(|item| self.check_names(&item.pattern, bound))
            }
            Pattern::MatchStar(node) => node.name.iter().try_for_each(|name| bind(name, bound)),
            Pattern::MatchAs(node) => {
                if let Some(inner) = &node.pattern {
                    self.check_names(inner, bound)?;
                }
                node.name.iter().try_for_each(|name| bind(name, bound))
            }
            Pattern::MatchOr(node) => {
                let mut first: Option<Vec<&str>> = None;
                let count = node.patterns.len();
                for (index, item) in node.patterns.iter().enumerate() {
                    if index + 1 < count && is_irrefutable(item) {
                        let what = match binding(item) {
                            Some(name) => format!("name capture '{name}'"),
                            None => "wildcard".to_owned(),
                        };
                        let message = format!("{what} makes remaining patterns unreachable");
                        return Err(CompileError::new(message, item.range()));
                    }
                    let mut here = Vec::new();
                    self.check_names(item, &mut here)?;
                    let mut sorted = here.clone();
                    sorted.sort_unstable();
                    match &first {
                        None => {
                            for name in here {
                                if bound.contains(&name) {
                                    let message =
                                        format!("multiple assignments to name '{name}' in pattern");
                                    return Err(CompileError::new(message, item.range()));
                                }
                                bound.push(name);
                            }
                            first = Some(sorted);
                        }
                        Some(first) if *first != sorted => {
                            let message = "alternative patterns bind different names";
                            return Err(CompileError::new(message, node.range()));
                        }
                        Some(_) => {}
                    }
                }
                Ok(())
            }
        }
    }

    /// Tests the subject, which stays; falls through on a match.
    fn pattern(&mut self, pattern: &'a Pattern, subject: Reg, case: &mut Case<'a>) -> Result<()> {
        let top = self.top();
        self.nested(pattern.range(), |this| {
            this.pattern_inner(pattern, subject, case)
        })?;
        self.set_top(top);
        Ok(())
    }

    /// A temporary of the pattern being compiled.
    fn scratch(&mut self, case: &mut Case<'a>) -> Reg {
        let register = self.claim();
        case.highest = case.highest.max(register + 1);
        register
    }

    /// The subject to consume.
    fn subject_copy(&mut self, subject: Reg, case: &mut Case<'a>, position: Position) -> Reg {
        if self.is_local(subject) {
            return subject;
        }
        let copy = self.scratch(case);
        self.emit(Op::Copy, copy, subject, 0, position);
        copy
    }

    fn capture(&mut self, name: &str, subject: Reg, case: &mut Case<'a>, position: Position) {
        if let Some(index) = case.names.iter().position(|other| *other == name) {
            let register = case.captures + index as u32;
            case.highest = case.highest.max(register + 1);
            self.emit(Op::Copy, register, subject, 0, position);
        }
    }

    fn pattern_inner(
        &mut self,
        pattern: &'a Pattern,
        subject: Reg,
        case: &mut Case<'a>,
    ) -> Result<()> {
        let position = self.position(pattern.range());
        match pattern {
            Pattern::MatchValue(node)
                if node.value.is_f_string_expr() || node.value.is_t_string_expr() =>
            {
                let message = "patterns may only match literals and attribute lookups";
                return Err(CompileError::new(message, node.range()));
            }
            Pattern::MatchValue(node) => {
                let left = self.subject_copy(subject, case, position);
                if let Some(value) = super::expr::small_int(&node.value) {
                    let operands = [0, left, i32::from(value) as u32];
                    self.emit_jump(Op::JumpEqImm, operands, case.fail, position);
                } else {
                    let right = self.operand(&node.value)?;
                    self.emit_jump(Op::JumpEq, [0, left, right], case.fail, position);
                }
            }
            Pattern::MatchSingleton(node) => {
                let left = self.subject_copy(subject, case, position);
                let word = match node.value {
                    ast::Singleton::None => {
                        self.emit_jump(Op::JumpNotNone, [left, 0, 0], case.fail, position);
                        return Ok(());
                    }
                    ast::Singleton::True => special::TRUE,
                    ast::Singleton::False => special::FALSE,
                };
                let right = self.claim();
                self.emit(Op::LoadSpecial, right, word, 0, position);
                self.emit_jump(Op::JumpIs, [0, left, right], case.fail, position);
            }
            Pattern::MatchStar(node) => {
                if let Some(name) = &node.name {
                    self.capture(name, subject, case, position);
                }
            }
            Pattern::MatchAs(node) => {
                if let Some(inner) = &node.pattern {
                    self.pattern(inner, subject, case)?;
                }
                if let Some(name) = &node.name {
                    self.capture(name, subject, case, position);
                }
            }
            Pattern::MatchOr(node) => self.alternatives(node, subject, case, position)?,
            Pattern::MatchSequence(node) => self.sequence(node, subject, case, position)?,
            Pattern::MatchMapping(node) => self.mapping(node, subject, case, position)?,
            Pattern::MatchClass(node) => self.class_pattern(node, subject, case, position)?,
        }
        Ok(())
    }

    fn alternatives(
        &mut self,
        node: &'a ast::PatternMatchOr,
        subject: Reg,
        case: &mut Case<'a>,
        position: Position,
    ) -> Result<()> {
        let matched = self.label();
        let outer = case.fail;
        let count = node.patterns.len();
        let bottom = self.top();
        for (index, item) in node.patterns.iter().enumerate() {
            if index + 1 == count {
                case.fail = outer;
                self.pattern(item, subject, case)?;
                break;
            }
            let fail = self.label();
            let highest = std::mem::replace(&mut case.highest, bottom);
            case.fail = fail;
            self.pattern(item, subject, case)?;
            self.jump(matched, position.implied());
            self.place(fail);
            let mut captured = Vec::new();
            names(item, &mut captured);
            for (at, name) in (case.captures..).zip(&case.names) {
                if captured.contains(name) {
                    self.emit(Op::Clear, at, 0, 0, position);
                }
            }
            for register in bottom..case.highest {
                self.emit(Op::Clear, register, 0, 0, position);
            }
            case.highest = case.highest.max(highest);
        }
        case.fail = outer;
        self.place(matched);
        Ok(())
    }

    /// Matches the patterns against consecutive temporaries from `first`, which are consumed.
    fn items(
        &mut self,
        patterns: &[&'a Pattern],
        first: Reg,
        case: &mut Case<'a>,
        position: Position,
    ) -> Result<()> {
        let count = patterns.len() as u32;
        case.highest = case.highest.max(first + count);
        self.set_top(first + count);
        for (at, pattern) in (first..).zip(patterns) {
            let name = match pattern {
                Pattern::MatchAs(node) if node.pattern.is_none() => node.name.as_deref(),
                Pattern::MatchStar(node) => node.name.as_deref(),
                _ => None,
            };
            match name.and_then(|name| case.names.iter().position(|other| *other == name)) {
                Some(index) => {
                    let register = case.captures + index as u32;
                    case.highest = case.highest.max(register + 1);
                    self.emit(Op::Move, register, at, 0, position);
                }
                None => {
                    self.pattern(pattern, at, case)?;
                    self.emit(Op::Drop, at, 0, 0, position);
                }
            }
        }
        self.set_top(first);
        Ok(())
    }

    fn sequence(
        &mut self,
        node: &'a ast::PatternMatchSequence,
        subject: Reg,
        case: &mut Case<'a>,
        position: Position,
    ) -> Result<()> {
        let test = self.top();
        self.emit(Op::MatchSequence, test, subject, 0, position);
        self.emit_jump(Op::JumpFalse, [test, 0, 0], case.fail, position);
        let star = node.patterns.iter().position(Pattern::is_match_star);
        let count = node.patterns.len() as u32;
        let needed = if star.is_some() { count - 1 } else { count };
        if star.is_none() || needed > 0 {
            let op = if star.is_some() {
                Op::JumpGeImm
            } else {
                Op::JumpEqImm
            };
            self.check_length(subject, needed, op, case, position);
        }
        if node.patterns.iter().all(is_wildcard) {
            return Ok(());
        }
        if let Some(index) = star
            && is_wildcard(&node.patterns[index])
        {
            return self.subscripts(&node.patterns, index, subject, case, position);
        }
        let source = self.subject_copy(subject, case, position);
        let first = if self.is_local(source) {
            self.top()
        } else {
            source
        };
        match star {
            None => self.emit(Op::Unpack, first, source, count, position),
            Some(index) => {
                let (before, after) = (index as u32, count - index as u32 - 1);
                if before > 0xff || after > 0xffff {
                    let message = "too many expressions in star-unpacking sequence pattern";
                    return Err(CompileError::new(message, node.range()));
                }
                let counts = before | after << 16;
                self.emit_units(Op::UnpackEx, [first, source, 0], [counts, 0], position);
            }
        }
        let patterns: Vec<&'a Pattern> = node.patterns.iter().collect();
        self.items(&patterns, first, case, position)
    }

    /// Matches the patterns around `*_`, which stands at `star`: what it stands for is not looked at.
    fn subscripts(
        &mut self,
        patterns: &'a [Pattern],
        star: usize,
        subject: Reg,
        case: &mut Case<'a>,
        position: Position,
    ) -> Result<()> {
        for (index, pattern) in patterns.iter().enumerate() {
            if is_wildcard(pattern) || index == star {
                continue;
            }
            let item = self.scratch(case);
            let container = self.scratch(case);
            self.emit(Op::Copy, container, subject, 0, position);
            let at = self.scratch(case);
            if index < star {
                self.load_const(at, Const::Int(index as i64), position);
            } else {
                self.emit(Op::GetLen, at, subject, 0, position);
                let back = self.scratch(case);
                self.load_const(back, Const::Int((patterns.len() - index) as i64), position);
                self.emit(Op::Sub, at, at, back, position);
            }
            self.emit(Op::Subscr, item, container, at, position);
            self.set_top(item + 1);
            self.items(&[pattern], item, case, position)?;
        }
        Ok(())
    }

    /// Fails unless the length of the subject compares with `needed` as `op` says.
    fn check_length(
        &mut self,
        subject: Reg,
        needed: u32,
        op: Op,
        case: &mut Case<'a>,
        position: Position,
    ) {
        let length = self.top();
        self.emit(Op::GetLen, length, subject, 0, position);
        if i8::try_from(needed).is_ok() {
            self.emit_jump(op, [0, length, needed], case.fail, position);
        } else {
            self.load_const(length + 1, Const::Int(i64::from(needed)), position);
            let op = if op == Op::JumpGeImm {
                Op::JumpGe
            } else {
                Op::JumpEq
            };
            self.emit_jump(op, [0, length, length + 1], case.fail, position);
        }
    }

    fn mapping(
        &mut self,
        node: &'a ast::PatternMatchMapping,
        subject: Reg,
        case: &mut Case<'a>,
        position: Position,
    ) -> Result<()> {
        self.check_keys(node)?;
        let test = self.top();
        self.emit(Op::MatchMapping, test, subject, 0, position);
        self.emit_jump(Op::JumpFalse, [test, 0, 0], case.fail, position);
        let count = node.keys.len() as u32;
        if count == 0 && node.rest.is_none() {
            return Ok(());
        }
        if count > 0 {
            self.check_length(subject, count, Op::JumpGeImm, case, position);
        }
        let keys = self.scratch(case);
        self.set_top(keys);
        let first = self.push_all(&node.keys)?;
        self.emit(Op::BuildTuple, keys, first, count, position);
        self.set_top(keys + 1);
        let values = self.scratch(case);
        self.emit(Op::MatchKeys, values, subject, keys, position);
        let check = self.top();
        self.emit(Op::Copy, check, values, 0, position);
        // The value tested is consumed; `values`, None, is cleared with the rest.
        self.emit_jump(Op::JumpNone, [check, 0, 0], case.fail, position);
        self.emit(Op::Unpack, values, values, count, position);
        let patterns: Vec<&'a Pattern> = node.patterns.iter().collect();
        self.items(&patterns, values, case, position)?;
        self.set_top(values);
        if let Some(rest) = &node.rest {
            let map = self.scratch(case);
            let copy = self.claim();
            self.emit(Op::BuildMap, map, map, 0, position);
            self.emit(Op::Copy, copy, subject, 0, position);
            self.emit(Op::DictUpdate, map, copy, 0, position);
            let key = self.top();
            case.highest = case.highest.max(key + count);
            let tuple = copy;
            self.emit(Op::Move, tuple, keys, 0, position);
            self.emit(Op::Unpack, key, tuple, count, position);
            for at in key..key + count {
                self.emit(Op::Copy, tuple, map, 0, position);
                self.emit(Op::DeleteSubscr, tuple, at, 0, position);
            }
            self.capture(rest, map, case, position);
            self.emit(Op::Drop, map, 0, 0, position);
        } else {
            self.emit(Op::Drop, keys, 0, 0, position);
        }
        self.set_top(keys);
        Ok(())
    }

    fn check_keys(&self, node: &ast::PatternMatchMapping) -> Result<()> {
        let mut seen: Vec<Const> = Vec::new();
        for key in &node.keys {
            let Some(value) = self.constant_value(key) else {
                continue;
            };
            if seen.iter().any(|known| same_key(known, &value)) {
                let shown = match &value {
                    Const::Str(text) => format!("'{text}'"),
                    other => crate::op::disassemble::constant(other),
                };
                let message = format!("mapping pattern checks duplicate key ({shown})");
                return Err(CompileError::new(message, node.range()));
            }
            seen.push(value);
        }
        Ok(())
    }

    fn class_pattern(
        &mut self,
        node: &'a ast::PatternMatchClass,
        subject: Reg,
        case: &mut Case<'a>,
        position: Position,
    ) -> Result<()> {
        let arguments = &node.arguments;
        let mut names: Vec<Const> = Vec::new();
        for keyword in &arguments.keywords {
            let name = Const::Str(keyword.attr.as_str().into());
            if names.contains(&name) {
                let message = format!("attribute name repeated in class pattern: {}", keyword.attr);
                return Err(CompileError::new(message, keyword.pattern.range()));
            }
            names.push(name);
        }
        let values = self.scratch(case);
        self.set_top(values);
        let class = self.operand(&node.cls)?;
        let index = self.constant(Const::Tuple(names.into()));
        let positional = arguments.patterns.len() as u32;
        self.emit_units(
            Op::MatchClass,
            [values, subject, class],
            [index, positional],
            position,
        );
        self.set_top(values + 1);
        let check = self.top();
        self.emit(Op::Copy, check, values, 0, position);
        self.emit_jump(Op::JumpNone, [check, 0, 0], case.fail, position);
        let patterns: Vec<&'a Pattern> = arguments
            .patterns
            .iter()
            .chain(arguments.keywords.iter().map(|keyword| &keyword.pattern))
            .collect();
        self.emit(Op::Unpack, values, values, patterns.len() as u32, position);
        self.items(&patterns, values, case, position)
    }
}

fn is_wildcard(pattern: &Pattern) -> bool {
    match pattern {
        Pattern::MatchAs(node) => node.pattern.is_none() && node.name.is_none(),
        Pattern::MatchStar(node) => node.name.is_none(),
        _ => false,
    }
}

fn is_irrefutable(pattern: &Pattern) -> bool {
    match pattern {
        Pattern::MatchAs(node) => node.pattern.as_deref().is_none_or(is_irrefutable),
        Pattern::MatchOr(node) => node.patterns.last().is_some_and(is_irrefutable),
        _ => false,
    }
}

/// The name an irrefutable pattern binds.
fn binding(pattern: &Pattern) -> Option<&str> {
    match pattern {
        Pattern::MatchAs(node) => node.name.as_deref(),
        _ => None,
    }
}

fn names<'a>(pattern: &'a Pattern, out: &mut Vec<&'a str>) {
    match pattern {
        Pattern::MatchValue(_) | Pattern::MatchSingleton(_) => {}
        Pattern::MatchSequence(node) => node.patterns.iter().for_each(|item| names(item, out)),
        Pattern::MatchMapping(node) => {
            node.patterns.iter().for_each(|item| names(item, out));
            out.extend(node.rest.as_deref());
        }
        Pattern::MatchClass(node) => {
            node.arguments
                .patterns
                .iter()
                .for_each(|item| names(item, out));
            node.arguments
                .keywords
                .iter()
                .for_each(|item| names(&item.pattern, out));
        }
        Pattern::MatchStar(node) => out.extend(node.name.as_deref()),
        Pattern::MatchAs(node) => {
            if let Some(inner) = &node.pattern {
                names(inner, out);
            }
            out.extend(node.name.as_deref());
        }
        Pattern::MatchOr(node) => node.patterns.iter().for_each(|item| names(item, out)),
    }
}

/// Whether two constants are equal as keys: numbers of any class by their value.
fn same_key(a: &Const, b: &Const) -> bool {
    let number = |value: &Const| match *value {
        Const::Bool(value) => Some((f64::from(u8::from(value)), 0.0)),
        // What no float has exactly is compared with its like only.
        Const::Int(value) if (value as f64) as i64 == value => Some((value as f64, 0.0)),
        Const::Float(value) => Some((value, 0.0)),
        Const::Complex(re, im) => Some((re, im)),
        _ => None,
    };
    match (number(a), number(b)) {
        (Some(a), Some(b)) => a == b,
        _ => a == b,
    }
}
