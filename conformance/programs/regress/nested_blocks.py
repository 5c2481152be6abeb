# How deep blocks and indentation may nest, and what is said beyond.


def deepest(head, tail=""):
    for depth in range(1, 60):
        text = "".join(" " * i + head + "\n" for i in range(depth)) + " " * depth + "pass\n"
        for i in reversed(range(depth)) if tail else ():
            text += " " * i + tail + "\n" + " " * i + " pass\n"
        try:
            compile(text, "nested", "exec")
        except SyntaxError as error:
            return depth, error.args
    return "any depth"


for head in "for x in y:", "while x:", "while 1:", "with x:", "with x, y:", "if x:", "def f():", "class A:":
    print(head, deepest(head))
for head, tail in ("try:", "except:"), ("try:", "except E as e:"), ("try:", "finally:"), ("try:", "except* E:"):
    print(head, tail, deepest(head, tail))

for clause in "except E:", "except E as e:", "except* E:":
    for depth in range(1, 40):
        text = "".join(f"{' ' * i}try: pass\n{' ' * i}{clause}\n" for i in range(depth)) + " " * depth + "pass\n"
        try:
            compile(text, "nested", "exec")
        except SyntaxError as error:
            print(clause, depth, error.args)
            break

# A function starts anew.
text = ""
for depth in range(60):
    text += " " * depth + ("def f():" if depth % 15 == 14 else "while x:") + "\n"
compile(text + " " * 60 + "pass", "nested", "exec")

for depth in 98, 99, 100, 101:
    text = "\n".join(" " * i + "if 1:" for i in range(depth)) + "\n" + " " * depth + "pass\n"
    try:
        compile(text, "nested", "exec")
        print(depth, "levels")
    except SyntaxError as error:
        print(type(error).__name__, error.args)
