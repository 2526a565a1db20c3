"""Parquet files as other engines write them: `parquet_files.py FOLDER`.

Every file holds the same kinds of columns, with nulls, in another combination of codec, page
version, encoding and row group size.
"""

import datetime as dt
import decimal
import os
import random
import sys
import uuid

import duckdb
import polars
import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 3000
random.seed(7)


def maybe(value):
    return None if random.random() < 0.1 else value


def column(make):
    return [maybe(make(i)) for i in range(ROWS)]


def text(i):
    return random.choice(["", "a", "Zürich", "東京", "twelve bytes", "a string of more bytes", "x" * 200])


def flat_table():
    base = dt.datetime(2024, 1, 1, tzinfo=dt.timezone.utc)
    utc_us = pa.timestamp("us", "UTC")
    fields = {
        "flag": (pa.bool_(), lambda i: i % 3 == 0),
        "i8": (pa.int8(), lambda i: i % 256 - 128),
        "i16": (pa.int16(), lambda i: i - 1500),
        "i32": (pa.int32(), lambda i: i * 715827 - 2**30),
        "i64": (pa.int64(), lambda i: i * 3074457345618258 - 2**62),
        "u8": (pa.uint8(), lambda i: i % 256),
        "u16": (pa.uint16(), lambda i: i),
        "u32": (pa.uint32(), lambda i: 2**32 - 1 - i),
        "u64": (pa.uint64(), lambda i: 2**64 - 1 - i),
        "f32": (pa.float32(), lambda i: random.choice([0.0, -0.0, 1.5, float("inf"), float(i)])),
        "f64": (pa.float64(), lambda i: random.choice([0.0, -0.0, 0.1, float("-inf"), i / 7])),
        "name": (pa.string(), text),
        "low": (pa.string(), lambda i: f"value {i % 7} of a few"),
        "unique": (pa.string(), lambda i: f"row number {i} of the table"),
        "blob": (pa.binary(), lambda i: bytes([i % 256, 255, 0]) * (i % 9)),
        "d9": (pa.decimal128(9, 2), lambda i: decimal.Decimal(i - 1500) / 100),
        "d18": (pa.decimal128(18, 4), lambda i: decimal.Decimal(i * 10**9 - 10**12) / 10000),
        "d38": (pa.decimal128(38, 10), lambda i: decimal.Decimal((i - 1500) * 10**30).scaleb(-10)),
        "day": (pa.date32(), lambda i: dt.date(1960, 1, 1) + dt.timedelta(days=i * 11)),
        "t_ms": (pa.time32("ms"), lambda i: dt.time(i % 24, i % 60, i % 60, (i % 1000) * 1000)),
        "t_us": (pa.time64("us"), lambda i: dt.time(i % 24, i % 60, i % 60, i)),
        "ts_ms": (pa.timestamp("ms", "UTC"), lambda i: base + dt.timedelta(seconds=i)),
        "ts_us": (utc_us, lambda i: base - dt.timedelta(days=30000, microseconds=i)),
        "ts_local": (pa.timestamp("us"), lambda i: (base + dt.timedelta(hours=i)).replace(tzinfo=None)),
        "constant": (pa.int32(), lambda i: 42),
        "half": (pa.float16(), lambda i: random.choice([0.5, -2.0, 65504.0, 6e-8])),
    }
    arrays = {name: pa.array(column(make), type) for name, (type, make) in fields.items()}
    arrays["ts_ns"] = pa.array(
        column(lambda i: 1700000000000000000 + i * 1001 * (-1) ** i), pa.timestamp("ns", "UTC"))
    arrays["required"] = pa.array(range(ROWS), pa.int64())
    arrays["empty"] = pa.array([None] * ROWS, pa.string())
    arrays["id"] = pa.array(
        column(lambda i: uuid.UUID(int=i * 2**116 + 17).bytes), pa.uuid())
    schema = pa.schema(
        [pa.field(n, a.type, nullable=n != "required") for n, a in arrays.items()])
    return pa.Table.from_arrays(list(arrays.values()), schema=schema)


def nested_table():
    def numbers(i):
        return [maybe(k) for k in range(i % 5)]

    types = {
        "list": (pa.list_(pa.int32()), numbers),
        "lists": (pa.list_(pa.list_(pa.string())), lambda i: [maybe([text(i)] * (k % 3)) for k in range(i % 4)]),
        "pair": (
            pa.struct([("a", pa.int64()), ("b", pa.string())]),
            lambda i: {"a": maybe(i), "b": maybe(text(i))}),
        "deep": (
            pa.struct([("s", pa.struct([("l", pa.list_(pa.float64()))])), ("x", pa.int32())]),
            lambda i: {"s": maybe({"l": maybe([0.5] * (i % 3))}), "x": maybe(i)}),
        "map": (pa.map_(pa.string(), pa.int64()), lambda i: [(f"k{k}", maybe(k)) for k in range(i % 4)]),
        "structs": (
            pa.list_(pa.struct([("k", pa.string()), ("v", pa.list_(pa.int32()))])),
            lambda i: [maybe({"k": text(i), "v": maybe(numbers(k))}) for k in range(i % 3)]),
    }
    arrays = {name: pa.array(column(make), type) for name, (type, make) in types.items()}
    arrays["flat"] = pa.array(range(ROWS), pa.int32())
    return pa.table(arrays)


def write_pyarrow(folder, flat, nested):
    def write(name, table, **options):
        pq.write_table(table, os.path.join(folder, f"pyarrow-{name}.parquet"), **options)

    for codec in ["none", "snappy", "gzip", "zstd", "lz4"]:
        for version in ["1.0", "2.0"]:
            write(f"{codec}-v{version[0]}", flat, compression=codec, data_page_version=version,
                  row_group_size=1100, write_page_index=codec == "zstd")
            write(f"{codec}-v{version[0]}-nested", nested, compression=codec,
                  data_page_version=version, row_group_size=1100, data_page_size=500)
    write("plain", flat, use_dictionary=False, data_page_size=2000, write_page_checksum=True)
    write("plain-nested", nested, use_dictionary=False, data_page_size=300)
    write("small-pages", flat, data_page_size=100, write_page_index=True, dictionary_pagesize_limit=600)
    write("one-group", flat, row_group_size=10**6)
    write("int96", flat, use_deprecated_int96_timestamps=True)
    write("int-decimals", flat, store_decimal_as_integer=True)
    encodings = {"DELTA_BINARY_PACKED": ["i8", "i32", "i64", "u64", "constant", "ts_us", "day"],
                 "DELTA_LENGTH_BYTE_ARRAY": ["name", "blob"],
                 "DELTA_BYTE_ARRAY": ["unique", "low", "d38", "id"],
                 "BYTE_STREAM_SPLIT": ["f32", "f64", "i16", "ts_ms", "half"],
                 "RLE": ["flag"]}
    chosen = {name: encoding for encoding, names in encodings.items() for name in names}
    for version in ["1.0", "2.0"]:
        write(f"encodings-v{version[0]}", flat, use_dictionary=False, column_encoding=chosen,
              data_page_version=version, data_page_size=3000)
    write("no-rows", flat.slice(0, 0))
    write("one-row", flat.slice(0, 1))
    write("nested-no-rows", nested.slice(0, 0))


def write_others(folder, flat, nested):
    con = duckdb.connect()
    con.register("flat", flat.drop_columns(["half"]))
    con.register("nested", nested)
    con.execute("SET TimeZone = 'UTC'")
    for codec in ["uncompressed", "snappy", "gzip", "zstd", "lz4_raw"]:
        for version in ["V1", "V2"]:
            for name in ["flat", "nested"]:
                path = os.path.join(folder, f"duckdb-{codec}-{version}-{name}.parquet")
                con.execute(
                    f"COPY {name} TO '{path}' (FORMAT parquet, COMPRESSION {codec}, "
                    f"PARQUET_VERSION {version}, ROW_GROUP_SIZE 2048)")
    path = os.path.join(folder, "duckdb-types.parquet")
    con.execute(
        "COPY (SELECT i::HUGEINT AS h, INTERVAL (i) MONTH + INTERVAL (i) DAY AS v, "
        "'{\"a\": ' || i || '}' AS j, (i::VARCHAR)::JSON AS js, uuid() AS u, "
        "('x' || i % 3)::ENUM('x0', 'x1', 'x2') AS e FROM range(1000) t(i)) "
        f"TO '{path}' (FORMAT parquet)")
    frame = polars.from_arrow(flat.drop_columns(["half", "id", "d9", "d18", "d38"]))
    for codec in ["uncompressed", "snappy", "gzip", "zstd", "lz4"]:
        frame.write_parquet(
            os.path.join(folder, f"polars-{codec}.parquet"), compression=codec,
            row_group_size=1024, data_page_size=4000)
    polars.from_arrow(nested.drop_columns(["map"])).write_parquet(
        os.path.join(folder, "polars-nested.parquet"), compression="zstd")


if __name__ == "__main__":
    flat, nested = flat_table(), nested_table()
    write_pyarrow(sys.argv[1], flat, nested)
    write_others(sys.argv[1], flat, nested)
