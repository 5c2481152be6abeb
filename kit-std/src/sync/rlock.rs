//! A lock that its owner may take again: the kit's own, which a language's threads know as such.

pub use kit_core::sync::recursive::RecursiveLock as RLock;

#[cfg(all(test, feature = "std", not(loom)))]
mod tests {
    use super::*;
    use crate::platform::threads::STD_THREADS;
    use kit_core::sync::parking::ParkingLot;

    #[test]
    fn the_owner_takes_it_again_and_others_do_not() {
        let lot = ParkingLot::new(&STD_THREADS);
        let lock = RLock::new();
        assert!(lock.try_acquire(1) && lock.try_acquire(1));
        assert!(!lock.try_acquire(2));
        assert!(!lock.release(2, &lot));
        assert!(lock.release(1, &lot));
        assert!(!lock.try_acquire(2));
        assert!(lock.release(1, &lot));
        assert!(lock.try_acquire(2));
    }

    #[test]
    fn all_acquisitions_are_given_back_and_restored() {
        let lot = ParkingLot::new(&STD_THREADS);
        let lock = RLock::new();
        assert_eq!(lock.release_all(1, &lot), 0);
        assert!(lock.try_acquire(1) && lock.try_acquire(1));
        assert_eq!(lock.release_all(1, &lot), 2);
        assert!(!lock.is_locked());
        assert!(lock.try_acquire(1));
        lock.restore_depth(1, 2);
        assert!(lock.release(1, &lot) && lock.is_locked());
    }
}
