//! Native threads, started so that the child of a [fork](crate::fork) can start them too.
//!
//! The standard library notes each thread that it starts, with a lock held, when the thread begins and when it ends. A fork that
//! comes just then leaves the lock to the child with nobody to release it, and no thread that is started there ever gets to
//! its body. What is started here is nothing but the system's: it has no name in messages, nobody joins it, and running out
//! of native stack ends the process without a word.

use std::io;

/// Starts a thread that runs `body` and ends. A panic ends that thread alone.
///
/// # Errors
/// The system's: there is no memory, or there are too many threads.
pub fn start(stack: usize, body: impl FnOnce() + Send + 'static) -> io::Result<()> {
    imp::start(stack, Box::new(body))
}

type Body = Box<dyn FnOnce() + Send>;

#[cfg(all(unix, not(miri)))]
mod imp {
    use super::Body;
    use std::ffi::{c_int, c_void};
    use std::panic::{self, AssertUnwindSafe};
    use std::{io, mem, ptr};

    extern "C" fn run(body: *mut c_void) -> *mut c_void {
        // SAFETY: what `start` made of a box; it is this thread's.
        let body = unsafe { Box::from_raw(body.cast::<Body>()) };
        // The hook has said what there is to say.
        let _ = panic::catch_unwind(AssertUnwindSafe(body));
        ptr::null_mut()
    }

    fn done(result: c_int) -> io::Result<()> {
        match result {
            0 => Ok(()),
            error => Err(io::Error::from_raw_os_error(error)),
        }
    }

    pub(super) fn start(stack: usize, body: Body) -> io::Result<()> {
        let page = crate::platform::pages::OsPages;
        let page = kit_core::platform::pages::PageSource::page_size(&page);
        let least = libc::PTHREAD_STACK_MIN;
        let stack = stack.max(least).checked_next_multiple_of(page);
        let stack = stack.ok_or(io::ErrorKind::OutOfMemory)?;
        // SAFETY: attributes are initialised before they are used, and destroyed once. The thread owns the box from the
        // moment that it exists; without it the box is ours again.
        unsafe {
            let mut attributes: libc::pthread_attr_t = mem::zeroed();
            done(libc::pthread_attr_init(&mut attributes))?;
            let _ =
                libc::pthread_attr_setdetachstate(&mut attributes, libc::PTHREAD_CREATE_DETACHED);
            let mut started = libc::pthread_attr_setstacksize(&mut attributes, stack);
            if started == 0 {
                let body = Box::into_raw(Box::new(body));
                let mut thread = mem::zeroed();
                started = libc::pthread_create(&mut thread, &attributes, run, body.cast());
                if started != 0 {
                    drop(Box::from_raw(body));
                }
            }
            libc::pthread_attr_destroy(&mut attributes);
            done(started)
        }
    }
}

#[cfg(not(all(unix, not(miri))))]
mod imp {
    use super::Body;
    use std::{io, thread};

    pub(super) fn start(stack: usize, body: Body) -> io::Result<()> {
        let thread = thread::Builder::new().stack_size(stack);
        thread.spawn(body).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::Port;
    use std::sync::mpsc;

    const STACK: usize = Port::STACK;

    #[test]
    fn a_thread_runs_its_body_and_drops_it() {
        let (to, from) = mpsc::channel();
        for number in 0..3 {
            let to = to.clone();
            start(STACK, move || to.send(number).unwrap()).expect("a thread");
        }
        drop(to);
        let mut seen: Vec<_> = from.iter().collect();
        seen.sort_unstable();
        assert_eq!(seen, [0, 1, 2]);
    }

    #[test]
    fn a_small_stack_is_enlarged_and_one_too_large_is_refused() {
        let (to, from) = mpsc::channel();
        start(1, move || to.send(()).unwrap()).expect("a thread");
        from.recv().expect("it ran");
        let (to, from) = mpsc::channel::<()>();
        let too_large = [isize::MAX as usize / 2, usize::MAX - 4096, usize::MAX];
        for stack in too_large {
            let to = to.clone();
            let refused = start(stack, move || drop(to));
            assert!(refused.is_err());
        }
        drop(to);
        assert!(from.recv().is_err(), "the bodies are dropped");
    }

    #[test]
    fn a_panic_ends_the_thread_alone() {
        let (to, from) = mpsc::channel::<()>();
        let quiet = move || {
            let _to = to;
            std::panic::resume_unwind(Box::new(()));
        };
        start(STACK, quiet).expect("a thread");
        assert!(from.recv().is_err());
    }
}
