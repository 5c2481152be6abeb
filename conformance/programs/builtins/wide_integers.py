# Integers of about two machine words, where one representation gives way to another.
values = [0, 1, -1, 7, -7, 2**31, 2**61 - 1, 2**61, -(2**61), 2**62, 2**63 - 1, -(2**63), 2**64, 2**64 - 1, 2**100 + 12345, -(2**100) - 12345, 2**125, 2**126 - 1, 2**126,
          -(2**126), 2**127 - 1, -(2**127), 2**128, 3**100, -(3**100)]
total = 0
for a in values:
    for b in values:
        results = [a + b, a - b, a * b, a & b, a | b, a ^ b]
        if b:
            results += [a // b, a % b, *divmod(a, b)]
            assert results[-2] * b + results[-1] == a and (results[-1] < 0) == (b < 0) or results[-1] == 0
        if 0 <= b <= 200:
            results += [a << b, a >> b]
        total = (total * 31 + sum(n * r for n, r in enumerate(results, 1))) % (2**521 - 1)
print(total)
for a in values:
    print(a, -a, abs(a), ~a, a >> 1, a << 1, a >> 200, a >> 2**70, a.bit_length())
for length in (1, 2, 8, 9, 15, 16, 17):
    for order in ("big", "little"):
        for signed in (False, True):
            for number in (0, 1, -1, 127, 128, 255, 256, -128, -129, 2**61 - 1, -(2**61), 2**63, 2**119):
                try:
                    data = number.to_bytes(length, order, signed=signed)
                    assert int.from_bytes(data, order, signed=signed) == number, (number, length, order, signed)
                except OverflowError as error:
                    if length == 1 and order == "big":
                        print(number, signed, error)
for length in range(18):
    data = bytes(range(200, 200 + length))
    print(int.from_bytes(data, "big"), int.from_bytes(data, "little"), int.from_bytes(data, "big", signed=True), int.from_bytes(data, "little", signed=True))
print("%d|%s|%i|%5d|%-5s|%r|%x" % (12, "a", -3, 4, "b", 5, 255), "%s %s" % (1, "é"), "%d" % True, "%s" % None, "%d%%" % -0, "%s" % (2**70))
