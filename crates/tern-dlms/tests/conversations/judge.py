"""Suite 0 written a second time, on PyPI cryptography. Reads lines, in hexadecimal ('-' is empty), and answers each with one:

open TITLE EK AK MESSAGE          the content, or 'refused'
protect CONTROL COUNTER TITLE EK AK CONTENT   the message
answer COUNTER TITLE EK AK CHALLENGE          f(challenge)
wrap KEK KEY, unwrap KEK WRAPPED  the other one, or 'refused'
"""

import sys

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

TAG = 12


def beside(control, ak, clear):
    return bytes([control]) + ak + clear if control & 0x10 else b""


def protect(control, counter, title, ek, ak, content):
    hides = control & 0x20
    encryptor = Cipher(algorithms.AES(ek), modes.GCM(title + counter)).encryptor()
    encryptor.authenticate_additional_data(beside(control, ak, b"" if hides else content))
    ciphered = encryptor.update(content if hides else b"") + encryptor.finalize()
    tag = encryptor.tag[:TAG] if control & 0x10 else b""
    return bytes([control]) + counter + (ciphered if hides else content) + tag


def unprotect(title, ek, ak, message):
    control, counter, rest = message[0], message[1:5], message[5:]
    if not control & 0x10:
        return Cipher(algorithms.AES(ek), modes.CTR(title + counter + b"\0\0\0\2")).decryptor().update(rest)
    content, tag = rest[:-TAG], rest[-TAG:]
    hides = control & 0x20
    decryptor = Cipher(algorithms.AES(ek), modes.GCM(title + counter, tag, min_tag_length=TAG)).decryptor()
    decryptor.authenticate_additional_data(beside(control, ak, b"" if hides else content))
    opened = decryptor.update(content if hides else b"") + decryptor.finalize()
    return opened if hides else content


def answer(counter, title, ek, ak, challenge):
    message = protect(0x10, counter, title, ek, ak, challenge)
    return message[:5] + message[-TAG:]


def judge(word, *values):
    if word == "open":
        return unprotect(*values)
    if word == "protect":
        return protect(values[0][0], *values[1:])
    if word == "answer":
        return answer(*values)
    return {"wrap": aes_key_wrap, "unwrap": aes_key_unwrap}[word](*values)


for line in sys.stdin:
    word, *texts = line.split()
    try:
        print(judge(word, *(bytes.fromhex("" if text == "-" else text) for text in texts)).hex() or "-")
    except (InvalidTag, InvalidUnwrap):
        print("refused")
