import PipelineDSL

enum CastTable {
    static func kernel(from: DataType, to: DataType) -> BoundKernel? { nil }
}
