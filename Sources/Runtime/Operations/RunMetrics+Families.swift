#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif
import PipelineDSL

extension RunMetrics.State {
    typealias Labels = [(String, String)]

    func addRows(to text: inout PrometheusText, _ own: Labels) {
        func counter(_ name: String, _ help: String, _ value: (RunReport.Node) -> Int) {
            let samples = (total?.nodes ?? []).map { node in
                (own + [("node", node.name), ("kind", node.kind)], Double(value(node)))
            }
            text.family("pipec_\(name)_total", .counter, help, samples)
        }
        counter("rows_read", "Rows that came into a node.") { $0.read }
        counter("rows_written", "Rows that left a node.") { $0.written }
        counter("rows_rejected", "Rows that a node put into the dead letters.") { $0.rejected }
        counter("rows_late", "Rows that came after the watermark had passed them.") { $0.late }
        counter("rows_filtered", "Rows that a condition left out.") { $0.filtered }
        counter("rows_deduplicated", "Rows that were there already.") { $0.deduplicated }
        counter("rows_warned", "Rows that broke a rule of severity warn.") { $0.warned }
        counter("failed_attempts", "Attempts at a batch that failed, of a stage or a sink.") {
            $0.failedAttempts
        }
        counter("read_bytes", "Encoded bytes that a source read.") { $0.readBytes }
        counter("written_bytes", "Encoded bytes that a node wrote.") { $0.writtenBytes }
        if let total {
            text.family(
                "pipec_dead_letters_total", .counter, "Rows in the dead letters of this run.",
                [(own, Double(total.deadLetters))])
        }
    }

    func addEpochs(to text: inout PrometheusText, _ own: Labels) {
        text.family(
            "pipec_epochs_total", .counter, "Epochs that this run committed.",
            [(own, Double(epochs))])
        text.family(
            "pipec_failures_total", .counter, "Runs that ended with an error.",
            [(own, Double(failures))])
        text.histogram(
            "pipec_epoch_duration_seconds", "From the start of an epoch to its commit.", own,
            durations)
        guard let last else { return }
        text.family(
            "pipec_checkpoint_epoch", .gauge, "The last committed epoch of the pipeline.",
            [(own, Double(last.number))])
        text.family(
            "pipec_last_commit_timestamp_seconds", .gauge, "When the last epoch was committed.",
            [(own, Double(last.committed) / 1e6)])
    }

    func addLags(to text: inout PrometheusText, _ own: Labels, now: Int64) {
        func samples<V>(_ values: [String: V], _ value: (V) -> Double?) -> [PrometheusText.Sample] {
            values.sorted { $0.key < $1.key }.compactMap { source, own in
                value(own).map { ([("source", source)], $0) }
            }.map { (own + $0.0, $0.1) }
        }
        let watermarks = last?.watermarks ?? [:]
        text.family(
            "pipec_watermark_timestamp_seconds", .gauge,
            "No row of the source with an earlier event time is expected.",
            samples(watermarks) { Double($0) / 1e6 })
        text.family(
            "pipec_watermark_lag_seconds", .gauge, "How far the watermark is behind the clock.",
            samples(watermarks) { Double(now.subtractingReportingOverflow($0).partialValue) / 1e6 })
        text.family(
            "pipec_backlog_records", .gauge, "What a source has that was not read yet.",
            samples(lags) { $0.records.map { Double($0) } })
        text.family(
            "pipec_backlog_bytes", .gauge, "Bytes that a source has that were not read yet.",
            samples(lags) { $0.bytes.map { Double($0) } })
        text.family(
            "pipec_iterator_age_seconds", .gauge,
            "How long the oldest record that was not read has been there; 0 without one.",
            samples(lags) { lag in
                lag.oldestArrival.map { Double(max(0, now &- $0)) / 1e6 } ?? 0
            })
    }

    func addListeners(to text: inout PrometheusText, _ own: Labels) {
        text.family(
            "pipec_http_requests_total", .counter, "Requests to an http source, by their answers.",
            listeners.flatMap { listener in
                listener.requests.map {
                    (
                        own + [("source", listener.source), ("status", String($0.status))],
                        Double($0.count)
                    )
                }
            })
        func records(_ name: String, _ help: String, _ value: (SourceListener) -> Int) {
            text.family(
                name, .counter, help,
                listeners.map { (own + [("source", $0.source)], Double(value($0))) })
        }
        records(
            "pipec_http_accepted_records_total", "Records that were stored and acknowledged."
        ) { $0.acceptedRecords }
        records("pipec_http_refused_records_total", "Records of requests that were refused.") {
            $0.rejectedRecords
        }
    }

    func addStates(to text: inout PrometheusText, _ own: Labels) {
        let states = (last?.states ?? [:]).sorted { $0.key < $1.key }
        text.family(
            "pipec_state_rows", .gauge, "Rows that an operator remembers.",
            states.map { (own + [("operator", $0.key)], Double($0.value.rows)) })
        text.family(
            "pipec_state_bytes", .gauge, "Bytes of an operator's state in the checkpoint.",
            states.map { (own + [("operator", $0.key)], Double($0.value.bytes)) })
    }

    func addMemory(to text: inout PrometheusText, _ own: Labels) {
        if let total {
            text.family(
                "pipec_memory_limit_bytes", .gauge, "What the run may hold.",
                [(own, Double(total.memoryLimitBytes))])
            text.family(
                "pipec_memory_peak_bytes", .gauge, "The most that operators held in an epoch.",
                [(own, Double(total.memoryPeakBytes))])
        }
        if let last {
            text.family(
                "pipec_state_memory_bytes", .gauge, "What the states of operators hold.",
                [(own, Double(last.stateMemoryBytes))])
        }
        if let resident = ProcessMemory.residentBytes() {
            text.family(
                "process_resident_memory_bytes", .gauge, "Resident memory size in bytes.",
                [([], Double(resident))])
        }
    }
}

enum ProcessMemory {
    /// `nil` where the system does not say.
    static func residentBytes() -> Int? {
        guard let text = Files.read("/proc/self/statm")
        else { return nil }
        let fields = String(decoding: text, as: UTF8.self).split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { return nil }
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }
}
