"""Exceptions: construction, attributes, groups, notes, messages."""

CASES = r'''
Exception(), Exception(1), Exception(1, 2), str(Exception()), str(Exception(1)), str(Exception(1, 2)), repr(Exception('a', 2)), Exception(1).args, BaseException('x').args
Exception(a=1)
KeyError('a'), str(KeyError('a')), str(KeyError('a', 'b')), str(KeyError()), str(ValueError('a')), str(IndexError(None)), LookupError.__mro__
OSError(2, 'No such file'), str(OSError(2, 'text')), OSError(2, 'text', 'file').filename, str(OSError(2, 'text', 'file')), str(OSError(2, 'text', 'a', None, 'b')), OSError(2, 't').errno, OSError(2, 't').strerror, OSError('x').errno, type(OSError(17, 'x')).__name__, type(OSError(13, 'x')).__name__, type(OSError(9999, 'x')).__name__, OSError(1, 2, 3).args, repr(OSError(2, 'a', 'f'))
[type(OSError(n, '')).__name__ for n in (1, 2, 3, 4, 10, 11, 13, 17, 20, 21, 32, 103, 104, 110, 111, 115)], IOError is OSError, EnvironmentError is OSError
BlockingIOError(11, 'x').characters_written
(lambda e: (e.__setattr__('characters_written', 5), e.characters_written))(BlockingIOError(11, 'x', 3))
StopIteration(5).value, StopIteration().value, StopIteration(1, 2).value, StopIteration(1, 2).args, SystemExit().code, SystemExit(3).code, SystemExit(1, 2).code
ImportError('m', name='n', path='p').name, ImportError('m').path, ImportError('m', name='n').msg, ImportError().msg, str(ImportError('m', name='n')), repr(ImportError('m', name='n')), ImportError('a', name_from='x').name_from
ImportError('m', x=1)
NameError('m', name='n').name, AttributeError('m', name='n', obj=5).obj, AttributeError('m').name, NameError('x').args
AttributeError('m', foo=1)
SyntaxError('m', ('f', 1, 2, 'text', 3, 4)).end_offset, SyntaxError('m', ('f', 1, 2, 'text')).text, str(SyntaxError('m', ('f', 1, 2, 'text'))), str(SyntaxError('m')), SyntaxError('m').lineno, SyntaxError().msg, SyntaxError('m', ('f', 1, 2, 't')).args, str(SyntaxError('m', ('dir/f', None, 2, 't'))), SyntaxError('m').print_file_and_line
SyntaxError('m', (1,))
SyntaxError('m', 5)
UnicodeDecodeError('utf-8', b'abc', 1, 2, 'why').reason, str(UnicodeDecodeError('utf-8', b'abc', 1, 2, 'why')), str(UnicodeDecodeError('utf-8', b'abc', 0, 2, 'why')), UnicodeEncodeError('a', 'é', 0, 1, 'r').object, str(UnicodeEncodeError('a', 'é', 0, 1, 'r')), str(UnicodeEncodeError('a', '€', 0, 1, 'r')), str(UnicodeEncodeError('a', '\U0001F600', 0, 1, 'r')), str(UnicodeEncodeError('a', 'éé', 0, 2, 'r')), str(UnicodeTranslateError('é', 0, 1, 'r')), UnicodeDecodeError('a', b'', 5, 9, 'r').start
UnicodeDecodeError('utf-8', 'abc', 1, 2, 'why')
UnicodeDecodeError()
UnicodeEncodeError('a', b'x', 0, 1, 'r')
ExceptionGroup('m', [ValueError(1)]), str(ExceptionGroup('m', [ValueError(1), KeyError(2)])), ExceptionGroup('m', [ValueError(1)]).exceptions, ExceptionGroup('m', [ValueError(1)]).message, type(BaseExceptionGroup('m', [ValueError(1)])).__name__, type(BaseExceptionGroup('m', [KeyboardInterrupt()])).__name__, ExceptionGroup('m', [ValueError(1)]).args, repr(ExceptionGroup('m', (ValueError(1),)))
ExceptionGroup('m', [])
ExceptionGroup('m', [5])
ExceptionGroup('m', 5)
ExceptionGroup(5, [ValueError()])
ExceptionGroup('m')
ExceptionGroup('m', [KeyboardInterrupt()])
(lambda g: (g.split(ValueError), g.subgroup(KeyError), g.subgroup((ValueError, KeyError)) is g, g.split(lambda e: isinstance(e, TypeError)), g.derive([ValueError(9)])))(ExceptionGroup('m', [ValueError(1), ExceptionGroup('n', [KeyError(2), TypeError(3)])]))
ExceptionGroup('m', [ValueError()]).subgroup(5)
ExceptionGroup('m', [ValueError()]).split([ValueError])
ExceptionGroup[int]
(lambda e: (e.add_note('a'), e.add_note('b'), e.__notes__))(ValueError())
ValueError().add_note(5)
ValueError().__notes__
(lambda e: (e.__setattr__('__notes__', 5), e.__notes__))(ValueError())
(lambda e: (e.__cause__, e.__context__, e.__suppress_context__, e.__traceback__))(ValueError())
(lambda e: (e.__setattr__('__cause__', KeyError(1)), e.__cause__, e.__suppress_context__))(ValueError())
ValueError().__setattr__('__cause__', 5)
ValueError().__setattr__('__context__', 5)
ValueError().__setattr__('__traceback__', 5)
ValueError().__delattr__('__cause__')
ValueError().__setattr__('args', 5)
(lambda e: (e.__setattr__('args', [1, 2]), e.args, str(e)))(ValueError())
ValueError(1).with_traceback(None), ValueError(1) == ValueError(1), ValueError.__bases__, ValueError.__name__
ValueError(1).with_traceback(5)
ValueError('a').__reduce__(), OSError(2, 'a', 'f').__reduce__(), ImportError('m', name='n').__reduce__()[2], (lambda e: (e.__setattr__('x', 5), e.__reduce__()))(ValueError('a')), ValueError().__setstate__({'y': 1})
ValueError().__setstate__(5)
type('E', (Exception,), {'__init__': lambda s, a: None})(5).args, type('E', (Exception,), {'__str__': lambda s: 'own'})(5), str(type('E', (Exception,), {'__str__': lambda s: 'own'})(5)), type('E', (ValueError, KeyError), {})(1), type('E', (Exception,), {'__new__': lambda c, *a: Exception.__new__(c, 'new')})(5).args
type('E', (OSError, SyntaxError), {})
type('E', (Exception, int), {})
Exception.__new__(int)
sorted(c.__name__ for c in ArithmeticError.__subclasses__()), [c.__name__ for c in UnicodeError.__subclasses__()], issubclass(RecursionError, RuntimeError), issubclass(ModuleNotFoundError, ImportError), issubclass(KeyboardInterrupt, Exception), issubclass(ExceptionGroup, BaseExceptionGroup), issubclass(PythonFinalizationError, RuntimeError), issubclass(TimeoutError, OSError), issubclass(EncodingWarning, Warning)
'''

for case in CASES.strip().splitlines():
    try:
        print(case, "->", repr(eval(case)))
    except Exception as error:
        print(case, "!!", type(error).__name__, error)
