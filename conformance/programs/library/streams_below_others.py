"""What rests on streams: starting programs with pipes, sockets as files, archives, configuration, logs, lines of files."""

import codecs
import configparser
import contextlib
import fileinput
import io
import linecache
import logging
import os
import pickle
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import tokenize
import zipfile

with tempfile.TemporaryDirectory() as folder:
    place = lambda name: os.path.join(folder, name)

    print("--- programs")
    cat = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    print(cat.communicate(b"through a pipe\n" * 20_000)[0].count(b"\n"), cat.returncode)
    cat = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
    print(cat.stdin.write("line one\n"), repr(cat.stdout.readline()), cat.stdin.line_buffering)
    print(cat.communicate("rest"), cat.stdout.closed)
    done = subprocess.run("echo out; echo err >&2; exit 3", shell=True, capture_output=True, encoding="utf-8")
    print(done.stdout, done.stderr, done.returncode, end="")
    try:
        subprocess.run(["sleep", "60"], timeout=0.05)
    except subprocess.TimeoutExpired as error:
        print(error.cmd, error.timeout)
    with open(place("out"), "wb") as out:
        subprocess.check_call(["echo", "to a file"], stdout=out)
    print(open(place("out")).read(), subprocess.check_output(["cat", place("out")], text=True), end="")

    print("--- sockets")
    left, right = socket.socketpair()
    with left, right, left.makefile("w", encoding="utf-8") as writer, right.makefile("r", encoding="utf-8") as reader:
        print("héllo", 1, file=writer, flush=True)
        writer.write("end\n")
        writer.flush()
        print(repr(reader.readline()), repr(reader.readline()), type(reader.buffer).__name__)

    print("--- pipes")
    r, w = os.pipe()

    def feed():
        with open(w, "w", encoding="utf-8") as file:
            for number in range(3):
                print("row", number, file=file)

    feeder = threading.Thread(target=feed)
    with open(r, encoding="utf-8") as file:
        feeder.start()
        print([line.split() for line in file], file.seekable())
    feeder.join()

    print("--- files")
    with codecs.open(place("latin"), "w", "latin-1") as file:
        file.write("für\n")
    print(open(place("latin"), "rb").read(), codecs.open(place("latin"), encoding="latin-1").read())
    with open(place("source.py"), "wb") as file:
        file.write("# -*- coding: latin-1 -*-\nname = 'ü'\n".encode("latin-1"))
    with tokenize.open(place("source.py")) as file:
        print(file.encoding, file.readlines()[1], linecache.getline(place("source.py"), 2), end="")
    with fileinput.input([place("latin"), place("source.py")], encoding="latin-1") as lines:
        print([(fileinput.filelineno(), line[:8]) for line in lines])
    settings = configparser.ConfigParser()
    settings.read_string("[a]\nx = 1\ny = %(x)s2\n")
    with open(place("ini"), "w") as file:
        settings.write(file)
    again = configparser.ConfigParser()
    print(again.read(place("ini")) == [place("ini")], again["a"]["y"])
    shutil.copyfile(place("ini"), place("copy"))
    shutil.copyfileobj(io.BytesIO(b"abc" * 100), sink := io.BytesIO(), 7)
    print(os.path.getsize(place("copy")), len(sink.getvalue()))
    with open(place("pickle"), "wb") as file:
        for protocol in range(3, 6):
            pickle.dump({"list": [1, 2.5, "é", b"x"], "deep": (None, {1})}, file, protocol)
    with open(place("pickle"), "rb") as file:
        print([pickle.load(file) for _ in range(3)][2], file.read())
    with zipfile.ZipFile(place("zip"), "w") as archive:
        archive.writestr("a.txt", "stored\n")
    with zipfile.ZipFile(place("zip")) as archive, archive.open("a.txt") as member:
        print(member.readline(), archive.namelist(), io.TextIOWrapper(archive.open("a.txt")).read(), end="")

    print("--- logs")
    log = logging.getLogger("here")
    handler = logging.FileHandler(place("log"), encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    log.addHandler(handler)
    log.warning("written %d", 1)
    log.removeHandler(handler)
    handler.close()
    print(open(place("log")).read(), end="")
    with contextlib.redirect_stdout(io.StringIO()) as caught:
        print("caught")
    print(repr(caught.getvalue()))
    with tempfile.SpooledTemporaryFile(max_size=8, mode="w+") as spooled:
        print(spooled.write("short"), spooled._rolled, spooled.write(" and long"), spooled._rolled, spooled.seek(0), spooled.read())
    print(sys.stdin.read(), sys.stdout.writable(), sys.stderr.line_buffering, sys.stdin.fileno())
