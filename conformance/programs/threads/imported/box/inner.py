import log

log.ran("box.inner")
for number in range(100_000):
    last = number
