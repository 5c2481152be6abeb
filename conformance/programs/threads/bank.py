"""A bank whose threads move money back and forth; the total never changes."""

import random
import threading

ACCOUNTS, TELLERS, TRANSFERS, START = 8, 4, 400, 1000


class InsufficientFunds(Exception):
    pass


class Account:
    def __init__(self, number, balance):
        self.number = number
        self.balance = balance
        self.lock = threading.RLock()

    def withdraw(self, amount):
        with self.lock:
            if amount > self.balance:
                raise InsufficientFunds(f"account {self.number} has {self.balance}, not {amount}")
            self.balance -= amount

    def deposit(self, amount):
        with self.lock:
            self.balance += amount


class Bank:
    def __init__(self, accounts):
        self.accounts = accounts
        self.counter = threading.Lock()
        self.done = self.refused = 0

    def transfer(self, source, target, amount):
        """Locks both accounts in the order of their numbers: no deadlock."""
        first, second = sorted((source, target), key=lambda account: account.number)
        with first.lock, second.lock:
            source.withdraw(amount)
            target.deposit(amount)

    def total(self):
        for account in self.accounts:
            account.lock.acquire()
        try:
            return sum(account.balance for account in self.accounts)
        finally:
            for account in reversed(self.accounts):
                account.lock.release()


class Teller(threading.Thread):
    def __init__(self, bank, seed, start):
        super().__init__(name=f"teller {seed}")
        self.bank = bank
        self.random = random.Random(seed)
        self.start_line = start

    def run(self):
        self.start_line.wait()
        done = refused = 0
        for _ in range(TRANSFERS):
            source, target = self.random.sample(self.bank.accounts, 2)
            try:
                self.bank.transfer(source, target, self.random.randint(1, 700))
                done += 1
            except InsufficientFunds:
                refused += 1
        with self.bank.counter:
            self.bank.done += done
            self.bank.refused += refused


class Auditor(threading.Thread):
    def __init__(self, bank):
        super().__init__(daemon=True)
        self.bank = bank
        self.totals = set()
        self.stop = threading.Event()

    def run(self):
        self.totals.add(self.bank.total())
        while not self.stop.wait(0.0005):
            self.totals.add(self.bank.total())


def rehearsal():
    """The same transfers on one thread have one outcome."""
    bank = Bank([Account(n, START) for n in range(ACCOUNTS)])
    line = threading.Event()
    line.set()
    for seed in range(TELLERS):
        Teller(bank, seed, line).run()
    print([account.balance for account in bank.accounts], bank.done, bank.refused)


def main():
    rehearsal()
    bank = Bank([Account(n, START) for n in range(ACCOUNTS)])
    line = threading.Event()
    tellers = [Teller(bank, seed, line) for seed in range(TELLERS)]
    auditor = Auditor(bank)
    auditor.start()
    for teller in tellers:
        teller.start()
    line.set()
    for teller in tellers:
        teller.join()
    auditor.stop.set()
    auditor.join()
    print("total:", bank.total(), "audited:", auditor.totals)
    print("transfers:", bank.done + bank.refused, "none below zero:", all(a.balance >= 0 for a in bank.accounts))
    print([teller.name for teller in tellers], any(teller.is_alive() for teller in tellers))

    lock = bank.accounts[0].lock
    with lock, lock, lock:
        print("taken by another thread:", try_from_thread(lock))
    print("taken by another thread:", try_from_thread(lock))
    try:
        lock.release()
    except RuntimeError as error:
        print("RuntimeError:", error)
    try:
        bank.transfer(bank.accounts[0], bank.accounts[1], 10**9)
    except InsufficientFunds as error:
        print(str(error).split(" has ")[0])


def try_from_thread(lock):
    result = []

    def attempt():
        if lock.acquire(blocking=False):
            result.append(True)
            lock.release()
        else:
            result.append(False)

    thread = threading.Thread(target=attempt)
    thread.start()
    thread.join()
    return result[0]


main()
