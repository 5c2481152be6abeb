"""Logging set up by a dictionary: handlers, filters, formatters, adapters, a queue and its listener, rotating files."""
import io
import json
import logging
import logging.config
import logging.handlers
import os
import queue
import re
import sys
import tempfile
import threading
import warnings


class JsonFormatter(logging.Formatter):
    def format(self, record):
        fields = {'level': record.levelname, 'name': record.name, 'text': record.getMessage()}
        if record.exc_info:
            fields['error'] = record.exc_info[0].__name__
        fields.update(getattr(record, 'extra_fields', {}))
        return json.dumps(fields, sort_keys=True)


class Secrets(logging.Filter):
    def __init__(self, *words):
        super().__init__()
        self.pattern = re.compile('|'.join(map(re.escape, words)) or r'(?!)')

    def filter(self, record):
        record.msg = self.pattern.sub('***', str(record.msg))
        return True


class Request(logging.LoggerAdapter):
    def process(self, message, options):
        options.setdefault('extra', {})['extra_fields'] = dict(self.extra)
        return f'[{self.extra["id"]}] {message}', options


NOTICE = 25
logging.addLevelName(NOTICE, 'NOTICE')
text, structured = io.StringIO(), io.StringIO()
logging.config.dictConfig({
    'version': 1,
    'disable_existing_loggers': False,
    'filters': {'secrets': {'()': Secrets, '.': {'kind': 'words'}} | {'()': lambda: Secrets('hunter2', 'sesame')}},
    'formatters': {
        'plain': {'format': '{levelname:<8}|{name}|{message}', 'style': '{'},
        'json': {'()': JsonFormatter},
    },
    'handlers': {
        'text': {'class': 'logging.StreamHandler', 'stream': text, 'formatter': 'plain', 'filters': ['secrets'], 'level': 'INFO'},
        'json': {'class': 'logging.StreamHandler', 'stream': structured, 'formatter': 'json'},
    },
    'loggers': {
        'app': {'level': 'DEBUG', 'handlers': ['json']},
        'app.noisy': {'level': 'ERROR'},
        'alone': {'propagate': False, 'handlers': ['text'], 'level': 'WARNING'},
    },
    'root': {'level': 'WARNING', 'handlers': ['text']},
})
app = logging.getLogger('app')
app.debug('starting %s with %d workers', 'service', 4)
app.info('password is hunter2')
app.log(NOTICE, 'halfway %.1f%%', 50)
logging.getLogger('app.noisy').warning('not heard')
logging.getLogger('app.noisy.child').error('heard %(name)s', {'name': 'once'})
logging.getLogger('alone').info('too low')
logging.getLogger('alone').critical('alone')
logging.getLogger('other').info('below the root')
Request(app, {'id': 7, 'user': 'ann'}).warning('slow')
try:
    [][1]
except IndexError:
    app.exception('lookup failed', stack_info=False)
app.error('with %s', 'nothing', exc_info=False)
print(re.sub(r'File ".*", line \d+', 'File', text.getvalue()))
print(structured.getvalue())
print(app.getEffectiveLevel(), app.getChild('x.y').parent is app, logging.getLevelName('NOTICE'), app.isEnabledFor(5))
print([logger.name for logger in sorted(app.getChildren(), key=lambda logger: logger.name)])

records = queue.Queue()
sink = io.StringIO()
target = logging.StreamHandler(sink)
target.setFormatter(logging.Formatter('%(threadName)s %(levelname)s %(message)s %(who)s', defaults={'who': 'nobody'}))
listener = logging.handlers.QueueListener(records, target, respect_handler_level=True)
queued = logging.getLogger('queued')
queued.propagate = False
queued.setLevel(logging.DEBUG)
queued.addHandler(logging.handlers.QueueHandler(records))
listener.start()


def work(number):
    queued.info('job %d', number, extra={'who': f'user{number}'} if number % 2 else None)


threads = [threading.Thread(target=work, args=(number,), name=f't{number}') for number in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
listener.stop()
print(*sorted(sink.getvalue().splitlines()), sep='\n')

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, 'service.log')
    rotating = logging.handlers.RotatingFileHandler(path, maxBytes=100, backupCount=2, encoding='utf-8')
    rotating.setFormatter(logging.Formatter('%(levelno)s %(message)s'))
    files = logging.Logger('files', logging.INFO)
    files.addHandler(rotating)
    for number in range(12):
        files.info('line %02d %s', number, '·' * 10)
    rotating.close()
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding='utf-8') as file:
            lines = file.read().splitlines()
        print(name, len(lines), lines[0][:10], lines[-1][:10])
memory = logging.handlers.MemoryHandler(10, flushLevel=logging.ERROR, target=target)
files = logging.Logger('memory')
files.addHandler(memory)
sink.truncate(0), sink.seek(0)
files.info('kept')
print(repr(sink.getvalue()))
files.error('flushes')
print(sink.getvalue(), end='')
memory.close()
logging.captureWarnings(True)
text.truncate(0), text.seek(0)
warnings.simplefilter('always')
warnings.warn('old way', DeprecationWarning)
print(re.sub(r'\|.*?:\d+:', '|', text.getvalue().splitlines()[0]))
logging.captureWarnings(False)
logging.raiseExceptions = False
app.warning('bad %d arguments', 'text')
bad = logging.getLogger('bad')
print(bad.hasHandlers(), bad, logging.root)
logging.shutdown()
print('done', file=sys.stdout)
