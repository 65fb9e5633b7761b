-- wrk … -s load.lua URL -- TOKENS [PAUSE_MS [RESOURCE]]
-- Every request carries a token of the file, chosen at random when it has several lines. With PAUSE_MS each connection
-- waits about so long before its next request (0: not at all). Prints one JSON object at the end.
local requests, pause = {}, nil

function init(args)
  wrk.headers["X-Original-Method"] = "GET"
  wrk.headers["X-Original-URI"] = "/api/v1/orders/4711?expand=lines"
  wrk.headers["X-Original-Host"] = "shop.example.test"
  wrk.headers["X-Forwarded-For"] = "192.0.2.10"
  wrk.headers["X-Bearerd-Resource"] = args[3]
  for token in io.lines(args[1]) do
    wrk.headers["Authorization"] = "Bearer " .. token
    requests[#requests + 1] = wrk.format()
  end
  -- wrk looks for these two after init(): without them it sends one prepared request as fast as it can.
  if #requests > 1 then
    math.randomseed(os.time())
    request = function() return requests[math.random(#requests)] end
  end
  pause = tonumber(args[2])
  if pause and pause > 0 then
    -- Whole milliseconds are all that wrk takes; spread, so that the connections do not march in step.
    delay = function() return math.random(0, 2 * pause) end
  end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"microseconds":%d,"refused":%d,"failed":%d,"p50":%d,"p99":%d,"max":%d}\n',
    summary.requests, summary.duration, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99), latency.max))
end
