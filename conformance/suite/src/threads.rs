//! The laws of what starts threads: [`Port::start`] and [`Port::cores`].
//!
//! A port that has no other thread says [`NoThread`] each time, which no law minds: what needs a second thread is not tried on it then.
//! How much native stack a thread gets is not looked at, since too little ends the process.

use std::{
    hint,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    thread,
};

use kit_core::sync::{
    event::Event,
    parking::{ParkingLot, Unattached},
};
use kit_std::port::{NoThread, Port};

use crate::{lab::Lab, law::Law, platform::perform};

/// How many threads are asked for at a time.
const MANY: usize = 4;

/// What became of a body that was given away.
#[derive(Default)]
struct Fate {
    ran: AtomicUsize,
    gone: AtomicUsize,
}

/// Tells of itself when it is dropped, however that comes.
struct Told(Arc<Fate>);

impl Drop for Told {
    fn drop(&mut self) {
        self.0.gone.fetch_add(1, SeqCst);
    }
}

/// Asks for a thread that runs `body`; what becomes of it is told.
fn ask(
    port: Port,
    stack: usize,
    body: impl FnOnce() + Send + 'static,
) -> (Result<(), NoThread>, Arc<Fate>) {
    let fate = Arc::new(Fate::default());
    let told = Told(fate.clone());
    let run = move || {
        told.0.ran.fetch_add(1, SeqCst);
        body();
    };
    ((port.start)(stack, Box::new(run)), fate)
}

/// Waits until a body is gone, which is when its thread is done with it; then it has run.
fn done(law: &Law, fate: &Fate, steps: &AtomicUsize) {
    while fate.gone.load(SeqCst) == 0 {
        thread::yield_now();
    }
    steps.fetch_add(1, SeqCst);
    law.demand(fate.ran.load(SeqCst) == 1, || {
        "a thread was said to be started, and what it was to run was dropped".to_owned()
    });
}

/// A thread that is started is another one, and runs what it is given while the starter goes on.
pub fn starting(make: impl Fn(&Lab) -> Port) {
    const LAW: Law = Law {
        name: "starting",
        advice: "`start` returns at once; a thread that is not the caller's runs the body, once, and drops what is left of it",
    };
    let port = make(&Lab::new());
    let part = Box::new(move |steps: &AtomicUsize| {
        let starter = thread::current().id();
        for _ in 0..MANY {
            let returned = Arc::new(AtomicBool::new(false));
            let here = Arc::new(AtomicBool::new(false));
            let body = {
                let (returned, here) = (returned.clone(), here.clone());
                move || {
                    here.store(thread::current().id() == starter, SeqCst);
                    while !here.load(SeqCst) && !returned.load(SeqCst) {
                        thread::yield_now();
                    }
                }
            };
            let (started, fate) = ask(port, Port::STACK, body);
            returned.store(true, SeqCst);
            if started.is_err() {
                return;
            }
            done(&LAW, &fate, steps);
            LAW.demand(!here.load(SeqCst), || {
                "the thread that asked for another ran the body itself".to_owned()
            });
        }
    });
    perform(&LAW, vec![part]);
}

/// Threads that are started run together: they may wait for each other, though there be fewer processors.
pub fn together(make: impl Fn(&Lab) -> Port) {
    const LAW: Law = Law {
        name: "together",
        advice: "each body has a thread of its own; where there are no more, say `NoThread` instead of letting a body wait for the end of another",
    };
    let port = make(&Lab::new());
    let part = Box::new(move |steps: &AtomicUsize| {
        // How many there are, when all have been asked for.
        let started = Arc::new(AtomicUsize::new(usize::MAX));
        let met = Arc::new(AtomicUsize::new(0));
        let asked: Vec<_> = (0..MANY)
            .filter_map(|_| {
                let (started, met) = (started.clone(), met.clone());
                let (result, fate) = ask(port, Port::STACK, move || {
                    met.fetch_add(1, SeqCst);
                    while met.load(SeqCst) < started.load(SeqCst) {
                        thread::yield_now();
                        hint::spin_loop();
                    }
                });
                result.is_ok().then_some(fate)
            })
            .collect();
        started.store(asked.len(), SeqCst);
        for fate in &asked {
            done(&LAW, fate, steps);
        }
    });
    perform(&LAW, vec![part]);
}

/// Threads that are started sleep, are woken, and hand over, as those of the platform do.
pub fn sleeping(make: impl Fn(&Lab) -> Port) {
    const LAW: Law = Law {
        name: "sleeping",
        advice: "the threads of `start` are threads to the port's platform: look at the law `waking` of platforms, with threads that `start` has made",
    };
    let port = make(&Lab::new());
    let part = Box::new(move |steps: &AtomicUsize| {
        let lot = Arc::new(ParkingLot::new(port.platform));
        for _ in 0..MANY {
            let events: Arc<[Event; 2]> = Arc::default();
            let (started, fate) = {
                let (lot, events) = (lot.clone(), events.clone());
                ask(port, Port::STACK, move || {
                    events[0].set(&lot);
                    let _ = events[1].wait(&lot, &mut Unattached, None);
                })
            };
            if started.is_err() {
                return;
            }
            let woken = events[0].wait(&lot, &mut Unattached, None);
            LAW.demand(woken == Ok(true), || {
                "a sleep without a deadline ended before its event".to_owned()
            });
            events[1].set(&lot);
            done(&LAW, &fate, steps);
        }
    });
    perform(&LAW, vec![part]);
}

/// A thread that cannot be had is an error, and its body is dropped, there and then.
pub fn refusing(make: impl Fn(&Lab) -> Port) {
    const LAW: Law = Law {
        name: "refusing",
        advice: "say `NoThread`, and drop the body, when there is no memory for so much stack or no thread is left; or give less stack",
    };
    let port = make(&Lab::new());
    let part = Box::new(move |steps: &AtomicUsize| {
        for stack in [usize::MAX / 2, usize::MAX] {
            let (started, fate) = ask(port, stack, || ());
            if started.is_ok() {
                done(&LAW, &fate, steps);
                continue;
            }
            let (ran, gone) = (fate.ran.load(SeqCst), fate.gone.load(SeqCst));
            LAW.demand((ran, gone) == (0, 1), || {
                format!("a thread could not be had: its body was run {ran} times and dropped {gone} times")
            });
        }
    });
    perform(&LAW, vec![part]);
}

/// At least one thread can run.
pub fn cores(make: impl Fn(&Lab) -> Port) {
    const LAW: Law = Law {
        name: "cores",
        advice: "`cores` counts the caller's processor too: 1 where there is no other, or where nobody knows",
    };
    let port = make(&Lab::new());
    LAW.demand((port.cores)() > 0, || {
        "no thread can run, it says".to_owned()
    });
}
