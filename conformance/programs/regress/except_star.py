"""The tracebacks of exceptions that pass except* clauses."""

import sys
def run(f):
    try: f()
    except BaseException as e: sys.excepthook(type(e),e,e.__traceback__)
def f1():
    try:
        1/0
    except* ZeroDivisionError as e:
        x = 1
        raise ValueError('in star')
def f2():
    try:
        raise ExceptionGroup('g', [ValueError(1), KeyError(2)])
    except* ZeroDivisionError as e:
        x = 1
    except* ValueError:
        y = 2
        z = 3
def f3():
    try:
        raise ExceptionGroup('g', [ValueError(1), KeyError(2)])
    except* ValueError as e:
        x = 1
        raise OSError(5)
    except* OSError:
        pass
def f4():
    try:
        raise ExceptionGroup('g', [ValueError(1), KeyError(2)])
    except* ValueError as e:
        raise
    finally:
        print('fin')
for f in f1,f2,f3,f4: run(f)
