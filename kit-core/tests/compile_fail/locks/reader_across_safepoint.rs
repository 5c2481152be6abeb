//! A reader-writer lock is held where the thread may stop.

use kit_core::{sync::rwlock::RwLock, thread::Ctx};

fn f(ctx: &mut Ctx, table: &RwLock<usize>) -> bool {
    table.read(ctx.lot(), |_| ctx.poll())
}

fn main() {}
