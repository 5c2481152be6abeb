import log

log.ran("slow")
log.entered.set()
log.await_announcements(3)
# Time for the others to look.
total = 0
for number in range(300_000):
    total += number
last = total
