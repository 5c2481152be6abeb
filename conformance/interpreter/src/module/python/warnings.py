"""Warnings: what a program should hear about and what does not stop it.

A warning is looked up in a list of filters, the first of which that fits says what happens to it. The list is
`filters`, unless the thread is inside `with catch_warnings()`, which has a list of its own; a thread that has
entered none goes by the one entered last."""

import sys
from threading import RLock, local

from _warnings import warn, warn_explicit

__all__ = ["warn", "warn_explicit", "showwarning", "formatwarning", "filterwarnings", "simplefilter",
           "resetwarnings", "catch_warnings", "deprecated"]

ACTIONS = ("default", "error", "ignore", "always", "all", "module", "once")

filters = [
    ("default", None, DeprecationWarning, "__main__", 0),
    ("ignore", None, DeprecationWarning, None, 0),
    ("ignore", None, PendingDeprecationWarning, None, 0),
    ("ignore", None, ImportWarning, None, 0),
    ("ignore", None, ResourceWarning, None, 0),
]
defaultaction = "default"
onceregistry = {}

_lock = RLock()
# Changes with the filters: what registries remember holds for one version.
_version = 1


class _Context:
    """The filters and the log of a `catch_warnings`."""

    def __init__(self, filters, log):
        self.filters = filters
        self.log = log


_own = local()
_entered = []


def _context():
    """The context that counts for this thread; `None` for the module's own filters."""
    mine = getattr(_own, "contexts", None)
    if mine:
        return mine[-1]
    try:
        return _entered[-1]
    except IndexError:
        return None


def _get_filters():
    context = _context()
    return filters if context is None else context.filters


def _filters_mutated():
    global _version
    with _lock:
        _version += 1


class _Literal:
    """Stands for a compiled regular expression that has no special characters."""

    def __init__(self, text, ignore_case, whole):
        self.text = text.lower() if ignore_case else text
        self.ignore_case = ignore_case
        self.whole = whole

    def match(self, text):
        if self.ignore_case:
            text = text.lower()
        return text == self.text if self.whole else text.startswith(self.text)

    def __eq__(self, other):
        if not isinstance(other, _Literal):
            return NotImplemented
        return vars(self) == vars(other)

    def __hash__(self):
        return hash(self.text)

    def __repr__(self):
        return f"<{self.text!r}>"


def _pattern(text, ignore_case):
    if any(char in r"\.^$*+?{}[]|()" for char in text):
        import re

        return re.compile(text, re.IGNORECASE if ignore_case else 0)
    return _Literal(text, ignore_case, False)


def _add_filter(item, append=False):
    global _version
    with _lock:
        current = _get_filters()
        if not append:
            try:
                current.remove(item)
            except ValueError:
                pass
            current.insert(0, item)
        elif item not in current:
            current.append(item)
        _version += 1


def _check_action(action):
    if action not in ACTIONS:
        raise ValueError(f"invalid action: {action!r}")


def _check_lineno(lineno):
    if not isinstance(lineno, int):
        raise TypeError("lineno must be an int")
    if lineno < 0:
        raise ValueError("lineno must be an int >= 0")


def filterwarnings(action, message="", category=Warning, module="", lineno=0, append=False):
    """Puts a filter in front of the others, or behind them; `message` and `module` are regular expressions."""
    _check_action(action)
    if not isinstance(message, str):
        raise TypeError("message must be a string")
    if not isinstance(category, type) or not issubclass(category, Warning):
        raise TypeError("category must be a Warning subclass")
    if not isinstance(module, str):
        raise TypeError("module must be a string")
    _check_lineno(lineno)
    message = _pattern(message, True) if message else None
    module = _pattern(module, False) if module else None
    _add_filter((action, message, category, module, lineno), append)


def simplefilter(action, category=Warning, lineno=0, append=False):
    """Puts a filter for any message of any module in front of the others, or behind them."""
    _check_action(action)
    _check_lineno(lineno)
    _add_filter((action, None, category, None, lineno), append)


def resetwarnings():
    """Removes all filters."""
    with _lock:
        del _get_filters()[:]
        _filters_mutated()


class WarningMessage:
    """A warning on its way to `showwarning`."""

    def __init__(self, message, category, filename, lineno, file=None, line=None, source=None):
        self.message = message
        self.category = category
        self.filename = filename
        self.lineno = lineno
        self.file = file
        self.line = line
        self.source = source
        self._category_name = category.__name__ if category else None

    def __str__(self):
        return (
            f"{{message : {self.message!r}, category : {self._category_name!r}, "
            f"filename : {self.filename!r}, lineno : {self.lineno}, line : {self.line!r}}}"
        )

    def __repr__(self):
        return f"<{type(self).__qualname__} {self}>"


def _source_line(filename, lineno):
    if filename.startswith("<"):
        return ""
    try:
        with open(filename, errors="replace") as file:
            for number, line in enumerate(file, 1):
                if number == lineno:
                    return line
    except (OSError, ValueError):
        pass
    return ""


def formatwarning(message, category, filename, lineno, line=None):
    """The text that a warning is shown as."""
    return _format(WarningMessage(message, category, filename, lineno, None, line))


def _format(warning):
    text = f"{warning.filename}:{warning.lineno}: {warning.category.__name__}: {warning.message}\n"
    line = warning.line
    if line is None:
        line = _source_line(warning.filename, warning.lineno)
    line = line.strip()
    if line:
        text += f"  {line}\n"
    if warning.source is not None:
        text += f"{warning.category.__name__}: Enable tracemalloc to get the object allocation traceback\n"
    return text


def showwarning(message, category, filename, lineno, file=None, line=None):
    """Writes a warning to `file`, or to standard error."""
    _show(WarningMessage(message, category, filename, lineno, file, line))


def _show(warning):
    file = warning.file
    if file is None:
        file = sys.stderr
        if file is None:
            return
    if formatwarning is _formatwarning:
        text = _format(warning)
    else:
        # The program has a way of its own.
        text = formatwarning(warning.message, warning.category, warning.filename, warning.lineno, warning.line)
    try:
        file.write(text)
    except OSError:
        pass


_formatwarning = formatwarning
_showwarning = showwarning


def _deliver(warning):
    if showwarning is not _showwarning:
        if not callable(showwarning):
            raise TypeError("warnings.showwarning() must be set to a function or method")
        showwarning(warning.message, warning.category, warning.filename, warning.lineno, warning.file, warning.line)
        return
    context = _context()
    if context is not None and context.log is not None:
        context.log.append(warning)
        return
    _show(warning)


def _warn(message, category=None, stacklevel=1, source=None, *, skip_file_prefixes=()):
    """Warns, in the name of the caller, or of one further out."""
    if isinstance(message, Warning):
        category = message.__class__
    elif category is None:
        category = UserWarning
    if not isinstance(category, type) or not issubclass(category, Warning):
        raise TypeError(f"category must be a Warning subclass, not '{type(category).__name__}'")
    if not isinstance(skip_file_prefixes, tuple):
        raise TypeError("skip_file_prefixes must be a tuple of strs.")
    if skip_file_prefixes:
        stacklevel = max(2, stacklevel)
    frame = sys._getframe(1)
    for _ in range(stacklevel - 1):
        frame = frame.f_back
        while frame is not None and skip_file_prefixes and frame.f_code.co_filename.startswith(skip_file_prefixes):
            frame = frame.f_back
        if frame is None:
            break
    if frame is None:
        space, filename, lineno = vars(sys), "<sys>", 0
    else:
        space, filename, lineno = frame.f_globals, frame.f_code.co_filename, frame.f_lineno
    module = space.get("__name__", "<string>")
    registry = space.setdefault("__warningregistry__", {})
    _warn_explicit(message, category, filename, lineno, module, registry, space, source)


def _warn_caller(message, category):
    """Warns in the name of Python code whose operation the interpreter finds fault with."""
    _warn(message, category, 2)


def _warn_unawaited_coroutine(coroutine):
    """Warns that a coroutine dies that nobody has awaited."""
    text = f"coroutine '{coroutine.__qualname__}' was never awaited"
    if coroutine.cr_origin is not None:
        text += "\nCoroutine created at (most recent call last)"
        for filename, lineno, name in reversed(coroutine.cr_origin):
            text += f'\n  File "{filename}", line {lineno}, in {name}'
            line = _source_line(filename, lineno).strip()
            if line:
                text += f"\n    {line}"
    _warn(text, RuntimeWarning, 2, coroutine)


def _warn_unawaited_method(method, name, generator):
    """The same of what a method of an async generator has returned."""
    _warn(f"coroutine method {method!r} of {name!r} was never awaited", RuntimeWarning, 2, generator)


def _matches(pattern, text):
    if pattern is None:
        return True
    if isinstance(pattern, str):
        return pattern == text
    return pattern.match(text)


def _warn_explicit(message, category, filename, lineno, module=None, registry=None, module_globals=None, source=None):
    """Warns in the name of any place."""
    lineno = int(lineno)
    if module is None:
        module = filename or "<unknown>"
        if module[-3:].lower() == ".py":
            module = module[:-3]
    if isinstance(message, Warning):
        text = str(message)
        category = message.__class__
    else:
        text = message
        message = category(message)
    key = (text, category, lineno)
    with _lock:
        if registry is None:
            registry = {}
        if registry.get("version", 0) != _version:
            registry.clear()
            registry["version"] = _version
        if registry.get(key):
            return
        for item in _get_filters():
            action, wanted, kind, place, line = item
            if (
                issubclass(category, kind)
                and line in (0, lineno)
                and _matches(wanted, text)
                and _matches(place, module)
            ):
                break
        else:
            action = defaultaction
        if action == "ignore":
            return
        if action == "error":
            raise message
        if action == "once":
            registry[key] = 1
            key, registry = (text, category), onceregistry
            if registry.get(key):
                return
            registry[key] = 1
        elif action == "module":
            registry[key] = 1
            key = (text, category, 0)
            if registry.get(key):
                return
            registry[key] = 1
        elif action == "default":
            registry[key] = 1
        elif action not in ("always", "all"):
            raise RuntimeError(f"Unrecognized action ({action!r}) in warnings.filters:\n {item}")
    _deliver(WarningMessage(message, category, filename, lineno, source=source))


class catch_warnings:
    """Gives the filters back, as they were, at the end of a `with` block; with `record=True`, `as` names a list
    of the warnings that the block would have shown."""

    def __init__(self, *, record=False, module=None, action=None, category=Warning, lineno=0, append=False):
        self._record = record
        self._module = sys.modules["warnings"] if module is None else module
        self._filter = None if action is None else (action, category, lineno, append)
        self._context = None

    def __repr__(self):
        args = []
        if self._record:
            args.append("record=True")
        if self._module is not sys.modules["warnings"]:
            args.append(f"module={self._module!r}")
        return f"{type(self).__name__}({', '.join(args)})"

    def __enter__(self):
        if self._context is not None:
            raise RuntimeError(f"Cannot enter {self!r} twice")
        with _lock:
            log = [] if self._record else None
            outer = _context()
            if log is None and outer is not None:
                log = outer.log
            self._context = _Context(_get_filters()[:], log)
            if not hasattr(_own, "contexts"):
                _own.contexts = []
            _own.contexts.append(self._context)
            _entered.append(self._context)
            _filters_mutated()
        self._showwarning = self._module.showwarning
        if self._record:
            self._module.showwarning = _showwarning
        if self._filter is not None:
            simplefilter(*self._filter)
        return log if self._record else None

    def __exit__(self, *exc_info):
        if self._context is None:
            raise RuntimeError(f"Cannot exit {self!r} without entering first")
        with _lock:
            for contexts in (_own.contexts, _entered):
                # By identity: there may be many that are alike.
                for index in reversed(range(len(contexts))):
                    if contexts[index] is self._context:
                        del contexts[index]
                        break
            self._module.showwarning = self._showwarning
            _filters_mutated()


class deprecated:
    """Marks a function or a class as one to be used no more: to use it warns."""

    def __init__(self, message, /, *, category=DeprecationWarning, stacklevel=1):
        if not isinstance(message, str):
            raise TypeError(f"Expected an object of type str for 'message', not {type(message).__name__!r}")
        self.message = message
        self.category = category
        self.stacklevel = stacklevel

    def __call__(self, arg, /):
        message, category, stacklevel = self.message, self.category, self.stacklevel
        if category is None:
            arg.__deprecated__ = message
            return arg
        if isinstance(arg, type):
            return self._mark_class(arg)
        if not callable(arg):
            raise TypeError(
                "@deprecated decorator with non-None category must be applied to a class or callable, "
                f"not {arg!r}"
            )
        from functools import wraps

        @wraps(arg)
        def wrapper(*args, **kwargs):
            warn(message, category=category, stacklevel=stacklevel + 1)
            return arg(*args, **kwargs)

        arg.__deprecated__ = wrapper.__deprecated__ = message
        return wrapper

    def _mark_class(self, marked):
        from functools import wraps

        message, category, stacklevel = self.message, self.category, self.stacklevel
        new, init_subclass = marked.__new__, marked.__init_subclass__

        @wraps(new)
        def __new__(cls, /, *args, **kwargs):
            if cls is marked:
                warn(message, category=category, stacklevel=stacklevel + 1)
            if new is not object.__new__:
                return new(cls, *args, **kwargs)
            if cls.__init__ is object.__init__ and (args or kwargs):
                raise TypeError(f"{cls.__name__}() takes no arguments")
            return new(cls)

        marked.__new__ = staticmethod(__new__)
        own = "__init_subclass__" in vars(marked)

        @wraps(init_subclass)
        def __init_subclass__(cls, /, **kwargs):
            warn(message, category=category, stacklevel=stacklevel + 1)
            if own:
                return init_subclass.__func__(cls, **kwargs)
            return super(marked, cls).__init_subclass__(**kwargs)

        marked.__init_subclass__ = classmethod(__init_subclass__)
        marked.__deprecated__ = message
        return marked


# ---- the option -W ----------------------------------------------------------------------------


class _OptionError(Exception):
    """The option says something that cannot be done."""


def _getaction(text):
    if not text:
        return "default"
    for action in ACTIONS:
        if action.startswith(text):
            return action
    raise _OptionError(f"invalid action: {text!r}")


def _getcategory(text):
    if not text:
        return Warning
    module, dot, name = text.rpartition(".")
    if dot:
        try:
            space = __import__(module, None, None, [name])
        except ImportError:
            raise _OptionError(f"invalid module name: {module!r}") from None
    else:
        import builtins as space
    category = getattr(space, name, None)
    if category is None:
        raise _OptionError(f"unknown warning category: {text!r}")
    if not isinstance(category, type) or not issubclass(category, Warning):
        raise _OptionError(f"invalid warning category: {text!r}")
    return category


def _setoption(option):
    parts = option.split(":")
    if len(parts) > 5:
        raise _OptionError(f"too many fields (max 5): {option!r}")
    parts += [""] * (5 - len(parts))
    action, message, category, module, lineno = (part.strip() for part in parts)
    action = _getaction(action)
    category = _getcategory(category)
    message = _Literal(message, True, False) if message else None
    module = _Literal(module, False, True) if module else None
    if lineno:
        try:
            lineno = int(lineno)
            if lineno < 0:
                raise ValueError
        except (ValueError, OverflowError):
            raise _OptionError(f"invalid lineno {lineno!r}") from None
    else:
        lineno = 0
    _add_filter((action, message, category, module, lineno))


def _processoptions(options):
    for option in options:
        try:
            _setoption(option)
        except _OptionError as error:
            print("Invalid -W option ignored:", error, file=sys.stderr)


_processoptions(sys.warnoptions)
