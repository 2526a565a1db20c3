/// The words the grammar knows. Few of them are reserved, so that `day`, `value`, `key`, `first`,
/// `timestamp` and their like stay free as names of columns.
package enum Keyword: String, CaseIterable, Sendable {
    case all, and, any, anti, array, `as`, asc, at
    case between, by
    case `case`, cast, create, cross, cube, current
    case currentDate = "current_date"
    case currentTime = "current_time"
    case currentTimestamp = "current_timestamp"
    case delete, desc, distinct
    case `else`, end, escape, except, exclude, exists, extract
    case `false`, fetch, filter, following, `for`, from, full
    case group, grouping, groups
    case having
    case ignore, ilike, `in`, inner, insert, intersect, interval, `is`, isnull
    case join
    case lateral, left, like, limit, localtimestamp
    case materialized
    case natural, next, not, notnull, null, nulls
    case offset, on, only, or, order, ordinality, outer, over, overlay
    case partition, pivot, placing, position, precision, preceding
    case qualify
    case range, recursive, replace, respect, right, rollup, row, rows
    case select, semi, sets, similar, some, substring
    case table, tablesample, then, ties, time, to, trim, `true`
    case tryCast = "try_cast"
    case unbounded, union, unknown, unnest, unpivot, update, using
    case values, varying
    case when, `where`, window, with, within, without
    case zone

    /// Can never be the bare name of a column or table.
    package var isReserved: Bool { Self.reserved.contains(self) }

    /// Starts a clause of a query, so that a list before it has ended.
    package var startsClause: Bool { Self.clauses.contains(self) }

    /// Starts or belongs to a join.
    package var startsJoin: Bool { Self.joins.contains(self) }

    /// May follow an expression or a table with a meaning of its own, so that it cannot be an
    /// alias written without `AS`.
    package var continuesExpression: Bool { Self.continuations.contains(self) }

    package static func named(_ word: String) -> Keyword? { byName[word] }

    /// As error messages and canonical text write it.
    package var spelling: String { rawValue.uppercased() }

    static let longest = allCases.map(\.rawValue.utf8.count).max() ?? 0

    private static let byName = Dictionary(
        uniqueKeysWithValues: allCases.map { ($0.rawValue, $0) })

    private static let clauses: Set<Keyword> = [
        .except, .fetch, .from, .group, .having, .intersect, .limit, .offset, .order, .qualify,
        .select, .union, .where, .window,
    ]

    private static let joins: Set<Keyword> = [
        .anti, .cross, .full, .inner, .join, .left, .natural, .on, .outer, .right, .semi, .using,
    ]

    private static let reserved: Set<Keyword> = [
        .all, .and, .any, .as, .asc, .between, .case, .desc, .distinct, .else, .end, .except,
        .false, .from, .group, .having, .ilike, .in, .inner, .intersect, .is, .join, .lateral,
        .like, .limit, .natural, .not, .null, .on, .or, .order, .qualify, .select, .some, .then,
        .true, .union, .using, .when, .where, .with,
    ]

    private static let continuations: Set<Keyword> = reserved.union(clauses).union(joins).union([
        .at, .escape, .filter, .following, .isnull, .notnull, .over, .preceding, .similar,
        .tablesample, .within, .pivot, .unpivot,
    ])
}
