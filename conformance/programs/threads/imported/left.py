import log

log.ran("left")
# Both bodies have begun.
log.pair.wait()
import right as other

done = True
