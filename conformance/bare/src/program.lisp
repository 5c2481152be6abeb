; What the image runs on both processors: one waits while the other works, and both work at once.
(define (fib n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))
(define seen (vector))
(define table (hash))
(define (work id n)
  (let loop ((i 0))
    (if (< i n)
      (begin
        (vector-push! seen (cons id i))
        (hash-set! table (+ i (* id 1000)) (list id i))
        (let ((ring (cons i nil))) (set-cdr! ring ring))
        (loop (+ i 1)))
      (list id n))))

(define other (spawn (lambda () (begin (work 1 1000) (fib 20)))))
(print "first:" (work 2 1000) (fib 20))
(print "second:" (join other))
(print "shared:" (vector-length seen) (hash-count table) (hash-ref table 1999) (hash-ref table 2999))

; A processor that is done can be asked again.
(print "again:" (join (spawn (lambda () (fib 15)))))

(gc)
(define (rings n) (if (= n 0) nil (let ((ring (cons n nil))) (set-cdr! ring ring) (rings (- n 1)))))
(rings 100)
(print "cycles:" (gc))
