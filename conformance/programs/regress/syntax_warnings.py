"""What the compiler finds suspicious. Only the warnings matter: nothing here runs to its end."""

if False:
    a = """line
    second \d
    third \q"""
    b = ("ok" "\z"
       "\400" "\y")
    c = b"\777"
    d = f"{1} {"\k"} \d"
    x = 5
    x is ()
    x is (1,)
    x is -1
    x is 1.5
    () is x
    x is None
    x is True
    x is ...
    x is b"a"
    x is 1j
    1 is 2 is x is not 3
    x is []
    x is f"a"
    assert ()
    assert ("a",), 1
    try:
        None()
        ...()
        True()
        []()
        [i for i in x]()
        {}()
        {1}()
        (i for i in x)()
        f"a"()
        t"a"()
        (lambda: 1)()
        b"a"()
        1.5()
        None[1]
        1[1]
        1.5[2]
        {1}[1]
        (i for i in x)[1]
        (lambda: 1)[1]
        t"a"[1]
        True[1]
        ...[1]
        {}["a"]
        [1][True]
        [1][None]
        [1][[1]]
        [1][()]
        [1][{}]
        [1][lambda: 1]
        [1][f"a"]
        [1][1:2]
        [1][-1.5]
        "a"[1.5]
        b"a"["a"]
        f"a"["a"]
        [i for i in x]["a"]
        [1]["a"] = 5
        del [1]["a"]
        (1,)["a"].b
    except TypeError: pass
    def f(a="\p", *, b: "\l" = "\m") -> "\n \o":
        "doc \w"
    @(1 is x)
    class C("\i" is x, metaclass="\j" is x): pass
    0xfor x
    1_0or x
    1.5if x else 1
    1jand x
    0b1in [1]
    0o7is x
    def g():
        while 1:
            try: pass
            finally:
                def h(): return 1
                for i in x: break
                while 1: continue
                class D: 
                    def m(self): return 1
                try: return 5
                except: continue
                else: break
                finally: return 6
                lambda: (yield)

print("compiled")
