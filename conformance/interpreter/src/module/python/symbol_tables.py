"""Symbol tables: which names each block of a program has, and what they mean there. Made from the syntax tree, for the module symtable."""

import ast

DEF_GLOBAL, DEF_LOCAL, DEF_PARAM, DEF_NONLOCAL, USE = 1, 2, 4, 8, 16
DEF_FREE_CLASS, DEF_IMPORT, DEF_ANNOT, DEF_COMP_ITER = 64, 128, 256, 512
DEF_TYPE_PARAM, DEF_COMP_CELL = 1024, 2048
DEF_BOUND = DEF_LOCAL | DEF_PARAM | DEF_IMPORT
LOCAL, GLOBAL_EXPLICIT, GLOBAL_IMPLICIT, FREE, CELL = 1, 2, 3, 4, 5
SCOPE_OFF, SCOPE_MASK = 12, 15
TYPE_FUNCTION, TYPE_CLASS, TYPE_MODULE, TYPE_ANNOTATION = 0, 1, 2, 3
TYPE_TYPE_ALIAS, TYPE_TYPE_PARAMETERS, TYPE_TYPE_VARIABLE = 4, 5, 6


class Entry:
    """A block: its names with what is done with them, and the blocks in it."""

    __module__ = "builtins"
    __qualname__ = "symtable entry"
    __slots__ = (
        "type", "name", "lineno", "nested", "symbols", "varnames", "children",
        "_private", "_mangled", "_inlined", "_sees_class", "_parent", "_annotations", "_conditional", "__weakref__",
    )

    def __init__(self, kind, name, lineno, parent, private):
        self.type, self.name, self.lineno, self._parent, self._private = kind, name, lineno, parent, private
        self.symbols, self.varnames, self.children = {}, [], []
        self.nested = int(parent is not None and (parent.nested or parent.type not in (TYPE_MODULE, TYPE_CLASS)))
        self._inlined = self._sees_class = self._conditional = False
        self._annotations = None
        # The names that are mangled, where not all are: in the block of a class's type parameters.
        self._mangled = None

    @property
    def id(self):
        return id(self)

    def __repr__(self):
        return f"<symtable entry {self.name}({self.id}), line {self.lineno}>"

    def _is_function(self):
        return self.type not in (TYPE_MODULE, TYPE_CLASS)

    def _mangle(self, name):
        return name if self._mangled is not None and name not in self._mangled else _mangled(self._private, name)


def _mangled(private, name):
    if private is None or not name.startswith("__") or name.endswith("__") or "." in name:
        return name
    private = private.lstrip("_")
    return f"_{private}{name}" if private else name


_COMPREHENSIONS = {"ListComp": "listcomp", "SetComp": "setcomp", "DictComp": "dictcomp", "GeneratorExp": "genexpr"}


class _Collector(ast.NodeVisitor):
    def __init__(self):
        self.block = None
        self.postponed = False
        self.conditional = 0

    def enter(self, kind, name, node):
        parent = self.block
        self.block = Entry(kind, name, getattr(node, "lineno", 0), parent, parent and parent._private)
        if parent is not None:
            parent.children.append(self.block)
        return self.block

    def leave(self):
        self.block = self.block._parent

    def add(self, name, flag, block=None):
        block = block or self.block
        name = block._mangle(name)
        block.symbols[name] = block.symbols.get(name, 0) | flag
        if flag & DEF_PARAM:
            block.varnames.append(name)
        elif flag & DEF_GLOBAL:
            top = block
            while top._parent is not None:
                top = top._parent
            top.symbols[name] = top.symbols.get(name, 0) | flag

    def all(self, nodes):
        for node in nodes:
            if node is not None:
                self.visit(node)

    def tree(self, tree):
        top = self.enter(TYPE_MODULE, "top", None)
        if isinstance(tree, ast.Module):
            for statement in tree.body:
                if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
                    self.postponed |= any(alias.name == "annotations" for alias in statement.names)
            self.all(tree.body)
        else:
            self.visit(tree.body)
        return top

    def conditionally(self, node):
        self.conditional += 1
        self.generic_visit(node)
        self.conditional -= 1

    visit_If = visit_While = visit_Try = visit_TryStar = visit_With = visit_AsyncWith = visit_Match = conditionally

    def visit_For(self, node):
        self.conditional += 1
        self.all([node.target, node.iter, *node.body, *node.orelse])
        self.conditional -= 1

    visit_AsyncFor = visit_For

    def function(self, node):
        self.add(node.name, DEF_LOCAL)
        self.all(node.args.defaults)
        self.all(node.args.kw_defaults)
        self.all(node.decorator_list)
        with_params = self.type_params(node, True, any(node.args.kw_defaults))
        body = Entry(TYPE_FUNCTION, node.name, node.lineno, self.block, self.block._private)
        self.annotations(node)
        self.block.children.append(body)
        self.body_of(body, node.args, node.body)
        if with_params:
            self.leave()

    visit_FunctionDef = visit_AsyncFunctionDef = function

    def body_of(self, body, args, statements):
        self.block, conditional, self.conditional = body, self.conditional, 0
        for arg in [*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg]:
            if arg is not None:
                self.add(arg.arg, DEF_PARAM)
        self.all(statements)
        self.conditional = conditional
        self.leave()

    def evaluated_later(self, kind, name, node):
        """Enters a block that is evaluated with a format, in the sight of the class around it."""
        parent = self.block
        block = self.enter(kind, name, node)
        self.add(".format", DEF_PARAM | USE)
        if parent.type == TYPE_CLASS or parent._sees_class:
            block._sees_class = True
            self.add("__classdict__", USE)
        return block

    def annotations(self, node):
        if self.postponed:
            return
        self.evaluated_later(TYPE_ANNOTATION, "__annotate__", node)
        args = node.args
        for arg in [*args.posonlyargs, *args.args, args.vararg, args.kwarg, *args.kwonlyargs]:
            if arg is not None and arg.annotation is not None:
                self.visit(arg.annotation)
        if node.returns is not None:
            self.visit(node.returns)
        self.leave()

    def visit_Lambda(self, node):
        self.all(node.args.defaults)
        self.all(node.args.kw_defaults)
        body = self.enter(TYPE_FUNCTION, "lambda", node)
        self.body_of(body, node.args, [node.body])

    def type_params(self, node, defaults=False, kw_defaults=False):
        if not node.type_params:
            return False
        parent = self.block
        block = self.enter(TYPE_TYPE_PARAMETERS, node.name.id if isinstance(node, ast.TypeAlias) else node.name, node)
        if parent.type == TYPE_CLASS:
            block._sees_class = True
            self.add("__classdict__", USE)
        if isinstance(node, ast.ClassDef):
            block._private = node.name
            block._mangled = {param.name for param in node.type_params}
            self.add(".type_params", DEF_LOCAL | USE)
            self.add(".generic_base", DEF_LOCAL | USE)
        if defaults:
            self.add(".defaults", DEF_PARAM)
        if kw_defaults:
            self.add(".kwdefaults", DEF_PARAM)
        for param in node.type_params:
            self.add(param.name, DEF_TYPE_PARAM | DEF_LOCAL)
            for part in (getattr(param, "bound", None), param.default_value):
                if part is not None:
                    self.evaluated_later(TYPE_TYPE_VARIABLE, param.name, part)
                    self.visit(part)
                    self.leave()
        return True

    def visit_ClassDef(self, node):
        self.add(node.name, DEF_LOCAL)
        self.all(node.decorator_list)
        with_params = self.type_params(node)
        self.all(node.bases)
        self.all(node.keywords)
        if with_params:
            self.add(".type_params", USE)
        block = self.enter(TYPE_CLASS, node.name, node)
        block._private = node.name
        conditional, self.conditional = self.conditional, 0
        if with_params:
            self.add("__type_params__", DEF_LOCAL)
            self.add(".type_params", USE)
        self.all(node.body)
        self.conditional = conditional
        self.leave()
        if with_params:
            self.leave()

    def visit_TypeAlias(self, node):
        self.visit(node.name)
        with_params = self.type_params(node)
        self.evaluated_later(TYPE_TYPE_ALIAS, node.name.id, node)
        self.visit(node.value)
        self.leave()
        if with_params:
            self.leave()

    def visit_Name(self, node):
        self.add(node.id, USE if isinstance(node.ctx, ast.Load) else DEF_LOCAL)
        if node.id == "super" and isinstance(node.ctx, ast.Load) and self.block._is_function():
            self.add("__class__", USE)

    def visit_Global(self, node):
        for name in node.names:
            self.add(name, DEF_GLOBAL)

    def visit_Nonlocal(self, node):
        for name in node.names:
            self.add(name, DEF_NONLOCAL)

    def visit_Import(self, node):
        for alias in node.names:
            if alias.name != "*":
                self.add((alias.asname or alias.name).split(".")[0], DEF_IMPORT)

    visit_ImportFrom = visit_Import

    def visit_ExceptHandler(self, node):
        if node.type is not None:
            self.visit(node.type)
        if node.name:
            self.add(node.name, DEF_LOCAL)
        self.all(node.body)

    def visit_MatchAs(self, node):
        self.generic_visit(node)
        if node.name:
            self.add(node.name, DEF_LOCAL)

    visit_MatchStar = visit_MatchAs

    def visit_MatchMapping(self, node):
        self.generic_visit(node)
        if node.rest:
            self.add(node.rest, DEF_LOCAL)

    def visit_AnnAssign(self, node):
        block = self.block
        if isinstance(node.target, ast.Name):
            flag = DEF_ANNOT | DEF_LOCAL if node.simple else DEF_LOCAL
            if node.simple or node.value is not None:
                self.add(node.target.id, flag)
        else:
            self.visit(node.target)
        self.annotation_of(node, block)
        if node.value is not None:
            self.visit(node.value)

    def annotation_of(self, node, block):
        # Those of a function's variables are never evaluated.
        if block.type not in (TYPE_MODULE, TYPE_CLASS):
            if block._annotations is None and not self.postponed:
                block._annotations = self.evaluated_later(TYPE_ANNOTATION, "__annotate__", node)
                self.leave()
            return
        if block.type == TYPE_MODULE or self.conditional:
            if not block._conditional:
                block._conditional = True
                self.add("__conditional_annotations__", USE)
        if self.postponed:
            return
        if block._annotations is None:
            block._annotations = self.evaluated_later(TYPE_ANNOTATION, "__annotate__", node)
        else:
            self.block = block._annotations
        self.visit(node.annotation)
        self.block = block

    def comprehension(self, node):
        first, *others = node.generators
        self.visit(first.iter)
        name = _COMPREHENSIONS[type(node).__name__]
        outer = self.block
        block = self.enter(TYPE_FUNCTION, name, node)
        block._inlined = name != "genexpr" and not outer._sees_class
        if not block._inlined or name == "genexpr":
            self.add(".0", DEF_PARAM)
        self.bound(first.target)
        self.all(first.ifs)
        for generator in others:
            self.bound(generator.target)
            self.visit(generator.iter)
            self.all(generator.ifs)
        if isinstance(node, ast.DictComp):
            self.all([node.key, node.value])
        else:
            self.visit(node.elt)
        self.leave()

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = comprehension

    def bound(self, target):
        before = dict(self.block.symbols)
        self.visit(target)
        for name, flags in self.block.symbols.items():
            if flags & DEF_LOCAL and before.get(name, 0) & DEF_LOCAL == 0:
                self.block.symbols[name] |= DEF_COMP_ITER

    def visit_NamedExpr(self, node):
        block = self.block
        while block.type == TYPE_FUNCTION and block.name in _COMPREHENSIONS.values() and _is_comprehension(block):
            block = block._parent
        if block is not self.block:
            name = node.target.id
            flag = DEF_NONLOCAL if block._is_function() else DEF_GLOBAL
            declared = block.symbols.get(block._mangle(name), 0)
            self.add(name, DEF_GLOBAL if declared & DEF_GLOBAL else flag)
            self.add(name, DEF_LOCAL, None if block.type == TYPE_MODULE else block)
            if block.type == TYPE_MODULE:
                self.add(name, DEF_GLOBAL, block)
        self.visit(node.value)
        self.visit(node.target)


def _is_comprehension(block):
    return block._inlined or ".0" in block.varnames


def _resolve(block, bound, seen_class=None):
    """Says for each name of a block what it means there; the names that the blocks around it have to provide.

    `seen_class` is the class whose names come first in a block that is evaluated later."""
    free = set()
    scopes = {}
    local = set()
    for name, flags in block.symbols.items():
        if flags & DEF_GLOBAL:
            scopes[name] = GLOBAL_EXPLICIT
        elif flags & DEF_NONLOCAL:
            scopes[name] = FREE
            free.add(name)
        elif flags & (DEF_BOUND | DEF_TYPE_PARAM):
            scopes[name] = LOCAL
            local.add(name)
        elif seen_class is not None and (there := seen_class.symbols.get(name, 0)) & DEF_GLOBAL:
            scopes[name] = GLOBAL_EXPLICIT
        elif seen_class is not None and there & DEF_BOUND and not there & DEF_NONLOCAL:
            scopes[name] = GLOBAL_IMPLICIT
        elif name in bound:
            scopes[name] = FREE
            free.add(name)
        else:
            scopes[name] = GLOBAL_IMPLICIT
    is_global = {name for name, scope in scopes.items() if scope == GLOBAL_EXPLICIT}
    if block.type == TYPE_CLASS:
        visible = bound | {"__class__", "__classdict__", "__conditional_annotations__"}
    elif block._is_function():
        visible = (bound | local) - is_global
    else:
        visible = set()
    wanted = set()
    index = 0
    while index < len(block.children):
        child = block.children[index]
        seen = None
        if child._sees_class:
            seen = block if block.type == TYPE_CLASS else seen_class
        inner = _resolve(child, visible, seen)
        if child._inlined:
            inner = _inline(block, child, scopes, local, inner)
            block.children[index:index + 1] = child.children
            index += len(child.children)
        else:
            index += 1
        wanted |= inner
    if block.type == TYPE_CLASS:
        wanted -= {"__class__", "__classdict__", "__conditional_annotations__"}
    for name in wanted:
        if block._is_function() and scopes.get(name) == LOCAL:
            scopes[name] = CELL
        elif name in scopes and (block.type == TYPE_CLASS or block._sees_class):
            block.symbols[name] |= DEF_FREE_CLASS
            if scopes[name] != GLOBAL_EXPLICIT:
                free.add(name)
        elif name not in scopes and name in bound:
            block.symbols[name] = 0
            scopes[name] = FREE
            free.add(name)
        elif scopes.get(name) == FREE:
            free.add(name)
    for name, scope in scopes.items():
        block.symbols[name] |= scope << SCOPE_OFF
    return free


def _inline(block, child, scopes, local, inner):
    for name, flags in child.symbols.items():
        scope = flags >> SCOPE_OFF & SCOPE_MASK
        flags &= (1 << SCOPE_OFF) - 1
        if flags & DEF_PARAM:
            continue
        if name in block.symbols and scope not in (LOCAL, CELL):
            if scope == FREE and block.type != TYPE_CLASS:
                block.symbols[name] |= flags & USE
            continue
        if scope == CELL:
            flags |= DEF_COMP_CELL
        if name not in block.symbols:
            block.symbols[name] = flags
            scopes[name] = scope
            if scope in (LOCAL, CELL):
                local.add(name)
        elif flags & DEF_COMP_CELL:
            block.symbols[name] |= DEF_COMP_CELL
            if scopes.get(name) == LOCAL and block._is_function():
                scopes[name] = CELL
    # What is free in the comprehension alone is now simply there.
    alone = {name for name in inner if child.symbols.get(name, 0) >> SCOPE_OFF & SCOPE_MASK == FREE}
    for grandchild in child.children:
        alone -= {name for name, flags in grandchild.symbols.items() if flags >> SCOPE_OFF & SCOPE_MASK == FREE}
    return inner if block.type == TYPE_CLASS else inner - (alone & local)


def symtable(source, filename, startstr, /, *, module=None):
    """The table of the whole program."""
    if not isinstance(startstr, str):
        raise TypeError(f"symtable() argument 3 must be str, not {type(startstr).__name__}")
    if startstr not in ("exec", "eval", "single"):
        raise ValueError("symtable() arg 3 must be 'exec' or 'eval' or 'single'")
    import os

    filename = os.fsdecode(filename)
    tree = compile(source, filename, startstr, ast.PyCF_ONLY_AST)
    compile(source, filename, startstr)
    top = _Collector().tree(ast.Module(tree.body, []) if isinstance(tree, ast.Interactive) else tree)
    _resolve(top, set())
    return top
