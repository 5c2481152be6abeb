//! A free-threaded Python.
