"""hashlib and hmac: digests by name, and what is made of them with a key."""
import hashlib
import hmac
import io


def show(what, call):
    try:
        print(what, "->", call())
    except Exception as error:
        print(what, "!!", type(error).__name__, error)


for name in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_256", "blake2b", "blake2s"):
    digest = hashlib.new(name, b"some data")
    print(name, digest.name, digest.digest_size, digest.block_size, digest.hexdigest()[:24])
print(hashlib.new("shake_128", b"x").hexdigest(8), hashlib.new("SHA256").name, sorted(hashlib.algorithms_guaranteed) == sorted(hashlib.algorithms_guaranteed & hashlib.algorithms_available))


class Source(io.RawIOBase):
    left = 3

    def readable(self):
        return True

    def readinto(self, buffer):
        self.left -= 1
        buffer[:1000] = bytes([self.left + 65]) * 1000
        return 1000 if self.left >= 0 else 0


print(hashlib.file_digest(Source(), "sha256").hexdigest()[:24])

for name in ("md5", "sha1", "sha256", "sha512", "sha3_256"):
    message = hmac.new(b"key", b"the quick brown fox", name)
    print(name, message.name, message.digest_size, message.block_size, message.hexdigest()[:24])
    print(hmac.digest(b"k" * 200, b"message", name) == hmac.new(b"k" * 200, b"message", name).digest())
message = hmac.new(b"key", digestmod=hashlib.sha256)
message.update(b"one ")
copy = message.copy()
message.update(b"two")
copy.update(b"two")
print(message.hexdigest() == copy.hexdigest() == hmac.new(b"key", b"one two", "sha256").hexdigest())
print(hmac.compare_digest("abc", "abc"), hmac.compare_digest(b"abc", b"abd"), hmac.compare_digest(b"ab", b"abc"))
show("texts", lambda: hmac.compare_digest("é", "é"))
show("mixed", lambda: hmac.compare_digest("a", b"a"))

print(hashlib.pbkdf2_hmac("sha1", b"password", b"salt", 2).hex())
print(hashlib.pbkdf2_hmac("sha256", b"passwordPASSWORDpassword", b"saltSALTsalt", 3, 40).hex())
print(hashlib.scrypt(b"", salt=b"", n=16, r=1, p=1).hex()[:32])
print(hashlib.scrypt(b"password", salt=b"NaCl", n=4, r=2, p=3, dklen=20).hex())
show("rounds", lambda: hashlib.pbkdf2_hmac("md5", b"", b"", 0))
show("length", lambda: hashlib.pbkdf2_hmac("md5", b"", b"", 1, 0))
show("n", lambda: hashlib.scrypt(b"", salt=b"", n=3, r=1, p=1))
show("r", lambda: hashlib.scrypt(b"", salt=b"", n=2, r=0, p=1))
show("maxmem", lambda: hashlib.scrypt(b"", salt=b"", n=2, r=1, p=1, maxmem=-1))
show("memory", lambda: hashlib.scrypt(b"", salt=b"", n=2**20, r=8, p=1))
show("no digest", lambda: hmac.new(b"key", b"m"))
show("unknown", lambda: hashlib.new("no such"))
show("key", lambda: hmac.new("key", b"m", "md5"))
show("text", lambda: hashlib.new("md5", "text"))
