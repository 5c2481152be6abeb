"""A small text adventure: a state machine that reads its commands from standard input."""

import sys

ROOMS = {
    "hall": ("A dusty hall. Doors lead north and east.", {"north": "library", "east": "kitchen"}),
    "library": ("Shelves up to the ceiling.", {"south": "hall", "up": "attic"}),
    "kitchen": ("It smells of old soup.", {"west": "hall", "down": "cellar"}),
    "attic": ("A low roof; something glitters.", {"down": "library"}),
    "cellar": ("It is damp down here.", {"up": "kitchen"}),
}
THINGS = {"lamp": "hall", "book": "library", "key": "kitchen", "crown": "attic", "chest": "cellar"}
HEAVY = {"chest"}


class Game:
    def __init__(self):
        self.room = "hall"
        self.things = dict(THINGS)
        self.lit = False
        self.opened = False
        self.turns = self.score = 0
        self.state = self.playing
        self.visited = {"hall"}

    def carried(self):
        return sorted(thing for thing, place in self.things.items() if place == "you")

    @property
    def dark(self):
        return self.room in ("attic", "cellar") and not (self.lit and "lamp" in self.carried())

    def look(self):
        if self.dark:
            return "It is too dark to see."
        text, exits = ROOMS[self.room]
        here = sorted(thing for thing, place in self.things.items() if place == self.room)
        lines = [text]
        if here:
            lines.append("You see: " + ", ".join(here) + ".")
        lines.append("Exits: " + ", ".join(exits) + ".")
        return "\n".join(lines)

    def playing(self, words):
        match words:
            case []:
                return "Say something."
            case ["look" | "l"]:
                return self.look()
            case ["go", direction] | [("north" | "south" | "east" | "west" | "up" | "down") as direction]:
                return self.go(direction)
            case ["take" | "get", "all"]:
                here = [t for t, place in self.things.items() if place == self.room]
                return "\n".join(map(self.take, here)) or "Nothing here."
            case ["take" | "get", thing]:
                return self.take(thing)
            case ["drop", thing] if thing in self.carried():
                self.things[thing] = self.room
                return f"You put the {thing} down."
            case ["drop", _]:
                return "You do not have that."
            case ["light", "lamp"] if "lamp" in self.carried():
                self.lit = True
                return "The lamp burns."
            case ["open", "chest"] if self.room == "cellar":
                return self.open_chest()
            case ["inventory" | "i"]:
                return "You carry: " + (", ".join(self.carried()) or "nothing") + "."
            case ["quit"]:
                self.state = self.asking
                return "Really?"
            case [verb, *rest]:
                return f"I do not know how to {verb}" + (f" {' '.join(rest)}." if rest else ".")

    def asking(self, words):
        if words[:1] in (["yes"], ["y"]):
            self.state = None
            return "Goodbye."
        self.state = self.playing
        return "Then on."

    def go(self, direction):
        exits = ROOMS[self.room][1]
        if direction not in exits:
            return "No way there."
        self.room = exits[direction]
        if self.room not in self.visited:
            self.visited.add(self.room)
            self.score += 5
        return self.look()

    def take(self, thing):
        if self.dark or self.things.get(thing) != self.room:
            return f"There is no {thing} here."
        if thing in HEAVY:
            return f"The {thing} is too heavy."
        self.things[thing] = "you"
        self.score += 10 if thing == "crown" else 1
        return f"You take the {thing}."

    def open_chest(self):
        if self.dark:
            return "You feel nothing of the kind."
        if "key" not in self.carried():
            return "It is locked."
        if "crown" not in self.carried():
            return "It is empty. Something belongs in here."
        self.score += 50
        self.opened = True
        self.state = None
        return "The crown fits. You have won."

    def play(self, source):
        print(self.look())
        for line in source:
            words = line.lower().split()
            self.turns += 1
            print("\n>", " ".join(words))
            print(self.state(words))
            if self.state is None:
                break
        else:
            print("\nNothing more to read.")
        print(f"\n{self.score} points in {self.turns} turns; {'won' if self.opened else 'not won'}.")


def main():
    name = input("Your name? ")
    print(f"\nWelcome, {name.strip().title()}.")
    Game().play(sys.stdin)
    print("left over:", sys.stdin.read().split())


main()
