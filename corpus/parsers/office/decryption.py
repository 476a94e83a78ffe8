"""Office files that are encrypted with a password (.docx, .xlsx, .pptx, .xls)."""

import io
import re
from collections.abc import Sequence

from corpus.errors import UnreadableError
from corpus.parsers.office.ole_properties import OLE_ERRORS

# How often a password is hashed; the format allows this many rounds at most. Asking for more would keep a reader busy.
_SPIN_COUNT = re.compile(rb'spinCount="(\d+)"')
_MOST_SPINS = 10_000_000


def decrypted(data: bytes, name: str, passwords: Sequence[str]) -> bytes:
    """The file with the first of the passwords that opens it.

    Raises UnreadableError when none does, or the file is damaged or encrypted in another way.
    """
    from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError, ParseError

    if any(int(count) > _MOST_SPINS for count in _SPIN_COUNT.findall(data)):
        raise UnreadableError(f"{name!r} is damaged: its encryption makes no sense")
    for password in passwords:
        try:
            return _opened(data, password)
        except (InvalidKeyError, DecryptionError):  # not this password
            continue
        except (FileFormatError, ParseError, *OLE_ERRORS) as error:
            raise UnreadableError(
                f"{name!r} is damaged, or encrypted in a way that Pincite does not know ({error}); "
                "save it without the password"
            ) from error
    known = "none of the passwords given opens it" if passwords else "no password is given"
    raise UnreadableError(
        f"{name!r} is encrypted with a password, and {known}; give it with --password or save the file without it"
    )


def _opened(data: bytes, password: str) -> bytes:
    import msoffcrypto

    out = io.BytesIO()
    file = msoffcrypto.OfficeFile(io.BytesIO(data))
    file.load_key(password=password, verify_password=True)
    file.decrypt(out)
    return out.getvalue()
