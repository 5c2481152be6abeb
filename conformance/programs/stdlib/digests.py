"""Digests of hashlib's natives, whole and in parts."""
import _md5, _sha1, _sha2, _sha3, _blake2

data = bytes(range(256)) * 5
makers = [_md5.md5, _sha1.sha1, _sha2.sha224, _sha2.sha256, _sha2.sha384, _sha2.sha512,
          _sha3.sha3_224, _sha3.sha3_256, _sha3.sha3_384, _sha3.sha3_512, _blake2.blake2b, _blake2.blake2s]
for make in makers:
    whole = make(data)
    parts = make()
    for start in range(0, len(data), 77):
        parts.update(memoryview(data)[start:start + 77])
    copy = parts.copy()
    parts.update(b"more")
    print(whole.name, whole.digest_size, whole.block_size, make().hexdigest(), whole.hexdigest(),
          copy.digest() == whole.digest() == bytes.fromhex(whole.hexdigest()), parts.hexdigest() == make(data + b"more").hexdigest())
for make in (_sha3.shake_128, _sha3.shake_256):
    print(make(b"abc").name, make().digest_size, make(b"abc").block_size, make(b"abc").hexdigest(40), make(data).digest(0), make(data).digest(500)[-9:])
print(_blake2.blake2b(b"x", digest_size=20, key=b"key", salt=b"salt", person=b"person").hexdigest())
print(_blake2.blake2s(b"x", digest_size=9, key=b"k" * 32, salt=b"12345678", person=b"p", fanout=3, depth=2, leaf_size=400, node_offset=7, node_depth=1, inner_size=32, last_node=True).hexdigest())
print(_blake2.blake2b.SALT_SIZE, _blake2.blake2s.MAX_KEY_SIZE, _blake2.blake2b.MAX_DIGEST_SIZE, _blake2.blake2s.PERSON_SIZE)
def attempt(function, *args, **options):
    try:
        print(function(*args, **options))
    except Exception as error:
        print(type(error).__name__, error)
attempt(_md5.md5, "text"); attempt(_md5.md5, 5); attempt(_sha3.shake_128().digest, -1); attempt(_blake2.blake2b, depth=0); attempt(_blake2.blake2s, salt=b"123456789")
attempt(_blake2.blake2b, key=b"k" * 65); attempt(_sha1.sha1().update, "text")
