# A program that is over makes no processes that would go on with it.
import os


class Last:
    def __del__(self):
        for fork in os.fork, os.forkpty:
            try:
                print(fork())
            except BaseException as error:
                print(repr(error))


last = Last()
