-- wrk -s readings.lua URL -- ROWS: posts batches of ROWS readings, no two requests alike, and counts
-- what came back. Only a 202 acknowledges the rows of its request.

local numbers = {}

function setup(thread)
    table.insert(numbers, thread)
    thread:set("number", #numbers)
end

function init(arguments)
    rows = tonumber(arguments[1]) or 100
    sent, acknowledged, refused = 0, 0, 0
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/json"
end

function request()
    local readings = {}
    for index = 1, rows do
        sent = sent + 1
        readings[index] = string.format(
            '{"reading_id":%d,"vehicle_id":"VH-%05d","recorded_at":"2026-01-01T%02d:%02d:%02dZ",'
                .. '"speed_kmh":%.1f,"note":"reading %d of vehicle %d"}',
            number * 1e9 + sent, sent % 2000, sent / 3600 % 24, sent / 60 % 60, sent % 60,
            sent % 1200 / 10, sent, sent % 2000)
    end
    return wrk.format(nil, nil, nil, "[" .. table.concat(readings, ",") .. "]")
end

function response(status)
    if status == 202 then acknowledged = acknowledged + 1 else refused = refused + 1 end
end

function done(summary, latency)
    local all, bad = 0, 0
    for _, thread in ipairs(numbers) do
        all = all + thread:get("acknowledged")
        bad = bad + thread:get("refused")
    end
    local errors = summary.errors
    io.write(string.format(
        '{"seconds":%.3f,"acknowledged":%d,"refused":%d,"errors":%d,"p50_ms":%.2f,"p99_ms":%.2f,'
            .. '"max_ms":%.2f}\n',
        summary.duration / 1e6, all, bad,
        errors.connect + errors.read + errors.write + errors.timeout,
        latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3))
end
