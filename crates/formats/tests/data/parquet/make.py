"""Writes the Parquet files of this folder and, beside each, the lines of JSON that are expected of it.

Needs pyarrow 26 and DuckDB 2. What is expected is told from the values that were written, never read from the files.
"""

import datetime as dt
import decimal
import json
import math
import uuid

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

UTC = dt.timezone.utc
START = dt.datetime(2026, 11, 2, 8, 0, tzinfo=UTC)


class Pairs(list):
    """What a map is."""


def text(value):
    """A value as Watchfire writes it."""
    if isinstance(value, dict):
        return {str(key): text(one) for key, one in value.items() if one is not None}
    if isinstance(value, Pairs):
        return {key if isinstance(key, str) else json.dumps(key): text(one) for key, one in value}
    if isinstance(value, list):
        return [text(one) for one in value]
    if isinstance(value, dt.datetime):
        digits = "" if value.microsecond == 0 else f".{value.microsecond:06}"
        digits = digits[:-3] if digits.endswith("000") else digits
        zone = "Z" if value.tzinfo else ""
        return value.strftime("%Y-%m-%dT%H:%M:%S") + digits + zone
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dt.time):
        return text(dt.datetime.combine(START, value))[11:]
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return value.hex()
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def expect(name, rows):
    with open(f"{name}.ndjson", "w", encoding="utf-8", newline="\n") as out:
        for row in rows:
            written = {key: text(value) for key, value in row.items() if value is not None}
            out.write(json.dumps(written, ensure_ascii=False, separators=(",", ":")) + "\n")


def write(name, rows, schema, **options):
    options = {"store_schema": False, "write_statistics": False, **options}
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), f"{name}.parquet", **options)
    expect(name, rows)


def records(count, missing=7):
    """Log-ins, of which each `missing`-th value is missing."""
    rows = []
    for n in range(count):
        row = {
            "time": START + dt.timedelta(seconds=37 * n, milliseconds=n % 5),
            "user": ["alice", "bob", "svc-backup", "mallory \"m\"\n", "ünï"][n * n % 5],
            "src_ip": f"198.51.100.{n * 31 % 256}",
            "port": 1024 + n * 997 % 60000,
            "bytes": n * n * 104729,
            "score": n / 8,
            "ratio": n / 4,
            "ok": n % 3 != 0,
            "payload": bytes([n % 256, 255, n % 7]) if n % 2 else b"text",
        }
        for at, key in enumerate(row):
            if key != "time" and missing and (n + at) % missing == 0:
                row[key] = None
        rows.append(row)
    return rows


RECORDS = pa.schema(
    [
        pa.field("time", pa.timestamp("ms", tz="UTC"), nullable=False),
        ("user", pa.string()),
        ("src_ip", pa.string()),
        ("port", pa.uint16()),
        ("bytes", pa.int64()),
        ("score", pa.float64()),
        ("ratio", pa.float32()),
        ("ok", pa.bool_()),
        ("payload", pa.binary()),
    ]
)

DELTAS = {
    "time": "DELTA_BINARY_PACKED",
    "user": "DELTA_LENGTH_BYTE_ARRAY",
    "src_ip": "DELTA_BYTE_ARRAY",
    "port": "DELTA_BINARY_PACKED",
    "bytes": "DELTA_BINARY_PACKED",
    "score": "BYTE_STREAM_SPLIT",
    "ratio": "BYTE_STREAM_SPLIT",
    "ok": "RLE",
    "payload": "DELTA_BYTE_ARRAY",
}


def nested(count):
    rows = []
    for n in range(count):
        rows.append(
            {
                "id": n,
                "tags": None if n % 5 == 1 else [None if (n + i) % 4 == 3 else f"t{i}" for i in range(n % 4)],
                "actor": None if n % 6 == 2 else {"name": f"u{n % 3}", "session": {"id": n * 7 if n % 4 else None}},
                "answers": None if n % 7 == 3 else [{"type": "A", "data": [f"192.0.2.{i}"] * (i % 3)} for i in range(n % 3)],
                "matrix": [[i * j for j in range(n % 3)] for i in range(n % 4)],
                "labels": Pairs((f"k{i}", None if i == 2 else i * n) for i in range(n % 4)),
                "by_number": Pairs((i, [f"v{i}"]) for i in range(n % 2)),
            }
        )
    return rows


NESTED = pa.schema(
    [
        ("id", pa.int32()),
        ("tags", pa.list_(pa.string())),
        ("actor", pa.struct([("name", pa.string()), ("session", pa.struct([("id", pa.int64())]))])),
        ("answers", pa.list_(pa.struct([("type", pa.string()), ("data", pa.list_(pa.string()))]))),
        ("matrix", pa.list_(pa.list_(pa.int16()))),
        ("labels", pa.map_(pa.string(), pa.int64())),
        ("by_number", pa.map_(pa.int32(), pa.list_(pa.string()))),
    ]
)


def kinds():
    return [
        {
            "second": dt.datetime(1969, 12, 31, 23, 59, 59, 1000 * n, tzinfo=UTC),
            "micro": dt.datetime(2026, 2, 28, 12, 0, 0, 123456 + n, tzinfo=UTC),
            "nobody": dt.datetime(2026, 2, 28, 12, 0, n, 500000),
            "day": dt.date(1969, 12, 30) + dt.timedelta(days=n),
            "clock": dt.time(23, 59, n, 250000),
            "money": decimal.Decimal(n - 2) / 4,
            "large": decimal.Decimal(10) ** 20 * (n - 2) + decimal.Decimal("0.5"),
            "id": uuid.UUID(int=n * 12345678901234567890),
            "half": (n - 2) / 2,
            "u64": 2**64 - 1 - n,
            "i8": -n,
            "huge": [math.nan, math.inf, -math.inf, 1e300, 0.1][n],
            "fixed": bytes([200 + n, 0, n]),
            "doc": None if n == 2 else json.dumps({"n": n, "list": [1, "x"]}),
            "nothing": None,
        }
        for n in range(5)
    ]


KINDS = pa.schema(
    [
        ("second", pa.timestamp("ms", tz="UTC")),
        ("micro", pa.timestamp("us", tz="UTC")),
        ("nobody", pa.timestamp("us")),
        ("day", pa.date32()),
        ("clock", pa.time64("us")),
        ("money", pa.decimal128(7, 2)),
        ("large", pa.decimal128(30, 1)),
        ("id", pa.uuid()),
        ("half", pa.float16()),
        ("u64", pa.uint64()),
        ("i8", pa.int8()),
        ("huge", pa.float64()),
        ("fixed", pa.binary(3)),
        ("doc", pa.json_()),
        ("nothing", pa.string()),
    ]
)


def kinds_expected(rows):
    for row in rows:
        yield {**row, "doc": row["doc"] and json.loads(row["doc"])}


def duck(name, query, options, rows):
    duckdb.sql(f"COPY ({query}) TO '{name}.parquet' (FORMAT parquet, {options})")
    expect(name, rows)


def main():
    plain = {"use_dictionary": False, "compression": "none", "data_page_version": "1.0"}
    write("plain", records(24), RECORDS, **plain)
    write("required", records(5, 0), pa.schema([pa.field(f.name, f.type, nullable=False) for f in RECORDS]), **plain)
    groups = {"row_group_size": 17, "data_page_size": 64, "write_batch_size": 4}
    write("snappy", records(40), RECORDS, compression="snappy", **groups)
    write("gzip", records(60), RECORDS, compression="gzip", data_page_version="2.0")
    write("checksums", records(12), RECORDS, compression="gzip", write_page_checksum=True)
    delta = {"use_dictionary": False, "column_encoding": DELTAS}
    write("delta", records(150), RECORDS, compression="zstd", data_page_version="2.0", **delta)
    write("delta-plain", records(20), RECORDS, compression="none", **delta)
    write("nested", nested(30), NESTED, compression="lz4")
    write("nested-v2", nested(30), NESTED, compression="snappy", data_page_version="2.0", data_page_size=64, write_batch_size=4)
    write("kinds", kinds(), KINDS, compression="zstd")
    expect("kinds", kinds_expected(kinds()))
    moments = [{"time": None if n == 1 else dt.datetime(2026, 1, 1, 0, 0, n, 5)} for n in range(4)]
    write("int96", moments, pa.schema([("time", pa.timestamp("us"))]), use_deprecated_int96_timestamps=True)
    expect("int96", [{"time": row["time"] and row["time"].replace(tzinfo=UTC)} for row in moments])
    write("empty", [], RECORDS)
    write("brotli", records(3), RECORDS, compression="brotli")
    expect("brotli", [])

    query = (
        "SELECT i::BIGINT AS id, 'user' || (i % 3) AS name, TIMESTAMPTZ '2026-11-02 08:00:00+00' + INTERVAL (i) SECOND AS time, "
        "CASE WHEN i % 4 = 0 THEN NULL ELSE i / 2.0::DOUBLE END AS share, [i, i + 1] AS pair, "
        "{'a': i % 2 = 0, 'b': NULL::VARCHAR} AS pack FROM range(50) t(i)"
    )
    rows = [
        {
            "id": i,
            "name": f"user{i % 3}",
            "time": START + dt.timedelta(seconds=i),
            "share": None if i % 4 == 0 else i / 2,
            "pair": [i, i + 1],
            "pack": {"a": i % 2 == 0, "b": None},
        }
        for i in range(50)
    ]
    duckdb.sql("SET TimeZone = 'UTC'")
    duck("duckdb-snappy", query, "CODEC snappy", rows)
    duck("duckdb-v2", query, "CODEC zstd, PARQUET_VERSION v2", rows)
    # Without this, DuckDB writes encrypted files with a library from elsewhere only.
    duckdb.sql("SET force_mbedtls_unsafe = 'true'")
    duckdb.sql("PRAGMA add_parquet_key('key', '0123456789112345')")
    duck("duckdb-encrypted", "SELECT 1 AS a", "ENCRYPTION_CONFIG {footer_key: 'key'}", [])


main()
