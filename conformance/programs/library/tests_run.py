"""unittest and doctest: what they find, run and say."""
import doctest
import io
import logging
import re
import unittest
from unittest import mock


def double(x):
    """Twice.

    >>> double(2)
    4
    >>> double("a")
    'aa'
    >>> double(None)
    Traceback (most recent call last):
        ...
    TypeError: unsupported operand type(s) for *: 'NoneType' and 'int'
    >>> print("a\\n\\nb")
    a
    <BLANKLINE>
    b
    >>> list(range(20))  # doctest: +ELLIPSIS
    [0, 1, ..., 19]
    """
    return x * 2


def wrong():
    """
    >>> 1 + 1
    3
    >>> undefined
    1
    """


class Basics(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        print("class up")

    @classmethod
    def tearDownClass(cls):
        print("class down")

    def setUp(self):
        self.addCleanup(print, "cleanup", self.id().rpartition(".")[2])

    def test_a_equal(self):
        self.assertEqual([1, 2], [1, 2])

    def test_b_fails(self):
        self.assertEqual([1, 2, 3], [1, 2, 4], "lists differ")

    def test_c_error(self):
        {}["missing"]

    @unittest.skip("not now")
    def test_d_skip(self): ...

    @unittest.expectedFailure
    def test_e_expected(self):
        self.fail("as expected")

    @unittest.expectedFailure
    def test_f_unexpected(self): ...

    def test_g_subtests(self):
        for i in range(3):
            with self.subTest(i=i):
                self.assertNotEqual(i, 1)

    def test_h_raises(self):
        with self.assertRaises(ValueError) as caught:
            int("x")
        self.assertIn("invalid literal", str(caught.exception))
        with self.assertRaisesRegex(KeyError, "k"):
            raise KeyError("k")
        with self.assertWarns(UserWarning):
            import warnings

            warnings.warn("w")
        with self.assertLogs("x", "INFO") as logs:
            import logging

            logging.getLogger("x").info("logged")
        self.assertEqual(logs.output, ["INFO:x:logged"])

    def test_i_others(self):
        self.assertAlmostEqual(1.0, 1.00000001)
        self.assertIsInstance(1, int)
        self.assertDictEqual({"a": 1}, {"a": 1})
        self.assertCountEqual([1, 2], [2, 1])
        self.assertRegex("abc", "b")
        self.assertMultiLineEqual("a\nb", "a\nc")


class Async(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.value = 5

    async def test_async(self):
        self.assertEqual(self.value, 5)


def clean(text):
    text = re.sub(r"in \d+\.\d+s", "in 0s", text)
    text = re.sub(r'File ".*?", line \d+', "File X", text)
    return re.sub(r"(?m)^\s*[~^]+\s*$\n", "", text)


# A loop that is tested warns of what takes long, which on a slow machine anything may.
logging.getLogger("asyncio").setLevel(logging.ERROR)
out = io.StringIO()
suite = unittest.TestSuite([unittest.defaultTestLoader.loadTestsFromTestCase(Basics), unittest.defaultTestLoader.loadTestsFromTestCase(Async)])
result = unittest.TextTestRunner(out, verbosity=2).run(suite)
print(clean(out.getvalue()))
print(result, result.wasSuccessful(), [t.id() for t, _ in result.failures], [str(t) for t, _ in result.errors])
runner = doctest.DocTestRunner(verbose=False)
for test in doctest.DocTestFinder().find(double, "double", globs=globals()) + doctest.DocTestFinder().find(wrong, "wrong", globs=globals()):
    lines = []
    print(test.name, len(test.examples), runner.run(test, out=lines.append))
    print(clean("".join(lines)))
m = mock.Mock(return_value=3, side_effect=None)
print(m(1, k=2), m.call_args, m.called, m.call_count, m.method.chained().x is m.method.chained().x, m.mock_calls[:1])
try:
    m.assert_called_with(2)
except AssertionError as error:
    print(error)
m.side_effect = [1, ValueError("second")]
print(m())
try:
    m()
except ValueError as error:
    print(error)
with mock.patch("builtins.len", lambda x: 42), mock.patch.dict("os.environ", {"NEW": "1"}):
    import os

    print(len([]), os.environ["NEW"])
print(len([]), "NEW" in os.environ)
magic = mock.MagicMock()
magic.__getitem__.return_value = "item"
print(magic[5], len(magic), bool(magic), mock.sentinel.thing, mock.call(1, a=2) == mock.call(1, a=2), mock.ANY == 5)
spec = mock.create_autospec(double)
try:
    spec(1, 2)
except TypeError as error:
    print(error)
