import Planner

/// Rows of batches by number, read where they are.
struct TestRows {
    private var places: [(batch: Int, row: Int)] = []
    private let batches: [Batch]

    init(_ batches: [Batch]) {
        self.batches = batches
        for (index, batch) in batches.enumerated() {
            for row in batch.rows { places.append((index, Int(row))) }
        }
    }

    var count: Int { places.count }
    var indices: Range<Int> { places.indices }

    func value(_ row: Int, _ column: Int) -> Value {
        let place = places[row]
        return batches[place.batch].columns[column].value(place.row)
    }

    /// One row for each key, the last, at the place of the first.
    func lastOfEach(_ keys: [Int]) -> TestRows {
        var result = self
        result.places = []
        var known: [[Value]: Int] = [:]
        for (index, place) in places.enumerated() {
            let key = keys.map { value(index, $0) }
            if let at = known[key] {
                result.places[at] = place
            } else {
                known[key] = result.places.count
                result.places.append(place)
            }
        }
        return result
    }
}
