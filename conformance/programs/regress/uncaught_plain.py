"""A payroll that stops in the middle: an exception nobody catches, deep in calls."""


class Employee:
    def __init__(self, name, hours, rate):
        self.name = name
        self.hours = hours
        self.rate = rate

    def pay(self):
        return self.hours * self.rate + self.bonus(self.hours / (self.rate - 20))

    @staticmethod
    def bonus(score):
        levels = {1: 10, 2: 25, 3: 60}
        return levels.get(int(score), 0)


class Payroll:
    def __init__(self, people):
        self.people = people

    def total(self):
        return sum(person.pay() for person in self.people)

    def lines(self):
        return [
            f"{person.name:<8}{person.pay():>10.2f}"
            for person in sorted(self.people, key=lambda person: person.name)
        ]


def main():
    fine = Payroll([Employee("Ada", 38, 55.0), Employee("Bob", 20, 31.5)])
    print("\n".join(fine.lines()))
    print("total", fine.total())
    try:
        Payroll([Employee("Cleo", "forty", 10.0)]).total()
    except TypeError as error:
        print("caught:", error)
    broken = Payroll([*fine.people, Employee("Dan", 10, 20)])
    print("people:", len(broken.people))
    print(broken.total())
    print("never printed")


if __name__ == "__main__":
    main()
