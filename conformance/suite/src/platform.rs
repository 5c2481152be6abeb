//! The laws of a [`Platform`].
//!
//! Their threads are the standard library's: a platform for a machine without it is tested in a simulation on a host, or the laws say what to
//! try on the machine. A sleep that does not end is found by a watch: a law is broken when nothing has moved for
//! ten seconds.

use std::{
    panic::resume_unwind,
    sync::{
        Arc, Barrier, Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering::SeqCst},
    },
    thread,
    time::{Duration, Instant},
};

use kit_core::{
    platform::thread::{ParkToken, Platform},
    sync::{
        mutex::ByteLock,
        parking::{ParkingLot, Unattached, Wake},
    },
};

use crate::{lab::Lab, law::Law};

/// For how long nothing may move.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often threads meet.
const ROUNDS: usize = 100;

/// How far the clock is to go: a millisecond.
const A_WHILE: u64 = 1_000_000;

/// A platform is there for ever: sleepers of a broken one may be.
fn keep<P: Platform + 'static>(make: impl Fn(&Lab) -> P) -> &'static P {
    Box::leak(Box::new(make(&Lab::new())))
}

/// What a thread of a law does, with something to count its steps in.
pub(crate) type Part = Box<dyn FnOnce(&AtomicUsize) + Send>;

/// Runs each part on a thread of its own; the law is broken when they come to a halt.
pub(crate) fn perform(law: &Law, parts: Vec<Part>) {
    let steps = Arc::new(AtomicUsize::new(0));
    let threads: Vec<_> = parts
        .into_iter()
        .map(|part| {
            let steps = Arc::clone(&steps);
            thread::spawn(move || part(&steps))
        })
        .collect();
    let (mut seen, mut moved) = (0, Instant::now());
    while threads.iter().any(|thread| !thread.is_finished()) {
        thread::sleep(Duration::from_millis(1));
        let now = steps.load(SeqCst);
        if now != seen {
            (seen, moved) = (now, Instant::now());
        }
        law.demand(moved.elapsed() < PATIENCE, || {
            format!("a thread waits for ever: nothing has moved for {PATIENCE:?}")
        });
    }
    for thread in threads {
        if let Err(panic) = thread.join() {
            resume_unwind(panic);
        }
    }
}

/// The clock never goes backwards, also not for a thread that another has told the time.
pub fn clock<P: Platform + 'static>(make: impl Fn(&Lab) -> P) {
    const LAW: Law = Law {
        name: "clock",
        advice: "use a monotonic clock that all processors agree on, or take the maximum with what was returned before",
    };
    let platform = keep(make);
    let latest = Arc::new(Mutex::new(0));
    let parts = (0..3)
        .map(|_| {
            let latest = Arc::clone(&latest);
            Box::new(move |steps: &AtomicUsize| {
                for _ in 0..10 * ROUNDS {
                    let mut latest = latest.lock().unwrap_or_else(|e| e.into_inner());
                    let now = platform.now();
                    LAW.demand(now >= *latest, || {
                        format!("the clock went from {} to {now}", *latest)
                    });
                    *latest = now;
                    steps.fetch_add(1, SeqCst);
                }
            }) as Part
        })
        .collect();
    perform(&LAW, parts);
}

/// Who sleeps with a deadline, again and again, comes to it: the clock moves, and nobody sleeps through.
pub fn deadlines<P: Platform + 'static>(make: impl Fn(&Lab) -> P) {
    const LAW: Law = Law {
        name: "deadlines",
        advice: "`park` returns when `now` has reached the deadline, at once if it has already; a host without a clock counts the looks",
    };
    let platform = keep(make);
    let part = Box::new(move |steps: &AtomicUsize| {
        for _ in 0..3 {
            platform.with_token(&mut |_| {
                let deadline = platform.now().saturating_add(A_WHILE);
                while platform.now() < deadline {
                    platform.park(Some(deadline));
                }
                platform.park(Some(deadline));
                platform.park(Some(0));
            });
            steps.fetch_add(1, SeqCst);
        }
    });
    perform(&LAW, vec![part]);
}

/// `with_token` calls its closure, once, before it returns; also inside of another.
pub fn tokens<P: Platform + 'static>(make: impl Fn(&Lab) -> P) {
    const LAW: Law = Law {
        name: "tokens",
        advice: "call the closure once, with a token that any thread may use until it returns",
    };
    let platform = keep(make);
    let (mut outer, mut inner) = (0, 0);
    platform.with_token(&mut |first| {
        outer += 1;
        platform.with_token(&mut |second| {
            inner += 1;
            // SAFETY: both calls are under way.
            unsafe {
                platform.unpark(first);
                platform.unpark(second);
                platform.unpark(second);
            }
        });
    });
    LAW.demand((outer, inner) == (1, 1), || {
        format!("the closures were called {outer} times and, inside of it, {inner} times")
    });
}

/// A thread that is unparked before it sleeps does not sleep.
pub fn permits<P: Platform + 'static>(make: impl Fn(&Lab) -> P) {
    const LAW: Law = Law {
        name: "permits",
        advice: "`unpark` leaves a permit with its thread, and `park` takes it instead of sleeping",
    };
    let platform = keep(make);
    let part = Box::new(move |steps: &AtomicUsize| {
        for _ in 0..ROUNDS {
            platform.with_token(&mut |token| {
                // SAFETY: the call is under way.
                unsafe { platform.unpark(token) };
                platform.park(None);
            });
            steps.fetch_add(1, SeqCst);
        }
    });
    perform(&LAW, vec![part]);
}

/// Of several sleepers each is woken by its own token, however it meets its sleep.
pub fn waking<P: Platform + 'static>(make: impl Fn(&Lab) -> P) {
    const LAW: Law = Law {
        name: "waking",
        advice: "a token names the thread that it was made for, and an `unpark` that comes at any moment ends that thread's `park`, this one or the next",
    };
    let platform = keep(make);
    let sleepers = 3;
    // What each sleeper waits to see, and where it leaves its token first.
    let rounds: Arc<Vec<AtomicUsize>> =
        Arc::new((0..sleepers).map(|_| AtomicUsize::new(0)).collect());
    let answers = Arc::new(AtomicUsize::new(0));
    let tokens = Arc::new(Mutex::new(vec![None::<ParkToken>; sleepers]));
    let mut parts: Vec<Part> = Vec::new();
    for me in 0..sleepers {
        let (rounds, answers, tokens) = (
            Arc::clone(&rounds),
            Arc::clone(&answers),
            Arc::clone(&tokens),
        );
        parts.push(Box::new(move |steps| {
            platform.with_token(&mut |token| {
                tokens.lock().unwrap_or_else(|e| e.into_inner())[me] = Some(token);
                for round in 1..=ROUNDS {
                    while rounds[me].load(SeqCst) < round {
                        platform.park(None);
                    }
                    answers.fetch_add(1, SeqCst);
                    steps.fetch_add(1, SeqCst);
                }
                // The waker may still use the token.
                while rounds[me].load(SeqCst) <= ROUNDS {
                    platform.yield_now();
                }
            });
        }));
    }
    parts.push(Box::new(move |steps| {
        let token = |index: usize| {
            loop {
                let known = tokens.lock().unwrap_or_else(|e| e.into_inner())[index];
                match known {
                    Some(token) => return token,
                    None => thread::yield_now(),
                }
            }
        };
        for round in 1..=ROUNDS {
            for index in 0..sleepers {
                let token = token(index);
                rounds[index].store(round, SeqCst);
                // SAFETY: the sleeper stays in its call until it is told to go.
                unsafe { platform.unpark(token) };
            }
            while answers.load(SeqCst) < round * sleepers {
                thread::yield_now();
            }
            steps.fetch_add(1, SeqCst);
        }
        for round in rounds.iter() {
            round.store(ROUNDS + 1, SeqCst);
        }
    }));
    perform(&LAW, parts);
}

/// Threads that wait for each other by giving way come to an end, though there are more of them than processors.
pub fn yielding<P: Platform + 'static>(make: impl Fn(&Lab) -> P) {
    const LAW: Law = Law {
        name: "yielding",
        advice: "`yield_now` lets every other thread that can run do so before long, and returns",
    };
    let platform = keep(make);
    let threads = 4;
    let turn = Arc::new(AtomicUsize::new(0));
    let parts = (0..threads)
        .map(|me| {
            let turn = Arc::clone(&turn);
            Box::new(move |steps: &AtomicUsize| {
                for round in 0..ROUNDS / 10 {
                    while turn.load(SeqCst) != round * threads + me {
                        platform.yield_now();
                    }
                    turn.fetch_add(1, SeqCst);
                    steps.fetch_add(1, SeqCst);
                }
            }) as Part
        })
        .collect();
    perform(&LAW, parts);
}

/// The kit's own locks work on it: threads sleep, hand over, time out, and none is lost.
pub fn locks<P: Platform + 'static>(make: impl Fn(&Lab) -> P) {
    const LAW: Law = Law {
        name: "locks",
        advice: "look at `waking` and `permits`: a wake-up is lost, or goes to another thread, only when several threads sleep at once",
    };
    let platform = keep(make);
    let lot: &'static ParkingLot = Box::leak(Box::new(ParkingLot::new(platform)));
    let lock: &'static ByteLock = Box::leak(Box::new(ByteLock::new()));
    let guarded = Arc::new(AtomicU64::new(0));
    let held = Arc::new(Barrier::new(4));
    let parts = (0..4)
        .map(|me| {
            let (guarded, held) = (Arc::clone(&guarded), Arc::clone(&held));
            Box::new(move |steps: &AtomicUsize| {
                if me != 0 {
                    held.wait();
                }
                for round in 0..ROUNDS {
                    let locked = lock.lock(lot, &mut Unattached);
                    LAW.demand(locked.is_ok(), || {
                        "a thread that no runtime knows is shut out".to_owned()
                    });
                    if me == 0 && round == 0 {
                        // The others find it taken, and fall asleep.
                        held.wait();
                        platform.with_token(&mut |_| {
                            let deadline = platform.now().saturating_add(10 * A_WHILE);
                            while platform.now() < deadline {
                                platform.park(Some(deadline));
                            }
                        });
                    }
                    // Two steps: who gets in between loses one.
                    let before = guarded.load(SeqCst);
                    if round % 16 == 0 {
                        platform.yield_now();
                    }
                    guarded.store(before + 1, SeqCst);
                    // SAFETY: this thread holds it.
                    unsafe { lock.unlock(lot) };
                    steps.fetch_add(1, SeqCst);
                }
            }) as Part
        })
        .collect();
    perform(&LAW, parts);
    let total = guarded.load(SeqCst);
    LAW.demand(total == 4 * ROUNDS as u64, || {
        format!("four threads counted to {total} under a lock, {ROUNDS} each")
    });
    let deadline = platform.now().saturating_add(A_WHILE);
    let parked = lot.park(1, &mut Unattached, Some(deadline), &mut || true);
    LAW.demand(parked.wake == Wake::TimedOut, || {
        format!("a sleep that nobody ends ended so: {:?}", parked.wake)
    });
}
