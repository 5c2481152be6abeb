use super::super::obj::Obj;
use super::super::{int as int_, protocol, slice, str_, tuple};
use super::*;
use crate::vm::start::{attach, with_interpreter};
use crate::vm::thread::rt;

fn int(value: i64) -> Obj {
    Obj::small_int(value)
}

fn numbers(ctx: &mut Ctx, values: impl IntoIterator<Item = i64>) -> Obj {
    from_vec(ctx, values.into_iter().map(Obj::small_int).collect()).unwrap()
}

fn repr(ctx: &mut Ctx, value: &Obj) -> String {
    protocol::repr_string(ctx, value).unwrap()
}

fn error(ctx: &mut Ctx, raised: crate::error::Raised) -> String {
    let exception = super::super::exception::take(ctx, raised);
    let name = protocol::type_name(ctx, &exception);
    let text = protocol::str_string(ctx, &exception).unwrap();
    format!("{name}: {text}")
}

fn range(ctx: &mut Ctx, start: Option<i64>, stop: Option<i64>, step: Option<i64>) -> Obj {
    let part = |value: Option<i64>| value.map_or(Obj::NONE, int);
    slice::new(ctx, part(start), part(stop), part(step)).unwrap()
}

#[test]
fn slices_select_assign_and_delete() {
    with_interpreter(|ctx| {
        let list = numbers(ctx, 0..10);
        for (start, stop, step, expected) in [
            (Some(2), Some(5), None, "[2, 3, 4]"),
            (None, None, Some(-3), "[9, 6, 3, 0]"),
            (Some(-3), None, None, "[7, 8, 9]"),
            (Some(7), Some(2), Some(-2), "[7, 5, 3]"),
            (Some(5), Some(100), Some(4), "[5, 9]"),
            (Some(5), Some(2), None, "[]"),
        ] {
            let key = range(ctx, start, stop, step);
            let part = protocol::getitem(ctx, &list, &key).unwrap();
            assert_eq!(repr(ctx, &part), expected);
        }
        let key = range(ctx, Some(1), Some(8), Some(3));
        let values = numbers(ctx, [-1, -2, -3]);
        protocol::setitem(ctx, &list, &key, Some(&values)).unwrap();
        assert_eq!(repr(ctx, &list), "[0, -1, 2, 3, -2, 5, 6, -3, 8, 9]");
        let few = numbers(ctx, [1]);
        let raised = protocol::setitem(ctx, &list, &key, Some(&few)).unwrap_err();
        assert_eq!(
            error(ctx, raised),
            "ValueError: attempt to assign sequence of size 1 to extended slice of size 3"
        );
        protocol::setitem(ctx, &list, &key, None).unwrap();
        assert_eq!(repr(ctx, &list), "[0, 2, 3, 5, 6, 8, 9]");
        let key = range(ctx, None, None, Some(-2));
        protocol::setitem(ctx, &list, &key, None).unwrap();
        assert_eq!(repr(ctx, &list), "[2, 5, 8]");
        let key = range(ctx, Some(1), Some(2), None);
        let values = numbers(ctx, 20..25);
        protocol::setitem(ctx, &list, &key, Some(&values)).unwrap();
        assert_eq!(repr(ctx, &list), "[2, 20, 21, 22, 23, 24, 8]");
        // A list assigned to a part of itself.
        let key = range(ctx, Some(1), Some(6), None);
        let whole = list.clone();
        protocol::setitem(ctx, &list, &key, Some(&whole)).unwrap();
        assert_eq!(repr(ctx, &list), "[2, 2, 20, 21, 22, 23, 24, 8, 8]");
    });
}

#[test]
fn items_move_when_some_come_or_go() {
    with_interpreter(|ctx| {
        let list = numbers(ctx, 0..5);
        let body = list.expect::<PyList>();
        body.insert(ctx, 2, int(10)).unwrap();
        body.insert(ctx, 100, int(11)).unwrap();
        assert_eq!(body.remove(ctx, 0).unwrap().as_small_int(), Some(0));
        assert_eq!(body.pop_last(ctx).unwrap().as_small_int(), Some(11));
        body.reverse(ctx);
        assert_eq!(repr(ctx, &list), "[4, 3, 2, 10, 1]");
        for number in 0..1000 {
            body.push(ctx, int(number)).unwrap();
        }
        while body.len() > 3 {
            drop(body.remove(ctx, 1));
        }
        assert_eq!(repr(ctx, &list), "[4, 998, 999]");
        let itself = list.clone();
        body.push(ctx, itself).unwrap();
        assert_eq!(repr(ctx, &list), "[4, 998, 999, [...]]");
        drop(body.take(ctx));
    });
}

#[test]
fn sorting_is_stable_and_fast_paths_agree() {
    with_interpreter(|ctx| {
        let list = numbers(ctx, [3, -1, 2, 3, 0]);
        methods::sort_in_place(ctx, &list, None, true).unwrap();
        assert_eq!(repr(ctx, &list), "[3, 3, 2, 0, -1]");
        // Pairs compare by code; equal first items keep their order under a key.
        for len in [0usize, 1, 2, 23, 24, 25, 100, 1000] {
            let mut random = 99u64;
            let mut pairs = Vec::new();
            for number in 0..len {
                random = random.wrapping_mul(6364136223846793005).wrapping_add(1);
                let first = int((random >> 33) as i64 % 50);
                pairs.push(tuple::from_vec(ctx, vec![first, int(number as i64)]).unwrap());
            }
            let mut expected: Vec<(i64, i64)> = pairs.iter().map(pair).collect();
            expected.sort();
            let list = from_vec(ctx, pairs).unwrap();
            methods::sort_in_place(ctx, &list, None, false).unwrap();
            let sorted: Vec<(i64, i64)> = list
                .expect::<PyList>()
                .to_vec(ctx)
                .iter()
                .map(pair)
                .collect();
            assert_eq!(sorted, expected);
        }
        let words = ["pear", "Apple", "fig", "äpfel", "apple"].map(|w| str_::new(ctx, w).unwrap());
        let list = from_vec(ctx, words.to_vec()).unwrap();
        methods::sort_in_place(ctx, &list, None, false).unwrap();
        assert_eq!(
            repr(ctx, &list),
            "['Apple', 'apple', 'fig', 'pear', 'äpfel']"
        );
        let mixed = from_vec(ctx, vec![int(1), Obj::NONE, int(0)]).unwrap();
        let raised = methods::sort_in_place(ctx, &mixed, None, false).unwrap_err();
        assert_eq!(
            error(ctx, raised),
            "TypeError: '<' not supported between instances of 'NoneType' and 'int'"
        );
        assert_eq!(repr(ctx, &mixed), "[1, None, 0]", "nothing is lost");
    });
}

fn pair(value: &Obj) -> (i64, i64) {
    let items = tuple::items(value);
    (
        items[0].as_small_int().unwrap(),
        items[1].as_small_int().unwrap(),
    )
}

#[test]
fn repeating_beyond_memory_is_an_exception() {
    with_interpreter(|ctx| {
        let list = numbers(ctx, [0]);
        let factor = int_::from_i64(ctx, 1_000_000_000_000_000).unwrap();
        assert!(protocol::binary(ctx, &list, &factor, protocol::operator::MUL).is_err());
        let raised = protocol::binary(ctx, &list, &list, protocol::operator::MUL).unwrap_err();
        assert_eq!(
            error(ctx, raised),
            "TypeError: can't multiply sequence by non-int of type 'list'"
        );
    });
}

/// Writers put only one-item tuples of numbers below 100 into the list; readers must find nothing else.
#[test]
fn readers_without_locks_find_items_of_the_list() {
    with_interpreter(|ctx| {
        let list = numbers(ctx, []);
        let runtime = rt(ctx);
        let shared = &list;
        let spawn = move |writes: bool, seed: u64| {
            move || {
                attach(runtime, |ctx| {
                    let list = shared.expect::<PyList>();
                    let mut random = seed;
                    for _ in 0..20_000 {
                        random = random
                            .wrapping_mul(6364136223846793005)
                            .wrapping_add(seed | 1);
                        let number = (random >> 33) as i64 % 100;
                        let index = (random >> 40) as usize % 50;
                        let item = match random >> 60 {
                            _ if !writes => None,
                            0..=6 => Some(tuple::from_vec(ctx, vec![int(number)]).unwrap()),
                            _ => None,
                        };
                        match (writes, item) {
                            (false, _) => {
                                if let Some(item) = list.get(ctx, index) {
                                    let value = tuple::items(&item)[0].as_small_int().unwrap();
                                    assert!((0..100).contains(&value));
                                }
                            }
                            (true, Some(item)) if number % 3 == 0 => {
                                list.insert(ctx, index, item).unwrap();
                            }
                            (true, Some(item)) if number % 3 == 1 => {
                                list.set(ctx, index, item);
                            }
                            (true, Some(item)) => list.push(ctx, item).unwrap(),
                            (true, None) if number == 0 => drop(list.take(ctx)),
                            (true, None) if number % 2 == 0 => drop(list.pop_last(ctx)),
                            (true, None) => drop(list.remove(ctx, index)),
                        }
                        ctx.drain();
                        let _ = ctx.poll();
                    }
                })
                .unwrap();
            }
        };
        runtime.kit.detached(ctx, || {
            std::thread::scope(|scope| {
                for seed in 1..=2 {
                    scope.spawn(spawn(true, seed * 77));
                    scope.spawn(spawn(false, seed * 99));
                }
            });
        });
        let body = list.expect::<PyList>();
        assert_eq!(body.to_vec(ctx).len(), body.len());
    });
}
