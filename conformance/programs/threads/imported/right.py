import log

log.ran("right")
# Both bodies have begun.
log.pair.wait()
import left as other

done = True
