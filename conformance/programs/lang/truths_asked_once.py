"""`and` and `or` in each other ask each value once whether it is true, and give the one that decides."""
import itertools


class Value:
    def __init__(self, name, truth):
        self.name, self.truth = name, truth

    def __bool__(self):
        asked.append(self.name)
        return self.truth


FORMS = ["a and b or c and d", "(a or b) and (c or d)", "(a or b) and c or d", "(a and b or c) and d", "a or b and c or d", "a and (b or c) and d",
         "(a and b) and (c and d)", "((a or b) and c or d) and a", "not (a and b) or c", "(a if b else c) or d", "(a and not b) or (c and d)",
         "a and 0 or b", "a or 1 and b", "(a or ()) and (b or c)", "[x for x in [a] if x and b or c]", "(a and b or c) if (c or d and a) else d"]
for form in FORMS:
    evaluate = eval(f"lambda a, b, c, d: {form}")
    for truths in itertools.product([False, True], repeat=4):
        asked = []
        result = evaluate(*[Value(name, truth) for name, truth in zip("abcd", truths)])
        shown = result.name if isinstance(result, Value) else [x.name for x in result] if type(result) is list else result
        print(form, "".join("01"[truth] for truth in truths), shown, "".join(asked))


class Broken:
    def __bool__(self):
        raise ValueError("neither")


for form in "a and b or c", "(a or b) and c", "c or (a and b) or c":
    try:
        print(eval(form, dict(a=Broken(), b=1, c=0)))
    except ValueError as error:
        print(form, error)
deep = "x" + " and x or y" * 500
print(eval(deep, dict(x=0, y=3)), eval(deep, dict(x=1, y=0)))
