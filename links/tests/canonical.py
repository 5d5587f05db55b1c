"""Digest and canonical form of a signed envelope, by an implementation that is not ours.

Reads an envelope of `links::seal` from standard input and prints two lines: SHA-256 of the canonical
Body, and the canonical SignedInfo, both in base64. Canonical XML 2.0 without further parameters, which
Python has, gives for an element that declares all its namespaces itself the same bytes as exclusive
canonical XML 1.0.
"""

import base64
import hashlib
import re
import sys
from xml.etree.ElementTree import canonicalize

text = sys.stdin.buffer.read().decode("utf-8")


def element(name):
    found = re.search(f"<{name}[ >].*</{name}>", text, re.DOTALL).group(0)
    return canonicalize(found).encode("utf-8")


print(base64.b64encode(hashlib.sha256(element("soapenv:Body")).digest()).decode())
print(base64.b64encode(element("ds:SignedInfo")).decode())
