"""Event sourcing: commands become events, events become state; snapshots and replays agree."""
from __future__ import annotations

import copy
import functools
import pickle
from collections import defaultdict
from dataclasses import dataclass, field, replace, asdict, astuple, fields
from decimal import Decimal
from enum import Enum, auto
from typing import ClassVar, Self


class Kind(Enum):
    OPENED = auto()
    DEPOSITED = auto()
    WITHDRAWN = auto()
    CLOSED = auto()

    @property
    def sign(self) -> int:
        return {Kind.DEPOSITED: 1, Kind.WITHDRAWN: -1}.get(self, 0)


@dataclass(frozen=True, order=True, slots=True)
class Event:
    number: int
    kind: Kind = field(compare=False)
    account: str
    amount: Decimal = Decimal(0)


@dataclass
class Account:
    minimum: ClassVar[Decimal] = Decimal('-100')
    owner: str
    balance: Decimal = Decimal(0)
    open: bool = True
    history: list[int] = field(default_factory=list, repr=False)

    @functools.singledispatchmethod
    def apply(self, event) -> Self:
        raise TypeError(f'cannot apply {type(event).__name__}')

    @apply.register
    def _(self, event: Event) -> Self:
        self.balance += event.kind.sign * event.amount
        self.open = event.kind is not Kind.CLOSED
        self.history.append(event.number)
        return self

    @apply.register(list)
    def _(self, events) -> Self:
        for event in events:
            self.apply(event)
        return self


class Refused(Exception):
    pass


class Bank:
    def __init__(self, events=()):
        self.events = []
        self.accounts: dict[str, Account] = {}
        self.listeners = defaultdict(list)
        for event in events:
            self._take(event)

    def on(self, kind):
        def register(function):
            self.listeners[kind].append(function)
            return function
        return register

    def _take(self, event):
        match event:
            case Event(kind=Kind.OPENED, account=name):
                self.accounts[name] = Account(name)
        self.accounts[event.account].apply(event)
        self.events.append(event)
        for listener in self.listeners[event.kind]:
            listener(event)

    def do(self, kind, name, amount=0):
        amount = Decimal(amount)
        account = self.accounts.get(name)
        if kind is Kind.OPENED:
            if account:
                raise Refused(f'{name} exists')
        elif account is None:
            raise Refused(f'no account {name}')
        elif not account.open:
            raise Refused(f'{name} is closed')
        elif kind is Kind.WITHDRAWN and account.balance - amount < Account.minimum:
            raise Refused(f'{name} lacks {amount - account.balance + Account.minimum}')
        elif kind is Kind.CLOSED and account.balance:
            raise Refused(f'{name} holds {account.balance:+,.2f}')
        self._take(Event(len(self.events) + 1, kind, name, amount))

    def transfer(self, source, target, amount):
        saved = copy.deepcopy(self.accounts), self.events[:]
        try:
            self.do(Kind.WITHDRAWN, source, amount)
            self.do(Kind.DEPOSITED, target, amount)
        except Refused as error:
            self.accounts, self.events = saved
            error.add_note(f'while moving {amount} from {source} to {target}')
            raise


bank = Bank()
totals = defaultdict(Decimal)


@bank.on(Kind.DEPOSITED)
@bank.on(Kind.WITHDRAWN)
def count(event):
    totals[event.kind.name] += event.amount


bank.do(Kind.OPENED, 'ann')
bank.do(Kind.OPENED, 'bob')
bank.do(Kind.DEPOSITED, 'ann', '1200.50')
bank.transfer('ann', 'bob', '200.25')
for attempt in (
    lambda: bank.transfer('ann', 'carl', 5),
    lambda: bank.transfer('bob', 'ann', '5000'),
    lambda: bank.do(Kind.OPENED, 'ann'),
    lambda: bank.do(Kind.CLOSED, 'ann'),
    lambda: bank.accounts['ann'].apply('text'),
):
    try:
        attempt()
    except (Refused, TypeError) as error:
        print(f'{type(error).__name__}: {error}', getattr(error, '__notes__', []))
bank.do(Kind.WITHDRAWN, 'bob', '200.25')
bank.do(Kind.CLOSED, 'bob')
print(*bank.accounts.values(), sep='\n')
print(dict(totals))

stored = pickle.dumps(bank.events)
again = Bank(pickle.loads(stored))
print(again.accounts == bank.accounts, again.events == bank.events, again.events[0] is bank.events[0])
print(Account('z').apply(bank.events[2:4]).balance)
print([event.number for event in sorted(bank.events, key=lambda event: (event.account, -event.number))])
last = max(bank.events)
print(last, replace(last, amount=Decimal('1.10')) > last, hash(last) == hash(copy.copy(last)))
print(astuple(last)[::2], list(asdict(bank.accounts['ann'])), [item.name for item in fields(Event)])
try:
    last.amount = 5
except AttributeError as error:
    print(type(error).__name__, error)
try:
    last.extra = 5
except (AttributeError, TypeError) as error:
    print(type(error).__name__)
