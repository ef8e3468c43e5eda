"""NIST's vectors as PyPI cryptography-vectors carries them, those that fit suite 0, one a line, in hexadecimal ('-' is empty):

gcm KEY IV BESIDE PLAIN CIPHERED TAG, or gcm-wrong KEY IV BESIDE CIPHERED TAG; wrap KEK KEY WRAPPED, or wrap-wrong KEK WRAPPED.
"""

import os
import re

import cryptography_vectors

FOLDER = os.path.dirname(cryptography_vectors.__file__)


def entries(*path):
    """Each vector with the lengths of its section; a failing one has the key FAIL."""
    section, entry = {}, {}
    with open(os.path.join(FOLDER, *path), encoding="ascii") as lines:
        for line in (line.strip() for line in lines):
            if heading := re.fullmatch(r"\[(.+) = (\d+)\]", line):
                section[heading[1]] = int(heading[2])
            elif line == "FAIL":
                entry["FAIL"] = ""
            elif " =" in line:
                name, value = line.split("=", 1)
                name = name.strip()
                if name.lower() == "count":
                    yield entry
                    entry = dict(section)
                else:
                    entry[name] = value.strip()
    yield entry


def tell(*words):
    print(*(word or "-" for word in words))


def fits(entry):
    return (entry.get("IVlen"), entry.get("Taglen")) == (96, 96) and "Key" in entry


for entry in filter(fits, entries("ciphers", "AES", "GCM", "gcmEncryptExtIV128.rsp")):
    tell("gcm", *(entry[name] for name in ("Key", "IV", "AAD", "PT", "CT", "Tag")))
for entry in filter(fits, entries("ciphers", "AES", "GCM", "gcmDecrypt128.rsp")):
    if "FAIL" in entry:
        tell("gcm-wrong", *(entry[name] for name in ("Key", "IV", "AAD", "CT", "Tag")))
    else:
        tell("gcm", *(entry[name] for name in ("Key", "IV", "AAD", "PT", "CT", "Tag")))
for name in ("KW_AE_128.txt", "KW_AD_128.txt"):
    for entry in entries("keywrap", "kwtestvectors", name):
        if len(entry.get("C", "")) == 48:
            if "FAIL" in entry:
                tell("wrap-wrong", entry["K"], entry["C"])
            else:
                tell("wrap", entry["K"], entry["P"], entry["C"])
