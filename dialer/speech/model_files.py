"""One hash over a model's files, so that evidence can name what heard."""

from hashlib import sha256
from pathlib import Path
from typing import Final

from dialer.ports.speech import SpotterMissing

PIECE_BYTES: Final = 1 << 20


def folder_sha256(folder: Path) -> str:
    """One hash over the names and contents of a model's files, in order of their names.

    Raises:
        SpotterMissing: there is no such folder, or it is empty.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else []
    if not files:
        raise SpotterMissing(f"the model's folder {folder.name} is missing or empty")
    whole = sha256()
    for path in files:
        with path.open("rb") as file:
            content = sha256()
            while piece := file.read(PIECE_BYTES):
                content.update(piece)
        whole.update(f"{path.relative_to(folder)}\n{content.hexdigest()}\n".encode())
    return whole.hexdigest()
