"""Servers on the loopback: asyncio streams with a protocol of lines, sockets with threads, and selectors."""
import asyncio
import contextlib
import json
import selectors
import socket
import socketserver
import struct
import threading


class Calculator:
    def __init__(self):
        self.memory = {}
        self.served = 0

    async def __call__(self, reader, writer):
        with contextlib.closing(writer):
            while line := await reader.readline():
                self.served += 1
                try:
                    reply = {'result': self.answer(json.loads(line))}
                except (KeyError, TypeError, ValueError, ArithmeticError) as error:
                    reply = {'error': type(error).__name__, 'text': str(error)}
                writer.write(json.dumps(reply).encode() + b'\n')
                await writer.drain()

    def answer(self, request):
        match request:
            case {'op': 'set', 'name': str(name), 'value': value}:
                self.memory[name] = value
                return None
            case {'op': 'get', 'name': name}:
                return self.memory[name]
            case {'op': 'sum', 'values': [*values]}:
                return sum(values)
            case {'op': 'div', 'values': [left, right]}:
                return left / right
        raise ValueError('what?')


async def client(port, requests):
    reader, writer = await asyncio.open_connection('127.0.0.1', port)
    replies = []
    for request in requests:
        writer.write(request.encode() + b'\n' if isinstance(request, str) else json.dumps(request).encode() + b'\n')
        await writer.drain()
        replies.append(json.loads(await reader.readline()))
    writer.close()
    await writer.wait_closed()
    return replies


async def main():
    calculator = Calculator()
    server = await asyncio.start_server(calculator, '127.0.0.1', 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        async with asyncio.timeout(30), asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(client(port, [
                    {'op': 'set', 'name': f'x{n}', 'value': n * n}, {'op': 'get', 'name': f'x{n}'},
                    {'op': 'sum', 'values': list(range(n))}, {'op': 'div', 'values': [n, n - 2]},
                    {'op': 'get', 'name': 'none'}, 'no json', {'op': 'fly'}, {'op': 'sum', 'values': ['a']},
                ]))
                for n in range(1, 5)
            ]
        for task in tasks:
            print(*(list(reply.values()) for reply in task.result()[:5]))
        print(*tasks[0].result()[5:], sep='\n')
    print(calculator.served, sorted(calculator.memory.items()))
    try:
        async with asyncio.timeout(0.01):
            await asyncio.Event().wait()
    except TimeoutError:
        print('timed out')
    results = await asyncio.gather(asyncio.sleep(0, 'slept'), asyncio.to_thread(sum, [1, 2]), return_exceptions=True)
    print(results)


asyncio.run(main())


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        (length,) = struct.unpack('!I', self.rfile.read(4))
        data = self.rfile.read(length)
        self.wfile.write(struct.pack('!I', len(data)) + data[::-1])


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True


def call(address, data):
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(struct.pack('!I', len(data)) + data)
        with connection.makefile('rb') as file:
            (length,) = struct.unpack('!I', file.read(4))
            return file.read(length)


with Server(('127.0.0.1', 0), Handler) as server:
    thread = threading.Thread(target=server.serve_forever, kwargs={'poll_interval': 0.01})
    thread.start()
    print(call(server.server_address, b'abc'), len(call(server.server_address, b'x' * 100_000)), call(server.server_address, b''))
    server.shutdown()
    thread.join()

left, right = socket.socketpair()
with left, right, selectors.DefaultSelector() as selector:
    left.setblocking(False)
    selector.register(left, selectors.EVENT_READ, data='left')
    print(selector.select(timeout=0))
    right.send(b'ping')
    [(key, events)] = selector.select(timeout=30)
    print(key.data, events == selectors.EVENT_READ, left.recv(10))
    try:
        left.recv(10)
    except BlockingIOError as error:
        print(type(error).__name__)
    right.shutdown(socket.SHUT_WR)
    selector.select(timeout=30)
    print(left.recv(10), selector.get_map()[left].fd == left.fileno())
try:
    socket.create_connection(server.server_address, timeout=5)
except OSError as error:
    print(type(error).__name__)
