"""A suite of unittest for a small library of shapes: fixtures, subtests, mocks, skips, expected failures, a report."""
import abc
import contextlib
import functools
import io
import math
import re
import unittest
from unittest import mock


class Shape(abc.ABC):
    @property
    @abc.abstractmethod
    def area(self): ...

    def __lt__(self, other):
        return self.area < other.area if isinstance(other, Shape) else NotImplemented

    def draw(self, canvas):
        canvas.begin(type(self).__name__)
        for point in self.points():
            canvas.line(*point)
        return canvas.end()

    def points(self):
        return []


class Circle(Shape):
    def __init__(self, radius):
        if radius < 0:
            raise ValueError('negative radius')
        self.radius = radius

    @property
    def area(self):
        return math.pi * self.radius ** 2


@functools.total_ordering
class Polygon(Shape):
    def __init__(self, *points):
        self._points = points

    def points(self):
        return self._points

    @property
    def area(self):
        pairs = zip(self._points, self._points[1:] + self._points[:1])
        return abs(sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in pairs)) / 2

    def __eq__(self, other):
        return isinstance(other, Polygon) and self.area == other.area

    __hash__ = None


log = []


class ShapeTests(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        log.append('class up')
        cls.addClassCleanup(log.append, 'class cleaned')

    @classmethod
    def tearDownClass(cls):
        log.append('class down')

    def setUp(self):
        self.square = Polygon((0, 0), (2, 0), (2, 2), (0, 2))
        self.addCleanup(log.append, self.id().rsplit('.', 1)[1])

    def test_areas(self):
        for shape, area in ((self.square, 4), (Circle(1), math.pi), (Polygon((0, 0), (1, 0), (0, 1)), 0.5)):
            with self.subTest(shape=type(shape).__name__):
                self.assertAlmostEqual(shape.area, area)

    def test_subtests_that_fail(self):
        for number in range(4):
            with self.subTest('odd ones', number=number):
                self.assertEqual(number % 2, 0)

    def test_errors(self):
        with self.assertRaises(ValueError) as caught:
            Circle(-1)
        self.assertEqual(caught.exception.args, ('negative radius',))
        with self.assertRaisesRegex(TypeError, r'abstract class .?Shape'):
            Shape()
        self.assertRaises(TypeError, lambda: self.square < 5)

    def test_drawing(self):
        canvas = mock.Mock(spec=['begin', 'line', 'end'])
        canvas.end.return_value = 'drawn'
        self.assertEqual(self.square.draw(canvas), 'drawn')
        canvas.begin.assert_called_once_with('Polygon')
        self.assertEqual(canvas.line.call_args_list[1], mock.call(2, 0))
        self.assertEqual(canvas.line.call_count, 4)
        with self.assertRaises(AttributeError):
            canvas.curve()
        canvas.end.side_effect = [1, OSError('no ink')]
        self.assertEqual(self.square.draw(canvas), 1)
        with self.assertRaises(OSError):
            self.square.draw(canvas)

    def test_patching(self):
        with mock.patch('math.pi', 3), mock.patch.object(Circle, 'points', return_value=[(1, 1)]) as points:
            self.assertEqual(Circle(2).area, 12)
            self.assertEqual(Circle(2).points(), [(1, 1)])
        points.assert_called_once_with()
        with mock.patch.dict('os.environ', {'SHAPE': 'round'}):
            import os
            self.assertEqual(os.environ['SHAPE'], 'round')
        magic = mock.MagicMock()
        magic.__len__.return_value = 7
        self.assertEqual((len(magic), bool(magic), magic[3].x() is magic[3].x()), (7, True, True))

    def test_output(self):
        with contextlib.redirect_stdout(io.StringIO()) as out, self.assertLogs('shapes', 'INFO') as logs:
            print('hello')
            __import__('logging').getLogger('shapes').warning('round %d', 2)
        self.assertEqual(out.getvalue(), 'hello\n')
        self.assertEqual(logs.output, ['WARNING:shapes:round 2'])

    @unittest.skip('not round enough')
    def test_skipped(self):
        self.fail()

    @unittest.skipIf(math.pi > 3, 'pi is too large')
    def test_skipped_if(self):
        self.fail()

    @unittest.expectedFailure
    def test_expected(self):
        self.assertEqual(Circle(1), Circle(1))

    @unittest.expectedFailure
    def test_unexpected(self):
        self.assertEqual(self.square, Polygon((0, 0), (4, 0), (4, 1), (0, 1)))

    def test_fails(self):
        self.assertDictEqual({'a': 1, 'b': [1, 2]}, {'a': 1, 'b': [1, 3], 'c': None}, 'shapes differ')

    def test_breaks(self):
        {}['nothing']


class Text(unittest.TextTestResult):
    pass


suite = unittest.defaultTestLoader.loadTestsFromTestCase(ShapeTests)
stream = io.StringIO()
result = unittest.TextTestRunner(stream, verbosity=2, resultclass=Text).run(suite)
text = re.sub(r'in \d+\.\d+s', 'in some time', stream.getvalue())
text = re.sub(r'File ".*?", line \d+', 'File', text)
print(text)
print(log)
print(result.testsRun, len(result.failures), len(result.errors), len(result.skipped), len(result.expectedFailures), len(result.unexpectedSuccesses), result.wasSuccessful())
print(min(Polygon((0, 0), (1, 0), (0, 1)), Circle(0.1)).area < 0.1, suite.countTestCases())
