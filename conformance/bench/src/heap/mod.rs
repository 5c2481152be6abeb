//! The heap beside other allocators: `bench heap [GROUP]...`, in the manner of `bench micro`.
//!
//! | file | what |
//! |---|---|
//! | `allocators` | what is measured: the kit's heap, the system's allocator, and with the feature `rivals` others |
//! | `alone` | group: one thread that allocates and frees |
//! | `handed` | group: blocks that another thread frees, and two threads at once |
//! | `walk` | group: visiting all objects |
//! | `resident` | `bench heap resident`: what programs' blocks occupy, as `record` has written them down |
//! | `record` | the example `record-heap`: `kit-python`, writing down what its heap is asked for |

mod allocators;
mod alone;
mod handed;
#[cfg(feature = "rivals")]
mod resident;
mod walk;

use crate::micro::{self, Suite};

/// `bench heap`.
pub const SUITE: Suite = Suite {
    name: "heap",
    help: HELP,
    groups: &[alone::GROUP, handed::GROUP, walk::GROUP],
};

/// What `bench heap --help` prints.
const HELP: &str = "\
Measures the heap beside other allocators: the system's, and with `--features rivals` mimalloc, snmalloc and rusty_alloc.

Usage: bench heap [OPTIONS] [GROUP]...

GROUPs are alone, handed and walk. All, if none is given.

`bench heap resident [NAME]...`, with `--features rivals`, runs the sample programs, writes down what their objects
and buffers take and give back, and does the same with the kit's heap and with mimalloc: the most that was resident.
For that it needs `examples/record-heap` beside it.

  --runs N          samples of each  [9]
  --only TEXT       cases with that in their names
  --count           count the instructions of a round too, and its reads and writes of memory (needs valgrind)
  --markdown FILE   write the report there too
  --html FILE       the same with pictures
  --help            this text
";

/// Runs the subcommand.
///
/// # Errors
/// As [`micro::run`].
pub fn run(arguments: &[String]) -> Result<(), String> {
    match arguments {
        #[cfg(feature = "rivals")]
        [first, rest @ ..] if first == "resident" => resident::run(rest),
        _ => micro::run(&SUITE, arguments),
    }
}

/// The same case for every allocator: nanoseconds for one block, allocated and freed. The kit is to be as fast as the
/// rival that `$goal` names.
macro_rules! case {
    ($name:literal, $exact:literal, $sample:ident $(, $parameter:tt)*; $goal:ident) => {
        $crate::micro::Case {
            name: $name,
            exact: $exact,
            limit: None,
            subjects: $crate::heap::subjects!($sample $(, $parameter)*; $goal),
        }
    };
}
use case;

#[cfg(not(feature = "rivals"))]
macro_rules! subjects {
    ($sample:ident $(, $parameter:tt)*; $goal:ident) => {
        &[
            $crate::micro::Subject::new("kit", $sample::<$crate::heap::allocators::Kit $(, $parameter)*>),
            $crate::micro::Subject::new("malloc", $sample::<$crate::heap::allocators::Malloc $(, $parameter)*>),
        ]
    };
}

#[cfg(feature = "rivals")]
macro_rules! subjects {
    ($sample:ident $(, $parameter:tt)*; $goal:ident) => {{
        use $crate::heap::allocators::{Kit, Malloc, Mimalloc, RustyAlloc, Snmalloc, goal};
        use $crate::micro::Subject;
        &[
            Subject::new("kit", $sample::<Kit $(, $parameter)*>),
            Subject::new("malloc", $sample::<Malloc $(, $parameter)*>),
            goal(Subject::new("mimalloc", $sample::<Mimalloc $(, $parameter)*>), stringify!($goal)),
            goal(Subject::new("snmalloc", $sample::<Snmalloc $(, $parameter)*>), stringify!($goal)),
            Subject::new("rusty_alloc", $sample::<RustyAlloc $(, $parameter)*>),
        ]
    }};
}
use subjects;
