extension DiagnosticCode {
    static let formatCodes: [DiagnosticCode] =
        [
            .unreadableFile, .damagedCompression, .unknownCompression, .badFormatSetting,
            .missingHeaderColumn, .ambiguousHeaderColumn, .notUTF8Text, .unreadableType,
            .stalePosition, .nothingToInfer,
            .wrongFieldCount, .wrongValueType, .nullInRequiredColumn, .textAfterQuote, .openQuote,
            .recordTooLong, .badBytes, .invalidJSON, .wrongJSONShape,
            embeddedStoreFailed, nothingMatched, projectLocked, connectorKeyColumn, fifoGroup,
            logPosition, logDamaged, embeddedSettings, embeddedLimit,
            sinkPath, settingOfSinks, unsafeName, foreignOutput, outputClash, unknownInputColumn,
            schemaDrift, lockUnreadable,
        ] + parquetCodes

    public static let unreadableFile = DiagnosticCode(
        600, "a file cannot be read",
        """
        The operating system refused to open or read a file of a source: it is not there, is a
        folder, or may not be read by this user. The message carries the system's own reason.
        """)

    public static let damagedCompression = DiagnosticCode(
        601, "compressed input is damaged",
        """
        A `.gz` or `.zst` file ends before its data does, fails its checksum or holds something
        that is not compressed data. Rows read before the damage cannot be told from rows that are
        missing after it, so the run stops. Fetch or write the file again; `gzip -t FILE` and
        `zstd -t FILE` check it.
        """)

    public static let unknownCompression = DiagnosticCode(
        602, "compression is not supported",
        """
        The compression of a file follows its name: `.gz` and `.zst` are read. Decompress other
        files first, or write them as one of the two.
        """)

    public static let badFormatSetting = DiagnosticCode(
        603, "a format setting has no such value",
        """
        A setting of `format:` fits its type but says something the format cannot do, such as a
        delimiter of two characters or a delimiter that is also the quote.
        """)

    public static let missingHeaderColumn = DiagnosticCode(
        604, "a declared column is not in the file",
        """
        The header of a CSV file lacks a column that the source declares. Names are compared after
        `rename:`, first exactly, then without regard to case and surrounding blanks.

        If the file calls it differently, map it: `rename: { theirs: ours }`. If older files lack a
        nullable column, read it as null with `format: { csv: { missing_columns: null } }`. If the
        file has no header line, say `header: false`.
        """)

    public static let ambiguousHeaderColumn = DiagnosticCode(
        605, "a declared column is in the file more than once",
        """
        Two columns of a CSV header have the name of one declared column, so which to read would be
        a guess. Rename one of them in the file, or read the file with `header: false`.
        """)

    public static let notUTF8Text = DiagnosticCode(
        606, "a file is not UTF-8 text",
        """
        A file read as CSV or JSON starts like something else: UTF-16 text, a gzip or Zstandard
        file under another name, a ZIP archive (an Excel workbook is one) or Parquet. Convert it to
        UTF-8, or name it so that its compression is recognised.
        """)

    public static let unreadableType = DiagnosticCode(
        607, "a format cannot hold a type",
        """
        The declared type of a column has no representation in the source's format. Declare the
        column as `string` and cast it in a step.
        """)

    public static let stalePosition = DiagnosticCode(
        608, "a file changed after it was read",
        """
        A run goes on where the last one stopped, but at that byte of the file no record ends any
        more, or the file is shorter. Files that were read must not be changed; add new ones, or
        start over from the first byte.
        """)

    public static let nothingToInfer = DiagnosticCode(
        609, "a schema cannot be inferred",
        """
        A source without `contract:` or `columns:` takes its columns from a sample of its data, but
        the sample has no rows, or no columns with names. Declare them:
        `columns: { id: bigint not null, name: string }`.
        """)

    public static let wrongFieldCount = DiagnosticCode(
        610, "a record has the wrong number of fields",
        """
        A CSV record has more or fewer fields than the header. Usually a delimiter inside a value
        was not quoted, or a line was cut. The row goes to the dead letters; the others are read.
        """)

    public static let wrongValueType = DiagnosticCode(
        611, "a value does not fit its column's type",
        """
        A field cannot be read as the declared type. The row goes to the dead letters with the
        column and the value. Accepted spellings are listed in the reference of the format;
        `timestamp_format`, `date_format` and `decimal` change them.
        """)

    public static let nullInRequiredColumn = DiagnosticCode(
        612, "a required column is null",
        """
        A column declared `not null` is empty, absent or null in a row. The row goes to the dead
        letters. An empty unquoted CSV field is null; `nulls:` lists other spellings.
        """)

    public static let textAfterQuote = DiagnosticCode(
        613, "text after a closing quote",
        """
        A quoted CSV field must end where its quote closes. In `"abc"def` it does not; a quote
        inside a quoted field is written twice: `"abc""def"`. The row goes to the dead letters.
        """)

    public static let openQuote = DiagnosticCode(
        614, "a quote is never closed",
        """
        A quoted CSV field starts and no closing quote follows before the end of the file, or
        within `max_record_size`. Only the line where it starts is rejected. The lines that the
        quote would have swallowed are read one by one, as if no field could hold a line end.
        If quotes are ordinary text in this file, say `quote: none`.
        """)

    public static let recordTooLong = DiagnosticCode(
        615, "a record is too long",
        """
        A record is longer than `max_record_size` (16 MiB unless set). It is rejected, with its
        first bytes, and reading goes on at the next line, so that memory stays bounded whatever
        the input is.
        """)

    public static let badBytes = DiagnosticCode(
        616, "a record is not valid text",
        """
        A record holds bytes that are not UTF-8, or a NUL. The row goes to the dead letters with
        its original bytes. If every row is refused, the file has another encoding: convert it,
        for example with `iconv -f WINDOWS-1252 -t UTF-8`.
        """)

    public static let invalidJSON = DiagnosticCode(
        620, "invalid JSON",
        """
        The text is not JSON as RFC 8259 defines it. The message names the line, the column and
        what was expected there. In JSON Lines only the line is rejected; in a JSON document
        nothing after the mistake can be read, so the run stops.
        """)

    public static let wrongJSONShape = DiagnosticCode(
        621, "JSON of another shape",
        """
        A row of JSON input is not an object, or a value in it has another JSON type than the
        column: text where the contract says `double`, an object where it says `array<…>`. The row
        goes to the dead letters with the path of the value, such as `$.address.zip`.
        """)
}

extension DiagnosticCode {
    public static let embeddedStoreFailed = DiagnosticCode(
        660, "an embedded store failed",
        """
        An embedded table or queue under `.pipec/` could not be read or written. The message is
        SQLite's. Look for a full disk, a missing permission, or another program that holds the file.
        """)

    public static let nothingMatched = DiagnosticCode(
        661, "no file matches",
        """
        A source's `path` matches no file. The path is relative to the folder of the spec file;
        `*` stands for any part of one name, `**` for any number of folders.
        """)

    public static let projectLocked = DiagnosticCode(
        662, "another run is at work here",
        """
        Two runs on one state directory would overwrite each other's results, so the second is
        refused. Wait for the first, or stop it; its process id is named.
        """)

    public static let connectorKeyColumn = DiagnosticCode(
        663, "a key column that cannot be one",
        """
        A connector's key setting names a column that the sink's rows do not have, or whose type
        cannot be a key. Rows in which the key is null go to the dead letters.
        """)

    public static let fifoGroup = DiagnosticCode(
        664, "a FIFO queue's settings",
        """
        A queue whose name ends in `.fifo` delivers in order within a message group, so it needs
        `group_by`; `deduplicate_by` is for such queues only.
        """)

    public static let logPosition = DiagnosticCode(
        665, "a stream does not have a position",
        """
        A run goes on where the last one ended, and the stream has no such place: the records after
        it were removed because they are older than the stream's `retention`, or the stream was
        removed and made anew. Records may have been missed, so the run stops rather than go on as
        if nothing had happened.
        """)

    public static let logDamaged = DiagnosticCode(
        666, "a stream's file is damaged",
        """
        A record of an embedded stream does not have its checksum, and it is not the end of an append
        that a crash cut short: those are recognised and removed. Nothing is read beyond it. Look at
        the disk; copy the stream's folder under `.pipec/kinesis/` before anything writes to it.
        """)

    public static let embeddedSettings = DiagnosticCode(
        667, "settings that a stream or queue cannot have",
        """
        A stream keeps the number of shards it was made with; `start` is `earliest`, `latest` or a
        time such as `2026-01-31T12:00:00Z`, and only sources have it. A queue hides a received message
        for 1 second to 12 hours, delays one for 15 minutes at most and keeps it for 1 minute to 14 days;
        its dead-letter queue is another queue of its kind, to which messages move after `max_receives`.
        A record or message is one JSON object, so the format is `json` or `jsonl` without compression.
        """)

    public static let embeddedLimit = DiagnosticCode(
        668, "a record that a stream or queue does not take",
        """
        The data and the partition key of a stream's record have 1 MiB together at most; a partition key
        has 1 to 256 characters. The body of a queue's message has 256 KB at most. Nothing of what was
        fed with it was stored. Keep large values elsewhere, such as in an object store, and send where
        they are.
        """)
}

// MARK: Parquet, 0640–0659

extension DiagnosticCode {
    static let parquetCodes: [DiagnosticCode] = [
        notParquet, parquetDamaged, parquetCodec, parquetEncrypted, parquetUnsupported,
        parquetMissingColumn, parquetColumnType, parquetValue, parquetNotWritable,
        parquetNullNotAllowed, parquetLimit,
    ]

    public static let notParquet = DiagnosticCode(
        640, "not a Parquet file",
        """
        A Parquet file starts and ends with the four bytes `PAR1`, and before the last eight bytes
        stands its footer. This object has not.

        Usual reasons: the path matches other files too (`_SUCCESS`, `*.crc`, a CSV file), the file
        was not written to its end, or it was cut while it was copied. Narrow the path, for example
        to `data/*.parquet`, or name the right `format:`.
        """)

    public static let parquetDamaged = DiagnosticCode(
        641, "a damaged Parquet file",
        """
        The file's bytes contradict the Parquet format or each other: a page ends before its values
        do, a checksum differs, a dictionary index points past the dictionary, the columns of a row
        group have different numbers of rows.

        Nothing of the row group at fault is used. Copy the file again from where it came from, or
        write it anew. `pyarrow.parquet.read_table(…, page_checksum_verification=True)` reads the
        same bytes with another implementation.
        """)

    public static let parquetCodec = DiagnosticCode(
        642, "a Parquet compression codec that is not available",
        """
        Pages can be uncompressed or compressed with SNAPPY, GZIP, ZSTD, LZ4_RAW or LZ4. SNAPPY and
        ZSTD are optional: a build without them (`swift build --disable-default-traits`) refuses
        them. BROTLI and LZO are not supported. LZ4 can be read only, not written.

        Write the file again with another codec, for example with DuckDB:

        ```sql
        COPY (SELECT * FROM 'in.parquet') TO 'out.parquet' (COMPRESSION zstd);
        ```
        """)

    public static let parquetEncrypted = DiagnosticCode(
        643, "an encrypted Parquet file",
        """
        The footer or a column that the pipeline needs is encrypted with Parquet modular encryption,
        for which no key can be given. Decrypt the file first, or leave the encrypted columns out of
        what the pipeline reads.
        """)

    public static let parquetUnsupported = DiagnosticCode(
        644, "a Parquet feature that cannot be read",
        """
        The column has a type or an encoding that this version does not read. Other columns of the
        file are not concerned: declare the source's columns without this one, or write the file
        again with a plainer type.
        """)

    public static let parquetMissingColumn = DiagnosticCode(
        645, "a column that the Parquet file does not have",
        """
        The source declares a `not null` column that the file lacks. A column that may be null is
        read as nulls instead, so files written before a column was added stay readable.

        Correct the name, give the file's name with `rename`, or declare the column without
        `not null`.
        """)

    public static let parquetColumnType = DiagnosticCode(
        646, "a column of another type in the Parquet file",
        """
        The file's type does not fit the declared one. Only conversions that keep every value are
        made while reading: `integer` to `bigint`, `real` to `double`, a `decimal` to one of higher
        precision, and between `bytes`, `string` and `json`, whose values are then checked.

        Declare the column with the file's type and `cast` it in the pipeline.
        """)

    public static let parquetValue = DiagnosticCode(
        647, "a Parquet value that its type does not allow",
        """
        The row is rejected, because a value in it cannot be represented: text that is not UTF-8,
        JSON that is not JSON, a timestamp outside the years that 64-bit microseconds reach, a
        decimal with more digits than its precision, or a null in a `not null` column.
        """)

    public static let parquetNotWritable = DiagnosticCode(
        648, "a column that cannot be written to Parquet",
        """
        Parquet has no place for a column of this type: a structure without fields, a map whose keys
        may be null, or nesting that is too deep. `cast` the column, or drop it before the sink.
        """)

    public static let parquetNullNotAllowed = DiagnosticCode(
        649, "a null in a Parquet column that is not null",
        """
        The column is declared `not null`, so it is written without levels, and a null has no
        representation. Filter such rows before the sink, use `coalesce`, or declare the column
        without `not null`.
        """)

    public static let parquetLimit = DiagnosticCode(
        650, "a Parquet file beyond a limit",
        """
        Reading on would need more memory than any run should: a batch of rows whose values unfold
        to more than half a gigabyte, or lists with more than sixteen million elements in a row.
        """)

    public static let sinkPath = DiagnosticCode(
        625, "a sink cannot write to such a path",
        """
        A file sink writes one file, where its path has an extension (`out/report.csv`), or a folder
        of files (`out/`). A pattern names neither, and `partition_by` and `mode: append` need a
        folder.
        """)

    public static let settingOfSinks = DiagnosticCode(
        626, "a setting only sinks have",
        """
        `partition_by` and `mode` say how a sink writes files. A source reads whatever is there; a
        zone says `partition_by` beside its `path`, and a transform says how it is written with
        `write:`.
        """)

    public static let unsafeName = DiagnosticCode(
        627, "a name that cannot be part of a path",
        """
        The name of a table, a queue, a bucket or an object becomes part of a path under `.pipec/`
        where it is embedded, and must be one the real service accepts: no `..`, no empty parts, no
        control characters.
        """)

    public static let foreignOutput = DiagnosticCode(
        628, "a sink's folder belongs to somebody else",
        """
        A run replaces what is in the folder of a file sink. The folder named holds files that pipec
        did not write, or is not a folder at all, so nothing was touched. Give the sink a folder of
        its own.
        """)

    public static let outputClash = DiagnosticCode(
        629, "two results in one place",
        """
        Two tables or sinks of a run write to the same folder, or one to a folder inside another's:
        each run would replace the one with the other. Or a table is to be extended (`append`) with
        files of another format than those that are there.
        """)

    public static let unknownInputColumn = DiagnosticCode(
        630, "the input has a column that the contract does not know",
        """
        The contract says `unknown_columns: reject`. A CSV or Parquet file with such a column is not
        what the contract promises, so the run stops (or the file goes to the dead letters, with
        `on_error: { dead_letter: true }` of the source); of JSON, the rows with such a key are
        rejected.

        Add the column to the contract, map it with `rename: { theirs: ours }`, or say
        `unknown_columns: drop`.
        """)

    public static let schemaDrift = DiagnosticCode(
        631, "the data differ from pipec.lock",
        """
        The columns of a source without `contract:` or `columns:` were taken from its data once and
        pinned in `pipec.lock`, so that a pipeline means the same tomorrow. The data have changed
        since: a column is new (it is left out), is gone, or holds values that the pinned type cannot
        (such rows go to the dead letters).

        To take the columns anew, remove the source from `pipec.lock` and run again; to be free of
        surprises, declare them.
        """)

    public static let lockUnreadable = DiagnosticCode(
        632, "pipec.lock cannot be read",
        """
        `pipec.lock` pins the columns of sources that do not declare them. It is written by pipec and
        kept with the spec. The file is not what pipec writes, or was written by a newer version.
        Restore it, or remove it to take the columns from the data again.
        """)
}
