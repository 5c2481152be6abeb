//! How the collector asks an object for its references.

use super::Word;

/// A visitor of references. Two kinds of edges exist: *counted* ones, each of which holds one
/// reference count, and *uncounted* ones to deferred objects, which the collector follows but does
/// not subtract.
pub struct Tracer<'a> {
    visit: &'a mut dyn FnMut(Word, Edge),
}

/// How a reference is held.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Edge {
    /// It owns one count of its target.
    Counted,
    /// It owns none; the target is deferred and kept by being followed.
    Uncounted,
}

impl<'a> Tracer<'a> {
    /// A tracer that calls `visit` for every reference to an object.
    pub fn new(visit: &'a mut dyn FnMut(Word, Edge)) -> Self {
        Tracer { visit }
    }

    /// Reports a slot that owns what it refers to. Immediates and null are ignored; a word with the
    /// deferred tag is an uncounted edge.
    #[inline]
    pub fn word(&mut self, word: Word) {
        if word.is_object() {
            let edge = if word.is_deferred() {
                Edge::Uncounted
            } else {
                Edge::Counted
            };
            (self.visit)(word.plain(), edge);
        }
    }

    /// Reports a reference to a deferred object that is kept without a count.
    #[inline]
    pub fn uncounted(&mut self, word: Word) {
        if word.is_object() {
            (self.visit)(word.plain(), Edge::Uncounted);
        }
    }
}
