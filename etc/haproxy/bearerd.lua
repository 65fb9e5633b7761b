-- The action lua.bearerd: asks bearerd about each request; see haproxy.cfg beside this file. Tested with HAProxy 2.6.
local verify_url = "http://127.0.0.1:9180/verify/forward"
local timeout_ms = 2000

local identity_headers = {
  "x-auth-request-user", "x-auth-request-name", "x-auth-request-email", "x-auth-request-groups",
  "x-auth-request-groups-omitted", "x-auth-request-provider", "x-auth-request-project", "x-auth-request-user-key",
  "x-bearerd-caller",
}
local asked_headers = { ["authorization"] = true, ["api-key"] = true, ["x-request-id"] = true }
-- What bearerd may say to a client; everything else, httpclient's own answer for a lost connection too, is "can't decide".
local refusals = { [400] = true, [401] = true, [403] = true, [404] = true, [429] = true, [431] = true }

local is_identity = {}
for _, name in ipairs(identity_headers) do is_identity[name] = true end

local function with_dashes(name)
  return (name:lower():gsub("_", "-"))
end

-- HAProxy's tables of values begin at 0.
local function values_of(values)
  local list = {}
  for i = 0, #values do list[#list + 1] = values[i] end
  return list
end

local function first(headers, name)
  local values = headers and headers[name]
  return values and values[0] or ""
end

-- Deletes what only bearerd may say, in any spelling, and gathers what bearerd is to be shown.
local function take_headers(txn)
  local shown = {}
  for name, values in pairs(txn.http:req_get_headers()) do
    local dashed = with_dashes(name)
    if is_identity[dashed] then
      txn.http:req_del_header(name)
    elseif asked_headers[dashed] then
      shown[name] = values_of(values)
    end
  end
  return shown
end

local function refuse(txn, answer)
  local status = refusals[answer.status] and answer.status or 503
  local reply = txn:reply({ status = status })
  for _, name in ipairs({ "www-authenticate", "retry-after" }) do
    local value = first(answer.headers, name)
    if value ~= "" then reply:add_header(name, value) end
  end
  reply:add_header("content-length", "0")
  txn:done(reply)
end

core.register_action("bearerd", { "http-req" }, function(txn)
  local headers = take_headers(txn)
  headers["x-forwarded-method"] = { txn.sf:method() }
  headers["x-forwarded-uri"] = { txn.sf:pathq() }
  headers["x-forwarded-host"] = { txn.sf:req_hdr("host") }
  headers["x-forwarded-proto"] = { txn.sf:ssl_fc() == 1 and "https" or "http" }
  headers["x-forwarded-for"] = { txn.sf:src() }

  local answer = core.httpclient():get({ url = verify_url, headers = headers, timeout = timeout_ms })
  if not answer or answer.status ~= 200 then return refuse(txn, answer or {}) end

  for _, name in ipairs(identity_headers) do
    local value = first(answer.headers, name)
    if value ~= "" then txn.http:req_set_header(name, value) end
  end
  txn:set_var("txn.bearerd", "allow")
end, 0)
