"""CPU seconds that eml_parser takes for the mails of a folder: parsing, addresses, hops, URLs and digests.

Start-up, imports and reading the files do not count. Mails that end in an exception are counted and told.
"""

import logging
import pathlib
import sys
import time

import eml_parser

logging.disable(logging.CRITICAL)
mails = [path.read_bytes() for path in sorted(pathlib.Path(sys.argv[1]).rglob("*")) if path.is_file()]
parser = eml_parser.EmlParser(include_raw_body=True, include_attachment_data=True)
failed, worst = 0, 0.0
begin = time.process_time()
for mail in mails:
    before = time.process_time()
    try:
        parser.decode_email_bytes(mail)
    except Exception:
        failed += 1
    worst = max(worst, time.process_time() - before)
print(f"{len(mails)} {time.process_time() - begin:.3f} {failed} {worst:.3f}")
