"""Compares Parquet files with what they were copied from: `parquet_compare.py ORIGINALS COPIES`.

Each file of COPIES was read from the one of the same name in ORIGINALS and written anew. Both are
read with pyarrow, and the copy with DuckDB and Polars too. Prints what differs; exits with 1 if
anything does.
"""

import decimal
import math
import os
import struct
import sys

import duckdb
import polars
import pyarrow as pa
import pyarrow.parquet as pq


def canonical(array):
    """Python values that do not depend on how wide or how encoded a type is."""
    if isinstance(array, pa.ChunkedArray):
        return [value for chunk in array.chunks for value in canonical(chunk)]
    type = array.type
    if type == pa.uuid():
        return [None if v is None else str(v) for v in array.to_pylist()]
    if isinstance(type, pa.ExtensionType):
        return canonical(array.storage)
    if pa.types.is_dictionary(type):
        return canonical(array.dictionary_decode())
    if pa.types.is_timestamp(type):
        per_us = {"s": 10**6, "ms": 1000, "us": 1, "ns": 1}[type.unit]
        values = array.cast(pa.timestamp(type.unit)).cast(pa.int64()).to_pylist()
        if type.unit == "ns":
            return [None if v is None else v // 1000 for v in values]
        return [None if v is None else v * per_us for v in values]
    if pa.types.is_time(type):
        width = pa.int32() if pa.types.is_time32(type) else pa.int64()
        scale = {"s": 10**6, "ms": 1000, "us": 1, "ns": 1}[type.unit]
        values = array.cast(width).to_pylist()
        if type.unit == "ns":
            return [None if v is None else v // 1000 for v in values]
        return [None if v is None else v * scale for v in values]
    if pa.types.is_map(type):
        def rebuilt():
            keys, items = canonical(array.keys), canonical(array.items)
            at = array.offsets.to_pylist()
            base = at[0]
            for row in range(len(array)):
                span = range(at[row] - base, at[row + 1] - base)
                yield [(keys[k], items[k]) for k in span] if array[row].is_valid else None
        return list(rebuilt())
    if pa.types.is_list(type) or pa.types.is_large_list(type):
        values, at = canonical(array.values), array.offsets.to_pylist()
        return [values[at[i]:at[i + 1]] if array[i].is_valid else None for i in range(len(array))]
    if pa.types.is_struct(type):
        members = [canonical(array.field(i)) for i in range(type.num_fields)]
        names = [type.field(i).name for i in range(type.num_fields)]
        return [
            dict(zip(names, values)) if array[i].is_valid else None
            for i, values in enumerate(zip(*members))]
    if pa.types.is_floating(type):
        return [None if v is None else "NaN" if math.isnan(v) else v for v in array.cast(pa.float64()).to_pylist()]
    if pa.types.is_decimal(type):
        return [None if v is None else v.normalize() for v in array.to_pylist()]
    if pa.types.is_uint64(type):
        return [None if v is None else decimal.Decimal(v).normalize() for v in array.to_pylist()]
    if pa.types.is_interval(type):
        return [
            None if v is None else struct.pack("<III", v.months, v.days, v.nanoseconds // 10**6)
            for v in array.to_pylist()]
    return array.to_pylist()


def signs(values):
    return [math.copysign(1, v) if isinstance(v, float) else 0 for v in values]


def same(original, copy):
    problems = []
    if original.column_names != copy.column_names:
        return [f"columns {original.column_names} became {copy.column_names}"]
    for name in original.column_names:
        a, b = canonical(original.column(name)), canonical(copy.column(name))
        if a != b or signs(a) != signs(b):
            at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
            problems.append(
                f"{name}: {len(a)} and {len(b)} rows, first difference at {at}: "
                f"{a[at:at + 1]} became {b[at:at + 1]}")
    return problems


def others_agree(path, table):
    """DuckDB and Polars count and sum the same from the file as pyarrow."""
    problems = []
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    rows = con.execute(f"SELECT count(*) FROM '{path}'").fetchall()[0][0]
    if rows != table.num_rows:
        problems.append(f"DuckDB reads {rows} rows of {table.num_rows}")
    through = con.sql(f"SELECT * FROM '{path}'").to_arrow_table()
    for name in table.column_names:
        type = table.schema.field(name).type
        if pa.types.is_null(type):
            continue
        a, b = canonical(table.column(name)), canonical(through.column(name))
        if a != b:
            at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), -1)
            problems.append(f"DuckDB reads {name} otherwise at {at}: {a[at:at+1]} as {b[at:at+1]}")
    if pa.binary(12) in table.schema.types:
        return problems  # Polars panics at intervals
    frame = polars.read_parquet(path)
    if frame.height != table.num_rows:
        problems.append(f"Polars reads {frame.height} rows of {table.num_rows}")
    for name in frame.columns:
        if frame[name].null_count() != table.column(name).null_count:
            problems.append(f"Polars reads {name} with other nulls")
    return problems


def statistics_hold(path):
    """Every value is within the bounds that the file states for its row group."""
    problems = []
    file = pq.ParquetFile(path)
    for group in range(file.metadata.num_row_groups):
        meta = file.metadata.row_group(group)
        for i in range(meta.num_columns):
            column = meta.column(i)
            stats = column.statistics
            if "." in column.path_in_schema or stats is None:
                continue
            values = file.read_row_group(group, columns=[column.path_in_schema]).column(0)
            if stats.null_count != values.null_count:
                problems.append(f"{column.path_in_schema}: null_count is {stats.null_count}")
            if not stats.has_min_max or isinstance(values.type, pa.ExtensionType):
                continue
            known = [v for v in values.to_pylist() if v is not None and v == v]
            if not known or isinstance(known[0], (dict, list, uuid_type)):
                continue
            if isinstance(stats.min, bytes) and isinstance(known[0], str):
                known = [v.encode() for v in known]
            low, high = min(known), max(known)
            if stats.min > low or stats.max < high:
                problems.append(
                    f"{column.path_in_schema}: [{stats.min}, {stats.max}] is not around [{low}, {high}]")
    return problems


def read_original(path):
    try:
        return pq.read_table(path, arrow_extensions_enabled=True)
    except OSError:
        # pyarrow refuses some files that DuckDB itself wrote.
        con = duckdb.connect()
        con.execute("SET TimeZone = 'UTC'")
        return con.sql(f"SELECT * FROM '{path}'").to_arrow_table()


uuid_type = type(__import__("uuid").UUID(int=0))

if __name__ == "__main__":
    originals, copies = sys.argv[1], sys.argv[2]
    failed = False
    for name in sorted(os.listdir(copies)):
        original = read_original(os.path.join(originals, name))
        path = os.path.join(copies, name)
        copy = pq.ParquetFile(path, page_checksum_verification=True, arrow_extensions_enabled=True).read()
        for problem in same(original, copy) + others_agree(path, copy) + statistics_hold(path):
            failed = True
            print(f"{name}: {problem}")
    sys.exit(1 if failed else 0)
