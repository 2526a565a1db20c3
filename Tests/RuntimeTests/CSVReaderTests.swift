import PipelineDSL
import Runtime
import Testing

@Suite struct CSVReaderTests {
    private let ab = [Field("a", .bigint), Field("b", .string)]

    @Test func readsTypesByHeaderName() throws {
        let result = try readCSV(
            """
            id,name,score,at,day,clock,ok,price,uid,doc,raw
            1,Ann,1.5,2026-01-31T08:15:00.25Z,2026-01-31,08:15,true,12.50,\
            6ba7b810-9dad-11d1-80b4-00c04fd430c8,"{""k"": [1]}",\\x4869
            2,,-2e3,2026-01-31 08:15:00+02:00,1969-12-31,9:00:01.5,F,-3,\
            6BA7B8109DAD11D180B400C04FD430C8,null,hi
            """,
            [
                Field("name", .string), Field("id", .integer), Field("score", .double),
                Field("at", .timestamp), Field("day", .date), Field("clock", .time),
                Field("ok", .boolean), Field("price", .decimal(precision: 6, scale: 2)),
                Field("uid", .uuid), Field("doc", .json), Field("raw", .bytes),
            ])
        #expect(result.rejected == [])
        #expect(
            result.rows == [
                [
                    "Ann", "1", "1.5", "2026-01-31T08:15:00.25Z", "2026-01-31", "08:15:00", "true",
                    "12.50", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "{\"k\": [1]}", "\\x4869",
                ],
                [
                    nil, "2", "-2000.0", "2026-01-31T06:15:00Z", "1969-12-31", "09:00:01.5",
                    "false",
                    "-3.00", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "null", "\\x6869",
                ],
            ])
    }

    @Test func quotesHideDelimitersAndLineEnds() throws {
        let result = try readCSV(
            "a,b\r\n1,\"x, \"\"y\"\"\r\nz\"\r\n2,\"\"\r\n\r\n3,5\" pipe\r\n4,\r\n", ab)
        #expect(
            result.rows == [
                ["1", "x, \"y\"\r\nz"], ["2", ""], ["3", "5\" pipe"], ["4", nil],
            ])
        #expect(result.lines == [2, 4, 6, 7])
        #expect(result.raw[0] == "1,\"x, \"\"y\"\"\r\nz\"")
        #expect(result.rejected == [])
    }

    @Test func raggedAndWrongRowsAreRejectedWithTheirLine() throws {
        let result = try readCSV(
            "a,b\n1,x\n2\n3,y,z\nfour,q\n\"\",r\n99999999999999999999,s\n5,ok\n\"6\"6,t\n7,u\n", ab)
        #expect(result.rows == [["1", "x"], ["5", "ok"], ["7", "u"]])
        #expect(
            result.rejected == [
                "3 field_count -", "4 field_count -", "5 wrong_type a", "6 wrong_type a",
                "7 wrong_type a", "9 text_after_quote -",
            ])
        #expect(result.details[2].message == "`four` is not a valid bigint")
        #expect(result.details[2].raw.map { String(decoding: $0, as: UTF8.self) } == "four,q")
        #expect(result.details[3].message.contains("quoted_nulls"))
    }

    @Test func requiredColumnsRefuseNulls() throws {
        let fields = [Field("a", .bigint, nullable: false), Field("b", .string, nullable: false)]
        let result = try readCSV("a,b\n1,x\n,y\n2,\n3,\"\"\n", fields)
        #expect(result.rows == [["1", "x"], ["3", ""]])
        #expect(result.rejected == ["3 not_null a", "4 not_null b"])
    }

    @Test func personalDataStaysOutOfMessages() throws {
        let result = try readCSV("a\nsecret\n", [Field("a", .bigint, pii: "id")])
        #expect(result.details.map(\.message) == ["the value of `a` is not a valid bigint"])
    }

    @Test func marksAndLineEndsOfEverySort() throws {
        let rows: [[String?]] = [["1", "x"], ["2", "y"]]
        for end in ["\n", "\r\n", "\r"] {
            for mark in ["", "\u{FEFF}"] {
                for last in ["", end] {
                    let text = mark + "a,b" + end + "1,x" + end + "2,y" + last
                    let result = try readCSV(text, ab)
                    #expect(result.rows == rows)
                    #expect(result.lines == [2, 3])
                }
            }
        }
    }

    @Test func emptyFilesHaveNoRows() throws {
        for text in ["", "\u{FEFF}", "\n", "\r\n\r\n", "a,b", "a,b\n", "a,b\n\n"] {
            let result = try readCSV(text, ab)
            #expect(result.rows.isEmpty && result.rejected.isEmpty)
        }
    }

    @Test func anOpenQuoteSpoilsOnlyItsLine() throws {
        let result = try readCSV("a,b\n1,x\n2,\"open\n3,y\n4,\"z\n5,w\n6,v", ab)
        // The quote on line 3 closes on line 5, where text follows it.
        #expect(result.rows == [["1", "x"], ["5", "w"], ["6", "v"]])
        #expect(result.rejected == ["3 text_after_quote -"])
        let atEnd = try readCSV("a,b\n1,x\n2,\"open\n3,y\n4,z", ab)
        #expect(atEnd.rows == [["1", "x"], ["3", "y"], ["4", "z"]])
        #expect(atEnd.rejected == ["3 open_quote -"])
    }

    @Test func longRecordsAreRejectedNotHeld() throws {
        var options = CSVOptions()
        options.syntax.maxRecordBytes = 50
        let long = String(repeating: "x", count: 60)
        let text = """
            a,b
            1,x
            2,\(long)
            3,y
            4,"\(long)
            5,\(long)"
            6,z
            7,"ab
            cd"
            """
        let result = try readCSV(text, ab, options)
        #expect(result.rows == [["1", "x"], ["3", "y"], ["6", "z"], ["7", "ab\ncd"]])
        #expect(
            result.rejected == [
                "3 record_too_long -", "5 record_too_long -", "6 record_too_long -",
            ])
    }

    @Test func badBytesAreRejected() throws {
        var bytes = Array("a,b\n1,x\n2,".utf8)
        bytes += [0xE9, 0x0A]
        bytes += Array("3,é\n4,a".utf8) + [0] + Array("b\n5,z\n".utf8)
        for blockBytes in [1, 16, 1000] {
            let result = try readCSV(bytes, ab, blockBytes: blockBytes)
            #expect(result.rows == [["1", "x"], ["3", "é"], ["5", "z"]])
            #expect(result.rejected == ["3 invalid_text -", "5 invalid_text -"])
            #expect(result.details[0].raw == [0x32, 0x2C, 0xE9])
            #expect(result.details[0].message == "byte 3 of the record, 0xE9, is not UTF-8")
        }
    }
}
