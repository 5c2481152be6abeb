//! A line of waiters, woken from its head: a condition variable without its lock.
//!
//! ```text
//! waiter:   holding the lock: enqueue ─ release the lock ─ wait (… again) ─ cancel, if late ─ acquire
//! notifier: holding the lock: notify(n)
//! ```
//!
//! Each waiter has an event of its own, so that it keeps its place in the line between waits, and so
//! that a notification reaches exactly one. Which lock goes with it is the caller's affair.

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;
use kit_core::sync::event::Event;
use kit_core::sync::parking::{Blocker, Finalizing, ParkingLot};
use kit_core::sync::spin::Spin;

/// The line.
#[derive(Debug, Default)]
pub struct Condition {
    line: Spin<VecDeque<Arc<Event>>>,
}

/// A place in the line.
#[derive(Debug)]
pub struct Place(Arc<Event>);

impl Condition {
    /// An empty line.
    pub fn new() -> Condition {
        Condition::default()
    }

    /// Takes the last place in the line.
    pub fn enqueue(&self, lot: &ParkingLot) -> Place {
        let place = Arc::new(Event::new());
        let mine = place.clone();
        self.line.with(lot.platform(), |line| line.push_back(mine));
        Place(place)
    }

    /// Gives up a place. False: it was notified meanwhile, and the notification is the caller's.
    pub fn cancel(&self, place: &Place, lot: &ParkingLot) -> bool {
        self.line.with(lot.platform(), |line| {
            let found = line.iter().position(|other| Arc::ptr_eq(other, &place.0));
            found.and_then(|index| line.remove(index)).is_some()
        })
    }

    /// Wakes the first `count` waiters; returns how many there were.
    pub fn notify(&self, count: usize, lot: &ParkingLot) -> usize {
        let first: Vec<_> = self.line.with(lot.platform(), |line| {
            let count = count.min(line.len());
            line.drain(..count).collect()
        });
        for place in &first {
            place.set(lot);
        }
        first.len()
    }

    /// How many wait.
    pub fn waiters(&self, lot: &ParkingLot) -> usize {
        self.line.with(lot.platform(), |line| line.len())
    }
}

impl Place {
    /// Waits for a notification. False: the deadline passed first, and the place is still held.
    ///
    /// # Errors
    /// The runtime shut down meanwhile.
    pub fn wait(
        &self,
        lot: &ParkingLot,
        blocker: &mut dyn Blocker,
        deadline: Option<u64>,
    ) -> Result<bool, Finalizing> {
        self.0.wait(lot, blocker, deadline)
    }
}

#[cfg(all(test, feature = "std", not(loom)))]
mod tests {
    use super::*;
    use crate::platform::threads::STD_THREADS;
    use kit_core::sync::parking::Unattached;

    #[test]
    fn the_first_in_line_is_woken_and_a_place_outlasts_a_deadline() {
        let lot = ParkingLot::new(&STD_THREADS);
        let condition = Condition::new();
        let (first, second) = (condition.enqueue(&lot), condition.enqueue(&lot));
        assert_eq!(first.wait(&lot, &mut Unattached, Some(0)), Ok(false));
        assert_eq!(condition.notify(1, &lot), 1);
        assert_eq!(first.wait(&lot, &mut Unattached, Some(0)), Ok(true));
        assert_eq!(second.wait(&lot, &mut Unattached, Some(0)), Ok(false));
        assert!(!condition.cancel(&first, &lot));
        assert!(condition.cancel(&second, &lot));
        assert_eq!(condition.notify(1, &lot), 0);
    }

    #[test]
    fn notify_wakes_a_sleeper() {
        let lot = ParkingLot::new(&STD_THREADS);
        let condition = Condition::new();
        let place = condition.enqueue(&lot);
        std::thread::scope(|scope| {
            scope.spawn(|| condition.notify(usize::MAX, &lot));
            assert_eq!(place.wait(&lot, &mut Unattached, None), Ok(true));
        });
    }
}
