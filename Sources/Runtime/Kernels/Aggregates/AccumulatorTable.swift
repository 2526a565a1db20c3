import PipelineDSL
import Planner

/// All aggregate functions by name.
enum AccumulatorTable {
    typealias Factory = @Sendable () -> any Accumulator

    /// Functions that are shown rows with a null argument.
    static let seesNulls: Set<String> = [
        "count_star", "first", "last", "array_agg", "single_value",
    ]

    /// `nil` where there is none for the argument types. Throws ``RunError`` for a constant argument
    /// that makes no sense.
    static func resolve(_ call: Aggregate.Call) throws -> Factory? {
        let types = call.arguments.map(\.type)
        switch (call.function, types.count) {
        case ("count_star", 0), ("count", 1): return { CountAccumulator() }
        case ("count_if", 1): return { TruthAccumulator(.count) }
        case ("bool_and", 1): return { TruthAccumulator(.all) }
        case ("bool_or", 1): return { TruthAccumulator(.any) }
        case ("approx_count_distinct", 1): return { DistinctSketchAccumulator() }
        case ("sum", 1): return sum(types[0], call.type)
        case ("avg", 1): return mean(types[0], call.type)
        case ("min", 1): return extreme(types[0], isMax: false)
        case ("max", 1): return extreme(types[0], isMax: true)
        case ("arg_min", 2): return { ChosenRowAccumulator(.least(1), types: types) }
        case ("arg_max", 2): return { ChosenRowAccumulator(.greatest(1), types: types) }
        case ("first", 1): return { ChosenRowAccumulator(.first, types: types) }
        case ("last", 1): return { ChosenRowAccumulator(.last, types: types) }
        case ("single_value", 1): return { SingleValueAccumulator(type: types[0]) }
        case ("array_agg", 1):
            return { CollectingAccumulator(types: types, CollectedResults.array) }
        case ("string_agg", 1), ("string_agg", 2):
            guard types[0] == .string else { return nil }
            let separator = try constantText(call, 1) ?? ","
            return {
                CollectingAccumulator(
                    types: [.string], CollectedResults.text(separator: separator))
            }
        case ("mode", 1):
            return { CollectingAccumulator(types: types, CollectedResults.mode) }
        case ("percentile_disc", 2):
            let fraction = try fraction(call)
            return {
                CollectingAccumulator(
                    types: [types[0]], CollectedResults.discretePercentile(fraction))
            }
        default: return types.first == .double ? try ofDoubles(call) : nil
        }
    }

    private static func ofDoubles(_ call: Aggregate.Call) throws -> Factory? {
        switch (call.function, call.arguments.count) {
        case ("stddev", 1): return { VarianceAccumulator(isSample: true, isRoot: true) }
        case ("stddev_pop", 1): return { VarianceAccumulator(isSample: false, isRoot: true) }
        case ("variance", 1): return { VarianceAccumulator(isSample: true, isRoot: false) }
        case ("var_pop", 1): return { VarianceAccumulator(isSample: false, isRoot: false) }
        case ("corr", 2): return { CovarianceAccumulator(.correlation) }
        case ("covar_samp", 2): return { CovarianceAccumulator(.sample) }
        case ("covar_pop", 2): return { CovarianceAccumulator(.population) }
        case ("median", 1):
            return {
                CollectingAccumulator(
                    types: [.double], CollectedResults.continuousPercentile(0.5))
            }
        case ("percentile_cont", 2):
            let fraction = try fraction(call)
            return {
                CollectingAccumulator(
                    types: [.double], CollectedResults.continuousPercentile(fraction))
            }
        case ("approx_percentile", 2):
            let fraction = try fraction(call)
            return { QuantileSketchAccumulator(fraction: fraction) }
        default: return nil
        }
    }

    private static func sum(_ type: DataType, _ result: DataType) -> Factory? {
        switch type {
        case .double: { DoubleSumAccumulator(isMean: false) }
        case .interval: { IntervalSumAccumulator(isMean: false) }
        default: exactSum("sum", type, result)
        }
    }

    private static func mean(_ type: DataType, _ result: DataType) -> Factory? {
        switch (type, result) {
        case (.double, .double): { DoubleSumAccumulator(isMean: true) }
        case (.interval, .interval): { IntervalSumAccumulator(isMean: true) }
        default: exactSum("avg", type, result)
        }
    }

    private static func exactSum(
        _ function: String, _ type: DataType, _ result: DataType
    ) -> Factory? {
        guard let result = ExactSumResult(function, of: type, to: result) else { return nil }
        switch type {
        case .integer: return { ExactSumAccumulator<Int32>(result) }
        case .bigint: return { ExactSumAccumulator<Int64>(result) }
        default: return { ExactSumAccumulator<Int128>(result) }
        }
    }

    private static func extreme(_ type: DataType, isMax: Bool) -> Factory? {
        switch type {
        case .integer, .date:
            return { ExtremeAccumulator<Int32, Int32>(isMax: isMax, key: { $0 }, value: { $0 }) }
        case .bigint, .timestamp, .time:
            return { ExtremeAccumulator<Int64, Int64>(isMax: isMax, key: { $0 }, value: { $0 }) }
        case .real:
            return {
                ExtremeAccumulator<Float, Int32>(
                    isMax: isMax, key: { FloatOrder.key($0) }, value: { FloatOrder.value($0) })
            }
        case .double:
            return {
                ExtremeAccumulator<Double, Int64>(
                    isMax: isMax, key: { FloatOrder.key($0) }, value: { FloatOrder.value($0) })
            }
        case .decimal:
            return { ExtremeAccumulator<Int128, Int128>(isMax: isMax, key: { $0 }, value: { $0 }) }
        case .null, .json, .map: return nil
        default:
            return { ChosenRowAccumulator(isMax ? .greatest(0) : .least(0), types: [type]) }
        }
    }

    private static func constantText(_ call: Aggregate.Call, _ index: Int) throws -> String? {
        guard index < call.arguments.count else { return nil }
        guard case .literal(.string(let text)) = call.arguments[index].kind else {
            throw RunError(
                .badArgument, "the separator of \(call.function) must be a constant text",
                at: call.arguments[index].span)
        }
        return text
    }

    private static func fraction(_ call: Aggregate.Call) throws -> Double {
        let argument = call.arguments[1]
        guard case .literal(.double(let fraction)) = argument.kind, fraction >= 0, fraction <= 1
        else {
            throw RunError(
                .badArgument, "the fraction of \(call.function) must be a constant from 0 to 1",
                at: argument.span)
        }
        return fraction
    }
}
