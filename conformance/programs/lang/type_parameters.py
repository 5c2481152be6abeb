"""Type parameters and aliases: what the syntax makes, and when it is evaluated."""


def first[T, *Ts, **P](x: T, *rest: *Ts) -> T:
    return x


class Box[T: (int, str) = int]:
    def get[U: T](self, other: U) -> T | U:
        return other


type Pair[A, B = list[A]] = tuple[A, B]
type Loop = list[Loop] | None
type Late = undefined

print(first.__type_params__, first.__annotations__["x"])
T, Ts, P = first.__type_params__
print(T.__bound__, T.__constraints__, T.has_default(), T.__infer_variance__, P.args, P.kwargs)
(V,) = Box.__type_params__
print(V.__constraints__, V.__default__, V.evaluate_default(1), Box.__parameters__, Box.__orig_bases__)
(U,) = Box.get.__type_params__
print(U.__bound__ is V, Box[str], Box[str]().get("x"), Box.__mro__)
print(Pair, Pair.__type_params__, Pair.__value__, Pair[int], Pair[int, str].__args__)
print(Loop.__value__, Loop | int)
try:
    Late.__value__
except NameError as error:
    print(error)
undefined = 3
print(Late.__value__, Late.__value__)

for wrong in (
    lambda: Late[int],
    lambda: list[T][int, str],
    lambda: dict[T, U][int],
    lambda: setattr(T, "__name__", "x"),
    lambda: type("C", (type(T),), {}),
    lambda: type(T)("X", int),
):
    try:
        wrong()
    except Exception as error:
        print(type(error).__name__, error)

print(dict[T, list[U]][int, str], (int | T)[str], tuple[T, *Ts][int, str, bytes])
print(T | "name", int | None, (int | str) == (str | int), hash(int | str) == hash(str | int))
for source in ("class A[T, T]: pass", "class A[T=int, U]: pass", "type X[T] = (yield)"):
    try:
        compile(source, "<source>", "exec")
    except SyntaxError as error:
        print(error.args, error.lineno, error.offset)
