"""Building strings: joins, formats, slices, replacements, characters."""


def number_words(n):
    small = "zero one two three four five six seven eight nine".split()
    return "-".join(small[int(digit)] for digit in str(n))


lines, value = [], 0
for n in range(200_000):
    line = f"{n:>6}: {number_words(n)} [{n % 97:03d}] {n * 0.5:.2f}"
    if n % 3 == 0:
        line = line.upper().replace("-", "+")
    lines.append(line)
text = "\n".join(lines)
for line in text.split("\n"):
    head, _, tail = line.partition(": ")
    value = (value * 31 + len(tail.strip()) + int(head)) % 1_000_003
vowels = 0
for char in text[:1_500_000]:
    if char in "aeiouAEIOU":
        vowels += 1
grown = ""
for n in range(200_000):
    grown += chr(97 + n % 26)
print("strings", len(text), value, vowels, grown.count("xyz"), text[::-1].find("orez"))
