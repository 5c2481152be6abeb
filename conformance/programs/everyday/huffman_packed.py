"""Compressing text: Huffman's code, run lengths, LZ77 and Burrows and Wheeler's order, bit by bit, and back again."""
import array
import bisect
import collections
import heapq
import io
import itertools
import random
import zlib


class Bits:
    """A stream of bits over a stream of bytes."""

    def __init__(self, file):
        self.file, self.value, self.count = file, 0, 0

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if self.count:
            self.file.write(bytes([self.value << 8 - self.count]))

    def write(self, value, count):
        self.value, self.count = self.value << count | value, self.count + count
        while self.count >= 8:
            self.count -= 8
            self.file.write((self.value >> self.count).to_bytes())
            self.value &= (1 << self.count) - 1

    def read(self, count=1):
        while self.count < count:
            if not (byte := self.file.read(1)):
                raise EOFError('no more bits')
            self.value, self.count = self.value << 8 | byte[0], self.count + 8
        self.count -= count
        result, self.value = divmod(self.value, 1 << self.count)
        return result


def lengths(counts):
    heap = [(count, number, (symbol,)) for number, (symbol, count) in enumerate(sorted(counts.items()))]
    heapq.heapify(heap)
    depth, numbers = collections.Counter(), itertools.count(len(heap))
    if len(heap) == 1:
        return {heap[0][2][0]: 1}
    while len(heap) > 1:
        a, _, left = heapq.heappop(heap)
        b, _, right = heapq.heappop(heap)
        depth.update(left + right)
        heapq.heappush(heap, (a + b, next(numbers), left + right))
    return dict(depth)


def codes(lengths):
    """Canonical: by length, then by symbol."""
    code = previous = 0
    for length, symbol in sorted((length, symbol) for symbol, length in lengths.items()):
        code <<= length - previous
        previous = length
        yield symbol, (code, length)
        code += 1


def squeeze(data):
    out = io.BytesIO()
    out.write(len(data).to_bytes(4, 'big'))
    if data:
        known = lengths(collections.Counter(data))
        out.write(bytes([len(known) - 1]) + bytes(itertools.chain.from_iterable(sorted(known.items()))))
        table = dict(codes(known))
        with Bits(out) as bits:
            for byte in data:
                bits.write(*table[byte])
    return out.getvalue()


def expand(packed):
    file = io.BytesIO(packed)
    size = int.from_bytes(file.read(4), 'big')
    if not size:
        return b''
    pairs = file.read(2 * (file.read(1)[0] + 1))
    table = {code: symbol for symbol, code in codes(dict(itertools.batched(pairs, 2)))}
    bits, result = Bits(file), bytearray()
    while len(result) < size:
        code = length = 0
        while (code, length) not in table:
            code, length = code << 1 | bits.read(), length + 1
        result.append(table[code, length])
    return bytes(result)


def rotated(text):
    """Burrows and Wheeler's order, with where the text itself ended up."""
    order = sorted(range(len(text)), key=lambda start: text[start:] + text[:start])
    return bytes(text[start - 1] for start in order), order.index(0) if text else 0


def unrotated(last, at):
    order = array.array('L', sorted(range(len(last)), key=last.__getitem__))
    for _ in last:
        at = order[at]
        yield last[at]


def to_front(data):
    alphabet = list(range(256))
    for byte in data:
        yield (place := alphabet.index(byte))
        alphabet.insert(0, alphabet.pop(place))


def from_front(places):
    alphabet = bytearray(range(256))
    for place in places:
        byte = alphabet.pop(place)
        alphabet.insert(0, byte)
        yield byte


def runs(data):
    return [(byte, sum(1 for _ in group)) for byte, group in itertools.groupby(data)]


def repeats(data, window=255, least=4):
    """Bytes, and pairs of how far back and how long."""
    seen, at = collections.defaultdict(list), 0
    while at < len(data):
        key = data[at:at + least]
        best, far = 0, 0
        places = seen[key]
        for place in places[bisect.bisect_left(places, at - window):]:
            length = least
            while length < window and at + length < len(data) and data[place + length] == data[at + length]:
                length += 1
            if length >= best:
                best, far = length, at - place
        step = best if len(key) == least and best else 1
        yield (far, best) if step > 1 else data[at]
        for place in range(at, at + step):
            seen[data[place:place + least]].append(place)
        at += step


def unrepeated(items):
    out = bytearray()
    for item in items:
        match item:
            case int():
                out.append(item)
            case far, length:
                for _ in range(length):
                    out.append(out[-far])
    return bytes(out)


rng = random.Random(5)
SAMPLES = {
    'empty': b'', 'one': b'a', 'same': b'z' * 300, 'text': b'the cat sat on the mat and the rat sat on the cat. ' * 6,
    'utf-8': 'größer — süß — naïve café '.encode() * 5, 'noise': rng.randbytes(400), 'skewed': bytes(rng.choices(b'abcdefgh', weights=[2 ** n for n in range(8)], k=1500)),
}
for name, data in SAMPLES.items():
    packed = squeeze(data)
    assert expand(packed) == data, name
    last, at = rotated(data)
    assert bytes(unrotated(last, at)) == data, name
    moved = bytes(to_front(last))
    assert bytes(from_front(moved)) == last
    assert b''.join(bytes([byte]) * count for byte, count in runs(last)) == last
    pieces = list(repeats(data))
    assert unrepeated(pieces) == data, name
    print(f'{name:<7}{len(data):>5}{len(packed):>5}{len(squeeze(moved)):>5}{len(runs(last)):>5}{len(pieces):>5} {zlib.crc32(packed):08x}')
print({chr(symbol): f'{code:0{length}b}' for symbol, (code, length) in codes(lengths(collections.Counter(b'abracadabra')))})
print(rotated(b'banana'), bytes(to_front(b'nnbaaa')).hex(), list(repeats(b'abcabcabcabcx')))
try:
    expand(squeeze(b'hello, world')[:-2])
except EOFError as error:
    print(error)
