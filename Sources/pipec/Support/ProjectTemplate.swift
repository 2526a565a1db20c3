/// What `pipec init` writes.
enum ProjectTemplate {
    /// kebab-case, from the last part of a path.
    static func pipelineName(_ folder: String) -> String {
        let last = folder.split(separator: "/").last.map(String.init) ?? "pipeline"
        var name = ""
        for character in last.lowercased() {
            if character.isASCII, character.isLetter || character.isNumber {
                name.append(character)
            } else if !name.isEmpty, name.last != "-" {
                name.append("-")
            }
        }
        while name.hasSuffix("-") { name.removeLast() }
        guard let first = name.first, first.isLetter else { return "my-pipeline" }
        return name
    }

    static func files(_ name: String) -> [(path: String, content: String)] {
        [
            ("pipec.yaml", spec.replacing("PIPELINE", with: name)),
            ("data/orders/2026-01-01.csv", orders),
            ("data/customers.jsonl", customers),
            (".gitignore", ".pipec/\n"),
        ]
    }

    private static let spec = """
        version: 1
        pipeline: PIPELINE
        description: Orders, checked, joined with their customers and summed up by day

        contracts:
          orders:
            columns:
              order_id:    bigint not null
              customer_id: string not null
              ordered_at:  timestamp not null
              amount:      decimal(12,2) not null
              status:      string
            key: [order_id]
            rules:
              amount_is_positive: amount > 0
              status_known: { check: "status IN ('paid', 'open', 'refunded')", severity: warn }

        sources:
          order_files:
            files: { path: "data/orders/*.csv" }
            format: csv
            contract: orders
          customers:
            files: { path: data/customers.jsonl }
            format: jsonl
            columns: { customer_id: string not null, country: string }

        zones:
          bronze: { path: .pipec/lake/bronze, format: parquet }
          silver: { path: .pipec/lake/silver, format: parquet }
          gold:   { path: .pipec/lake/gold,   format: parquet }

        transforms:
          bronze.orders:
            from: order_files

          silver.orders:
            from: bronze.orders
            steps:
              - dedupe: { on: order_id }
              - lookup: { in: customers, on: customer_id, take: [country] }

          gold.daily_sales:
            sql: |
              SELECT date(ordered_at) AS day, country, count(*) AS orders, sum(amount) AS amount
              FROM silver.orders
              WHERE status = 'paid'
              GROUP BY date(ordered_at), country
              ORDER BY day, country

        sinks:
          order_store:
            from: silver.orders
            dynamodb: { table: orders, partition_key: customer_id, sort_key: order_id }

        tests:
          an_order_counts_once:
            given:
              order_files:
                - { order_id: 1, customer_id: c1, ordered_at: 2026-01-01T08:00:00Z, amount: 5, status: paid }
                - { order_id: 1, customer_id: c1, ordered_at: 2026-01-01T08:00:00Z, amount: 5, status: paid }
                - { order_id: 2, customer_id: c1, ordered_at: 2026-01-01T09:00:00Z, amount: -1, status: paid }
              customers:
                - { customer_id: c1, country: DE }
            expect:
              gold.daily_sales: [ { day: 2026-01-01, country: DE, orders: 1, amount: 5 } ]
              dead_letters: [ { rule: amount_is_positive, order_id: 2 } ]

        """

    private static let orders = """
        order_id,customer_id,ordered_at,amount,status
        1,c1,2026-01-01T08:15:00Z,19.90,paid
        2,c2,2026-01-01T09:30:00Z,250.00,paid
        2,c2,2026-01-01T09:30:00Z,250.00,paid
        3,c3,2026-01-01T11:45:00Z,-5.00,paid
        4,c1,2026-01-01T12:00:00Z,12.50,open
        5,c9,2026-01-01T18:20:00Z,99.99,paid
        6,c2,yesterday,10.00,paid

        """

    private static let customers = """
        {"customer_id": "c1", "country": "DE"}
        {"customer_id": "c2", "country": "FR"}
        {"customer_id": "c3", "country": "DE"}

        """
}
