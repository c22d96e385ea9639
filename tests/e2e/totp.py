"""Codes of a second factor, another making than the program's: RFC 6238, SHA-1, six digits."""

import base64
import hashlib
import hmac
import struct

STEP_S = 30


def totp(secret, step):
    """The code of one step; `secret` in base32."""
    padded = secret + "=" * (-len(secret) % 8)
    digest = hmac.new(base64.b32decode(padded), struct.pack(">Q", step), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"
