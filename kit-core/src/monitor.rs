//! Which tools want to hear of which events.
//!
//! A *tool* is a debugger, a profiler, a counter of lines: one of eight. An *event* is something that running code
//! comes to. Interpreters that instrument code keep an [`Events`] for everything that runs, and one for each piece of code that
//! somebody is interested in. Code without instrumentation never looks at either.
//!
//! Who changes the events says so afterwards with a new version ([`Version::publish`]) and asks every thread, by its
//! [breaker](crate::thread::breaker), to instrument its own copies of code at its next safepoint. A thread remembers the version whose events
//! it has instrumented for; so does who starts later, and finds by the version that there is something to do.
//!
//! The sets of events are bytes that are changed one by one: nobody needs two of them to belong together, since each
//! event of each tool is asked for by itself.

use crate::sync::atomic::{
    AtomicU8, AtomicU32,
    Ordering::{Acquire, Relaxed, Release},
};

/// Tools by event: bit `t` of byte `e` says that tool `t` wants to hear of event `e`.
#[derive(Debug)]
pub struct Events<const N: usize> {
    tools: [AtomicU8; N],
}

impl<const N: usize> Default for Events<N> {
    fn default() -> Self {
        Events {
            tools: core::array::from_fn(|_| AtomicU8::new(0)),
        }
    }
}

impl<const N: usize> Events<N> {
    /// Nobody wants to hear of anything.
    pub fn new() -> Self {
        Self::default()
    }

    /// The tools that want to hear of an event.
    #[inline]
    pub fn tools(&self, event: usize) -> u8 {
        // Relaxed: who must see a change has taken the version, or the breaker's bit, that came after it.
        self.tools[event].load(Relaxed)
    }

    /// The events, as bits, that a tool wants to hear of.
    pub fn of(&self, tool: usize) -> u32 {
        (0..N).fold(0, |set, event| {
            set | u32::from(self.tools(event) >> tool & 1) << event
        })
    }

    /// The events that any tool wants to hear of.
    pub fn any(&self) -> u32 {
        (0..N).fold(0, |set, event| {
            set | u32::from(self.tools(event) != 0) << event
        })
    }

    /// Sets the events that a tool wants to hear of; true if that changes anything. [`Version::publish`] must follow.
    pub fn set(&self, tool: usize, events: u32) -> bool {
        let mut changed = false;
        for (event, tools) in self.tools.iter().enumerate() {
            let bit = 1 << tool;
            // Relaxed: published by the version.
            let old = if events >> event & 1 != 0 {
                tools.fetch_or(bit, Relaxed)
            } else {
                tools.fetch_and(!bit, Relaxed)
            };
            changed |= u32::from(old >> tool & 1) != events >> event & 1;
        }
        changed
    }
}

/// The number of the last change.
#[derive(Debug, Default)]
pub struct Version {
    number: AtomicU32,
}

impl Version {
    /// No change yet: 0.
    pub fn new() -> Self {
        Self::default()
    }

    /// Numbers the changes that were made before.
    pub fn publish(&self) -> u32 {
        // Release: who sees the number sees the changes.
        self.number.fetch_add(1, Release).wrapping_add(1)
    }

    /// The number of the last change, which the caller sees from now on.
    #[inline]
    pub fn current(&self) -> u32 {
        // Acquire: the changes that it numbers.
        self.number.load(Acquire)
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn each_tool_has_its_own_events() {
        let events = Events::<11>::new();
        assert!(events.set(3, 0b101));
        assert!(events.set(7, 0b100));
        assert!(!events.set(7, 0b100), "nothing changes");
        assert_eq!(events.tools(0), 1 << 3);
        assert_eq!(events.tools(2), 1 << 3 | 1 << 7);
        assert_eq!(
            (events.of(3), events.of(7), events.of(0)),
            (0b101, 0b100, 0)
        );
        assert!(events.set(3, 0));
        assert_eq!(events.any(), 0b100);
    }
}

#[cfg(all(test, loom))]
mod model {
    use super::*;
    use crate::sync::cell::UnsafeCell;
    use crate::thread::breaker::Breaker;
    use loom::thread;
    use std::sync::Arc;

    const BIT: u32 = 1 << 16;

    /// A thread's copy of code, of one unit: instrumented for these tools.
    struct Copy(UnsafeCell<u8>);

    // SAFETY: touched by the thread that runs it only, and by the test when that has ended.
    unsafe impl Sync for Copy {}
    // SAFETY: as above.
    unsafe impl Send for Copy {}

    struct Shared {
        events: Events<1>,
        version: Version,
        breaker: Breaker,
        copy: Copy,
    }

    impl Shared {
        fn new() -> Arc<Shared> {
            Arc::new(Shared {
                events: Events::new(),
                version: Version::new(),
                breaker: Breaker::new(),
                copy: Copy(UnsafeCell::new(0)),
            })
        }

        /// A safepoint: instruments the copy if asked to.
        fn safepoint(&self) -> bool {
            let asked = self.breaker.take(BIT) != 0;
            if asked {
                self.instrument();
            }
            asked
        }

        fn instrument(&self) {
            let tools = self.events.tools(0);
            // SAFETY: the thread's own copy.
            self.copy.0.with_mut(|at| unsafe { *at = tools });
        }

        fn copy(&self) -> u8 {
            // SAFETY: nobody runs the copy any more.
            self.copy.0.with(|at| unsafe { *at })
        }
    }

    /// Two threads change the events of their tools while a third instruments its copy at safepoints: what it was asked
    /// for is in the copy, and in the end so is everything.
    ///
    /// Guards the breaker's orderings, which carry the events here: fails if `Breaker::raise` or `Breaker::take` is relaxed.
    /// Fails if a thread instruments before it takes the bit.
    #[test]
    fn a_copy_has_the_events_that_it_was_asked_for() {
        loom::model(|| {
            let shared = Shared::new();
            let setters = [1, 6].map(|tool| {
                let shared = Arc::clone(&shared);
                thread::spawn(move || {
                    assert!(shared.events.set(tool, 1));
                    shared.breaker.raise(BIT);
                })
            });
            if shared.safepoint() {
                assert_ne!(shared.copy(), 0, "nothing of what was asked for");
            }
            for setter in setters {
                setter.join().unwrap();
            }
            shared.safepoint();
            assert_eq!(shared.copy(), 1 << 1 | 1 << 6);
        });
    }

    /// A thread that starts looks at the version once, and instruments if there is one: it need not be asked.
    ///
    /// Guards `publish` and `current`. Fails if either is relaxed.
    #[test]
    fn who_sees_the_version_sees_the_events() {
        loom::model(|| {
            let shared = Shared::new();
            let setter = {
                let shared = Arc::clone(&shared);
                thread::spawn(move || {
                    shared.events.set(2, 1);
                    shared.version.publish();
                })
            };
            if shared.version.current() != 0 {
                assert_eq!(shared.events.tools(0), 1 << 2);
            }
            setter.join().unwrap();
        });
    }

    /// A thread that enters code makes its copy while the events change: the copy is instrumented when it is made, or at the next safepoint.
    /// `in_order`: the version is published before the bit is raised.
    fn made_meanwhile(in_order: bool) {
        loom::model(move || {
            let shared = Shared::new();
            let setter = {
                let shared = Arc::clone(&shared);
                thread::spawn(move || {
                    shared.events.set(2, 1);
                    if in_order {
                        shared.version.publish();
                        shared.breaker.raise(BIT);
                    } else {
                        shared.breaker.raise(BIT);
                        shared.version.publish();
                    }
                })
            };
            shared.safepoint();
            // Made of what nobody has instrumented.
            // SAFETY: the thread's own copy.
            shared.copy.0.with_mut(|at| unsafe { *at = 0 });
            if shared.version.current() != 0 {
                shared.instrument();
                assert_eq!(shared.copy(), 1 << 2, "the version without the events");
            }
            setter.join().unwrap();
            shared.safepoint();
            assert_eq!(shared.copy(), 1 << 2, "lost");
        });
    }

    /// Guards, with [`who_sees_the_version_sees_the_events`], `publish` and `current`: who sees neither the version nor, later, the bit has no copy
    /// with the events.
    #[test]
    fn a_copy_made_meanwhile_has_the_events() {
        made_meanwhile(true);
    }

    /// The order that is wrong: the bit is taken before the copy is made, which then sees no version.
    #[test]
    #[should_panic(expected = "lost")]
    fn a_version_behind_the_bit_loses_events() {
        made_meanwhile(false);
    }

    /// What is wrong: a copy that is made without a look at the version has not what its thread was asked for before.
    #[test]
    #[should_panic(expected = "lost")]
    fn a_copy_made_without_a_look_loses_events() {
        loom::model(|| {
            let shared = Shared::new();
            let setter = {
                let shared = Arc::clone(&shared);
                thread::spawn(move || {
                    shared.events.set(2, 1);
                    shared.version.publish();
                    shared.breaker.raise(BIT);
                })
            };
            shared.safepoint();
            // SAFETY: the thread's own copy.
            shared.copy.0.with_mut(|at| unsafe { *at = 0 });
            setter.join().unwrap();
            shared.safepoint();
            assert_eq!(shared.copy(), 1 << 2, "lost");
        });
    }

    /// The order that is wrong: whoever instruments and then takes the bit loses what was changed in between.
    #[test]
    #[should_panic(expected = "lost")]
    fn instrumenting_before_the_bit_is_taken_loses_events() {
        loom::model(|| {
            let shared = Shared::new();
            let setter = {
                let shared = Arc::clone(&shared);
                thread::spawn(move || {
                    shared.events.set(2, 1);
                    shared.breaker.raise(BIT);
                })
            };
            shared.instrument();
            let _ = shared.breaker.take(BIT);
            setter.join().unwrap();
            shared.safepoint();
            assert_eq!(shared.copy(), 1 << 2, "lost");
        });
    }
}
