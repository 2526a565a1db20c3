import PipelineDSL

/// All scalar functions by name. One entry a function; the resolver picks by argument types.
package enum KernelTable {
    static func resolve(_ request: KernelRequest) throws -> BoundKernel? {
        try all[request.name]?(request)
    }

    /// For the test that every overload of the catalogue has a kernel.
    package static var names: [String] { all.keys.sorted() }

    private static let all: [String: KernelResolver] = {
        var all: [String: KernelResolver] = [:]
        for group in groups {
            for (name, resolver) in group {
                assert(all[name] == nil, "\(name) has two kernels")
                all[name] = resolver
            }
        }
        return all
    }()

    private static let groups: [[String: KernelResolver]] = [
        comparisons, arithmetic, bitOperators, letterCase, stringMeasures, stringParts,
        stringBuilding, stringCoding, textSplitting, likeKernels, patternKernels, roundingKernels,
        transcendental, extremeKernels, dateFields, dateTruncation, dateMaking, timeText,
        hashKernels, jsonKernels, arrayKernels, seriesKernels, geoKernels,
    ]
}
