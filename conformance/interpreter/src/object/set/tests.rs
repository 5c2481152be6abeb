use super::super::obj::Obj;
use super::super::{list, protocol};
use super::operators::combine;
use super::*;
use crate::vm::start::with_interpreter;

fn set(ctx: &mut Ctx, id: u32, values: impl IntoIterator<Item = i64>) -> Obj {
    let values = values.into_iter().map(Obj::small_int).collect();
    let list = list::from_vec(ctx, values).unwrap();
    from_iterable(ctx, id, &list).unwrap()
}

fn repr(ctx: &mut Ctx, value: &Obj) -> String {
    protocol::repr_string(ctx, value).unwrap()
}

#[test]
fn small_numbers_come_in_the_order_programs_expect() {
    with_interpreter(|ctx| {
        for (values, expected) in [
            (vec![3, 1, 2], "{1, 2, 3}"),
            (vec![10, 8, 33, 0, -1], "{0, 33, 8, 10, -1}"),
            (
                vec![100, 5, 37, 64, 1000, 9, 21],
                "{64, 100, 37, 5, 1000, 9, 21}",
            ),
        ] {
            let set = set(ctx, ids::SET, values);
            assert_eq!(repr(ctx, &set), expected);
        }
    });
}

#[test]
fn operations() {
    use Operation::*;
    with_interpreter(|ctx| {
        let a = set(ctx, ids::SET, 0..6);
        let b = set(ctx, ids::FROZENSET, 4..9);
        for (operation, expected) in [
            (Union, "{0, 1, 2, 3, 4, 5, 6, 7, 8}"),
            (Intersection, "{4, 5}"),
            (Difference, "{0, 1, 2, 3}"),
            (SymmetricDifference, "{0, 1, 2, 3, 6, 7, 8}"),
        ] {
            let result = combine(ctx, &a, &b, operation).unwrap();
            assert_eq!(repr(ctx, &result), expected);
        }
        let result = combine(ctx, &b, &a, Intersection).unwrap();
        assert_eq!(repr(ctx, &result), "frozenset({4, 5})");
        let same = set(ctx, ids::FROZENSET, [5, 4]);
        assert!(protocol::equals(ctx, &result, &same).unwrap());
        assert_eq!(
            protocol::hash(ctx, &result).unwrap(),
            protocol::hash(ctx, &same).unwrap()
        );
        let nested = new(ctx, ids::SET).unwrap();
        nested.expect::<PySet>().add(ctx, &same).unwrap();
        let plain = set(ctx, ids::SET, [4, 5]);
        assert!(
            protocol::contains(ctx, &nested, &plain).unwrap(),
            "a set is looked for as a frozenset"
        );
    });
}

#[test]
fn values_come_and_go() {
    with_interpreter(|ctx| {
        let set = new(ctx, ids::SET).unwrap();
        let body = set.expect::<PySet>();
        for value in 0..2000 {
            body.add(ctx, &Obj::small_int(value * 7)).unwrap();
        }
        for value in 0..2000 {
            if value % 3 != 0 {
                assert!(body.discard(ctx, &Obj::small_int(value * 7)).unwrap());
            }
        }
        assert_eq!(body.len(), 667);
        for value in 0..2000 {
            let there = body.contains(ctx, &Obj::small_int(value * 7)).unwrap();
            assert_eq!(there, value % 3 == 0);
        }
        let mut popped = 0;
        while body.pop(ctx).is_some() {
            popped += 1;
        }
        assert_eq!(popped, 667);
    });
}

#[test]
fn entries_of_removed_values_are_used_again() {
    with_interpreter(|ctx| {
        let set = new(ctx, ids::SET).unwrap();
        let body = set.expect::<PySet>();
        let order = |ctx: &mut Ctx| {
            let values = body.to_vec(ctx);
            let values = values.iter().map(|(hash, _)| *hash);
            values.collect::<Vec<_>>()
        };
        for value in 0..8 {
            body.add(ctx, &Obj::small_int(value)).unwrap();
        }
        body.discard(ctx, &Obj::small_int(2)).unwrap();
        body.discard(ctx, &Obj::small_int(3)).unwrap();
        // The last of those on the way comes first.
        body.add(ctx, &Obj::small_int(34)).unwrap();
        assert_eq!(order(ctx), [0, 1, 34, 4, 5, 6, 7]);
        body.add(ctx, &Obj::small_int(66)).unwrap();
        assert_eq!(order(ctx), [0, 1, 66, 34, 4, 5, 6, 7]);
        let block = body.block();
        for _ in 0..1000 {
            assert!(body.discard(ctx, &Obj::small_int(5)).unwrap());
            body.add(ctx, &Obj::small_int(5)).unwrap();
        }
        assert!(body.block() == block, "nothing has to move");
    });
}
