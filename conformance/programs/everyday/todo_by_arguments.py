"""A tool with subcommands by argparse: options of all kinds, groups, types, help and errors as they are shown."""
import argparse
import contextlib
import datetime
import enum
import io
import os
import pathlib
import shlex
import sys
import tempfile
import json

os.environ['COLUMNS'] = '80'


class Level(enum.StrEnum):
    LOW = 'low'
    HIGH = 'high'


def day(text):
    if text in ('today', 'tomorrow'):
        return datetime.date(2024, 2, 28) + datetime.timedelta(days=text == 'tomorrow')
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f'{text!r} is no day') from error


class Tags(argparse.Action):
    def __call__(self, parser, namespace, values, option=None):
        tags = dict(getattr(namespace, self.dest) or {})
        for value in values:
            key, found, text = value.partition('=')
            if not found:
                parser.error(f'{option}: {value!r} has no "="')
            tags[key] = text
        setattr(namespace, self.dest, tags)


def make_parser():
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument('-v', '--verbose', action='count', default=0, help='say more; may be repeated')
    common.add_argument('--file', type=pathlib.Path, metavar='PATH', help='where the list is kept')
    parser = argparse.ArgumentParser(prog='todo', description='Things to do.', epilog='That is all.', color=False)
    parser.add_argument('--version', action='version', version='%(prog)s 1.2')
    commands = parser.add_subparsers(dest='command', required=True, metavar='COMMAND', title='commands')
    add = commands.add_parser('add', parents=[common], help='add a thing', aliases=['new'], color=False)
    add.add_argument('text', nargs='+', help='what to do')
    add.add_argument('-l', '--level', type=Level, choices=list(Level), default=Level.LOW, help='%(type)s (default: %(default)s)')
    add.add_argument('-d', '--due', type=day, default='tomorrow', metavar='DAY')
    add.add_argument('-t', '--tag', nargs='*', action=Tags, default={})
    either = add.add_mutually_exclusive_group()
    either.add_argument('--top', dest='place', action='store_const', const=0)
    either.add_argument('--at', dest='place', type=int)
    show = commands.add_parser('show', parents=[common], help='show things', color=False)
    group = show.add_argument_group('selection', 'Which ones.')
    group.add_argument('--done', action=argparse.BooleanOptionalAction)
    group.add_argument('--limit', type=int, nargs='?', const=1)
    group.add_argument('numbers', nargs='*', type=int)
    hidden = commands.add_parser('run', help='run something', color=False)
    hidden.add_argument('what')
    hidden.add_argument('rest', nargs=argparse.REMAINDER)
    hidden.add_argument('--secret', help=argparse.SUPPRESS)
    return parser


def run(parser, line, kept):
    arguments = parser.parse_args(shlex.split(line))
    match arguments:
        case argparse.Namespace(command='add' | 'new'):
            item = {'text': ' '.join(arguments.text), 'level': arguments.level, 'due': arguments.due.isoformat(), **arguments.tag}
            kept.insert(len(kept) if arguments.place is None else arguments.place, item)
            return len(kept)
        case argparse.Namespace(command='show', numbers=[]):
            return [item['text'] for item in kept][:arguments.limit], arguments.done
        case argparse.Namespace(command='show', numbers=numbers):
            return [kept[number] for number in numbers]
    return vars(arguments)


parser = make_parser()
kept = []
LINES = '''
    add wash the car
    new -l high --due 2024-03-01 -t who=ann cost=5 -- pay rent
    add --top sleep -vvv
    add --at 1 -dtoday eat
    show
    show --limit --done
    show --limit 2 --no-done
    show 0 2
    run ls -l --secret x -- y
'''
for line in filter(None, map(str.strip, LINES.splitlines())):
    print(f'{line:<50}', run(parser, line, kept))
for line in ('', 'add', 'fly', 'add x --level mid', 'add x -d someday', 'add x --top --at 3', 'show x', 'add x --tag a',
             'show --limit 1 2 --bogus', 'show --li', 'show --done=3', '--version', '-h', 'add --help', 'show -h'):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            result = run(parser, line, kept)
        except SystemExit as end:
            result = f'exit {end.code}'
    print(f'--- {line!r}: {result}')
    print(out.getvalue() + err.getvalue(), end='')
known, rest = parser.parse_known_args(['show', '--what', '1', '-v'])
print(known.verbose, known.numbers, rest)
with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder, 'options')
    path.write_text('--level=high\nadd\nfrom a file\n')
    reading = argparse.ArgumentParser(fromfile_prefix_chars='@', exit_on_error=False)
    reading.add_argument('words', nargs='*')
    reading.add_argument('--level')
    print(reading.parse_args([f'@{path}', 'more']))
    try:
        reading.parse_args(['--level'])
    except argparse.ArgumentError as error:
        print(error)
print(json.dumps(kept, indent=1))
