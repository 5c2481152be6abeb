"""base64, binascii, html-free encodings: every alphabet, padding, errors; uuid and secrets in what is certain."""
import base64
import binascii
import uuid


def attempt(action):
    try:
        print(action())
    except Exception as error:
        print(type(error).__name__, error)


data = bytes(range(0, 256, 7)) + b"end"
for name in ("b64", "b32", "b32hex", "b16", "b85", "a85", "z85", "urlsafe_b64", "standard_b64"):
    encode, decode = getattr(base64, name + "encode", None) or getattr(base64, name.replace("_b64", "_b64") + "encode"), getattr(base64, name + "decode")
    source = data if name != "z85" else data[:40]
    text = encode(source)
    print(name, text, decode(text) == source, decode(text.decode()) == source, encode(b""))
print(base64.a85encode(b"\0\0\0\0    x", foldspaces=True, wrapcol=6, pad=True, adobe=True), base64.a85decode(b"<~z+<VdL~>", adobe=True) if 0 else base64.a85decode(b"z"), base64.b85encode(b"abc", pad=True), base64.b32decode(b"mzxw6===", casefold=True), base64.b32decode(b"M1023456", map01=b"L") if 0 else "", base64.b16decode("ab", casefold=True))
print(base64.b64encode(b"\xfb\xff", altchars=b"-_"), base64.b64decode(b"-_-_", altchars=b"-_"), base64.b64decode("YQ=\n= "), base64.encodebytes(b"x" * 60), base64.decodebytes(b"eHh4\neHg="), base64.b64decode(memoryview(b"YWJj")))
for call in (lambda: base64.b64decode("YQ="), lambda: base64.b64decode("Y"), lambda: base64.b64decode("Y!Q==", validate=True), lambda: base64.b64decode("é"), lambda: base64.b64encode("text"), lambda: base64.b32decode("A"), lambda: base64.b32decode("mzxw6==="), lambda: base64.b16decode("AG"), lambda: base64.b16decode("ab"), lambda: base64.b85decode(b"~~~"), lambda: base64.b85decode(b'"'), lambda: base64.a85decode(b"v"), lambda: base64.a85decode(b"s8W-\""), lambda: base64.z85decode(b"a b"), lambda: base64.b64decode(5), lambda: base64.b64encode(b"", altchars=b"x"), lambda: base64.a85decode(b"x", adobe=True)):
    attempt(call)
print(binascii.hexlify(b"\x01\xab"), binascii.hexlify(b"abcdef", ":", 2), binascii.hexlify(b"abcde", b"-", -2), binascii.unhexlify("01aB"), binascii.crc32(b"hello"), binascii.crc32(b"lo", binascii.crc32(b"hel")), binascii.crc_hqx(b"hello", 0), binascii.b2a_base64(b"x", newline=False), binascii.a2b_base64(b"YQ=="), binascii.b2a_qp(b"a=\xe9 \n", quotetabs=True), binascii.a2b_qp(b"a=3D=E9=\nb"), binascii.b2a_uu(b"cat"), binascii.a2b_uu(b"#8V%T\n"))
for call in (lambda: binascii.unhexlify("1"), lambda: binascii.unhexlify("1g"), lambda: binascii.unhexlify("é1"), lambda: binascii.hexlify("text"), lambda: binascii.hexlify(b"a", "xx"), lambda: binascii.a2b_base64(b"YQ"), lambda: binascii.a2b_base64(b"YQ=a=", strict_mode=True), lambda: binascii.a2b_uu(b"~"), lambda: binascii.b2a_uu(b"x" * 46), lambda: binascii.crc32("x")):
    attempt(call)
u = uuid.UUID("12345678-1234-5678-1234-567812345678")
print(u, repr(u), u.hex, u.int, u.bytes.hex(), u.bytes_le.hex(), u.fields, u.version, u.variant, u.urn, uuid.UUID("{" + str(u) + "}") == u, uuid.UUID(int=5), u < uuid.UUID(int=2**127), hash(u) == hash(u.int), uuid.UUID(bytes=b"x" * 16))
print(uuid.uuid3(uuid.NAMESPACE_DNS, "python.org"), uuid.uuid5(uuid.NAMESPACE_URL, "x"), uuid.uuid4().version, uuid.NIL, uuid.MAX, uuid.uuid8(1, 2, 3), len({uuid.uuid4() for _ in range(20)}))
for call in (lambda: uuid.UUID("x"), lambda: uuid.UUID(), lambda: uuid.UUID(int=-1), lambda: uuid.UUID(bytes=b"x"), lambda: uuid.UUID(int=1, version=20), lambda: setattr(u, "int", 5), lambda: u < 5):
    attempt(call)
