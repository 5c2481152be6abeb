"""What a program registers and leaves at its end is let go of, and may ask for tools then."""
import sys

monitoring = sys.monitoring
events = monitoring.events


class Callback:
    def __init__(self, get_tool=monitoring.get_tool):
        self.get_tool = get_tool

    def __call__(self, *args):
        heard.append(args[0].co_name)

    def __del__(self):
        self.get_tool(3)


def first():
    return 1


def second():
    return first()


heard = []
monitoring.use_tool_id(3, "left in use")
monitoring.register_callback(3, events.PY_START, Callback())
monitoring.register_callback(3, events.BRANCH, Callback())
monitoring.register_callback(3, events.RAISE, print)
monitoring.set_local_events(3, second.__code__, events.PY_START)
monitoring.set_local_events(3, first.__code__, events.PY_START)
second()
monitoring.free_tool_id(3)
monitoring.register_callback(3, events.PY_START, Callback())
monitoring.use_tool_id(4, "another")
monitoring.register_callback(4, events.LINE, Callback())
print(heard, monitoring.get_tool(3), monitoring.get_tool(4))
