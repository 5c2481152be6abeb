"""socket: messages in parts with descriptors beside them, addresses as names, services, protocols, interfaces; asyncio's datagrams."""
import array
import asyncio
import os
import socket


def attempt(action):
    try:
        print(action())
    except BaseException as error:
        print(type(error).__name__, error)


first, second = socket.socketpair()
# The parts are one message.
print(first.sendmsg([b"ab", bytearray(b"c"), memoryview(b"defg")[::1]]), second.recvmsg(10))
print(first.send(b"hello, parts"), end=" ")
parts = [bytearray(2), bytearray(0), memoryview(bytearray(4)), array.array("b", [0] * 3)]
print(second.recvmsg_into(parts), [bytes(part) for part in parts], second.recv(99))
# A descriptor beside it is another one of the same file.
reading, writing = os.pipe()
fds = array.array("i", [writing])
print(first.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)]))
data, beside, flags, sender = second.recvmsg(1, socket.CMSG_SPACE(4))
[(level, kind, copy)] = beside
copy = array.array("i", copy)[0]
print(data, level == socket.SOL_SOCKET, kind == socket.SCM_RIGHTS, copy != writing, flags & socket.MSG_CTRUNC, sender)
print(os.write(copy, b"through the copy"), os.read(reading, 99), os.get_inheritable(copy))
os.close(copy)
socket.send_fds(first, [b"both"], [reading, writing])
message, received, flags, sender = socket.recv_fds(second, 10, 2)
print(message, len(received), sender)
for fd in [*received, reading, writing]:
    os.close(fd)
print(first.sendmsg([]), first.sendmsg([b"1"], [], 0, None), second.recvmsg(5, 100, socket.MSG_PEEK), second.recv(5))
second.setblocking(False)
for call in (
    lambda: second.recvmsg(1), lambda: first.sendmsg(), lambda: first.sendmsg(1), lambda: first.sendmsg([1]), lambda: first.sendmsg([b"a"], 1),
    lambda: first.sendmsg([b"a"], [1]), lambda: first.sendmsg([b"a"], [(1, 2)]), lambda: first.sendmsg([b"a"], [(1, 2, 3)]),
    lambda: first.sendmsg([b"a"], [], "x"), lambda: first.sendmsg([b"a"], [], 0, 5), lambda: first.sendmsg("ab"),
    lambda: first.sendmsg([b"a"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, b"\xff" * 4)]), lambda: first.sendmsg(buffers=[]),
    lambda: second.recvmsg(), lambda: second.recvmsg(-1), lambda: second.recvmsg("x"), lambda: second.recvmsg(1, -1), lambda: second.recvmsg(1, 1, "x"),
    lambda: second.recvmsg(1, 2, 3, 4), lambda: second.recvmsg_into(1), lambda: second.recvmsg_into([b"a"]), lambda: second.recvmsg_into([], -1),
    lambda: (socket.CMSG_LEN(0), socket.CMSG_LEN(5), socket.CMSG_SPACE(0), socket.CMSG_SPACE(5)), lambda: socket.CMSG_LEN(-1),
    lambda: socket.CMSG_SPACE(2**31), lambda: socket.CMSG_LEN("x"), lambda: socket.CMSG_SPACE(),
):
    attempt(call)
first.close()
second.close()
attempt(lambda: first.sendmsg([b"x"]))
attempt(lambda: second.recvmsg(1))

numeric = socket.NI_NUMERICHOST | socket.NI_NUMERICSERV
for call in (
    lambda: socket.getnameinfo(("127.0.0.1", 80), numeric), lambda: socket.getnameinfo(("::1", 443, 0, 0), numeric),
    lambda: socket.getnameinfo(["127.0.0.1", 80], 0), lambda: socket.getnameinfo(("127.0.0.1",), 0), lambda: socket.getnameinfo((1, 1), 0),
    lambda: socket.getnameinfo(("127.0.0.1", "x"), 0), lambda: socket.getnameinfo(("127.0.0.1", 1, 2), 0),
    lambda: socket.getnameinfo(("::1", 1, 2**20), 0), lambda: socket.getnameinfo(("no numbers", 1), 0), lambda: socket.getnameinfo(("127.0.0.1", 1)),
    lambda: socket.getservbyname("no such service"), lambda: socket.getservbyname(1), lambda: socket.getservbyname("a\0b"),
    lambda: socket.getservbyname(), lambda: socket.getservbyname("http", None), lambda: socket.getservbyport(-1), lambda: socket.getservbyport(80000),
    lambda: socket.getservbyport("x"), lambda: socket.getservbyport(1, "no such protocol"), lambda: socket.getprotobyname("no such protocol"),
    lambda: socket.getprotobyname(1), lambda: socket.if_nametoindex("no such one"), lambda: socket.if_nametoindex(1), lambda: socket.if_indextoname(0),
    lambda: socket.if_indextoname(-1), lambda: socket.if_indextoname(2**40), lambda: socket.if_indextoname("x"), lambda: socket.if_nameindex(1),
    lambda: socket.sethostname(1),
):
    attempt(call)
print([(socket.if_indextoname(index), socket.if_nametoindex(name)) == (name, index) for index, name in socket.if_nameindex()][:1])
with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW) as kernel:
    attempt(kernel.getsockname)
    attempt(lambda: kernel.bind((0, 0)))
    attempt(lambda: kernel.bind((0,)))
    attempt(lambda: kernel.bind(5))


class Echo(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, address):
        self.transport.sendto(data.upper(), address)


class Client(asyncio.DatagramProtocol):
    def __init__(self, words):
        self.words, self.heard, self.done = words, [], asyncio.get_running_loop().create_future()

    def connection_made(self, transport):
        for word in self.words:
            transport.sendto(word)

    def datagram_received(self, data, address):
        self.heard.append(data)
        if len(self.heard) == len(self.words):
            self.done.set_result(sorted(self.heard))

    def connection_lost(self, error):
        print("lost", error)


async def main():
    loop = asyncio.get_running_loop()
    server, _ = await loop.create_datagram_endpoint(Echo, local_addr=("127.0.0.1", 0))
    address = server.get_extra_info("sockname")
    client, protocol = await loop.create_datagram_endpoint(lambda: Client([b"one", b"two", b"three"]), remote_addr=address)
    print(await protocol.done, client.get_extra_info("peername") == address)
    print(await loop.getnameinfo(("127.0.0.1", 80), numeric))
    client.close()
    server.close()
    await asyncio.sleep(0)


asyncio.run(main())
