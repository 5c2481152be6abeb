//! The second language: its programs, alone, with threads, and with a collection at every few safepoints.
#![forbid(unsafe_code)]

#[path = "../examples/tiny_lisp/lisp/mod.rs"]
mod lisp;

use kit_std::managed::Language;
use std::sync::{Arc, Mutex};

/// Runs a program; what it wrote, and whether it made no mistake. Then nothing is left.
fn run(source: &str, every: u32) -> (String, bool) {
    let output = Arc::new(Mutex::new(String::new()));
    let written = output.clone();
    let out = move |text: &str| written.lock().expect("no panic").push_str(text);
    let mut lines = source.lines().map(String::from);
    let language = Language::builder().collect_every(every);
    let language = lisp::program(language, &mut lines, Box::new(out), false);
    #[cfg(feature = "stats")]
    if let Ok(language) = &language {
        assert_eq!(language.live_objects(), 0, "objects are left");
    }
    let output = output.lock().expect("no panic").clone();
    (output, language.is_ok())
}

/// Runs a program with rare and with frequent collections: what it writes is the same.
fn check(source: &str, expected: &str) {
    for every in [0, 1000, 7] {
        let (output, well) = run(source, every);
        assert_eq!(output, expected, "collecting at every {every}th safepoint");
        assert_eq!(well, !expected.contains("error"));
    }
}

#[test]
fn values_are_written_as_they_are_read() {
    check(
        r#"
        (print '(1 (a "b") nil t) '() "text" (vector 1 'x) (hash) (lambda () 1) list)
        (print (cons 1 2) (list 1 -2 3) (quotient 7 2) (if nil 1) (if t 1 2)) ; a comment
        (print (and 1 2) (and nil 2) (or nil 3) (or 4 5) (or nil nil) (not nil) (begin 1 2))
        "#,
        "(1 (a \"b\") nil t) nil text #(1 x) #<Hash> #<Closure> #<Native>\n(1 . 2) (1 -2 3) 3 nil 1\n2 nil 3 4 nil t 2\n",
    );
}

#[test]
fn functions_close_over_variables() {
    check(
        "
        (define (counter from)
          (let ((count (vector from)))
            (lambda (step) (vector-set! count 0 (+ (vector-ref count 0) step)) (vector-ref count 0))))
        (define a (counter 10))
        (define b (counter 20))
        (a 1) (b 5)
        (print (a 1) (b 5))
        (define (adder x) (lambda (y) (lambda (z) (+ x (+ y z)))))
        (print (((adder 1) 2) 3))
        (define (all . values) values)
        (print (all) (all 1 2))
        (define (map f values)
          (if (pair? values) (cons (f (car values)) (map f (cdr values))) nil))
        (print (let ((k 3)) (map (lambda (x) (* x k)) '(1 2 3))))
        ",
        "12 30\n6\nnil (1 2)\n(3 6 9)\n",
    );
}

#[test]
fn tail_calls_take_no_room() {
    check(
        "
        (define (even n) (if (= n 0) t (odd (- n 1))))
        (define (odd n) (if (= n 0) nil (even (- n 1))))
        (print (even 3000) (odd 3000))
        (print (let loop ((i 0) (sum 0)) (if (< i 2000) (loop (+ i 1) (+ sum i)) sum)))
        ",
        "t nil\n1999000\n",
    );
}

#[test]
fn cycles_are_collected() {
    check(
        "
        (define (ring) (let ((pair (cons 1 nil))) (set-cdr! pair pair) nil))
        (ring) (ring) (gc)
        (define v (vector 1)) (vector-push! v v)
        (define h (hash)) (hash-set! h 'me h) (hash-set! h 2 v) (hash-set! h \"t\" 7)
        (print (vector-length v) (hash-count h) (hash-ref h \"t\") (hash-ref h 'me) (hash-ref h 3))
        (define (knot) (let ((f (vector nil))) (vector-set! f 0 (lambda () f)) f))
        (knot)
        (print v)
        ",
        "2 3 7 #<Hash> nil\n#(1 #(1 #(1 #(1 #(1 #(1 #(1 #(1 #(1 #(... ...))))))))))\n",
    );
}

#[test]
fn threads_share_vectors_and_tables() {
    check(
        "
        (define seen (vector))
        (define table (hash))
        (define (work id n)
          (let loop ((i 0))
            (if (< i n)
              (begin
                (vector-push! seen (cons id i))
                (hash-set! table (+ i (* id 100)) (list id i))
                (let ((pair (cons i nil))) (set-cdr! pair pair))
                (loop (+ i 1)))
              (list id n))))
        (define a (spawn (lambda () (work 1 100))))
        (define b (spawn (lambda () (work 2 100))))
        (define c (spawn (lambda () (work 3 100))))
        (print (join a) (join b) (join c) (join a))
        (print (vector-length seen) (hash-count table) (hash-ref table 250))
        (define (fib n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))
        (define d (spawn (lambda () (fib 12))))
        (print (fib 13) (join d))
        ",
        "(1 100) (2 100) (3 100) (1 100)\n300 300 (2 50)\n233 144\n",
    );
}

#[test]
fn a_function_is_defined_anew_for_every_thread() {
    check(
        "
        (define (f) 1)
        (define (ask) (f))
        (define go (vector nil))
        (define (wait) (if (vector-ref go 0) (ask) (wait)))
        (ask)
        (define a (spawn (lambda () (ask) (wait))))
        (define (f) 2)
        (vector-set! go 0 t)
        (print (ask) (join a))
        ",
        "2 2\n",
    );
}

#[test]
fn mistakes_are_reported_and_the_next_form_runs() {
    check(
        "
        (car 1)
        (print (+ 'a 1))
        (missing)
        (1 2)
        ((lambda (x) x))
        (define (down n) (+ 1 (down n)))
        (down 1)
        (define (power n) (if (= n 0) 1 (* 2 (power (- n 1)))))
        (power 200)
        (if)
        (join (spawn (lambda () (cdr 5))))
        (vector-ref (vector) 0)
        (print 'goes 'on))
        (print 'still)
        (print 'never
        ",
        "error: an object of type `Pair` is needed\nerror: an integer is needed\nerror: `missing` has no value\nerror: this is no function\n\
         error: 0 arguments for a function of 1\nerror: calls are too deep\nerror: the integer is too large\n\
         error: `if` is written wrongly\nerror: an object of type `Pair` is needed\nerror: the vector ends before\ngoes on\nerror: a `)` too many\nstill\nerror: the last form has no end\n",
    );
}

#[test]
fn code_is_listed() {
    let (output, _) = run("(define (f x) (f (+ x 1)))\n(disassemble f)", 0);
    let operations: Vec<_> = output
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert_eq!(operations, ["LOCAL", "INT", "+", "CALL_GLOBAL", "RETURN"]);
}
