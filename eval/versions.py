"""What a run was computed by: versions of the software, and a digest of our own sources."""

import hashlib
import platform
from functools import cache
from importlib import metadata, resources

_LIBRARIES = ("faiss-cpu", "numpy", "onnxruntime", "tantivy", "tokenizers")
_PACKAGES = ("corpus", "index", "retrieval", "eval", "api")


def versions() -> dict[str, str]:
    """Return the versions on which figures can depend, by name."""
    libraries = {name: metadata.version(name) for name in _LIBRARIES}
    own = {"pincite": metadata.version("pincite"), "sources": source_digest()[:16]}
    return {**own, "python": platform.python_version(), "machine": platform.machine(), **libraries}


@cache
def source_digest(packages: tuple[str, ...] = _PACKAGES) -> str:
    """Hash all Python files of our packages: results of other sources are never mixed with ours."""
    digest = hashlib.sha256()
    for package in packages:
        with resources.as_file(resources.files(package)) as root:
            for path in sorted(root.rglob("*.py")):
                digest.update(f"{package}/{path.relative_to(root).as_posix()}\0".encode() + path.read_bytes())
    return digest.hexdigest()
