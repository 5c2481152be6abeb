import log

log.ran("box")
for number in range(100_000):
    whole = number
