"""logging: levels, handlers, formatters, filters, propagation, exceptions, configuration."""
import io
import logging
import logging.config
import logging.handlers
import sys

stream = io.StringIO()


def flush():
    text = stream.getvalue()
    stream.seek(0)
    stream.truncate()
    print(text.replace(__file__, "<file>"), end="")


root = logging.getLogger()
handler = logging.StreamHandler(stream)
handler.setFormatter(logging.Formatter("%(levelname)s:%(name)s:%(message)s [%(funcName)s %(module)s]"))
root.addHandler(handler)
log = logging.getLogger("app.part")
log.debug("hidden")
log.warning("seen %s %d", "x", 5)
log.error("mapped %(a)s", {"a": 1})
root.setLevel(logging.DEBUG)
log.debug("now")
log.log(35, "between")
logging.addLevelName(35, "BETWEEN")
log.log(35, "named")
flush()


def fails():
    try:
        1 / 0
    except ZeroDivisionError:
        log.exception("it failed")
        log.info("with stack", stack_info=False, exc_info=True)


fails()
flush()
print(log.parent.name, log.getEffectiveLevel(), log.isEnabledFor(10), logging.getLogger("app").getChild("part") is log, log.hasHandlers(), log.handlers, repr(log), logging.getLevelName(20), logging.getLevelName("INFO"), logging.getLevelName(99), sorted(logging.getLevelNamesMapping())[:3])


class Only(logging.Filter):
    def filter(self, record):
        record.msg = record.msg + "!"
        return "skip" not in record.msg


log.addFilter(Only())
log.info("kept")
log.info("skip me")
log.propagate = False
own = logging.StreamHandler(stream)
own.setFormatter(logging.Formatter("{levelname:>8}|{message}|{extra_field}", style="{", defaults={"extra_field": "none"}))
own.setLevel("WARNING")
log.addHandler(own)
log.info("below")
log.warning("above")
log.error("extra", extra={"extra_field": "given"})
flush()
try:
    log.error("clash", extra={"message": 1})
except KeyError as error:
    print(error)
try:
    log.setLevel("NOPE")
except ValueError as error:
    print(error)
try:
    logging.Formatter("%(nope", style="%")
    logging.Formatter("{x", style="{")
except ValueError as error:
    print(error)
logging.raiseExceptions = False
log.error("bad %d", "text")
flush()
logging.disable(logging.ERROR)
log.error("disabled")
logging.disable(logging.NOTSET)
memory = logging.handlers.MemoryHandler(3, target=own)
buffered = logging.getLogger("buffered")
buffered.propagate = False
buffered.addHandler(memory)
buffered.warning("one")
print(repr(stream.getvalue()), len(memory.buffer))
buffered.error("two")
flush()
logging.config.dictConfig({"version": 1, "disable_existing_loggers": False, "formatters": {"f": {"format": "cfg %(message)s"}}, "handlers": {"h": {"class": "logging.StreamHandler", "formatter": "f", "stream": stream}}, "loggers": {"cfg": {"handlers": ["h"], "level": "INFO", "propagate": False}}})
logging.getLogger("cfg").info("configured")
flush()
adapter = logging.LoggerAdapter(logging.getLogger("cfg"), {"who": "me"})
adapter.info("adapted")
flush()
try:
    logging.config.dictConfig({"version": 2})
except ValueError as error:
    print(error)
record = logging.makeLogRecord({"msg": "a %s", "args": (1,), "levelno": 20})
print(record.getMessage(), record.levelname, record)
queue_like = []


class ToList(logging.Handler):
    def emit(self, record):
        queue_like.append(self.format(record))


with_list = logging.getLogger("list")
with_list.addHandler(ToList())
with_list.propagate = False
with_list.critical("x" * 3)
print(queue_like, logging.NullHandler().level, logging.lastResort.level, [h.__class__.__name__ for h in with_list.handlers])
with_list.handlers.clear()
logging.basicConfig(stream=stream, force=True, format="%(asctime)s", datefmt="date")
root.warning("x")
flush()
print(logging.getLogger() is root, sys.modules["logging"].__name__)
