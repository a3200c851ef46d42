"""The one ZIP of given files (docs/evidence.md section 8), rebuilt by the standard library."""

import io
import re
import zipfile

from second_basics import Bad


def the_one_zip(data: bytes, names: re.Pattern[str], bytes_max: int, files_max: int) -> dict[str, bytes]:
    """The files of a ZIP that is byte for byte what would be written of them, with allowed names only."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            infos = opened.infolist()
            if (
                any(i.compress_type or i.file_size != i.compress_size for i in infos)
                or len(infos) > files_max
            ):
                raise Bad("compressed, or too many")
            files = {i.filename: opened.read(i) for i in infos}
    except (zipfile.BadZipFile, ValueError, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise Bad(str(error)) from None
    if len(data) > bytes_max or not all(names.match(name) for name in files):
        raise Bad("names")
    again = io.BytesIO()
    with zipfile.ZipFile(again, "w", zipfile.ZIP_STORED) as fresh:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.create_system, info.create_version, info.extract_version, info.external_attr = 0, 20, 10, 0
            fresh.writestr(info, files[name])
            info.external_attr = 0  # writestr fills in permissions; the directory is written at the end
    if again.getvalue() != data:
        raise Bad("not the one ZIP of these files")
    return files
