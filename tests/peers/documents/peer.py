"""What olevba reads of macros: one line for each module, file, name and SHA-256 of its source in UTF-8."""

import hashlib
import sys

from oletools.olevba import VBA_Parser

for path in sys.argv[1:]:
    parser = VBA_Parser(path)
    for _, stream, name, code in parser.extract_macros():
        if not code.strip():
            continue
        module = name.rsplit(".", 1)[0] if "." in name else name
        print(path, module, hashlib.sha256(code.encode("utf-8")).hexdigest(), sep="\t")
    parser.close()
