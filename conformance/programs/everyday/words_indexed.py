"""An inverted index with ranking, a query language, suggestions by edit distance, and a trie."""
import collections
import difflib
import functools
import heapq
import itertools
import math
import re
import string
import textwrap
import unicodedata

TEXTS = {
    'fox': 'The quick brown fox jumps over the lazy dog. The dog sleeps; the fox does not.',
    'dogs': 'Dogs bark. Brown dogs bark at night, and lazy dogs sleep all day.',
    'café': 'In the café, naïve façades hide the déjà vu of a Brown morning.',
    'empty': '',
    'numbers': 'In 1999 there were 12 foxes; in 2004 only 3.5 foxes (on average).',
}
STOP = frozenset('the a an of at in and on all'.split())


def plain(text):
    """Letters without their marks."""
    decomposed = unicodedata.normalize('NFD', text)
    return ''.join(char for char in decomposed if not unicodedata.combining(char)).casefold()


def words(text):
    for found in re.finditer(r"[^\W_]+(?:\.\d+)?", plain(text)):
        word = found.group()
        if word not in STOP:
            yield found.start(), stem(word)


@functools.lru_cache(maxsize=64)
def stem(word):
    for ending, other in (('sses', 'ss'), ('ies', 'y'), ('xes', 'x'), ('s', ''), ('ing', '')):
        if word.endswith(ending) and len(word) - len(ending) > 2:
            return word[:-len(ending)] + other
    return word


class Trie:
    __slots__ = 'children', 'ends'

    def __init__(self, words=()):
        self.children, self.ends = {}, False
        for word in words:
            self.add(word)

    def add(self, word):
        node = self
        for char in word:
            node = node.children.setdefault(char, Trie())
        node.ends = True

    def __iter__(self):
        if self.ends:
            yield ''
        for char, child in sorted(self.children.items()):
            for rest in child:
                yield char + rest

    def starting(self, prefix):
        node = self
        for char in prefix:
            if (node := node.children.get(char)) is None:
                return
        yield from (prefix + rest for rest in node)


class Index:
    def __init__(self, texts):
        self.texts = texts
        self.places = collections.defaultdict(lambda: collections.defaultdict(list))
        self.lengths = collections.Counter()
        for name, text in texts.items():
            for place, word in words(text):
                self.places[word][name].append(place)
                self.lengths[name] += 1
        self.trie = Trie(self.places)

    def weight(self, word, name):
        inside = self.places.get(word, {})
        if name not in inside:
            return 0.0
        return len(inside[name]) / self.lengths[name] * math.log(1 + len(self.texts) / len(inside))

    def find(self, query):
        """`a b` either, `+a` must, `-a` must not, `"a b"` together, `a*` begins."""
        scores, allowed = collections.Counter(), set(self.texts)
        for sign, phrase, word, star in re.findall(r'([+-]?)(?:"([^"]*)"|([\w.]+)(\*?))', query):
            if phrase:
                matching = {name for name, text in self.texts.items() if plain(phrase) in plain(text)}
                terms = [term for _, term in words(phrase)]
            else:
                terms = list(self.trie.starting(plain(word))) if star else [stem(plain(word))]
                matching = set(itertools.chain.from_iterable(self.places.get(term, ()) for term in terms))
            match sign:
                case '+':
                    allowed &= matching
                case '-':
                    allowed -= matching
                    continue
            for term, name in itertools.product(terms, matching):
                scores[name] += self.weight(term, name)
        found = [(-score, name) for name, score in scores.items() if name in allowed and score]
        return [(name, round(-score, 4)) for score, name in heapq.nsmallest(3, found)]

    def snippet(self, name, word, width=30):
        place = self.places[stem(plain(word))][name][0]
        return textwrap.shorten(self.texts[name][max(0, place - 10):], width, placeholder=' …')

    def suggest(self, word):
        return difflib.get_close_matches(plain(word), self.places, n=2, cutoff=0.6)


index = Index(TEXTS)
for query in ('fox', 'brown dog', '+brown -fox', '"lazy dogs"', 'fa*', 'FACADES', 'nothing', '+fox +2004', '-dog fox 3.5', 'the'):
    print(f'{query:<14}', index.find(query))
print(list(index.trie.starting('s')), list(index.trie.starting('zz')), sum(1 for _ in index.trie))
print(index.snippet('dogs', 'night'), '|', index.snippet('café', 'vu'))
print(index.suggest('qick'), index.suggest('naif'), index.suggest('xyzzy'))
print(stem.cache_info().hits > 5, stem.cache_info().currsize)
common = collections.Counter(word for text in TEXTS.values() for _, word in words(text))
print(sorted(common.items(), key=lambda pair: (-pair[1], pair[0]))[:6])
template = string.Template('$$ $name has ${count} words')
print(*(template.substitute(name=name, count=count) for name, count in sorted(index.lengths.items())), sep='\n')
print(textwrap.fill(' '.join(TEXTS.values()), 50, initial_indent='* ', subsequent_indent='  ', max_lines=4))
table = str.maketrans(string.ascii_lowercase, string.ascii_lowercase[13:] + string.ascii_lowercase[:13], string.punctuation)
print(plain(TEXTS['dogs']).translate(table))
print(*difflib.unified_diff(['a', 'b', 'c'], ['a', 'x', 'c', 'd'], 'old', 'new', lineterm=''), sep='\n')
