// What Redis runs for each check and each report, so that no other daemon comes in between. It decides as
// UsageMemory::check() does; the tests hold both to the same table.
#pragma once

#include <string_view>

namespace bearerd::state {

// KEYS: the caller's counters (a hash: deployment → entries as usage_series.hpp has them), its idempotency key.
// ARGV: now, deployment, requests, tokens, nanodollars, seconds to remember the idempotency key for (0: there is none),
// and the ten limits in the order of kWindows (empty: unlimited).
// Reply: 1 counted, 2 a limit is reached, 3 repeated; the entries of the deployment; those of the caller's cost; 1 when
// something was no counter. That is removed here and counted afresh: an error would take the whole round trip with it,
// and everybody else's calls; removed later, it could take what another daemon has counted since.
inline constexpr std::string_view kCountScript = R"lua(
local now = tonumber(ARGV[1])
local REQUESTS, AMOUNT = 2, 3
local COST, ENTRY, MOST = '0', 16, 4096
local damaged = 0

local function begin(width, count) return (math.floor(now / width) - count + 1) * width end
local minute, hour, day = begin(1, 60), begin(60, 60), begin(3600, 24)
local week, month = begin(86400, 7), begin(86400, 30)

-- Takes what parse_entries() takes.
local function parse(blob)
  if #blob % ENTRY ~= 0 or #blob > MOST * ENTRY then return nil end
  local entries, last = {}, -1
  for at = 1, #blob, ENTRY do
    local second, requests, amount = struct.unpack('<I4I4I8', blob, at)
    if second <= last then return nil end
    entries[#entries + 1], last = {second, requests, amount}, second
  end
  return entries
end

local function read(field)
  local blob = redis.call('HGET', KEYS[1], field) or ''
  local entries = parse(blob)
  if entries then return entries, blob end
  redis.call('HDEL', KEYS[1], field)
  damaged = 1
  return {}, ''
end

local function used(entries, column, from)
  local sum = 0
  for i = #entries, 1, -1 do
    if entries[i][1] < from then break end
    sum = sum + entries[i][column]
  end
  return sum
end

local function width_of(second)
  if second >= minute then return 1 end
  if second >= hour then return 60 end
  if second >= day then return 3600 end
  return 86400
end

local function coarsen(entries)
  local kept = {}
  for _, entry in ipairs(entries) do
    local last, width = kept[#kept], width_of(entry[1])
    if entry[1] >= month then
      if last and math.floor(last[1] / width) == math.floor(entry[1] / width) then
        last[REQUESTS] = math.min(last[REQUESTS] + entry[REQUESTS], 4294967295)
        last[AMOUNT] = last[AMOUNT] + entry[AMOUNT]
      else
        kept[#kept + 1] = entry
      end
    end
  end
  return kept
end

local function add(entries, field, requests, amount)
  local place = #entries + 1
  while place > 1 and entries[place - 1][1] > now do place = place - 1 end
  table.insert(entries, place, {now, requests, amount})
  local parts = {}
  for i, entry in ipairs(coarsen(entries)) do parts[i] = struct.pack('<I4I4I8', entry[1], entry[2], entry[3]) end
  local blob = table.concat(parts)
  redis.call('HSET', KEYS[1], field, blob)
  redis.call('EXPIRE', KEYS[1], 2678400)
  return blob
end

if ARGV[6] ~= '0' and not redis.call('SET', KEYS[2], '1', 'NX', 'EX', ARGV[6]) then return {3, '', '', 0} end

local kind = redis.call('TYPE', KEYS[1]).ok
if kind ~= 'hash' and kind ~= 'none' then
  redis.call('DEL', KEYS[1])
  damaged = 1
end

local usage, usage_blob = read(ARGV[2])
local cost, cost_blob = read(COST)
local windows = {
  {usage, AMOUNT, minute}, {usage, AMOUNT, day}, {usage, AMOUNT, week}, {usage, AMOUNT, month},
  {usage, REQUESTS, hour}, {usage, REQUESTS, day},
  {cost, AMOUNT, minute}, {cost, AMOUNT, day}, {cost, AMOUNT, week}, {cost, AMOUNT, month},
}
for i, window in ipairs(windows) do
  local limit = ARGV[6 + i]
  if limit ~= '' and used(window[1], window[2], window[3]) >= tonumber(limit) then
    return {2, usage_blob, cost_blob, damaged}
  end
end

local requests, tokens, spent = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
if requests > 0 or tokens > 0 then usage_blob = add(usage, ARGV[2], requests, tokens) end
if spent > 0 then cost_blob = add(cost, COST, 0, spent) end
return {1, usage_blob, cost_blob, damaged}
)lua";

}  // namespace bearerd::state
