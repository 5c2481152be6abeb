//! What exited threads have left to be freed counts as one thread's: who would leave more waits for the others first.

use kit_core::{backend::retire::RetireLimits, thread::Ctx};
use std::{
    sync::{atomic::Ordering::SeqCst, mpsc},
    thread,
};

mod silent;
mod support;

use silent::{Silent, retire};

#[test]
fn exited_threads_leave_no_more_than_one_may_have() {
    let runtime = support::runtime();
    let ceiling = RetireLimits::default().ceiling;
    let (ready, is_ready) = mpsc::channel();
    let silent = Silent::default();
    thread::scope(|scope| {
        scope.spawn(|| silent.run(ready));
        is_ready.recv().unwrap();
        runtime
            .attach(|_| silent.company.store(true, SeqCst))
            .unwrap();
        is_ready.recv().unwrap();
        for number in 1..=2 {
            runtime.attach(|ctx| retire(ctx, ceiling / 2)).unwrap();
            assert_eq!(runtime.orphaned(), number * (ceiling / 2));
        }
        let (leaving, leaves) = mpsc::channel();
        let third = scope.spawn(move || {
            let body = |ctx: &mut Ctx| {
                retire(ctx, 1000);
                leaving.send(()).unwrap();
            };
            runtime.attach(body).unwrap();
        });
        leaves.recv().unwrap();
        assert!(!third.is_finished(), "it waits");
        silent.report.store(true, SeqCst);
        third.join().unwrap();
        assert!(runtime.orphaned() <= ceiling);
    });
}
