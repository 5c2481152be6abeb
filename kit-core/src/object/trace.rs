//! How the collector asks an object for its references.

use super::Word;

/// A visitor of references: *counted* ones, each of which holds one reference count, and *uncounted* and
/// *borrowed* ones to deferred objects, which the collector follows but does not subtract.
pub struct Tracer<'a> {
    visit: &'a mut dyn FnMut(Word, Edge),
}

/// How a reference is held.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Edge {
    /// It owns one count of its target.
    Counted,
    /// It owns none as long as the target is deferred, which is kept by being followed. A collection that
    /// ends the deferral gives it one: the holder drops a count exactly if the target is not deferred then.
    Uncounted,
    /// It owns none, and never will: a word with the deferred tag.
    Borrowed,
}

impl<'a> Tracer<'a> {
    /// A tracer that calls `visit` for every reference to an object.
    pub fn new(visit: &'a mut dyn FnMut(Word, Edge)) -> Self {
        Tracer { visit }
    }

    /// Reports a slot that owns what it refers to. Immediates and null are ignored; a word with the
    /// deferred tag is a borrowed edge.
    #[inline]
    pub fn word(&mut self, word: Word) {
        if word.is_object() {
            let edge = if word.is_deferred() {
                Edge::Borrowed
            } else {
                Edge::Counted
            };
            (self.visit)(word.plain(), edge);
        }
    }

    /// Reports a reference that is counted only if its target is not deferred, as
    /// [`Edge::Uncounted`] says. The target is deferred now.
    #[inline]
    pub fn uncounted(&mut self, word: Word) {
        if word.is_object() {
            (self.visit)(word.plain(), Edge::Uncounted);
        }
    }
}
