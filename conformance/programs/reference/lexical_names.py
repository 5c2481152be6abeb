"""Identifiers, keywords, soft keywords and reserved classes of names."""
import keyword


def said(source):
    space = {}
    try:
        exec(compile(source, "<text>", "exec"), space)
    except SyntaxError as error:
        print(type(error).__name__, "|", error.msg, "|", error.lineno, error.offset)
    except NameError as error:
        print(error)
    else:
        space.pop("__builtins__", None)
        print(space)


print(len(keyword.kwlist), keyword.softkwlist, keyword.iskeyword("match"), keyword.issoftkeyword("match"))
print("names of every script")
said("été = 1; Ω = 2; 名前 = 3; имя = 4; _ = 5; ª = 6")
said("ﬁ = 1; x = fi")
said("𝐱 = 1; y = x")
said("µ = 1; μ = 2")
said("K = 'kelvin'; y = K")
said("e\u0301 = 1; y = é")
said("x\u0300y = 1")
for text in ("²x = 1", "x² = 1", "1x = 1", "x-y = 1", "x.y: int", "a b = 1", "€ = 1", "x\u00a0= 1", "x\u200b = 1", "“x” = 1", "x = ‘a’", "x – y", "\u0300x = 1", "·x = 1", "x· = 1", "٣x = 1", "x٣ = 1"):
    said(text)

print("keywords are no names")
for name in keyword.kwlist:
    for text in (f"{name} = 1", f"x.{name}"):
        try:
            compile(text, "<text>", "exec")
        except SyntaxError as error:
            print(name, "|", error.msg, error.offset)

print("soft keywords are")
said("match = 1; case = 2; type = 3; _ = 4")
said("def match(case): return case\ntype = match(1)\ndel match")
said("match = {}\nmatch['x'] = 1\nmatch ['y'] = 2")
said("type X = int\ndel X")
said("type = 1\ntype\ntype (X) if 0 else 1")
said("print = 5")
said("class type: match: int = 3\nx = type.match\ndel type")

print("classes of names")


class Base:
    __private = "base"
    _weak = "weak"
    __dunder__ = "dunder"

    def get(self, __local=3):
        __inner = __local
        return self.__private, sorted(locals())

    def attribute(self):
        self.__new = 1
        import os.path as __path
        return sorted(vars(self)), "__path" in locals(), "_Base__path" in locals()


class _Derived(Base):
    __private = "derived"

    def get2(self):
        return self.__private, super().get()


class ___:
    __x = 1


print(Base().get(), Base().attribute(), _Derived().get2())
print([name for name in vars(_Derived) if "private" in name], [name for name in vars(___) if "x" in name])
print(Base._Base__private, hasattr(Base, "__private"))
print(getattr(Base, "__dunder__"), Base().get(_Base__local=4)[1] if True else 0)
