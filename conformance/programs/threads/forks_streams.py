"""Forking while other threads write to a file, in the finalizers of a collection too."""

import gc
import os
import sys
import threading
import warnings

warnings.simplefilter("ignore", DeprecationWarning)
sink = open("/dev/null", "w", buffering=1)
over = threading.Event()


class Loud:
    def __init__(self):
        self.me = self

    def __del__(self):
        if not over.is_set():
            print("gone", file=sink)


def write():
    while not over.is_set():
        print("a line", file=sink)


def collect():
    while not over.is_set():
        Loud()
        gc.collect()


threads = [threading.Thread(target=write), threading.Thread(target=collect)]
for thread in threads:
    thread.start()
for number in range(8):
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        print("child", number)
        sys.stdout.flush()
        os._exit(0)
    print(os.waitpid(pid, 0)[1])
over.set()
for thread in threads:
    thread.join()
