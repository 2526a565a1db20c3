import PipelineDSL

extension CastTable {
    static func temporal(_ from: DataType, _ to: DataType) -> BoundKernel? {
        switch (from, to) {
        case (.date, .timestamp): .checked { (a: Int32) in TemporalMath.midnight(a) }
        case (.timestamp, .date):
            // A timestamp's days always fit in 32 bits.
            .unary { (a: Int64) in Int32(truncatingIfNeeded: CivilTime.split(a).day) }
        case (.timestamp, .time): .unary { (a: Int64) in CivilTime.split(a).time }
        case (.time, .interval): .unary { (a: Int64) in Interval(microseconds: a) }
        case (.interval, .time):
            .unary { (a: Interval) in TemporalMath.timeOfDay(a.microseconds) }
        default: nil
        }
    }
}
