"""base64, binascii, hashlib, hmac, zlib, codecs: bytes into text and digests."""
import base64, binascii, codecs, hashlib, hmac, zlib

CASES = r"""
base64.b64encode(b'hello'), base64.b64decode('aGVsbG8='), base64.urlsafe_b64encode(b'\xff\xfe'), base64.b64decode(b'_-8=', altchars=b'-_'), base64.b32encode(b'hi'), base64.b32decode('NBUQ===='), base64.b16encode(b'hi'), base64.b16decode('6869'), base64.b85encode(b'hello'), base64.a85encode(b'hello\0\0\0\0'), base64.b85decode('Xk~0{Zv'), base64.encodebytes(b'x' * 60), base64.standard_b64decode(b'aGk='), base64.b32hexencode(b'hi'), base64.z85encode(b'hell')
base64.b64decode('aGVsbG8')
base64.b64decode('a$b=', validate=True)
base64.b32decode('NBUQ')
base64.b16decode('6g')
base64.b64encode('text')
base64.b85decode('~~~~~')
base64.a85decode('zz~')
binascii.hexlify(b'\x01\xff'), binascii.unhexlify('01ff'), binascii.hexlify(b'abcd', '-', 2), binascii.crc32(b'hello'), binascii.crc_hqx(b'hello', 0), binascii.b2a_base64(b'x', newline=False), binascii.a2b_base64(b'eA=='), binascii.b2a_qp(b'a=b\xff \n'), binascii.a2b_qp(b'a=3Db'), binascii.b2a_uu(b'hello'), binascii.a2b_uu(b'%:&5L;&\\\n')
binascii.unhexlify('0')
binascii.unhexlify('zz')
binascii.a2b_base64('a')
hashlib.md5(b'hello').hexdigest(), hashlib.sha1(b'').hexdigest(), hashlib.sha256(b'hello').hexdigest(), hashlib.sha512(b'a').hexdigest()[:20], hashlib.sha3_256(b'a').hexdigest(), hashlib.blake2b(b'a', digest_size=8).hexdigest(), hashlib.blake2s(b'a', key=b'k').hexdigest(), hashlib.shake_128(b'a').hexdigest(5), hashlib.sha224(b'x').name, hashlib.sha384().digest_size, hashlib.md5().block_size, hashlib.new('sha256', b'x').hexdigest()[:8]
(lambda h: (h.update(b'a'), h.update(b'b'), h.hexdigest() == hashlib.sha256(b'ab').hexdigest(), h.copy().hexdigest() == h.hexdigest(), h.digest()[:2]))(hashlib.sha256())
hashlib.new('nope')
hashlib.sha256('text')
hashlib.md5(5)
hmac.new(b'k', b'm', 'sha256').hexdigest(), hmac.compare_digest('a', 'a'), hmac.compare_digest(b'a', b'b'), hmac.digest(b'k', b'm', 'md5').hex(), hashlib.pbkdf2_hmac('sha256', b'p', b's', 10).hex(), hashlib.scrypt(b'p', salt=b's', n=2, r=1, p=1, dklen=8).hex() if 0 else ''
hmac.compare_digest('é', 'é')
hmac.new(b'k', b'm')
zlib.decompress(zlib.compress(b'hello' * 100)) == b'hello' * 100, zlib.crc32(b'hello'), zlib.adler32(b'hello'), zlib.crc32(b'lo', zlib.crc32(b'hel')), len(zlib.compress(b'a' * 1000)) < 50, (lambda c: c.compress(b'ab') + c.flush())(zlib.compressobj(0, wbits=-15)), (lambda d: (d.decompress(zlib.compress(b'x') + b'rest'), d.unused_data, d.eof))(zlib.decompressobj())
zlib.decompress(b'nope')
zlib.decompress(zlib.compress(b'hello')[:-3])
codecs.encode('abc', 'rot13'), codecs.decode(b'aGk=\n', 'base64'), codecs.encode(b'hi', 'hex'), codecs.lookup('UTF8').name, codecs.lookup('latin1').name, codecs.BOM_UTF8, codecs.getencoder('ascii')('a'), codecs.getincrementaldecoder('utf-8')().decode(b'\xc3'), (lambda d: (d.decode(b'\xe2\x82'), d.decode(b'\xac'), d.getstate()))(codecs.getincrementaldecoder('utf-8')()), codecs.escape_decode(rb'\x41\n')[0], list(codecs.iterdecode([b'\xc3', b'\xa9'], 'utf-8')), list(codecs.iterencode('aé', 'latin-1')), 'é'.encode('cp1252'), b'\x80'.decode('cp1252'), 'ж'.encode('koi8-r'), 'é'.encode('mac-roman'), b'+AOk-'.decode('utf-7'), 'é'.encode('punycode'), 'bücher'.encode('idna'), 'a\\n'.encode('unicode_escape'), b'\\u20ac'.decode('unicode_escape'), 'é'.encode('raw_unicode_escape'), 'a'.encode('charmap')
codecs.lookup('nope')
codecs.encode('x', 'hex')
codecs.decode('x', 'nope')
'x'.encode('hex')
b'x'.decode('rot13')
(codecs.register_error('own', lambda e: ('<%s>' % e.object[e.start:e.end], e.end)), 'aéb'.encode('ascii', 'own'))
(codecs.register_error('bad', lambda e: 5), 'é'.encode('ascii', 'bad'))
codecs.lookup_error('nothing')
"""

for case in CASES.strip().splitlines():
    try:
        print(case, "->", repr(eval(case)))
    except Exception as error:
        print(case, "!!", type(error).__name__, error)
