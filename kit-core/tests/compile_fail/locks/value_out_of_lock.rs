//! What a reader-writer lock guards leaves it.

use kit_core::{sync::rwlock::RwLock, thread::Ctx};

fn f<'a>(ctx: &'a Ctx, table: &'a RwLock<usize>) -> &'a usize {
    table.read(ctx.lot(), |value| value)
}

fn main() {}
