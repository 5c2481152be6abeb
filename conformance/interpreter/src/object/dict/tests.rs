use super::super::obj::Obj;
use super::super::{list, protocol, str_, tuple};
use super::*;
use crate::vm::start::{attach, with_interpreter};
use crate::vm::thread::rt;

fn int(value: i64) -> Obj {
    Obj::small_int(value)
}

fn text(ctx: &mut Ctx, text: &str) -> Obj {
    str_::new(ctx, text).unwrap()
}

fn repr(ctx: &mut Ctx, value: &Obj) -> String {
    protocol::repr_string(ctx, value).unwrap()
}

#[test]
fn order_of_insertion_survives_growth_and_deletion() {
    with_interpreter(|ctx| {
        let dict = new(ctx).unwrap();
        let dict = dict.expect::<PyDict>();
        let mut model: Vec<(i64, i64)> = Vec::new();
        let mut random = 12345u64;
        for round in 0..5000 {
            random = random.wrapping_mul(6364136223846793005).wrapping_add(1);
            let key = (random >> 33) as i64 % 700;
            if random >> 40 & 3 == 0 {
                let gone = dict.remove(ctx, &int(key)).unwrap();
                let at = model.iter().position(|item| item.0 == key);
                assert_eq!(
                    gone.map(|v| v.as_small_int().unwrap()),
                    at.map(|at| model.remove(at).1)
                );
            } else {
                dict.set(ctx, &int(key), int(round)).unwrap();
                match model.iter_mut().find(|item| item.0 == key) {
                    Some(item) => item.1 = round,
                    None => model.push((key, round)),
                }
            }
            assert_eq!(dict.len(ctx), model.len());
        }
        let items: Vec<(i64, i64)> = dict
            .items(ctx)
            .iter()
            .map(|(k, v)| (k.as_small_int().unwrap(), v.as_small_int().unwrap()))
            .collect();
        assert_eq!(items, model);
        while let Some((key, value)) = dict.popitem(ctx) {
            let last = model.pop().unwrap();
            assert_eq!(
                (key.as_small_int(), value.as_small_int()),
                (Some(last.0), Some(last.1))
            );
        }
        assert!(model.is_empty() && dict.is_empty(ctx));
    });
}

#[test]
fn equal_keys_of_different_kinds_are_one() {
    with_interpreter(|ctx| {
        let dict = new(ctx).unwrap();
        let body = dict.expect::<PyDict>();
        let float = super::super::float::new(ctx, 1.0).unwrap();
        body.set(ctx, &int(1), int(10)).unwrap();
        body.set(ctx, &float, int(11)).unwrap();
        body.set(ctx, &Obj::TRUE, int(12)).unwrap();
        assert_eq!(repr(ctx, &dict), "{1: 12}");
        let (a, b) = (text(ctx, "key"), text(ctx, "key"));
        body.set(ctx, &a, int(1)).unwrap();
        assert_eq!(
            body.get(ctx, &b).unwrap().unwrap().as_small_int(),
            Some(1),
            "equal strings that are not the same object"
        );
        let pair = tuple::from_vec(ctx, vec![a, int(2)]).unwrap();
        let same = tuple::from_vec(ctx, vec![b, int(2)]).unwrap();
        body.set(ctx, &pair, int(2)).unwrap();
        assert!(body.contains(ctx, &same).unwrap());
        let unhashable = list::from_vec(ctx, vec![]).unwrap();
        let raised = body.get(ctx, &unhashable).unwrap_err();
        let error = super::super::exception::take(ctx, raised);
        assert_eq!(
            protocol::str_string(ctx, &error).unwrap(),
            "cannot use 'list' as a dict key (unhashable type: 'list')"
        );
    });
}

#[test]
fn a_cached_entry_holds_until_the_keys_change() {
    with_interpreter(|ctx| {
        let dict = new(ctx).unwrap();
        let body = dict.expect::<PyDict>();
        let (a, b) = (str_::intern(ctx, "a"), str_::intern(ctx, "b"));
        body.set_name(ctx, &a, int(1)).unwrap();
        let (version, index) = body.cache_name(ctx, &a).unwrap();
        // SAFETY: both came from this dict.
        let value = |ctx: &Ctx| unsafe { body.value_at(ctx, version, index) };
        assert_eq!(value(ctx).unwrap().as_small_int(), Some(1));
        body.set_name(ctx, &a, int(2)).unwrap();
        assert_eq!(value(ctx).unwrap().as_small_int(), Some(2));
        // SAFETY: as above.
        unsafe { body.set_value_at(ctx, version, index, int(3)) }.unwrap();
        assert_eq!(
            body.get_name(ctx, &a).unwrap().as_small_int(),
            Some(3),
            "a value is replaced in place"
        );
        assert_eq!(body.keys_version(ctx), version);
        body.set_name(ctx, &b, int(4)).unwrap();
        assert!(value(ctx).is_none());
        assert_ne!(body.keys_version(ctx), version);
        let (version, index) = body.cache_name(ctx, &b).unwrap();
        body.remove_name(ctx, &a);
        // SAFETY: as above.
        assert!(unsafe { body.peek_value_at(ctx, version, index) }.is_null());
        assert!(body.cache_name(ctx, &a).is_none());
    });
}

#[test]
fn iteration_notices_changes() {
    with_interpreter(|ctx| {
        let dict = new(ctx).unwrap();
        let body = dict.expect::<PyDict>();
        for key in 0..3 {
            body.set(ctx, &int(key), int(key * key)).unwrap();
        }
        let iterator = protocol::iter(ctx, &dict).unwrap();
        assert_eq!(
            protocol::next(ctx, &iterator)
                .unwrap()
                .unwrap()
                .as_small_int(),
            Some(0)
        );
        body.set(ctx, &int(9), int(9)).unwrap();
        let raised = protocol::next(ctx, &iterator).unwrap_err();
        let error = super::super::exception::take(ctx, raised);
        assert_eq!(
            protocol::str_string(ctx, &error).unwrap(),
            "dictionary changed size during iteration"
        );
        let mut position = body.end(ctx);
        let last = body.previous_entry(ctx, &mut position).unwrap();
        assert_eq!(last.0.as_small_int(), Some(9));
        let items = views::items(ctx, &dict).unwrap();
        assert_eq!(
            repr(ctx, &items),
            "dict_items([(0, 0), (1, 1), (2, 4), (9, 9)])"
        );
    });
}

/// Threads that write keep every value a one-item list of its key; threads that read must never see
/// another.
#[test]
fn readers_without_locks_find_pairs_that_belong_together() {
    with_interpreter(|ctx| {
        let dict = new(ctx).unwrap();
        let runtime = rt(ctx);
        let shared = &dict;
        let names: Vec<Obj> = (0..40)
            .map(|n| str_::intern_text(ctx, &format!("name{n}")).expect("memory"))
            .collect();
        let names = &names;
        let spawn = move |writes: bool, seed: u64| {
            move || {
                attach(runtime, |ctx| {
                    let dict = shared.expect::<PyDict>();
                    let mut random = seed;
                    for _ in 0..20_000 {
                        random = random
                            .wrapping_mul(6364136223846793005)
                            .wrapping_add(seed | 1);
                        let number = (random >> 33) as i64 % 80;
                        let key = if number < 40 {
                            names[number as usize].clone()
                        } else if writes {
                            int(number)
                        } else {
                            super::super::float::new(ctx, number as f64).unwrap()
                        };
                        if !writes {
                            if let Some(value) = dict.get(ctx, &key).unwrap() {
                                let tag = value.expect::<list::PyList>().get(ctx, 0).unwrap();
                                assert_eq!(tag.as_small_int(), Some(number));
                            }
                        } else if random >> 50 & 3 == 0 {
                            drop(dict.remove(ctx, &key).unwrap());
                        } else if random >> 50 & 255 == 1 {
                            dict.clear_all(ctx);
                        } else {
                            let value = list::from_vec(ctx, vec![int(number)]).unwrap();
                            dict.set(ctx, &key, value).unwrap();
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
        let body = dict.expect::<PyDict>();
        let mut position = 0;
        let mut count = 0;
        while body.next_entry(ctx, &mut position).is_some() {
            count += 1;
        }
        assert_eq!(count, body.len(ctx));
    });
}
