"""A configuration loader whose failures are chained, on purpose and by accident."""

import sys


class ConfigError(Exception):
    """Something is wrong with a setting."""

    def __init__(self, section, message):
        super().__init__(section, message)
        self.section = section

    def __str__(self):
        return f"[{self.section}] {self.args[1]}"


SETTINGS = """\
[server]
port = 8080
[client]
retries = many
"""


def sections(text):
    current = None
    result = {}
    for line in text.splitlines():
        if line.startswith("["):
            current = result.setdefault(line[1:-1], {})
        else:
            key, _, value = line.partition(" = ")
            current[key] = value
    return result


def number(settings, section, key):
    try:
        return int(settings[section][key])
    except ValueError as error:
        raise ConfigError(section, f"{key} is not a number") from error


def number_or_default(settings, section, key, defaults):
    try:
        return number(settings, section, key)
    except ConfigError:
        return defaults[key]


def quiet(settings, section):
    try:
        return settings[section]
    except KeyError:
        raise ConfigError(section, "missing") from None


def show(error, indent=0):
    print(" " * indent + f"{type(error).__name__}: {error}")
    if error.__cause__ is not None:
        print(" " * indent + "because of")
        show(error.__cause__, indent + 2)
    elif error.__context__ is not None and not error.__suppress_context__:
        print(" " * indent + "while handling")
        show(error.__context__, indent + 2)


def main():
    settings = sections(SETTINGS)
    print(settings)
    print(number(settings, "server", "port"))
    for attempt in (
        lambda: number(settings, "client", "retries"),
        lambda: number(settings, "proxy", "port"),
        lambda: number_or_default(settings, "client", "retries", {}),
        lambda: quiet(settings, "proxy"),
    ):
        try:
            attempt()
        except Exception as error:
            show(error)
    sys.stdout.flush()
    try:
        number_or_default(settings, "client", "retries", {"port": 1})
    finally:
        print("cleaning up")


main()
