"""doctest and unittest.mock: examples found and run, mocks that record, specs, patches, side effects."""
import doctest
import io
import contextlib
from unittest import mock


def attempt(action):
    try:
        print(action())
    except BaseException as error:
        print(type(error).__name__, error)


def square(n):
    """Square it.

    >>> square(3)
    9
    >>> square(2)
    5
    >>> square("x")
    Traceback (most recent call last):
        ...
    TypeError: can't multiply sequence by non-int of type 'str'
    >>> print("a\n\nb")
    a
    <BLANKLINE>
    b
    >>> [square(i) for i in range(20)]  # doctest: +ELLIPSIS
    [0, 1, ..., 361]
    >>> square(1)  # doctest: +SKIP
    nonsense
    """
    return n * n


out = io.StringIO()
finder, runner = doctest.DocTestFinder(), doctest.DocTestRunner(verbose=False)
for test in finder.find(square, "square", globs={"square": square}):
    print(test.name, len(test.examples), [e.source for e in test.examples][:2], test.examples[1].want)
    print(runner.run(test, out=out.write))
print("Expected:\n    5\nGot:\n    4" in out.getvalue(), doctest.script_from_examples(">>> 1 + 1\n2\ntext"))
attempt(lambda: doctest.DocTestParser().get_examples(">>>x"))
attempt(lambda: doctest.OutputChecker().check_output("1 ... 3\n", "1 2 3\n", doctest.ELLIPSIS))

m = mock.Mock(return_value=5, name="m")
print(m(1, k=2), m.called, m.call_count, m.call_args, m.call_args.args, m.attribute.method(3) is m.attribute.method(), m.mock_calls, m.method_calls)
for call in (lambda: m.assert_called_with(1), lambda: m.assert_called_once_with(1, k=2), lambda: m.assert_not_called(), lambda: m.assert_any_call(9), lambda: m.assert_has_calls([mock.call(1, k=2)]), lambda: m.assert_nope(), lambda: mock.Mock(spec=["a"]).b, lambda: setattr(mock.Mock(spec_set=["a"]), "b", 1)):
    attempt(call)
m.reset_mock()
m.side_effect = [1, ValueError("second"), 3]
attempt(lambda: (m.call_count, m()))
attempt(m)
attempt(m)
attempt(m)
m.side_effect = lambda x: x * 2 if x else mock.DEFAULT
print(m(4), m(0), repr(m).startswith("<Mock name='m'"))
magic = mock.MagicMock()
magic.__len__.return_value = 7
magic.__getitem__.side_effect = lambda k: k.upper()
with magic as inside:
    print(len(magic), magic["k"], bool(magic), int(magic), list(magic), inside is magic.__enter__.return_value, magic == magic, 1 in magic)


class Service:
    limit = 3

    def fetch(self, key, *, deep=False):
        return "real"


with mock.patch.object(Service, "fetch", autospec=True, return_value="fake") as fake:
    print(Service().fetch("k", deep=True), fake.call_args.args[1:], fake.call_args.kwargs)
    attempt(lambda: Service().fetch())
with mock.patch.dict("os.environ", {"MOCKED": "1"}), mock.patch.multiple(Service, limit=8):
    import os
    print(os.environ["MOCKED"], len([]), Service.limit)
print("MOCKED" in os.environ, len([]), Service.limit, Service().fetch(1))
attempt(lambda: mock.patch("nothing.here").start())


@mock.patch("os.getcwd", return_value="/mocked")
def patched(arg, getcwd):
    return arg, os.getcwd(), getcwd.called


print(patched("a"), mock.call(1).method(2), mock.call(1) == ((1,), {}), mock.ANY == 5, mock.sentinel.x, mock.sentinel.x is mock.sentinel.x)
opened = mock.mock_open(read_data="l1\nl2")
with mock.patch("builtins.open", opened), open("f") as file:
    print(file.readlines(), opened.call_args)
prop = mock.PropertyMock(return_value=1)
type(magic).size = prop
print(magic.size, prop.called)
