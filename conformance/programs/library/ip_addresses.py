"""ipaddress: addresses, networks, interfaces of both versions; arithmetic, containment, summaries, errors."""
import ipaddress as ip


def attempt(action):
    try:
        print(action())
    except Exception as error:
        print(type(error).__name__, error)


for text in ("192.168.1.1", "10.0.0.1", "127.0.0.1", "0.0.0.0", "255.255.255.255", "224.0.0.1", "169.254.3.4", "8.8.8.8", "::1", "::", "fe80::1", "2001:db8::8a2e:370:7334", "ff02::1", "::ffff:1.2.3.4", "2002:c000:204::", "fc00::1"):
    a = ip.ip_address(text)
    print(a, repr(a), a.version, int(a), a.exploded, a.compressed, a.reverse_pointer, [n for n in ("is_private", "is_global", "is_loopback", "is_multicast", "is_link_local", "is_reserved", "is_unspecified") if getattr(a, n)], f"{a:s}")
b = ip.IPv4Address("10.0.0.250")
print(b + 10, b - 1, b < ip.IPv4Address("10.0.1.0"), ip.IPv4Address(5), ip.IPv6Address(2**100), b.packed, ip.ip_address(b"\x01\x02\x03\x04"), hash(b) == hash(ip.ip_address("10.0.0.250")), f"{b:b}", f"{b:#x}", f"{b:_n}", ip.IPv6Address("::ffff:1.2.3.4").ipv4_mapped, ip.IPv6Address("fe80::1%2").scope_id, ip.v4_int_to_packed(1))
n = ip.ip_network("192.168.0.0/22")
print(n, n.network_address, n.broadcast_address, n.netmask, n.hostmask, n.prefixlen, n.num_addresses, n.with_netmask, n.with_hostmask, len(list(n.hosts())), n[5], n[-1], b in n, ip.ip_address("192.168.3.255") in n, list(n.subnets(prefixlen_diff=1)), n.supernet(), n.supernet(new_prefix=8), n.overlaps(ip.ip_network("192.168.1.0/24")), ip.ip_network("192.168.1.0/24").subnet_of(n), n.supernet_of(ip.ip_network("10.0.0.0/8")))
print(list(ip.ip_network("10.0.0.0/29").address_exclude(ip.ip_network("10.0.0.2/31"))), list(ip.ip_network("10.0.0.0/30").hosts()), list(ip.ip_network("10.0.0.0/31").hosts()), list(ip.ip_network("10.0.0.1/32").hosts()), ip.ip_network("2001:db8::/126"), [str(x) for x in ip.ip_network("2001:db8::/126")], ip.ip_network("10.0.0.5/8", strict=False), ip.ip_network(("10.0.0.0", 8)), ip.ip_network("10.0.0.0/255.0.0.0"), ip.ip_network("10.0.0.0/0.255.255.255"))
print(list(ip.summarize_address_range(ip.ip_address("192.0.2.0"), ip.ip_address("192.0.2.130"))), list(ip.collapse_addresses([ip.ip_network("192.0.2.0/25"), ip.ip_network("192.0.2.128/25")])), sorted([ip.ip_network("10.0.0.0/8"), ip.ip_network("9.0.0.0/8")]), ip.ip_network("10.0.0.0/8") < ip.ip_network("10.0.0.0/9"), sorted([ip.ip_address("::1"), ip.ip_address("1.1.1.1")], key=ip.get_mixed_type_key))
i = ip.ip_interface("192.0.2.5/24")
print(i, i.ip, i.network, i.with_prefixlen, i.with_netmask, i == ip.ip_interface("192.0.2.5/24"), i < ip.ip_interface("192.0.2.6/24"), ip.ip_interface("::1/64").network, hash(i) == hash(ip.ip_interface("192.0.2.5/24")))
for call in (lambda: ip.ip_address("1.2.3"), lambda: ip.ip_address("1.2.3.256"), lambda: ip.ip_address("01.2.3.4"), lambda: ip.ip_address("1.2.3.4/5"), lambda: ip.ip_address(":::"), lambda: ip.ip_address(""), lambda: ip.ip_address(-1), lambda: ip.ip_address(2**200), lambda: ip.IPv4Address("1.2.3.a"), lambda: ip.IPv4Address("1..3.4"), lambda: ip.IPv6Address("1:2:3"), lambda: ip.IPv6Address("1:2:3:4:5:6:7:8:9"), lambda: ip.IPv6Address("12345::"), lambda: ip.IPv6Address("g::"), lambda: ip.IPv6Address("::1%"), lambda: ip.ip_network("10.0.0.5/8"), lambda: ip.ip_network("10.0.0.0/33"), lambda: ip.ip_network("10.0.0.0/a"), lambda: ip.IPv4Network("10.0.0.0/255.0.255.0"), lambda: n[5000], lambda: ip.ip_address("::1") < ip.ip_address("1.1.1.1"), lambda: ip.IPv4Address(2**32 - 1) + 1, lambda: list(n.subnets(new_prefix=8)), lambda: n.supernet(prefixlen_diff=50), lambda: list(n.address_exclude(ip.ip_network("10.0.0.0/8"))), lambda: b in 5, lambda: 5 in n, lambda: list(ip.summarize_address_range(5, 6)), lambda: ip.ip_interface("x"), lambda: ip.v4_int_to_packed(-1), lambda: n.subnet_of(ip.ip_network("::/0"))):
    attempt(call)
