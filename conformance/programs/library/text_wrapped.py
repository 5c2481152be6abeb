"""textwrap, string, difflib, pprint: text for people."""
import difflib, pprint, string, textwrap

CASES = r"""
textwrap.wrap('The quick brown fox jumps over the lazy dog', 12), textwrap.wrap('', 5), textwrap.wrap('supercalifragilistic', 6), textwrap.wrap('a b c', 1), textwrap.wrap('hyphen-ated words-here', 8), textwrap.wrap('  lead and  gaps ', 8), textwrap.wrap('x y', 10, initial_indent='* ', subsequent_indent='  ')
textwrap.fill('The quick brown fox', 10), textwrap.shorten('Hello  world and more', 12), textwrap.shorten('Hello world', 5, placeholder='..'), textwrap.dedent('  a\n    b\n  c\n'), textwrap.dedent('\ta\n\tb'), textwrap.dedent('  a\n\n  b'), textwrap.indent('a\n\nb\n', '> '), textwrap.indent('a\n\n', '-', lambda line: True)
textwrap.wrap('long words here', 5, break_long_words=False), textwrap.wrap('a\tb', 10), textwrap.wrap('one two three four', 8, max_lines=2), textwrap.wrap('one two three', 5, max_lines=1, placeholder='~'), textwrap.TextWrapper(width=10).fill('some words to fill'), textwrap.wrap('Sentence one.  Two.', 30, fix_sentence_endings=True)
textwrap.wrap('abc', 0)
textwrap.shorten('abc def', 2, placeholder='long placeholder')
string.ascii_letters, string.digits, string.punctuation, string.whitespace, string.hexdigits, string.capwords('hello wORLD'), string.capwords('a-b c', '-'), len(string.printable)
string.Template('$a ${b} $$').substitute(a=1, b=2), string.Template('$a $b').safe_substitute(a=1), string.Template('$a').substitute({'a': 5}), string.Template('$a $a').get_identifiers(), string.Template('x $').is_valid(), string.Template('${a}b').template
string.Template('$a').substitute()
string.Template('$1').substitute()
string.Template('a\n $').substitute()
string.Formatter().format('{} {x}', 1, x=2), list(string.Formatter().parse('a{b!r:c}d{}')), string.Formatter().vformat('{0[k]}', [{'k': 5}], {}), type('F', (string.Formatter,), {'get_value': lambda s, k, a, kw: f'<{k}>'})().format('{a}{0}')
string.Formatter().format('{0} {}', 1)
list(difflib.unified_diff(['a', 'b', 'c'], ['a', 'x', 'c'], 'old', 'new', lineterm='')), list(difflib.ndiff(['one', 'two'], ['one', 'tow'])), difflib.get_close_matches('appel', ['ape', 'apple', 'peach']), difflib.SequenceMatcher(None, 'abcd', 'bcde').ratio(), difflib.SequenceMatcher(None, 'abxcd', 'abcd').get_opcodes(), difflib.SequenceMatcher(None, 'ab', 'ab').get_matching_blocks()
list(difflib.context_diff(['a\n', 'b\n'], ['a\n', 'c\n'])), list(difflib.restore(difflib.ndiff(['a'], ['b']), 1)), difflib.SequenceMatcher(lambda x: x == ' ', ' abcd', 'abcd abcd').find_longest_match(0, 5, 0, 9), difflib.IS_LINE_JUNK('#'), difflib.SequenceMatcher(None, [1, 2], [2, 3]).quick_ratio()
pprint.pformat({'b': 1, 'a': [1, 2]}), pprint.pformat(list(range(40))), pprint.pformat({'key' * 5: ['value' * 5] * 5}), pprint.pformat('word ' * 30, width=40), pprint.pformat([[[[1]]]], depth=2), pprint.pformat({3, 1, 2}), pprint.pformat({'b': 1, 'a': 2}, sort_dicts=False), pprint.pformat((1,)), pprint.pformat([1] * 5, width=5, indent=2), pprint.pformat([{'a' * 20: 'b' * 20, 'c' * 20: 'd' * 30}], compact=True), pprint.pformat(b'x' * 100), pprint.pformat(1000000, underscore_numbers=True)
(lambda l: (l.append(l), pprint.isrecursive(l), pprint.isreadable(l), pprint.saferepr([1])))([]), pprint.pformat(type('D', (dict,), {})(a=1)), pprint.pformat(range(3)), pprint.pformat({'x': {'y': {'z': 'w' * 60}}}), pprint.pformat(frozenset([1])), pprint.pformat([('a' * 30, 'b' * 30, 'c' * 30)])
"""

for case in CASES.strip().splitlines():
    try:
        print(case, "->", repr(eval(case)))
    except Exception as error:
        print(case, "!!", type(error).__name__, error)
