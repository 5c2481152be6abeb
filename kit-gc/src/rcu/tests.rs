//! Cells with real threads.

use super::{Domain, Held, Rcu};
use crate::testing::Threads;
use kit_core::{
    backend::retire::RetireLimits,
    platform::memory::NoMemory,
    sync::atomic::{
        AtomicBool, AtomicUsize,
        Ordering::{Relaxed, SeqCst},
    },
};
use std::{
    alloc::System,
    panic::{AssertUnwindSafe, catch_unwind},
    string::{String, ToString},
    sync::{Arc, Barrier, OnceLock},
    thread,
    vec::Vec,
};

fn domain() -> Domain {
    Domain::new(&System, &Threads, RetireLimits::default())
}

/// Counts its end; its words say whether it is whole.
struct Value {
    words: [usize; 2],
    dropped: Arc<AtomicUsize>,
}

impl Value {
    fn new(number: usize, dropped: &Arc<AtomicUsize>) -> Self {
        Value {
            words: [number, !number],
            dropped: Arc::clone(dropped),
        }
    }

    fn number(&self) -> usize {
        assert_eq!(self.words[0], !self.words[1], "read after its end");
        self.words[0]
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        self.words = [0xDEAD; 2];
        self.dropped.fetch_add(1, SeqCst);
    }
}

#[test]
fn a_value_outlives_who_reads_it_and_no_longer() {
    let (domain, dropped) = (domain(), Arc::default());
    let cell = Rcu::new(&domain, Value::new(1, &dropped)).unwrap();
    let (mut one, mut two) = (domain.register().unwrap(), domain.register().unwrap());
    let (mut reading, mut writing) = (one.online(), two.online());
    let seen = cell.read(&reading);
    cell.replace(&mut writing, Value::new(2, &dropped)).unwrap();
    assert_eq!(cell.read(&writing).number(), 2);
    assert!(writing.held() >= size_of::<Value>());
    writing.flush();
    assert_eq!((seen.number(), dropped.load(SeqCst)), (1, 0));
    reading.quiescent();
    writing.collect();
    assert_eq!((dropped.load(SeqCst), writing.held()), (1, 0));
    // Who is offline holds nothing back.
    drop(reading);
    cell.replace(&mut writing, Value::new(3, &dropped)).unwrap();
    writing.flush();
    assert_eq!(dropped.load(SeqCst), 2);
    drop(writing);
    drop((one, two, cell));
    assert_eq!(dropped.load(SeqCst), 3);
}

#[test]
fn what_a_thread_leaves_is_dropped_by_others_or_with_the_domain() {
    let (domain, dropped) = (domain(), Arc::default());
    let cell = Rcu::new(&domain, Value::new(0, &dropped)).unwrap();
    let mut waiting = domain.register().unwrap();
    let mut holding = waiting.online();
    for round in 1..=3 {
        thread::scope(|scope| {
            scope.spawn(|| {
                let mut participant = domain.register().unwrap();
                let mut reader = participant.online();
                for number in 0..300 {
                    cell.replace(&mut reader, Value::new(number, &dropped))
                        .unwrap();
                }
            });
        });
        let all = round * 300;
        assert_eq!(dropped.load(SeqCst), if round == 3 { all - 300 } else { 0 });
        if round == 2 {
            // Everything, although it is another's.
            holding.collect();
            assert_eq!(dropped.load(SeqCst), all);
        }
    }
    drop(holding);
    drop((waiting, cell));
    drop(domain);
    assert_eq!(dropped.load(SeqCst), 901);
}

#[test]
fn over_the_ceiling_replacing_waits_and_is_refused() {
    let limits = RetireLimits {
        seal_bytes: 1000,
        ceiling: 10_000,
    };
    let domain = Domain::new(&System, &Threads, limits);
    let cell = Rcu::new(&domain, alloc_vec(0)).unwrap();
    let (mut one, mut two) = (domain.register().unwrap(), domain.register().unwrap());
    let (mut stuck, mut writing) = (one.online(), two.online());
    let mut replaced = 0;
    let refused = loop {
        match cell.replace_weighing(&mut writing, alloc_vec(replaced), |old| old.capacity()) {
            Ok(()) => replaced += 1,
            Err(Held(value)) => break value,
        }
        assert!(writing.held() <= limits.ceiling + 1100, "over the ceiling");
    };
    assert!((9..=11).contains(&replaced), "{replaced}");
    assert_eq!(refused[0], replaced as u8);
    let mut called = false;
    let change = |_: &Vec<u8>| {
        called = true;
        Vec::new()
    };
    assert!(matches!(
        cell.update(&mut writing, change, |_| 0),
        Err(Held(None))
    ));
    assert!(!called);
    // One report, and there is room.
    stuck.quiescent();
    cell.replace(&mut writing, refused).unwrap();
    assert!(writing.held() < 2000);
}

fn alloc_vec(number: usize) -> Vec<u8> {
    std::vec![number as u8; 1000]
}

#[test]
fn without_memory_values_come_back() {
    let domain = Domain::new(&NoMemory, &Threads, RetireLimits::default());
    let refused = Rcu::new(&domain, String::from("kept")).unwrap_err();
    assert_eq!(refused.0, "kept");
    assert!(refused.to_string().contains("no memory"));
}

#[test]
fn a_reader_of_another_domain_is_refused() {
    let (one, two) = (domain(), domain());
    let cell = Rcu::new(&one, 1).unwrap();
    let mut participant = two.register().unwrap();
    let reader = participant.online();
    let read = catch_unwind(AssertUnwindSafe(|| *cell.read(&reader)));
    assert!(read.is_err());
}

#[test]
fn destructors_may_panic_and_come_back() {
    /// Its end registers, replaces another cell's value, and panics.
    struct Busy(&'static Domain, Arc<AtomicUsize>);

    impl Drop for Busy {
        fn drop(&mut self) {
            let cell = Rcu::new(self.0, Value::new(0, &self.1)).unwrap();
            let mut participant = self.0.register().unwrap();
            let mut reader = participant.online();
            cell.replace(&mut reader, Value::new(1, &self.1)).unwrap();
            drop(reader);
            drop(participant);
            drop(cell);
            static CALM: AtomicBool = AtomicBool::new(false);
            assert!(CALM.swap(true, SeqCst), "the first panics");
        }
    }

    static DOMAIN: OnceLock<Domain> = OnceLock::new();
    let domain = DOMAIN.get_or_init(domain);
    let dropped = Arc::default();
    let cell = Rcu::new(domain, Busy(domain, Arc::clone(&dropped))).unwrap();
    let mut participant = domain.register().unwrap();
    let mut reader = participant.online();
    for _ in 0..5 {
        cell.replace(&mut reader, Busy(domain, Arc::clone(&dropped)))
            .unwrap();
    }
    assert!(catch_unwind(AssertUnwindSafe(|| reader.flush())).is_err());
    assert_eq!(reader.held(), 0, "one panicked, and others wait");
    drop(reader);
    domain.collect();
    assert_eq!(dropped.load(SeqCst), 10);
}

#[test]
fn readers_and_writers_at_once() {
    const WRITES: usize = if cfg!(miri) { 50 } else { 5000 };
    let (domain, dropped) = (domain(), Arc::default());
    let (done, start) = (AtomicBool::new(false), Barrier::new(4));
    let cell = Rcu::new(&domain, Value::new(0, &dropped)).unwrap();
    let made = AtomicUsize::new(1);
    thread::scope(|scope| {
        for sleepy in [false, true] {
            let (domain, cell, done, start) = (&domain, &cell, &done, &start);
            scope.spawn(move || {
                let mut participant = domain.register().unwrap();
                start.wait();
                let mut last = 0;
                while !done.load(Relaxed) {
                    let mut reader = participant.online();
                    for _ in 0..if sleepy { 1 } else { 100 } {
                        let seen = cell.read(&reader).number();
                        assert!(seen >= last, "time goes back");
                        last = seen;
                        reader.quiescent();
                    }
                }
            });
        }
        let writers = [0, 1].map(|_| {
            scope.spawn(|| {
                let mut participant = domain.register().unwrap();
                let mut reader = participant.online();
                start.wait();
                for _ in 0..WRITES {
                    let change = |old: &Value| {
                        made.fetch_add(1, SeqCst);
                        Value::new(old.number() + 1, &dropped)
                    };
                    cell.update(&mut reader, change, |_| 0).unwrap();
                    reader.quiescent();
                }
            })
        });
        for writer in writers {
            writer.join().unwrap();
        }
        done.store(true, Relaxed);
    });
    let mut participant = domain.register().unwrap();
    assert_eq!(cell.read(&participant.online()).number(), 2 * WRITES);
    drop((participant, cell));
    drop(domain);
    assert_eq!(dropped.load(SeqCst), made.load(SeqCst));
}

#[cfg(all(unix, not(miri)))]
#[test]
fn a_forked_child_is_the_only_participant() {
    unsafe extern "C" {
        fn fork() -> i32;
        fn _exit(status: i32) -> !;
        fn waitpid(child: i32, status: *mut i32, options: i32) -> i32;
    }
    let (domain, dropped) = (domain(), Arc::default());
    let cell = Rcu::new(&domain, Value::new(0, &dropped)).unwrap();
    let (ready, done) = (Barrier::new(2), AtomicBool::new(false));
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut participant = domain.register().unwrap();
            let reader = participant.online();
            ready.wait();
            while !done.load(SeqCst) {
                thread::yield_now();
            }
            assert!(cell.read(&reader).number() < 2);
        });
        ready.wait();
        let mut participant = domain.register().unwrap();
        let mut child = 0;
        // SAFETY: the child uses its own participant, and leaves without cleaning up.
        let is_child = unsafe {
            domain.fork(Some(&participant), || {
                child = fork();
                child == 0
            })
        };
        let mut reader = participant.online();
        cell.replace(&mut reader, Value::new(1, &dropped)).unwrap();
        reader.flush();
        if is_child {
            // The other reader is not there.
            let ok = dropped.load(SeqCst) == 1 && domain.register().is_some();
            // SAFETY: it does not come back.
            unsafe { _exit(if ok { 7 } else { 8 }) };
        }
        assert_eq!(dropped.load(SeqCst), 0, "the parent's reader is");
        let mut status = 0;
        // SAFETY: our child, once.
        assert_eq!(unsafe { waitpid(child, &mut status, 0) }, child);
        done.store(true, SeqCst);
        assert_eq!(status, 7 << 8);
    });
}
